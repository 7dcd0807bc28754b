"""Which draws matter, and whether two of them were drawn together everywhere.

Importance of a draw: the largest correlation ratio (share of the variance of an outcome between quarters or sixteenths of the
draws, or the entries of a choice; adjusted by Kelley, 1935) over the numbers in the outcomes of episodes; 0 where it is under
three deviations of what chance explains. Looks (light, cameras, texts, colours) have none: they cannot change what happens. The
pairs are those of the most important draws that have one value an episode; where nothing varies they are the first of the
spec. A pair is a square of cells; which of them are possible, and how many as many independent draws would fill, follows from
what is declared. discrepancy: the largest difference of the drawn share below and left of a corner from the product of the
two drawn shares, so 0 for independent draws.
Limits: cells are as coarse as CELLS says; items of entities are not paired.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from datagen.coverage.columns import Column, bin_of, column
from datagen.coverage.gather import Drawings, Gathered

CELLS = 5
PARTS = (4, 16)  # equal shares of the draws whose means are compared
LEAST = 5  # draws in each of them
LOOKS = ("lights.", "cameras.", "text")


@dataclass(frozen=True)
class Pair:
    """Two draws together. counts: (bins of x, bins of y); covered: of the `possible` cells; by_chance: how many independent
    draws would cover; correlation: of ranks (Spearman), None where one of them never varies."""

    x: str
    y: str
    x_labels: tuple[str, ...]
    y_labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    covered: int
    possible: int
    by_chance: float
    correlation: float | None
    discrepancy: float

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def importance(drawings: Drawings, whole: Column, outcomes: Mapping[str, Mapping[int, float]]) -> tuple[float, str]:
    """(share of the variance of the outcome that it explains best, name of the outcome); (0, "") without any."""
    best = (0.0, "")
    if not drawings.values or is_look(drawings.path):
        return best
    values = np.array(drawings.values)
    for parts in PARTS if whole.edges else (1,):
        inner = np.unique(np.quantile(values, np.arange(1, parts) / parts))
        bins = np.searchsorted(inner, values, side="right") if whole.edges else values
        if parts > 4 and len(values) < LEAST * parts:
            continue
        for name, told in sorted(outcomes.items()):
            rows = [(bins[n], told[key[0]]) for n, key in enumerate(drawings.keys) if key[0] in told]
            explained = _explained(np.array(rows)) if rows else 0.0
            best = max(best, (explained, name if explained else ""))
    return best


def is_look(path: str) -> bool:
    """Whether a draw decides about pictures only."""
    return path.startswith(LOOKS) or ".color" in path or ".texture" in path


def pairs(found: Gathered, columns: Mapping[str, Column], ranks: Mapping[str, float], most: int) -> list[Pair]:
    """The `most` pairs of the most important draws, most important first."""
    single = [path for path in columns if _is_single(found.draws[path]) and len(columns[path].counts) > 1]
    single.sort(key=lambda path: (-ranks[path], is_look(path)))
    wanted = sorted(combinations(range(len(single)), 2), key=lambda two: (two[0] + two[1], two))[:most]
    return [made for a, b in wanted if (made := _pair(found.draws[single[a]], found.draws[single[b]])) is not None]


def _pair(first: Drawings, second: Drawings) -> Pair | None:
    """The pair over the episodes in which both were drawn; None without any."""
    other = {key[0]: value for key, value in zip(second.keys, second.values, strict=True)}
    both = [(value, other[key[0]]) for key, value in zip(first.keys, first.values, strict=True) if key[0] in other]
    if not both:
        return None
    wide = [column(one, CELLS) for one in (first, second)]
    x, y = np.array(both).T
    places = [_places(values, one) for values, one in zip((x, y), wide, strict=True)]
    shape = tuple(len(one.counts) for one in wide)
    counts = np.zeros(shape, int)
    np.add.at(counts, tuple(places), 1)
    shares = [np.array(one.expected or one.counts, float) for one in wide]
    chance = np.outer(shares[0] / shares[0].sum(), shares[1] / shares[1].sum())
    possible = chance > 0.0
    corners = counts.cumsum(0).cumsum(1) / len(both)
    apart = np.abs(corners - corners[:, -1:] * corners[-1:]).max()
    return Pair(
        first.path, second.path, wide[0].labels, wide[1].labels, tuple(map(tuple, counts.tolist())),
        int((counts[possible] > 0).sum()), int(possible.sum()),
        float((1.0 - (1.0 - chance[possible]) ** len(both)).sum()), _correlation(x, y), float(apart),
    )  # fmt: skip


def _is_single(drawings: Drawings) -> bool:
    return bool(drawings.keys) and all(item < 0 for _, item in drawings.keys)


def _places(values: np.ndarray, one: Column) -> np.ndarray:
    return bin_of(values, one.edges) if one.edges else values.astype(int)


def _explained(rows: np.ndarray) -> float:
    """Adjusted correlation ratio of (bin, value) rows, 0 where chance may explain as much."""
    bins, values = rows.T
    total = float(((values - values.mean()) ** 2).sum())
    groups = [values[bins == one] for one in np.unique(bins)]
    free = len(values) - len(groups)
    if total < 1e-18 or free < 1 or len(groups) < 2:
        return 0.0
    within = float(sum(((group - group.mean()) ** 2).sum() for group in groups))
    explained = 1.0 - (within / free) / (total / (len(values) - 1))
    return explained if explained > 3.0 * math.sqrt(2.0 * (len(groups) - 1)) / (len(values) - 1) else 0.0


def _correlation(x: np.ndarray, y: np.ndarray) -> float | None:
    ranks = [_ranks(values) for values in (x, y)]
    if min(np.ptp(rank) for rank in ranks) == 0.0:
        return None
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _ranks(values: Sequence[float] | np.ndarray) -> np.ndarray:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    mean: np.ndarray = np.cumsum(counts) - (counts - 1) / 2.0
    return mean[place]
