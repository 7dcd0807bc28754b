"""Contact of vertices with each other: balls around the vertices that must not overlap, with Coulomb friction.

Candidates come from a hashed grid, sorted by cell and by number, so that their order depends on the state alone. A pair that
was nearer than its
reach at rest never touches. Balls of 1.05 edge lengths of a right-angled grid let no triangle through another
one: over the middle of a triangle and between two crossing edges a gap remains. Within a sweep the others are seen where they
were at its begin (Jacobi), with twice the stiffness in the block. Limits: cloth keeps a distance of about its mesh width from
itself; the nearest `layout.NEAR` vertices count.
"""

from engine.compiler import element, macro, ti, variable
from engine.math.lanes import is_lanes, like, maximum
from engine.math.vec3 import add_scaled, dot, scale, sub, vec3
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.laws import add_diagonal, add_outer, row3


@macro
def near_vertex(mi, mf, seen, wi, e, g, n, own, x):
    """The n-th near vertex of every lane: where it is, where it began, its stiffness and radius, and 1 where there is one."""
    width = x.x.get_shape()[0] if is_lanes(x.x) else 1
    e, g, n, own = variable(e), variable(g), variable(n), variable(own)
    places = [col.SEEN_SWEEP + i for i in range(3)] + [col.SEEN_START + i for i in range(3)] + [col.SEEN_CROWDED]
    found: list = [[] for _ in range(9)]
    size_row = variable(element(mi, col.SIZE))
    for l in range(width):
        slot = variable(g * width + l)
        there = variable(n < element(wi, e, slot * (col.NEAR + 1)))
        slot = variable(ti.select(there, element(wi, e, slot * (col.NEAR + 1) + 1 + n), slot))
        base = variable(own + slot * col.SEEN_WIDTH)
        for i, place in enumerate(places):
            found[i].append(variable(element(seen, base + place)))
        size = element(mf, size_row + slot // width)
        found[7].append(variable(element(size, slot % width) if width > 1 else size))
        found[8].append(variable(ti.select(there, 1.0, 0.0)))
    r = [variable(ti.lang.matrix.make_matrix(v)) if width > 1 else v[0] for v in found]
    return ti.Struct(p=vec3(r[0], r[1], r[2]), start=vec3(r[3], r[4], r[5]), stiff=r[6], size=r[7], on=r[8])


@ti.func
def crowd(mi: ti.template(), mf: ti.template(), ws: ti.template(), seen: ti.template(), wi: ti.template(),
          prm: ti.template(), e, p, g, x, own, f, h):  # fmt: skip
    """Force and Hessian of the near vertices."""
    width = lanes_count(x)
    most = 0
    for l in range(width):
        most = ti.max(most, wi[e, (g * width + l) * (col.NEAR + 1)])
    size = mf[mi[g * col.GROUP_INTS + col.SIZE]]
    way = sub(x, row3(ws, e, g * col.WIDTH + col.X_START))
    stiff = ws[e, g * col.WIDTH + col.CROWDED]
    o = like(x.x, 0.0)
    for n in range(most):
        other = near_vertex(mi, mf, seen, wi, e, g, n, own, x)
        d = sub(x, other.p)
        far = maximum(ti.sqrt(dot(d, d)), like(x.x, 1e-9))
        k = ti.select(stiff < other.stiff, stiff, other.stiff) * other.on
        pushed = maximum(k * (size + other.size - far), o)
        k = ti.select(pushed > 0.0, k, o)
        axis = scale(d, 1.0 / far)
        slip = sub(way, sub(other.p, other.start))
        slip = add_scaled(slip, axis, 0.0 - dot(slip, axis))
        long = ti.sqrt(dot(slip, slip))
        side = ti.select(k * long > prm[e, p + col.RUBBING] * pushed, prm[e, p + col.RUBBING] * pushed, k * long)
        side = side / maximum(long, like(x.x, 1e-12))
        f = add_scaled(add_scaled(f, axis, pushed), slip, 0.0 - side)
        h = add_outer(add_diagonal(h, 2.0 * side), axis, 2.0 * (k - side))
    return f, h


@macro
def lanes_count(x):
    """Lanes of a vector, 1 for scalars."""
    return x.x.get_shape()[0] if is_lanes(x.x) else 1


@ti.func
def cell_of(x, size):
    """Integer cell of a coordinate."""
    return ti.cast(ti.floor(x / size), ti.i32)


@ti.func
def bucket(a, b, c, buckets):
    """Bucket of a cell."""
    return ((a * 73856093) ^ (b * 19349663) ^ (c * 83492791)) & (buckets - 1)


@ti.func
def place_in_grid(seen: ti.template(), grid: ti.template(), reach: ti.template(), e, own, slots, buckets, size, row):
    """Counting sort of the vertices of an environment, where `row` of `seen` has them, by bucket: starts at
    grid[e, 0..buckets], members behind them.
    """
    for b in range(buckets + 1):
        grid[e, b] = 0
    for s in range(slots):
        if reach[s] > 0.0:
            x, y, z = at_cell(seen, own, s, size, row)
            grid[e, bucket(x, y, z, buckets) + 1] += 1
    for b in range(buckets):
        grid[e, b + 1] += grid[e, b]
    for s in range(slots):
        if reach[s] > 0.0:
            x, y, z = at_cell(seen, own, s, size, row)
            b = bucket(x, y, z, buckets)
            grid[e, buckets + 1 + grid[e, b]] = s
            grid[e, b] += 1
    for k in range(buckets):  # starts were moved to ends: shift them back
        b = buckets - k
        grid[e, b] = grid[e, b - 1]
    grid[e, 0] = 0


@ti.func
def at_cell(seen: ti.template(), own, s, size, row):
    """Cell of a vertex."""
    return (
        cell_of(seen[own + s * col.SEEN_WIDTH + row], size),
        cell_of(seen[own + s * col.SEEN_WIDTH + row + 1], size),
        cell_of(seen[own + s * col.SEEN_WIDTH + row + 2], size),
    )


@ti.func
def gap_between(seen: ti.template(), own, a, b):
    """Distance of two vertices."""
    x = seen[own + a * col.SEEN_WIDTH + col.SEEN_SWEEP] - seen[own + b * col.SEEN_WIDTH + col.SEEN_SWEEP]
    y = seen[own + a * col.SEEN_WIDTH + col.SEEN_SWEEP + 1] - seen[own + b * col.SEEN_WIDTH + col.SEEN_SWEEP + 1]
    z = seen[own + a * col.SEEN_WIDTH + col.SEEN_SWEEP + 2] - seen[own + b * col.SEEN_WIDTH + col.SEEN_SWEEP + 2]
    return ti.sqrt(x * x + y * y + z * z)


@ti.func
def keep_near(seen: ti.template(), wi: ti.template(), e, own, s, other, far):
    """Add a candidate; when the list is full the farthest leaves."""
    at = s * (col.NEAR + 1)
    count = wi[e, at]
    if count < col.NEAR:
        wi[e, at + 1 + count] = other
        wi[e, at] = count + 1
    else:
        worst, where = far, -1
        for n in range(col.NEAR):
            d = gap_between(seen, own, s, wi[e, at + 1 + n])
            if d > worst:
                worst, where = d, n
        if where >= 0:
            wi[e, at + 1 + where] = other


@ti.func
def consider(
    seen: ti.template(), wi: ti.template(), grid: ti.template(), reach: ti.template(), rest: ti.template(), e, own, s, other,
    a, b, c, size,
):  # fmt: skip
    """List a vertex of the bucket when it lies in cell (a, b, c), is near, and was not near at rest."""
    u, v, w = at_cell(seen, own, other, size, col.SEEN_SWEEP)
    if other != s and u == a and v == b and w == c:
        far = gap_between(seen, own, s, other)
        d0, d1, d2 = rest[s, 0] - rest[other, 0], rest[s, 1] - rest[other, 1], rest[s, 2] - rest[other, 2]
        apart = ti.sqrt(d0 * d0 + d1 * d1 + d2 * d2)
        if far < size and (rest[s, 3] != rest[other, 3] or apart > reach[s] + reach[other]):
            keep_near(seen, wi, e, own, s, other, far)


@ti.func
def look_around(
    seen: ti.template(),
    wi: ti.template(),
    grid: ti.template(),
    reach: ti.template(),
    rest: ti.template(),
    e,
    own,
    s,
    buckets,
    size,
):
    """List the near vertices of one vertex: those of the 27 cells around it."""
    wi[e, s * (col.NEAR + 1)] = 0
    x, y, z = at_cell(seen, own, s, size, col.SEEN_SWEEP)
    for cell in range(ti.select(reach[s] > 0.0, 27, 0)):
        a, b, c = x + cell % 3 - 1, y + (cell // 3) % 3 - 1, z + cell // 9 - 1
        k = bucket(a, b, c, buckets)
        for n in range(grid[e, k], grid[e, k + 1]):
            consider(seen, wi, grid, reach, rest, e, own, s, grid[e, buckets + 1 + n], a, b, c, size)


@ti.func
def widest_step(seen: ti.template(), prm: ti.template(), reach: ti.template(), e, own, slots):
    """The longest way of a vertex in one substep at its speed, and the largest radius."""
    fast, size = ti.cast(0.0, ti.f32), ti.cast(0.0, ti.f32)
    for s in range(slots):
        if reach[s] > 0.0:
            x = seen[own + s * col.SEEN_WIDTH + col.SEEN_V]
            y = seen[own + s * col.SEEN_WIDTH + col.SEEN_V + 1]
            z = seen[own + s * col.SEEN_WIDTH + col.SEEN_V + 2]
            fast = ti.max(fast, ti.cast(x * x + y * y + z * z, ti.f32))
            size = ti.max(size, ti.cast(reach[s], ti.f32))
    return ti.sqrt(fast) * ti.cast(prm[e, col.DT], ti.f32), size


@ti.kernel
def find_near(
    wi: ti.types.ndarray(ndim=2),
    seen: ti.types.ndarray(ndim=1),
    prm: ti.types.ndarray(ndim=2),
    grid: ti.types.ndarray(ndim=2),
    reach: ti.types.ndarray(ndim=1),
    rest: ti.types.ndarray(ndim=2),
    buckets: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
):
    """Near vertices of every vertex, and how far a vertex may go in this substep without meeting one that is not listed."""
    slots = reach.shape[0]
    for q in range(workers * chunk):
        e = wi.shape[0]
        if q % chunk == 0:
            e = q // chunk
        while e < wi.shape[0]:
            own = e * slots * col.SEEN_WIDTH
            way, size = widest_step(seen, prm, reach, e, own, slots)
            allowed = 1.5 * way + 0.25 * size
            prm[e, col.BOUND] = allowed
            cell = ti.min(2.0 * size + 2.0 * allowed, 6.0 * size)
            place_in_grid(seen, grid, reach, e, own, slots, buckets, cell, col.SEEN_SWEEP)
            for s in range(slots):
                look_around(seen, wi, grid, reach, rest, e, own, s, buckets, cell)
            e += workers
