"""What the sensors of a running batch told at every frame, and what its microphones heard between frames."""

from typing import Any

import numpy as np

import engine
from datagen.episode.layout import Layout
from datagen.sensing import JOINT_UNITS, feature_of


class SensorTrack:
    """Collects the sensors of a batch: environments beyond `num_envs` are padding and ignored."""

    def __init__(self, simulation: Any, num_envs: int, length: int, layout: Layout):
        self.simulation, self.length, self.num_envs = simulation, length, num_envs
        self.features = {sensor.name: feature_of(sensor, layout.joints, layout.fps) for sensor in layout.sensors}
        self.sensors = {sensor.name: sensor for sensor in layout.sensors}
        self.sounds = [sensor.name for sensor in layout.sensors if sensor.type == "sound"]
        self.told = {
            name: np.zeros((num_envs, length, *feature.shape), feature.dtype)
            for name, feature in self.features.items()
        }  # fmt: skip
        self._ears: dict[str, Any] = {}
        self._places = {name: self._columns(name) for name in self.sensors}

    def _columns(self, name: str) -> Any:
        """Where the numbers of a sensor of all joints belong; everything for the others."""
        sensor = self.sensors[name]
        if sensor.type not in JOINT_UNITS or sensor.joint is not None:
            return ...
        wanted = list(self.features[name].names or ())
        return [wanted.index(joint) for joint in self.simulation.sensors[name].feature.names]

    def observe(self, frame: int) -> None:
        """Keep what is told at `frame`; microphones listen from frame 0 on."""
        named = [name for name in self.sensors if name not in self.sounds]
        if named:
            for name, values in self.simulation.sense(*named).items():
                self.told[name][:, frame][:, self._places[name]] = values[: self.num_envs]
        if frame == 0:
            for name in self.sounds:
                given = self.sensors[name].parameters
                self._ears[name] = engine.Microphone(
                    self.simulation, materials=given["materials"], sample_rate=given["sample_rate"]
                )

    def frames(self, env: int) -> dict[str, np.ndarray]:
        """Feature -> (T, *shape) of one environment."""
        for name in list(self._ears):
            self._listened(name)
        return {self.features[name].name: values[env] for name, values in self.told.items()}

    def _listened(self, name: str) -> None:
        """Cut the track of a microphone into frames: frame t holds the interval that led to it, frame 0 silence."""
        track = self._ears.pop(name).track()[: self.num_envs, :, 0]
        count = self.features[name].shape[0]
        heard = np.zeros((self.num_envs, self.length * count), np.float32)
        kept = track[:, : (self.length - 1) * count]
        heard[:, count : count + kept.shape[1]] = kept
        self.told[name] = heard.reshape(self.num_envs, self.length, count)
