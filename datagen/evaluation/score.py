"""Every measure of a set of predictions, with intervals, beside the baselines: one report of plain values.

What a prediction lacks has no items, so its figure is not given (None), never zero.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from datagen.errors import DatagenError, near_matches
from datagen.evaluation.baselines import BASELINES, baseline
from datagen.evaluation.bootstrap import LEVEL, RESAMPLES, auroc, figure, mean
from datagen.evaluation.conservation import conservation_items
from datagen.evaluation.contact import contact_items, f1, relative
from datagen.evaluation.counterfactual import flip_accuracy, group_items
from datagen.evaluation.floor import NAME, Replica, Replicas, floor_items
from datagen.evaluation.latents import probe_items, r2
from datagen.evaluation.motion import Aligned, motion_items
from datagen.evaluation.penetration import overlap_items
from datagen.evaluation.pictures import picture_items
from datagen.evaluation.predictions import Prediction, read_predictions
from datagen.evaluation.questions import question_items
from datagen.evaluation.surprise import read_surprises, surprise_baseline
from datagen.evaluation.truth import Truth, read_truth
from datagen.evaluation.twins import Clip, find_clips, forget, surprise_items
from datagen.evaluation.views import STREAMS
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
    "voe_max": Measure("E4", "", "high"),
    "voe_mean": Measure("E4", "", "high"),
    "voe_auroc": Measure("E4", "", "high", auroc),
    "voe_frames": Measure("E4", "frames", "low"),
    "hidden_error": Measure("E4", "m", "low"),
    "overlap_depth": Measure("E5", "m", "low"),
    "overlap_share": Measure("E5", "share", "low"),
    "position_error": Measure("E6", "m", "low"),
    "final_position_error": Measure("E6", "m", "low"),
    "rotation_error": Measure("E6", "rad", "low"),
    "psnr": Measure("E6", "dB", "high"),
    "ssim": Measure("E6", "", "high"),
    "motion_iou": Measure("E6", "", "high"),
    "motion_where": Measure("E6", "", "high"),
    "motion_weight": Measure("E6", "", "high"),
    "mask_iou": Measure("E6", "", "high"),
    "depth_error": Measure("E6", "", "low"),
    "flow_error": Measure("E6", "px", "low"),
    "flow_moving": Measure("E6", "px", "low"),
    "valid_frames": Measure("E6", "frames", "high"),
    "touch_f1": Measure("E8", "", "high", f1),
    "force_error": Measure("E8", "", "low", relative),
    "question_accuracy": Measure("E9", "", "high"),
    "question_chance": Measure("E9", "", ""),
}
PROBE = Measure("E7", "R2", "high", r2)


@dataclass(frozen=True)
class Material:
    """What is compared: truths and predictions by episode_index, clips and the surprise of the model at them (None: without a
    model), (stream, camera) of the pictures that are compared, and replicas by episode_index."""

    truths: Mapping[int, Truth]
    told: Mapping[int, Prediction]
    clips: Sequence[Clip] = ()
    surprise: Mapping[int, np.ndarray] | None = None
    pictures: tuple[tuple[str, str], ...] = ()
    replicas: Mapping[int, Replica] = field(default_factory=dict)


def evaluate(
    dataset: Path | str,
    predictions: Path | str | None,
    baselines: bool = True,
    start: int = 0,
    pictures: bool = False,
    replicas: Replicas | None = None,
) -> dict[str, Any]:
    """The report of the predictions in a folder on a dataset; None: of the baselines alone, which see frames 0 .. start of all
    episodes, and with `pictures` are compared in pictures as well. replicas: who simulates episodes again (see `floor`).
    Raises DatagenError and PredictionError.

    {"episodes", "groups", "confidence", "resamples", "clips", "measures": {name: {"part", "unit", "better", "model": figure,
    baseline: figure ...}}}; a figure is {"value", "low", "high", "count"} with None where it is not given.
    """
    material = read_material(dataset, predictions, start, pictures)
    if replicas is not None:
        material = replace(material, replicas=replicas(sorted(material.told)))
    return report(material, BASELINES if baselines else (), predictions is not None)


def read_material(dataset: Path | str, predictions: Path | str | None, start: int, pictures: bool = False) -> Material:
    """What happened and what is told; without predictions only which frames are asked for."""
    data = Dataset(dataset)
    lengths = [episode.length for episode in data.episodes()]
    if predictions is None:
        if not 0 <= start < min(lengths) - 1:
            raise DatagenError(
                "start", f"frame {start}", f"0 to {min(lengths) - 2}: the shortest episode has {min(lengths)} frames"
            )
        truths = {index: read_truth(data, index) for index in range(len(lengths))}
        asked = _streams(truths[0]) if pictures else ()
        return Material(truths, {index: Prediction(start) for index in truths}, find_clips(truths), None, asked)
    sizes = {(stream, camera): _size(data, camera) for stream, camera in _streams(read_truth(data, 0))}
    told = read_predictions(predictions, lengths, data.schema.extra["moving"], sizes)
    truths = _with_groups(data, told)
    clips = find_clips(truths)
    surprise = read_surprises(predictions, clips, dict(enumerate(lengths)))
    drawn = sorted({key for one in told.values() for key in one.pictures})
    return Material(truths, told, clips, surprise, tuple(drawn))


def _with_groups(data: Dataset, told: Mapping[int, Prediction]) -> dict[int, Truth]:
    """Truths of the episodes that are told about and of the rest of their groups, which lie beside them."""
    truths = {index: read_truth(data, index) for index in told}
    waiting = [(index, step) for index in told for step in (-1, 1)]
    while waiting:
        index, step = waiting.pop()
        other = index + step
        if not 0 <= other < len(data) or other in truths:
            continue
        found = read_truth(data, other)
        if found.group == truths[index].group:
            truths[other] = found
            waiting.append((other, step))
    return dict(sorted(truths.items()))


def _streams(truth: Truth) -> tuple[tuple[str, str], ...]:
    views = truth.views
    return () if views is None else tuple((stream, camera) for stream in STREAMS for camera in views.cameras(stream))


def _size(data: Dataset, camera: str) -> tuple[int, int]:
    sizes = {one.name: (one.height, one.width) for one in data.schema.cameras}
    sizes |= {one.name.rsplit(".", 1)[0]: (one.height, one.width) for one in data.schema.dense}
    return sizes[camera]


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
    material = read_material(
        dataset, predictions, start, measure in ("psnr", "ssim", "mask_iou", "depth_error", "flow_error", "flow_moving")
    )
    truths, errors = material.truths, {}
    for index, one in material.told.items():
        here = one if predictions is not None else _answer(name, truths[index], one, material.pictures)
        items = measured({index: truths[index]}, {index: here}).get(measure, {}).get(truths[index].group, [])
        if items:
            value = mean(items)
            errors[index] = value if MEASURES[measure].better == "low" else 1.0 - value
    if not errors:
        raise DatagenError("measure", f"{measure!r} is given for no episode", "a measure that the predictions have")
    return errors


def _answer(name: str, truth: Truth, asked: Prediction, pictures: Sequence[tuple[str, str]]) -> Prediction:
    """What a baseline says of the frames of a prediction."""
    return baseline(name, truth, *_asked(truth, asked), pictures)


def _asked(truth: Truth, one: Prediction) -> tuple[int, int]:
    """The last frame seen and how many frames after it a prediction is about."""
    return one.start, one.horizon or len(truth.position) - 1 - one.start


def report(material: Material, baselines: Sequence[str] = BASELINES, model: bool = True) -> dict[str, Any]:
    """As `evaluate`, of what has been read. model: whether the predictions are scored, or only say which frames."""
    truths, told = material.truths, material.told
    if not told:
        raise DatagenError("predictions", "there are none", "one episode at least")
    found = material.replicas
    columns = {"model": _with_clips(measured(truths, told, found), material, "")} if model else {}
    for name in baselines:
        answers = {index: _answer(name, truths[index], one, material.pictures) for index, one in told.items()}
        columns[name] = _with_clips(measured(truths, answers, found), material, name)
    if found:
        again = {index: found[index].told(*_asked(truths[index], told[index])) for index in found}
        columns[NAME] = measured(truths, again, found)
    rows: dict[str, dict[str, Any]] = {}
    names = [*MEASURES, *(name for column in columns.values() for name in column)]
    for name in dict.fromkeys(names):
        measure = MEASURES.get(name, PROBE)
        figures = {column: figure(items.get(name, {}), measure.statistic).as_json() for column, items in columns.items()}
        rows[name] = {"part": measure.part, "unit": measure.unit, "better": measure.better, **figures}
    groups, clips = {truths[index].group for index in told}, len(material.clips)
    head = {"episodes": len(told), "groups": len(groups), "clips": clips, "confidence": LEVEL, "resamples": RESAMPLES}
    return {**head, "measures": rows}


NONE: Mapping[int, Replica] = {}
Items = dict[str, dict[int, list[Any]]]


def _with_clips(found: Items, material: Material, name: str) -> Items:
    """The items with those of the surprise at clips: of the model, or of a baseline."""
    if name:
        told = {}
        for place, clip in enumerate(material.clips):
            told[clip.number] = surprise_baseline(name, material.truths, clip)
            if place % 4 == 3:
                forget([material.truths[clip.begin], material.truths[clip.end]])
    else:
        told = dict(material.surprise or {})
    for group, measure, items in surprise_items(material.clips, told):
        found.setdefault(measure, {}).setdefault(group, []).extend(items)
    return found


def measured(truths: Mapping[int, Truth], told: Mapping[int, Prediction], replicas: Mapping[int, Replica] = NONE) -> Items:
    """Measure -> group -> items."""
    found: dict[str, dict[int, list[Any]]] = {}
    groups: dict[int, list[Aligned]] = {}
    by_group: dict[int, list[Truth]] = {}
    for _, truth in sorted(truths.items()):
        by_group.setdefault(truth.group, []).append(truth)

    def add(group: int, name: str, items: Sequence[Any]) -> None:
        found.setdefault(name, {}).setdefault(group, []).extend(items)

    for index in sorted(told):
        aligned = Aligned(truths[index], told[index])
        groups.setdefault(aligned.truth.group, []).append(aligned)
        for part in (contact_items, motion_items, conservation_items, overlap_items, picture_items):
            for name, items in part(aligned):
                add(aligned.truth.group, name, items)
        for name, items in floor_items(aligned, replicas.get(index)):
            add(aligned.truth.group, name, items)
        forget([aligned.truth])
    for group, members in groups.items():
        for name, items in group_items(members):
            add(group, name, items)
        own = by_group[group]
        for one in members:
            for name, items in question_items(one, [other for other in own if other is not one.truth]):
                add(group, name, items)
    latents = {
        index: (truths[index].group, one.latent, truths[index].properties())
        for index, one in sorted(told.items())
        if one.latent is not None
    }
    found.update({f"probe {name}": items for name, items in probe_items(latents).items()})
    return found
