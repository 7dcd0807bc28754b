"""`Intent`: what a prompt asks for, flat, in which every item quotes the words that it accounts for.

The embedded parser makes it, and only a validated Intent reaches the compiler. Numbers are SI.
Limits: goals are conjunctions of literals; a thing is an entity with a count.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Item(BaseModel):
    """evidence: words of the prompt, verbatim."""

    model_config = ConfigDict(extra="forbid", strict=False)
    evidence: str = ""


class Number(Item):
    """values: SI; kind: how they are spread; dimension: what they measure."""

    values: list[float] = Field(max_length=16)
    dimension: str = "count"
    kind: Literal["exact", "uniform", "normal", "choice"] = "exact"

    @property
    def middle(self) -> float:
        """One number that stands for it."""
        return self.values[0] if self.kind != "uniform" else 0.5 * (self.values[0] + self.values[-1])


class Thing(Item):
    """noun: of the lexicon; sizes: attribute -> number; factors: attribute -> factor of the usual number; shape: a noun whose
    shape it has; rows: how many stand along x and y."""

    id: str
    noun: str
    count: Number | None = None
    color: str = ""
    material: str = ""
    sizes: dict[str, Number] = {}
    factors: dict[str, float] = {}
    states: dict[str, float] = {}
    arrange: str = ""
    spacing: Number | None = None
    into: str = ""
    shape: str = ""
    rows: list[int] = []


class Relation(Item):
    """of is `rel` to ref; amount: the distance."""

    rel: str
    of: str
    ref: str
    other: str = ""
    amount: Number | None = None


class Condition(Item):
    """A literal: predicate of a thing, negated or not; quantity: how many of its items; hold: how long."""

    pred: str
    of: str
    ref: str = ""
    negate: bool = False
    amount: Number | None = None
    compare: Literal["", ">=", "<=", "=="] = ""
    quantity: int = 0
    hold: float = 0.0
    always: bool = False


class Action(Item):
    """do: the meaning of the verb; at, after, when, until: its time."""

    id: str
    do: str
    target: str = ""
    direction: str = ""
    toward: str = ""
    place: str = ""
    actor: str = ""
    amounts: list[Number] = []
    strength: float = 1.0
    at: float | None = None
    after: str = ""
    delay: float = 0.0
    when: Condition | None = None
    until: Condition | None = None


class Reward(Item):
    """A term: the condition and what it is worth."""

    condition: Condition | None = None
    measure: str = ""
    weight: float = 1.0


class WhatIf(Item):
    """A counterfactual: what property of what changes how."""

    of: str = ""
    change: Literal["scale", "set", "remove", "material", "skip"] = "set"
    what: str = ""
    value: float | str = 0.0


class Setting(Item):
    """Of the world and of the pictures: gravity, cameras, light, duration, frame rate."""

    what: Literal["gravity", "camera", "duration", "resolution", "friction", "fps", "closer", "distance", "light", "wind"]
    value: float = 0.0
    word: str = ""


class Intent(Item):
    """Everything that a prompt asks for."""

    things: list[Thing] = []
    relations: list[Relation] = []
    actions: list[Action] = []
    success: list[Condition] = []
    failure: list[Condition] = []
    rewards: list[Reward] = []
    what_if: list[WhatIf] = []
    settings: list[Setting] = []
