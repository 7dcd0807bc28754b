"""K7: an arm feels jelly at its end by the weight and by the inertia of the jelly."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "K7", "Arm with a block of jelly in a closed tray at its end: worst torque ratio, at rest and turning up"


def run(quick: bool) -> dict[str, Any]:
    """At rest m g x within 1 %, reaction to an angular acceleration of 10 rad/s^2 (m r^2 + I) qdd within 2 %."""
    reach, edge = 0.4, 0.08
    scene = scene_with(0.02, domain=((-0.8, -0.8, -0.4), (0.8, 0.8, 0.4)))
    tray = [engine.Box(size=(edge + 0.04, edge + 0.04, 0.02), position=(reach, 0, z)) for z in (-0.05, 0.05)]
    for side in (-0.05, 0.05):
        tray.append(engine.Box(size=(0.02, edge + 0.04, edge), position=(reach + side, 0, 0)))
        tray.append(engine.Box(size=(edge, 0.02, edge), position=(reach, side, 0)))
    scene.add_body("arm", tray, kinematic=True)
    jelly = engine.Elastic(youngs_modulus=5e4, viscosity=40.0)
    scene.add_matter("jelly", material=jelly, region=engine.Box(size=(edge, edge, edge)), position=(reach, 0, 0))
    sim = engine.Simulation(scene)
    matter = sim.matter("jelly")
    mass = float(matter.total_mass[0])

    def torque() -> np.ndarray:
        wrench, arm = sim.body_wrench("arm")[0], sim.read("body_position_W")[0, 1]
        com = np.array([reach, 0.0, 0.0]) + arm * 0
        spun = sim.read("body_rotation_W")[0, 1]
        turn = 2 * np.arctan2(spun[3], spun[0])
        com = reach * np.array([np.cos(turn), np.sin(turn), 0.0])
        return wrench[3:] + np.cross(com, wrench[:3])

    sim.step(200)
    still = []
    for _ in range(100):
        sim.step()
        still.append(torque()[1])
    ratio = float(np.mean(still)) / (mass * 9.81 * float(matter.center_of_mass[0, 0]))
    rate, track = 10.0, []
    for k in range(150):
        sim.control.kinematic_velocity[0, 0] = (0, 0, 0, 0, 0, rate * 0.002 * (k + 1))
        sim.step()
        track.append(-float(torque()[2]))
    inertia = mass * (reach**2 + edge**2 / 6)
    moved = float(np.mean(track[50:])) / (inertia * rate)
    fine = abs(ratio - 1) <= 0.01
    found = result(moved if fine else float("inf"), 1.0, 0.02, {"torque": track}, gate_text="1 % at rest, 2 % turning up")
    return {**found, "reason": f"at rest {ratio:.4f}, turning up {moved:.4f}"}
