"""Statements: sentences that give numbers and choices of a spec one by one, in a form that has one reading.

    The camera main has an orbit distance of 2 m, a look at of ball, a viewing angle of 40 deg.
    The parameter tilt is between 3 deg and 5 deg. The focus is tip.

What the free grammar has no words for is said like this: an owner (`OWNERS`, or a part of the document), fields in the words of
their names (`sun azimuth`, `look at`), and values: numbers with units, names, yes and no, distributions in words, lists in
parentheses, (key: value) for what has fields of its own, and quoted text. A statement is data: it goes into the spec, and the
validator of the spec judges it. What a statement says counts over what the free grammar made.

Limits: a prompt names no files, so fields that do (`FORBIDDEN`) have no statement; a sentence that is no whole statement is
left to the free grammar.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from datagen.spec import field_names

OWNERS = {
    "thing": "entities", "camera": "cameras", "action": "actions", "joint": "joints", "actor": "actors", "sensor": "sensors",
    "parameter": "params", "control": "controls", "material": "materials",
}  # fmt: skip
PARTS = {"world": "world", "recording": "record", "lights": "lights", "task": "task", "checks": "checks", "frame": "frame"}
WORDS = {"morph": "form", "arrange": "arrangement", "fov": "viewing angle", "fps": "frame rate", "do": "verb"}
"""What fields are called whose names are no words."""
FORBIDDEN = {"file", "mesh", "assets"}
OPENING = re.compile(
    rf"\bThe (?:(?P<kind>{'|'.join(OWNERS)}) (?P<name>[A-Za-z_]\w*)|(?P<part>{'|'.join(PARTS)}))"
    r" (?:(?P<has>ha(?:s|ve)) |(?P<is>is|are) )"
)
WHOLE = re.compile(r"\bThe (?P<key>focus|places|branches|rewards|reward|frame|seed) (?:is|are) ")
KEYS = {"places": "place", "rewards": "reward"}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
UNIT = re.compile(r" (?!and\b|to\b|with\b|or\b)(?:%|[A-Za-z][A-Za-z0-9*/^]*)")
WORD = re.compile(r"[A-Za-z_][\w.*\-]*(?:\[[\w*]+\])?(?:\.[\w.]*\w)?")
DEEPEST = 12
MOST = 20_000  # characters of statements in a prompt


@dataclass(frozen=True)
class Statement:
    """Where it stands in the prompt, and what it gives: (path, value)."""

    start: int
    end: int
    given: tuple[tuple[tuple[str, ...], Any], ...]


class Unreadable(ValueError):
    """This is no statement."""


class _Reader:
    """Reads one statement from a place of the text on."""

    def __init__(self, text: str, at: int):
        self.text, self.at = text, at

    def eat(self, word: str) -> bool:
        """Whether the text goes on with a word, which is then behind."""
        if not self.text.startswith(word, self.at):
            return False
        self.at += len(word)
        return True

    def need(self, word: str) -> None:
        if not self.eat(word):
            raise Unreadable

    def match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def value(self, depth: int = 0) -> Any:
        """One value."""
        if depth > DEEPEST:
            raise Unreadable
        for opening, read in (
            ("between ", self._uniform), ("a whole number between ", self._integer), ("one of (", self._choice),
            ("normally distributed around ", self._normal), ("(", self._listed), ('"', self._quoted),
        ):  # fmt: skip
            if self.eat(opening):
                return read(depth + 1)
        return self._plain()

    def _plain(self) -> Any:
        number = self.match(NUMBER)
        if number:
            unit = self.match(UNIT)
            if unit:
                return number + unit
            return float(number) if re.search("[.eE]", number) else int(number)
        word = self.match(WORD)
        while word.endswith("."):  # the end of the sentence
            word, self.at = word[:-1], self.at - 1
        if not word:
            raise Unreadable
        return {"yes": True, "no": False, "nothing": None}.get(word, word)

    def _uniform(self, depth: int) -> Any:
        low = self.value(depth)
        self.need(" and ")
        return {"dist": "uniform", "low": low, "high": self.value(depth)}

    def _integer(self, depth: int) -> Any:
        return {**self._uniform(depth), "dist": "integer"}

    def _normal(self, depth: int) -> Any:
        mean = self.value(depth)
        self.need(" with a standard deviation of ")
        return {"dist": "normal", "mean": mean, "std": self.value(depth)}

    def _choice(self, depth: int) -> Any:
        return {"dist": "choice", "of": self._listed(depth)}

    def _quoted(self, depth: int) -> str:
        end = self.text.find('"', self.at)
        if end < 0:
            raise Unreadable
        text, self.at = self.text[self.at : end], end + 1
        return text

    def _listed(self, depth: int) -> Any:
        """What stands in parentheses: a list, or fields of its own."""
        if self.eat(":)"):
            return {}
        if self.eat(")"):
            return []
        keyed = re.compile(r"[A-Za-z_]\w*: ").match(self.text, self.at) is not None
        listed: list[Any] = []
        fields: dict[str, Any] = {}
        while True:
            if keyed:
                key = self.match(re.compile(r"[A-Za-z_]\w*(?=: )"))
                self.need(": ")
                _allow(key)
                fields[key] = self.value(depth)
            else:
                listed.append(self.value(depth))
            if self.eat(")"):
                return fields if keyed else listed
            self.need(", ")

    def fields(self) -> list[tuple[tuple[str, ...], Any]]:
        """`an orbit distance of 2 m, a viewing angle of 40 deg`."""
        made = []
        while True:
            for article in ("an ", "a "):
                if self.eat(article):
                    break
            words = self.match(re.compile(r"[a-z][a-z ]*?(?= of )"))
            self.need(" of ")
            made.append((path_of(words), self.value()))
            if not self.eat(", "):
                return made


def _allow(key: str) -> None:
    if key in FORBIDDEN:
        raise Unreadable


def path_of(words: str) -> tuple[str, ...]:
    """The fields that words name, the longest names first. Raises where they name none."""
    parts = words.split(" ")
    for split in range(len(parts), 0, -1):
        name = _fields().get(" ".join(parts[:split]))
        if name is None or name in FORBIDDEN:
            continue
        if split == len(parts):
            return (name,)
        try:
            return (name, *path_of(" ".join(parts[split:])))
        except Unreadable:
            continue
    raise Unreadable


def field_words(path: tuple[str, ...]) -> str:
    """What a path is called."""
    return " ".join(WORDS.get(name, name.replace("_", " ")) for name in path)


@lru_cache(maxsize=1)
def _fields() -> dict[str, str]:
    """Words -> the field that is called so."""
    return {WORDS.get(name, name.replace("_", " ")): name for name in sorted(field_names())}


def statements_of(prompt: str) -> list[Statement]:
    """All statements of a prompt, in order."""
    found: list[Statement] = []
    at = 0
    while at < len(prompt):
        openings = [one for one in (OPENING.search(prompt, at), WHOLE.search(prompt, at)) if one is not None]
        if not openings:
            break
        opening = min(openings, key=lambda one: one.start())
        reader = _Reader(prompt, opening.end())
        try:
            given = _given(opening, reader)
            reader.need(".")
        except Unreadable:
            at = opening.end()
            continue
        found.append(Statement(opening.start(), reader.at, given))
        at = reader.at
    return found


def _given(opening: re.Match[str], reader: _Reader) -> tuple[tuple[tuple[str, ...], Any], ...]:
    groups = opening.groupdict()
    if "key" in groups:
        key = groups["key"]
        return (((KEYS.get(key, key),), reader.value()),)
    root = (OWNERS[groups["kind"]], groups["name"]) if groups["kind"] else (PARTS[groups["part"]],)
    if groups["is"]:
        return ((root, reader.value()),)
    return tuple(((*root, *path), value) for path, value in reader.fields())


def apply_statements(spec: dict[str, Any], statements: list[Statement]) -> dict[str, Any]:
    """The spec with what the statements give; what stood there goes."""
    made = _copied(spec)
    for path, value in [given for statement in statements for given in statement.given]:
        _owner_of(made, path)[path[-1]] = value
    return made


def _owner_of(node: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """What holds the last field of a path, made where it is not there."""
    for key in path[:-1]:
        inner = node.get(key)
        if not isinstance(inner, dict) or "dist" in inner:
            inner = node[key] = {}
        node = inner
    return node


def _copied(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _copied(value) for key, value in node.items()}
    return [_copied(value) for value in node] if isinstance(node, list) else node


def without(prompt: str, statements: list[Statement]) -> str:
    """The prompt with blanks where statements stand, so that everything else keeps its place."""
    for one in statements:
        prompt = f"{prompt[: one.start]}{' ' * (one.end - one.start)}{prompt[one.end :]}"
    return prompt


def spans_with(spans: list[dict[str, Any]], prompt: str, statements: list[Statement]) -> list[dict[str, Any]]:
    """The spans of the rest of a prompt, and those of its statements; together they are the whole prompt again."""
    made: list[dict[str, Any]] = []
    for span in spans:
        at, end = span["span"]
        for one in statements:
            if at <= one.start < end:
                made += _piece(span, prompt, at, one.start)
                made.append({"span": [one.start, one.end], "text": prompt[one.start : one.end], "kind": "understood"} | {
                    "as": f"statement: {'.'.join(one.given[0][0])}"})  # fmt: skip
                at = one.end
        made += _piece(span, prompt, at, end)
    return made


def _piece(span: dict[str, Any], prompt: str, start: int, end: int) -> list[dict[str, Any]]:
    return [{**span, "span": [start, end], "text": prompt[start:end]}] if end > start else []
