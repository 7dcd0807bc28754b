"""The shortest path between two sites around a sphere or an endless cylinder.

In the plane of the sphere's centre and the two ends, or across the cylinder's axis, the path is two tangents and an arc. With t
the angle from the first end to the second, and a_i = acos(r / l_i) the angle that a tangent covers, the arc spans |t| - a_0 -
a_1, and the path is straight where that is not positive. A side site makes t the angle by way of that site (MuJoCo 4), so that
t may exceed pi. A side site inside the shape makes the path touch the shape from within: one point, where the two straight
parts have equal angles to the surface. All of it is continuous but where an end crosses the ray opposite the side site.
Limits: an end inside the shape leaves the path straight.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT
from engine.compiler import ti
from engine.math.lanes import absolute, any_lane, arctan2, like, maximum, sincos
from engine.math.memory import ld3, ld_quat, ldm, st, st3
from engine.math.quat import rotate, rotate_back
from engine.math.vec3 import add, cross, dot, normalized, scale, select3, sub, vec3
from engine.solvers.rigid.kinematics import turns
from engine.types import ShapeType

CYLINDER = int(ShapeType.CYLINDER)
TINY = 1e-15
PARALLEL = 1e-12  # square of the sine of an angle that counts as none
INSIDE_STEPS = 24


@ti.func
def place_wrap(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, w):
    """The two points and the arc of wrap `w`, from the points before and after it."""
    shape, side, at = mi[mi[AT.wrap_shape] + w], mi[mi[AT.wrap_side] + w], mi[AT.tendon_point_W] + 3 * mi[mi[AT.wrap_point] + w]
    centre, q = ld3(ws, g, mi[AT.shape_position_W] + 3 * shape), ld_quat(ws, g, mi[AT.shape_rotation_W] + 4 * shape)
    r = ldm(mf, g, mi[AT.shape_size] + 3 * shape)
    one, zero = like(r, 1.0), like(r, 0.0)
    begin, end = ld3(ws, g, at - 3), ld3(ws, g, at + 6)
    p0, p1 = rotate_back(q, sub(begin, centre)), rotate_back(q, sub(end, centre))
    x, y = vec3(one, zero, zero), vec3(zero, one, zero)
    if mi[mi[AT.shape_type] + shape] != CYLINDER:
        x, y = plane_of(p0, p1)
    d0x, d0y, d1x, d1y = dot(p0, x), dot(p0, y), dot(p1, x), dot(p1, y)
    l0, l1 = ti.sqrt(d0x * d0x + d0y * d0y), ti.sqrt(d1x * d1x + d1y * d1y)
    outside = (l0 >= r) & (l1 >= r) & (r > TINY)
    l0, l1 = ti.select(outside, l0, one), ti.select(outside, l1, one)
    angle = arctan2(d0x * d1y - d0y * d1x, d0x * d1x + d0y * d1y)
    inside = r < 0.0
    if side >= 0:
        s = rotate_back(q, sub(ld3(ws, g, mi[AT.site_position_W] + 3 * side), centre))
        inside = outside & (dot(s, s) < r * r)
        sx, sy = dot(s, x), dot(s, y)
        by_side = arctan2(d0x * sy - d0y * sx, d0x * sx + d0y * sy) + arctan2(sx * d1y - sy * d1x, sx * d1x + sy * d1y)
        angle = ti.select(inside, angle, by_side)
    turn = ti.select(angle < 0.0, zero - 1.0, one)
    h0, h1 = ti.sqrt(maximum(l0 * l0 - r * r, zero)), ti.sqrt(maximum(l1 * l1 - r * r, zero))
    spare = absolute(angle) - arctan2(h0, r) - arctan2(h1, r)
    c0, s0, c1, s1 = r / l0, h0 / l0, r / l1, h1 / l1
    wraps, arc = outside & (spare > 0.0), r * maximum(spare, zero)
    if any_lane(inside):
        c, s, c_back, s_back = reflection(l0, l1, r, absolute(angle), turns(mi, INSIDE_STEPS))
        c0, s0 = ti.select(inside, c, c0), ti.select(inside, s, s0)
        c1, s1 = ti.select(inside, c_back, c1), ti.select(inside, s_back, s1)
        wraps, arc = ti.select(inside, spare, 0.0 - spare) < 0.0, ti.select(inside, zero, arc)
        wraps = wraps & outside
    s0, s1 = s0 * turn, zero - s1 * turn
    k0, k1 = r / l0, r / l1
    w0x, w0y = k0 * (c0 * d0x - s0 * d0y), k0 * (c0 * d0y + s0 * d0x)
    w1x, w1y = k1 * (c1 * d1x - s1 * d1y), k1 * (c1 * d1y + s1 * d1x)
    w0, w1 = add(scale(x, w0x), scale(y, w0y)), add(scale(x, w1x), scale(y, w1y))
    if mi[mi[AT.shape_type] + shape] == CYLINDER:
        # unrolled, the path is a straight line: the height grows evenly along it
        a, b = distance(w0x - d0x, w0y - d0y), distance(w1x - d1x, w1y - d1y)
        rise = (p1.z - p0.z) / maximum(a + arc + b, zero + TINY)
        w0.z, w1.z = p0.z + rise * a, p1.z - rise * b
        arc = ti.sqrt(arc * arc + rise * arc * rise * arc)
    middle = scale(add(begin, end), 0.5)
    st3(ws, g, at, select3(wraps, add(centre, rotate(q, w0)), middle))
    st3(ws, g, at + 3, select3(wraps, add(centre, rotate(q, w1)), middle))
    st(ws, g, mi[AT.wrap_arc] + w, ti.select(wraps, arc, zero))


@ti.func
def distance(x, y):
    return ti.sqrt(x * x + y * y)


@ti.func
def plane_of(p0, p1):
    """Unit axes of the plane through the origin and two points: along the first, and across it towards the second."""
    x, n = normalized(p0), cross(p0, p1)
    one, zero = like(p0.x, 1.0), like(p0.x, 0.0)
    aside = absolute(x.x) < 0.8
    other = cross(x, vec3(ti.select(aside, one, zero), ti.select(aside, zero, one), zero))
    n = select3(dot(n, n) > PARALLEL * dot(p0, p0) * dot(p1, p1), n, other)
    return x, normalized(cross(n, x))


@ti.func
def reflection(l0, l1, r, angle, steps):
    """(cos, sin) of the angles from either end to the point of the circle with the shortest way to both, by bracketed Newton.

    The ends lie outside at distances l0 and l1 and `angle` apart; the straight line misses the circle.
    """
    low, high, phi = angle * 0.0, angle, 0.5 * angle
    for _ in range(steps):
        s, c = sincos(phi)
        sb, cb = sincos(angle - phi)
        a, b = ti.sqrt(l0 * l0 + r * r - 2.0 * l0 * r * c), ti.sqrt(l1 * l1 + r * r - 2.0 * l1 * r * cb)
        a, b = maximum(a, a * 0.0 + TINY), maximum(b, b * 0.0 + TINY)
        u, v = l0 * s / a, l1 * sb / b
        slope = u - v
        rate = l0 * c / a - u * u * r / a + l1 * cb / b - v * v * r / b
        low, high = ti.select(slope < 0.0, phi, low), ti.select(slope < 0.0, high, phi)
        trial = phi - slope / ti.select(absolute(rate) > TINY, rate, rate * 0.0 + 1.0)
        phi = ti.select((trial > low) & (trial < high), trial, 0.5 * (low + high))
    s, c = sincos(phi)
    sb, cb = sincos(angle - phi)
    return c, s, cb, sb
