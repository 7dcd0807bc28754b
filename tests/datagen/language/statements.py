"""Statements about a spec: a path with the value that has to stand there.

A path is keys joined by dots; `*` stands for any number of levels (also none), and numbers are equal within
1e-4. `null` says that nothing stands there, `"?"` that anything does.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from datagen.language import Description, describe

NUMBER = re.compile(r"(-?\d[\d.]*(?:e[+-]?\d+)?)( .*)?")


@cache
def said(prompt: str) -> Description:
    """The description of a prompt without variation, made once."""
    return describe(prompt, "none")


def found(spec: Any, keys: Sequence[str]) -> list[Any]:
    """Everything that stands at a path."""
    if not keys:
        return [spec]
    key, rest = keys[0], keys[1:]
    if key == "*":
        inside = list(spec.values()) if isinstance(spec, dict) else spec if isinstance(spec, list) else []
        return [one for each in inside for one in found(each, keys)] + found(spec, rest)
    if isinstance(spec, list) and key.isdigit() and int(key) < len(spec):
        return found(spec[int(key)], rest)
    return found(spec[key], rest) if isinstance(spec, dict) and key in spec else []


def equal(one: Any, other: Any) -> bool:
    """Whether two values are the same, numbers with equal units within 1e-4."""
    first, second = NUMBER.fullmatch(str(one)), NUMBER.fullmatch(str(other))
    if one == other or first is None or second is None:
        return bool(one == other)
    a, b = float(first[1]), float(second[1])
    return first[2] == second[2] and abs(a - b) <= 1e-4 * max(abs(a), 1e-9)


def holds(spec: Any, path: str, wanted: Any) -> bool:
    """Whether a statement is true."""
    values = found(spec, path.split("."))
    if wanted is None:
        return not values
    return bool(values) if wanted == "?" else any(equal(value, wanted) for value in values)
