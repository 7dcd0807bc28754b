"""Lengths, velocities and Jacobians of tendons, and the places of sites.

A fixed tendon is a sum of joint coordinates. A spatial tendon is the shortest path through its sites and around spheres and
cylinders; the sum over straight segments of u . (J_b - J_a) is its Jacobian, u the direction of the segment (Delp and Loan
1995; MuJoCo's "Tendons"). Its points are kept in W: a site is one, a wrap is two (where the path meets the shape and where it
leaves), and where the path does not touch the shape both lie in the middle of the straight line. `wrap.py` finds them.
Limits: cylinders are endless for a path; between two shapes there must be a site.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import absolute, any_lane, like, maximum, minimum
from engine.math.memory import ld, ld3, ld_quat, ldm, ldm3, ldm_quat, st, st3, st_quat
from engine.math.quat import quat_mul, rotate
from engine.math.spatial import ld6, velocity_at
from engine.math.vec3 import add, dot, norm, scale, select3, sub, vec3
from engine.solvers.rigid.kinematics import turns
from engine.solvers.rigid.wrap import place_wrap

TINY = 1e-15


@ti.func
def update_tendons(mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """Poses and velocities -> site poses, tendon_length, tendon_velocity, tendon_jacobian."""
    for s in range(mi[N.num_sites]):
        b = mi[mi[AT.site_body] + s]
        q, p = ld_quat(ws, g, mi[AT.body_rotation_W] + 4 * b), ld3(ws, g, mi[AT.body_position_W] + 3 * b)
        st3(ws, g, mi[AT.site_position_W] + 3 * s, add(p, rotate(q, ldm3(mf, g, mi[AT.site_position] + 3 * s))))
        st_quat(ws, g, mi[AT.site_rotation_W] + 4 * s, quat_mul(q, ldm_quat(mf, g, mi[AT.site_rotation] + 4 * s)))
    for p in range(mi[N.num_tendon_points]):
        site = mi[mi[AT.tendon_point_site] + p]
        if site >= 0:
            st3(ws, g, mi[AT.tendon_point_W] + 3 * p, ld3(ws, g, mi[AT.site_position_W] + 3 * site))
    for w in range(mi[N.num_wraps]):
        place_wrap(mi, mf, ws, g, w)
    for t in range(mi[N.num_tendons]):
        if mi[mi[AT.tendon_spatial] + t] == 1:
            spatial_tendon(mi, mf, ws, g, t)
        else:
            fixed_tendon(mi, mf, ws, g, t)


@ti.func
def fixed_tendon(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, t):
    """Sum of joint coordinates."""
    length = like(ldm(mf, g, mi[AT.timestep]), 0.0)
    speed = length
    start = mi[mi[AT.tendon_chain_start] + t]
    for k in range(start, start + mi[mi[AT.tendon_chain_count] + t]):
        dof, c = mi[mi[AT.tendon_chain_dof] + k], ldm(mf, g, mi[AT.tendon_coefficient] + k)
        length = length + c * ld(ws, g, mi[AT.qpos] + mi[mi[AT.joint_qpos_start] + mi[mi[AT.dof_joint] + dof]])
        speed = speed + c * ld(ws, g, mi[AT.qvel] + dof)
        st(ws, g, mi[AT.tendon_jacobian] + k, c)
    st(ws, g, mi[AT.tendon_length] + t, length)
    st(ws, g, mi[AT.tendon_velocity] + t, speed)


@ti.func
def spatial_tendon(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, t):
    """Sum over the segments of the path; the derivatives are summed by dof, then gathered by chain."""
    start, count = mi[mi[AT.tendon_chain_start] + t], mi[mi[AT.tendon_chain_count] + t]
    length = like(ldm(mf, g, mi[AT.timestep]), 0.0)
    speed = length
    for k in range(start, start + count):
        st(ws, g, mi[AT.tendon_scatter] + mi[mi[AT.tendon_chain_dof] + k], length)
    first = mi[mi[AT.tendon_segment_start] + t]
    for s in range(first, first + mi[mi[AT.tendon_segment_count] + t]):
        share = ldm(mf, g, mi[AT.segment_scale] + s)
        wrap, point = mi[mi[AT.segment_wrap] + s], mi[mi[AT.segment_point] + s]
        if wrap >= 0:
            length = length + share * ld(ws, g, mi[AT.wrap_arc] + wrap)
        else:
            at = mi[AT.tendon_point_W] + 3 * point
            d = sub(ld3(ws, g, at + 3), ld3(ws, g, at))
            size = norm(d)
            along = size > TINY
            one, zero = like(size, 1.0), like(size, 0.0)
            u = select3(along, scale(d, 1.0 / ti.select(along, size, one)), vec3(one, zero, zero))
            length = length + share * size
            speed = speed + pull_ends(mi, ws, g, point, u, share)
    for k in range(start, start + count):
        st(ws, g, mi[AT.tendon_jacobian] + k, ld(ws, g, mi[AT.tendon_scatter] + mi[mi[AT.tendon_chain_dof] + k]))
    st(ws, g, mi[AT.tendon_length] + t, length)
    st(ws, g, mi[AT.tendon_velocity] + t, speed)


@ti.func
def pull_ends(mi: ti.template(), ws: ti.template(), g, point, u, share):
    """Add the derivative of a straight segment along `u` to tendon_scatter; returns the rate of its length times `share`."""
    speed = share * 0.0
    for e in range(turns(mi, 2)):
        b, dof = mi[mi[AT.tendon_point_body] + point + e], mi[mi[AT.tendon_point_dof] + point + e]
        arm = sub(ld3(ws, g, mi[AT.tendon_point_W] + 3 * (point + e)), ld3(ws, g, root_origin(mi, b)))
        signed = share * (2.0 * e - 1.0)
        speed = speed + signed * dot(u, velocity_at(ld6(ws, g, mi[AT.body_velocity_W] + 6 * b), arm))
        while dof >= 0:
            slot = mi[AT.tendon_scatter] + dof
            rate = dot(u, velocity_at(ld6(ws, g, mi[AT.dof_axis] + 6 * dof), arm))
            st(ws, g, slot, ld(ws, g, slot) + signed * rate)
            dof = mi[mi[AT.dof_parent] + dof]
    return speed


@ti.func
def root_origin(mi: ti.template(), b):
    """Slot of the point that the spatial vectors of body `b` refer to."""
    return mi[AT.body_position_W] + 3 * mi[mi[AT.body_root] + b]


@ti.func
def spring_length(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, t):
    """How far the length is outside the dead band of the spring."""
    length, at = ld(ws, g, mi[AT.tendon_length] + t), mi[AT.tendon_spring_range] + 2 * t
    zero = length * 0.0
    return maximum(length - ldm(mf, g, at + 1), zero) + minimum(length - ldm(mf, g, at), zero)


@ti.func
def tendon_forces(mi: ti.template(), mf: ti.template(), ws: ti.template(), g):
    """Add springs and dampers of the tendons to passive_force and smooth_force."""
    for t in range(mi[N.num_tendons]):
        k, d = ldm3(mf, g, mi[AT.tendon_stiffness] + 3 * t), ldm3(mf, g, mi[AT.tendon_damping] + 3 * t)
        if any_lane(dot(k, k) + dot(d, d) > 0.0):
            x, v = spring_length(mi, mf, ws, g, t), ld(ws, g, mi[AT.tendon_velocity] + t)
            force = 0.0 - x * (k.x + x * (k.y + x * k.z)) - v * (d.x + absolute(v) * d.y + v * v * d.z)
            start = mi[mi[AT.tendon_chain_start] + t]
            for e in range(start, start + mi[mi[AT.tendon_chain_count] + t]):
                dof, f = mi[mi[AT.tendon_chain_dof] + e], ld(ws, g, mi[AT.tendon_jacobian] + e) * force
                st(ws, g, mi[AT.passive_force] + dof, ld(ws, g, mi[AT.passive_force] + dof) + f)
                st(ws, g, mi[AT.smooth_force] + dof, ld(ws, g, mi[AT.smooth_force] + dof) + f)
