"""R15: a rope swings as a pendulum without damping: what its energy does in ten periods, BDF2."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result

CASE, TITLE = "R15", "Swinging rope: change of its energy in ten periods over the first one"
LENGTH, DENSITY, STRETCH = 0.5, 0.1, 2e3


def run(quick: bool) -> dict[str, Any]:
    """Between -2 and +0.1 % (quick: three periods, the same share of the gate)."""
    engine.init(backend="cpu", precision="f32", threads=1)
    periods = 3 if quick else 10
    made = {}
    for sweeps, dt in ((12, 0.002), (40, 0.001)):
        made[f"{sweeps} sweeps, {dt * 1e3:.0f} ms"] = _drift(sweeps, dt, periods)
    best = next(iter(made.values()))
    low = -0.02 * periods / 10
    verdict = result(best, 0.0, 0.02, {"drift": list(made.values()), "how": list(made)}, scale=1.0, gate_text="-2 to +0.1 %")
    verdict["verdict"] = "pass" if low <= best <= 0.001 else "fail"
    return verdict


def _drift(sweeps: int, dt: float, periods: int) -> float:
    """Change of energy over the swing's first one (above its lowest state)."""
    segments = 8
    rope = engine.Rope(linear_density=DENSITY, stretch=STRETCH, bending=0.0, damping=0.0, bending_damping=0.0, diameter=0.01)
    scene = engine.Scene()
    scene.options.timestep = dt
    scene.deformable_options = engine.DeformableOptions(sweeps=sweeps, integrator="bdf2")
    end = (LENGTH * np.sin(0.5), 0, -LENGTH * np.cos(0.5))
    scene.add_rope("rope", material=rope, points=[(0, 0, 0), end], segments=segments, self_contact=False)
    scene.attach("rope", [0])
    sim = engine.Simulation(scene)
    view = sim.deformable("rope")
    mass = view.mass[0]

    def energy() -> float:
        x, v = view.position[0], view.velocity[0]
        part = np.linalg.norm(np.diff(x, axis=0), axis=1)
        h = LENGTH / segments
        stretch = 0.5 * STRETCH / h * ((part - h) ** 2).sum()
        return float(0.5 * mass @ (v * v).sum(1) + 9.81 * mass @ x[:, 2] + stretch)

    rest = np.linspace(0, LENGTH, segments + 1)
    lowest = -9.81 * float(mass @ rest)
    first = energy() - lowest
    period = 2 * np.pi * np.sqrt(2 * LENGTH / (3 * 9.81)) * 1.016
    sim.step(round(periods * period / dt))
    return (energy() - lowest) / first - 1
