"""Contacts of bodies that move so fast that they could pass through each other within one substep (speculative contacts).

A pair is fast when its relative travel in a substep is longer than half the thickness of both shapes together; slower pairs
overlap at some substep and are left as they are. A fast pair that does not touch is swept: conservative advancement (Mirtich
1996; MuJoCo 4.0 does the same) moves b along its relative travel by the separation over the closing speed until the shapes meet
or miss, so a body that passes by meets nothing. Where they meet, a slot is made whose distance is the way still to go; the
solver lets a fast contact close by that way and no farther (`contact_arrival`), with the stiffest impedance.

A contact that stops one corner of a fast body lets its centre go on, through the obstacle, while it spins by several turns a
substep. So the lever arm of a fast contact is drawn towards the centre of the lighter body, by thickness over travel.

Limits: bodies translate while they are swept, so that a fast spin alone can still pass; accelerations within the substep are
not seen; an impact off the centre gives too little spin; fields are not swept against.
"""

from engine.arrays import AT, N
from engine.collision.analytic import make_touch, plane_touch
from engine.collision.convex import convex_touch
from engine.collision.detect import pair_margin
from engine.collision.shapes import MESH, PLANE, load_shape, relative_pose
from engine.compiler import ti
from engine.declarations import FAR
from engine.math.lanes import any_lane, clamp, like, maximum, minimum
from engine.math.memory import ld, ld3, ld_quat, ldm, ldm3, st, st3
from engine.math.quat import rotate, rotate_back
from engine.math.spatial import ld6, velocity_at
from engine.math.vec3 import add, add_scaled, dot, norm, scale, select3, sub, vec3, zero3

MAX_ADVANCES = 24
TOUCHING = 1e-4  # separation, relative to the bounds of the pair, at which shapes have met


@ti.func
def shape_velocity(mi: ti.template(), ws: ti.template(), g, i):
    """Velocity of the origin of shape i in W."""
    body = mi[mi[AT.shape_body] + i]
    arm = sub(ld3(ws, g, mi[AT.shape_position_W] + 3 * i), ld3(ws, g, mi[AT.body_position_W] + 3 * mi[mi[AT.body_root] + body]))
    return velocity_at(ld6(ws, g, mi[AT.body_velocity_W] + 6 * body), arm)


@ti.func
def pair_thickness(mi: ti.template(), mf: ti.template(), g, pair):
    """The travel [m] beyond which a pair is fast: half the thickness of both shapes."""
    ia, ib = mi[mi[AT.pair_shape_a] + pair], mi[mi[AT.pair_shape_b] + pair]
    return ldm(mf, g, mi[AT.shape_thickness] + ia) + ldm(mf, g, mi[AT.shape_thickness] + ib)


@ti.func
def may_meet(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, pair, travel):
    """Mask of the fast lanes whose bounding balls meet while b moves by `travel` (in W) relative to a."""
    ia, ib = mi[mi[AT.pair_shape_a] + pair], mi[mi[AT.pair_shape_b] + pair]
    gap = sub(ld3(ws, g, mi[AT.shape_position_W] + 3 * ib), ld3(ws, g, mi[AT.shape_position_W] + 3 * ia))
    reach = ldm(mf, g, mi[AT.shape_bound] + ia) + ldm(mf, g, mi[AT.shape_bound] + ib)
    o, one = like(reach, 0.0), like(reach, 1.0)
    length2 = dot(travel, travel)
    moves = length2 > 0.0
    t = clamp((0.0 - dot(gap, travel)) / ti.select(moves, length2, one), o, one)
    nearest = add_scaled(gap, travel, t)
    meets = dot(nearest, nearest) < reach * reach
    if mi[mi[AT.shape_type] + ia] == PLANE:
        n = rotate(ld_quat(ws, g, mi[AT.shape_rotation_W] + 4 * ia), vec3(o, o, one))
        meets = dot(n, gap) + minimum(dot(n, travel), o) < reach
    thick = pair_thickness(mi, mf, g, pair)
    return meets & (length2 > thick * thick) & moves


@ti.func
def advance_pair(mi: ti.template(), md: ti.template(), a, b, pose, travel, swept, margin, size):
    """Move b along `travel` (frame of a) until it meets a: the touch there, the fraction t of the travel, and 1 where they
    meet.
    """
    o, one = like(size, 0.0), like(size, 1.0)
    t, state = o, ti.select(swept, o, one * 2.0)  # 0 on the way, 1 met, 2 passed by
    touch = make_touch(zero3(size), size, zero3(size), o)
    near, length = TOUCHING * size, norm(travel)
    reach = length + near  # how far apart the shapes can be here; the smaller, the more exact the normal
    turn = 0
    while turn < MAX_ADVANCES:
        stand = ti.Struct(p=add_scaled(pose.p, travel, t), x=pose.x, y=pose.y, z=pose.z)
        active = state < 0.5
        found = touch
        if a.kind == PLANE:
            found = plane_touch(mi, md, b, stand)
        else:
            found = convex_touch(mi, md, a, b, stand, active, reach, size)
        touch.n = select3(active, found.n, touch.n)
        touch.distance = ti.select(active, found.distance, touch.distance)
        touch.witness = select3(active, found.witness, touch.witness)
        closing = 0.0 - dot(found.n, travel)
        overlapped = (t <= 0.0) & (found.distance < margin)  # has a contact of the ordinary kind
        leaves = (closing <= 0.0) | (found.distance > closing * (1.0 - t) + near) | overlapped
        met = active & (leaves == 0) & (found.distance <= near)
        state = ti.select(met, one, ti.select(active & leaves, one * 2.0, state))
        step = maximum(found.distance - 0.5 * near, o) / ti.select(closing > 0.0, closing, one)
        t = ti.select(state < 0.5, minimum(t + step, one), t)
        reach = ti.select(state < 0.5, minimum(length, 4.0 * (found.distance + step * length) + 0.02 * size) + near, reach)
        turn += 1
        if any_lane(state < 0.5) == 0:
            turn = MAX_ADVANCES
    return touch, t, ti.select((state > 0.5) & (state < 1.5), one, o)


@ti.func
def centre_of_mass(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, shape):
    """Centre of mass, in W, of the body that carries the shape."""
    b = mi[mi[AT.shape_body] + shape]
    turn = ld_quat(ws, g, mi[AT.body_rotation_W] + 4 * b)
    return add(ld3(ws, g, mi[AT.body_position_W] + 3 * b), rotate(turn, ldm3(mf, g, mi[AT.body_com] + 3 * b)))


@ti.func
def drawn_in(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, pair, p, back, n, travel):
    """Where a fast contact acts (W): p, led back by `back` where b is the lighter body, drawn towards that body's centre."""
    ia, ib = mi[mi[AT.pair_shape_a] + pair], mi[mi[AT.pair_shape_b] + pair]
    wa = ldm(mf, g, mi[AT.body_inverse_weight] + 2 * mi[mi[AT.shape_body] + ia])
    wb = ldm(mf, g, mi[AT.body_inverse_weight] + 2 * mi[mi[AT.shape_body] + ib])
    lighter = wb >= wa
    centre = select3(lighter, centre_of_mass(mi, mf, ws, g, ib), centre_of_mass(mi, mf, ws, g, ia))
    arm = sub(select3(lighter, add(p, back), p), centre)
    along = dot(arm, n)
    length = norm(travel)
    share = minimum(pair_thickness(mi, mf, g, pair) / maximum(length, like(length, 1e-15)), like(length, 1.0))
    return add(centre, add_scaled(scale(arm, share), n, along * (1.0 - share)))


@ti.func
def sweep_pair(
    mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g, pair, u, mask, need
):
    """Sweep one pair whose relative travel is u (in W); returns the slots wanted so far."""
    ia, ib = mi[mi[AT.pair_shape_a] + pair], mi[mi[AT.pair_shape_b] + pair]
    pa, qa = ld3(ws, g, mi[AT.shape_position_W] + 3 * ia), ld_quat(ws, g, mi[AT.shape_rotation_W] + 4 * ia)
    pb, qb = ld3(ws, g, mi[AT.shape_position_W] + 3 * ib), ld_quat(ws, g, mi[AT.shape_rotation_W] + 4 * ib)
    a, b = load_shape(mi, mf, g, ia), load_shape(mi, mf, g, ib)
    size = ldm(mf, g, mi[AT.shape_bound] + ia) + ldm(mf, g, mi[AT.shape_bound] + ib)
    margin = pair_margin(mf, mi, g, pair, ia, ib)
    touch, t, met = advance_pair(mi, md, a, b, relative_pose(pa, qa, pb, qb), rotate_back(qa, u), mask, margin, size)
    meets, wanted = met > 0.5, need
    if any_lane(meets):
        if need < mi[N.max_contacts]:
            o = like(size, 0.0)
            n = rotate(qa, touch.n)
            at = drawn_in(mi, mf, ws, g, pair, add(pa, rotate(qa, touch.witness)), scale(u, 0.0 - t), n, u)
            way = maximum(touch.distance, o) - t * dot(n, u)
            st3(ws, g, mi[AT.contact_position] + 3 * need, select3(meets, at, zero3(o)))
            st3(ws, g, mi[AT.contact_normal] + 3 * need, select3(meets, n, vec3(o, o, like(o, 1.0))))
            st(ws, g, mi[AT.contact_distance] + need, ti.select(meets, way, like(o, FAR)))
            st(ws, g, mi[AT.contact_arrival] + need, met)
            st(wi, g, mi[AT.contact_pair] + need, pair)
            st(wi, g, mi[AT.contact_index] + need, 0)
        wanted = need + 1
    return wanted


@ti.func
def pair_travel(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, pair):
    """Travel of shape b relative to shape a in a substep, in W."""
    ia, ib = mi[mi[AT.pair_shape_a] + pair], mi[mi[AT.pair_shape_b] + pair]
    return scale(sub(shape_velocity(mi, ws, g, ib), shape_velocity(mi, ws, g, ia)), ldm(mf, g, mi[AT.timestep]))


@ti.func
def mark_contact(mi: ti.template(), mf: ti.template(), ws: ti.template(), wi: ti.template(), g, c):
    """contact_arrival of a contact that touches: 1 where its pair closes fast; its lever arm is drawn in there."""
    pair = ld(wi, g, mi[AT.contact_pair] + c)
    p, n = ld3(ws, g, mi[AT.contact_position] + 3 * c), ld3(ws, g, mi[AT.contact_normal] + 3 * c)
    u = pair_travel(mi, mf, ws, g, pair)
    o = like(u.x, 0.0)
    fast = (0.0 - dot(u, n) > pair_thickness(mi, mf, g, pair)) & (ld(ws, g, mi[AT.contact_distance] + c) < 0.5 * FAR)
    st(ws, g, mi[AT.contact_arrival] + c, ti.select(fast, o + 1.0, o))
    if any_lane(fast):
        st3(ws, g, mi[AT.contact_position] + 3 * c, select3(fast, drawn_in(mi, mf, ws, g, pair, p, zero3(o), n, u), p))


@ti.func
def detect_swept(mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """Say of the present contacts which are fast, and append those of swept pairs."""
    need = ld(wi, g, mi[AT.contact_need])
    for c in range(ld(wi, g, mi[AT.num_contacts])):
        st(ws, g, mi[AT.contact_arrival] + c, like(ldm(mf, g, mi[AT.timestep]), 0.0))
        if mi[N.speculative] == 1:
            mark_contact(mi, mf, ws, wi, g, c)
    for pair in range(mi[N.num_pairs] * mi[N.speculative]):
        if mi[mi[AT.shape_type] + mi[mi[AT.pair_shape_b] + pair]] <= MESH:
            u = pair_travel(mi, mf, ws, g, pair)
            swept = may_meet(mi, mf, ws, g, pair, u)
            if any_lane(swept):
                need = sweep_pair(mi, mf, md, ws, wi, g, pair, u, swept, need)
    st(wi, g, mi[AT.contact_need], need)
    st(wi, g, mi[AT.num_contacts], ti.min(need, mi[N.max_contacts]))
