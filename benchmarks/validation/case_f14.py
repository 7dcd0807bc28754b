"""F14: a ball floats as deep as its density says."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with, walls

CASE, TITLE = "F14", "Floating ball of half the density of water: depth over radius"


def run(quick: bool) -> dict[str, Any]:
    """h / R = 1 for s = 0.5, within half a cell."""
    cell, radius, width, depth = (0.02, 0.06, 0.28, 0.18) if quick else (0.012, 0.06, 0.3, 0.2)
    scene = scene_with(cell, timestep=0.004)
    scene.add_body("tank", walls((width, width, depth + 0.12), 0.02), fixed=True)
    scene.add_body("ball", engine.Sphere(radius), density=500.0, position=(0, 0, depth))
    water = engine.Liquid(sound_speed=20.0)
    scene.add_matter("water", material=water, region=engine.Box(size=(width, width, depth)), position=(0, 0, depth / 2))
    sim = engine.Simulation(scene)
    matter, track = sim.matter("water"), []
    for _ in range(10 if quick else 30):
        heights = []
        for _ in range(20):
            sim.step()
            heights.append(sim.read("body_position_W")[0, 2, 2])
        x = matter.position[0]
        far = np.hypot(x[:, 0], x[:, 1]) > 1.6 * radius
        level = float(np.percentile(x[far, 2], 98)) + cell / 4
        track.append((level - (float(np.mean(heights)) - radius)) / radius)
    return result(
        float(np.mean(track[-3:])),
        1.0,
        0.5 * cell / radius,
        {"depth": track},
        gate_text=f"half a cell ({0.5 * cell / radius:.0%})",
    )
