"""What the contacts of particles add to the inertia of the bodies that they will push, before the bodies' velocities are
solved (see `bodies`): the share of mass that meets the surface, and the image behind it, along the normal, or in all
directions where the matter sticks.
"""

from engine.compiler import stage, ti
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.contact import GAP, NO_SLIP, along, dot, gravity_step, grip_of, slot_of, speed_at
from engine.solvers.mpm.grid import V4, row_of

MIRROR = 1.5  # inertia of an image to the body before it, over its mass: 1 to 2


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
def weigh_contact(bf: ti.template(), k, plane, r, mass, momentum, sticks):
    """A contact of a mass with a momentum, along the normal, or in all directions when it sticks."""
    for axis in range(ti.select(sticks, 3, 1)):
        n = ti.select(sticks, V4(ti.f32(axis == 0), ti.f32(axis == 1), ti.f32(axis == 2), 0.0), along(plane))
        weigh_direction(bf, k, n, r, mass, dot(momentum, n))


@ti.func
def weigh_on(
    pv: ti.template(), bf: ti.template(), ef: ti.template(), bo: ti.template(), co: ti.template(), e, at, p, k, body, r, mu
):
    """Add contact `at` of the particle in row p, which acts at r on a body, to entry k."""
    plane, load, press, mass = co[at + col.PLANE], co[at + col.LOAD], co[at + col.PRESS], pv[p * col.FIELDS][3]
    share = ti.max(load[3], 1e-12 * mass)
    relative = load / share - speed_at(bo, body, col.TWIST, r[0], r[1], r[2])
    into, pressed = dot(relative, plane), press[3]
    weigh_direction(bf, k, plane, r, 0.0, pressed - press[2])  # whatever the body does
    if into < pressed / share and plane[3] < GAP * ef[e, col.DX]:
        sticks = dot(relative, relative) - into * into < mu * mu * into * into
        weigh_contact(bf, k, plane, r, load[3], load - pressed * along(plane), sticks)
    weight = MIRROR * (press[1] * mass + press[0] * load[3])
    free = pv[p * col.FIELDS + 1] + gravity_step(ef, e)
    weigh_contact(bf, k, plane, r, weight, weight * free, mu > NO_SLIP)


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
            if bo[body, col.MOVES] > 0.5:
                mu = grip_of(mt, sh, base + pi[row + p, col.MATERIAL], s)
                weigh_on(pv, bf, ef, bo, co, e, at, row + p, (b * col.MAX_NEAR + entry) * col.ENTRY, body, r, mu)
    return 0
