"""F16: slow flow past a ball drags by Stokes' law, with the factor of a cubic array of balls (Zick and Homsy 1982)."""

from typing import Any

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "F16", "Stokes drag of a ball of 8 cells in a cubic array, c = 0.064: drag factor"


def run(quick: bool) -> dict[str, Any]:
    """F / (6 pi mu r U) within 7 % of 2.810; U is the mean flow over the whole cell of the array."""
    cells = 16 if quick else 32
    cell, viscosity = 0.08 / cells, 50.0
    radius = (3 * 0.064 / (4 * 3.141592653589793)) ** (1 / 3) * 0.08
    half = 0.04
    box = ((-half, -half, -half), (half, half, half))
    scene = scene_with(cell, domain=box, periodic=(True, True, True), gravity=(0.95, 0, 0), timestep=2e-3)
    scene.add_body("ball", engine.Sphere(radius), fixed=True)
    liquid = engine.Liquid(viscosity=viscosity, sound_speed=20.0, wall="stick")
    scene.add_matter("liquid", material=liquid, region=engine.Box(size=(0.08, 0.08, 0.08)))
    sim = engine.Simulation(scene)
    matter = sim.matter("liquid")
    matter.density = 1010.0
    times, track, force = [], [], 0.0
    for k in range(10):
        sim.step(5)
        mean = float((matter.mass[0] * matter.velocity[0, :, 0]).sum()) / (1000.0 * 0.08**3)
        force = float(sim.body_wrench("ball")[0, 0])
        times.append(0.01 * (k + 1))
        track.append(force / (6 * 3.141592653589793 * viscosity * radius * mean))
    weight = 0.95 * float(matter.total_mass[0])
    found = result(track[-1], 2.810, 0.07, {"t": times, "factor": track})
    return {**found, "reason": f"force on the ball over the force on the liquid {force / weight:.4f}"}
