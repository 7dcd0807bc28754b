"""Relations as numbers: how far each one is from being broken, for many candidates at once.

`margin` gives metres (or radians for `facing`): 0 or more where a relation holds, negative by how much it fails. Extents are
those of boxes along the axes of the frame; `above` and `below` look at the single solids, so that a ball under a table is below
it although the table's legs reach lower.
"""

from dataclasses import dataclass, field

import numpy as np

from .blocks import Array, Block, boxes, turned

LEVEL = 0.005
"""How far the lower side of a thing may be from the top that it rests on, m."""


@dataclass(frozen=True)
class Demand:
    """One relation. rel: its word; of: name of the subject; ref: names of the objects; numbers: SI; words; label: as people
    wrote it, for messages."""

    rel: str
    of: str
    ref: tuple[str, ...]
    numbers: dict[str, float] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    hard: bool = True
    weight: float = 1.0
    label: str = ""

    def get(self, name: str, default: float = 0.0) -> float:
        """A number of the relation."""
        return self.numbers.get(name, default)


@dataclass(frozen=True)
class Axes:
    """The frame's horizontal axes: index (0 or 1) and sign of `right` and `forward`."""

    right: tuple[int, int] = (0, 1)
    forward: tuple[int, int] = (1, 1)


class View:
    """A block at K poses (or one): its boxes."""

    def __init__(self, block: Block, position: Array, rotation: Array):
        self.block, self.position, self.rotation = block, np.atleast_2d(position), np.atleast_2d(rotation)
        first = self.rotation[0]
        if block.endless or bool((self.rotation != first).any()):
            self.lows, self.highs = boxes(block, self.position, self.rotation)
        else:  # one turn for all: the boxes differ by a shift
            low, high = block.boxes_at(first)
            self.lows, self.highs = low + self.position[:, None], high + self.position[:, None]
        self.low, self.high = self.lows.min(axis=1), self.highs.max(axis=1)

    @property
    def middle(self) -> Array:
        """Middle of the box, (K, 3)."""
        return 0.5 * (self.low + self.high)


def ends(view: View, axis: tuple[int, int]) -> tuple[Array, Array]:
    """Lowest and highest coordinate along a signed axis."""
    index, sign = axis
    low, high = view.low[:, index], view.high[:, index]
    return (low, high) if sign > 0 else (-high, -low)


def margin(demand: Demand, subject: View, objects: list[View], axes: Axes) -> Array:
    """(K,) how well a relation holds."""
    other = objects[0]
    if demand.rel in ("left_of", "right_of", "in_front_of", "behind"):
        return _beside(demand, subject, other, axes)
    if demand.rel in ("above", "below", "under"):
        return _over(demand, subject, other) if demand.rel == "above" else _over(demand, other, subject)
    simple = {
        "on_top": _on_top, "inside": _inside, "next_to": _next_to, "touching": _touching, "leaning_on": _leaning,
        "facing": _facing, "far_from": _far_from, "distance": _distance,
    }  # fmt: skip
    if demand.rel in simple:
        return simple[demand.rel](demand, subject, other)
    if demand.rel == "between":
        return _between(subject, objects)
    return _aligned(demand, subject, objects, axes)


def _within(value: Array, low: float, high: float | None) -> Array:
    return value - low if high is None else np.minimum(value - low, high - value)


def _beside(demand: Demand, subject: View, other: View, axes: Axes) -> Array:
    along, across = (axes.right, axes.forward) if demand.rel in ("left_of", "right_of") else (axes.forward, axes.right)
    first, second = (subject, other) if demand.rel in ("left_of", "in_front_of") else (other, subject)
    space = ends(second, along)[0] - ends(first, along)[1]
    least = max(demand.get("gap"), demand.get("min"))
    result = _within(space, least, demand.numbers.get("max"))
    if demand.words.get("loose") == "yes":
        return result
    (low, high), (floor, top) = ends(subject, across), ends(other, across)
    return np.minimum(result, np.minimum(high - floor, top - low))


def _over(demand: Demand, upper: View, lower: View) -> Array:
    """Every pair of solids of which one is over the other keeps the gap; at least the middles' columns meet."""
    count = max(len(upper.position), len(lower.position))
    space = np.full(count, np.inf)
    least = max(demand.get("gap"), demand.get("min"))
    for i in range(upper.lows.shape[1]):
        for j in range(lower.lows.shape[1]):
            shared = np.ones(count, bool)
            for k in (0, 1):
                shared &= (upper.lows[:, i, k] < lower.highs[:, j, k]) & (lower.lows[:, j, k] < upper.highs[:, i, k])
            gap = upper.lows[:, i, 2] - lower.highs[:, j, 2]
            space = np.where(shared, np.minimum(space, gap), space)
    nowhere = np.isinf(space)
    result = _within(np.where(nowhere, 0.0, space), least, demand.numbers.get("max"))
    return np.where(nowhere, -1.0, result)


def _on_top(demand: Demand, subject: View, other: View) -> Array:
    middle, bottom = subject.middle, subject.low[:, 2] - demand.get("gap")
    best = np.full(len(middle), -np.inf)
    for j in range(other.lows.shape[1]):
        within = np.ones(len(middle), bool)
        for k in (0, 1):
            within &= (middle[:, k] >= other.lows[:, j, k]) & (middle[:, k] <= other.highs[:, j, k])
        best = np.where(within, np.maximum(best, LEVEL - np.abs(bottom - other.highs[:, j, 2])), best)
    if other.block.interior is not None:  # on a rim there may be nothing under the middle
        spans = (middle[:, :2] >= other.low[:, :2]) & (middle[:, :2] <= other.high[:, :2])
        best = np.where(spans.all(axis=1), np.maximum(best, LEVEL - np.abs(bottom - other.high[:, 2])), best)
    return np.where(np.isinf(best), -1.0, best)


def in_interior(other: View, place: Array) -> tuple[Array, Array, Array]:
    """Places (K, 3) in the frame of the hollow of a block, and its half widths there."""
    interior = other.block.interior
    assert interior is not None
    back = other.rotation * np.array([1.0, -1.0, -1.0, -1.0])
    local = turned(back, place - other.position) - interior.position
    heights = interior.sections[:, 0]
    return local, *(np.interp(local[:, 2], heights, interior.sections[:, k]) for k in (1, 2))


def _inside(demand: Demand, subject: View, other: View) -> Array:
    if other.block.interior is None:
        return np.full(max(len(subject.position), len(other.position)), -1.0)
    sections = other.block.interior.sections
    local, half_x, half_y = in_interior(other, subject.middle)
    height = subject.high[:, 2] - subject.low[:, 2]
    bottom = local[:, 2] - 0.5 * height
    result = np.minimum(sections[-1, 0] - (bottom + 0.9 * height), bottom - sections[0, 0] + LEVEL)
    if other.block.interior.sides:
        return np.minimum(result, half_x - np.sqrt(local[:, 0] ** 2 + local[:, 1] ** 2))
    return np.minimum(result, np.minimum(half_x - np.abs(local[:, 0]), half_y - np.abs(local[:, 1])))


def flat_distance(first: View, second: View) -> Array:
    """Horizontal distance between boxes, 0 where they overlap."""
    gaps = np.maximum(0.0, np.maximum(second.low - first.high, first.low - second.high))
    return np.sqrt(gaps[:, 0] ** 2 + gaps[:, 1] ** 2)


def _next_to(demand: Demand, subject: View, other: View) -> Array:
    level = np.minimum(subject.high[:, 2] - other.low[:, 2], other.high[:, 2] - subject.low[:, 2])
    return np.minimum(_within(flat_distance(subject, other), demand.get("min", 0.01), demand.get("max", 0.1)), level)


def _far_from(demand: Demand, subject: View, other: View) -> Array:
    return flat_distance(subject, other) - demand.get("min", 0.3)


def _touching(demand: Demand, subject: View, other: View) -> Array:
    """By boxes: necessary only; the search asks the exact shapes."""
    gaps = np.maximum(other.low - subject.high, subject.low - other.high)
    return 0.002 - np.maximum(0.0, gaps).max(axis=1)


def _leaning(demand: Demand, subject: View, other: View) -> Array:
    upward = turned(subject.rotation, np.array([0.0, 0.0, 1.0]))[:, 2]
    low, high = np.cos(demand.get("max", 0.53)), np.cos(demand.get("min", 0.17))
    return np.minimum(np.minimum(upward - low, high - upward) + 0.02, _touching(demand, subject, other) + 0.003)


def _facing(demand: Demand, subject: View, other: View) -> Array:
    aim = other.middle[:, :2] - subject.position[:, :2]
    ahead = turned(subject.rotation, np.array([1.0, 0.0, 0.0]))[:, :2]
    if demand.words.get("away") == "yes":
        aim = -aim
    sizes = np.sqrt((aim**2).sum(axis=1) * (ahead**2).sum(axis=1))
    cosine = (aim * ahead).sum(axis=1) / np.where(sizes > 1e-12, sizes, 1.0)
    angle = np.arccos(np.clip(cosine, -1.0, 1.0))
    return demand.get("within", 0.035) - np.where(sizes > 1e-12, angle, np.pi)


def _distance(demand: Demand, subject: View, other: View) -> Array:
    if demand.words.get("between") == "centers":
        away = np.sqrt(((subject.middle - other.middle) ** 2).sum(axis=1))
    else:
        gaps = np.maximum(0.0, np.maximum(other.low - subject.high, subject.low - other.high))
        away = np.sqrt((gaps**2).sum(axis=1))
    return _within(away, demand.get("min"), demand.numbers.get("max"))


def _between(subject: View, objects: list[View]) -> Array:
    first, second, place = (view.middle[:, :2] for view in (*objects, subject))
    along = second - first
    length = np.sqrt((along**2).sum(axis=1))
    safe = np.where(length > 1e-9, length, 1.0)
    share = ((place - first) * along).sum(axis=1) / safe**2
    aside = np.abs((place[:, 0] - first[:, 0]) * along[:, 1] - (place[:, 1] - first[:, 1]) * along[:, 0]) / safe
    result = np.minimum(np.minimum(share - 0.2, 0.8 - share) * length, 0.5 * length - aside)
    return np.where(length > 1e-9, result, -1.0)


def _aligned(demand: Demand, subject: View, objects: list[View], axes: Axes) -> Array:
    word = demand.words.get("axis", "x")
    index = {"x": 0, "y": 1, "forward": axes.forward[0], "right": axes.right[0]}[word]
    away = [np.abs(subject.middle[:, index] - view.middle[:, index]) for view in objects]
    return demand.get("within", 0.005) - np.stack(np.broadcast_arrays(*away)).max(axis=0)
