"""Which features of deformables may meet in a substep: vertices against triangles, edges against edges.

Two features nearer than delta have vertices nearer than sqrt(delta^2 + L^2 / 2), L the longest edge: the mean of the squared
distances of their vertices, weighted as the nearest points are made of them, is at most that. So near vertices lead to all
pairs, and each is met once, at its nearest vertices. Around the two ends of an edge whose triangles all face alike, at the
begin and at the end, nothing can meet and nothing is tested.
"""

from engine.compiler import macro, ti, variable
from engine.math.vec3 import add_scaled, cross, dot, scale, sub, vec3
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.features import place

FACING = 0.8  # least cosine between the triangles around a vertex and their mean where nothing is tested
ARC = 1.55  # features of one object nearer at rest than this many thicknesses never meet: a rope bends


@ti.func
def extent(seen: ti.template(), links: ti.template(), body: ti.template(), reach: ti.template(), own, slots):
    """Longest way of a vertex in this substep beside the mean one, longest edge at its begin, largest thickness."""
    z = 0.0 * seen[0]
    way, edge, thick, count = z, z, z, z
    mean = vec3(z, z, z)
    for s in range(slots):
        if reach[s] > 0.0:
            mean = add_scaled(mean, sub(place(seen, own, s, col.SEEN_X), place(seen, own, s, col.SEEN_START)), 1.0)
            count += 1.0
    mean = scale(mean, 1.0 / ti.max(count, 1.0))
    for s in range(slots):
        if reach[s] > 0.0:
            x = place(seen, own, s, col.SEEN_START)
            d = sub(sub(place(seen, own, s, col.SEEN_X), x), mean)
            way = ti.max(way, dot(d, d))
            thick = ti.max(thick, 2.0 * body[s, 0])
            for n in range(links[4 * s + 1]):
                u = sub(place(seen, own, links[links[4 * s] + n], col.SEEN_START), x)
                edge = ti.max(edge, dot(u, u))
    return ti.sqrt(way), ti.sqrt(edge), thick


@ti.func
def face_all(seen: ti.template(), links: ti.template(), facing: ti.template(), reach: ti.template(), e, own, slots):
    """Mean normal of the triangles around every vertex, and 1 where all of them, before and after, are near it."""
    for s in range(slots):
        if reach[s] > 0.0:
            calm = 1.0
            for turn in range(2):
                row = ti.select(turn == 0, col.SEEN_X, col.SEEN_START)
                calm = ti.min(calm, face(seen, links, facing, e, own, s, row))
            facing[e, 4 * s + 3] = calm


@ti.func
def normal_at(seen: ti.template(), links: ti.template(), own, s, n, row):
    """Unit normal of triangle n of vertex s."""
    at = links[4 * s + 2] + 2 * n
    x = place(seen, own, s, row)
    v = cross(sub(place(seen, own, links[at], row), x), sub(place(seen, own, links[at + 1], row), x))
    return scale(v, 1.0 / ti.max(ti.sqrt(dot(v, v)), 1e-30))


@ti.func
def face(seen: ti.template(), links: ti.template(), facing: ti.template(), e, own, s, row):
    """Note the mean normal around vertex s; 1.0 where all triangles are near it."""
    z = 0.0 * seen[0]
    m = vec3(z, z, z)
    count = links[4 * s + 3]
    for n in range(count):
        m = add_scaled(m, normal_at(seen, links, own, s, n, row), 1.0)
    m = scale(m, 1.0 / ti.max(ti.sqrt(dot(m, m)), 1e-30))
    least = ti.select(count > 0, 1.0, 0.0)
    for n in range(count):
        least = ti.min(least, dot(m, normal_at(seen, links, own, s, n, row)))
    facing[e, 4 * s], facing[e, 4 * s + 1], facing[e, 4 * s + 2] = m.x, m.y, m.z
    return ti.select(least > FACING, 1.0, 0.0)


@ti.func
def calm_pair(links: ti.template(), facing: ti.template(), e, a, b):
    """1 where a and b are the ends of an edge and all triangles around them face alike."""
    same = facing[e, 4 * a] * facing[e, 4 * b]
    same += facing[e, 4 * a + 1] * facing[e, 4 * b + 1] + facing[e, 4 * a + 2] * facing[e, 4 * b + 2]
    alike = ti.select(same > FACING and facing[e, 4 * a + 3] + facing[e, 4 * b + 3] > 1.5, 1, 0)
    calm = 0
    for n in range(links[4 * a + 1] * alike):
        if links[links[4 * a] + n] == b:
            calm = 1
    return calm


@macro
def vec4(a, b, c, d):
    """Four numbers, one per vertex of a pair."""
    return ti.Struct(a=variable(a), b=variable(b), c=variable(c), d=variable(d))


@ti.func
def apart_at_rest(rest: ti.template(), body: ti.template(), a, b):
    """1 where two vertices may meet: of two objects, or far enough from each other at rest."""
    x, y, z = rest[a, 0] - rest[b, 0], rest[a, 1] - rest[b, 1], rest[a, 2] - rest[b, 2]
    far = ARC * (body[a, 0] + body[b, 0])
    return ti.select(rest[a, 3] != rest[b, 3] or x * x + y * y + z * z > far * far, 1, 0)


@ti.func
def squared(seen: ti.template(), own, a, b):
    """Squared distance of two vertices at the begin."""
    d = sub(place(seen, own, a, col.SEEN_START), place(seen, own, b, col.SEEN_START))
    return dot(d, d)


@ti.func
def boxes_near(seen: ti.template(), own, i, edges, delta):
    """1 where the boxes of both features are nearer than delta."""
    a, b = place(seen, own, i.a, col.SEEN_START), place(seen, own, i.b, col.SEEN_START)
    c, d = place(seen, own, i.c, col.SEEN_START), place(seen, own, i.d, col.SEEN_START)
    near = 1
    if edges == 1:
        near = ti.select(spans_near(a.x, b.x, c.x, d.x, d.x, delta) + spans_near(a.y, b.y, c.y, d.y, d.y, delta)
                         + spans_near(a.z, b.z, c.z, d.z, d.z, delta) == 3, 1, 0)  # fmt: skip
    else:
        near = ti.select(spans_near(a.x, a.x, b.x, c.x, d.x, delta) + spans_near(a.y, a.y, b.y, c.y, d.y, delta)
                         + spans_near(a.z, a.z, b.z, c.z, d.z, delta) == 3, 1, 0)  # fmt: skip
    return near


@ti.func
def spans_near(a, b, c, d, f, delta):
    """1 where the spans of {a, b} and {c, d, f} are nearer than delta."""
    low, high = ti.min(c, ti.min(d, f)), ti.max(c, ti.max(d, f))
    return ti.select(ti.min(a, b) - high < delta and low - ti.max(a, b) < delta, 1, 0)


@ti.func
def pair_of(links: ti.template(), seen: ti.template(), own, a, b, k, near):
    """The k-th pair of features at two vertices at a squared distance `near`: the vertex a and a triangle of b, then an edge of
    a and one of b. Its slots, whether these are edges, and whether it is to be tested here: b (and a) is the nearest vertex, so
    that a pair is met once.
    """
    i = vec4(a, b, b, b)
    triangles = links[4 * b + 3]
    edges = ti.select(k >= triangles, 1, 0)
    fits = 0
    if edges == 0:
        at = links[4 * b + 2] + 2 * k
        i = vec4(a, b, links[at], links[at + 1])
        fits = ti.select(links[at] != a and links[at + 1] != a, 1, 0)
        for n in range(2):
            far = squared(seen, own, a, links[at + n])
            if far < near or far == near and links[at + n] < b:
                fits = 0
    else:
        j = k - triangles
        count = links[4 * b + 1]
        p, q = links[links[4 * a] + j // count], links[links[4 * b] + j % count]
        i = vec4(a, p, b, q)
        fits = ti.select(p != b and q != a and p != q, 1, 0)
        if fits == 1:
            fits = ti.select(first_of_four(seen, own, a, b, p, q, near) == 1, 1, 0)
    return i, edges, fits


@ti.func
def first_of_four(seen: ti.template(), own, a, b, p, q, near):
    """1 where (a, b) is the nearest pair of ends of the edges a p and b q; among equals the one of the least numbers."""
    first = 1
    for n in range(1, 4):
        c, d = ti.select(n % 2 == 1, p, a), ti.select(n > 1, q, b)
        far = squared(seen, own, c, d)
        if far < near or far == near and (ti.min(c, d) < a or ti.min(c, d) == a and ti.max(c, d) < b):
            first = 0
    return first
