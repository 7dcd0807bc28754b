"""S18: a soft block on an incline slides at g (sin - mu cos) above the angle of friction."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.soft import result

CASE, TITLE = "S18", "Soft block on an incline of 1.3 mu: worst acceleration over g (sin - mu cos), mu = 0.3, 0.5, 0.8"


def run(quick: bool) -> dict[str, Any]:
    """Within 2 % at the default budget; below the angle (0.9 mu) it may drift by 1 mm in 0.5 s."""
    engine.init(backend="cpu", precision="f32")
    ratios, drifts = [], []
    for mu in (0.5,) if quick else (0.3, 0.5, 0.8):
        way, rate, expected = slide(1.3, mu)
        ratios.append(rate / expected)
        drifts.append(abs(slide(0.9, mu)[0]))
    worst = max(ratios, key=lambda ratio: abs(ratio - 1))
    stands = max(drifts) < 1e-3
    return result(worst if stands else float("inf"), 1.0, 0.02, {"acceleration ratio": ratios, "drift below": drifts})


def slide(ratio: float, mu: float) -> tuple[float, float, float]:
    """Way along the incline in 0.5 s, acceleration, and the one expected of a block above the angle."""
    angle = np.arctan(ratio * mu)
    scene = engine.Scene()
    scene.options.gravity = (9.81 * np.sin(angle), 0, -9.81 * np.cos(angle))
    scene.add_plane(friction=mu)
    material = engine.Elastic(youngs_modulus=2e5, damping=5e-3, friction=mu)
    shape = engine.Box(size=(0.12, 0.12, 0.06))
    scene.add_soft("block", material=material, shape=shape, resolution=0.03, position=(0, 0, 0.0301))
    sim = engine.Simulation(scene)
    view = sim.deformable("block")
    sim.step(150)
    start, speed = view.position.mean(1)[0, 0], view.velocity.mean(1)[0, 0]
    sim.step(250)
    rate = (view.velocity.mean(1)[0, 0] - speed) / 0.5
    return view.position.mean(1)[0, 0] - start, rate, 9.81 * (np.sin(angle) - mu * np.cos(angle))
