"""D8: water at rest stays at rest: no heating in a long soak."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, slab

CASE, TITLE = "D8", "Resting tank, long soak: growth of the kinetic energy from the first half to the second, over m g H"


def run(quick: bool) -> dict[str, Any]:
    """None beyond 1e-6 of m g H, in 1e6 substeps (2e4 when quick)."""
    cell, length, depth = 0.05, 0.4, 0.3
    scene = slab(cell, length, depth, timestep=0.008)
    water = engine.Liquid(sound_speed=18.0)
    region = engine.Box(size=(length, 4 * cell, depth))
    scene.add_matter("water", material=water, region=region, position=(length / 2, 0, depth / 2))
    sim = engine.Simulation(scene)
    matter = sim.matter("water")
    matter.stress = -1000.0 * 9.81 * (depth - matter.position[..., 2])[..., None, None] * np.eye(3)
    sim.step()
    substeps = int(sim._coupling.continua[0].particles.ei.to_numpy()[0, 6])
    steps = (20_000 if quick else 1_000_000) // substeps
    track = []
    for _ in range(20):
        energy = 0.0
        for _ in range(10):
            sim.step(steps // 200)
            energy += 0.5 * float((matter.velocity[0].astype(float) ** 2).sum(-1).mean()) / (9.81 * depth) / 10
        track.append(energy)
    growth = max(track[10:]) - max(track[:10])
    return result(max(growth, 0.0), 0.0, 1e-6, {"kinetic energy over m g H": track}, scale=1.0, gate_text="1e-6")
