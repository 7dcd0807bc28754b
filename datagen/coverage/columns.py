"""What is said of one draw: its histogram beside what was declared, bins that stayed empty, and how far apart the two are.

Expected counts are probabilities of the declared distributions, each by as many draws as were made from it, so that stages of a
curriculum and datasets of other specs may be mixed. Discrepancy: the largest difference of the distribution functions, drawn
and declared (Kolmogorov and Smirnov; of what is uniform the star discrepancy, Niederreiter, 1992). `doubtful`: it is over
1.63 / sqrt(n), which happens by chance in one of a hundred columns; of whole numbers and choices more rarely.
Limits: draws that were solved for (`place`, `scatter`) have no declared law: they have a histogram, nothing else.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.coverage.gather import Drawings
from datagen.spec.declared import RANDOM, Drawn, Law, Weighted, between, bin_edges, chances, cumulative, words
from datagen.spec.distributions import Choice, Integer, Numeric, Uniform

CRITICAL = 1.63  # Kolmogorov, level 0.01
ROTATED = Uniform(-1.0, 1.0)  # z of a turned axis (Archimedes)


@dataclass(frozen=True)
class Column:
    """One draw. edges: of the bins, none for a choice; labels: of the bins; counts, expected: of every bin, expected None where
    nothing is declared; discrepancy: 0 to 1."""

    path: str
    declared: str
    drawn: int
    low: float
    high: float
    edges: tuple[float, ...]
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    expected: tuple[float, ...] | None
    discrepancy: float | None

    @property
    def empty(self) -> list[str]:
        """Labels of the bins that are possible and were not drawn."""
        possible = self.expected or [1.0] * len(self.counts)
        return [label for label, n, chance in zip(self.labels, self.counts, possible, strict=True) if n == 0 and chance > 0.0]

    @property
    def empty_by_chance(self) -> float | None:
        """How many bins would be empty on average in as many independent draws."""
        if self.expected is None or not self.drawn:
            return None
        return sum((1.0 - min(chance / self.drawn, 1.0)) ** self.drawn for chance in self.expected if chance > 0.0)

    @property
    def doubtful(self) -> bool:
        """Whether the draws are not as declared."""
        return self.discrepancy is not None and self.discrepancy > CRITICAL / math.sqrt(max(self.drawn, 1))

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        names = ("path", "declared", "drawn", "low", "high", "edges", "labels", "counts", "expected", "discrepancy")
        plain = {name: getattr(self, name) for name in (*names, "empty", "empty_by_chance", "doubtful")}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


def column(drawings: Drawings, bins: int) -> Column:
    """The column of one path."""
    laws = [(ROTATED if law == RANDOM else law, times) for law, times in drawings.laws]
    choices = [(law, times) for law, times in laws if isinstance(plain(law), Choice)]
    said = _said([words(law) for law, _ in drawings.laws])
    values = np.array(drawings.values)
    if choices:
        return _of_choice(drawings.path, said, choices, values)
    numeric: list[tuple[Any, int]] = [(law, times) for law, times in laws if not isinstance(plain(law), (Choice, str))]
    if not len(values):
        return Column(drawings.path, "never drawn", 0, math.nan, math.nan, (), (), (), None, None)
    edges = _edges(numeric, values, bins)
    whole = bool(numeric) and all(isinstance(plain(law), Integer) for law, _ in numeric)
    places = bin_of(values, edges)
    counts = np.bincount(places, minlength=len(edges) - 1)
    expected = np.zeros(len(edges) - 1)
    for law, times in numeric:
        expected += times * np.array(between(law, edges))
    labels = tuple(_label(low, high, whole, last == len(edges) - 2) for last, (low, high) in enumerate(_pairs(edges)))
    return Column(
        drawings.path, said, len(values), float(values.min()), float(values.max()), tuple(edges), labels,
        tuple(counts.tolist()), tuple(expected.tolist()) if numeric else None,
        discrepancy(values, numeric) if numeric else None,
    )  # fmt: skip


def plain(law: Law) -> Drawn:
    """A law without its weights."""
    return law.law if isinstance(law, Weighted) else law


def _said(laws: Sequence[str]) -> str:
    if len(laws) > 3:
        return f"{laws[0]}; ... {laws[-1]} ({len(laws)} laws)"
    return "; ".join(laws) or "solved for"


def bin_of(values: np.ndarray, edges: Sequence[float]) -> np.ndarray:
    """Number of the bin of every value; the last bin holds its upper edge."""
    return np.clip(np.searchsorted(np.asarray(edges), values, side="right") - 1, 0, len(edges) - 2)


def discrepancy(values: np.ndarray, laws: Sequence[tuple[Numeric | Weighted, int]]) -> float:
    """sup |F drawn - F declared|, the declared one a mixture by the numbers of draws."""
    ordered, total = np.sort(values), sum(times for _, times in laws)
    distinct = np.unique(ordered)

    def told(points: np.ndarray) -> np.ndarray:
        sums = np.zeros(len(points))
        for law, times in laws:
            sums += times / total * np.array([cumulative(law, float(point)) for point in points])
        return sums

    at = np.searchsorted(ordered, distinct, side="right") / len(ordered)
    before = np.searchsorted(ordered, distinct, side="left") / len(ordered)
    upto = told(distinct)
    below = told(np.nextafter(distinct, -np.inf))
    return float(max(np.abs(at - upto).max(), np.abs(before - below).max()))


def _of_choice(path: str, said: str, choices: Sequence[tuple[Any, int]], values: np.ndarray) -> Column:
    entries: list[tuple[Any, ...]] = [getattr(choice, "law", choice).of for choice, _ in choices]
    size = max(len(of) for of in entries)
    counts = np.bincount(values.astype(int), minlength=size)
    expected = np.zeros(size)
    for choice, times in choices:
        found = chances(choice)
        expected[: len(found)] += times * np.array(found)
    apart = None
    if len(values):
        apart = float(np.abs(np.cumsum(counts) / counts.sum() - np.cumsum(expected) / expected.sum()).max())
    longest = max(entries, key=len)
    labels = tuple(entry_label(entry, number) for number, entry in enumerate(longest))
    ends = (float(values.min()), float(values.max())) if len(values) else (math.nan, math.nan)
    return Column(path, said, len(values), *ends, (), labels, tuple(counts.tolist()), tuple(expected.tolist()), apart)


def entry_label(entry: Any, number: int) -> str:
    """What an entry of a choice is called."""
    if isinstance(entry, str):
        return entry if len(entry) <= 24 else f"{entry[:21]}..."
    if isinstance(entry, (int, float)):
        return f"{entry:g}"
    if isinstance(entry, tuple) and all(isinstance(part, (int, float)) for part in entry):
        return "(" + ", ".join(f"{part:.3g}" for part in entry) + ")"
    return f"{number}: {getattr(entry, 'type', '')}".rstrip(": ")


def _edges(laws: Sequence[tuple[Law, int]], values: np.ndarray, bins: int) -> list[float]:
    """Edges over everything that is declared and drawn: those of one law, or even ones over several."""
    low, high = float(values.min()), float(values.max())
    numeric: list[Any] = list(dict.fromkeys(plain(law) for law, _ in laws))
    if len(numeric) == 1:
        return bin_edges(numeric[0], bins, low, high)
    ends = [end for law in numeric for end in law.support() if math.isfinite(end)]
    low, high = min([low, *ends]), max([high, *ends])
    if numeric and all(isinstance(law, Integer) for law in numeric):
        return bin_edges(Integer(int(low), int(high)), bins, low, high)
    return bin_edges(Uniform(low, high), bins, low, high)


def _pairs(edges: Sequence[float]) -> list[tuple[float, float]]:
    return list(zip(edges, edges[1:], strict=False))


def _label(low: float, high: float, whole: bool, last: bool) -> str:
    if not whole:
        return f"{low:.3g} to {high:.3g}"
    top = int(high) if last else int(high) - 1
    return f"{int(low)}" if top <= low else f"{int(low)} to {top}"
