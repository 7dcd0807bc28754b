"""Ropes between two sweeps: one Newton step of the whole rope, by a banded factor.

Block descent carries a force one segment per colour, so that a stiff rope of many segments looks like rubber at any
affordable number of sweeps. The Hessian of a rope is banded: stretch couples neighbours, bending the next but one, all
else single vertices. Its 3n rows of 8 entries beside the diagonal are factored as L D L^T in doubles, in time linear in n.
Forces and blocks of inertia, holders and contacts come from the lanes, stretch and bending are added here; the geometric
stiffness of compressed segments is left out, so that the matrix is positive. Contacts that are near but do not press count
as stiff, or whole ropes would jump in and out of them. The step is cut at half a segment. One worker per environment.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.compiler import element, macro, ti, variable
from engine.math.lanes import is_lanes
from engine.math.vec3 import add_scaled, dot, sub, vec3
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.bearing import press
from engine.solvers.deformable.crowd import crowd
from engine.solvers.deformable.elements import Ints, Stencils
from engine.solvers.deformable.features import place, put_place
from engine.solvers.deformable.laws import add_outer, put3, row3
from engine.solvers.deformable.rigid_motion import outside
from engine.solvers.deformable.separation import seen3

NEAR = 0.1  # of the rope's radius
TURNS = 2  # Newton steps of a call
BAND, ROW = 8, 10  # entries beside the diagonal; a row of the system: diagonal, band, right-hand side
REALS = 6  # of a vertex: rest length and weight of the segment behind it, three coefficients and weight of its bend


def tables(parts: Sequence[tuple[int, Ints, Sequence[Stencils]]]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Integers: number of ropes, then object, first vertex and count of each, then the slots; reals (vertices, REALS).

    parts: object, slots of the vertices in order, and stencils (segments, then bends) with vertices from 0, of every rope.
    """
    head: list[int] = []
    slots: list[NDArray] = []
    reals: list[NDArray] = []
    for number, own, (segments, bends) in parts:
        head += [number, sum(len(s) for s in slots), len(own)]
        rows = np.zeros((len(own), REALS))
        rows[:-1, :2] = segments.constants[:, 0]
        rows[1:-1, 2:5], rows[1:-1, 5] = bends.constants[:, 0, :3], bends.constants[:, 0, 4]
        slots.append(own)
        reals.append(rows)
    flat = np.concatenate([[len(parts)], head, *slots]) if parts else np.zeros(1)
    return flat.astype(np.int32), np.concatenate(reals) if reals else np.zeros((1, REALS))


@macro
def spread(band, w, first, g, v, k):
    """Write a row of lanes as scalars: number k of every slot of group g."""
    width = v.get_shape()[0] if is_lanes(v) else 1
    w, first, g, k = variable(w), variable(first), variable(g), variable(k)
    for lane in range(width):
        value = element(v, lane) if width > 1 else v
        element(band, w, variable(first + (g * width + lane) * 9 + k))._assign(ti.cast(value, ti.f64))


@ti.func
def near_contacts(ws: ti.template(), e, base, near, h):
    """Add the stiffness of contacts that do not press but are nearer than `near`: no step of a whole rope runs into them."""
    x = row3(ws, e, base + col.X)
    for c in range(col.CONTACTS):
        at = base + col.CONTACT + c * col.CONTACT_WIDTH
        n = row3(ws, e, at + col.NORMAL)
        grip = ws[e, at + col.GRIP]
        gap = dot(n, x) - ws[e, at + col.OFFSET]
        free = ti.select(press(ws, e, at, x) > 0.0, 0.0 * grip, grip)
        h = add_outer(h, n, ti.select(gap < near, free, 0.0 * grip))
    return h


@ti.func
def gather_outside(
    mi: ti.template(), mf: ti.template(), ws: ti.template(), wi: ti.template(), seen: ti.template(), prm: ti.template(),
    band: ti.template(), e, w, o, own, first,
):  # fmt: skip
    """Force and block of everything but stretch and bending, of all vertices of object o, as scalars from `first`."""
    p = col.ENV_WIDTH + o * col.OBJECT_WIDTH
    for g in range(ws.shape[1] // col.WIDTH):
        if mi[g * col.GROUP_INTS + col.OBJECT] == o:
            f, h = outside(mi, mf, ws, prm, e, p, g)
            h = near_contacts(ws, e, g * col.WIDTH, NEAR * prm[e, p + col.RADIUS], h)
            if prm[e, p + col.SPACING] > 0.0:
                f, h = crowd(mi, mf, ws, seen, wi, prm, e, p, g, row3(ws, e, g * col.WIDTH + col.X), own, f, h)
            spread(band, w, first, g, f.x, 0)
            spread(band, w, first, g, f.y, 1)
            spread(band, w, first, g, f.z, 2)
            spread(band, w, first, g, h.d.x, 3)
            spread(band, w, first, g, h.d.y, 4)
            spread(band, w, first, g, h.d.z, 5)
            spread(band, w, first, g, h.o.x, 6)
            spread(band, w, first, g, h.o.y, 7)
            spread(band, w, first, g, h.o.z, 8)


@ti.func
def begin_rows(seen: ti.template(), band: ti.template(), w, own, r, s, at):
    """Rows of vertex r (slot s) with what stands at `at`; a prescribed vertex gets a diagonal that nothing moves."""
    for i in range(3):
        row = (3 * r + i) * ROW
        for k in range(ROW):
            band[w, row + k] = 0.0
        held = seen[own + s * col.SEEN_WIDTH + col.SEEN_PIN]
        band[w, row] = band[w, at + 3 + i] + 1e20 * held
        band[w, row + 9] = band[w, at + i] * ti.select(held > 0.5, 0.0, 1.0)
    band[w, (3 * r + 1) * ROW + 1] = band[w, at + 6]
    band[w, (3 * r + 2) * ROW + 2] = band[w, at + 7]
    band[w, (3 * r + 2) * ROW + 1] = band[w, at + 8]


@ti.func
def add_segment(seen: ti.template(), prm: ti.template(), band: ti.template(), reals: ti.template(), e, w, own, p, r, v, a, b):
    """Stretch between vertex r (slot a) and the next one (slot b); v: its row of `reals`."""
    d = sub(place(seen, own, b, col.SEEN_X), place(seen, own, a, col.SEEN_X))
    length = ti.max(ti.sqrt(dot(d, d)), 1e-9)
    rest, k = reals[v, 0], reals[v, 1] * prm[e, p + col.STRETCH]
    lag = prm[e, p + col.DAMPING] / prm[e, col.DT]
    was = sub(place(seen, own, b, col.SEEN_START), place(seen, own, a, col.SEEN_START))
    pull = k * (length - rest) + k * lag * (length - ti.sqrt(dot(was, was)))
    soft = ti.max(k * (1.0 - rest / length), 0.0)
    for i in range(3):
        n_i = pick(d, i) / length
        low, high = (3 * r + i) * ROW, (3 * r + 3 + i) * ROW
        free_a = ti.select(seen[own + a * col.SEEN_WIDTH + col.SEEN_PIN] > 0.5, 0.0, 1.0)
        free_b = ti.select(seen[own + b * col.SEEN_WIDTH + col.SEEN_PIN] > 0.5, 0.0, 1.0)
        band[w, low + 9] += ti.cast(pull * n_i * free_a, ti.f64)
        band[w, high + 9] -= ti.cast(pull * n_i * free_b, ti.f64)
        for j in range(3):
            block = ti.cast((k * (1.0 + lag) - soft) * n_i * pick(d, j) / length + ti.select(i == j, soft, 0.0), ti.f64)
            if j <= i:
                band[w, low + i - j] += block
                band[w, high + i - j] += block
            band[w, high + 3 + i - j] -= block  # row 3 r + 3 + i, column 3 r + j


@ti.func
def pick(v, i):
    """Component i of a vector."""
    return ti.select(i == 0, v.x, ti.select(i == 1, v.y, v.z))


@ti.func
def add_bend(seen: ti.template(), prm: ti.template(), band: ti.template(), reals: ti.template(), e, w, own, p, r, v, a, b, c):
    """Bending at vertex r (slot b) between slots a and c; v: its row of `reals`."""
    lag = prm[e, p + col.BEND_DAMPING] / prm[e, col.DT]
    k = reals[v, 5] * prm[e, p + col.BEND_1]
    z = 0.0 * k
    t = vec3(z, z, z)
    for j in range(3):
        s = ti.select(j == 0, a, ti.select(j == 1, b, c))
        t = add_scaled(t, place(seen, own, s, col.SEEN_X), reals[v, 2 + j] * (1.0 + lag))
        t = add_scaled(t, place(seen, own, s, col.SEEN_START), 0.0 - reals[v, 2 + j] * lag)
    for j in range(3):
        s = ti.select(j == 0, a, ti.select(j == 1, b, c))
        free = ti.select(seen[own + s * col.SEEN_WIDTH + col.SEEN_PIN] > 0.5, 0.0, 1.0)
        for i in range(3):
            row = (3 * (r + j - 1) + i) * ROW
            band[w, row + 9] -= ti.cast(k * reals[v, 2 + j] * pick(t, i) * free, ti.f64)
            for m in range(j + 1):
                band[w, row + 3 * (j - m)] += ti.cast(k * reals[v, 2 + j] * reals[v, 2 + m] * (1.0 + lag), ti.f64)


@ti.func
def factor_and_solve(band: ti.template(), w, rows):
    """L D L^T of the banded matrix, and its solution in the last column. The loops over the band are unrolled; what lies before
    the first row is zero, and D is kept as its inverse.
    """
    for j in range(rows):
        u = ti.Vector([band[w, j * ROW + m] for m in ti.static(range(BAND + 1))])  # in column j - m: L times D
        right, pivot = band[w, j * ROW + 9], u[0]
        for m in ti.static(range(BAND, 0, -1)):  # from the farthest column: each needs those before it
            earlier = ti.max(j - m, 0) * ROW
            for n in ti.static(range(m + 1, BAND + 1)):
                u[m] -= u[n] * band[w, earlier + n - m]
            l = u[m] * band[w, earlier]
            pivot -= u[m] * l
            right -= l * band[w, earlier + 9]
            band[w, j * ROW + m] = l
        band[w, j * ROW], band[w, j * ROW + 9] = 1.0 / pivot, right
    for back in range(rows):
        j = rows - 1 - back
        right = band[w, j * ROW + 9] * band[w, j * ROW]
        for m in range(1, ti.min(BAND, rows - 1 - j) + 1):
            right -= band[w, (j + m) * ROW + m] * band[w, (j + m) * ROW + 9]
        band[w, j * ROW + 9] = right


@ti.func
def take_step(
    seen: ti.template(), chains: ti.template(), prm: ti.template(), band: ti.template(), e, w, own, base, count, most,
):  # fmt: skip
    """Move the vertices by the solution, none farther than `most`, nor than the environment allows from its begin."""
    longest = 0.0 * band[w, 0]
    for r in range(count):
        x, y, z = band[w, 3 * r * ROW + 9], band[w, (3 * r + 1) * ROW + 9], band[w, (3 * r + 2) * ROW + 9]
        longest = ti.max(longest, x * x + y * y + z * z)
    cut = ti.cast(ti.min(1.0, most / ti.max(ti.sqrt(longest), 1e-30)), ti.f32)
    for r in range(count):
        s = chains[base + r]
        x = place(seen, own, s, col.SEEN_X)
        dx = cut * ti.cast(band[w, 3 * r * ROW + 9], ti.f32)
        dy = cut * ti.cast(band[w, (3 * r + 1) * ROW + 9], ti.f32)
        dz = cut * ti.cast(band[w, (3 * r + 2) * ROW + 9], ti.f32)
        start = place(seen, own, s, col.SEEN_START)
        way = sub(vec3(x.x + dx, x.y + dy, x.z + dz), start)
        far, bound = ti.sqrt(dot(way, way)), prm[e, col.BOUND]
        share = ti.select(bound > 0.0 and far > bound, bound / ti.max(far, 1e-30), 1.0)
        put_place(seen, own, s, col.SEEN_X, add_scaled(start, way, share))


@ti.func
def newton_step(
    mi: ti.template(), mf: ti.template(), ws: ti.template(), wi: ti.template(), seen: ti.template(), prm: ti.template(),
    chains: ti.template(), reals: ti.template(), band: ti.template(), e, w, k, slots,
):  # fmt: skip
    """One Newton step of rope k of environment e."""
    own, first = e * slots * col.SEEN_WIDTH, band.shape[1] - 9 * slots
    o, v, count = chains[1 + 3 * k], chains[2 + 3 * k], chains[3 + 3 * k]
    base, p = 1 + 3 * chains[0] + v, col.ENV_WIDTH + o * col.OBJECT_WIDTH
    gather_outside(mi, mf, ws, wi, seen, prm, band, e, w, o, own, first)
    for r in range(count):
        begin_rows(seen, band, w, own, r, chains[base + r], first + 9 * chains[base + r])
    for r in range(count - 1):
        add_segment(seen, prm, band, reals, e, w, own, p, r, v + r, chains[base + r], chains[base + r + 1])
    for r in range(1, count - 1):
        a, b, c = chains[base + r - 1], chains[base + r], chains[base + r + 1]
        add_bend(seen, prm, band, reals, e, w, own, p, r, v + r, a, b, c)
    factor_and_solve(band, w, 3 * count)
    take_step(seen, chains, prm, band, e, w, own, base, count, 0.5 * reals[v, 0])
    for g in range(ws.shape[1] // col.WIDTH):
        if mi[g * col.GROUP_INTS + col.OBJECT] == o:
            x = row3(ws, e, g * col.WIDTH + col.X)
            put3(ws, e, g * col.WIDTH + col.X, seen3(seen, own + col.SEEN_X, g, x))


@ti.kernel
def solve_chains(
    mi: ti.types.ndarray(ndim=1),
    mf: ti.types.ndarray(ndim=1),
    ws: ti.types.ndarray(ndim=2),
    wi: ti.types.ndarray(ndim=2),
    seen: ti.types.ndarray(ndim=1),
    prm: ti.types.ndarray(ndim=2),
    chains: ti.types.ndarray(ndim=1),
    reals: ti.types.ndarray(ndim=2),
    band: ti.types.ndarray(ndim=2),
    slots: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
):
    """Newton steps of every rope. band (workers, ROW * 3 * longest rope + 9 * slots): the system of one environment after the
    other, which stays in the cache of its core, then what comes from the lanes.
    """
    for q in range(workers * chunk):
        e = ws.shape[0]
        if q % chunk == 0:
            e = q // chunk
        while e < ws.shape[0]:
            for turn in range(TURNS * chains[0]):
                newton_step(mi, mf, ws, wi, seen, prm, chains, reals, band, e, q // chunk, turn // TURNS, slots)
            e += workers


def width(parts: Sequence[Any], slots: int) -> int:
    """Columns of `band`."""
    return ROW * 3 * max((len(own) for _, own, _ in parts), default=1) + 9 * slots
