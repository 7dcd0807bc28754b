"""`detect_contacts`: the static list of shape pairs of a group becomes contact slots.

Each pair first passes the bounding balls (a plane: its half space), which loads positions and radii only; when no lane is
near, nothing else is touched. Then the narrow phase finds one normal for the pair and up to MAX_POINTS points in the frame of
shape a, and slots are appended in the static order (pair, point), so that a lane meets its own contacts in the same order
whatever its neighbours do. A slot exists when any lane has that point below its margin; the other lanes hold FAR there.

Pairs with a height field or a signed distance field follow in `field_pairs`. Wanted slots beyond `max_contacts` are counted in
`contact_need` and not written.
"""

from engine.arrays import AT, N
from engine.collision.analytic import box_touch, make_touch, plane_touch, write_plane_capsule, write_segments
from engine.collision.boxes import boxes_touch
from engine.collision.convex import convex_touch
from engine.collision.manifold import make_manifold
from engine.collision.shapes import BOX, CAPSULE, ELLIPSOID, MESH, PLANE, SPHERE, load_shape, relative_pose, turns
from engine.collision.workspace import MAX_POINTS
from engine.compiler import ti
from engine.declarations import FAR
from engine.math.lanes import any_lane, like
from engine.math.memory import ld, ld3, ld_quat, ldm, st, st3
from engine.math.quat import rotate
from engine.math.vec3 import add, dot, select3, sub, vec3, zero3


@ti.func
def pair_margin(mf: ti.template(), mi: ti.template(), g, pair, ia, ib):
    """Distance below which the shapes ia, ib of a pair are in contact: of its rule, or the sum of the two shapes'."""
    margin = ldm(mf, g, mi[AT.shape_margin] + ia) + ldm(mf, g, mi[AT.shape_margin] + ib)
    rule = mi[mi[AT.pair_rule] + pair]
    if rule > 0:
        margin = ldm(mf, g, mi[AT.rule_margin] + rule - 1)
    return margin


@ti.func
def is_near(ws: ti.template(), mf: ti.template(), mi: ti.template(), g, pair):
    """Broad phase of one pair: mask of the lanes in which the shapes may be closer than their margin, and the margin."""
    ia, ib = mi[mi[AT.pair_shape_a] + pair], mi[mi[AT.pair_shape_b] + pair]
    margin = pair_margin(mf, mi, g, pair, ia, ib)
    d = sub(ld3(ws, g, mi[AT.shape_position_W] + 3 * ib), ld3(ws, g, mi[AT.shape_position_W] + 3 * ia))
    reach = ldm(mf, g, mi[AT.shape_bound] + ia) + ldm(mf, g, mi[AT.shape_bound] + ib) + margin
    beyond = dot(d, d) - reach * reach
    if mi[mi[AT.shape_type] + ia] == PLANE:
        q = ld_quat(ws, g, mi[AT.shape_rotation_W] + 4 * ia)
        beyond = dot(rotate(q, vec3(q.w * 0.0, q.w * 0.0, like(q.w, 1.0))), d) - reach
    return beyond < 0.0, margin


@ti.func
def clear_points(mi: ti.template(), ws: ti.template(), g, x):
    for k in range(turns(mi, MAX_POINTS)):
        st3(ws, g, mi[AT.pair_contact] + 4 * k, zero3(x))
        st(ws, g, mi[AT.pair_contact] + 4 * k + 3, like(x, FAR))


@ti.func
def narrow_phase(mi: ti.template(), md: ti.template(), ws: ti.template(), g, a, b, pose, near, margin, size):
    """Write the points of the pair to `pair_contact` and return the normal, all in the frame of shape a."""
    normal = zero3(size)
    clear_points(mi, ws, g, size)
    if b.kind <= CAPSULE and a.kind != PLANE:
        normal = write_segments(mi, ws, g, a, b, pose)
    elif b.kind == CAPSULE:
        normal = write_plane_capsule(mi, ws, g, b, pose)
    else:
        touch = make_touch(normal, size, normal, size)
        if a.kind == PLANE:
            touch = plane_touch(mi, md, b, pose)
        elif b.kind == BOX and a.kind == BOX:
            touch = boxes_touch(mi, a, b, pose)
        elif b.kind == BOX:
            touch = box_touch(mi, a, b, pose)
        else:
            touch = convex_touch(mi, md, a, b, pose, near, margin, size)
        normal = touch.n
        if a.kind == SPHERE or b.kind == SPHERE or a.kind == ELLIPSOID or b.kind == ELLIPSOID:
            st3(ws, g, mi[AT.pair_contact], touch.witness)
            st(ws, g, mi[AT.pair_contact] + 3, touch.distance)
        else:
            make_manifold(mi, md, ws, g, a, b, pose, touch, margin, size)
    return normal


@ti.func
def emit(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, pair, near, margin, qa, pa, normal, need):
    """Append the points of the pair that some lane has; returns the number of slots wanted so far."""
    n = rotate(qa, normal)
    o = like(margin, 0.0)
    for k in range(turns(mi, MAX_POINTS)):
        slot = mi[AT.pair_contact] + 4 * k
        distance = ld(ws, g, slot + 3)
        touches = near & (distance < margin)
        if any_lane(touches):
            if need < mi[N.max_contacts]:
                at = add(pa, rotate(qa, ld3(ws, g, slot)))
                st3(ws, g, mi[AT.contact_position] + 3 * need, select3(touches, at, zero3(o)))
                st3(ws, g, mi[AT.contact_normal] + 3 * need, select3(touches, n, vec3(o, o, like(o, 1.0))))
                st(ws, g, mi[AT.contact_distance] + need, ti.select(touches, distance, like(o, FAR)))
                st(wi, g, mi[AT.contact_pair] + need, pair)
                st(wi, g, mi[AT.contact_index] + need, k)
            need += 1
    return need


@ti.func
def detect_contacts(
    mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g, extended: ti.template()
):
    """Find all contacts of group `g` from `shape_position_W`, `shape_rotation_W`; see the head of this file for what is
    written.
    """
    need = 0
    for pair in range(mi[N.num_pairs]):
        near, margin = is_near(ws, mf, mi, g, pair)
        if any_lane(near) and mi[mi[AT.shape_type] + mi[mi[AT.pair_shape_b] + pair]] <= MESH:
            ia, ib = mi[mi[AT.pair_shape_a] + pair], mi[mi[AT.pair_shape_b] + pair]
            pa, qa = ld3(ws, g, mi[AT.shape_position_W] + 3 * ia), ld_quat(ws, g, mi[AT.shape_rotation_W] + 4 * ia)
            pb, qb = ld3(ws, g, mi[AT.shape_position_W] + 3 * ib), ld_quat(ws, g, mi[AT.shape_rotation_W] + 4 * ib)
            a, b = load_shape(mi, mf, g, ia), load_shape(mi, mf, g, ib)
            size = ldm(mf, g, mi[AT.shape_bound] + ia) + ldm(mf, g, mi[AT.shape_bound] + ib)
            normal = narrow_phase(mi, md, ws, g, a, b, relative_pose(pa, qa, pb, qb), near, margin, size)
            need = emit(mi, ws, wi, g, pair, near, margin, qa, pa, normal, need)
    st(wi, g, mi[AT.contact_need], need)
    st(wi, g, mi[AT.num_contacts], ti.min(need, mi[N.max_contacts]))
