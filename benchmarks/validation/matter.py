"""What the cases of liquids, sand and soft matter share: the form of a result, and tanks of boxes."""

from typing import Any

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
