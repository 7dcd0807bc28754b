"""What a sensor is: a frozen thing with a feature, which measures a simulation and changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.scene.description import Signal
from engine.types import Feature

PREFIX = "observation.sensor."


@dataclass(frozen=True)
class Sensor:
    """One quantity of every environment.

    feature: name, dtype, shape, unit and frame of what it tells. signal: how it tells it. A sensor measures the present pose
    and velocity; forces and accelerations are those of the last substep.
    """

    name: str
    feature: Feature
    signal: Signal
    truth: Callable[[Any], NDArray]

    def measure(self, sim: Any) -> NDArray[np.float64]:
        """The true value in every environment (num_envs, *shape), without noise, rate and delay."""
        values = np.asarray(self.truth(sim.moment), float)
        return values.reshape(sim.num_envs, *self.feature.shape)


def feature(
    name: str, shape: tuple[int, ...], unit: str = "", frame: str = "", names: tuple[str, ...] | None = None, doc: str = "",
    dtype: str = "float32",
) -> Feature:  # fmt: skip
    """The feature of the sensor `name`."""
    return Feature(PREFIX + name.replace("/", "."), dtype, shape, unit, frame, names, doc)
