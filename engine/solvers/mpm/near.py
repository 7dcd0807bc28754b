"""Particles near rigid shapes: they see the nodes behind a surface as ghosts, so nothing passes through, however thin it is.

After CPIC (Hu et al. 2018, section 5), with the surface seen by the particle instead of tags on the grid: the tangent plane
at the nearest point says which nodes lie behind. What a particle would hand to such a node (its share of mass, momentum,
stress and weight) meets the body instead: it is stopped along the normal, held back by Coulomb friction, and what it loses
the body gains. When it flies away it keeps it. Where the surface ends near by, a node counts as behind only when it is
inside the shape or sees its other side. Contact acts within GAP cells.

A particle that presses on a surface also has an image behind it, as in the method of images: its mass, its velocity and
stress mirrored at the surface, handed to the nodes in sight once the bodies' velocities are known (`scatter_images`), so that
the nodes near a wall carry and balance what they would in the midst of the matter. The body gains what the image loses.

Limits: MAX_CONTACTS shapes per particle, MAX_NEAR per block.
"""

from engine.compiler import stage, ti
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.gather import settle
from engine.solvers.mpm.grid import V4, node_of, row_of
from engine.solvers.mpm.shapes import probe

GAP = 0.25  # cells from the surface within which a particle is stopped
MIRROR = 1.5  # inertia of an image to the body before it, over its mass: 1 to 2
SKIN = 1e-3  # cells that a particle keeps from a surface
FADE = 3.0  # particles press fully on surfaces nearer than (FADE - 1) / 2 cells, and not beyond FADE / 2
EDGE = 2.7  # cells to the edge within which nodes are looked at one by one


@ti.func
def slot_of(pi: ti.template(), ei: ti.template(), e, p, c):
    """First vector of contact c of particle p of an environment."""
    return ((pi.shape[0] // (2 * ei.shape[0]) * e + p) * col.MAX_CONTACTS + c) * col.CONTACT_FIELDS


@stage
def meet_shapes(
    pv: ti.types.ndarray(ndim=1),
    pi: ti.types.ndarray(ndim=2),
    bi: ti.types.ndarray(ndim=2),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2),
    sv: ti.types.ndarray(ndim=1),
    sc: ti.types.ndarray(ndim=2),
    co: ti.types.ndarray(ndim=1),
    e: ti.i32,
    b: ti.i32,
    worker: ti.i32,
) -> ti.i32:
    """Find the surfaces within reach of the particles of block b."""
    row, dx, zero = row_of(ei, pi, e), ef[e, col.DX], V4(0.0)
    for p in range(bi[b, col.START], bi[b, col.END]):
        x, count = pv[(row + p) * col.FIELDS], 0
        for k in range(bi[b, col.NUM_NEAR]):
            probe(sh, sv, sc, bi[b, col.NEAR + k], worker, x[0], x[1], x[2])
            d, n0, n1, n2 = sc[worker, 0], sc[worker, 1], sc[worker, 2], sc[worker, 3]
            if d < 1.5 * dx * (ti.abs(n0) + ti.abs(n1) + ti.abs(n2)) and count < col.MAX_CONTACTS:
                at = slot_of(pi, ei, e, p, count)
                co[at + col.PLANE] = V4(n0, n1, n2, d)
                co[at + col.LOAD], co[at + col.REACH], co[at + col.PRESS] = zero, zero, V4(sc[worker, 5], 0.0, 0.0, 0.0)
                room = ti.select(sc[worker, 4] < EDGE * dx, 1.0, 0.0)
                co[at + col.SPOT] = V4(0.0, 0.0, room, ti.f32(k))
                count += 1
        pi[row + p, col.CONTACTS] = count
    return 0


@ti.func
def hidden(sh: ti.template(), sv: ti.template(), sc: ti.template(), s, worker, plane: ti.template(), x, y, z):
    """1 when a point behind the tangent plane is inside the shape or on its far side."""
    probe(sh, sv, sc, s, worker, x, y, z)
    facing = sc[worker, 1] * plane[0] + sc[worker, 2] * plane[1] + sc[worker, 3] * plane[2]
    return ti.select(sc[worker, 0] < 0.0 or facing < 0.0, 1, 0)


@ti.func
def surface_before(co: ti.template(), pi: ti.template(), bi: ti.template(), ei: ti.template(), sh: ti.template(),
                   sv: ti.template(),
                   sc: ti.template(), e, b, p, count, worker, x, dx, dy, dz):  # fmt: skip
    """1 + the contact whose surface hides the node at x + (dx, dy, dz), the deepest one; 0 for none."""
    found, deepest = 0, 0.0
    for c in range(count):
        at = slot_of(pi, ei, e, p, c)
        plane = co[at + col.PLANE]
        depth = plane[0] * dx + plane[1] * dy + plane[2] * dz + plane[3]
        if depth < deepest:
            behind, mark = 1, co[at + col.SPOT]
            if mark[2] > 0.5:
                behind = hidden(sh, sv, sc, bi[b, col.NEAR + ti.i32(mark[3])], worker, plane, x[0] + dx, x[1] + dy, x[2] + dz)
            if behind == 1:
                found, deepest = c + 1, depth
    return found


@stage
def scatter_near_particle(
    pv: ti.types.ndarray(ndim=1),
    pt: ti.types.ndarray(ndim=2),
    pi: ti.types.ndarray(ndim=2),
    gr: ti.types.ndarray(ndim=1),
    bi: ti.types.ndarray(ndim=2),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2),
    sv: ti.types.ndarray(ndim=1),
    sc: ti.types.ndarray(ndim=2),
    co: ti.types.ndarray(ndim=1),
    e: ti.i32,
    b: ti.i32,
    p: ti.i32,
    worker: ti.i32,
) -> ti.i32:
    """Hand momentum and mass to the nodes in sight, and the share of hidden nodes to the contacts."""
    row, dx, inv, dt = row_of(ei, pi, e), ef[e, col.DX], ef[e, col.INV_DX], ef[e, col.DT]
    at = (row + p) * col.FIELDS
    x, m, count = pv[at], pv[at][3], pi[row + p, col.CONTACTS]
    ax, ay, az, own = pv[at + 2], pv[at + 3], pv[at + 4], pv[at + 1] * m
    own = V4(own[0], own[1], own[2], m)
    fall = dt * m * V4(ef[e, col.GRAVITY], ef[e, col.GRAVITY + 1], ef[e, col.GRAVITY + 2], 0.0)
    gx, gy, gz = (x[0] - ef[e, col.LOW]) * inv, (x[1] - ef[e, col.LOW + 1]) * inv, (x[2] - ef[e, col.LOW + 2]) * inv
    ix, iy, iz = ti.i32(ti.floor(gx - 0.5)), ti.i32(ti.floor(gy - 0.5)), ti.i32(ti.floor(gz - 0.5))
    fx, fy, fz = gx - ti.f32(ix), gy - ti.f32(iy), gz - ti.f32(iz)
    ox, oy, oz = ix - 4 * bi[b, 0] + 4, iy - 4 * bi[b, 1] + 4, iz - 4 * bi[b, 2] + 4
    low_mask, high_mask = 0, 0
    for n in range(27):
        i, j, k = n // 9, n // 3 % 3, n % 3
        w = spline(fx, i) * spline(fy, j) * spline(fz, k)
        wx, wy, wz = (ti.f32(i) - fx) * dx, (ti.f32(j) - fy) * dx, (ti.f32(k) - fz) * dx
        behind = surface_before(co, pi, bi, ei, sh, sv, sc, e, b, p, count, worker, x, wx, wy, wz)
        if behind > 0:
            c = slot_of(pi, ei, e, p, behind - 1)
            co[c + col.LOAD] = co[c + col.LOAD] + w * (own + ax * wx + ay * wy + az * wz) + w * fall
            co[c + col.REACH] = co[c + col.REACH] + w * V4(wx, wy, wz, 1.0)
        low_mask = ti.select(n < 14, low_mask | (behind << (2 * ti.min(n, 13))), low_mask)
        high_mask = ti.select(n < 14, high_mask, high_mask | (behind << (2 * ti.max(n - 14, 0))))
    pi[row + p, col.BEHIND], pi[row + p, col.BEHIND + 1] = low_mask, high_mask
    press(pt, pi, co, ei, e, row, p, count, dx)
    for c in range(count):
        measure_image(pt, co, row, p, slot_of(pi, ei, e, p, c), fx, fy, fz, low_mask, high_mask, dx, inv)
    for n in range(27):
        i, j, k = n // 9, n // 3 % 3, n % 3
        if behind_of(low_mask, high_mask, n) == 0:
            w = spline(fx, i) * spline(fy, j) * spline(fz, k)
            wx, wy, wz = (ti.f32(i) - fx) * dx, (ti.f32(j) - fy) * dx, (ti.f32(k) - fz) * dx
            node = node_of(bi, b, ox + i, oy + j, oz + k)
            gr[node] = gr[node] + w * (own + ax * wx + ay * wy + az * wz)
    return 0


@ti.func
def behind_of(low_mask, high_mask, n):
    """1 + the contact whose surface hides node n, or 0."""
    return ti.select(n < 14, low_mask >> (2 * ti.min(n, 13)), high_mask >> (2 * ti.max(n - 14, 0))) & 3


@ti.func
def press(pt: ti.template(), pi: ti.template(), co: ti.template(), ei: ti.template(), e, row, p, count, dx):
    """How hard a particle presses on each surface: the part of its stress that goes to hidden nodes, along the normal, and
    the strength of its image behind the surface. A surface is pressed on only where the stress along its normal does so.
    """
    g, l = (row + p) >> 4, (row + p) & 15
    for c in range(count):
        at = slot_of(pi, ei, e, p, c)
        r, n = co[at + col.REACH], co[at + col.PLANE]
        touch = ti.min(ti.max(FADE - 2.0 * n[3] / dx, 0.0), 1.0)
        u = turned(pt, g, l, n)
        v = turned(pt, g, l, r)
        presses = ti.select(dot(u, n) > 0.0, touch, 0.0)
        co[at + col.PRESS] = V4(presses * co[at + col.PRESS][0], 0.0, 0.0, presses * ti.min(dot(v, n), 0.0))
        co[at + col.ECHO] = V4(0.0)


@ti.func
def turned(pt: ti.template(), g, l, r: ti.template()):
    """Stress of a particle times a vector."""
    xx, yy, zz, xy, xz, yz = pt[g, 0][l], pt[g, 1][l], pt[g, 2][l], pt[g, 3][l], pt[g, 4][l], pt[g, 5][l]
    return V4(
        xx * r[0] + xy * r[1] + xz * r[2], xy * r[0] + yy * r[1] + yz * r[2], xz * r[0] + yz * r[1] + zz * r[2], 0.0
    )  # fmt: skip


@ti.func
def measure_image(pt: ti.template(), co: ti.template(), row, p, at, fx, fy, fz, low_mask, high_mask, dx, inv):
    """PRESS of a contact: strength of the image, its weight on the nodes in sight, its push on them along the normal."""
    g, l, press, plane = (row + p) >> 4, (row + p) & 15, co[at + col.PRESS], co[at + col.PLANE]
    if press[0] > 0.0:
        n, weight, push = V4(plane[0], plane[1], plane[2], 0.0), 0.0, 0.0
        u = turned(pt, g, l, n)
        for k in range(27):
            if behind_of(low_mask, high_mask, k) == 0:
                i, j, h = ti.f32(k // 9) - fx, ti.f32(k // 3 % 3) - fy, ti.f32(k % 3) - fz
                r = dx * V4(i, j, h, 0.0) + 2.0 * ti.max(plane[3], 0.0) * n
                w = press[0] * kernel(r[0] * inv) * kernel(r[1] * inv) * kernel(r[2] * inv)
                weight += w
                push -= w * dot(u, r - 2.0 * dot(r, n) * n)
        co[at + col.PRESS] = V4(press[0], weight, push, press[3])


@stage
def scatter_images(
    pv: ti.types.ndarray(ndim=1),
    pi: ti.types.ndarray(ndim=2),
    gr: ti.types.ndarray(ndim=1),
    bi: ti.types.ndarray(ndim=2),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2),
    bo: ti.types.ndarray(ndim=2),
    co: ti.types.ndarray(ndim=1),
    e: ti.i32,
    b: ti.i32,
    p: ti.i32,
) -> ti.i32:
    """Hand to the nodes in sight what the images of a particle behind the surfaces that it presses on give: its mass, its
    velocity and its stress, mirrored at the surface that moves with its solved velocity. The contact notes the sum.
    """
    row, dx, inv, dt = row_of(ei, pi, e), ef[e, col.DX], ef[e, col.INV_DX], ef[e, col.DT]
    at = (row + p) * col.FIELDS
    x, m = pv[at], pv[at][3]
    ax, ay, az, v = pv[at + 2], pv[at + 3], pv[at + 4], pv[at + 1]
    fall = dt * V4(ef[e, col.GRAVITY], ef[e, col.GRAVITY + 1], ef[e, col.GRAVITY + 2], 0.0)
    gx, gy, gz = (x[0] - ef[e, col.LOW]) * inv, (x[1] - ef[e, col.LOW + 1]) * inv, (x[2] - ef[e, col.LOW + 2]) * inv
    ix, iy, iz = ti.i32(ti.floor(gx - 0.5)), ti.i32(ti.floor(gy - 0.5)), ti.i32(ti.floor(gz - 0.5))
    fx, fy, fz = gx - ti.f32(ix), gy - ti.f32(iy), gz - ti.f32(iz)
    ox, oy, oz = ix - 4 * bi[b, 0] + 4, iy - 4 * bi[b, 1] + 4, iz - 4 * bi[b, 2] + 4
    low_mask, high_mask = pi[row + p, col.BEHIND], pi[row + p, col.BEHIND + 1]
    for c in range(pi[row + p, col.CONTACTS]):
        a = slot_of(pi, ei, e, p, c)
        strength = co[a + col.PRESS][0]
        n, mark, sum = co[a + col.PLANE], co[a + col.SPOT], V4(0.0)
        n = V4(n[0], n[1], n[2], 0.0)
        d = 2.0 * ti.max(co[a + col.PLANE][3], 0.0)
        s = bi[b, col.NEAR + ti.i32(mark[3])]
        carried = speed_at(bo, ti.i32(sh[s, col.CARRIER]), col.SOLVED, mark[0], mark[1], mark[2])
        u = v + fall
        u = m * (u - 2.0 * dot(u - carried, n) * n - fall)
        own = V4(u[0], u[1], u[2], m)
        for k in range(ti.select(strength > 0.0, 27, 0)):
            i, j, l = k // 9, k // 3 % 3, k % 3
            if behind_of(low_mask, high_mask, k) == 0:
                r = V4((ti.f32(i) - fx) * dx, (ti.f32(j) - fy) * dx, (ti.f32(l) - fz) * dx, 0.0) + d * n
                w = strength * kernel(r[0] * inv) * kernel(r[1] * inv) * kernel(r[2] * inv)
                q = r - 2.0 * dot(r, n) * n
                z = ax * q[0] + ay * q[1] + az * q[2]
                push = w * (own + z - 2.0 * dot(z, n) * n)
                node = node_of(bi, b, ox + i, oy + j, oz + l)
                gr[node] = gr[node] + push
                sum = sum + push
        co[a + col.ECHO] = sum
    return 0


@ti.func
def regained(gr: ti.template(), bi: ti.template(), b, ox, oy, oz, fx, fy, fz, low_mask, high_mask, dx, inv,
             plane: ti.template(), strength, m):  # fmt: skip
    """Momentum that the image of a particle takes back from the nodes in sight."""
    sum, n = V4(0.0), V4(plane[0], plane[1], plane[2], 0.0)
    d = 2.0 * ti.max(plane[3], 0.0)
    for k in range(27):
        i, j, l = k // 9, k // 3 % 3, k % 3
        if behind_of(low_mask, high_mask, k) == 0:
            r = V4((ti.f32(i) - fx) * dx, (ti.f32(j) - fy) * dx, (ti.f32(l) - fz) * dx, 0.0) + d * n
            w = m * strength * kernel(r[0] * inv) * kernel(r[1] * inv) * kernel(r[2] * inv)
            u = gr[node_of(bi, b, ox + i, oy + j, oz + l)]
            sum = sum + w * V4(u[0], u[1], u[2], 0.0)
    return sum


@ti.func
def kernel(t):
    """The quadratic spline at t cells."""
    s = ti.abs(t)
    far = ti.max(1.5 - s, 0.0)
    return ti.select(s < 0.5, 0.75 - s * s, 0.5 * far * far)


@ti.func
def spline(f, k):
    """Weight of node k, chosen at run time."""
    t = ti.abs(f - ti.f32(k))
    return ti.select(t < 0.5, 0.75 - t * t, 0.5 * (1.5 - t) * (1.5 - t))


@ti.func
def speed_at(bo: ti.template(), body, twist, x, y, z):
    """Velocity of a body at a point given from its centre of mass."""
    wx, wy, wz = bo[body, twist + 3], bo[body, twist + 4], bo[body, twist + 5]
    return V4(
        bo[body, twist] + wy * z - wz * y, bo[body, twist + 1] + wz * x - wx * z, bo[body, twist + 2] + wx * y - wy * x, 0.0
    )  # fmt: skip


@ti.func
def dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@ti.func
def grip_of(mt: ti.template(), sh: ti.template(), m, s):
    """Coefficient of friction between a material and a shape."""
    own = mt[m, col.BOND]
    return ti.select(own < 0.0, sh[s, col.GRIP], own)


@ti.func
def weigh_direction(bf: ti.template(), at, n, r, mass, momentum):
    """Add a contact that resists along n at r from the centre of mass to the inertia and momentum of an entry."""
    g = (n[0], n[1], n[2], r[1] * n[2] - r[2] * n[1], r[2] * n[0] - r[0] * n[2], r[0] * n[1] - r[1] * n[0])
    for i in ti.static(range(6)):
        for j in ti.static(range(i + 1)):
            k = at + col.INERTIA + i * (i + 1) // 2 + j
            bf[k] = bf[k] + mass * g[i] * g[j]
        bf[at + col.MOMENTUM + i] = bf[at + col.MOMENTUM + i] + g[i] * momentum


@ti.func
def weigh_contact(bf: ti.template(), k, plane: ti.template(), load: ti.template(), r: ti.template(), pressed, close, sticks):
    """A contact that resists along the normal, or in all directions when it sticks; `pressed` comes whatever the body does."""
    weigh_direction(bf, k, plane, r, 0.0, pressed)
    if close and sticks:
        weigh_direction(bf, k, V4(1.0, 0.0, 0.0, 0.0), r, load[3], load[0])
        weigh_direction(bf, k, V4(0.0, 1.0, 0.0, 0.0), r, load[3], load[1])
        weigh_direction(bf, k, V4(0.0, 0.0, 1.0, 0.0), r, load[3], load[2])
    elif close:
        weigh_direction(bf, k, plane, r, load[3], dot(load, plane))


@stage
def weigh_contacts(
    pv: ti.types.ndarray(ndim=1),
    pi: ti.types.ndarray(ndim=2),
    bi: ti.types.ndarray(ndim=2),
    bf: ti.types.ndarray(ndim=1),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    mt: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2),
    bo: ti.types.ndarray(ndim=2),
    co: ti.types.ndarray(ndim=1),
    e: ti.i32,
    b: ti.i32,
    p: ti.i32,
) -> ti.i32:
    """Where the contacts of a particle act, and what they add to the inertia of the bodies that they will push."""
    row, base = row_of(ei, pi, e), mt.shape[0] // ei.shape[0] * e
    x = pv[(row + p) * col.FIELDS]
    for c in range(pi[row + p, col.CONTACTS]):
        at = slot_of(pi, ei, e, p, c)
        plane, load, reach, mark = co[at + col.PLANE], co[at + col.LOAD], co[at + col.REACH], co[at + col.SPOT]
        entry = ti.i32(mark[3])
        s = bi[b, col.NEAR + entry]
        body = ti.i32(sh[s, col.CARRIER])
        if load[3] > 0.0 or co[at + col.PRESS][0] > 0.0:
            place = V4(bo[body, col.CENTRE], bo[body, col.CENTRE + 1], bo[body, col.CENTRE + 2], 0.0)
            r = x - plane[3] * plane - place
            if load[3] > 0.0:
                r = x + reach / reach[3] - place
            co[at + col.SPOT] = V4(r[0], r[1], r[2], mark[3])
            share = ti.max(load[3], 1e-12 * x[3])
            relative = load / share - speed_at(bo, body, col.TWIST, r[0], r[1], r[2])
            into = dot(relative, plane)
            k = (b * col.MAX_NEAR + entry) * col.ENTRY
            pressed = co[at + col.PRESS][3]
            close = into < pressed / share and plane[3] < GAP * ef[e, col.DX]
            load = load - pressed * V4(plane[0], plane[1], plane[2], 0.0)
            mu = grip_of(mt, sh, base + pi[row + p, col.MATERIAL], s)
            sticks = dot(relative, relative) - into * into < mu * mu * into * into
            if bo[body, col.MOVES] > 0.5:
                press = co[at + col.PRESS]
                weigh_contact(bf, k, plane, load, r, pressed - press[2], close, sticks)
                free = pv[(row + p) * col.FIELDS + 1]
                fall = ef[e, col.DT] * V4(ef[e, col.GRAVITY], ef[e, col.GRAVITY + 1], ef[e, col.GRAVITY + 2], 0.0)
                weight = MIRROR * (press[1] * x[3] + press[0] * load[3])
                weigh_direction(bf, k, plane, r, weight, weight * dot(free + fall, plane))
    return 0


@ti.func
def ghost_velocity(load: ti.template(), plane: ti.template(), carried, free, mu, close, pressed):
    """Velocity of the share behind a surface that moves with `carried`; `free` is its velocity without stress, and the
    momentum `pressed` along the normal has gone to the body.
    """
    candidate = load / load[3]
    into = dot(candidate - carried, plane)
    apart = into - pressed / load[3]
    candidate = candidate - pressed / load[3] * plane
    out = V4(candidate[0], candidate[1], candidate[2], 0.0)
    if into < 0.0 and close:
        slip = free - carried
        slip = slip - dot(slip, plane) * plane
        slip = V4(slip[0], slip[1], slip[2], 0.0)
        size = ti.sqrt(dot(slip, slip))
        keep = ti.max(0.0, 1.0 + mu * into / ti.max(size, 1e-12))
        out = carried + keep * slip + ti.max(apart, 0.0) * V4(plane[0], plane[1], plane[2], 0.0)
    return out


@ti.func
def row_in_sight(gr: ti.template(), bi: ti.template(), b, ox, oy, oz, fx, fy, fz, low_mask, high_mask, dx,
                 plane: ti.template(), first, step):  # fmt: skip
    """Of the nodes in sight in a row of three: weighted sums of velocity and of height above the surface, and the weight."""
    u, height, total = V4(0.0), 0.0, 0.0
    for t in range(3):
        k = first + step * t
        if behind_of(low_mask, high_mask, k) == 0:
            i, j, l = k // 9, k // 3 % 3, k % 3
            w = spline(fx, i) * spline(fy, j) * spline(fz, l)
            r = dx * V4(ti.f32(i) - fx, ti.f32(j) - fy, ti.f32(l) - fz, 0.0)
            u = u + w * gr[node_of(bi, b, ox + i, oy + j, oz + l)]
            height += w * (dot(r, plane) + plane[3])
            total += w
    return u, height, total


@ti.func
def mirrored(gr: ti.template(), bi: ti.template(), b, ox, oy, oz, fx, fy, fz, low_mask, high_mask, dx, plane: ti.template(),
             carried, mine, strength, plain: ti.template()):  # fmt: skip
    """Velocities of the nodes that a contact hides, weighted, and the same times the distance along x, y and z: those of the
    nodes in sight in the same row across the surface, mirrored at the surface, which moves with `carried`. One velocity for
    all hidden nodes would not do: it takes divergence from the gradient that the pressure does not give back, and blows up.
    """
    n, sum, sx, sy, sz = V4(plane[0], plane[1], plane[2], 0.0), V4(0.0), V4(0.0), V4(0.0), V4(0.0)
    step = 9
    if ti.abs(n[1]) > ti.max(ti.abs(n[0]), ti.abs(n[2])):
        step = 3
    elif ti.abs(n[2]) > ti.abs(n[0]):
        step = 1
    for k in range(27):
        if behind_of(low_mask, high_mask, k) == mine:
            i, j, l = k // 9, k // 3 % 3, k % 3
            r = dx * V4(ti.f32(i) - fx, ti.f32(j) - fy, ti.f32(l) - fz, 0.0)
            u, height, total = row_in_sight(
                gr, bi, b, ox, oy, oz, fx, fy, fz, low_mask, high_mask, dx, plane, k - step * (k // step % 3), step
            )
            if total > 1e-6:
                u, height = u / total, ti.max(height / total, 0.05 * dx)
            else:
                u, height = plain, dx
            ratio = ti.max((dot(r, n) + plane[3]) / height, -2.0)
            u = u + (ratio - 1.0) * dot(u - carried, n) * n
            w = strength * spline(fx, i) * spline(fy, j) * spline(fz, l)
            u = w * V4(u[0], u[1], u[2], 0.0)
            sum, sx, sy, sz = sum + u, sx + r[0] * u, sy + r[1] * u, sz + r[2] * u
    return sum, sx, sy, sz


@ti.func
def rubbed(relative: ti.template(), plane: ti.template(), most):
    """What friction takes from a velocity along a surface, `most` at most (Coulomb)."""
    n = V4(plane[0], plane[1], plane[2], 0.0)
    slip = V4(relative[0], relative[1], relative[2], 0.0) - dot(relative, plane) * n
    size = ti.sqrt(dot(slip, slip))
    return ti.min(most / ti.max(size, 1e-12), 1.0) * slip


@ti.func
def give(bf: ti.template(), k, f, r):
    """Note the impulse f at r from the centre of mass in an entry."""
    size = ti.sqrt(dot(f, f))
    torque = (r[1] * f[2] - r[2] * f[1], r[2] * f[0] - r[0] * f[2], r[0] * f[1] - r[1] * f[0])
    for i in ti.static(range(3)):
        bf[k + col.GIVEN + i] = bf[k + col.GIVEN + i] + f[i]
        bf[k + col.GIVEN + 3 + i] = bf[k + col.GIVEN + 3 + i] + torque[i]
        bf[k + col.WHERE + i] = bf[k + col.WHERE + i] + size * r[i]
    bf[k + col.WHERE + 3] = bf[k + col.WHERE + 3] + size


@stage
def gather_near_particle(
    pv: ti.types.ndarray(ndim=1),
    ps: ti.types.ndarray(ndim=2),
    pi: ti.types.ndarray(ndim=2),
    gr: ti.types.ndarray(ndim=1),
    bi: ti.types.ndarray(ndim=2),
    bf: ti.types.ndarray(ndim=1),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    mt: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2),
    bo: ti.types.ndarray(ndim=2),
    co: ti.types.ndarray(ndim=1),
    e: ti.i32,
    b: ti.i32,
    p: ti.i32,
) -> ti.i32:
    """Velocity from the nodes in sight and from the ghosts; moves the particle and keeps it outside."""
    row, dx, inv, dt = row_of(ei, pi, e), ef[e, col.DX], ef[e, col.INV_DX], ef[e, col.DT]
    at, material = (row + p) * col.FIELDS, mt.shape[0] // ei.shape[0] * e + pi[row + p, col.MATERIAL]
    x, old, zero = pv[at], pv[at + 1], V4(0.0)
    free = old + dt * V4(ef[e, col.GRAVITY], ef[e, col.GRAVITY + 1], ef[e, col.GRAVITY + 2], 0.0)
    gx, gy, gz = (x[0] - ef[e, col.LOW]) * inv, (x[1] - ef[e, col.LOW + 1]) * inv, (x[2] - ef[e, col.LOW + 2]) * inv
    ix, iy, iz = ti.i32(ti.floor(gx - 0.5)), ti.i32(ti.floor(gy - 0.5)), ti.i32(ti.floor(gz - 0.5))
    fx, fy, fz = gx - ti.f32(ix), gy - ti.f32(iy), gz - ti.f32(iz)
    ox, oy, oz = ix - 4 * bi[b, 0] + 4, iy - 4 * bi[b, 1] + 4, iz - 4 * bi[b, 2] + 4
    low_mask, high_mask = pi[row + p, col.BEHIND], pi[row + p, col.BEHIND + 1]
    v, cx, cy, cz, seen = zero, zero, zero, zero, 0.0
    for n in range(27):
        i, j, k = n // 9, n // 3 % 3, n % 3
        if behind_of(low_mask, high_mask, n) == 0:
            w = spline(fx, i) * spline(fy, j) * spline(fz, k)
            u = w * gr[node_of(bi, b, ox + i, oy + j, oz + k)]
            v, seen = v + u, seen + w
            cx, cy, cz = cx + (ti.f32(i) - fx) * dx * u, cy + (ti.f32(j) - fy) * dx * u, cz + (ti.f32(k) - fz) * dx * u
    share = v[3] / ti.max(seen, 0.05)
    shift, hv, hx, hy, hz = zero, zero, zero, zero, zero
    for c in range(pi[row + p, col.CONTACTS]):
        a = slot_of(pi, ei, e, p, c)
        plane, load, reach, mark = co[a + col.PLANE], co[a + col.LOAD], co[a + col.REACH], co[a + col.SPOT]
        if load[3] > 0.0 or co[a + col.PRESS][0] > 0.0:
            entry = ti.i32(mark[3])
            s = bi[b, col.NEAR + entry]
            load = V4(load[0], load[1], load[2], ti.max(load[3], 1e-12 * x[3]))
            carried = speed_at(bo, ti.i32(sh[s, col.CARRIER]), col.SOLVED, mark[0], mark[1], mark[2])
            ghost = ghost_velocity(
                load, plane, carried, free, grip_of(mt, sh, material, s), plane[3] < GAP * dx, co[a + col.PRESS][3]
            )
            mirror = co[a + col.PRESS][0]
            ghost = (1.0 - mirror) * ghost
            given = load - load[3] * ghost
            if mirror > 0.0:
                plain = v / ti.max(seen, 0.05)
                m0, mx, my, mz = mirrored(
                    gr, bi, b, ox, oy, oz, fx, fy, fz, low_mask, high_mask, dx, plane, carried, c + 1, mirror, plain
                )
                hv, hx, hy, hz = hv + m0, hx + mx, hy + my, hz + mz
                sum = co[a + col.ECHO]
                back = regained(gr, bi, b, ox, oy, oz, fx, fy, fz, low_mask, high_mask, dx, inv, plane, mirror, x[3])
                given = given - x[3] * m0 + back - sum - sum[3] * (free - old)
            give(bf, (b * col.MAX_NEAR + entry) * col.ENTRY, given, mark)
            co[a + col.ECHO] = V4(0.0, 0.0, 0.0, ti.max(0.0 - mirror * dot(given, plane), 0.0))
            hv = hv + reach[3] * ghost
            hx, hy, hz = hx + reach[0] * ghost, hy + reach[1] * ghost, hz + reach[2] * ghost
            co[a + col.LOAD] = carried
        else:
            co[a + col.LOAD] = V4(0.0, 0.0, 0.0, -1.0)
    still = V4(1.0, 1.0, 1.0, 0.0)
    v, cx, cy, cz = v + hv, cx + hx, cy + hy, cz + hz
    for c in range(pi[row + p, col.CONTACTS]):
        a = slot_of(pi, ei, e, p, c)
        plane, carried = co[a + col.PLANE], co[a + col.LOAD]
        if carried[3] > -0.5 and co[a + col.ECHO][3] > 0.0:
            mark = co[a + col.SPOT]
            entry = ti.i32(mark[3])
            mu = grip_of(mt, sh, material, bi[b, col.NEAR + entry])
            drag = rubbed(v - carried, plane, mu * co[a + col.ECHO][3] / x[3])
            give(bf, (b * col.MAX_NEAR + entry) * col.ENTRY, x[3] * drag, mark)
            v = v - drag
        depth = plane[3] + dt * dot(v - carried, plane) + dot(shift, plane)
        if depth < SKIN * dx and carried[3] > -0.5:
            shift = shift + (SKIN * dx - depth) * plane * still
    four = 4.0 * inv * inv
    pv[at + 2], pv[at + 3], pv[at + 4] = four * cx * still, four * cy * still, four * cz * still
    moved = x + dt * v * still + shift
    settle(pv, ps, mt, pi, bi, ei, ef, e, b, row, p, moved, V4(v[0], v[1], v[2], old[3]), share)
    return 0
