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
def gather3(mi, ws, e, at, row, x):
    """Three rows of the vertices whose slots stand at mi[at], mi[at + 1], ...: one per lane of the pattern x."""
    width = x.x.get_shape()[0] if is_lanes(x.x) else 1
    e, at, row = variable(e), variable(at), variable(row)
    if width == 1:
        base = variable(element(mi, at) * col.WIDTH + row)
        return vec3(*(variable(element(ws, e, base + i)) for i in range(3)))
    found: list = [[], [], []]
    for l in range(width):
        slot = variable(element(mi, at + l))
        base = variable((slot >> (width.bit_length() - 1)) * col.WIDTH + row)
        k = variable(slot & (width - 1))
        for i in range(3):
            found[i].append(variable(element(element(ws, e, base + i), k)))
    return vec3(*(variable(ti.lang.matrix.make_matrix(lanes)) for lanes in found))


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
        (a * f.x + b * f.y + c * f.z) * inverse, (b * f.x + e * f.y + g * f.z) * inverse, (c * f.x + g * f.y + i * f.z) * inverse
    )


@ti.func
def fibres(b, c, x, gb1, gb2, gc1, gc2):
    """The two columns of the deformation gradient of a triangle."""
    p, q = sub(b, x), sub(c, x)
    return add_scaled(scale(p, gb1), q, gc1), add_scaled(scale(p, gb2), q, gc2)


@ti.func
def triangle(mi: ti.template(), mf: ti.template(), ws: ti.template(), prm: ti.template(), e, p, g, n, x, f, h):
    """Force and Hessian of entry n of the membrane; `p` is where the object's parameters begin."""
    head = g * col.GROUP_INTS + col.ENTRIES + 3 * col.TRIANGLE
    width = lanes_in(x)
    at, r = mi[head + 1] + n * 2 * width, mi[head + 2] + n * 5
    gb1, gb2, gc1, gc2, area = mf[r], mf[r + 1], mf[r + 2], mf[r + 3], mf[r + 4]
    b = gather3(mi, ws, e, at, col.X, x)
    c = gather3(mi, ws, e, at + width, col.X, x)
    f1, f2 = fibres(b, c, x, gb1, gb2, gc1, gc2)
    e1, e2, e12 = 0.5 * (dot(f1, f1) - 1.0), 0.5 * (dot(f2, f2) - 1.0), dot(f1, f2)
    d1, d2, d12 = e1, e2, e12
    lag = prm[e, p + col.DAMPING] / prm[e, col.DT]
    if lag > 0.0:
        old_b = gather3(mi, ws, e, at, col.X_START, x)
        old_c = gather3(mi, ws, e, at + width, col.X_START, x)
        o1, o2 = fibres(old_b, old_c, row3(ws, e, g * col.WIDTH + col.X_START), gb1, gb2, gc1, gc2)
        d1 = e1 + lag * (e1 - 0.5 * (dot(o1, o1) - 1.0))
        d2 = e2 + lag * (e2 - 0.5 * (dot(o2, o2) - 1.0))
        d12 = e12 + lag * (e12 - dot(o1, o2))
    k1, k2, k12, k66 = prm[e, p + col.C11], prm[e, p + col.C22], prm[e, p + col.C12], prm[e, p + col.C66]
    s1, s2, s12 = d1 * k1 + d2 * k12, d1 * k12 + d2 * k2, d12 * k66
    a1, a2 = 0.0 - gb1 - gc1, 0.0 - gb2 - gc2
    u1, u2 = s1 * a1 + s12 * a2, s12 * a1 + s2 * a2
    f = sub(f, scale(add_scaled(scale(f1, u1), f2, u2), area))
    grow = area * (1.0 + lag)
    v1, v2, v3 = scale(f1, a1), scale(f2, a2), add_scaled(scale(f2, a1), f1, a2)
    both = add(v1, v2)
    h = add_outer(h, v1, grow * (k1 - k12))
    h = add_outer(h, v2, grow * (k2 - k12))
    h = add_outer(h, both, grow * k12)
    h = add_outer(h, v3, grow * k66)
    h = add_diagonal(h, area * maximum(a1 * u1 + a2 * u2, like(x.x, 0.0)))
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
def green(fx, fy, fz):
    """Green strain (F^T F - 1) / 2."""
    xx = 0.5 * (fx.x * fx.x + fy.x * fy.x + fz.x * fz.x - 1.0)
    yy = 0.5 * (fx.y * fx.y + fy.y * fy.y + fz.y * fz.y - 1.0)
    zz = 0.5 * (fx.z * fx.z + fy.z * fy.z + fz.z * fz.z - 1.0)
    xy = 0.5 * (fx.x * fx.y + fy.x * fy.y + fz.x * fz.y)
    xz = 0.5 * (fx.x * fx.z + fy.x * fy.z + fz.x * fz.z)
    yz = 0.5 * (fx.y * fx.z + fy.y * fy.z + fz.y * fz.z)
    return block(vec3(xx, yy, zz), vec3(xy, xz, yz))


@ti.func
def mixed(a, wa, b, wb):
    """wa a + wb b of two blocks."""
    return block(add_scaled(scale(a.d, wa), b.d, wb), add_scaled(scale(a.o, wa), b.o, wb))


@ti.func
def tetrahedron(
    mi: ti.template(), mf: ti.template(), ws: ti.template(), prm: ti.template(), e, p, g, n, x, f, h
):
    """Force and Hessian of entry n of the solid."""
    head = g * col.GROUP_INTS + col.ENTRIES + 3 * col.TETRAHEDRON
    width = lanes_in(x)
    at, r = mi[head + 1] + n * 3 * width, mi[head + 2] + n * 10
    gb, gc = vec3(mf[r], mf[r + 1], mf[r + 2]), vec3(mf[r + 3], mf[r + 4], mf[r + 5])
    gd, volume = vec3(mf[r + 6], mf[r + 7], mf[r + 8]), mf[r + 9]
    b = gather3(mi, ws, e, at, col.X, x)
    c = gather3(mi, ws, e, at + width, col.X, x)
    d = gather3(mi, ws, e, at + 2 * width, col.X, x)
    fx, fy, fz = gradient(b, c, d, x, gb, gc, gd)
    ga = vec3(0.0 - gb.x - gc.x - gd.x, 0.0 - gb.y - gc.y - gd.y, 0.0 - gb.z - gc.z - gd.z)
    mu, lam = prm[e, p + col.MU], prm[e, p + col.LAMBDA]
    lag = prm[e, p + col.DAMPING] / prm[e, col.DT]
    kirchhoff = prm[e, p + col.LAW]
    fg = vec3(dot(fx, ga), dot(fy, ga), dot(fz, ga))
    gg = dot(ga, ga)
    if kirchhoff < 0.5:
        cx, cy, cz = cross(fy, fz), cross(fz, fx), cross(fx, fy)
        k = vec3(dot(cx, ga), dot(cy, ga), dot(cz, ga))
        strong = lam + mu
        s = strong * (dot(fx, cx) - 1.0) - mu
        f = sub(f, scale(add_scaled(scale(fg, mu), k, s), volume))
        h = add_outer(add_diagonal(h, volume * mu * gg), k, volume * strong)
    if kirchhoff > 0.5 or lag > 0.0:
        strain = green(fx, fy, fz)
        q = mixed(strain, kirchhoff + lag, strain, 0.0)
        if lag > 0.0:
            ob = gather3(mi, ws, e, at, col.X_START, x)
            oc = gather3(mi, ws, e, at + width, col.X_START, x)
            od = gather3(mi, ws, e, at + 2 * width, col.X_START, x)
            ox, oy, oz = gradient(ob, oc, od, row3(ws, e, g * col.WIDTH + col.X_START), gb, gc, gd)
            q = mixed(q, 1.0, green(ox, oy, oz), 0.0 - lag)
        trace = lam * (q.d.x + q.d.y + q.d.z)
        m2 = 2.0 * mu
        sg = vec3(
            (m2 * q.d.x + trace) * ga.x + m2 * (q.o.x * ga.y + q.o.y * ga.z),
            (m2 * q.d.y + trace) * ga.y + m2 * (q.o.x * ga.x + q.o.z * ga.z),
            (m2 * q.d.z + trace) * ga.z + m2 * (q.o.y * ga.x + q.o.z * ga.y),
        )
        f = sub(f, scale(vec3(dot(fx, sg), dot(fy, sg), dot(fz, sg)), volume))
        w = volume * (kirchhoff + lag)
        h = add_outer(h, fg, w * (lam + mu))
        ax, ay, az = vec3(fx.x, fy.x, fz.x), vec3(fx.y, fy.y, fz.y), vec3(fx.z, fy.z, fz.z)
        h = add_outer(add_outer(add_outer(h, ax, w * mu * gg), ay, w * mu * gg), az, w * mu * gg)
        h = add_diagonal(h, volume * maximum(dot(ga, sg), like(x.x, 0.0)))
    return f, h


@ti.func
def hinge(mi: ti.template(), mf: ti.template(), ws: ti.template(), prm: ti.template(), e, p, g, n, x, f, h):
    """Force and Hessian of entry n of bending."""
    head = g * col.GROUP_INTS + col.ENTRIES + 3 * col.HINGE
    width = lanes_in(x)
    at, r = mi[head + 1] + n * 3 * width, mi[head + 2] + n * 6
    c0 = mf[r]
    t = scale(x, c0)
    for j in range(3):
        t = add_scaled(t, gather3(mi, ws, e, at + j * width, col.X, x), mf[r + 1 + j])
    w = (mf[r + 4] * prm[e, p + col.BEND_1] + mf[r + 5] * prm[e, p + col.BEND_2]) * c0
    lag = prm[e, p + col.BEND_DAMPING] / prm[e, col.DT]
    if lag > 0.0:
        o = scale(row3(ws, e, g * col.WIDTH + col.X_START), c0)
        for j in range(3):
            o = add_scaled(o, gather3(mi, ws, e, at + j * width, col.X_START, x), mf[r + 1 + j])
        t = add_scaled(scale(t, 1.0 + lag), o, 0.0 - lag)
    return sub(f, scale(t, w)), add_diagonal(h, w * c0 * (1.0 + lag))


@ti.func
def edge(mi: ti.template(), mf: ti.template(), ws: ti.template(), prm: ti.template(), e, p, g, n, x, f, h):
    """Force and Hessian of entry n of the springs."""
    head = g * col.GROUP_INTS + col.ENTRIES + 3 * col.EDGE
    width = lanes_in(x)
    at, r = mi[head + 1] + n * width, mi[head + 2] + n * 2
    rest, k = mf[r], mf[r + 1] * prm[e, p + col.STRETCH]
    d = sub(x, gather3(mi, ws, e, at, col.X, x))
    length = maximum(ti.sqrt(dot(d, d)), like(x.x, 1e-9))
    n_d = scale(d, 1.0 / length)
    lag = prm[e, p + col.DAMPING] / prm[e, col.DT]
    pull = k * (length - rest)
    if lag > 0.0:
        o = sub(row3(ws, e, g * col.WIDTH + col.X_START), gather3(mi, ws, e, at, col.X_START, x))
        pull = pull + k * lag * (length - ti.sqrt(dot(o, o)))
    soft = maximum(k * (1.0 - rest / length), like(x.x, 0.0))
    h = add_outer(add_diagonal(h, soft), n_d, k * (1.0 + lag) - soft)
    return sub(f, scale(n_d, pull)), h
