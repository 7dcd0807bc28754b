"""D4: the same bits in every run and for any number of threads."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "D4", "Sand thrown on a plane, three runs, one and two workers: numbers that differ in any bit"


def run(quick: bool) -> dict[str, Any]:
    """None."""
    ends = [_end(1, quick), _end(1, quick), _end(2, quick), _end(2, quick)]
    return result(float(sum((end != ends[0]).sum() for end in ends)), 0.0, 0.0, scale=1.0, gate_text="none")


def _end(workers: int, quick: bool) -> np.ndarray:
    scene = scene_with(0.02, domain=((-0.6, -0.6, -0.2), (0.6, 0.6, 0.6)))
    scene.add_plane()
    sand = engine.Sand(youngs_modulus=1e5)
    region = engine.Box(size=(0.1, 0.08, 0.06))
    scene.add_matter("sand", material=sand, region=region, position=(0, 0, 0.05), velocity=(0.2, 0.1, -1.0))
    sim = engine.Simulation(scene)
    particles = sim._coupling.continua[0].particles
    particles.shared, particles.workers = workers > 1, min(workers, particles.workers)
    sim.step(25 if quick else 250)
    matter = sim.matter("sand")
    return np.concatenate([matter.position[0], matter.velocity[0], matter.stress[0].reshape(-1, 9)], axis=1)
