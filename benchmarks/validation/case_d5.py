"""D5: the order in which particles are given does not matter."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "D5", "Jelly dropped on a plane with its particles permuted: largest distance over the edge"


def run(quick: bool) -> dict[str, Any]:
    """Within 1e-5 before the drop ends (0.1 s); sums in other orders differ by rounding."""
    plain, mixed = _end(None), _end(7)
    error = float(np.abs(plain - mixed).max()) / 0.12
    return result(error, 0.0, 1e-5, scale=1.0, gate_text="1e-5")


def _end(seed: int | None) -> np.ndarray:
    scene = scene_with(0.02, domain=((-0.4, -0.4, -0.2), (0.4, 0.4, 0.4)))
    scene.add_plane()
    cube = engine.Box(size=(0.12, 0.12, 0.12))
    scene.add_matter("jelly", material=engine.Elastic(youngs_modulus=5e4), region=cube, position=(0, 0, 0.0625))
    sim = engine.Simulation(scene)
    matter = sim.matter("jelly")
    order = np.arange(matter.position.shape[1])
    if seed is not None:
        order = np.random.default_rng(seed).permutation(order)
        matter.position = matter.position[:, order]
    sim.step(50)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    x = matter.position[0, back].astype(float)
    return np.concatenate([x.mean(0), x.std(0), np.abs(x).max(0)])  # observables: place, size, extent
