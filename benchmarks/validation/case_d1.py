"""D1: momentum without forces."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "D1", "Momentum of a spinning block of jelly: drift over sum |m v| in 1000 substeps"


def run(quick: bool) -> dict[str, Any]:
    """Within 1e-6."""
    scene = scene_with(0.02, gravity=(0.0, 0.0, 0.0), domain=((-1, -1, -1), (1, 1, 1)))
    motion = {"velocity": (0.3, -0.2, 0.1), "angular_velocity": (3.0, 0.0, 10.0)}
    box = engine.Box(size=(0.12, 0.1, 0.08))
    scene.add_matter("jelly", material=engine.Elastic(youngs_modulus=1e5), region=box, **motion)
    sim = engine.Simulation(scene)
    matter = sim.matter("jelly")

    def momentum() -> np.ndarray:
        return (matter.mass[0, :, None].astype(float) * matter.velocity[0]).sum(axis=0)

    before = momentum()
    scale = float((matter.mass[0] * np.linalg.norm(matter.velocity[0], axis=1)).sum())
    drift = []
    for _ in range(10):
        sim.step(25)
        drift.append(float(np.abs(momentum() - before).max() / scale))
    return result(drift[-1], 0.0, 1e-6, {"drift": drift}, scale=1.0, gate_text="1e-6")
