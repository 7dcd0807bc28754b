"""D6: halving the cell at least halves the error of the speed of a viscous layer that flows down a slope. The gate is ours."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import periodic_scene, result

CASE, TITLE = "D6", "Order of convergence in the cell: speed of a viscous layer on a slope, errors at h, h / 2"


def run(quick: bool) -> dict[str, Any]:
    """At least first order between 4 and 8 cells (8 and 16 when not quick); no timestep in the steady flow matters to 1e-3."""
    coarse, fine = (4, 8) if quick else (8, 16)
    exact = 0.2 * 0.1**2 / (3 * 0.01)
    errors = [abs(_speed(n, 0.002) / exact - 1) for n in (coarse, fine)]
    half = abs(_speed(coarse, 0.001) / exact - 1)
    order = float(np.log2(errors[0] / errors[1]))
    measured = min(order, 1.0)
    found = result(measured, 1.0, 0.1, {"cells": [coarse, fine], "error": errors}, gate_text="order of at least 0.9")
    return {**found, "reason": f"order {order:.2f}, errors {errors[0]:.3%} and {errors[1]:.3%}, at half the step {half:.3%}"}


def _speed(cells: int, step: float) -> float:
    """Mean speed of a layer of 0.1 m, nu = 0.01 m^2/s, driven by 0.2 m/s^2 along a floor, when steady."""
    depth = 0.1
    cell = depth / cells
    scene = periodic_scene(cell, None, depth, gravity=(0.2, 0.0, -9.81), timestep=step)
    scene.add_body("floor", engine.Box(size=(4.0, 4.0, 0.1), position=(0, 0, -0.05)), fixed=True)
    liquid = engine.Liquid(viscosity=10.0, sound_speed=8.0, wall="stick")
    scene.add_matter("liquid", material=liquid, region=engine.Box(size=(4 * cell, 4 * cell, depth)), position=(0, 0, depth / 2))
    sim = engine.Simulation(scene)
    matter = sim.matter("liquid")
    matter.stress = -1000.0 * 9.81 * (depth - matter.position[..., 2])[..., None, None] * np.eye(3)
    z = matter.position[..., 2] / depth
    matter.velocity = np.stack([0.2 * depth**2 / 0.01 * (z - z**2 / 2), 0 * z, 0 * z], axis=-1)
    sim.step(round(0.8 / step))
    return float(matter.velocity[0, :, 0].mean())
