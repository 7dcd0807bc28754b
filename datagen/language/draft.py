"""What the compiler has so far: the things in the making, actions, joints, and what has to be told."""

from dataclasses import dataclass, field
from typing import Any

from . import lexicon as lex
from .intent import Intent, Relation
from .nouns import GRIPPERS
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
        for act in [act for act in intent.actions if act.do == "pour"]:
            liquid = next((thing for thing in intent.things if thing.noun in lex.SUBSTANCES), None)
            names = {act.place, act.toward.rpartition(" ")[2], act.target, liquid.into if liquid else ""}
            for thing in intent.things:
                if thing.id in names and thing.noun in lex.NOUNS and lex.NOUNS[thing.noun].family == "cylinder":
                    thing.shape = "cup"  # a bottle that something is poured from is hollow
        self._one_arm()
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
        self.heights: dict[str, float] = {}  # m, of the feet of arms
        self.turns: dict[str, str] = {}  # entity -> its angle about z
        self.added: dict[str, Any] = {}  # entities that no words name
        self.wanted: list[dict[str, Any]] = []  # goals of the spec that no condition says
        self.relations: list[Relation] = []
        self.start = 0.3
        self.pours = 0.0  # s that the longest pouring takes

    def _one_arm(self) -> None:
        """`The robot arm ... with its gripper`: the gripper is the hand of the arm, no second robot."""
        arms = [one for one in self.intent.things if one.noun in lex.ARMS or one.noun in GRIPPERS]
        whole = next((one for one in arms if one.noun not in GRIPPERS), None)
        hands = [one.id for one in arms if one.noun in GRIPPERS] if whole is not None else []
        if whole is None or not hands:
            return
        self.intent.things = [one for one in self.intent.things if one.id not in hands]
        for act in self.intent.actions:
            act.actor = whole.id if act.actor in hands else act.actor
