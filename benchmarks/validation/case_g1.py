"""G1: the return map of sand: stresses come back to the yield surface along the flow rule, tension comes back to nothing."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, returned

CASE, TITLE = "G1", "Return map of sand, random stresses: worst distance from the yield surface over the pressure"


def run(quick: bool) -> dict[str, Any]:
    """Within 1e-5 of the pressure, where that is 500 Pa or more; direction kept within 1e-3, no tension left."""
    sand = engine.Sand(friction_angle=np.radians(30), youngs_modulus=1e6)
    random = np.random.default_rng(5)
    size = 512 if quick else 4096

    def trial(count: int) -> np.ndarray:
        shear = random.normal(size=(count, 3, 3)) * 3e3
        shear += np.swapaxes(shear, -1, -2)
        shear -= np.trace(shear, axis1=-2, axis2=-1)[:, None, None] / 3 * np.eye(3)
        return shear - random.uniform(-2e3, 4e3, count)[:, None, None] * np.eye(3)

    before, after = returned(sand, trial, size)
    p = -np.trace(after, axis1=-2, axis2=-1) / 3
    s = after + p[:, None, None] * np.eye(3)
    norm = np.sqrt((s**2).sum((-1, -2)))
    first = before - np.trace(before, axis1=-2, axis2=-1)[:, None, None] / 3 * np.eye(3)
    outside = np.sqrt((first**2).sum((-1, -2))) > 1.01 * sand.cone() * p
    sheared = outside & (p > 500.0)
    distance = float((np.maximum(norm - sand.cone() * p, 0.0)[sheared] / p[sheared]).max())
    direction = np.abs((s * first).sum((-1, -2)) / np.maximum(norm * np.sqrt((first**2).sum((-1, -2))), 1e-9) - 1)[sheared]
    torn = np.trace(before, axis1=-2, axis2=-1) > 0
    left = float(np.abs(after[torn]).max()) / 1e3
    fine = direction.max() < 1e-3 and left < 1e-3 and sheared.sum() > 50 and torn.sum() > 50
    return result(distance if fine else float("inf"), 0.0, 1e-5, scale=1.0, gate_text="1e-5; same direction; no tension")
