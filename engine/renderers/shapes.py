"""Rays against unit shapes: where a ray enters and leaves, and the outward normal at a point of the surface.

A ray is o + t d in the frame of the unit shape; d is not a unit vector, so that t is the distance in W. Convex shapes
return the interval [enter, leave] (enter > leave: missed), from which the caller takes the first end that lies before the
ray, also from inside. Quadratics are solved about the ray's point nearest to the centre, which keeps the f32 error near
one rounding of the distance (Haines, Guenther, Akenine-Moeller 2019). Limits: planes are hit from both sides.
"""

from engine.compiler import ti
from engine.math.lanes import absolute, clamp, maximum, minimum
from engine.math.vec3 import add_scaled, dot, select3, vec3, zero3
from engine.renderers.table import BOX, CAPSULE, CYLINDER, PLANE, splat

FAR = 1e30  # t of a ray that hits nothing
OPEN = 1e8  # half width of a box without sides, in units of the shape
TINY = 1e-18  # keeps divisions finite; far below any squared direction that matters


@ti.func
def finite_inverse(x):
    """1 / x, with a huge finite number at 0 so that boxes never meet 0 times infinity."""
    return 1.0 / ti.select(absolute(x) < 1e-12, ti.select(x < 0.0, splat(x, -1e-12), splat(x, 1e-12)), x)


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
    root = ti.sqrt(maximum(square, splat(square, 0.0)))
    inside = square >= 0.0
    inverse = 1.0 / a
    return ti.select(inside, (0.0 - b - root) * inverse, splat(b, FAR)), ti.select(inside, (root - b) * inverse, splat(b, -FAR))


@ti.func
def round_interval(kind, aspect, o, d):
    """Ball (sphere, ellipsoid), endless tube (cylinder) or capsule; `o` is near the shape.

    The capsule is its tube, where an end beyond z = -aspect or aspect moves to the ball at that end. One loop solves all
    three quadratics.
    """
    turns, ball = 1, 1.0  # weight of z in the quadratic: 1 ball, 0 tube
    if kind == CAPSULE:
        turns, ball = 3, 0.0
    elif kind == CYLINDER:
        ball = 0.0
    flat_a, flat_b, flat_c = d.x * d.x + d.y * d.y, o.x * d.x + o.y * d.y, o.x * o.x + o.y * o.y - 1.0
    enter, leave = flat_a, flat_a
    z = o.z
    beyond = flat_a < 0.0
    for turn in range(turns):
        near, far = roots(
            maximum(flat_a + ball * (d.z * d.z), splat(z, TINY)), flat_b + ball * (z * d.z), flat_c + ball * (z * z)
        )
        end = far
        if turn == 0:
            enter, leave, end = near, far, near
        elif turn == 1:
            enter, end = ti.select(beyond, near, enter), leave
        else:
            leave = ti.select(beyond, far, leave)
        ball = 1.0
        reached = o.z + end * d.z
        z = o.z - clamp(reached, 0.0 - aspect, aspect)
        beyond = (absolute(reached) > aspect) & (end < FAR) & (end > -FAR)
    return enter, leave


@ti.func
def shape_interval(kind, aspect, o, d):
    """Interval of a ray in a unit shape other than a mesh: what its round part and its flat sides have in common."""
    enter, leave = splat(o.x, -FAR), splat(o.x, FAR)
    if kind == PLANE:
        enter = (0.0 - o.z) * finite_inverse(d.z)
        leave = enter
    else:
        if kind != BOX:
            shift = 0.0 - dot(o, d) / maximum(dot(d, d), splat(d.x, TINY))
            enter, leave = round_interval(kind, aspect, add_scaled(o, d, shift), d)
            enter, leave = enter + shift, leave + shift
        if kind == BOX or kind == CYLINDER:
            wide = 1.0
            if kind == CYLINDER:
                wide = OPEN
            first, last = box_interval(vec3(0.0 - wide, 0.0 - wide, -1.0), vec3(wide, wide, 1.0), o, inverse3(d))
            enter, leave = maximum(enter, first), minimum(leave, last)
    return enter, leave


@ti.func
def first_end(enter, leave, nearest):
    """The first end of an interval beyond `nearest`, or FAR."""
    t = ti.select(enter > nearest, enter, leave)
    return ti.select((enter <= leave) & (t > nearest), t, splat(t, FAR))


@ti.func
def shape_normal(kind, aspect, p):
    """Outward normal direction (not unit) in the frame of the unit shape, at a point of its surface."""
    n = p
    o = zero3(p.x)
    if kind == PLANE:
        n = vec3(o.x, o.x, splat(o.x, 1.0))
    elif kind == BOX:
        ax, ay, az = absolute(p.x), absolute(p.y), absolute(p.z)
        along_z = (az >= ax) & (az >= ay)
        along_y = ay >= ax
        n = select3(along_z, vec3(o.x, o.x, p.z), select3(along_y, vec3(o.x, p.y, o.x), vec3(p.x, o.x, o.x)))
    elif kind == CYLINDER:
        n = select3(p.z * p.z >= p.x * p.x + p.y * p.y, vec3(o.x, o.x, p.z), vec3(p.x, p.y, o.x))
    elif kind == CAPSULE:
        n = vec3(p.x, p.y, p.z - clamp(p.z, 0.0 - aspect, aspect))
    return n
