"""The supporting polygon of a shape: the face, cap or line that looks along the normal, seen in the contact frame.

The contact frame is the frame of shape a turned so that w is the normal; u, v span the tangent plane. A polygon is its
corners (u, v) and the plane that it lies in, as the height w = h0 + hu u + hv v. Box: the face that looks most along the
normal. Cylinder: the cap as an octagon, or the line on its side. Capsule: a line. Mesh: among the faces that hold the support
vertex the one that looks most along the normal. A line is a thin strip, so that every polygon has an area and one mechanism
serves all.

Limits: caps are octagons with corners on the rim; mesh faces with more than eight corners are thinned to eight. A capsule or
a line that looks end-on has no polygon (`ok` is 0).
"""

from engine.arrays import AT
from engine.collision.shapes import BOX, CAPSULE, CYLINDER, MESH, from_local, signed, support, to_local, turns
from engine.collision.workspace import MAX_CORNERS
from engine.compiler import ti
from engine.math.lanes import absolute, any_lane, like
from engine.math.memory import ld3, st3
from engine.math.vec3 import add, dot, normalized, select3, vec3, zero3

LINE_WIDTH = 1e-4  # half width of the strip that stands for a line, relative to the radius of the shape
RIM_TILT = (
    0.01  # below this tilt (sine) the corners of a cap stay fixed to the shape, so that a resting contact does not wander
)
END_ON = 0.7  # a line that makes this cosine or more with the normal touches with its end only
CAP = 0.70710678  # a cylinder shows its cap when its axis makes at least this cosine with the normal
HALF_ROOT = 0.70710678118654752440
STEEPEST = 0.05  # smallest cosine between the normal and the polygon's own


@ti.func
def radial(d):
    """Unit direction of d across the z axis; x where there is none."""
    r2 = d.x * d.x + d.y * d.y
    flat = r2 > 1e-12
    k = 1.0 / ti.sqrt(ti.select(flat, r2, like(d.x, 1.0)))
    return vec3(ti.select(flat, d.x * k, like(d.x, 1.0)), ti.select(flat, d.y * k, like(d.x, 0.0)), like(d.x, 0.0))


@ti.func
def corner_signs(k, x):
    """Signs of corner k of a rectangle, in order around it."""
    s1, s2 = 1.0, 1.0
    if k == 1 or k == 2:
        s1 = -1.0
    if k > 1:
        s2 = -1.0
    return like(x, 1.0) * s1, like(x, 1.0) * s2


@ti.func
def box_normal(d):
    """Axis of the box face that looks most along d."""
    ax, ay, az = absolute(d.x), absolute(d.y), absolute(d.z)
    o, one = like(d.x, 0.0), like(d.x, 1.0)
    in_z = (az >= ax) & (az >= ay)
    x = ti.select(in_z, o, ti.select(ax >= ay, one, o))
    y = ti.select(in_z, o, one - x)
    return vec3(signed(d.x, x), signed(d.y, y), signed(d.z, ti.select(in_z, one, o)))


@ti.func
def box_corner(e, m, k):
    """Corner k of the box face with the outward axis m."""
    s1, s2 = corner_signs(k, e.x)
    in_x, in_y, in_z = absolute(m.x) > 0.5, absolute(m.y) > 0.5, absolute(m.z) > 0.5
    return vec3(
        ti.select(in_x, m.x, s1) * e.x,
        ti.select(in_y, m.y, ti.select(in_x, s1, s2)) * e.y,
        ti.select(in_z, m.z, s2) * e.z,
    )


@ti.func
def strip_corner(out, r, h, width, k):
    """Corner k of the strip around the line at distance r along `out` from the z axis."""
    s1, s2 = corner_signs(ti.min(k, 3), h)
    return vec3(out.x * r - out.y * (width * s1), out.y * r + out.x * (width * s1), h * s2)


@ti.func
def strip_width(shape):
    """A little more than the diagonal of the cross section of the strip; 0 for shapes without lines."""
    width = like(shape.r, 0.0)
    if shape.kind == CAPSULE or shape.kind == CYLINDER:
        width = 4.0 * LINE_WIDTH * shape.s.x
    return width


@ti.func
def round_normal(shape, d):
    """Normal of the polygon of a cylinder or capsule, and 0 where a capsule shows its end only."""
    out = radial(d)
    ok = like(d.x, 1.0)
    if shape.kind == CYLINDER:
        axis = zero3(d.x)
        axis.z = signed(d.z, ok)
        out = select3(absolute(d.z) >= CAP, axis, out)
    else:
        ok = ti.select(absolute(d.z) < END_ON, ok, like(d.x, 0.0))
    return out, ok


@ti.func
def round_corner(shape, d, m, turn, k):
    """Corner k of a cylinder's cap or side line, or of a capsule's line; `turn` is the rim direction of corner k."""
    out = radial(d)
    width = shape.s.x * LINE_WIDTH
    point = strip_corner(out, like(d.x, 0.0), shape.e.z, width, k)
    if shape.kind == CYLINDER:
        point = strip_corner(out, shape.s.x, shape.e.z, width, k)
        cap = vec3(turn.x * shape.s.x, turn.y * shape.s.x, m.z * shape.e.z)
        point = select3(absolute(m.z) > 0.5, cap, point)
    return point


@ti.func
def project(ws: ti.template(), g, slot, frame, point, mask):
    """Write a point of frame a as a corner (u, v, w) where the mask holds."""
    corner = vec3(dot(point, frame.t1), dot(point, frame.t2), dot(point, frame.n))
    st3(ws, g, slot, select3(mask, corner, ld3(ws, g, slot)))


@ti.func
def mesh_face(mi: ti.template(), md: ti.template(), shape, d):
    """Per lane: number of the face that looks most along d among those that hold the support vertex, and its unit normal."""
    top = support(mi, md, shape, d)
    reach = absolute(top.x) + absolute(top.y) + absolute(top.z) + absolute(dot(top, d))
    start, best = mi[mi[AT.mesh_face_start] + shape.mesh], like(d.x, -2.0)
    chosen, number, normal = like(d.x, -1.0), 0.0, zero3(d.x)
    first = mi[AT.hull_vertex] + 3 * mi[mi[AT.mesh_vertex_start] + shape.mesh]
    for f in range(start, start + mi[mi[AT.mesh_face_count] + shape.mesh]):
        at = mi[AT.face_normal] + 3 * f
        m = normalized(vec3(md[at] / shape.s.x, md[at + 1] / shape.s.y, md[at + 2] / shape.s.z))
        v = first + 3 * mi[mi[AT.face_loop] + mi[mi[AT.face_loop_start] + f]]
        gap = m.x * (md[v] * shape.s.x - top.x) + m.y * (md[v + 1] * shape.s.y - top.y) + m.z * (md[v + 2] * shape.s.z - top.z)
        looks = ti.select(absolute(gap) < 1e-4 * reach, dot(m, d), like(d.x, -2.0))
        better = looks > best
        best = ti.select(better, looks, best)
        chosen = ti.select(better, like(d.x, 1.0) * number, chosen)
        normal = select3(better, m, normal)
        number += 1.0
    return chosen, normal


@ti.func
def mesh_polygon(mi: ti.template(), md: ti.template(), ws: ti.template(), g, base, shape, pose, frame, chosen):
    """Write the corners of the chosen faces; returns how many corners the largest of them has."""
    corners, number = 3, 0.0
    start = mi[mi[AT.mesh_face_start] + shape.mesh]
    first = mi[AT.hull_vertex] + 3 * mi[mi[AT.mesh_vertex_start] + shape.mesh]
    for f in range(start, start + mi[mi[AT.mesh_face_count] + shape.mesh]):
        mask = chosen == number
        number += 1.0
        if any_lane(mask):
            loop, count = mi[mi[AT.face_loop_start] + f], mi[mi[AT.face_loop_count] + f]
            corners = ti.max(corners, ti.min(count, MAX_CORNERS))
            for k in range(turns(mi, MAX_CORNERS)):
                c = ti.min(k, count - 1)
                if count > MAX_CORNERS:
                    c = (k * count) // MAX_CORNERS
                v = first + 3 * mi[mi[AT.face_loop] + loop + c]
                point = vec3(shape.s.x * md[v], shape.s.y * md[v + 1], shape.s.z * md[v + 2])
                project(ws, g, base + 3 * k, frame, add(pose.p, from_local(pose, point)), mask)
    return corners


@ti.func
def plane_of(corner, frame, pose, m, radius):
    """Height h0 + hu u + hv v of the plane with the local normal m through a corner, moved outwards by the radius of the
    shape.
    """
    normal = from_local(pose, m)
    w = dot(normal, frame.n)
    steep = absolute(w) < STEEPEST
    w = ti.select(steep, signed(w, like(w, STEEPEST)), w)
    hu, hv = 0.0 - dot(normal, frame.t1) / w, 0.0 - dot(normal, frame.t2) / w
    return ti.Struct(h0=corner.z - hu * corner.x - hv * corner.y + signed(w, radius), hu=hu, hv=hv)


@ti.func
def write_polygon(mi: ti.template(), md: ti.template(), ws: ti.template(), g, base, shape, pose, frame, direction):
    """Write the supporting polygon along `direction` (frame a); returns its plane, ok (1 or 0) and its number of corners."""
    d = to_local(pose, direction)
    corners, ok = 4, like(d.x, 1.0)
    m, chosen = zero3(d.x), ok
    if shape.kind == MESH:
        chosen, m = mesh_face(mi, md, shape, d)
        corners = mesh_polygon(mi, md, ws, g, base, shape, pose, frame, chosen)
    else:
        turn = vec3(ok, like(d.x, 0.0), ok)
        if shape.kind == BOX:
            m = box_normal(d)
        else:
            m, ok = round_normal(shape, d)
            turn = select3((d.x * d.x + d.y * d.y) > RIM_TILT * RIM_TILT, radial(d), turn)
        if shape.kind == CYLINDER:
            corners = MAX_CORNERS
        for k in range(turns(mi, corners)):
            point = zero3(d.x)
            if shape.kind == BOX:
                point = box_corner(shape.e, m, k)
            else:
                point = round_corner(shape, d, m, turn, k)
            project(ws, g, base + 3 * k, frame, add(pose.p, from_local(pose, point)), d.x == d.x)
            turn = vec3((turn.x - turn.y) * HALF_ROOT, (turn.x + turn.y) * HALF_ROOT, turn.z)
    return plane_of(ld3(ws, g, base), frame, pose, m, shape.r), ok, corners
