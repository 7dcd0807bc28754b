"""Rows of the constraint problem: contacts, joint limits and dry joint friction, with MuJoCo's soft reference.

Each row has a reference acceleration aref = -B v - K I r and a weight D = I / ((1 - I) A), where I(r) is the impedance
(solimp), K and B come from solref, and A approximates the diagonal of J M^-1 J' from inverse weights (Todorov 2014; MuJoCo's
"Computation" chapter). The friction rows of a contact have no K; their weights follow impedance_ratio and the friction
coefficients, so that the cone is circular in scaled space. Jacobian rows of a contact run over the dofs that move its two
bodies against each other; motion that is prescribed enters through the velocities of the bodies.
Restitution: an approach speed v above a threshold asks for v' with v'^2 + g h v' = e^2 (v^2 + g h v) + 2 g d (1 - e^2) at
depth d, which is a bounce at the surface: what semi-implicit Euler keeps in free fall is v^2 / 2 + g z - g h v / 2. v' <= v, so
energy does not grow; a body that leaves faster than it needs to reach the surface is not pushed; e = 0 leaves contacts alone.
Limits: of the two limits of a joint only the nearer acts; dry friction has MuJoCo's default solref and solimp.
"""

import engine.collision.workspace  # noqa: F401  (declares contact_arrival)
import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import absolute, any_lane, clamp, like, maximum, minimum, power
from engine.math.memory import ld, ld3, ld_quat, ldm, ldm3, st, st3
from engine.math.quat import quat_log, quat_normalized, rotate
from engine.math.spatial import ld6, velocity_at
from engine.math.vec3 import cross, dot, mul3, norm, normalized, scale, select3, sub, tangents, vec3, zero3
from engine.solvers.rigid.panels import panel_of
from engine.solvers.rigid.pyramid import PYRAMID, edge_weights
from engine.types import JointType, ShapeType

BALL, SLIDE = int(JointType.BALL), int(JointType.SLIDE)
PLANE, CAPSULE = int(ShapeType.PLANE), int(ShapeType.CAPSULE)
MIN_FRICTION = 1e-5  # MuJoCo's mjMINMU
MAX_IMPEDANCE, MIN_IMPEDANCE = 0.9999, 0.0001
SWEPT_DEPTH = -1e-9  # m; marks the row of a swept contact as one that acts
SHORT = 0.1  # a fast contact stops short by this share of the thickness of its shapes
SLIPPERY = 0.01  # factor of its friction
REBOUND_SPEED = 0.01  # m/s; plus the speed gained by falling for two substeps


@ti.func
def make_constraints(
    mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g, extended: ti.template()
):
    """Contact slots, joint limits and dry friction -> rows; counts the rows that act in active_rows."""
    st(ws, g, mi[AT.active_rows], like(ldm(mf, g, mi[AT.timestep]), 0.0))
    contacts = ld(wi, g, mi[AT.num_contacts])
    for c in range(contacts):
        contact_jacobian(mi, mf, ws, wi, g, c, extended)
    limits = find_limits(mi, mf, ws, wi, g)
    for n in range(contacts + limits):
        soft_row(mi, mf, ws, wi, g, n, contacts, extended)
    friction_rows(mi, mf, ws, wi, g)


@ti.func
def impedance(d0, dmax, width, mid, exponent, distance):
    """I(r) in [0.0001, 0.9999]: from d0 at r = 0 to dmax at |r| = width along two power curves that meet at mid."""
    one = like(distance, 1.0)
    low = clamp(d0, one * MIN_IMPEDANCE, one * MAX_IMPEDANCE)
    high = clamp(dmax, one * MIN_IMPEDANCE, one * MAX_IMPEDANCE)
    middle = clamp(mid, one * MIN_IMPEDANCE, one * MAX_IMPEDANCE)
    flat = (low == high) | (width <= 1e-15)
    x = minimum(absolute(distance) / ti.select(flat, one, width), one)
    rising = x <= middle
    base = ti.select(rising, x, 1.0 - x)
    slope = base / ti.select(rising, middle, 1.0 - middle)
    curve = base * slope
    p = maximum(exponent, one)
    if any_lane(p != 2.0):
        curve = ti.select(p == 2.0, curve, base * ti.select(p == 1.0, one, power(slope, p - 1.0)))
    y = ti.select(rising, curve, 1.0 - curve)
    return ti.select(flat, 0.5 * (low + high), low + y * (high - low))


@ti.func
def spring_damper(r0, r1, dmax, h):
    """(K, B) of a solref pair: time constant (at least 2 h) and damping ratio, or minus stiffness and minus damping."""
    one = like(h, 1.0)
    high = clamp(dmax, one * MIN_IMPEDANCE, one * MAX_IMPEDANCE)
    by_time = r0 > 0.0
    tau = maximum(r0, 2.0 * h) * high
    k = 1.0 / maximum(tau * tau * r1 * r1, one * 1e-15)
    stiffness = ti.select(by_time, k, (0.0 - r0) / (high * high))
    damping = ti.select(by_time, 2.0 / maximum(tau, one * 1e-15), (0.0 - r1) / high)
    return stiffness, damping


@ti.func
def contact_jacobian(mi: ti.template(), mf: ti.template(), ws: ti.template(), wi: ti.template(), g, c, extended: ti.template()):
    """Rows of J, the relative velocity in the contact frame (contact_change until the solver runs) and contact_depth."""
    pair = ld(wi, g, mi[AT.contact_pair] + c)
    sa, sb = mi[mi[AT.pair_shape_a] + pair], mi[mi[AT.pair_shape_b] + pair]
    ba, bb = mi[mi[AT.shape_body] + sa], mi[mi[AT.shape_body] + sb]
    wide = mi[mi[AT.pair_condim] + pair] > 3
    margin, rule = ldm(mf, g, mi[AT.shape_margin] + sa) + ldm(mf, g, mi[AT.shape_margin] + sb), mi[mi[AT.pair_rule] + pair]
    if rule > 0:
        margin = ldm(mf, g, mi[AT.rule_margin] + rule - 1)
    depth = ld(ws, g, mi[AT.contact_distance] + c) - margin
    if ti.static(extended):  # a swept contact acts before it touches
        depth = ti.select(ld(ws, g, mi[AT.contact_arrival] + c) > 0.5, like(depth, SWEPT_DEPTH), depth)
    active = depth < 0.0
    st(ws, g, mi[AT.contact_depth] + c, ti.select(active, depth, like(depth, 0.0)))
    zero, one = like(depth, 0.0), like(depth, 1.0)
    n = select3(active, ld3(ws, g, mi[AT.contact_normal] + 3 * c), vec3(zero, zero, one))
    p = select3(active, ld3(ws, g, mi[AT.contact_position] + 3 * c), zero3(depth))
    t1 = first_tangent(mi, ws, g, sa, sb, n)
    t2 = cross(n, t1)
    st3(ws, g, mi[AT.contact_tangent] + 3 * c, t1)
    root_a, root_b = mi[mi[AT.body_root] + ba], mi[mi[AT.body_root] + bb]
    arm_a = sub(p, ld3(ws, g, mi[AT.body_position_W] + 3 * root_a))
    arm_b = sub(p, ld3(ws, g, mi[AT.body_position_W] + 3 * root_b))
    start = mi[mi[AT.pair_block_start] + pair]
    rows, turn = mi[AT.contact_jacobian] + 18 * c * mi[N.max_blocks], 9 * mi[N.max_blocks]
    for k in range(3 * mi[mi[AT.pair_block_count] + pair]):
        block = panel_of(k)
        row = rows + 9 * block + k - 3 * block
        sign = mi[mi[AT.block_sign] + 3 * start + k]
        v, w = zero3(depth), zero3(depth)
        if sign != 0:
            axis = ld6(ws, g, mi[AT.dof_axis] + 6 * (3 * mi[mi[AT.block_panel] + start + block] + k - 3 * block))
            v, w = velocity_at(axis, arm_b), scale(axis.a, 1.0)
            if sign < 0:
                v, w = scale(velocity_at(axis, arm_a), -1.0), scale(axis.a, -1.0)
        st_row(ws, g, row, vec3(dot(n, v), dot(t1, v), dot(t2, v)))
        if wide:
            st_row(ws, g, row + turn, vec3(dot(n, w), dot(t1, w), dot(t2, w)))
    va, vb = ld6(ws, g, mi[AT.body_velocity_W] + 6 * ba), ld6(ws, g, mi[AT.body_velocity_W] + 6 * bb)
    v = sub(velocity_at(vb, arm_b), velocity_at(va, arm_a))
    w = sub(vb.a, va.a)
    st3(ws, g, mi[AT.contact_change] + 6 * c, vec3(dot(n, v), dot(t1, v), dot(t2, v)))
    st3(ws, g, mi[AT.contact_change] + 6 * c + 3, vec3(dot(n, w), dot(t1, w), dot(t2, w)))


@ti.func
def first_tangent(mi: ti.template(), ws: ti.template(), g, sa, sb, n):
    """First tangent at the normal n. Only a pyramid feels its direction, and there it is MuJoCo's: along a capsule on a plane,
    else along y of the world, or along z where the normal leans towards y.
    """
    t, _ = tangents(n)
    if mi[N.cone] == PYRAMID:
        zero, one = like(n.x, 0.0), like(n.x, 1.0)
        leans = absolute(n.y) >= 0.5
        wish = vec3(zero, ti.select(leans, zero, one), ti.select(leans, one, zero))
        if mi[mi[AT.shape_type] + sa] == PLANE and mi[mi[AT.shape_type] + sb] == CAPSULE:
            axis = rotate(ld_quat(ws, g, mi[AT.shape_rotation_W] + 4 * sb), vec3(zero, zero, one))
            upright = absolute(dot(n, axis)) > 1.0 - 1e-6
            wish = select3(upright, wish, axis)
        t = normalized(sub(wish, scale(n, dot(n, wish))))
    return t


@ti.func
def st_row(ws: ti.template(), g, at, v):
    """A column of a block of J, whose rows are three slots long."""
    st(ws, g, at, v.x)
    st(ws, g, at + 3, v.y)
    st(ws, g, at + 6, v.z)


@ti.func
def soft_row(
    mi: ti.template(), mf: ti.template(), ws: ti.template(), wi: ti.template(), g, n, contacts, extended: ti.template()
):
    """Reference and weight of contact n, or of joint limit n - contacts; a contact takes the mean of its two shapes."""
    h = ldm(mf, g, mi[AT.timestep])
    c, j, sa, sb = n, 0, 0, 0
    depth, speed = h, h
    imp_a, imp_b, ref_a, ref_b = 0, 0, 0, 0
    if n < contacts:
        pair = ld(wi, g, mi[AT.contact_pair] + c)
        sa, sb = mi[mi[AT.pair_shape_a] + pair], mi[mi[AT.pair_shape_b] + pair]
        imp_a, imp_b = mi[AT.shape_solimp] + 5 * sa, mi[AT.shape_solimp] + 5 * sb
        ref_a, ref_b = mi[AT.shape_solref] + 2 * sa, mi[AT.shape_solref] + 2 * sb
        rule = mi[mi[AT.pair_rule] + pair]
        if rule > 0:
            imp_a, ref_a = mi[AT.rule_solimp] + 5 * (rule - 1), mi[AT.rule_solref] + 2 * (rule - 1)
            imp_b, ref_b = imp_a, ref_a
        depth, speed = ld(ws, g, mi[AT.contact_depth] + c), ld(ws, g, mi[AT.contact_change] + 6 * c)
    else:
        j = ld(wi, g, mi[AT.limit_list] + n - contacts)
        imp_a, ref_a = mi[AT.joint_solimp] + 5 * j, mi[AT.joint_solref] + 2 * j
        imp_b, ref_b = imp_a, ref_a
        depth, speed = ld(ws, g, mi[AT.limit_residual] + j), ld(ws, g, mi[AT.limit_change] + j)
    d0, dmax = 0.5 * (ldm(mf, g, imp_a) + ldm(mf, g, imp_b)), 0.5 * (ldm(mf, g, imp_a + 1) + ldm(mf, g, imp_b + 1))
    width, middle = 0.5 * (ldm(mf, g, imp_a + 2) + ldm(mf, g, imp_b + 2)), 0.5 * (ldm(mf, g, imp_a + 3) + ldm(mf, g, imp_b + 3))
    imp = impedance(d0, dmax, width, middle, 0.5 * (ldm(mf, g, imp_a + 4) + ldm(mf, g, imp_b + 4)), depth)
    a0, a1, b0, b1 = ldm(mf, g, ref_a), ldm(mf, g, ref_a + 1), ldm(mf, g, ref_b), ldm(mf, g, ref_b + 1)
    timed = (a0 > 0.0) & (b0 > 0.0)  # a time constant and a stiffness cannot be averaged: the stiffness wins, as in MuJoCo
    r0, r1 = ti.select(timed, 0.5 * (a0 + b0), minimum(a0, b0)), ti.select(timed, 0.5 * (a1 + b1), minimum(a1, b1))
    k, b = spring_damper(r0, r1, dmax, h)
    normal = 0.0 - b * speed - k * imp * depth
    if n < contacts:
        contact_reference(mi, mf, ws, g, c, ld(wi, g, mi[AT.contact_pair] + c), sa, sb, imp, normal, b, extended)
    else:
        active = depth < 0.0
        inverse = maximum(ldm(mf, g, mi[AT.dof_inverse_weight] + mi[mi[AT.joint_dof_start] + j]), like(h, 1e-15))
        st(ws, g, mi[AT.limit_weight] + j, ti.select(active, imp / ((1.0 - imp) * inverse), like(h, 0.0)))
        st(ws, g, mi[AT.limit_reference] + j, normal)
        count_rows(mi, ws, g, active)


@ti.func
def contact_reference(
    mi: ti.template(),
    mf: ti.template(),
    ws: ti.template(),
    g,
    c,
    pair,
    sa,
    sb,
    imp_soft,
    normal_soft,
    b,
    extended: ti.template(),
):
    """aref, friction and D of contact c, with the rebound of shapes that have restitution."""
    h, depth = ldm(mf, g, mi[AT.timestep]), ld(ws, g, mi[AT.contact_depth] + c)
    zero, one = like(h, 0.0), like(h, 1.0)
    v, w = ld3(ws, g, mi[AT.contact_change] + 6 * c), ld3(ws, g, mi[AT.contact_change] + 6 * c + 3)
    active, imp, normal = depth < 0.0, imp_soft, normal_soft
    ba, bb = mi[mi[AT.shape_body] + sa], mi[mi[AT.shape_body] + sb]
    e = maximum(ldm(mf, g, mi[AT.shape_restitution] + sa), ldm(mf, g, mi[AT.shape_restitution] + sb))
    if any_lane(e > 0.0):
        gravity = ldm3(mf, g, mi[AT.gravity])
        slow = REBOUND_SPEED + 2.0 * h * norm(gravity)
        bounces = active & (e > 0.0) & (v.x < 0.0 - slow)
        pull = dot(ld3(ws, g, mi[AT.contact_normal] + 3 * c), gravity) * (falling(mi, mf, g, ba) - falling(mi, mf, g, bb))
        half = 0.5 * h * maximum(pull, zero)
        gained = 2.0 * maximum(pull, zero) * (0.0 - depth)
        kept = ti.select(bounces, e * e, zero)
        square = kept * v.x * (v.x - 2.0 * half) + gained * (1.0 - kept)
        leaving = minimum(ti.sqrt(half * half + square) - half, absolute(v.x))
        normal = ti.select(bounces, (leaving - v.x) / h, normal)
        normal = ti.select(active & (e > 0.0) & (v.x > slow), minimum(normal, (leaving - v.x) / h), normal)
        imp = ti.select(bounces, one * MAX_IMPEDANCE, imp)
    if ti.static(extended):  # a fast contact closes by its distance within the substep and no farther, or rebounds at once
        fast = active & (ld(ws, g, mi[AT.contact_arrival] + c) > 0.5)
        thickness = ldm(mf, g, mi[AT.shape_thickness] + sa) + ldm(mf, g, mi[AT.shape_thickness] + sb)
        way = maximum(ld(ws, g, mi[AT.contact_distance] + c) - SHORT * thickness, zero)
        rebounds = (e > 0.0) & (v.x < 0.0 - REBOUND_SPEED)
        allowed = ti.select(rebounds, 0.0 - e * v.x, 0.0 - way / h)
        normal = ti.select(fast, (allowed - v.x) / h, normal)
        imp = ti.select(fast, one * MAX_IMPEDANCE, imp)
    friction, mu = contact_friction(mi, mf, g, pair, sa, sb)
    if ti.static(extended):  # friction waits until the shapes touch
        slip = ti.select(active & (ld(ws, g, mi[AT.contact_arrival] + c) > 0.5), one * SLIPPERY, one)
        friction, mu = scale(friction, slip), mu * slip
    row = mi[AT.contact_reference] + 6 * c
    st3(ws, g, row, vec3(normal, 0.0 - b * v.y, 0.0 - b * v.z))
    st3(ws, g, row + 3, scale(w, 0.0 - b))
    st(ws, g, mi[AT.contact_shift] + c, zero)
    inverse = ldm(mf, g, mi[AT.body_inverse_weight] + 2 * ba) + ldm(mf, g, mi[AT.body_inverse_weight] + 2 * bb)
    heavy = maximum(ldm(mf, g, mi[AT.body_mass] + ba) + ldm(mf, g, mi[AT.body_mass] + bb), one * 1e-15)
    inverse = ti.select(inverse > 0.0, inverse, one / heavy)  # neither centre of mass can be moved: do not divide by 0
    weight = ti.select(active, imp / ((1.0 - imp) * inverse), zero)
    square = mul3(friction, friction)
    per_square = weight / (mu * mu)  # D of a friction row is this times its coefficient squared
    slide = vec3(weight, per_square * square.x, per_square * square.x)
    turn = vec3(per_square * square.y, per_square * square.z, per_square * square.z)
    if mi[N.cone] == PYRAMID:
        slide, turn = edge_weights(imp, inverse, friction, mu, mi[mi[AT.pair_condim] + pair])
        slide, turn = select3(active, slide, zero3(h)), select3(active, turn, zero3(h))
    row = mi[AT.contact_diagonal] + 6 * c
    st3(ws, g, row, slide)
    st3(ws, g, row + 3, turn)
    st3(ws, g, mi[AT.contact_friction] + 3 * c, friction)
    st(ws, g, mi[AT.contact_cone] + 2 * c, mu)
    st(ws, g, mi[AT.contact_cone] + 2 * c + 1, weight / (mu * mu * (1.0 + mu * mu)))
    st3(ws, g, mi[AT.contact_force] + 6 * c, zero3(h))
    st3(ws, g, mi[AT.contact_force] + 6 * c + 3, zero3(h))
    count_rows(mi, ws, g, active)


@ti.func
def contact_friction(mi: ti.template(), mf: ti.template(), g, pair, sa, sb):
    """The larger coefficients of the two shapes (zero for rows that condim leaves out), and the slope of the cone."""
    condim = mi[mi[AT.pair_condim] + pair]
    a, b = ldm3(mf, g, mi[AT.shape_friction] + 3 * sa), ldm3(mf, g, mi[AT.shape_friction] + 3 * sb)
    rule = mi[mi[AT.pair_rule] + pair]
    if rule > 0:
        a = ldm3(mf, g, mi[AT.rule_friction] + 3 * (rule - 1))
        b = a
    least, one = like(a.x, MIN_FRICTION), like(a.x, 1.0)
    f, mu = zero3(a.x), one
    if condim > 1:
        f.x = maximum(maximum(a.x, b.x), least)
        mu = f.x / ti.sqrt(ldm(mf, g, mi[AT.impedance_ratio]))
    if condim > 3:
        f.y = maximum(maximum(a.y, b.y), least)
    if condim > 4:
        f.z = maximum(maximum(a.z, b.z), least)
    return f, mu


@ti.func
def falling(mi: ti.template(), mf: ti.template(), g, b):
    """The share of gravity that accelerates the body: 0 where nothing can move it."""
    share = ldm(mf, g, mi[AT.body_gravity_scale] + b)
    return ti.select(ldm(mf, g, mi[AT.body_inverse_weight] + 2 * b) > 0.0, share, like(share, 0.0))


@ti.func
def count_rows(mi: ti.template(), ws: ti.template(), g, active):
    rows = ld(ws, g, mi[AT.active_rows])
    st(ws, g, mi[AT.active_rows], rows + ti.select(active, like(rows, 1.0), like(rows, 0.0)))


@ti.func
def find_limits(mi: ti.template(), mf: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """List the joints whose limit acts in any lane; returns how many. Depth and speed go to limit_residual, limit_change."""
    h = ldm(mf, g, mi[AT.timestep])
    count = 0
    for j in range(mi[N.num_joints]):
        if mi[mi[AT.joint_limited] + j] == 1:
            kind, dof, at = (
                mi[mi[AT.joint_type] + j],
                mi[mi[AT.joint_dof_start] + j],
                mi[AT.qpos] + mi[mi[AT.joint_qpos_start] + j],
            )
            low, high = ldm(mf, g, mi[AT.joint_range] + 2 * j), ldm(mf, g, mi[AT.joint_range] + 2 * j + 1)
            axis = zero3(h)
            distance, v = like(h, 1.0), like(h, 0.0)
            if kind >= SLIDE:
                q = ld(ws, g, at)
                nearer = q - low <= high - q
                distance = ti.select(nearer, q - low, high - q)
                axis.x = ti.select(nearer, like(h, 1.0), like(h, -1.0))
                v = axis.x * ld(ws, g, mi[AT.qvel] + dof)
            elif kind == BALL:
                turn = quat_log(quat_normalized(ld_quat(ws, g, at)))
                distance = maximum(low, high) - norm(turn)
                axis = scale(normalized(turn), -1.0)
                v = dot(axis, ld3(ws, g, mi[AT.qvel] + dof))
            depth = distance - ldm(mf, g, mi[AT.joint_margin] + j)
            active = depth < 0.0
            if any_lane(active):
                st(wi, g, mi[AT.limit_list] + count, j)
                count += 1
                st3(ws, g, mi[AT.limit_axis] + 3 * j, axis)
                st(ws, g, mi[AT.limit_residual] + j, ti.select(active, depth, depth * 0.0))
                st(ws, g, mi[AT.limit_change] + j, v)
    st(wi, g, mi[AT.num_limits], count)
    return count


@ti.func
def friction_rows(mi: ti.template(), mf: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """Dry friction: D at the default impedance 0.9, damping 2 / (0.95 * 0.02 s), at least 2 h as every time constant."""
    h = ldm(mf, g, mi[AT.timestep])
    count = 0
    damping = 2.0 / (0.95 * maximum(like(h, 0.02), 2.0 * h))
    for i in range(mi[N.num_dofs]):
        loss = ldm(mf, g, mi[AT.dof_friction_loss] + i)
        active = loss > 0.0
        if any_lane(active):
            st(wi, g, mi[AT.friction_list] + count, i)
            count += 1
            inverse = maximum(ldm(mf, g, mi[AT.dof_inverse_weight] + i), like(h, 1e-15))
            st(ws, g, mi[AT.friction_weight] + i, ti.select(active, 0.9 / (0.1 * inverse), like(h, 0.0)))
            st(ws, g, mi[AT.friction_bound] + i, loss)
            st(ws, g, mi[AT.friction_reference] + i, 0.0 - damping * ld(ws, g, mi[AT.qvel] + i))
            count_rows(mi, ws, g, active)
    st(wi, g, mi[AT.num_frictions], count)
