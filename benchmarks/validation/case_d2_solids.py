"""D2: a free cube that rings without damping: its energy never grows, by Euler and by BDF2."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result
from engine.solvers.fem.reference import ElasticBody

CASE, TITLE = "D2-solids", "Energy of a ringing soft cube: largest growth over the first, Euler and BDF2, default sweeps"
YOUNG, NU = 1e5, 0.3


def run(quick: bool) -> dict[str, Any]:
    """At most 0.1 %."""
    engine.init(backend="cpu", precision="f32", threads=1)
    tracks = {name: ring(name, 100 if quick else 500) for name in ("euler", "bdf2")}
    grown = {name: max(float(np.max(track)) - 1, 0.0) for name, track in tracks.items()}
    made = result(max(grown.values()), 0.0, 1e-3, {}, scale=1.0, gate_text="0.1 %")
    made["curves"] = {"step": list(range(len(tracks["euler"]))), **tracks}
    ends = ", ".join(f"{name} {track[-1]:.4f}" for name, track in tracks.items())
    return {**made, "reason": f"grown by {grown['euler']:.1e} (Euler), {grown['bdf2']:.1e} (BDF2); left at the end: {ends}"}


def ring(integrator: str, steps: int) -> list[float]:
    """Kinetic and elastic energy over the first, every step."""
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    scene.deformable_options.integrator = integrator
    elastic = engine.Elastic(youngs_modulus=YOUNG, poisson_ratio=NU)
    scene.add_soft("cube", material=elastic, shape=engine.Box(size=(0.1, 0.1, 0.1)), resolution=0.05)
    sim = engine.Simulation(scene)
    view = sim.deformable("cube")
    mu, lam = YOUNG / (2 * (1 + NU)), YOUNG * NU / ((1 + NU) * (1 - 2 * NU))
    body = ElasticBody(view.position[0], view.cells.astype(np.int64), mu, lam, 1000.0)
    rest, mass = body.energy(body.points), view.mass[0][:, None]
    view.velocity = 5 * view.position * [1, -0.5, -0.5]
    track = []
    for _ in range(steps + 1):
        v = view.velocity[0]
        track.append(0.5 * float((mass * v * v).sum()) + body.energy(view.position[0]) - rest)
        sim.step(1)
    return [energy / track[0] for energy in track]
