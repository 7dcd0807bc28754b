"""Chunks -> clauses: what a sentence is made of, and what is known so far (`Reading`)."""

from dataclasses import dataclass, field, replace
from typing import Any

from . import lexicon as lex
from .chunks import Chunk
from .intent import Condition, Intent, Number
from .tokens import Words

KINDS = {"success": "success", "failure": "failure", "when": "when", "until": "until", "without": "without",
    "what_if": "what_if", "lacking": "what_if",
         "if": "what_if", "reward": "reward", "penalty": "penalty", "keep": "keep", "then": "command",
         "while": "command", "after": "when", "stop": "command", "later": "command", "unless": "failure",
         "pause": "pause"}  # fmt: skip


@dataclass
class Clause:
    """A run of chunks and what its cue makes of it."""

    kind: str
    chunks: list[Chunk]
    cue: str = ""


@dataclass
class Reading:
    """The intent so far, the things by salience, and what has to be told: ambiguities, contradictions, impossible things."""

    words: Words
    intent: Intent = field(default_factory=Intent)
    salient: list[str] = field(default_factory=list)
    last_target: str = ""
    speaker: str = ""
    using: str = ""  # the robot of `using the arm, ...`
    group: list[str] = field(default_factory=list)
    pending: Condition | None = None
    waiting: Number | None = None
    ordered: bool = False
    agents: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    typos: dict[str, str] = field(default_factory=dict)
    guessed: set[str] = field(default_factory=set)
    claimed: set[str] = field(default_factory=set)
    picked: dict[str, str] = field(default_factory=dict)
    ambiguities: list[dict[str, Any]] = field(default_factory=list)
    trouble: list[dict[str, Any]] = field(default_factory=list)


def split(chunks: list[Chunk]) -> list[Clause]:
    """Clauses end at signs and cues, and at `and` or a comma before a new verb."""
    out = [Clause("command", [])]
    for at, made in enumerate(chunks):
        if made.kind == "cue" and made.data in KINDS:
            before = out[-1]
            if (
                made.data in ("if", "when", "what_if")
                and before.kind in ("reward", "penalty")
                and not any(one.kind == "happens" for one in before.chunks)
            ):
                before.chunks.append(made)
                continue
            if (
                made.data == "keep"
                and before.kind in ("reward", "penalty")
                and not any(one.kind == "happens" for one in before.chunks)
            ):
                before.chunks.append(replace(made, kind="light"))  # `reward it for keeping the cup upright`
                continue
            kind = KINDS[made.data]
            out.append(Clause(kind, [made], made.data))
        elif made.kind == "cue" and made.data in ("and", "comma", "but", "or") and _starts_clause(chunks, at, out[-1]):
            kind = out[-1].kind
            if kind == "when" or (
                made.data == "comma" and kind == "what_if" and any(one.kind == "verb" for one in chunks[at + 1 : at + 2])
            ):
                kind = "command"
            out.append(Clause(kind, [made], "and"))
        else:
            out[-1].chunks.append(made)
    return [clause for clause in out if clause.chunks]


def _starts_clause(chunks: list[Chunk], at: int, now: Clause) -> bool:
    rest = [
        one
        for one in chunks[at + 1 : at + 5]
        if one.kind not in ("glue", "strength", "light", "agent", "delay")
        and not (one.kind == "cue" and one.data in ("not", "and", "modal"))
    ]
    kinds = [one.kind for one in rest]
    has = any(one.kind in ("verb", "happens") for one in now.chunks)
    if not kinds:
        return False
    if kinds[0] in ("verb", "happens"):
        return True
    if now.kind == "when" and chunks[at].data == "comma" and has:
        return True
    if kinds[0] not in ("thing", "pronoun") or len(kinds) < 2:
        return False
    said = [one.kind for one in now.chunks]
    if kinds[1] == "relation" and rest[1].data not in ("of", "with", "between"):  # `a cup on a table and a ball under it`
        placed = [
            k
            for k, one in enumerate(now.chunks)
            if (one.kind == "relation" and one.data not in ("of", "with", "between"))
            or (one.kind == "happens" and str(one.data).startswith(("be ", "stand ", "rest ", "lie ", "sit ")))
        ]
        return now.kind == "command" and bool(placed) and any(kind in ("thing", "pronoun") for kind in said[placed[0] :])
    if kinds[1] not in ("verb", "happens"):
        return False
    listed = kinds[0] == "thing" and not {"relation", "size", "amount", "attribute", "gravity", "camera", "direction"} & set(
        said
    )
    if not has and now.kind == "command" and "thing" in said and listed and now.cue != "when":
        return rest[0].data.noun in lex.NOUNS and lex.NOUNS[rest[0].data.noun].family == "robot"
    return has or now.kind == "command"
