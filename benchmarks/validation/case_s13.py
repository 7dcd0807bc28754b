"""S13: an elastic ball between two rigid plates presses by Hertz's law, F = 4/3 E* sqrt(R) d^1.5 at each of them."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "S13", "Ball between plates (Hertz): modulus E* from force and approach over E / (1 - nu^2)"
RADIUS, YOUNG, NU = 0.1, 1e6, 0.3


def run(quick: bool) -> dict[str, Any]:
    """Within 7 %: slope of F^(2/3) over the approach d, between 3 and 7 % of R; where contact begins (particles keep up to
    half a spacing of air) is fitted with it. The exponent with that beginning is within 0.05 of 1.5.
    """
    approach, force = _pressed(0.01 if quick else 0.00625)
    used = (approach > 0.03 * RADIUS) & (approach < 0.07 * RADIUS)
    slope, offset = np.polyfit(approach[used], force[used] ** (2 / 3), 1)
    start = -offset / slope
    modulus = 0.75 * slope**1.5 / np.sqrt(RADIUS)
    exponent = float(np.polyfit(np.log(approach[used] - start), np.log(force[used]), 1)[0])
    exact = 4 / 3 * YOUNG / (1 - NU**2) * np.sqrt(RADIUS) * np.maximum(approach - start, 0.0) ** 1.5
    measured = float(modulus / (YOUNG / (1 - NU**2))) if abs(exponent - 1.5) < 0.05 else float("inf")
    curves = {"d": approach.tolist(), "F": force.tolist(), "Hertz": exact.tolist()}
    found = result(measured, 1.0, 0.07, curves, gate_text="7 %; exponent 1.5 +- 0.05")
    return {**found, "reason": f"exponent {exponent:.3f}, contact begins at d = {1e3 * start:.2f} mm"}


def _pressed(cell: float) -> tuple[np.ndarray, np.ndarray]:
    """Approach [m] at each plate and mean force [N] of both."""
    scene = scene_with(cell, gravity=(0.0, 0.0, 0.0), domain=((-0.16, -0.16, -0.16), (0.16, 0.16, 0.16)))
    for name, side in (("floor", -1), ("press", 1)):
        plate = engine.Box(size=(0.3, 0.3, 0.04), position=(0, 0, 0), friction=0.0)
        scene.add_body(name, plate, position=(0, 0, side * (RADIUS + 0.02)), kinematic=True)
    rubber = engine.Elastic(youngs_modulus=YOUNG, poisson_ratio=NU, viscosity=60.0)
    scene.add_matter("ball", material=rubber, region=engine.Sphere(RADIUS))
    sim = engine.Simulation(scene)
    speed, approach, force = 0.1, [], []
    for k in range(40):
        sim.control.kinematic_velocity[0, :2, 2] = (speed, -speed)
        sim.step()
        approach.append(speed * 0.002 * (k + 1))
        force.append(float(sim.body_wrench("press")[0, 2] - sim.body_wrench("floor")[0, 2]) / 2)
    return np.array(approach), np.maximum(np.array(force), 0.0)
