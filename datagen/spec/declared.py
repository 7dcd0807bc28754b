"""What a spec declares to be drawn: canonical path of a field -> its distribution; and how likely each range of it is.

Paths are those under which draws are noted, without the item of an entity (`entities.domino[3].color` is
`entities.domino.color`, see `path_of`). Probabilities follow from the distribution functions: uniform, log-uniform, truncated
normal (by `statistics.NormalDist`), integers and choices. A random rotation is uniform over all rotations (Shoemake, 1992).
Limits: what `place` and `scatter` solve for is not declared; cycles and params draw nothing themselves.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Literal

from .distributions import NUMERIC, Choice, Integer, LogUniform, Normal, Numeric, Uniform
from .document import DatasetSpec
from .fields import ParamValue
from .model import walk
from .text import Path

RANDOM: Literal["random rotation"] = "random rotation"
ITEM = re.compile(r"^((?:entities|joints|actors|actions)\.\w+)\[(\d+)\]")

Drawn = Numeric | Choice | Literal["random rotation"]


@dataclass(frozen=True)
class Weighted:
    """A distribution whose draws are weighted (see `curriculum`): in a share `floor` of the episodes as declared, else in
    proportion to the weight of the bin between edges, or of the entry of a choice."""

    law: Numeric | Choice
    edges: tuple[float, ...]
    weights: tuple[float, ...]
    floor: float

    def of(self, value: float) -> float:
        """The weight of a number, or of the entry with that number."""
        place = bisect_right(self.edges, value) - 1 if self.edges else int(value)
        return self.weights[min(max(place, 0), len(self.weights) - 1)]

    def masses(self) -> list[tuple[float, float, float]]:
        """(lower end, upper end, weight) of the bins within the support of a number."""
        assert not isinstance(self.law, Choice)
        low, high = self.law.support()
        ends = [low, *(edge for edge in self.edges if low < edge < high), high]
        return [(a, b, self.of(a)) for a, b in zip(ends, ends[1:], strict=False)] or [(low, high, self.of(low))]

    def mean(self) -> float:
        """Mean weight of what is drawn as declared."""
        if isinstance(self.law, Choice):
            return math.fsum(chance * self.of(entry) for entry, chance in enumerate(chances(self.law)))
        ends = [low for low, _, _ in self.masses()] + [self.law.support()[1]]
        shares = between(self.law, ends)
        return math.fsum(share * weight for share, (_, _, weight) in zip(shares, self.masses(), strict=True))

    def ratio(self, value: float) -> float:
        """Density of a weighted draw over the declared one, without the floor; 0 where nothing is left."""
        mean = self.mean()
        return self.of(value) / mean if mean > 0.0 else 0.0


Law = Drawn | Weighted


def path_of(noted: str) -> tuple[str, int]:
    """(canonical path, item or -1) of the key of a draw of an episode."""
    found = ITEM.match(noted)
    return (noted, -1) if found is None else (found.group(1) + noted[found.end() :], int(found.group(2)))


def declared(spec: DatasetSpec) -> dict[str, Drawn]:
    """Everything that the spec draws: canonical path -> distribution, choices before what is inside them."""
    return dict(_drawn(spec, ()))


def _drawn(value: Any, start: Path) -> Iterator[tuple[str, Drawn]]:
    for place, part in walk(value, start):
        if isinstance(part, ParamValue):
            yield from _drawn(part.value, place)
        elif isinstance(part, (*NUMERIC, Choice)):
            yield field_path(place), part
        elif part == "random" and "rotation" in place:
            yield field_path(place), RANDOM


def field_path(place: Path) -> str:
    """`entities.red.position[1]` of a place in a document."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def words(dist: Law) -> str:
    """A distribution in a few words, SI."""
    if isinstance(dist, Weighted):
        return f"weighted {words(dist.law)}"
    if isinstance(dist, Choice):
        return f"choice of {len(dist.of)}"
    if isinstance(dist, str):
        return dist
    if isinstance(dist, Normal):
        text = f"normal {dist.mean:g} +- {dist.std:g}"
        return text if math.isinf(dist.low) and math.isinf(dist.high) else f"{text} in [{dist.low:g}, {dist.high:g}]"
    name = {Uniform: "uniform", LogUniform: "log_uniform", Integer: "integer"}[type(dist)]
    return f"{name} [{dist.low:g}, {dist.high:g}]"


def cumulative(dist: Numeric | Weighted, value: float) -> float:
    """Probability of a number up to `value`."""
    if isinstance(dist, Weighted):
        return _cumulative_of_bins(dist, value)
    low, high = dist.support()
    if value >= high:
        return 1.0
    if isinstance(dist, Integer):
        return max(0.0, math.floor(value) - low + 1.0) / (high - low + 1.0)
    if value <= low:
        return 0.0
    if isinstance(dist, Uniform):
        return (value - low) / (high - low)
    if isinstance(dist, LogUniform):
        return math.log(value / low) / math.log(high / low)
    normal = NormalDist(dist.mean, dist.std)
    return (normal.cdf(value) - normal.cdf(low)) / dist.mass()


def _cumulative_of_bins(dist: Weighted, value: float) -> float:
    law, total, mean = dist.law, 0.0, dist.mean()
    assert not isinstance(law, Choice)
    top = law.support()[1]
    for low, high, weight in dist.masses():
        if value >= low:
            upto = cumulative(law, value) if value < high or high == top else _under(law, high)
            total += weight * (upto - _under(law, low))
    return dist.floor * cumulative(law, value) + (1.0 - dist.floor) * (total / mean if mean > 0.0 else 0.0)


def _under(dist: Numeric, value: float) -> float:
    """Probability of a number below `value`."""
    low, high = dist.support()
    if low == high:
        return float(value > low)
    return cumulative(dist, math.ceil(value) - 1.0) if isinstance(dist, Integer) else cumulative(dist, value)


def between(dist: Numeric | Weighted, edges: Sequence[float]) -> list[float]:
    """Probability of each bin of ascending edges; a bin holds its lower edge, the last one both."""
    law = dist.law if isinstance(dist, Weighted) else dist
    assert not isinstance(law, Choice)
    if isinstance(law, Integer):
        below = [cumulative(dist, math.ceil(edge) - 1.0) for edge in edges[:-1]] + [cumulative(dist, edges[-1])]
    else:
        below = [cumulative(dist, edge) for edge in edges]
        if edges[0] == law.support()[0] == law.support()[1]:  # a single value
            below = [0.0] + [1.0] * (len(edges) - 1)
    return [high - low for low, high in zip(below, below[1:], strict=False)]


def chances(choice: Choice | Weighted) -> list[float]:
    """Probability of each entry."""
    if isinstance(choice, Weighted):
        assert isinstance(choice.law, Choice)
        plain = chances(choice.law)
        return [one * (choice.floor + (1.0 - choice.floor) * choice.ratio(entry)) for entry, one in enumerate(plain)]
    total = math.fsum(choice.weights)
    return [weight / total for weight in choice.weights]


def bin_edges(dist: Numeric, bins: int, low: float, high: float) -> list[float]:
    """Edges of at most `bins` bins over the support, or over [low, high] where it is open: equal steps, of the logarithm for a
    log-uniform, and whole numbers for integers."""
    ends = dist.support()
    low = low if math.isinf(ends[0]) else ends[0]
    high = high if math.isinf(ends[1]) else ends[1]
    if isinstance(dist, Integer):
        count = min(bins, int(high - low) + 1)
        size = int(high - low) + 1
        return [low + size * n // count for n in range(count)] + [high]
    if not low < high:
        return [low, low]
    steps = [n / bins for n in range(bins + 1)]
    if isinstance(dist, LogUniform):
        inner = [low * (high / low) ** step for step in steps]
    else:
        inner = [low + (high - low) * step for step in steps]
    return [low, *inner[1:-1], high]
