"""YAML text to plain data with a line number for every value, and plain data back to YAML.

Method: PyYAML's event stream (a state machine, so nesting cannot exhaust the stack) is composed here with the scalar rules of
the YAML 1.2 core schema (Ben-Kiki, Evans, doet Net, 2021): `on`, `yes` and `NO` are words, `1e5` is a number, `0123` is 123 and
`1:30` is a word. Keys are always words. Duplicate keys, tags, several documents and merge keys are errors. Text size, depth and
the number of values counted through aliases are limited before anything is validated.

Limits: a spec is one document of mappings, lists and scalars; comments do not survive `dump`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

from ..errors import SpecError

Path = tuple[str | int, ...]

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_NODES = 100_000
MAX_DIGITS = 64

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+", re.ASCII)
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NAMES = {"int": "a number", "float": "a number", "str": "a word or text", "bool": "true or false", "NoneType": "nothing"}


def path_text(path: Path) -> str:
    """`entities.domino.morph.size[0]` from ("entities", "domino", "morph", "size", 0)."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "top level"


def kind_text(value: Any) -> str:
    """What a plain value is, in words for an error message."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    shown = repr(value)
    return f"{_NAMES.get(type(value).__name__, 'something else')} ({shown if len(shown) <= 60 else shown[:57] + '...'})"


@dataclass
class Source:
    """Where a document came from: a name for messages and the line (from 1) of every path."""

    name: str
    lines: dict[Path, int] = field(default_factory=dict)

    def where(self, path: Path) -> str:
        """`file:line: path`, with the line of the nearest enclosing value that has one."""
        for length in range(len(path), -1, -1):
            line = self.lines.get(path[:length])
            if line is not None:
                return f"{self.name}:{line}: {path_text(path)}"
        return f"{self.name}: {path_text(path)}"

    def error(self, path: Path, what: str, allowed: str = "", remedy: str = "") -> SpecError:
        """The error for a value at that path."""
        return SpecError(self.where(path), what, allowed, remedy)


@dataclass(frozen=True)
class _Value:
    """A composed value with the lines inside it relative to its own path; shared by anchors and aliases."""

    data: Any
    size: int
    lines: dict[Path, int]


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return mark.line + 1 if mark else 0  # the parser marks all that it reads


class _Composer:
    """Builds plain data from events; one instance per document."""

    def __init__(self, events: Iterator[yaml.Event], source: Source):
        self.events, self.source = events, source
        self.anchors: dict[str | None, _Value] = {}
        self.nodes = 0

    def fail(self, event: yaml.Event, path: Path, what: str, allowed: str = "", remedy: str = "") -> SpecError:
        return SpecError(f"{self.source.name}:{_line(event)}: {path_text(path)}", what, allowed, remedy)

    def compose(self, event: yaml.Event, path: Path) -> _Value:
        """The value that starts with `event`."""
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, path)
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)  # nothing else starts a value
        if len(path) > MAX_DEPTH:
            raise self.fail(event, path[:3], "the document is nested too deeply", f"at most {MAX_DEPTH} levels")
        if event.tag not in (None, "!"):
            raise self.fail(event, path, f"the tag {event.tag!r} is not allowed", "plain values only", "remove it")
        self.count(event, path, 1)
        line = _line(event)
        if isinstance(event, yaml.ScalarEvent):
            value = _Value(self.scalar(event, path), 1, {(): line})
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self.sequence(path, line)
        else:
            value = self.mapping(path, line)
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        return value

    def count(self, event: yaml.Event, path: Path, size: int) -> None:
        self.nodes += size
        if self.nodes > MAX_NODES:
            raise self.fail(
                event, path[:3], "the document has too many values, counted through aliases", f"at most {MAX_NODES}",
                "use `count` and `arrange` for many bodies",
            )  # fmt: skip

    def alias(self, event: yaml.AliasEvent, path: Path) -> _Value:
        value = self.anchors.get(event.anchor)
        if value is None:
            raise self.fail(event, path, f"the alias *{event.anchor} names nothing before it", "an anchor that is complete")
        self.count(event, path, value.size)
        return value

    def sequence(self, path: Path, line: int) -> _Value:
        items: list[Any] = []
        lines: dict[Path, int] = {(): line}
        size = 1
        for event in iter(self.events.__next__, None):
            if isinstance(event, yaml.SequenceEndEvent):
                break
            value = self.compose(event, (*path, len(items)))
            lines.update({(len(items), *inner): at for inner, at in value.lines.items()})
            size += value.size
            items.append(value.data)
        return _Value(items, size, lines)

    def mapping(self, path: Path, line: int) -> _Value:
        items: dict[str, Any] = {}
        lines: dict[Path, int] = {(): line}
        size = 1
        for event in iter(self.events.__next__, None):
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self.key(event, path, items, lines)
            value = self.compose(next(self.events), (*path, key))
            lines.update({(key, *inner): at for inner, at in value.lines.items()})
            lines[(key,)] = _line(event)
            size += value.size + 1
            items[key] = value.data
        return _Value(items, size, lines)

    def key(self, event: yaml.Event, path: Path, items: dict[str, Any], lines: dict[Path, int]) -> str:
        if not isinstance(event, yaml.ScalarEvent) or event.tag not in (None, "!"):
            raise self.fail(event, path, "a key is not a word", "keys are plain words")
        self.count(event, path, 1)
        key = str(event.value)
        if key == "<<":
            raise self.fail(event, path, "merge keys (<<) are not part of YAML 1.2", "", "write the keys out")
        if len(key) > MAX_DIGITS:
            raise self.fail(event, path, f"a key of {len(key)} characters is too long", f"at most {MAX_DIGITS}")
        if key in items:
            first = lines[(key,)]
            raise self.fail(event, (*path, key), f"the key {key!r} is there twice", f"first in line {first}", "remove one")
        return key

    def scalar(self, event: yaml.ScalarEvent, path: Path) -> Any:
        text = str(event.value)
        if not event.implicit[0] or event.style not in (None, ""):
            return text
        value = _plain_scalar(text)
        if value is not text and len(text) > MAX_DIGITS:
            raise self.fail(event, path, f"a number of {len(text)} characters is too long", f"at most {MAX_DIGITS}")
        if isinstance(value, float) and not abs(value) < float("inf"):
            raise self.fail(event, path, f"{text} is not a finite number", "finite numbers only")
        return value


def _plain_scalar(text: str) -> Any:
    """An unquoted scalar by the YAML 1.2 core schema; the very same object when it is text."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text) if len(text) <= MAX_DIGITS else 0
    if _BASED.fullmatch(text):
        return int(text, 0) if len(text) <= MAX_DIGITS else 0
    if _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float("nan") if "n" in text.lower()[-3:] and "i" not in text.lower() else float("inf")
    return text


def read_yaml(text: str, name: str) -> tuple[Any, Source]:
    """Plain data and its `Source`. Raises `SpecError` with file and line for anything that is not one small YAML document."""
    source = Source(name)
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise SpecError(name, f"the text is {len(text)} characters long", f"at most {MAX_BYTES} bytes")
    try:
        events = yaml.parse(text, Loader=yaml.SafeLoader)
        composer = _Composer(events, source)
        next(events)
        event = next(events)
        if isinstance(event, yaml.StreamEndEvent):
            raise SpecError(f"{name}:1: top level", "the document is empty", "", "write at least `spec: 1` and `entities`")
        value = composer.compose(next(events), ())
        next(events)
        event = next(events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise composer.fail(event, (), "a second document starts here", "one document per file")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        reason = " ".join(part for part in (error.context, error.problem) if part)
        raise SpecError(f"{name}:{line}: top level", f"this is not valid YAML ({reason})") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise SpecError(f"{name}:{line}: top level", f"a character is not allowed in YAML ({error.reason})") from error
    source.lines = value.lines
    return value.data, source


def read_file(path: str | FilePath) -> str:
    """The text of a UTF-8 file of at most `MAX_BYTES`. Raises `SpecError`."""
    file = FilePath(path)
    if file.is_dir():
        raise SpecError(str(path), "this is a folder", "a YAML file")
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise SpecError(str(path), f"the file has {size} bytes", f"at most {MAX_BYTES} bytes")
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise SpecError(str(path), "there is no such file", "", "check the path") from error
    except UnicodeDecodeError as error:
        raise SpecError(str(path), f"byte {error.start} is not UTF-8 text", "YAML text in UTF-8") from error
    except OSError as error:
        raise SpecError(str(path), f"the file cannot be read ({error.strerror})") from error


class _SpecDumper(yaml.SafeDumper):
    """Quotes whatever YAML 1.1 or YAML 1.2 would read as something other than text."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


for _pattern in (_INT, _BASED, _FLOAT):
    _SpecDumper.add_implicit_resolver(
        "tag:yaml.org,2002:float", re.compile(rf"^(?:{_pattern.pattern})$"), list("-+.0123456789")
    )


def write_yaml(data: Any) -> str:
    """YAML text of plain data; `read_yaml` gives the data back exactly."""
    return yaml.dump(data, Dumper=_SpecDumper, sort_keys=False, allow_unicode=True, width=120)
