"""Integrators that are implicit in the velocity: h (M + h D) a = h f with D = -df/dv (extended chain).

D holds the damping of joints, actuators and the fluid, and the derivative of the bias force: of all dofs for
`implicit_velocity` (MuJoCo's implicit), of free bodies without jointed descendants for `implicitfast`, which is symmetric
beside them. The matrix has the pattern of the mass matrix, so its reverse-order L U factor fills no entry (Featherstone 2008,
section 6.5; MuJoCo's "Computation" chapter). The derivative of the bias force is a recursive Newton-Euler pass per dof, run on
tangents. Limits: terms between branches of a tree (tendons, actuators) are left out; constraint forces count as constant.
"""

import engine.solvers.rigid.force_arrays  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import absolute, any_lane, like
from engine.math.memory import ld, ld3, ldm, ldm3, st
from engine.math.spatial import add6, cross_force, cross_motion, dot6, inertia_mul, ld6, ld_inertia, scale6, spatial, st6, zero6
from engine.math.vec3 import zero3
from engine.solvers.rigid.fluid import add_both, fluid_slopes
from engine.types import JointType, Transmission

FREE, BALL = int(JointType.FREE), int(JointType.BALL)
IN_PARENT = int(Transmission.JOINT_IN_PARENT)
IMPLICIT_FAST, IMPLICIT_VELOCITY = 3, 4  # values of the size word integrator


@ti.func
def implicit_direction(mi: ti.template(), mf: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """direction: forces -> the acceleration that makes the step."""
    h = ldm(mf, g, mi[AT.timestep])
    for k in range(mi[N.num_mass]):
        st(ws, g, mi[AT.slope_lower] + k, ld(ws, g, mi[AT.mass] + k))
        st(ws, g, mi[AT.slope_upper] + k, ld(ws, g, mi[AT.mass] + k))
    for i in range(mi[N.num_dofs]):
        damped = ld(ws, g, mi[AT.metric_diagonal] + i) + h * ldm(mf, g, mi[AT.dof_damping] + i)
        st(ws, g, mi[AT.slope_lower] + mi[mi[AT.dof_mass_start] + i], damped)
        st(ws, g, mi[AT.dof_moment] + i, like(h, 0.0))
    pulled_slopes(mi, mf, ws, g, h)
    if mi[N.fluid] > 0:
        fluid_slopes(mi, mf, ws, g, h)
    for j in range(mi[N.num_dofs]):
        if mi[N.integrator] == IMPLICIT_VELOCITY or mi[mi[AT.dof_standalone] + j] == 1:
            bias_slopes(mi, ws, wi, g, j, h)
    factor_slopes(mi, ws, g)
    solve_slopes(mi, ws, g, mi[AT.direction])


@ti.func
def pulled_slopes(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, h):
    """Add h times the slopes of actuators and of the dampers of tendons."""
    for n in range(mi[N.num_actuators] + mi[N.num_tendons]):
        a, t = n, n - mi[N.num_actuators]
        slope, values, dofs, count = h * 0.0, 0, 0, 0
        if t < 0:
            slope = ld(ws, g, mi[AT.actuator_slope] + a)
            start, count = mi[mi[AT.actuator_chain_start] + a], mi[mi[AT.actuator_chain_count] + a]
            values, dofs = mi[AT.actuator_moment] + start, mi[AT.moment_dof] + start
            if mi[mi[AT.actuator_transmission] + a] <= IN_PARENT and count == 1:
                slope = ti.select(is_bounded(mi, mf, ws, g, mi[dofs]), h * 0.0, slope)
        else:
            d, v = ldm3(mf, g, mi[AT.tendon_damping] + 3 * t), ld(ws, g, mi[AT.tendon_velocity] + t)
            slope = 0.0 - d.x - 2.0 * absolute(v) * d.y - 3.0 * v * v * d.z
            start, count = mi[mi[AT.tendon_chain_start] + t], mi[mi[AT.tendon_chain_count] + t]
            values, dofs = mi[AT.tendon_jacobian] + start, mi[AT.tendon_chain_dof] + start
        if any_lane(slope != 0.0):
            add_outer(mi, ws, g, values, dofs, count, 0.0 - h * slope)


@ti.func
def is_bounded(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, dof):
    """Mask of the lanes in which the actuators' force on the dof is at its bound."""
    force, at = ld(ws, g, mi[AT.actuator_force] + dof), mi[AT.dof_force_range] + 2 * dof
    limited = like(force, 1.0) * mi[mi[AT.dof_force_limited] + dof]
    return (limited > 0.0) & ((force <= ldm(mf, g, at)) | (force >= ldm(mf, g, at + 1)))


@ti.func
def add_outer(mi: ti.template(), ws: ti.template(), g, values, dofs, count, factor):
    """Add `factor` times the outer product of the `count` values over their dofs, where the pattern has room."""
    for k in range(count):
        st(ws, g, mi[AT.dof_moment] + mi[dofs + k], ld(ws, g, values + k))
    for k in range(count):
        scaled = factor * ld(ws, g, values + k)
        at, j = mi[mi[AT.dof_mass_start] + mi[dofs + k]], mi[dofs + k]
        while j >= 0:
            add_both(mi, ws, g, at, scaled * ld(ws, g, mi[AT.dof_moment] + j))
            at += 1
            j = mi[mi[AT.dof_parent] + j]
    for k in range(count):
        st(ws, g, mi[AT.dof_moment] + mi[dofs + k], factor * 0.0)


@ti.func
def bias_slopes(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, j, h):
    """Add h times the derivative of the bias force by the velocity of dof j."""
    first, bodies, mark = mi[mi[AT.dof_body] + j], mi[N.num_bodies], j + 1  # a mark of dof j never goes stale: trees stay
    for b in range(first, bodies):
        parent = mi[mi[AT.body_parent] + b]
        if b == first or ld(wi, g, mi[AT.tangent_mark] + parent) == mark:
            st(wi, g, mi[AT.tangent_mark] + b, mark)
            tangent_motion(mi, ws, g, b, parent, j, b == first)
    depth = mi[mi[AT.dof_mass_count] + j]
    for n in range(bodies - first):
        b = bodies - 1 - n
        if ld(wi, g, mi[AT.tangent_mark] + b) == mark:
            f = ld6(ws, g, mi[AT.tangent_force] + 6 * b)
            parent, dof = mi[mi[AT.body_parent] + b], mi[mi[AT.body_dof_start] + b]
            if b != first:
                st6(ws, g, mi[AT.tangent_force] + 6 * parent, add6(ld6(ws, g, mi[AT.tangent_force] + 6 * parent), f))
            for i in range(ti.max(dof, j), dof + mi[mi[AT.body_dof_count] + b]):
                at = mi[AT.slope_lower] + mi[mi[AT.dof_mass_start] + i] + mi[mi[AT.dof_mass_count] + i] - depth
                st(ws, g, at, ld(ws, g, at) + h * dot6(ld6(ws, g, mi[AT.dof_axis] + 6 * i), f))
    f = ld6(ws, g, mi[AT.tangent_force] + 6 * first)
    i, at = mi[mi[AT.dof_parent] + j], mi[AT.slope_upper] + mi[mi[AT.dof_mass_start] + j]
    while i >= 0:
        at += 1
        st(ws, g, at, ld(ws, g, at) + h * dot6(ld6(ws, g, mi[AT.dof_axis] + 6 * i), f))
        i = mi[mi[AT.dof_parent] + i]


@ti.func
def tangent_motion(mi: ti.template(), ws: ti.template(), g, b, parent, j, fresh):
    """Derivatives of velocity, acceleration and inertial force of body `b` by the velocity of dof j; 0 above a `fresh` body."""
    v = ld6(ws, g, mi[AT.body_velocity_W] + 6 * parent)
    dv, da = zero6(v.a.x), zero6(v.a.x)
    if not fresh:
        dv = ld6(ws, g, mi[AT.tangent_velocity] + 6 * parent)
        da = ld6(ws, g, mi[AT.tangent_acceleration] + 6 * parent)
    first = mi[mi[AT.body_joint_start] + b]
    for k in range(first, first + mi[mi[AT.body_joint_count] + b]):
        kind, dof, count = mi[mi[AT.joint_type] + k], mi[mi[AT.joint_dof_start] + k], 1
        if kind == FREE:
            v = add6(v, spatial(zero3(v.a.x), ld3(ws, g, mi[AT.qvel] + dof)))
            if j >= dof and j < dof + 3:
                dv = add6(dv, ld6(ws, g, mi[AT.dof_axis] + 6 * j))
            dof += 3
        if kind == FREE or kind == BALL:
            count = 3
        before, change = add6(v, zero6(v.a.x)), add6(dv, zero6(v.a.x))
        for d in range(dof, dof + count):
            axis, rate = ld6(ws, g, mi[AT.dof_axis] + 6 * d), ld(ws, g, mi[AT.qvel] + d)
            da = add6(da, scale6(cross_motion(change, axis), rate))
            v = add6(v, scale6(axis, rate))
            if d == j:
                da = add6(da, cross_motion(before, axis))
                dv = add6(dv, axis)
    inertia = ld_inertia(ws, g, mi[AT.body_spatial_inertia] + 10 * b)
    f = add6(inertia_mul(inertia, da), cross_force(dv, inertia_mul(inertia, v)))
    st6(ws, g, mi[AT.tangent_velocity] + 6 * b, dv)
    st6(ws, g, mi[AT.tangent_acceleration] + 6 * b, da)
    st6(ws, g, mi[AT.tangent_force] + 6 * b, add6(f, cross_force(v, inertia_mul(inertia, dv))))


@ti.func
def factor_slopes(mi: ti.template(), ws: ti.template(), g):
    """L U factor in place, from the last dof to the first: ratios above, inverse pivots on the diagonal below."""
    lower, upper = mi[AT.slope_lower], mi[AT.slope_upper]
    for n in range(mi[N.num_dofs]):
        k = mi[N.num_dofs] - 1 - n
        row, depth = mi[mi[AT.dof_mass_start] + k], mi[mi[AT.dof_mass_count] + k]
        inverse = 1.0 / ld(ws, g, lower + row)
        i, c = mi[mi[AT.dof_parent] + k], 1
        while i >= 0:
            ratio = ld(ws, g, upper + row + c) * inverse
            above = lower + mi[mi[AT.dof_mass_start] + i]
            for r in range(depth - c):
                st(ws, g, above + r, ld(ws, g, above + r) - ratio * ld(ws, g, lower + row + c + r))
            j, p = mi[mi[AT.dof_parent] + k], 1
            while j != i:
                at = upper + mi[mi[AT.dof_mass_start] + j] + c - p
                st(ws, g, at, ld(ws, g, at) - ratio * ld(ws, g, lower + row + p))
                j = mi[mi[AT.dof_parent] + j]
                p += 1
            st(ws, g, upper + row + c, ratio)
            i = mi[mi[AT.dof_parent] + i]
            c += 1
        st(ws, g, lower + row, inverse)


@ti.func
def solve_slopes(mi: ti.template(), ws: ti.template(), g, x):
    """Solve in place for the vector that starts at slot `x`."""
    for n in range(mi[N.num_dofs]):
        k = mi[N.num_dofs] - 1 - n
        at, value = mi[AT.slope_upper] + mi[mi[AT.dof_mass_start] + k] + 1, ld(ws, g, x + k)
        i = mi[mi[AT.dof_parent] + k]
        while i >= 0:
            st(ws, g, x + i, ld(ws, g, x + i) - ld(ws, g, at) * value)
            i = mi[mi[AT.dof_parent] + i]
            at += 1
    for k in range(mi[N.num_dofs]):
        at = mi[AT.slope_lower] + mi[mi[AT.dof_mass_start] + k]
        inverse, value = ld(ws, g, at), ld(ws, g, x + k)
        i = mi[mi[AT.dof_parent] + k]
        while i >= 0:
            at += 1
            value = value - ld(ws, g, at) * ld(ws, g, x + i)
            i = mi[mi[AT.dof_parent] + i]
        st(ws, g, x + k, value * inverse)
