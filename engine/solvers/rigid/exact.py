"""The exact contact model: Signorini's condition across the surface and Coulomb's law along it, on the convex solver.

The relaxed problem asks for a residual in the dual cone, so a contact that slides at speed v also separates at about mu v: a
cube launched flat at 6 m/s lifts by centimetres. De Saxce's change of variable removes it: the same convex problem is solved
with the normal reference lowered by the norm of the tangential residual, s = |f o x_t|, and repeated from there until s stays
(Cadoux 2009; Acary and Cadoux 2013). The first s is that of the last acceleration under the present slip, which is right for a
contact that keeps sliding, so most steps need no repetition. An s too large by x takes x off the normal acceleration, hence
mu x off the braking and mu^2 x off what s comes from: for a body that slides as a whole the repetition alone would leave
mu^2 / (1 + mu^2) of an error, and a step 1 + mu^2 times as long leaves none.
Renewing s inside Newton's iterations instead costs 1.1 to 1.4 times the relaxed model, not 1.7 to 2.1, but an s of an iterate
that is not solved made blows hard to solve: 26 of 48 pyramids struck by a ball did not converge, where this has one.
Limits: at most ROUNDS repetitions, to a change of FLOOR and of TOLERANCE relative to s; what is left shows as a normal
acceleration of that size.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import absolute, like, maximum, minimum
from engine.math.memory import ld, ld3, st
from engine.math.vec3 import dot, mul3, vec3
from engine.solvers.rigid.pyramid import PYRAMID, pyramid_norm

EXACT = 0  # value of the size word contact_model
ROUNDS = 2
TOLERANCE, FLOOR = 0.01, 0.1  # relative change, and change in m/s^2, that count as the same
LONGEST = 1.9  # of a step, for friction so high that a longer one could swing


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
def shift_contacts(mi: ti.template(), ws: ti.template(), g, contacts, first):
    """Lower the normal references to the slip of the present solution (of the guess when `first` is 1); 1 in lanes where that
    changed something.
    """
    again = like(ld(ws, g, mi[AT.active_rows]), 0.0)
    for c in range(contacts):
        at = mi[AT.contact_residual] + 6 * c
        friction = ld3(ws, g, mi[AT.contact_friction] + 3 * c)
        wanted = cone_norm(mi, friction, ld3(ws, g, at), ld3(ws, g, at + 3))
        before = ld(ws, g, mi[AT.contact_shift] + c)
        acts = ld(ws, g, mi[AT.contact_diagonal] + 6 * c) > 0.0
        moves = acts & (absolute(wanted - before) > (TOLERANCE * wanted + FLOOR) * (1 - first))
        length = minimum(1.0 + friction.x * friction.x * (1 - first), like(before, LONGEST))
        change = ti.select(moves, maximum(length * (wanted - before), 0.0 - before), like(before, 0.0))
        st(ws, g, mi[AT.contact_shift] + c, before + change)
        st(ws, g, at, ld(ws, g, at) + change)
        reference = mi[AT.contact_reference] + 6 * c
        st(ws, g, reference, ld(ws, g, reference) - change)
        again = ti.select(moves, like(again, 1.0), again)
    return again
