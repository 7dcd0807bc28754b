"""What a model has to beat, and what cannot be beaten, over the frames that it predicts.

`copy` leaves everything where it was last seen; `constant_velocity` lets it go on straight ahead; `noisy_oracle` is the
recording with Gaussian noise of 5 mm on positions (seed: number of the episode); `recorded` is the recording itself,
the floor of every measure. Contacts of all four follow from their motion.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from datagen.evaluation.picture_baselines import picture_baseline
from datagen.evaluation.predictions import Prediction
from datagen.evaluation.truth import Truth

NOISE = 5e-3  # m
BASELINES = ("copy", "constant_velocity", "noisy_oracle", "recorded")


def baseline(name: str, truth: Truth, start: int, horizon: int, asked: Iterable[tuple[str, str]] = ()) -> Prediction:
    """The prediction of a baseline for frames start + 1 .. start + horizon; asked: (stream, camera) of pictures."""
    motion = _motion(name, truth, start, horizon)
    return replace(motion, pictures=picture_baseline(name, truth, start, horizon, asked))


def _motion(name: str, truth: Truth, start: int, horizon: int) -> Prediction:
    position, velocity = truth.position[start], truth.velocity[start]
    shape = (horizon, *position.shape)
    held = np.broadcast_to(truth.rotation[start], (horizon, *truth.rotation[start].shape))
    if name == "copy":
        return Prediction(start, truth.names, np.broadcast_to(position, shape), held, np.zeros(shape))
    if name == "constant_velocity":
        time = np.arange(1, horizon + 1)[:, None, None] / truth.fps
        return Prediction(start, truth.names, position + time * velocity, held, np.broadcast_to(velocity, shape))
    later = slice(start + 1, start + 1 + horizon)
    if name == "recorded":
        return Prediction(start, truth.names, truth.position[later], truth.rotation[later], truth.velocity[later])
    noise = NOISE * np.random.default_rng(truth.index).standard_normal(shape)
    return Prediction(start, truth.names, truth.position[later] + noise, truth.rotation[later])
