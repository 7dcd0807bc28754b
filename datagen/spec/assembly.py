"""Articulated morphs with all numbers drawn: a root and links with joints, in the frame of the root.

Every link is a body of its own whose name is the entity's, a dot and the link's; its joint has the same name. Poses are those
at joint coordinate zero (closed). Bodies that a joint connects do not collide, so a drawer needs no clearance from its case.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from . import articulated as authored
from .episode import InteriorSpec, ShapeSpec
from .hollow import box_interior
from .pose import ORIGIN, Vec, tidy_vec

GAP = 0.002
"""Clearance between drawers, and between a leaf and its frame, m."""


@dataclass(frozen=True)
class Link:
    """A moving part: its shapes in its own frame, where that frame is in the root's, its parent ("" is the root) and the fields
    of its `JointSpec`."""

    name: str
    shapes: tuple[ShapeSpec, ...]
    position: Vec
    joint: dict[str, Any]
    parent: str = ""
    mass: float | None = None
    interior: InteriorSpec | None = None


@dataclass(frozen=True)
class Assembly:
    """The shapes of the root and the links."""

    shapes: tuple[ShapeSpec, ...]
    links: tuple[Link, ...] = field(default=())


def _box(size: Vec, position: Vec = ORIGIN) -> ShapeSpec:
    return ShapeSpec(type="box", size=tidy_vec(size), position=tidy_vec(position))


def build_assembly(morph: Any, number: dict[str, Any]) -> Assembly:
    """The bodies of an articulated morph. number: its drawn values. Raises `ValueError` for sizes that leave no room."""
    builders = {"cabinet": _cabinet, "door": _door, "faucet": _faucet, "laptop": _laptop, "cart_pole": _cart_pole}
    return builders[morph.type](morph, number)


def _cabinet(morph: authored.Cabinet, number: dict[str, Any]) -> Assembly:
    (x, y, z), wall = number["size"], number["thickness"]
    count = morph.drawers
    tall = (z - 2.0 * wall) / count - 2.0 * GAP
    wide, deep, board = x - 2.0 * wall - 2.0 * GAP, y - wall, 0.6 * wall
    if min(wide, deep, tall) <= 4.0 * board:
        raise ValueError(f"walls of {wall:g} m leave no room for {count} drawers in {x:g} x {y:g} x {z:g} m")
    case = (
        _box((wall, y, z), (0.5 * (x - wall), 0.0, 0.0)),
        _box((wall, y, z), (-0.5 * (x - wall), 0.0, 0.0)),
        _box((x - 2.0 * wall, y, wall), (0.0, 0.0, 0.5 * (z - wall))),
        _box((x - 2.0 * wall, y, wall), (0.0, 0.0, -0.5 * (z - wall))),
        _box((x - 2.0 * wall, wall, z - 2.0 * wall), (0.0, 0.5 * (y - wall), 0.0)),
    )
    out = number["travel"] * deep
    links = []
    for place in range(count):
        level = 0.5 * z - wall - (place + 0.5) * (z - 2.0 * wall) / count
        size = (wide, deep, tall)
        joint = {
            "type": "slide", "axis": (0.0, -1.0, 0.0), "range": (0.0, round(out, 12)), "damping": number["damping"],
            "position": round(number["opening"] * out, 12),
        }  # fmt: skip
        position = tidy_vec((0.0, -0.5 * wall, level))
        links.append(Link(f"drawer_{place + 1}", _drawer(size, board), position, joint, interior=box_interior(size, board)))
    return Assembly(case, tuple(links))


def _drawer(size: Vec, wall: float) -> tuple[ShapeSpec, ...]:
    x, y, z = size
    rise, level = z - wall, 0.5 * wall
    return (
        _box((x, y, wall), (0.0, 0.0, -0.5 * rise)),
        _box((wall, y, rise), (0.5 * (x - wall), 0.0, level)),
        _box((wall, y, rise), (-0.5 * (x - wall), 0.0, level)),
        _box((x - 2.0 * wall, wall, rise), (0.0, 0.5 * (y - wall), level)),
        _box((x - 2.0 * wall, wall, rise), (0.0, -0.5 * (y - wall), level)),
        _box((0.3 * x, 0.012, 0.012), (0.0, -0.5 * y - 0.03, 0.0)),
        _box((0.012, 0.03, 0.012), (0.13 * x, -0.5 * y - 0.015, 0.0)),
        _box((0.012, 0.03, 0.012), (-0.13 * x, -0.5 * y - 0.015, 0.0)),
    )


def _door(morph: authored.Door, number: dict[str, Any]) -> Assembly:
    x, y, z = number["size"]
    post, side = 0.06, -1.0 if morph.hinge == "left" else 1.0
    rise = z + 0.005 + GAP
    frame = (
        _box((post, max(y, 0.08), rise), (0.5 * (x + post) + GAP, 0.0, 0.5 * rise)),
        _box((post, max(y, 0.08), rise), (-0.5 * (x + post) - GAP, 0.0, 0.5 * rise)),
        _box((x + 2.0 * post + 2.0 * GAP, max(y, 0.08), post), (0.0, 0.0, rise + 0.5 * post)),
    )
    grip, level = -side * (0.5 * x - 0.07), 0.02 - 0.5 * z + min(1.0, 0.5 * z)
    handles = [_box((0.11, 0.015, 0.02), (grip + side * 0.045, face * (0.5 * y + 0.05), level)) for face in (-1.0, 1.0)]
    stems = [_box((0.02, 0.05, 0.02), (grip, face * (0.5 * y + 0.025), level)) for face in (-1.0, 1.0)]
    joint = {
        "type": "hinge", "axis": (0.0, 0.0, -side), "anchor": tidy_vec((side * 0.5 * x, 0.0, 0.0)),
        "range": (0.0, number["limit"]), "damping": number["damping"], "stiffness": number["closing"],
        "position": round(number["opening"] * number["limit"], 12),
    }  # fmt: skip
    leaf = Link("leaf", (_box((x, y, z)), *handles, *stems), tidy_vec((0.0, 0.0, 0.5 * z + 0.005)), joint)
    return Assembly(frame, (leaf,))


def _faucet(morph: authored.Faucet, number: dict[str, Any]) -> Assembly:
    tall, out, radius = number["height"], number["reach"], number["radius"]
    half = math.sqrt(0.5)
    column = (
        ShapeSpec(type="cylinder", size=(round(2.2 * radius, 12), 0.01), position=(0.0, 0.0, 0.005)),
        ShapeSpec(type="cylinder", size=(radius, tall), position=tidy_vec((0.0, 0.0, 0.5 * tall))),
        ShapeSpec(
            type="cylinder", size=(round(0.8 * radius, 12), out), position=tidy_vec((0.0, -0.5 * out, 0.8 * tall)),
            rotation=(half, half, 0.0, 0.0),
        ),
        ShapeSpec(
            type="cylinder", size=(round(0.8 * radius, 12), round(0.15 * tall, 12)),
            position=tidy_vec((0.0, -out, 0.8 * tall - 0.05 * tall)),
        ),
    )  # fmt: skip
    joint = {
        "type": "hinge", "axis": (0.0, 0.0, 1.0), "range": (0.0, number["limit"]), "damping": number["damping"],
        "position": round(number["opening"] * number["limit"], 12),
    }  # fmt: skip
    lever = (
        ShapeSpec(type="cylinder", size=(radius, 0.015)),
        _box((1.2 * radius, 0.6 * out, 0.008), (0.0, -0.3 * out, 0.006)),
    )
    return Assembly(column, (Link("lever", lever, tidy_vec((0.0, 0.0, tall + 0.0085)), joint),))


def _laptop(morph: authored.Laptop, number: dict[str, Any]) -> Assembly:
    x, y, z = number["size"]
    thin = 0.5 * z
    joint = {
        "type": "hinge", "axis": (-1.0, 0.0, 0.0), "anchor": tidy_vec((0.0, 0.5 * y, -0.5 * thin)),
        "range": (0.0, number["limit"]), "damping": number["damping"],
        "position": round(number["opening"] * number["limit"], 12),
    }  # fmt: skip
    lid = Link("lid", (_box((x, y, thin)),), tidy_vec((0.0, 0.0, 0.5 * (z + thin))), joint)
    return Assembly((_box((x, y, z)),), (lid,))


def _cart_pole(morph: authored.CartPole, number: dict[str, Any]) -> Assembly:
    track, tall = number["track"], number["length"]
    reach = round(0.5 * track, 12)
    if not -reach <= number["position"] <= reach:
        raise ValueError(f"the cart starts at {number['position']:g} m, beyond the track of +-{reach:g} m")
    radius = 0.015
    cart = {"type": "slide", "axis": (1.0, 0.0, 0.0), "range": (-reach, reach), "position": number["position"]}
    pole = {
        "type": "hinge", "axis": (0.0, 1.0, 0.0), "anchor": tidy_vec((0.0, 0.0, -0.5 * tall)), "position": number["angle"],
    }  # fmt: skip
    rod = ShapeSpec(type="capsule", size=(radius, round(tall - 2.0 * radius, 12)))
    return Assembly(
        (_box((track + 0.4, 0.04, 0.04)),),
        (
            Link("cart", (_box((0.3, 0.16, 0.12)),), (0.0, 0.0, 0.0), cart, mass=number["cart_mass"]),
            Link("pole", (rod,), tidy_vec((0.0, -0.11, 0.5 * tall)), pole, "cart", number["pole_mass"]),
        ),
    )
