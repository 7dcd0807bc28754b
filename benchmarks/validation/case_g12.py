"""G12: snow is elastic within its critical stretches, plastic beyond, and harder when packed."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import homogeneous, result

CASE, TITLE = "G12", "Snow squeezed by 6 %: stress over that of the law with its hardening exp(xi (1 - J_p))"


def run(quick: bool) -> dict[str, Any]:
    """Within 1 %; squeezing and stretching within the critical values leave no stress (1e-3 of the peak)."""
    snow = engine.Snow(
        youngs_modulus=1.4e5, poisson_ratio=0.2, critical_compression=0.025, critical_stretch=0.0075, hardening=10
    )
    lame, shear = snow.lame()
    left = []
    for way in (-0.02, 0.006):
        drive, peak, stress = homogeneous(snow), 0.0, np.zeros((3, 3))
        for k in range(20):
            _, stress, _ = drive((0.0, 0.0, (1 if k < 10 else -1) * np.log1p(way) / 10))
            peak = max(peak, abs(stress[2, 2]))
        left.append(abs(stress[2, 2]) / peak)
    drive, stress, grown = homogeneous(snow), np.zeros((3, 3)), np.zeros(3)
    track = []
    for _ in range(30):
        grown, stress, _ = drive((0.0, 0.0, np.log(0.94) / 30))
        track.append(-float(stress[2, 2]))
    elastic = 1 - snow.critical_compression
    packed = float(np.exp(grown[2])) / elastic
    law = np.exp(10 * (1 - packed)) * (2 * shear * (elastic - 1) * elastic + lame * (elastic - 1) * elastic) / elastic
    measured = float(stress[2, 2]) if max(left) < 1e-2 else float("inf")
    found = result(measured / law, 1.0, 0.01, {"stress": track}, gate_text="1 %; elastic within the critical stretches")
    return {**found, "reason": f"stress left after elastic cycles over the peak: {max(left):.1e}"}
