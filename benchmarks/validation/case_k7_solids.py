"""K7: a soft block on the end of an arm: force and torque on the arm at rest, and how the arm falls when it is let go."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result

CASE, TITLE = (
    "K7-solids",
    "Arm with a soft tip: relative error of the torque at rest, and of the first acceleration when it falls",
)


def run(quick: bool) -> dict[str, Any]:
    """Torque within 1 %, acceleration within 2 % (weighed by a half)."""
    engine.init(backend="cpu", precision="f32", threads=1)
    sim, view = _arm(True)
    sim.step(400 if quick else 800)
    wrench = np.mean([_step(sim) for _ in range(50)], axis=0)
    mass, place = view.mass[0], view.position[0]
    centre = mass @ place / mass.sum()
    at_rest = abs(-wrench[2] * 1.0 / (mass.sum() * 9.81) - 1)
    moment = wrench[4] - (wrench[2] * 0.15)  # about the joint at the origin: the arm's own centre of mass is at 0.15
    torque = abs(moment / (mass.sum() * 9.81 * centre[0]) - 1)
    sim, view = _arm(False)
    arm = np.array([view.position[0][:, 0], view.position[0][:, 2]])
    inertia = float(view.mass[0] @ (arm**2).sum(0)) + 0.2 * (0.3**2 / 12 + 0.02**2 / 12 + 0.15**2)
    pull = 9.81 * (float(view.mass[0] @ arm[0]) + 0.2 * 0.15)
    sim.step(20)
    rate = float(sim.state.qvel[0, 0]) / (20 * sim.timestep)
    fall = abs(rate / (pull / inertia) - 1)
    curves = {"force, torque, acceleration": [at_rest, torque, fall]}
    return result(max(at_rest, torque, fall / 2), 0.0, 0.01, curves, scale=1.0)


def _step(sim: Any) -> np.ndarray:
    sim.step(1)
    return np.asarray(sim.continuum_wrench[0, 1], float)


def _arm(held: bool) -> tuple[Any, Any]:
    """An arm of 0.3 m and 0.2 kg along x about a joint (or a weld) at the origin, a soft block at its end."""
    scene = engine.Scene()
    joint = None if held else engine.Hinge(axis=(0, 1, 0))
    shape = engine.Box(size=(0.3, 0.02, 0.02), position=(0.15, 0, 0))
    scene.add_body("arm", shape, joint=joint, fixed=held, mass=0.2)
    tip = engine.Elastic(youngs_modulus=1e5, damping=5e-3)
    scene.add_soft("tip", material=tip, shape=engine.Box(size=(0.06, 0.06, 0.06)), resolution=0.03, position=(0.331, 0, 0))
    scene.attach("tip", [k for k, p in enumerate(_points(scene)) if p[0] < 0.302], "arm")
    sim = engine.Simulation(scene)
    return sim, sim.deformable("tip")


def _points(scene: Any) -> np.ndarray:
    from engine.scene.deformable import geometry, posed

    part = scene.deformables[0]
    return posed(part, geometry(part).points)
