"""Rows of equality constraints and tendons: Jacobians, residuals, MuJoCo's soft reference and weight.

connect: r = p_1 - p_2 of the two anchors. weld: the same, and the vector part of q_2^-1 q_1 times torque_scale, whose rate is
half the vector part of q_2^-1 w q_1. joint and tendon: r = y - y0 - P(x - x0), P quartic. The reference of
body constraints leaves out what J' = dJ/dt adds to the acceleration of the residual. The impedance follows the norm of the
whole residual of a constraint, the spring each component (MuJoCo's "Computation" chapter). A tendon has a row for each limit,
one for dry friction, and under integrator 0 one without regularization for h D + h^2 K of its spring and damper, which couple
dofs that the sparse metric keeps apart. The diagonal of J M^-1 J' is approximated by inverse weights at qpos_initial.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import absolute, any_lane, like, maximum
from engine.math.memory import ld, ld3, ld_quat, ldm, ldm3, ldm_quat, st
from engine.math.quat import quat, quat_conj, quat_mul, rotate
from engine.math.spatial import ld6, velocity_at
from engine.math.vec3 import add, cross, dot, scale, sub, vec3, zero3
from engine.solvers.rigid.constraints import count_rows, impedance, spring_damper
from engine.solvers.rigid.kinematics import turns
from engine.solvers.rigid.rows import EQUALITY, FRICTION, LOWER, SPRING, UPPER
from engine.solvers.rigid.tendons import root_origin, spring_length

CONNECT, WELD, JOINT, TENDON = range(4)  # values of equality_type


@ti.func
def make_rows(mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """Equalities and tendons -> rows; lists those that act in any lane and counts them in active_rows."""
    for e in range(mi[N.num_equalities]):
        if mi[mi[AT.equality_type] + e] <= WELD:
            pose_rows(mi, mf, ws, g, e)
        else:
            coupling_row(mi, mf, ws, g, e)
    for t in range(mi[N.num_tendons]):
        tendon_rows(mi, mf, ws, g, t)
    st(wi, g, mi[AT.num_active_rows], 0)
    for r in range(mi[N.num_rows]):
        soften(mi, mf, ws, wi, g, r)


@ti.func
def put_row(mi: ti.template(), ws: ti.template(), g, r, position, size, speed, drift, inverse):
    """What `soften` reads; the speed waits in row_change."""
    st(ws, g, mi[AT.row_drift] + r, drift)
    st(ws, g, mi[AT.row_position] + r, position)
    st(ws, g, mi[AT.row_size] + r, size)
    st(ws, g, mi[AT.row_change] + r, speed)
    st(ws, g, mi[AT.row_inverse] + r, inverse)


@ti.func
def component(v, k):
    """Component k of a vector."""
    x = v.x
    if k == 1:
        x = v.y
    if k == 2:
        x = v.z
    return x


@ti.func
def turn_rate(q1, q2, w, torque_scale):
    """Rate of the rotation residual when body 1 turns at `w` against body 2."""
    zero = w.x * 0.0
    rate = quat_mul(quat_mul(quat_conj(q2), quat(zero, w.x, w.y, w.z)), q1)
    return scale(vec3(rate.x, rate.y, rate.z), 0.5 * torque_scale)


@ti.func
def relative_motion(mi: ti.template(), ws: ti.template(), g, e, entry, arm1, arm2):
    """Velocity of the first anchor against the second, and of the first body against the second: for a unit velocity of the dof
    of a row entry, or with entry -1 that of the bodies.
    """
    v, w = zero3(arm1.x), zero3(arm1.x)
    for part in range(turns(mi, 2)):
        motion, arm, sign, moves = mi[AT.body_velocity_W] + 6 * mi[mi[AT.equality_first] + e], arm1, 1.0, 0
        if part == 1:
            motion, arm, sign = mi[AT.body_velocity_W] + 6 * mi[mi[AT.equality_second] + e], arm2, -1.0
        if entry >= 0:
            motion, moves = mi[AT.dof_axis] + 6 * mi[mi[AT.row_dof] + entry], mi[mi[AT.row_first_part] + entry]
            if part == 1:
                moves = mi[mi[AT.row_second_part] + entry]
        if moves >= 0:
            axis = ld6(ws, g, motion)
            v, w = add(v, scale(velocity_at(axis, arm), sign)), add(w, scale(axis.a, sign))
    return v, w


@ti.func
def pose_rows(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, e):
    """Three rows of a connect, six of a weld."""
    b1, b2, row = mi[mi[AT.equality_first] + e], mi[mi[AT.equality_second] + e], mi[mi[AT.equality_row] + e]
    weld = mi[mi[AT.equality_type] + e] == WELD
    q1, q2 = ld_quat(ws, g, mi[AT.body_rotation_W] + 4 * b1), ld_quat(ws, g, mi[AT.body_rotation_W] + 4 * b2)
    at = mi[AT.equality_anchor] + 6 * e
    p1 = add(ld3(ws, g, mi[AT.body_position_W] + 3 * b1), rotate(q1, ldm3(mf, g, at)))
    p2 = add(ld3(ws, g, mi[AT.body_position_W] + 3 * b2), rotate(q2, ldm3(mf, g, at + 3)))
    arm1, arm2 = sub(p1, ld3(ws, g, root_origin(mi, b1))), sub(p2, ld3(ws, g, root_origin(mi, b2)))
    at = mi[AT.equality_turn] + 8 * e
    q1, q2 = quat_mul(q1, ldm_quat(mf, g, at)), quat_mul(q2, ldm_quat(mf, g, at + 4))
    torque_scale = ldm(mf, g, mi[AT.equality_torque_scale] + e)
    start, count = mi[mi[AT.row_entry_start] + row], mi[mi[AT.row_entry_count] + row]
    blocks = 1
    if weld:
        blocks = 2
    for k in range(count + 1):  # the last turn is the velocity of the bodies
        entry = -1
        if k < count:
            entry = start + k
        v, w = relative_motion(mi, ws, g, e, entry, arm1, arm2)
        if weld:
            w = turn_rate(q1, q2, w, torque_scale)
        for i in range(3 * blocks):
            value = component(v, i)
            if i >= 3:
                value = component(w, i - 3)
            if k < count:
                st(ws, g, mi[AT.row_jacobian] + start + i * count + k, value)
            else:
                st(ws, g, mi[AT.row_change] + row + i, value)
    pose_residual(mi, mf, ws, g, e, sub(p1, p2), quat_mul(quat_conj(q2), q1), torque_scale)
    if count > 0:
        pose_drift(mi, ws, g, e, arm1, arm2, q1, q2, torque_scale)


@ti.func
def pose_drift(mi: ti.template(), ws: ti.template(), g, e, arm1, arm2, q1, q2, torque_scale):
    """Second derivative of the residual at zero joint acceleration."""
    b1, b2, row = mi[mi[AT.equality_first] + e], mi[mi[AT.equality_second] + e], mi[mi[AT.equality_row] + e]
    v1, v2 = ld6(ws, g, mi[AT.body_velocity_W] + 6 * b1), ld6(ws, g, mi[AT.body_velocity_W] + 6 * b2)
    a1, a2 = ld6(ws, g, mi[AT.body_acceleration] + 6 * b1), ld6(ws, g, mi[AT.body_acceleration] + 6 * b2)
    along = sub(velocity_at(a1, arm1), velocity_at(a2, arm2))
    along = add(along, sub(cross(v1.a, velocity_at(v1, arm1)), cross(v2.a, velocity_at(v2, arm2))))
    count, turning = 3, zero3(arm1.x)
    if mi[mi[AT.equality_type] + e] == WELD:
        # q2^-1 w q1 changes by q2^-1 (w' + w1 x w2 - |w|^2 / 2) q1 with w = w1 - w2
        w, turn = sub(v1.a, v2.a), quat_mul(quat_conj(q2), q1)
        turning = turn_rate(q1, q2, add(sub(a1.a, a2.a), cross(v1.a, v2.a)), torque_scale)
        shrink = 0.25 * torque_scale * dot(w, w)
        count, turning = 6, sub(turning, scale(vec3(turn.x, turn.y, turn.z), shrink))
    for i in range(count):
        value = component(along, i)
        if i >= 3:
            value = component(turning, i - 3)
        st(ws, g, mi[AT.row_drift] + row + i, value)


@ti.func
def pose_residual(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, e, r, turn, torque_scale):
    """Residual, norm and inverse weight of the rows of a connect or weld."""
    b1, b2, row = mi[mi[AT.equality_first] + e], mi[mi[AT.equality_second] + e], mi[mi[AT.equality_row] + e]
    w = scale(vec3(turn.x, turn.y, turn.z), torque_scale)
    count, square = 3, dot(r, r)
    if mi[mi[AT.equality_type] + e] == WELD:
        count, square = 6, square + dot(w, w)
    size = ti.sqrt(square)
    at1, at2 = mi[AT.body_inverse_weight] + 2 * b1, mi[AT.body_inverse_weight] + 2 * b2
    for i in range(count):
        position, turning = component(r, i), 0
        if i >= 3:
            position, turning = component(w, i - 3), 1
        speed = ld(ws, g, mi[AT.row_change] + row + i)
        put_row(mi, ws, g, row + i, position, size, speed, size * 0.0, ldm(mf, g, at1 + turning) + ldm(mf, g, at2 + turning))


@ti.func
def coupling_row(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, e):
    """The row of a polynomial between two joints or two tendons, or of one that is held."""
    first, second, row = mi[mi[AT.equality_first] + e], mi[mi[AT.equality_second] + e], mi[mi[AT.equality_row] + e]
    tendons = mi[mi[AT.equality_type] + e] == TENDON
    c, at = mi[AT.equality_polynomial] + 5 * e, mi[AT.equality_reference] + 2 * e
    y, speed, inverse = coupled(mi, mf, ws, g, tendons, first)
    position, slope = y - ldm(mf, g, at) - ldm(mf, g, c), y * 0.0
    if second >= 0:
        x, rate, more = coupled(mi, mf, ws, g, tendons, second)
        x = x - ldm(mf, g, at + 1)
        c1, c2, c3, c4 = ldm(mf, g, c + 1), ldm(mf, g, c + 2), ldm(mf, g, c + 3), ldm(mf, g, c + 4)
        position = position - x * (c1 + x * (c2 + x * (c3 + x * c4)))
        slope = c1 + x * (2.0 * c2 + x * (3.0 * c3 + x * 4.0 * c4))
        speed, inverse = speed - slope * rate, inverse + more
    start = mi[mi[AT.row_entry_start] + row]
    for k in range(start, start + mi[mi[AT.row_entry_count] + row]):
        one, two = y * 0.0, y * 0.0
        part1, part2 = mi[mi[AT.row_first_part] + k], mi[mi[AT.row_second_part] + k]
        if part1 >= 0:
            one = like(y, 1.0)
            if tendons:
                one = ld(ws, g, mi[AT.tendon_jacobian] + part1)
        if part2 >= 0:
            two = slope
            if tendons:
                two = slope * ld(ws, g, mi[AT.tendon_jacobian] + part2)
        st(ws, g, mi[AT.row_jacobian] + k, one - two)
    put_row(mi, ws, g, row, position, absolute(position), speed, y * 0.0, inverse)


@ti.func
def coupled(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, tendons, n):
    """(coordinate, velocity, inverse weight) of tendon `n`, or of the joint of dof `n`."""
    at, speed, inverse = mi[AT.tendon_length] + n, mi[AT.tendon_velocity] + n, mi[AT.tendon_inverse_weight] + n
    if not tendons:
        at = mi[AT.qpos] + mi[mi[AT.joint_qpos_start] + mi[mi[AT.dof_joint] + n]]
        speed, inverse = mi[AT.qvel] + n, mi[AT.dof_inverse_weight] + n
    return ld(ws, g, at), ld(ws, g, speed), ldm(mf, g, inverse)


@ti.func
def tendon_rows(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, t):
    """Limits, dry friction and implicit spring of a tendon; a row that acts nowhere gets no Jacobian, and weight 0 later."""
    length, speed = ld(ws, g, mi[AT.tendon_length] + t), ld(ws, g, mi[AT.tendon_velocity] + t)
    inverse, at = ldm(mf, g, mi[AT.tendon_inverse_weight] + t), mi[AT.tendon_range] + 2 * t
    margin = ldm(mf, g, mi[AT.tendon_margin] + t)
    for k in range(turns(mi, 4)):
        row, sign = mi[mi[AT.tendon_row] + t] + k, like(length, 1.0)
        position = length - ldm(mf, g, at) - margin
        if k + LOWER == UPPER:
            sign, position = like(length, -1.0), ldm(mf, g, at + 1) - length - margin
        if k + LOWER >= FRICTION:
            position = length * 0.0
        put_row(mi, ws, g, row, position, absolute(position), sign * speed, length * 0.0, inverse)
        start, source = mi[mi[AT.row_entry_start] + row], mi[AT.tendon_jacobian] + mi[mi[AT.tendon_chain_start] + t]
        for n in range(mi[mi[AT.row_entry_count] + row]):
            st(ws, g, mi[AT.row_jacobian] + start + n, sign * ld(ws, g, source + n))


@ti.func
def row_acts(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, r):
    """Mask of the lanes in which the row acts."""
    kind, owner = mi[mi[AT.row_kind] + r], mi[mi[AT.row_owner] + r]
    measure = ld(ws, g, mi[AT.row_position] + r)
    if kind == EQUALITY:
        measure = 0.5 - ld(ws, g, mi[AT.equality_active] + owner)
    elif kind == FRICTION:
        measure = 0.0 - ldm(mf, g, mi[AT.tendon_friction_loss] + owner)
    elif kind == SPRING:
        stiffness, damping = implicit_spring(mi, mf, ws, g, owner)
        measure = 0.0 - stiffness - damping
        if mi[N.integrator] != 0:
            measure = measure * 0.0
    elif mi[mi[AT.tendon_limited] + owner] == 0:
        measure = measure * 0.0
    if mi[mi[AT.row_entry_count] + r] == 0:  # nothing can move either end
        measure = measure * 0.0
    return measure < 0.0


@ti.func
def implicit_spring(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, t):
    """Stiffness and damping of a tendon at its present length and velocity, neither negative."""
    k, d = ldm3(mf, g, mi[AT.tendon_stiffness] + 3 * t), ldm3(mf, g, mi[AT.tendon_damping] + 3 * t)
    x, v = spring_length(mi, mf, ws, g, t), ld(ws, g, mi[AT.tendon_velocity] + t)
    zero = x * 0.0
    stiffness = maximum(k.x + x * (2.0 * k.y + x * 3.0 * k.z), zero)
    low, high = ldm(mf, g, mi[AT.tendon_spring_range] + 2 * t), ldm(mf, g, mi[AT.tendon_spring_range] + 2 * t + 1)
    stiffness = ti.select((x != 0.0) | (low == high), stiffness, zero)
    return stiffness, maximum(d.x + 2.0 * absolute(v) * d.y + 3.0 * v * v * d.z, zero)


@ti.func
def soften(mi: ti.template(), mf: ti.template(), ws: ti.template(), wi: ti.template(), g, r):
    """Reference acceleration and weight of row `r`; lists the row when it acts in any lane."""
    kind, owner = mi[mi[AT.row_kind] + r], mi[mi[AT.row_owner] + r]
    active = row_acts(mi, mf, ws, g, r)
    if any_lane(active):
        h = ldm(mf, g, mi[AT.timestep])
        imp, ref = mi[AT.equality_solimp] + 5 * owner, mi[AT.equality_solref] + 2 * owner
        if kind != EQUALITY:
            imp, ref = mi[AT.tendon_limit_solimp] + 5 * owner, mi[AT.tendon_limit_solref] + 2 * owner
        if kind == FRICTION:
            imp, ref = mi[AT.tendon_friction_solimp] + 5 * owner, mi[AT.tendon_friction_solref] + 2 * owner
        dmax = ldm(mf, g, imp + 1)
        size, x, v = ld(ws, g, mi[AT.row_size] + r), ld(ws, g, mi[AT.row_position] + r), ld(ws, g, mi[AT.row_change] + r)
        d = impedance(ldm(mf, g, imp), dmax, ldm(mf, g, imp + 2), ldm(mf, g, imp + 3), ldm(mf, g, imp + 4), size)
        k, b = spring_damper(ldm(mf, g, ref), ldm(mf, g, ref + 1), dmax, h)
        weight = d / ((1.0 - d) * maximum(ld(ws, g, mi[AT.row_inverse] + r), like(h, 1e-15)))
        reference = 0.0 - b * v - k * d * x - ld(ws, g, mi[AT.row_drift] + r)
        if kind == SPRING:
            stiffness, damping = implicit_spring(mi, mf, ws, g, owner)
            weight = h * (damping + h * stiffness)
            reference = 0.0 - h * stiffness * v / maximum(weight, like(h, 1e-30))
        if kind == FRICTION:
            st(ws, g, mi[AT.row_bound] + r, ldm(mf, g, mi[AT.tendon_friction_loss] + owner))
        zero = h * 0.0
        st(ws, g, mi[AT.row_weight] + r, ti.select(active, weight, zero))
        st(ws, g, mi[AT.row_reference] + r, ti.select(active, reference, zero))
        st(ws, g, mi[AT.row_force] + r, zero)
        count = ld(wi, g, mi[AT.num_active_rows])
        st(wi, g, mi[AT.row_list] + count, r)
        st(wi, g, mi[AT.num_active_rows], count + 1)
        count_rows(mi, ws, g, active)
    else:
        st(ws, g, mi[AT.row_force] + r, ld(ws, g, mi[AT.row_position] + r) * 0.0)
