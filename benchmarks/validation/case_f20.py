"""F20: a blob of jelly falls freely."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "F20", "Free fall of a blob: fall of the centre of mass in 0.3 s"


def run(quick: bool) -> dict[str, Any]:
    """Within 1e-4 of g t^2 / 2. The velocity is exact; positions of a symplectic step are ahead by g t dt / 2."""
    scene = scene_with(0.02 if quick else 0.01, domain=((-0.5, -0.5, -0.8), (0.5, 0.5, 0.8)))
    scene.add_matter("jelly", material=engine.Elastic(youngs_modulus=1e5), region=engine.Sphere(0.06), position=(0, 0, 0.3))
    sim = engine.Simulation(scene)
    start, track = sim.matter("jelly").center_of_mass[0, 2], []
    for _ in range(15):
        sim.step(10)
        track.append(float(start - sim.matter("jelly").center_of_mass[0, 2]))
    exact = 0.5 * 9.81 * (0.02 * np.arange(1, 16)) ** 2
    return result(track[-1], float(exact[-1]), 1e-4, {"fall": track, "exact": exact.tolist()})
