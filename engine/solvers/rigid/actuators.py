"""Actuators in general: transmission, activation, gain and bias, limits (extended chain).

An actuator sees a length l(q) with the moments m = dl/dq over a chain of dofs, pulls with p and pushes the dofs by m p. With an
activation w its law is p = gain(l, l') w + bias(l, l'), else the control stands in for w. Rates: integrator w' = u, filter
w' = (u - w) / t, muscles by Millard et al. (2013); force-length-velocity curves of muscles as in MuJoCo's "Computation" and
"Modeling" chapters, whose formulas these are. Actuators of one dof join the metric of integrator 0, the others are explicit
there.
Limits: joints of all kinds, tendons and sites; the length of a free joint counts as zero. The moments of a site that is seen
from a moving one leave out the turning of the reference, as MuJoCo's do.
"""

import engine.solvers.rigid.force_arrays  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import clamp, exponential, like, maximum
from engine.math.memory import ld, ld3, ld_quat, ldm, ldm3, st, st3
from engine.math.quat import quat_conj, quat_log, quat_mul, quat_normalized, rotate, rotate_back
from engine.math.spatial import ld6, velocity_at
from engine.math.vec3 import dot, sub
from engine.solvers.rigid.fluid import last_dof
from engine.solvers.rigid.kinematics import turns
from engine.types import Dynamics, JointType, Transmission

FREE, BALL = int(JointType.FREE), int(JointType.BALL)
IN_PARENT, TENDON = int(Transmission.JOINT_IN_PARENT), int(Transmission.TENDON)
INTEGRATOR, EXACT, MUSCLE = int(Dynamics.INTEGRATOR), int(Dynamics.FILTER_EXACT), int(Dynamics.MUSCLE)
CONTROL_LIMIT, FORCE_LIMIT, ACTIVATION_LIMIT, EARLY = 1, 2, 4, 8  # bits of actuator_limits
TINY = 1e-15


@ti.func
def drive_actuators(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, h, implicit):
    """Add the actuators' forces to actuator_force and smooth_force, gains to the metric where `implicit`."""
    for a in range(mi[N.num_actuators]):
        start, count = mi[mi[AT.actuator_chain_start] + a], mi[mi[AT.actuator_chain_count] + a]
        transmit(mi, mf, ws, g, a, start)
        speed = like(h, 0.0)
        for k in range(start, start + count):
            speed = speed + ld(ws, g, mi[AT.actuator_moment] + k) * ld(ws, g, mi[AT.qvel] + mi[mi[AT.moment_dof] + k])
        force, stiffness = actuator_law(mi, mf, ws, g, a, speed, h)
        st(ws, g, mi[AT.actuator_output] + a, force)
        for k in range(start, start + count):
            at = mi[AT.actuator_force] + mi[mi[AT.moment_dof] + k]
            st(ws, g, at, ld(ws, g, at) + ld(ws, g, mi[AT.actuator_moment] + k) * force)
        if count == 1:
            dof, arm = mi[mi[AT.moment_dof] + start], ld(ws, g, mi[AT.actuator_moment] + start)
            damping = maximum(0.0 - ld(ws, g, mi[AT.actuator_slope] + a), like(h, 0.0))
            ahead = implicit * h * arm * stiffness
            st(ws, g, mi[AT.smooth_force] + dof, ld(ws, g, mi[AT.smooth_force] + dof) - ahead * speed)
            diagonal = mi[AT.metric_diagonal] + dof
            st(ws, g, diagonal, ld(ws, g, diagonal) + arm * h * (ahead + implicit * arm * damping))
    for i in range(mi[N.num_dofs]):
        force = ld(ws, g, mi[AT.actuator_force] + i)
        if mi[mi[AT.dof_force_limited] + i] == 1:
            bounds = mi[AT.dof_force_range] + 2 * i
            force = clamp(force, ldm(mf, g, bounds), ldm(mf, g, bounds + 1))
            st(ws, g, mi[AT.actuator_force] + i, force)
        st(ws, g, mi[AT.smooth_force] + i, ld(ws, g, mi[AT.smooth_force] + i) + force)


@ti.func
def transmit(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, a, start):
    """Length and moments of actuator `a`."""
    kind, target = mi[mi[AT.actuator_transmission] + a], mi[mi[AT.actuator_target] + a]
    if kind <= IN_PARENT:
        pull_joint(mi, mf, ws, g, a, start, kind, target)
    elif kind == TENDON:
        ratio, entry = ldm(mf, g, mi[AT.actuator_gear_vector] + 6 * a), mi[mi[AT.tendon_chain_start] + target] - start
        st(ws, g, mi[AT.actuator_length] + a, ratio * ld(ws, g, mi[AT.tendon_length] + target))
        for k in range(start, start + mi[mi[AT.actuator_chain_count] + a]):
            st(ws, g, mi[AT.actuator_moment] + k, ratio * ld(ws, g, mi[AT.tendon_jacobian] + entry + k))
    else:
        pull_site(mi, mf, ws, g, a, start, target)


@ti.func
def pull_joint(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, a, start, kind, target):
    """A joint: rotations of balls and free bodies about an axis in the child's frame, or in the parent's."""
    joint = mi[mi[AT.joint_type] + target]
    at, moment = mi[AT.qpos] + mi[mi[AT.joint_qpos_start] + target], mi[AT.actuator_moment] + start
    gear, length = mi[AT.actuator_gear_vector] + 6 * a, mi[AT.actuator_length] + a
    if joint == FREE or joint == BALL:
        axis = ldm3(mf, g, gear)
        if joint == FREE:
            st3(ws, g, moment, axis)
            axis, at, moment = ldm3(mf, g, gear + 3), at + 3, moment + 3
        q = quat_normalized(ld_quat(ws, g, at))
        reach = dot(axis, quat_log(q))
        if joint == FREE:
            reach = reach * 0.0
        if kind == IN_PARENT:
            axis = rotate_back(q, axis)
        st3(ws, g, moment, axis)
        st(ws, g, length, reach)
    else:
        ratio = ldm(mf, g, gear)
        st(ws, g, moment, ratio)
        st(ws, g, length, ratio * ld(ws, g, at))


@ti.func
def pull_site(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, a, start, site):
    """A force and a torque on a site, in its frame or in that of the reference site, from which lengths are then measured."""
    reference, gear = mi[mi[AT.actuator_reference] + a], mi[AT.actuator_gear_vector] + 6 * a
    frame = site
    if reference >= 0:
        frame = reference
    q = ld_quat(ws, g, mi[AT.site_rotation_W] + 4 * frame)
    force, torque = rotate(q, ldm3(mf, g, gear)), rotate(q, ldm3(mf, g, gear + 3))
    length = force.x * 0.0
    if reference >= 0:
        apart = sub(ld3(ws, g, mi[AT.site_position_W] + 3 * site), ld3(ws, g, mi[AT.site_position_W] + 3 * reference))
        turn = quat_log(quat_mul(quat_conj(q), ld_quat(ws, g, mi[AT.site_rotation_W] + 4 * site)))
        length = dot(force, apart) + dot(ldm3(mf, g, gear + 3), turn)
    st(ws, g, mi[AT.actuator_length] + a, length)
    for i in range(mi[N.num_dofs]):
        st(ws, g, mi[AT.dof_moment] + i, length * 0.0)
    for end in range(turns(mi, 2)):
        point, sign = site, 1.0
        if end == 1:
            point, sign = reference, -1.0
        if point >= 0:
            b = mi[mi[AT.site_body] + point]
            origin = ld3(ws, g, mi[AT.body_position_W] + 3 * mi[mi[AT.body_root] + b])
            arm = sub(ld3(ws, g, mi[AT.site_position_W] + 3 * point), origin)
            i = last_dof(mi, b)
            while i >= 0:
                axis = ld6(ws, g, mi[AT.dof_axis] + 6 * i)
                rate = dot(force, velocity_at(axis, arm)) + dot(torque, axis.a)
                st(ws, g, mi[AT.dof_moment] + i, ld(ws, g, mi[AT.dof_moment] + i) + sign * rate)
                i = mi[mi[AT.dof_parent] + i]
    for k in range(start, start + mi[mi[AT.actuator_chain_count] + a]):
        st(ws, g, mi[AT.actuator_moment] + k, ld(ws, g, mi[AT.dof_moment] + mi[mi[AT.moment_dof] + k]))


@ti.func
def actuator_law(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, a, speed, h):
    """Force along the transmission and its stiffness (at least 0); the derivative by the velocity goes to actuator_slope."""
    limits, zero = mi[mi[AT.actuator_limits] + a], like(h, 0.0)
    length = ld(ws, g, mi[AT.actuator_length] + a)
    value = ld(ws, g, mi[AT.actuator] + a)
    if limits & CONTROL_LIMIT:
        value = within(mf, g, mi[AT.actuator_control_range] + 2 * a, value)
    if mi[mi[AT.actuator_dynamics] + a] != 0:
        value = activate(mi, mf, ws, g, a, value, h)
    period = ldm(mf, g, mi[AT.actuator_period] + a)
    turns = ti.floor((value - length) / ti.select(period > 0.0, period, like(h, 1.0)) + 0.5)
    value = value - ti.select(period > 0.0, period * turns, zero)
    force, c1, c2 = zero, zero, zero
    if mi[mi[AT.actuator_muscle] + a] == 1:
        gain, gain_speed, bias = muscle_law(mi, mf, g, a, length, speed)
        force, c2 = gain * value + bias, gain_speed * value
    else:
        gain, bias = ldm3(mf, g, mi[AT.actuator_gain] + 3 * a), ldm3(mf, g, mi[AT.actuator_bias] + 3 * a)
        c1, c2 = gain.y * value + bias.y, gain.z * value + bias.z
        force = gain.x * value + bias.x + c1 * length + c2 * speed
    stiffness = maximum(0.0 - c1, zero)
    if limits & FORCE_LIMIT:
        bounds = mi[AT.actuator_force_range] + 2 * a
        low, high = ldm(mf, g, bounds), ldm(mf, g, bounds + 1)
        free = (force > low) & (force < high)
        stiffness, c2 = ti.select(free, stiffness, zero), ti.select(free, c2, zero)
        force = clamp(force, low, high)
    st(ws, g, mi[AT.actuator_slope] + a, c2)
    return force, stiffness


@ti.func
def within(mf: ti.template(), g, bounds, value):
    return clamp(value, ldm(mf, g, bounds), ldm(mf, g, bounds + 1))


@ti.func
def activate(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, a, control, h):
    """Rate of the activation under `control`; returns the activation that acts: now, or one step on for early actuators."""
    state, kind = mi[mi[AT.actuator_activation] + a], mi[mi[AT.actuator_dynamics] + a]
    w, rate = ld(ws, g, mi[AT.activation] + state), control
    if kind == MUSCLE:
        rate = muscle_rate(ldm3(mf, g, mi[AT.actuator_dynamics_parameter] + 3 * a), control, w)
    elif kind != INTEGRATOR:
        rate = (control - w) / maximum(ldm(mf, g, mi[AT.actuator_dynamics_parameter] + 3 * a), like(h, TINY))
    st(ws, g, mi[AT.activation_rate] + state, rate)
    if mi[mi[AT.actuator_limits] + a] & EARLY:
        w = next_activation(mi, mf, g, a, w, rate, h)
    return w


@ti.func
def next_activation(mi: ti.template(), mf: ti.template(), g, a, w, rate, h):
    """The activation after a step of `h` at `rate`, within its range; exact for exact filters."""
    time = h
    if mi[mi[AT.actuator_dynamics] + a] == EXACT:
        tau = maximum(ldm(mf, g, mi[AT.actuator_dynamics_parameter] + 3 * a), like(h, TINY))
        time = tau * (1.0 - exponential(0.0 - h / tau))
    new = w + rate * time
    if mi[mi[AT.actuator_limits] + a] & ACTIVATION_LIMIT:
        new = within(mf, g, mi[AT.actuator_activation_range] + 2 * a, new)
    return new


@ti.func
def advance_activations(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, h, alive, start, whole):
    """activation = the activations at slot `start` after `h` at their rates, in lanes that are alive; within their range and
    exact for exact filters at the end of a `whole` substep.
    """
    for a in range(mi[N.num_actuators]):
        if mi[mi[AT.actuator_dynamics] + a] != 0:
            k = mi[mi[AT.actuator_activation] + a]
            w = ld(ws, g, start + k)
            rate = ld(ws, g, mi[AT.activation_rate] + k)
            new = w + rate * h
            if whole == 1:
                new = next_activation(mi, mf, g, a, w, rate, h)
            st(ws, g, mi[AT.activation] + k, ti.select(alive, new, w))


@ti.func
def muscle_rate(prm, control, w):
    """Activation dynamics of muscles: slower to relax, faster the more they are active, blended over the width prm.z."""
    zero, one = like(w, 0.0), like(w, 1.0)
    u, speed = clamp(control, zero, one), 0.5 + 1.5 * clamp(w, zero, one)
    rise, fall = prm.x * speed, prm.y / speed
    x = clamp((u - w) / maximum(prm.z, one * TINY) + 0.5, zero, one)
    blend = x * x * x * (3.0 * x * (2.0 * x - 5.0) + 10.0)
    blend = ti.select(prm.z < TINY, ti.select(u - w > 0.0, one, zero), blend)
    return (u - w) / maximum(fall + (rise - fall) * blend, one * TINY)


@ti.func
def muscle_law(mi: ti.template(), mf: ti.template(), g, a, length, speed):
    """Gain of a muscle, its derivative by the speed, and the passive force."""
    zero, one = like(length, 0.0), like(length, 1.0)
    prm, bounds = mi[AT.actuator_muscle_parameter] + 9 * a, mi[AT.actuator_length_range] + 2 * a
    first, peak = ldm(mf, g, prm), ldm(mf, g, prm + 2)
    low, high, fastest = ldm(mf, g, prm + 4), ldm(mf, g, prm + 5), ldm(mf, g, prm + 6)
    passive, eccentric = ldm(mf, g, prm + 7), ldm(mf, g, prm + 8)
    unit = (ldm(mf, g, bounds + 1) - ldm(mf, g, bounds)) / maximum(ldm(mf, g, prm + 1) - first, one * TINY)
    l = first + (length - ldm(mf, g, bounds)) / maximum(unit, one * TINY)
    scale = 1.0 / maximum(unit * fastest, one * TINY)
    v, y = speed * scale, eccentric - 1.0
    a0, b0 = 0.5 * (low + 1.0), 0.5 * (1.0 + high)
    x1, x2 = (l - low) / maximum(a0 - low, one * TINY), (1.0 - l) / maximum(1.0 - a0, one * TINY)
    x3, x4 = (l - 1.0) / maximum(b0 - 1.0, one * TINY), (high - l) / maximum(high - b0, one * TINY)
    rising = ti.select(l <= a0, 0.5 * x1 * x1, 1.0 - 0.5 * x2 * x2)
    active = ti.select(l <= 1.0, rising, ti.select(l <= b0, 1.0 - 0.5 * x3 * x3, 0.5 * x4 * x4))
    active = ti.select((l >= low) & (l <= high), active, zero)
    wide = maximum(y, one * TINY)
    curve = ti.select(v <= 0.0, (v + 1.0) * (v + 1.0), eccentric - (y - v) * (y - v) / wide)
    curve = ti.select(v <= -1.0, zero, ti.select(v <= y, curve, eccentric))
    slope = ti.select(v <= 0.0, 2.0 * v + 2.0, 2.0 * (y - v) / wide)
    slope = ti.select((v <= -1.0) | (v > y), zero, slope)
    x5 = (l - b0) / maximum(b0 - 1.0, one * TINY)
    stretched = ti.select(l <= b0, 0.5 * x3 * x3, 0.5 + x5)
    bias = ti.select(l <= 1.0, zero, 0.0 - peak * passive * stretched)
    return (0.0 - peak) * active * curve, (0.0 - peak) * active * slope * scale, bias
