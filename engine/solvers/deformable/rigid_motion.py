"""The best rigid motion of a whole deformable between two sweeps: a coarse grid of six numbers.

Block descent moves one vertex at a time, so a stiff body takes up its mean acceleration slowly: with stiffness s times mass /
dt^2 only a share of about 1 / s per sweep, and what is missing acts like a brake. A rigid motion changes no strain, so that
the sum and the moment of inertia, contacts and holders alone decide it: Newton's method on these six numbers (Galerkin
projection of the same energy). Deformables with prescribed vertices are left alone.
"""

from engine.compiler import element, macro, ti, variable
from engine.math.lanes import is_lanes, like
from engine.math.vec3 import add, add_scaled, cross, scale, select3, sub, vec3
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.bearing import bounded, contact, inertia
from engine.solvers.deformable.laws import add_diagonal, block, lanes_in, put3, row3, show3

FIRM = 1e-6  # a pivot below this share of its diagonal is a motion that changes nothing (a straight rope about its axis)


@macro
def first_of(x):
    """A scalar of the type of the lanes of x."""
    return variable(element(x, 0)) if is_lanes(x) else variable(x)


@ti.func
def total(x):
    """Sum over the lanes."""
    s = first_of(x)
    if ti.static(is_lanes(x)):
        s = x.sum()
    return s


@ti.func
def outside(mi: ti.template(), mf: ti.template(), ws: ti.template(), prm: ti.template(), e, p, g):
    """Force and Hessian of inertia, holders and contacts of the vertices of group g; both zero where there is no vertex."""
    base = g * col.WIDTH
    x, start = row3(ws, e, base + col.X), row3(ws, e, base + col.X_START)
    share = mf[mi[g * col.GROUP_INTS + col.SHARE]]
    heavy = share * (prm[e, p + col.DENSITY] * inertia(prm, e))
    tied = ws[e, base + col.TARGET_STIFFNESS]
    f = scale(sub(row3(ws, e, base + col.Y), x), heavy)
    f = sub(add_scaled(f, sub(row3(ws, e, base + col.TARGET), x), tied), row3(ws, e, base + col.TARGET_FORCE))
    o = like(x.x, 0.0)
    none = vec3(o, o, o)
    h = add_diagonal(block(none, none), heavy + tied)
    for c in range(col.CONTACTS):
        f, h = contact(ws, e, base + col.CONTACT + c * col.CONTACT_WIDTH, x, start, f, h)
    there = share > 0.0
    return select3(there, f, none), block(select3(there, h.d, none), select3(there, h.o, none))


@ti.func
def centre_of(mi: ti.template(), mf: ti.template(), ws: ti.template(), e, o, row):
    """Mean over the vertices of object o of the places at `row`, by mass, as scalars, and the number of prescribed ones."""
    like_x = row3(ws, e, 0)
    z = like(like_x.x, 0.0)
    sum_x, sum_m, pinned = vec3(z, z, z), z, z
    for g in range(ws.shape[1] // col.WIDTH):
        if mi[g * col.GROUP_INTS + col.OBJECT] == o:
            share = mf[mi[g * col.GROUP_INTS + col.SHARE]]
            sum_x = add_scaled(sum_x, row3(ws, e, g * col.WIDTH + row), share)
            sum_m = sum_m + share
            held = ti.select(share > 0.0, ws[e, g * col.WIDTH + col.PIN], z)
            pinned = pinned + held
    w = 1.0 / ti.max(total(sum_m), 1e-30)
    return total(sum_x.x) * w, total(sum_x.y) * w, total(sum_x.z) * w, total(pinned)


@ti.func
def sum_up(mi: ti.template(), mf: ti.template(), ws: ti.template(), prm: ti.template(), work: ti.template(), e, o, c0, c1, c2):
    """The system of the six numbers of object o (translation, rotation about c) into `work`: six rows of seven."""
    z = like(row3(ws, e, 0).x, 0.0)
    none = vec3(z, z, z)
    force, moment, hd, ho = none, none, none, none
    b1, b2, b3, td, to = none, none, none, none, none
    p = col.ENV_WIDTH + o * col.OBJECT_WIDTH
    for g in range(ws.shape[1] // col.WIDTH):
        if mi[g * col.GROUP_INTS + col.OBJECT] == o:
            f, h = outside(mi, mf, ws, prm, e, p, g)
            x = row3(ws, e, g * col.WIDTH + col.X)
            r = vec3(x.x - c0, x.y - c1, x.z - c2)
            force, moment = add(force, f), add(moment, cross(r, f))
            hd, ho = add(hd, h.d), add(ho, h.o)
            u = cross(r, vec3(h.d.x, h.o.x, h.o.y))
            v = cross(r, vec3(h.o.x, h.d.y, h.o.z))
            w = cross(r, vec3(h.o.y, h.o.z, h.d.z))
            b1, b2, b3 = add(b1, u), add(b2, v), add(b3, w)
            s, t, q = cross(r, vec3(u.x, v.x, w.x)), cross(r, vec3(u.y, v.y, w.y)), cross(r, vec3(u.z, v.z, w.z))
            td = add(td, vec3(s.x, t.y, q.z))
            to = add(to, vec3(s.y, s.z, t.z))
    at = o * col.RIGID_WIDTH  # b1..b3 are the columns of the lower left block
    put_row(work, e, at, 0, vec3(hd.x, ho.x, ho.y), b1, force.x, hd.x)
    put_row(work, e, at, 1, vec3(ho.x, hd.y, ho.z), b2, force.y, hd.y)
    put_row(work, e, at, 2, vec3(ho.y, ho.z, hd.z), b3, force.z, hd.z)
    put_row(work, e, at, 3, vec3(b1.x, b2.x, b3.x), vec3(td.x, to.x, to.y), moment.x, td.x)
    put_row(work, e, at, 4, vec3(b1.y, b2.y, b3.y), vec3(to.x, td.y, to.z), moment.y, td.y)
    put_row(work, e, at, 5, vec3(b1.z, b2.z, b3.z), vec3(to.y, to.z, td.z), moment.z, td.z)


@ti.func
def put_row(work: ti.template(), e, at, k, u, v, right, diagonal):
    """Row k of the system, the sums over the lanes of u, v and the right-hand side, and its diagonal once more."""
    row = at + 7 * k
    work[e, row], work[e, row + 1], work[e, row + 2] = total(u.x), total(u.y), total(u.z)
    work[e, row + 3], work[e, row + 4], work[e, row + 5] = total(v.x), total(v.y), total(v.z)
    work[e, row + 6], work[e, at + 42 + k] = total(right), total(diagonal)


@ti.func
def solve_six(work: ti.template(), e, at):
    """Gauss's elimination of the positive matrix; motions without stiffness stay zero. The answer is the seventh column."""
    for k in range(6):
        pivot = work[e, at + 8 * k]
        firm = ti.select(pivot > FIRM * work[e, at + 42 + k], 1, 0)
        for j in range(7 - 7 * firm):
            work[e, at + 7 * k + j] = 0.0
        work[e, at + 8 * k] = ti.select(firm == 1, pivot, 1.0)
        for n in range((5 - k) * (7 - k) * firm):
            i, j = k + 1 + n // (7 - k), 6 - n % (7 - k)  # backwards: the share of the row is read last
            work[e, at + 7 * i + j] -= work[e, at + 7 * i + k] / pivot * work[e, at + 7 * k + j]
    for back in range(6):
        k = 5 - back
        rest = work[e, at + 7 * k + 6]
        for j in range(k + 1, 6):
            rest -= work[e, at + 7 * k + j] * work[e, at + 7 * j + 6]
        work[e, at + 7 * k + 6] = rest / work[e, at + 8 * k]


@ti.func
def shift(
    mi: ti.template(), ws: ti.template(), seen: ti.template(), prm: ti.template(), work: ti.template(), e, o, c0, c1, c2
):  # fmt: skip
    """Move object o by the six numbers in `work`: the rotation to second order, at most a tenth of a radian."""
    at = o * col.RIGID_WIDTH + 6
    a0, a1, a2 = work[e, at + 21], work[e, at + 28], work[e, at + 35]
    most = ti.min(1.0, 0.1 / ti.max(ti.sqrt(a0 * a0 + a1 * a1 + a2 * a2), 1e-9))
    z = like(row3(ws, e, 0).x, 0.0)
    d = vec3(z + work[e, at], z + work[e, at + 7], z + work[e, at + 14])
    a = vec3(z + most * a0, z + most * a1, z + most * a2)
    groups = ws.shape[1] // col.WIDTH
    for g in range(groups):
        if mi[g * col.GROUP_INTS + col.OBJECT] == o:
            base = g * col.WIDTH
            x = row3(ws, e, base + col.X)
            r = cross(a, vec3(x.x - c0, x.y - c1, x.z - c2))
            new = add(x, add(d, add_scaled(r, cross(a, r), 0.5)))
            new = bounded(prm, e, new, row3(ws, e, base + col.X_START))
            put3(ws, e, base + col.X, new)
            show3(seen, e * groups * lanes_in(x) * col.SEEN_WIDTH + col.SEEN_X, g, new)


@ti.kernel
def move_rigidly(
    mi: ti.types.ndarray(ndim=1),
    mf: ti.types.ndarray(ndim=1),
    ws: ti.types.ndarray(ndim=2),
    seen: ti.types.ndarray(ndim=1),
    prm: ti.types.ndarray(ndim=2),
    work: ti.types.ndarray(ndim=2),
    workers: ti.i32,
    chunk: ti.i32,
):
    """One step of the rigid motions of all objects that nothing prescribes."""
    objects = work.shape[1] // col.RIGID_WIDTH
    for q in range(workers * chunk):
        i = ws.shape[0] * objects
        if q % chunk == 0:
            i = q // chunk
        while i < ws.shape[0] * objects:
            e, o = i // objects, i % objects
            c0, c1, c2, pinned = centre_of(mi, mf, ws, e, o, col.X)
            if pinned < 0.5:
                sum_up(mi, mf, ws, prm, work, e, o, c0, c1, c2)
                solve_six(work, e, o * col.RIGID_WIDTH)
                shift(mi, ws, seen, prm, work, e, o, c0, c1, c2)
            i += workers
