"""The leaves of a spec: quantities, vectors, colours, names and texts, each of which may be a distribution.

Each class is a pydantic annotation: it reads plain data (numbers, strings, lists, mappings with `dist`) into SI values and the
frozen classes of `distributions`, and exports its JSON Schema. Errors carry the place inside the field, what is wrong and what
is allowed, so that the loader can make one sentence with file and line of them.

Limits: dimension and range of a `param` are known only with the whole document; `check` compares them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import core_schema

from ..errors import near_matches
from .colors import COLORS, parse_color
from .distributions import MIN_MASS, NUMERIC, Integer, LogUniform, Normal, Param, Uniform, outcomes
from .leaf import INF, NUMERIC_KEYS, Leaf, distribution_schema, no_numbers, no_param, param_name
from .problems import FieldError, checked, first_error, within
from .text import kind_text
from .units import ANGLE, LENGTH, NUMBER, Dimension, Exponents, UnitError, check_dimension, parse, parse_any

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True)
class Quantity(Leaf):
    """A number with a dimension in [low, high]; `above` makes low itself forbidden, `whole` allows integers only."""

    dimension: Dimension = NUMBER
    low: float = -INF
    high: float = INF
    above: bool = False
    whole: bool = False
    fixed: bool = False
    numeric = True

    def range_text(self) -> str:
        """`a positive length`, `0 to 1`: what the field allows."""
        name = "a whole number" if self.whole else self.dimension.name
        unit = f" {self.dimension.unit}" if self.dimension.unit else ""
        if self.low == -INF and self.high == INF:
            return name
        low = f"more than {self.low:g}{unit}" if self.above else f"{self.low:g}{unit} or more"
        return f"{name}, {low}" if self.high == INF else f"{name}, {low} and at most {self.high:g}{unit}"

    def plain(self, raw: Any) -> float | int:
        """The value of plain data. Raises `FieldError`."""
        try:
            value = parse(raw, self.dimension)
        except UnitError as error:
            raise FieldError(error.what, error.allowed) from error
        if self.whole:
            if not value.is_integer():
                raise FieldError(f"{raw!r} is not a whole number", f"expected {self.range_text()}")
            return int(value)
        return value

    def plain_schema(self) -> dict[str, Any]:
        """JSON Schema of the plain form."""
        note = f"{self.range_text()}; {self.dimension.examples}" if self.dimension.unit else self.range_text()
        number: dict[str, Any] = {"type": "integer" if self.whole else "number"}
        if self.low > -INF:
            number["exclusiveMinimum" if self.above else "minimum"] = self.low
        if self.high < INF:
            number["maximum"] = self.high
        return {"anyOf": [number, {"type": "string", "maxLength": 64}], "description": note}

    def number(self, kind: str, raw: dict[str, Any]) -> Any:
        """A numeric distribution. Raises `FieldError`."""
        if kind == "integer":
            return _integers(raw)
        if self.whole:
            raise FieldError(f"{kind!r} draws fractions", "'integer', 'choice' or 'cycle' here", at=("dist",))
        read = {key: within(self.plain, raw[key], key) for key in NUMERIC_KEYS[kind] if key in raw}
        if kind == "normal":
            return _normal(read)
        _ordered(read["low"], read["high"], raw)
        if kind == "uniform":
            return Uniform(read["low"], read["high"])
        if read["low"] <= 0.0:
            raise FieldError(f"a log_uniform from {raw['low']!r} is not possible", "'low' above zero", at=("low",))
        return LogUniform(read["low"], read["high"])

    def shared(self, raw: dict[str, Any]) -> Param:
        """A param that is a number. Raises `FieldError`."""
        scale = within(FACTOR.read, raw.get("scale", 1.0), "scale")
        offset = within(replace(self, low=-INF, high=INF, fixed=True).read, raw.get("offset", 0.0), "offset")
        return Param(param_name(raw), self.dimension, self.low, self.high, scale, offset)

    def verify(self, value: Any) -> None:
        """Refuses values outside the range. Raises `FieldError`."""
        for leaf in outcomes(value):
            if isinstance(leaf, Param):
                continue
            low, high = leaf.support() if isinstance(leaf, NUMERIC) else (leaf, leaf)
            if self.allows(low) and self.allows(high):
                continue
            if isinstance(leaf, Normal):
                raise FieldError(
                    "a normal without fitting 'min' and 'max' leaves the range", f"expected {self.range_text()}", "add them"
                )
            raise FieldError(f"{low if not self.allows(low) else high:g} is out of range", f"expected {self.range_text()}")

    def allows(self, value: float) -> bool:
        """Whether a number lies in the range; infinities only where the range is open."""
        return (value > self.low if self.above and self.low > -INF else value >= self.low) and value <= self.high


def _integers(raw: dict[str, Any]) -> Integer:
    for key in ("low", "high"):
        if isinstance(raw[key], bool) or not isinstance(raw[key], int) or abs(raw[key]) > 2**53:
            raise FieldError(f"{key!r} is {kind_text(raw[key])}", "a whole number", at=(key,))
    _ordered(raw["low"], raw["high"], raw)
    return Integer(raw["low"], raw["high"])


def _ordered(low: float, high: float, raw: dict[str, Any]) -> None:
    if not low <= high:
        raise FieldError(f"'low' ({raw['low']}) is above 'high' ({raw['high']})", "low <= high", at=("low",))


def _normal(read: dict[str, float]) -> Normal:
    if read["std"] <= 0.0:
        raise FieldError(f"the standard deviation is {read['std']:g}", "more than 0", at=("std",))
    normal = Normal(read["mean"], read["std"], read.get("min", -INF), read.get("max", INF))
    if normal.mass() < MIN_MASS:
        raise FieldError(f"less than {MIN_MASS:g} of this normal lies between min and max", "", "widen the bounds")
    return normal


FACTOR = Quantity(NUMBER, fixed=True)


@dataclass(frozen=True)
class Coordinate(Quantity):
    """The coordinate of a joint whose kind is not known here: an angle or a length, always with its unit (0 excepted)."""

    def range_text(self) -> str:
        """What the field allows."""
        return "an angle or a length with its unit; '30 deg' or '4 cm'"

    def plain(self, raw: Any) -> float | int:
        """The value of plain data. Raises `FieldError`."""
        try:
            value, exponents = parse_any(raw)
        except UnitError as error:
            raise FieldError(error.what, error.allowed) from error
        if exponents not in (ANGLE.exponents, LENGTH.exponents) and value != 0.0:
            raise FieldError(f"{raw!r} is neither an angle nor a length", self.range_text())
        return value

    def shared(self, raw: dict[str, Any]) -> Param:
        """Raises `FieldError`: the dimension of a param could not be compared."""
        raise no_param()


@dataclass(frozen=True)
class Vector(Leaf):
    """A list of quantities of one dimension, each a value or a distribution; or a uniform with lists as bounds."""

    entry: Quantity = Quantity()
    length: int = 3
    fixed: bool = False
    numeric = True

    def plain(self, raw: Any) -> tuple[Any, ...]:
        """The value of plain data. Raises `FieldError`."""
        if not isinstance(raw, list) or len(raw) != self.length:
            raise FieldError(f"this is {kind_text(raw)}", f"expected a list of {self.length}, each {self.entry.range_text()}")
        return tuple(within(self.entry.read, value, number) for number, value in enumerate(raw))

    def plain_schema(self) -> dict[str, Any]:
        """JSON Schema of the plain form."""
        one = self.entry.plain_schema() if self.fixed else {"anyOf": [self.entry.plain_schema(), distribution_schema(True)]}
        return {"type": "array", "items": one, "minItems": self.length, "maxItems": self.length}

    def number(self, kind: str, raw: dict[str, Any]) -> tuple[Any, ...]:
        """A numeric distribution. Raises `FieldError`."""
        parts: list[dict[str, Any]] = [{"dist": kind} for _ in range(self.length)]
        for key in NUMERIC_KEYS[kind]:
            bound = raw.get(key, [])
            if key in raw and (not isinstance(bound, list) or len(bound) != self.length):
                raise FieldError(f"{key!r} is {kind_text(bound)}", f"a list of {self.length}", at=(key,))
            for number, part in enumerate(parts if key in raw else ()):
                part[key] = bound[number]
        return tuple(within(self.entry.read, part) for part in parts)

    def shared(self, raw: dict[str, Any]) -> Param:
        """Params are single numbers. Raises `FieldError`."""
        raise FieldError("a param cannot stand for a whole list", "a param for each entry", at=("dist",))

    def verify(self, value: Any) -> None:
        """Entries are verified as they are read."""


class Color(Leaf):
    """A name such as `red`, `#rrggbb` or [r, g, b] in 0..1 (sRGB encoded)."""

    numeric = True

    def plain(self, raw: Any) -> tuple[Any, ...]:
        """The value of plain data. Raises `FieldError`."""
        if isinstance(raw, list):
            return _CHANNELS.plain(raw)  # type: ignore[no-any-return]
        color = parse_color(raw) if isinstance(raw, str) else None
        if color is None:
            hint = near_matches(raw, COLORS) if isinstance(raw, str) else ""
            raise FieldError(f"{kind_text(raw)} is not a colour", "expected a name, '#rrggbb' or [r, g, b] from 0 to 1", hint)
        return color

    def plain_schema(self) -> dict[str, Any]:
        """JSON Schema of the plain form."""
        word = {"type": "string", "description": "a colour name or '#rrggbb'", "examples": sorted(COLORS)}
        return {"anyOf": [word, _CHANNELS.plain_schema()]}

    def number(self, kind: str, raw: dict[str, Any]) -> tuple[Any, ...]:
        """A numeric distribution. Raises `FieldError`."""
        return _CHANNELS.number(kind, raw)

    def shared(self, raw: dict[str, Any]) -> Param:
        """A param that is a colour."""
        if "scale" in raw or "offset" in raw:
            raise FieldError("scale and offset belong to numbers", "only 'name' here")
        return Param(param_name(raw), None, -INF, INF)

    def verify(self, value: Any) -> None:
        """Entries are verified as they are read."""


_CHANNELS = Vector(Quantity(NUMBER, 0.0, 1.0))


@dataclass(frozen=True)
class Word(Leaf):
    """A text; with `identifier` a name of letters, digits and underscores."""

    identifier: bool = False
    fixed: bool = False
    max_length: int = 2000

    def plain(self, raw: Any) -> str:
        """The value of plain data. Raises `FieldError`."""
        if not isinstance(raw, str) or len(raw) > self.max_length:
            allowed = "a name" if self.identifier else f"a text of at most {self.max_length} characters"
            raise FieldError(f"this is {kind_text(raw)}", allowed, "quote it if it is meant as text")
        if self.identifier and not IDENTIFIER.fullmatch(raw):
            raise FieldError(f"{raw!r} is not a name", "a letter, then letters, digits and underscores, at most 64")
        return raw

    def plain_schema(self) -> dict[str, Any]:
        """JSON Schema of the plain form."""
        return {"type": "string", "maxLength": self.max_length} | (
            {"pattern": "^[A-Za-z][A-Za-z0-9_]*$"} if self.identifier else {}
        )

    def number(self, kind: str, raw: dict[str, Any]) -> Any:
        """Raises `FieldError`: no number belongs here."""
        raise no_numbers(kind)

    def shared(self, raw: dict[str, Any]) -> Param:
        """Raises `FieldError`: no param belongs here."""
        raise no_param()

    def verify(self, value: Any) -> None:
        """Every text that reads is allowed."""


@dataclass(frozen=True)
class ParamValue:
    """The value of a param: a number (exponents None = bare) or a colour."""

    value: Any
    exponents: Exponents | None
    color: bool


class ParamField:
    """A number, quantity or colour, or a distribution of one kind of them; the units decide the dimension."""

    def read(self, raw: Any) -> ParamValue:
        """The value and its dimension. Raises `FieldError`."""
        words = list(_leaves(raw))
        if any(isinstance(word, (list, tuple)) or (isinstance(word, str) and parse_color(word)) for word in words):
            return ParamValue(Color().read(raw), None, True)
        found: Exponents | None = None
        for word in words:
            try:
                value, exponents = parse_any(word)
                if exponents is not None and found is not None:
                    check_dimension(value, exponents, Dimension("the same dimension as before", "", found, ""), str(word))
            except UnitError as error:
                raise FieldError(error.what, "one dimension for the whole param" if found else error.allowed) from error
            found = found if exponents is None else exponents
        dimension = Dimension("a param", "", found or NUMBER.exponents, "'3' or '20 cm'")
        value = Quantity(dimension).read(raw)
        if any(isinstance(leaf, Param) for leaf in outcomes(value)):
            raise FieldError("a param cannot use another param", "a value or a distribution", "write the distribution here")
        return ParamValue(value, found, False)

    def __get_pydantic_core_schema__(self, source: Any, schema_of: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(lambda raw: checked(self.read, raw))

    def __get_pydantic_json_schema__(self, schema: core_schema.CoreSchema, schema_of: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": ["number", "string"]}, _CHANNELS.plain_schema(), distribution_schema(True)]}


def _leaves(raw: Any) -> Any:
    """Every plain quantity inside a value or distribution, as written."""
    if isinstance(raw, dict):
        for key in ("low", "high", "mean", "std", "min", "max"):
            if key in raw:
                yield raw[key]
        for entry in raw.get("of", ()) if isinstance(raw.get("of"), list) else ():
            yield from _leaves(entry)
    else:
        yield raw


@dataclass(frozen=True)
class Selectable:
    """Lets a `choice` or `cycle` stand in place of a model: `{dist: choice, of: [{type: box, ...}, {type: sphere, ...}]}`."""

    inner: Any

    def __get_pydantic_core_schema__(self, source: Any, schema_of: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        inner = schema_of.generate_schema(self.inner)
        return core_schema.no_info_wrap_validator_function(self._validate, inner)

    def _validate(self, raw: Any, inner: Callable[[Any], Any]) -> Any:
        if isinstance(raw, dict) and "dist" in raw:
            return checked(_Models(inner).distribution, raw)
        return inner(raw)

    def __get_pydantic_json_schema__(self, schema: core_schema.CoreSchema, schema_of: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [schema_of(schema), distribution_schema(False)]}


@dataclass(frozen=True)
class _Models(Leaf):
    """A leaf whose plain form is a pydantic model."""

    inner: Callable[[Any], Any]

    def plain(self, raw: Any) -> Any:
        """The value of plain data. Raises `FieldError`."""
        try:
            return self.inner(raw)
        except ValidationError as error:
            raise first_error(error, raw) from error

    def plain_schema(self) -> dict[str, Any]:
        """The schema comes from the model itself (`Selectable`)."""
        return {}

    def number(self, kind: str, raw: dict[str, Any]) -> Any:
        """Raises `FieldError`: no number belongs here."""
        raise no_numbers(kind)

    def shared(self, raw: dict[str, Any]) -> Param:
        """Raises `FieldError`: no param belongs here."""
        raise no_param()

    def verify(self, value: Any) -> None:
        """Models verify themselves."""


Name = Annotated[str, Word(identifier=True, fixed=True)]
