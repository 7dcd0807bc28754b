"""`tell(spec)`: a spec told back in plain English, and what of it that English does not say.

Method: analysis by synthesis. Every part of the spec offers the ways to say it, from short to explicit; the text is read by
`describe`, the spec that comes out is compared with the one that went in, leaf by leaf, and each sentence takes the
shortest way that leaves the fewest differences. So a telling is never believed: it is `exact` only where reading it gives the
same spec in canonical form (without `name`, `text` and `task.instruction`, which quote the prompt), and otherwise every path
that differs is listed. What plain sentences leave different is stated (`stating`): behind them, where that makes the telling
exact, else instead of them. Limits: what statements cannot say (files, text with quotation marks) differs, and is told as such.
"""

from dataclasses import dataclass
from typing import Any

from datagen.spec.canonical import canonical_json

from .describe import describe
from .stating import stated
from .telling_goals import goal_sentences
from .telling_things import Names, thing_sentences
from .telling_verbs import action_sentences, world_sentences

PASSES = 2
QUOTES = ("name", "text")


@dataclass(frozen=True)
class Told:
    """text: English; differs: paths of the spec whose value another one takes, or none, when the text is read; plain: the
    telling without statements, which says less and reads better."""

    text: str
    differs: tuple[str, ...]
    plain: str

    @property
    def exact(self) -> bool:
        """Whether reading the text gives the same spec."""
        return not self.differs


def tell(spec: dict[str, Any]) -> Told:
    """The telling of a spec. spec: plain data of a document. Never raises for a spec that validates."""
    names = Names(spec)
    slots = [
        slot
        for slot in [*thing_sentences(spec, names), *action_sentences(spec, names), *goal_sentences(spec, names)]
        + world_sentences(spec)
        if slot
    ]
    chosen = [slot[0] for slot in slots]
    best = _differences(spec, chosen)
    for _ in range(PASSES):
        before = list(chosen)
        for at, slot in enumerate(slots):
            chosen, best = _improved(spec, chosen, best, at, slot)
        if not best or chosen == before:
            break
    plain = _joined(chosen)
    return _stated(spec, chosen, best) if best else Told(plain, (), plain)


def _stated(spec: dict[str, Any], chosen: list[str], best: list[str]) -> Told:
    """The telling with statements of what differs, or in statements alone; the first that leaves nothing, else the nearest."""
    plain, whole = _joined(chosen), stated(spec)
    tellings = [[*chosen, *stated(_parts(spec, best))], whole]
    left = []
    for sentences in tellings:
        left.append(_differences(spec, sentences))
        if not left[-1]:
            return Told(_joined(sentences), (), plain)
    nearest = min(range(len(left)), key=lambda at: len(left[at]))
    return Told(_joined(tellings[nearest]), tuple(left[nearest]), plain)


def _parts(spec: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """The fields of a spec at or around these paths: lists and distributions whole."""
    made: dict[str, Any] = {}
    for path in paths:
        node, copy = spec, made
        for key in path.split("."):
            if not isinstance(node, dict) or key not in node:
                break
            inner = node[key]
            if isinstance(inner, dict) and inner and "dist" not in inner:
                node, copy = inner, copy.setdefault(key, {})
                continue
            copy[key] = inner
            break
    return made


def _improved(
    spec: dict[str, Any], chosen: list[str], best: list[str], at: int, slot: list[str]
) -> tuple[list[str], list[str]]:
    """The sentences with the best way to say slot `at`, and what still differs; the first of equally good ways stays."""
    for way in slot:
        if not best:
            break
        tried = [*chosen[:at], way, *chosen[at + 1 :]]
        found = _differences(spec, tried) if way != chosen[at] else best
        if len(found) < len(best):
            best, chosen = found, tried
    return chosen, best


def same(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether two specs are the same in canonical form, but for what quotes their prompts."""
    return canonical_json(_bare(first)) == canonical_json(_bare(second))


def differences(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    """Paths at which two specs differ, sorted; an empty list if and only if they are the `same`."""
    one, other = dict(_leaves(_bare(first))), dict(_leaves(_bare(second)))
    unequal = [path for path in {*one, *other} if path not in one or path not in other or one[path] != other[path]]
    return sorted(unequal)


def _differences(spec: dict[str, Any], sentences: list[str]) -> list[str]:
    made = describe(_joined(sentences), "none").spec
    return differences(spec, made or {})


def _joined(sentences: list[str]) -> str:
    return " ".join(one[0].upper() + one[1:] for one in sentences if one)


def _bare(spec: dict[str, Any]) -> dict[str, Any]:
    made = {key: value for key, value in spec.items() if key not in QUOTES}
    if isinstance(made.get("task"), dict):
        made["task"] = {key: value for key, value in made["task"].items() if key != "instruction"}
    return made


def _leaves(node: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(node, dict) and node:
        return [leaf for key, value in node.items() for leaf in _leaves(value, f"{path}.{key}".lstrip("."))]
    if isinstance(node, list) and node:
        return [leaf for at, value in enumerate(node) for leaf in _leaves(value, f"{path}.{at}")]
    return [(path, canonical_json(node))]
