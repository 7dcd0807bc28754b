"""Sparse factor of the joint-space metric: H = L' D L from the last dof to the first, which a tree fills with no new entries.

Reference: Featherstone (2008), section 6.5. The rows lie as those of the mass matrix; inverse pivots stand on the diagonal.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.memory import ld, ldm, st


@ti.func
def factor_metric(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, extra_damping):
    """mass with metric_diagonal, plus h times dof_damping times `extra_damping` (0 or 1), -> mass_factor."""
    mass, factor = mi[AT.mass], mi[AT.mass_factor]
    h = ldm(mf, g, mi[AT.timestep]) * extra_damping
    for k in range(mi[N.num_mass]):
        st(ws, g, factor + k, ld(ws, g, mass + k))
    for i in range(mi[N.num_dofs]):
        diagonal = ld(ws, g, mi[AT.metric_diagonal] + i) + h * ldm(mf, g, mi[AT.dof_damping] + i)
        st(ws, g, factor + mi[mi[AT.dof_mass_start] + i], diagonal)
    for n in range(mi[N.num_dofs]):
        k = mi[N.num_dofs] - 1 - n
        row, depth = factor + mi[mi[AT.dof_mass_start] + k], mi[mi[AT.dof_mass_count] + k]
        inverse = 1.0 / ld(ws, g, row)
        i, c = mi[mi[AT.dof_parent] + k], 1
        while i >= 0:
            entry = ld(ws, g, row + c)
            ratio = entry * inverse
            above = factor + mi[mi[AT.dof_mass_start] + i]
            for r in range(depth - c):
                st(ws, g, above + r, ld(ws, g, above + r) - ratio * ld(ws, g, row + c + r))
            st(ws, g, row + c, ratio)
            i = mi[mi[AT.dof_parent] + i]
            c += 1
        st(ws, g, row, inverse)


@ti.func
def solve_metric(mi: ti.template(), ws: ti.template(), g, x):
    """Solve in place for the vector that starts at slot `x`."""
    factor = mi[AT.mass_factor]
    for n in range(mi[N.num_dofs]):
        k = mi[N.num_dofs] - 1 - n
        at, value = factor + mi[mi[AT.dof_mass_start] + k] + 1, ld(ws, g, x + k)
        i = mi[mi[AT.dof_parent] + k]
        while i >= 0:
            st(ws, g, x + i, ld(ws, g, x + i) - ld(ws, g, at) * value)
            i = mi[mi[AT.dof_parent] + i]
            at += 1
    for k in range(mi[N.num_dofs]):
        at = factor + mi[mi[AT.dof_mass_start] + k]
        value = ld(ws, g, x + k) * ld(ws, g, at)
        i = mi[mi[AT.dof_parent] + k]
        while i >= 0:
            at += 1
            value = value - ld(ws, g, at) * ld(ws, g, x + i)
            i = mi[mi[AT.dof_parent] + i]
        st(ws, g, x + k, value)
