"""Simulate stored episodes again from their stored specs and compare the states bit for bit.

A state that equals the stored one in every bit at every frame proves that the spec in the dataset is the whole truth about the
episode; where states are not stored, the hashes of the first and the last state in the provenance are compared. Pictures are
not drawn again.
Limits: bits are compared only on the backend and precision that made them; another one is an error that names both.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import engine
from datagen.episode import engine_facts, make_layout, run_states
from datagen.episode.records import state_sha256
from datagen.errors import DatagenError
from datagen.spec import EpisodeSpec, RecordSpec
from datagen.writers import Dataset, DatasetError, FailedEpisode

BATCH = 16


@dataclass(frozen=True)
class Verdict:
    """One replayed episode. first_frame: the first frame whose state differs, or -1; largest: the largest difference of a
    number.
    """

    episode: int
    index: int
    equal: bool
    first_frame: int = -1
    largest: float = 0.0
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def replay(
    folder: str | Path,
    episodes: Sequence[int] | None = None,
    batch: int = BATCH,
    threads: int | None = None,
    progress: Callable[[Verdict], None] | None = None,
) -> list[Verdict]:
    """Replay some episodes (episode_index; None: all) of a dataset. progress is called with each verdict.

    Errors: DatasetError for a folder or an episode that is not there, BackendError where the device of the dataset is missing.
    """
    dataset = Dataset(folder)
    wanted = list(range(len(dataset))) if episodes is None else list(episodes)
    if not wanted:
        return []
    _start_engine(dataset, wanted, threads)
    verdicts = []
    for first in range(0, len(wanted), batch):
        for verdict in _replay_batch(dataset, wanted[first : first + batch]):
            verdicts.append(verdict)
            if progress is not None:
                progress(verdict)
    return verdicts


def stored_spec(dataset: Dataset, episode: int) -> EpisodeSpec:
    """The resolved spec of a stored episode. Errors: DatasetError when it cannot be read."""
    try:
        return EpisodeSpec.from_json(dataset.spec(episode))
    except ValueError as error:
        raise DatasetError(str(dataset.folder), f"the spec of episode {episode} cannot be read ({error})") from error


def _start_engine(dataset: Dataset, wanted: Sequence[int], threads: int | None) -> None:
    made = dataset.provenance(wanted[0])
    runtime = engine.init(backend=made["backend"], precision=made["precision"], threads=threads)
    here = engine_facts(runtime)
    differing = [
        f"{name} is {made[name]} there and {here[name]} here" for name in here if name in made and made[name] != here[name]
    ]
    if differing:
        what = "this dataset was made with another engine: " + "; ".join(differing)
        raise DatagenError(
            str(dataset.folder), what, "bits are compared with the same engine", "install the versions that made it"
        )


def _replay_batch(dataset: Dataset, wanted: Sequence[int]) -> Iterator[Verdict]:
    specs = [stored_spec(dataset, number) for number in wanted]
    bases = [base_of(dataset, number, spec) for number, spec in zip(wanted, specs, strict=True)]
    layout = make_layout([*specs, *(base for base in bases if base is not None)])
    states_only = replace(layout, record=RecordSpec(rgb=False, contacts=False, events=False), sensors=())
    results = run_states(specs, states_only, bases)
    for number, spec, result in zip(wanted, specs, results, strict=True):
        if isinstance(result, FailedEpisode):
            yield Verdict(number, spec.index, False, 0, reason=result.reason)
        else:
            yield _compare(dataset, number, spec.index, result)


def base_of(dataset: Dataset, number: int, spec: EpisodeSpec) -> EpisodeSpec | None:
    """The base of a branch that continues from a state of it, None for every other episode. Errors: DatasetError."""
    if spec.branch is None or spec.branch.frame < 0:
        return None
    for other in range(number - 1, -1, -1):
        found = stored_spec(dataset, other)
        if found.index == spec.branch.first:
            return found
        if found.index < spec.branch.first:
            break
    what = f"the base of branch {spec.branch.id!r} (index {spec.branch.first}) is missing"
    raise DatasetError(str(dataset.folder), what)


def _compare(dataset: Dataset, number: int, index: int, states: np.ndarray) -> Verdict:
    stored = dataset.state(number)
    if stored is None:
        made = dataset.provenance(number)
        ends = ((0, "state_sha256_start", states[0]), (len(states) - 1, "state_sha256_end", states[-1]))
        differs = [frame for frame, name, row in ends if made[name] != state_sha256(row)]
        return Verdict(
            number, index, not differs, min(differs, default=-1), reason="another hash of the state" if differs else ""
        )
    if stored.shape != states.shape or stored.dtype != states.dtype:
        return Verdict(number, index, False, 0, reason=f"{states.dtype} {states.shape}, stored {stored.dtype} {stored.shape}")
    bits = np.dtype(f"u{states.dtype.itemsize}")
    same = (np.ascontiguousarray(stored).view(bits) == np.ascontiguousarray(states).view(bits)).all(axis=1)
    if same.all():
        return Verdict(number, index, True)
    first = int(np.flatnonzero(~same)[0])
    largest = float(np.abs(stored.astype(float) - states).max())
    return Verdict(number, index, False, first, largest, "states differ")
