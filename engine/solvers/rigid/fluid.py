"""Drag of bodies in a fluid, stateless (extended chain): by the box with the body's inertia, or by ellipsoids of its shapes.

Box of sides b: quadratic drag 1/2 rho b_j b_k |v_i| v_i and rho b_i (b_j^4 + b_k^4) |w_i| w_i / 64 about its axes, and Stokes
drag 3 pi mu d v and pi mu d^3 w of the sphere with the mean diameter. Ellipsoids add blunt and slender drag, the added mass of
potential flow (Lamb 1932) and the lifts of Magnus and Kutta. Reference: MuJoCo's "Fluid forces" chapter, whose formulas these
are. Limits: explicit in integrator 0; the integrators that are implicit in the velocity know the slope of the box only.
"""

import engine.solvers.rigid.force_arrays  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import absolute, any_lane, like, maximum, minimum
from engine.math.memory import ld, ld3, ld_quat, ldm, ldm3, ldm_quat, st
from engine.math.quat import quat_mul, rotate, rotate_back
from engine.math.spatial import dot6, ld6, spatial, st6, velocity_at
from engine.math.vec3 import add, add_scaled, cross, dot, mul3, norm, scale, sub, vec3

PI = 3.141592653589793
ELLIPSOIDS = 2  # value of the size word fluid
TINY = 1e-15


@ti.func
def drag_bodies(mi: ti.template(), mf: ti.template(), ws: ti.template(), g):
    """Add the drag of all bodies to passive_force and smooth_force."""
    shapes = 0
    if mi[N.fluid] == ELLIPSOIDS:
        shapes = mi[N.num_shapes]
    for n in range(1, mi[N.num_bodies] + shapes):
        b, s = n, n - mi[N.num_bodies]
        if s >= 0:
            b = mi[mi[AT.shape_body] + s]
        acts = 0
        if s < 0:
            acts = any_lane(ldm(mf, g, mi[AT.body_fluid_box] + 3 * b) > 0.0)
        else:
            acts = any_lane(ldm(mf, g, mi[AT.shape_fluid] + 12 * s) > 0.0)
        if acts:
            drag_one(mi, mf, ws, g, b, s)


@ti.func
def drag_one(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, b, s):
    """Drag of body `b` as a box, or of its shape `s` as an ellipsoid."""
    q, p = fluid_frame(mi, mf, ws, g, b)
    if s >= 0:
        q, p = ld_quat(ws, g, mi[AT.shape_rotation_W] + 4 * s), ld3(ws, g, mi[AT.shape_position_W] + 3 * s)
    arm = sub(p, ld3(ws, g, mi[AT.body_position_W] + 3 * mi[mi[AT.body_root] + b]))
    motion = ld6(ws, g, mi[AT.body_velocity_W] + 6 * b)
    v = rotate_back(q, sub(velocity_at(motion, arm), ldm3(mf, g, mi[AT.wind])))
    w = rotate_back(q, motion.a)
    f, n = vec3(v.x * 0.0, v.x * 0.0, v.x * 0.0), vec3(v.x * 0.0, v.x * 0.0, v.x * 0.0)
    if s < 0:
        linear, angular = box_drag(mi, mf, g, b, v, w, 1.0)
        f, n = mul3(linear, v), mul3(angular, w)
    else:
        drag = ellipsoid_drag(mi, mf, g, s, v, w)
        f, n = drag.l, drag.a
    force = rotate(q, f)
    wrench = spatial(add(rotate(q, n), cross(arm, force)), force)
    i = last_dof(mi, b)
    while i >= 0:
        push = dot6(ld6(ws, g, mi[AT.dof_axis] + 6 * i), wrench)
        st(ws, g, mi[AT.passive_force] + i, ld(ws, g, mi[AT.passive_force] + i) + push)
        st(ws, g, mi[AT.smooth_force] + i, ld(ws, g, mi[AT.smooth_force] + i) + push)
        i = mi[mi[AT.dof_parent] + i]


@ti.func
def last_dof(mi: ti.template(), body):
    """The last dof that moves the body, or -1."""
    b, dof = body, -1
    while b > 0 and mi[mi[AT.body_dof_count] + b] == 0:
        b = mi[mi[AT.body_parent] + b]
    if b > 0:
        dof = mi[mi[AT.body_dof_start] + b] + mi[mi[AT.body_dof_count] + b] - 1
    return dof


@ti.func
def fluid_frame(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, b):
    """Principal axes of inertia and centre of mass of body `b` in W."""
    q = ld_quat(ws, g, mi[AT.body_rotation_W] + 4 * b)
    p = add(ld3(ws, g, mi[AT.body_position_W] + 3 * b), rotate(q, ldm3(mf, g, mi[AT.body_com] + 3 * b)))
    return quat_mul(q, ldm_quat(mf, g, mi[AT.body_inertia_rotation] + 4 * b)), p


@ti.func
def box_drag(mi: ti.template(), mf: ti.template(), g, b, v, w, order):
    """Force per velocity and torque per angular velocity along the box's axes, quadratic terms times `order` (2: slopes)."""
    box = ldm3(mf, g, mi[AT.body_fluid_box] + 3 * b)
    rho, mu = ldm(mf, g, mi[AT.medium_density]) * order, ldm(mf, g, mi[AT.medium_viscosity])
    d = (box.x + box.y + box.z) / 3.0
    square = mul3(box, box)
    fourth = mul3(square, square)
    stokes, turn = 3.0 * PI * mu * d, PI * mu * d * d * d
    area = scale(vec3(box.y * box.z, box.z * box.x, box.x * box.y), 0.5 * rho)
    inertia = vec3(box.x * (fourth.y + fourth.z), box.y * (fourth.z + fourth.x), box.z * (fourth.x + fourth.y))
    linear = vec3(area.x * absolute(v.x), area.y * absolute(v.y), area.z * absolute(v.z))
    angular = scale(vec3(inertia.x * absolute(w.x), inertia.y * absolute(w.y), inertia.z * absolute(w.z)), rho / 64.0)
    return (
        vec3(0.0 - linear.x - stokes, 0.0 - linear.y - stokes, 0.0 - linear.z - stokes),
        vec3(0.0 - angular.x - turn, 0.0 - angular.y - turn, 0.0 - angular.z - turn),
    )


@ti.func
def ellipsoid_drag(mi: ti.template(), mf: ti.template(), g, s, v, w):
    """Wrench on shape `s` in its own frame."""
    r, at = ldm3(mf, g, mi[AT.shape_fluid_radii] + 3 * s), mi[AT.shape_fluid] + 12 * s
    blunt, slender, turning = ldm(mf, g, at + 1), ldm(mf, g, at + 2), ldm(mf, g, at + 3)
    rho, mu = ldm(mf, g, mi[AT.medium_density]), ldm(mf, g, mi[AT.medium_viscosity])
    tiny = like(rho, TINY)
    momentum = scale(mul3(ldm3(mf, g, at + 6), v), rho)
    spin = scale(mul3(ldm3(mf, g, at + 9), w), rho)
    largest, least = maximum(maximum(r.x, r.y), r.z), minimum(minimum(r.x, r.y), r.z)
    middle = r.x + r.y + r.z - largest - least
    volume = 4.0 / 3.0 * PI * r.x * r.y * r.z
    a, speed = mul3(vec3(r.y * r.z, r.z * r.x, r.x * r.y), vec3(r.y * r.z, r.z * r.x, r.x * r.y)), norm(v)
    normal = mul3(a, v)
    square, along = dot(normal, normal), dot(normal, v)
    area = PI * ti.sqrt(square / maximum(along, tiny))
    cosine = along / maximum(speed * ti.sqrt(square), tiny)
    lift = scale(cross(normal, v), ldm(mf, g, at + 4) * rho * cosine * area / maximum(ti.sqrt(square), tiny))
    force = add(cross(lift, v), scale(cross(w, v), ldm(mf, g, at + 5) * rho * volume))
    d = 2.0 / 3.0 * (r.x + r.y + r.z)
    most = PI * largest * middle
    drag = mu * 3.0 * PI * d + rho * speed * (area * blunt + slender * (most - area))
    swept = scale(vec3(r.x * fourth(maximum(r.y, r.z)), r.y * fourth(maximum(r.z, r.x)), r.z * fourth(maximum(r.x, r.y))),
                  8.0 / 15.0 * PI)  # fmt: skip
    bound = 8.0 / 15.0 * PI * middle * fourth(largest)
    moment = add(scale(swept, turning - slender), scale(vec3(bound, bound, bound), slender))
    torque_drag = mu * PI * d * d * d + rho * norm(mul3(moment, w))
    force = add_scaled(add(force, cross(momentum, w)), v, 0.0 - drag)
    torque = add_scaled(add(cross(momentum, v), cross(spin, w)), w, 0.0 - torque_drag)
    return spatial(torque, force)


@ti.func
def fourth(x):
    return x * x * x * x


@ti.func
def fluid_slopes(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, h):
    """Add h times the slope of the boxes' drag to slope_lower and slope_upper."""
    for b in range(1, mi[N.num_bodies]):
        if any_lane(ldm(mf, g, mi[AT.body_fluid_box] + 3 * b) > 0.0):
            box_slopes(mi, mf, ws, g, h, b)


@ti.func
def box_slopes(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, h, b):
    """Add h times the slope of the drag of body `b` to the entries of the dofs that move it."""
    q, p = fluid_frame(mi, mf, ws, g, b)
    arm = sub(p, ld3(ws, g, mi[AT.body_position_W] + 3 * mi[mi[AT.body_root] + b]))
    motion = ld6(ws, g, mi[AT.body_velocity_W] + 6 * b)
    v = rotate_back(q, sub(velocity_at(motion, arm), ldm3(mf, g, mi[AT.wind])))
    linear, angular = box_drag(mi, mf, g, b, v, rotate_back(q, motion.a), 2.0)
    last = last_dof(mi, b)
    i = last
    while i >= 0:
        axis = ld6(ws, g, mi[AT.dof_axis] + 6 * i)
        st6(ws, g, mi[AT.dof_motion] + 6 * i, spatial(rotate_back(q, axis.a), rotate_back(q, velocity_at(axis, arm))))
        i = mi[mi[AT.dof_parent] + i]
    i = last
    while i >= 0:
        mine = ld6(ws, g, mi[AT.dof_motion] + 6 * i)
        pull = spatial(mul3(angular, mine.a), mul3(linear, mine.l))
        at, j = mi[mi[AT.dof_mass_start] + i], i
        while j >= 0:
            add_both(mi, ws, g, at, 0.0 - h * dot6(pull, ld6(ws, g, mi[AT.dof_motion] + 6 * j)))
            at += 1
            j = mi[mi[AT.dof_parent] + j]
        i = mi[mi[AT.dof_parent] + i]


@ti.func
def add_both(mi: ti.template(), ws: ti.template(), g, at, term):
    """Add to an entry and to its mirror image."""
    st(ws, g, mi[AT.slope_lower] + at, ld(ws, g, mi[AT.slope_lower] + at) + term)
    st(ws, g, mi[AT.slope_upper] + at, ld(ws, g, mi[AT.slope_upper] + at) + term)
