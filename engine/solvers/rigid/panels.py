"""The Hessian of the Newton solver in panels of three rows, and its Cholesky factor.

Rows 3 p .. 3 p + 2 form panel p. A panel holds its columns one after the other, three slots each, from column 0 to its own
diagonal block, so element (i, j) lies at `hessian_row(i) + 3 j`, and a block of 3 by 3 is nine slots in a row. The factor is
computed block by block: nine sums stay in registers and each load serves three products, where an inner product of two rows
needs two loads per product. Three is the size of a free body's and a ball joint's halves, so trees fill their panels well.
The last panel may have rows beyond the last dof: they are rows of the identity. Reference: Golub and Van Loan, Matrix
Computations (2013), section 4.2.
Limits: blocks left of `panel_first` are never touched; what lies right of it is dense.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import like, maximum
from engine.math.memory import ld, ld3, ld9, st, st3, st9
from engine.math.vec3 import dot, scale, sub, vec3, zero3

TINY = 1e-30


@ti.func
def panel_of(i):
    """i // 3 for 0 <= i < 30,000, without the division."""
    return (i * 21846) >> 16


@ti.func
def panel_start(p):
    """First slot of panel p from the start of its matrix."""
    return 9 * p * (p + 1) >> 1


@ti.func
def hessian_row(mi: ti.template(), i):
    """Element (i, j <= i) of the Hessian lies at this plus 3 j."""
    p = panel_of(i)
    return mi[AT.hessian] + panel_start(p) + i - 3 * p


@ti.func
def panel_envelope(mi: ti.template(), wi: ti.template(), g):
    """row_first -> panel_first: the first block of each panel that can be nonzero in any lane."""
    for p in range(mi[N.num_panels]):
        first = 3 * p
        for i in range(3 * p, ti.min(3 * p + 3, mi[N.num_dofs])):
            first = ti.min(first, ld(wi, g, mi[AT.row_first] + i))
        st(wi, g, mi[AT.panel_first] + p, panel_of(first))


@ti.func
def start_metric(mi: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """contact_metric = metric within the envelope, identity in the rows beyond the last dof."""
    dofs, zero = mi[N.num_dofs], like(ld(ws, g, mi[AT.gradient]), 0.0)
    matrix = mi[AT.contact_metric]
    for p in range(mi[N.num_panels]):
        row = matrix + panel_start(p)
        for q in range(ld(wi, g, mi[AT.panel_first] + p), p + 1):
            st9(ws, g, row + 9 * q, ti.Struct(x=zero3(zero), y=zero3(zero), z=zero3(zero)))
    move = matrix - mi[AT.hessian]
    for i in range(dofs):
        row, start = hessian_row(mi, i) + move, mi[mi[AT.dof_mass_start] + i]
        mass, column = mi[AT.mass] + start, mi[AT.mass_column] + start
        st(ws, g, row + 3 * i, ld(ws, g, mi[AT.metric_diagonal] + i))
        for k in range(1, mi[mi[AT.dof_mass_count] + i]):
            st(ws, g, row + 3 * mi[column + k], ld(ws, g, mass + k))
    for i in range(dofs, 3 * mi[N.num_panels]):
        st(ws, g, hessian_row(mi, i) + move + 3 * i, like(zero, 1.0))


@ti.func
def start_hessian(mi: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """hessian = contact_metric within the envelope."""
    for p in range(mi[N.num_panels]):
        to, start = mi[AT.hessian] + panel_start(p), mi[AT.contact_metric] + panel_start(p)
        for q in range(ld(wi, g, mi[AT.panel_first] + p), p + 1):
            st9(ws, g, to + 9 * q, ld9(ws, g, start + 9 * q))


@ti.func
def cholesky(mi: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """hessian -> its Cholesky factor within the envelope, inverse pivots on the diagonal."""
    for p in range(mi[N.num_panels]):
        row, first = mi[AT.hessian] + panel_start(p), ld(wi, g, mi[AT.panel_first] + p)
        for q in range(first, p + 1):
            other, c = mi[AT.hessian] + panel_start(q), ld9(ws, g, row + 9 * q)
            for k in range(ti.max(first, ld(wi, g, mi[AT.panel_first] + q)), q):
                a, b = ld9(ws, g, row + 9 * k), ld9(ws, g, other + 9 * k)
                c.x = sub(sub(sub(c.x, scale(a.x, b.x.x)), scale(a.y, b.y.x)), scale(a.z, b.z.x))
                c.y = sub(sub(sub(c.y, scale(a.x, b.x.y)), scale(a.y, b.y.y)), scale(a.z, b.z.y))
                c.z = sub(sub(sub(c.z, scale(a.x, b.x.z)), scale(a.y, b.y.z)), scale(a.z, b.z.z))
            if q < p:
                d = ld9(ws, g, other + 9 * q)
                c.x = scale(c.x, d.x.x)
                c.y = scale(sub(c.y, scale(c.x, d.x.y)), d.y.y)
                c.z = scale(sub(sub(c.z, scale(c.x, d.x.z)), scale(c.y, d.y.z)), d.z.z)
            else:
                c.x.x = inverse_root(c.x.x)
                c.x.y, c.x.z = c.x.y * c.x.x, c.x.z * c.x.x
                c.y.y = inverse_root(c.y.y - c.x.y * c.x.y)
                c.y.z = (c.y.z - c.x.y * c.x.z) * c.y.y
                c.z.z = inverse_root(c.z.z - c.x.z * c.x.z - c.y.z * c.y.z)
            st9(ws, g, row + 9 * q, c)


@ti.func
def inverse_root(pivot):
    return 1.0 / ti.sqrt(maximum(pivot, like(pivot, TINY)))


@ti.func
def solve_hessian(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, b, x):
    """x = -hessian^-1 b for the vectors over the padded dofs that start at the slots `b` and `x`."""
    for p in range(mi[N.num_panels]):
        row, r = mi[AT.hessian] + panel_start(p), ld3(ws, g, b + 3 * p)
        y = vec3(0.0 - r.x, 0.0 - r.y, 0.0 - r.z)
        for k in range(ld(wi, g, mi[AT.panel_first] + p), p):
            a, v = ld9(ws, g, row + 9 * k), ld3(ws, g, x + 3 * k)
            y = sub(sub(sub(y, scale(a.x, v.x)), scale(a.y, v.y)), scale(a.z, v.z))
        d = ld9(ws, g, row + 9 * p)
        y.x = y.x * d.x.x
        y.y = (y.y - d.x.y * y.x) * d.y.y
        y.z = (y.z - d.x.z * y.x - d.y.z * y.y) * d.z.z
        st3(ws, g, x + 3 * p, y)
    for n in range(mi[N.num_panels]):
        p = mi[N.num_panels] - 1 - n
        row = mi[AT.hessian] + panel_start(p)
        d, y = ld9(ws, g, row + 9 * p), ld3(ws, g, x + 3 * p)
        y.z = y.z * d.z.z
        y.y = (y.y - d.y.z * y.z) * d.y.y
        y.x = (y.x - d.x.y * y.y - d.x.z * y.z) * d.x.x
        st3(ws, g, x + 3 * p, y)
        for k in range(ld(wi, g, mi[AT.panel_first] + p), p):
            a, v = ld9(ws, g, row + 9 * k), ld3(ws, g, x + 3 * k)
            st3(ws, g, x + 3 * k, vec3(v.x - dot(a.x, y), v.y - dot(a.y, y), v.z - dot(a.z, y)))
