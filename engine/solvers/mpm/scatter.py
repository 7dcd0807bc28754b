"""Particles to grid: momentum and mass of each particle on the 27 nodes around it (MLS-MPM: Hu et al. 2018, eq. 18 and 29).

Particles are sorted by cell, so the sums of one cell stay in nine registers of four z-nodes times (momentum, mass) and go to
memory when the cell changes. Plain stores: blocks of one colour share no node. Particles with contacts are left to `near`.
"""

from engine.compiler import stage, ti
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.grid import V4, V16, node_of, row_of, splat, steps_z, weight, weights_z


@ti.func
def add_row(gr: ti.template(), bi: ti.template(), b, ox, oy, oz, a):
    """Add the sums of three z-nodes."""
    n = node_of(bi, b, ox, oy, oz)
    gr[n] = gr[n] + V4(a[0], a[1], a[2], a[3])
    n = node_of(bi, b, ox, oy, oz + 1)
    gr[n] = gr[n] + V4(a[4], a[5], a[6], a[7])
    n = node_of(bi, b, ox, oy, oz + 2)
    gr[n] = gr[n] + V4(a[8], a[9], a[10], a[11])


@stage
def scatter_block(
    pv: ti.types.ndarray(ndim=1),
    pi: ti.types.ndarray(ndim=2),
    gr: ti.types.ndarray(ndim=1),
    bi: ti.types.ndarray(ndim=2),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    e: ti.i32,
    b: ti.i32,
) -> ti.i32:
    """All particles of block b that touch no shape."""
    row, dx, inv = row_of(ei, pi, e), ef[e, col.DX], ef[e, col.INV_DX]
    low = V4(ef[e, col.LOW], ef[e, col.LOW + 1], ef[e, col.LOW + 2], 0.0)
    zero = V16(0.0)
    kz = steps_z()
    a00, a01, a02, a10, a11, a12, a20, a21, a22 = zero, zero, zero, zero, zero, zero, zero, zero, zero
    current, cx, cy, cz = -1, 0, 0, 0
    first, stop = bi[b, col.START], bi[b, col.END]
    near = bi[b, col.NUM_NEAR]
    bx, by, bz = 4 * bi[b, 0] - 4, 4 * bi[b, 1] - 4, 4 * bi[b, 2] - 4
    for p in range(first, stop + 1):
        taken = p < stop
        if taken and near > 0:
            taken = pi[row + p, col.CONTACTS] == 0
        if taken or p == stop:
            at = (row + ti.min(p, stop - 1)) * col.FIELDS
            head = pv[at]
            g = (head - low) * inv
            ix, iy, iz = ti.i32(ti.floor(g[0] - 0.5)), ti.i32(ti.floor(g[1] - 0.5)), ti.i32(ti.floor(g[2] - 0.5))
            ox, oy, oz = ix - bx, iy - by, iz - bz
            cell = (ox * 16 + oy) * 16 + oz
            if p == stop:
                cell = -2
            if cell != current:
                if current >= 0:
                    add_row(gr, bi, b, cx, cy, cz, a00)
                    add_row(gr, bi, b, cx, cy + 1, cz, a01)
                    add_row(gr, bi, b, cx, cy + 2, cz, a02)
                    add_row(gr, bi, b, cx + 1, cy, cz, a10)
                    add_row(gr, bi, b, cx + 1, cy + 1, cz, a11)
                    add_row(gr, bi, b, cx + 1, cy + 2, cz, a12)
                    add_row(gr, bi, b, cx + 2, cy, cz, a20)
                    add_row(gr, bi, b, cx + 2, cy + 1, cz, a21)
                    add_row(gr, bi, b, cx + 2, cy + 2, cz, a22)
                a00, a01, a02, a10, a11, a12, a20, a21, a22 = zero, zero, zero, zero, zero, zero, zero, zero, zero
                current, cx, cy, cz = cell, ox, oy, oz
            if taken:
                fx, fy, fz = g[0] - ti.f32(ix), g[1] - ti.f32(iy), g[2] - ti.f32(iz)
                ax, ay, az = pv[at + 2] * dx, pv[at + 3] * dx, pv[at + 4] * dx
                own = pv[at + 1] * head[3]
                q = V4(own[0], own[1], own[2], head[3]) - ax * fx - ay * fy - az * fz
                wz = weights_z(fz)
                q16 = wz * (splat(q) + kz * splat(az))
                rx, ry = wz * splat(ax), wz * splat(ay)
                w0, w1, w2 = weight(fx, 0), weight(fx, 1), weight(fx, 2)
                y = weight(fy, 0)
                t, s = y * q16, y * rx
                a00, a10, a20 = a00 + w0 * t, a10 + w1 * (t + s), a20 + w2 * (t + 2.0 * s)
                y = weight(fy, 1)
                t, s = y * (q16 + ry), y * rx
                a01, a11, a21 = a01 + w0 * t, a11 + w1 * (t + s), a21 + w2 * (t + 2.0 * s)
                y = weight(fy, 2)
                t, s = y * (q16 + 2.0 * ry), y * rx
                a02, a12, a22 = a02 + w0 * t, a12 + w1 * (t + s), a22 + w2 * (t + 2.0 * s)
    return 0
