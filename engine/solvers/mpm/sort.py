"""Sort the particles of an environment by block and cell, and find the blocks that they need.

A stable counting sort (Knuth, 5.2): count per cell while blocks are met in order of the particles, sum, move. Then the 26
neighbours of every block with particles join, and blocks are listed by colour (the parities of their coordinates). Nothing
depends on other environments or threads. Particles outside the domain are dropped to the end and their mass is noted; along
a periodic axis they come in at the other end, and the blocks at both ends are neighbours.

Limits: serial in one environment; when blocks run out it says how many it needs and changes nothing.
"""

from engine.compiler import stage, ti
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.grid import V4, row_of


@ti.func
def map_size(mp: ti.template(), ei: ti.template()):
    return mp.shape[0] // ei.shape[0]


@ti.func
def find_block(bi: ti.template(), mp: ti.template(), en: ti.template(), ei: ti.template(), e, room, x, y, z, seen):
    """Slot of a block, entered as number `seen` when it is new; returns the number of blocks then (more than room: none)."""
    at = map_size(mp, ei) * e + (x * en[1] + y) * en[2] + z
    count = seen
    if mp[at] < 0:
        if seen < room:
            mp[at] = seen
            b = e * room + seen
            bi[b, 0], bi[b, 1], bi[b, 2] = x, y, z
            bi[b, col.START], bi[b, col.END], bi[b, col.NUM_NEAR] = 0, 0, 0
        count = seen + 1
    return count


@ti.func
def wrapped(en: ti.template(), axis: ti.template(), k):
    """The block that stands for block k along an axis."""
    period = en[col.PERIOD + axis]
    return ti.select(period > 0, (k - col.PADDING + period) % ti.max(period, 1) + col.PADDING, k)


@ti.func
def brought_in(en: ti.template(), axis: ti.template(), cells):
    """A coordinate [cells] along an axis, inside its period where there is one."""
    period = ti.f32(4 * en[col.PERIOD + axis])
    first = cells - 4.0 * col.PADDING - 0.5
    return ti.select(period > 0.0, cells - period * ti.floor(first / ti.max(period, 1.0)), cells)


@ti.func
def forget_blocks(bi: ti.template(), mp: ti.template(), en: ti.template(), ei: ti.template(), e, room, count):
    for k in range(count):
        b = e * room + k
        mp[map_size(mp, ei) * e + (bi[b, 0] * en[1] + bi[b, 1]) * en[2] + bi[b, 2]] = -1


@ti.func
def key_of(pv: ti.template(), pi: ti.template(), bi: ti.template(), mp: ti.template(), hi: ti.template(), en: ti.template(),
           ei: ti.template(), ef: ti.template(), e, room, at, seen):  # fmt: skip
    """Note and count the cell of a particle (-1 outside); returns the number of blocks."""
    x, inv, dx, count, key = pv[at * col.FIELDS], ef[e, col.INV_DX], ef[e, col.DX], seen, -1
    if en[col.PERIOD] + en[col.PERIOD + 1] + en[col.PERIOD + 2] > 0:
        sx, sy, sz = (x[0] - ef[e, col.LOW]) * inv, (x[1] - ef[e, col.LOW + 1]) * inv, (x[2] - ef[e, col.LOW + 2]) * inv
        x = x + dx * V4(brought_in(en, 0, sx) - sx, brought_in(en, 1, sy) - sy, brought_in(en, 2, sz) - sz, 0.0)
        pv[at * col.FIELDS] = x
    gx, gy, gz = (
        (x[0] - ef[e, col.LOW]) * inv - 0.5,
        (x[1] - ef[e, col.LOW + 1]) * inv - 0.5,
        (x[2] - ef[e, col.LOW + 2]) * inv - 0.5,
    )
    high_x, high_y, high_z = ti.f32(4 * en[0] - 8), ti.f32(4 * en[1] - 8), ti.f32(4 * en[2] - 8)
    if gx >= 8.0 and gy >= 8.0 and gz >= 8.0 and gx < high_x and gy < high_y and gz < high_z:
        ix, iy, iz = ti.i32(gx), ti.i32(gy), ti.i32(gz)
        count = find_block(bi, mp, en, ei, e, room, ix >> 2, iy >> 2, iz >> 2, seen)
        if count <= room:
            key = mp[map_size(mp, ei) * e + ((ix >> 2) * en[1] + (iy >> 2)) * en[2] + (iz >> 2)] * 64
            for _ in range(ti.select(count > seen, 64, 0)):
                hi[e * room * 64 + key + _] = 0
            key += (ix & 3) * 16 + (iy & 3) * 4 + (iz & 3)
            hi[e * room * 64 + key] = hi[e * room * 64 + key] + 1
    pi[at, col.KEY] = key
    return count


@ti.func
def add_neighbours(bi: ti.template(), mp: ti.template(), en: ti.template(), ei: ti.template(), e, room, full):
    """Enter the blocks around blocks with particles and note them; returns the number of blocks."""
    seen = full
    for k in range(full):
        b = e * room + k
        for n in range(27):
            x, y = wrapped(en, 0, bi[b, 0] + n // 9 - 1), wrapped(en, 1, bi[b, 1] + n // 3 % 3 - 1)
            z = wrapped(en, 2, bi[b, 2] + n % 3 - 1)
            seen = find_block(bi, mp, en, ei, e, room, x, y, z, seen)
            bi[b, col.AROUND + n] = e * room + mp[map_size(mp, ei) * e + (x * en[1] + y) * en[2] + z]
    return seen


@ti.func
def list_colours(bi: ti.template(), cl: ti.template(), ei: ti.template(), e, room, full):
    """Blocks with particles by colour, in order of their slots."""
    place = 0
    for c in range(8):
        ei[e, col.COLOUR + c] = place
        for k in range(full):
            b = e * room + k
            if (bi[b, 0] & 1) * 4 + (bi[b, 1] & 1) * 2 + (bi[b, 2] & 1) == c:
                cl[e * room + place] = b
                place += 1
    ei[e, col.COLOUR + 8] = place


@ti.func
def move(pv: ti.template(), ps: ti.template(), pi: ti.template(), source, target):
    for k in ti.static(range(col.FIELDS)):
        pv[target * col.FIELDS + k] = pv[source * col.FIELDS + k]
    for k in ti.static(range(col.STRAINS)):
        ps[target >> 4, k][target & 15] = ps[source >> 4, k][source & 15]
    for k in ti.static(range(col.PARTICLE_INTS)):
        pi[target, k] = pi[source, k]


@ti.func
def place_particles(pv: ti.template(), ps: ti.template(), pi: ti.template(), bi: ti.template(), hi: ti.template(),
                    ei: ti.template(), ef: ti.template(), e, room, full):  # fmt: skip
    """Move every particle to its place in the other half; those outside go behind the rest and are counted."""
    total = 0
    for k in range(full):
        b, begin = e * room + k, total
        for c in range(64):
            n = hi[b * 64 + c]
            hi[b * 64 + c] = total
            total += n
        bi[b, col.START], bi[b, col.END] = begin, total
    old, count = row_of(ei, pi, e), ei[e, col.COUNT]
    ei[e, col.HALF] = 1 - ei[e, col.HALF]
    new, behind = row_of(ei, pi, e), total
    for p in range(count):
        key = pi[old + p, col.KEY]
        target = behind
        if key >= 0:
            target = hi[e * room * 64 + key]
            hi[e * room * 64 + key] = target + 1
        else:
            behind += 1
            ef[e, col.LOST] = ef[e, col.LOST] + pv[(old + p) * col.FIELDS][3]
            ei[e, col.FAULT] = ei[e, col.FAULT] | col.OUT_OF_DOMAIN
        move(pv, ps, pi, old + p, new + target)
    for p in range(count, pi.shape[0] // (2 * ei.shape[0])):
        move(pv, ps, pi, old + p, new + p)
    ei[e, col.COUNT] = total


@stage
def sort_particles(
    pv: ti.types.ndarray(ndim=1),
    ps: ti.types.ndarray(ndim=2),
    pi: ti.types.ndarray(ndim=2),
    bi: ti.types.ndarray(ndim=2),
    mp: ti.types.ndarray(ndim=1),
    hi: ti.types.ndarray(ndim=1),
    cl: ti.types.ndarray(ndim=1),
    en: ti.types.ndarray(ndim=1),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    e: ti.i32,
) -> ti.i32:
    """Returns 1, or 0 when there is no room for the blocks; ei[NEEDED] says how many there are."""
    room = bi.shape[0] // ei.shape[0]
    forget_blocks(bi, mp, en, ei, e, room, ei[e, col.BLOCKS])
    row, seen, fine = row_of(ei, pi, e), 0, 1
    ei[e, col.BLOCKS] = 0
    for p in range(ei[e, col.COUNT]):
        if seen <= room:
            seen = key_of(pv, pi, bi, mp, hi, en, ei, ef, e, room, row + p, seen)
    full = seen
    if seen <= room:
        seen = add_neighbours(bi, mp, en, ei, e, room, full)
    if seen > room:
        forget_blocks(bi, mp, en, ei, e, room, room)
        ei[e, col.NEEDED] = ti.max(seen, 2 * room)
        fine = 0
    else:
        ei[e, col.FULL_BLOCKS], ei[e, col.BLOCKS], ei[e, col.STALE] = full, seen, 0
        place_particles(pv, ps, pi, bi, hi, ei, ef, e, room, full)
        list_colours(bi, cl, ei, e, room, full)
    return fine
