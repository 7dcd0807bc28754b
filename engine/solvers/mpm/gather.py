"""Grid to particles: velocity and its gradient (APIC: Jiang et al. 2015), then the particle moves with it.

The nodes of a cell are loaded once for all its particles, as nine rows of three z-nodes times (velocity, mass).
"""

from engine.compiler import stage, ti
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.grid import V4, V16, node_of, row_of, steps_z, weight, weights_z


@ti.func
def load_row(gr: ti.template(), bi: ti.template(), b, ox, oy, oz):
    """Velocity and mass of three z-nodes on lanes."""
    a = gr[node_of(bi, b, ox, oy, oz)]
    c = gr[node_of(bi, b, ox, oy, oz + 1)]
    d = gr[node_of(bi, b, ox, oy, oz + 2)]
    return V16(a[0], a[1], a[2], a[3], c[0], c[1], c[2], c[3], d[0], d[1], d[2], d[3], 0.0, 0.0, 0.0, 0.0)


@ti.func
def folded(r):
    """Sum over the z-nodes."""
    return V4(r[0] + r[4] + r[8], r[1] + r[5] + r[9], r[2] + r[6] + r[10], r[3] + r[7] + r[11])


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
    if mt[m, col.LAW] < 0.5:
        g, l = (row + p) // 16, (row + p) % 16
        ratio = ps[g, col.SCALAR][l]
        dense = share * inv * inv * inv / mt[m, col.DENSITY]
        if dense * ratio > 1.15:
            ps[g, col.SCALAR][l] = ratio + 0.02 * (1.15 / dense - ratio)


@stage
def gather_block(
    pv: ti.types.ndarray(ndim=1),
    ps: ti.types.ndarray(ndim=2),
    pi: ti.types.ndarray(ndim=2),
    gr: ti.types.ndarray(ndim=1),
    bi: ti.types.ndarray(ndim=2),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    mt: ti.types.ndarray(ndim=2),
    e: ti.i32,
    b: ti.i32,
) -> ti.i32:
    """All particles of block b that touch no shape."""
    row, inv, dt = row_of(ei, pi, e), ef[e, col.INV_DX], ef[e, col.DT]
    low = V4(ef[e, col.LOW], ef[e, col.LOW + 1], ef[e, col.LOW + 2], 0.0)
    still = V4(1.0, 1.0, 1.0, 0.0)
    kz = steps_z()
    zero = V16(0.0)
    a00, a01, a02, a10, a11, a12, a20, a21, a22 = zero, zero, zero, zero, zero, zero, zero, zero, zero
    current = -1
    near = bi[b, col.NUM_NEAR]
    bx, by, bz = 4 * bi[b, 0] - 4, 4 * bi[b, 1] - 4, 4 * bi[b, 2] - 4
    for p in range(bi[b, col.START], bi[b, col.END]):
        if near == 0 or pi[row + p, col.CONTACTS] == 0:
            head = pv[(row + p) * col.FIELDS]
            g = (head - low) * inv
            ix, iy, iz = ti.i32(ti.floor(g[0] - 0.5)), ti.i32(ti.floor(g[1] - 0.5)), ti.i32(ti.floor(g[2] - 0.5))
            ox, oy, oz = ix - bx, iy - by, iz - bz
            cell = (ox * 16 + oy) * 16 + oz
            if cell != current:
                a00, a01, a02 = (
                    load_row(gr, bi, b, ox, oy, oz), load_row(gr, bi, b, ox, oy + 1, oz), load_row(gr, bi, b, ox, oy + 2, oz),
                )  # fmt: skip
                ox = ox + 1
                a10, a11, a12 = (
                    load_row(gr, bi, b, ox, oy, oz), load_row(gr, bi, b, ox, oy + 1, oz), load_row(gr, bi, b, ox, oy + 2, oz),
                )  # fmt: skip
                ox = ox + 1
                a20, a21, a22 = (
                    load_row(gr, bi, b, ox, oy, oz), load_row(gr, bi, b, ox, oy + 1, oz), load_row(gr, bi, b, ox, oy + 2, oz),
                )  # fmt: skip
                current = cell
            fx, fy, fz = g[0] - ti.f32(ix), g[1] - ti.f32(iy), g[2] - ti.f32(iz)
            y0, y1, y2 = weight(fy, 0), weight(fy, 1), weight(fy, 2)
            w0, w1, w2 = weight(fx, 0), weight(fx, 1), weight(fx, 2)
            b0, b1, b2 = w0 * a00 + w1 * a10 + w2 * a20, w0 * a01 + w1 * a11 + w2 * a21, w0 * a02 + w1 * a12 + w2 * a22
            wz = weights_z(fz)
            by1, by2 = y1 * b1, y2 * b2
            whole = wz * (y0 * b0 + by1 + by2)
            v = folded(whole)
            dy = folded(wz * (by1 + 2.0 * by2)) - fy * v
            dz = folded(whole * kz) - fz * v
            d1, d2 = y0 * a10 + y1 * a11 + y2 * a12, y0 * a20 + y1 * a21 + y2 * a22
            dx = folded(wz * (w1 * d1 + 2.0 * w2 * d2)) - fx * v
            at = (row + p) * col.FIELDS
            pv[at + 2], pv[at + 3], pv[at + 4] = 4.0 * inv * dx * still, 4.0 * inv * dy * still, 4.0 * inv * dz * still
            moved = head + dt * v * still
            settle(pv, ps, mt, pi, bi, ei, ef, e, b, row, p, moved, V4(v[0], v[1], v[2], pv[at + 1][3]), v[3])
    return 0
