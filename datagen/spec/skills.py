"""The scripted skills of an actor by name, and which keys of a skill action each needs and may have.

One table for the document (`actions.Skill`), its checks and the policies that carry the skills out (`datagen.policies`); what a
skill does, how it is judged and how often it succeeds stands in docs/skills.md.
Limits: a skill has one target, except `sweep`, which takes all bodies of an entity (`block[*]`).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """needs: keys that must be there; may: keys that can be; many: the target may be all bodies of an entity; still: the target
    may be fixed; jointed: the target has a hinge or a slide."""

    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    many: bool = False
    still: bool = False
    jointed: bool = False


SKILLS: dict[str, Keys] = {
    "reach": Keys(still=True),
    "grasp": Keys(),
    "pick": Keys(),
    "place": Keys(needs=("on",)),
    "stack": Keys(needs=("on",)),
    "push": Keys(needs=("direction", "distance")),
    "pull": Keys(needs=("direction", "distance")),
    "turn": Keys(may=("angle",)),
    "open": Keys(may=("amount",), jointed=True),
    "close": Keys(jointed=True),
    "insert": Keys(needs=("on",)),
    "pour": Keys(needs=("on",), may=("angle",)),
    "sweep": Keys(needs=("on",), many=True),
    "throw": Keys(needs=("on",)),
    "wipe": Keys(may=("on",), still=True),
    "stir": Keys(needs=("on",), may=("angle",)),
    "scoop": Keys(needs=("on",), may=("amount",)),
}
OPTIONS = ("on", "direction", "distance", "amount", "angle")
"""Keys that only some skills have."""


def allowed_keys() -> str:
    """The skills that have keys of their own, in words."""
    owners = {key: [name for name, keys in SKILLS.items() if key in (*keys.needs, *keys.may)] for key in OPTIONS}
    return "; ".join(f"{key!r}: {', '.join(names)}" for key, names in owners.items())
