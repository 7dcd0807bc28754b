"""Tokens -> chunks: things, verbs, conditions, relations, directions, quantities and cues, the longest match first.

What no table knows becomes a chunk `unknown`.
"""

from dataclasses import dataclass
from typing import Any

from . import lexicon as lex
from . import tokens as tk
from .cues import ASIDES, BLOWS, CHANGES, CONDITIONAL, CUES, FACTORS, LEADS, LINKS, PLACES, PRONOUNS, PROPERTIES, QUICK
from .noun_phrases import EXTENT, extents, noun, noun_phrase, phrase
from .tokens import Amount, Words


@dataclass
class Chunk:
    """kind and data of the tokens start..end."""

    kind: str
    start: int
    end: int
    data: Any = None


def chunk(words: Words) -> list[Chunk]:
    """The chunks of a prompt; every token is in exactly one."""
    out: list[Chunk] = []
    here, mode = 0, "command"
    while here < len(words.tokens):
        made = _next(words, here, mode, out)
        if made.kind == "cue":
            if made.data in CONDITIONAL or (made.data == "not" and made.end - made.start > 1):  # `it must not fall over`
                mode = "condition"
            elif made.data == "modal" or (made.data == "not" and words.low(made.end) in ("let", "allow")):
                mode = "condition"
            elif made.data in ("stop", "then", "camera", "record") or (
                made.data == "comma" and mode == "condition" and _opens(out)
            ):
                mode = "command"
        out.append(made)
        here = made.end
    return out


def _opens(out: list[Chunk]) -> bool:
    """Whether the condition before this comma opened its sentence: `When it hits the floor, ...`."""
    for position in range(len(out) - 1, max(len(out) - 60, -1), -1):
        made = out[position]
        if made.kind == "cue" and made.data in ("when", "if", "after", "before", "unless"):
            return position == 0 or (
                out[position - 1].kind == "cue" and out[position - 1].data in ("stop", "then", "and", "comma")
            )
        if made.kind == "cue" and made.data in ("stop", "then"):
            return False
    return False


def _next(words: Words, here: int, mode: str, before: list[Chunk]) -> Chunk:
    low = words.low(here)
    if (
        low in ("strong", "hard", "high", "great", "much", "fast", "heavy", "far", "long", "big", "large")
        and (any(one.kind == "factor" for one in before[-2:]) and words.low(here - 1) in ("as", "so"))
        and low not in ("heavy", "big", "large", "long")
    ):
        return Chunk("glue", here, here + 1)  # `twice as strong`
    made = (
        _arranged(words, here)
        or _gravity(words, here)
        or _cue(words, here, mode, before)
        or _property(words, here)
        or _made_of(words, here)
        or _named(words, here, mode, before)
        or _predicate(words, here)
    )
    if made:
        return made
    if low in lex.COLORS or low in lex.MATERIALS or low in lex.STATES or low in lex.SIZES:
        return Chunk("attribute", here, here + 1, low)
    if low in FACTORS:
        return Chunk("factor", here, here + 1, FACTORS[low])
    if low in CHANGES:
        return Chunk("change", here, here + 1, CHANGES[low])
    if low in ("strong", "hard", "high", "great", "much") and any(one.kind == "factor" for one in before[-2:]):
        return Chunk("glue", here, here + 1)  # `twice as strong`
    if low == "like" and (words.low(here - 1) in ("would", "i'd", "'d", "we'd") or tk.amount(words, here + 1)):
        return Chunk("glue", here, here + 1)
    if aside := phrase(words, here, ASIDES, False):
        return Chunk("glue", here, aside[1])
    spread = low == "each" and before and before[-1].kind in ("cue", "amount", "size", "thing")
    return Chunk("glue" if low in lex.GLUE or spread else "unknown", here, here + 1)


GUARDED = ("get", "score", "award", "earn", "earns", "lose", "loses", "deduct", "subtract", "minus", "penalty", "bonus",
    "camera", "and if",
           "duration", "simulate", "what about", "how about", "so", "which", "under", "below", "above", "beyond", "further"
           , "only",
           "alternatively", "what would happen", "grant", "receive", "receives", "you get", "i get", "it gets", "we want"
           , "give it", "/",
           "take off", "ensure", "precisely", "exactly", "nor", "may", "might", "precisely", "reward of")  # fmt: skip


def _guard(words: Words, here: int, name: str, after: int) -> bool:
    """Whether an everyday word is a cue here."""
    next_low = words.low(after)
    if name in ("camera", "duration", "simulate"):
        return next_low in ("from", ":", "at", "is", "in") or tk.amount(words, after) is not None
    if name in (
        "and if",
        "alternatively",
        "what would happen",
        "what about",
        "how about",
        "ensure",
        "may",
        "might",
        "which",
        "so",
        "we want",
        "nor",
    ):
        return name != "we want" or next_low not in ("to",)
    if name == "/":
        return False
    value = tk.amount(words, after)
    if name in ("under", "below", "above", "beyond", "further", "only", "exactly", "precisely"):
        return value is not None and not noun(words, value[1] + 9)
    return (value is not None and value[0].dimension in ("points", "count")) or next_low in (":", "for", "if", "of", "when")


def _arranged(words: Words, here: int) -> Chunk | None:
    found = phrase(words, here, lex.ARRANGEMENTS, False, 6)
    return Chunk("arranged", here, found[1], lex.ARRANGEMENTS[found[0]]) if found else None


def _gravity(words: Words, here: int) -> Chunk | None:
    """`on the moon`, `in zero gravity`; not `in mercury`, which is also a liquid."""
    place = phrase(words, here, PLACES, False)
    if place and (place[0].startswith("on ") or place[0].split()[-1] not in ("mercury", "earth")):
        return Chunk("gravity", here, place[1], PLACES[place[0]])
    return None


def _cue(words: Words, here: int, mode: str, before: list[Chunk]) -> Chunk | None:
    cue = phrase(words, here, CUES, False)
    if (
        cue is None
        or (cue[0] in GUARDED and not _guard(words, here, cue[0], cue[1]))
        or (
            cue[0] in ("first", "last", "next", "record", "film", "run", "over", "give")
            and not _is_cue(words, here, cue[1], before, mode)
        )
    ):
        return None
    kind = CUES[cue[0]]
    if kind in (">=", "<=", "over", "==") and not tk.amount(words, cue[1]):
        return None
    if kind in ("above", "below", "under") and mode != "condition":
        return None
    if kind == "camera" and (view := phrase(words, cue[1], lex.CAMERAS, False)):
        return Chunk("camera", here, view[1], view[0])
    return None if cue[0] == "shot from" else Chunk("cue", here, cue[1], kind)


def _property(words: Words, here: int) -> Chunk | None:
    """`with a mass of 2 kg`, `weighing 300 g`."""
    at = here
    while at < here + 6 and (words.low(at) in LEADS or (at > here and words.low(at) in QUICK)):
        at += 1
    named = phrase(words, at, PROPERTIES, False)
    if named is None:
        return None
    after = named[1]
    while words.low(after) in LINKS:
        after += 1
    value = tk.amount(words, after)
    if value is None or (named[0] in BLOWS and words.low(here) not in ("with", "by")):
        return None
    end = value[1]
    if words.low(here) not in ("from", "to") and words.low(end) in ("each", "apiece"):
        end += 1
    return Chunk("size", here, end, (PROPERTIES[named[0]], value[0]))


def _made_of(words: Words, here: int) -> Chunk | None:
    made_of = phrase(words, here, {"made of", "made out of", "made from", "of", "from"}, False)
    if made_of and words.low(made_of[1]) in lex.MATERIALS and (words.low(here) == "made" or not noun(words, made_of[1])):
        return Chunk("material", here, made_of[1] + 1, lex.MATERIALS[words.low(made_of[1])])
    return None


def _named(words: Words, here: int, mode: str, before: list[Chunk]) -> Chunk | None:
    """A thing, a quantity or a pronoun; in a condition, first what happens."""
    low = words.low(here)
    if (
        mode == "condition"
        and (found := phrase(words, here, lex.CONDITIONS))
        and not (found[1] - here == 2 and phrase(words, found[1] - 1, PLACES, False))
    ):
        return Chunk("happens", here, found[1], found[0])
    thing = noun_phrase(words, here)
    alone = thing is not None and thing[1] == here + 1
    verb = phrase(words, here, lex.VERBS, False)
    if verb and thing and verb[1] > thing[1]:  # `line up the blocks`
        return None
    if (
        thing
        and not (alone and low in lex.VERBS and low not in lex.NOUNS)
        and not (alone and low in ("drop", "tip", "tap", "pin") and not before)
    ):
        return Chunk("thing", here, thing[1], thing[0])
    if sides := extents(words, here):
        return Chunk("sides", here, sides[1], sides[0])
    if (value := tk.amount(words, here)) and (value[0].dimension != "count" or before):
        return _amount_chunk(words, here, value)
    return Chunk("pronoun", here, here + 1, low) if low in PRONOUNS else None


def _predicate(words: Words, here: int) -> Chunk | None:
    """A change, direction, verb, strength, relation, or what happens."""
    low = words.low(here)
    if low == "no" and words.low(here + 1) in ("friction", "gravity"):
        return Chunk("change", here, here + 2, words.low(here + 1))
    if (
        (way := phrase(words, here, lex.DIRECTIONS, False))
        and not phrase_longer(words, here, way[1])
        and not (low == "down" and noun_phrase(words, here + 1))
    ):
        return Chunk("direction", here, way[1], lex.DIRECTIONS[way[0]])
    if (verb := phrase(words, here, lex.VERBS)) and low not in lex.RELATIONS:
        return Chunk("verb", here, verb[1], lex.VERBS[verb[0]])
    if low in lex.STRENGTH:
        return Chunk("strength", here, here + 1, lex.STRENGTH[low])
    if relation := phrase(words, here, lex.RELATIONS, False):
        return Chunk("relation", here, relation[1], lex.RELATIONS[relation[0]])
    found = phrase(words, here, lex.CONDITIONS)
    return Chunk("happens", here, found[1], found[0]) if found else None


def phrase_longer(words: Words, here: int, end: int) -> bool:
    """Whether a relation reaches farther than a direction: `to the left of the cup`."""
    relation = phrase(words, here, lex.RELATIONS, False)
    return relation is not None and relation[1] > end


def _is_cue(words: Words, here: int, after: int, before: list[Chunk], mode: str) -> bool:
    low = words.low(here)
    if low == "first":
        return not noun(words, after) and words.low(after) not in ("one",) and words.low(here - 1) != "the"
    if low in ("over", "give"):  # `give 10 points`, not `give it a push`
        return tk.amount(words, after) is not None
    return words.low(here - 1) != "the" and (
        words.low(after) in ("for", "it", "at")
        or tk.amount(words, after) is not None
        or (low == "next" and words.low(after) != "to")
    )


def _amount_chunk(words: Words, here: int, value: tuple[Amount, int]) -> Chunk:
    extent = phrase(words, value[1], EXTENT | {"apart": "spacing", "each": "each", "of distance": "distance"}, False)
    if value[0].dimension == "length" and words.low(value[1]) == "away" and words.low(value[1] + 1) != "from":
        return Chunk("size", here, value[1] + 1, ("distance", value[0]))
    if value[0].dimension == "length" and extent and extent[0] not in ("each", "of distance"):
        return Chunk("size", here, extent[1], ((EXTENT | {"apart": "spacing"})[extent[0]], value[0]))
    if value[0].dimension == "mass":
        return Chunk("size", here, extent[1] if extent else value[1], ("mass", value[0]))
    return Chunk("amount", here, value[1], value[0])
