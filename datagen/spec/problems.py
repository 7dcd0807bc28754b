"""How a problem inside a document becomes one sentence: places, keys, and pydantic's errors.

A `FieldError` is raised while a value is read; it knows its place inside that value only. Pydantic carries it outwards as a
custom error, and `first_error` turns whatever pydantic reports into a `FieldError` again, with the place in the whole document
and without the tags that pydantic adds for unions.
"""

import re
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from ..errors import near_matches
from .text import Path, kind_text


class FieldError(ValueError):
    """A leaf is wrong. at: place inside the field; what, allowed, remedy: parts of the sentence."""

    def __init__(self, what: str, allowed: str = "", remedy: str = "", at: Path = ()):
        self.what, self.allowed, self.remedy, self.at = what, allowed, remedy, at
        super().__init__(what)

    def inside(self, *at: str | int) -> "FieldError":
        """The same error seen from one level further out."""
        return FieldError(self.what, self.allowed, self.remedy, (*at, *self.at))

    def pydantic(self) -> PydanticCustomError:
        """The form in which pydantic carries it to the loader."""
        parts = {"what": self.what, "allowed": self.allowed, "remedy": self.remedy, "at": self.at}
        return PydanticCustomError("spec", "{what}; {allowed}", parts)


def checked(call: Callable[[Any], Any], raw: Any) -> Any:
    """Turns `FieldError` into the pydantic form, which keeps its parts."""
    try:
        return call(raw)
    except FieldError as error:
        raise error.pydantic() from error


def check_keys(raw: dict[str, Any], allowed: tuple[str, ...], required: tuple[str, ...], what: str) -> None:
    """Refuses unknown and missing keys of a small mapping. Raises `FieldError`."""
    for key in raw:
        if key not in allowed:
            raise FieldError(
                f"unknown key {key!r} in {what}", f"allowed: {', '.join(allowed)}", near_matches(key, allowed), (key,)
            )
    for key in required:
        if key not in raw:
            raise FieldError(f"{what} needs the key {key!r}", f"keys: {', '.join(allowed)}")


def within(call: Callable[[Any], Any], raw: Any, *at: str | int) -> Any:
    """Calls, and says of a `FieldError` in which part of the value it happened."""
    try:
        return call(raw)
    except FieldError as error:
        raise error.inside(*at) from error


def first_error(error: ValidationError, raw: Any) -> FieldError:
    """The first problem of a pydantic error as a `FieldError` whose place is a path into the raw data."""
    return field_error(error.errors(include_url=False)[0], raw)


def field_error(first: Any, raw: Any) -> FieldError:
    """One entry of a pydantic error as a `FieldError`."""
    ctx = first.get("ctx", {})
    at = _real_path(first["loc"], raw, first["type"] == "missing")
    if first["type"] == "spec":
        return FieldError(ctx["what"], ctx["allowed"], ctx["remedy"], (*at, *ctx["at"]))
    value = kind_text(first["input"])
    if first["type"] == "missing":
        return FieldError(f"the key {str(at[-1])!r} is missing", "it has no default", "add it", at[:-1])
    if first["type"] == "literal_error":
        names = re.findall(r"'([^']*)'", ctx["expected"])
        near = near_matches(first["input"], names) if isinstance(first["input"], str) and names else ""
        return FieldError(f"this is {value}", f"allowed: {ctx['expected']}", near, at)
    if first["type"] == "union_tag_invalid":
        tags = re.findall(r"'([^']*)'", ctx["expected_tags"])
        key, tag = ctx["discriminator"].strip("'"), str(ctx["tag"])
        return FieldError(f"{tag!r} is not known here", f"allowed: {', '.join(tags)}", near_matches(tag, tags), (*at, key))
    if first["type"] == "union_tag_not_found":
        return FieldError(f"the key {ctx['discriminator']} is missing", "it says what kind this is", "", at)
    return FieldError(f"this is {value}", first["msg"][:1].lower() + first["msg"][1:], "", at)


def _real_path(loc: tuple[int | str, ...], raw: Any, missing: bool) -> Path:
    """pydantic's location without the tags of unions, which are not keys of the document."""
    path: list[int | str] = []
    tagged: Any = None  # the mapping whose tag has been passed
    for number, part in enumerate(loc):
        last = number == len(loc) - 1
        if isinstance(raw, dict) and raw is not tagged and part in [raw.get(key) for key in ("rel", "type", "do")]:
            tagged = raw  # also where a key has the same name, as in {rel: distance, distance: ...}
            continue
        if isinstance(raw, dict) and part in raw:
            raw = raw[part]
        elif isinstance(raw, list) and isinstance(part, int) and part < len(raw):
            raw = raw[part]
        elif not (missing and last):
            continue
        path.append(part)
    return tuple(path)
