"""Stored episodes simulated again from a start that differs by next to nothing: how far chaos alone leads (E6).

Every free body begins 1e-5 of its size elsewhere and 1e-5 of its speed faster or slower, every joint 1e-5 rad or m further;
the numbers are drawn by seed and group, so that base and branches of a group begin alike. A branch that continues from a
state of its base continues from that of the replica of its base.
Limits: joints of imported models and matter begin as they did; a scene that settles first does so with the difference in it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import engine
from datagen.episode import make_layout
from datagen.episode.run import records_of, run_groups
from datagen.evaluation import Replica
from datagen.pipeline.replay import base_of, stored_spec
from datagen.spec import BodySpec, EpisodeSpec, RecordSpec
from datagen.spec.shapes import bounded, bounding_radius
from datagen.writers import Dataset, EpisodeRecord

SIZE = 1e-5
BATCH = 16


def replicas(dataset: Dataset, episodes: Sequence[int], size: float = SIZE) -> dict[int, Replica]:
    """Replicas by episode_index, without those that cannot be simulated; size: of the difference, 0 for none. Starts the engine
    as the dataset was made."""
    if not episodes:
        return {}
    made = dataset.provenance(episodes[0])
    engine.init(backend=made["backend"], precision=made["precision"])
    found: dict[int, Replica] = {}
    for first in range(0, len(episodes), BATCH):
        found |= _batch(dataset, episodes[first : first + BATCH], size)
    return found


def _batch(dataset: Dataset, episodes: Sequence[int], size: float) -> dict[int, Replica]:
    groups, places = [], []
    for number in episodes:
        spec = stored_spec(dataset, number)
        base = base_of(dataset, number, spec)
        group = [nudged(spec, size)] if base is None else [nudged(base, size), spec]
        groups.append([quiet(one) for one in group])
        places.append((number, spec.index))
    layout = make_layout([spec for group in groups for spec in group])
    layout = replace(layout, record=RecordSpec(rgb=False, contacts=False, events=False), sensors=())
    found = {}
    for (number, index), results in zip(places, run_groups(groups, layout, False), strict=True):
        record = records_of([results], {index})[0]
        if isinstance(record, EpisodeRecord):
            found[number] = _replica(record, layout.moving)
    return found


def quiet(spec: EpisodeSpec) -> EpisodeSpec:
    """The episode without what only a dataset wants; everything else of it stays."""
    return spec.model_copy(update={"cameras": (), "sensors": ()})


def _replica(record: EpisodeRecord, moving: Sequence[str]) -> Replica:
    state = np.asarray(record.frames["observation.state"], np.float64)
    there = np.asarray(record.frames["observation.state_mask"])[0].reshape(-1)
    state = state.reshape(len(state), len(moving), -1)[:, there]
    names = tuple(name for name, here in zip(moving, there, strict=True) if here)
    return Replica(names, state[..., :3], state[..., 3:7], state[..., 7:10])


def nudged(spec: EpisodeSpec, size: float) -> EpisodeSpec:
    """The episode with another start."""
    first = spec.index if spec.branch is None else spec.branch.first
    stream = np.random.default_rng([spec.seed, first])
    return spec.model_copy(update={"bodies": tuple(_moved(body, size * stream.standard_normal(4)) for body in spec.bodies)})


def _moved(body: BodySpec, drawn: np.ndarray) -> BodySpec:
    change: dict[str, Any] = {}
    factor = 1.0 + float(drawn[3])
    if body.joint is not None:
        joint = {"position": body.joint.position + float(drawn[0]), "velocity": body.joint.velocity * factor}
        change["joint"] = body.joint.model_copy(update=joint)
    elif not body.fixed and bounded(body.shapes):
        shift = bounding_radius(body.shapes) * drawn[:3]
        change["position"] = tuple(float(x + d) for x, d in zip(body.position, shift, strict=True))
        for name in ("velocity", "angular_velocity"):
            change[name] = tuple(float(x * factor) for x in getattr(body, name))
    return body.model_copy(update=change)
