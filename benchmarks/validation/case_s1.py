"""S1: a soft cube spins freely for ten turns and keeps its angular momentum."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.soft import result

CASE, TITLE = "S1", "Free spin: angular momentum after ten turns at 10 rad/s over the first one"


def run(quick: bool) -> dict[str, Any]:
    """Within 1e-4 (two turns when quick)."""
    engine.init(backend="cpu", precision="f32")
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    scene.add_soft("cube", material=engine.Elastic(), shape=engine.Box(size=(0.1, 0.1, 0.1)), resolution=0.05)
    sim = engine.Simulation(scene)
    view = sim.deformable("cube")
    view.velocity = np.cross([0.0, 0.0, 10.0], view.position)
    track = [_spin(view)]
    for _ in range(12 if quick else 60):
        sim.step(53)
        track.append(_spin(view))
    return result(track[-1] / track[0], 1.0, 1e-4, {"angular momentum": track})


def _spin(view: Any) -> float:
    arm = view.position[0] - view.position[0].mean(0)
    return float((view.mass[0][:, None] * np.cross(arm, view.velocity[0])).sum(0)[2])
