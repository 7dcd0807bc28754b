"""What the cases of liquids, sand and soft matter share: the form of a result, and tanks of boxes."""

from collections.abc import Callable
from typing import Any

import numpy as np

import engine


def result(
    measured: float, reference: float, gate: float, curves: dict[str, Any] | None = None, *, scale: float | None = None,
    gate_text: str = "",
) -> dict[str, Any]:  # fmt: skip
    """A case's result; `gate` is the largest error relative to `scale` (the reference)."""
    error = abs(measured - reference) / (scale if scale is not None else abs(reference))
    return {
        "measured": float(measured), "reference": float(reference), "gate": gate_text or f"{gate:.2%}", "error": float(error),
        "verdict": "pass" if error <= gate else "fail", "curves": curves or {},
    }  # fmt: skip


def walls(inner: tuple[float, float, float], wall: float) -> list[engine.Box]:
    """An open box standing on its origin: inner size [m], thickness [m]."""
    x, y, h = inner
    parts = [engine.Box(size=(x + 2 * wall, y + 2 * wall, wall), position=(0, 0, -wall / 2))]
    for side in (-1, 1):
        parts.append(engine.Box(size=(wall, y + 2 * wall, h), position=(side * (x + wall) / 2, 0, h / 2)))
        parts.append(engine.Box(size=(x, wall, h), position=(0, side * (y + wall) / 2, h / 2)))
    return parts


def scene_with(cell: float, **options: Any) -> engine.Scene:
    """An empty scene with cells of `cell` [m] and other options."""
    engine.init(backend="cpu", precision="f32")
    scene = engine.Scene()
    scene.options.cell_size = cell
    for name, value in options.items():
        setattr(scene.options, name, value)
    return scene


def periodic_scene(cell: float, length: float | None, height: float, **options: Any) -> engine.Scene:
    """A scene that repeats after `length` [m] along x (None: 4 cells) and after 4 cells along y, from z = 0 to `height` [m]
    (a box below and none above), with room for walls.
    """
    reach = 2 * cell if length is None else length / 2
    box = ((-reach, -2 * cell, -8 * cell), (reach, 2 * cell, height + 8 * cell))
    return scene_with(cell, domain=box, periodic=(True, True, False), **options)


def slab(cell: float, length: float, height: float, **options: Any) -> engine.Scene:
    """A scene between walls at x = 0 and x = `length` [m] on a floor at z = 0, which repeats after 4 cells along y."""
    box = ((-8 * cell, -2 * cell, -8 * cell), (length + 8 * cell, 2 * cell, height + 8 * cell))
    scene = scene_with(cell, domain=box, periodic=(False, True, False), **options)
    scene.add_plane(friction=0.0)
    for x in (-0.5 * length, 1.5 * length):
        wall = engine.Box(size=(length, 40 * cell, 4 * height), position=(x, 0, height), friction=0.0)
        scene.add_body(f"wall {x:g}", wall, fixed=True)
    return scene


def returned(material: Any, trial: Callable[[int], np.ndarray], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Stresses (n, 3, 3) [Pa] of at least `count` particles before and after the return map of one substep without motion."""
    side = int(np.ceil((count / 8) ** (1 / 3)))
    scene = scene_with(0.1, gravity=(0.0, 0.0, 0.0), timestep=1e-5, domain=((-2, -2, -2), (2, 2, 2)))
    scene.add_matter("probe", material=material, region=engine.Box(size=(0.1 * side,) * 3))
    sim = engine.Simulation(scene)
    matter = sim.matter("probe")
    matter.stress = trial(matter.position.shape[1])[None]
    before = matter.stress[0]
    sim.step()
    return before, matter.stress[0]


def homogeneous(material: Any) -> Callable[[tuple[float, float, float]], tuple[np.ndarray, np.ndarray, float]]:
    """A block whose particles are moved so that it stretches alike everywhere: the function takes the logarithmic strains of
    one more step along x, y, z, and gives their sums, and stress (3, 3) [Pa] and elastic volume ratio in the middle.
    """
    cell, step = 0.1, 1e-5
    scene = scene_with(cell, gravity=(0.0, 0.0, 0.0), timestep=step, domain=((-2, -2, -2), (2, 2, 2)))
    scene.add_matter("block", material=material, region=engine.Box(size=(8 * cell,) * 3))
    sim = engine.Simulation(scene)
    matter, total = sim.matter("block"), np.zeros(3)
    first = matter.position.astype(float)
    inner = np.abs(first[0]).max(axis=1) < 1.5 * cell

    def advance(strain: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray, float]:
        nonlocal total
        rate = np.expm1(np.array(strain)) / step
        for moving in (True, False):  # the first step gives the gradient to the particles, the second strains them with it
            matter.position = first * np.exp(total)
            matter.velocity = first * np.exp(total) * rate if moving else 0.0
            sim.step()
        total = total + np.array(strain)
        return total, matter.stress[0][inner].mean(axis=0), float(matter.volume_ratio[0][inner].mean())

    return advance
