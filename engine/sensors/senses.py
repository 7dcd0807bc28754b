"""Senses: all sensors of a simulation with their signals; it is told when time passes and asked what is sensed.

Sensors with a rate are sampled at its multiples, so a step is cut where one of them is due; those without are computed when
they are read. The time of a sensor is that of its environment, counted in substeps from its reset.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import StateError, near_matches
from engine.geometry.rays import RayCaster
from engine.model import real
from engine.sensors.build import build
from engine.sensors.moment import Moment
from engine.sensors.random import Stream, sensor_word
from engine.sensors.sensor import Sensor
from engine.sensors.signal import SLACK, SignalLine, tick_of

Array = NDArray[np.float64]


class Senses:
    """Sensors by name (`sensors`, frozen), and those of the scene that cannot be measured with the reason (`unmeasured`)."""

    def __init__(self, sim: Any):
        made, unmeasured = build(sim)
        self.sim, self.num_envs = sim, sim.num_envs
        self.sensors: Mapping[str, Sensor] = MappingProxyType(made)
        self.unmeasured: Mapping[str, str] = MappingProxyType(unmeasured)
        self._lines = {
            name: SignalLine(s.signal, self.num_envs, s.feature.shape, np.dtype(s.feature.dtype)) for name, s in made.items()
        }
        self._clocked = [name for name, s in made.items() if s.signal.rate is not None]
        self._substeps = np.zeros(self.num_envs, np.int64)
        self._settled = np.zeros(self.num_envs, bool)
        self._moment: Moment | None = None
        self._caster: RayCaster | None = None
        timestep = real(sim.compiled, "timestep").reshape(-1)
        self._timestep: Array = np.broadcast_to(timestep, self.num_envs)
        self.seed(0)

    # ---- time ----------------------------------------------------------------------------------------------------------------

    @property
    def is_clocked(self) -> bool:
        """Whether a sensor has to be sampled while time passes."""
        return bool(self._clocked)

    @property
    def time(self) -> Array:
        """Time since the reset (E,) [s], whole substeps."""
        return self._substeps * self._timestep

    def seed(self, seed: int | Sequence[int]) -> None:
        """Name the draws: one number for all environments, which then differ by their place, or one per environment."""
        if isinstance(seed, int | np.integer):
            keys, members = np.full(self.num_envs, seed), np.arange(self.num_envs)
        else:
            keys, members = np.asarray(list(seed)), np.zeros(self.num_envs, int)
        if keys.shape != (self.num_envs,):
            raise StateError(
                "Simulation.reset(seed)", f"{len(keys)} seeds", f"needs {self.num_envs}", "give one per environment"
            )
        words = np.array([int(k) % (1 << 64) for k in keys], np.uint64)
        self._named = words, members.astype(np.uint64)
        self._streams = {name: Stream(*self._named, sensor_word(name)) for name in self.sensors}

    def stream(self, name: str, envs: slice | None = None) -> Stream:
        """The draws of something with this name in some environments."""
        seeds, members = self._named
        chosen = envs or slice(None)
        return Stream(seeds[chosen], members[chosen], sensor_word(name))

    def until_due(self, most: int) -> int:
        """Substeps until the next sample of any sensor in any environment, `most` at most."""
        first = most
        for name in self._clocked:
            rate = self.sensors[name].signal.rate
            assert rate is not None
            following = (tick_of(self.time, rate) + 1 - SLACK) / rate
            wait = np.ceil((following - self.time) / self._timestep - 1e-6).astype(int)
            first = min(first, max(1, int(wait.min())))
        return first

    def begin(self) -> None:
        """Time is about to pass: take the samples of the begin, where an environment has none yet."""
        if any((self._lines[name].tick < 0).any() for name in self._clocked):
            self._sample()

    def passed(self, substeps: int) -> None:
        """`substeps` substeps were taken: sample what is due."""
        self._substeps = self._substeps + substeps
        self._settled[:] = True
        self._moment = None
        self._sample()

    def written(self) -> None:
        """The host wrote the state: forces and accelerations no longer belong to it."""
        self._settled[:] = False
        self._moment = None

    def restarted(self, envs: NDArray[np.int64], time: Array) -> None:
        """Environments were reset, or restored at `time` (E,) [s]: signals begin anew."""
        self._moment = None
        self._settled[envs] = False
        self._substeps[envs] = np.rint(time / self._timestep)[envs].astype(np.int64)
        for line in self._lines.values():
            line.restart(envs)

    def _sample(self) -> None:
        time = self.time
        for name in self._clocked:
            line = self._lines[name]
            if line.due(time).any():
                line.take(self.sensors[name].measure(self.sim), time, self._streams[name])

    # ---- reading -------------------------------------------------------------------------------------------------------------

    @property
    def moment(self) -> Moment:
        """The present instant, for `Sensor.measure`."""
        if self._moment is None:
            if self._caster is None:
                self._caster = caster_of(self.sim)
            self._moment = Moment(self.sim, self._settled.copy(), self._caster)
        return self._moment

    def read(self, name: str) -> NDArray:
        """What one sensor tells, (num_envs, *shape). Raises StateError for a name that is not measured."""
        if name not in self.sensors:
            reason = self.unmeasured.get(name)
            what = f"sensor {name!r}: {reason}" if reason else f"unknown sensor {name!r}"
            raise StateError("Simulation.sense", what, near_matches(name, self.sensors), "name a sensor that is measured")
        sensor, line, stream = self.sensors[name], self._lines[name], self._streams[name]
        if sensor.signal.rate is None:
            return line.at_once(sensor.measure(self.sim), self._substeps, stream)
        if line.due(self.time).any():  # the first look after a reset
            line.take(sensor.measure(self.sim), self.time, stream)
        return line.read(self.time)


def caster_of(sim: Any) -> RayCaster:
    """The rays of a simulation, against its rigid shapes."""
    ints, size = sim.compiled.ints, real(sim.compiled, "shape_size")
    full = np.broadcast_to(size, (sim.num_envs, *size.shape[1:]))
    mesh = np.broadcast_to(ints.get("shape_mesh", -1), ints["shape_type"].shape)
    return RayCaster(ints["shape_type"], mesh, full, sim.compiled.meshes, sim.runtime.dtype)
