"""The signal model that all sensors share: what happens between a quantity and what is read of it.

Samples are taken at the multiples of the rate (the first substep at or after them) and held. A sample is the true value plus
bias, random walk of the bias and white noise, then saturated, quantized, and perhaps lost (the last one stays). What is read is
the newest sample that is at least `delay` old. Every draw is named by (seed, environment, sensor, tick), see `random`.
Limits: the random walk restarts and delay lines are filled anew by a reset and when a snapshot is restored.
"""

import numpy as np
from numpy.typing import NDArray

from engine.scene.description import Signal
from engine.sensors.random import Stream

NOISE, WALK, LOSS = 0, 1, 2  # purposes of draws
SLACK = 1e-6  # of a sample period: a substep that ends a rounding error before a tick counts as on it

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


def tick_of(time: Array, rate: float) -> Ints:
    """Number of the newest sample instant at or before `time` (E,) [s]."""
    return np.floor(time * rate + SLACK).astype(np.int64)


class SignalLine:
    """The state of one sensor's signal in all environments: walk of the bias, held samples and the delay line."""

    def __init__(self, signal: Signal, num_envs: int, shape: tuple[int, ...], dtype: np.dtype):
        self.signal, self.shape, self.dtype = signal, shape, dtype
        self.width = int(np.prod(shape, dtype=int))
        self.depth = 1 if signal.rate is None else int(np.ceil(signal.delay * signal.rate + 1e-9)) + 2
        self.samples = np.zeros((num_envs, self.depth, self.width))
        self.taken = np.zeros((num_envs, self.depth))  # s
        self.walk = np.zeros((num_envs, self.width))
        self.tick = np.full(num_envs, -1, np.int64)

    @property
    def is_plain(self) -> bool:
        """Whether the true value is read at the moment of asking."""
        return self.signal == Signal()

    def restart(self, envs: Ints) -> None:
        """Forget the samples of these environments."""
        self.tick[envs], self.walk[envs], self.samples[envs] = -1, 0.0, 0.0

    def due(self, time: Array) -> NDArray[np.bool_]:
        """Which environments (E,) have reached a new sample instant."""
        assert self.signal.rate is not None
        return tick_of(time, self.signal.rate) > self.tick

    def take(self, values: Array, time: Array, stream: Stream) -> None:
        """Sample `values` (E, *shape) in the environments that are due; a first sample fills the delay line."""
        assert self.signal.rate is not None
        due = self.due(time)
        tick = tick_of(time, self.signal.rate)
        first = due & (self.tick < 0)
        if self.signal.drift:
            step = self.signal.drift / np.sqrt(self.signal.rate) * stream.normal(tick, WALK, self.width)
            self.walk += np.where((due & ~first)[:, None], step, 0.0)
        sample = self.distorted(values, tick, stream)
        if self.signal.dropout:
            lost = (stream.uniform(tick, LOSS, 1)[:, 0] < self.signal.dropout) & ~first
            sample = np.where(lost[:, None], self.samples[:, 0], sample)
        moved = np.roll(self.samples, 1, axis=1), np.roll(self.taken, 1, axis=1)
        self.samples = np.where(due[:, None, None], moved[0], self.samples)
        self.taken = np.where(due[:, None], moved[1], self.taken)
        self.samples[due, 0], self.taken[due, 0] = sample[due], time[due]
        self.samples[first], self.taken[first] = sample[first, None], -np.inf
        self.taken[first, 0] = time[first]
        self.tick = np.where(due, tick, self.tick)

    def read(self, time: Array) -> NDArray:
        """The newest samples (E, *shape) that are old enough."""
        old = self.taken <= (time - self.signal.delay)[:, None] + SLACK / (self.signal.rate or 1.0)
        newest = np.where(old.any(1), old.argmax(1), self.depth - 1)
        return self._out(self.samples[np.arange(len(newest)), newest])

    def at_once(self, values: Array, tick: Ints, stream: Stream) -> NDArray:
        """What a sensor without a rate tells of `values` (E, *shape) at substep `tick` (E,)."""
        return self._out(self.distorted(values, tick, stream))

    def distorted(self, values: Array, tick: Ints, stream: Stream) -> Array:
        """Values (E, *shape) with bias, noise, saturation and quantization, as (E, width)."""
        signal = self.signal
        flat = values.reshape(len(values), -1).astype(float)
        flat = flat + np.resize(np.asarray(signal.bias, float), self.width) + self.walk
        if signal.noise:
            flat = flat + signal.noise * stream.normal(tick, NOISE, self.width)
        if signal.range is not None:
            flat = np.clip(flat, *signal.range)
        return np.rint(flat / signal.resolution) * signal.resolution if signal.resolution else flat

    def _out(self, flat: Array) -> NDArray:
        if self.dtype.kind == "u":
            flat = np.clip(np.rint(flat), 0, np.iinfo(self.dtype).max)
        elif self.dtype.kind == "b":
            flat = (flat > 0.5).astype(float)
        return flat.reshape(-1, *self.shape).astype(self.dtype)
