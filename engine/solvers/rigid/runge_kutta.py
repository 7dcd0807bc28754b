"""Runge-Kutta of fourth order: the chain of stages runs four times per substep (extended chain).

The classic tableau. Rotations are advanced on their group (Munthe-Kaas 1998): with q = q0 exp(u) and the angular velocity w in
the body frame, u' = w + u x w / 2 + c u x (u x w), c = (1 - (|u| / 2) cot(|u| / 2)) / |u|^2, so that stages add up as vectors.
Prescribed motion goes along in halves of a substep. The impulses of contacts are summed with the weights of the stages.
Limits: contacts are found anew at each stage, and a contact that begins within a substep costs the order of that substep.
"""

import engine.solvers.rigid.force_arrays  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import like, sincos
from engine.math.memory import ld, ld3, st, st3
from engine.math.vec3 import add, add_scaled, cross, dot, norm, scale
from engine.types import JointType

FREE, BALL = int(JointType.FREE), int(JointType.BALL)
STAGES = 4
RK4 = 2  # value of the size word integrator


@ti.func
def ahead_of(stage):
    """Time from the begin of the substep to the stage after `stage`, in substeps."""
    time = 0.5
    if stage >= 2:
        time = 1.0
    return time


@ti.func
def weight_of(stage):
    """Weight of the stage in the sum."""
    weight = 1.0 / 6.0
    if stage == 1 or stage == 2:
        weight = 1.0 / 3.0
    return weight


@ti.func
def begin_stages(mi: ti.template(), ws: ti.template(), g):
    """Keep the state of the begin of the substep and clear the sums."""
    for k in range(mi[N.stage_qpos]):
        st(ws, g, mi[AT.stage_qpos_base] + k, ld(ws, g, mi[AT.qpos] + k))
    for k in range(mi[N.stage_dofs]):
        v = ld(ws, g, mi[AT.qvel] + k)
        st(ws, g, mi[AT.stage_qvel_base] + k, v)
        st(ws, g, mi[AT.stage_slope] + k, v * 0.0)
        st(ws, g, mi[AT.stage_velocity] + k, v * 0.0)
        st(ws, g, mi[AT.stage_acceleration] + k, v * 0.0)
    for k in range(mi[N.stage_activations]):
        w = ld(ws, g, mi[AT.activation] + k)
        st(ws, g, mi[AT.stage_activation_base] + k, w)
        st(ws, g, mi[AT.stage_activation] + k, w * 0.0)


@ti.func
def add_stage(mi: ti.template(), ws: ti.template(), g, stage, h):
    """Slopes of this stage into the sums; leaves in stage_slope, direction and activation_rate what moves the base on to the
    next stage, or to the end of the substep.
    """
    weight, before, last = weight_of(stage), 0.0, stage == STAGES - 1
    if stage > 0:
        before = ahead_of(stage - 1)
    for j in range(mi[N.num_joints]):
        slope_of_joint(mi, ws, g, j, h * before)
    for i in range(mi[N.num_dofs]):
        sum_up(ws, g, mi[AT.stage_velocity] + i, mi[AT.stage_slope] + i, weight, last)
        sum_up(ws, g, mi[AT.stage_acceleration] + i, mi[AT.direction] + i, weight, last)
    for k in range(mi[N.num_activations]):
        sum_up(ws, g, mi[AT.stage_activation] + k, mi[AT.activation_rate] + k, weight, last)


@ti.func
def slope_of_joint(mi: ti.template(), ws: ti.template(), g, j, time):
    """stage_slope = qvel, for rotations the rate of the rotation vector `time` times the slope before."""
    kind, dof, linear = mi[mi[AT.joint_type] + j], mi[mi[AT.joint_dof_start] + j], 1
    if kind == FREE:
        linear = 3
    if kind == BALL:
        linear = 0
    for k in range(dof, dof + linear):
        st(ws, g, mi[AT.stage_slope] + k, ld(ws, g, mi[AT.qvel] + k))
    if kind == FREE or kind == BALL:
        at = mi[AT.stage_slope] + dof + linear
        u, w = scale(ld3(ws, g, at), time), ld3(ws, g, mi[AT.qvel] + dof + linear)
        n = 0.5 * norm(u)
        small = n < 1e-2
        s, c = sincos(ti.select(small, like(n, 1.0), n))
        far = 0.25 * (1.0 - n * c / s) / ti.select(small, like(n, 1.0), n * n)
        near = 1.0 / 12.0 + dot(u, u) / 720.0 + dot(u, u) * dot(u, u) / 30240.0
        turn = cross(u, w)
        st3(ws, g, at, add(add_scaled(w, turn, 0.5), scale(cross(u, turn), ti.select(small, near, far))))


@ti.func
def sum_up(ws: ti.template(), g, total, slope, weight, last):
    """Add a slope to its sum; at the last stage the sum takes the place of the slope."""
    new = ld(ws, g, total) + weight * ld(ws, g, slope)
    st(ws, g, total, new)
    if last:
        st(ws, g, slope, new)


@ti.func
def return_to_base(mi: ti.template(), ws: ti.template(), g):
    """The state of the begin of the substep again."""
    for k in range(mi[N.stage_qpos]):
        st(ws, g, mi[AT.qpos] + k, ld(ws, g, mi[AT.stage_qpos_base] + k))
    for k in range(mi[N.stage_dofs]):
        st(ws, g, mi[AT.qvel] + k, ld(ws, g, mi[AT.stage_qvel_base] + k))
