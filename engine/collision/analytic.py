"""Closed forms: a plane against anything, spheres and capsules against each other and against boxes.

Every function works in the frame of shape a and returns a touch: unit normal n from a to b, signed distance, and a witness
point midway between the surfaces. Segments: Ericson, Real-Time Collision Detection (2005), 5.1.9. Segment and box: the
squared distance along the segment is convex and piecewise quadratic, so its derivative is evaluated at the six slab crossings
and interpolated between the two that bracket its zero; a segment that enters the box is pushed out along the least of six
separating axes.

Limits: two nearly parallel capsules give the closest point and the far end of their overlap, all other pairs here one
witness.
"""

from engine.arrays import AT
from engine.collision.shapes import from_local, support, to_local, turns
from engine.compiler import ti
from engine.declarations import FAR
from engine.math.lanes import absolute, clamp, like, maximum, minimum
from engine.math.memory import st, st3
from engine.math.vec3 import add, add_scaled, cross, dot, neg3, normalized, scale, select3, sub, vec3, zero3

PARALLEL = 1e-3  # squared sine of the angle below which two capsules touch along a line
COINCIDENT = 1e-6  # distance of two cores, relative to their radii, below which the direction between them is noise


@ti.func
def make_touch(n, distance, witness, doubt):
    """Normal, signed distance, witness point; the witness yields to any candidate of a manifold that is at most `doubt`
    less deep.
    """
    return ti.Struct(n=n, distance=distance, witness=witness, doubt=doubt)


@ti.func
def plane_touch(mi: ti.template(), md: ti.template(), b, pose):
    """Plane a and the deepest point of b."""
    o = like(b.r, 0.0)
    n = vec3(o, o, like(b.r, 1.0))
    low = add(pose.p, from_local(pose, support(mi, md, b, to_local(pose, neg3(n)))))
    distance = low.z - b.r
    return make_touch(n, distance, vec3(low.x, low.y, 0.5 * distance), o)


@ti.func
def write_plane_capsule(mi: ti.template(), ws: ti.template(), g, b, pose):
    """Plane a and the two ends of capsule b: their points and depths; returns the normal."""
    o = like(b.r, 0.0)
    for k in range(2):
        end = add_scaled(pose.p, pose.z, b.e.z * (1.0 - 2.0 * k))
        distance = end.z - b.r
        st3(ws, g, mi[AT.pair_contact] + 4 * k, vec3(end.x, end.y, 0.5 * distance))
        st(ws, g, mi[AT.pair_contact] + 4 * k + 3, distance)
    return vec3(o, o, like(b.r, 1.0))


@ti.func
def segment_parameters(p, axis, ha, hb):
    """Closest points s z and p + t axis of two segments, and the far end s2, t2 of their overlap when they are nearly
    parallel.
    """
    c, pz, pd = axis.z, p.z, dot(p, axis)
    sine2 = maximum(1.0 - c * c, like(c, 0.0))
    low, high = maximum(0.0 - ha, pz - hb), minimum(ha, pz + hb)
    aligned = sine2 < 1e-6
    s = ti.select(aligned, low, (pz - pd * c) / ti.select(aligned, like(c, 1.0), sine2))
    s = clamp(s, 0.0 - ha, ha)
    t = clamp(s * c - pd, 0.0 - hb, hb)
    s = clamp(t * c + pz, 0.0 - ha, ha)
    s2 = ti.select(s - low < high - s, high, low)
    t2 = clamp(s2 * c - pd, 0.0 - hb, hb)
    two = (sine2 < PARALLEL) & (high - low > 0.02 * (ha + hb))
    return s, t, s2, t2, two


@ti.func
def write_segments(mi: ti.template(), ws: ti.template(), g, a, b, pose):
    """Sphere or capsule against sphere or capsule; writes one or two points and returns the normal."""
    s, t, s2, t2, two = segment_parameters(pose.p, pose.z, a.e.z, b.e.z)
    radii = a.r + b.r
    o, one = like(s, 0.0), like(s, 1.0)
    gap = add_scaled(add_scaled(pose.p, pose.z, t), vec3(o, o, one), 0.0 - s)
    length2 = dot(gap, gap)
    apart = length2 > (COINCIDENT * radii) * (COINCIDENT * radii)
    across = vec3(0.0 - pose.z.y, pose.z.x, o)  # z x axis
    crossed = dot(across, across) > 1e-6
    n = select3(crossed, normalized(across), vec3(one, o, o))
    n = select3(apart, scale(gap, 1.0 / ti.sqrt(ti.select(apart, length2, one))), n)
    for k in range(turns(mi, 2)):
        sk, tk, wanted = s, t, one
        if k == 1:
            sk, tk, wanted = s2, t2, ti.select(two, one, o)
        pa = vec3(o, o, sk)
        distance = dot(sub(add_scaled(pose.p, pose.z, tk), pa), n) - radii
        slot = mi[AT.pair_contact] + 4 * k
        st3(ws, g, slot, add_scaled(pa, n, a.r + 0.5 * distance))
        st(ws, g, slot + 3, ti.select(wanted > 0.5, distance, like(s, FAR)))
    return n


@ti.func
def excess(p, e):
    """Vector from the nearest point of the box to p; zero inside."""
    return vec3(p.x - clamp(p.x, 0.0 - e.x, e.x), p.y - clamp(p.y, 0.0 - e.y, e.y), p.z - clamp(p.z, 0.0 - e.z, e.z))


@ti.func
def nearest_on_segment(mi: ti.template(), c, u, h, e):
    """Parameter in [-h, h] of the point of the segment c + t u that is nearest to the box e."""
    low, high = 0.0 - h, h
    slope_low, slope_high = dot(excess(add_scaled(c, u, low), e), u), dot(excess(add_scaled(c, u, high), e), u)
    first, last = slope_low >= 0.0, slope_high <= 0.0
    for k in range(turns(mi, 6)):
        x, ux, ex = c.x, u.x, e.x
        if k % 3 == 1:
            x, ux, ex = c.y, u.y, e.y
        if k % 3 == 2:
            x, ux, ex = c.z, u.z, e.z
        if k > 2:
            ex = 0.0 - ex
        flat = absolute(ux) < 1e-9
        t = clamp((ex - x) / ti.select(flat, like(x, 1.0), ux), 0.0 - h, h)
        slope = dot(excess(add_scaled(c, u, t), e), u)
        rises = (slope <= 0.0) & (t > low)
        falls = (slope >= 0.0) & (t < high)
        low, slope_low = ti.select(rises, t, low), ti.select(rises, slope, slope_low)
        high, slope_high = ti.select(falls, t, high), ti.select(falls, slope, slope_high)
    run = slope_high - slope_low
    steep = run > 0.0
    t = ti.select(steep, low - slope_low * (high - low) / ti.select(steep, run, like(h, 1.0)), 0.5 * (low + high))
    t = ti.select(last & (slope_high < 0.0), h, ti.select(first & (slope_low > 0.0), 0.0 - h, t))
    return clamp(t, 0.0 - h, h)


@ti.func
def segment_exit(mi: ti.template(), c, u, h, e):
    """Least overlap of a segment with the box e and the direction from the segment to the box, in box axes."""
    best, n = like(h, 1e30), zero3(h)
    o, one = like(h, 0.0), like(h, 1.0)
    for k in range(turns(mi, 6)):
        axis = vec3(one, o, o)
        if k % 3 == 1:
            axis = vec3(o, one, o)
        if k % 3 == 2:
            axis = vec3(o, o, one)
        if k > 2:
            axis = cross(axis, u)
        length2 = dot(axis, axis)
        usable = length2 > 1e-4
        axis = scale(axis, 1.0 / ti.sqrt(ti.select(usable, length2, one)))
        along = dot(axis, c)
        reach = e.x * absolute(axis.x) + e.y * absolute(axis.y) + e.z * absolute(axis.z) + h * absolute(dot(axis, u))
        overlap = reach - absolute(along)
        better = usable & (overlap < best - 1e-5 * reach)
        best = ti.select(better, overlap, best)
        side = ti.select(along < 0.0, one, like(h, -1.0))
        n = select3(better, scale(axis, side), n)
    return best, n


@ti.func
def box_touch(mi: ti.template(), a, b, pose):
    """Sphere or capsule a against box b."""
    c, u = to_local(pose, neg3(pose.p)), vec3(pose.x.z, pose.y.z, pose.z.z)
    h, one = a.e.z, like(a.r, 1.0)
    t = nearest_on_segment(mi, c, u, h, b.e)
    out = excess(add_scaled(c, u, t), b.e)
    length2 = dot(out, out)
    tiny = COINCIDENT * (b.e.x + b.e.y + b.e.z + a.r)
    apart = length2 > tiny * tiny
    length = ti.sqrt(ti.select(apart, length2, one))
    overlap, inward = segment_exit(mi, c, u, h, b.e)
    n_b = select3(apart, scale(out, 0.0 - 1.0 / length), inward)
    core = ti.select(apart, length, 0.0 - overlap)
    deepest = ti.select(dot(u, n_b) < 0.0, 0.0 - h, h)  # of a segment inside the box the end that is deepest
    t = ti.select(apart, t, deepest)
    n, distance = from_local(pose, n_b), core - a.r
    o = like(t, 0.0)
    return make_touch(n, distance, add_scaled(vec3(o, o, t), n, a.r + 0.5 * distance), o)
