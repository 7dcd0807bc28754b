"""Rays against unit shapes: where a ray enters and leaves, and the outward normal at a point of the surface.

A ray is o + t d in the frame of the unit shape; d is not a unit vector, so that t is the distance in W. Convex shapes return the
interval [enter, leave] (enter > leave: missed), from which the caller takes the first end that lies before the ray, also from inside.
Quadratics are solved about the ray's point nearest to the centre, which keeps the f32 error near one rounding of the distance
(Haines, Guenther, Akenine-Moeller 2019). Limits: planes are hit from both sides.
"""

from engine.compiler import ti
from engine.math.lanes import absolute, clamp, like, maximum, minimum
from engine.math.vec3 import add_scaled, dot, select3, vec3, zero3
from engine.renderers.table import BOX, CAPSULE, CYLINDER, PLANE

FAR = 1e30  # t of a ray that hits nothing
TINY = 1e-18  # keeps divisions finite; far below any squared direction that matters


@ti.func
def finite_inverse(x):
    """1 / x, with a huge finite number at 0 so that boxes never meet 0 times infinity."""
    return 1.0 / ti.select(absolute(x) < 1e-12, ti.select(x < 0.0, like(x, -1e-12), like(x, 1e-12)), x)


@ti.func
def inverse3(d):
    return vec3(finite_inverse(d.x), finite_inverse(d.y), finite_inverse(d.z))


@ti.func
def box_interval(low, high, o, inverse):
    """Interval of a ray in the box [low, high]."""
    ax, ay, az = (low.x - o.x) * inverse.x, (low.y - o.y) * inverse.y, (low.z - o.z) * inverse.z
    bx, by, bz = (high.x - o.x) * inverse.x, (high.y - o.y) * inverse.y, (high.z - o.z) * inverse.z
    enter = maximum(maximum(minimum(ax, bx), minimum(ay, by)), minimum(az, bz))
    leave = minimum(minimum(maximum(ax, bx), maximum(ay, by)), maximum(az, bz))
    return enter, leave


@ti.func
def roots(a, b, c):
    """Interval where a t^2 + 2 b t + c <= 0, for a > 0."""
    square = b * b - a * c
    root = ti.sqrt(maximum(square, like(square, 0.0)))
    inside = square >= 0.0
    inverse = 1.0 / a
    return ti.select(inside, (0.0 - b - root) * inverse, like(b, FAR)), ti.select(inside, (root - b) * inverse, like(b, -FAR))


@ti.func
def sphere_interval(o, d):
    """Unit sphere; `o` is near it."""
    return roots(maximum(dot(d, d), like(d.x, TINY)), dot(o, d), dot(o, o) - 1.0)


@ti.func
def tube_interval(o, d):
    """Unit circle along z, without ends."""
    a = maximum(d.x * d.x + d.y * d.y, like(d.x, TINY))
    return roots(a, o.x * d.x + o.y * d.y, o.x * o.x + o.y * o.y - 1.0)


@ti.func
def cylinder_interval(o, d):
    """Tube cut at z = -1 and 1."""
    enter, leave = tube_interval(o, d)
    inverse = finite_inverse(d.z)
    a, b = (-1.0 - o.z) * inverse, (1.0 - o.z) * inverse
    return maximum(enter, minimum(a, b)), minimum(leave, maximum(a, b))


@ti.func
def capsule_interval(o, d, aspect):
    """Tube between z = -aspect and aspect with a ball on each end; the nearer ball replaces an end of the tube outside that range."""
    first, last = tube_interval(o, d)
    enter, leave = first, last
    missed = first > last
    for end in range(2):
        t = first
        if end == 1:
            t = last
        z = clamp(o.z + t * d.z, like(t, 0.0 - aspect), like(t, aspect))
        beyond = absolute(o.z + t * d.z) > aspect
        ball_enter, ball_leave = sphere_interval(vec3(o.x, o.y, o.z - z), d)
        if end == 0:
            enter = ti.select(beyond, ball_enter, first)
        else:
            leave = ti.select(beyond, ball_leave, last)
    return ti.select(missed, like(enter, FAR), enter), ti.select(missed, like(leave, -FAR), leave)


@ti.func
def shape_interval(kind, aspect, o, d):
    """Interval of a ray in a unit shape other than a mesh."""
    enter, leave = like(o.x, FAR), like(o.x, -FAR)
    if kind == PLANE:
        enter = (0.0 - o.z) * finite_inverse(d.z)
        leave = enter
    elif kind == BOX:
        one = like(o.x, 1.0)
        enter, leave = box_interval(vec3(0.0 - one, 0.0 - one, 0.0 - one), vec3(one, one, one), o, inverse3(d))
    else:
        shift = 0.0 - dot(o, d) / maximum(dot(d, d), like(d.x, TINY))
        near = add_scaled(o, d, shift)
        if kind == CAPSULE:
            enter, leave = capsule_interval(near, d, aspect)
        elif kind == CYLINDER:
            enter, leave = cylinder_interval(near, d)
        else:
            enter, leave = sphere_interval(near, d)
        enter, leave = enter + shift, leave + shift
    return enter, leave


@ti.func
def first_end(enter, leave, nearest):
    """The first end of an interval beyond `nearest`, or FAR."""
    t = ti.select(enter > nearest, enter, leave)
    return ti.select((enter <= leave) & (t > nearest), t, like(t, FAR))


@ti.func
def shape_normal(kind, aspect, p):
    """Outward normal direction (not unit) in the frame of the unit shape, at a point of its surface."""
    n = p
    o = zero3(p.x)
    if kind == PLANE:
        n = vec3(o.x, o.x, like(o.x, 1.0))
    elif kind == BOX:
        ax, ay, az = absolute(p.x), absolute(p.y), absolute(p.z)
        along_z = (az >= ax) & (az >= ay)
        along_y = ay >= ax
        n = select3(along_z, vec3(o.x, o.x, p.z), select3(along_y, vec3(o.x, p.y, o.x), vec3(p.x, o.x, o.x)))
    elif kind == CYLINDER:
        n = select3(p.z * p.z >= p.x * p.x + p.y * p.y, vec3(o.x, o.x, p.z), vec3(p.x, p.y, o.x))
    elif kind == CAPSULE:
        n = vec3(p.x, p.y, p.z - clamp(p.z, like(p.z, 0.0 - aspect), like(p.z, aspect)))
    return n
