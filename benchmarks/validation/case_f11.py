"""F11: a Taylor-Green vortex at Re = 100 decays by viscosity alone."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "F11", "Taylor-Green vortex, Re = 100: speed at t = 1 over that at 0.05, exp(-8 pi^2 nu t)"


def run(quick: bool) -> dict[str, Any]:
    """Within 5 %. Counted from t = 0.05, because the particles find their velocity gradients in the first substeps."""
    cells = 48 if quick else 64
    cell = 1.0 / cells
    box = ((0.0, 0.0, 0.0), (1.0, 4 * cell, 1.0))
    scene = scene_with(cell, domain=box, periodic=(True, True, True), gravity=(0.0, 0.0, 0.0), timestep=0.001)
    liquid = engine.Liquid(viscosity=10.0, sound_speed=6.0)
    scene.add_matter("liquid", material=liquid, region=engine.Box(size=(1.0, 4 * cell, 1.0)), position=(0.5, 2 * cell, 0.5))
    sim = engine.Simulation(scene)
    matter = sim.matter("liquid")
    matter.density = 1010.0  # the suction of the vortices is less than this pressure
    x, z = 2 * np.pi * matter.position[..., 0], 2 * np.pi * matter.position[..., 2]
    matter.velocity = np.stack([np.sin(x) * np.cos(z), 0 * x, -np.cos(x) * np.sin(z)], axis=-1)
    first, time, track = float(np.sqrt((matter.velocity**2).sum(-1).mean())), [], []
    for k in range(20):
        sim.step(50)
        time.append(0.05 * (k + 1))
        track.append(float(np.sqrt((matter.velocity**2).sum(-1).mean())) / first)
    exact = np.exp(-8 * np.pi**2 * 0.01 * np.array(time))
    return result(track[-1] / track[0], float(exact[-1] / exact[0]), 0.05, {"t": time, "speed": track, "exact": exact.tolist()})
