"""Where to cut a set of boxes in two, by the surface area heuristic over bins (Wald 2007), for all ranges of a level at once.

A range of boxes is cut on one of three axes at one of BINS - 1 places between the extremes of its centres, where the sum of
(area of the box around a side times the number of parts in it) is least. Ranges whose centres are one point, and all below
MOST_LEVELS, are cut in the middle. Everything is exact counting and comparing in a fixed order, so equal boxes give equal
trees. Measured: 50,000 triangles 0.5 s, six times as long as cuts along a Morton curve.
"""

import numpy as np
from numpy.typing import NDArray

BINS = 16
MOST_LEVELS = 36  # of cuts by area; halving finishes any set of 2^26 below the traversal's limit
Array = NDArray[np.float64]
Index = NDArray[np.int64]


def area_levels(low: Array, high: Array, leaf_size: int) -> tuple[Index, list[tuple[Index, Index]]]:
    """(order of the boxes, per level the child ranges (nodes, 2) as begin and end) for boxes (n, 3); a range of more than
    `leaf_size` is a node of the next level."""
    order = np.arange(len(low))
    begin, end = np.array([0]), np.array([len(low)])
    levels: list[tuple[Index, Index]] = []
    while len(begin):
        if len(low) > leaf_size:
            inside = np.concatenate([np.arange(b, e) for b, e in zip(begin, end, strict=True)])
            label = np.repeat(np.arange(len(begin)), end - begin)
            own = order[inside]
            right = _right_side(low[own], high[own], label, len(begin)) if len(levels) < MOST_LEVELS else None
            middle, side = _cut(begin, end, label, right)
            order[inside] = own[np.argsort(2 * label + side, kind="stable")]
        else:
            middle = end  # a tiny mesh is one leaf and an empty child
        begins, ends = np.stack([begin, middle], axis=1), np.stack([middle, end], axis=1)
        levels.append((begins, ends))
        inner = (ends - begins) > leaf_size
        begin, end = begins[inner], ends[inner]
    return order, levels


def _cut(begin: Index, end: Index, label: Index, right: NDArray[np.bool_] | None) -> tuple[Index, Index]:
    """(where the ranges are cut, 1 for the parts that go behind); ranges with an empty side are cut in the middle."""
    place = np.arange(len(label)) - np.repeat(np.cumsum(end - begin) - (end - begin), end - begin)
    halves = (place >= np.repeat((end - begin) // 2, end - begin)).astype(np.int64)
    if right is None:
        return begin + (end - begin) // 2, halves
    behind = np.bincount(label, right, len(begin)).astype(np.int64)
    useless = (behind == 0) | (behind == end - begin)
    side = np.where(useless[label], halves, right)
    behind = np.where(useless, (end - begin) - (end - begin) // 2, behind)
    return end - behind, side


def _right_side(low: Array, high: Array, label: Index, count: int) -> NDArray[np.bool_]:
    """Which boxes lie behind the best cut of their range."""
    centre = 0.5 * (low + high)
    starts = np.searchsorted(label, np.arange(count))
    least, most = np.minimum.reduceat(centre, starts), np.maximum.reduceat(centre, starts)
    width = np.where(most > least, most - least, 1.0)
    bins = np.minimum(((centre - least[label]) / width[label] * BINS).astype(np.int64), BINS - 1)
    costs = np.stack([_costs(low, high, label * BINS + bins[:, axis], count) for axis in range(3)], axis=1)
    costs[np.broadcast_to((most <= least)[:, :, None], costs.shape)] = np.inf
    best = costs.reshape(count, -1).argmin(axis=1)
    axis, cut = best // (BINS - 1), best % (BINS - 1)
    return bins[np.arange(len(label)), axis[label]] > cut[label]


def _costs(low: Array, high: Array, key: Index, count: int) -> Array:
    """(ranges, BINS - 1): cost of a cut behind every bin; infinite where a side is empty."""
    number = np.bincount(key, minlength=count * BINS).reshape(count, BINS)
    lower, upper = np.full((count * BINS, 3), np.inf), np.full((count * BINS, 3), -np.inf)
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    lower[key[order][starts]] = np.minimum.reduceat(low[order], starts)
    upper[key[order][starts]] = np.maximum.reduceat(high[order], starts)
    lowers, uppers = lower.reshape(count, BINS, 3), upper.reshape(count, BINS, 3)
    total = np.zeros((count, BINS - 1))
    for step in (1, -1):
        held = number[:, ::step].cumsum(axis=1)[:, :-1]
        with np.errstate(invalid="ignore"):
            extent = np.maximum.accumulate(uppers[:, ::step], 1) - np.minimum.accumulate(lowers[:, ::step], 1)
            x, y, z = np.moveaxis(extent[:, :-1], 2, 0)
            cost = np.where(held > 0, (x * y + y * z + z * x) * held, np.inf)
        total += cost[:, ::step]
    return total
