"""General convex pairs by portal refinement, repeated along its own normal until the depth is a minimum.

M is the Minkowski difference a - b of the cores, inflated by both radii and by the margin, so that shapes that are apart by
less than the margin overlap too and one method serves both (an exact trick: inflating adds the same constant to every width
of M). Portal refinement (Snethen, XenoCollide, Game Programming Gems 7, 2008) finds the face of M that a ray from the centre
of M leaves through. The first ray aims at the origin; each next one at the point h n, where n is the normal of the last face
and h the width of M along it. That point is on or outside the face that is hit then, so that the width along the new normal
is never above h: the depth falls from round to round and stops at a minimum, in few rounds, exactly for polytopes. All lanes
run one loop with one support call; a lane that is done is masked.

A minimum is local. Its error is below the depth, so a pair deeper than DEEP times its size is searched from six more rays,
and the least of all counts.

Limits: a minimum of deep bodies may still be local (0.5 % of random poses of bodies with faces, 0.8 % deep, miss the least
depth by more than 1e-4 of their size). After MAX_TURNS the best width so far stands.
"""

from engine.collision.analytic import make_touch
from engine.collision.polygons import box_normal
from engine.collision.prism import is_prism, prism_support
from engine.collision.shapes import (
    CAPSULE,
    CYLINDER,
    ELLIPSOID,
    centre,
    from_local,
    identity_pose,
    signed,
    support,
    to_local,
    turns,
)
from engine.compiler import ti
from engine.declarations import FAR
from engine.math.lanes import absolute, any_lane, like, maximum
from engine.math.vec3 import add, add_scaled, cross, dot, neg3, normalized, scale, select3, sub, tangents, vec3, zero3

MAX_TURNS = 200  # support calls of a pair
COARSE = 1e-3  # a round need not be more exact than this, relative to the size of the pair, as long as rounds still gain more
DEEP = 2e-4  # a pair that is deeper than this, relative to its size, is searched again
STARTS = 6.0  # from an axis of either shape and from rays tilted to four sides
TILT = 1.2  # tangent of the tilt
FIRST, SECOND, THIRD, REFINE, DONE, APART = 0.0, 1.0, 2.0, 3.0, 4.0, 5.0  # phases of a lane


@ti.func
def relative_tolerance(x):
    """1e-6 for f32, 1e-9 for f64, as the real type of x."""
    single = like(x, 1.0) + 1e-9 == 1.0
    return ti.select(single, like(x, 1e-6), like(x, 1e-9))


@ti.func
def difference_support(mi: ti.template(), md: ti.template(), a, b, pose, d, grow):
    """Farthest point of M along the unit vector d, and the point of the core of a that makes it."""
    on_a, on_b = zero3(grow), zero3(grow)
    if ti.static(is_prism(a)):
        on_a = prism_support(a, d)
        on_b = add(pose.p, from_local(pose, support(mi, md, b, to_local(pose, neg3(d)))))
    else:
        for s in range(turns(mi, 2)):
            shape, stand, direction = a, identity_pose(grow), d
            if s == 1:
                shape, stand, direction = b, pose, neg3(d)
            on_b = add(stand.p, from_local(stand, support(mi, md, shape, to_local(stand, direction))))
            if s == 0:
                on_a = on_b
    return add_scaled(sub(on_a, on_b), d, grow), on_a


@ti.func
def across(r):
    """A unit vector at right angles to the unit vector r."""
    o = like(r.x, 0.0)
    return normalized(select3(absolute(r.x) < 0.6, vec3(o, r.z, 0.0 - r.y), vec3(0.0 - r.z, o, r.x)))


@ti.func
def next_direction(phase, r, w1, w2, w3):
    """Search direction of each lane for its phase, and the mask of the lanes whose portal has no area."""
    d = cross(w1, r)
    d = select3(phase == THIRD, cross(w1, w2), d)
    d = select3(phase == REFINE, cross(sub(w2, w1), sub(w3, w1)), d)
    d = select3(phase == FIRST, r, d)
    length2 = dot(d, d)
    flat = length2 < 1e-36
    d = select3(flat, across(r), scale(d, 1.0 / ti.sqrt(ti.select(flat, like(length2, 1.0), length2))))
    return d, flat & (phase == REFINE)


@ti.func
def replaced_corner(phase, r, w1, w2, w3, w4, slack):
    """Which corner (1, 2, 3) of the portal the new point replaces, 0 for none; in SECOND 4 means: swap 1 and 2 after
    placing it at 2.
    """
    o, i1, i2, i3 = like(slack, 0.0), like(slack, 1.0), like(slack, 2.0), like(slack, 3.0)
    second = ti.select(dot(cross(w1, w4), r) < 0.0, like(slack, 4.0), i2)
    third = ti.select(dot(cross(w4, w1), r) < 0.0 - slack, i2, ti.select(dot(cross(w2, w4), r) < 0.0 - slack, i1, i3))
    c = cross(r, w4)
    refine = ti.select(dot(w1, c) > 0.0, ti.select(dot(w2, c) > 0.0, i1, i3), ti.select(dot(w3, c) > 0.0, i2, i1))
    corner = ti.select(phase == FIRST, i1, o)
    corner = ti.select(phase == SECOND, second, corner)
    corner = ti.select(phase == THIRD, third, corner)
    return ti.select(phase == REFINE, refine, corner)


@ti.func
def portal_weights(v1, v2, v3, n):
    """Areas in which the line through the origin along n divides the portal; one is negative when it passes outside."""
    return vec3(dot(cross(v2, v3), n), dot(cross(v3, v1), n), dot(cross(v1, v2), n))


@ti.func
def portal_point(weights, a1, a2, a3):
    """Point of a's core behind the point where the line through the origin leaves the portal."""
    o = like(weights.x, 0.0)
    k1, k2, k3 = maximum(weights.x, o), maximum(weights.y, o), maximum(weights.z, o)
    total = k1 + k2 + k3
    sound = total > 0.0
    k1 = ti.select(sound, k1, like(total, 1.0))
    return scale(add_scaled(add_scaled(scale(a1, k1), a2, k2), a3, k3), 1.0 / ti.select(sound, total, like(total, 1.0)))


@ti.func
def nearest_axis(shape, d):
    """Axis of the shape, a candidate for a face normal, that is nearest to the local direction d."""
    axis = box_normal(d)
    if shape.kind == CYLINDER:
        axis = zero3(d.x)
        axis.z = signed(d.z, like(d.z, 1.0))
    return axis


@ti.func
def fresh_ray(a, b, pose, n, start):
    """The ray of a fresh start: the nearest axis of b, of a, then n tilted to one of four sides."""
    t1, t2 = tangents(n)
    o, k = like(start, 0.0), like(start, TILT)
    k1 = ti.select(start == 3.0, k, ti.select(start == 4.0, o - k, o))
    k2 = ti.select(start == 5.0, k, ti.select(start == 6.0, o - k, o))
    ray = normalized(add_scaled(add_scaled(n, t1, k1), t2, k2))
    ray = select3(start == 2.0, nearest_axis(a, n), ray)
    return select3(start == 1.0, from_local(pose, nearest_axis(b, to_local(pose, n))), ray)


@ti.func
def convex_touch(mi: ti.template(), md: ti.template(), a, b, pose, near, margin, size):
    """Any two convex shapes; `near` masks the lanes that matter. Distance FAR where the shapes are apart by more than the
    margin.
    """
    tolerance = relative_tolerance(size) * size
    slack = tolerance * size
    grow = a.r + b.r + margin + tolerance
    o, far = like(size, 0.0), like(size, FAR)
    v0 = sub(centre(mi, md, a), add(pose.p, from_local(pose, centre(mi, md, b))))
    off = dot(v0, v0) > slack
    r = select3(off, normalized(neg3(v0)), vec3(o, o, like(size, 1.0)))
    v0 = select3(off, v0, zero3(size))
    v1, v2, v3, a1, a2, a3 = v0, v0, v0, v0, v0, v0
    n, on_a, height, limit, settled, start, level = r, v0, far, far, far, o, o
    phase = ti.select(near, like(size, FIRST), like(size, APART))
    turn, starts = 0, STARTS
    if a.kind <= CAPSULE or a.kind == ELLIPSOID or b.kind == ELLIPSOID:  # few faces: one minimum (measured)
        starts = 0.0
    if ti.static(is_prism(a)):  # the solid below a triangle is left upwards
        starts = 0.0
    running = any_lane(near)
    while running == 1:
        w1, w2, w3 = sub(v1, v0), sub(v2, v0), sub(v3, v0)
        d, flat = next_direction(phase, r, w1, w2, w3)
        v4, a4 = difference_support(mi, md, a, b, pose, d, grow)
        width, w4 = dot(v4, d), sub(v4, v0)
        active = phase < DONE
        better = active & (width < height)
        height, n, on_a = ti.select(better, width, height), select3(better, d, n), select3(better, a4, on_a)
        # The end of a round: the portal is a face of M, hit by the ray.
        fine = level > 0.5
        threshold = ti.select(fine, tolerance, ti.select(start > 0.0, 0.3 * COARSE * size, COARSE * size))
        ended = active & (phase == REFINE) & (flat | (dot(sub(w4, w1), d) <= threshold))
        weights = portal_weights(v1, v2, v3, d)
        through = (weights.x > 0.0 - slack) & (weights.y > 0.0 - slack) & (weights.z > 0.0 - slack)
        dull = width > limit - threshold
        arrived = ended & fine & (through | dull | flat)
        worse = (start > 0.0) & (through | dull | flat | ((width > height + threshold) & (limit < far)))
        over = arrived | (ended & (level < 0.5) & worse)
        least = arrived & (width <= height + tolerance)
        on_a = select3(least, portal_point(weights, a1, a2, a3), on_a)
        settled = ti.select(least, height, settled)
        untried = over & (height < settled - tolerance)
        left = over & (height >= settled - tolerance)
        deep = (height - margin > DEEP * size) & (start < starts)
        fresh = left & deep
        # The portal takes the new point.
        corner = ti.select(active & (ended == 0), replaced_corner(phase, r, w1, w2, w3, w4, slack), o)
        swap = corner == 4.0
        at1, at2, at3 = (corner == 1.0) | swap, corner == 2.0, corner == 3.0
        v2, a2 = select3(swap, v1, select3(at2, v4, v2)), select3(swap, a1, select3(at2, a4, a2))
        v1, a1 = select3(at1, v4, v1), select3(at1, a4, a1)
        v3, a3 = select3(at3, v4, v3), select3(at3, a4, a3)
        # What comes next.
        moved = ti.select(phase == FIRST, like(size, SECOND), ti.select(phase == SECOND, like(size, THIRD), phase))
        moved = ti.select((phase == THIRD) & at3, like(size, REFINE), moved)
        again = ti.select(through & (flat == 0) & (over == 0), like(size, REFINE), like(size, FIRST))
        moved = ti.select(ended, ti.select(left & (deep == 0), like(size, DONE), again), moved)
        start = start + ti.select(fresh, like(size, 1.0), o)
        aim = select3(fresh, scale(fresh_ray(a, b, pose, n, start), 1.5 * height), scale(d, width))
        aim = select3(untried, scale(n, height), aim)
        r = select3(ended, normalized(sub(aim, v0)), r)
        limit = ti.select(ended, ti.select(fresh, far, ti.select(untried, height + 2.0 * tolerance, width)), limit)
        level = ti.select(ended & (untried | through | dull), like(size, 1.0), level)
        level = ti.select(fresh, o, level)
        phase = ti.select(active, ti.select(width < 0.0, like(size, APART), moved), phase)
        turn += 1
        if turn >= MAX_TURNS or any_lane(phase < DONE) == 0:
            running = 0
    distance = grow - a.r - b.r - height
    witness = add_scaled(on_a, n, a.r + 0.5 * distance)
    return make_touch(n, ti.select(phase == APART, far, distance), witness, o)
