"""Lamps of a scene beside its sun: points, spots and rectangles that shine, on bodies or in the world.

A part of `Scene`. A rectangle is kept as PIECES times PIECES smaller ones, so that a quick picture, which asks the middle of
each, knows its shape, and path tracing spreads its samples over it. Light is linear and falls off with the square of the
distance. Limits: lamps are not seen themselves; give a shape `emission` for that.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError
from engine.geometry import rotation as rot
from engine.scene import check
from engine.scene.description import ORIGIN, Vector

PIECES = 2  # of a rectangle, along each side
WIDTH = 20  # numbers of a piece: see `lamp_rows`
EVERYWHERE = (-2.0, -3.0)  # cosines of a cone that holds all directions


@dataclass(frozen=True)
class Lamp:
    """A lamp carried by `body`: at `position` [m] of its frame, shining along `direction`.

    color: linear RGB intensity [W/sr] of a point or spot, so that a surface at the distance r that faces it gets color / r^2;
    of a rectangle of `size` (width, height) [m] its radiance. cone: half angles [deg] inside which a spot is full and outside
    which it is dark. radius [m] of a ball: softens shadows in path tracing.
    """

    name: str
    body: int = 0
    position: Vector = ORIGIN
    color: Vector = (1.0, 1.0, 1.0)
    direction: Vector = (0.0, 0.0, -1.0)
    cone: tuple[float, float] | None = None
    size: tuple[float, float] | None = None
    radius: float = 0.0

    @property
    def pieces(self) -> int:
        """Rows of `lamp_rows`."""
        return 1 if self.size is None else PIECES * PIECES


class Lit:
    """The list of lamps, and the call that adds one."""

    _ids: dict[str, dict[str, int]]

    def __init__(self) -> None:
        self._lamps: list[Lamp] = []

    lamps = property(lambda self: tuple(self._lamps), doc="Lamps by id; sun and sky are `light`.")

    def find(self, where: str, kind: str, name: str | int) -> int:
        """The id of an element, see `Scene.find`."""
        raise SceneError(where, f"a bare list of lamps knows no {kind} {name!r}", "allowed: engine.Scene", "use a Scene")

    def add_lamp(
        self,
        name: str,
        position: Sequence[float],
        color: Sequence[float] = (1.0, 1.0, 1.0),
        *,
        direction: Sequence[float] | None = None,
        look_at: Sequence[float] | None = None,
        cone: Sequence[float] | None = None,
        size: Sequence[float] | None = None,
        radius: float = 0.0,
        body: str | int | None = None,
    ) -> int:
        """A point lamp at `position` in the frame of `body` (default: the world); returns its id. See `Lamp` for the units.

        `cone` (inner, outer half angle [deg]) makes it a spot, `size` (width, height) [m] a rectangle that shines from one
        side; both face `direction`, or the point `look_at`, by default downwards.
        """
        where = f"Scene.add_lamp({name!r})"
        if not isinstance(name, str) or not name or name in self._ids["lamp"]:
            raise SceneError(where, f"the name is {name!r}", "allowed: a new non-empty name", "choose another one")
        place = check.vector(where, "position", position)
        if (direction is not None or look_at is not None) and cone is None and size is None:
            raise SceneError(where, "a point lamp has no direction", "allowed: with cone or size", "give one of them")
        lamp = Lamp(
            name, 0 if body is None else self.find(where, "body", body), place, check.vector(where, "color", color, 3, 0.0),
            _aim(where, place, direction, look_at), _cone(where, cone, size), _size(where, size, radius),
            check.number(where, "radius", radius, 0.0),
        )  # fmt: skip
        self._ids["lamp"][name] = len(self._lamps)
        self._lamps.append(lamp)
        return len(self._lamps) - 1


def _aim(where: str, place: Vector, direction: Any, look_at: Any) -> Vector:
    if direction is not None and look_at is not None:
        raise SceneError(where, "direction and look_at are both given", "allowed: one of the two", "give one")
    if look_at is None:
        return check.direction(where, "direction", (0.0, 0.0, -1.0) if direction is None else direction)
    target = check.vector(where, "look_at", look_at)
    if math.dist(target, place) < 1e-9:
        raise SceneError(where, "look_at is the lamp's own position", "allowed: another point", "move one of them")
    return check.direction(where, "look_at", np.subtract(target, place).tolist())


def _cone(where: str, cone: Any, size: Any) -> tuple[float, float] | None:
    if cone is None:
        return None
    if size is not None:
        raise SceneError(where, "cone and size are both given", "allowed: one of the two", "leave one out")
    inner, outer = check.vector(where, "cone", cone, 2, 0.0, 180.0)
    if inner > outer:
        raise SceneError(where, f"cone is ({inner:g}, {outer:g})", "allowed: inner up to outer", "exchange them")
    return inner, outer


def _size(where: str, size: Any, radius: float) -> tuple[float, float] | None:
    if size is None:
        return None
    if radius:
        raise SceneError(where, "size and radius are both given", "allowed: one of the two", "leave one out")
    width, height = check.vector(where, "size", size, 2, 0.0, above=True)
    return width, height


def lamp_rows(lamp: Lamp) -> NDArray[np.float64]:
    """(pieces, WIDTH): position, direction, colour, cosines of the cone, 1 for a rectangle, radius, two half edges, 0."""
    forward = np.array(lamp.direction) / np.linalg.norm(lamp.direction)
    cone = EVERYWHERE if lamp.cone is None else tuple(np.cos(np.radians(lamp.cone)))
    if lamp.cone is not None and cone[0] - cone[1] < 1e-6:
        cone = (cone[0] + 1e-6, cone[1])
    if lamp.size is None:
        return np.array([[*lamp.position, *forward, *lamp.color, *cone, 0.0, lamp.radius, *np.zeros(WIDTH - 13)]])
    turn = rot.matrix(np.array(rot.look_at(np.zeros(3), forward)))
    across, up = turn[:, 0] * lamp.size[0] / (2 * PIECES), turn[:, 1] * lamp.size[1] / (2 * PIECES)
    color = np.array(lamp.color) * lamp.size[0] * lamp.size[1] / lamp.pieces
    steps = 2 * np.arange(PIECES) + 1 - PIECES
    rows = [
        [*(np.array(lamp.position) + a * across + b * up), *forward, *color, *cone, 1.0, 0.0, *across, *up, 0.0]
        for a in steps
        for b in steps
    ]
    return np.array(rows)


def lamp_numbers(scenes: Sequence[Any]) -> NDArray[np.float64]:
    """`lamp` (variants, pieces of all lamps, WIDTH)."""
    rows = [np.concatenate([np.zeros((0, WIDTH)), *(lamp_rows(lamp) for lamp in scene.lamps)]) for scene in scenes]
    return np.stack(rows)
