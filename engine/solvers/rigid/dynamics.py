"""Velocities, mass matrix and smooth forces of the tree.

Composite-rigid-body algorithm for the mass matrix, recursive Newton-Euler for the bias force (Featherstone 2008, chapters 5
and 6). The velocity step works in a metric: mass matrix plus implicit terms on its diagonal. Integrator 0 puts h D + h^2 K of
springs, dampers, drives and actuators there, and the forces get -h K v, the stiffness force at the end of the step to first
order (MuJoCo's `discrete`). Integrator 1 (MuJoCo's Euler) has only the drives there; the damping joins after the constraint
solve.
Limits: implicit terms are diagonal; the stiffness of ball springs enters the metric as if isotropic.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import any_lane, clamp, like, maximum
from engine.math.memory import ld, ld3, ld_quat, ldm, ldm3, ldm_quat, st
from engine.math.quat import quat_conj, quat_log, quat_mul, quat_normalized, rotate
from engine.math.spatial import add6, cross_force, cross_motion, dot6, inertia_mul, ld6, ld_inertia, scale6, spatial, st6, zero6
from engine.math.vec3 import add, add_scaled, cross, dot, neg3, sub, zero3
from engine.solvers.rigid.actuators import drive_actuators
from engine.solvers.rigid.fluid import drag_bodies
from engine.solvers.rigid.runge_kutta import RK4
from engine.solvers.rigid.tendons import tendon_forces
from engine.types import JointType

FREE, BALL, SLIDE, HINGE = (int(kind) for kind in (JointType.FREE, JointType.BALL, JointType.SLIDE, JointType.HINGE))


@ti.func
def update_velocity(mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """qvel -> body_velocity_W and body_acceleration (at zero joint acceleration, gravity included)."""
    gravity = ldm3(mf, g, mi[AT.gravity])
    st6(ws, g, mi[AT.body_velocity_W], zero6(gravity.x))
    st6(ws, g, mi[AT.body_acceleration], spatial(zero3(gravity.x), neg3(gravity)))
    for b in range(1, mi[N.num_bodies]):
        parent, kinematic = mi[mi[AT.body_parent] + b], mi[mi[AT.body_kinematic] + b]
        v = ld6(ws, g, mi[AT.body_velocity_W] + 6 * parent)
        a = ld6(ws, g, mi[AT.body_acceleration] + 6 * parent)
        if kinematic >= 0:
            at = mi[AT.kinematic_velocity] + 6 * kinematic
            w = ld3(ws, g, at + 3)
            ref = ld3(ws, g, mi[AT.body_position_W] + 3 * mi[mi[AT.body_root] + b])
            origin = ld3(ws, g, at)
            v = spatial(w, add(origin, cross(w, sub(ref, ld3(ws, g, mi[AT.body_position_W] + 3 * b)))))
            # the origin moves uniformly, so the spatial acceleration of the body is that of a turning, translating frame
            a = spatial(zero3(w.x), sub(neg3(gravity), cross(w, origin)))
        first = mi[mi[AT.body_joint_start] + b]
        for j in range(first, first + mi[mi[AT.body_joint_count] + b]):
            kind, dof, count = mi[mi[AT.joint_type] + j], mi[mi[AT.joint_dof_start] + j], 1
            if kind == FREE:
                v = add6(v, spatial(zero3(v.a.x), ld3(ws, g, mi[AT.qvel] + dof)))
                dof += 3
            if kind == FREE or kind == BALL:
                count = 3
            before = add6(v, zero6(v.a.x))
            for d in range(dof, dof + count):
                axis, rate = ld6(ws, g, mi[AT.dof_axis] + 6 * d), ld(ws, g, mi[AT.qvel] + d)
                a = add6(a, scale6(cross_motion(before, axis), rate))
                v = add6(v, scale6(axis, rate))
        st6(ws, g, mi[AT.body_velocity_W] + 6 * b, v)
        st6(ws, g, mi[AT.body_acceleration] + 6 * b, a)


@ti.func
def mass_matrix(mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """Sparse rows of the joint-space inertia, armature on the diagonal."""
    bodies = mi[N.num_bodies]
    inertia, composite = mi[AT.body_spatial_inertia], mi[AT.body_composite_inertia]
    for k in range(10, 10 * bodies):
        st(ws, g, composite + k, ld(ws, g, inertia + k))
    for k in range(1, bodies):
        b = bodies - k
        parent = mi[mi[AT.body_parent] + b]
        if parent > 0:
            for e in range(10):
                st(
                    ws,
                    g,
                    composite + 10 * parent + e,
                    ld(ws, g, composite + 10 * parent + e) + ld(ws, g, composite + 10 * b + e),
                )
    for i in range(mi[N.num_dofs]):
        axis = ld6(ws, g, mi[AT.dof_axis] + 6 * i)
        f = inertia_mul(ld_inertia(ws, g, composite + 10 * mi[mi[AT.dof_body] + i]), axis)
        at = mi[AT.mass] + mi[mi[AT.dof_mass_start] + i]
        diagonal = dot6(axis, f) + ldm(mf, g, mi[AT.dof_armature] + i)
        st(ws, g, at, diagonal)
        st(ws, g, mi[AT.metric_diagonal] + i, diagonal)
        j = mi[mi[AT.dof_parent] + i]
        while j >= 0:
            at += 1
            st(ws, g, at, dot6(ld6(ws, g, mi[AT.dof_axis] + 6 * j), f))
            j = mi[mi[AT.dof_parent] + j]


@ti.func
def bias_force(mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """Recursive Newton-Euler: force that the joints would need for zero acceleration."""
    bodies, forces = mi[N.num_bodies], mi[AT.body_force]
    gravity = ldm3(mf, g, mi[AT.gravity])
    for b in range(bodies):
        st6(ws, g, forces + 6 * b, zero6(gravity.x))
    for k in range(1, bodies):
        b = bodies - k
        parent = mi[mi[AT.body_parent] + b]
        v = ld6(ws, g, mi[AT.body_velocity_W] + 6 * b)
        a = ld6(ws, g, mi[AT.body_acceleration] + 6 * b)
        weightless = 1.0 - ldm(mf, g, mi[AT.body_gravity_scale] + b)
        inertia = ld_inertia(ws, g, mi[AT.body_spatial_inertia] + 10 * b)
        f = inertia_mul(inertia, spatial(a.a, add_scaled(a.l, gravity, weightless)))
        f = add6(f, cross_force(v, inertia_mul(inertia, v)))
        f = add6(ld6(ws, g, forces + 6 * b), sub6(f, applied_wrench(mi, mf, ws, g, b)))
        st6(ws, g, forces + 6 * b, f)
        st6(ws, g, forces + 6 * parent, add6(ld6(ws, g, forces + 6 * parent), f))
    for i in range(mi[N.num_dofs]):
        f = ld6(ws, g, forces + 6 * mi[mi[AT.dof_body] + i])
        st(ws, g, mi[AT.bias] + i, dot6(ld6(ws, g, mi[AT.dof_axis] + 6 * i), f))


@ti.func
def sub6(p, q):
    return spatial(sub(p.a, q.a), sub(p.l, q.l))


@ti.func
def applied_wrench(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, b):
    """body_wrench about the root's origin."""
    at = mi[AT.body_wrench] + 6 * b
    force, torque = ld3(ws, g, at), ld3(ws, g, at + 3)
    if any_lane(dot(force, force) + dot(torque, torque) > 0.0):
        q = ld_quat(ws, g, mi[AT.body_rotation_W] + 4 * b)
        com = add(ld3(ws, g, mi[AT.body_position_W] + 3 * b), rotate(q, ldm3(mf, g, mi[AT.body_com] + 3 * b)))
        arm = sub(com, ld3(ws, g, mi[AT.body_position_W] + 3 * mi[mi[AT.body_root] + b]))
        torque = add(torque, cross(arm, force))
    return spatial(torque, force)


@ti.func
def smooth_force(
    mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g, extended: ti.template()
):
    """Everything but constraints: smooth_force, and the implicit terms of metric_diagonal."""
    h = ldm(mf, g, mi[AT.timestep])
    implicit = like(h, 1.0)
    if mi[N.integrator] != 0:
        implicit = like(h, 0.0)
    for i in range(mi[N.num_dofs]):
        damping = ldm(mf, g, mi[AT.dof_damping] + i)
        drag = 0.0 - damping * ld(ws, g, mi[AT.qvel] + i)
        st(ws, g, mi[AT.passive_force] + i, drag)
        st(ws, g, mi[AT.actuator_force] + i, like(h, 0.0))
        st(ws, g, mi[AT.smooth_force] + i, drag + ld(ws, g, mi[AT.joint_force] + i) - ld(ws, g, mi[AT.bias] + i))
        diagonal = mi[AT.metric_diagonal] + i
        st(ws, g, diagonal, ld(ws, g, diagonal) + implicit * h * damping)
    springs(mi, mf, ws, g, h, implicit)
    if ti.static(extended):
        ahead = h
        if mi[N.integrator] == RK4:
            ahead = like(h, 0.0)
        drives(mi, mf, ws, g, ahead)
        tendon_forces(mi, mf, ws, g)
        if mi[N.fluid] > 0:
            drag_bodies(mi, mf, ws, g)
        drive_actuators(mi, mf, ws, g, h, implicit)
    else:
        drives(mi, mf, ws, g, h)
        actuation(mi, mf, ws, g, h, implicit)


@ti.func
def springs(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, h, implicit):
    """Add the joint springs, and their stiffness to the metric where `implicit`."""
    for j in range(mi[N.num_joints]):
        stiffness = ldm(mf, g, mi[AT.joint_stiffness] + j)
        if any_lane(stiffness > 0.0):
            kind, dof, at = mi[mi[AT.joint_type] + j], mi[mi[AT.joint_dof_start] + j], mi[mi[AT.joint_qpos_start] + j]
            here, rest = mi[AT.qpos] + at, mi[AT.qpos_spring] + at
            if kind == FREE:
                for k in range(3):
                    stretch(mi, ws, g, dof + k, ld(ws, g, here + k) - ldm(mf, g, rest + k), stiffness, h, implicit)
                here, rest, dof = here + 3, rest + 3, dof + 3
            if kind == FREE or kind == BALL:
                d = quat_log(quat_mul(quat_conj(ldm_quat(mf, g, rest)), quat_normalized(ld_quat(ws, g, here))))
                for k in range(3):
                    turn = d.x
                    if k == 1:
                        turn = d.y
                    if k == 2:
                        turn = d.z
                    stretch(mi, ws, g, dof + k, turn, stiffness, h, implicit)
            else:
                stretch(mi, ws, g, dof, ld(ws, g, here) - ldm(mf, g, rest), stiffness, h, implicit)


@ti.func
def stretch(mi: ti.template(), ws: ti.template(), g, dof, distance, stiffness, h, implicit):
    """A linear spring on one dof."""
    force = stiffness * distance
    st(ws, g, mi[AT.passive_force] + dof, ld(ws, g, mi[AT.passive_force] + dof) - force)
    ahead = implicit * h * stiffness
    st(ws, g, mi[AT.smooth_force] + dof, ld(ws, g, mi[AT.smooth_force] + dof) - force - ahead * ld(ws, g, mi[AT.qvel] + dof))
    st(ws, g, mi[AT.metric_diagonal] + dof, ld(ws, g, mi[AT.metric_diagonal] + dof) + ahead * h)


@ti.func
def drives(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, h):
    """Joint drives, implicit under every integrator: k (target - q - h v) - d v."""
    for i in range(mi[N.num_dofs]):
        k, d = ldm(mf, g, mi[AT.dof_drive_stiffness] + i), ldm(mf, g, mi[AT.dof_drive_damping] + i)
        if any_lane(k + d > 0.0):
            error, joint = like(h, 0.0), mi[mi[AT.dof_joint] + i]
            if mi[mi[AT.joint_type] + joint] >= SLIDE:
                error = ld(ws, g, mi[AT.joint_target] + i) - ld(ws, g, mi[AT.qpos] + mi[mi[AT.joint_qpos_start] + joint])
            pull = k * error - (d + h * k) * ld(ws, g, mi[AT.qvel] + i)
            st(ws, g, mi[AT.smooth_force] + i, ld(ws, g, mi[AT.smooth_force] + i) + pull)
            st(ws, g, mi[AT.metric_diagonal] + i, ld(ws, g, mi[AT.metric_diagonal] + i) + h * (d + h * k))


@ti.func
def actuation(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, h, implicit):
    """Add the actuator forces, and their gains to the metric where `implicit`."""
    for a in range(mi[N.num_actuators]):
        dof, at, limits = mi[mi[AT.actuator_dof] + a], mi[mi[AT.actuator_qpos] + a], mi[mi[AT.actuator_limits] + a]
        gear, control = ldm(mf, g, mi[AT.actuator_gear] + a), ld(ws, g, mi[AT.actuator] + a)
        if limits & 1:
            bounds = mi[AT.actuator_control_range] + 2 * a
            control = clamp(control, ldm(mf, g, bounds), ldm(mf, g, bounds + 1))
        length, speed = like(h, 0.0), gear * ld(ws, g, mi[AT.qvel] + dof)
        if at >= 0:
            length = gear * ld(ws, g, mi[AT.qpos] + at)
        gain, bias = ldm3(mf, g, mi[AT.actuator_gain] + 3 * a), ldm3(mf, g, mi[AT.actuator_bias] + 3 * a)
        c0, c1, c2 = gain.x * control + bias.x, gain.y * control + bias.y, gain.z * control + bias.z
        force = c0 + c1 * length + c2 * speed
        gain_q, gain_v = maximum(0.0 - c1, like(h, 0.0)), maximum(0.0 - c2, like(h, 0.0))
        if limits & 2:
            bounds = mi[AT.actuator_force_range] + 2 * a
            bounded = clamp(force, ldm(mf, g, bounds), ldm(mf, g, bounds + 1))
            gain_q, gain_v = (
                ti.select(bounded == force, gain_q, like(h, 0.0)),
                ti.select(bounded == force, gain_v, like(h, 0.0)),
            )
            force = bounded
        st(ws, g, mi[AT.actuator_force] + dof, ld(ws, g, mi[AT.actuator_force] + dof) + gear * force)
        ahead = implicit * h * gear * gain_q
        st(ws, g, mi[AT.smooth_force] + dof, ld(ws, g, mi[AT.smooth_force] + dof) + gear * force - ahead * speed)
        st(
            ws,
            g,
            mi[AT.metric_diagonal] + dof,
            ld(ws, g, mi[AT.metric_diagonal] + dof) + gear * h * (ahead + implicit * gear * gain_v),
        )
