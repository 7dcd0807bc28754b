"""K2: a fixed tank weighs what is in it."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with, walls

CASE, TITLE = "K2", "Weighing: mean force on a tank of water over the weight of the water"


def run(quick: bool) -> dict[str, Any]:
    """Within 1 %, over the last half second."""
    cell = 0.03 if quick else 0.015
    scene = scene_with(cell)
    scene.add_body("tank", walls((0.3, 0.3, 0.25), 0.02), fixed=True)
    scene.add_matter("water", material=engine.Liquid(), region=engine.Box(size=(0.3, 0.3, 0.15)), position=(0, 0, 0.075))
    sim = engine.Simulation(scene)
    weight = 9.81 * sim.matter("water").total_mass[0]
    force = []
    for _ in range(40 if quick else 200):
        sim.step(10)
        force.append(-sim.body_wrench("tank")[0, 2] / weight)
    late = force[-25:]
    return result(float(np.mean(late)), 1.0, 0.01, {"t": (0.02 * np.arange(1, len(force) + 1)).tolist(), "force": force})
