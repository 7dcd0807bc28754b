"""D2: a stretched block of jelly rings; its energy does not grow."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "D2", "Energy of a ringing block of jelly: largest growth over the first"


def run(quick: bool) -> dict[str, Any]:
    """At most 0.1 % above the first, at any time; neo-Hookean energy and kinetic energy of the particles."""
    scene = scene_with(0.02 if quick else 0.01, gravity=(0.0, 0.0, 0.0), domain=((-0.4, -0.4, -0.4), (0.4, 0.4, 0.4)))
    young, nu = 1e5, 0.3
    jelly = engine.Elastic(youngs_modulus=young, poisson_ratio=nu)
    scene.add_matter("jelly", material=jelly, region=engine.Box(size=(0.12, 0.12, 0.12)))
    sim = engine.Simulation(scene)
    matter = sim.matter("jelly")
    matter.velocity = matter.position * np.array([4.0, -2.0, -2.0])
    lame, shear = young * nu / ((1 + nu) * (1 - 2 * nu)), young / (2 * (1 + nu))
    volume = matter.mass[0].astype(float) / 1000.0

    def energy() -> float:
        log_j = np.log(matter.volume_ratio[0])
        stored = shear / 2 * np.trace(matter.strain[0], axis1=-2, axis2=-1) - shear * log_j + lame / 2 * log_j**2
        moving = 0.5 * matter.mass[0] * (matter.velocity[0].astype(float) ** 2).sum(-1)
        return float((stored * volume + moving).sum())

    track = [energy()]
    for _ in range(60):
        sim.step(2)
        track.append(energy())
    growth = max(track) / track[0] - 1
    return result(growth, 0.0, 1e-3, {"energy": track}, scale=1.0, gate_text="0.1 %")
