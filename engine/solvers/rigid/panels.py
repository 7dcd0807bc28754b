"""The Hessian of the Newton solver in panels of three rows, and its factor H = L' L, which keeps the zeros of trees.

Rows 3 p .. 3 p + 2 form panel p. A panel holds its columns one after the other, three slots each, from column 0 to its own
diagonal block, so element (i, j) lies at `hessian_row(i) + 3 j`, and a block of 3 by 3 is nine slots in a row. Three is the
size of a free body's and a ball joint's halves, so trees fill their panels well. Dofs are eliminated from the last to the
first, from the leaves to the root, so a tree and contacts with the world bring no new entries (Featherstone 2008, section
6.5), and of two trees only the panels that a contact ties are filled. `panel_links` finds the blocks that can be nonzero in
any lane: those of the metric and of the rows, and what elimination adds, each panel handing its columns to the last of them
(the elimination tree; Davis, Direct Methods for Sparse Linear Systems, 2006, chapter 4). Against a factor from the first dof
to the last, dense within its envelope, a humanoid that touches itself needs 58 instead of 120 products of blocks, three that
touch each other 290 instead of 790.
The last panel may have rows beyond the last dof: they are rows of the identity.
A pivot that elimination takes below the rounding of its own diagonal (an arm that jams a drawer against its stop, in single
precision) counts as that rounding: such a direction is as stiff as can be told, and the factor stays finite.
Limits: the blocks are stored as a dense triangle, whose memory grows with the square of the dofs.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import macro, ti, variable
from engine.math.lanes import like, maximum
from engine.math.memory import ld, ld3, ld9, st, st3, st9
from engine.math.vec3 import dot, scale, sub, vec3, zero3

SINGLE, DOUBLE = 2.4e-7, 4.4e-16  # share of a diagonal entry that is rounding


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
def link_dofs(mi: ti.template(), wi: ti.template(), g, i, j):
    """The Hessian may be nonzero at (i, j), i > j."""
    link_panels(mi, wi, g, panel_of(i), panel_of(j))


@ti.func
def link_panels(mi: ti.template(), wi: ti.template(), g, p, q):
    """The Hessian may be nonzero in block (p, q), p >= q."""
    st(wi, g, mi[AT.panel_link] + p * mi[N.num_panels] + q, 1)


@ti.func
def clear_links(mi: ti.template(), wi: ti.template(), g):
    """No block left of the diagonal but those of the metric."""
    for p in range(mi[N.num_panels]):
        for q in range(p):
            st(wi, g, mi[AT.panel_link] + p * mi[N.num_panels] + q, 0)
    for i in range(mi[N.num_dofs]):
        column = mi[AT.mass_column] + mi[mi[AT.dof_mass_start] + i]
        for k in range(1, mi[mi[AT.dof_mass_count] + i]):
            link_dofs(mi, wi, g, i, mi[column + k])


@ti.func
def panel_links(mi: ti.template(), wi: ti.template(), g):
    """Add what elimination fills; each row of marks in panel_link becomes the list of its columns, panel_count their number."""
    for n in range(mi[N.num_panels]):
        p = mi[N.num_panels] - 1 - n
        row, count = mi[AT.panel_link] + p * mi[N.num_panels], 0
        for q in range(p):
            if ld(wi, g, row + q) == 1:
                st(wi, g, row + count, q)
                count += 1
        st(wi, g, mi[AT.panel_count] + p, count)
        for k in range(count - 1):
            link_panels(mi, wi, g, ld(wi, g, row + count - 1), ld(wi, g, row + k))


@ti.func
def start_metric(mi: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """contact_metric = metric in the linked blocks, identity in the rows beyond the last dof."""
    dofs, zero = mi[N.num_dofs], like(ld(ws, g, mi[AT.gradient]), 0.0)
    matrix = mi[AT.contact_metric]
    for p in range(mi[N.num_panels]):
        row, links = matrix + panel_start(p), mi[AT.panel_link] + p * mi[N.num_panels]
        st9(ws, g, row + 9 * p, ti.Struct(x=zero3(zero), y=zero3(zero), z=zero3(zero)))
        for k in range(ld(wi, g, mi[AT.panel_count] + p)):
            q = ld(wi, g, links + k)
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
    """hessian = contact_metric in the linked blocks."""
    for p in range(mi[N.num_panels]):
        to, start, links = mi[AT.hessian] + panel_start(p), mi[AT.contact_metric] + panel_start(p), mi[AT.panel_link]
        st9(ws, g, to + 9 * p, ld9(ws, g, start + 9 * p))
        for k in range(ld(wi, g, mi[AT.panel_count] + p)):
            q = ld(wi, g, links + p * mi[N.num_panels] + k)
            st9(ws, g, to + 9 * q, ld9(ws, g, start + 9 * q))


@ti.func
def factor_hessian(mi: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """hessian -> L of L' L in the linked blocks, inverse pivots on the diagonal."""
    one = like(ld(ws, g, mi[AT.gradient]), 1.0)
    share = ti.select(one + 1e-9 > one, one * DOUBLE, one * SINGLE)
    for n in range(mi[N.num_panels]):
        p = mi[N.num_panels] - 1 - n
        row, links = mi[AT.hessian] + panel_start(p), mi[AT.panel_link] + p * mi[N.num_panels]
        d, whole = ld9(ws, g, row + 9 * p), mi[AT.contact_metric] + panel_start(p) + 9 * p
        d.z.z = inverse_root(d.z.z, share * ld(ws, g, whole + 8))
        d.y.z, d.x.z = d.y.z * d.z.z, d.x.z * d.z.z
        d.y.y = inverse_root(d.y.y - d.y.z * d.y.z, share * ld(ws, g, whole + 4))
        d.x.y = (d.x.y - d.y.z * d.x.z) * d.y.y
        d.x.x = inverse_root(d.x.x - d.x.y * d.x.y - d.x.z * d.x.z, share * ld(ws, g, whole))
        st9(ws, g, row + 9 * p, d)
        for k in range(ld(wi, g, mi[AT.panel_count] + p)):
            q = ld(wi, g, links + k)
            other, a = mi[AT.hessian] + panel_start(q), ld9(ws, g, row + 9 * q)
            a.x, a.y, a.z = transposed_solve(d, a.x), transposed_solve(d, a.y), transposed_solve(d, a.z)
            st9(ws, g, row + 9 * q, a)
            for e in range(k + 1):
                r = ld(wi, g, links + e)
                b, h = ld9(ws, g, row + 9 * r), ld9(ws, g, other + 9 * r)
                h.x = sub(h.x, vec3(dot(a.x, b.x), dot(a.y, b.x), dot(a.z, b.x)))
                h.y = sub(h.y, vec3(dot(a.x, b.y), dot(a.y, b.y), dot(a.z, b.y)))
                h.z = sub(h.z, vec3(dot(a.x, b.z), dot(a.y, b.z), dot(a.z, b.z)))
                st9(ws, g, other + 9 * r, h)


@macro
def transposed_solve(d, v):
    """x of d' x = v for a lower triangle d whose diagonal holds the inverse pivots."""
    z = variable(v.z * d.z.z)
    y = variable((v.y - d.y.z * z) * d.y.y)
    return vec3((v.x - d.x.y * y - d.x.z * z) * d.x.x, y, z)


@ti.func
def inverse_root(pivot, least):
    return 1.0 / ti.sqrt(maximum(pivot, least))


@ti.func
def solve_hessian(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, b, x):
    """x = -hessian^-1 b for the vectors over the padded dofs that start at the slots `b` and `x`."""
    for p in range(mi[N.num_panels]):
        r = ld3(ws, g, b + 3 * p)
        st3(ws, g, x + 3 * p, vec3(0.0 - r.x, 0.0 - r.y, 0.0 - r.z))
    for n in range(mi[N.num_panels]):
        p = mi[N.num_panels] - 1 - n
        row, links = mi[AT.hessian] + panel_start(p), mi[AT.panel_link] + p * mi[N.num_panels]
        y = transposed_solve(ld9(ws, g, row + 9 * p), ld3(ws, g, x + 3 * p))
        st3(ws, g, x + 3 * p, y)
        for k in range(ld(wi, g, mi[AT.panel_count] + p)):
            q = ld(wi, g, links + k)
            a, v = ld9(ws, g, row + 9 * q), ld3(ws, g, x + 3 * q)
            st3(ws, g, x + 3 * q, vec3(v.x - dot(a.x, y), v.y - dot(a.y, y), v.z - dot(a.z, y)))
    for p in range(mi[N.num_panels]):
        row, links = mi[AT.hessian] + panel_start(p), mi[AT.panel_link] + p * mi[N.num_panels]
        d, y = ld9(ws, g, row + 9 * p), ld3(ws, g, x + 3 * p)
        for k in range(ld(wi, g, mi[AT.panel_count] + p)):
            q = ld(wi, g, links + k)
            a, v = ld9(ws, g, row + 9 * q), ld3(ws, g, x + 3 * q)
            y = sub(sub(sub(y, scale(a.x, v.x)), scale(a.y, v.y)), scale(a.z, v.z))
        y.x = y.x * d.x.x
        y.y = (y.y - d.x.y * y.x) * d.y.y
        y.z = (y.z - d.x.z * y.x - d.y.z * y.y) * d.z.z
        st3(ws, g, x + 3 * p, y)
