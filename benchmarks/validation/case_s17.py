"""S17: a cube whose vertices are scrambled at random, and one with a fifth of its elements inside out, find back."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result

CASE, TITLE = "S17", "Recovery of a scrambled cube: largest change of an edge's length over the cube's side after 5 s"


def run(quick: bool) -> dict[str, Any]:
    """Within 1e-3 of the side."""
    engine.init(backend="cpu", precision="f32", threads=1)
    scene = engine.Scene()
    scene.options.gravity, scene.options.timestep = (0, 0, 0), 0.01
    scene.deformable_options.sweeps = 20
    scene.add_soft("cube", material=engine.Elastic(damping=1e-2), shape=engine.Box(size=(0.1, 0.1, 0.1)), resolution=0.025)
    sim = engine.Simulation(scene)
    view = sim.deformable("cube")
    rest = view.position[0]
    pairs = np.unique(np.sort(view.cells[:, [0, 1, 0, 2, 0, 3, 1, 2, 1, 3, 2, 3]].reshape(-1, 2), axis=1), axis=0)
    length = np.linalg.norm(rest[pairs[:, 0]] - rest[pairs[:, 1]], axis=1)
    rng = np.random.default_rng(4)
    worst = []
    for start in (rng.uniform(-0.05, 0.05, rest.shape), _inverted(rest, view.cells, rng)):
        view.position = start[None]
        view.velocity = np.zeros_like(start)[None]
        sim.step(500)
        now = view.position[0]
        worst.append(float(np.abs(np.linalg.norm(now[pairs[:, 0]] - now[pairs[:, 1]], axis=1) - length).max()) / 0.1)
    ok = not sim.faults.any() and np.isfinite(worst).all()
    return result(max(worst) if ok else float("inf"), 0.0, 1e-3, {"scrambled, inverted": worst}, scale=1.0, gate_text="1e-3")


def _inverted(rest: np.ndarray, cells: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Vertices moved at random until a fifth of the elements have negative volume."""
    x = rest.copy()
    while True:
        k = int(rng.integers(len(x)))
        x[k] = rest[k] + rng.uniform(-0.05, 0.05, 3)
        p = x[cells]
        volume = np.linalg.det(p[:, 1:] - p[:, :1]) * np.sign(np.linalg.det(rest[cells][:, 1:] - rest[cells][:, :1]))
        if (volume < 0).mean() > 0.2:
            return x
