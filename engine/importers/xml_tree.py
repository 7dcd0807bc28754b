"""Safe XML with line numbers: elements and attributes only; DOCTYPE (and with it every entity) is refused.

Uses expat directly, because the standard tree builder forgets lines. Limits: MAX_ELEMENTS elements, MAX_DEPTH levels.
"""

import xml.parsers.expat
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import ImportFileError
from engine.importers.files import read_model

MAX_ELEMENTS, MAX_DEPTH = 1_000_000, 500


@dataclass
class Element:
    """One XML element with the place where it was read."""

    tag: str
    attributes: dict[str, str]
    file: str
    line: int
    children: list["Element"] = field(default_factory=list)

    @property
    def where(self) -> str:
        """file:line: <tag name>."""
        name = self.attributes.get("name")
        return f"{self.file}:{self.line}: <{self.tag}{f' {name}' if name else ''}>"

    def all(self, *tags: str) -> list["Element"]:
        """Children with one of these tags."""
        return [child for child in self.children if child.tag in tags]

    def first(self, tag: str) -> "Element | None":
        """The first child with this tag."""
        return next((child for child in self.children if child.tag == tag), None)

    def numbers(self, name: str, counts: int | tuple[int, ...] | None = None) -> tuple[float, ...] | None:
        """The numbers of an attribute, or None when it is missing. Raises ImportFileError on anything else or another count."""
        return None if name not in self.attributes else parse_numbers(self, name, self.attributes[name], counts)


def parse_numbers(element: Element, name: str, text: str, counts: int | tuple[int, ...] | None = None) -> tuple[float, ...]:
    """Numbers separated by spaces. Raises ImportFileError that names the element and attribute."""
    try:
        values = tuple(float(word) for word in text.split())
    except ValueError as error:
        raise ImportFileError(
            element.where, f"{name}={text!r} is no list of numbers", "allowed: numbers", "correct it"
        ) from error
    allowed = (counts,) if isinstance(counts, int) else counts
    if allowed is not None and len(values) not in allowed:
        raise ImportFileError(
            element.where,
            f"{name}={text!r} has {len(values)} numbers",
            f"allowed: {' or '.join(map(str, allowed))}",
            "correct it",
        )
    return values


def parse_xml(path: Path) -> Element:
    """The root element of a file. Raises ImportFileError with file:line on anything but plain XML."""
    return _parse(path, read_model(path))


def root_tag(path: Path) -> str:
    """The tag of the root element."""
    return parse_xml(path).tag


def _parse(path: Path, content: bytes) -> Element:
    parser = xml.parsers.expat.ParserCreate()
    stack: list[Element] = []
    roots: list[Element] = []
    count = 0

    def refuse(*_: object) -> None:
        raise ImportFileError(f"{path}:{parser.CurrentLineNumber}", "a DOCTYPE", "allowed: XML without entities", "remove it")

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MAX_ELEMENTS or len(stack) >= MAX_DEPTH:
            raise ImportFileError(
                f"{path}:{parser.CurrentLineNumber}",
                "too large",
                f"allowed: {MAX_ELEMENTS} elements, {MAX_DEPTH} levels",
                "split it",
            )
        element = Element(tag, attributes, path.name, parser.CurrentLineNumber)
        (stack[-1].children if stack else roots).append(element)
        stack.append(element)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _tag: stack.pop()
    try:
        parser.Parse(content, True)
    except xml.parsers.expat.ExpatError as error:
        raise ImportFileError(
            f"{path}:{error.lineno}", f"broken XML ({error})", "allowed: well-formed XML", "repair it"
        ) from error
    return roots[0]
