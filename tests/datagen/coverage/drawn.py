"""Datasets whose episodes are drawn and not simulated: one frame each, with the draws of the spec."""

import functools
from collections.abc import Callable, Iterator

import numpy as np

from datagen.executors import local
from datagen.spec import DatasetSpec, EpisodeSpec, dump, loads, sample
from datagen.writers import EpisodeRecord, FailedEpisode, RunPlan
from datagen.writers.schema import DatasetSchema
from engine.types import Feature

SPEC = """
spec: 1
name: drawn
text: {dist: choice, of: [one, two, three], weights: [1, 1, 2]}
params:
  mass: {dist: log_uniform, low: 1 kg, high: 100 kg}
entities:
  floor: {morph: {type: plane}}
  ball:
    morph:
      dist: choice
      of: [{type: sphere, radius: 5 cm}, {type: box, size: [10 cm, 10 cm, {dist: uniform, low: 5 cm, high: 9 cm}]}]
    mass: {dist: param, name: mass}
    position:
      - {dist: uniform, low: -1 m, high: 1 m}
      - {dist: normal, mean: 0 m, std: 20 cm, min: -50 cm, max: 50 cm}
      - 50 cm
    rotation: random
  pin:
    morph: {type: sphere, radius: {dist: uniform, low: 1 cm, high: 2 cm}}
    count: {dist: integer, low: 2, high: 4}
    arrange: {type: line, spacing: 10 cm}
    position: [0 m, 3 m, 10 cm]
record: {fps: 10, frames: 1, outputs: [rgb]}
"""

Bend = Callable[[EpisodeSpec], EpisodeSpec | None]  # None: the episode fails


def as_drawn(spec: EpisodeSpec) -> EpisodeSpec:
    """Nothing is bent."""
    return spec


def records(text: str, seed: int, bend: Bend) -> Callable[[list[int]], Iterator[EpisodeRecord | FailedEpisode]]:
    """The source of a run."""
    document = loads(text)

    def source(indices: list[int]) -> Iterator[EpisodeRecord | FailedEpisode]:
        for index in indices:
            spec = bend(sample(document, seed, index))
            if spec is None:
                yield FailedEpisode(index, "bent")
            else:
                x = spec.body("ball").position[0]
                frames = {"action": np.zeros((1, 1), np.float32)}
                told, notes = {"landed": x, "success_once": bool(x > 0.0)}, {"stage": spec.stage}
                yield EpisodeRecord(index, seed, spec.text, 1, frames, spec_json=spec.to_json(), outcome=told, notes=notes)

    return source


def plan_of(document: DatasetSpec, seed: int, episodes: int, shard_size: int = 50) -> RunPlan:
    """The plan of such a run."""
    features = (Feature("action", "float32", (1,)),)
    told = {
        "spec_text": dump(document),
        "spec_sha256": document.sha256,
        "extra": {"name": document.name, "notes": {"stage": "string"}},
    }
    schema = DatasetSchema(fps=10, features=features, **told)
    return RunPlan(schema, seed, episodes, shard_size)


def make(out, episodes: int = 400, seed: int = 1, text: str = SPEC, bend: Bend = as_drawn):
    """A sealed dataset; returns its folder."""
    local.run(out, plan_of(loads(text), seed, episodes), functools.partial(records, text, seed, bend))
    return out
