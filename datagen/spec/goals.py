"""Goals as people write them: comparisons of measures, predicates, and logic over time; as YAML or as one line of text.

    {hold: {measure: volume_in, of: water, ref: bowl, cmp: about, value: 200 ml, tol: 10 ml}, for: 1 s}
    "always(spilled(water) <= 5 ml) and hold(volume_in(water, bowl) ~ 200 ml +- 10 ml, 1 s)"

Both give the same tree. What the words mean over time says `datagen.tasks.logic`; the measures and predicates stand in
`vocabulary`. Every threshold is checked against the unit of its measure when the document is read.
Limits: 500 nodes, 16 levels.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Tag, model_validator
from pydantic_core import core_schema

from ..errors import near_matches
from . import units
from .fields import Quantity, Word
from .infix import parse_infix
from .model import Authored, Direction, Reference
from .problems import FieldError, checked, within
from .text import kind_text
from .units import Dimension
from .vocabulary import MEASURES, PREDICATES, Measure, Predicate, argument_kind

Duration = Annotated[Any, Quantity(units.TIME, 0.0, above=True)]
Whole = Annotated[int, Field(ge=0, le=10_000)]
JOINT_UNITS = {"joint": units.LENGTH, "joint_speed": units.SPEED, "joint_at": units.LENGTH}


@dataclass(frozen=True)
class Known:
    """A word of a table; an unknown one is an error with near matches."""

    table: str

    def __get_pydantic_core_schema__(self, source: Any, schema_of: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(lambda raw: checked(self._read, raw))

    def _words(self) -> list[str]:
        return list(MEASURES if self.table == "measure" else PREDICATES)

    def _read(self, raw: Any) -> str:
        if not isinstance(raw, str) or raw not in self._words():
            near = near_matches(raw, self._words()) if isinstance(raw, str) else ""
            raise FieldError(f"{kind_text(raw)} is not a {self.table}", near or f"one of {', '.join(self._words())}")
        return raw

    def __get_pydantic_json_schema__(self, schema: core_schema.CoreSchema, schema_of: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "enum": self._words(), "description": f"a {self.table}, see [tasks.md](tasks.md)"}


def read_quantity(raw: Any, dimension: Dimension, other: Dimension | None = None) -> Any:
    """A value, or a distribution, of a dimension or of a second one that is allowed as well. Raises `FieldError`."""
    try:
        return Quantity(dimension).read(raw)
    except FieldError:
        if other is None:
            raise
        return Quantity(replace(other, bare=False)).read(raw)


class _Atom(Authored):
    of: Reference | None = None
    ref: Reference | None = None
    axis: Direction | None = None
    along: Direction | None = None

    def arguments(self, entry: Measure | Predicate, what: str) -> None:
        """Refuses arguments that are missing or not taken. Raises the pydantic form of `FieldError`."""
        for key in ("of", "ref"):
            kind, needed = argument_kind(getattr(entry, key))
            given = getattr(self, key) is not None
            if needed and not given:
                raise FieldError(f"{what} needs {key!r}", f"{key}: {kind}", "name it").pydantic()
            if given and not kind:
                raise FieldError(f"{what} takes no {key!r}", "", "remove it", (key,)).pydantic()
        for key in ("axis", "along"):
            if getattr(self, key) is not None and key not in entry.keys:
                raise FieldError(f"{what} takes no {key!r}", "", "remove it", (key,)).pydantic()
        if "along" in entry.keys and self.along is None and what in ("position", "velocity", "front"):
            raise FieldError(f"{what} needs 'along'", "a direction of the world, for instance 'along: x'").pydantic()


class Compare(_Atom):
    """A measure against a value: cmp `<=`, `>=`, `<`, `>`, or `about` with a tolerance `tol`. scale: what counts as a margin of
    one; default the size of the value."""

    measure: Annotated[str, Known("measure")]
    cmp: Literal["<=", ">=", "<", ">", "about"]
    value: Any
    tol: Any = None
    scale: Any = None

    @model_validator(mode="before")
    @classmethod
    def _quantities(cls, raw: Any) -> Any:
        entry = MEASURES.get(raw.get("measure", "")) if isinstance(raw, dict) and isinstance(raw.get("measure"), str) else None
        return raw if entry is None else _read_keys(raw, entry.unit, ("value", "tol", "scale"), raw["measure"])

    @model_validator(mode="after")
    def _fits(self) -> "Compare":
        self.arguments(MEASURES[self.measure], self.measure)
        if (self.cmp == "about") != (self.tol is not None):
            raise FieldError("'about' and 'tol' belong together", "cmp: about, value, tol").pydantic()
        return self


def _read_keys(raw: dict[str, Any], unit: Dimension, keys: tuple[str, ...], name: str) -> dict[str, Any]:
    try:
        read = {
            key: within(lambda value: read_quantity(value, unit, JOINT_UNITS.get(name)), raw[key], key)
            for key in keys
            if raw.get(key) is not None
        }
    except FieldError as error:
        raise error.pydantic() from error
    return {**raw, **read}


class Holds(_Atom):
    """A predicate with its threshold `value` and tolerance `tol`, where it has them."""

    pred: Annotated[str, Known("predicate")]
    value: Any = None
    tol: Any = None

    @model_validator(mode="before")
    @classmethod
    def _quantities(cls, raw: Any) -> Any:
        entry = PREDICATES.get(raw.get("pred", "")) if isinstance(raw, dict) and isinstance(raw.get("pred"), str) else None
        for key in ("value", "tol"):
            allowed = None if entry is None else getattr(entry, key)
            if entry is not None and raw.get(key) is not None:
                if allowed is None:
                    raise FieldError(f"{raw['pred']} takes no {key!r}", "", "remove it", (key,)).pydantic()
                raw = _read_keys(raw, allowed[0], (key,), raw["pred"])
        return raw

    @model_validator(mode="after")
    def _fits(self) -> "Holds":
        entry = PREDICATES[self.pred]
        self.arguments(entry, self.pred)
        for key in ("value", "tol"):
            allowed = getattr(entry, key)
            if allowed is not None and allowed[1] is None and getattr(self, key) is None:
                what = f"{self.pred} needs {key!r}"
                raise FieldError(what, f"{allowed[0].name}, for example {allowed[0].examples}").pydantic()
        return self


class AllOf(Authored):
    """Every one of them."""

    all: Annotated[list["Goal"], Field(min_length=1, max_length=100)]


class AnyOf(Authored):
    """At least one of them."""

    any: Annotated[list["Goal"], Field(min_length=1, max_length=100)]


class Not(Authored):
    """The opposite."""

    not_: "Goal" = Field(alias="not")


class Eventually(Authored):
    """It has been true at some time; within: at the latest this long after frame 0."""

    eventually: "Goal"
    within: Duration | None = None


class Always(Authored):
    """It has been true all the time so far; during: [from, to] after frame 0. Judged at the end of the episode."""

    always: "Goal"
    during: Annotated[list[Annotated[Any, Quantity(units.TIME, 0.0)]], Field(min_length=2, max_length=2)] | None = None


class Hold(Authored):
    """It has been true without a break for the last `for`."""

    hold: "Goal"
    for_: Duration = Field(alias="for")


class Then(Authored):
    """One after the other; each counts only after the one before. within: from the first to the last."""

    then: Annotated[list["Goal"], Field(min_length=2, max_length=20)]
    within: Duration | None = None


class Until(Authored):
    """The first has been true all the time until the second became true."""

    until: Annotated[list["Goal"], Field(min_length=2, max_length=2)]
    within: Duration | None = None


class Forall(Authored):
    """For every body of an entity, which is called `as` inside."""

    forall: Reference
    as_: Annotated[str, Word(identifier=True, fixed=True)] = Field(alias="as")
    do: "Goal"


class Exists(Authored):
    """For at least one body of an entity."""

    exists: Reference
    as_: Annotated[str, Word(identifier=True, fixed=True)] = Field(alias="as")
    do: "Goal"


class Count(Authored):
    """For so many bodies of an entity `over`: at_least, at_most or exactly."""

    count: "Goal"
    over: Reference
    as_: Annotated[str, Word(identifier=True, fixed=True)] = Field(alias="as")
    at_least: Whole | None = None
    at_most: Whole | None = None
    exactly: Whole | None = None

    @model_validator(mode="after")
    def _bound_is_there(self) -> "Count":
        if (self.at_least is None and self.at_most is None) == (self.exactly is None):
            raise FieldError("the number is not clear", "'at_least', 'at_most' (or both), or 'exactly'").pydantic()
        return self


KINDS: dict[str, type[Authored]] = {
    "measure": Compare, "pred": Holds, "all": AllOf, "any": AnyOf, "not": Not, "eventually": Eventually, "always": Always,
    "hold": Hold, "then": Then, "until": Until, "forall": Forall, "exists": Exists, "count": Count,
}  # fmt: skip
_NAMES = {model: name for name, model in KINDS.items()}


def _kind(raw: Any) -> str:
    if isinstance(raw, Authored):
        return _NAMES.get(type(raw), "")
    return next((key for key in KINDS if key in raw), "") if isinstance(raw, dict) else ""


@dataclass(frozen=True)
class Infix:
    """Lets one line of text stand in place of the tree that it means, and says what is no goal at all."""

    def __get_pydantic_core_schema__(self, source: Any, schema_of: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(lambda raw: checked(self._read, raw), schema_of(source))

    @staticmethod
    def _read(raw: Any) -> Any:
        tree = parse_infix(raw) if isinstance(raw, str) else raw
        if not _kind(tree):
            near = next((near_matches(str(key), KINDS) for key in tree), "") if isinstance(tree, dict) else ""
            raise FieldError(f"this is {kind_text(tree)}", f"a goal with one of the keys {', '.join(KINDS)}, or a text", near)
        return tree

    def __get_pydantic_json_schema__(self, schema: core_schema.CoreSchema, schema_of: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", "description": "a goal in one line, see [tasks.md](tasks.md)"}, schema_of(schema)]}


Goal = Annotated[
    Annotated[Compare, Tag("measure")] | Annotated[Holds, Tag("pred")] | Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")] | Annotated[Not, Tag("not")] | Annotated[Eventually, Tag("eventually")]
    | Annotated[Always, Tag("always")] | Annotated[Hold, Tag("hold")] | Annotated[Then, Tag("then")]
    | Annotated[Until, Tag("until")] | Annotated[Forall, Tag("forall")] | Annotated[Exists, Tag("exists")]
    | Annotated[Count, Tag("count")],
    Discriminator(_kind), Infix(),
]  # fmt: skip

for _model in KINDS.values():
    _model.model_rebuild()
