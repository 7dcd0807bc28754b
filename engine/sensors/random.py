"""Random numbers that are a function of where they stand: Philox4x32-10 (Salmon et al. 2011), over whole arrays.

A draw is named by (seed, environment, sensor, tick, number), so it does not depend on what was drawn before, on the batch or on
the order of calls. numpy only; tested against the known answers of the Random123 library.
"""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
WEYL = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
ROUNDS = 10

Words = NDArray[np.uint64]


def philox(counter: tuple[Words, Words, Words, Words], key: tuple[Words, Words]) -> tuple[Words, Words, Words, Words]:
    """Four random 32-bit words (in uint64 arrays) for four counter words and two key words, broadcast together."""
    a, b, c, d = counter
    k, l = key
    for _ in range(ROUNDS):
        first, second = a * MULTIPLIERS[0], c * MULTIPLIERS[1]
        a, b, c, d = (second >> HALF) ^ b ^ k, second & LOW, (first >> HALF) ^ d ^ l, first & LOW
        k, l = (k + WEYL[0]) & LOW, (l + WEYL[1]) & LOW
    return a, b, c, d


@dataclass(frozen=True)
class Stream:
    """The draws of one sensor in every environment. seeds (E,) and members (E,): key and number of each environment."""

    seeds: Words
    members: Words
    sensor: int

    def uniform(self, tick: NDArray[np.int64], purpose: int, count: int) -> NDArray[np.float64]:
        """Numbers in (0, 1): (E, count) for ticks (E,); `purpose` keeps streams of one tick apart."""
        blocks = (count + 3) // 4
        number = np.arange(blocks, dtype=np.uint64)[None] + (np.uint64(purpose) << np.uint64(28))
        at = tick.astype(np.uint64)[:, None] & LOW
        sensor = np.full((1, 1), self.sensor, np.uint64)
        words = philox((at, self.members[:, None], number, sensor), (self.seeds[:, None] & LOW, self.seeds[:, None] >> HALF))
        flat = np.stack(words, axis=-1).reshape(len(self.seeds), -1)[:, :count]
        return (flat.astype(float) + 0.5) / 4294967296.0

    def normal(self, tick: NDArray[np.int64], purpose: int, count: int) -> NDArray[np.float64]:
        """Standard normal numbers (E, count) by Box and Muller (1958)."""
        half = (count + 1) // 2
        u = self.uniform(tick, purpose, 2 * half)
        radius, angle = np.sqrt(-2.0 * np.log(u[:, :half])), 2.0 * np.pi * u[:, half:]
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=1)[:, :count]


def sensor_word(name: str) -> int:
    """The number of a sensor in its draws: of its name alone, so that other sensors change nothing."""
    return zlib.crc32(name.encode())
