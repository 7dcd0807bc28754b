"""Particles to grid: momentum and mass of each particle on the 27 nodes around it (MLS-MPM: Hu et al. 2018, eq. 18 and 29).

Particles of one cell are summed in registers, a block in the worker's tile, which stays in the nearest cache and is then added
to the grid. Plain stores: blocks of one colour share no node. Particles with contacts are left to `near`.
"""

from engine.compiler import stage, ti
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.grid import (
    ALONG,
    TILE,
    V4,
    V16,
    corner_of,
    four_times,
    higher,
    lanes_of,
    lower,
    packed,
    row_of,
    row_weights,
    tile_start,
    weight,
)


@ti.func
def affine_of(pv: ti.template(), pt: ti.template(), p):
    """Momentum that a particle hands to the grid per metre along x, y and z: of its own motion, and of its stress."""
    at, g, l = p * col.FIELDS, p >> 4, p & 15
    m, xy, xz, yz = pv[at][3], pt[g, 3][l], pt[g, 4][l], pt[g, 5][l]
    mass = V4(m, m, m, 0.0)
    return (
        mass * pv[at + 2] + V4(pt[g, 0][l], xy, xz, 0.0),
        mass * pv[at + 3] + V4(xy, pt[g, 1][l], yz, 0.0),
        mass * pv[at + 4] + V4(xz, yz, pt[g, 2][l], 0.0),
    )


@ti.func
def add_row(tl: ti.template(), k, row):
    """Add a row of three nodes to the tile; returns an empty one."""
    tl[k] = tl[k] + V4(row[0], row[1], row[2], row[3])
    tl[k + 1] = tl[k + 1] + V4(row[4], row[5], row[6], row[7])
    tl[k + 2] = tl[k + 2] + V4(row[8], row[9], row[10], row[11])
    return V16(0.0)


@ti.func
def across(n0, n1, n2, first, second, third, row, change):
    """Add a particle to three rows side by side: weights along x, what it gives to the first row, and the change per row."""
    next = row + change
    return n0 + first * row, n1 + second * next, n2 + third * (next + change)


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
    pt: ti.types.ndarray(ndim=2),
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
    """All particles of block b that touch no shape; the block notes which part of its tile they reach. Near shapes, the tile
    is left to be added.
    """
    row, dx, inv, near = row_of(ei, pi, e), ef[e, col.DX], ef[e, col.INV_DX], bi[b, col.NUM_NEAR]
    low, along, o = tile_start(bi, ef, e, b), lanes_of(ALONG), V16(0.0)
    n00, n01, n02, n10, n11, n12, n20, n21, n22 = o, o, o, o, o, o, o, o, o  # x y
    least, most, cell = V4(9.0), V4(-9.0), worker * TILE  # at first there is nothing to add
    for p in range(row + bi[b, col.START], row + bi[b, col.END]):
        if near == 0 or pi[p, col.CONTACTS] == 0:
            head, v = pv[p * col.FIELDS], pv[p * col.FIELDS + 1]
            place = (head - low) * inv
            corner = corner_of(place)
            k = worker * TILE + packed(corner)
            if k != cell:
                n00, n01, n02 = add_row(tl, cell, n00), add_row(tl, cell + 8, n01), add_row(tl, cell + 16, n02)
                n10, n11, n12 = add_row(tl, cell + 64, n10), add_row(tl, cell + 72, n11), add_row(tl, cell + 80, n12)
                n20, n21, n22 = add_row(tl, cell + 128, n20), add_row(tl, cell + 136, n21), add_row(tl, cell + 144, n22)
                cell, least, most = k, lower(least, corner), higher(most, corner)
            f = place - corner
            w0, w1, w2, wz = weight(f, 0), weight(f, 1), weight(f, 2), row_weights(f[2])
            ax, ay, az = affine_of(pv, pt, p)
            own = V4(v[0], v[1], v[2], 1.0) * head[3] - dx * (f[0] * ax + f[1] * ay + f[2] * az)
            sx, sy = wz * four_times(dx * ax), wz * four_times(dx * ay)
            q = wz * (four_times(own) + along * four_times(dx * az))
            n00, n10, n20 = across(n00, n10, n20, w0[0], w1[0], w2[0], w0[1] * q, w0[1] * sx)
            q = q + sy
            n01, n11, n21 = across(n01, n11, n21, w0[0], w1[0], w2[0], w1[1] * q, w1[1] * sx)
            q = q + sy
            n02, n12, n22 = across(n02, n12, n22, w0[0], w1[0], w2[0], w2[1] * q, w2[1] * sx)
    bi[b, col.LEAST], bi[b, col.MOST] = packed(least), -1
    if most[0] >= 0.0:
        n00, n01, n02 = add_row(tl, cell, n00), add_row(tl, cell + 8, n01), add_row(tl, cell + 16, n02)
        n10, n11, n12 = add_row(tl, cell + 64, n10), add_row(tl, cell + 72, n11), add_row(tl, cell + 80, n12)
        n20, n21, n22 = add_row(tl, cell + 128, n20), add_row(tl, cell + 136, n21), add_row(tl, cell + 144, n22)
        bi[b, col.MOST] = packed(most + 2.0)
        if near == 0:
            add_tile(tl, gr, bi, b, worker * TILE, bi[b, col.LEAST], bi[b, col.MOST])
    return 0


@stage
def add_whole_tile(
    gr: ti.types.ndarray(ndim=1), tl: ti.types.ndarray(ndim=1), bi: ti.types.ndarray(ndim=2), b: ti.i32, worker: ti.i32
) -> ti.i32:
    """Of a block near shapes, when its particles with contacts have been added."""
    add_tile(tl, gr, bi, b, worker * TILE, 0, TILE - 1)
    return 0
