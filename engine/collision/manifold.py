"""The contact manifold of two supporting polygons: where they overlap, reduced to at most four points.

Seen along the normal, the overlap of two convex polygons has as corners the corners of either that lie inside the other and
the crossings of their edges. All of them are candidates, as masks in scratch slots; the distance at (u, v) is the height of
plane b above plane a. Kept are: the deepest, the farthest from it, the farthest from their line, the farthest on the other
side of the line. The witness point of the narrow phase stands in where no candidate is as deep (a point on a rim, a line end-
on, numerical misfits).

Limits: a lane never has more than MAX_POINTS points of a pair; points closer than MERGE times the size of the smaller polygon
are one.
"""

from engine.arrays import AT
from engine.collision.polygons import strip_width, write_polygon
from engine.collision.shapes import PLANE, identity_pose, turns
from engine.collision.workspace import MAX_CORNERS, MAX_POINTS
from engine.compiler import ti
from engine.declarations import FAR
from engine.math.lanes import absolute, like, maximum, minimum, sign
from engine.math.memory import ld3, st, st3
from engine.math.vec3 import add, dot, neg3, scale, select3, tangents, vec3

MERGE = 0.01  # points nearer than this, relative to the smaller polygon, are one
EXACT = 1e-5  # the witness must be deeper than every candidate by this, relative to the size of the pair, to be preferred


@ti.func
def plane_gap(pa, pb, u, v):
    """Height of plane b above plane a: the distance there, negative for a depth."""
    return (pb.h0 - pa.h0) + (pb.hu - pa.hu) * u + (pb.hv - pa.hv) * v


@ti.func
def flat_plane(x):
    o = like(x, 0.0)
    return ti.Struct(h0=o, hu=o, hv=o)


@ti.func
def polygon_area(ws: ti.template(), g, base, corners):
    """Twice the signed area, and the largest coordinate difference to corner 0."""
    first, last = ld3(ws, g, base), ld3(ws, g, base)
    area, extent = like(first.x, 0.0), like(first.x, 0.0)
    for k in range(1, corners):
        c = ld3(ws, g, base + 3 * k)
        area = area + (last.x - first.x) * (c.y - first.y) - (last.y - first.y) * (c.x - first.x)
        extent = maximum(extent, maximum(absolute(c.x - first.x), absolute(c.y - first.y)))
        last = c
    return area, extent


@ti.func
def inside(ws: ti.template(), g, base, corners, turn, slack, u, v):
    """Mask as 1 or 0: (u, v) lies in the polygon, or no farther than `slack` outside an edge. `turn` is the sign of the
    area.
    """
    within = like(u, 1.0)
    last = ld3(ws, g, base + 3 * (corners - 1))
    for k in range(corners):
        c = ld3(ws, g, base + 3 * k)
        eu, ev = c.x - last.x, c.y - last.y
        side = turn * (eu * (v - last.y) - ev * (u - last.x))
        within = ti.select(side < 0.0 - slack * (absolute(eu) + absolute(ev)), like(u, 0.0), within)
        last = c
    return within


@ti.func
def add_candidate(ws: ti.template(), g, slot, u, v, gap, mask):
    st3(ws, g, slot, vec3(u, v, ti.select(mask, gap, like(u, FAR))))


@ti.func
def corner_candidates(mi: ti.template(), ws: ti.template(), g, pa, pb, na, nb, turn_a, turn_b, slack):
    """Corners of a inside b, then corners of b inside a; returns the number of candidates."""
    base, out = mi[AT.polygon_corner], mi[AT.manifold_candidate]
    for k in range(na + nb):
        own, other, corners, turn = base + 3 * k, base + 3 * MAX_CORNERS, nb, turn_b
        if k >= na:
            own, other, corners, turn = base + 3 * (MAX_CORNERS + k - na), base, na, turn_a
        c = ld3(ws, g, own)
        within = inside(ws, g, other, corners, turn, slack, c.x, c.y)
        add_candidate(ws, g, out + 3 * k, c.x, c.y, plane_gap(pa, pb, c.x, c.y), within > 0.5)
    return na + nb


@ti.func
def crossing_candidates(mi: ti.template(), ws: ti.template(), g, pa, pb, na, nb):
    """Crossings of the edges of a with those of b."""
    base, out = mi[AT.polygon_corner], mi[AT.manifold_candidate] + 3 * (na + nb)
    other = base + 3 * MAX_CORNERS
    a0 = ld3(ws, g, base + 3 * (na - 1))
    for i in range(na):
        a1 = ld3(ws, g, base + 3 * i)
        au, av = a1.x - a0.x, a1.y - a0.y
        b0 = ld3(ws, g, other + 3 * (nb - 1))
        for j in range(nb):
            b1 = ld3(ws, g, other + 3 * j)
            bu, bv = b1.x - b0.x, b1.y - b0.y
            det = au * bv - av * bu
            parallel = absolute(det) <= 1e-6 * (absolute(au) + absolute(av)) * (absolute(bu) + absolute(bv))
            k = 1.0 / ti.select(parallel, like(det, 1.0), det)
            s = ((b0.x - a0.x) * bv - (b0.y - a0.y) * bu) * k
            t = ((b0.x - a0.x) * av - (b0.y - a0.y) * au) * k
            apart = parallel | (s < 0.0) | (s > 1.0) | (t < 0.0) | (t > 1.0)
            u, v = a0.x + s * au, a0.y + s * av
            gap = ti.select(apart, like(u, FAR), plane_gap(pa, pb, u, v))
            st3(ws, g, out + 3 * (i * nb + j), vec3(u, v, gap))
            b0 = b1
        a0 = a1


@ti.func
def candidate_score(turn, c, p0, p1, side, separation):
    """How much a lane wants candidate c as its point number `turn`; it must be positive from turn 1 on."""
    du, dv = c.x - p0.x, c.y - p0.y
    score = 0.0 - c.z
    if turn == 1:
        score = du * du + dv * dv - separation * separation
    if turn > 1:
        eu, ev = p1.x - p0.x, p1.y - p0.y
        across = eu * dv - ev * du
        score = side * across
        if turn == 2:
            score = absolute(across)
        score = ti.select(p1.z < FAR, score - separation * ti.sqrt(eu * eu + ev * ev), like(score, -1.0))
    return score


@ti.func
def reduce_candidates(mi: ti.template(), ws: ti.template(), g, count, witness, margin, separation, slack):
    """Choose at most four candidates (u, v, distance) and leave them in the first slots, FAR where a lane has fewer.

    `witness` is (u, v, distance) too; it is taken first when it is deeper than the deepest candidate by more than `slack`.
    """
    base = mi[AT.manifold_candidate]
    none = vec3(witness.x, witness.y, like(witness.x, FAR))
    p0, p1, p2, p3 = none, none, none, none
    side = like(witness.x, 1.0)
    for turn in range(turns(mi, MAX_POINTS)):
        best, chosen = like(witness.x, 0.0), none
        if turn == 0:
            best = 0.0 - margin
        for k in range(count):
            c = ld3(ws, g, base + 3 * k)
            score = candidate_score(turn, c, p0, p1, side, separation)
            better = (score > best) & (c.z < margin)
            best = ti.select(better, score, best)
            chosen = select3(better, c, chosen)
        if turn == 0:
            p0 = select3((witness.z < chosen.z - slack) & (witness.z < margin), witness, chosen)
        if turn == 1:
            p1 = chosen
        if turn == 2:
            p2 = chosen
            across = (p1.x - p0.x) * (p2.y - p0.y) - (p1.y - p0.y) * (p2.x - p0.x)
            side = ti.select(across > 0.0, like(side, -1.0), like(side, 1.0))
        if turn == 3:
            p3 = chosen
    st3(ws, g, base, p0)
    st3(ws, g, base + 3, p1)
    st3(ws, g, base + 6, p2)
    st3(ws, g, base + 9, p3)


@ti.func
def store_points(mi: ti.template(), ws: ti.template(), g, frame, pa, pb, witness, at):
    """Write the kept points, midway between the surfaces, in frame a; the witness (u, v, distance) lies at its own place `at`,
    for the planes know nothing of it where no polygon faces the other.
    """
    for k in range(turns(mi, MAX_POINTS)):
        p = ld3(ws, g, mi[AT.manifold_candidate] + 3 * k)
        w = pa.h0 + pa.hu * p.x + pa.hv * p.y + 0.5 * plane_gap(pa, pb, p.x, p.y)
        slot = mi[AT.pair_contact] + 4 * k
        own = (p.x == witness.x) & (p.y == witness.y) & (p.z == witness.z)
        st3(ws, g, slot, select3(own, at, add(add(scale(frame.t1, p.x), scale(frame.t2, p.y)), scale(frame.n, w))))
        st(ws, g, slot + 3, p.z)


@ti.func
def make_manifold(mi: ti.template(), md: ti.template(), ws: ti.template(), g, a, b, pose, touch, margin, size):
    """Write the kept points of a pair whose normal and witness are known (`touch`) to `pair_contact`."""
    t1, t2 = tangents(touch.n)
    frame = ti.Struct(n=touch.n, t1=t1, t2=t2)
    plane_a, plane_b = flat_plane(size), flat_plane(size)
    count_a, count_b = 0, 0
    ok = like(size, 1.0)
    for s in range(turns(mi, 2)):
        shape, stand, direction = a, identity_pose(size), touch.n
        if s == 1:
            shape, stand, direction = b, pose, neg3(touch.n)
        if shape.kind != PLANE:
            plane, looks, corners = write_polygon(
                mi, md, ws, g, mi[AT.polygon_corner] + 3 * MAX_CORNERS * s, shape, stand, frame, direction
            )
            ok = ok * looks
            if s == 0:
                plane_a, count_a = plane, corners
            else:
                plane_b, count_b = plane, corners
    area_a, extent_a = polygon_area(ws, g, mi[AT.polygon_corner], count_a)
    area_b, extent_b = polygon_area(ws, g, mi[AT.polygon_corner] + 3 * MAX_CORNERS, count_b)
    plane_b.h0 = ti.select(ok > 0.5, plane_b.h0, like(size, FAR))
    if count_a == 0:
        extent_a = extent_b
    slack = EXACT * size
    count = corner_candidates(mi, ws, g, plane_a, plane_b, count_a, count_b, sign(area_a), sign(area_b), slack)
    crossing_candidates(mi, ws, g, plane_a, plane_b, count_a, count_b)
    count = count + count_a * count_b
    at = touch.witness
    witness = vec3(dot(at, t1), dot(at, t2), touch.distance)
    separation = maximum(MERGE * minimum(extent_a, extent_b), strip_width(a) + strip_width(b)) + 3.0 * slack
    reduce_candidates(mi, ws, g, count, witness, margin, separation, slack + touch.doubt)
    store_points(mi, ws, g, frame, plane_a, plane_b, witness, at)
