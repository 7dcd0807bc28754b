"""Joints and actions as people write them.

A joint connects one body (or, with `[*]`, every body of an entity) to the world or to another body. An action is done to one
body or joint, or to all of an entity, at a time or after another action.

Limits: trees of joints, no closed loops; conditions of `when` and `until` are judged once a frame.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from . import units
from .fields import Quantity, Vector, Word
from .goals import Goal
from .model import (
    Angle,
    AngularSpeed,
    AngularVelocity,
    Authored,
    Direction,
    Length,
    Point,
    Ratio,
    Reference,
    Rotation,
    Seconds,
    Speed,
    Velocity,
)
from .problems import FieldError
from .skills import OPTIONS, SKILLS, allowed_keys

Stiffness = Annotated[Any, Quantity(units.STIFFNESS, 0.0)]
Damping = Annotated[Any, Quantity(units.DAMPING, 0.0)]
AngularStiffness = Annotated[Any, Quantity(units.ANGULAR_STIFFNESS, 0.0)]
AngularDamping = Annotated[Any, Quantity(units.ANGULAR_DAMPING, 0.0)]


class _Joint(Authored):
    """body: a body or `entity[*]`; to: `world`, another body, or `previous` (item i hangs on item i - 1, item 0 on the world);
    anchor: in the frame of the body."""

    body: Reference
    to: Reference = "world"
    anchor: Point = (0.0, 0.0, 0.0)


class Hinge(_Joint):
    """Turns about `axis` (in the frame of the body). limits: [low, high]; initial, velocity: at frame 0; stiffness: a spring
    towards `rest`."""

    type: Literal["hinge"]
    axis: Direction = "z"
    limits: Annotated[Any, Vector(Quantity(units.ANGLE), length=2)] | None = None
    initial: Angle = 0.0
    velocity: AngularSpeed = 0.0
    rest: Angle = 0.0
    stiffness: AngularStiffness = 0.0
    damping: AngularDamping = 0.0
    armature: Annotated[Any, Quantity(units.INERTIA, 0.0)] = 0.0


class Slide(_Joint):
    """Slides along `axis` (in the frame of the body)."""

    type: Literal["slide"]
    axis: Direction = "z"
    limits: Annotated[Any, Vector(Quantity(units.LENGTH), length=2)] | None = None
    initial: Length = 0.0
    velocity: Speed = 0.0
    rest: Length = 0.0
    stiffness: Stiffness = 0.0
    damping: Damping = 0.0
    armature: Annotated[Any, Quantity(units.MASS, 0.0)] = 0.0


class Ball(_Joint):
    """Turns about every axis; limit: largest angle from the pose that the entity gives."""

    type: Literal["ball"]
    limit: Annotated[Any, Quantity(units.ANGLE, 0.0, above=True)] | None = None
    stiffness: AngularStiffness = 0.0
    damping: AngularDamping = 0.0
    armature: Annotated[Any, Quantity(units.INERTIA, 0.0)] = 0.0


class Weld(_Joint):
    """No motion against the other body."""

    type: Literal["fixed"]


Joint = Annotated[Hinge | Slide | Ball | Weld, Discriminator("type")]


class At(Authored):
    """At a time after frame 0."""

    at: Seconds


class After(Authored):
    """`delay` after the end of another action."""

    after: Annotated[str, Word(identifier=True, fixed=True)]
    delay: Seconds = 0.0


class When(Authored):
    """At the first frame, `delay` after frame 0 or later, at which a goal holds."""

    when: Goal
    delay: Seconds = 0.0


def _start_kind(raw: Any) -> str:
    if isinstance(raw, (After, When)):
        return "after" if isinstance(raw, After) else "when"
    return next((key for key in ("after", "when") if isinstance(raw, dict) and key in raw), "at")


Start = Annotated[
    Annotated[At, Tag("at")] | Annotated[After, Tag("after")] | Annotated[When, Tag("when")], Discriminator(_start_kind)
]  # fmt: skip
PointWord = Literal["center", "top", "bottom"]


def _place_kind(raw: Any) -> str:
    return "word" if isinstance(raw, str) else "point"


ActionPoint = Annotated[
    Annotated[PointWord, Tag("word")] | Annotated[Point, Tag("point")], Discriminator(_place_kind)
]  # fmt: skip
"""`center`, `top` and `bottom` of the body as it stands at frame 0, or [x, y, z] in its frame."""


class _Action(Authored):
    """start: a time, another action or a condition. until: a condition that ends it early."""

    start: Start = At(at=0.0)
    until: Goal | None = None


class Impulse(_Action):
    """A blow: `magnitude` in `direction` (world) at `point`."""

    do: Literal["impulse"]
    target: Reference
    magnitude: Annotated[Any, Quantity(units.IMPULSE)]
    direction: Direction
    point: ActionPoint = "center"


class Force(_Action):
    """A force held for `duration`; direction in the world, point on the body."""

    do: Literal["force"]
    target: Reference
    magnitude: Annotated[Any, Quantity(units.FORCE)]
    direction: Direction
    duration: Seconds
    point: ActionPoint = "center"


class Torque(_Action):
    """A torque about `axis` (world) held for `duration`."""

    do: Literal["torque"]
    target: Reference
    magnitude: Annotated[Any, Quantity(units.TORQUE)]
    axis: Direction
    duration: Seconds


class SetVelocity(_Action):
    """Sets the velocity, the angular velocity or both, once; what is left out stays."""

    do: Literal["set_velocity"]
    target: Reference
    velocity: Velocity | None = None
    angular_velocity: AngularVelocity | None = None

    @model_validator(mode="after")
    def _sets_something(self) -> "SetVelocity":
        if self.velocity is None and self.angular_velocity is None:
            raise FieldError("set_velocity sets nothing", "'velocity', 'angular_velocity' or both").pydantic()
        return self


class Waypoint(Authored):
    """Where a moved body is at `time` after the start of the action: position and rotation in the world."""

    time: Seconds
    position: Point
    rotation: Rotation = "none"


class Move(_Action):
    """Carries a body of an entity with `fixed: true` along a path: by `distance` in `direction` within `duration`, or along
    `waypoints`."""

    do: Literal["move"]
    target: Reference
    direction: Direction | None = None
    distance: Length | None = None
    duration: Annotated[Any, Quantity(units.TIME, 0.0, above=True)] | None = None
    waypoints: Annotated[list[Waypoint], Field(min_length=1, max_length=1000)] | None = None

    @model_validator(mode="after")
    def _path_is_one(self) -> "Move":
        straight = [self.direction is not None, self.distance is not None, self.duration is not None]
        if any(straight) == (self.waypoints is not None) or (any(straight) and not all(straight)):
            allowed = "'direction', 'distance' and 'duration' together, or 'waypoints'"
            raise FieldError("the path is not clear", allowed).pydantic()
        return self


class JointTarget(_Action):
    """Pulls a hinge to an angle: a spring `stiffness` and a damper `damping` from `start` to the end of the episode. A joint of
    an actor is moved by the actor's own drive: then both are left out."""

    do: Literal["joint_target"]
    joint: Reference
    value: Angle
    stiffness: AngularStiffness | None = None
    damping: AngularDamping = 0.0


class SlideTarget(_Action):
    """Pulls a slide to a position: a spring `stiffness` and a damper `damping` from `start` to the end of the episode. A joint
    of an actor is moved by the actor's own drive: then both are left out."""

    do: Literal["slide_target"]
    joint: Reference
    value: Length
    stiffness: Stiffness | None = None
    damping: Damping = 0.0


class Skill(_Action):
    """A scripted skill of an actor (docs/skills.md). `reach`: the tip goes above `target`; `grasp`: closes the hand around it;
    `pick`: grasps and lifts it; `place`: puts what was picked on `on`; `stack`: picks it and places it on `on`; `push`, `pull`:
    moves it by `distance` in `direction` with closed fingers or held; `turn`: turns it (a hinge, or a thing about the vertical)
    by `angle`; `open`, `close`: moves a joint to `amount` of its range, or shut; `insert`: puts it into the hole of `on`;
    `pour`: tilts it by `angle` over `on`; `sweep`: pushes it, or all of `name[*]`, onto `on`; `throw`: throws it onto `on`;
    `wipe`: goes over the top of `target` with the fingers, or of `on` with `target`; `stir`: moves the tool `target` round in
    the vessel `on` by `angle`; `scoop`: takes at least a share `amount` of what is in the vessel `on` out with `target`.
    An actor does its skills one after the other; start: the earliest time. tries: how often a part of it is tried; noise:
    standard deviation of where the tip goes, horizontally."""

    do: Literal["skill"]
    skill: Literal[
        "reach", "grasp", "pick", "place", "stack", "push", "pull", "turn", "open", "close", "insert", "pour", "sweep", "throw",
        "wipe", "stir", "scoop",
    ]  # fmt: skip
    actor: Annotated[str, Word(identifier=True, fixed=True)]
    target: Reference
    on: Reference | None = None
    direction: Direction | None = None
    distance: Length | None = None
    amount: Ratio | None = None
    angle: Angle | None = None
    tries: Annotated[int, Field(ge=1, le=20)] = 3
    noise: Annotated[Any, Quantity(units.LENGTH, 0.0)] = 0.0

    @model_validator(mode="after")
    def _has_its_keys(self) -> "Skill":
        keys = SKILLS[self.skill]
        for key in OPTIONS:
            given = getattr(self, key) is not None
            if (key in keys.needs and not given) or (given and key not in (*keys.needs, *keys.may)):
                what = f"the skill {self.skill} {'takes no' if given else 'needs'} {key!r}"
                raise FieldError(what, allowed_keys()).pydantic()
        if self.target.endswith("[*]") and not keys.many:
            raise FieldError(f"the skill {self.skill} has one target", "one body; sweep takes 'name[*]'").pydantic()
        if self.until is not None or not isinstance(self.start, At):
            raise FieldError("a skill ends by itself and starts at a time", "start: {at: ...}; no 'until'").pydantic()
        return self


Action = Annotated[
    Impulse | Force | Torque | SetVelocity | Move | JointTarget | SlideTarget | Skill, Discriminator("do")
]  # fmt: skip
