"""A spec in statements (see `statements`): every owner in one sentence, every value in words that have one reading.

Limits: fields that name files, keys that are no names of fields, and text with quotation marks or line breaks have no words;
they are left out, and whoever compares the specs finds them.
"""

import re
from collections.abc import Iterator
from typing import Any

from .statements import FORBIDDEN, KEYS, NUMBER, OWNERS, PARTS, UNIT, WORD, field_words, path_of

RESERVED = {"yes", "no", "nothing", "between", "one", "a", "an", "normally"}
WHOLE = ("focus", "place", "branches", "reward", "seed")
DISTRIBUTIONS = {"uniform": {"low", "high"}, "integer": {"low", "high"}, "choice": {"of"}, "normal": {"mean", "std"}}


def stated(spec: dict[str, Any]) -> list[str]:
    """The sentences of a spec, in the order of the document."""
    sentences: list[str] = []
    for key, value in spec.items():
        if key in OWNERS.values():
            kind = next(word for word, root in OWNERS.items() if root == key)
            for name, fields in (value or {}).items():
                sentences += _owner(f"The {kind} {name}", fields)
        elif key in PARTS.values():
            word = next(word for word, root in PARTS.items() if root == key)
            sentences += _owner(f"The {word}", value, plural=word in ("lights", "checks"))
        elif key in WHOLE:
            sentences += _whole(key, value)
    return sentences


def _whole(key: str, value: Any) -> list[str]:
    word = next((word for word, root in KEYS.items() if root == key and isinstance(value, list)), key)
    told = words_of(value)
    return [] if told is None else [f"The {word} {'are' if isinstance(value, list) else 'is'} {told}."]


def _owner(opening: str, fields: Any, plural: bool = False) -> list[str]:
    if not isinstance(fields, dict) or "dist" in fields or not fields:
        told = words_of(fields)
        return [] if told is None else [f"{opening} {'are' if plural else 'is'} {told}."]
    clauses = [
        f"{'an' if words[0] in 'aeiou' else 'a'} {words} of {told}" for words, told in _clauses(fields, ()) if told is not None
    ]
    return [f"{opening} {'have' if plural else 'has'} {', '.join(clauses)}."] if clauses else []


def _clauses(fields: dict[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, str | None]]:
    """(words of the field, words of the value); what has fields of its own is told field by field where it can be."""
    for key, value in fields.items():
        path = (*above, key)
        inner = isinstance(value, dict) and value and "dist" not in value
        if inner and all(_named((*path, one)) for one in value):
            yield from _clauses(value, path)
        elif _named(path):
            yield field_words(path), words_of(value)


def _named(path: tuple[str, ...]) -> bool:
    """Whether the words of a path are read as that path (`of` is what ends them)."""
    try:
        return "of" not in path and path_of(field_words(path)) == path
    except ValueError:
        return False


def words_of(value: Any) -> str | None:
    """A value in words, or None where there are none."""
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "yes", False: "no"}[value]
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        parts = [words_of(one) for one in value]
        return None if None in parts else f"({', '.join(str(one) for one in parts)})"
    return _fields(value) if isinstance(value, dict) else None


def _text(value: str) -> str | None:
    number = NUMBER.match(value)
    if number and UNIT.fullmatch(value, number.end()):
        return value
    if WORD.fullmatch(value) and value not in RESERVED and not value.endswith("."):
        return value
    return None if '"' in value or "\n" in value else f'"{value}"'


def _fields(value: dict[str, Any]) -> str | None:
    kind = value.get("dist")
    if isinstance(kind, str) and set(value) - {"dist"} == DISTRIBUTIONS.get(kind):
        inner = {key: words_of(one) for key, one in value.items()}
        if None in inner.values():
            return None
        if kind == "choice":
            return f"one of {inner['of']}" if isinstance(value["of"], list) and value["of"] else None
        if kind == "normal":
            return f"normally distributed around {inner['mean']} with a standard deviation of {inner['std']}"
        return f"{'a whole number ' if kind == 'integer' else ''}between {inner['low']} and {inner['high']}"
    if not value:
        return "(:)"
    parts = []
    for key, one in value.items():
        told = words_of(one)
        if told is None or key in FORBIDDEN or not re.fullmatch(r"[A-Za-z_]\w*", key):
            return None
        parts.append(f"{key}: {told}")
    return f"({', '.join(parts)})"
