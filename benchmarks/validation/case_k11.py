"""K11: two weights on a rope over a fixed smooth post, and over a rough one: acceleration of Atwood's machine, and no slip.

A rope over a post that cannot turn: without friction a = g (m1 - m2) / (m1 + m2 + rope); with friction it stands as long as
m1 / m2 < exp(mu pi).
"""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.soft import result

CASE, TITLE = "K11", "Atwood's machine, rope over a smooth post: acceleration over g (m1 - m2) / (m1 + m2 + m of the rope)"


def run(quick: bool) -> dict[str, Any]:
    """Within 2 %; with mu = 0.5 and m1 / m2 = 1.5 it does not slip."""
    engine.init(backend="cpu", precision="f32", threads=1)
    mass = (0.3, 0.2)
    smooth, expected = _pull(mass, 0.0)
    slip, _ = _pull(mass, 0.5)
    made = result(smooth / expected, 1.0, 0.02, {"acceleration with friction": [slip]})
    if abs(slip) > 0.05 * expected:
        made["verdict"] = "fail"
    return made


def _momentum(sim: Any, view: Any, mass: tuple[float, float]) -> float:
    """Momentum along the rope towards the heavier weight [kg m/s]: no tension changes it, nor does the rope's own bouncing."""
    place, speed = view.position[0].astype(float), view.velocity[0].astype(float)
    along = np.gradient(place[::-1], axis=0)[::-1]  # from the lighter end to the heavier one, which is vertex 0
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    weights = mass[1] * sim.state.qvel[0, 8] - mass[0] * sim.state.qvel[0, 2]
    return float(weights + (view.mass[0] * (along * speed).sum(1)).sum())


def _pull(mass: tuple[float, float], friction: float) -> tuple[float, float]:
    """Mean acceleration of the heavier weight downwards, and the closed form."""
    scene = engine.Scene()
    scene.options.timestep = 0.001
    scene.deformable_options.sweeps = 30
    turned = (np.sqrt(0.5), np.sqrt(0.5), 0, 0)
    post = engine.Cylinder(radius=0.05, height=0.1)
    scene.add_body("post", post, rotation=turned, fixed=True, friction=friction)
    angle = np.linspace(0, np.pi, 25)
    arc = [(0.0552 * np.cos(a), 0, 0.0552 * np.sin(a)) for a in angle]
    points = [(0.0552, 0, -0.3), *arc, (-0.0552, 0, -0.3)]
    rope = engine.Rope(linear_density=0.02, stretch=2e3, bending=1e-6, damping=2e-3, diameter=0.01, friction=friction)
    scene.add_rope("rope", material=rope, points=points, segments=64, self_contact=False)
    for name, x, m, k in (("heavy", 0.0552, mass[0], 0), ("light", -0.0552, mass[1], 64)):
        scene.add_body(name, engine.Sphere(radius=0.01), position=(x, 0, -0.32), mass=m)
        scene.attach("rope", [k], name)
    sim = engine.Simulation(scene)
    view = sim.deformable("rope")
    sim.step(30)
    first, path = _momentum(sim, view, mass), []
    for _ in range(17):
        sim.step(10)
        path.append(float(view.position[0, -1, 2] + 0.3))  # the rope that has come over: its weight pulls too
    whole = sum(mass) + float(view.mass.sum())
    pull = 9.81 * (mass[0] - mass[1] + 2 * 0.02 * float(np.mean(path)))
    return (_momentum(sim, view, mass) - first) / 0.17 / whole, pull / whole
