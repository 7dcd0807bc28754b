"""S8: a beam clamped at one end bends under its own weight far beyond the linear theory (the heavy elastica)."""

from typing import Any

import numpy as np

from benchmarks.validation.soft import elastica
from benchmarks.validation.solid import YOUNG, block
from engine.solvers.fem.reference import equilibrium

CASE, TITLE = "S8", "Heavy elastica: worst relative error of the tip's deflection, q L^3 / (E I) = 1 to 10, reference solver"
DEPTH = 0.05


def run(quick: bool) -> dict[str, Any]:
    """Within 3 % (L = 1, b = h = 0.05, nu = 0, quadratic tetrahedra); linear theory gives 1.26 times as much at 5."""
    loads = (1.0, 5.0) if quick else (1.0, 2.0, 3.0, 5.0, 8.0, 10.0)
    found, exact = _tips(loads, DEPTH if quick else DEPTH / 2), [elastica(beta) for beta in loads]
    worst = float(np.abs(np.array(found) / exact - 1).max())
    return {
        "measured": worst, "reference": 0.0, "gate": "3 %", "error": worst, "verdict": "pass" if worst <= 0.03 else "fail",
        "curves": {"q L^3 / (E I)": list(loads), "deflection over L": found, "elastica": exact},
    }  # fmt: skip


def _tips(loads: tuple[float, ...], spacing: float) -> list[float]:
    """Deflection of the tip over the length under growing weight."""
    body = block(0.0, size=(1.0, DEPTH, DEPTH), spacing=spacing, second=True, density=1.0)
    held, end = np.abs(body.points[:, 0] + 0.5) < 1e-9, np.abs(body.points[:, 0] - 0.5) < 1e-9
    x, tips = body.points, []
    for beta in loads:
        load = np.zeros_like(body.points)
        load[:, 2] = -body.mass / body.mass.sum() * beta * YOUNG * DEPTH**4 / 12
        x = equilibrium(body, x, held, load)
        tips.append(float((body.points - x)[end, 2].mean()))
    return tips
