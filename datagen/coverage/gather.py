"""Reads what was drawn for every stored episode of some datasets, beside what their specs declare.

A sealed dataset is read as it is, a run in the making shard by shard: what is committed counts. Draws of the items of an entity
are pooled under one path, since they share one distribution. A counterfactual branch shares the draws of its base and is left
out. Limits: episodes that failed are counted but their draws are not stored.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datagen.errors import DatagenError
from datagen.spec import DatasetSpec, loads
from datagen.spec.declared import RANDOM, Law, Weighted, declared, path_of
from datagen.spec.distributions import Choice
from datagen.spec.laws import declared_at
from datagen.writers import Dataset
from datagen.writers.layout import MANIFEST, RUN_JSON, is_dataset
from datagen.writers.run import committed_shards
from datagen.writers.shard import read_shard_json

Key = tuple[int, int]  # number of the episode here, item of the entity or -1


@dataclass
class Drawings:
    """Everything that was drawn under one path; `laws` is empty for what was solved for. values: one number each (of a choice:
    the number of the entry)."""

    path: str
    _laws: dict[int, tuple[Law, int]] = field(default_factory=dict)  # by id: the laws of a stage are made once
    keys: list[Key] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def count(self, law: Law) -> None:
        """Notes one draw from a distribution."""
        self._laws[id(law)] = (law, 1 + self._laws.get(id(law), (law, 0))[1])

    @property
    def laws(self) -> list[tuple[Law, int]]:
        """Every distribution that was declared for it and how often it was drawn from."""
        found: list[tuple[Law, int]] = []
        for law, times in self._laws.values():
            same = next((place for place, (known, _) in enumerate(found) if known == law), None)
            if same is None:
                found.append((law, times))
            else:
                found[same] = (law, found[same][1] + times)
        return found


@dataclass
class Gathered:
    """Draws by path, in the order of the spec; outcomes: name -> value by number of the episode; members: the episode_index of
    each episode and of its branches, where one dataset was read."""

    datasets: list[str] = field(default_factory=list)
    sealed: list[bool] = field(default_factory=list)
    episodes: int = 0
    failed: int = 0
    draws: dict[str, Drawings] = field(default_factory=dict)
    outcomes: dict[str, dict[int, float]] = field(default_factory=dict)
    members: list[list[int]] = field(default_factory=list)


def gather(folders: Sequence[Path | str]) -> Gathered:
    """The draws of some datasets together. Errors: DatagenError without a dataset or a committed episode, DatasetError."""
    if not folders:
        raise DatagenError("coverage", "no dataset is named", "one folder at least")
    found = Gathered()
    for folder in folders:
        shards = committed_shards(Path(folder))
        found.datasets.append(str(folder))
        found.sealed.append(not shards)
        for part in shards or ([] if is_young(Path(folder)) else [Path(folder)]):
            if shards and not is_dataset(part):  # not one episode of it is good
                found.failed += len(read_shard_json(part)["failures"])
            else:
                _add(found, Dataset(part))
    if not found.episodes:
        raise DatagenError(", ".join(found.datasets), "no episode is stored yet", "one committed shard at least")
    return found


def is_young(folder: Path) -> bool:
    """Whether a run has begun here and committed nothing."""
    return (folder / RUN_JSON).is_file() and not (folder / MANIFEST).is_file()


def _add(found: Gathered, part: Dataset) -> None:
    document = document_of(part)
    for stage in document.stages:
        for path in declared(stage):
            found.draws.setdefault(path, Drawings(path))
    known: dict[Any, dict[str, Law]] = {}
    last = -1
    found.failed += len(part.failures)
    for episode, text in zip(part.episodes(), part.specs(), strict=True):
        spec = json.loads(text)
        draw = (spec.get("branch") or {"group": spec["index"]})["group"]
        if (spec.get("branch") or {"id": "base"})["id"] != "base":
            if draw == last:  # a base that failed leaves its branches alone
                found.members[-1].append(episode.episode_index)
            continue
        last = draw
        found.members.append([episode.episode_index])
        moment = (document.at(draw).stage, document.ramp(draw)[1])
        if moment not in known:
            known[moment] = declared_at(document, draw)
        _note_draws(found, known[moment], spec["draws"])
        for name, value in episode.outcome.items():
            if isinstance(value, (bool, int, float)):
                found.outcomes.setdefault(name, {})[found.episodes] = float(value)
        found.episodes += 1


def _note_draws(found: Gathered, laws: dict[str, Law], drawn: dict[str, Any]) -> None:
    for noted, value in drawn.items():
        path, item = path_of(noted)
        law = laws.get(path)
        for suffix, number in _numbers(law, value, drawn, noted):
            column = found.draws.setdefault(path + suffix, Drawings(path + suffix))
            column.keys.append((found.episodes, item))
            column.values.append(number)
            if law is not None:
                column.count(law)


def _numbers(law: Law | None, value: Any, drawn: dict[str, Any], noted: str) -> Iterator[tuple[str, float]]:
    """(suffix of the path, number) of one noted value."""
    law = law.law if isinstance(law, Weighted) else law
    if isinstance(law, Choice):
        yield "", float(entry_of(law, value, drawn, noted))
    elif law == RANDOM:
        yield "", 1.0 - 2.0 * (value[1] ** 2 + value[2] ** 2)  # z of the turned z axis: even in [-1, 1]
    elif isinstance(value, (list, tuple)):
        yield from ((f"[{number}]", float(entry)) for number, entry in enumerate(value))
    elif isinstance(value, (int, float)):
        yield "", float(value)


def entry_of(choice: Choice, value: Any, drawn: dict[str, Any], noted: str) -> int:
    """Number of the entry behind what was noted for a choice: the one with draws of its own, the one that is equal, or the
    number itself."""
    for number in range(len(choice.of)):
        if any(key.startswith(f"{noted}.of[{number}]") for key in drawn):
            return number
    value = tuple(value) if isinstance(value, list) else value
    for number, entry in enumerate(choice.of):
        if type(entry) is not bool and entry == value:
            return number
    return int(value)


def document_of(dataset: Dataset) -> DatasetSpec:
    """The spec that a dataset was made from."""
    return loads(dataset.schema.spec_text, f"{dataset.schema.extra.get('name', 'spec')}.yaml")
