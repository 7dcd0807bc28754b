"""Named random streams: every draw has a generator of its own, keyed by what it is for.

Method: the counter-based generator Philox4x64-10 (Salmon et al., 2011) with the first 128 bits of
sha256(canonical JSON of [tag, seed, index, path, item]) as its key. Nothing else enters, so adding, removing or reordering
entities never changes the draws of others, and episodes can be drawn in any order on any machine. Uniform numbers take the
upper 53 bits of a raw 64-bit word; normal numbers come from pairs of them (Box and Muller, 1958). All functions are those of
`exact`, so a draw has the same bits on every platform; drawn numbers are rounded to 12 significant digits for the reader's
sake.

Limits: the key is a hash; two paths share a stream with probability 2^-128.
"""

import hashlib
import json
import math

import numpy as np

from . import exact

TAG = "worldsmith.draw.1"


def tidy(value: float) -> float:
    """Rounded to 12 significant digits."""
    return float(f"{value:.12g}")


class Stream:
    """The generator of one draw. path: canonical field path, without the item; item: index in the entity, or -1."""

    def __init__(self, seed: int, index: int, path: str, item: int = -1):
        name = f'["{TAG}",{seed},{index},{json.dumps(path)},{item}]'
        digest = hashlib.sha256(name.encode()).digest()
        self._bits = np.random.Philox(key=int.from_bytes(digest[:16], "big"))

    def word(self) -> int:
        """The next 64 random bits."""
        return int(self._bits.random_raw())

    def uniform(self) -> float:
        """In [0, 1), a multiple of 2^-53."""
        return (self.word() >> 11) * 2.0**-53

    def uniforms(self, count: int) -> np.ndarray:
        """`count` numbers as of `uniform`, in one go."""
        return (self._bits.random_raw(count) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def between(self, low: float, high: float) -> float:
        """Uniform in [low, high]."""
        return min(max(tidy(low + (high - low) * self.uniform()), low), high)

    def log_between(self, low: float, high: float) -> float:
        """Log-uniform in [low, high], both positive."""
        return min(max(tidy(low * exact.exp(exact.log(high / low) * self.uniform())), low), high)

    def normal(self, mean: float, std: float) -> float:
        """Normal with that mean and standard deviation."""
        radius = math.sqrt(-2.0 * exact.log(1.0 - self.uniform()))
        return tidy(mean + std * radius * exact.cos(2.0 * math.pi * self.uniform()))

    def integer(self, low: int, high: int) -> int:
        """Uniform integer in [low, high], without bias: words beyond the last full range are drawn again."""
        size = high - low + 1
        limit = (2**64 // size) * size
        word = self.word()
        while word >= limit:
            word = self.word()
        return low + word % size

    def pick(self, weights: tuple[float, ...]) -> int:
        """Index with probability in proportion to its weight."""
        threshold = self.uniform() * math.fsum(weights)
        running = 0.0
        for position, weight in enumerate(weights):
            running += weight
            if threshold < running:
                return position
        return max(position for position, weight in enumerate(weights) if weight > 0.0)
