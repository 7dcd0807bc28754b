"""A prediction laid beside what happened, and how far apart they are.

Errors are means over frames and bodies of the distance in m and of the angle in rad. Where velocities are not given they are
differences of the predicted positions over a frame, the first one from the last frame seen.
"""

from collections.abc import Iterable

import numpy as np

from datagen.evaluation.predictions import Prediction
from datagen.evaluation.truth import Truth


class Aligned:
    """Predicted and recorded motion of the bodies that both have, (H, B, ...), in the order of the recording.

    columns: their places in the recording; before: frame `start` of the recording, shape (B, 3)."""

    def __init__(self, truth: Truth, prediction: Prediction):
        self.truth, self.prediction = truth, prediction
        self.names = tuple(name for name in truth.names if name in prediction.bodies)
        self.columns = [truth.names.index(name) for name in self.names]
        self.own = [prediction.bodies.index(name) for name in self.names]
        self.start, self.horizon = prediction.start, prediction.horizon
        self.frames = slice(self.start + 1, self.start + 1 + self.horizon)
        self.intervals = slice(self.start, self.start + self.horizon)  # interval h leads to row h

    @property
    def is_complete(self) -> bool:
        """Whether every body of the episode is predicted."""
        return len(self.names) == len(self.truth.names)

    @property
    def has_motion(self) -> bool:
        """Whether positions are given, of a body at least."""
        return self.prediction.position is not None and bool(self.names)

    def path(self) -> np.ndarray:
        """Predicted positions from the last frame seen on, (H + 1, B, 3)."""
        position = self.prediction.position
        assert position is not None
        return np.concatenate([self.truth.position[self.start, self.columns][None], position[:, self.own]])

    def turns(self) -> np.ndarray:
        """Predicted rotations from the last frame seen on, (H + 1, B, 4); held where they are not given."""
        first, rotation = self.truth.rotation[self.start, self.columns][None], self.prediction.rotation
        return np.concatenate([first, np.repeat(first, self.horizon, 0) if rotation is None else rotation[:, self.own]])

    def velocities(self) -> np.ndarray:
        """Velocities along `path`, (H + 1, B, 3)."""
        given = self.prediction.velocity
        later = np.diff(self.path(), axis=0) * self.truth.fps if given is None else given[:, self.own]
        return np.concatenate([self.truth.velocity[self.start, self.columns][None], later])


def motion_items(aligned: Aligned) -> Iterable[tuple[str, list[float]]]:
    """Items of the motion measures of one episode."""
    if aligned.has_motion:
        error = np.linalg.norm(aligned.path()[1:] - aligned.truth.position[aligned.frames][:, aligned.columns], axis=-1)
        yield "position_error", [float(error.mean())]
        yield "final_position_error", [float(error[-1].mean())]
    if aligned.prediction.rotation is not None and aligned.names:
        recorded = aligned.truth.rotation[aligned.frames][:, aligned.columns]
        told = aligned.turns()[1:]
        chord = np.minimum(np.linalg.norm(told - recorded, axis=-1), np.linalg.norm(told + recorded, axis=-1))
        yield "rotation_error", [float(np.mean(4.0 * np.arcsin(np.minimum(0.5 * chord, 1.0))))]  # exact near zero
