"""One simulated episode as plain numpy arrays: everything that a dataset writer needs and nothing else.

The episode runner fills an `EpisodeRecord` (or says `FailedEpisode`), the writers store it; neither knows the other. Arrays are
host memory, C order preferred. Frame t holds the observation at time t / fps and the action taken from it (LeRobot convention).
Nothing in a record may depend on wall time, host, worker, batch size or order, because stored bytes are compared across runs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class EpisodeRecord:
    """One good episode of T = `length` frames.

    index: number of the episode in the plan (0 .. episodes - 1). seed: seed that fixes its draws, 0 .. 2**63 - 1. task: the
    instruction as one sentence (any Unicode text). frames: feature name -> (T, *shape), for shape (1,) also (T,); the names,
    types and shapes are those of `DatasetSchema.features`. videos: camera name -> uint8 (T, H, W, 3), sRGB. dense:
    `<camera>.depth`, `<camera>.segmentation`, ... -> uint16 (T, H, W), unit and scale in `DatasetSchema.dense`. state: (T +
    1, n) full engine state, float32 or float64 as the schema says, stored bit for bit (row T is the state after the last
    action); n may differ between episodes. state_names: n names, or () for none. contacts, impulses: column name -> (R,
    *shape), one row a contact (a body pair), with an integer column `frame` (0 .. T - 1, non-decreasing); None where the
    schema declares none. events: dicts with `frame`, `substep`, `type`, `subject`, `object`, `magnitude`, `text`. spec_json:
    resolved EpisodeSpec, canonical JSON. authored_sha256: hash of the authored document. provenance: JSON values (engine
    version, backend, precision, `state_sha256_start`, `state_sha256_end`, ...). outcome: JSON scalars, for example
    {"toppled": 12, "success": true}. notes: the values of `DatasetSchema.notes`.
    """

    index: int
    seed: int
    task: str
    length: int
    frames: Mapping[str, np.ndarray]
    videos: Mapping[str, np.ndarray] = field(default_factory=dict)
    dense: Mapping[str, np.ndarray] = field(default_factory=dict)
    state: np.ndarray | None = None
    state_names: tuple[str, ...] = ()
    contacts: Mapping[str, np.ndarray] | None = None
    impulses: Mapping[str, np.ndarray] | None = None
    events: Sequence[Mapping[str, Any]] = ()
    spec_json: bytes = b"{}"
    authored_sha256: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    outcome: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FailedEpisode:
    """An episode that must not be stored: its index has no row in the dataset and its reason is reported.

    reason: one sentence that depends on the episode alone (no host, time or worker), for it is stored with the dataset.
    """

    index: int
    reason: str


#: A source yields one result for each index that it is given, in any order (ascending order keeps memory flat).
Source = Callable[[list[int]], Iterator[EpisodeRecord | FailedEpisode]]

#: Picklable, without arguments, called once in each worker; for example `functools.partial(build_source, argument)`.
SourceFactory = Callable[[], Source]
