"""No triangle passes another one: after the sweeps, features that would meet are kept apart.

Features are vertices against triangles and edges against edges of all that is in self-contact. The direction n between their
nearest points at the begin of a substep separates them; vertices go straight, so their gap along n is a concave function of
time, and when it is positive at the end, nothing crossed: a sufficient test without roots. (It bounds displacements as Chen et
al. 2025, offset geometric contact, but the relative ones: cloth that moves as a whole is not slowed.) A gap that would fall
below the thickness is restored by an impulse along n that keeps momentum (inelastic; Bridson, Fedkiw and Anderson 2002), pair
by pair. What is left after PUSHES passes goes back halfway to its begin, pass by pass, and at last every vertex stays where it
was: a state in which nothing crosses. Scalars, one worker per environment, pairs in an order that the state alone decides.
Limits: what crosses already at the begin is let go.
"""

from engine.compiler import element, macro, ti, variable
from engine.math.lanes import is_lanes
from engine.math.vec3 import add_scaled, dot, scale, sub, vec3
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.crowd import bucket, cell_of, place_in_grid
from engine.solvers.deformable.features import between_segments, off_triangle, place, put_place
from engine.solvers.deformable.laws import put3, row3
from engine.solvers.deformable.pairs import apart_at_rest, boxes_near, calm_pair, extent, face_all, pair_of, squared, vec4

PUSHES, HALVES = 6, 8
KEPT, LITTLE = 0.98, 0.5  # share of the thickness that must be left; of a gap below a tenth of it, which rounding blurs


@ti.func
def gap_along(seen: ti.template(), own, n, i0, i1, i2, i3, edges, row):
    """Least coordinate along n of the first feature minus the largest one of the second: {0, 1 or 0} against the others."""
    a, b = dot(n, place(seen, own, i0, row)), dot(n, place(seen, own, i1, row))
    c, d = dot(n, place(seen, own, i2, row)), dot(n, place(seen, own, i3, row))
    top = ti.max(c, d)
    low = ti.select(edges == 1, ti.min(a, b), a)
    return low - ti.select(edges == 1, top, ti.max(top, b))


@ti.func
def mass_of(seen: ti.template(), prm: ti.template(), body: ti.template(), rest: ti.template(), e, own, s):
    """Mass of a vertex; a prescribed one hardly yields."""
    p = col.ENV_WIDTH + ti.cast(rest[s, 3], ti.i32) * col.OBJECT_WIDTH
    return body[s, 1] * prm[e, p + col.DENSITY] * (1.0 + 1e3 * seen[own + s * col.SEEN_WIDTH + col.SEEN_PIN])


@ti.func
def part_pair(seen: ti.template(), prm: ti.template(), body: ti.template(), rest: ti.template(), e, own, n, goal, i, edges):
    """Move the four vertices `i` along n, as little as gives the gap `goal`, with equal and opposite impulses."""
    x = vec4(dot(n, place(seen, own, i.a, col.SEEN_X)), dot(n, place(seen, own, i.b, col.SEEN_X)),
             dot(n, place(seen, own, i.c, col.SEEN_X)), dot(n, place(seen, own, i.d, col.SEEN_X)))  # fmt: skip
    m = vec4(mass_of(seen, prm, body, rest, e, own, i.a), mass_of(seen, prm, body, rest, e, own, i.b),
             mass_of(seen, prm, body, rest, e, own, i.c), mass_of(seen, prm, body, rest, e, own, i.d))  # fmt: skip
    w = ti.select(edges == 1, 1.0, 0.0)  # the second vertex stands on the first side
    half = 0.5 * goal
    low = ti.min(ti.min(x.a, x.b), ti.min(x.c, x.d)) - goal
    high = ti.max(ti.max(x.a, x.b), ti.max(x.c, x.d)) + goal
    for _ in range(26):
        middle = 0.5 * (low + high)
        up = m.a * ti.max(middle + half - x.a, 0.0) + w * m.b * ti.max(middle + half - x.b, 0.0)
        down = m.c * ti.max(x.c - middle + half, 0.0) + m.d * ti.max(x.d - middle + half, 0.0)
        down += (1.0 - w) * m.b * ti.max(x.b - middle + half, 0.0)
        if up > down:
            high = middle
        else:
            low = middle
    middle = 0.5 * (low + high)
    b = ti.select(edges == 1, ti.max(middle + half - x.b, 0.0), 0.0 - ti.max(x.b - middle + half, 0.0))
    move(seen, own, i.a, n, ti.max(middle + half - x.a, 0.0))
    move(seen, own, i.b, n, b)
    move(seen, own, i.c, n, 0.0 - ti.max(x.c - middle + half, 0.0))
    move(seen, own, i.d, n, 0.0 - ti.max(x.d - middle + half, 0.0))


@ti.func
def move(seen: ti.template(), own, s, n, far):
    """Move vertex s by `far` along n."""
    put_place(seen, own, s, col.SEEN_X, add_scaled(place(seen, own, s, col.SEEN_X), n, far))


@ti.func
def go_back(seen: ti.template(), own, s, share):
    """Move vertex s back towards its begin."""
    x = place(seen, own, s, col.SEEN_X)
    put_place(seen, own, s, col.SEEN_X, add_scaled(x, sub(place(seen, own, s, col.SEEN_START), x), share))


@ti.func
def meet(seen: ti.template(), prm: ti.template(), body: ti.template(), rest: ti.template(), e, own, i, edges, delta, turn):
    """Keep one pair of features apart; 1 where it would have met."""
    a, b = place(seen, own, i.a, col.SEEN_START), place(seen, own, i.b, col.SEEN_START)
    c, d = place(seen, own, i.c, col.SEEN_START), place(seen, own, i.d, col.SEEN_START)
    v = vec3(a.x, a.y, a.z)
    if edges == 1:
        v = between_segments(a, sub(b, a), c, sub(d, c))
    else:
        v = off_triangle(a, b, c, d)
    far = ti.sqrt(dot(v, v))
    thick = body[i.a, 0] + ti.max(body[i.c, 0], body[i.d, 0])
    met = 0
    if far < delta and far > 1e-3 * thick:
        n = scale(v, 1.0 / far)
        before = gap_along(seen, own, n, i.a, i.b, i.c, i.d, edges, col.SEEN_START)
        need = ti.select(before > 0.1 * thick, ti.min(KEPT * thick, before), LITTLE * before)
        if before > 0.0 and gap_along(seen, own, n, i.a, i.b, i.c, i.d, edges, col.SEEN_X) < need:
            met = 1
            if turn < PUSHES:
                part_pair(seen, prm, body, rest, e, own, n, ti.min(thick, 1.5 * before), i, edges)
            else:
                go_back(seen, own, i.a, 0.5)
                go_back(seen, own, i.b, 0.5)
                go_back(seen, own, i.c, 0.5)
                go_back(seen, own, i.d, 0.5)
    return met


@ti.func
def meet_vertices(
    seen: ti.template(), links: ti.template(), prm: ti.template(), body: ti.template(), rest: ti.template(),
    facing: ti.template(), e, own, a, b, near, delta, turn,
):  # fmt: skip
    """Test what hangs on two near vertices: vertex a against triangles of b, and, once, edges against edges."""
    met = 0
    count = links[4 * b + 3] + ti.select(a < b, links[4 * a + 1] * links[4 * b + 1], 0)
    if apart_at_rest(rest, body, a, b) == 1 and calm_pair(links, facing, e, a, b) == 0:
        for k in range(count):
            i, edges, fits = pair_of(links, seen, own, a, b, k, near)
            if fits == 1 and boxes_near(seen, own, i, edges, delta) == 1:
                met += meet(seen, prm, body, rest, e, own, i, edges, delta, turn)
    return met


@ti.func
def look(
    seen: ti.template(), links: ti.template(), prm: ti.template(), grid: ti.template(), body: ti.template(),
    rest: ti.template(), facing: ti.template(), e, own, s, buckets, cell, delta, turn,
):  # fmt: skip
    """Test what hangs on vertex s and those within a cell's width."""
    x = place(seen, own, s, col.SEEN_START)
    u, v, w = cell_of(x.x, cell), cell_of(x.y, cell), cell_of(x.z, cell)
    met = 0
    for k in range(27):
        a, b, c = u + k % 3 - 1, v + (k // 3) % 3 - 1, w + k // 9 - 1
        h = bucket(a, b, c, buckets)
        for n in range(grid[e, h], grid[e, h + 1]):
            o = grid[e, buckets + 1 + n]
            y = place(seen, own, o, col.SEEN_START)
            here = cell_of(y.x, cell) == a and cell_of(y.y, cell) == b and cell_of(y.z, cell) == c
            near = squared(seen, own, s, o)
            if o != s and here and near < cell * cell:
                met += meet_vertices(seen, links, prm, body, rest, facing, e, own, s, o, near, delta, turn)
    return met


@ti.func
def once(
    seen: ti.template(), links: ti.template(), prm: ti.template(), grid: ti.template(), body: ti.template(),
    rest: ti.template(), facing: ti.template(), reach: ti.template(), e, own, slots, buckets, delta, turn,
):  # fmt: skip
    """One pass over all pairs; how many would have met. After the last one every vertex goes back to its begin."""
    met, last = 0, ti.select(turn < PUSHES + HALVES, 0, 1)
    for s in range(slots):
        if reach[s] > 0.0 and last == 0:
            met += look(seen, links, prm, grid, body, rest, facing, e, own, s, buckets, prm[e, col.CELL], delta, turn)
        elif reach[s] > 0.0:
            go_back(seen, own, s, 1.0)
    return met


@ti.func
def settle_all(
    seen: ti.template(), links: ti.template(), prm: ti.template(), grid: ti.template(), body: ti.template(),
    rest: ti.template(), facing: ti.template(), reach: ti.template(), e, own, slots, buckets,
):  # fmt: skip
    """Passes over all pairs until none would meet; how many it took."""
    turn, met = 0, 1
    while met > 0:
        way, edge, thick = extent(seen, links, body, reach, own, slots)
        delta = 2.05 * way + thick
        cell = ti.max(1.001 * ti.sqrt(delta * delta + 0.5 * edge * edge), 1e-6)
        if turn == 0 or cell > prm[e, col.CELL]:
            prm[e, col.CELL] = 1.1 * cell
            place_in_grid(seen, grid, reach, e, own, slots, buckets, prm[e, col.CELL], col.SEEN_START)
        met = once(seen, links, prm, grid, body, rest, facing, reach, e, own, slots, buckets, delta, turn)
        turn += 1
    return turn


@macro
def seen3(seen, first, g, v):
    """What `show3` wrote: a vector of lanes like v."""
    width = v.x.get_shape()[0] if is_lanes(v.x) else 1
    first, g = variable(first), variable(g)
    found: list = [[], [], []]
    for lane in range(width):
        base = variable((g * width + lane) * col.SEEN_WIDTH + first)
        for i in range(3):
            found[i].append(variable(element(seen, base + i)))
    return vec3(*(variable(ti.lang.matrix.make_matrix(part)) if width > 1 else part[0] for part in found))


@ti.kernel
def keep_apart(
    ws: ti.types.ndarray(ndim=2),
    seen: ti.types.ndarray(ndim=1),
    links: ti.types.ndarray(ndim=1),
    prm: ti.types.ndarray(ndim=2),
    grid: ti.types.ndarray(ndim=2),
    body: ti.types.ndarray(ndim=2),
    rest: ti.types.ndarray(ndim=2),
    facing: ti.types.ndarray(ndim=2),
    reach: ti.types.ndarray(ndim=1),
    buckets: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
):
    """Correct the positions at the end of a substep so that nothing crossed. body (slots, 2): half thickness, share of mass."""
    slots = reach.shape[0]
    for q in range(workers * chunk):
        e = ws.shape[0]
        if q % chunk == 0:
            e = q // chunk
        while e < ws.shape[0]:
            own = e * slots * col.SEEN_WIDTH
            face_all(seen, links, facing, reach, e, own, slots)
            turns = settle_all(seen, links, prm, grid, body, rest, facing, reach, e, own, slots, buckets)
            prm[e, col.TURNS] = 0.0 + turns
            for g in range(ws.shape[1] // col.WIDTH * ti.select(turns > 1, 1, 0)):
                x = row3(ws, e, g * col.WIDTH + col.X)
                put3(ws, e, g * col.WIDTH + col.X, seen3(seen, own + col.SEEN_X, g, x))
            e += workers
