"""D3, D4: an environment has the same bits alone and in a batch, and in every run."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "D3", "Jelly on a plane, alone, again, and in a batch: numbers that differ in any bit"


def run(quick: bool) -> dict[str, Any]:
    """None."""
    alone, again = _end(1, 0, quick), _end(1, 0, quick)
    batch = _end(3 if quick else 16, 2, quick)
    return result(float((alone != again).sum() + (alone != batch).sum()), 0.0, 0.0, scale=1.0, gate_text="none")


def _end(envs: int, which: int, quick: bool) -> np.ndarray:
    """Positions and velocities of one environment after the others had other speeds."""
    scene = scene_with(0.02)
    scene.add_plane()
    block = engine.Box(size=(0.1, 0.08, 0.06))
    scene.add_matter("jelly", material=engine.Elastic(youngs_modulus=5e4), region=block, position=(0, 0, 0.05))
    sim = engine.Simulation(scene, num_envs=envs)
    matter = sim.matter("jelly")
    speed = np.zeros(matter.velocity.shape)
    speed[..., 0] = 0.3 * np.arange(1, envs + 1)[:, None]
    speed[which] = (0.5, -0.2, 0.0)
    matter.velocity = speed
    sim.step(50 if quick else 250)
    return np.concatenate([matter.position[which], matter.velocity[which]])
