"""One substep of rigid bodies: the simulation calls update_kinematics, finds contacts, then `prepare` and `advance`."""

from engine.compiler import ti
from engine.solvers.rigid.constraints import make_constraints
from engine.solvers.rigid.dynamics import bias_force, mass_matrix, smooth_force, update_velocity
from engine.solvers.rigid.integrate import integrate
from engine.solvers.rigid.newton import solve_constraints

LIMITS = """\
Rigid bodies in trees of free, ball, hinge and slide joints, in generalized coordinates, semi-implicit Euler with implicit
springs, dampers, drives and actuator gains (integrator 0) or MuJoCo's Euler with implicit damping (integrator 1). Contacts,
joint limits and dry friction are MuJoCo's soft convex model with elliptic cones, solved by Newton's method.
Not here: closed loops and equality constraints, tendons, actuators with activation, pyramidal cones, Runge-Kutta. Sliding
contacts follow the relaxed cone, so a fast sliding body lifts a little, and a body held below the friction limit creeps
slowly. Contacts come from the current pose only, so a small fast body can pass through a thin one. The factor is dense within
its envelope: meant for up to some hundred dofs per environment that touch each other."""


def limits() -> str:
    """What this solver does and does not do, in words for people."""
    return LIMITS


@ti.func
def prepare(
    mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g, extended: ti.template()
):
    """Poses and contacts -> velocities, mass matrix, smooth forces and constraint rows."""
    update_velocity(mi, mf, md, ws, wi, g)
    mass_matrix(mi, mf, md, ws, wi, g)
    bias_force(mi, mf, md, ws, wi, g)
    smooth_force(mi, mf, md, ws, wi, g, extended)
    make_constraints(mi, mf, md, ws, wi, g, extended)


@ti.func
def advance(
    mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g, extended: ti.template()
):
    """Solve for the acceleration and take the step."""
    solve_constraints(mi, mf, md, ws, wi, g, extended)
    integrate(mi, mf, md, ws, wi, g, extended)
