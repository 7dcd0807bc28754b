"""Difference constraints along each axis: what relations alone say about where the middles can be.

Method: every hard relation gives inequalities c_j - c_i >= w between the middles of boxes; the longest path from the origin is
the least coordinate of a block, minus that of the reversed graph the largest (Bellman, 1958; Ford, 1956). A path that keeps
growing is a cycle of positive length: the relations on it cannot hold together.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .blocks import Array
from .demands import Axes, Demand

FAR = 1e9
SLACK = 1e-9


@dataclass(frozen=True)
class Edge:
    """middle of `above` - middle of `below` >= least, along one axis; names, "" is the origin."""

    axis: int
    below: str
    above: str
    least: float
    label: str


class Cycle(Exception):
    """Relations whose inequalities contradict each other; `labels` in order of the loop, without doubles."""

    def __init__(self, axis: int, labels: tuple[str, ...]):
        self.axis, self.labels = axis, labels
        super().__init__(", ".join(labels))


def edges_of(demand: Demand, half: dict[str, Array], axes: Axes) -> Iterable[Edge]:
    """The inequalities that one relation implies; half: half extents (3,) of every block."""
    s = demand.of
    label, reach = demand.label, demand.get("max", FAR)
    for o in demand.ref:
        if o not in half or s not in half:
            continue
        sum_half = half[s] + half[o]
        if demand.rel in ("left_of", "right_of", "in_front_of", "behind"):
            along, across = (axes.right, axes.forward) if demand.rel in ("left_of", "right_of") else (axes.forward, axes.right)
            low, high = (s, o) if (demand.rel in ("left_of", "in_front_of")) == (along[1] > 0) else (o, s)
            gap = max(demand.get("gap"), demand.get("min"))
            yield Edge(along[0], low, high, float(sum_half[along[0]] + gap), label)
            if reach < FAR:
                yield Edge(along[0], high, low, -float(sum_half[along[0]] + reach), label)
            if demand.words.get("loose") != "yes":
                yield from _near(across[0], s, o, float(sum_half[across[0]]), label)
        elif demand.rel in ("above", "below", "under"):
            for axis in (0, 1):
                yield from _near(axis, s, o, float(sum_half[axis]), label)
        elif demand.rel == "next_to" or (demand.rel == "distance" and demand.words.get("between") != "centers"):
            most = demand.get("max", 0.1 if demand.rel == "next_to" else FAR)
            for axis in (0, 1):
                yield from _near(axis, s, o, float(sum_half[axis] + most), label)
        elif demand.rel in ("distance", "touching"):
            for axis in (0, 1):
                extra = 0.0 if demand.rel == "distance" else float(sum_half[axis]) + 0.002
                yield from _near(axis, s, o, (reach if demand.rel == "distance" else 0.0) + extra, label)
        elif demand.rel == "aligned":
            axis = {"x": 0, "y": 1, "forward": axes.forward[0], "right": axes.right[0]}[demand.words.get("axis", "x")]
            yield from _near(axis, s, o, demand.get("within", 0.005), label)


def _near(axis: int, s: str, o: str, most: float, label: str) -> Iterable[Edge]:
    if most < FAR:
        yield Edge(axis, o, s, -most, label)
        yield Edge(axis, s, o, -most, label)


def within(axis: int, s: str, o: str, low: float, high: float, label: str) -> Iterable[Edge]:
    """middle of s - middle of o lies in [low, high]."""
    yield Edge(axis, o, s, low, label)
    yield Edge(axis, s, o, -high, label)


def intervals(names: list[str], edges: list[Edge], axis: int) -> tuple[dict[str, float], dict[str, float]]:
    """Lowest and highest middle of every block along an axis. Raises `Cycle`."""
    order = {name: number for number, name in enumerate(["", *names])}
    chosen = [edge for edge in edges if edge.axis == axis and edge.below in order and edge.above in order]
    below = np.array([order[edge.below] for edge in chosen], int)
    above = np.array([order[edge.above] for edge in chosen], int)
    least = np.array([edge.least for edge in chosen])
    low = _longest(below, above, least, len(order), chosen, axis)
    high = _longest(above, below, least, len(order), chosen, axis)
    return {name: float(low[k]) for name, k in order.items()}, {name: float(-high[k]) for name, k in order.items()}


def _longest(start: Array, end: Array, length: Array, count: int, edges: list[Edge], axis: int) -> Array:
    best = np.full(count, -np.inf)
    best[0] = 0.0
    loose = np.zeros(count)  # from everywhere at once, so that a cycle that the origin does not reach is found as well
    for values in (loose, best):
        for _ in range(count + 1):
            before = values.copy()
            if len(start):
                np.maximum.at(values, end, values[start] + length)
            if np.all((values <= before + SLACK) | np.isneginf(before) & np.isneginf(values)):
                break
        else:
            raise Cycle(axis, _cycle(start, end, length, count, edges))
    return best


def _cycle(start: Array, end: Array, length: Array, count: int, edges: list[Edge]) -> tuple[str, ...]:
    """Labels on one positive cycle, by following predecessors."""
    values, came = [0.0] * count, [-1] * count
    last = -1
    for _ in range(count + 1):
        last = -1
        for number in range(len(edges)):
            i, j = int(start[number]), int(end[number])
            if values[i] + float(length[number]) > values[j] + SLACK:
                values[j], came[j], last = values[i] + float(length[number]), number, j
    node = last
    for _ in range(count):
        node = int(start[came[node]])
    labels, walker = [], node
    while True:
        number = came[walker]
        labels.append(edges[number].label)
        walker = int(start[number])
        if walker == node:
            break
    return tuple(dict.fromkeys(label for label in reversed(labels) if label))
