"""Noun phrases: determiner, count, attributes, sizes, head, and `of` what: `two heavy red boxes`, `a 30 cm tower of blocks`.

Words with several senses (`orange ball`, `a glass bowl`) are told apart by what follows: a word is an attribute only where a
noun comes after it.
"""

from dataclasses import dataclass, field
from typing import Any

from . import lexicon as lex
from . import tokens as tk
from .tokens import Amount, Words

LONGEST = 24
"""Tokens of a noun phrase; more are no English, and reading stays linear in the length of the prompt."""
DETERMINERS = set(
    "a an the this that these those each every all both another some several any one its no other few many".split()
)
EXTENT = {"tall": "height", "high": "height", "wide": "width", "long": "length", "thick": "thickness", "deep": "height",
    "across": "diameter",
          "in diameter": "diameter", "on a side": "side", "on each side": "side", "in radius": "radius",
          "in height": "height", "in length": "length", "in width": "width", "heavy": "mass", "diameter": "diameter",
          "radius": "radius", "steep": "angle", "per side": "side", "edge length": "side", "side length": "side",
          "edges": "side", "sides": "side", "edge": "side", "length": "length", "width": "width",
          "in size": "side", "thickness": "thickness",
          "wide at the top": "diameter", "slope": "angle", "incline": "angle", "inclination": "angle",
          "spacing": "spacing", "gap": "spacing",
          "gaps": "spacing", "intervals": "spacing", "between them": "spacing",
          "between each": "spacing", "between neighbours": "spacing",
          "between each other": "spacing", "from each other": "spacing",
          "from one another": "spacing", "of space between them": "spacing",
          "between each of them": "spacing", "apart from each other": "spacing", "in mass": "mass"}  # fmt: skip
SIDES = {"left", "right", "leftmost", "rightmost"}
PLAIN = {"stationary", "resting", "plain", "ordinary", "regular", "single", "simple", "standard", "usual", "motionless",
    "typical", "nearby",
         "lone", "separate", "identical", "equal", "new", "old", "nice", "lovely", "unsuspecting", "poor", "empty"}  # fmt: skip
"""Adjectives that say what is the case anyway."""
SHARES = {"half full of": 0.5, "half filled with": 0.5, "full of": 0.95, "filled with": 0.95, "brimming with": 0.95}
"""How full a vessel is then; full leaves a rim."""
FILLED = {*SHARES, "of", "full of", "filled with", "with", "half full of", "containing", "that contains", "holding"}


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
    share: float = 0.0


def phrase(words: Words, at: int, table: Any, inflect: bool = True, most: int = 5) -> tuple[Any, int] | None:
    """The longest entry of a table at a token, in any form of its words; its key and the token after it."""
    for length in range(min(most, len(words.tokens) - at), 0, -1):
        run = [words.low(at + k) for k in range(length)]
        for name in [" ".join(run), *(_forms(run) if inflect else ())]:
            if name in table:
                return name, at + length
    return None


def _forms(run: list[str]) -> list[str]:
    """Words with the first and the last one in every form."""
    if len(run) == 1:
        return list(tk.forms(run[0]))
    return [" ".join([head, *run[1:-1], last]) for head in tk.forms(run[0]) for last in tk.forms(run[-1])]


def noun(words: Words, at: int) -> tuple[str, int, bool] | None:
    """A noun of the lexicon, the token after it, and whether it is a plural."""
    for length in (3, 2, 1):
        run = [words.low(at + k) for k in range(length)]
        for last in tk.forms(run[-1]):
            name = " ".join([*run[:-1], last])
            if name in lex.NOUNS or name in lex.SUBSTANCES or (name in lex.STRUCTURES):
                return name, at + length, last != run[-1] and not run[-1].endswith("ing")
    return None


def _sense(words: Words, at: int) -> bool:
    """Whether the word at a token is an attribute: a noun comes after it, at once or after more attributes."""
    here = at + 1
    if words.low(here) == "," and noun(words, at):  # `blue marble, glass`
        return False
    while (
        words.low(here) in lex.COLORS
        or words.low(here) in lex.MATERIALS
        or words.low(here) in lex.SIZES
        or words.low(here) in lex.STATES
        or words.low(here) in (",", "and")
    ) and here < at + LONGEST:
        if noun(words, here) and words.low(here) not in lex.COLORS:
            return True
        here += 1
    return noun(words, here) is not None or words.low(here) in ("one", "ones")


def noun_phrase(words: Words, at: int) -> tuple[NounPhrase, int] | None:
    """A noun phrase at a token: determiner, count, attributes, head, and `of` what."""
    made, here = NounPhrase(), at
    while here < min(len(words.tokens), at + LONGEST):
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


VAGUE = {"both": None, "some": None, "several": Amount((5.0,), "count"), "few": Amount((3.0,), "count"),
         "many": Amount((10.0,), "count")}  # fmt: skip
"""How many a vague word stands for."""


def _modifier(words: Words, here: int, made: NounPhrase) -> int:
    low = words.low(here)
    if (degree := lex.INTENSE.get(low)) and words.low(here + 1) in (*lex.SIZES, *lex.STATES) and _sense(words, here + 1):
        after = _modifier(words, here + 1, made)
        made.factors = {key: value**degree for key, value in made.factors.items()}
        return after
    if low in ("first", "last", "top", "bottom", "middle", "centre", "center", "others", "rest", *tk.ORDINALS) and (
        made.det or low in ("first", "last") or (low in ("top", "bottom", "middle") and noun(words, here + 1))
    ):
        if (
            low in ("others", "rest", "top", "bottom", "middle", "centre", "center")
            or noun(words, here + 1)
            or words.low(here + 1) in ("one", "ones")
            or made.det == "the"
        ):
            made.item = low
            return here + 1
    if low in PLAIN and _sense(words, here):
        return here + 1
    if low in SIDES and made.det and (noun(words, here + 1) or words.low(here + 1) == "one"):
        made.item = "first" if low.startswith("left") else "last"
        return here + 1
    if low in DETERMINERS and not made.noun and not (low in ("a", "an") and tk.number(words, here)):
        if low == "one" and (noun(words, here + 1) or _sense(words, here)):
            made.count = Amount((1.0,), "count")
        elif low == "one":
            return _quantity(words, here, made)
        if low in ("several", "few", "many", "both", "some"):
            made.count = made.count or VAGUE[low]
        if low == "other":
            made.det = "other" if made.det == "the" else "another"
        elif not (low in ("one", "few", "several", "many") and made.det):
            made.det = low
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


def extents(words: Words, at: int) -> tuple[dict[str, Amount], int] | None:
    """`10 x 20 x 5 cm`, `40 by 40 centimetres`: length, width and height, and the token after them."""
    values: list[float] = []
    here, scale = at, None
    while len(values) < 3 and (found := tk.number(words, here)) is not None:
        values.append(found[0])
        scale = tk.unit(words, found[1])
        here = scale[2] if scale else found[1]
        if words.low(here) not in ("x", "by", "×", "*"):
            break
        here += 1
    if len(values) < 2 or scale is None or scale[0] != "length":
        return None
    names = ("length", "width", "height")[: len(values)]
    return {name: Amount((value * scale[1],), "length") for name, value in zip(names, values, strict=True)}, here


def _quantity(words: Words, here: int, made: NounPhrase) -> int:
    """A count, or a quantity in front of the noun: `2 kg ball`, `20 cm wide bowl`, `30-degree ramp`, `40 x 40 cm tray`."""
    low = words.low(here)
    if low == "-" or (low == "," and (made.color or made.material or made.sizes) and _sense(words, here)):
        return here + 1 if made.sizes or made.count or made.color or made.material else here
    if (sides := extents(words, here)) and (noun(words, sides[1]) or _sense(words, sides[1] - 1)):
        made.sizes |= sides[0]
        return sides[1]
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


def _part(words: Words, here: int, made: NounPhrase) -> tuple[str, int] | None:
    """`three quarters full of`, `a third full of`, `40 % full of`."""
    found = tk.amount(words, here)
    if found is None or found[0].dimension not in ("count", "ratio"):
        return None
    full = phrase(words, found[1], {"full of", "filled with"}, False)
    if full is None:
        return None
    made.share = found[0].middle
    return "part", full[1]


def _of_what(words: Words, made: NounPhrase, here: int) -> tuple[NounPhrase, int]:
    """`a tower of five blocks`, `a glass of water`, `a cup full of milk`."""
    if made.noun in lex.STRUCTURES:
        kind, made.arrange, _ = lex.STRUCTURES[made.noun]
        inside = here + 1 if words.low(here) == "of" else here + 2
        built = words.low(here) == "of" or (words.low(here), words.low(here + 1)) in (
            ("out", "of"),
            ("made", "of"),
            ("made", "from"),
        )
        below = noun_phrase(words, inside) if built else None
        if below and below[0].noun and below[0].noun not in lex.STRUCTURES:
            inner, after = below
            inner.det, inner.arrange, inner.plural = made.det, made.arrange, True
            inner.factors |= {key: value for key, value in made.factors.items() if key == "size"}
            inner.count = inner.count or made.count
            return inner, after
        return made, here
    full = phrase(words, here, FILLED, False) or _part(words, here, made)
    if full and made.noun in lex.NOUNS and lex.NOUNS[made.noun].family == "vessel":
        content = noun_phrase(words, full[1])
        if content and content[0].noun in lex.SUBSTANCES:
            made.stuff, made.volume = content[0].noun, content[0].volume
            made.share = made.share or next((share for name, share in SHARES.items() if full[0] == name), 0.0)
            return made, content[1]
    return made, here
