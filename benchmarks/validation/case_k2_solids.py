"""K2: a pan under jelly and one under cloth feel their weight, and nothing while both fall."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result

CASE, TITLE = "K2-solids", "Weighing: mean force on a pan over the weight of the jelly, of the cloth: largest error"


def run(quick: bool) -> dict[str, Any]:
    """Within 1 % at the default budget, exactly 0 in free fall."""
    engine.init(backend="cpu", precision="f32", threads=1)
    scene = engine.Scene()
    for name, x in (("left", -0.5), ("right", 0.5)):
        scene.add_body(name, engine.Box(size=(0.6, 0.6, 0.02)), position=(x, 0, -0.01), fixed=True)
    jelly = engine.Elastic(preset="jelly")
    scene.add_soft("jelly", material=jelly, shape=engine.Box(size=(0.1, 0.1, 0.1)), resolution=0.05, position=(-0.5, 0, 0.07))
    scene.add_cloth("cloth", mesh=engine.Sheet(size=(0.2, 0.2), spacing=0.05), position=(0.5, 0, 0.02))
    sim = engine.Simulation(scene)
    sim.step(10)
    falling = max(float(np.abs(sim.body_wrench(name)).max()) for name in ("left", "right"))
    sim.step(500 if quick else 1500)
    ratio = {}
    for pan, name in (("left", "jelly"), ("right", "cloth")):
        force = []
        for _ in range(100):
            sim.step(1)
            force.append(-float(sim.body_wrench(pan)[0, 2]))
        ratio[name] = float(np.mean(force)) / (9.81 * float(sim.deformable(name).mass.sum()))
    worst = max(abs(r - 1) for r in ratio.values())
    made = result(worst if falling == 0 else float("inf"), 0.0, 0.01, {"force over weight": list(ratio.values())}, scale=1.0)
    return {**made, "reason": f"jelly {ratio['jelly']:.4f}, cloth {ratio['cloth']:.4f}, in free fall {falling:.1e} N"}
