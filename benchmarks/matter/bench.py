"""Particle-substeps per second of liquid, elastic matter and sand, sort included, with a coupled box, in batches and when few.

A block of the material flies freely (0.64 cells between particles, 3.8 per cell), as in the notes of the prototype; wall time
of whole steps is taken, the best of three, and beside it the same per second of processor time, which is what counts where
others use the machine too. The figures needed come from a core with AVX-512.
"""

import time
from typing import Any

import engine
from benchmarks.matter.scenes import MATERIALS, scene_of

NEEDED = {("liquid", 64_000): 30e6, ("elastic", 64_000): 24e6, ("sand", 64_000): 18e6}
NEEDED |= {("liquid", 1_000_000): 40e6, ("elastic", 1_000_000): 32e6, ("sand", 1_000_000): 27e6}


def main(
    quick: bool = False,
    backend: str = "cpu",
    models: tuple[str, ...] = (),
    engines: tuple[str, ...] = (),
    envs: tuple[int, ...] = (),
    threads: int | None = None,
    genesis_python: str = "",
) -> list[dict[str, Any]]:
    """Rows of the table."""
    engine.init(backend="cpu", threads=threads)
    rows = []
    for number in (64_000,) if quick else (64_000, 1_000_000):
        for name in models or MATERIALS:
            rows.append(_row(f"{name}, {number} particles", *_speed(name, number, 1), NEEDED[name, number]))
    plain = rows[0]["measured"]
    rows.append(_row("liquid, 64000 particles on a free box in a container", *_speed("container", 64_000, 1), 0.75 * plain))
    many = envs[0] if envs else (4 if quick else 64)
    rows.append(_row(f"liquid, {many} envs of 8000 particles", *_speed("liquid", 8_000, many), 0.8 * plain))
    wall, processor = (1e3 * 1_000 / speed for speed in _speed("liquid", 1_000, 1))
    rows.append({**_row("liquid, 1000 particles: a substep", wall, processor, 0.3), "unit": "ms"})
    return rows


def _row(case: str, measured: float, processor: float, needed: float) -> dict[str, Any]:
    unit = "particle-substeps/s"
    return {"case": case, "engine": "worldsmith", "measured": measured, "processor": processor, "unit": unit, "needed": needed}


def _speed(case: str, number: int, num_envs: int) -> tuple[float, float]:
    """Particle-substeps per second of wall time and of processor time."""
    sim = engine.Simulation(scene_of(case, number), num_envs)
    sim.step(2)
    particles = sim._coupling.continua[0].particles
    wall = processor = 0.0
    for _ in range(3):
        start, used = time.perf_counter(), time.process_time()
        sim.step(2)
        took, used = time.perf_counter() - start, time.process_time() - used
        substeps = int(particles.ei.to_numpy()[:, 6].sum())
        wall, processor = max(wall, 2 * substeps * number / took), max(processor, 2 * substeps * number / used)
    return wall, processor
