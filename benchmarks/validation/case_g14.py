"""G14: a stream of sand that a wall turns aside pushes it with rho Q v."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "G14", "Stream of sand against a smooth wall: force over density times flow times speed"


def run(quick: bool) -> dict[str, Any]:
    """Within 10 %, mean of the steady part, before the end of the stream meets the heap; no gravity."""
    cell, height, length, speed = 0.01, 0.06, 0.6, 2.0
    box = ((-0.1, -2 * cell, -0.4), (0.8, 2 * cell, 0.4))
    scene = scene_with(cell, domain=box, periodic=(False, True, False), gravity=(0.0, 0.0, 0.0))
    scene.add_body("wall", engine.Box(size=(0.2, 1.0, 1.2), position=(-0.1, 0, 0), friction=0.0), fixed=True)
    region = engine.Box(size=(length, 4 * cell, height))
    sand = engine.Sand(youngs_modulus=5e5)
    scene.add_matter("sand", material=sand, region=region, position=(0.02 + length / 2, 0, 0), velocity=(-speed, 0, 0))
    sim = engine.Simulation(scene)
    times, force = [], []
    for k in range(28):
        pushed = 0.0
        for _ in range(5):
            sim.step()
            pushed -= float(sim.body_wrench("wall")[0, 0]) / 5
        times.append(0.01 * (k + 1))
        force.append(pushed)
    exact = 1600.0 * height * 4 * cell * speed**2
    steady = [f for t, f in zip(times, force, strict=True) if 0.08 < t <= 0.2]
    return result(float(np.mean(steady)) / exact, 1.0, 0.1, {"t": times, "force": force})
