"""Generic scalar constraint rows and what Newton's method needs of them.

A row has a sparse Jacobian over an ascending chain of dofs, a residual x = J a - aref, a weight D and a kind, which says its
cost: 1/2 D x^2 for an equality, the same below zero only for a limit, and Huber's function with the slope bound f for dry
friction (Todorov 2014). `equality.py` fills the rows and lists those that act in any lane; a row that does
not act in a lane has D = 0 there.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT
from engine.compiler import ti
from engine.math.lanes import absolute, clamp, differs, like
from engine.math.memory import ld, st
from engine.solvers.rigid.panels import hessian_row, link_dofs

EQUALITY, LOWER, UPPER, FRICTION, SPRING = range(5)  # values of row_kind


@ti.func
def row_times(mi: ti.template(), ws: ti.template(), g, r, x):
    """J x of row `r`; `x` is the first slot of a vector over the dofs."""
    start = mi[mi[AT.row_entry_start] + r]
    total = ld(ws, g, x) * 0.0
    for e in range(start, start + mi[mi[AT.row_entry_count] + r]):
        total = total + ld(ws, g, mi[AT.row_jacobian] + e) * ld(ws, g, x + mi[mi[AT.row_dof] + e])
    return total


@ti.func
def row_residuals(mi: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """J a - aref of every acting row at the first iterate."""
    for n in range(ld(wi, g, mi[AT.num_active_rows])):
        r = ld(wi, g, mi[AT.row_list] + n)
        x = row_times(mi, ws, g, r, mi[AT.acceleration]) - ld(ws, g, mi[AT.row_reference] + r)
        st(ws, g, mi[AT.row_residual] + r, x)


@ti.func
def row_links(mi: ti.template(), wi: ti.template(), g):
    """The dofs of a row are tied to each other; they ascend."""
    for n in range(ld(wi, g, mi[AT.num_active_rows])):
        r = ld(wi, g, mi[AT.row_list] + n)
        start = mi[mi[AT.row_entry_start] + r]
        for e in range(start, start + mi[mi[AT.row_entry_count] + r]):
            for k in range(start, e):
                link_dofs(mi, wi, g, mi[mi[AT.row_dof] + e], mi[mi[AT.row_dof] + k])


@ti.func
def row_law(mi: ti.template(), ws: ti.template(), g, r, x):
    """(slope, curvature) of the cost of row `r` at the residual `x`; the force is minus the slope."""
    kind, d = mi[mi[AT.row_kind] + r], ld(ws, g, mi[AT.row_weight] + r)
    slope, curvature = d * x, d
    if kind == FRICTION:
        bound = ld(ws, g, mi[AT.row_bound] + r)
        curvature = ti.select(absolute(slope) < bound, d, d * 0.0)
        slope = clamp(slope, 0.0 - bound, bound)
    if kind == LOWER or kind == UPPER:
        curvature = ti.select(x < 0.0, d, d * 0.0)
        slope = ti.select(x < 0.0, slope, d * 0.0)
    return slope, curvature


@ti.func
def row_forces(mi: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """row_residual -> row_force, row_curvature, gradient less J' f; returns what is above 0 where a curvature is new."""
    changed = like(ld(ws, g, mi[AT.time]), 0.0)
    for n in range(ld(wi, g, mi[AT.num_active_rows])):
        r = ld(wi, g, mi[AT.row_list] + n)
        slope, curvature = row_law(mi, ws, g, r, ld(ws, g, mi[AT.row_residual] + r))
        changed = changed + differs(curvature, ld(ws, g, mi[AT.row_curvature] + r))
        st(ws, g, mi[AT.row_curvature] + r, curvature)
        st(ws, g, mi[AT.row_force] + r, 0.0 - slope)
        start = mi[mi[AT.row_entry_start] + r]
        for e in range(start, start + mi[mi[AT.row_entry_count] + r]):
            at = mi[AT.gradient] + mi[mi[AT.row_dof] + e]
            st(ws, g, at, ld(ws, g, at) + slope * ld(ws, g, mi[AT.row_jacobian] + e))
    return changed


@ti.func
def row_hessian(mi: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """hessian += J' W J, lower triangle: the dofs of a row ascend."""
    for n in range(ld(wi, g, mi[AT.num_active_rows])):
        r = ld(wi, g, mi[AT.row_list] + n)
        curvature, start = ld(ws, g, mi[AT.row_curvature] + r), mi[mi[AT.row_entry_start] + r]
        for e in range(start, start + mi[mi[AT.row_entry_count] + r]):
            i, weighted = mi[mi[AT.row_dof] + e], curvature * ld(ws, g, mi[AT.row_jacobian] + e)
            for k in range(start, e + 1):
                slot = hessian_row(mi, i) + 3 * mi[mi[AT.row_dof] + k]
                st(ws, g, slot, ld(ws, g, slot) + weighted * ld(ws, g, mi[AT.row_jacobian] + k))


@ti.func
def row_changes(mi: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """J direction of every acting row."""
    for n in range(ld(wi, g, mi[AT.num_active_rows])):
        r = ld(wi, g, mi[AT.row_list] + n)
        st(ws, g, mi[AT.row_change] + r, row_times(mi, ws, g, r, mi[AT.direction]))


@ti.func
def row_slope(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, alpha):
    """First and second derivative of the row costs along the direction."""
    first, second = alpha * 0.0, alpha * 0.0
    for n in range(ld(wi, g, mi[AT.num_active_rows])):
        r = ld(wi, g, mi[AT.row_list] + n)
        y = ld(ws, g, mi[AT.row_change] + r)
        slope, curvature = row_law(mi, ws, g, r, ld(ws, g, mi[AT.row_residual] + r) + alpha * y)
        first, second = first + slope * y, second + curvature * y * y
    return first, second


@ti.func
def row_move(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, alpha):
    """Take the step of the residuals."""
    for n in range(ld(wi, g, mi[AT.num_active_rows])):
        r = ld(wi, g, mi[AT.row_list] + n)
        at = mi[AT.row_residual] + r
        st(ws, g, at, ld(ws, g, at) + alpha * ld(ws, g, mi[AT.row_change] + r))
