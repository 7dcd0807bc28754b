"""Contacts of spheres, capsules and boxes with planes, to run the solver without the collision package."""

from engine.arrays import AT, N
from engine.compiler import ti
from engine.declarations import FAR
from engine.math.lanes import any_lane, like
from engine.math.memory import ld3, ld_quat, ldm3, st, st3
from engine.math.quat import rotate
from engine.math.vec3 import add, add_scaled, dot, sub, vec3
from engine.types import ShapeType

PLANE, SPHERE, CAPSULE, BOX = (int(kind) for kind in (ShapeType.PLANE, ShapeType.SPHERE, ShapeType.CAPSULE, ShapeType.BOX))


@ti.func
def detect_planes(mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """Contact slots of every pair whose first shape is a plane; other pairs are left out."""
    count = 0
    for pair in range(mi[N.num_pairs]):
        sa, sb = mi[mi[AT.pair_shape_a] + pair], mi[mi[AT.pair_shape_b] + pair]
        kind = mi[mi[AT.shape_type] + sb]
        points = 0
        if mi[mi[AT.shape_type] + sa] == PLANE:
            points = 1
            if kind == CAPSULE:
                points = 2
            if kind == BOX:
                points = 8
        p, q = ld3(ws, g, mi[AT.shape_position_W] + 3 * sb), ld_quat(ws, g, mi[AT.shape_rotation_W] + 4 * sb)
        size = ldm3(mf, g, mi[AT.shape_size] + 3 * sb)
        plane, turn = ld3(ws, g, mi[AT.shape_position_W] + 3 * sa), ld_quat(ws, g, mi[AT.shape_rotation_W] + 4 * sa)
        zero = like(p.x, 0.0)
        n = rotate(turn, vec3(zero, zero, zero + 1.0))
        for k in range(points):
            local, radius = vec3(zero, zero, zero), size.x
            if kind == CAPSULE:
                local.z = size.y * (1.0 - 2.0 * k)
            if kind == BOX:
                radius = zero
                local = vec3(size.x * (1.0 - 2.0 * (k & 1)), size.y * (1.0 - (k & 2)), size.z * (1.0 - 0.5 * (k & 4)))
            point = add(p, rotate(q, local))
            distance = dot(n, sub(point, plane)) - radius
            near = distance < 0.0
            if any_lane(near) and count < mi[N.max_contacts]:
                st(wi, g, mi[AT.contact_pair] + count, pair)
                st(wi, g, mi[AT.contact_index] + count, k)
                st(ws, g, mi[AT.contact_distance] + count, ti.select(near, distance, zero + FAR))
                st3(ws, g, mi[AT.contact_position] + 3 * count, add_scaled(point, n, 0.0 - radius - 0.5 * distance))
                st3(ws, g, mi[AT.contact_normal] + 3 * count, n)
                count += 1
    st(wi, g, mi[AT.num_contacts], count)
