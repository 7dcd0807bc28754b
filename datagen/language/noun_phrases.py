"""Noun phrases: determiner, count, attributes, sizes, head, and `of` what: `two heavy red boxes`, `a 30 cm tower of blocks`.

Words with several senses (`orange ball`, `a glass bowl`) are told apart by what follows: a word is an attribute only where a
noun comes after it.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from . import lexicon as lex
from . import tokens as tk
from .attributes import attribute
from .tokens import Amount, Words

LONGEST = 24
"""Tokens of a noun phrase; more are no English, and reading stays linear in the length of the prompt."""
DETERMINERS = set(
    "a an the this that these those each every all both another some several any one its his her their my your our no other "
    "few many".split()
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
ITEMS = set(
    """first last top bottom middle centre center central others rest topmost uppermost highest lowest bottommost upper lower
foremost leftmost rightmost rearmost frontmost hindmost front rear back end final former latter penultimate nearest
closest farthest furthest
""".split()
) | {*tk.ORDINALS}
"""Words that pick one of many."""
BARE = {"others", "rest", "former", "latter", "topmost", "uppermost", "highest", "lowest", "bottommost", "nearest", "closest",
        "farthest", "furthest", "frontmost", "rearmost", "leftmost", "rightmost"}  # fmt: skip
"""Those of them that stand without a noun."""
PARTS = {"foot", "side", "surface", "rim", "corner", "face", "base", "end", "edge", "lip", "tip", "handle", "front", "back",
         "middle", "centre", "center", "underside", "bottom", "top"}  # fmt: skip
"""Parts of things: `the foot of the ladder` is the ladder, which is told."""
GROUPED = {"drop", "pool", "body"}
"""Words for some of a stuff that have no shape of their own."""
PICKED = {
    "in the middle": "middle", "in the centre": "middle", "in the center": "middle", "on the left": "left",
    "on the right": "right",
    "at the left": "left", "at the right": "right", "at the top": "top", "on top": "top", "at the bottom": "bottom",
    "on the bottom": "bottom", "at the end": "last", "at the front": "first", "at the back": "last", "in front": "first",
    "at the far end": "last", "on the far left": "left", "on the far right": "right", "at the start": "first",
    "at the beginning": "first", "in back": "last", "furthest left": "left", "furthest right": "right",
}  # fmt: skip
"""What comes after `the one` and says which."""
COUNTED = {"left": 1, "bottom": 1, "front": 1, "start": 1, "beginning": 1, "ground": 1, "right": -1, "top": -1, "back": -1,
           "end": -1,
           "rear": -1}  # fmt: skip
"""`The third one from the ...`: the direction in which items are counted."""
SHARES = {
    "half full of": 0.5,
    "half filled with": 0.5,
    "full of": 0.95,
    "filled with": 0.95,
    "brimming with": 0.95,
    "filled to the brim with": 0.95,
    "full to the brim with": 0.95,
    "filled to the top with": 0.95,
    "brimful of": 0.95,
    "filled halfway with": 0.5,
    "filled half with": 0.5,
    "half - full of": 0.5,
    "half - filled with": 0.5,
    "completely full of": 0.95,
    "completely filled with": 0.95,
    "nearly full of": 0.85,
    "almost full of": 0.85,
}
"""How full a vessel is then; full leaves a rim."""
FILLED = {
    *SHARES,
    "of",
    "full of",
    "with full of",
    "full with",
    "filled up with",
    "filled by",
    "filled with",
    "with",
    "half full of",
    "containing",
    "that contains",
    "holding",
}


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
    shape: str = ""
    rows: tuple[int, ...] = ()
    told: list[str] = field(default_factory=list)


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
    for length in (5, 4, 3, 2, 1):
        run = [words.low(at + k) for k in range(length)]
        for last in tk.forms(run[-1]):
            name = " ".join([*run[:-1], last])
            described = attribute(words, at - 1) is not None and words.low(at - 1) not in lex.NOUNS
            if name == "stand" and words.low(at - 1) not in DETERMINERS and not described:
                continue  # what things do
            if last != run[-1] and run[-1].endswith("ed"):
                continue  # `loaded` is no load
            if name in lex.NOUNS or name in lex.SUBSTANCES or name in lex.STRUCTURES:
                return name, at + length, last != run[-1] and not run[-1].endswith("ing")
        for first in tk.forms(run[0])[1:] if length > 2 and run[1] == "of" else ():
            name = " ".join([first, *run[1:]])
            if name in lex.NOUNS:
                return name, at + length, True
    return None


def _sense(words: Words, at: int) -> bool:
    """Whether the words before a token are an attribute: a noun comes at it, at once or after more attributes."""
    here = at
    if words.low(here) == "," and noun(words, at - 1):  # `blue marble, glass`
        return False
    while here < at + LONGEST:
        found = attribute(words, here)
        if noun(words, here) and (found is None or found.kind != "color"):
            return True
        if found is not None:
            here = found.after
        elif words.low(here) in (",", "and", "-") or words.low(here) in lex.INTENSE:
            here += 1
        else:
            break
    return noun(words, here) is not None or words.low(here) in ("one", "ones", "item", "thing")


def noun_phrase(words: Words, at: int) -> tuple[NounPhrase, int] | None:
    """A noun phrase at a token: determiner, count, attributes, head, and `of` what."""
    made, here = NounPhrase(), at
    while here < min(len(words.tokens), at + LONGEST):
        if (whole := noun(words, here)) and whole[1] > here + 1 and not _count_of(words, here, whole[1]):
            break  # `bowling ball`, `red wine`
        step = _modifier(words, here, made)
        if step == here:
            break
        here = step
    head = noun(words, here)
    if head is None:
        return _headless(words, at, here, made)
    name, here, made.plural = head
    if (more := _compound(words, here, name, made.plural)) is not None:  # `coffee cup`, `garage door`
        made.told.append(words.quote(here - 1, here))
        name, here, made.plural = more
    made.noun = name
    if name in GROUPED and words.low(here) == "of" and (inner := noun_phrase(words, here + 1)) and inner[0].noun:
        return inner
    return _of_what(words, made, _counted_from(words, here, made))


def _compound(words: Words, here: int, name: str, plural: bool) -> tuple[str, int, bool] | None:
    """A noun right after a noun in the singular, which is then what is meant; None where it may be a verb."""
    low = words.low(here)
    forms = tk.forms(low)
    if plural or name in lex.STRUCTURES or low in ITEMS | PARTS | DETERMINERS or any(one in lex.VERBS for one in forms):
        return None
    if low.endswith(("ed", "ing")):
        return None
    found = noun(words, here)
    if found is None or attribute(words, here):
        return None
    return found if found[0] in lex.NOUNS and found[0] != name and found[1] == here + 1 else None


def _count_of(words: Words, here: int, after: int) -> bool:
    """Whether what reads as a noun of two words starts with a determiner."""
    return words.low(here) in DETERMINERS or words.low(after - 1) == "of"


def _headless(words: Words, at: int, here: int, made: NounPhrase) -> tuple[NounPhrase, int] | None:
    """`The red one`, `the third one from the left`, `the one in the middle`, `the others`."""
    if words.low(here) in ("one", "ones", "item", "thing") and here > at:
        which = phrase(words, here + 1, PICKED, False) if made.det in ("the", "that") and not made.item else None
        if which is not None:
            made.item = PICKED[which[0]]
            return made, which[1]
        if made.det == "other":
            made.item = "other"
        if made.color or made.item or made.material or made.factors or made.states or made.shape:
            return made, _counted_from(words, here + 1, made)
    if made.det == "other" and here == at + 2 and not words.low(here).isalpha():
        made.item = "other"
    if words.low(here) in PARTS and words.low(here + 1) == "of" and (whole := noun_phrase(words, here + 2)) and whole[0].noun:
        said, after = whole
        said.told.append(words.quote(here, here + 1))
        return said, after
    if words.low(here) in PARTS and made.det in ("its", "one", "the") and here > at and not made.item:
        own = words.low(here + 1) not in ("of", "to") and words.low(here) not in (
            "left",
            "right",
            "bottom",
            "top",
            "middle",
            "wall",
            "surface",
        )
        if own and (made.det != "the" or words.low(here) in ("corner", "handle", "rim", "tip", "lip")):
            made.told.append(words.quote(at, here + 1))
            made.item = "part"
            return made, here + 1
    bare = made.item or (made.det == "the" and made.color)
    return (made, _counted_from(words, here, made)) if bare else None


def _counted_from(words: Words, here: int, made: NounPhrase) -> int:
    """`The third one from the bottom`: from which end it is counted."""
    if made.item not in tk.ORDINALS or words.low(here) != "from":
        return here
    at = here + 1 + (words.low(here + 1) in ("the", "its"))
    way = COUNTED.get(words.low(at), 0)
    if way and words.low(at + 1) not in ("of", "edge", "side"):
        made.item = made.item if way > 0 else f"{made.item} last"
        return at + 1
    return here


VAGUE = {"both": None, "some": None, "several": Amount((5.0,), "count"), "few": Amount((3.0,), "count"),
         "many": Amount((10.0,), "count")}  # fmt: skip
"""How many a vague word stands for."""


def _modifier(words: Words, here: int, made: NounPhrase) -> int:
    """Reads one word in front of a noun; the token after it, or the same token."""
    low = words.low(here)
    if (degree := lex.INTENSE.get(low)) and (found := attribute(words, here + 1)) and _sense(words, found.after):
        inner = NounPhrase()
        after = _attributed(words, here + 1, inner)
        made.color, made.material = inner.color or made.color, inner.material or made.material
        made.factors |= {key: value**degree for key, value in inner.factors.items()}
        made.states |= inner.states
        made.told += inner.told
        return after
    if low in ITEMS and (item := _picked(words, here, made)):
        if made.det in ("a", "an") and item in tk.ORDINALS and words.low(here + 1) != "from":  # `a second ball`
            made.det = "another"
            return here + 1 + (words.low(here + 1) == "," and _sense(words, here + 2))
        made.item = item
        return here + 1
    if low in SIDES and made.det and (noun(words, here + 1) or words.low(here + 1) == "one" or _sense(words, here + 1)):
        made.item = "left" if low.startswith("left") else "right"
        return here + 1
    if (
        made.det == "its"
        and low in ("lower", "upper", "left", "right", "top", "bottom", "far", "near")
        and words.low(here + 1) in PARTS
    ):
        made.told.append(low)
        return here + 1
    if (
        low == "one"
        and words.low(here + 1) in PARTS
        and (words.low(here + 2) != "of" or words.low(here + 1) in ("end", "side", "edge", "corner"))
    ):
        made.det = "one"
        return here + 1
    if low in DETERMINERS and not made.noun and not (low in ("a", "an") and tk.number(words, here)):
        return _determined(words, here, made)
    after = _attributed(words, here, made)
    return after if after > here else _quantity(words, here, made)


def _picked(words: Words, here: int, made: NounPhrase) -> str:
    """The word that picks one of many, where it does: `the top one`, `the third domino`, `the others`."""
    low = words.low(here)
    follows = noun(words, here + 1) is not None or words.low(here + 1) in ("one", "ones") or _sense(words, here + 1)
    if low in tk.ORDINALS and not made.det and words.low(here + 1) == "from" and words.low(here + 2) in (*COUNTED, "the"):
        return low  # `push 3rd from bottom`
    if made.det or low in ("first", "last") or (low in ("top", "bottom", "middle") and noun(words, here + 1)):
        bare = made.det == "the" and (low in BARE or low in tk.ORDINALS or low in ("first", "last", "top", "bottom", "middle"))
        return low if bare or follows else ""
    return ""


def _determined(words: Words, here: int, made: NounPhrase) -> int:
    low = words.low(here)
    if low == "one" and (noun(words, here + 1) or _sense(words, here + 1)):
        made.count = Amount((1.0,), "count")
    elif low == "one":
        return _quantity(words, here, made)
    if low == "every" and words.low(here + 1) == "one" and words.low(here + 2) == "of":
        made.det = "every"
        return here + 3
    if low in ("any", "each", "either", "all") and [words.low(here + k) for k in (1, 2)] == ["of", "the"] and not made.det:
        made.det = "any" if low == "either" else low
        return here + 3
    if low in ("several", "few", "many", "both", "some"):
        made.count = made.count or VAGUE[low]
    if low == "other":
        made.det = "other" if made.det == "the" else "another"
    elif not (low in ("one", "few", "several", "many") and made.det) and not (made.det == "every" and low == "the"):
        made.det = {"his": "its", "her": "its", "their": "its", "my": "the", "your": "the", "our": "the"}.get(low, low)
    return here + 1


def _attributed(words: Words, here: int, made: NounPhrase) -> int:
    """An adjective in front of a noun; the same token where there is none."""
    found = attribute(words, here)
    if found is None:
        return here
    if found.kind == "color" and made.det == "the" and words.low(here) not in lex.NOUNS:
        made.color = found.value
        return found.after
    if not _sense(words, found.after):
        return here
    if found.kind == "color":
        made.color = found.value
    elif found.kind == "material":
        made.material = found.value
    elif found.kind == "size":
        made.factors["size"] = found.value
    elif found.kind in ("state", "look"):
        key, value = found.value
        (made.states if key in ("friction", "restitution", "roughness") else made.factors)[key] = value
    elif found.kind == "shape" and found.value:
        made.shape = found.value
    elif found.kind == "arranged":
        made.arrange = found.value
    elif found.kind in ("shape", "told"):
        made.told.append(words.quote(here, found.after))
    return found.after


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


def _rows(words: Words, here: int) -> tuple[tuple[int, ...], int] | None:
    """`3x3 grid`, `2 by 4 array`, `4 x 3 x 2 grid`: how many along each axis, and the token after them."""
    rows: list[int] = []
    while len(rows) < 3 and words.low(here).isdigit() and 0 < int(words.low(here)) <= 30:
        rows.append(int(words.low(here)))
        here += 1
        if words.low(here) in ("x", "by", "×") and words.low(here + 1).isdigit():
            here += 1
    here += words.low(here) in ("square", "regular", "rectangular")
    known = len(rows) > 1 and words.low(here) in ("grid", "array", "matrix", "block", "arrangement", "pattern")
    return (tuple(rows), here) if known else None


def _quantity(words: Words, here: int, made: NounPhrase) -> int:
    """A count, or a quantity in front of the noun: `2 kg ball`, `20 cm wide bowl`, `30-degree ramp`, `40 x 40 cm tray`."""
    low = words.low(here)
    if low == "-" or (
        low == "," and (made.color or made.material or made.sizes or made.factors or made.told) and _sense(words, here + 1)
    ):
        return here + 1 if made.sizes or made.count or made.color or made.material or made.factors or made.told else here
    if (rows := _rows(words, here)) is not None:
        made.rows, made.count = rows[0], Amount((float(math.prod(rows[0])),), "count")
        return rows[1]
    if (sides := extents(words, here)) and (noun(words, sides[1]) or _sense(words, sides[1])):
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
            or _sense(words, after)
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
    sloped = noun(words, after) if value.dimension == "angle" else None
    if sloped is not None and lex.NOUNS.get(sloped[0]) is not None and lex.NOUNS[sloped[0]].family == "ramp":
        made.sizes["angle"] = value  # `a 20 degree slope`
        return after
    if extent:
        if not (noun(words, extent[1]) or _sense(words, extent[1])):
            return here
        made.sizes[EXTENT[extent[0]]] = value
        return extent[1]
    if noun(words, after) or _sense(words, after):
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


def _in_rows(made: NounPhrase, inner: NounPhrase) -> bool:
    """Whether `two rows of four pins` is a grid, which the phrases then are; two stacks of four are none."""
    if made.count is None or inner.count is None or made.arrange != "line" or {made.count.kind, inner.count.kind} != {"exact"}:
        return False
    inner.rows = (int(inner.count.middle), int(made.count.middle))
    inner.count, made.arrange = Amount((float(math.prod(inner.rows)),), "count"), "grid"
    return True


def _of_what(words: Words, made: NounPhrase, here: int) -> tuple[NounPhrase, int]:
    """`a tower of five blocks`, `a glass of water`, `a cup full of milk`."""
    if made.noun in lex.STRUCTURES:
        kind, made.arrange, _ = lex.STRUCTURES[made.noun]
        inside = here + 1 if words.low(here) == "of" else here + 2
        many = tk.amount(words, here + 1) if words.low(here) == "of" else None
        if many and many[0].dimension == "count" and not noun(words, many[1]) and not _sense(words, many[1]):
            made.count = many[0]
            return made, many[1]
        inside = here + 1 if words.low(here) == "from" else inside
        if made.noun == "newton's cradle" and words.low(here) in ("with", "of") and (many := tk.amount(words, here + 1)):
            made.count = many[0]
            return made, many[1] + (noun(words, many[1]) is not None)
        counted = words.low(here) == "with" and tk.number(words, here + 1) is not None  # `a row with five boxes`
        built = (
            counted
            or words.low(here) in ("of", "from")
            or (words.low(here), words.low(here + 1))
            in (
                ("out", "of"),
                ("made", "of"),
                ("made", "from"),
            )
        )
        below = noun_phrase(words, inside) if built else None
        if below and below[0].noun and below[0].noun not in lex.STRUCTURES:
            inner, after = below
            if made.count is not None and inner.count is not None and not _in_rows(made, inner):
                return made, here
            inner.det, inner.arrange, inner.plural = made.det, made.arrange, True
            inner.factors |= {key: value for key, value in made.factors.items() if key == "size"}
            inner.count = inner.count or made.count
            return inner, after
        return made, here
    skip = here + (words.low(here) in ("that", "which")) * (1 + (words.low(here + 1) in ("is", "was")))
    full = phrase(words, skip, SHARES, False, 6) or phrase(words, here, FILLED, False) or _part(words, here, made)
    if full and made.noun in lex.NOUNS and lex.NOUNS[made.noun].family == "vessel":
        content = noun_phrase(words, full[1])
        if content and content[0].noun in lex.SUBSTANCES:
            made.stuff, made.volume = content[0].noun, content[0].volume
            made.share = made.share or next((share for name, share in SHARES.items() if full[0] == name), 0.0)
            return made, content[1]
    return made, here
