"""Box against box: the separating axis test on three plus three face normals and nine edge directions.

Reference: Gottschalk, Lin, Manocha, OBBTree (1996). The axis of least overlap gives normal and depth. Ties go to a face of a,
then to a face of b, then to edges, so that the normal of a resting contact does not flip between equivalent axes.

Limits: for boxes apart the value is the separation along that axis, not above the distance; it is the distance when a face or
a pair of crossing edges is nearest.
"""

from engine.collision.analytic import make_touch
from engine.collision.shapes import from_local, signed, to_local, turns
from engine.compiler import ti
from engine.declarations import FAR
from engine.math.lanes import absolute, like
from engine.math.vec3 import add, cross, dot, scale, select3, sub, vec3, zero3

FACE_BIAS = 3e-6  # an axis later in the order must be better by this, relative to the reach of both boxes
EDGE_BIAS = 1e-5


@ti.func
def unit_axis(k, x):
    o, one = like(x, 0.0), like(x, 1.0)
    axis = vec3(one, o, o)
    if k == 1:
        axis = vec3(o, one, o)
    if k == 2:
        axis = vec3(o, o, one)
    return axis


@ti.func
def separating_axis(k, pose):
    """Axis k of fifteen, not normalized: faces of a, faces of b, then edge pairs."""
    axis = unit_axis(k, pose.p.x)
    if k > 2:
        axis = from_local(pose, unit_axis(k % 3, pose.p.x))
    if k > 5:
        axis = cross(unit_axis((k - 6) // 3, pose.p.x), axis)
    return axis


@ti.func
def least_overlap(mi: ti.template(), a, b, pose):
    """Normal and signed separation of two boxes along the axis of least overlap."""
    best, chosen, n = like(a.r, 1e30), like(a.r, 1e30), zero3(a.r)
    for k in range(turns(mi, 15)):
        axis = separating_axis(k, pose)
        length2 = dot(axis, axis)
        usable = length2 > 1e-4
        axis = scale(axis, 1.0 / ti.sqrt(ti.select(usable, length2, like(a.r, 1.0))))
        other, along = to_local(pose, axis), dot(axis, pose.p)
        reach = a.e.x * absolute(axis.x) + a.e.y * absolute(axis.y) + a.e.z * absolute(axis.z)
        reach = reach + b.e.x * absolute(other.x) + b.e.y * absolute(other.y) + b.e.z * absolute(other.z)
        overlap = reach - absolute(along)
        bias = 0.0
        if k > 2:
            bias = FACE_BIAS
        if k > 5:
            bias = EDGE_BIAS
        better = usable & (overlap + bias * reach < chosen)
        best = ti.select(better, overlap, best)
        chosen = ti.select(better, overlap + bias * reach, chosen)
        side = ti.select(along < 0.0, like(a.r, -1.0), like(a.r, 1.0))
        n = select3(better, scale(axis, side), n)
    return n, 0.0 - best


@ti.func
def boxes_touch(mi: ti.template(), a, b, pose):
    """Box a against box b. The witness serves only where the faces that look at each other do not overlap."""
    n, distance = least_overlap(mi, a, b, pose)
    on_a = vec3(signed(n.x, a.e.x), signed(n.y, a.e.y), signed(n.z, a.e.z))
    d = to_local(pose, n)
    on_b = sub(pose.p, from_local(pose, vec3(signed(d.x, b.e.x), signed(d.y, b.e.y), signed(d.z, b.e.z))))
    reached = ti.select(distance < 0.0, distance, like(distance, FAR))
    return make_touch(n, reached, scale(add(on_a, on_b), 0.5), like(distance, 0.1 * FAR))
