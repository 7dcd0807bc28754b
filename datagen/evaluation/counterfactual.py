"""E2: what an intervention changes, within groups of episodes that share everything up to it.

Against the base of its group every branch has an *effect*, the difference of positions: `effect_error` is
|predicted effect - effect| / |effect| (Frobenius, over shared frames and bodies; branches with an effect under 1 mm are left
out, and under `null_effect` they give the predicted one in m). *Flip*: pairs of bodies whose contact outcome the branch
changes, or not; balanced accuracy. *Retrieval*: whether the true future nearest to a predicted one is its own; chance is one
over the size of the group (`retrieval_chance`).
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from datagen.evaluation.contact import verdicts
from datagen.evaluation.motion import Aligned

NO_EFFECT = 1e-3  # m, root mean square
BASE = "base"


def group_items(members: Sequence[Aligned]) -> Iterable[tuple[str, list[Any]]]:
    """Items of E2 of one group: the episodes of it that have a prediction."""
    base = next((one for one in members if one.truth.branch == BASE), None)
    if base is None or len(members) < 2:
        return
    for branch in members:
        if branch is not base:
            yield from _effect(base, branch)
            yield "flip_accuracy", _flips(base, branch)
    if all(one.has_motion for one in members) and len({(one.start, one.horizon, one.names) for one in members}) == 1:
        yield "retrieval", _retrieval(members)
        yield "retrieval_chance", [1.0 / len(members)] * len(members)


def _effect(base: Aligned, branch: Aligned) -> Iterable[tuple[str, list[float]]]:
    shared = [name for name in base.names if name in branch.names]
    if not (shared and base.has_motion and branch.has_motion and base.start == branch.start):
        return
    rows = min(base.horizon, branch.horizon)
    told = _of(branch, branch.path()[1:], shared, rows) - _of(base, base.path()[1:], shared, rows)
    true = _of(branch, _recorded(branch), shared, rows) - _of(base, _recorded(base), shared, rows)
    size = np.sqrt((true**2).sum(-1).mean())
    if size < NO_EFFECT:
        yield "null_effect", [float(np.sqrt((told**2).sum(-1).mean()))]
    else:
        yield "effect_error", [float(np.linalg.norm(told - true) / np.linalg.norm(true))]


def _recorded(one: Aligned) -> np.ndarray:
    return one.truth.position[one.frames][:, one.columns]


def _of(one: Aligned, path: np.ndarray, names: Sequence[str], rows: int) -> np.ndarray:
    return path[:rows, [one.names.index(name) for name in names]]


def _flips(base: Aligned, branch: Aligned) -> list[tuple[bool, bool]]:
    """(does the outcome change, was that told) of every pair that both were asked about."""
    first, second = verdicts(base), verdicts(branch)
    items = []
    for pair in first.keys() & second.keys():
        told = int(second[pair][0] > 0.0) - int(first[pair][0] > 0.0)
        true = int(second[pair][1]) - int(first[pair][1])
        items.append((true != 0, told == true))
    return sorted(items)


def flip_accuracy(items: Sequence[tuple[bool, bool]]) -> float:
    """Mean of the accuracies among pairs that flip and pairs that do not; nan where one of them is missing."""
    kinds = [[right for flips, right in items if flips is kind] for kind in (True, False)]
    return float(np.mean([np.mean(kind) for kind in kinds])) if all(kinds) else float("nan")


def _retrieval(members: Sequence[Aligned]) -> list[float]:
    futures = [_recorded(one) for one in members]
    found = []
    for place, one in enumerate(members):
        distance = [float(np.linalg.norm(one.path()[1:] - future)) for future in futures]
        found.append(float(distance[place] <= min(distance)))
    return found
