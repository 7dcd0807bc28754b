"""Distance from a point to a rigid shape, with the outward normal and the room to the nearest edge.

Room tells how far the surface goes on as it is around the nearest point: within it, a node lies behind the shape exactly
when it lies behind the tangent plane. Spheres, capsules, ellipsoids, hulls and height fields count as endless (their tangent
plane holds the whole shape, or nearly). Limits: ellipsoids and height fields to first order; distance fields as fine as
their grid.
"""

from engine.compiler import stage, ti
from engine.solvers.mpm import columns as col

ENDLESS = 1e9


@ti.func
def spot(d, x, y, z, room, image=1.0):
    return ti.Struct(d=d, x=x, y=y, z=z, room=room, image=image)


@ti.func
def shrunk(radius, d):
    """Width of what lies mirrored at a distance behind a bent surface, over its width before it."""
    return ti.max(radius - ti.abs(d), 0.0) / (radius + ti.abs(d))


@ti.func
def toward(v):
    return ti.select(v < 0.0, -1.0, 1.0)


@ti.func
def from_box(sh: ti.template(), s, x, y, z):
    """Of a point in the frame of a box."""
    qx, qy, qz = ti.abs(x) - sh[s, col.SIZE], ti.abs(y) - sh[s, col.SIZE + 1], ti.abs(z) - sh[s, col.SIZE + 2]
    ux, uy, uz = ti.max(qx, 0.0), ti.max(qy, 0.0), ti.max(qz, 0.0)
    away = ti.sqrt(ux * ux + uy * uy + uz * uz)
    most = ti.max(qx, ti.max(qy, qz))
    room = 0.0
    if away <= 0.0 or ux + uy + uz <= away * 1.000001:  # one face is nearest
        ux, uy, uz = ti.select(qx == most, 1.0, 0.0), ti.select(qy == most, 1.0, 0.0), ti.select(qz == most, 1.0, 0.0)
        room = -ti.max(
            ti.select(ux > 0.0, -ENDLESS, qx), ti.max(ti.select(uy > 0.0, -ENDLESS, qy), ti.select(uz > 0.0, -ENDLESS, qz))
        )
        away = most
    else:
        ux, uy, uz = ux / away, uy / away, uz / away
    n = 1.0 / ti.sqrt(ux * ux + uy * uy + uz * uz)
    flat = ti.select(ti.max(ux, ti.max(uy, uz)) * n > 0.9999, 1.0, 0.0)
    return spot(away, ux * n * toward(x), uy * n * toward(y), uz * n * toward(z), room, flat)


@ti.func
def from_capsule(sh: ti.template(), s, x, y, z, half):
    up = z - ti.min(ti.max(z, -half), half)
    away = ti.sqrt(x * x + y * y + up * up)
    n = 1.0 / ti.max(away, 1e-12)
    d = away - sh[s, col.SIZE]
    bend = shrunk(sh[s, col.SIZE], d)
    return spot(d, x * n, y * n, up * n, 0.0, bend * ti.select(ti.abs(z) < half, 1.0, bend))


@ti.func
def from_cylinder(sh: ti.template(), s, x, y, z):
    around = ti.sqrt(x * x + y * y)
    n = 1.0 / ti.max(around, 1e-12)
    q, h = around - sh[s, col.SIZE], ti.abs(z) - sh[s, col.SIZE + 1]
    out = spot(q, x * n, y * n, 0.0, 0.0, shrunk(sh[s, col.SIZE], q))
    if q > 0.0 and h > 0.0:
        away = ti.sqrt(q * q + h * h)
        out = spot(away, x * n * q / away, y * n * q / away, toward(z) * h / away, 0.0, 0.0)
    elif h > q:
        out = spot(h, 0.0, 0.0, toward(z), -q, 1.0)
    return out


@ti.func
def from_ellipsoid(sh: ti.template(), s, x, y, z):
    a, b, c = sh[s, col.SIZE], sh[s, col.SIZE + 1], sh[s, col.SIZE + 2]
    u, v, w = x / a, y / b, z / c
    k0 = ti.sqrt(u * u + v * v + w * w)
    gx, gy, gz = u / a, v / b, w / c
    n = 1.0 / ti.max(ti.sqrt(gx * gx + gy * gy + gz * gz), 1e-12)
    d = k0 * (k0 - 1.0) * n
    bend = shrunk((a * b * c) ** 0.33333333, d)
    return spot(d, gx * n, gy * n, gz * n, 0.0, bend * bend)


@ti.func
def from_hull(sh: ti.template(), sv: ti.template(), s, x, y, z):
    start, best = ti.i32(sh[s, col.FACE_START]), spot(-ENDLESS, 0.0, 0.0, 1.0, ENDLESS, 1.0)
    for k in range(ti.i32(sh[s, col.FACE_COUNT])):
        at = start + 4 * k
        d = sv[at] * x + sv[at + 1] * y + sv[at + 2] * z - sv[at + 3]
        if d > best.d:
            best = spot(d, sv[at], sv[at + 1], sv[at + 2], ENDLESS, 1.0)
    return best


@ti.func
def from_heights(sh: ti.template(), sv: ti.template(), s, x, y, z):
    """Above a height field, by the slope of the bilinear patch."""
    nx, ny, dx, dy = (
        ti.i32(sh[s, col.GRID_COUNT]),
        ti.i32(sh[s, col.GRID_COUNT + 1]),
        sh[s, col.GRID_SPACING],
        sh[s, col.GRID_COUNT + 2],
    )
    gx = ti.min(ti.max((x - sh[s, col.GRID_ORIGIN]) / dx, 0.0), ti.f32(nx) - 1.001)
    gy = ti.min(ti.max((y - sh[s, col.GRID_ORIGIN + 1]) / dy, 0.0), ti.f32(ny) - 1.001)
    i, j = ti.i32(gx), ti.i32(gy)
    at = ti.i32(sh[s, col.FACE_START]) + j * nx + i
    u, v = gx - ti.f32(i), gy - ti.f32(j)
    a, b, c, d = sv[at], sv[at + 1], sv[at + nx], sv[at + nx + 1]
    slope_x, slope_y = ((b - a) * (1.0 - v) + (d - c) * v) / dx, ((c - a) * (1.0 - u) + (d - b) * u) / dy
    n = 1.0 / ti.sqrt(1.0 + slope_x * slope_x + slope_y * slope_y)
    height = (a * (1.0 - u) + b * u) * (1.0 - v) + (c * (1.0 - u) + d * u) * v
    return spot((z - height) * n, -slope_x * n, -slope_y * n, n, ENDLESS, 1.0)


@ti.func
def from_field(sh: ti.template(), sv: ti.template(), s, x, y, z):
    """Trilinear distance and its gradient; outside of the grid, that of the nearest point in it plus the way there. No image:
    in a hollow, images of all sides would overlap before the surface and throw what they should carry."""
    nx, ny, nz = ti.i32(sh[s, col.GRID_COUNT]), ti.i32(sh[s, col.GRID_COUNT + 1]), ti.i32(sh[s, col.GRID_COUNT + 2])
    step = sh[s, col.GRID_SPACING]
    rx, ry, rz = (
        (x - sh[s, col.GRID_ORIGIN]) / step,
        (y - sh[s, col.GRID_ORIGIN + 1]) / step,
        (z - sh[s, col.GRID_ORIGIN + 2]) / step,
    )
    gx = ti.min(ti.max(rx, 0.0), ti.f32(nx) - 1.001)
    gy = ti.min(ti.max(ry, 0.0), ti.f32(ny) - 1.001)
    gz = ti.min(ti.max(rz, 0.0), ti.f32(nz) - 1.001)
    i, j, k = ti.i32(gx), ti.i32(gy), ti.i32(gz)
    u, v, w = gx - ti.f32(i), gy - ti.f32(j), gz - ti.f32(k)
    at = ti.i32(sh[s, col.FACE_START]) + (k * ny + j) * nx + i
    up = ny * nx
    a, b, c, d = sv[at], sv[at + 1], sv[at + nx], sv[at + nx + 1]
    e, f, g, h = sv[at + up], sv[at + up + 1], sv[at + up + nx], sv[at + up + nx + 1]
    ab, cd, ef, gh = a + (b - a) * u, c + (d - c) * u, e + (f - e) * u, g + (h - g) * u
    low, high = ab + (cd - ab) * v, ef + (gh - ef) * v
    sx = ((b - a) * (1.0 - v) + (d - c) * v) * (1.0 - w) + ((f - e) * (1.0 - v) + (h - g) * v) * w
    sy, sz = (cd - ab) * (1.0 - w) + (gh - ef) * w, high - low
    n = 1.0 / ti.max(ti.sqrt(sx * sx + sy * sy + sz * sz), 1e-9)
    ox, oy, oz = rx - gx, ry - gy, rz - gz
    return spot(low + (high - low) * w + step * ti.sqrt(ox * ox + oy * oy + oz * oz), sx * n, sy * n, sz * n, 0.0, 0.0)


@stage
def probe(
    sh: ti.types.ndarray(ndim=2),
    sv: ti.types.ndarray(ndim=1),
    sc: ti.types.ndarray(ndim=2),
    s: ti.i32,
    worker: ti.i32,
    x: ti.f32,
    y: ti.f32,
    z: ti.f32,
) -> ti.i32:
    """Distance, normal in W, room and share of a mirror of shape row s from a point in W, into row `worker` of `sc`."""
    px, py, pz = x - sh[s, col.PLACE], y - sh[s, col.PLACE + 1], z - sh[s, col.PLACE + 2]
    t = col.TURN
    lx = sh[s, t] * px + sh[s, t + 3] * py + sh[s, t + 6] * pz
    ly = sh[s, t + 1] * px + sh[s, t + 4] * py + sh[s, t + 7] * pz
    lz = sh[s, t + 2] * px + sh[s, t + 5] * py + sh[s, t + 8] * pz
    kind = ti.i32(sh[s, col.KIND])
    r = spot(lz, 0.0, 0.0, 1.0, ENDLESS, 1.0)
    if kind == 1:
        r = from_capsule(sh, s, lx, ly, lz, 0.0)
    elif kind == 2:
        r = from_capsule(sh, s, lx, ly, lz, sh[s, col.SIZE + 1])
    elif kind == 3:
        r = from_box(sh, s, lx, ly, lz)
    elif kind == 4:
        r = from_cylinder(sh, s, lx, ly, lz)
    elif kind == 5:
        r = from_ellipsoid(sh, s, lx, ly, lz)
    elif kind == 6:
        r = from_hull(sh, sv, s, lx, ly, lz)
    elif kind == 7:
        r = from_heights(sh, sv, s, lx, ly, lz)
    elif kind == 8:
        r = from_field(sh, sv, s, lx, ly, lz)
    sc[worker, 0] = r.d
    sc[worker, 1] = sh[s, t] * r.x + sh[s, t + 1] * r.y + sh[s, t + 2] * r.z
    sc[worker, 2] = sh[s, t + 3] * r.x + sh[s, t + 4] * r.y + sh[s, t + 5] * r.z
    sc[worker, 3] = sh[s, t + 6] * r.x + sh[s, t + 7] * r.y + sh[s, t + 8] * r.z
    sc[worker, 4] = r.room
    sc[worker, 5] = r.image
    return 0
