"""Particles to grid: momentum and mass of each particle on the 27 nodes around it (MLS-MPM: Hu et al. 2018, eq. 18 and 29).

A block is summed in the worker's tile, which stays in the nearest cache, and then added to the grid. Plain stores: blocks of
one colour share no node. Particles with contacts are left to `near`.
"""

from engine.compiler import stage, ti
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.grid import TILE, V4, row_of, weight


@ti.func
def spread(tl: ti.template(), at, head, own, ax, ay, az, fx, fy, fz):
    """Add one particle to the tile; at: its first node. own, ax, ay, az: momentum and mass, and their change per cell."""
    z0, z1, z2 = weight(fz, 0), weight(fz, 1), weight(fz, 2)
    corner = own - ax * fx - ay * fy - az * fz
    for i in ti.static(range(3)):
        wx = weight(fx, i)
        for j in ti.static(range(3)):
            w = wx * weight(fy, j)
            r, s = w * corner, w * az
            k = at + 64 * i + 8 * j
            tl[k] = tl[k] + z0 * r
            r = r + s
            tl[k + 1] = tl[k + 1] + z1 * r
            tl[k + 2] = tl[k + 2] + z2 * (r + s)
            if ti.static(j < 2):
                corner = corner + ay
        if ti.static(i < 2):
            corner = corner + ax - ay - ay


@ti.func
def add_tile(tl: ti.template(), gr: ti.template(), bi: ti.template(), b, first, low, high):
    """Add the used part of the tile to the grid and leave it empty; corners are packed as x * 64 + y * 8 + z."""
    zero = V4(0.0)
    for x in range(low >> 6, (high >> 6) + 1):
        for y in range((low >> 3) & 7, ((high >> 3) & 7) + 1):
            k, side = first + x * 64 + y * 8, ((x + 3) & 3) * 16 + ((y + 3) & 3) * 4
            around = col.AROUND + 9 * ((x + 3) >> 2) + 3 * ((y + 3) >> 2)
            before, own, after = bi[b, around] * 64 + side + 3, bi[b, around + 1] * 64 + side, bi[b, around + 2] * 64 + side
            gr[before] = gr[before] + tl[k]
            tl[k] = zero
            for z in ti.static(range(4)):
                gr[own + z] = gr[own + z] + tl[k + 1 + z]
                tl[k + 1 + z] = zero
            for z in ti.static(range(3)):
                gr[after + z] = gr[after + z] + tl[k + 5 + z]
                tl[k + 5 + z] = zero


@stage
def scatter_block(
    pv: ti.types.ndarray(ndim=1),
    pi: ti.types.ndarray(ndim=2),
    gr: ti.types.ndarray(ndim=1),
    tl: ti.types.ndarray(ndim=1),
    bi: ti.types.ndarray(ndim=2),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    e: ti.i32,
    b: ti.i32,
    worker: ti.i32,
) -> ti.i32:
    """All particles of block b that touch no shape."""
    row, dx, inv, near = row_of(ei, pi, e), ef[e, col.DX], ef[e, col.INV_DX], bi[b, col.NUM_NEAR]
    lx, ly = ef[e, col.LOW] + (4 * bi[b, 0] - 1) * dx, ef[e, col.LOW + 1] + (4 * bi[b, 1] - 1) * dx
    lz = ef[e, col.LOW + 2] + (4 * bi[b, 2] - 1) * dx
    x0, y0, z0, x1, y1, z1 = 5, 5, 5, -1, -1, -1
    for p in range(bi[b, col.START], bi[b, col.END]):
        if near == 0 or pi[row + p, col.CONTACTS] == 0:
            at = (row + p) * col.FIELDS
            head = pv[at]
            gx, gy, gz = (head[0] - lx) * inv, (head[1] - ly) * inv, (head[2] - lz) * inv
            ox = ti.min(ti.max(ti.i32(gx - 0.5), 0), 5)
            oy = ti.min(ti.max(ti.i32(gy - 0.5), 0), 5)
            oz = ti.min(ti.max(ti.i32(gz - 0.5), 0), 5)
            x0, y0, z0, x1, y1, z1 = (
                ti.min(x0, ox),
                ti.min(y0, oy),
                ti.min(z0, oz),
                ti.max(x1, ox),
                ti.max(y1, oy),
                ti.max(z1, oz),
            )
            own = pv[at + 1] * head[3]
            first = worker * TILE + ox * 64 + oy * 8 + oz
            spread(
                tl, first, head, V4(own[0], own[1], own[2], head[3]), pv[at + 2] * dx, pv[at + 3] * dx, pv[at + 4] * dx,
                gx - ti.f32(ox), gy - ti.f32(oy), gz - ti.f32(oz),
            )  # fmt: skip
    if x1 >= 0:
        add_tile(tl, gr, bi, b, worker * TILE, x0 * 64 + y0 * 8 + z0, (x1 + 2) * 64 + (y1 + 2) * 8 + z1 + 2)
    return 0
