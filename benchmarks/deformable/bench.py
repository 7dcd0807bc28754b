"""Time of a step of cloth, solids and ropes beside the figures that are needed.

Cloth: 11,236 vertices falling on a ball, 4 ms steps; the figure is seconds per simulated second, and Genesis 1.4.5 on two cores
takes 110 (44 ms per 0.4 ms). Solid: ball of 3,645 tetrahedra, one step of 1/60 s in four substeps. Rope: 200 segments in 64
environments. Towels: 32 x 32 vertices with self-contact in 1, 16 and 64 environments. Wall time after the kernels are warm,
best of three runs; `cpu` is the same in processor time of all threads,
which a shared machine moves less. Limits: the rivals' figures are those of the task, not measured here.
"""

import time
from typing import Any

import engine

Row = dict[str, Any]


def timed(scene: "engine.Scene", num_envs: int, steps: int) -> tuple[float, float]:
    """Milliseconds per substep on the wall and of processor time, the best of three runs of `steps` substeps after a first."""
    sim = engine.Simulation(scene, num_envs=num_envs)
    sim.step(steps)
    best = worked = float("inf")
    for _ in range(3):
        begin, used = time.perf_counter(), time.process_time()
        sim.step(steps)
        best = min(best, (time.perf_counter() - begin) / steps * 1e3)
        worked = min(worked, (time.process_time() - used) / steps * 1e3)
    if sim.faults.any():
        raise RuntimeError(f"environments {sim.faults.nonzero()[0].tolist()} are faulty")
    return best, worked


def cloth() -> "engine.Scene":
    """A square of 106 x 106 vertices over a fixed ball."""
    scene = engine.Scene()
    scene.options.timestep = 0.004
    scene.add_plane()
    scene.add_body("ball", engine.Sphere(radius=0.2), position=(0, 0, 0.4), fixed=True)
    mesh = engine.Sheet(size=(1.05, 1.05), spacing=0.01)
    scene.add_cloth("cloth", mesh=mesh, position=(0.01, 0, 0.63), self_contact=False)
    return scene


def ball() -> "engine.Scene":
    """An elastic ball of 3,645 tetrahedra on the ground."""
    scene = engine.Scene()
    scene.options.timestep = 1 / 240
    scene.add_plane()
    scene.add_soft(
        "ball", material=engine.Elastic(youngs_modulus=1e5, damping=1e-3), shape=engine.Sphere(radius=0.2), resolution=0.0445,
        position=(0, 0, 0.25),
    )  # fmt: skip
    return scene


def rope() -> "engine.Scene":
    """A rope of 200 segments that swings from one end."""
    scene = engine.Scene()
    scene.add_rope("rope", points=[(0, 0, 3), (2, 0, 3)], segments=200, self_contact=False)
    scene.attach("rope", [0])
    return scene


def towel() -> "engine.Scene":
    """A towel of 32 x 32 vertices over a fixed box, with self-contact."""
    scene = engine.Scene()
    scene.add_plane()
    scene.add_body("box", engine.Box(size=(0.1, 0.1, 0.2)), position=(0, 0, 0.1), fixed=True)
    scene.add_cloth("towel", mesh=engine.Sheet(size=(0.31, 0.31), spacing=0.01), position=(0.01, 0, 0.22))
    return scene


def row(case: str, cost: tuple[float, float], factor: float, unit: str, needed: float | None, note: str) -> Row:
    """One figure, `factor` times the milliseconds of `timed`; smaller is better."""
    return {
        "case": case, "engine": "worldsmith", "measured": round(cost[0] * factor, 3), "cpu": round(cost[1] * factor, 3),
        "unit": unit, "needed": needed, "better": "smaller", "note": note,
    }  # fmt: skip


def main(quick: bool, backend: str) -> list[Row]:
    """The rows of the speed table."""
    engine.init(backend=backend)
    steps = 5 if quick else 25
    rows = [
        row("cloth 11,236 vertices on a ball", timed(cloth(), 1, steps), 0.25, "s per simulated s", 5.5, "4 ms, 12 sweeps"),
        row("elastic ball 3,645 tets, 1/60 s", timed(ball(), 1, steps), 4.0, "ms", 20.0, "four substeps of 12 sweeps"),
        row("rope 200 segments x 64", timed(rope(), 64, steps), 1.0, "ms a step", 1.0, "12 sweeps"),
    ]
    for num_envs in (1, 16, 64):
        cost = timed(towel(), num_envs, max(2, steps // (1 if num_envs < 16 else 5)))
        unit, note = "ms per environment", "linear: the same figure for all"
        rows.append(row(f"towel 32 x 32 x {num_envs}", cost, 1 / num_envs, unit, None, note))
    return rows
