"""The pyramidal cone: the cost of one contact as a sum over the edges of the pyramid (Todorov 2014; MuJoCo's default cone).

Each sliding direction i has two edges with the residuals e = x0 +- f_i x_i, and each edge costs 1/2 D e^2 where e < 0. Summed
up they give one force and one Hessian in the rows of the contact, so that the solver sees no difference to the elliptic cone.
All edges of a contact share D = D0 / (2 mu^2), D0 that of the first edge and mu the friction over the root of impedance_ratio;
contact_diagonal holds D in the rows whose direction has edges, else 0. A contact without friction has four equal edges of a
quarter of its weight. Limits: friction is larger along the diagonals of the tangent frame than along its axes.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT
from engine.compiler import ti
from engine.math.lanes import absolute, like, maximum
from engine.math.memory import ld, ld3, st, st3
from engine.math.vec3 import mul3, vec3, zero3

PYRAMID = 1  # value of the size word cone


@ti.func
def pyramid_force(mi: ti.template(), ws: ti.template(), g, c, wide):
    """contact_residual -> contact_force and contact_weight; a number above 0 in lanes where the weight changed."""
    at, friction = mi[AT.contact_residual] + 6 * c, ld3(ws, g, mi[AT.contact_friction] + 3 * c)
    total, weight, changed = like(friction.x, 0.0), like(friction.x, 0.0), like(friction.x, 0.0)
    w, normal = mi[AT.contact_weight] + 21 * c, ld(ws, g, at)
    for part in range(1 + wide):
        x, d, f = ld3(ws, g, at + 3 * part), ld3(ws, g, mi[AT.contact_diagonal] + 6 * c + 3 * part), friction
        if part == 0:
            f = vec3(friction.x, friction.x, friction.x)
            d = vec3(d.x * 0.0, d.y, d.z)
        else:
            f = vec3(friction.y, friction.z, friction.z)
        t = mul3(f, x)
        a, b = pressed(normal, t, d), pressed(normal, vec3(0.0 - t.x, 0.0 - t.y, 0.0 - t.z), d)
        p = vec3(a.x * (normal + t.x), a.y * (normal + t.y), a.z * (normal + t.z))
        m = vec3(b.x * (normal - t.x), b.y * (normal - t.y), b.z * (normal - t.z))
        total = total + (p.x + m.x) + (p.y + m.y) + (p.z + m.z)
        weight = weight + (a.x + b.x) + (a.y + b.y) + (a.z + b.z)
        st3(ws, g, mi[AT.contact_force] + 6 * c + 3 * part, vec3(f.x * (m.x - p.x), f.y * (m.y - p.y), f.z * (m.z - p.z)))
        side = vec3(f.x * (a.x - b.x), f.y * (a.y - b.y), f.z * (a.z - b.z))
        own = vec3(f.x * f.x * (a.x + b.x), f.y * f.y * (a.y + b.y), f.z * f.z * (a.z + b.z))
        if part == 0:
            changed = changed + renew(ws, g, w + 1, side.y) + renew(ws, g, w + 2, side.z)
            changed = changed + renew(ws, g, w + 3, own.y) + renew(ws, g, w + 5, own.z)
        else:
            changed = changed + renew(ws, g, w + 6, side.x) + renew(ws, g, w + 7, side.y) + renew(ws, g, w + 8, side.z)
            changed = changed + renew(ws, g, w + 15, own.x) + renew(ws, g, w + 16, own.y) + renew(ws, g, w + 17, own.z)
    st(ws, g, mi[AT.contact_force] + 6 * c, 0.0 - total)
    return changed + renew(ws, g, w, weight)


@ti.func
def pressed(normal, t, d):
    """D of the edges normal + t, 0 where they are open."""
    zero = like(normal, 0.0)
    return vec3(
        ti.select(normal + t.x < 0.0, d.x, zero),
        ti.select(normal + t.y < 0.0, d.y, zero),
        ti.select(normal + t.z < 0.0, d.z, zero),
    )


@ti.func
def renew(ws: ti.template(), g, slot, value):
    """Store a value; 1 in lanes where it is another than before."""
    before = ld(ws, g, slot)
    st(ws, g, slot, value)
    return ti.select(before == value, like(value, 0.0), like(value, 1.0))


@ti.func
def pyramid_slope(mi: ti.template(), ws: ti.template(), g, c, wide, alpha):
    """First and second derivative of the contact's cost at contact_residual + alpha contact_change."""
    at, change = mi[AT.contact_residual] + 6 * c, mi[AT.contact_change] + 6 * c
    friction = ld3(ws, g, mi[AT.contact_friction] + 3 * c)
    first, second = alpha * 0.0, alpha * 0.0
    rate = ld(ws, g, change)
    normal = ld(ws, g, at) + alpha * rate
    for n in range(2 + 3 * wide):
        row, f = n + 1, friction.x
        if n == 2:
            f = friction.y
        if n > 2:
            f = friction.z
        d, y = ld(ws, g, mi[AT.contact_diagonal] + 6 * c + row), f * ld(ws, g, change + row)
        t = f * ld(ws, g, at + row) + alpha * y
        p = ti.select(normal + t < 0.0, d, first * 0.0) * (rate + y)
        m = ti.select(normal - t < 0.0, d, first * 0.0) * (rate - y)
        first = first + p * (normal + t) + m * (normal - t)
        second = second + p * (rate + y) + m * (rate - y)
    return first, second


@ti.func
def pyramid_norm(friction, x, turn):
    """The largest of the residuals along the sliding directions, each times its coefficient: what slip takes off x0."""
    slide = maximum(absolute(friction.x * x.y), absolute(friction.x * x.z))
    roll = maximum(absolute(friction.z * turn.y), absolute(friction.z * turn.z))
    return maximum(maximum(slide, roll), absolute(friction.y * turn.x))


@ti.func
def edge_weights(impedance, inverse, friction, mu, condim):
    """D of the rows 0 to 2 and 3 to 5 of a contact; see the head of this file for what they mean."""
    least = like(inverse, 1e-15)
    whole = impedance / ((1.0 - impedance) * maximum(inverse, least))
    edge = whole * 0.25
    turn = zero3(inverse)
    if condim > 1:
        first = impedance / ((1.0 - impedance) * maximum(inverse * (1.0 + friction.x * friction.x), least))
        edge = first / (2.0 * mu * mu)
    if condim > 3:
        turn.x = edge
    if condim > 4:
        turn.y, turn.z = edge, edge
    return vec3(whole, edge, edge), turn
