"""Convex shapes as the narrow phase sees them: a core and a radius around it, a support function.

A pair is treated in the frame of shape a: a stands at the origin with its axes, `Pose` is where b stands. The core of a
sphere is a point and that of a capsule a segment; the ball around it is added exactly, as a radius. Every other shape is its
own core. The kind of a shape is the same in all lanes, its sizes need not be.

Limits: the support of a mesh visits every hull vertex.
"""

from engine.arrays import AT, N
from engine.collision.prism import is_prism, prism_centre
from engine.compiler import ti
from engine.math.lanes import like, maximum
from engine.math.memory import ldm3
from engine.math.quat import quat_conj, quat_mul, rotate, rotate_back
from engine.math.vec3 import add, dot, mul3, scale, select3, sub, vec3, zero3
from engine.types import ShapeType

PLANE, SPHERE, CAPSULE, BOX = int(ShapeType.PLANE), int(ShapeType.SPHERE), int(ShapeType.CAPSULE), int(ShapeType.BOX)
CYLINDER, ELLIPSOID, MESH = int(ShapeType.CYLINDER), int(ShapeType.ELLIPSOID), int(ShapeType.MESH)
HEIGHT_FIELD, FIELD = int(ShapeType.HEIGHT_FIELD), int(ShapeType.FIELD)


@ti.func
def turns(mi: ti.template(), n):
    """n, as a number that the compiler cannot know, so that it does not unroll a loop of n turns."""
    return n * ti.min(mi[N.num_pairs], 1)


@ti.func
def load_shape(mi: ti.template(), mf: ti.template(), g, i):
    """Shape `i`: kind, core half extents e, raw size s, radius r around the core, mesh index."""
    kind = mi[mi[AT.shape_type] + i]
    s = ldm3(mf, g, mi[AT.shape_size] + 3 * i)
    o = like(s.x, 0.0)
    e, r = vec3(o, o, o), o
    if kind == SPHERE or kind == CAPSULE:
        r = s.x
    if kind == CAPSULE or kind == CYLINDER:
        e.z = s.y
    if kind == BOX:
        e = s
    return ti.Struct(kind=kind, e=e, s=s, r=r, mesh=mi[mi[AT.shape_mesh] + i])


@ti.func
def relative_pose(pa, qa, pb, qb):
    """Where b stands in the frame of a: position p and the axes x, y, z of b."""
    q = quat_mul(quat_conj(qa), qb)
    o, one = like(q.w, 0.0), like(q.w, 1.0)
    return ti.Struct(
        p=rotate_back(qa, sub(pb, pa)), x=rotate(q, vec3(one, o, o)), y=rotate(q, vec3(o, one, o)), z=rotate(q, vec3(o, o, one))
    )


@ti.func
def identity_pose(x):
    o, one = like(x, 0.0), like(x, 1.0)
    return ti.Struct(p=vec3(o, o, o), x=vec3(one, o, o), y=vec3(o, one, o), z=vec3(o, o, one))


@ti.func
def to_local(pose, d):
    """A direction of frame a in the axes of b."""
    return vec3(dot(pose.x, d), dot(pose.y, d), dot(pose.z, d))


@ti.func
def from_local(pose, d):
    return add(add(scale(pose.x, d.x), scale(pose.y, d.y)), scale(pose.z, d.z))


@ti.func
def signed(d, e):
    """e with the sign of d."""
    return ti.select(d < 0.0, 0.0 - e, e)


@ti.func
def mesh_support(mi: ti.template(), md: ti.template(), mesh, s, d):
    """Hull vertex farthest along d; the first of equals."""
    start = mi[AT.hull_vertex] + 3 * mi[mi[AT.mesh_vertex_start] + mesh]
    ds = mul3(s, d)
    best = like(d.x, -1e30)
    point = zero3(d.x)
    for k in range(mi[mi[AT.mesh_vertex_count] + mesh]):
        x, y, z = md[start + 3 * k], md[start + 3 * k + 1], md[start + 3 * k + 2]
        along = ds.x * x + ds.y * y + ds.z * z
        better = along > best
        best = ti.select(better, along, best)
        point = select3(better, vec3(like(d.x, x), like(d.x, y), like(d.x, z)), point)
    return mul3(s, point)


@ti.func
def support(mi: ti.template(), md: ti.template(), shape, d):
    """Point of the core that is farthest along the local direction d (any length but zero)."""
    point = vec3(signed(d.x, shape.e.x), signed(d.y, shape.e.y), signed(d.z, shape.e.z))
    if shape.kind == CYLINDER:
        k = shape.s.x / ti.sqrt(maximum(d.x * d.x + d.y * d.y, like(d.x, 1e-30)))
        point.x = d.x * k
        point.y = d.y * k
    if shape.kind == ELLIPSOID:
        sd = mul3(shape.s, d)
        point = scale(mul3(shape.s, sd), 1.0 / ti.sqrt(maximum(dot(sd, sd), like(d.x, 1e-30))))
    if shape.kind == MESH:
        point = mesh_support(mi, md, shape.mesh, shape.s, d)
    return point


@ti.func
def mesh_centre(mi: ti.template(), md: ti.template(), mesh, s):
    """Mean of the hull vertices, which is inside the hull."""
    start = mi[AT.hull_vertex] + 3 * mi[mi[AT.mesh_vertex_start] + mesh]
    count = mi[mi[AT.mesh_vertex_count] + mesh]
    x, y, z, n = 0.0, 0.0, 0.0, 0.0
    for k in range(count):
        x += md[start + 3 * k]
        y += md[start + 3 * k + 1]
        z += md[start + 3 * k + 2]
        n += 1.0
    return vec3(s.x * (x / n), s.y * (y / n), s.z * (z / n))


@ti.func
def centre(mi: ti.template(), md: ti.template(), shape):
    """A point inside the shape, in its own frame."""
    point = zero3(shape.r)
    if ti.static(is_prism(shape)):
        point = prism_centre(shape)
    elif shape.kind == MESH:
        point = mesh_centre(mi, md, shape.mesh, shape.s)
    return point
