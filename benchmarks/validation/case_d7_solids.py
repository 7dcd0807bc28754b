"""D1, D7: momentum of a free spinning cube that rings; a tilted cube dropped on a plane, and the same turned by 90 degrees."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result

CASE, TITLE = "D7-solids", "Soft cube dropped: distance to its quarter turn over its edge (momentum, D1, in the curves)"


def run(quick: bool) -> dict[str, Any]:
    """Within 1e-4; momentum of a free cube drifts by at most 1e-6 of sum |m v| in 1000 substeps."""
    engine.init(backend="cpu", precision="f32", threads=1)
    first, turned = drop(False), drop(True)
    apart = float(np.abs(np.stack([-first[:, 1], first[:, 0], first[:, 2]], 1) - turned).max()) / 0.1
    drift = momentum(1000)
    made = result(apart if drift < 1e-6 else float("inf"), 0.0, 1e-4, {}, scale=1.0, gate_text="1e-4; momentum 1e-6")
    made["curves"] = {"drift of momentum": [drift]}
    return {**made, "reason": f"quarter turn {apart:.2e}, drift of momentum {drift:.2e}"}


def drop(turned: bool) -> np.ndarray:
    """Vertices after 0.3 s."""
    scene = engine.Scene()
    scene.add_plane()
    tilt = np.array([np.cos(0.2), np.sin(0.2), 0, 0])
    half = np.sqrt(0.5)
    quarter = half * np.array([tilt[0] - tilt[3], tilt[1] - tilt[2], tilt[2] + tilt[1], tilt[3] + tilt[0]])
    pose, speed = (quarter, (0, 0.3, 0)) if turned else (tilt, (0.3, 0, 0))
    shape, jelly = engine.Box(size=(0.1, 0.1, 0.1)), engine.Elastic(preset="jelly")
    at = {"position": (0, 0, 0.1), "rotation": tuple(pose), "velocity": speed}
    scene.add_soft("cube", material=jelly, shape=shape, resolution=0.05, **at)
    sim = engine.Simulation(scene)
    sim.step(150)
    return sim.deformable("cube").position[0]


def momentum(steps: int) -> float:
    """Drift over sum |m v| of a free cube thrown, turning and stretched."""
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    scene.add_soft("cube", material=engine.Elastic(), shape=engine.Box(size=(0.1, 0.1, 0.1)), resolution=0.05)
    sim = engine.Simulation(scene)
    view = sim.deformable("cube")
    view.velocity = np.cross([0.0, 3.0, 10.0], view.position) + [0.2, 0.1, 0.0] + 5 * view.position * [1, -1, 0]
    mass = view.mass[0][:, None]
    start = (mass * view.velocity[0]).sum(0)
    scale = float((mass[:, 0] * np.linalg.norm(view.velocity[0], axis=1)).sum())
    sim.step(steps)
    return float(np.abs((mass * view.velocity[0]).sum(0) - start).max()) / scale
