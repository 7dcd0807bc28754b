"""Tokens -> chunks: things, verbs, conditions, relations, directions, quantities and cues, the longest match first.

Words with several senses (`orange ball`, `a glass bowl`, `let the glass fall`) are told apart by what follows: a word is an
attribute only where a noun comes after it. What no table knows becomes a chunk `unknown`.
"""

from dataclasses import dataclass, field
from typing import Any

from . import lexicon as lex
from . import tokens as tk
from .tokens import Amount, Words

CUES = {
    "what if": "what_if", "what would happen if": "what_if", "what happens if": "what_if", "suppose": "what_if", "and what if": "what_if", "compare with": "what_if", "how about if": "what_if",
    "succeed if": "success", "succeeds if": "success", "success if": "success", "success is when": "success", "success when": "success", "the goal is that": "success",
    "the goal is to": "success", "the goal is for": "success", "goal is that": "success", "so that": "success", "until it succeeds": "success", "it is a success if": "success", "the task is done when": "success", "succeed when": "success", "succeeds when": "success", "the task succeeds when": "success", "the task succeeds if": "success", "it counts as success if": "success", "make sure that": "success", "make sure": "success", "keep": "keep",
    "fail if": "failure", "fails if": "failure", "failure if": "failure", "it fails if": "failure", "the task fails if": "failure", "fail when": "failure", "it is a failure if": "failure", "failure is when": "failure", "fails when": "failure",
    "reward": "reward", "give a reward": "reward", "penalize": "penalty", "penalise": "penalty", "punish": "penalty", "for": "for", "for every": "each", "for each": "each", "every time": "when", "with a penalty for": "penalty", "with a reward for": "reward",
    "then": "then", "and then": "then", "after that": "then", "afterwards": "then", "next": "then", "finally": "then", "later": "later", "first": "first", "at the same time": "while", "simultaneously": "while",
    "when": "when", "once": "when", "as soon as": "when", "until": "until", "while": "while", "without": "without", "after": "after", "before": "before", "if": "if", "but": "but", "unless": "unless",
    "and": "and", ",": "comma", ".": "stop", ";": "stop", "!": "stop", "?": "stop", ":": "stop", "never": "not", "not": "not", "don't": "not", "doesn't": "not", "does not": "not", "do not": "not", "must not": "not", "should not": "not", "cannot": "not", "no longer": "not", "at least": ">=", "at most": "<=", "more than": ">=", "less than": "<=", "over": "over", "no more than": "<=", "faster than": ">=", "slower than": "<=", "higher than": ">=", "lower than": "<=", "farther than": ">=", "further than": ">=", "up to": "<=",
    "film from": "camera", "filmed from": "camera", "film it from": "camera", "seen from": "camera", "viewed from": "camera", "camera from": "camera", "with the camera": "camera", "the camera looks from": "camera", "recorded from": "camera", "watch from": "camera", "shot from": "camera", "view from": "camera", "the camera is": "camera", "watch it from": "camera", "looking from": "camera", "show it from": "camera",
    "record": "record", "run": "record", "last": "record", "lasting": "record", "recorded": "record", "simulate for": "record", "film": "record",
}  # fmt: skip
DETERMINERS = {
    "a",
    "an",
    "the",
    "this",
    "that",
    "these",
    "those",
    "each",
    "every",
    "all",
    "both",
    "another",
    "some",
    "several",
    "any",
    "one",
    "its",
    "no",
    "other",
    "few",
    "many",
}
EXTENT = {"tall": "height", "high": "height", "wide": "width", "long": "length", "thick": "thickness", "deep": "height", "across": "diameter",
          "in diameter": "diameter", "on a side": "side", "on each side": "side", "in radius": "radius", "in height": "height", "in length": "length", "in width": "width", "heavy": "mass", "diameter": "diameter", "radius": "radius", "steep": "angle", "per side": "side"}  # fmt: skip
NAMED = {"diameter": "diameter", "radius": "radius", "height": "height", "width": "width", "length": "length", "mass": "mass",
         "weight": "mass", "thickness": "thickness", "friction": "friction", "slope": "angle", "angle": "angle", "side": "side",
         "restitution": "restitution", "density": "density", "size": "side", "spacing": "spacing", "gap": "spacing", "speed": "speed", "inclination": "angle", "sides": "side", "bounciness": "restitution"}  # fmt: skip
PRONOUNS = {"it", "they", "them", "itself", "everything", "both", "all"}


@dataclass
class Chunk:
    """kind and data of the tokens start..end."""

    kind: str
    start: int
    end: int
    data: Any = None


@dataclass
class NounPhrase:
    """What a noun phrase says. det: its determiner; noun "" where it is only `one`, `the second`, `the others`."""

    det: str = ""
    noun: str = ""
    count: Amount | None = None
    plural: bool = False
    item: str = ""
    color: str = ""
    material: str = ""
    sizes: dict[str, Amount] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)
    states: dict[str, float] = field(default_factory=dict)
    arrange: str = ""
    stuff: str = ""
    volume: Amount | None = None


def phrase(words: Words, at: int, table: Any, inflect: bool = True, most: int = 5) -> tuple[Any, int] | None:
    """The longest entry of a table at a token, in any form of its words; its key and the token after it."""
    for length in range(min(most, len(words.tokens) - at), 0, -1):
        run = [words.low(at + k) for k in range(length)]
        if (exact := " ".join(run)) in table:
            return exact, at + length
        if inflect:
            for head in tk.forms(run[0]):
                for last in tk.forms(run[-1]) if length > 1 else ("",):
                    name = " ".join([head, *run[1:-1], last]) if length > 1 else head
                    if name in table:
                        return name, at + length
    return None


def noun(words: Words, at: int) -> tuple[str, int, bool] | None:
    """A noun of the lexicon, the token after it, and whether it is a plural."""
    for length in (3, 2, 1):
        run = [words.low(at + k) for k in range(length)]
        for last in tk.forms(run[-1]):
            name = " ".join([*run[:-1], last])
            if name in lex.NOUNS or name in lex.SUBSTANCES or (length == 1 and name in lex.STRUCTURES):
                return name, at + length, last != run[-1] and not run[-1].endswith("ing")
    return None


def _sense(words: Words, at: int) -> bool:
    """Whether the word at a token is an attribute: a noun comes after it, at once or after more attributes."""
    here = at + 1
    while (
        words.low(here) in lex.COLORS
        or words.low(here) in lex.MATERIALS
        or words.low(here) in lex.SIZES
        or words.low(here) in lex.STATES
        or words.low(here) in (",", "and")
    ):
        if noun(words, here) and words.low(here) not in lex.COLORS:
            return True
        here += 1
    return noun(words, here) is not None or words.low(here) in ("one", "ones")


def noun_phrase(words: Words, at: int) -> tuple[NounPhrase, int] | None:
    """A noun phrase at a token: determiner, count, attributes, head, and `of` what."""
    made, here = NounPhrase(), at
    while here < len(words.tokens):
        step = _modifier(words, here, made)
        if step == here:
            break
        here = step
    head = noun(words, here)
    if head is None:
        if (
            words.low(here) in ("one", "ones", "item", "thing")
            and here > at
            and (made.color or made.item or made.material or made.factors or made.states)
        ):
            return made, here + 1
        return (made, here) if made.item or (made.det == "the" and made.color) else None
    name, here, made.plural = head
    made.noun = name
    return _of_what(words, made, here)


def _modifier(words: Words, here: int, made: NounPhrase) -> int:
    low = words.low(here)
    if low in ("first", "last", "top", "bottom", "middle", "others", "rest", *tk.ORDINALS) and (
        made.det or low in ("first", "last")
    ):
        if (
            low in ("others", "rest", "top", "bottom", "middle")
            or noun(words, here + 1)
            or words.low(here + 1) in ("one", "ones")
            or made.det == "the"
        ):
            made.item = low
            return here + 1
    if low in DETERMINERS and not made.noun and not (low in ("a", "an") and tk.number(words, here)):
        if low == "one" and (noun(words, here + 1) or _sense(words, here)):
            made.count = Amount((1.0,), "count")
        elif low == "one":
            return here
        if low in ("several", "few", "many", "both", "some"):
            made.count = (
                made.count
                or {
                    "both": None,
                    "some": None,
                    "several": Amount((5.0,), "count"),
                    "few": Amount((3.0,), "count"),
                    "many": Amount((10.0,), "count"),
                }[low]
            )
        made.det = (
            "another"
            if low == "other" and made.det != "the"
            else "other"
            if low == "other"
            else made.det
            if low in ("one", "few", "several", "many") and made.det
            else low
        )
        return here + 1
    if (
        low in lex.COLORS
        and (low not in lex.NOUNS or _sense(words, here))
        and _sense(words, here)
        or (low in lex.COLORS and made.det == "the" and low not in lex.NOUNS)
    ):
        made.color = lex.COLORS[low]
        return here + 1
    if low in lex.MATERIALS and _sense(words, here):
        made.material = lex.MATERIALS[low]
        return here + 1
    if low in lex.SIZES and _sense(words, here):
        made.factors["size"] = lex.SIZES[low]
        return here + 1
    if low in lex.STATES and _sense(words, here):
        key, value = lex.STATES[low]
        (made.states if key in ("friction", "restitution") else made.factors)[key] = value
        return here + 1
    return _quantity(words, here, made)


def _quantity(words: Words, here: int, made: NounPhrase) -> int:
    """A count, or a quantity in front of the noun: `2 kg ball`, `20 cm wide bowl`, `30-degree ramp`, `40 x 40 cm tray`."""
    low = words.low(here)
    if low == "-" or (low == "," and (made.color or made.material or made.sizes) and _sense(words, here)):
        return here + 1 if made.sizes or made.count or made.color or made.material else here
    found = tk.amount(words, here)
    if found is None:
        return here
    value, after = found
    if words.low(after) == "-" and (glued := tk.unit(words, after + 1)):
        value, after = Amount(tuple(v * glued[1] for v in value.values), glued[0], value.kind), glued[2]
    if value.dimension == "count":
        if (
            noun(words, after)
            or _sense(words, after - 1)
            or words.low(after) in ("more", "identical", "equal")
            or tk.amount(words, after)
        ):
            made.count = value
            return after + (words.low(after) in ("more", "identical", "equal"))
        return here
    if value.dimension == "volume" and words.low(after) == "of":
        made.volume = value
        return after + 1
    while words.low(after) == "-":
        after += 1
    extent = phrase(words, after, EXTENT, False)
    if extent:
        if not (noun(words, extent[1]) or _sense(words, extent[1] - 1)):
            return here
        made.sizes[EXTENT[extent[0]]] = value
        return extent[1]
    if noun(words, after) or _sense(words, after - 1):
        made.sizes[{"mass": "mass", "angle": "angle", "volume": "volume"}.get(value.dimension, "side")] = value
        return after
    return here


def _of_what(words: Words, made: NounPhrase, here: int) -> tuple[NounPhrase, int]:
    """`a tower of five blocks`, `a glass of water`, `a cup full of milk`."""
    if made.noun in lex.STRUCTURES:
        kind, made.arrange, _ = lex.STRUCTURES[made.noun]
        below = noun_phrase(words, here + 1) if words.low(here) == "of" else None
        if below and below[0].noun and below[0].noun not in lex.STRUCTURES:
            inner, after = below
            inner.det, inner.arrange, inner.plural = made.det, made.arrange, True
            inner.factors |= {key: value for key, value in made.factors.items() if key == "size"}
            inner.count = inner.count or made.count
            return inner, after
        return made, here
    full = phrase(
        words,
        here,
        {
            "of": 1,
            "full of": 1,
            "filled with": 1,
            "with": 1,
            "half full of": 1,
            "containing": 1,
            "that contains": 1,
            "holding": 1,
        },
        False,
    )
    if full and lex.NOUNS[made.noun].family == "vessel" if made.noun in lex.NOUNS else False:
        assert full is not None
        inner = noun_phrase(words, full[1])
        if inner and inner[0].noun in lex.SUBSTANCES:
            made.stuff, made.volume = inner[0].noun, inner[0].volume
            return made, inner[1]
    return made, here


def chunk(words: Words) -> list[Chunk]:
    """The chunks of a prompt; every token is in exactly one."""
    out: list[Chunk] = []
    here, mode = 0, "command"
    while here < len(words.tokens):
        made = _next(words, here, mode, out)
        if made.kind == "cue":
            if made.data in (
                "success",
                "failure",
                "when",
                "until",
                "without",
                "what_if",
                "if",
                "reward",
                "penalty",
                "keep",
                "after",
                "before",
                "unless",
            ):
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
    place = phrase(
        words,
        here,
        {f"{lead}{name}": name for lead in ("on the ", "on ", "in the ", "in ", "under ", "with ") for name in lex.GRAVITIES},
        False,
    )
    if place and place[0].split()[-1] not in ("mercury", "earth") or (place and place[0].startswith("on ")):
        assert place is not None
        return Chunk(
            "gravity",
            here,
            place[1],
            lex.GRAVITIES[
                place[0]
                .removeprefix("on ")
                .removeprefix("in ")
                .removeprefix("under ")
                .removeprefix("with ")
                .removeprefix("the ")
            ],
        )
    if (cue := phrase(words, here, CUES, False)) and not (
        cue[0] in ("first", "last", "next", "record", "film", "run", "over") and not _is_cue(words, here, cue[1], before, mode)
    ):
        if (
            CUES[cue[0]] in (">=", "<=", "over", "for", "record")
            and not tk.amount(words, cue[1])
            and CUES[cue[0]] in (">=", "<=", "over")
        ):
            pass
        elif not (cue[0] == "after" and not before and False):
            if CUES[cue[0]] in ("camera",) and (view := phrase(words, cue[1], lex.CAMERAS, False)):
                return Chunk("camera", here, view[1], view[0])
            if cue[0] != "shot from":
                return Chunk("cue", here, cue[1], CUES[cue[0]])
    named = phrase(
        words,
        here,
        {
            f"{lead}{name}{link}": key
            for name, key in NAMED.items()
            for lead in ("with a ", "with ", "of ", "has a ", "a ", "with an ", "has ", "in ")
            for link in (" of", "")
        }
        | {
            "weighing": "mass",
            "weighs": "mass",
            "that weighs": "mass",
            "weigh": "mass",
            "apart": "spacing",
            "coefficient of friction": "friction",
        },
        False,
        6,
    )
    if named:
        key = next((NAMED[word] for word in reversed(named[0].split()) if word in NAMED), "mass")
        value = tk.amount(words, named[1])
        if value:
            return Chunk("size", here, value[1], (key, value[0]))
    made_of = phrase(words, here, {"made of": 1, "made out of": 1, "made from": 1, "of": 1, "from": 1}, False)
    if made_of and words.low(made_of[1]) in lex.MATERIALS and (words.low(here) == "made" or not noun(words, made_of[1])):
        return Chunk("material", here, made_of[1] + 1, lex.MATERIALS[words.low(made_of[1])])
    if mode == "condition" and (found := phrase(words, here, lex.CONDITIONS)):
        return Chunk("happens", here, found[1], found[0])
    if (
        (thing := noun_phrase(words, here))
        and not (thing[1] == here + 1 and low in lex.VERBS and low not in lex.NOUNS)
        and not (low in ("drop", "tip", "tap", "pin") and thing[1] == here + 1 and not before)
    ):
        return Chunk("thing", here, thing[1], thing[0])
    if (value := tk.amount(words, here)) and (value[0].dimension != "count" or before):
        return _amount_chunk(words, here, value)
    if low in PRONOUNS:
        return Chunk("pronoun", here, here + 1, low)
    if low == "no" and words.low(here + 1) in ("friction", "gravity"):
        return Chunk("change", here, here + 2, words.low(here + 1))
    if (
        (way := phrase(words, here, lex.DIRECTIONS, False))
        and not phrase_longer(words, here, way[1])
        and not (low == "down" and noun_phrase(words, here + 1))
    ):
        return Chunk("direction", here, way[1], lex.DIRECTIONS[way[0]])
    if (verb := phrase(words, here, lex.VERBS)) and not (low in lex.RELATIONS):
        return Chunk("verb", here, verb[1], lex.VERBS[verb[0]])
    if low in lex.STRENGTH:
        return Chunk("strength", here, here + 1, lex.STRENGTH[low])
    if relation := phrase(words, here, lex.RELATIONS, False):
        return Chunk("relation", here, relation[1], lex.RELATIONS[relation[0]])
    if found := phrase(words, here, lex.CONDITIONS):
        return Chunk("happens", here, found[1], found[0])
    if low in lex.COLORS or low in lex.MATERIALS or low in lex.STATES:
        return Chunk("attribute", here, here + 1, low)
    if low in ("twice", "double", "triple", "half", "halved", "doubled", "tripled"):
        return Chunk(
            "factor", here, here + 1, {"twice": 2.0, "double": 2.0, "doubled": 2.0, "triple": 3.0, "tripled": 3.0}.get(low, 0.5)
        )
    if low in ("missing", "removed", "gone", "absent", "friction", "gravity", "nobody", "nothing"):
        return Chunk(
            "change",
            here,
            here + 1,
            {"removed": "missing", "gone": "missing", "absent": "missing", "nothing": "nobody"}.get(low, low),
        )
    return Chunk("glue" if low in lex.GLUE else "unknown", here, here + 1)


def phrase_longer(words: Words, here: int, end: int) -> bool:
    """Whether a relation reaches farther than a direction: `to the left of the cup`."""
    relation = phrase(words, here, lex.RELATIONS, False)
    return relation is not None and relation[1] > end


def _is_cue(words: Words, here: int, after: int, before: list[Chunk], mode: str) -> bool:
    low = words.low(here)
    if low == "first":
        return not noun(words, after) and words.low(after) not in ("one",) and words.low(here - 1) != "the"
    if low == "over":
        return tk.amount(words, after) is not None
    return words.low(here - 1) != "the" and (
        words.low(after) in ("for", "it", "at") or tk.amount(words, after) is not None or low == "next"
    )


def _amount_chunk(words: Words, here: int, value: tuple[Amount, int]) -> Chunk:
    extent = phrase(words, value[1], EXTENT | {"apart": "spacing", "each": "each", "of distance": "distance"}, False)
    if value[0].dimension == "length" and extent and extent[0] not in ("each", "of distance"):
        return Chunk("size", here, extent[1], ((EXTENT | {"apart": "spacing"})[extent[0]], value[0]))
    if value[0].dimension == "mass":
        return Chunk("size", here, extent[1] if extent else value[1], ("mass", value[0]))
    return Chunk("amount", here, value[1], value[0])
