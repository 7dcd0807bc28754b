"""Cloth and ropes of an episode -> the engine's `add_cloth`, `add_rope` and `attach`.

A spec names the modulus and the thickness of a fabric; the engine wants stiffness per width. A fabric is taken as a
homogeneous sheet in its plane (stretch E t / (1 - nu^2), shear E t / (2 (1 + nu))), while its bending is a number of its own,
since yarns slide. A rope is a round bar in tension, and its bending is a number of its own likewise.
"""

import math
from typing import Any

import numpy as np

import engine
from datagen.build.errors import BuildError
from datagen.build.textures import texture_of
from datagen.spec import MatterSpec

CLOTH = ("areal_density", "friction", "drag", "damping")
ROPE = ("friction", "damping")
SIDES = {"left": (0, -1), "right": (0, 1), "front": (1, -1), "back": (1, 1)}


def add_cloth(scene: Any, matter: MatterSpec) -> None:
    """Adds a sheet or a sack of cloth, its pins held by the world and others by bodies."""
    make = engine.Sheet.sack if matter.sewn else engine.Sheet
    sheet = make(size=matter.size or (1.0, 1.0), spacing=matter.resolution or 0.02)
    scene.add_cloth(
        matter.name, material=cloth_material(matter), mesh=sheet, position=matter.position, rotation=matter.rotation,
        velocity=matter.velocity, color=matter.color, texture=texture_of(matter.texture),
    )  # fmt: skip
    for pin in matter.pin:
        scene.attach(matter.name, held_vertices(sheet, pin))
    for what, body in matter.hold:
        scene.attach(matter.name, held_vertices(sheet, what), body)


def add_rope(scene: Any, matter: MatterSpec) -> None:
    """Adds a rope along its points, its pins held by the world and others by bodies."""
    length = float(np.linalg.norm(np.diff(np.array(matter.points), axis=0), axis=1).sum())
    segments = max(2, round(length / (matter.resolution or 0.02)))
    scene.add_rope(
        matter.name, material=rope_material(matter), points=matter.points, segments=segments, position=matter.position,
        rotation=matter.rotation, velocity=matter.velocity, color=matter.color, texture=texture_of(matter.texture),
    )  # fmt: skip
    for pin in matter.pin:
        scene.attach(matter.name, [0 if pin == "start" else segments])
    for what, body in matter.hold:
        scene.attach(matter.name, [0 if what == "start" else segments], body)


def cloth_material(matter: MatterSpec) -> engine.Cloth:
    """The engine's cloth. Raises BuildError for numbers that do not make one."""
    values = _with(matter, ("areal_density", "youngs_modulus", "thickness"))
    young, nu, thick = values["youngs_modulus"], values.get("poisson_ratio", 0.3), values["thickness"]
    plane = young * thick / (1 - nu * nu)
    bend = values.get("bending", young * thick**3 / (12 * (1 - nu * nu)))
    more: dict[str, Any] = {name: values[name] for name in CLOTH if name in values}
    return engine.Cloth(
        stretch_warp=plane, stretch_weft=plane, coupling=nu * plane, shear=young * thick / (2 * (1 + nu)), bending_warp=bend,
        bending_weft=bend, **more,
    )  # fmt: skip


def rope_material(matter: MatterSpec) -> engine.Rope:
    """The engine's rope. Raises BuildError."""
    values = _with(matter, ("density", "youngs_modulus"))
    radius = matter.radius or 0.005
    section = math.pi * radius**2
    more: dict[str, Any] = {name: values[name] for name in ROPE if name in values}
    return engine.Rope(
        linear_density=values["density"] * section, stretch=values["youngs_modulus"] * section, diameter=2 * radius,
        bending=values.get("rod_bending", 0.0), **more,
    )  # fmt: skip


def held_vertices(sheet: Any, what: str) -> list[int]:
    """Vertices of a corner or side of a sheet, or of the rim of a sack."""
    if what != "rim":
        return pinned_vertices(sheet.counts, what)
    heights = np.array(sheet.vertices)[:, 2]
    return [int(v) for v in np.flatnonzero(heights > -1e-9)]


def pinned_vertices(counts: tuple[int, int], pin: str) -> list[int]:
    """Vertices of a corner ("front_left") or side ("left": low x, "front": low y) of a sheet of counts (x, y) vertices."""
    number = np.arange(counts[0] * counts[1]).reshape(counts)
    for word in pin.split("_"):
        axis, end = SIDES[word]
        place = 0 if end < 0 else counts[axis] - 1
        number = number[[place]] if axis == 0 else number[:, [place]]
    return [int(v) for v in number.ravel()]


def _with(matter: MatterSpec, needed: tuple[str, ...]) -> dict[str, float]:
    missing = [name for name in needed if name not in matter.values]
    if missing:
        what = f"its material has no {', '.join(missing)}"
        raise BuildError(
            f"matter {matter.name!r}", what, f"a {matter.model} needs {', '.join(needed)}", "give them, or a preset"
        )
    return matter.values
