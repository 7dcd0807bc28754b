"""The exact contact model: Signorini's condition across the surface and Coulomb's law along it, on the convex solver.

The relaxed problem asks for a residual in the dual cone, so a contact that slides at speed v also separates at about mu v: a
cube launched flat at 6 m/s lifts by centimetres. De Saxce's change of variable removes it: the same convex problem is solved
with the normal reference lowered by the norm of the tangential residual, s = |f o x_t| (Cadoux 2009; Acary and Cadoux 2013).
The first s is that of the last acceleration under the present slip, which is right for a contact that keeps sliding. Newton's
iterations and the renewal of s are interleaved: each of the first SHIFTS iterations of a substep is followed by one renewal.
Solving to the end between renewals took 1.7 to 2.1 times the time of the relaxed model and left larger errors of s;
interleaved it takes 1.1 to 1.4 times (`benchmarks/rigid/contact_models.py`). A step of s longer than the way to the present
slip, which is right for a single sliding body (1 + mu^2), made heaps and robots worse.
Limits: after SHIFTS renewals, or at a change below FLOOR and TOLERANCE relative to s, s stays; what is left shows as a normal
acceleration of that size: in falling robots and heaps about a sixth of s in the mean, less than solving to the end left.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import absolute, like
from engine.math.memory import ld, ld3, st
from engine.math.vec3 import dot, mul3, vec3
from engine.solvers.rigid.pyramid import PYRAMID, pyramid_norm

EXACT = 0  # value of the size word contact_model
SHIFTS = 4  # renewals of s in a substep
TOLERANCE, FLOOR = 0.01, 0.1  # relative change, and change in m/s^2, that count as the same


@ti.func
def cone_norm(mi: ti.template(), friction, x, turn):
    """|f o x_t| over the sliding rows of `x` (its first is the normal) and the torsion and rolling rows `turn`; of a pyramid
    the largest of them.
    """
    slide = friction.x * friction.x * (x.y * x.y + x.z * x.z)
    twist = mul3(turn, vec3(friction.y, friction.z, friction.z))
    norm = ti.sqrt(slide + dot(twist, twist))
    if mi[N.cone] == PYRAMID:
        norm = pyramid_norm(friction, x, turn)
    return norm


@ti.func
def guess_shifts(mi: ti.template(), ws: ti.template(), g, contacts):
    """Lower the normal references to the slip of the first iterate."""
    for c in range(contacts):
        take_off(mi, ws, g, c, wanted_shift(mi, ws, g, c))


@ti.func
def renew_shifts(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, live, moving):
    """Lower the normal references to the slip of the present iterate in the lanes of `moving`; above 0 in lanes where that
    changed something.
    """
    again = like(ld(ws, g, mi[AT.active_rows]), 0.0)
    for n in range(live):
        c = ld(wi, g, mi[AT.live_contact] + n)
        wanted, before = wanted_shift(mi, ws, g, c), ld(ws, g, mi[AT.contact_shift] + c)
        acts = ld(ws, g, mi[AT.contact_diagonal] + 6 * c) > 0.0
        moves = moving & acts & (absolute(wanted - before) > TOLERANCE * wanted + FLOOR)
        take_off(mi, ws, g, c, ti.select(moves, wanted - before, like(before, 0.0)))
        again = ti.select(moves, like(again, 1.0), again)
    return again


@ti.func
def wanted_shift(mi: ti.template(), ws: ti.template(), g, c):
    """The slip of the residual of contact c."""
    at = mi[AT.contact_residual] + 6 * c
    return cone_norm(mi, ld3(ws, g, mi[AT.contact_friction] + 3 * c), ld3(ws, g, at), ld3(ws, g, at + 3))


@ti.func
def take_off(mi: ti.template(), ws: ti.template(), g, c, change):
    """Lower the normal reference of contact c by `change`."""
    shift, at, reference = mi[AT.contact_shift] + c, mi[AT.contact_residual] + 6 * c, mi[AT.contact_reference] + 6 * c
    st(ws, g, shift, ld(ws, g, shift) + change)
    st(ws, g, at, ld(ws, g, at) + change)
    st(ws, g, reference, ld(ws, g, reference) - change)
