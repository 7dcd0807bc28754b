"""Rigid bodies while the matter takes its substeps: pushed by what they get from it, exactly and at any ratio of masses.

Per substep: the velocity after the contacts from the joint inelastic problem (M + A) v+ = M v + c, where A and c are the
inertia and momentum of the particle shares in contact (6 x 6 per body); ghosts then move with v+, and the body takes the sum
of what they lost. In between a body also follows `PUSH`, its acceleration by everything else, as seen over the last substeps
of the rigid solver. Limits: rotation moves shapes to first order within a substep; links of a tree answer with a constant
effective inertia.
"""

from engine.compiler import stage, ti
from engine.solvers.mpm import columns as col


@ti.func
def begin(bo: ti.template(), ef: ti.template(), body, e):
    """The push of everything else, and an empty sum."""
    for k in ti.static(range(6)):
        if bo[body, col.MOVES] > 0.5:
            bo[body, col.TWIST + k] = bo[body, col.TWIST + k] + ef[e, col.DT] * bo[body, col.PUSH + k]
        bo[body, col.SOLVED + k] = 0.0
    for k in range(36):
        bo[body, col.SYSTEM + k] = 0.0


@ti.func
def add_own_inertia(bo: ti.template(), body):
    """System += M, right side += M v."""
    for i in ti.static(range(3)):
        bo[body, col.SYSTEM + 7 * i] = bo[body, col.SYSTEM + 7 * i] + bo[body, col.MASS]
        bo[body, col.SOLVED + i] = bo[body, col.SOLVED + i] + bo[body, col.MASS] * bo[body, col.TWIST + i]
        for j in ti.static(range(3)):
            inertia, k = bo[body, col.BODY_INERTIA + 3 * i + j], col.SYSTEM + 6 * (3 + i) + 3 + j
            bo[body, k] = bo[body, k] + inertia
            bo[body, col.SOLVED + 3 + i] = bo[body, col.SOLVED + 3 + i] + inertia * bo[body, col.TWIST + 3 + j]


@ti.func
def solve(bo: ti.template(), body):
    """Cholesky in place: SYSTEM x = SOLVED, x into SOLVED."""
    a, x = col.SYSTEM, col.SOLVED
    for i in range(6):
        for j in range(i + 1):
            t = bo[body, a + 6 * i + j]
            for k in range(j):
                t -= bo[body, a + 6 * i + k] * bo[body, a + 6 * j + k]
            bo[body, a + 6 * i + j] = ti.select(i == j, ti.sqrt(ti.max(t, 1e-30)), t / bo[body, a + 7 * j])
    for i in range(6):
        t = bo[body, x + i]
        for k in range(i):
            t -= bo[body, a + 6 * i + k] * bo[body, x + k]
        bo[body, x + i] = t / bo[body, a + 7 * i]
    for r in range(6):
        i = 5 - r
        t = bo[body, x + i]
        for k in range(i + 1, 6):
            t -= bo[body, a + 6 * k + i] * bo[body, x + k]
        bo[body, x + i] = t / bo[body, a + 7 * i]


@stage
def begin_bodies(ei: ti.types.ndarray(ndim=2), ef: ti.types.ndarray(ndim=2), bo: ti.types.ndarray(ndim=2), e: ti.i32) -> ti.i32:
    """Before the contacts of a substep."""
    bodies = bo.shape[0] // ei.shape[0]
    for k in range(bodies):
        begin(bo, ef, e * bodies + k, e)
    return 0


@ti.func
def add_entry(bo: ti.template(), bf: ti.template(), body, at):
    """Inertia and momentum of one entry."""
    for i in range(6):
        for j in range(i + 1):
            a = bf[at + col.INERTIA + i * (i + 1) // 2 + j]
            bo[body, col.SYSTEM + 6 * i + j] = bo[body, col.SYSTEM + 6 * i + j] + a
        bo[body, col.SOLVED + i] = bo[body, col.SOLVED + i] + bf[at + col.MOMENTUM + i]


@stage
def solve_bodies(
    bi: ti.types.ndarray(ndim=2),
    bf: ti.types.ndarray(ndim=1),
    ei: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2),
    bo: ti.types.ndarray(ndim=2),
    e: ti.i32,
) -> ti.i32:
    """Velocities after the contacts of this substep, into SOLVED."""
    bodies, room = bo.shape[0] // ei.shape[0], bi.shape[0] // ei.shape[0]
    for k in range(ei[e, col.FULL_BLOCKS]):
        b = e * room + k
        for n in range(bi[b, col.NUM_NEAR]):
            add_entry(bo, bf, ti.i32(sh[bi[b, col.NEAR + n], col.CARRIER]), (b * col.MAX_NEAR + n) * col.ENTRY)
    for k in range(bodies):
        body = e * bodies + k
        if bo[body, col.MOVES] > 0.5:
            add_own_inertia(bo, body)
            solve(bo, body)
        else:
            for i in ti.static(range(6)):
                bo[body, col.SOLVED + i] = bo[body, col.TWIST + i]
    return 0


@ti.func
def take(bo: ti.template(), bf: ti.template(), body, at):
    """The body takes the impulse of an entry."""
    moves = bo[body, col.MOVES]
    for i in ti.static(range(3)):
        f, t = bf[at + col.GIVEN + i], bf[at + col.GIVEN + 3 + i]
        bo[body, col.TOTAL + i] = bo[body, col.TOTAL + i] + f
        bo[body, col.TOTAL + 3 + i] = bo[body, col.TOTAL + 3 + i] + t
        if moves > 0.5:
            bo[body, col.TWIST + i] = bo[body, col.TWIST + i] + f / bo[body, col.MASS]
            for j in ti.static(range(3)):
                turn = bo[body, col.INVERSE + 3 * j + i] * t
                bo[body, col.TWIST + 3 + j] = bo[body, col.TWIST + 3 + j] + turn
    for i in ti.static(range(4)):
        bo[body, col.FOUND + i] = bo[body, col.FOUND + i] + bf[at + col.WHERE + i]


@ti.func
def carry(sh: ti.template(), bo: ti.template(), s, dt):
    """Move a shape with its body."""
    body = ti.i32(sh[s, col.CARRIER])
    wx, wy, wz = bo[body, col.TWIST + 3] * dt, bo[body, col.TWIST + 4] * dt, bo[body, col.TWIST + 5] * dt
    rx, ry, rz = (
        sh[s, col.PLACE] - bo[body, col.CENTRE], sh[s, col.PLACE + 1] - bo[body, col.CENTRE + 1],
        sh[s, col.PLACE + 2] - bo[body, col.CENTRE + 2],
    )  # fmt: skip
    sh[s, col.PLACE] = sh[s, col.PLACE] + dt * bo[body, col.TWIST] + wy * rz - wz * ry
    sh[s, col.PLACE + 1] = sh[s, col.PLACE + 1] + dt * bo[body, col.TWIST + 1] + wz * rx - wx * rz
    sh[s, col.PLACE + 2] = sh[s, col.PLACE + 2] + dt * bo[body, col.TWIST + 2] + wx * ry - wy * rx
    for j in range(3):
        x, y, z = sh[s, col.TURN + j], sh[s, col.TURN + 3 + j], sh[s, col.TURN + 6 + j]
        nx, ny, nz = x + wy * z - wz * y, y + wz * x - wx * z, z + wx * y - wy * x
        n = 1.0 / ti.sqrt(nx * nx + ny * ny + nz * nz)
        sh[s, col.TURN + j], sh[s, col.TURN + 3 + j], sh[s, col.TURN + 6 + j] = nx * n, ny * n, nz * n


@stage
def finish_bodies(
    bi: ti.types.ndarray(ndim=2),
    bf: ti.types.ndarray(ndim=1),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2),
    bo: ti.types.ndarray(ndim=2),
    e: ti.i32,
) -> ti.i32:
    """Bodies take their impulses and move on."""
    envs = ei.shape[0]
    bodies, room, shapes, dt = bo.shape[0] // envs, bi.shape[0] // envs, sh.shape[0] // envs, ef[e, col.DT]
    for k in range(ei[e, col.FULL_BLOCKS]):
        b = e * room + k
        for n in range(bi[b, col.NUM_NEAR]):
            take(bo, bf, ti.i32(sh[bi[b, col.NEAR + n], col.CARRIER]), (b * col.MAX_NEAR + n) * col.ENTRY)
    for k in range(shapes):
        carry(sh, bo, e * shapes + k, dt)
    for k in range(bodies):
        for i in ti.static(range(3)):
            bo[e * bodies + k, col.CENTRE + i] = bo[e * bodies + k, col.CENTRE + i] + dt * bo[e * bodies + k, col.TWIST + i]
    return 0
