"""A prism of the ground: a triangle and the solid below it, as a convex shape of its own kind.

Its struct has more members than that of a shape, so that functions know it while they are compiled and scenes without fields
carry nothing of it. The prism stands in its own frame, which is that of the height field.
"""

from engine.compiler import ti
from engine.math.lanes import like
from engine.math.vec3 import add, dot, scale, select3, vec3, zero3


def is_prism(shape) -> bool:
    """Compile-time: is this the struct of a prism? Use inside `ti.static`."""
    return "floor" in getattr(shape, "keys", ())


@ti.func
def make_prism(kind, p0, p1, p2, floor):
    """The prism between the triangle and the plane z = floor."""
    o = like(floor, 0.0)
    return ti.Struct(kind=kind, e=vec3(o, o, o), s=vec3(o, o, o), r=o, mesh=-1, p0=p0, p1=p1, p2=p2, floor=floor)


@ti.func
def prism_support(prism, d):
    """Point of the prism that is farthest along d."""
    best, point = like(d.x, -1e30), zero3(d.x)
    for k in ti.static(range(3)):
        p = [prism.p0, prism.p1, prism.p2][k]
        z = ti.select(d.z < 0.0, prism.floor, p.z)
        along = d.x * p.x + d.y * p.y + d.z * z
        better = along > best
        best = ti.select(better, along, best)
        point = select3(better, vec3(p.x, p.y, z), point)
    return point


@ti.func
def prism_centre(prism):
    """A point inside: half way between the middle of the triangle and the floor."""
    middle = scale(add(add(prism.p0, prism.p1), prism.p2), 1.0 / 3.0)
    return vec3(middle.x, middle.y, 0.5 * (middle.z + prism.floor))


@ti.func
def triangle_normal(p0, p1, p2):
    """Upward unit normal of a triangle that is counter-clockwise seen from above."""
    ax, ay, az = p1.x - p0.x, p1.y - p0.y, p1.z - p0.z
    bx, by, bz = p2.x - p0.x, p2.y - p0.y, p2.z - p0.z
    n = vec3(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)
    return scale(n, 1.0 / ti.sqrt(dot(n, n)))
