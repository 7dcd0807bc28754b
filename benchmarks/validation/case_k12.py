"""K12: cloth on a ball presses on it with its weight, and no vertex is inside."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.soft import result

CASE, TITLE = "K12", "Cloth over a sphere: support force over weight"


def run(quick: bool) -> dict[str, Any]:
    """Within 1 % over the last quarter of a second, without penetration."""
    engine.init(backend="cpu", precision="f32")
    scene = engine.Scene()
    scene.add_body("ball", engine.Sphere(radius=0.1), position=(0, 0, 0.3), fixed=True)
    cloth = engine.Cloth(preset="cotton", friction=0.8, damping=1e-2, bending_damping=2e-2)
    scene.add_cloth("towel", material=cloth, mesh=engine.Sheet(size=(0.3, 0.3), spacing=0.03), position=(0, 0, 0.41))
    sim = engine.Simulation(scene)
    view = sim.deformable("towel")
    weight = float(view.mass.sum()) * 9.81
    force, deepest = [], 1.0
    for _ in range(60 if quick else 150):
        sim.step(10)
        force.append(-float(sim.body_wrench("ball")[0, 2]) / weight)
        deepest = min(deepest, float(np.linalg.norm(view.position[0] - [0, 0, 0.3], axis=1).min()))
    late = float(np.mean(force[-12:])) if deepest > 0.1 else float("inf")
    return result(late, 1.0, 0.01, {"t": (0.02 * np.arange(1, len(force) + 1)).tolist(), "force": force})
