"""R5: a straight rope between two clamps, one of which turns: even twist, torque GJ theta / L, and where it buckles.

Newton's tests of its rods ask for a linear profile within 0.05 degrees (RMS), the torque, and a transverse way below
5e-4 L. Below M = 8.9868 EI / L a twisted rope between clamps is straight, above it buckles (Greenhill 1883; clamped ends:
tan(x) = x, M L / (2 EI) = 4.4934); a rope that would not feel its twist stays straight for ever.
"""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result

CASE, TITLE = "R5", "Twisted rope: error of the torque over GJ theta / L, 45 to 180 degrees (buckling from 0.95 to 1.05)"
EI, GJ, LENGTH = 1e-3, 1e-3, 1.0
GREENHILL = 8.9868 * EI / LENGTH


def run(quick: bool) -> dict[str, Any]:
    """Torque 1e-5, profile 0.05 degrees, transverse 5e-4 L, and the side of Greenhill's moment."""
    engine.init(backend="cpu", precision="f32", threads=1)
    sim, view = _twisted(2e3), None
    view = sim.deformable("rope")
    torque, profile, transverse, done = [], [], [], 0.0
    for degrees in (45, 90, 180):
        _turn(sim, np.radians(degrees - done))
        done = degrees
        twist = np.degrees(view.twist[0])
        profile.append(float(np.sqrt(((twist - np.linspace(0, degrees, len(twist))) ** 2).mean())))
        torque.append(float(-sim.body_wrench("crank")[0, 3] / (GJ * np.radians(degrees) / LENGTH) - 1))
        transverse.append(float(np.abs(view.position[0][:, 1:]).max() / LENGTH))
    grown = [_grown(ratio, 1500 if quick else 3000) for ratio in (0.95, 1.05)]
    curves = {"torque error": torque, "profile [deg]": profile, "transverse / L": transverse, "growth at 0.95, 1.05": grown}
    made = result(float(np.abs(torque).max()), 0.0, 1e-5, curves, scale=1.0, gate_text="1e-5")
    if max(profile) > 0.05 or max(transverse) > 5e-4 or not grown[0] < 1.0 < grown[1]:
        made["verdict"] = "fail"
    return made


def _twisted(stretch: float, segments: int = 20) -> engine.Simulation:
    h = LENGTH / (segments - 1)  # the outer segments are held: their middles are the clamps
    rope = engine.Rope(
        linear_density=0.05, stretch=stretch, bending=EI, torsion=GJ, damping=1e-3, bending_damping=2e-2, diameter=0.01
    )
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    ends = [(-h / 2, 0, 0), (LENGTH + h / 2, 0, 0)]
    scene.add_rope("rope", material=rope, points=ends, segments=segments, self_contact=False)
    scene.add_body("crank", engine.Box(size=(0.02, 0.05, 0.05)), position=(LENGTH, 0, 0), kinematic=True)
    scene.attach("rope", [0, 1])
    scene.attach("rope", [segments - 1, segments], "crank")
    return engine.Simulation(scene)


def _turn(sim: engine.Simulation, angle: float) -> None:
    """Turn the crank in half a second, and wait for 0.1 s."""
    sim.control.kinematic_velocity[0, 0] = (0, 0, 0, angle / 0.5, 0, 0)
    sim.step(250)
    sim.control.kinematic_velocity[0, 0] = 0
    sim.step(50)


def _grown(ratio: float, steps: int) -> float:
    """Last over first deflection of a rope with `ratio` times the moment at which it buckles; it may stretch."""
    sim = _twisted(5.0)
    view = sim.deformable("rope")
    _turn(sim, ratio * GREENHILL * LENGTH / GJ)
    place = view.position
    place[0, 2:-2, 1] += 1e-3 * np.sin(np.linspace(0, np.pi, place.shape[1] - 4)) ** 2
    view.position = place
    size = []
    for _ in range(steps // 100):
        sim.step(100)
        size.append(float(np.linalg.norm(view.position[0][:, 1:], axis=1).max()))
    return max(size[-len(size) // 3 :]) / 1e-3
