"""Signed distance fields: the lookup, and any shape against a field.

`field_distance` is trilinear in a grid of exact distances; outside the grid the nearest surface point is estimated from the
nearest grid point, so that the value grows as it should. A body touches a field where its own points are nearest to the field's
surface: from start points on the body (a ball's centre, points of a capsule's segment, support points of other convex shapes,
sampled surface points of a field) the distance is descended within the body, by projected gradient steps with halving, or,
for hulls and ellipsoids, which have no cheap projection, by steps towards the support point (Frank and Wolfe 1956). Every end
point is a candidate. Compare Macklin et al., Local Optimization for Robust Signed Distance Field Collision (2020).

Limits: details below a cell of the grid are rounded off; minima that no start point leads to are missed.
"""

from engine.arrays import AT
from engine.collision.candidates import diagonal, offer
from engine.collision.gather import gather
from engine.collision.shapes import (
    BOX,
    CAPSULE,
    CYLINDER,
    ELLIPSOID,
    FIELD,
    HEIGHT_FIELD,
    MESH,
    SPHERE,
    from_local,
    support,
    to_local,
    turns,
)
from engine.collision.terrain import ground_distance
from engine.compiler import ti
from engine.math.lanes import any_lane, clamp, like, maximum, minimum
from engine.math.vec3 import add, add_scaled, dot, neg3, normalized, scale, select3, sub, vec3, zero3

POLISH = 4  # evaluations on the surface of a ball or capsule, once its core has settled
ROUNDS = 14  # evaluations from one start point
SAMPLE_ROUNDS = 6  # evaluations from a sampled surface point, of which there are many
FIRST_STEP = 0.25  # relative to the bound of the body
SHRINK, STRETCH = 0.4, 1.5
CLOSE = 0.1  # a sampled point farther than this, relative to the bound of the body, is not descended from


@ti.func
def field_distance(md: ti.template(), mi: ti.template(), field, p):
    """Signed distance from p (lanes, frame of mesh `field`, unscaled) to its surface, and the unit normal there, outwards."""
    at, step, extent = mi[AT.field_origin] + 3 * field, mi[AT.field_spacing] + 3 * field, mi[AT.field_extent] + 3 * field
    width, height, o = md[extent], md[extent + 1], like(p.x, 0.0)
    x, y, z = (p.x - md[at]) / md[step], (p.y - md[at + 1]) / md[step + 1], (p.z - md[at + 2]) / md[step + 2]
    u, v, w = clamp(x, o, o + (width - 1.0)), clamp(y, o, o + (height - 1.0)), clamp(z, o, o + (md[extent + 2] - 1.0))
    i, j = minimum(ti.floor(u), o + (width - 2.0)), minimum(ti.floor(v), o + (height - 2.0))
    k = minimum(ti.floor(w), o + (md[extent + 2] - 2.0))
    fu, fv, fw = u - i, v - j, w - k
    first, cell = mi[AT.field_value] + mi[mi[AT.field_start] + field], (k * height + j) * width + i
    flat, slope_x, slope_y, value, slope_z = o, o, o, o, o
    for layer in range(turns(mi, 2)):
        a, b = gather(md, first, cell), gather(md, first, cell + 1.0)
        c, d = gather(md, first, cell + width), gather(md, first, cell + width + 1.0)
        low, high = a + (b - a) * fu, c + (d - c) * fu
        here, across, along = low + (high - low) * fv, high - low, (b - a) + ((d - c) - (b - a)) * fv
        if layer == 0:
            flat, slope_x, slope_y = here, along, across
        else:
            value, slope_z = flat + (here - flat) * fw, here - flat
            slope_x, slope_y = slope_x + (along - slope_x) * fw, slope_y + (across - slope_y) * fw
        cell = cell + width * height
    n = normalized(vec3(slope_x / md[step], slope_y / md[step + 1], slope_z / md[step + 2]))
    clamped = vec3(md[at] + u * md[step], md[at + 1] + v * md[step + 1], md[at + 2] + w * md[step + 2])
    off = sub(p, clamped)
    away = add_scaled(off, n, value)  # from the estimated nearest point of the surface
    distance2 = dot(away, away)
    outside = ((u != x) | (v != y) | (w != z)) & (distance2 > 0.0)
    distance = ti.select(outside, ti.sqrt(ti.select(outside, distance2, o + 1.0)), value)
    return distance, select3(outside, scale(away, 1.0 / ti.select(outside, distance, o + 1.0)), n)


@ti.func
def scaled_distance(md: ti.template(), mi: ti.template(), shape, p):
    """`field_distance` of a scaled shape, in its own frame; the three scales are equal."""
    distance, n = field_distance(md, mi, shape.mesh, scale(p, 1.0 / shape.s.x))
    return distance * shape.s.x, n


@ti.func
def field_sample(md: ti.template(), mi: ti.template(), shape, k):
    """Sampled surface point k of a field, in its own frame."""
    at = mi[AT.field_sample] + 3 * (mi[mi[AT.field_sample_start] + shape.mesh] + k)
    return vec3(shape.s.x * md[at], shape.s.x * md[at + 1], shape.s.x * md[at + 2])


@ti.func
def start_direction(k, x):
    """Direction k of fourteen: the diagonals and the axes of the cube."""
    d = diagonal(k % 8, x)
    if k > 7:
        one, o = like(x, 1.0), like(x, 0.0)
        side = 1.0
        if k % 2 == 1:
            side = -1.0
        d = vec3(one * side, o, o)
        if (k - 8) // 2 == 1:
            d = vec3(o, one * side, o)
        if (k - 8) // 2 == 2:
            d = vec3(o, o, one * side)
    return d


@ti.func
def start_point(mi: ti.template(), md: ti.template(), a, k, towards):
    """Start point k on the core of shape a, in its own frame; the last one lies towards the middle of the field."""
    x = zero3(a.r)
    if a.kind == CAPSULE:
        x.z = a.e.z * (0.5 * ti.cast(k, ti.f32) - 1.0)
    elif a.kind == FIELD:
        x = field_sample(md, mi, a, k)
    elif a.kind != SPHERE:
        d = towards
        if k < 14:
            d = start_direction(k, a.r)
        x = support(mi, md, a, d)
    return x


@ti.func
def num_starts(mi: ti.template(), a):
    count = 15
    if a.kind == SPHERE:
        count = 1
    if a.kind == CAPSULE:
        count = 5
    if a.kind == FIELD:
        count = mi[mi[AT.field_sample_count] + a.mesh]
    return count


@ti.func
def project(md: ti.template(), mi: ti.template(), a, x):
    """Nearest point of the core of shape a to x, in its own frame (hulls and ellipsoids: x itself)."""
    p = x
    if a.kind <= BOX:
        p = vec3(clamp(x.x, 0.0 - a.e.x, a.e.x), clamp(x.y, 0.0 - a.e.y, a.e.y), clamp(x.z, 0.0 - a.e.z, a.e.z))
    if a.kind == CYLINDER:
        r2 = x.x * x.x + x.y * x.y
        out = r2 > a.s.x * a.s.x
        k = ti.select(out, a.s.x / ti.sqrt(ti.select(out, r2, like(r2, 1.0))), like(r2, 1.0))
        p = vec3(x.x * k, x.y * k, clamp(x.z, 0.0 - a.e.z, a.e.z))
    if a.kind == FIELD:
        distance, n = scaled_distance(md, mi, a, x)
        p = add_scaled(x, n, 0.0 - maximum(distance, like(distance, 0.0)))
    return p


@ti.func
def next_point(mi: ti.template(), md: ti.template(), a, x, downhill, step, bound):
    """A point of the core of a about `step` from x along the local direction `downhill`."""
    y = add_scaled(x, downhill, step)
    if a.kind == MESH or a.kind == ELLIPSOID:
        far = sub(support(mi, md, a, downhill), x)
        y = add_scaled(x, far, minimum(step / (FIRST_STEP * bound), like(step, 1.0)))
    return project(md, mi, a, y)


@ti.func
def descend(mi: ti.template(), md: ti.template(), a, pose, field, x0, live, margin, bound):
    """From the point x0 of shape a (its own frame) to one that is nearest to the field; x in the frame of the field, the
    distance of the core there and the normal of the field.
    """
    rounds, reach = ROUNDS, 2.0 * bound
    if a.kind == FIELD:
        rounds, reach = SAMPLE_ROUNDS, CLOSE * bound
    if a.kind == SPHERE:
        rounds = 1
    polish = 0
    if a.kind == SPHERE or a.kind == CAPSULE:
        polish = POLISH
    x, y, n = x0, x0, zero3(bound)
    best, step = like(bound, 1e30), FIRST_STEP * bound
    active = ti.select(live, like(bound, 1.0), like(bound, 0.0))
    turn = 0
    while turn < rounds + polish:
        p = add(pose.p, from_local(pose, y))
        if turn >= rounds:
            p = add_scaled(p, n, 0.0 - a.r)
        distance, normal = scaled_distance(md, mi, field, p)
        if turn < rounds:
            better = (active > 0.5) & (distance < best)
            step = ti.select(better, ti.select(best < 1e29, step * STRETCH, step), step * SHRINK)
            x, n, best = select3(better, y, x), select3(better, normal, n), ti.select(better, distance, best)
            done = (best - a.r - margin > reach) | (step < 1e-5 * bound)
            active = ti.select(done, like(bound, 0.0), active)
            y = next_point(mi, md, a, x, to_local(pose, neg3(n)), step, bound)
        else:
            n, best = normalized(add(n, normal)), distance + a.r
        turn += 1
        if turn < rounds and any_lane(active > 0.5) == 0:
            turn = rounds
        if turn >= rounds:
            y = x
    return add(pose.p, from_local(pose, x)), best, n


@ti.func
def solid_contacts(mi: ti.template(), md: ti.template(), ws: ti.template(), g, a, pose, field, near, margin, bound):
    """Offer all candidates of shape a (pose in the frame of the field, radius `bound`) against the signed distance field."""
    middle, _ = scaled_distance(md, mi, field, pose.p)
    live = near & (middle < bound + margin)
    if any_lane(live):
        towards = to_local(pose, neg3(pose.p))
        for k in range(num_starts(mi, a)):
            x0 = start_point(mi, md, a, k, towards)
            x, core, n = descend(mi, md, a, pose, field, x0, live, margin, bound)
            distance = core - a.r
            hit = live & (distance < margin)
            if any_lane(hit):
                offer(mi, ws, g, pose, add_scaled(x, n, 0.0 - a.r - 0.5 * distance), n, distance, hit, bound)


@ti.func
def sampled_contacts(mi: ti.template(), md: ti.template(), ws: ti.template(), g, a, pose, field, body, near, margin, bound):
    """Offer the sampled points of the field that lie below a plane or a height field a, whose pose is in the frame of the
    field; `body` is the pose of the field itself there.
    """
    for k in range(mi[mi[AT.field_sample_count] + field.mesh]):
        s = field_sample(md, mi, field, k)
        x = vec3(like(bound, 0.0) + s.x, like(bound, 0.0) + s.y, like(bound, 0.0) + s.z)
        distance, n = dot(pose.z, sub(x, pose.p)), pose.z
        if a.kind == HEIGHT_FIELD:
            distance, n = ground_distance(mi, md, a.mesh, to_local(pose, sub(x, pose.p)))
            n = from_local(pose, n)
        hit = near & (distance < margin)
        if any_lane(hit):
            offer(mi, ws, g, body, add_scaled(x, n, -0.5 * distance), neg3(n), distance, hit, bound)
