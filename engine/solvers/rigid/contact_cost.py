"""The cost of one contact: force, Hessian and its course along a line (Todorov 2014).

This is the elliptic cone; `pyramid` has the pyramidal one.

With u = (mu x0, f1 x1, ..., f5 x5) for the row residuals x = J a - aref, N = u0 and T = |u1..5|: no cost where N >= mu T (the
contact opens), the plain quadratic 1/2 sum D x^2 where mu N + T <= 0 (it sticks), and 1/2 Dm (N - mu T)^2 in between (it
slides), with Dm = D0 / (mu^2 (1 + mu^2)). The three meet with continuous slope. A contact without friction has f = 0, so it
opens or sticks.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import macro, ti
from engine.math.lanes import like, maximum
from engine.math.memory import ld, ld3, ld9, st, st3, st9
from engine.math.vec3 import add, dot, mul3, scale, select3, sub, vec3, zero3
from engine.solvers.rigid.panels import panel_start
from engine.solvers.rigid.pyramid import PYRAMID, pyramid_force, pyramid_slope, renew

TINY = 1e-30


@ti.func
def is_wide(mi: ti.template(), wi: ti.template(), g, c):
    """Does the contact have torsion and rolling rows?"""
    return mi[mi[AT.pair_condim] + ld(wi, g, mi[AT.contact_pair] + c)] > 3


@ti.func
def project(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, c, x, out, wide):
    """J x of contact c into the six slots at `out` (three when not wide); `x` is the first slot of a vector over the dofs."""
    pair = ld(wi, g, mi[AT.contact_pair] + c)
    panels, count = mi[AT.block_panel] + mi[mi[AT.pair_block_start] + pair], mi[mi[AT.pair_block_count] + pair]
    rows = mi[AT.contact_jacobian] + 18 * c * mi[N.max_blocks]
    for part in range(1 + wide):
        total = zero3(ld(ws, g, out))
        at = rows + 9 * part * mi[N.max_blocks]
        for k in range(count):
            j, v = ld9(ws, g, at + 9 * k), ld3(ws, g, x + 3 * mi[panels + k])
            total = vec3(total.x + dot(j.x, v), total.y + dot(j.y, v), total.z + dot(j.z, v))
        st3(ws, g, out + 3 * part, total)


@ti.func
def push(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, c, f, out, wide):
    """Subtract J' f from the vector at `out`."""
    pair = ld(wi, g, mi[AT.contact_pair] + c)
    panels, count = mi[AT.block_panel] + mi[mi[AT.pair_block_start] + pair], mi[mi[AT.pair_block_count] + pair]
    rows = mi[AT.contact_jacobian] + 18 * c * mi[N.max_blocks]
    for part in range(1 + wide):
        force = ld3(ws, g, f + 3 * part)
        at = rows + 9 * part * mi[N.max_blocks]
        for k in range(count):
            j, dof = ld9(ws, g, at + 9 * k), out + 3 * mi[panels + k]
            st3(ws, g, dof, sub(ld3(ws, g, dof), combine(j, force)))


@ti.func
def contact_force(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, c):
    """contact_residual -> contact_force and contact_weight; returns what is above 0 in lanes where the weight changed."""
    wide, changed = is_wide(mi, wi, g, c), like(ld(ws, g, mi[AT.contact_cone] + 2 * c), 0.0)
    if mi[N.cone] == PYRAMID:
        changed = pyramid_force(mi, ws, g, c, wide)
    else:
        changed = ellipse_force(mi, ws, g, c, wide)
    stale = mi[AT.contact_stale] + c
    st(ws, g, stale, ti.select(changed > 0.0, like(changed, 1.0), ld(ws, g, stale)))
    return changed


@ti.func
def ellipse_force(mi: ti.template(), ws: ti.template(), g, c, wide):
    """`contact_force` of the elliptic cone; returns a number above 0 in lanes where the weight changed."""
    at = mi[AT.contact_residual] + 6 * c
    x, f = ld3(ws, g, at), ld3(ws, g, mi[AT.contact_friction] + 3 * c)
    mu, dm = ld(ws, g, mi[AT.contact_cone] + 2 * c), ld(ws, g, mi[AT.contact_cone] + 2 * c + 1)
    d = ld3(ws, g, mi[AT.contact_diagonal] + 6 * c)
    zero = like(mu, 0.0)
    u1, u2 = x.y * f.x, x.z * f.x
    square = u1 * u1 + u2 * u2
    turn, df = zero3(mu), vec3(f.y, f.z, f.z)
    if wide:
        turn = mul3(ld3(ws, g, at + 3), df)
        square = square + dot(turn, turn)
    normal, t = x.x * mu, ti.sqrt(square)
    opens = normal >= mu * t
    sticks = (mu * normal + t <= 0.0) & (normal < 0.0)
    inverse = 1.0 / maximum(t, zero + TINY)
    slip = ti.select(opens | sticks, zero, dm * (normal - mu * t))
    drag = slip * mu * inverse
    st3(
        ws,
        g,
        mi[AT.contact_force] + 6 * c,
        select3(sticks, scale(mul3(d, x), -1.0), vec3(0.0 - slip * mu, drag * u1 * f.x, drag * u2 * f.x)),
    )
    if wide:
        dr = ld3(ws, g, mi[AT.contact_diagonal] + 6 * c + 3)
        st3(
            ws,
            g,
            mi[AT.contact_force] + 6 * c + 3,
            select3(sticks, scale(mul3(dr, ld3(ws, g, at + 3)), -1.0), scale(mul3(turn, df), drag)),
        )
    # scaled Hessian Dm (p p' + k (1 - e e')) of the sliding zone, p = (1, -mu e), e = (u1, ...) / T, k = mu^2 - mu N / T
    slides = ti.select(opens | sticks, zero, dm)
    e1, e2, er = u1 * inverse, u2 * inverse, scale(turn, inverse)
    curve = slides * (mu * mu - mu * normal * inverse)
    along = slides * mu * mu - curve
    side = 0.0 - slides * mu * mu
    stick = ti.select(sticks, zero + 1.0, zero)
    w = mi[AT.contact_weight] + 21 * c
    changed = renew(ws, g, w, stick * d.x + slides * mu * mu)
    changed = changed + renew(ws, g, w + 1, side * e1 * f.x) + renew(ws, g, w + 2, side * e2 * f.x)
    changed = changed + renew(ws, g, w + 3, stick * d.y + f.x * f.x * (along * e1 * e1 + curve))
    changed = changed + renew(ws, g, w + 4, f.x * f.x * along * e1 * e2)
    changed = changed + renew(ws, g, w + 5, stick * d.z + f.x * f.x * (along * e2 * e2 + curve))
    if wide:
        dr = ld3(ws, g, mi[AT.contact_diagonal] + 6 * c + 3)
        s = mul3(er, df)
        changed = changed + renew3(ws, g, w + 6, scale(s, side))
        changed = changed + renew3(ws, g, w + 9, scale(s, along * e1 * f.x)) + renew3(ws, g, w + 12, scale(s, along * e2 * f.x))
        changed = changed + renew3(
            ws, g, w + 15, add(scale(dr, stick), add(scale(mul3(s, s), along), scale(mul3(df, df), curve)))
        )
        changed = changed + renew3(ws, g, w + 18, vec3(along * s.x * s.y, along * s.x * s.z, along * s.y * s.z))
    return changed


@ti.func
def renew3(ws: ti.template(), g, slot, v):
    return renew(ws, g, slot, v.x) + renew(ws, g, slot + 1, v.y) + renew(ws, g, slot + 2, v.z)


@macro
def combine(m, v):
    """m.x v.x + m.y v.y + m.z v.z: the rows of a block times a vector over the rows."""
    return add(add(scale(m.x, v.x), scale(m.y, v.y)), scale(m.z, v.z))


@ti.func
def count_weight(mi: ti.template(), ws: ti.template(), g, c, mask, count):
    """weight_change = contact_weight - contact_counted in the lanes of `mask`, which is counted from now on; else 0."""
    weight, counted = mi[AT.contact_weight] + 21 * c, mi[AT.contact_counted] + 21 * c
    for k in range(count):
        new, old = ld(ws, g, weight + k), ld(ws, g, counted + k)
        st(ws, g, mi[AT.weight_change] + k, ti.select(mask, new - old, new * 0.0))
        st(ws, g, counted + k, ti.select(mask, new, old))
    stale = mi[AT.contact_stale] + c
    st(ws, g, stale, ti.select(mask, like(ld(ws, g, stale), 0.0), ld(ws, g, stale)))


@ti.func
def forget_weight(mi: ti.template(), ws: ti.template(), g, c, count):
    """Nothing of contact c stands in contact_metric."""
    zero = like(ld(ws, g, mi[AT.contact_stale] + c), 0.0)
    for k in range(count):
        st(ws, g, mi[AT.contact_weight] + 21 * c + k, zero)
        st(ws, g, mi[AT.contact_counted] + 21 * c + k, zero)
    st(ws, g, mi[AT.contact_stale] + c, zero)


@ti.func
def add_hessian(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, c):
    """contact_metric += J' weight_change J over the panels of contact c."""
    pair, wide = ld(wi, g, mi[AT.contact_pair] + c), is_wide(mi, wi, g, c)
    panels, count = mi[AT.block_panel] + mi[mi[AT.pair_block_start] + pair], mi[mi[AT.pair_block_count] + pair]
    rows = mi[AT.contact_jacobian] + 18 * c * mi[N.max_blocks]
    turn = rows + 9 * mi[N.max_blocks]
    w = mi[AT.weight_change]
    for k in range(count):
        j = ld9(ws, g, rows + 9 * k)
        a, b = ld3(ws, g, w), ld3(ws, g, w + 3)
        wx, wy = combine(j, a), combine(j, vec3(a.y, b.x, b.y))
        wz = combine(j, vec3(a.z, b.y, b.z))
        rx, ry, rz = zero3(a.x), zero3(a.x), zero3(a.x)
        if wide:
            r, m = ld9(ws, g, turn + 9 * k), ld9(ws, g, w + 6)
            d, o = ld3(ws, g, w + 15), ld3(ws, g, w + 18)
            wx, wy, wz = add(wx, combine(r, m.x)), add(wy, combine(r, m.y)), add(wz, combine(r, m.z))
            rx = add(combine(r, vec3(d.x, o.x, o.y)), combine(j, vec3(m.x.x, m.y.x, m.z.x)))
            ry = add(combine(r, vec3(o.x, d.y, o.z)), combine(j, vec3(m.x.y, m.y.y, m.z.y)))
            rz = add(combine(r, vec3(o.y, o.z, d.z)), combine(j, vec3(m.x.z, m.y.z, m.z.z)))
        row = mi[AT.contact_metric] + panel_start(mi[panels + k])
        for e in range(k + 1):
            at, u = row + 9 * mi[panels + e], ld9(ws, g, rows + 9 * e)
            h = ld9(ws, g, at)
            h.x = add(add(add(h.x, scale(wx, u.x.x)), scale(wy, u.y.x)), scale(wz, u.z.x))
            h.y = add(add(add(h.y, scale(wx, u.x.y)), scale(wy, u.y.y)), scale(wz, u.z.y))
            h.z = add(add(add(h.z, scale(wx, u.x.z)), scale(wy, u.y.z)), scale(wz, u.z.z))
            if wide:
                u = ld9(ws, g, turn + 9 * e)
                h.x = add(add(add(h.x, scale(rx, u.x.x)), scale(ry, u.y.x)), scale(rz, u.z.x))
                h.y = add(add(add(h.y, scale(rx, u.x.y)), scale(ry, u.y.y)), scale(rz, u.z.y))
                h.z = add(add(add(h.z, scale(rx, u.x.z)), scale(ry, u.y.z)), scale(rz, u.z.z))
            st9(ws, g, at, h)


@ti.func
def prepare_line(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, c):
    """contact_residual x, contact_change y -> contact_line: N, N', |u|^2 terms and sum D x y, sum D y^2 along x + alpha y."""
    x, y = ld3(ws, g, mi[AT.contact_residual] + 6 * c), ld3(ws, g, mi[AT.contact_change] + 6 * c)
    d, f = ld3(ws, g, mi[AT.contact_diagonal] + 6 * c), ld3(ws, g, mi[AT.contact_friction] + 3 * c)
    mu = ld(ws, g, mi[AT.contact_cone] + 2 * c)
    s = f.x * f.x
    uu, uv, vv = s * (x.y * x.y + x.z * x.z), s * (x.y * y.y + x.z * y.z), s * (y.y * y.y + y.z * y.z)
    dy = mul3(d, y)
    q1, q2 = dot(dy, x), dot(dy, y)
    if is_wide(mi, wi, g, c):
        xr, yr = ld3(ws, g, mi[AT.contact_residual] + 6 * c + 3), ld3(ws, g, mi[AT.contact_change] + 6 * c + 3)
        ff = vec3(f.y * f.y, f.z * f.z, f.z * f.z)
        fx, fy = mul3(ff, xr), mul3(ff, yr)
        uu, uv, vv = uu + dot(fx, xr), uv + dot(fx, yr), vv + dot(fy, yr)
        dy = mul3(ld3(ws, g, mi[AT.contact_diagonal] + 6 * c + 3), yr)
        q1, q2 = q1 + dot(dy, xr), q2 + dot(dy, yr)
    line = mi[AT.contact_line] + 7 * c
    st3(ws, g, line, vec3(mu * x.x, mu * y.x, uu))
    st3(ws, g, line + 3, vec3(uv, vv, q1))
    st(ws, g, line + 6, q2)


@ti.func
def line_slope(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, c, alpha):
    """First and second derivative of the contact's cost at x + alpha y."""
    first, second = alpha * 0.0, alpha * 0.0
    if mi[N.cone] == PYRAMID:
        first, second = pyramid_slope(mi, ws, g, c, is_wide(mi, wi, g, c), alpha)
    else:
        first, second = ellipse_slope(mi, ws, g, c, alpha)
    return first, second


@ti.func
def ellipse_slope(mi: ti.template(), ws: ti.template(), g, c, alpha):
    """`line_slope` of the elliptic cone, from contact_line."""
    line = mi[AT.contact_line] + 7 * c
    mu, dm = ld(ws, g, mi[AT.contact_cone] + 2 * c), ld(ws, g, mi[AT.contact_cone] + 2 * c + 1)
    n0, n1, uu = ld(ws, g, line), ld(ws, g, line + 1), ld(ws, g, line + 2)
    uv, vv, q1, q2 = ld(ws, g, line + 3), ld(ws, g, line + 4), ld(ws, g, line + 5), ld(ws, g, line + 6)
    zero = like(mu, 0.0)
    normal, cross = n0 + alpha * n1, uv + alpha * vv
    t = ti.sqrt(maximum(uu + alpha * (uv + cross), zero))
    opens = normal >= mu * t
    sticks = (mu * normal + t <= 0.0) & (normal < 0.0)
    inverse = 1.0 / maximum(t, zero + TINY)
    t1 = cross * inverse
    t2 = maximum(vv - t1 * t1, zero) * inverse
    gap, rate = normal - mu * t, n1 - mu * t1
    first = ti.select(sticks, q1 + alpha * q2, dm * gap * rate)
    second = ti.select(sticks, q2, dm * (rate * rate - gap * mu * t2))
    return ti.select(opens, zero, first), ti.select(opens, zero, second)
