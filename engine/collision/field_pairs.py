"""`detect_fields`: contacts of the pairs whose second shape is a height field or a signed distance field, after those of the
convex pairs.

A pair is treated in the frame of its field; slots are appended as in `detect`, in the static order (pair, point). Only the
extended chain of stages holds this code.
"""

from engine.arrays import AT, N
from engine.collision.candidates import WIDTH, clear_candidates, pack_candidates
from engine.collision.detect import is_near
from engine.collision.fields import sampled_contacts, solid_contacts
from engine.collision.shapes import (
    HEIGHT_FIELD,
    MESH,
    PLANE,
    identity_pose,
    load_shape,
    relative_pose,
    turns,
)
from engine.collision.terrain import terrain_contacts
from engine.collision.workspace import MAX_FIELD_POINTS
from engine.compiler import ti
from engine.declarations import FAR
from engine.math.lanes import any_lane, like
from engine.math.memory import ld, ld3, ld_quat, ldm, st, st3
from engine.math.quat import rotate
from engine.math.vec3 import add, neg3, select3, vec3, zero3


@ti.func
def emit_points(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, pair, near, margin, q, p, need):
    """Append the packed points of a pair; q, p is the pose of the field in W. Returns the slots wanted so far."""
    o = like(margin, 0.0)
    for k in range(turns(mi, MAX_FIELD_POINTS)):
        slot = mi[AT.field_contact] + WIDTH * k
        distance = ld(ws, g, slot + 6)
        touches = near & (distance < margin)
        if any_lane(touches):
            if need < mi[N.max_contacts]:
                at, n = add(p, rotate(q, ld3(ws, g, slot))), neg3(rotate(q, ld3(ws, g, slot + 3)))
                st3(ws, g, mi[AT.contact_position] + 3 * need, select3(touches, at, zero3(o)))
                st3(ws, g, mi[AT.contact_normal] + 3 * need, select3(touches, n, vec3(o, o, like(o, 1.0))))
                st(ws, g, mi[AT.contact_distance] + need, ti.select(touches, distance, like(o, FAR)))
                st(wi, g, mi[AT.contact_pair] + need, pair)
                st(wi, g, mi[AT.contact_index] + need, k)
            need += 1
    return need


@ti.func
def field_pair(mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), g, ia, ib, near, margin):
    """Fill field_contact with the points of shape ia against the field ib, in the frame of ib."""
    pa, qa = ld3(ws, g, mi[AT.shape_position_W] + 3 * ia), ld_quat(ws, g, mi[AT.shape_rotation_W] + 4 * ia)
    pb, qb = ld3(ws, g, mi[AT.shape_position_W] + 3 * ib), ld_quat(ws, g, mi[AT.shape_rotation_W] + 4 * ib)
    a, field = load_shape(mi, mf, g, ia), load_shape(mi, mf, g, ib)
    pose = relative_pose(pb, qb, pa, qa)
    bound = ldm(mf, g, mi[AT.shape_bound] + ia)
    clear_candidates(mi, ws, g, margin)
    if field.kind == HEIGHT_FIELD:
        if a.kind > PLANE and a.kind <= MESH:
            terrain_contacts(mi, md, ws, g, a, pose, field.mesh, near, margin, bound)
    elif a.kind == PLANE or a.kind == HEIGHT_FIELD:
        bound = ldm(mf, g, mi[AT.shape_bound] + ib)
        sampled_contacts(mi, md, ws, g, a, pose, field, identity_pose(bound), near, margin, bound)
    else:
        solid_contacts(mi, md, ws, g, a, pose, field, near, margin, bound)
    pack_candidates(mi, ws, g, bound)
    return pb, qb


@ti.func
def detect_fields(mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """Append the contacts of all pairs with a field to those of `detect_contacts`."""
    need = ld(wi, g, mi[AT.contact_need])
    for pair in range(mi[N.num_pairs]):
        ia, ib = mi[mi[AT.pair_shape_a] + pair], mi[mi[AT.pair_shape_b] + pair]
        if mi[mi[AT.shape_type] + ib] >= HEIGHT_FIELD:
            near, margin = is_near(ws, mf, mi, g, pair)
            if any_lane(near):
                p, q = field_pair(mi, mf, md, ws, g, ia, ib, near, margin)
                need = emit_points(mi, ws, wi, g, pair, near, margin, q, p, need)
    st(wi, g, mi[AT.contact_need], need)
    st(wi, g, mi[AT.num_contacts], ti.min(need, mi[N.max_contacts]))
