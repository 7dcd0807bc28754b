"""S5: a bar hangs from its end and stretches under its own weight."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.soft import result

CASE, TITLE = "S5", "Hanging bar: tip stretch rho g L^2 / (2 E)"


def run(quick: bool) -> dict[str, Any]:
    """Tip stretch within 1 % (nu = 0, L = 1)."""
    engine.init(backend="cpu", precision="f64")
    scene = engine.Scene()
    scene.options.timestep = 0.02
    scene.deformable_options.sweeps = 60
    material = engine.Elastic(youngs_modulus=1e6, poisson_ratio=0.0, density=1000.0)
    spacing = 0.1 if quick else 0.05
    scene.add_soft("bar", material=material, shape=engine.Box(size=(0.1, 0.1, 1.0)), resolution=spacing)
    scene.attach("bar", near=(0, 0, 0.5), within=0.0708)
    sim = engine.Simulation(scene)
    start = sim.deformable("bar").position[0]
    sim.step(300 if quick else 1000)
    now = sim.deformable("bar").position[0]
    tip = start[:, 2] < -0.499
    order = np.argsort(start[:, 2])
    curves = {"z": start[order, 2].tolist(), "moved": (start - now)[order, 2].tolist()}
    return result((start - now)[tip, 2].mean(), 1000 * 9.81 / 2e6, 0.01, curves)
