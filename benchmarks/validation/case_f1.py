"""F1: water at rest presses by the weight above it."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with, walls

CASE, TITLE = "F1", "Hydrostatic tank: RMS of p - rho g (H - z) over rho g H"


def run(quick: bool) -> dict[str, Any]:
    """Within 3 %, in layers of one cell, averaged over half a second after 1.5 s (three when not quick)."""
    cell, width, depth = (0.03, 0.24, 0.24) if quick else (0.025, 0.5, 0.5)
    scene = scene_with(cell)
    scene.add_body("tank", walls((width, width, depth * 1.4), 0.03), fixed=True)
    box = engine.Box(size=(width, width, depth))
    scene.add_matter("water", material=engine.Liquid(sound_speed=25.0), region=box, position=(0, 0, depth / 2))
    sim = engine.Simulation(scene)
    matter = sim.matter("water")
    sim.step(750 if quick else 1500)
    layers = round(depth / cell)
    sums, counts = np.zeros(layers), np.zeros(layers)
    for _ in range(25):
        sim.step(10)
        layer = np.clip((matter.position[0, :, 2] / cell).astype(int), 0, layers - 1)
        sums += np.bincount(layer, matter.pressure[0], layers)
        counts += np.bincount(layer, minlength=layers)
    z = (np.arange(layers) + 0.5) * cell
    exact = 1000.0 * 9.81 * (depth - z)
    pressure = sums / np.maximum(counts, 1)
    error = float(np.sqrt(np.mean((pressure - exact) ** 2)) / (1000.0 * 9.81 * depth))
    curves = {"z": z.tolist(), "pressure": pressure.tolist(), "exact": exact.tolist()}
    return result(error, 0.0, 0.03, curves, scale=1.0, gate_text="3 %")
