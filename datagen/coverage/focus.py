"""Active sampling: from the error of a model on every episode to weights that draw new episodes where it is large.

A scorer is a callable: it gets the `Dataset` and gives one error an episode, as a sequence or by `episode_index`; what it
leaves out does not count. Errors of a counterfactual group are averaged, since it is one draw. Of every draw that explains the
error (see `pairs.importance`), or that is named, the mean error in each of its bins over the mean of all is the weight of the
bin; bins with few episodes are drawn to 1 (PRIOR episodes with the mean error). The weights of several draws multiply. With
`floor` the share of episodes that stay as declared, which keeps importance weights under 1 / floor (Hesterberg, 1995).
Limits: a product of weights cannot say that two draws matter only together; errors of a noisy model need many episodes a bin.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from datagen.coverage.columns import Column, bin_of, column
from datagen.coverage.gather import Drawings, Gathered, gather
from datagen.coverage.pairs import importance
from datagen.errors import DatagenError, near_matches
from datagen.spec.declared import RANDOM, path_of
from datagen.writers import Dataset

PRIOR = 2.0  # episodes with the mean error that every bin begins with
MOST_DRAWS = 3
WHERE = "focus"

Errors = Sequence[float] | Mapping[int, float] | np.ndarray
Scorer = Callable[[Dataset], Errors]


def scored(folder: Path | str, scorer: Scorer) -> dict[int, float]:
    """Error by episode_index of a dataset. Errors: DatagenError when the scorer gives something else."""
    dataset = Dataset(folder)
    return checked_errors(scorer(dataset), len(dataset))


def checked_errors(found: Any, episodes: int) -> dict[int, float]:
    """Errors by episode_index. Raises DatagenError unless they are finite, 0 or more, and of episodes that are there."""
    if isinstance(found, Mapping):
        pairs = {int(index): float(error) for index, error in found.items()}
    else:
        values = np.asarray(found, float)
        if values.shape != (episodes,):
            raise DatagenError(WHERE, f"errors of shape {values.shape}", f"one of each of the {episodes} episodes")
        pairs = dict(enumerate(values.tolist()))
    for index, error in pairs.items():
        if not 0 <= index < episodes:
            raise DatagenError(WHERE, f"there is no episode {index}", f"0 to {episodes - 1}")
        if not (np.isfinite(error) and error >= 0.0):
            raise DatagenError(WHERE, f"the error of episode {index} is {error}", "a finite number, 0 or more")
    if not pairs:
        raise DatagenError(WHERE, "no episode has an error", "one at least")
    return pairs


def focus(
    folder: Path | str,
    errors: Mapping[int, float],
    draws: Sequence[str] = (),
    bins: int = 8,
    floor: float = 0.25,
    power: float = 1.0,
    measure: str = "error",
) -> dict[str, Any]:
    """What a focus file holds: `density` for a spec, and the mean errors behind its weights, by draw.

    draws: paths to weigh; none: up to MOST_DRAWS that explain the error best. power: of the relative error, so 0 for weights of
    1 and 2 for sharper ones. Errors: DatagenError, DatasetError.
    """
    for name, value, low, high in (("bins", bins, 2, 100), ("floor", floor, 0.0, 1.0), ("power", power, 0.0, 10.0)):
        if not low <= value <= high:
            raise DatagenError(WHERE, f"{name} is {value}", f"{low:g} to {high:g}")
    found = gather([folder])
    error = {number: mean for number, members in enumerate(found.members) if (mean := _mean(errors, members)) is not None}
    if not any(error.values()):
        raise DatagenError(WHERE, "every error is 0", "a model that errs")
    digest = str(Dataset(folder).manifest["manifest_sha256"])  # not the folder: weights are the same wherever it lies
    columns = {path: column(one, bins) for path, one in found.draws.items()}
    chosen = _chosen(found, columns, error, draws)
    weights = {path: _weights(found.draws[path], columns[path], error, power) for path in chosen}
    density = {"floor": floor, "measure": measure, "of": digest, "draws": {p: w[0] for p, w in weights.items()}}
    return {"density": density, "mean": float(np.mean(list(error.values()))), "bins": {p: w[1] for p, w in weights.items()}}


def _mean(errors: Mapping[int, float], members: Sequence[int]) -> float | None:
    there = [errors[index] for index in members if index in errors]
    return float(np.mean(there)) if there else None


def _chosen(found: Gathered, columns: Mapping[str, Column], error: Mapping[int, float], draws: Sequence[str]) -> list[str]:
    """The draws to weigh, best first."""
    able = [path for path, one in found.draws.items() if one.laws and all(law != RANDOM for law, _ in one.laws)]
    able = [path for path in able if len(columns[path].counts) > 1]
    for path in draws:
        if path_of(path)[0] not in able:
            raise DatagenError(WHERE, f"{path!r} is not drawn, or cannot be weighted", near_matches(path, able))
    if draws:
        return [path_of(path)[0] for path in draws]
    order = {number: float(place) for place, number in enumerate(sorted(error, key=lambda number: error[number]))}
    told = {"error": error, "rank": order}  # ranks for errors that are rare and large
    ranks = {path: importance(found.draws[path], columns[path], told)[0] for path in able}
    chosen = [path for path in sorted(able, key=lambda path: -ranks[path]) if ranks[path] > 0.0][:MOST_DRAWS]
    if not chosen:
        what = f"no draw explains the error over {len(error)} draws of the spec"
        raise DatagenError(WHERE, what, "an error that depends on what is drawn", "score more episodes, or name the draws")
    return chosen


def _weights(
    drawings: Drawings, whole: Column, error: Mapping[int, float], power: float
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(weights of a draw as the spec wants them, mean error of each bin)."""
    values = np.array(drawings.values)
    places = bin_of(values, whole.edges) if whole.edges else values.astype(int)
    told = np.array([error.get(key[0], np.nan) for key in drawings.keys])
    mean = float(np.nanmean(told))
    weights, bins = [], []
    for number, label in enumerate(whole.labels):
        here = told[(places == number) & np.isfinite(told)]
        shrunk = (float(here.sum()) + PRIOR * mean) / (len(here) + PRIOR)
        weights.append(float(f"{(shrunk / mean) ** power:.6g}"))
        bins.append({"bin": label, "episodes": len(here), "error": float(here.mean()) if len(here) else None})
    spec: dict[str, Any] = {"weights": weights}
    if whole.edges:
        spec = {"edges": [float(f"{edge:.12g}") for edge in whole.edges], **spec}
    return spec, bins
