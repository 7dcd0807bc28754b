"""The kernels of a substep: predict, sweep over the colours, finish.

Predict: inertial target by backward Euler or BDF2, first guess with the part of the last acceleration along gravity (Chen et
al. 2024), external forces. Sweep: one Newton step of every vertex block, colour by colour; contacts and attachments are
augmented Lagrangians (Giles, Diaz and Yuksel 2025) whose multiplier is the force of the last substep. Finish: velocities and
the new
multipliers, which are the forces that bodies get. Bits do not depend on how the loops are cut: vertices of one colour never
read each other, and contacts of vertices with each other read the positions at the begin of the sweep.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

from engine.compiler import element, macro, stage, ti, variable
from engine.math.lanes import clamp, is_lanes, like, maximum, minimum
from engine.math.vec3 import add, add_scaled, cross, dot, neg3, normalized, scale, select3, sub, vec3
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.bearing import bounded, contact_step, inertia, press, rub
from engine.solvers.deformable.crowd import crowd
from engine.solvers.deformable.laws import (
    add_diagonal,
    block,
    edge,
    gather3,
    hinge,
    lanes_in,
    put3,
    row3,
    show3,
    tetrahedron,
    triangle,
)

if TYPE_CHECKING:  # a kernel parameter is annotated with a value of the compiler, which the type checker takes for anything
    INTS: TypeAlias = Any
    REALS: TypeAlias = Any
    SCALARS: TypeAlias = Any
    REALS2: TypeAlias = Any
    INTS2: TypeAlias = Any
    SCALARS2: TypeAlias = Any
else:
    INTS, REALS, SCALARS = (ti.types.ndarray(ndim=1) for _ in range(3))
    REALS2, INTS2, SCALARS2 = (ti.types.ndarray(ndim=2) for _ in range(3))


@ti.func
def load_block(ws: ti.template(), e, base):
    """Force and Hessian gathered so far."""
    at = base + col.BLOCK
    return row3(ws, e, base + col.PULL), block(row3(ws, e, at), row3(ws, e, at + 3))


@ti.func
def keep_block(ws: ti.template(), e, base, f, h):
    """Keep force and Hessian for the next stage."""
    put3(ws, e, base + col.PULL, f)
    put3(ws, e, base + col.BLOCK, h.d)
    put3(ws, e, base + col.BLOCK + 3, h.o)


@ti.func
def block_of(mi: ti.template(), ws: ti.template(), e, g):
    """First row of a group, begin of its parameters, and of the row of slot 0 in `seen`, of environment e."""
    row = g * col.WIDTH
    width = lanes_in(row3(ws, e, row))
    p = col.ENV_WIDTH + mi[g * col.GROUP_INTS + col.OBJECT] * col.OBJECT_WIDTH
    return row, p, e * (ws.shape[1] // col.WIDTH) * width * col.SEEN_WIDTH


@stage
def settle(mi: INTS, mf: REALS, ws: REALS2, wi: INTS2, seen: SCALARS, prm: SCALARS2, e: ti.i32, g: ti.i32) -> ti.i32:
    """The last stage of a relaxation: inertia, holders, contacts, and the Newton step."""
    base, p, own = block_of(mi, ws, e, g)
    x, start = row3(ws, e, base + col.X), row3(ws, e, base + col.X_START)
    f, h = load_block(ws, e, base)
    ws[e, base + col.STIFFNESS] = (h.d.x + h.d.y + h.d.z) * 0.33333333
    mass = mf[mi[g * col.GROUP_INTS + col.SHARE]] * prm[e, p + col.DENSITY]
    heavy = mass * inertia(prm, e)
    f = add_scaled(f, sub(row3(ws, e, base + col.Y), x), heavy)
    h = add_diagonal(h, heavy)
    put3(ws, e, base + col.FORCE, f)  # of a pinned vertex: what it does to its pin
    tied = ws[e, base + col.TARGET_STIFFNESS]
    f = sub(add_scaled(f, sub(row3(ws, e, base + col.TARGET), x), tied), row3(ws, e, base + col.TARGET_FORCE))
    h = add_diagonal(h, tied)
    if prm[e, p + col.SPACING] > 0.0:
        f, h = crowd(mi, mf, ws, seen, wi, prm, e, p, g, x, own, f, h)
    new = add(x, contact_step(ws, e, base, x, start, f, h))
    new = bounded(prm, e, new, start)
    new = select3(ws[e, base + col.PIN] > 0.5, x, new)
    put3(ws, e, base + col.X, new)
    show3(seen, own + col.SEEN_X, g, new)
    return 1


@stage
def bend(mi: INTS, mf: REALS, ws: REALS2, wi: INTS2, seen: SCALARS, prm: SCALARS2, e: ti.i32, g: ti.i32) -> ti.i32:
    """Bending and springs, then settle."""
    base, p, own = block_of(mi, ws, e, g)
    head = g * col.GROUP_INTS + col.ENTRIES
    if mi[head + 6] + mi[head + 9] > 0:
        x, start = row3(ws, e, base + col.X), row3(ws, e, base + col.X_START)
        f, h = load_block(ws, e, base)
        for n in range(mi[head + 6]):
            f, h = hinge(mi, mf, seen, prm, e, p, g, n, x, start, own, f, h)
        for n in range(mi[head + 9]):
            f, h = edge(mi, mf, seen, prm, e, p, g, n, x, start, own, f, h)
        keep_block(ws, e, base, f, h)
    return settle(mi, mf, ws, wi, seen, prm, e, g)


@stage
def fill(mi: INTS, mf: REALS, ws: REALS2, wi: INTS2, seen: SCALARS, prm: SCALARS2, e: ti.i32, g: ti.i32) -> ti.i32:
    """Tetrahedra, then bend."""
    base, p, own = block_of(mi, ws, e, g)
    head = g * col.GROUP_INTS + col.ENTRIES
    if mi[head + 3] > 0:
        x, start = row3(ws, e, base + col.X), row3(ws, e, base + col.X_START)
        f, h = load_block(ws, e, base)
        for n in range(mi[head + 3]):
            f, h = tetrahedron(mi, mf, seen, prm, e, p, g, n, x, start, own, f, h)
        keep_block(ws, e, base, f, h)
    return bend(mi, mf, ws, wi, seen, prm, e, g)


@stage
def relax(mi: INTS, mf: REALS, ws: REALS2, wi: INTS2, seen: SCALARS, prm: SCALARS2, e: ti.i32, g: ti.i32) -> ti.i32:
    """One block descent step of the vertices of group g: the membrane, then fill."""
    base, p, own = block_of(mi, ws, e, g)
    x, start = row3(ws, e, base + col.X), row3(ws, e, base + col.X_START)
    o = like(x.x, 0.0)
    f = vec3(o, o, o)
    h = block(vec3(o, o, o), vec3(o, o, o))
    for n in range(mi[g * col.GROUP_INTS + col.ENTRIES]):
        f, h = triangle(mi, mf, seen, prm, e, p, g, n, x, start, own, f, h)
    keep_block(ws, e, base, f, h)
    return fill(mi, mf, ws, wi, seen, prm, e, g)


@ti.func
def copy_positions(ws: ti.template(), seen: ti.template(), e, wanted):
    """Keep the positions at the begin of a sweep for the contacts of vertices, where `wanted` is 1."""
    groups = ws.shape[1] // col.WIDTH
    for g in range(groups * wanted):
        x = row3(ws, e, g * col.WIDTH + col.X)
        show3(seen, e * groups * lanes_in(x) * col.SEEN_WIDTH + col.SEEN_SWEEP, g, x)


@ti.func
def pass_over(
    mi: ti.template(),
    mf: ti.template(),
    ws: ti.template(),
    wi: ti.template(),
    seen: ti.template(),
    prm: ti.template(),
    colour_start: ti.template(),
    e,
    first,
    last,
    begin,
    stride,
):
    """Relax every stride-th group of the colours first..last-1, from the begin-th on."""
    for c in range(first, last):
        g = colour_start[c] + begin
        while g < colour_start[c + 1]:
            g += stride * relax(mi, mf, ws, wi, seen, prm, e, g)


@ti.kernel
def sweep(
    mi: ti.types.ndarray(ndim=1),
    mf: ti.types.ndarray(ndim=1),
    ws: ti.types.ndarray(ndim=2),
    wi: ti.types.ndarray(ndim=2),
    seen: ti.types.ndarray(ndim=1),
    prm: ti.types.ndarray(ndim=2),
    colour_start: ti.types.ndarray(ndim=1),
    first: ti.i32,
    last: ti.i32,
    sweeps: ti.i32,
    split: ti.i32,
    copy: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
):
    """`sweeps` passes over colours first..last-1. split 0: workers share environments; 1: they share the groups of a colour,
    which is right for one colour a launch. copy 1: keep the positions for the contacts of vertices first.
    """
    for q in range(workers * chunk):
        e = ws.shape[0]
        begin, stride, next_env = 0, 1, workers
        if q % chunk == 0:
            e = q // chunk
            if split == 1:
                e, begin, stride, next_env = 0, q // chunk, workers, 1
        while e < ws.shape[0]:
            for _ in range(sweeps):
                copy_positions(ws, seen, e, copy)
                pass_over(mi, mf, ws, wi, seen, prm, colour_start, e, first, last, begin, stride)
            e += next_env


@ti.func
def air_force(mi: ti.template(), mf: ti.template(), seen: ti.template(), prm: ti.template(), e, p, g, x, v, own):
    """Drag of the air on the triangles at the vertices (a third of each) and pressure along their normals."""
    head = g * col.GROUP_INTS + col.ENTRIES
    o = like(x.x, 0.0)
    f = vec3(o, o, o)
    width = lanes_in(x)
    wind = vec3(o + prm[e, col.WIND], o + prm[e, col.WIND + 1], o + prm[e, col.WIND + 2])
    for n in range(mi[head]):
        at, area = mi[head + 1] + n * 2 * width, mf[mi[head + 2] + n * 5 + 4]
        b = gather3(mi, seen, at, own + col.SEEN_SWEEP, x)
        c = gather3(mi, seen, at + width, own + col.SEEN_SWEEP, x)
        vb = gather3(mi, seen, at, own + col.SEEN_V, x)
        vc = gather3(mi, seen, at + width, own + col.SEEN_V, x)
        side = normalized(cross(sub(b, x), sub(c, x)))
        flow = sub(scale(add(add(v, vb), vc), 0.33333333), wind)
        through = dot(side, flow)
        along = add_scaled(flow, side, 0.0 - through)
        third = area * 0.33333333
        fast = ti.sqrt(dot(flow, flow)) * third * (0.5 * prm[e, col.AIR])
        push = third * prm[e, p + col.PRESSURE] - fast * through * prm[e, p + col.DRAG]
        f = add_scaled(add_scaled(f, side, push), along, 0.0 - fast * prm[e, p + col.SKIN_DRAG])
    return f


@macro
def of_shape(sh, e, number, column):
    """A column of the shape table for the shape number (from 1; 0 is none) of every lane."""
    e, number = variable(e), variable(number)
    width = number.get_shape()[0] if is_lanes(number) else 1
    values = []
    for l in range(width):
        own = variable(ti.cast(element(number, l) if width > 1 else number, ti.i32))
        values.append(variable(element(sh, e, ti.max(own - 1, 0) * col.SHAPE_WIDTH + column)))
    return variable(ti.lang.matrix.make_matrix(values)) if width > 1 else values[0]


@ti.func
def grip_contacts(ws: ti.template(), sh: ti.template(), e, base, full):
    """Stiffness of the contacts, at most what their bodies allow, and the share of the last forces that stays."""
    for c in range(col.CONTACTS):
        at = base + col.CONTACT + c * col.CONTACT_WIDTH
        number = ws[e, at + col.SHAPE]
        kept = of_shape(sh, e, number, col.KEPT)
        some = ti.select(number > 0.5, like(number, 1.0), like(number, 0.0))
        ws[e, at + col.GRIP] = minimum(full, of_shape(sh, e, number, col.LIMIT)) * some
        ws[e, at + col.PRESS] = ws[e, at + col.PRESS] * kept
        ws[e, at + col.BEARING] = ws[e, at + col.PRESS]
        put3(ws, e, at + col.RUB, scale(row3(ws, e, at + col.RUB), kept))


@ti.func
def predict_group(
    mi: ti.template(), mf: ti.template(), ws: ti.template(), seen: ti.template(), prm: ti.template(), sh: ti.template(), e, g
):
    """Inertial target and first guess of the vertices of group g."""
    base, p, own = block_of(mi, ws, e, g)
    dt = prm[e, col.DT]
    x, v, old_v = row3(ws, e, base + col.X), row3(ws, e, base + col.V), row3(ws, e, base + col.V_BEFORE)
    mass = mf[mi[g * col.GROUP_INTS + col.SHARE]] * prm[e, p + col.DENSITY]
    o = like(x.x, 0.0)
    weight = prm[e, p + col.GRAVITY_SCALE]
    a = vec3(o + weight * prm[e, col.GRAVITY], o + weight * prm[e, col.GRAVITY + 1], o + weight * prm[e, col.GRAVITY + 2])
    felt = dot(a, scale(sub(v, old_v), 1.0 / dt)) / maximum(dot(a, a), like(x.x, 1e-12))
    guess = scale(a, clamp(felt, o, like(x.x, 1.0)))
    if prm[e, p + col.DRAG] + prm[e, p + col.SKIN_DRAG] > 0.0 or prm[e, p + col.PRESSURE] != 0.0:
        push = scale(air_force(mi, mf, seen, prm, e, p, g, x, v, own), 1.0 / maximum(mass, like(x.x, 1e-30)))
        a = add(a, push)
        guess = add(guess, push)
    a = add_scaled(a, v, 0.0 - prm[e, p + col.MASS_DAMPING])
    put3(ws, e, base + col.ACCELERATION, a)
    y = add_scaled(add_scaled(x, v, dt), a, dt * dt)
    if prm[e, col.BDF2] > 0.5:
        z = sub(scale(x, 1.3333333333333333), scale(row3(ws, e, base + col.X_BEFORE), 0.33333333333333333))
        u = sub(scale(v, 1.3333333333333333), scale(old_v, 0.33333333333333333))
        y = add_scaled(add_scaled(z, u, dt * 0.66666666666666667), a, dt * dt * 0.44444444444444444)
    put3(ws, e, base + col.X_START, x)
    put3(ws, e, base + col.Y, y)
    pin = ws[e, base + col.PIN]
    first = add_scaled(add_scaled(x, v, dt), guess, dt * dt)
    first = select3(pin > 0.5, row3(ws, e, base + col.TARGET), first)
    put3(ws, e, base + col.X, first)
    show3(seen, own + col.SEEN_X, g, first)
    show3(seen, own + col.SEEN_START, g, x)
    heavy = mass * inertia(prm, e)
    tied = ws[e, base + col.TARGET_STIFFNESS]
    full = 10.0 * (heavy + ws[e, base + col.STIFFNESS])
    crowded = 2.0 * (heavy + ws[e, base + col.STIFFNESS])
    ws[e, base + col.CROWDED] = crowded
    show3(seen, own + col.SEEN_CROWDED, g, vec3(crowded, pin, o))
    ws[e, base + col.TARGET_STIFFNESS] = ti.select(tied > 0.0, minimum(full, tied), o)
    grip_contacts(ws, sh, e, base, full)


@ti.func
def finish_group(mi: ti.template(), ws: ti.template(), seen: ti.template(), prm: ti.template(), e, g):
    """Velocity, multipliers and history of group g."""
    base, _p, own = block_of(mi, ws, e, g)
    dt = prm[e, col.DT]
    x, start = row3(ws, e, base + col.X), row3(ws, e, base + col.X_START)
    v = scale(sub(x, start), 1.0 / dt)
    if prm[e, col.BDF2] > 0.5:
        z = sub(scale(start, 1.3333333333333333), scale(row3(ws, e, base + col.X_BEFORE), 0.33333333333333333))
        v = scale(sub(x, z), 1.5 / dt)
    for c in range(col.CONTACTS):
        at = base + col.CONTACT + c * col.CONTACT_WIDTH
        pushed = press(ws, e, at, x)
        t, _keep = rub(ws, e, at, x, start, pushed)
        ws[e, at + col.PRESS] = pushed
        put3(ws, e, at + col.RUB, t)
    tied = ws[e, base + col.TARGET_STIFFNESS]
    pull = add_scaled(row3(ws, e, base + col.TARGET_FORCE), sub(x, row3(ws, e, base + col.TARGET)), tied)
    pin = ws[e, base + col.PIN]
    held = neg3(row3(ws, e, base + col.FORCE))
    o = like(x.x, 0.0)
    none = vec3(o, o, o)
    put3(ws, e, base + col.TARGET_FORCE, none)  # kept, it would swing up: the body answers to it one substep late
    put3(ws, e, base + col.FORCE, select3(pin > 0.5, held, select3(tied > 0.0, neg3(pull), none)))
    show3(seen, own + col.SEEN_SWEEP, g, x)
    show3(seen, own + col.SEEN_V, g, v)
    put3(ws, e, base + col.X_BEFORE, start)
    put3(ws, e, base + col.V_BEFORE, row3(ws, e, base + col.V))
    put3(ws, e, base + col.V, v)


@ti.kernel
def predict(
    mi: ti.types.ndarray(ndim=1),
    mf: ti.types.ndarray(ndim=1),
    ws: ti.types.ndarray(ndim=2),
    seen: ti.types.ndarray(ndim=1),
    prm: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2),
    workers: ti.i32,
    chunk: ti.i32,
):
    """Begin a substep. X and V of all vertices are those of its begin: only own rows are written here, beside X, which is
    copied to X_START first; others read where it began through `seen`.
    """
    groups = ws.shape[1] // col.WIDTH
    for q in range(workers * chunk):
        i = ws.shape[0] * groups
        if q % chunk == 0:
            i = q // chunk
        while i < ws.shape[0] * groups:
            predict_group(mi, mf, ws, seen, prm, sh, i // groups, i % groups)
            i += workers


@ti.kernel
def finish(
    mi: ti.types.ndarray(ndim=1),
    ws: ti.types.ndarray(ndim=2),
    seen: ti.types.ndarray(ndim=1),
    prm: ti.types.ndarray(ndim=2),
    workers: ti.i32,
    chunk: ti.i32,
):
    """End a substep."""
    groups = ws.shape[1] // col.WIDTH
    for q in range(workers * chunk):
        i = ws.shape[0] * groups
        if q % chunk == 0:
            i = q // chunk
        while i < ws.shape[0] * groups:
            finish_group(mi, ws, seen, prm, i // groups, i % groups)
            i += workers
