"""One substep of rigid bodies: the simulation calls update_kinematics, finds contacts, then `prepare` and `advance`."""

from engine.compiler import ti
from engine.solvers.rigid.constraints import make_constraints
from engine.solvers.rigid.dynamics import bias_force, mass_matrix, smooth_force, update_velocity
from engine.solvers.rigid.equality import make_rows
from engine.solvers.rigid.integrate import integrate
from engine.solvers.rigid.newton import solve_constraints
from engine.solvers.rigid.tendons import update_tendons

LIMITS = """\
Rigid bodies in trees of free, ball, hinge and slide joints, in generalized coordinates: semi-implicit Euler with implicit
springs, dampers, drives and actuator gains (integrator 0), or MuJoCo's Euler, Runge-Kutta of fourth order and implicit
integrators. Contacts, joint limits, dry friction, equality constraints (connect, weld, joint, tendon) and tendons (fixed;
spatial around spheres and cylinders) are one soft convex problem, solved by Newton's method with
elliptic or pyramidal cones; the exact contact model takes the
dilation of sliding contacts out of it. Not here: tendon armature. Bodies that touch fill the factor: meant for up to some
hundred dofs per environment that touch each other."""


def limits() -> str:
    """What this solver does and does not do, in words for people."""
    return LIMITS


@ti.func
def prepare(
    mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g, extended: ti.template()
):
    """Poses and contacts -> velocities, mass matrix, smooth forces and constraint rows."""
    update_velocity(mi, mf, md, ws, wi, g)
    if ti.static(extended):
        update_tendons(mi, mf, md, ws, wi, g)
    mass_matrix(mi, mf, md, ws, wi, g)
    bias_force(mi, mf, md, ws, wi, g)
    smooth_force(mi, mf, md, ws, wi, g, extended)
    make_constraints(mi, mf, md, ws, wi, g, extended)
    if ti.static(extended):
        make_rows(mi, mf, md, ws, wi, g)


@ti.func
def advance(
    mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g, extended: ti.template()
):
    """Solve for the acceleration and take the step, or one stage of it. Returns 1 when the step is done."""
    solve_constraints(mi, mf, md, ws, wi, g, extended)
    return integrate(mi, mf, md, ws, wi, g, extended)
