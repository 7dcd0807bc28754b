"""R1: a rope hangs as a catenary."""

from typing import Any

import engine
from benchmarks.validation.soft import catenary_sag, result

CASE, TITLE = "R1", "Catenary: sag of a rope 1.2 times as long as its span"


def run(quick: bool) -> dict[str, Any]:
    """Sag over span within 1 %."""
    scene = engine.Scene()
    scene.options.timestep = 0.01
    scene.deformable_options.sweeps = 40
    half = 0.6
    height = (half**2 - 0.25) ** 0.5
    material = engine.Rope(linear_density=0.1, stretch=2e4, bending=0.0, damping=0.0, bending_damping=0.0, diameter=0.01)
    points = [(-0.5, 0, 0), (0, 0, -height), (0.5, 0, 0)]
    scene.add_rope("rope", material=material, points=points, segments=24 if quick else 40, self_contact=False)
    count = (24 if quick else 40) + 1
    scene.attach("rope", [0, count - 1])
    sim = engine.Simulation(scene)
    sim.step(1500 if quick else 4000)
    line = sim.deformable("rope").position[0]
    return result(-line[:, 2].min(), catenary_sag(1.2), 0.01, {"x": line[:, 0].tolist(), "z": line[:, 2].tolist()})
