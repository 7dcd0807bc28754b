"""K1: a ball released under water starts with the acceleration that its added mass allows."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "K1", "Added mass: first acceleration over g (1 - s) / (s + 0.5), worst of light to heavy balls"


def run(quick: bool) -> dict[str, Any]:
    """Within 10 %, mean over the first 0.05 sqrt(R / g)."""
    ratios = (0.1, 2.0) if quick else (0.1, 0.25, 0.5, 0.8, 2.0, 5.0, 7.8)
    found = [_start(s, quick) for s in ratios]
    worst = max(found, key=lambda ratio: abs(ratio - 1))
    return result(worst, 1.0, 0.1, {"s": list(ratios), "acceleration ratio": found})


def _start(s: float, quick: bool) -> float:
    radius, cells = 0.06, 32 if quick else 64
    cell = 0.01 if quick else 0.0075
    half, depth = cells * cell / 2, (cells + 8) * cell
    box = ((-half, -half, -0.1), (half, half, depth + 0.2))
    time = 0.05 * np.sqrt(radius / 9.81)
    scene = scene_with(cell, domain=box, periodic=(True, True, False), timestep=time / 16)
    scene.add_plane(friction=0.0)
    scene.add_body("ball", engine.Sphere(radius), density=1000.0 * s, position=(0, 0, depth / 2))
    water = engine.Liquid(sound_speed=75.0)
    region = engine.Box(size=(2 * half, 2 * half, depth))
    scene.add_matter("water", material=water, region=region, position=(0, 0, depth / 2), spacing=0.625 * cell)
    sim = engine.Simulation(scene)
    matter = sim.matter("water")
    matter.stress = -1000.0 * 9.81 * (depth - matter.position[..., 2])[..., None, None] * np.eye(3)
    sim.step(16)
    return float(sim.state.qvel[0, 2]) / time / (9.81 * (1 - s) / (s + 0.5))
