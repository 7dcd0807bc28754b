"""Particles near rigid shapes: they see the nodes behind a surface as ghosts, so nothing passes through, however thin it is.

After CPIC (Hu et al. 2018, section 5), with the surface seen by the particle instead of tags on the grid: the tangent plane
at the nearest point says which nodes lie behind. What a particle would hand to such a node (its share of mass, momentum,
stress and weight) meets the body instead: it is stopped along the normal, held back by Coulomb friction, and what it loses
the body gains. When it flies away it keeps it. Where the surface ends near by, a node counts as behind only when it is
inside the shape or sees its other side. Contact acts within GAP cells. A particle that presses on a surface also has an image
behind it (`images`).

Limits: MAX_CONTACTS shapes per particle, MAX_NEAR per block.
"""

from engine.compiler import stage, ti
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.contact import (
    FARTHEST,
    GAP,
    NO_SLIP,
    arm_to,
    cross,
    dot,
    gravity_step,
    grip_of,
    place_of,
    slot_of,
    speed_at,
    stencil,
)
from engine.solvers.mpm.gather import settle
from engine.solvers.mpm.grid import TILE, V4, V16, row_of
from engine.solvers.mpm.images import measure_image, mirrored, press, regained
from engine.solvers.mpm.nodes import I16, among, arms, collected, handed, hidden_by, in_sight, marked, scattered, shares, total
from engine.solvers.mpm.scatter import affine_of
from engine.solvers.mpm.shapes import probe

SKIN = 1e-3  # cells that a particle keeps from a surface
EDGE = 2.7  # cells to the edge within which nodes are looked at one by one
BRIM = 1.3e-3  # cells above a surface within which a node counts as hidden: else rounding decides about nodes on the surface


@stage
def meet_shapes(
    pv: ti.types.ndarray(ndim=1),
    pi: ti.types.ndarray(ndim=2),
    bi: ti.types.ndarray(ndim=2),
    bf: ti.types.ndarray(ndim=1),
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
            f = (b * col.MAX_NEAR + k) * col.ENTRY + col.FRONT
            d, n0, n1, n2 = bf[f] * x[0] + bf[f + 1] * x[1] + bf[f + 2] * x[2] + bf[f + 3], 0.0, 0.0, 0.0
            if d < FARTHEST * dx:
                probe(sh, sv, sc, bi[b, col.NEAR + k], worker, x[0], x[1], x[2])
                d, n0, n1, n2 = sc[worker, 0], sc[worker, 1], sc[worker, 2], sc[worker, 3]
            if d < 1.5 * dx * (ti.abs(n0) + ti.abs(n1) + ti.abs(n2)) and count < col.MAX_CONTACTS:
                at = slot_of(pi, ei, e, p, count)
                co[at + col.PLANE] = V4(n0, n1, n2, d)
                co[at + col.LOAD], co[at + col.REACH], co[at + col.PRESS] = zero, zero, V4(sc[worker, 5], 0.0, 0.0, 0.0)
                room = ti.select(sc[worker, 4] < EDGE * dx, 1.0, 0.0)
                co[at + col.SPOT], co[at + col.LOAD_TURN] = V4(0.0, 0.0, room, ti.f32(k)), zero
                count += 1
        pi[row + p, col.CONTACTS] = count
    return 0


@ti.func
def hidden(sh: ti.template(), sv: ti.template(), sc: ti.template(), s, worker, plane: ti.template(), x, y, z, brim):
    """1 when a point behind the tangent plane is inside the shape (less than `brim` from it) or on its far side."""
    probe(sh, sv, sc, s, worker, x, y, z)
    facing = sc[worker, 1] * plane[0] + sc[worker, 2] * plane[1] + sc[worker, 3] * plane[2]
    return ti.select(sc[worker, 0] < brim or facing < 0.0, 1, 0)


@ti.func
def shown(sh: ti.template(), sv: ti.template(), sc: ti.template(), s, worker, plane: ti.template(), x: ti.template(), q,
          dx):  # fmt: skip
    """Masks of the nodes that a shape with an edge near by hides, one by one."""
    low_mask, high_mask = 0, 0
    for n in range(27):
        r, behind = arm_to(q, n, dx), 0
        if dot(plane, r) + plane[3] < BRIM * dx:
            behind = hidden(sh, sv, sc, s, worker, plane, x[0] + r[0], x[1] + r[1], x[2] + r[2], BRIM * dx)
        low_mask = ti.select(n < 14, low_mask | (behind << (2 * ti.min(n, 13))), low_mask)
        high_mask = ti.select(n < 14, high_mask, high_mask | (behind << (2 * ti.max(n - 14, 0))))
    return low_mask, high_mask


@ti.func
def surfaces_before(co: ti.template(), pi: ti.template(), bi: ti.template(), ei: ti.template(), sh: ti.template(),
                    sv: ti.template(), sc: ti.template(), e, b, p, count, worker, x, q, a0, a1, dx):  # fmt: skip
    """Masks of 1 + the contact whose surface hides each node, the one behind which it lies deepest; 0 for none."""
    deepest0, deepest1, mask0, mask1 = V16(BRIM * dx), V16(BRIM * dx), I16(0), I16(0)
    for c in range(count):
        at = slot_of(pi, ei, e, p, c)
        plane, mark = co[at + col.PLANE], co[at + col.SPOT]
        depth0 = dx * (plane[0] * a0.x + plane[1] * a0.y + plane[2] * a0.z) + plane[3]
        depth1 = dx * (plane[0] * a1.x + plane[1] * a1.y + plane[2] * a1.z) + plane[3]
        low_mask, high_mask = -1, -1
        if mark[2] > 0.5:
            low_mask, high_mask = shown(sh, sv, sc, bi[b, col.NEAR + ti.i32(mark[3])], worker, plane, x, q, dx)
        behind0, behind1 = (depth0 < deepest0) & among(low_mask, 0), (depth1 < deepest1) & among(high_mask, 1)
        mask0, mask1 = marked(behind0, c + 1, mask0, 0), marked(behind1, c + 1, mask1, 1)
        deepest0, deepest1 = ti.select(behind0, depth0, deepest0), ti.select(behind1, depth1, deepest1)
    return mask0.sum(), mask1.sum()


@stage
def scatter_near_particle(
    pv: ti.types.ndarray(ndim=1),
    pt: ti.types.ndarray(ndim=2),
    pi: ti.types.ndarray(ndim=2),
    tl: ti.types.ndarray(ndim=1),
    bi: ti.types.ndarray(ndim=2),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    mt: ti.types.ndarray(ndim=2),
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
    row, dx, inv = row_of(ei, pi, e), ef[e, col.DX], ef[e, col.INV_DX]
    at, material = (row + p) * col.FIELDS, mt.shape[0] // ei.shape[0] * e + pi[row + p, col.MATERIAL]
    x, m, count = pv[at], pv[at][3], pi[row + p, col.CONTACTS]
    own = pv[at + 1] * m
    ax, ay, az = affine_of(pv, pt, row + p)
    own, fall, q = V4(own[0], own[1], own[2], m), m * gravity_step(ef, e), stencil(bi, ef, e, b, x)
    a0, a1 = arms(q, 0), arms(q, 1)
    w0, w1 = shares(a0), shares(a1)
    low_mask, high_mask = surfaces_before(co, pi, bi, ei, sh, sv, sc, e, b, p, count, worker, x, q, a0, a1, dx)
    for c in range(ti.select((low_mask | high_mask) != 0, count, 0)):
        h0, h1 = hidden_by(w0, low_mask, c + 1, 0), hidden_by(w1, high_mask, c + 1, 1)
        a = slot_of(pi, ei, e, p, c)
        load, turn, reach = handed(h0, h1, a0, a1, own + fall, ax, ay, az, dx)
        co[a + col.LOAD], co[a + col.LOAD_TURN], co[a + col.REACH] = load, turn, reach
    pi[row + p, col.BEHIND], pi[row + p, col.BEHIND + 1] = low_mask, high_mask
    press(pt, pi, co, ei, e, row, p, count, dx)
    for c in range(count):
        a = slot_of(pi, ei, e, p, c)
        sticks = grip_of(mt, sh, material, bi[b, col.NEAR + ti.i32(co[a + col.SPOT][3])]) > NO_SLIP
        measure_image(pt, co, row, p, a, a0, a1, low_mask, high_mask, dx, inv, sticks)
    w0, w1 = in_sight(w0, low_mask, 0), in_sight(w1, high_mask, 1)
    corner = own - dx * (q.x * ax + q.y * ay + q.z * az)
    scattered(tl, worker * TILE + place_of(q), w0, w1, corner, dx * ax, dx * ay, dx * az)
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
def rubbed(relative: ti.template(), plane: ti.template(), most):
    """What friction takes from a velocity along a surface, `most` at most (Coulomb)."""
    n = V4(plane[0], plane[1], plane[2], 0.0)
    slip = V4(relative[0], relative[1], relative[2], 0.0) - dot(relative, plane) * n
    size = ti.sqrt(dot(slip, slip))
    return ti.min(most / ti.max(size, 1e-12), 1.0) * slip


@ti.func
def give(bf: ti.template(), k, f, r, torque):
    """Note the impulse f, felt at r from the centre of mass, and its moment about that in an entry."""
    size = ti.sqrt(dot(f, f))
    for i in ti.static(range(3)):
        bf[k + col.GIVEN + i] = bf[k + col.GIVEN + i] + f[i]
        bf[k + col.GIVEN + 3 + i] = bf[k + col.GIVEN + 3 + i] + torque[i]
        bf[k + col.WHERE + i] = bf[k + col.WHERE + i] + size * r[i]
    bf[k + col.WHERE + 3] = bf[k + col.WHERE + 3] + size


@ti.func
def answer(pv: ti.template(), pi: ti.template(), tl: ti.template(), bi: ti.template(), bf: ti.template(), ei: ti.template(),
           ef: ti.template(), mt: ti.template(), sh: ti.template(), bo: ti.template(), co: ti.template(), e, b, row, p, c,
           q, first, plain):  # fmt: skip
    """What a particle takes from one of its surfaces: velocity, and velocity times distance along x, y, z, of the nodes that
    the surface hides. The body gets what the particle loses. LOAD then holds the body's velocity (and -1 where it does not
    touch), ECHO the impulse that the body got, and that along the normal for friction.
    """
    dx, inv, a, at = ef[e, col.DX], ef[e, col.INV_DX], slot_of(pi, ei, e, p, c), (row + p) * col.FIELDS
    x, fall = pv[at], gravity_step(ef, e)
    plane, load, reach, mark = co[a + col.PLANE], co[a + col.LOAD], co[a + col.REACH], co[a + col.SPOT]
    mirror, v, vx, vy, vz = co[a + col.PRESS][0], V4(0.0), V4(0.0), V4(0.0), V4(0.0)
    if load[3] > 0.0 or mirror > 0.0:
        entry = ti.i32(mark[3])
        s = bi[b, col.NEAR + entry]
        mu = grip_of(mt, sh, mt.shape[0] // ei.shape[0] * e + pi[row + p, col.MATERIAL], s)
        load = V4(load[0], load[1], load[2], ti.max(load[3], 1e-12 * x[3]))
        carried = speed_at(bo, ti.i32(sh[s, col.CARRIER]), col.SOLVED, mark[0], mark[1], mark[2])
        close = plane[3] < GAP * dx
        ghost = (1.0 - mirror) * ghost_velocity(load, plane, carried, pv[at + 1] + fall, mu, close, co[a + col.PRESS][3])
        given = load - load[3] * ghost
        twist = co[a + col.LOAD_TURN] - x[3] * cross(reach, ghost)
        v, vx, vy, vz = reach[3] * ghost, reach[0] * ghost, reach[1] * ghost, reach[2] * ghost
        if mirror > 0.0:
            low_mask, high_mask = pi[row + p, col.BEHIND], pi[row + p, col.BEHIND + 1]
            m0, mx, my, mz = mirrored(tl, first, q, low_mask, high_mask, dx, plane, carried, c + 1, plain, mu > NO_SLIP)
            m0, mx, my, mz = mirror * m0, mirror * mx, mirror * my, mirror * mz
            v, vx, vy, vz = v + m0, vx + mx, vy + my, vz + mz
            sum = co[a + col.ECHO]
            back, turn = regained(tl, first, q, low_mask, high_mask, dx, inv, plane, mirror, x[3])
            given = given - x[3] * m0 + back - sum - sum[3] * fall
            own = V4(my[2] - mz[1], mz[0] - mx[2], mx[1] - my[0], 0.0)  # sum of r x u
            twist = twist - x[3] * own + turn - co[a + col.ECHO_TURN] - cross(co[a + col.LEAN], fall)
        body = ti.i32(sh[s, col.CARRIER])
        arm = x - V4(bo[body, col.CENTRE], bo[body, col.CENTRE + 1], bo[body, col.CENTRE + 2], 0.0)
        give(bf, (b * col.MAX_NEAR + entry) * col.ENTRY, given, mark, cross(arm, given) + twist)
        rubs = ti.select(mu > NO_SLIP, 0.0, mirror)
        co[a + col.ECHO] = V4(given[0], given[1], given[2], ti.max(0.0 - rubs * dot(given, plane), 0.0))
        co[a + col.LOAD] = carried
    else:
        co[a + col.LOAD] = V4(0.0, 0.0, 0.0, -1.0)
    return v, vx, vy, vz


@stage
def gather_near_particle(
    pv: ti.types.ndarray(ndim=1),
    pi: ti.types.ndarray(ndim=2),
    tl: ti.types.ndarray(ndim=1),
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
    tile: ti.i32,
) -> ti.i32:
    """Velocity from the nodes in sight and from the ghosts; moves the particle and keeps it outside."""
    row, dx, dt = row_of(ei, pi, e), ef[e, col.DX], ef[e, col.DT]
    at, material = (row + p) * col.FIELDS, mt.shape[0] // ei.shape[0] * e + pi[row + p, col.MATERIAL]
    x, old, zero = pv[at], pv[at + 1], V4(0.0)
    q, low_mask, high_mask = stencil(bi, ef, e, b, x), pi[row + p, col.BEHIND], pi[row + p, col.BEHIND + 1]
    first = tile + place_of(q)
    w0, w1 = in_sight(shares(arms(q, 0)), low_mask, 0), in_sight(shares(arms(q, 1)), high_mask, 1)
    v, cx, cy, cz = collected(tl, first, w0, w1)
    cx, cy, cz, seen = dx * (cx - q.x * v), dx * (cy - q.y * v), dx * (cz - q.z * v), total(w0) + total(w1)
    share, plain = v[3] / ti.max(seen, 0.05), v / ti.max(seen, 0.05)
    for c in range(pi[row + p, col.CONTACTS]):
        hv, hx, hy, hz = answer(pv, pi, tl, bi, bf, ei, ef, mt, sh, bo, co, e, b, row, p, c, q, first, plain)
        v, cx, cy, cz = v + hv, cx + hx, cy + hy, cz + hz
    still, shift = V4(1.0, 1.0, 1.0, 0.0), zero
    for c in range(pi[row + p, col.CONTACTS]):
        a = slot_of(pi, ei, e, p, c)
        plane, carried = co[a + col.PLANE], co[a + col.LOAD]
        if carried[3] > -0.5 and co[a + col.ECHO][3] > 0.0:
            mark = co[a + col.SPOT]
            entry = ti.i32(mark[3])
            mu = grip_of(mt, sh, material, bi[b, col.NEAR + entry])
            drag = rubbed(v - carried, plane, mu * co[a + col.ECHO][3] / x[3])
            body = ti.i32(sh[bi[b, col.NEAR + entry], col.CARRIER])
            arm = x - V4(bo[body, col.CENTRE], bo[body, col.CENTRE + 1], bo[body, col.CENTRE + 2], 0.0)
            give(bf, (b * col.MAX_NEAR + entry) * col.ENTRY, x[3] * drag, mark, x[3] * cross(arm, drag))
            co[a + col.ECHO] = co[a + col.ECHO] + x[3] * V4(drag[0], drag[1], drag[2], 0.0)
            v = v - drag
        depth = plane[3] + dt * dot(v - carried, plane) + dot(shift, plane)
        if depth < SKIN * dx and carried[3] > -0.5:
            shift = shift + (SKIN * dx - depth) * plane * still
    four = 4.0 * ef[e, col.INV_DX] * ef[e, col.INV_DX]
    pv[at + 2], pv[at + 3], pv[at + 4] = four * cx * still, four * cy * still, four * cz * still
    settle(pv, bi, ei, ef, e, b, row + p, x + dt * v * still + shift, V4(v[0], v[1], v[2], old[3]), share)
    return 0
