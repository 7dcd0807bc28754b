"""From which distribution a number of one episode is drawn, once its stage and its density are known.

`Laws` belongs to one episode: it blends distributions of two stages (`ramp`) and tells which draws are weighted. Integers blend
to whole bounds, choices of the same entries blend their weights; what cannot be blended is that of the stage. All comparisons
are of drawn numbers with edges, so that a draw has the same bits on every platform; only the ratio of densities needs the
distribution functions, and is rounded to 12 digits.
"""

import math
from collections.abc import Mapping
from typing import Any

from .curriculum import Density
from .declared import Drawn, Law, Weighted, declared
from .distributions import NUMERIC, Choice, Integer, LogUniform, Normal, Numeric, Uniform
from .document import DatasetSpec
from .problems import FieldError
from .streams import Stream, tidy

MAX_REDRAWS = 100_000


class Laws:
    """The laws of one episode. before: declared distributions of the stage before by path; share: how far from them, 1: all the
    way; density: weights or None; explores: whether this episode is drawn as declared all the same."""

    def __init__(self, before: Mapping[str, Drawn], share: float, density: Density | None, explores: bool = False):
        self.before, self.share, self.density, self.explores = before, share, density, explores

    def at(self, path: str, value: Any) -> Any:
        """The distribution of this episode for a field whose stage declares `value`; weighted ones are `Weighted`."""
        first = self.before.get(path)
        law = value if first is None or self.share >= 1.0 else blended(first, value, self.share)
        bins = None if self.density is None else self.density.draws.get(path)
        if bins is None or self.density is None or not isinstance(law, (*NUMERIC, Choice)):
            return law
        return Weighted(law, tuple(bins.edges), tuple(bins.weights), self.density.floor)


def laws_of(spec: DatasetSpec, seed: int, index: int) -> Laws:
    """The laws of one draw of a spec."""
    before, share = spec.ramp(index)
    density = spec.density
    explores = density is not None and Stream(seed, index, "density").uniform() < density.floor
    return Laws(before, share, density, explores)


def declared_at(spec: DatasetSpec, index: int) -> dict[str, Law]:
    """What a draw declares: path -> distribution, with its stage and its weights."""
    before, share = spec.ramp(index)
    laws = Laws(before, share, spec.density)
    return {path: laws.at(path, law) for path, law in declared(spec.at(index)).items()}


def draw(law: Numeric | Choice, stream: Stream, weighted: Weighted | None) -> Any:
    """A number, or of a choice the number of the entry; weighted by rejection. Raises `FieldError`."""
    most = 1.0 if weighted is None else max(weighted.weights)
    for _ in range(MAX_REDRAWS):
        value = stream.pick(law.weights) if isinstance(law, Choice) else law.draw(stream)
        if weighted is None or stream.uniform() * most < weighted.of(value):
            return value
    raise FieldError("the weights of 'density' leave nothing of what may be drawn", "a positive weight where it is drawn")


def blended(first: Drawn, second: Any, share: float) -> Any:
    """A distribution between two of one kind; the second where they are of different kinds."""
    if type(first) is not type(second) or not isinstance(second, (*NUMERIC, Choice)):
        return second

    def mid(a: float, b: float) -> float:
        return tidy(a + (b - a) * share) if math.isfinite(a) and math.isfinite(b) else b

    if isinstance(first, Choice) and isinstance(second, Choice):
        if first.of != second.of:
            return second
        weights = [[one / math.fsum(choice.weights) for one in choice.weights] for choice in (first, second)]
        return Choice(second.of, tuple(mid(a, b) for a, b in zip(*weights, strict=True)))
    if isinstance(first, Normal) and isinstance(second, Normal):
        names = ("mean", "std", "low", "high")
        return Normal(*(mid(getattr(first, name), getattr(second, name)) for name in names))
    if isinstance(first, Integer) and isinstance(second, Integer):
        return Integer(*(math.floor(mid(getattr(first, name), getattr(second, name)) + 0.5) for name in ("low", "high")))
    assert isinstance(second, (Uniform, LogUniform)) and isinstance(first, (Uniform, LogUniform))
    return type(second)(mid(first.low, second.low), mid(first.high, second.high))
