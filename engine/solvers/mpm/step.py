"""One substep, for one worker's share of an environment, and the two kernels that run it.

`run_envs`: every worker takes whole environments and all their substeps, in one launch (many environments, or one worker).
`run_shared`: one substep of all environments per launch, all workers in each part of it (few environments, many particles).
Both call the same parts in an order that fixes every sum: the same bits. A kernel that runs out of blocks stops that
environment before a substep and says what it needs; the host makes room and it goes on.
"""

from engine.compiler import stage, ti
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.bodies import begin_bodies, finish_bodies, solve_bodies
from engine.solvers.mpm.contact import FARTHEST, dot
from engine.solvers.mpm.gather import gather_block
from engine.solvers.mpm.grid import TILE, V4, row_of, tile_start
from engine.solvers.mpm.images import scatter_images
from engine.solvers.mpm.laws import flow
from engine.solvers.mpm.near import gather_near_particle, meet_shapes, scatter_near_particle
from engine.solvers.mpm.scatter import add_whole_tile, scatter_block
from engine.solvers.mpm.shapes import ENDLESS, probe
from engine.solvers.mpm.sort import sort_particles
from engine.solvers.mpm.weigh import weigh_contacts

PAIRS = 512  # turns of a loop per worker: fewer run on one thread
REACH = 7.8  # cells from the middle of a block to the farthest point from which its particles feel a surface
WIDTH = 3.0  # cells that a particle of a block may be from its middle along each axis


@stage
def find_near(
    bi: ti.types.ndarray(ndim=2),
    bf: ti.types.ndarray(ndim=1),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2),
    sv: ti.types.ndarray(ndim=1),
    sc: ti.types.ndarray(ndim=2),
    bo: ti.types.ndarray(ndim=2),
    e: ti.i32,
    worker: ti.i32,
) -> ti.i32:
    """The shapes that the particles of each block may meet until the next sort, each with a plane before it: a convex shape
    lies behind the plane through its nearest point.
    """
    envs, dx = ei.shape[0], ef[e, col.DX]
    room, shapes = bi.shape[0] // envs, sh.shape[0] // envs
    for k in range(ei[e, col.FULL_BLOCKS]):
        b, count = e * room + k, 0
        middle = tile_start(bi, ef, e, b) + 3.5 * dx
        for s in range(e * shapes, e * shapes + shapes):
            body = ti.i32(sh[s, col.CARRIER])
            travel = 0.0
            for i in ti.static(range(3)):
                travel += ti.abs(bo[body, col.TWIST + i]) + ti.abs(bo[body, col.TWIST + 3 + i]) * sh[s, col.BOUND]
            probe(sh, sv, sc, s, worker, middle[0], middle[1], middle[2])
            d, kind = sc[worker, 0] - travel * ef[e, col.DURATION], ti.i32(sh[s, col.KIND])
            n, reach = V4(sc[worker, 1], sc[worker, 2], sc[worker, 3], 0.0), REACH * dx
            if kind == 5 or kind == 7 or kind == 8:
                n, d = V4(0.0), ti.select(d < reach, -ENDLESS, ENDLESS)
            if d - WIDTH * dx * (ti.abs(n[0]) + ti.abs(n[1]) + ti.abs(n[2])) < FARTHEST * dx and count < col.MAX_NEAR:
                at = (b * col.MAX_NEAR + count) * col.ENTRY + col.FRONT
                bf[at], bf[at + 1], bf[at + 2], bf[at + 3] = n[0], n[1], n[2], d - dot(n, middle)
                bi[b, col.NEAR + count] = s
                count += 1
        bi[b, col.NUM_NEAR] = count
    return 0


@ti.func
def chosen(ei: ti.template(), e, count):
    """The count, or 0 when the environment does not take this substep."""
    return ti.select(ei[e, col.NEEDED] < 0, count, 0)


@ti.func
def clear_nodes(gr: ti.template(), bi: ti.template(), ei: ti.template(), e, first, stride):
    """Nodes of a worker's blocks."""
    k, room, zero = first, bi.shape[0] // ei.shape[0], V4(0.0)
    while k < chosen(ei, e, ei[e, col.BLOCKS]):
        for n in range(64):
            gr[(e * room + k) * 64 + n] = zero
        k += stride


@ti.func
def move_nodes(gr: ti.template(), bi: ti.template(), ei: ti.template(), ef: ti.template(), e, first, stride):
    """Momentum to velocity, and gravity."""
    k, room = first, bi.shape[0] // ei.shape[0]
    fall = ef[e, col.KICK] * V4(ef[e, col.GRAVITY], ef[e, col.GRAVITY + 1], ef[e, col.GRAVITY + 2], 0.0)
    while k < chosen(ei, e, ei[e, col.BLOCKS]):
        for n in range(64):
            v = gr[(e * room + k) * 64 + n]
            if v[3] > 0.0:
                u = v / v[3] + fall
                gr[(e * room + k) * 64 + n] = V4(u[0], u[1], u[2], v[3])
        k += stride


@stage
def scatter_colour(
    pv: ti.types.ndarray(ndim=1), pt: ti.types.ndarray(ndim=2), pi: ti.types.ndarray(ndim=2),
    gr: ti.types.ndarray(ndim=1), tl: ti.types.ndarray(ndim=1), bi: ti.types.ndarray(ndim=2),
    bf: ti.types.ndarray(ndim=1), cl: ti.types.ndarray(ndim=1), ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2), mt: ti.types.ndarray(ndim=2), sh: ti.types.ndarray(ndim=2),
    sv: ti.types.ndarray(ndim=1), sc: ti.types.ndarray(ndim=2), bo: ti.types.ndarray(ndim=2),
    co: ti.types.ndarray(ndim=1), e: ti.i32, colour: ti.i32, worker: ti.i32, stride: ti.i32,
) -> ti.i32:  # fmt: skip
    """A worker's share of the blocks of one colour."""
    row, room = row_of(ei, pi, e), cl.shape[0] // ei.shape[0]
    k = ei[e, col.COLOUR + colour] + ti.select(stride > 1, worker, 0)
    while k < chosen(ei, e, ei[e, col.COLOUR + colour + 1]):
        b = cl[e * room + k]
        near = bi[b, col.NUM_NEAR]
        if near > 0:
            for n in range(near * col.FRONT):
                bf[(b * col.MAX_NEAR + n // col.FRONT) * col.ENTRY + n % col.FRONT] = 0.0
            meet_shapes(pv, pi, bi, bf, ei, ef, sh, sv, sc, co, e, b, worker)
        scatter_block(pv, pt, pi, gr, tl, bi, ei, ef, e, b, worker)
        for p in range(bi[b, col.START], ti.select(near > 0, bi[b, col.END], 0)):
            if pi[row + p, col.CONTACTS] > 0:
                scatter_near_particle(pv, pt, pi, tl, bi, ei, ef, mt, sh, sv, sc, co, e, b, p, worker)
                weigh_contacts(pv, pi, bi, bf, ei, ef, mt, sh, bo, co, e, b, p)
        if near > 0:
            add_whole_tile(gr, tl, bi, b, worker)
        k += stride
    return 0


@stage
def mirror_colour(
    pv: ti.types.ndarray(ndim=1), pt: ti.types.ndarray(ndim=2), pi: ti.types.ndarray(ndim=2),
    gr: ti.types.ndarray(ndim=1), tl: ti.types.ndarray(ndim=1), bi: ti.types.ndarray(ndim=2),
    cl: ti.types.ndarray(ndim=1), ei: ti.types.ndarray(ndim=2), ef: ti.types.ndarray(ndim=2), mt: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2), bo: ti.types.ndarray(ndim=2),
    co: ti.types.ndarray(ndim=1), e: ti.i32, colour: ti.i32, worker: ti.i32, stride: ti.i32,
) -> ti.i32:  # fmt: skip
    """A worker's share of the images in blocks of one colour, when the bodies' velocities are known."""
    row, room = row_of(ei, pi, e), cl.shape[0] // ei.shape[0]
    k = ei[e, col.COLOUR + colour] + ti.select(stride > 1, worker, 0)
    while k < chosen(ei, e, ei[e, col.COLOUR + colour + 1]):
        b, met = cl[e * room + k], 0
        for p in range(bi[b, col.START], ti.select(bi[b, col.NUM_NEAR] > 0, bi[b, col.END], 0)):
            if pi[row + p, col.CONTACTS] > 0:
                scatter_images(pv, pt, pi, tl, bi, ei, ef, mt, sh, bo, co, e, b, p, worker * TILE)
                met = 1
        if met == 1:
            add_whole_tile(gr, tl, bi, b, worker)
        k += stride
    return 0


@stage
def gather_share(
    pv: ti.types.ndarray(ndim=1), pi: ti.types.ndarray(ndim=2),
    gr: ti.types.ndarray(ndim=1), tl: ti.types.ndarray(ndim=1), bi: ti.types.ndarray(ndim=2),
    bf: ti.types.ndarray(ndim=1), ei: ti.types.ndarray(ndim=2), ef: ti.types.ndarray(ndim=2),
    mt: ti.types.ndarray(ndim=2), sh: ti.types.ndarray(ndim=2), bo: ti.types.ndarray(ndim=2),
    co: ti.types.ndarray(ndim=1), e: ti.i32, first: ti.i32, stride: ti.i32, worker: ti.i32,
) -> ti.i32:  # fmt: skip
    """A worker's share of the blocks with particles."""
    row, room, k = row_of(ei, pi, e), bi.shape[0] // ei.shape[0], first
    while k < chosen(ei, e, ei[e, col.FULL_BLOCKS]):
        b = e * room + k
        tile = (tl.shape[0] // (2 * TILE) + worker) * TILE
        gather_block(pv, pi, gr, tl, bi, ei, ef, e, b, tile)
        for p in range(bi[b, col.START], ti.select(bi[b, col.NUM_NEAR] > 0, bi[b, col.END], 0)):
            if pi[row + p, col.CONTACTS] > 0:
                gather_near_particle(pv, pi, tl, bi, bf, ei, ef, mt, sh, bo, co, e, b, p, tile)
        k += stride
    return 0


@stage
def prepare(
    pv: ti.types.ndarray(ndim=1), ps: ti.types.ndarray(ndim=2), pi: ti.types.ndarray(ndim=2),
    bi: ti.types.ndarray(ndim=2), bf: ti.types.ndarray(ndim=1), mp: ti.types.ndarray(ndim=1),
    hi: ti.types.ndarray(ndim=1), cl: ti.types.ndarray(ndim=1), en: ti.types.ndarray(ndim=1),
    ei: ti.types.ndarray(ndim=2), ef: ti.types.ndarray(ndim=2), sh: ti.types.ndarray(ndim=2), sv: ti.types.ndarray(ndim=1),
    sc: ti.types.ndarray(ndim=2), bo: ti.types.ndarray(ndim=2), e: ti.i32, worker: ti.i32,
) -> ti.i32:  # fmt: skip
    """Sort when it is time; returns 0 when there is no room."""
    fine = 1
    if ei[e, col.STALE] == 1:
        fine = sort_particles(pv, ps, pi, bi, mp, hi, cl, en, ei, ef, e)
        if fine == 1:
            find_near(bi, bf, ei, ef, sh, sv, sc, bo, e, worker)
    if fine == 1:
        begin_bodies(ei, ef, bo, e)
    return fine


@ti.func
def choose_substeps(pv: ti.template(), pi: ti.template(), ei: ti.template(), ef: ti.template(), e):
    """The least power of two of substeps that keeps waves and particles within COURANT cells per substep."""
    row, fastest = row_of(ei, pi, e), 0.0
    for p in range(ei[e, col.COUNT]):
        v = pv[(row + p) * col.FIELDS + 1]
        fastest = ti.max(fastest, v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
    ef[e, col.SPEED] = ti.sqrt(fastest)
    most = ef[e, col.COURANT] * ef[e, col.DX] / (ef[e, col.WAVE] + ef[e, col.SPEED])
    n = 1
    while ti.f32(n) * most < ef[e, col.DURATION] and n < 4096:
        n *= 2
    ei[e, col.SUBSTEPS], ei[e, col.DONE], ei[e, col.STALE], ei[e, col.NEEDED] = n, 0, 1, 0
    ef[e, col.DT] = ef[e, col.DURATION] / ti.f32(n)
    ef[e, col.KICK] = 0.5 * (ef[e, col.LAST] + ef[e, col.DT])


@ti.func
def count_substep(ei: ti.template(), ef: ti.template(), e):
    """One substep is done."""
    ei[e, col.DONE] = ei[e, col.DONE] + 1
    ef[e, col.LAST] = ef[e, col.DT]
    ef[e, col.KICK] = ef[e, col.DT]


@ti.kernel
def start(
    pv: ti.types.ndarray(ndim=1), pi: ti.types.ndarray(ndim=2), ei: ti.types.ndarray(ndim=2), ef: ti.types.ndarray(ndim=2)
):
    """Choose the substeps of every environment."""
    for e in range(ei.shape[0]):
        choose_substeps(pv, pi, ei, ef, e)


@ti.kernel
def run_envs(
    pv: ti.types.ndarray(ndim=1), ps: ti.types.ndarray(ndim=2), pt: ti.types.ndarray(ndim=2),
    pi: ti.types.ndarray(ndim=2), gr: ti.types.ndarray(ndim=1), tl: ti.types.ndarray(ndim=1),
    bi: ti.types.ndarray(ndim=2), bf: ti.types.ndarray(ndim=1), mp: ti.types.ndarray(ndim=1),
    hi: ti.types.ndarray(ndim=1), cl: ti.types.ndarray(ndim=1), en: ti.types.ndarray(ndim=1),
    ei: ti.types.ndarray(ndim=2), ef: ti.types.ndarray(ndim=2), mt: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2), sv: ti.types.ndarray(ndim=1), sc: ti.types.ndarray(ndim=2),
    bo: ti.types.ndarray(ndim=2), co: ti.types.ndarray(ndim=1), workers: ti.i32,
):  # fmt: skip
    """All substeps of whole environments."""
    for q in range(workers * PAIRS):
        if q % PAIRS == 0:
            e, worker = q // PAIRS, q // PAIRS
            while e < ei.shape[0]:
                run_env(pv, ps, pt, pi, gr, tl, bi, bf, mp, hi, cl, en, ei, ef, mt, sh, sv, sc, bo, co, e, worker)
                e += workers


@stage
def run_env(
    pv: ti.types.ndarray(ndim=1), ps: ti.types.ndarray(ndim=2), pt: ti.types.ndarray(ndim=2),
    pi: ti.types.ndarray(ndim=2), gr: ti.types.ndarray(ndim=1), tl: ti.types.ndarray(ndim=1),
    bi: ti.types.ndarray(ndim=2), bf: ti.types.ndarray(ndim=1), mp: ti.types.ndarray(ndim=1),
    hi: ti.types.ndarray(ndim=1), cl: ti.types.ndarray(ndim=1), en: ti.types.ndarray(ndim=1),
    ei: ti.types.ndarray(ndim=2), ef: ti.types.ndarray(ndim=2), mt: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2), sv: ti.types.ndarray(ndim=1), sc: ti.types.ndarray(ndim=2),
    bo: ti.types.ndarray(ndim=2), co: ti.types.ndarray(ndim=1), e: ti.i32, worker: ti.i32,
) -> ti.i32:  # fmt: skip
    """The substeps of one environment that are left."""
    fine = 1
    while fine == 1 and ei[e, col.DONE] < ei[e, col.SUBSTEPS]:
        fine = prepare(pv, ps, pi, bi, bf, mp, hi, cl, en, ei, ef, sh, sv, sc, bo, e, worker)
        if fine == 1:
            ei[e, col.NEEDED] = -1
            clear_nodes(gr, bi, ei, e, 0, 1)
            flow(pv, ps, pt, pi, ei, ef, mt, e, 0, 1)
            for colour in range(8):
                scatter_colour(pv, pt, pi, gr, tl, bi, bf, cl, ei, ef, mt, sh, sv, sc, bo, co, e, colour, worker, 1)
            solve_bodies(bi, bf, ei, sh, bo, e)
            for colour in range(8):
                mirror_colour(pv, pt, pi, gr, tl, bi, cl, ei, ef, mt, sh, bo, co, e, colour, worker, 1)
            move_nodes(gr, bi, ei, ef, e, 0, 1)
            gather_share(pv, pi, gr, tl, bi, bf, ei, ef, mt, sh, bo, co, e, 0, 1, worker)
            finish_bodies(bi, bf, ei, ef, sh, bo, e)
            count_substep(ei, ef, e)
    return fine


@ti.kernel
def run_shared(
    pv: ti.types.ndarray(ndim=1), ps: ti.types.ndarray(ndim=2), pt: ti.types.ndarray(ndim=2),
    pi: ti.types.ndarray(ndim=2), gr: ti.types.ndarray(ndim=1), tl: ti.types.ndarray(ndim=1),
    bi: ti.types.ndarray(ndim=2), bf: ti.types.ndarray(ndim=1), mp: ti.types.ndarray(ndim=1),
    hi: ti.types.ndarray(ndim=1), cl: ti.types.ndarray(ndim=1), en: ti.types.ndarray(ndim=1),
    ei: ti.types.ndarray(ndim=2), ef: ti.types.ndarray(ndim=2), mt: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2), sv: ti.types.ndarray(ndim=1), sc: ti.types.ndarray(ndim=2),
    bo: ti.types.ndarray(ndim=2), co: ti.types.ndarray(ndim=1), workers: ti.i32,
):  # fmt: skip
    """One substep of every environment that has one left and room for it; ei[NEEDED] < 0 marks those that take it."""
    for e in range(ei.shape[0]):
        ready = ei[e, col.NEEDED] <= 0 and ei[e, col.DONE] < ei[e, col.SUBSTEPS]
        ei[e, col.NEEDED] = ti.max(ei[e, col.NEEDED], 0)
        if ready:
            if prepare(pv, ps, pi, bi, bf, mp, hi, cl, en, ei, ef, sh, sv, sc, bo, e, 0) == 1:  # noqa: SIM102
                ei[e, col.NEEDED] = -1
    for q in range(workers * PAIRS):
        if q % PAIRS == 0:
            for e in range(ei.shape[0]):
                clear_nodes(gr, bi, ei, e, q // PAIRS, workers)
                flow(pv, ps, pt, pi, ei, ef, mt, e, q // PAIRS, workers)
    for colour in ti.static(range(8)):
        for q in range(workers * PAIRS):
            for e in range(ti.select(q % PAIRS == 0, ei.shape[0], 0)):
                scatter_colour(
                    pv, pt, pi, gr, tl, bi, bf, cl, ei, ef, mt, sh, sv, sc, bo, co, e, colour, q // PAIRS, workers
                )  # fmt: skip
    for e in range(ei.shape[0]):
        if ei[e, col.NEEDED] < 0:
            solve_bodies(bi, bf, ei, sh, bo, e)
    for colour in ti.static(range(8)):
        for q in range(workers * PAIRS):
            for e in range(ti.select(q % PAIRS == 0, ei.shape[0], 0)):
                mirror_colour(pv, pt, pi, gr, tl, bi, cl, ei, ef, mt, sh, bo, co, e, colour, q // PAIRS, workers)
    for q in range(workers * PAIRS):
        if q % PAIRS == 0:
            for e in range(ei.shape[0]):
                move_nodes(gr, bi, ei, ef, e, q // PAIRS, workers)
    for q in range(workers * PAIRS):
        if q % PAIRS == 0:
            for e in range(ei.shape[0]):
                gather_share(pv, pi, gr, tl, bi, bf, ei, ef, mt, sh, bo, co, e, q // PAIRS, workers, q // PAIRS)
    for e in range(ei.shape[0]):
        if ei[e, col.NEEDED] < 0:
            finish_bodies(bi, bf, ei, ef, sh, bo, e)
            count_substep(ei, ef, e)
