"""K3: a cart with sloshing water on a frictionless rail stays where it was as a whole."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with, walls

CASE, TITLE = "K3", "Closed cart: momentum along the rail over the largest sum |m v|, worst"


def run(quick: bool) -> dict[str, Any]:
    """Within 1e-5, and the common centre of mass within 1 mm, in 10 s (1 s when quick)."""
    inner = (0.2, 0.08, 0.1)
    scene = scene_with(0.02, domain=((-0.6, -0.3, -0.2), (0.6, 0.3, 0.6)))
    cart = walls(inner, 0.02)
    scene.add_body("cart", cart, mass=1.0, position=(0, 0, 0.1), joint=engine.Slide(axis=(1, 0, 0)))
    region = engine.Box(size=(0.08, 0.08, 0.08))
    scene.add_matter("water", material=engine.Liquid(sound_speed=15.0), region=region, position=(-0.06, 0, 0.14))
    sim = engine.Simulation(scene)
    matter = sim.matter("water")
    mass = float(matter.total_mass[0])

    def centre() -> float:
        return float(mass * matter.center_of_mass[0, 0] + sim.read("body_position_W")[0, 1, 0]) / (mass + 1.0)

    start, track, drift, moving = centre(), [], [], []
    for _ in range(25 if quick else 250):
        sim.step(20)
        m, v = matter.mass[0].astype(float), matter.velocity[0].astype(float)
        total = (m * v[:, 0]).sum() + sim.state.qvel[0, 0]
        track.append(abs(float(total)))
        moving.append(float((m * np.linalg.norm(v, axis=1)).sum() + abs(sim.state.qvel[0, 0])))
        drift.append(abs(centre() - start))
    track = [momentum / max(moving) for momentum in track]
    measured = max(track) if max(drift) < 1e-3 else float("inf")
    found = result(measured, 0.0, 1e-5, {"momentum": track, "drift": drift}, scale=1.0, gate_text="1e-5; centre within 1 mm")
    return {**found, "reason": f"worst momentum {max(track):.2e}, worst drift {max(drift):.2e} m"}
