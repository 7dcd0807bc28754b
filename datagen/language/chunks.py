"""Tokens -> chunks: things, verbs, conditions, relations, directions, quantities and cues, the longest match first.

What no table knows becomes a chunk `unknown`.
"""

from dataclasses import dataclass
from typing import Any

from . import lexicon as lex
from . import tokens as tk
from .attributes import attribute
from .cues import (
    ASIDES,
    BLOWS,
    CAMERAS_SAID,
    CHANGES,
    CONDITIONAL,
    CUES,
    FACTORS,
    LEADS,
    LINKS,
    PLACES,
    PRONOUNS,
    PROPERTIES,
    QUICK,
)
from .framing import framing
from .noun_phrases import EXTENT, extents, noun, noun_phrase, phrase
from .surroundings import surrounding
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
            if (
                made.data in CONDITIONAL or made.data == "lacking" or (made.data == "not" and made.end - made.start > 1)
            ):  # `it must not fall over`
                mode = "condition"
            elif made.data == "modal" or (made.data == "not" and words.low(made.end) in ("let", "allow")):
                mode = "condition"
            elif made.data in ("stop", "then", "camera", "record", "pause") or (
                made.data == "comma" and mode == "condition" and _opens(out)
            ):
                mode = "command"
        if (
            made.kind in ("amount", "delay")
            and mode == "condition"
            and out
            and out[-1].kind == "cue"
            and out[-1].data == "after"
        ):
            mode = "command" if isinstance(made.data, Amount) and made.data.dimension == "time" else mode  # `after 2 s hit it`
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
    if (framed := framing(words, here)) > here:
        return Chunk("told", here, framed)
    if side := _beside(words, here):
        return side
    cued = phrase(words, here, CUES, False, 9)
    longer = cued[1] if cued else here
    if (aside := phrase(words, here, ASIDES, False, 9)) and aside[1] > max(here + 1, longer - 1) and aside[0] != "of them":
        return Chunk("glue", here, aside[1])
    if said := phrase(words, here, CAMERAS_SAID, False):
        views = {"one", "another"} & {words.low(k) for k in range(said[1], said[1] + 4)}
        return Chunk("glue" if views else "unknown", here, said[1])
    if low in ("film", "record", "show") and words.low(here + 1) in ("a", "an", "the", "how", "what"):
        return Chunk("glue", here, here + 1)
    if around := surrounding(words, here):
        return Chunk("told" if around.what == "told" else "setting", here, around.after, around)
    if times := _times(words, here):
        return times
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
    if found := attribute(words, here):
        name = " ".join(words.low(at) for at in range(here, found.after))
        kind = {"told": "told", "usual": "glue", "shape": "told", "arranged": "unknown"}.get(found.kind, "attribute")
        return Chunk(kind, here, found.after, name)
    if low in FACTORS:
        return Chunk("factor", here, here + 1, FACTORS[low])
    if low in PROPERTIES and any(one.kind == "factor" for one in before[-2:]):  # `twice the force`
        return Chunk("attribute" if low in MEASURES else "glue", here, here + 1, MEASURES.get(low))
    if low in CHANGES:
        return Chunk("change", here, here + 1, CHANGES[low])
    if low in ("strong", "hard", "high", "great", "much") and any(one.kind == "factor" for one in before[-2:]):
        return Chunk("glue", here, here + 1)  # `twice as strong`
    if low == "like" and (words.low(here - 1) in ("would", "i'd", "'d", "we'd") or tk.amount(words, here + 1)):
        return Chunk("glue", here, here + 1)
    if aside:
        return Chunk("glue", here, aside[1])
    spread = low == "each" and before and before[-1].kind in ("cue", "amount", "size", "thing")
    return Chunk("glue" if low in lex.GLUE or spread else "unknown", here, here + 1)


OWN = ("its", "their", "his", "her")


def _beside(words: Words, here: int) -> Chunk | None:
    """`To its right`: right of it; `a hand`: who acts, not what is done."""
    low, after, third = (words.low(here + k) for k in range(3))
    if low in ("to", "on", "at") and after in OWN and third in ("left", "right"):
        return Chunk("relation", here, here + 1, f"{third}_of")
    if low in OWN and after in ("left", "right") and words.low(here - 1) in ("to", "on", "at"):
        return Chunk("pronoun", here, here + 2 + (third == "side"), "it")
    if (
        low in lex.PEOPLE
        and words.low(here - 1) in ("a", "the", "my", "somebody's", "someone's", "your")
        and noun(words, here) is None
    ):
        return Chunk("unknown", here, here + 1)
    return None


GUARDED = ("had", "and once", "once more", "imagine", "picture", "assume", "assume that",
    "get", "score", "award", "earn", "earns", "lose", "loses", "deduct", "subtract", "minus", "penalty", "bonus",
    "camera", "and if",
           "duration", "simulate", "what about", "how about", "so", "which", "under", "below", "above", "beyond", "further"
           , "only",
           "alternatively", "what would happen", "grant", "receive", "receives", "you get", "i get", "it gets", "we want"
           , "give it", "/",
           "take off", "ensure", "precisely", "exactly", "may", "might", "precisely", "reward of")  # fmt: skip


def _guard(words: Words, here: int, name: str, after: int) -> bool:
    """Whether an everyday word is a cue here."""
    next_low = words.low(after)
    if name == "had":  # `had the box been lighter`
        return words.low(here - 1) in ("", ".", ";", "!", "?") and any(words.low(after + k) == "been" for k in range(7))
    if name in ("and once", "once more"):
        return phrase(words, after, PLACES, False) is not None
    if name in ("imagine", "picture", "assume", "assume that"):
        return any(words.low(after + k) in ("were", "was", "had", "weighed", "wasn't", "weren't") for k in range(9))
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
    cue = phrase(words, here, CUES, False, 9)
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
    if cue[0].startswith("or "):
        return (
            Chunk("cue", here, cue[1], kind)
            if any(one.kind == "amount" or one.kind == "thing" for one in before[-2:])
            else None
        )
    if kind == "view" and not {words.low(k) for k in range(max(here - 24, 0), here)} & {
        "cameras",
        "views",
        "angles",
        "sides",
        "camera",
        "view",
    }:
        return None
    if kind == "view":
        view = phrase(words, cue[1], lex.CAMERAS, False)
        return Chunk("camera", here, view[1], view[0]) if view else None
    if cue[0] == "up to" and mode == "command" and tk.amount(words, here):  # `with up to 10 N`
        return None
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
    if named[0] in ("measuring", "measures", "sized", "size") and (sides := extents(words, after)):
        return Chunk("sides", here, sides[1], sides[0])
    value = tk.amount(words, after)
    if value is None or (named[0] in BLOWS and words.low(here) not in ("with", "by")):
        return None
    end = value[1]
    if words.low(here) not in ("from", "to") and words.low(end) in ("each", "apiece"):
        end += 1
    return Chunk("size", here, end, (PROPERTIES[named[0]], value[0]))


MADE_OF = set(
    "made of,made out of,made from,of,from,built of,built from,built out of,consisting of,made entirely of,made up of,cut from,"
    "carved from,carved out of,constructed of,out of,covered with,covered in,coated with,coated in,replaced by,"
    "replaced with".split(",")
)  # fmt: skip


def _made_of(words: Words, here: int) -> Chunk | None:
    made_of = phrase(words, here, MADE_OF, False)
    stuff = attribute(words, made_of[1]) if made_of else None
    if (
        made_of is None
        or stuff is None
        or stuff.kind != "material"
        or (made_of[0] in ("of", "from") and noun(words, made_of[1]))
    ):
        return None
    return Chunk("material", here, stuff.after, stuff.value)


def _named(words: Words, here: int, mode: str, before: list[Chunk]) -> Chunk | None:
    """A thing, a quantity or a pronoun; in a condition, first what happens."""
    low = words.low(here)
    if (
        mode == "condition"
        and (found := phrase(words, here, lex.CONDITIONS))
        and not (found[1] - here == 2 and phrase(words, found[1] - 1, PLACES, False))
    ):
        return Chunk("happens", here, found[1], found[0])
    if (
        mode == "condition"
        and low in STANCES
        and words.low(here - 1) not in ("be", "is", "are", "stay", "stays", "remain", "remains")
    ):
        return Chunk("happens", here, here + 1, STANCES[low])
    thing = noun_phrase(words, here)
    alone = thing is not None and thing[1] == here + 1
    if (
        alone
        and any(one in lex.VERBS for one in tk.forms(low))
        and words.low(here + 1) in ("a", "an", "the", "it", "them", "its", "his", "her", "two", "three")
    ):
        return None  # `bowl a ball`
    if (
        alone
        and before
        and before[-1].kind in ("thing", "pronoun", "size", "sides", "material")
        and low not in lex.MATERIALS
        and _inflected(low)
    ):
        return None  # `the mug stands behind the bottle`
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
    if (value := tk.amount(words, here)) and (value[0].dimension != "count" or before or low == "none"):
        return _amount_chunk(words, here, value)
    return Chunk("pronoun", here, here + 1, low) if low in PRONOUNS else None


MEASURES = {"mass": "heavy", "weight": "heavy", "size": "big", "height": "tall", "length": "long", "width": "wide",
            "thickness": "thick",
            "radius": "big", "diameter": "big", "bounciness": "bouncy", "angle": "steep", "slope": "steep"}  # fmt: skip
"""Properties as the adjectives that a factor multiplies."""


def _times(words: Words, here: int) -> Chunk | None:
    """`Three times as heavy`, `1.5 times the mass`, `20 % heavier`: a factor."""
    found = tk.number(words, here)
    if found is None or found[0] <= 0.0:
        return None
    value, after = found
    if words.low(after) in ("times", "x", "×") and not tk.number(words, after + 1):
        heavier = words.low(after + 1) in COMPARED
        return Chunk("factor", here, after + 1 + (words.low(after + 1) in ("as", "more", "the")) * (not heavier), value)
    if words.low(after) in ("%", "percent") and (words.low(after + 1) in COMPARED or words.low(after + 1) in ("more", "less")):
        less = words.low(after + 1) in ("less", "lighter", "smaller", "shorter", "slower", "weaker", "lower")
        return Chunk("factor", here, after + 1, 1.0 + (-0.01 if less else 0.01) * value)
    return None


COMPARED = {"heavier", "lighter", "bigger", "larger", "smaller", "taller", "longer", "wider", "shorter", "steeper", "faster",
            "slower",
            "stronger", "weaker", "higher", "thicker"}  # fmt: skip


STANCES = {
    "upright": "be upright",
    "standing": "be upright",
    "still": "be still",
    "motionless": "be still",
    "stationary": "be still",
}
"""Adjectives that claim something by themselves: `keep the cup upright`."""


def _inflected(low: str) -> bool:
    """Whether a word is a form of a verb with an ending: `stands`, `rolled`."""
    return any(one in lex.VERBS for one in tk.forms(low)[1:])


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
