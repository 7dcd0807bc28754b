"""What the compiler has so far: the things in the making, actions, joints, and what has to be told."""

from dataclasses import dataclass, field
from typing import Any

from . import lexicon as lex
from .intent import Intent, Relation
from .shaping import Shaped


@dataclass
class Compiled:
    """The spec as plain data, and what has to be told about it."""

    spec: dict[str, Any]
    assumed: list[dict[str, str]] = field(default_factory=list)
    not_simulable: list[str] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


class Draft:
    """State of a compilation."""

    def __init__(self, intent: Intent, prompt: str, vary: str):
        self.intent, self.prompt, self.vary = intent, prompt, vary
        self.out = Compiled({})
        for one in intent.relations:
            stuff = next((thing for thing in intent.things if thing.id == one.of and thing.noun in lex.SUBSTANCES), None)
            if stuff is not None and one.rel == "inside":
                stuff.into = stuff.into or one.ref
        solid = [thing for thing in intent.things if thing.noun in lex.NOUNS]
        self.shaped = {
            thing.id: Shaped(thing, self.out.assumed)
            for thing in solid
            if lex.NOUNS[thing.noun].morph not in ("robot", "plane")
        }
        self.ground = next((thing for thing in solid if lex.NOUNS[thing.noun].morph == "plane"), None)
        self.robots = {thing.id: lex.NOUNS[thing.noun] for thing in solid if lex.NOUNS[thing.noun].morph == "robot"}
        self.actions: dict[str, Any] = {}
        self.joints: dict[str, Any] = {}
        self.moved: set[str] = set()
        self.bases: dict[str, float] = {}  # m along x, of arms that work
        self.relations: list[Relation] = []
        self.start = 0.3
        self.pours = 0.0  # s that the longest pouring takes
