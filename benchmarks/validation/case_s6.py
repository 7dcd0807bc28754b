"""S6: a cantilever under a small tip force; quadratic elements at the gate, linear ones as the locking curve."""

from typing import Any

import numpy as np

from benchmarks.validation.soft import result
from benchmarks.validation.solid import block
from engine.solvers.fem.reference import equilibrium

CASE, TITLE = "S6", "Cantilever L 1, b h 0.1, tip force 0.25 N: tip deflection (F L^3 / (3 E I) with shear)"


def run(quick: bool) -> dict[str, Any]:
    """Within 2 %, quadratic tetrahedra, two through the depth; curves: linear ones with 1, 2, 4 through the depth."""
    linear = [tip(0.1 / n, False) for n in ((1, 2) if quick else (1, 2, 4))]
    return result(tip(0.05, True), 0.010078, 0.02, {"linear elements through the depth 1, 2, 4": linear})


def tip(spacing: float, second: bool) -> float:
    """Tip deflection [m]."""
    body = block(0.3, size=(1.0, 0.1, 0.1), spacing=spacing, second=second)
    end = np.abs(body.points[:, 0] - 0.5) < 1e-9
    load = np.zeros_like(body.points)
    load[end, 2] = -0.25 / end.sum()
    x = equilibrium(body, body.points, np.abs(body.points[:, 0] + 0.5) < 1e-9, load)
    return float((body.points - x)[end, 2].mean())
