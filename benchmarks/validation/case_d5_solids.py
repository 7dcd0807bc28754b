"""D4, D5: deformables have the same bits in every run, batch and number of threads; their order hardly matters."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result

CASE, TITLE = "D5-solids", "Deformables in another order: largest change of a position [m]; bits alone, again, in a batch (D4)"


def run(quick: bool) -> dict[str, Any]:
    """Within 1e-5 m; no bit differs between runs, batches and threads."""
    steps = 60 if quick else 200
    first = _play(("jelly", "rope", "cloth"), steps, 1, 1)
    bits = 0
    for envs, threads in ((1, 1), (2, 1), (1, 2)):
        again = _play(("jelly", "rope", "cloth"), steps, envs, threads)
        bits += sum(int((first[name] != again[name]).sum()) for name in first)
    other = _play(("cloth", "jelly", "rope"), steps, 1, 1)
    moved = max(float(np.abs(first[name] - other[name]).max()) for name in first)
    return result(moved if bits == 0 else float("inf"), 0.0, 1e-5, {"bits that differ": [bits]}, scale=1.0, gate_text="1e-5 m")


def _play(order: tuple[str, ...], steps: int, envs: int, threads: int) -> dict[str, np.ndarray]:
    """End positions of the last environment by name."""
    engine.init(backend="cpu", precision="f32", threads=threads)
    scene = engine.Scene()
    scene.add_plane()
    for name in order:
        if name == "jelly":
            jelly, box = engine.Elastic(preset="jelly"), engine.Box(size=(0.1, 0.1, 0.1))
            scene.add_soft("jelly", material=jelly, shape=box, resolution=0.05, position=(0, 0, 0.06))
        elif name == "rope":
            scene.add_rope("rope", points=[(0.5, 0, 0.1), (1, 0, 0.2)], segments=12)
        else:
            sheet = engine.Sheet(size=(0.2, 0.2), spacing=0.05)
            scene.add_cloth("cloth", mesh=sheet, position=(-1, 0, 0.05), rotation=(0.98, 0.2, 0, 0))
    sim = engine.Simulation(scene, num_envs=envs)
    sim.step(steps)
    return {name: sim.deformable(name).position[-1] for name in order}
