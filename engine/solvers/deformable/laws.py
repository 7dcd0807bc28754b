"""Energies of elements as force and block Hessian of one vertex, in lanes.

Membrane: St. Venant-Kirchhoff with orthotropic stiffness per width (N/m). Solid: stable neo-Hookean (Smith, Goes and Kim 2018,
without the logarithm; J is linear in one vertex, so that its block is exact and positive) or St. Venant-Kirchhoff. Damping:
viscous Green strain rate, which leaves rigid motion alone. Hinges: quadratic in t = sum c_j x_j. Edges: linear springs; their
geometric stiffness is left out in compression. Reference: Chen, Liu, Yang and Yuksel 2024 (vertex block descent).
"""

from engine.compiler import element, macro, ti, variable
from engine.math.lanes import absolute, is_lanes, like, maximum
from engine.math.vec3 import add, add_scaled, cross, dot, scale, sub, vec3
from engine.solvers.deformable import layout as col


@macro
def row3(ws, e, at):
    """Three rows of lanes from `at`."""
    e, at = variable(e), variable(at)
    return vec3(*(variable(element(ws, e, at + i)) for i in range(3)))


@ti.func
def put3(ws: ti.template(), e, at, v):
    ws[e, at] = v.x
    ws[e, at + 1] = v.y
    ws[e, at + 2] = v.z


@macro
def gather3(mi, seen, at, first, x):
    """Three numbers of the vertices whose slots stand at mi[at], mi[at + 1], ...: one per lane of the pattern x; `first` is
    where they begin in the row of slot 0.
    """
    width = x.x.get_shape()[0] if is_lanes(x.x) else 1
    at, first = variable(at), variable(first)
    found: list = [[], [], []]
    for l in range(width):
        base = variable(element(mi, at + l) * col.SEEN_WIDTH + first)
        for i in range(3):
            found[i].append(variable(element(seen, base + i)))
    if width == 1:
        return vec3(*(lane[0] for lane in found))
    return vec3(*(variable(ti.lang.matrix.make_matrix(lanes)) for lanes in found))


@macro
def show3(seen, first, g, v):
    """Write a vector of lanes where others see it: `first` as in gather3."""
    width = v.x.get_shape()[0] if is_lanes(v.x) else 1
    first, g = variable(first), variable(g)
    for l in range(width):
        base = variable((g * width + l) * col.SEEN_WIDTH + first)
        for i, part in enumerate((v.x, v.y, v.z)):
            element(seen, base + i)._assign(element(part, l) if width > 1 else part)


@macro
def lanes_in(x):
    """Lanes of a vector, 1 for scalars; known while compiling."""
    return x.x.get_shape()[0] if is_lanes(x.x) else 1


@macro
def block(d, o):
    """A symmetric 3x3 block: diagonal (xx, yy, zz) and (xy, xz, yz)."""
    return ti.Struct(d=d, o=o)


@macro
def add_outer(h, v, w):
    """h + w v v^T."""
    w = variable(w)
    x, y, z = variable(v.x * w), variable(v.y * w), variable(v.z * w)
    return block(
        vec3(variable(h.d.x + x * v.x), variable(h.d.y + y * v.y), variable(h.d.z + z * v.z)),
        vec3(variable(h.o.x + x * v.y), variable(h.o.y + x * v.z), variable(h.o.z + y * v.z)),
    )


@macro
def add_diagonal(h, w):
    w = variable(w)
    return block(vec3(variable(h.d.x + w), variable(h.d.y + w), variable(h.d.z + w)), vec3(h.o.x, h.o.y, h.o.z))


@ti.func
def block_times(h, v):
    """h v."""
    return vec3(
        h.d.x * v.x + h.o.x * v.y + h.o.y * v.z,
        h.o.x * v.x + h.d.y * v.y + h.o.z * v.z,
        h.o.y * v.x + h.o.z * v.y + h.d.z * v.z,
    )


@ti.func
def block_solve(h, f):
    """h^-1 f by cofactors; zero where the block is singular."""
    a = h.d.y * h.d.z - h.o.z * h.o.z
    b = h.o.y * h.o.z - h.o.x * h.d.z
    c = h.o.x * h.o.z - h.o.y * h.d.y
    det = h.d.x * a + h.o.x * b + h.o.y * c
    inverse = ti.select(absolute(det) > 1e-37, 1.0 / det, like(det, 0.0))
    e = h.d.x * h.d.z - h.o.y * h.o.y
    g = h.o.x * h.o.y - h.d.x * h.o.z
    i = h.d.x * h.d.y - h.o.x * h.o.x
    return vec3(
        (a * f.x + b * f.y + c * f.z) * inverse,
        (b * f.x + e * f.y + g * f.z) * inverse,
        (c * f.x + g * f.y + i * f.z) * inverse,
    )


@ti.func
def triangle(mi: ti.template(), mf: ti.template(), seen: ti.template(), prm: ti.template(), e, p, g, n, x, start, own, f, h):
    """Force and Hessian of entry n of the membrane; `p`: where the object's parameters begin, `own`: the row of slot 0."""
    head = g * col.GROUP_INTS + col.ENTRIES + 3 * col.TRIANGLE
    width = lanes_in(x)
    at, r = mi[head + 1] + n * 2 * width, mi[head + 2] + n * 5
    gb1, gb2, gc1, gc2, area = mf[r], mf[r + 1], mf[r + 2], mf[r + 3], mf[r + 4]
    lag = prm[e, p + col.DAMPING] / prm[e, col.DT]
    o = like(x.x, 0.0)
    d1, d2, d12 = o, o, o
    f1, f2 = vec3(o, o, o), vec3(o, o, o)
    first = ti.select(lag > 0.0, 0, 1)
    for turn in range(first, 2):  # the begin of the substep, then now
        row = own + ti.select(turn == 0, col.SEEN_START, col.SEEN_X)
        here = x
        if turn == 0:
            here = start
        b = gather3(mi, seen, at, row, x)
        c = gather3(mi, seen, at + width, row, x)
        p_b, p_c = sub(b, here), sub(c, here)
        f1 = add_scaled(scale(p_b, gb1), p_c, gc1)
        f2 = add_scaled(scale(p_b, gb2), p_c, gc2)
        w = ti.select(turn == 0, 0.0 - lag, 1.0 + lag)
        d1 = d1 + (0.5 * w) * (dot(f1, f1) - 1.0)
        d2 = d2 + (0.5 * w) * (dot(f2, f2) - 1.0)
        d12 = d12 + w * dot(f1, f2)
    k1, k2, k12, k66 = prm[e, p + col.C11], prm[e, p + col.C22], prm[e, p + col.C12], prm[e, p + col.C66]
    s1, s2, s12 = d1 * k1 + d2 * k12, d1 * k12 + d2 * k2, d12 * k66
    a1, a2 = 0.0 - gb1 - gc1, 0.0 - gb2 - gc2
    u1, u2 = s1 * a1 + s12 * a2, s12 * a1 + s2 * a2
    f = sub(f, scale(add_scaled(scale(f1, u1), f2, u2), area))
    grow = area * (1.0 + lag)
    v1, v2, v3 = scale(f1, a1), scale(f2, a2), add_scaled(scale(f2, a1), f1, a2)
    h = add_outer(h, v1, grow * (k1 - k12))
    h = add_outer(h, v2, grow * (k2 - k12))
    h = add_outer(h, add(v1, v2), grow * k12)
    h = add_outer(h, v3, grow * k66)
    h = add_diagonal(h, area * maximum(a1 * u1 + a2 * u2, o))
    return f, h


@ti.func
def gradient(b, c, d, x, gb, gc, gd):
    """Rows of the deformation gradient of a tetrahedron."""
    p, q, r = sub(b, x), sub(c, x), sub(d, x)
    fx = add_scaled(add_scaled(scale(gb, p.x), gc, q.x), gd, r.x)
    fy = add_scaled(add_scaled(scale(gb, p.y), gc, q.y), gd, r.y)
    fz = add_scaled(add_scaled(scale(gb, p.z), gc, q.z), gd, r.z)
    return fx, fy, fz


@ti.func
def more_strain(q, fx, fy, fz, w):
    """q + w times Green's strain (F^T F - 1) / 2."""
    s = 0.5 * w
    d = vec3(
        q.d.x + s * (fx.x * fx.x + fy.x * fy.x + fz.x * fz.x - 1.0),
        q.d.y + s * (fx.y * fx.y + fy.y * fy.y + fz.y * fz.y - 1.0),
        q.d.z + s * (fx.z * fx.z + fy.z * fy.z + fz.z * fz.z - 1.0),
    )
    o = vec3(
        q.o.x + s * (fx.x * fx.y + fy.x * fy.y + fz.x * fz.y),
        q.o.y + s * (fx.x * fx.z + fy.x * fy.z + fz.x * fz.z),
        q.o.z + s * (fx.y * fx.z + fy.y * fy.z + fz.y * fz.z),
    )
    return block(d, o)


@ti.func
def tetrahedron(mi: ti.template(), mf: ti.template(), seen: ti.template(), prm: ti.template(), e, p, g, n, x, start, own, f, h):
    """Force and Hessian of entry n of the solid."""
    head = g * col.GROUP_INTS + col.ENTRIES + 3 * col.TETRAHEDRON
    width = lanes_in(x)
    at, r = mi[head + 1] + n * 3 * width, mi[head + 2] + n * 10
    gb, gc = vec3(mf[r], mf[r + 1], mf[r + 2]), vec3(mf[r + 3], mf[r + 4], mf[r + 5])
    gd, volume = vec3(mf[r + 6], mf[r + 7], mf[r + 8]), mf[r + 9]
    ga = vec3(0.0 - gb.x - gc.x - gd.x, 0.0 - gb.y - gc.y - gd.y, 0.0 - gb.z - gc.z - gd.z)
    mu, lam = prm[e, p + col.MU], prm[e, p + col.LAMBDA]
    lag = prm[e, p + col.DAMPING] / prm[e, col.DT]
    kirchhoff = prm[e, p + col.LAW]
    o = like(x.x, 0.0)
    none = vec3(o, o, o)
    fx, fy, fz = none, none, none
    strain = block(none, none)
    first = ti.select(lag > 0.0, 0, 1)
    for turn in range(first, 2):
        row = own + ti.select(turn == 0, col.SEEN_START, col.SEEN_X)
        here = x
        if turn == 0:
            here = start
        b = gather3(mi, seen, at, row, x)
        c = gather3(mi, seen, at + width, row, x)
        d = gather3(mi, seen, at + 2 * width, row, x)
        fx, fy, fz = gradient(b, c, d, here, gb, gc, gd)
        w = ti.select(turn == 0, 0.0 - lag, kirchhoff + lag)
        if kirchhoff + lag > 0.0:
            strain = more_strain(strain, fx, fy, fz, w)
    fg = vec3(dot(fx, ga), dot(fy, ga), dot(fz, ga))
    gg = dot(ga, ga)
    if kirchhoff < 0.5:
        cx, cy, cz = cross(fy, fz), cross(fz, fx), cross(fx, fy)
        k = vec3(dot(cx, ga), dot(cy, ga), dot(cz, ga))
        strong = lam + mu
        s = strong * (dot(fx, cx) - 1.0) - mu
        f = sub(f, scale(add_scaled(scale(fg, mu), k, s), volume))
        h = add_outer(add_diagonal(h, volume * mu * gg), k, volume * strong)
    if kirchhoff + lag > 0.0:
        f, h = strained(fx, fy, fz, ga, strain, mu, lam, volume, volume * (kirchhoff + lag), f, h)
    return f, h


@ti.func
def strained(fx, fy, fz, ga, q, mu, lam, volume, w, f, h):
    """Force and Hessian of the second Piola stress lam tr q + 2 mu q."""
    trace = lam * (q.d.x + q.d.y + q.d.z)
    m2 = 2.0 * mu
    sg = vec3(
        (m2 * q.d.x + trace) * ga.x + m2 * (q.o.x * ga.y + q.o.y * ga.z),
        (m2 * q.d.y + trace) * ga.y + m2 * (q.o.x * ga.x + q.o.z * ga.z),
        (m2 * q.d.z + trace) * ga.z + m2 * (q.o.y * ga.x + q.o.z * ga.y),
    )
    f = sub(f, scale(vec3(dot(fx, sg), dot(fy, sg), dot(fz, sg)), volume))
    fg = vec3(dot(fx, ga), dot(fy, ga), dot(fz, ga))
    gg = w * mu * dot(ga, ga)
    h = add_outer(h, fg, w * (lam + mu))
    h = add_outer(h, vec3(fx.x, fy.x, fz.x), gg)
    h = add_outer(h, vec3(fx.y, fy.y, fz.y), gg)
    h = add_outer(h, vec3(fx.z, fy.z, fz.z), gg)
    h = add_diagonal(h, volume * maximum(dot(ga, sg), like(fx.x, 0.0)))
    return f, h


@ti.func
def hinge(mi: ti.template(), mf: ti.template(), seen: ti.template(), prm: ti.template(), e, p, g, n, x, start, own, f, h):
    """Force and Hessian of entry n of bending."""
    head = g * col.GROUP_INTS + col.ENTRIES + 3 * col.HINGE
    width = lanes_in(x)
    at, r = mi[head + 1] + n * 3 * width, mi[head + 2] + n * 6
    c0 = mf[r]
    lag = prm[e, p + col.BEND_DAMPING] / prm[e, col.DT]
    t = scale(x, c0 * (1.0 + lag))
    if lag > 0.0:
        t = add_scaled(t, start, c0 * (0.0 - lag))
    for j in range(3):
        c = mf[r + 1 + j]
        t = add_scaled(t, gather3(mi, seen, at + j * width, own + col.SEEN_X, x), c * (1.0 + lag))
        if lag > 0.0:
            t = add_scaled(t, gather3(mi, seen, at + j * width, own + col.SEEN_START, x), c * (0.0 - lag))
    w = (mf[r + 4] * prm[e, p + col.BEND_1] + mf[r + 5] * prm[e, p + col.BEND_2]) * c0
    return sub(f, scale(t, w)), add_diagonal(h, w * c0 * (1.0 + lag))


@ti.func
def edge(mi: ti.template(), mf: ti.template(), seen: ti.template(), prm: ti.template(), e, p, g, n, x, start, own, f, h):
    """Force and Hessian of entry n of the springs."""
    head = g * col.GROUP_INTS + col.ENTRIES + 3 * col.EDGE
    width = lanes_in(x)
    at, r = mi[head + 1] + n * width, mi[head + 2] + n * 2
    rest, k = mf[r], mf[r + 1] * prm[e, p + col.STRETCH]
    d = sub(x, gather3(mi, seen, at, own + col.SEEN_X, x))
    length = maximum(ti.sqrt(dot(d, d)), like(x.x, 1e-9))
    n_d = scale(d, 1.0 / length)
    lag = prm[e, p + col.DAMPING] / prm[e, col.DT]
    pull = k * (length - rest)
    if lag > 0.0:
        o = sub(start, gather3(mi, seen, at, own + col.SEEN_START, x))
        pull = pull + k * lag * (length - ti.sqrt(dot(o, o)))
    soft = maximum(k * (1.0 - rest / length), like(x.x, 0.0))
    h = add_outer(add_diagonal(h, soft), n_d, k * (1.0 + lag) - soft)
    return sub(f, scale(n_d, pull)), h
