"""Convex shapes against a height field.

The field is a grid of heights; every cell is two triangles that share the diagonal from its lowest to its highest corner
(column, row), each the top of a prism. For the triangles below the shape's box two kinds of candidates are offered:

- points of the shape (the deepest along the triangle's normal, and the corners of its footprint) that lie below the triangle's
  plane and in its column, with the triangle's normal;
- the least overlap of shape and prism by portal refinement, if its normal belongs to the surface: walls between prisms are not
  there, and the normal at an edge lies between those of the two triangles (the Voronoi regions of the surface; the angle of
  every edge comes from the host). So a ball rolls over a flat mesh of triangles as over a plane, without hits on inner edges.

Method: prisms as in MuJoCo's height field; inner edges as in Terdiman (2001) and Rouwe's "active edges" (Jolt, 2022).
Limits: height fields do not touch planes or each other; below its floor a field is not there.
"""

from engine.arrays import AT
from engine.collision.candidates import diagonal, offer
from engine.collision.convex import convex_touch
from engine.collision.gather import gather, most
from engine.collision.prism import make_prism, triangle_normal
from engine.collision.shapes import ELLIPSOID, SPHERE, from_local, support, to_local, turns
from engine.compiler import ti
from engine.math.lanes import any_lane, clamp, like, maximum, minimum
from engine.math.vec3 import add, add_scaled, cross, dot, neg3, normalized, sub, vec3

PRISM = 100  # kind of a prism among the shapes of the narrow phase
TILT = 0.3  # tangent of the tilt with which the corners of a footprint are looked for
SMOOTH = 1e-3  # tangent up to which two triangles count as one plane, and by which a normal may miss its region


@ti.func
def box_of(mi: ti.template(), md: ti.template(), a, pose):
    """Lower and upper corner of the shape's box in the axes of the frame."""
    low, high = pose.p, pose.p
    o, one = like(a.r, 0.0), like(a.r, 1.0)
    for k in range(turns(mi, 6)):
        side = 1.0
        if k > 2:
            side = -1.0
        axis = vec3(one * side, o, o)
        if k % 3 == 1:
            axis = vec3(o, one * side, o)
        if k % 3 == 2:
            axis = vec3(o, o, one * side)
        p = add_scaled(add(pose.p, from_local(pose, support(mi, md, a, to_local(pose, axis)))), axis, a.r)
        low = vec3(minimum(low.x, p.x), minimum(low.y, p.y), minimum(low.z, p.z))
        high = vec3(maximum(high.x, p.x), maximum(high.y, p.y), maximum(high.z, p.z))
    return low, high


@ti.func
def cell_span(low, high, origin, spacing, count, margin):
    """First and last cell of an interval, as whole numbers, and 1 where it meets the field at all."""
    first, last = ti.floor((low - margin - origin) / spacing), ti.floor((high + margin - origin) / spacing)
    top = count - 2.0
    o, one = like(low, 0.0), like(low, 1.0)
    meets = ti.select((last >= 0.0) & (first <= top), one, o)
    return clamp(first, o, o + top), clamp(last, o, o + top), meets


@ti.func
def in_region(edge, n, normal, slope):
    """1 where the normal lies on this triangle's side of the region of an edge that turns down by the tangent `slope`."""
    outward = normalized(cross(edge, normal))
    return ti.select(dot(n, outward) <= (slope + SMOOTH) * dot(n, normal), like(slope, 1.0), like(slope, 0.0))


@ti.func
def side_of(p, q, x):
    """Twice the area of p, q, x seen from above: positive on the left."""
    return (q.x - p.x) * (x.y - p.y) - (q.y - p.y) * (x.x - p.x)


@ti.func
def triangle_contacts(
    mi: ti.template(), md: ti.template(), ws: ti.template(), g, a, pose, p0, p1, p2, k0, k1, k2, floor, mask, margin, size
):
    """Offer the candidates of one triangle; k0, k1, k2 are the slopes across the edges p0 p1, p1 p2, p2 p0."""
    normal = triangle_normal(p0, p1, p2)
    down = to_local(pose, neg3(normal))
    live = mask
    points = 9
    if a.kind == SPHERE or a.kind == ELLIPSOID:
        points = 1
    k = 0
    while k < points:
        d = down
        if k > 0:
            d = add_scaled(down, diagonal(k - 1, margin), TILT)
        x = add_scaled(add(pose.p, from_local(pose, support(mi, md, a, d))), normal, 0.0 - a.r)
        distance = dot(normal, sub(x, p0))
        if k == 0:
            live = mask & (distance < margin)
            if any_lane(live) == 0:
                k = points
        above = (side_of(p0, p1, x) >= 0.0) & (side_of(p1, p2, x) >= 0.0) & (side_of(p2, p0, x) >= 0.0)
        hit = live & above & (distance < margin)
        if any_lane(hit):
            offer(mi, ws, g, pose, add_scaled(x, normal, -0.5 * distance), normal, distance, hit, size)
        k += 1
    edged = live & (maximum(maximum(k0, k1), k2) > SMOOTH)  # without a ridge only points of the shape can touch
    if any_lane(edged):
        prism = make_prism(PRISM, p0, p1, p2, floor)
        touch = convex_touch(mi, md, prism, a, pose, edged, margin, size)
        inside = in_region(sub(p1, p0), touch.n, normal, k0) * in_region(sub(p2, p1), touch.n, normal, k1)
        inside = inside * in_region(sub(p0, p2), touch.n, normal, k2)
        real = edged & (touch.distance < margin) & (inside > 0.5) & (dot(touch.n, normal) > 0.0)
        if any_lane(real):
            offer(mi, ws, g, pose, touch.witness, touch.n, touch.distance, real, size)


@ti.func
def cell_contacts(
    mi: ti.template(), md: ti.template(), ws: ti.template(), g, a, pose, mesh, column, row, floor, mask, low, margin, size
):
    """Offer the candidates of the two triangles of one cell, which is another one in every lane."""
    at, start = mi[AT.field_origin] + 3 * mesh, mi[mi[AT.field_start] + mesh]
    width, slopes = md[mi[AT.field_extent] + 3 * mesh], mi[AT.field_slope] + 6 * mi[mi[AT.field_cell_start] + mesh]
    step = mi[AT.field_spacing] + 3 * mesh
    x0, y0 = md[at] + column * md[step], md[at + 1] + row * md[step + 1]
    x1, y1 = md[at] + (column + 1.0) * md[step], md[at + 1] + (row + 1.0) * md[step + 1]
    cell = row * width + column
    first = mi[AT.field_value] + start
    pa, pb = vec3(x0, y0, gather(md, first, cell)), vec3(x1, y0, gather(md, first, cell + 1.0))
    pc, pd = vec3(x0, y1, gather(md, first, cell + width)), vec3(x1, y1, gather(md, first, cell + width + 1.0))
    top = maximum(maximum(pa.z, pb.z), maximum(pc.z, pd.z))
    reached = mask & (low.z < top + margin)
    if any_lane(reached):
        slope = (row * (width - 1.0) + column) * 6.0
        for t in range(turns(mi, 2)):
            p1, p2 = pb, pd
            base = slopes
            if t == 1:
                p1, p2, base = pd, pc, slopes + 3
            k0, k1, k2 = gather(md, base, slope), gather(md, base + 1, slope), gather(md, base + 2, slope)
            triangle_contacts(mi, md, ws, g, a, pose, pa, p1, p2, k0, k1, k2, floor, reached, margin, size)


@ti.func
def terrain_contacts(mi: ti.template(), md: ti.template(), ws: ti.template(), g, a, pose, mesh, near, margin, size):
    """Offer all candidates of shape a, whose pose is in the frame of the height field `mesh`."""
    low, high = box_of(mi, md, a, pose)
    at, step, extent = mi[AT.field_origin] + 3 * mesh, mi[AT.field_spacing] + 3 * mesh, mi[AT.field_extent] + 3 * mesh
    i0, i1, in_x = cell_span(low.x, high.x, md[at], md[step], md[extent], margin)
    j0, j1, in_y = cell_span(low.y, high.y, md[at + 1], md[step + 1], md[extent + 1], margin)
    active = near & (in_x > 0.5) & (in_y > 0.5) & (high.z > md[at + 2])
    if any_lane(active):
        floor = like(size, md[at + 2]) - 2.0 * size  # a thin field must not be left through its floor
        o = like(size, 0.0)
        columns, rows = most(ti.select(active, i1 - i0 + 1.0, o)), most(ti.select(active, j1 - j0 + 1.0, o))
        dj = 0.0
        for _y in range(rows):
            di = 0.0
            for _x in range(columns):
                i, j = i0 + di, j0 + dj
                mask = active & (i <= i1) & (j <= j1)
                cell_contacts(mi, md, ws, g, a, pose, mesh, minimum(i, i1), minimum(j, j1), floor, mask, low, margin, size)
                di += 1.0
            dj += 1.0


@ti.func
def ground_distance(mi: ti.template(), md: ti.template(), mesh, p):
    """Distance from the point p (frame of the height field) to the plane of the triangle below it, and its normal; far outside
    the field.
    """
    at, step, extent = mi[AT.field_origin] + 3 * mesh, mi[AT.field_spacing] + 3 * mesh, mi[AT.field_extent] + 3 * mesh
    width, o = md[extent], like(p.x, 0.0)
    u, v = (p.x - md[at]) / md[step], (p.y - md[at + 1]) / md[step + 1]
    beyond = (u < 0.0) | (v < 0.0) | (u > width - 1.0) | (v > md[extent + 1] - 1.0) | (p.z < md[at + 2])
    i, j = clamp(ti.floor(u), o, o + width - 2.0), clamp(ti.floor(v), o, o + md[extent + 1] - 2.0)
    first, cell = mi[AT.field_value] + mi[mi[AT.field_start] + mesh], j * width + i
    za, zd = gather(md, first, cell), gather(md, first, cell + width + 1.0)
    zb, zc = gather(md, first, cell + 1.0), gather(md, first, cell + width)
    right = u - i >= v - j
    sx, sy = ti.select(right, zb - za, zd - zc), ti.select(right, zd - zb, zc - za)
    n = normalized(vec3(0.0 - sx / md[step], 0.0 - sy / md[step + 1], o + 1.0))
    height = za + sx * (u - i) + sy * (v - j)
    return ti.select(beyond, o + 1e10, (p.z - height) * n.z), n
