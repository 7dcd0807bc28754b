"""Grid to particles: velocity and its gradient (APIC: Jiang et al. 2015), then the particle moves with it.

The nodes around a block are loaded once for all its particles, and those around a cell once for particles that follow each
other in it.
"""

from engine.compiler import stage, ti
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.grid import (
    TILE,
    V4,
    V16,
    corner_of,
    higher,
    lower,
    packed,
    row_of,
    row_weights,
    tile_start,
    weight,
)


@ti.func
def note(ei: ti.template(), e, squares, lowest, highest):
    """Note what a sort or the caller must know: squares of velocities, places in the tile [cells]."""
    if not squares[0] + squares[1] + squares[2] < 1e12:
        ei[e, col.FAULT] = ei[e, col.FAULT] | col.NOT_FINITE
    first, last = ti.min(lowest[0], ti.min(lowest[1], lowest[2])), ti.max(highest[0], ti.max(highest[1], highest[2]))
    if first < 0.5 or last >= 6.5:
        ei[e, col.STALE] = 1


@ti.func
def settle(pv: ti.template(), bi: ti.template(), ei: ti.template(), ef: ti.template(), e, b, p, x, v, share):
    """Store where a particle went; `share`: mass at the particle over the cell's."""
    at = p * col.FIELDS
    cx, place = pv[at + 2], (x - tile_start(bi, ef, e, b)) * ef[e, col.INV_DX]
    pv[at], pv[at + 1], pv[at + 2] = x, v, V4(cx[0], cx[1], cx[2], share)
    note(ei, e, v * v, place, place)


@ti.func
def load_tile(tl: ti.template(), gr: ti.template(), bi: ti.template(), b, first, low, high):
    """The nodes of block b and around it from corner `low` to corner `high`."""
    for x in range(low >> 6, (high >> 6) + 1):
        for y in range((low >> 3) & 7, ((high >> 3) & 7) + 1):
            k, side = first + x * 64 + y * 8, ((x + 3) & 3) * 16 + ((y + 3) & 3) * 4
            around = col.AROUND + 9 * ((x + 3) >> 2) + 3 * ((y + 3) >> 2)
            before, own, after = bi[b, around] * 64 + side + 3, bi[b, around + 1] * 64 + side, bi[b, around + 2] * 64 + side
            tl[k] = gr[before]
            for z in ti.static(range(4)):
                tl[k + 1 + z] = gr[own + z]
            for z in ti.static(range(3)):
                tl[k + 5 + z] = gr[after + z]


@ti.func
def row_at(tl: ti.template(), k):
    """A row of three nodes."""
    a, b, c = tl[k], tl[k + 1], tl[k + 2]
    return V16(a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3], c[0], c[1], c[2], c[3], 0.0, 0.0, 0.0, 0.0)


@ti.func
def across(n0, n1, n2, first, second, third):
    """Weighted sum of three rows, and the same times the distance to the first one."""
    r1, r2 = second * n1, third * n2
    r12 = r1 + r2
    return first * n0 + r12, r12 + r2


@ti.func
def along(row):
    """Sum of the nodes of a row, and the same times the distance to the first one."""
    second, third = V4(row[4], row[5], row[6], row[7]), V4(row[8], row[9], row[10], row[11])
    both = second + third
    return V4(row[0], row[1], row[2], row[3]) + both, both + third


@stage
def gather_block(
    pv: ti.types.ndarray(ndim=1),
    pi: ti.types.ndarray(ndim=2),
    gr: ti.types.ndarray(ndim=1),
    tl: ti.types.ndarray(ndim=1),
    bi: ti.types.ndarray(ndim=2),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    e: ti.i32,
    b: ti.i32,
    first: ti.i32,
) -> ti.i32:
    """All particles of block b that touch no shape; leaves the nodes around it in the tile from `first` on."""
    row, inv, dt, near = row_of(ei, pi, e), ef[e, col.INV_DX], ef[e, col.DT], bi[b, col.NUM_NEAR]
    low, still, o = tile_start(bi, ef, e, b), V4(1.0, 1.0, 1.0, 0.0), V16(0.0)
    n00, n01, n02, n10, n11, n12, n20, n21, n22 = o, o, o, o, o, o, o, o, o  # x y
    lowest, highest, squares, cell, four = V4(3.0), V4(3.0), V4(0.0), -1, 4.0 * inv
    if near > 0:
        load_tile(tl, gr, bi, b, first, 0, TILE - 1)
    elif bi[b, col.MOST] >= 0:
        load_tile(tl, gr, bi, b, first, bi[b, col.LEAST], bi[b, col.MOST])
    for p in range(row + bi[b, col.START], row + bi[b, col.END]):
        if near == 0 or pi[p, col.CONTACTS] == 0:
            at = p * col.FIELDS
            head = pv[at]
            place = (head - low) * inv
            corner = corner_of(place)
            k = first + packed(corner)
            if k != cell:
                cell, n00, n01, n02 = k, row_at(tl, k), row_at(tl, k + 8), row_at(tl, k + 16)
                n10, n11, n12 = row_at(tl, k + 64), row_at(tl, k + 72), row_at(tl, k + 80)
                n20, n21, n22 = row_at(tl, k + 128), row_at(tl, k + 136), row_at(tl, k + 144)
            f = place - corner
            w0, w1, w2, wz = weight(f, 0), weight(f, 1), weight(f, 2), row_weights(f[2])
            s0, y0 = across(n00, n01, n02, w0[1], w1[1], w2[1])
            s1, y1 = across(n10, n11, n12, w0[1], w1[1], w2[1])
            s2, y2 = across(n20, n21, n22, w0[1], w1[1], w2[1])
            s, sx = across(s0, s1, s2, w0[0], w1[0], w2[0])
            v, cz = along(wz * s)
            cx, _ = along(wz * sx)
            cy, _ = along(wz * (w0[0] * y0 + w1[0] * y1 + w2[0] * y2))
            cx = four * (cx - f[0] * v)
            x = head + dt * v * still
            pv[at], pv[at + 1] = x, V4(v[0], v[1], v[2], pv[at + 1][3])
            pv[at + 2], pv[at + 3] = V4(cx[0], cx[1], cx[2], v[3]), four * (cy - f[1] * v) * still
            pv[at + 4] = four * (cz - f[2] * v) * still
            place = (x - low) * inv
            lowest, highest, squares = lower(lowest, place), higher(highest, place), squares + v * v
    note(ei, e, squares, lowest, highest)
    return 0
