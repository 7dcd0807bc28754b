"""Rewards as people write them: terms of a measure or a predicate, a shape, a weight and a mode; or `from_goal`.

    reward:
      - {name: reach, measure: distance, of: hand, ref: cube, shape: {type: tanh, scale: 20 cm}, weight: 1, mode: per_second}
      - {name: done, predicate: "inside(cube, bin)", weight: 5, mode: on_success}

The mode is always written, because it decides what a weight means:
per_step: weight * value at every control step. per_second: times the length of the step, so that the control rate does not
matter. potential: gamma * value(next) - value(now), which staying somewhere cannot farm. first_time: once, when the predicate
first holds. per_item: once for every body of `over`, which the predicate calls `as`. on_success: once, when the task first
succeeds. at_end: once, with the value at the end.
Shapes turn a measure into a number without unit; their bounds are checked against the unit of the measure. `reward:
from_goal` is the potential of the goal (`datagen.tasks.reward`).
Limits: sums of terms; a `gate` multiplies a term by 0 or 1.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from ..errors import near_matches
from . import units
from .fields import Name, Quantity, Word
from .goals import JOINT_UNITS, Goal, Known, _Atom, read_quantity
from .model import Authored, Reference
from .problems import FieldError, within
from .vocabulary import MEASURES

Mode = Literal["per_step", "per_second", "potential", "first_time", "per_item", "on_success", "at_end"]
SIGMOIDS = ("gaussian", "hyperbolic", "long_tail", "reciprocal", "cosine", "linear", "quadratic", "tanh_squared")
SHAPE_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "tolerance": (("low", "high"), ("margin",)),
    "linear": (("low", "high"), ()),
    "exp": (("scale",), ()),
    "tanh": (("scale",), ()),
    "step": (("at",), ()),
    "identity": ((), ("per",)),
}
"""Shape -> quantities that it needs, and that it may have."""
POSITIVE = ("margin", "scale", "per")


class Shape(Authored):
    """From a measure to a number. tolerance: 1 between low and high, falling to 0.1 within `margin` beyond them as `sigmoid`
    says; linear: 0 at low, 1 at high, clipped; exp: exp(-x / scale); tanh: 1 - tanh(x / scale); step: 1 from `at` on;
    identity: x / per (default: the SI unit)."""

    type: Literal["tolerance", "linear", "exp", "tanh", "step", "identity"]
    low: Any = None
    high: Any = None
    margin: Any = None
    scale: Any = None
    at: Any = None
    per: Any = None
    sigmoid: Literal["gaussian", "hyperbolic", "long_tail", "reciprocal", "cosine", "linear", "quadratic", "tanh_squared"] = (
        "gaussian"
    )

    @model_validator(mode="after")
    def _keys_fit(self) -> "Shape":
        needed, optional = SHAPE_KEYS[self.type]
        for key in ("low", "high", "margin", "scale", "at", "per"):
            given = getattr(self, key) is not None
            if key in needed and not given:
                raise FieldError(f"a {self.type} shape needs {key!r}", f"keys: {', '.join((*needed, *optional))}").pydantic()
            if given and key not in (*needed, *optional):
                raise FieldError(f"a {self.type} shape takes no {key!r}", "", "remove it", (key,)).pydantic()
        if "sigmoid" in self.model_fields_set and self.type != "tolerance":
            raise FieldError("'sigmoid' belongs to a tolerance", "", "remove it", ("sigmoid",)).pydantic()
        return self


class Term(_Atom):
    """One component, recorded as `reward.NAME`. Either `measure` with its arguments and a shape, or `predicate`, which is
    worth 1 while it holds. gate: counts only while this holds. gamma: of a potential."""

    name: Name
    measure: Annotated[str, Known("measure")] | None = None
    predicate: Goal | None = None
    shape: Shape | None = None
    weight: Annotated[Any, Quantity(units.NUMBER)] = 1.0
    mode: Mode
    gate: Goal | None = None
    gamma: Annotated[float, Quantity(units.NUMBER, 0.0, 1.0, fixed=True)] = 1.0
    over: Reference | None = None
    as_: Annotated[str, Word(identifier=True, fixed=True)] | None = Field(default=None, alias="as")

    @model_validator(mode="before")
    @classmethod
    def _shape_has_units(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or not isinstance(raw.get("shape"), dict) or raw.get("measure") not in MEASURES:
            return raw
        unit, shape = MEASURES[raw["measure"]].unit, raw["shape"]
        read = {}
        for key in ("low", "high", "margin", "scale", "at", "per"):
            if shape.get(key) is not None:
                try:
                    read[key] = within(
                        lambda value: read_quantity(value, unit, JOINT_UNITS.get(raw["measure"])), shape[key], "shape", key
                    )
                    _check_positive(key, read[key])
                except FieldError as error:
                    raise error.pydantic() from error
        return {**raw, "shape": {**shape, **read}}

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Term":
        if (self.measure is None) == (self.predicate is None):
            raise FieldError(f"the reward {self.name!r} is not clear", "'measure' or 'predicate', and not both").pydantic()
        if self.measure is not None:
            self.arguments(MEASURES[self.measure], self.measure)
            if self.shape is None:
                raise FieldError(f"the measure of {self.name!r} has a unit", "a 'shape'", "shape: {type: identity}").pydantic()
        elif self.shape is not None or self.of is not None or self.ref is not None:
            raise FieldError("a predicate has its own arguments and no shape", "", "remove 'shape', 'of', 'ref'").pydantic()
        if self.mode in ("first_time", "per_item") and self.predicate is None:
            raise FieldError(f"{self.mode} needs a predicate", "predicate: ...").pydantic()
        if (self.mode == "per_item") != (self.over is not None) or (self.over is None) != (self.as_ is None):
            raise FieldError("per_item goes with 'over' and 'as'", "over: an entity, as: a name for its bodies").pydantic()
        return self


def _check_positive(key: str, value: Any) -> None:
    if key in POSITIVE and isinstance(value, float) and value <= 0.0:
        raise FieldError(f"{key!r} is {value:g}", "more than 0", "", ("shape", key))


def _reward_kind(raw: Any) -> str:
    return "word" if isinstance(raw, str) else "terms"


def _distinct(terms: list[Term]) -> None:
    names = [term.name for term in terms]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FieldError(f"two rewards are called {twice[0]!r}", "names of their own", near_matches("", ()))


Reward = Annotated[
    Annotated[Literal["from_goal"], Tag("word")]
    | Annotated[Annotated[list[Term], Field(min_length=1, max_length=100)], Tag("terms")],
    Discriminator(_reward_kind),
]
