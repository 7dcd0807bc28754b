"""A recorded motion of one environment: body poses at moments, for an animated stage.

`capture` after every frame that the film shall have; poses are copied at once. Limits: shapes are rigid, lights stand still.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import StateError
from engine.scene.builder import Scene

Array = NDArray[np.float64]


class Recording:
    """Body poses of environment `env` of a simulation; `scene` is its scene. Export it with `engine.export`."""

    def __init__(self, sim: Any, env: int = 0) -> None:
        if not 0 <= env < sim.num_envs:
            raise StateError("Recording(env)", f"{env}", f"allowed: 0 to {sim.num_envs - 1}", "pass one of them")
        self.scene: Scene = sim.scene(env)
        self._sim, self._env = sim, env
        self._times: list[float] = []
        self._positions: list[Array] = []
        self._rotations: list[Array] = []

    def capture(self) -> None:
        """Add the present poses. Raises StateError when the time has not grown since the last one."""
        time = float(self._sim.state.time[self._env])
        if self._times and time <= self._times[-1]:
            raise StateError(
                "Recording.capture", f"time {time:g} s after {self._times[-1]:g} s", "allowed: growing times", "step first"
            )
        self._times.append(time)
        self._positions.append(np.array(self._sim.state.body_position[self._env], float))
        self._rotations.append(np.array(self._sim.state.body_rotation[self._env], float))

    @property
    def times(self) -> Array:
        """Moments (frames,) [s]."""
        return np.array(self._times)

    @property
    def positions(self) -> Array:
        """Body positions (frames, num_bodies, 3) [m] in W."""
        return np.array(self._positions).reshape(len(self._times), len(self.scene.bodies), 3)

    @property
    def rotations(self) -> Array:
        """Body rotations (frames, num_bodies, 4), unit quaternions q_WB."""
        return np.array(self._rotations).reshape(len(self._times), len(self.scene.bodies), 4)
