"""Tokens -> chunks: things, verbs, conditions, relations, directions, quantities and cues, the longest match first.

What no table knows becomes a chunk `unknown`.
"""

from dataclasses import dataclass
from typing import Any

from . import lexicon as lex
from . import tokens as tk
from .noun_phrases import EXTENT, noun, noun_phrase, phrase
from .tokens import Amount, Words

CUES = {
    "what if": "what_if", "what would happen if": "what_if", "what happens if": "what_if", "suppose": "what_if",
    "and what if": "what_if", "compare with": "what_if", "how about if": "what_if",
    "succeed if": "success", "succeeds if": "success", "success if": "success", "success is when": "success",
    "success when": "success", "the goal is that": "success",
    "the goal is to": "success", "the goal is for": "success", "goal is that": "success", "so that": "success",
    "until it succeeds": "success", "it is a success if": "success", "the task is done when": "success",
    "succeed when": "success", "succeeds when": "success", "the task succeeds when": "success",
    "the task succeeds if": "success", "it counts as success if": "success", "make sure that": "success",
    "make sure": "success", "keep": "keep",
    "fail if": "failure", "fails if": "failure", "failure if": "failure", "it fails if": "failure",
    "the task fails if": "failure", "fail when": "failure", "it is a failure if": "failure",
    "failure is when": "failure", "fails when": "failure",
    "give": "reward", "reward": "reward", "give a reward": "reward", "penalize": "penalty", "penalise": "penalty",
    "punish": "penalty",
    "for": "for", "for every": "each", "for each": "each", "every time": "when", "with a penalty for": "penalty",
    "with a reward for": "reward",
    "then": "then", "and then": "then", "after that": "then", "afterwards": "then", "next": "then", "finally": "then",
    "later": "later", "first": "first", "at the same time": "while", "simultaneously": "while",
    "stop when": "until", "stops when": "until", "stop once": "until", "stop as soon as": "until", "stopping when": "until",
    "when": "when", "once": "when", "as soon as": "when", "until": "until", "while": "while", "without": "without",
    "after": "after", "before": "before", "if": "if", "but": "but", "unless": "unless",
    "and": "and", ",": "comma", ".": "stop", ";": "stop", "!": "stop", "?": "stop", ":": "stop", "never": "not",
    "not": "not", "don't": "not", "doesn't": "not", "does not": "not", "do not": "not", "must not": "not",
    "should not": "not", "cannot": "not", "no longer": "not", "at least": ">=", "at most": "<=", "more than": ">=",
    "less than": "<=", "over": "over", "no more than": "<=", "faster than": ">=", "slower than": "<=",
    "higher than": ">=", "lower than": "<=", "farther than": ">=", "further than": ">=", "up to": "<=",
    "film from": "camera", "filmed from": "camera", "film it from": "camera", "seen from": "camera",
    "viewed from": "camera", "camera from": "camera", "with the camera": "camera", "the camera looks from": "camera",
    "recorded from": "camera", "watch from": "camera", "shot from": "camera", "view from": "camera",
    "the camera is": "camera", "watch it from": "camera", "looking from": "camera", "show it from": "camera",
    "record": "record", "run": "record", "last": "record", "lasting": "record", "recorded": "record",
    "simulate for": "record", "film": "record",
}  # fmt: skip
NAMED = {"diameter": "diameter", "radius": "radius", "height": "height", "width": "width", "length": "length", "mass": "mass",
         "weight": "mass", "thickness": "thickness", "friction": "friction", "slope": "angle", "angle": "angle", "side": "side",
         "restitution": "restitution", "density": "density", "size": "side", "spacing": "spacing", "gap": "spacing",
         "speed": "speed", "inclination": "angle", "sides": "side", "bounciness": "restitution",
         "force": "force", "impulse": "force", "strength": "force"}  # fmt: skip
PRONOUNS = {"it", "they", "them", "itself", "everything", "both", "all"}
CONDITIONAL = set("success failure when until without what_if if reward penalty keep after before unless".split())
FACTORS = {"twice": 2.0, "double": 2.0, "doubled": 2.0, "triple": 3.0, "tripled": 3.0, "half": 0.5, "halved": 0.5}
CHANGES = {
    "missing": "missing", "removed": "missing", "gone": "missing", "absent": "missing", "friction": "friction",
    "gravity": "gravity", "nobody": "nobody", "nothing": "nobody",
}  # fmt: skip
PLACES = {
    f"{lead}{name}": value
    for lead in ("on the ", "on ", "in the ", "in ", "under ", "with ")
    for name, value in lex.GRAVITIES.items()
}
PROPERTIES = {
    f"{lead}{name}{link}": key
    for name, key in NAMED.items()
    for lead in ("with a ", "with ", "of ", "has a ", "a ", "with an ", "has ", "in ")
    for link in (" of", "", " that is", " which is", " drawn from")
} | {
    "weighing": "mass", "weighs": "mass", "that weighs": "mass", "weigh": "mass", "apart": "spacing",
    "coefficient of friction": "friction",
}  # fmt: skip


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
            elif made.data in ("stop", "then", "camera", "record") or (
                made.data == "comma" and mode == "condition" and _opens(out)
            ):
                mode = "command"
        out.append(made)
        here = made.end
    return out


def _opens(out: list[Chunk]) -> bool:
    """Whether the condition before this comma opened its sentence: `When it hits the floor, ...`."""
    for made in reversed(out):
        if made.kind == "cue" and made.data in ("when", "if", "after", "before", "unless"):
            position = out.index(made)
            return position == 0 or (
                out[position - 1].kind == "cue" and out[position - 1].data in ("stop", "then", "and", "comma")
            )
        if made.kind == "cue" and made.data in ("stop", "then"):
            return False
    return False


def _next(words: Words, here: int, mode: str, before: list[Chunk]) -> Chunk:
    low = words.low(here)
    made = (
        _gravity(words, here)
        or _cue(words, here, mode, before)
        or _property(words, here)
        or _made_of(words, here)
        or _named(words, here, mode, before)
        or _predicate(words, here)
    )
    if made:
        return made
    if low in lex.COLORS or low in lex.MATERIALS or low in lex.STATES:
        return Chunk("attribute", here, here + 1, low)
    if low in FACTORS:
        return Chunk("factor", here, here + 1, FACTORS[low])
    if low in CHANGES:
        return Chunk("change", here, here + 1, CHANGES[low])
    if low in ("strong", "hard", "high", "great", "much") and any(one.kind == "factor" for one in before[-2:]):
        return Chunk("glue", here, here + 1)  # `twice as strong`
    spread = low == "each" and before and before[-1].kind in ("cue", "amount", "size", "thing")
    return Chunk("glue" if low in lex.GLUE or spread else "unknown", here, here + 1)


def _gravity(words: Words, here: int) -> Chunk | None:
    """`on the moon`, `in zero gravity`; not `in mercury`, which is also a liquid."""
    place = phrase(words, here, PLACES, False)
    if place and (place[0].startswith("on ") or place[0].split()[-1] not in ("mercury", "earth")):
        return Chunk("gravity", here, place[1], PLACES[place[0]])
    return None


def _cue(words: Words, here: int, mode: str, before: list[Chunk]) -> Chunk | None:
    cue = phrase(words, here, CUES, False)
    if cue is None or (
        cue[0] in ("first", "last", "next", "record", "film", "run", "over", "give")
        and not _is_cue(words, here, cue[1], before, mode)
    ):
        return None
    kind = CUES[cue[0]]
    if kind in (">=", "<=", "over") and not tk.amount(words, cue[1]):
        return None
    if kind == "camera" and (view := phrase(words, cue[1], lex.CAMERAS, False)):
        return Chunk("camera", here, view[1], view[0])
    return None if cue[0] == "shot from" else Chunk("cue", here, cue[1], kind)


def _property(words: Words, here: int) -> Chunk | None:
    """`with a mass of 2 kg`, `weighing 300 g`."""
    named = phrase(words, here, PROPERTIES, False, 6)
    value = tk.amount(words, named[1]) if named else None
    return Chunk("size", here, value[1], (PROPERTIES[named[0]], value[0])) if named and value else None


def _made_of(words: Words, here: int) -> Chunk | None:
    made_of = phrase(words, here, {"made of", "made out of", "made from", "of", "from"}, False)
    if made_of and words.low(made_of[1]) in lex.MATERIALS and (words.low(here) == "made" or not noun(words, made_of[1])):
        return Chunk("material", here, made_of[1] + 1, lex.MATERIALS[words.low(made_of[1])])
    return None


def _named(words: Words, here: int, mode: str, before: list[Chunk]) -> Chunk | None:
    """A thing, a quantity or a pronoun; in a condition, first what happens."""
    low = words.low(here)
    if mode == "condition" and (found := phrase(words, here, lex.CONDITIONS)):
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
        words.low(after) in ("for", "it", "at") or tk.amount(words, after) is not None or low == "next"
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
