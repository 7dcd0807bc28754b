"""S11: buckling of a clamped column under its tip load: the load at which the lateral stiffness vanishes.

Reference solver: the column is pressed in steps and its lowest lateral frequency watched; its square falls in proportion to the
load and is zero at P_cr = pi^2 E I / (4 L^2).
"""

from typing import Any

import numpy as np

from benchmarks.validation.soft import result
from benchmarks.validation.solid import YOUNG, block
from engine.solvers.fem.reference import equilibrium

CASE, TITLE = "S11", "Buckling of a column, L 1, b h 0.05: critical tip load over pi^2 E I / (4 L^2)"
SIDE = 0.05
CRITICAL = np.pi**2 * YOUNG * SIDE**4 / 12 / 4


def run(quick: bool) -> dict[str, Any]:
    """Within 5 %, by the line through the squared frequencies at half and nine tenths of the load."""
    loads = np.array([0.0, 0.5, 0.9]) * CRITICAL
    squared = np.array([lowest(load, SIDE if quick else SIDE / 2) for load in loads])
    slope, start = np.polyfit(loads[1:], squared[1:], 1)
    return result(-start / slope / CRITICAL, 1.0, 0.05, {"load": loads.tolist(), "squared frequency": squared.tolist()})


def lowest(load: float, spacing: float) -> float:
    """Smallest eigenvalue [1/s^2] of the pressed column."""
    from scipy import sparse
    from scipy.sparse.linalg import eigsh

    body = block(0.0, "st_venant_kirchhoff", (SIDE, SIDE, 1.0), spacing, True, 1000.0)
    top = np.abs(body.points[:, 2] - 0.5) < 1e-9
    held = np.abs(body.points[:, 2] + 0.5) < 1e-9
    force = np.zeros_like(body.points)
    force[top, 2] = -load / top.sum()
    x = equilibrium(body, body.points, held, force, 1e-9)
    free = np.repeat(~held, 3)
    K = tangent(body, x)[free][:, free].tocsc()
    M = sparse.diags(np.repeat(body.mass, 3)[free]).tocsc()
    return float(eigsh(K, 1, M, sigma=-1.0, return_eigenvectors=False)[0])


def tangent(body: Any, x: np.ndarray) -> Any:
    """Derivative of the forces by differences: `hessian` is made positive and would never buckle."""
    from scipy import sparse

    n = x.size
    near = body.hessian(x) != 0
    colour = colours(near)
    rows, columns, values = [], [], []
    pattern = near.tocsc()
    for c in range(colour.max() + 1):
        d = np.where(colour == c, 1e-6, 0.0).reshape(x.shape)
        change = (-(body.force(x + d) - body.force(x - d)) / 2e-6).ravel()
        for j in np.flatnonzero(colour == c):
            i = pattern.indices[pattern.indptr[j] : pattern.indptr[j + 1]]
            rows.append(i)
            columns.append(np.full(len(i), j))
            values.append(change[i])
    K = sparse.csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n))
    return (K + K.T) / 2


def colours(near: Any) -> np.ndarray:
    """Colours of the columns of a symmetric pattern such that no two of one colour share a row."""
    second = (near.astype(int) @ near.astype(int)).tocsr()
    chosen = np.full(second.shape[0], -1)
    for j in range(len(chosen)):
        taken = set(chosen[second.indices[second.indptr[j] : second.indptr[j + 1]]].tolist())
        c = 0
        while c in taken:
            c += 1
        chosen[j] = c
    return chosen
