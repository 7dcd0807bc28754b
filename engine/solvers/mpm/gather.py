"""Grid to particles: velocity and its gradient (APIC: Jiang et al. 2015), then the particle moves with it.

The nodes around a block are loaded once for all its particles.
"""

from engine.compiler import stage, ti
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.grid import TILE, V4, row_of, weight

CROWDED = 1.03  # density of the grid over that of the volume ratio at which a liquid is brought back
CATCH_UP = 0.1  # s


@ti.func
def settle(pv: ti.template(), ps: ti.template(), mt: ti.template(), pi: ti.template(), bi: ti.template(), ei: ti.template(),
           ef: ti.template(), e, b, row, p, x, v, share):  # fmt: skip
    """Store where a particle went; note what a sort or the caller must know. `share`: mass at the particle over the cell's.

    A liquid that has become denser than its volume ratio says (numerical drift) is brought back to the grid's density slowly.
    """
    at = (row + p) * col.FIELDS
    pv[at] = x
    pv[at + 1] = v
    fast = v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
    if not fast < 1e12:
        ei[e, col.FAULT] = ei[e, col.FAULT] | col.NOT_FINITE
    inv = ef[e, col.INV_DX]
    ox = ti.i32(ti.floor((x[0] - ef[e, col.LOW]) * inv - 0.5)) - 4 * bi[b, 0]
    oy = ti.i32(ti.floor((x[1] - ef[e, col.LOW + 1]) * inv - 0.5)) - 4 * bi[b, 1]
    oz = ti.i32(ti.floor((x[2] - ef[e, col.LOW + 2]) * inv - 0.5)) - 4 * bi[b, 2]
    if ti.min(ox, ti.min(oy, oz)) < -1 or ti.max(ox, ti.max(oy, oz)) > 4:
        ei[e, col.STALE] = 1
    m = mt.shape[0] // ei.shape[0] * e + pi[row + p, col.MATERIAL]
    if mt[m, col.LAW] < 0.5 or mt[m, col.LAW] > 4.5:
        g, l = (row + p) >> 4, (row + p) & 15
        ratio = ps[g, col.SCALAR][l]
        dense = share * inv * inv * inv / mt[m, col.DENSITY]
        if dense * ratio > CROWDED:
            ps[g, col.SCALAR][l] = ratio + ti.min(ef[e, col.DT] / CATCH_UP, 0.1) * (CROWDED / dense - ratio)


@ti.func
def collect(tl: ti.template(), at, fx, fy, fz):
    """Sums over the 27 nodes from `at`: velocity and mass, and the same times the distance in cells along x, y and z."""
    z0, z1, z2 = weight(fz, 0), weight(fz, 1), weight(fz, 2)
    v, dx, dy, dz = V4(0.0), V4(0.0), V4(0.0), V4(0.0)
    for i in ti.static(range(3)):
        w = weight(fx, i)
        s, sy, sz = V4(0.0), V4(0.0), V4(0.0)
        for j in ti.static(range(3)):
            k, y = at + 64 * i + 8 * j, weight(fy, j)
            p2 = z2 * tl[k + 2]
            high = z1 * tl[k + 1] + p2
            r = y * (z0 * tl[k] + high)
            s, sz = s + r, sz + y * (high + p2)
            if ti.static(j > 0):
                sy = sy + j * r
        s = w * s
        v, dy, dz = v + s, dy + w * sy, dz + w * sz
        if ti.static(i > 0):
            dx = dx + i * s
    return v, dx - fx * v, dy - fy * v, dz - fz * v


@ti.func
def load_tile(tl: ti.template(), gr: ti.template(), bi: ti.template(), b, first):
    """The nodes of block b and around it."""
    for x in range(8):
        for y in range(8):
            k, side = first + x * 64 + y * 8, ((x + 3) & 3) * 16 + ((y + 3) & 3) * 4
            around = col.AROUND + 9 * ((x + 3) >> 2) + 3 * ((y + 3) >> 2)
            before, own, after = bi[b, around] * 64 + side + 3, bi[b, around + 1] * 64 + side, bi[b, around + 2] * 64 + side
            tl[k] = gr[before]
            for z in ti.static(range(4)):
                tl[k + 1 + z] = gr[own + z]
            for z in ti.static(range(3)):
                tl[k + 5 + z] = gr[after + z]


@stage
def gather_block(
    pv: ti.types.ndarray(ndim=1),
    ps: ti.types.ndarray(ndim=2),
    pi: ti.types.ndarray(ndim=2),
    gr: ti.types.ndarray(ndim=1),
    tl: ti.types.ndarray(ndim=1),
    bi: ti.types.ndarray(ndim=2),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    mt: ti.types.ndarray(ndim=2),
    e: ti.i32,
    b: ti.i32,
    worker: ti.i32,
) -> ti.i32:
    """All particles of block b that touch no shape."""
    row, dx, inv, dt, near = row_of(ei, pi, e), ef[e, col.DX], ef[e, col.INV_DX], ef[e, col.DT], bi[b, col.NUM_NEAR]
    lx, ly = ef[e, col.LOW] + (4 * bi[b, 0] - 1) * dx, ef[e, col.LOW + 1] + (4 * bi[b, 1] - 1) * dx
    lz = ef[e, col.LOW + 2] + (4 * bi[b, 2] - 1) * dx
    still = V4(1.0, 1.0, 1.0, 0.0)
    load_tile(tl, gr, bi, b, worker * TILE)
    for p in range(bi[b, col.START], bi[b, col.END]):
        if near == 0 or pi[row + p, col.CONTACTS] == 0:
            at = (row + p) * col.FIELDS
            head = pv[at]
            gx, gy, gz = (head[0] - lx) * inv, (head[1] - ly) * inv, (head[2] - lz) * inv
            ox = ti.min(ti.max(ti.i32(gx - 0.5), 0), 5)
            oy = ti.min(ti.max(ti.i32(gy - 0.5), 0), 5)
            oz = ti.min(ti.max(ti.i32(gz - 0.5), 0), 5)
            first = worker * TILE + ox * 64 + oy * 8 + oz
            v, cx, cy, cz = collect(tl, first, gx - ti.f32(ox), gy - ti.f32(oy), gz - ti.f32(oz))
            four = 4.0 * inv * still
            pv[at + 2], pv[at + 3], pv[at + 4] = cx * four, cy * four, cz * four
            settle(pv, ps, mt, pi, bi, ei, ef, e, b, row, p, head + dt * v * still, V4(v[0], v[1], v[2], pv[at + 1][3]), v[3])
    for n in range(TILE):
        tl[worker * TILE + n] = V4(0.0)
    return 0
