"""The error at which chaos alone arrives: the same episodes simulated again from a start that differs by next to nothing.

A replica is what the simulation makes of an episode whose bodies begin 1e-5 of their size elsewhere. Nobody who has seen frames
can be asked to tell more than it does, so it is scored as a baseline, beside the errors of models. `valid_frames`: frames until
the mean distance of bodies is over twice that of the replica and over 1 mm (the horizon, where it never is).
Limits: who makes replicas is not known here (`datagen.pipeline.replicas`); a replica differs from the beginning on, so that it
has strayed a little already in the last frame that a model has seen.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from datagen.evaluation.motion import Aligned
from datagen.evaluation.predictions import Prediction

NAME = "replica"
TIMES, LEAST = 2.0, 1e-3  # m


@dataclass(frozen=True)
class Replica:
    """Motion of the bodies `names` in frames 0 .. T - 1: position (T, B, 3), rotation (T, B, 4), velocity (T, B, 3)."""

    names: tuple[str, ...]
    position: np.ndarray
    rotation: np.ndarray
    velocity: np.ndarray

    def told(self, start: int, horizon: int) -> Prediction:
        """What it says of frames start + 1 .. start + horizon."""
        later = slice(start + 1, start + 1 + horizon)
        return Prediction(start, self.names, self.position[later], self.rotation[later], self.velocity[later])


Replicas = Callable[[Sequence[int]], Mapping[int, Replica]]
"""Replicas of episodes by episode_index; what cannot be simulated is left out."""


def floor_items(aligned: Aligned, replica: Replica | None) -> Iterable[tuple[str, list[float]]]:
    """Items of one episode."""
    if replica is None or not aligned.has_motion:
        return
    columns = [replica.names.index(name) for name in aligned.names if name in replica.names]
    if len(columns) < len(aligned.names):
        return
    true = aligned.truth.position[aligned.frames][:, aligned.columns]
    error = np.linalg.norm(aligned.path()[1:] - true, axis=-1).mean(1)
    floor = np.linalg.norm(replica.position[aligned.frames][:, columns] - true, axis=-1).mean(1)
    wrong = np.flatnonzero(error > np.maximum(TIMES * floor, LEAST))
    yield "valid_frames", [float(wrong[0]) if len(wrong) else float(len(error))]
