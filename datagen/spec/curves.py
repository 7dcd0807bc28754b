"""Items along a smooth curve.

Method: a uniform Catmull-Rom spline (Catmull and Rom, 1974) through the points, ends repeated, walked in
`STEPS` chords a piece; arc length is the sum of the chords, so a spacing along a curve is exact to the chord.

Limits: items turn about the vertical only.
"""

import math
from typing import Any

from .pose import Quat, Vec, add, length, multiply, quat_unit, scale, sub
from .problems import FieldError

STEPS = 64


def walk(points: list[Vec]) -> list[Vec]:
    """Corners of the chords of the spline through the points."""
    padded = [points[0], *points, points[-1]]
    corners = [points[0]]
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(1, STEPS + 1):
            t = step / STEPS
            weights = (
                -0.5 * t + t * t - 0.5 * t**3, 1.0 - 2.5 * t * t + 1.5 * t**3, 0.5 * t + 2.0 * t * t - 1.5 * t**3,
                -0.5 * t * t + 0.5 * t**3,
            )  # fmt: skip
            place = (0.0, 0.0, 0.0)
            for weight, corner in zip(weights, (before, start, end, after), strict=True):
                place = add(place, scale(corner, weight))
            corners.append(place)
    return corners


def along(corners: list[Vec], marks: list[float]) -> list[tuple[Vec, Vec]]:
    """Place and direction at every arc length of `marks` (ascending)."""
    found: list[tuple[Vec, Vec]] = []
    passed, piece = 0.0, 0
    for mark in marks:
        while piece < len(corners) - 2 and passed + length(sub(corners[piece + 1], corners[piece])) < mark:
            passed += length(sub(corners[piece + 1], corners[piece]))
            piece += 1
        step = sub(corners[piece + 1], corners[piece])
        size = length(step) or 1.0
        found.append((add(corners[piece], scale(step, (mark - passed) / size)), scale(step, 1.0 / size)))
    return found


def curve_offsets(arrange: Any, items: list[Any], draws: Any, path: str) -> list[Vec]:
    """Offsets of the items; turns them where `facing` asks for it. Raises `FieldError` when the curve is too short."""
    points = [draws.value(point, f"{path}.points[{number}]") for number, point in enumerate(arrange.points)]
    corners = walk(points)
    total = math.fsum(length(sub(b, a)) for a, b in zip(corners, corners[1:], strict=False))
    if total < 1e-9:
        raise FieldError("the points of the curve are all the same", "two or more different points", "", ("arrange", "points"))
    count = len(items)
    spacing = total / max(count - 1, 1) if arrange.spacing is None else draws.value(arrange.spacing, f"{path}.spacing")
    if spacing * (count - 1) > total * (1.0 + 1e-9):
        what = f"{count} items with a spacing of {spacing:g} m need {spacing * (count - 1):g} m"
        raise FieldError(what, f"the curve is {total:g} m long", "lower the count or the spacing", ("arrange",))
    places = along(corners, [min(spacing * number, total) for number in range(count)])
    for item, (_, tangent) in zip(items, places, strict=True):
        if arrange.facing == "tangent":
            item.turn = quat_unit(multiply(_yaw_of(tangent), item.turn))
    return [place for place, _ in places]


def _yaw_of(direction: Vec) -> Quat:
    """The turn about z that takes +x into the horizontal part of a direction; exact arithmetic and square roots only."""
    flat = math.sqrt(direction[0] ** 2 + direction[1] ** 2)
    if flat < 1e-9:
        return 1.0, 0.0, 0.0, 0.0
    cosine = direction[0] / flat
    half = math.sqrt(max(0.0, 0.5 * (1.0 + cosine)))
    other = math.copysign(math.sqrt(max(0.0, 0.5 * (1.0 - cosine))), direction[1])
    return half, 0.0, 0.0, other
