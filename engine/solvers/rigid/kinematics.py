"""Poses, joint axes and spatial inertias from the position coordinates.

One pass from the world outwards. A body's joints act in their order: hinge and ball turn it about the anchor, slide moves it
along the axis, free replaces its pose. Reference: Featherstone (2008), chapters 4 and 5; joint conventions are MuJoCo's.
Limits: hinge and slide joints have their zero at qpos 0; a free joint belongs to a child of the world.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import like
from engine.math.memory import ld, ld3, ld_quat, ldm, ldm3, ldm_quat, st3, st_quat
from engine.math.quat import quat_axis_angle, quat_identity, quat_mul, quat_normalized, rotate
from engine.math.spatial import spatial, st6, st_inertia
from engine.math.vec3 import add, add_scaled, cross, dot, scale, sub, vec3, zero3
from engine.types import JointType

FREE, BALL, SLIDE, HINGE = (int(kind) for kind in (JointType.FREE, JointType.BALL, JointType.SLIDE, JointType.HINGE))


@ti.func
def update_kinematics(mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """qpos -> body and shape poses, dof_axis, body_spatial_inertia."""
    x = ldm(mf, g, mi[AT.timestep])
    st3(ws, g, mi[AT.body_position_W], zero3(x))
    st_quat(ws, g, mi[AT.body_rotation_W], quat_identity(x))
    for b in range(1, mi[N.num_bodies]):
        place_body(mi, mf, ws, g, b)
        finish_axes(mi, ws, g, b)
        place_inertia(mi, mf, ws, g, b)
    place_shapes(mi, mf, ws, g)


@ti.func
def place_body(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, b):
    """Pose of body `b` in W from its parent and its joints, and the axes of the joints."""
    parent = mi[mi[AT.body_parent] + b]
    first, count = mi[mi[AT.body_joint_start] + b], mi[mi[AT.body_joint_count] + b]
    kinematic = mi[mi[AT.body_kinematic] + b]
    pos = ld3(ws, g, mi[AT.body_position_W] + 3 * parent)
    q = ld_quat(ws, g, mi[AT.body_rotation_W] + 4 * parent)
    free = 0
    if count > 0:
        if mi[mi[AT.joint_type] + first] == FREE:
            free = 1
    if kinematic >= 0:
        pos = ld3(ws, g, mi[AT.kinematic_position] + 3 * kinematic)
        q = quat_normalized(ld_quat(ws, g, mi[AT.kinematic_rotation] + 4 * kinematic))
    elif free == 1:
        at = mi[AT.qpos] + mi[mi[AT.joint_qpos_start] + first]
        pos = ld3(ws, g, at)
        q = quat_normalized(ld_quat(ws, g, at + 3))
    else:
        pos = add(pos, rotate(q, ldm3(mf, g, mi[AT.body_position] + 3 * b)))
        q = quat_mul(q, ldm_quat(mf, g, mi[AT.body_rotation] + 4 * b))
        for j in range(first, first + count):
            kind = mi[mi[AT.joint_type] + j]
            at = mi[AT.qpos] + mi[mi[AT.joint_qpos_start] + j]
            axes = mi[AT.dof_axis] + 6 * mi[mi[AT.joint_dof_start] + j]
            p_anchor = ldm3(mf, g, mi[AT.joint_position] + 3 * j)
            axis = ldm3(mf, g, mi[AT.joint_axis] + 3 * j)
            axis_W = rotate(q, axis)
            if kind == SLIDE:
                st6(ws, g, axes, spatial(zero3(axis.x), axis_W))
                pos = add_scaled(pos, axis_W, ld(ws, g, at))
            else:
                anchor = add(pos, rotate(q, p_anchor))
                if kind == HINGE:
                    q = quat_mul(q, quat_axis_angle(axis, ld(ws, g, at)))
                else:
                    q = quat_mul(q, quat_normalized(ld_quat(ws, g, at)))
                pos = sub(anchor, rotate(q, p_anchor))
                st6(ws, g, axes, spatial(axis_W, anchor))  # finish_axes turns the anchor into the linear part
        q = quat_normalized(q)
    st3(ws, g, mi[AT.body_position_W] + 3 * b, pos)
    st_quat(ws, g, mi[AT.body_rotation_W] + 4 * b, q)


@ti.func
def turns(mi: ti.template(), n):
    """n, as a number that the compiler cannot know: it would unroll the loop, which costs much compile time."""
    return n * ti.min(mi[N.num_bodies], 1)


@ti.func
def finish_axes(mi: ti.template(), ws: ti.template(), g, b):
    """Refer the axes of turning joints to the root's origin, which is known only once the root itself is placed."""
    ref = ld3(ws, g, mi[AT.body_position_W] + 3 * mi[mi[AT.body_root] + b])
    first, count = mi[mi[AT.body_joint_start] + b], mi[mi[AT.body_joint_count] + b]
    for j in range(first, first + count):
        kind = mi[mi[AT.joint_type] + j]
        at = mi[AT.dof_axis] + 6 * mi[mi[AT.joint_dof_start] + j]
        if kind == HINGE:
            axis = ld3(ws, g, at)
            st3(ws, g, at + 3, cross(axis, sub(ref, ld3(ws, g, at + 3))))
        elif kind != SLIDE:
            q = ld_quat(ws, g, mi[AT.body_rotation_W] + 4 * b)
            o, e = like(ref.x, 0.0), like(ref.x, 1.0)
            arm = zero3(ref.x)
            if kind == FREE:
                st6(ws, g, at, spatial(arm, vec3(e, o, o)))
                st6(ws, g, at + 6, spatial(arm, vec3(o, e, o)))
                st6(ws, g, at + 12, spatial(arm, vec3(o, o, e)))
                at += 18
            else:
                arm = sub(ref, ld3(ws, g, at + 3))
            for k in range(turns(mi, 3)):
                axis = vec3(o, o, e)
                if k == 0:
                    axis = vec3(e, o, o)
                if k == 1:
                    axis = vec3(o, e, o)
                axis = rotate(q, axis)
                st6(ws, g, at + 6 * k, spatial(axis, cross(axis, arm)))


@ti.func
def place_inertia(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, b):
    """Spatial inertia about the root's origin: R I R' plus the parallel-axis term."""
    q = ld_quat(ws, g, mi[AT.body_rotation_W] + 4 * b)
    ref = ld3(ws, g, mi[AT.body_position_W] + 3 * mi[mi[AT.body_root] + b])
    o, e = like(ref.x, 0.0), like(ref.x, 1.0)
    cx, cy, cz = rotate(q, vec3(e, o, o)), rotate(q, vec3(o, e, o)), rotate(q, vec3(o, o, e))
    com = ldm3(mf, g, mi[AT.body_com] + 3 * b)
    r = add(
        sub(ld3(ws, g, mi[AT.body_position_W] + 3 * b), ref), add(add(scale(cx, com.x), scale(cy, com.y)), scale(cz, com.z))
    )
    m = ldm(mf, g, mi[AT.body_mass] + b)
    at = mi[AT.body_inertia] + 6 * b
    xx, yy, zz = ldm(mf, g, at), ldm(mf, g, at + 1), ldm(mf, g, at + 2)
    xy, xz, yz = ldm(mf, g, at + 3), ldm(mf, g, at + 4), ldm(mf, g, at + 5)
    tx = add(add(scale(cx, xx), scale(cy, xy)), scale(cz, xz))
    ty = add(add(scale(cx, xy), scale(cy, yy)), scale(cz, yz))
    tz = add(add(scale(cx, xz), scale(cy, yz)), scale(cz, zz))
    rr = dot(r, r)
    inertia = ti.Struct(
        xx=tx.x * cx.x + ty.x * cy.x + tz.x * cz.x + m * (rr - r.x * r.x),
        yy=tx.y * cx.y + ty.y * cy.y + tz.y * cz.y + m * (rr - r.y * r.y),
        zz=tx.z * cx.z + ty.z * cy.z + tz.z * cz.z + m * (rr - r.z * r.z),
        xy=tx.x * cx.y + ty.x * cy.y + tz.x * cz.y - m * r.x * r.y,
        xz=tx.x * cx.z + ty.x * cy.z + tz.x * cz.z - m * r.x * r.z,
        yz=tx.y * cx.z + ty.y * cy.z + tz.y * cz.z - m * r.y * r.z,
        h=scale(r, m),
        m=m,
    )
    st_inertia(ws, g, mi[AT.body_spatial_inertia] + 10 * b, inertia)


@ti.func
def place_shapes(mi: ti.template(), mf: ti.template(), ws: ti.template(), g):
    for s in range(mi[N.num_shapes]):
        b = mi[mi[AT.shape_body] + s]
        q = ld_quat(ws, g, mi[AT.body_rotation_W] + 4 * b)
        p = ld3(ws, g, mi[AT.body_position_W] + 3 * b)
        st3(ws, g, mi[AT.shape_position_W] + 3 * s, add(p, rotate(q, ldm3(mf, g, mi[AT.shape_position] + 3 * s))))
        st_quat(ws, g, mi[AT.shape_rotation_W] + 4 * s, quat_mul(q, ldm_quat(mf, g, mi[AT.shape_rotation] + 4 * s)))
