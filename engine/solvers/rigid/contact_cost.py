"""The cost of one contact: force, Hessian and its course along a line (Todorov 2014; elliptic cone).

With u = (mu x0, f1 x1, ..., f5 x5) for the row residuals x = J a - aref, N = u0 and T = |u1..5|: no cost where N >= mu T (the
contact opens), the plain quadratic 1/2 sum D x^2 where mu N + T <= 0 (it sticks), and 1/2 Dm (N - mu T)^2 in between (it
slides), with Dm = D0 / (mu^2 (1 + mu^2)). The three meet with continuous slope. A contact without friction has f = 0, so it
opens or sticks.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import any_lane, like, maximum
from engine.math.memory import ld, ld3, st, st3
from engine.math.vec3 import add, add_scaled, dot, mul3, scale, select3, vec3, zero3

TINY = 1e-30


@ti.func
def is_wide(mi: ti.template(), wi: ti.template(), g, c):
    """Does the contact have torsion and rolling rows?"""
    return mi[mi[AT.pair_condim] + ld(wi, g, mi[AT.contact_pair] + c)] > 3


@ti.func
def project(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, c, x, out, wide):
    """J x of contact c into the six slots at `out` (three when not wide); `x` is the first slot of a vector over the dofs."""
    pair = ld(wi, g, mi[AT.contact_pair] + c)
    chain, count = mi[AT.chain_dof] + mi[mi[AT.pair_chain_start] + pair], mi[mi[AT.pair_chain_count] + pair]
    rows = mi[AT.contact_jacobian] + 6 * c * mi[N.max_chain]
    for block in range(1 + wide):
        total = zero3(ld(ws, g, out))
        at = rows + 3 * block * mi[N.max_chain]
        for k in range(count):
            total = add_scaled(total, ld3(ws, g, at + 3 * k), ld(ws, g, x + mi[chain + k]))
        st3(ws, g, out + 3 * block, total)


@ti.func
def push(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, c, f, out, wide):
    """Subtract J' f from the vector at `out`."""
    pair = ld(wi, g, mi[AT.contact_pair] + c)
    chain, count = mi[AT.chain_dof] + mi[mi[AT.pair_chain_start] + pair], mi[mi[AT.pair_chain_count] + pair]
    rows = mi[AT.contact_jacobian] + 6 * c * mi[N.max_chain]
    for block in range(1 + wide):
        force = ld3(ws, g, f + 3 * block)
        at = rows + 3 * block * mi[N.max_chain]
        for k in range(count):
            dof = out + mi[chain + k]
            st(ws, g, dof, ld(ws, g, dof) - dot(ld3(ws, g, at + 3 * k), force))


@ti.func
def contact_force(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, c):
    """contact_residual -> contact_force and contact_weight; returns 1 when the weight changed in any lane."""
    wide = is_wide(mi, wi, g, c)
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
    changed = replace(ws, g, w, stick * d.x + slides * mu * mu)
    changed = changed + replace(ws, g, w + 1, side * e1 * f.x) + replace(ws, g, w + 2, side * e2 * f.x)
    changed = changed + replace(ws, g, w + 3, stick * d.y + f.x * f.x * (along * e1 * e1 + curve))
    changed = changed + replace(ws, g, w + 4, f.x * f.x * along * e1 * e2)
    changed = changed + replace(ws, g, w + 5, stick * d.z + f.x * f.x * (along * e2 * e2 + curve))
    if wide:
        dr = ld3(ws, g, mi[AT.contact_diagonal] + 6 * c + 3)
        s = mul3(er, df)
        changed = changed + replace3(ws, g, w + 6, scale(s, side))
        changed = (
            changed + replace3(ws, g, w + 9, scale(s, along * e1 * f.x)) + replace3(ws, g, w + 12, scale(s, along * e2 * f.x))
        )
        changed = changed + replace3(
            ws, g, w + 15, add(scale(dr, stick), add(scale(mul3(s, s), along), scale(mul3(df, df), curve)))
        )
        changed = changed + replace3(ws, g, w + 18, vec3(along * s.x * s.y, along * s.x * s.z, along * s.y * s.z))
    return any_lane(changed > 0.0)


@ti.func
def replace(ws: ti.template(), g, slot, value):
    """Store a value; 1 in lanes where it is another than before."""
    before = ld(ws, g, slot)
    st(ws, g, slot, value)
    return ti.select(before == value, like(value, 0.0), like(value, 1.0))


@ti.func
def replace3(ws: ti.template(), g, slot, v):
    return replace(ws, g, slot, v.x) + replace(ws, g, slot + 1, v.y) + replace(ws, g, slot + 2, v.z)


@ti.func
def weigh(ws: ti.template(), g, w, j):
    """Weight matrix, translation block, times a column of J."""
    a, b, c = ld(ws, g, w + 1), ld(ws, g, w + 2), ld(ws, g, w + 4)
    return vec3(
        ld(ws, g, w) * j.x + a * j.y + b * j.z,
        a * j.x + ld(ws, g, w + 3) * j.y + c * j.z,
        b * j.x + c * j.y + ld(ws, g, w + 5) * j.z,
    )


@ti.func
def add_hessian(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, c):
    """hessian += J' W J over the dof chain of contact c."""
    pair = ld(wi, g, mi[AT.contact_pair] + c)
    chain, count = mi[AT.chain_dof] + mi[mi[AT.pair_chain_start] + pair], mi[mi[AT.pair_chain_count] + pair]
    rows = mi[AT.contact_jacobian] + 6 * c * mi[N.max_chain]
    turn = rows + 3 * mi[N.max_chain]
    w = mi[AT.contact_weight] + 21 * c
    if is_wide(mi, wi, g, c):
        for k in range(count):
            j, r = ld3(ws, g, rows + 3 * k), ld3(ws, g, turn + 3 * k)
            mixed0, mixed1, mixed2 = ld3(ws, g, w + 6), ld3(ws, g, w + 9), ld3(ws, g, w + 12)
            wj = add(weigh(ws, g, w, j), vec3(dot(mixed0, r), dot(mixed1, r), dot(mixed2, r)))
            d, o = ld3(ws, g, w + 15), ld3(ws, g, w + 18)
            wr = vec3(d.x * r.x + o.x * r.y + o.y * r.z, o.x * r.x + d.y * r.y + o.z * r.z, o.y * r.x + o.z * r.y + d.z * r.z)
            wr = add(wr, add(add(scale(mixed0, j.x), scale(mixed1, j.y)), scale(mixed2, j.z)))
            i = mi[chain + k]
            row = mi[AT.hessian] + i * (i + 1) // 2
            for e in range(k + 1):
                slot = row + mi[chain + e]
                st(ws, g, slot, ld(ws, g, slot) + dot(wj, ld3(ws, g, rows + 3 * e)) + dot(wr, ld3(ws, g, turn + 3 * e)))
    else:
        for k in range(count):
            wj = weigh(ws, g, w, ld3(ws, g, rows + 3 * k))
            i = mi[chain + k]
            row = mi[AT.hessian] + i * (i + 1) // 2
            for e in range(k + 1):
                slot = row + mi[chain + e]
                st(ws, g, slot, ld(ws, g, slot) + dot(wj, ld3(ws, g, rows + 3 * e)))


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
def line_slope(mi: ti.template(), ws: ti.template(), g, c, alpha):
    """First and second derivative of the contact's cost at x + alpha y."""
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
