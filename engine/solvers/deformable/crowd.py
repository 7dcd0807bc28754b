"""Contact of vertices with each other: balls around the vertices that must not overlap, with Coulomb friction.

Candidates come from a hashed grid, sorted by cell and by number, so that their order depends on the state alone. A pair that was
nearer than its reach at rest never touches. Balls of 1.05 edge lengths of a right-angled grid let no triangle through another
one: over the middle of a triangle and between two crossing edges a gap remains. Within a sweep the others are seen where they
were at its begin (Jacobi), with twice the stiffness in the block. Limits: cloth keeps a distance of about its mesh width from
itself; the nearest `layout.NEAR` vertices count.
"""

from engine.compiler import element, macro, ti, variable
from engine.math.lanes import is_lanes, lane, like, maximum
from engine.math.vec3 import add_scaled, dot, scale, sub, vec3
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.laws import add_diagonal, add_outer, row3


@macro
def near_vertex(mi, mf, ws, wi, e, g, n, x):
    """The n-th near vertex of every lane: where it is, where it began, its stiffness and radius, and 1 where there is one."""
    width = x.x.get_shape()[0] if is_lanes(x.x) else 1
    e, g, n = variable(e), variable(g), variable(n)
    rows = [col.X_SWEEP, col.X_SWEEP + 1, col.X_SWEEP + 2, col.X_START, col.X_START + 1, col.X_START + 2, col.CROWDED]
    found: list = [[] for _ in range(9)]
    size_row = variable(element(mi, col.SIZE))
    for l in range(width):
        own = variable(g * width + l)
        slot = variable(element(wi, e, own * (col.NEAR + 1) + 1 + n))
        there = variable(n < element(wi, e, own * (col.NEAR + 1)))
        slot = variable(ti.select(there, slot, own))
        home, k = variable(slot // width), variable(slot % width)
        for i, row in enumerate(rows):
            value = element(ws, e, home * col.WIDTH + row)
            found[i].append(variable(element(value, k) if width > 1 else value))
        size = element(mf, size_row + home)
        found[7].append(variable(element(size, k) if width > 1 else size))
        found[8].append(variable(ti.select(there, 1.0, 0.0)))
    r = [variable(ti.lang.matrix.make_matrix(v)) if width > 1 else v[0] for v in found]
    return ti.Struct(p=vec3(r[0], r[1], r[2]), start=vec3(r[3], r[4], r[5]), stiff=r[6], size=r[7], on=r[8])


@ti.func
def crowd(mi: ti.template(), mf: ti.template(), ws: ti.template(), wi: ti.template(), prm: ti.template(), e, p, g, x, f, h):
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
        other = near_vertex(mi, mf, ws, wi, e, g, n, x)
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


@macro
def scalar_row(ws, e, slot, row, width):
    """One row of one vertex, as a scalar."""
    e, slot = variable(e), variable(slot)
    value = element(ws, e, (slot // width) * col.WIDTH + row)
    return variable(element(value, slot % width) if is_lanes(value) else value)


@ti.func
def cell_of(x, size):
    """Integer cell of a coordinate."""
    return ti.cast(ti.floor(x / size), ti.i32)


@ti.func
def bucket(a, b, c, buckets):
    """Bucket of a cell."""
    return ((a * 73856093) ^ (b * 19349663) ^ (c * 83492791)) & (buckets - 1)


@ti.func
def place_in_grid(ws: ti.template(), grid: ti.template(), reach: ti.template(), e, slots, buckets, width, size):
    """Counting sort of the vertices of an environment by bucket: starts at grid[e, 0..buckets], members behind them."""
    for b in range(buckets + 1):
        grid[e, b] = 0
    for s in range(slots):
        if reach[s] > 0.0:
            x, y, z = at_cell(ws, e, s, width, size)
            grid[e, bucket(x, y, z, buckets) + 1] += 1
    for b in range(buckets):
        grid[e, b + 1] += grid[e, b]
    for s in range(slots):
        if reach[s] > 0.0:
            x, y, z = at_cell(ws, e, s, width, size)
            b = bucket(x, y, z, buckets)
            grid[e, buckets + 1 + grid[e, b]] = s
            grid[e, b] += 1
    for k in range(buckets):  # starts were moved to ends: shift them back
        b = buckets - k
        grid[e, b] = grid[e, b - 1]
    grid[e, 0] = 0


@ti.func
def at_cell(ws: ti.template(), e, s, width, size):
    """Cell of a vertex."""
    return (
        cell_of(scalar_row(ws, e, s, col.X, width), size),
        cell_of(scalar_row(ws, e, s, col.X + 1, width), size),
        cell_of(scalar_row(ws, e, s, col.X + 2, width), size),
    )


@ti.func
def gap_between(ws: ti.template(), e, a, b, width):
    """Distance of two vertices."""
    x = scalar_row(ws, e, a, col.X, width) - scalar_row(ws, e, b, col.X, width)
    y = scalar_row(ws, e, a, col.X + 1, width) - scalar_row(ws, e, b, col.X + 1, width)
    z = scalar_row(ws, e, a, col.X + 2, width) - scalar_row(ws, e, b, col.X + 2, width)
    return ti.sqrt(x * x + y * y + z * z)


@ti.func
def keep_near(ws: ti.template(), wi: ti.template(), e, s, other, far, width):
    """Add a candidate; when the list is full the farthest leaves."""
    at = s * (col.NEAR + 1)
    count = wi[e, at]
    if count < col.NEAR:
        wi[e, at + 1 + count] = other
        wi[e, at] = count + 1
    else:
        worst, where = far, -1
        for n in range(col.NEAR):
            d = gap_between(ws, e, s, wi[e, at + 1 + n], width)
            if d > worst:
                worst, where = d, n
        if where >= 0:
            wi[e, at + 1 + where] = other


@ti.func
def look_around(
    ws: ti.template(), wi: ti.template(), grid: ti.template(), reach: ti.template(), rest: ti.template(), e, s, buckets, width, size
):
    """List the near vertices of one vertex: those of the 27 cells around it."""
    wi[e, s * (col.NEAR + 1)] = 0
    x, y, z = at_cell(ws, e, s, width, size)
    for cell in range(27):
        a, b, c = x + cell % 3 - 1, y + (cell // 3) % 3 - 1, z + cell // 9 - 1
        k = bucket(a, b, c, buckets)
        for n in range(grid[e, k], grid[e, k + 1]):
            other = grid[e, buckets + 1 + n]
            u, v, w = at_cell(ws, e, other, width, size)
            if other != s and u == a and v == b and w == c:
                far = gap_between(ws, e, s, other, width)
                d0, d1, d2 = rest[s, 0] - rest[other, 0], rest[s, 1] - rest[other, 1], rest[s, 2] - rest[other, 2]
                apart = ti.sqrt(d0 * d0 + d1 * d1 + d2 * d2)
                if far < size and (rest[s, 3] != rest[other, 3] or apart > reach[s] + reach[other]):
                    keep_near(ws, wi, e, s, other, far, width)


@ti.func
def widest_step(ws: ti.template(), prm: ti.template(), reach: ti.template(), e, slots, width):
    """The longest way of a vertex in one substep at its speed, and the largest radius."""
    fast, size = ti.cast(0.0, ti.f32), ti.cast(0.0, ti.f32)
    for s in range(slots):
        if reach[s] > 0.0:
            x = scalar_row(ws, e, s, col.V, width)
            y = scalar_row(ws, e, s, col.V + 1, width)
            z = scalar_row(ws, e, s, col.V + 2, width)
            fast = ti.max(fast, ti.cast(x * x + y * y + z * z, ti.f32))
            size = ti.max(size, ti.cast(reach[s], ti.f32))
    return ti.sqrt(fast) * ti.cast(prm[e, col.DT], ti.f32), size


@ti.kernel
def find_near(
    ws: ti.types.ndarray(ndim=2),
    wi: ti.types.ndarray(ndim=2),
    prm: ti.types.ndarray(ndim=2),
    grid: ti.types.ndarray(ndim=2),
    reach: ti.types.ndarray(ndim=1),
    rest: ti.types.ndarray(ndim=2),
    buckets: ti.i32,
    width: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
):
    """Near vertices of every vertex, and how far a vertex may go in this substep without meeting one that is not listed."""
    slots = reach.shape[0]
    for q in range(workers * chunk):
        e = ws.shape[0]
        if q % chunk == 0:
            e = q // chunk
        while e < ws.shape[0]:
            way, size = widest_step(ws, prm, reach, e, slots, width)
            allowed = 1.5 * way + 0.25 * size
            prm[e, col.BOUND] = allowed
            cell = ti.min(2.0 * size + 2.0 * allowed, 6.0 * size)
            place_in_grid(ws, grid, reach, e, slots, buckets, width, cell)
            for s in range(slots):
                if reach[s] > 0.0:
                    look_around(ws, wi, grid, reach, rest, e, s, buckets, width, cell)
            e += workers
