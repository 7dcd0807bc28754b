"""What a vertex feels from outside its mesh: its inertia and its contacts, and the step that it takes.

A contact is a plane with a normal force that grows by its stiffness (augmented Lagrangian) and friction that is a spring of
the slip, cut at the Coulomb cone. Friction is bounded by the normal force of the sweep before: with the one of the same moment
it has no energy, and vertices jump between pressing and free for ever (a sliding block was braked by that).
"""

from engine.compiler import ti
from engine.math.lanes import any_lane, like, maximum
from engine.math.vec3 import add, add_scaled, dot, scale, select3, sub, vec3
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.laws import add_diagonal, add_outer, block_solve, block_times, row3


@ti.func
def inertia(prm: ti.template(), e):
    """Factor of mass in the block: 1/dt^2, with BDF2 9/(4 dt^2)."""
    dt = prm[e, col.DT]
    w = 1.0 / (dt * dt)
    if prm[e, col.BDF2] > 0.5:
        w = 2.25 * w
    return w


@ti.func
def press(ws: ti.template(), e, at, x):
    """Normal force of the contact at row `at` for a vertex at x."""
    n = row3(ws, e, at + col.NORMAL)
    gap = dot(n, x) - ws[e, at + col.OFFSET]
    return maximum(ws[e, at + col.PRESS] - ws[e, at + col.GRIP] * gap, like(x.x, 0.0))


@ti.func
def rub(ws: ti.template(), e, at, x, start, pushed):
    """Friction force on the vertex and whether it sticks: the spring of the slip, cut at the Coulomb cone."""
    n = row3(ws, e, at + col.NORMAL)
    slip = sub(sub(x, start), row3(ws, e, at + col.MOTION))
    slip = add_scaled(slip, n, 0.0 - dot(slip, n))
    t = add_scaled(row3(ws, e, at + col.RUB), slip, 0.0 - ws[e, at + col.GRIP])
    size = ti.sqrt(dot(t, t))
    most = ws[e, at + col.FRICTION] * pushed
    keep = ti.select(size > most, most / maximum(size, like(size, 1e-30)), like(size, 1.0))
    return scale(t, keep), keep


@ti.func
def contact(ws: ti.template(), e, at, x, start, f, h):
    """Force and Hessian of one contact; friction is bounded by the normal force of the last sweep."""
    grip = ws[e, at + col.GRIP]
    pushed = press(ws, e, at, x)
    n = row3(ws, e, at + col.NORMAL)
    t, keep = rub(ws, e, at, x, start, ws[e, at + col.BEARING])
    f = add(add_scaled(f, n, pushed), t)
    on = ti.select(pushed > 0.0, grip, like(grip, 0.0))
    side = grip * keep
    h = add_outer(add_diagonal(h, side), n, on - side)
    return f, h


@ti.func
def contact_step(ws: ti.template(), e, base, x, start, f, h):
    """Step of a vertex with force f and Hessian h of all but its contacts: Newton on the piecewise quadratic energy of these.

    One turn can jump between pressing and free for ever; the second one ends on the right side (one kink: Newton of a convex
    function). Friction with the normal force of the same turn is no energy, and such a vertex cycles; half of the new normal
    force per sweep bounds it instead.
    """
    first = base + col.CONTACT
    o = like(x.x, 0.0)
    d = vec3(o, o, o)
    some = any_lane(ws[e, first + col.GRIP] + ws[e, first + col.CONTACT_WIDTH + col.GRIP] > 0.0)
    for _ in range(1 + some):
        fc, hc = sub(f, block_times(h, d)), h
        for c in range(col.CONTACTS * some):
            fc, hc = contact(ws, e, first + c * col.CONTACT_WIDTH, add(x, d), start, fc, hc)
        d = add(d, block_solve(hc, fc))
    for c in range(col.CONTACTS * some):
        at = first + c * col.CONTACT_WIDTH
        ws[e, at + col.BEARING] = 0.5 * (ws[e, at + col.BEARING] + press(ws, e, at, add(x, d)))
    return d


@ti.func
def bounded(prm: ti.template(), e, new, start):
    """The place `new`, not farther from the begin of the substep than the environment allows (0: no limit)."""
    bound = prm[e, col.BOUND]
    if bound > 0.0:
        way = sub(new, start)
        far = ti.sqrt(dot(way, way))
        new = select3(far > bound, add_scaled(start, way, bound / maximum(far, like(far, 1e-30))), new)
    return new
