"""S16: a free bar vibrates along its length."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "S16", "Bar of particles vibrating lengthwise between free ends: period [s]"


def run(quick: bool) -> dict[str, Any]:
    """Within 1 % of 2 L / sqrt(E / rho), nu = 0, over two periods."""
    cell, length, young = 0.02 if quick else 0.01, 0.48, 1e5
    scene = scene_with(cell, gravity=(0.0, 0.0, 0.0), timestep=0.001, domain=((-0.5, -0.2, -0.2), (0.5, 0.2, 0.2)))
    bar = engine.Elastic(youngs_modulus=young, poisson_ratio=0.0)
    scene.add_matter("bar", material=bar, region=engine.Box(size=(length, 0.08, 0.08)))
    sim = engine.Simulation(scene)
    matter = sim.matter("bar")
    shape = np.sin(np.pi * matter.position[0, :, 0] / length)
    matter.velocity = 0.1 * shape[:, None] * np.array([1.0, 0.0, 0.0])
    track = [0.1]
    for _ in range(220):
        sim.step(1)
        track.append(float((matter.velocity[0, :, 0] * shape).sum() / (shape**2).sum()))
    v = np.array(track)
    turns = np.nonzero(v[1:] * v[:-1] < 0)[0]
    zeros = 0.001 * (turns + v[turns] / (v[turns] - v[turns + 1]))
    period = 2 * float(np.mean(np.diff(zeros))) if len(zeros) > 1 else float("inf")
    t = 0.001 * np.arange(len(v))
    return result(period, 2 * length / np.sqrt(young / 1000.0), 0.01, {"t": t.tolist(), "amplitude": track})
