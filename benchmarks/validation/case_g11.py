"""G11: a bar of clay yields at its yield stress, stays there, unloads with Young's modulus, and keeps its plastic volume."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import homogeneous, result

CASE, TITLE = "G11", "Uniaxial bar of von Mises material: plateau over the yield stress"


def run(quick: bool) -> dict[str, Any]:
    """Within 1 %, flat within 1 %, unloading within 2 % of E, det F_p = 1 within 1e-4."""
    young, nu, limit = 1e6, 0.3, 1e4
    clay = engine.Plastic(youngs_modulus=young, poisson_ratio=nu, yield_stress=limit)
    drive = homogeneous(clay)
    strains, stresses, volumes = [], [], []
    lateral, size = 0.0, 5e-4
    for k in range(100):
        axial = size if k < 80 else -size
        grown, stress, ratio = drive((lateral, lateral, axial))
        strains.append(float(grown[2]))
        stresses.append(float(stress[2, 2]))
        volumes.append(float(np.exp(grown.sum()) / ratio))
        side = 0.5 * (stress[0, 0] + stress[1, 1])
        yielding = abs(stress[2, 2]) > 0.98 * limit and k < 80
        lateral = -(0.5 if yielding else nu) * (size if k + 1 < 80 else -size) - 0.3 * side / young
    plateau = np.array(stresses[40:80])
    slope = (stresses[-1] - stresses[82]) / (strains[-1] - strains[82])
    flat = np.ptp(plateau) / limit < 0.01
    fine = flat and abs(slope / young - 1) < 0.02 and max(abs(v - 1) for v in volumes) < 1e-4
    curves = {"strain": strains, "stress": stresses}
    gate = "1 %; flat; unloads with E within 2 %; det F_p = 1 +- 1e-4"
    found = result(plateau.mean() if fine else float("inf"), limit, 0.01, curves, gate_text=gate)
    reason = f"plateau {plateau.mean():.1f}, spread {np.ptp(plateau):.1f} Pa, slope {slope:.4g}"
    return {**found, "reason": reason}
