"""From acceleration to the next state: semi-implicit Euler, quaternions by the exponential map, impulses of contacts.

v' = v + h a, q' = q + h v'; the angular velocity of free and ball joints is in the body frame, so their rotation is multiplied
on the right. Under integrator 0 with the exact contact model fast bodies keep their spin (`gyroscopic`); with MuJoCo's it is
MuJoCo's `discrete` step. Under integrator 1 the damping is implicit here, as in MuJoCo: (M + h D) a = f. A lane whose next
state is not finite keeps the old one, gets NOT_FINITE and stays still until it is reset.
The integrators of the extended chain are in `runge_kutta` and `velocity_implicit`.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import any_lane, like, maximum
from engine.math.memory import ld, ld3, ld_quat, ldm, st, st3, st_quat
from engine.math.quat import quat_exp, quat_mul, quat_normalized
from engine.math.vec3 import add, add_scaled, cross, dot, scale, select3
from engine.solvers.rigid.actuators import advance_activations
from engine.solvers.rigid.exact import EXACT
from engine.solvers.rigid.factor import factor_metric, solve_metric
from engine.solvers.rigid.gyroscopic import keep_spin
from engine.solvers.rigid.runge_kutta import RK4, STAGES, add_stage, ahead_of, begin_stages, return_to_base, weight_of
from engine.solvers.rigid.velocity_implicit import IMPLICIT_FAST, implicit_direction
from engine.types import JointType

EULER = 1  # value of the size word integrator
FREE, BALL = int(JointType.FREE), int(JointType.BALL)
NOT_FINITE_SLOT = 0  # bit of Fault.NOT_FINITE


@ti.func
def integrate(
    mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g, extended: ti.template()
):
    """acceleration -> qacc, qvel, qpos, kinematic poses, time, qacc_warmstart, and the pair sums of the contacts. Returns 1
    when the substep is done; integrators of several stages return 0 until their last.
    """
    h = ldm(mf, g, mi[AT.timestep])
    done, weight, ahead = 1, 1.0, 1.0
    step_acceleration(mi, mf, ws, g)
    velocity, moved = mi[AT.qvel], h
    if ti.static(extended):
        if mi[N.integrator] >= IMPLICIT_FAST:
            implicit_direction(mi, mf, ws, wi, g)
        if mi[N.integrator] == RK4:
            stage = ld(wi, g, mi[AT.stage])
            weight, ahead, velocity = weight_of(stage), 0.5 * (1 - stage % 2), mi[AT.stage_slope]
            done = run_stage(mi, ws, wi, g, stage, h)
            if done == 0:
                moved = h * ahead_of(stage)
    alive = finite_lanes(mi, ws, g, h)
    if ti.static(extended):
        activations = mi[AT.activation]
        if mi[N.integrator] == RK4:
            activations = mi[AT.stage_activation_base]
        advance_activations(mi, mf, ws, g, moved, alive, activations, done)
    for i in range(mi[N.num_dofs]):
        a, v = ld(ws, g, mi[AT.direction] + i), ld(ws, g, mi[AT.qvel] + i)
        kept = ld(ws, g, mi[AT.acceleration] + i)
        st(ws, g, mi[AT.qacc] + i, kept)
        if done == 1:
            st(ws, g, mi[AT.qacc_warmstart] + i, ti.select(alive, kept, ld(ws, g, mi[AT.qacc_warmstart] + i)))
        st(ws, g, mi[AT.qvel] + i, ti.select(alive, v + moved * a, v))
    move_joints(mi, ws, g, moved, alive, velocity)
    move_kinematic(mi, ws, g, h * ahead, alive)
    accumulate_contacts(mi, ws, wi, g, h, weight, alive)
    if done == 1:
        time = ld(ws, g, mi[AT.time])
        st(ws, g, mi[AT.time], ti.select(alive, time + h, time))
        fault = mi[AT.fault] + NOT_FINITE_SLOT
        st(ws, g, fault, ti.select(alive, ld(ws, g, fault), like(h, 1.0)))
    return done


@ti.func
def run_stage(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, stage, h):
    """One stage of Runge-Kutta: the base state again, with the slopes that lead on from it. Returns 1 at the last."""
    if stage == 0:
        begin_stages(mi, ws, g)
    add_stage(mi, ws, g, stage, h)
    return_to_base(mi, ws, g)
    st(wi, g, mi[AT.stage], (stage + 1) % STAGES)
    return ti.cast(stage == STAGES - 1, ti.i32)


@ti.func
def step_acceleration(mi: ti.template(), mf: ti.template(), ws: ti.template(), g):
    """The acceleration that makes the step, in `direction`: that of the solver, or with implicit damping under integrator 1."""
    if mi[N.integrator] == 0 or mi[N.integrator] == RK4:
        for i in range(mi[N.num_dofs]):
            st(ws, g, mi[AT.direction] + i, ld(ws, g, mi[AT.acceleration] + i))
        if mi[N.integrator] == 0 and mi[N.contact_model] == EXACT:
            keep_spin(mi, mf, ws, g, ldm(mf, g, mi[AT.timestep]))
    else:
        free = ld(ws, g, mi[AT.active_rows]) <= 0.0
        for i in range(mi[N.num_dofs]):
            total = ld(ws, g, mi[AT.metric_acceleration] + i) - ld(ws, g, mi[AT.gradient] + i)
            st(ws, g, mi[AT.direction] + i, ti.select(free, ld(ws, g, mi[AT.smooth_force] + i), total))
        if mi[N.integrator] == EULER:
            factor_metric(mi, mf, ws, g, 1.0 - mi[N.explicit_damping])
            solve_metric(mi, ws, g, mi[AT.direction])


@ti.func
def finite_lanes(mi: ti.template(), ws: ti.template(), g, h):
    """Mask of the lanes whose next state is finite and that have no such fault yet."""
    sum_of_zeros = ld(ws, g, mi[AT.fault] + NOT_FINITE_SLOT)
    for i in range(mi[N.num_dofs]):
        v = ld(ws, g, mi[AT.qvel] + i) + h * ld(ws, g, mi[AT.direction] + i)
        sum_of_zeros = sum_of_zeros + v * v * 0.0
    for i in range(mi[N.num_qpos]):
        q = ld(ws, g, mi[AT.qpos] + i)
        sum_of_zeros = sum_of_zeros + q * q * 0.0
    return sum_of_zeros == 0.0


@ti.func
def move_joints(mi: ti.template(), ws: ti.template(), g, h, alive, velocity):
    """Advance qpos by h times the velocities from slot `velocity` on, rotations by the exponential map; lanes not `alive`
    stay.
    """
    for j in range(mi[N.num_joints]):
        kind, at, dof = (
            mi[mi[AT.joint_type] + j],
            mi[AT.qpos] + mi[mi[AT.joint_qpos_start] + j],
            velocity + mi[mi[AT.joint_dof_start] + j],
        )
        count = 1
        if kind == FREE:
            count = 3
        if kind == BALL:
            count = 0
        spins = (kind == FREE or kind == BALL) and mi[N.integrator] == 0 and mi[N.contact_model] == EXACT
        for k in range(count):
            q, v = ld(ws, g, at + k), ld(ws, g, dof + k)
            if spins:
                v = v + ld(ws, g, mi[AT.spin_offset] + 6 * j + k)
            st(ws, g, at + k, ti.select(alive, q + h * v, q))
        if kind == FREE or kind == BALL:
            q, w = ld_quat(ws, g, at + count), ld3(ws, g, dof + count)
            if spins:
                w = add(w, ld3(ws, g, mi[AT.spin_offset] + 6 * j + 3))
            turn_by(ws, g, at + count, q, quat_mul(q, quat_exp(scale(w, h))), alive)


@ti.func
def turn_by(ws: ti.template(), g, at, old, new, alive):
    """Store a rotation, or keep the old one in lanes that stand."""
    q = quat_normalized(new)
    q.w, q.x = ti.select(alive, q.w, old.w), ti.select(alive, q.x, old.x)
    q.y, q.z = ti.select(alive, q.y, old.y), ti.select(alive, q.z, old.z)
    st_quat(ws, g, at, q)


@ti.func
def move_kinematic(mi: ti.template(), ws: ti.template(), g, h, alive):
    """Bodies with a prescribed motion follow their velocity; the angular part is in W, so it multiplies on the left."""
    for k in range(mi[N.num_kinematic]):
        speed = mi[AT.kinematic_velocity] + 6 * k
        step = ti.select(alive, h, h * 0.0)
        st3(
            ws,
            g,
            mi[AT.kinematic_position] + 3 * k,
            add_scaled(ld3(ws, g, mi[AT.kinematic_position] + 3 * k), ld3(ws, g, speed), step),
        )
        w = ld3(ws, g, speed + 3)
        if any_lane(dot(w, w) > 0.0):
            at = mi[AT.kinematic_rotation] + 4 * k
            q = ld_quat(ws, g, at)
            turn_by(ws, g, at, q, quat_mul(quat_exp(scale(w, h)), q), alive & (dot(w, w) > 0.0))


@ti.func
def accumulate_contacts(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, h, weight, alive):
    """Add the contact forces, which stand for `weight` of the substep, to the sums of their pairs; points of a pair lie in
    consecutive slots.
    """
    zero, one = h * 0.0, like(h, 1.0) * weight
    before, touched = -1, zero
    for c in range(ld(wi, g, mi[AT.num_contacts])):
        pair = ld(wi, g, mi[AT.contact_pair] + c)
        if pair != before:
            touched = zero
        before = pair
        f = ld3(ws, g, mi[AT.contact_force] + 6 * c)
        pushes = alive & (f.x > 0.0)
        if any_lane(pushes):
            n = ld3(ws, g, mi[AT.contact_normal] + 3 * c)
            t1 = ld3(ws, g, mi[AT.contact_tangent] + 3 * c)
            t2 = cross(n, t1)
            force = add(add(scale(n, f.x), scale(t1, f.y)), scale(t2, f.z))
            at, point = mi[AT.pair_impulse] + 3 * pair, mi[AT.pair_point] + 3 * pair
            p, old, now = ld3(ws, g, at), ld3(ws, g, point), ld3(ws, g, mi[AT.contact_position] + 3 * c)
            moved = add_scaled(p, force, h * weight)
            st3(ws, g, at, select3(pushes, moved, p))
            st3(ws, g, point, select3(pushes, now, old))
            hit = ti.select(pushes, one, zero)
            st(ws, g, mi[AT.pair_touch] + pair, ld(ws, g, mi[AT.pair_touch] + pair) + maximum(hit - touched, zero))
            touched = maximum(touched, hit)
