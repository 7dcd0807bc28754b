"""What the cases of deformables share: the form of a result, and the closed forms that need a root or an integral."""

from typing import Any

import numpy as np


def result(measured: float, reference: float, gate: float, curves: dict[str, Any] | None = None) -> dict[str, Any]:
    """A case's result; `gate` is the largest relative error."""
    error = abs(measured - reference) / abs(reference)
    return {
        "measured": float(measured), "reference": float(reference), "gate": f"{gate:.1%}", "error": float(error),
        "verdict": "pass" if error <= gate else "fail", "curves": curves or {},
    }  # fmt: skip


def elastica(beta: float) -> float:
    """Tip deflection over length of a horizontal clamped strip under its own weight, beta = q L^3 / (E I)."""
    from scipy.integrate import solve_bvp

    s = np.linspace(0, 1, 81)
    found = solve_bvp(
        lambda s, y: np.stack([y[1], -beta * (1 - s) * np.cos(y[0])]), lambda a, b: np.array([a[0], b[1]]), s,
        np.zeros((2, len(s))), tol=1e-8, max_nodes=20_000,
    )  # fmt: skip
    theta = found.sol(np.linspace(0, 1, 4001))[0]
    return float(abs(np.trapezoid(np.sin(theta), np.linspace(0, 1, 4001))))


def catenary_sag(stretch: float) -> float:
    """Sag over span of an inextensible chain of length `stretch` times the span."""
    from scipy.optimize import brentq

    u = brentq(lambda u: np.sinh(u) / u - stretch, 1e-6, 20)
    return float((np.cosh(u) - 1) / (2 * u))
