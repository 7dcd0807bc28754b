"""Logic over time, Boolean and robust, on the samples so far: what a goal is worth at every frame of an episode.

A signal has a truth in {-1 false, 0 unknown, 1 true} and a robustness rho, both (envs, times). Connectives are those of
Kleene's logic: an unknown part makes the whole unknown unless another part decides it. rho is the quantitative semantics of
signal temporal logic (Donze and Maler 2010) with margins over their scales; the truth is computed from truths, never from the
sign of a sum.

Every operator looks back, so that a goal has a value at every frame and online and offline agree. At time t, with samples s
<= t:
    eventually phi within W    max over s <= W                       always phi during [a, b]   min over a <= s <= b (true
    before a) hold phi for T             min over [t - T, t], false before T   count                      the n-th largest
    then phi1, phi2, .. within W   max over s1 < s2 < .. <= t of the least, with s_n - s_1 <= W
    until phi, psi within W    max over s <= W of min(psi(s), min over r < s of phi(r))
Limits: times are whole frames; `then` with a window takes time quadratic in the number of frames.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

EARLY = 1e-6  # frames


@dataclass(frozen=True)
class Signal:
    """truth (envs, times) int8 in -1, 0, 1; rho (envs, times), NaN where the truth is unknown."""

    truth: np.ndarray
    rho: np.ndarray


def from_margin(scaled: np.ndarray) -> Signal:
    """True from zero on, unknown where NaN."""
    truth = np.where(np.isnan(scaled), 0, np.where(scaled >= 0.0, 1, -1)).astype(np.int8)
    return Signal(truth, np.asarray(scaled, float))


def frames(seconds: np.ndarray | float, fps: float) -> np.ndarray:
    """Whole frames in a duration, rounded up but for rounding errors."""
    return np.ceil(np.asarray(seconds, float) * fps - EARLY).astype(int)


def negation(signal: Signal) -> Signal:
    """Not."""
    return Signal(-signal.truth, -signal.rho)


def all_of(signals: Sequence[Signal]) -> Signal:
    """And."""
    truth = np.min([one.truth for one in signals], axis=0)
    rho = np.min([np.where(np.isnan(one.rho), np.inf, one.rho) for one in signals], axis=0)
    return Signal(truth, np.where(truth == 0, np.nan, rho))


def any_of(signals: Sequence[Signal]) -> Signal:
    """Or."""
    return negation(all_of([negation(one) for one in signals]))


def eventually(signal: Signal, within: np.ndarray | None = None) -> Signal:
    """It has been true; within: frames (envs,)."""
    truth, rho = _until_frame(signal, within)
    return _unknowing(np.maximum.accumulate(truth, axis=1), np.maximum.accumulate(_low(rho), axis=1))


def always(signal: Signal, first: np.ndarray | None = None, last: np.ndarray | None = None) -> Signal:
    """It has been true at every sample from `first` to `last` (envs,) so far."""
    times = np.arange(signal.truth.shape[1])
    counts = np.ones(signal.truth.shape, bool)
    if first is not None and last is not None:
        counts = (times >= first[:, None]) & (times <= last[:, None])
    truth = np.where(counts, signal.truth, 1)
    rho = np.where(counts, np.where(np.isnan(signal.rho), np.inf, signal.rho), np.inf)
    rho = np.minimum.accumulate(rho, axis=1)
    return _unknowing(np.minimum.accumulate(truth, axis=1), np.where(np.isinf(rho), 1.0, rho))


def hold(signal: Signal, duration: np.ndarray) -> Signal:
    """True without a break over the last `duration` frames (envs,), both ends included."""
    count, length = signal.truth.shape
    truth, rho = np.empty((count, length), np.int8), np.empty((count, length))
    for width in np.unique(duration):
        rows = duration == width
        early = np.arange(length) < width
        truth[rows] = np.where(early, -1, _trailing_min(signal.truth[rows], width + 1))
        least = _trailing_min(np.where(np.isnan(signal.rho[rows]), np.inf, signal.rho[rows]), width + 1)
        missing = np.arange(length) / max(width, 1) - 1.0
        rho[rows] = np.where(early, np.minimum(least, missing), least)
    return _unknowing(truth, np.where(np.isinf(rho), 1.0, rho))


def _trailing_min(values: np.ndarray, width: int) -> np.ndarray:
    early = np.repeat(values[:, :1], width - 1, axis=1)
    padded = np.concatenate([early, values], axis=1)
    return np.lib.stride_tricks.sliding_window_view(padded, width, axis=1).min(-1)


def then(signals: Sequence[Signal], within: np.ndarray | None = None) -> Signal:
    """One after the other, each strictly later; within: frames from the first to the last (envs,)."""
    truths = [one.truth for one in signals]
    rhos = [_low(one.rho) for one in signals]
    if within is None:
        return _unknowing(_chain(truths, -1), _chain(rhos, -np.inf))
    count, length = truths[0].shape
    truth, rho = np.full((count, length), -1, np.int8), np.full((count, length), -np.inf)
    for start in range(length):
        stop = min(length, start + int(within.max()) + 1)
        allowed = (np.arange(start, stop) - start) <= within[:, None]
        for source, best, least in ((truths, truth, -1), (rhos, rho, -np.inf)):
            parts = [part[:, start:stop] for part in source]
            first = np.full_like(parts[0], least)
            first[:, 0] = parts[0][:, 0]
            found = np.where(allowed, _chain([first, *parts[1:]], least), least)
            best[:, start:stop] = np.maximum(best[:, start:stop], found)
    return _unknowing(np.maximum.accumulate(truth, axis=1), np.maximum.accumulate(rho, axis=1))


def _chain(parts: Sequence[np.ndarray], least: float) -> np.ndarray:
    """Best of the least along a chain of strictly later samples."""
    best = np.maximum.accumulate(parts[0], axis=1)
    for part in parts[1:]:
        before = np.concatenate([np.full_like(best[:, :1], least), best[:, :-1]], axis=1)
        best = np.maximum.accumulate(np.minimum(part, before), axis=1)
    return best


def until(first: Signal, second: Signal, within: np.ndarray | None = None) -> Signal:
    """The first was true at every sample before one at which the second is true."""
    found_truth, found_rho = _until_frame(second, within)
    parts = []
    for keeps, found, most in ((first.truth, found_truth, 1), (_high(first.rho), _low(found_rho), np.inf)):
        kept = np.minimum.accumulate(keeps, axis=1)
        before = np.concatenate([np.full_like(kept[:, :1], most), kept[:, :-1]], axis=1)
        parts.append(np.maximum.accumulate(np.minimum(found, before), axis=1))
    return _unknowing(parts[0], parts[1])


def count(signals: Sequence[Signal], low: int | None, high: int | None, shape: tuple[int, int]) -> Signal:
    """So many are true; rho: the n-th largest, and minus the one after the bound."""
    if not signals:
        return _constant((low or 0) <= 0 and (high is None or high >= 0), shape)
    truths = np.array([one.truth for one in signals])
    surely, maybe = (truths > 0).sum(0), (truths >= 0).sum(0)
    least, most = 0 if low is None else low, len(signals) if high is None else high
    truth = np.where((maybe < least) | (surely > most), -1, np.where((surely >= least) & (maybe <= most), 1, 0))
    ranked = np.sort([_low(one.rho) for one in signals], axis=0)[::-1]
    parts = []
    if least > 0:
        parts.append(ranked[least - 1] if least <= len(signals) else np.full(shape, -1.0))
    if most < len(signals):
        parts.append(-ranked[most])
    rho = np.min(parts, axis=0) if parts else np.ones(shape)
    return _unknowing(truth.astype(np.int8), rho)


def _constant(value: bool, shape: tuple[int, int]) -> Signal:
    sign = 1 if value else -1
    return Signal(np.full(shape, sign, np.int8), np.full(shape, float(sign)))


def _until_frame(signal: Signal, within: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """A signal that is false after a frame."""
    if within is None:
        return signal.truth, signal.rho
    counts = np.arange(signal.truth.shape[1]) <= within[:, None]
    return np.where(counts, signal.truth, -1).astype(np.int8), np.where(counts, signal.rho, -np.inf)


def _low(rho: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(rho), -np.inf, rho)


def _high(rho: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(rho), np.inf, rho)


def _unknowing(truth: np.ndarray, rho: np.ndarray) -> Signal:
    """A signal whose rho is NaN where the truth is unknown, and finite else."""
    bounded = np.clip(rho, -1e4, 1e4)
    return Signal(truth.astype(np.int8), np.where(truth == 0, np.nan, bounded))
