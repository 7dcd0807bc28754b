"""Entities and places of a spec -> sentences, each in several ways from short to explicit.

A name is told by the longest noun of the lexicon at its end; a name that has none is told by a noun of its shape.
"""

import math
import re
from typing import Any

from . import lexicon as lex

SHAPES = {"sphere": "ball", "box": "box", "cylinder": "cylinder", "capsule": "capsule", "ellipsoid": "egg", "plane": "floor"}
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
PLACES = {
    "on_top": "is on", "inside": "is in", "left_of": "is to the left of", "right_of": "is to the right of",
    "in_front_of": "is in front of", "behind": "is behind", "above": "is above", "next_to": "is next to",
    "between": "is between", "leaning_on": "leans against", "far_from": "is far from", "touching": "is against",
}  # fmt: skip
ARRANGED = {"line": "in a row", "stack": "in a stack", "pyramid": "in a pyramid", "circle": "in a ring", "grid": "in a grid",
            "scatter": "at random"}  # fmt: skip
UNITS = {"m": ("m", 1.0), "rad": ("degrees", 180.0 / math.pi), "rad/s": ("rpm", 30.0 / math.pi), "N*s": ("N s", 1.0),
         "m^3": ("ml", 1e6), "s": ("seconds", 1.0)}  # fmt: skip


def said(value: Any) -> str:
    """A number with its unit, or a distribution, in words; empty where there are none."""
    if isinstance(value, dict):
        kind = value.get("dist")
        if kind in ("uniform", "integer"):
            return f"between {said(value['low'])} and {said(value['high'])}"
        if kind == "normal":
            return f"normally distributed around {said(value['mean'])} with a standard deviation of {said(value['std'])}"
        return f"either {' or '.join(said(one) for one in value['of'])}" if kind == "choice" else ""
    if isinstance(value, (int, float)):
        return f"{value:g}"
    number, _, unit = str(value).partition(" ")
    word, factor = UNITS.get(unit, (unit, 1.0))
    try:
        return f"{float(f'{float(number) * factor:.6g}'):.9g} {word}".strip()
    except ValueError:
        return str(value).replace("_", " ")


def metres(value: Any) -> float | None:
    """A length of a spec in metres, where it is one number."""
    number, _, unit = str(value).partition(" ")
    factor = {"m": 1.0, "cm": 0.01, "mm": 0.001}.get(unit)
    try:
        return None if factor is None else float(number) * factor
    except ValueError:
        return None


def article(noun: str) -> str:
    """One of them."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def plural(noun: str) -> str:
    """More of them."""
    return noun[:-1] + "ies" if re.search("[^aeiou]y$", noun) else noun + ("es" if re.search("(s|x|ch|sh|o)$", noun) else "s")


class Names:
    """How every entity of a spec is called."""

    def __init__(self, spec: dict[str, Any]):
        self.entities: dict[str, Any] = {key: one for key, one in (spec.get("entities") or {}).items() if isinstance(one, dict)}
        self.actions: dict[str, Any] = spec.get("actions") or {}
        self.noun = {name: self._noun(name, one) for name, one in self.entities.items()}

    def _noun(self, name: str, entity: dict[str, Any]) -> str:
        words = re.sub(r"_\d+$", "", name).split("_")
        tails = [" ".join(words[at:]) for at in range(len(words))]
        return next(
            (one for one in tails if one in lex.NOUNS or one in lex.SUBSTANCES),
            SHAPES.get(str((entity.get("morph") or {}).get("type")), "object"),
        )

    def short(self, name: str) -> str:
        """Noun, with its colour where another thing has the same noun."""
        noun, color = self.noun.get(name, name.replace("_", " ")), self.entities.get(name, {}).get("color")
        shared = [one for one in self.noun.values() if one == noun]
        return f"{color.replace('_', ' ')} {noun}" if len(shared) > 1 and isinstance(color, str) else noun

    def many(self, target: Any) -> bool:
        """Whether a name without an index stands for several things."""
        return "count" in (self.entities.get(str(target)) or {})

    def the(self, target: Any) -> str:
        """`domino[2]`: the third domino."""
        base, _, item = str(target).partition("[")
        base, item = base.split(".")[0], item.rstrip("]")
        many = isinstance(self.entities.get(base), dict) and "count" in self.entities[base]
        noun = self.short(base)
        if item.isdigit() and int(item) < len(ORDINALS):
            return f"the {ORDINALS[int(item)]} {noun}"
        if item in ("last", "first"):
            return f"the {item} {noun}"
        return f"all {plural(noun)}" if item == "*" else f"the {plural(noun) if many else noun}"


def thing_sentences(spec: dict[str, Any], names: Names) -> list[list[str]]:
    """A slot for every entity and place."""
    slots, heights = [], []
    for name, entity in names.entities.items():
        morph = entity.get("morph") or {}
        if morph.get("type") == "plane":
            ice = str(entity.get("material", ""))
            slots.append(["", f"the floor is made of {ice}."] if ice.isidentifier() else [])
            continue
        if morph.get("type") == "fill":
            heights.append(_filled(morph, names.noun[name], names))
            continue
        slots.append(_ways(name, entity, spec, names))
        heights.append(_heights(name, entity, names))
    slots += [[f"there is {article(names.short(name))}."] for name in spec.get("actors") or {}]
    return [*slots, *heights, *[_place(one, names) for one in spec.get("place") or []], *_swings(spec, names)]


def _swings(spec: dict[str, Any], names: Names) -> list[list[str]]:
    """Pendulums that are let go."""
    joints = (spec.get("joints") or {}).values()
    return [
        ["", f"{names.the(one['body'])} swings from {said(one['initial'])}."]
        for one in joints
        if isinstance(one, dict) and "initial" in one and "body" in one
    ]


def _filled(morph: dict[str, Any], noun: str, names: Names) -> list[str]:
    vessel = names.the(morph.get("into"))
    ways = [f"there is {said(morph['volume'])} of {noun} in {vessel}."] if "volume" in morph else []
    return [*ways, f"there is {noun} in {vessel}.", *[f"{vessel} is {how}full of {noun}." for how in ("", "half ")]]


def _ways(name: str, entity: dict[str, Any], spec: dict[str, Any], names: Names) -> list[str]:
    noun, color = names.noun[name], entity.get("color")
    stuff = (spec.get("materials") or {}).get(str(entity.get("material")), {})
    preset = stuff.get("preset", "") if isinstance(stuff, dict) else ""
    usual = noun in lex.NOUNS and lex.NOUNS[noun].material == preset
    words = [color.replace("_", " ")] if isinstance(color, str) else []
    made = [*words, *([] if usual or not preset else [preset])]
    count = entity.get("count")
    shown = " ".join([*made, noun if count is None or count == 1 else plural(noun)])
    head = article(shown)
    if count is not None:
        number = said(count)
        head = f"{number} {shown}"
        arranged = entity.get("arrange") or {}
        pattern = ARRANGED.get(str(arranged.get("type")), "")
        apart = [f", {said(arranged['spacing'])} apart", ""] if "spacing" in arranged else [""]
        verb = "there are"
        each = [f"there are {head}, each {one}." for one in _extras(entity, stuff if isinstance(stuff, dict) else {})[:8]]
        return [
            f"{verb} {head}{place}{gap}." for place in (f" {pattern}" if pattern else "", "") for gap in reversed(apart)
        ] + each
    extras = _extras(entity, stuff if isinstance(stuff, dict) else {})
    plain = [
        f"there is {head}.",
        *[
            f"there is a {word} {shown}."
            for word in ("slippery", "bouncy")
            if "friction" in str(stuff) or "restitution" in str(stuff)
        ],
    ]
    return [*plain, *[f"there is {head} {extra}." for extra in extras]]


def _extras(entity: dict[str, Any], stuff: dict[str, Any]) -> list[str]:
    """Sizes, mass and the like, one by one and then all together."""
    morph = entity.get("morph") or {}
    sizes = [
        f"with {'an' if key == 'angle' else 'a'} {key} of {said(morph[key])}"
        for key in ("radius", "height", "length", "angle")
        if key in morph
    ]
    if isinstance(morph.get("size"), list):
        x, y, z = ([*morph["size"], None, None])[:3]
        sizes += [f"with a side of {said(x)}"] if x == y == z else []
        sizes += [f"with a {key} of {said(value)}" for key, value in (("length", x), ("width", y), ("height", z)) if value]
    if "mass" in entity:
        sizes.append(f"with a mass of {said(entity['mass'])}")
    sizes += [f"with a {key} of {said(stuff[key])}" for key in ("friction", "restitution", "density") if key in stuff]
    pairs = [f"{one} and {other}" for at, one in enumerate(sizes) for other in sizes[at + 1 :]]
    return [*sizes, *pairs, " and ".join(sizes)] if len(sizes) > 2 else [*sizes, *pairs]


def _heights(name: str, entity: dict[str, Any], names: Names) -> list[str]:
    """What stands on something, hangs on a ramp, or falls."""
    the, ways = names.the(name), [""]
    if "relative_to" in entity:
        ramp = names.the(entity["relative_to"])
        verb = "roll" if "count" in entity else "rolls"
        return ["", f"{the} {verb} down {ramp}.", f"{the} is on {ramp}."]
    position = entity.get("position")
    z = metres(position[2]) if isinstance(position, list) and len(position) == 3 else None
    if z is None or z <= 0.0:
        return []
    tops = [(z - top, other) for other, one in names.entities.items() if other != name and (top := _top(one)) is not None]
    for gap, other in sorted((one for one in tops if one[0] > -0.1), key=lambda one: abs(one[0])):
        copula = "are" if "count" in entity else "is"
        ways += [f"{the} {copula} on {names.the(other)}.", f"{the} {copula} in {names.the(other)}."]
        if gap > 1e-9:
            ways += [f"drop {the} from {float(f'{gap:.6g}'):g} m {into} {names.the(other)}." for into in ("onto", "into")]
    return [*ways, f"drop {the} from {z:g} m."]


def _top(entity: dict[str, Any]) -> float | None:
    morph, position = entity.get("morph") or {}, entity.get("position")
    size = morph.get("size")
    tall = metres(size[2]) if isinstance(size, list) and len(size) == 3 else metres(morph.get("height"))
    tall = 2.0 * (metres(morph.get("radius")) or 0.0) if morph.get("type") == "sphere" else tall
    z = metres(position[2]) if isinstance(position, list) and len(position) == 3 else 0.0
    return None if tall is None or z is None else z + tall


def _place(one: dict[str, Any], names: Names) -> list[str]:
    ref = one.get("ref")
    refs = " and ".join(names.the(each) for each in ref) if isinstance(ref, list) else names.the(ref)
    rel = PLACES.get(str(one.get("rel")))
    if rel is None:
        return []
    the = names.the(one.get("of"))
    ways = [f"{the} {rel} {refs}."]
    if the.startswith("all ") or names.many(one.get("of")):
        rel = re.sub("^is ", "are ", rel)
        ways = [f"{the} {rel} {refs}.", *ways]
    if "min" in one:
        gap = said(one["min"])
        verb, _, where = rel.partition(" ")
        ways.append(f"{the} {verb} {gap} {where} {refs}.")
    return ways
