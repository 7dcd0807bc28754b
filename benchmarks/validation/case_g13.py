"""G13: a box full of sand slides down an incline as a block would."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with, walls

CASE, TITLE = "G13", "Box of sand on an incline of 1.3 mu, mu = 0.3: acceleration over g (sin - mu cos)"


def run(quick: bool) -> dict[str, Any]:
    """Within 2 %, between 0.1 s and the end, of box and sand together."""
    mu, inner = 0.3, (0.12, 0.12, 0.08)
    angle = np.arctan(1.3 * mu)
    scene = scene_with(0.02, gravity=(9.81 * np.sin(angle), 0.0, -9.81 * np.cos(angle)), domain=((-1, -1, -0.2), (2, 1, 0.5)))
    scene.add_plane(friction=mu)
    parts = walls(inner, 0.02)
    scene.add_body("box", parts, position=(0, 0, 0.02), mass=1.0, friction=mu)
    sand = engine.Sand(youngs_modulus=2e5)
    scene.add_matter("sand", material=sand, region=engine.Box(size=(0.12, 0.12, 0.06)), position=(0, 0, 0.05))
    sim = engine.Simulation(scene)
    matter = sim.matter("sand")
    mass, times, track = float(matter.total_mass[0]), [], []
    for k in range(12 if quick else 30):
        sim.step(15)
        speed = (matter.mass[0] * matter.velocity[0, :, 0]).sum() + sim.state.qvel[0, 0]
        times.append(0.03 * (k + 1))
        track.append(float(speed / (1.0 + mass)))
    late = np.array(times) > 0.1
    rate = float(np.polyfit(np.array(times)[late], np.array(track)[late], 1)[0])
    return result(rate, float(9.81 * (np.sin(angle) - mu * np.cos(angle))), 0.02, {"t": times, "speed": track})
