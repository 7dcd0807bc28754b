"""K13: a jet of water on a paddle: the torque that stalls it, and the power that it can give."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "K13", "Stalled paddle in a jet: torque over density times flow times lever times speed"


def run(quick: bool) -> dict[str, Any]:
    """Within 10 %, mean of the steady part; the paddle is smooth, as wide as it takes, and hinged 0.2 m beside the jet."""
    cell, height, length, speed, lever = 0.01, 0.06, 0.6, 2.0, 0.2
    box = ((-0.1, -2 * cell, -0.4), (0.8, 2 * cell, 0.4))
    scene = scene_with(cell, domain=box, periodic=(False, True, False), gravity=(0.0, 0.0, 0.0))
    scene.add_body("paddle", engine.Box(size=(0.1, 1.0, 1.2), position=(-0.05, 0, 0), friction=0.0), fixed=True)
    region = engine.Box(size=(length, 4 * cell, height))
    water = engine.Liquid(sound_speed=25.0)
    scene.add_matter("jet", material=water, region=region, position=(0.02 + length / 2, 0, lever), velocity=(-speed, 0, 0))
    sim = engine.Simulation(scene)
    times, torque = [], []
    for k in range(27):
        pushed = 0.0
        for _ in range(5):
            sim.step()
            wrench = sim.body_wrench("paddle")[0]  # about the paddle's centre of mass, which is level with the hinge
            pushed -= float(wrench[4]) / 5
        times.append(0.01 * (k + 1))
        torque.append(pushed)
    exact = 1000.0 * height * 4 * cell * speed**2 * lever
    steady = [f for t, f in zip(times, torque, strict=True) if 0.08 < t <= 0.27]
    return result(float(np.mean(steady)) / exact, 1.0, 0.1, {"t": times, "torque": torque})
