"""Vessels with all numbers drawn: walls of boxes around an interior that is known exactly.

A round vessel is a stack of rings; a ring has n flat walls whose inner faces are the sides of a frustum over a regular
polygon. A wall that is wider than its side reaches out beyond the neighbour's plane only, never into the interior, so walls
may overlap outside and the interior is still exact. The interior is a list of horizontal sections (z, half x, half y) between
which the half widths change linearly; with half widths a, b of neighbouring sections at distance h the volume between them is

    k h (a1 b1 + a2 b2 + (a1 b2 + a2 b1) / 2) / 3,    k = 4 for a rectangle, n tan(pi / n) for a polygon with apothem a = b.
"""

import math
from collections.abc import Sequence

from . import vessels
from .episode import InteriorSpec, ShapeSpec
from .exact import cos_sin
from .pose import Quat, Vec, from_axis, multiply, tidy_quat, tidy_vec

Profile = Sequence[tuple[float, float]]
UP: Vec = (0.0, 0.0, 1.0)


def build_round(morph: vessels.Cup, number: dict[str, float]) -> tuple[tuple[ShapeSpec, ...], InteriorSpec]:
    """Shapes and interior of a round vessel; `number`: the drawn values of its lengths. Raises `ValueError`."""
    wall, height, sides = number["thickness"], number["height"], int(number["sides"])
    profile, floor, lid = _profile(morph, number)
    if any(low >= high for (low, _), (high, _) in zip(profile, profile[1:], strict=False)):
        raise ValueError(f"walls of {wall:g} m leave no room in a {morph.type} of height {height:g} m")
    lowered = [(z - 0.5 * height, radius) for z, radius in profile]
    shapes: list[ShapeSpec] = []
    for (low, inner), (high, outer) in zip(lowered, lowered[1:], strict=False):
        shapes += ring(sides, low, inner, high, outer, wall)
    corner = 1.0 / cos_sin(math.pi / sides)[0]
    for wanted, (level, radius), side in ((floor, lowered[0], -0.5), (lid, lowered[-1], 0.5)):
        if wanted:
            place = tidy_vec((0.0, 0.0, level + side * wall))
            shapes.append(ShapeSpec(type="cylinder", size=(round(radius * corner, 12), wall), position=place))
    if getattr(morph, "handle", False):
        shapes += _handle(max(radius for _, radius in lowered) + wall, height, wall)
    sections = tuple(tidy_vec((z, radius, radius)) for z, radius in lowered)
    return tuple(shapes), InteriorSpec(sections=sections, sides=sides)


def _profile(morph: vessels.Cup, number: dict[str, float]) -> tuple[list[tuple[float, float]], bool, bool]:
    """(z above the lowest point, inner apothem) from below, and whether there are a floor and a lid."""
    wall, height, radius = number["thickness"], number["height"], number["radius"]
    if isinstance(morph, vessels.Bowl):
        deep, foot = height - wall, number["foot"]
        reach = deep / math.sqrt(1.0 - foot * foot)
        levels = [deep * (step / number["tiers"]) ** 2 for step in range(int(number["tiers"]) + 1)]
        return [(wall + z, radius * math.sqrt(1.0 - ((deep - z) / reach) ** 2)) for z in levels], True, False
    if isinstance(morph, (vessels.Funnel, vessels.Hourglass)):
        vessels.require_wider(number["neck"], radius)
    if isinstance(morph, vessels.Funnel):
        stem = [(0.0, number["neck"])] if number["stem"] > 0.0 else []
        return [*stem, (number["stem"], number["neck"]), (height, radius)], False, False
    if isinstance(morph, vessels.Hourglass):
        half, neck = 0.5 * height, number["neck"]
        slope = min(radius - neck, 0.6 * (half - wall))
        upper = [(half, neck), (half + slope, radius), (height - wall, radius)]
        return [(height - z, r) for z, r in reversed(upper[1:])] + upper, True, True
    return [(wall, radius), (height, number["top_radius"] or radius)], True, False


def ring(sides: int, low: float, inner: float, high: float, outer: float, wall: float) -> list[ShapeSpec]:
    """Flat walls around a frustum from apothem `inner` at height `low` to `outer` at `high`; their inner faces bound it."""
    rise, widen = high - low, outer - inner
    slant = math.sqrt(rise * rise + widen * widen)
    cosine, sine = rise / slant, widen / slant  # of the tilt: the wall's z axis goes along the slant
    half_cosine = math.sqrt(0.5 * (1.0 + cosine))
    tilt: Quat = (half_cosine, 0.0, 0.5 * sine / half_cosine, 0.0)
    cos_half, sin_half = cos_sin(math.pi / sides)
    width = 2.0 * (max(inner, outer) + wall * cosine) * sin_half / cos_half
    away, level = 0.5 * (inner + outer) + 0.5 * wall * cosine, 0.5 * (low + high) - 0.5 * wall * sine
    made = []
    for side in range(sides):
        angle = 2.0 * math.pi * (side + 0.5) / sides
        cos_side, sin_side = cos_sin(angle)
        made.append(
            ShapeSpec(
                type="box", size=(wall, round(width, 12), round(slant, 12)),
                position=tidy_vec((away * cos_side, away * sin_side, level)),
                rotation=tidy_quat(multiply(from_axis(UP, angle), tilt)),
            )
        )  # fmt: skip
    return made


def _handle(radius: float, height: float, wall: float) -> list[ShapeSpec]:
    """Two bars and a grip on the +x side."""
    bar, out, tall = 2.0 * wall, 0.35 * height, 0.55 * height
    grip = ShapeSpec(type="box", size=(bar, bar, round(tall, 12)), position=tidy_vec((radius + out, 0.0, 0.0)))
    ends = [
        ShapeSpec(
            type="box", size=(round(out, 12), bar, bar),
            position=tidy_vec((radius + 0.5 * out, 0.0, side * 0.5 * (tall - bar))),
        )
        for side in (-1.0, 1.0)
    ]  # fmt: skip
    return [grip, *ends]


def box_interior(size: Vec, wall: float) -> InteriorSpec:
    """The interior of a box without lid with outer extents `size` around its middle."""
    half = (0.5 * size[0] - wall, 0.5 * size[1] - wall)
    low, high = wall - 0.5 * size[2], 0.5 * size[2]
    return InteriorSpec(sections=tuple(tidy_vec((z, *half)) for z in (low, high)), sides=0)
