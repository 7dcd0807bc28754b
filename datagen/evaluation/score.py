"""Every measure of a set of predictions, with intervals, beside the baselines: one report of plain values.

What a prediction lacks has no items, so its figure is not given (None), never zero.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.errors import DatagenError, near_matches
from datagen.evaluation.baselines import BASELINES, baseline
from datagen.evaluation.bootstrap import LEVEL, RESAMPLES, auroc, figure, mean
from datagen.evaluation.conservation import conservation_items
from datagen.evaluation.contact import contact_items, f1, overlap_items
from datagen.evaluation.counterfactual import flip_accuracy, group_items
from datagen.evaluation.latents import probe_items, r2
from datagen.evaluation.motion import Aligned, motion_items
from datagen.evaluation.predictions import Prediction, read_predictions
from datagen.evaluation.truth import Truth, read_truth
from datagen.writers.dataset import Dataset


@dataclass(frozen=True)
class Measure:
    """One row of the table; better: "low", "high" or "" (a mark to compare with)."""

    part: str
    unit: str
    better: str
    statistic: Callable[[Sequence[Any]], float] = mean


MEASURES = {
    "contact_auroc": Measure("E1", "", "high", auroc),
    "contact_accuracy": Measure("E1", "", "high"),
    "contact_majority": Measure("E1", "", "", lambda items: max(mean(items), 1.0 - mean(items))),
    "flip_accuracy": Measure("E2", "", "high", flip_accuracy),
    "retrieval": Measure("E2", "", "high"),
    "retrieval_chance": Measure("E2", "", ""),
    "effect_error": Measure("E2", "", "low"),
    "null_effect": Measure("E2", "m", "low"),
    "energy_rise": Measure("E3", "", "low"),
    "energy_violation": Measure("E3", "share", "low"),
    "momentum_residual": Measure("E3", "", "low"),
    "free_flight_error": Measure("E3", "", "low"),
    "overlap_depth": Measure("E5", "m", "low"),
    "overlap_share": Measure("E5", "share", "low"),
    "position_error": Measure("E6", "m", "low"),
    "final_position_error": Measure("E6", "m", "low"),
    "rotation_error": Measure("E6", "rad", "low"),
    "touch_f1": Measure("E8", "", "high", f1),
}
PROBE = Measure("E7", "R2", "high", r2)


def evaluate(dataset: Path | str, predictions: Path | str | None, baselines: bool = True, start: int = 0) -> dict[str, Any]:
    """The report of the predictions in a folder on a dataset; None: of the baselines alone, which see frames 0 .. start of all
    episodes. Raises DatagenError and PredictionError.

    {"episodes", "groups", "confidence", "resamples", "measures": {name: {"part", "unit", "better", "model": figure, baseline:
    figure ...}}}; a figure is {"value", "low", "high", "count"} with None where it is not given.
    """
    truths, told = read_both(dataset, predictions, start)
    return report(truths, told, BASELINES if baselines else (), predictions is not None)


def read_both(
    dataset: Path | str, predictions: Path | str | None, start: int
) -> tuple[dict[int, Truth], dict[int, Prediction]]:
    """What happened and what is told, by episode_index; without predictions only which frames are asked for."""
    data = Dataset(dataset)
    lengths = [episode.length for episode in data.episodes()]
    if predictions is None:
        if not 0 <= start < min(lengths) - 1:
            raise DatagenError(
                "start", f"frame {start}", f"0 to {min(lengths) - 2}: the shortest episode has {min(lengths)} frames"
            )
        told = {index: Prediction(start) for index in range(len(lengths))}
    else:
        told = read_predictions(predictions, lengths, data.schema.extra["moving"])
    return {index: read_truth(data, index) for index in told}, told


def episode_errors(
    dataset: Path | str, predictions: Path | str | None, measure: str, name: str = "copy", start: int = 0
) -> dict[int, float]:
    """One error an episode, by episode_index: a measure of single episodes, of the predictions in a folder or without them of
    the baseline `name`; of a measure of which more is better, 1 less it. What has no such measure is left out. Raises
    DatagenError and PredictionError."""
    known = [key for key, one in MEASURES.items() if one.statistic is mean and one.part != "E2" and one.better]
    if measure not in known:
        raise DatagenError("measure", f"{measure!r} is not one of single episodes", near_matches(measure, known))
    if predictions is None and name not in BASELINES:
        raise DatagenError("baseline", f"there is no {name!r}", near_matches(name, BASELINES))
    truths, told = read_both(dataset, predictions, start)
    errors = {}
    for index, one in told.items():
        here = one if predictions is not None else _answer(name, truths[index], one)
        items = measured({index: truths[index]}, {index: here}).get(measure, {}).get(truths[index].group, [])
        if items:
            value = mean(items)
            errors[index] = value if MEASURES[measure].better == "low" else 1.0 - value
    if not errors:
        raise DatagenError("measure", f"{measure!r} is given for no episode", "a measure that the predictions have")
    return errors


def _answer(name: str, truth: Truth, asked: Prediction) -> Prediction:
    """What a baseline says of the frames of a prediction."""
    return baseline(name, truth, asked.start, asked.horizon or len(truth.position) - 1 - asked.start)


def report(
    truths: Mapping[int, Truth], told: Mapping[int, Prediction], baselines: Sequence[str] = BASELINES, model: bool = True
) -> dict[str, Any]:
    """As `evaluate`, of what has been read. model: whether `told` is scored as well, or only says which frames."""
    if not told:
        raise DatagenError("predictions", "there are none", "one episode at least")
    columns = {"model": measured(truths, told)} if model else {}
    for name in baselines:
        answers = {index: _answer(name, truths[index], one) for index, one in told.items()}
        columns[name] = measured(truths, answers)
    rows: dict[str, dict[str, Any]] = {}
    names = [*MEASURES, *(name for column in columns.values() for name in column)]
    for name in dict.fromkeys(names):
        measure = MEASURES.get(name, PROBE)
        figures = {column: figure(items.get(name, {}), measure.statistic).as_json() for column, items in columns.items()}
        rows[name] = {"part": measure.part, "unit": measure.unit, "better": measure.better, **figures}
    groups = {truths[index].group for index in told}
    return {"episodes": len(told), "groups": len(groups), "confidence": LEVEL, "resamples": RESAMPLES, "measures": rows}


def measured(truths: Mapping[int, Truth], told: Mapping[int, Prediction]) -> dict[str, dict[int, list[Any]]]:
    """Measure -> group -> items."""
    found: dict[str, dict[int, list[Any]]] = {}
    groups: dict[int, list[Aligned]] = {}

    def add(group: int, name: str, items: Sequence[Any]) -> None:
        found.setdefault(name, {}).setdefault(group, []).extend(items)

    for index in sorted(told):
        aligned = Aligned(truths[index], told[index])
        groups.setdefault(aligned.truth.group, []).append(aligned)
        for part in (contact_items, motion_items, conservation_items, overlap_items):
            for name, items in part(aligned):
                add(aligned.truth.group, name, items)
    for group, members in groups.items():
        for name, items in group_items(members):
            add(group, name, items)
    latents = {
        index: (truths[index].group, one.latent, truths[index].properties())
        for index, one in sorted(told.items())
        if one.latent is not None
    }
    found.update({f"probe {name}": items for name, items in probe_items(latents).items()})
    return found
