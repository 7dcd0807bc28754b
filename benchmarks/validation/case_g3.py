"""G3: a deep layer of sand on a rough slope stands below its angle of friction and slides above it."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import periodic_scene, result

CASE, TITLE = "G3", "Infinite slope of sand, phi = 30: acceleration over g above the angle of friction (must stand below it)"


def run(quick: bool) -> dict[str, Any]:
    """Within 5 % of sin - mu cos at a slope of 1.3 mu; at 0.9 mu it slows down from 0.1 m/s to rest."""
    phi = np.radians(30)
    mu = 2 * np.sqrt(3) * np.sin(phi) / (3 - np.sin(phi))
    angle = np.arctan(1.3 * mu)
    _, speeds = _slope(angle, 0.0, quick)
    half = len(speeds) // 2
    rate = float(np.polyfit(0.02 * np.arange(half, len(speeds)), speeds[half:], 1)[0]) / 9.81
    expected = float(np.sin(angle) - mu * np.cos(angle))
    times, still = _slope(np.arctan(0.9 * mu), 0.1, quick)
    stands = abs(still[-1]) < 0.02
    curves = {"t": times, "speed above": speeds, "speed below": still}
    found = result(rate if stands else float("inf"), expected, 0.05, curves, gate_text="5 %; stands below")
    effective = (np.sin(angle) - rate) / np.cos(angle) / mu
    return {
        **found,
        "reason": f"friction that acts over mu {effective:.3f}; speed at the end below the angle {still[-1]:.4f} m/s",
    }


def _slope(angle: float, speed: float, quick: bool) -> tuple[list[float], list[float]]:
    cell = 0.02
    depth = 20 * cell
    gravity = (9.81 * np.sin(angle), 0.0, -9.81 * np.cos(angle))
    scene = periodic_scene(cell, None, depth, gravity=gravity)
    scene.add_plane(friction=1.0)
    sand = engine.Sand(friction_angle=np.radians(30), youngs_modulus=2e5, wall="stick")
    region = engine.Box(size=(4 * cell, 4 * cell, depth))
    scene.add_matter("sand", material=sand, region=region, position=(0, 0, depth / 2), velocity=(speed, 0, 0))
    sim = engine.Simulation(scene)
    matter = sim.matter("sand")
    weight = 1600.0 * 9.81 * np.cos(angle) * (depth - matter.position[0, :, 2])
    shear = np.zeros((len(weight), 3, 3))
    shear[:, 0, 2] = shear[:, 2, 0] = min(np.tan(angle), 0.5) * weight
    matter.stress = -weight[None, :, None, None] * np.eye(3) + shear
    times, track = [], []
    for k in range(15 if quick else 40):
        sim.step(10)
        times.append(0.02 * (k + 1))
        track.append(float(matter.velocity[0, :, 0].mean()))
    return times, track
