"""References to bodies: `cup`, `domino[4]` (from 0), `domino[last]`, `domino[first]`, `domino[*]`, `cabinet.top_drawer`,
`cabinet[2].top_drawer`, `panda.hand`.

`parse_reference` reads the text; `items_of` gives the items that it names once the counts are known.
"""

import re
from dataclasses import dataclass

from ..errors import near_matches
from .problems import FieldError

_REFERENCE = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(?:\[([0-9]{1,6}|first|last|\*)\])?(?:\.([A-Za-z0-9_./-]{1,80}))?", re.ASCII)


@dataclass(frozen=True)
class Ref:
    """An entity (or joint) and which of its items: a number, `first`, `last`, `*`, or "" for a bare name; part: of an
    articulated entity or a model, or ""."""

    name: str
    item: str
    part: str = ""


def parse_reference(text: str, known: dict[str, object], what: str) -> Ref:
    """The parts of a reference to one of `known`; `what` names the kind in messages. Raises `FieldError`."""
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise FieldError(f"{text!r} is not a reference", "a name, 'name[3]', 'name[last]', 'name[*]' or 'name.part'")
    name, item = found.group(1), found.group(2) or ""
    if name not in known:
        raise FieldError(f"there is no {what} {name!r}", "", near_matches(name, known))
    return Ref(name, item, found.group(3) or "")


def items_of(ref: Ref, count: int | None) -> tuple[int, ...]:
    """The items that a reference names; count None means one body without a number. Raises `FieldError`."""
    size = 1 if count is None else count
    if ref.item in ("*", ""):
        return tuple(range(size))
    item = {"first": 0, "last": size - 1}.get(ref.item)
    item = int(ref.item) if item is None else item
    if item >= size:
        raise FieldError(f"'{ref.name}[{item}]' does not exist", f"{ref.name} has {size} of them, from [0] to [{size - 1}]")
    return (item,)


def item_name(name: str, count: int | None, item: int, part: str = "") -> str:
    """The name of a body, joint or action of an item: `domino_3`, or `cube` without a count; with a part `cabinet.drawer_1`."""
    full = name if count is None else f"{name}_{item}"
    return f"{full}.{part}" if part else full
