"""S20: a free rigid ball hits a free elastic block; where the energy goes.

Energy now (kinetic of both, elastic) plus what each step took must be the first energy. A step of backward Euler takes
m |dv|^2 / 2 and V(x0) - V(x1) + f(x1) (x0 - x1), by algebra from its equation; contact takes the work of its forces on block
and ball. What does not close is what the sweeps left over.
"""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result
from engine.solvers.fem.reference import ElasticBody

CASE, TITLE = "S20", "Rigid ball on an elastic block: energy not accounted for over the first (kinetic, elastic, dissipated)"
YOUNG, NU, BALL = 1e5, 0.3, 0.5


def run(quick: bool) -> dict[str, Any]:
    """Within 1 % at the default step and sweeps; 60 sweeps and a finer step in the curves."""
    engine.init(backend="cpu", precision="f32", threads=1)
    plain, more, fine = impact(2e-3, 12), impact(2e-3, 60), impact(5e-4, 60)
    made = result(max(abs(plain["left"] + plain["taken"] - 1)), 0.0, 0.01, {}, scale=1.0)
    made["curves"] = {"step": list(range(len(plain["left"]))), "left": plain["left"].tolist(), "taken": plain["taken"].tolist()}
    said = "; ".join(
        f"{name}: {found['left'][-1]:.3f} left and {found['taken'][-1]:.3f} taken, worst gap "
        f"{max(abs(found['left'] + found['taken'] - 1)):.4f}"
        for name, found in (("2 ms, 12 sweeps", plain), ("2 ms, 60 sweeps", more), ("0.5 ms, 60 sweeps", fine))
    )
    return {**made, "reason": said}


def impact(timestep: float, sweeps: int) -> dict[str, np.ndarray]:
    """Energy left and energy taken after every step, over the first energy."""
    scene = engine.Scene()
    scene.options.gravity, scene.options.timestep = (0, 0, 0), timestep
    scene.deformable_options.sweeps = sweeps
    elastic = engine.Elastic(youngs_modulus=YOUNG, poisson_ratio=NU, friction=0.0)
    scene.add_soft("block", material=elastic, shape=engine.Box(size=(0.2, 0.2, 0.1)), resolution=0.05)
    scene.add_body("ball", engine.Sphere(radius=0.05), position=(0, 0, 0.12), mass=BALL)
    sim = engine.Simulation(scene)
    sim.state.qvel[0, 2] = -1.0
    view = sim.deformable("block")
    mu, lam = YOUNG / (2 * (1 + NU)), YOUNG * NU / ((1 + NU) * (1 - 2 * NU))
    body = ElasticBody(view.position[0], view.cells.astype(np.int64), mu, lam, 1000.0)
    mass, rest = view.mass[0][:, None], body.energy(body.points)
    left, taken, now = [], [0.0], _moment(sim, view)
    for number in range(round(0.1 / timestep) + 1):
        x, v, u = now
        left.append(0.5 * float((mass * v * v).sum()) + 0.5 * BALL * float(u @ u) + body.energy(x) - rest)
        if number * timestep >= 0.1 - 1e-9:
            break
        sim.step(1)
        now = _moment(sim, view)
        y, w, t = now
        inertia = 0.5 * float((mass * (w - v) ** 2).sum()) + 0.5 * BALL * float((t - u) @ (t - u))
        strain = body.energy(x) - body.energy(y) + float((body.force(y) * (x - y)).sum())
        contact = float((view.contact_force[0] * (y - x)).sum()) + BALL * float((t - u) @ t)
        taken.append(taken[-1] + inertia + strain - contact)
    return {"left": np.array(left) / left[0], "taken": np.array(taken) / left[0]}


def _moment(sim: Any, view: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return view.position[0].copy(), view.velocity[0].copy(), np.array(sim.state.qvel[0, :3], float)
