"""From acceleration to the next state: semi-implicit Euler, quaternions by the exponential map, impulses of contacts.

v' = v + h a, q' = q + h v'; the angular velocity of free and ball joints is in the body frame, so their rotation is multiplied
on the right. Under integrator 1 the damping is implicit here, as in MuJoCo: (M + h D) a = f. A lane whose next state is not
finite keeps the old one, gets NOT_FINITE and stays still until it is reset.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import any_lane, like, maximum
from engine.math.memory import ld, ld3, ld_quat, ldm, st, st3, st_quat
from engine.math.quat import quat_exp, quat_mul, quat_normalized
from engine.math.vec3 import add, add_scaled, dot, scale, select3, tangents
from engine.solvers.rigid.factor import factor_metric, solve_metric
from engine.types import JointType

FREE, BALL = int(JointType.FREE), int(JointType.BALL)
NOT_FINITE_SLOT = 0  # bit of Fault.NOT_FINITE


@ti.func
def integrate(
    mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g, extended: ti.template()
):
    """acceleration -> qacc, qvel, qpos, kinematic poses, time, qacc_warmstart, and the pair sums of the contacts."""
    h = ldm(mf, g, mi[AT.timestep])
    step_acceleration(mi, mf, ws, g)
    alive = finite_lanes(mi, ws, g, h)
    for i in range(mi[N.num_dofs]):
        a, v = ld(ws, g, mi[AT.direction] + i), ld(ws, g, mi[AT.qvel] + i)
        kept = ld(ws, g, mi[AT.acceleration] + i)
        st(ws, g, mi[AT.qacc] + i, kept)
        st(ws, g, mi[AT.qacc_warmstart] + i, ti.select(alive, kept, ld(ws, g, mi[AT.qacc_warmstart] + i)))
        st(ws, g, mi[AT.qvel] + i, ti.select(alive, v + h * a, v))
    move_joints(mi, ws, g, h, alive)
    move_kinematic(mi, ws, g, h, alive)
    accumulate_contacts(mi, ws, wi, g, h, alive)
    time = ld(ws, g, mi[AT.time])
    st(ws, g, mi[AT.time], ti.select(alive, time + h, time))
    fault = mi[AT.fault] + NOT_FINITE_SLOT
    st(ws, g, fault, ti.select(alive, ld(ws, g, fault), like(h, 1.0)))


@ti.func
def step_acceleration(mi: ti.template(), mf: ti.template(), ws: ti.template(), g):
    """The acceleration that makes the step, in `direction`: that of the solver, or with implicit damping under integrator 1."""
    if mi[N.integrator] == 0:
        for i in range(mi[N.num_dofs]):
            st(ws, g, mi[AT.direction] + i, ld(ws, g, mi[AT.acceleration] + i))
    else:
        free = ld(ws, g, mi[AT.active_rows]) <= 0.0
        for i in range(mi[N.num_dofs]):
            total = ld(ws, g, mi[AT.metric_acceleration] + i) - ld(ws, g, mi[AT.gradient] + i)
            st(ws, g, mi[AT.direction] + i, ti.select(free, ld(ws, g, mi[AT.smooth_force] + i), total))
        factor_metric(mi, mf, ws, g, 1.0)
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
def move_joints(mi: ti.template(), ws: ti.template(), g, h, alive):
    """Advance qpos by h qvel, rotations by the exponential map; lanes not `alive` stay."""
    for j in range(mi[N.num_joints]):
        kind, at, dof = (
            mi[mi[AT.joint_type] + j],
            mi[AT.qpos] + mi[mi[AT.joint_qpos_start] + j],
            mi[AT.qvel] + mi[mi[AT.joint_dof_start] + j],
        )
        count = 1
        if kind == FREE:
            count = 3
        if kind == BALL:
            count = 0
        for k in range(count):
            q = ld(ws, g, at + k)
            st(ws, g, at + k, ti.select(alive, q + h * ld(ws, g, dof + k), q))
        if kind == FREE or kind == BALL:
            q, w = ld_quat(ws, g, at + count), ld3(ws, g, dof + count)
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
def accumulate_contacts(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, h, alive):
    """Add the substep's contact forces to the sums of their pairs; points of a pair lie in consecutive slots."""
    zero, one = h * 0.0, like(h, 1.0)
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
            t1, t2 = tangents(n)
            force = add(add(scale(n, f.x), scale(t1, f.y)), scale(t2, f.z))
            at, point = mi[AT.pair_impulse] + 3 * pair, mi[AT.pair_point] + 3 * pair
            p, old, now = ld3(ws, g, at), ld3(ws, g, point), ld3(ws, g, mi[AT.contact_position] + 3 * c)
            moved = add_scaled(p, force, h)
            st3(ws, g, at, select3(pushes, moved, p))
            st3(ws, g, point, select3(pushes, now, old))
            hit = ti.select(pushes, one, zero)
            st(ws, g, mi[AT.pair_touch] + pair, ld(ws, g, mi[AT.pair_touch] + pair) + maximum(hit - touched, zero))
            touched = maximum(touched, hit)
