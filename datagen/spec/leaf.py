"""The base of the leaves of a spec: what every field does with `{dist: ...}`.

A leaf reads plain data into a value; `choice`, `cycle` and `param` are the same for all kinds of values, numeric distributions
are those of the kind. The classes are pydantic annotations and export their JSON Schema.
"""

import math
from abc import ABC, abstractmethod
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from ..errors import near_matches
from .distributions import Choice, Cycle, Param
from .problems import FieldError, check_keys, checked, within
from .text import kind_text
from .units import NUMBER, UnitError, parse

INF = float("inf")
NUMERIC_KEYS = {
    "uniform": ("low", "high"),
    "log_uniform": ("low", "high"),
    "normal": ("mean", "std", "min", "max"),
    "integer": ("low", "high"),
}
CHOICE_KEYS = {"choice": ("of", "weights"), "cycle": ("of",), "param": ("name", "scale", "offset")}
OPTIONAL_KEYS = ("min", "max", "weights", "scale", "offset")
MAX_CHOICES = 1000


class Leaf(ABC):
    """Base of the leaves: choices, cycles and the reading order are the same for all of them; the rest is theirs."""

    fixed = False
    numeric = False

    @abstractmethod
    def plain(self, raw: Any) -> Any:
        """The value of plain data. Raises `FieldError`."""

    @abstractmethod
    def plain_schema(self) -> dict[str, Any]:
        """JSON Schema of the plain form."""

    @abstractmethod
    def verify(self, value: Any) -> None:
        """Refuses a parsed value or distribution that may leave the allowed range. Raises `FieldError`."""

    @abstractmethod
    def number(self, kind: str, raw: dict[str, Any]) -> Any:
        """A numeric distribution of this kind; called only where `numeric`. Raises `FieldError`."""

    @abstractmethod
    def shared(self, raw: dict[str, Any]) -> Param:
        """A reference to a param. Raises `FieldError`."""

    def read(self, raw: Any) -> Any:
        """A value or a distribution. Raises `FieldError`."""
        if isinstance(raw, dict) and "dist" in raw:
            value = self.distribution(raw)
        else:
            value = self.plain(raw)
        self.verify(value)
        return value

    def distribution(self, raw: dict[str, Any]) -> Any:
        """The distribution that a mapping with `dist` describes. Raises `FieldError`."""
        kinds = {**(NUMERIC_KEYS if self.numeric else {}), **CHOICE_KEYS}
        kind = raw["dist"]
        if self.fixed:
            raise FieldError("this value cannot be a distribution", "one value for the whole dataset")
        if not isinstance(kind, str) or kind not in kinds:
            raise FieldError(f"{kind!r} is not a distribution that fits here", "", near_matches(str(kind), kinds), ("dist",))
        keys = kinds[kind]
        check_keys(raw, ("dist", *keys), tuple(key for key in keys if key not in OPTIONAL_KEYS), f"dist {kind!r}")
        if kind in NUMERIC_KEYS:
            return self.number(kind, raw)
        return self.shared(raw) if kind == "param" else self.one_of(kind, raw)

    def one_of(self, kind: str, raw: dict[str, Any]) -> Choice | Cycle:
        """A choice or a cycle over values of this field."""
        of = raw["of"]
        if not isinstance(of, list) or not 1 <= len(of) <= MAX_CHOICES:
            raise FieldError(f"'of' is {kind_text(of)}", f"a list of 1 to {MAX_CHOICES} values", at=("of",))
        values = tuple(within(self.read, entry, "of", number) for number, entry in enumerate(of))
        if kind == "cycle":
            return Cycle(values)
        weights = raw.get("weights", [1.0] * len(of))
        if not isinstance(weights, list) or len(weights) != len(of):
            raise FieldError(
                f"'weights' is {kind_text(weights)}", f"a list of {len(of)} numbers, one per value", at=("weights",)
            )
        numbers = tuple(within(_weight, entry, "weights", number) for number, entry in enumerate(weights))
        if not 0.0 < math.fsum(numbers) < INF:
            raise FieldError("the weights add up to nothing", "at least one positive weight", at=("weights",))
        return Choice(values, numbers)

    def __get_pydantic_core_schema__(self, source: Any, schema_of: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(lambda raw: checked(self.read, raw))

    def __get_pydantic_json_schema__(self, schema: core_schema.CoreSchema, schema_of: GetJsonSchemaHandler) -> dict[str, Any]:
        if self.fixed:
            return self.plain_schema()
        return {"anyOf": [self.plain_schema(), distribution_schema(self.numeric)]}


def param_name(raw: dict[str, Any]) -> str:
    """The name in a reference to a param. Raises `FieldError`."""
    if not isinstance(raw["name"], str):
        raise FieldError(f"'name' is {kind_text(raw['name'])}", "the name of a param", at=("name",))
    return raw["name"]


def no_numbers(kind: str) -> FieldError:
    """The error for a numeric distribution where no number belongs."""
    return FieldError(f"{kind!r} draws numbers, which do not fit here", "'choice' or 'cycle'", at=("dist",))


def no_param() -> FieldError:
    """The error for a param where none can stand."""
    return FieldError("a param cannot stand here", "'choice' or 'cycle'", at=("dist",))


def distribution_schema(numeric: bool) -> dict[str, Any]:
    """JSON Schema of `{dist: ...}`; the values inside are checked by the loader, which knows their dimension."""
    kinds = {**(NUMERIC_KEYS if numeric else {}), **CHOICE_KEYS}
    return {
        "anyOf": [
            {
                "type": "object",
                "properties": {"dist": {"const": kind}, **{key: {} for key in keys}},
                "required": ["dist", *(key for key in keys if key not in OPTIONAL_KEYS)],
                "additionalProperties": False,
            }
            for kind, keys in kinds.items()
        ]
    }


def _weight(raw: Any) -> float:
    try:
        weight = parse(raw, NUMBER)
    except UnitError as error:
        raise FieldError(error.what, error.allowed) from error
    if weight < 0.0:
        raise FieldError(f"the weight {raw} is negative", "0 or more")
    return weight
