"""G4: a column of sand collapses between plates (Lube et al. 2005: runs out by 1.2 a L0 for heights a = H0 / L0 below 2.3)."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "G4", "Collapse of a column of sand, a = 1: run-out (L - L0) / L0"


def run(quick: bool) -> dict[str, Any]:
    """Within 15 % (a gate chosen here) after 0.6 s; a slice that repeats across, front = 99.5th percentile of both sides."""
    start = 0.1
    cell = 0.01 if quick else 0.0075
    scene = scene_with(cell, domain=((-0.6, -2 * cell, -0.1), (0.6, 2 * cell, 0.2)), periodic=(False, True, False))
    scene.add_body("floor", engine.Box(size=(2.0, 1.0, 0.04), position=(0, 0, -0.02), friction=0.8), fixed=True)
    sand = engine.Sand(friction_angle=np.radians(31.0), match="plane_strain", youngs_modulus=1e5)
    column = engine.Box(size=(2 * start, 4 * cell, start))
    scene.add_matter("sand", material=sand, region=column, position=(0, 0, start / 2))
    sim = engine.Simulation(scene)
    matter, track = sim.matter("sand"), []
    matter.stress = -1600.0 * 9.81 * (start - matter.position[..., 2])[..., None, None] * np.eye(3)
    for _ in range(30):
        sim.step(10)
        track.append(float(np.percentile(np.abs(matter.position[0, :, 0]), 99.5)) / start - 1)
    return result(track[-1], 1.2, 0.15, {"t": (0.02 * np.arange(1, 31)).tolist(), "run-out": track})
