"""K8, K15: jelly meets a free box at any ratio of masses; momentum is exact and nothing blows up."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "K15", "Mass-ratio sweep 1e-3 to 1e3: worst error of momentum over that of the jelly"


def run(quick: bool) -> dict[str, Any]:
    """Within 2e-5 at every ratio, no speed above three times the first."""
    ratios = (1e-3, 1.0, 1e3) if quick else (1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3)
    errors = [_collision(ratio) for ratio in ratios]
    return result(max(errors), 0.0, 2e-5, {"ratio": list(ratios), "error": errors}, scale=1.0, gate_text="2e-5")


def _collision(ratio: float) -> float:
    scene = scene_with(0.02, gravity=(0.0, 0.0, 0.0), domain=((-0.6, -0.6, -0.6), (0.6, 0.6, 0.8)))
    jelly, mass = engine.Elastic(youngs_modulus=1e4), 0.512
    scene.add_matter(
        "jelly", material=jelly, region=engine.Box(size=(0.08, 0.08, 0.08)), position=(0, 0, 0.3), velocity=(0, 0, -1)
    )
    scene.add_body("box", engine.Box(size=(0.2, 0.2, 0.1)), position=(0, 0, 0.15), mass=ratio * mass)
    sim = engine.Simulation(scene)
    sim.step(150)
    matter = sim.matter("jelly")
    total = np.nansum(matter.mass[0, :, None].astype(float) * matter.velocity[0], axis=0) + sim.state.qvel[0, :3] * ratio * mass
    fastest = max(float(np.abs(matter.velocity).max()), float(np.abs(sim.state.qvel[0, :3]).max()))
    wrong = float(np.abs(total - [0, 0, -mass]).max()) / mass
    return wrong if fastest < 3.0 and not sim.faults.any() else float("inf")
