"""Adjectives at a token: colour, material, size, state, look, shape, and those that change nothing in a simulation.

Two words are looked up before one (`dark green`, `cast iron`), and words with a hyphen as the tokenizer splits them.
"""

from typing import Any, NamedTuple

from . import lexicon as lex
from .intent import Thing
from .tokens import Words

LOOKS: dict[str, tuple[str, float]] = {
    "shiny": ("roughness", 0.08), "glossy": ("roughness", 0.08), "gleaming": ("roughness", 0.05),
    "lustrous": ("roughness", 0.1),
    "sparkling": ("roughness", 0.05), "glittering": ("roughness", 0.05), "mirror-like": ("roughness", 0.02),
    "matte": ("roughness", 0.95), "matt": ("roughness", 0.95), "dull": ("roughness", 0.9), "rusty": ("roughness", 0.95),
    "reflective": ("roughness", 0.05), "brushed": ("roughness", 0.4), "glazed": ("roughness", 0.1),
    "varnished": ("roughness", 0.15),
    "lacquered": ("roughness", 0.1), "chalky": ("roughness", 0.95), "unpolished": ("roughness", 0.9),
}  # fmt: skip
"""Adjectives of surfaces: a key of the entity and its number, our choice."""
SHAPES = {
    "cylindrical": "cylinder", "spherical": "sphere", "cubic": "cube", "cubical": "cube", "conical": "cone",
    "ball-shaped": "sphere", "box-shaped": "box", "cube-shaped": "cube", "cone-shaped": "cone", "egg-shaped": "egg",
    "disc-shaped": "disc", "disk-shaped": "disc", "pyramid-shaped": "cone", "pyramidal": "cone", "round": "",
    "rectangular": "", "square": "", "circular": "", "oval": "", "domino-like": "domino", "capsule-shaped": "capsule",
}  # fmt: skip
"""Adjectives of shape: the noun that has it; empty where the usual shape of the thing is kept, which is told."""
TOLD = set(
    """transparent translucent opaque clear old new nice lovely beautiful pretty antique vintage ancient fancy elegant cute
funny fresh ripe rotten raw cooked boiled baked dry warm hot cold cool lukewarm dirty clean dusty broken cracked chipped striped
spotted dotted checkered checked patterned decorated painted colorful colourful coloured colored multicoloured multicolored
unsuspecting poor expensive cheap
precious fragile delicate brittle sturdy robust rigid stiff strong weak soft flexible bendy loose
sharp blunt pointed pointy handmade real fake artificial modern classic traditional favourite favorite famous special mysterious
strange weird ugly sealed closed unopened inflated deflated folded crumpled wrinkled stretched hanging vertical horizontal level
plush fluffy fuzzy furry hard magnetic electric homemade generic random arbitrary unknown typical certain suitable
appropriate desired given specific particular correct wrong proper main other-worldly comfortable kitchen office garden toy
industrial laboratory lab model wild cartoon medieval royal magic magical lucky birthday christmas school sports professional
olympic regulation official half-empty upside-down freshly-baked deep-frozen curved straight bent twisted thirsty sleepy lazy
angry happy proud brave silly clumsy hungry tired nervous young elderly""".split()
)
"""Adjectives that nothing in the simulation depends on; the report says so."""
USUAL = set(
    """stationary resting plain ordinary regular single simple standard usual motionless nearby lone separate identical equal
empty unmoving immobile still same similar solitary individual distinct different various isolated free upright standing lying
sitting uniform homogeneous waiting rolling moving falling sliding flying spinning rotating bouncing swinging tumbling
oncoming incoming passing adjacent tipped thrown pushed dropped kicked tilted
neighbouring neighboring parallel consecutive
next""".split()
)
"""Adjectives that say what is the case anyway, or what a verb says as well."""


ARRANGED = {"stacked": "stack", "piled": "pyramid", "scattered": "scatter", "lined-up": "line", "aligned": "line"}
"""Participles that say how things stand."""


class Attribute(NamedTuple):
    """kind: color, material, size, state, look, shape, told or usual; value: of its table; after: the token after it."""

    kind: str
    value: Any
    after: int


_TABLES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("color", lex.COLORS),
    ("material", lex.MATERIALS),
    ("size", lex.SIZES),
    ("state", lex.STATES),
    ("look", LOOKS),
    ("shape", SHAPES),
    ("arranged", ARRANGED),
    ("told", {one: one for one in TOLD}),
    ("usual", {one: one for one in USUAL}),
)
_KINDS = {key.replace("-", " - "): (kind, value) for kind, table in reversed(_TABLES) for key, value in table.items()}


def attribute(words: Words, at: int) -> Attribute | None:
    """The longest adjective at a token, or None."""
    for length in (3, 2, 1):
        found = _KINDS.get(" ".join(words.low(at + k) for k in range(length)))
        if found is not None:
            return Attribute(*found, at + length)
    return None


def give(thing: Thing, data: str | tuple[str, float]) -> None:
    """Gives a thing a colour, a material, a look or a state, with its degree."""
    word, degree = data if isinstance(data, tuple) else (data, 1.0)
    each = word.split("|")
    if each[1:] and each[0] in lex.COLORS:
        thing.color = "|".join(lex.COLORS[one] for one in each)
    elif each[1:]:
        thing.material = "|".join(lex.MATERIALS.get(one, one) for one in each)
    elif word in lex.COLORS:
        thing.color = lex.COLORS[word]
    elif word in lex.MATERIALS:
        thing.material = lex.MATERIALS[word]
    elif word in lex.SIZES:
        thing.factors["size"] = lex.SIZES[word] ** degree
    elif word in LOOKS:
        key, value = LOOKS[word]
        thing.states[key] = value
    else:
        key, value = lex.STATES[word]
        (thing.states if key in ("friction", "restitution") else thing.factors)[key] = value**degree
