"""Dataset statistics that merge: per shard accumulators, joined in shard order, become `meta/stats.json`.

Mean and variance merge by Chan, Golub and LeVeque (1983); quantiles come from a DDSketch (Masson, Rim and Lee, 2019) with
relative error 1 %, whose integer counts merge exactly; picture statistics come from exact 256-bin histograms of every fourth
pixel in both directions. Limits: |x| < 1e-9 counts as zero for quantiles; moments are double precision, so the shard order
(not the worker order) matters.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.types import Feature

QUANTILES = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}
PIXEL_STRIDE = 4
_LOG_GAMMA = math.log(1.01 / 0.99)
_TINY = 1e-9
_SHIFT = 1 << 20
_COMPACT_AT = 1 << 20


@dataclass
class FeatureStats:
    """Accumulates rows of one feature; all arrays are flat over the feature's components."""

    size: int
    count: int = 0
    low: np.ndarray = field(init=False)
    high: np.ndarray = field(init=False)
    mean: np.ndarray = field(init=False)
    m2: np.ndarray = field(init=False)
    _parts: list[np.ndarray] = field(default_factory=list)
    _waiting: int = 0

    def __post_init__(self) -> None:
        self.low, self.high = np.full(self.size, np.inf), np.full(self.size, -np.inf)
        self.mean, self.m2 = np.zeros(self.size), np.zeros(self.size)

    def add(self, values: np.ndarray) -> None:
        """Adds rows (T, ...) of any numeric type; finite values."""
        rows = np.asarray(values, dtype=np.float64).reshape(len(values), self.size)
        if not len(rows):
            return
        mean = rows.mean(axis=0)
        part = FeatureStats(self.size, len(rows), [np.stack(np.unique(_buckets(rows), return_counts=True))])
        part.low, part.high, part.mean, part.m2 = rows.min(axis=0), rows.max(axis=0), mean, ((rows - mean) ** 2).sum(axis=0)
        self.merge(part)

    def merge(self, other: "FeatureStats") -> None:
        """Adds what another accumulator saw, as if its rows came after ours."""
        total = self.count + other.count
        if not total:
            return
        shift = other.mean - self.mean
        self.m2 = self.m2 + other.m2 + shift**2 * (self.count * other.count / total)
        self.mean = self.mean + shift * (other.count / total)
        self.low, self.high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        self.count = total
        self._parts += other._parts
        self._waiting += sum(part.shape[1] for part in other._parts)
        if self._waiting > _COMPACT_AT:
            self._sketch()

    def result(self, shape: tuple[int, ...]) -> dict[str, Any]:
        """LeRobot's entry: min, max, mean, std, count and quantiles, arrays of `shape`."""
        std = np.sqrt(self.m2 / max(self.count, 1))
        entry = {"min": self.low, "max": self.high, "mean": self.mean, "std": std, **self._quantiles()}
        return {**{name: values.reshape(shape).tolist() for name, values in entry.items()}, "count": [self.count]}

    def _quantiles(self) -> dict[str, np.ndarray]:
        found = {name: np.zeros(self.size) for name in QUANTILES}
        keys, counts = self._sketch()
        owner, bucket = keys // (2 * _SHIFT), keys % (2 * _SHIFT) - _SHIFT
        for component in range(self.size if self.count else 0):
            mine = owner == component
            cumulative = np.cumsum(counts[mine])
            for name, share in QUANTILES.items():
                nearest = bucket[mine][int(np.searchsorted(cumulative, share * (self.count - 1), side="right"))]
                found[name][component] = min(max(_bucket_value(int(nearest)), self.low[component]), self.high[component])
        return found

    def _sketch(self) -> np.ndarray:
        """Sorted bucket keys and their counts, (2, buckets) int64."""
        if not self._parts:
            return np.zeros((2, 0), dtype=np.int64)
        joined = np.concatenate(self._parts, axis=1)
        keys, position = np.unique(joined[0], return_inverse=True)
        counts = np.zeros(len(keys), dtype=np.int64)
        np.add.at(counts, position, joined[1])
        self._parts, self._waiting = [np.stack([keys, counts])], 0
        return self._parts[0]

    def to_json(self) -> dict[str, Any]:
        """JSON values, exact."""
        arrays = {name: getattr(self, name).tolist() for name in ("low", "high", "mean", "m2")} if self.count else {}
        return {"count": self.count, "sketch": self._sketch().tolist(), **arrays}

    @classmethod
    def from_json(cls, size: int, values: Mapping[str, Any]) -> "FeatureStats":
        """Inverse of `to_json`."""
        stats = cls(size, values["count"], [np.asarray(values["sketch"], dtype=np.int64).reshape(2, -1)])
        if stats.count:
            for name in ("low", "high", "mean", "m2"):
                setattr(stats, name, np.asarray(values[name], dtype=np.float64))
        return stats


@dataclass
class PictureStats:
    """Histograms of the three channels of an RGB stream."""

    num_frames: int = 0
    histogram: np.ndarray = field(default_factory=lambda: np.zeros((3, 256), dtype=np.int64))

    def add(self, frames: np.ndarray) -> None:
        """Adds uint8 (T, H, W, 3)."""
        self.num_frames += len(frames)
        some = frames[:, ::PIXEL_STRIDE, ::PIXEL_STRIDE]
        for channel in range(3):
            self.histogram[channel] += np.bincount(some[..., channel].reshape(-1), minlength=256)

    def merge(self, other: "PictureStats") -> None:
        """Adds what another accumulator saw."""
        self.num_frames += other.num_frames
        self.histogram = self.histogram + other.histogram

    def result(self) -> dict[str, Any]:
        """LeRobot's entry: values in [0, 1], shaped (3, 1, 1); count is the number of frames."""
        levels = np.arange(256) / 255.0
        entries: dict[str, list[float]] = {name: [] for name in ("min", "max", "mean", "std", *QUANTILES)}
        for counts in self.histogram:
            number, seen = max(int(counts.sum()), 1), np.flatnonzero(counts)
            mean = float((counts * levels).sum() / number)
            entries["min"].append(float(levels[seen[0]]) if len(seen) else 0.0)
            entries["max"].append(float(levels[seen[-1]]) if len(seen) else 0.0)
            entries["mean"].append(mean)
            entries["std"].append(math.sqrt(float((counts * (levels - mean) ** 2).sum() / number)))
            for name, share in QUANTILES.items():
                entries[name].append(float(levels[int(np.searchsorted(np.cumsum(counts), share * (number - 1), side="right"))]))
        return {**{name: [[[value]] for value in values] for name, values in entries.items()}, "count": [self.num_frames]}

    def to_json(self) -> dict[str, Any]:
        """JSON values, exact."""
        return {"num_frames": self.num_frames, "histogram": self.histogram.tolist()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "PictureStats":
        """Inverse of `to_json`."""
        return cls(values["num_frames"], np.asarray(values["histogram"], dtype=np.int64))


def feature_size(feature: Feature) -> int:
    """Number of components of one row."""
    return math.prod(feature.shape)


def _buckets(rows: np.ndarray) -> np.ndarray:
    """One integer a value that names its component and its logarithmic bucket, ordered as the values are."""
    size = np.abs(rows)
    level = np.ceil(np.log(np.maximum(size, _TINY) / _TINY) / _LOG_GAMMA).astype(np.int64)
    bucket = np.where(size < _TINY, 0, np.where(rows > 0, level + 1, -(level + 1)))
    return (np.arange(rows.shape[1]) * (2 * _SHIFT) + _SHIFT + bucket).reshape(-1)


def _bucket_value(bucket: int) -> float:
    """The value that stands for a bucket, within 1 % of all that fell into it."""
    if bucket == 0:
        return 0.0
    size = _TINY * math.exp((abs(bucket) - 1) * _LOG_GAMMA) * 0.99
    return math.copysign(size, bucket)
