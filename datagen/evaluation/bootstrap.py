"""Confidence intervals of a statistic over episodes, by the percentile bootstrap over clusters.

Episodes of one counterfactual group share their draws, so whole groups are drawn, never single episodes (Field, Welsh 2007).
Limits: with fewer than two groups there is no interval; percentiles of few groups are too narrow.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

RESAMPLES = 1000
LEVEL = 0.95


@dataclass(frozen=True)
class Figure:
    """value with the interval (low, high), None where there is none; count: how many items it is made of."""

    value: float | None
    low: float | None
    high: float | None
    count: int

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"value": self.value, "low": self.low, "high": self.high, "count": self.count}


def mean(items: Sequence[Any]) -> float:
    """The mean of numbers."""
    return float(np.mean(items))


def auroc(items: Sequence[tuple[float, bool]]) -> float:
    """Share of (touching, not touching) pairs of (score, label) items in which the first scores higher; ties count half
    (Mann and Whitney, 1947). nan with one class only."""
    scores, labels = np.array([score for score, _ in items]), np.array([label for _, label in items], bool)
    if labels.all() or not labels.any():
        return float("nan")
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[place]
    positive = int(labels.sum())
    return float((ranks[labels].sum() - positive * (positive + 1) / 2.0) / (positive * (len(labels) - positive)))


def figure(by_group: Mapping[int, Sequence[Any]], statistic: Callable[[Sequence[Any]], float] = mean, seed: int = 0) -> Figure:
    """The statistic of all items, with its interval over resampled groups. Not given (value None) without items."""
    clusters = [items for _, items in sorted(by_group.items()) if len(items)]
    flat = [item for items in clusters for item in items]
    value = statistic(flat) if flat else float("nan")
    if not np.isfinite(value):
        return Figure(None, None, None, len(flat))
    if len(clusters) < 2:
        return Figure(value, None, None, len(flat))
    generator = np.random.default_rng(seed)
    drawn = []
    for chosen in generator.integers(0, len(clusters), (RESAMPLES, len(clusters))):
        drawn.append(statistic([item for place in chosen for item in clusters[place]]))
    finite = np.array(drawn)[np.isfinite(drawn)]
    if not len(finite):
        return Figure(value, None, None, len(flat))
    low, high = np.quantile(finite, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return Figure(value, float(low), float(high), len(flat))
