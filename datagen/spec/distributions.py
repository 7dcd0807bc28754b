"""What may stand in place of a value: distributions over numbers, and choices over anything.

Numeric: `uniform{low, high}`, `log_uniform{low, high}`, `normal{mean, std, min, max}` (truncated), `integer{low, high}`. Over
any kind of value: `choice{of, weights}` (one at random), `cycle{of}` (item i of an entity takes the i-th, round and round) and
`param{name, scale, offset}` (a draw shared by every field that names it; number * scale + offset).

All numbers here are SI: units are gone once a distribution exists. `draw_value` draws one value from its named streams.

Limits: bounds of distributions are numbers, not distributions; nothing is evaluated.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Protocol

from .streams import Stream, tidy
from .units import Dimension

MIN_MASS = 1e-3
MAX_REDRAWS = 100_000


@dataclass(frozen=True)
class Uniform:
    """Every number in [low, high] alike."""

    low: float
    high: float

    def draw(self, stream: Stream) -> float:
        """One value from the stream."""
        return stream.between(self.low, self.high)

    def support(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        return self.low, self.high


@dataclass(frozen=True)
class LogUniform:
    """Every ratio in [low, high] alike; 0 < low."""

    low: float
    high: float

    def draw(self, stream: Stream) -> float:
        """One value from the stream."""
        return stream.log_between(self.low, self.high)

    def support(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        return self.low, self.high


@dataclass(frozen=True)
class Normal:
    """Normal, truncated to [low, high] by drawing again; at least `MIN_MASS` of it lies there."""

    mean: float
    std: float
    low: float = float("-inf")
    high: float = float("inf")

    def draw(self, stream: Stream) -> float:
        """One value from the stream."""
        for _ in range(MAX_REDRAWS):
            value = stream.normal(self.mean, self.std)
            if self.low <= value <= self.high:
                return value
        raise ArithmeticError("a truncated normal found no value; its bounds were not checked")

    def mass(self) -> float:
        """Probability of [low, high] before truncation."""
        normal = NormalDist(self.mean, self.std)
        return normal.cdf(self.high) - normal.cdf(self.low)

    def support(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        return self.low, self.high


@dataclass(frozen=True)
class Integer:
    """Every integer in [low, high] alike."""

    low: int
    high: int

    def draw(self, stream: Stream) -> int:
        """One value from the stream."""
        return stream.integer(self.low, self.high)

    def support(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        return self.low, self.high


@dataclass(frozen=True)
class Choice:
    """One of `of` with probability in proportion to `weights`."""

    of: tuple[Any, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Cycle:
    """Item i takes `of[i % len(of)]`; a value without an item takes the first."""

    of: tuple[Any, ...]


@dataclass(frozen=True)
class Param:
    """The shared draw `params.<name>`, times `scale` plus `offset`; dimension and bounds are those of the field that uses
    it."""

    name: str
    dimension: Dimension | None
    low: float
    high: float
    scale: float = 1.0
    offset: float = 0.0


NUMERIC = (Uniform, LogUniform, Normal, Integer)
Numeric = Uniform | LogUniform | Normal | Integer
Distribution = Uniform | LogUniform | Normal | Integer | Choice | Cycle | Param
Value = float | Distribution


class Sink(Protocol):
    """Where draws come from and are noted: seed and index of the episode, shared params, and a record of what was drawn."""

    seed: int
    index: int

    def note(self, path: str, item: int, value: Any) -> None:
        """Records a drawn value."""
        ...

    def param(self, name: str) -> Any:
        """The shared draw of that name."""
        ...

    def drawn_from(self, law: Any, path: str, item: int) -> Any:
        """A number from the stream of the path; of a choice the number of the entry."""
        ...


def draw_value(value: Any, sink: Sink, path: str, item: int = -1) -> Any:
    """A plain value: numbers and words as they are, tuples entry by entry, distributions drawn from the stream of their
    path."""
    if isinstance(value, tuple):
        return tuple(draw_value(entry, sink, f"{path}[{number}]", item) for number, entry in enumerate(value))
    if isinstance(value, NUMERIC):
        drawn = sink.drawn_from(value, path, item)
        sink.note(path, item, drawn)
        return drawn
    if isinstance(value, Choice):
        picked = sink.drawn_from(value, path, item)
        return _drawn_entry(value.of[picked], sink, path, item, picked)
    if isinstance(value, Cycle):
        picked = max(item, 0) % len(value.of)
        return draw_value(value.of[picked], sink, f"{path}.of[{picked}]", item)
    if isinstance(value, Param):
        shared = sink.param(value.name)
        return shared if value.scale == 1.0 and value.offset == 0.0 else tidy(shared * value.scale + value.offset)
    return value


def _drawn_entry(entry: Any, sink: Sink, path: str, item: int, picked: int) -> Any:
    """The picked entry of a choice, noted under the path of the choice (by number when it is not a plain value)."""
    drawn = draw_value(entry, sink, f"{path}.of[{picked}]", item)
    plain = isinstance(drawn, (int, float, str)) or (isinstance(drawn, tuple) and all(isinstance(x, float) for x in drawn))
    sink.note(path, item, drawn if plain else picked)
    return drawn


def outcomes(value: Any) -> Iterator[Any]:
    """Every leaf that `draw_value` may return or draw from: plain values, numeric distributions and params."""
    if isinstance(value, (Choice, Cycle)):
        for entry in value.of:
            yield from outcomes(entry)
    else:
        yield value


def highest(value: Any, param: Callable[[str], Any]) -> float:
    """The largest number that may be drawn; `param` gives the distribution behind a name."""
    found = []
    for leaf in outcomes(value):
        if isinstance(leaf, Param):
            inner = param(leaf.name)
            ends = [highest(inner, param), lowest(inner, param)]
            found.append(max(end * leaf.scale + leaf.offset for end in ends))
        else:
            found.append(float(leaf.support()[1] if isinstance(leaf, NUMERIC) else leaf))
    return max(found)


def lowest(value: Any, param: Callable[[str], Any]) -> float:
    """The smallest number that may be drawn."""
    found = []
    for leaf in outcomes(value):
        if isinstance(leaf, Param):
            inner = param(leaf.name)
            ends = [highest(inner, param), lowest(inner, param)]
            found.append(min(end * leaf.scale + leaf.offset for end in ends))
        else:
            found.append(float(leaf.support()[0] if isinstance(leaf, NUMERIC) else leaf))
    return min(found)
