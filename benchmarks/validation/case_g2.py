"""G2: sand in a triaxial test fails at sigma_1 / sigma_3 = (1 + sin phi) / (1 - sin phi)."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, returned

CASE, TITLE = "G2", "Triaxial compression of sand, phi = 20, 30, 35, 40: worst error of the ratio of principal stresses"


def run(quick: bool) -> dict[str, Any]:
    """Within 1 %, for the triaxial matching."""
    measured, exact, angles = [], [], (20, 30, 35, 40)
    for degrees in angles if not quick else (20, 35):
        phi = np.radians(degrees)
        axial = -np.diag([1e3, 1e3, 1e4])
        _, after = returned(engine.Sand(friction_angle=phi, youngs_modulus=1e6), lambda n, s=axial: np.tile(s, (n, 1, 1)), 16)
        measured.append(float((after[:, 2, 2] / after[:, 0, 0]).mean()))
        exact.append((1 + np.sin(phi)) / (1 - np.sin(phi)))
    worst = float(np.abs(np.array(measured) / np.array(exact) - 1).max())
    return result(worst, 0.0, 0.01, {"measured": measured, "exact": exact}, scale=1.0, gate_text="1 %")
