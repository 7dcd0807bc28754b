"""K9: a seesaw balances sand against a weight by their levers."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with, walls

CASE, TITLE = "K9", "Seesaw: lever of the sand over m2 l2 / m1 that balances it"


def run(quick: bool) -> dict[str, Any]:
    """Within 1 %: the torque that a stiff spring at the hinge still has to bear, over m1 g l1."""
    lever, stiffness = 0.2, 2000.0
    scene = scene_with(0.02, domain=((-0.6, -0.4, -0.2), (0.6, 0.4, 0.6)))
    tray = walls((0.12, 0.12, 0.08), 0.02)
    volume = 0.12 * 0.12 * 0.06
    mass = 1600.0 * volume
    tray = [engine.Box(size=b.size, position=(b.position[0] - lever, b.position[1], b.position[2])) for b in tray]
    hinge = engine.Hinge(axis=(0, 1, 0), stiffness=stiffness, damping=20.0)
    empty = 1000.0 * sum(float(np.prod(b.size)) for b in tray)
    tray.append(engine.Box(size=(0.1, 0.1, 0.1), position=(lever, 0, 0), mass=mass + empty))
    scene.add_body("seesaw", tray, position=(0, 0, 0.2), joint=hinge, density=1000.0)
    sand = engine.Sand(youngs_modulus=2e5)
    scene.add_matter("sand", material=sand, region=engine.Box(size=(0.12, 0.12, 0.06)), position=(-lever, 0, 0.23))
    sim = engine.Simulation(scene)
    matter, track = sim.matter("sand"), []
    for _ in range(20 if quick else 60):
        sim.step(15)
        track.append(float(sim.state.qpos[0, 0]) * stiffness / (mass * 9.81 * lever))
    real = -float(matter.center_of_mass[0, 0]) / lever
    return result(1.0 + float(np.mean(track[-8:])) - (real - 1.0), 1.0, 0.01, {"torque": track})
