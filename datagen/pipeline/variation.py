"""How a run varies a spec: which stage of its curriculum follows on a dataset, and the weights of `worldsmith focus`.

Both become part of the spec that the run is made of, so that (spec, seed, index) still decides every episode, and the dataset
tells how it was drawn. The stage after a dataset: its last stage again, or the next one where the share of successful episodes
of that stage (`success_once`, bases only) is at least the stage's `success`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.episode.groups import group_size
from datagen.errors import DatagenError
from datagen.spec import DatasetSpec, from_data, loads
from datagen.writers import Dataset

SUCCESS = "success_once"


@dataclass(frozen=True)
class Progressed:
    """stage: the stage that follows; last: the one that was judged, over `episodes`; share: of its episodes that succeeded."""

    stage: str
    last: str
    episodes: int
    share: float


def varied(
    document: DatasetSpec,
    counterfactuals: bool | None = None,
    after: str | Path | None = None,
    focus: str | Path | None = None,
) -> DatasetSpec:
    """The spec with these choices written into it. Errors: DatagenError, SpecError."""
    changes: dict[str, Any] = {}
    if counterfactuals is not None:
        changes["counterfactuals"] = counterfactuals
    if after is not None:
        stage = stage_after(document, after).stage
        changes["curriculum"] = {**document.data["curriculum"], "only": stage}
    if focus is not None:
        changes["density"] = read_focus(focus)
    return from_data({**document.data, **changes}, document.source.name) if changes else document


def stage_after(document: DatasetSpec, folder: str | Path) -> Progressed:
    """Which stage follows on a dataset of the same curriculum. Errors: DatagenError, DatasetError."""
    if document.curriculum is None:
        raise DatagenError(
            f"generate of {document.name!r}", "the spec has no curriculum", "stages to go on to", "leave --after out"
        )
    names = [stage.name for stage in document.curriculum.stages]
    dataset = Dataset(folder)
    there = loads(dataset.schema.spec_text, str(folder))
    told = None if there.curriculum is None else [stage.name for stage in there.curriculum.stages]
    if told != names:
        raise DatagenError(str(folder), f"its stages are {told or 'none'}", f"those of the spec: {names}")
    size = group_size(there)
    bases = [episode for episode in dataset.episodes() if episode.sim_index % size == 0]
    last = str(bases[-1].row["sim/stage"])
    judged = [episode.outcome.get(SUCCESS) for episode in bases if episode.row["sim/stage"] == last]
    if None in judged:
        raise DatagenError(str(folder), "its episodes do not say whether they succeeded", "a spec with a task")
    share = sum(map(bool, judged)) / len(judged)
    place = names.index(last)
    passed = share >= document.curriculum.stages[place].success
    return Progressed(names[min(place + passed, len(names) - 1)], last, len(judged), share)


def read_focus(path: str | Path) -> dict[str, Any]:
    """The `density` of a focus file. Errors: DatagenError."""
    try:
        found = json.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise DatagenError(
            str(path), f"the file cannot be read ({error})", "the JSON that `worldsmith focus` writes"
        ) from error
    if not isinstance(found, dict) or not isinstance(found.get("density"), dict):
        raise DatagenError(str(path), "there is no 'density' in it", "the JSON that `worldsmith focus` writes")
    return found["density"]  # type: ignore[no-any-return]
