"""Actors as people write them: a robot and the controller that turns an action of a policy into joint forces.

The robot is one of our own (`arm`, `mobile_base`, `quadruped`, `humanoid`, `hand`; numbers and sources in `assets/robots`) or a
model file. Its links and joints are parts: `actors: {panda: {robot: arm}}` makes `panda.hand` and `panda.joint1`.

Limits: one controller per actor; what the actor does is the business of actions, skills and policies.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag

from . import units
from .fields import Coordinate, Name, Quantity, Word
from .model import Authored, NonNegativeNumber, Point, Reference, Rotation
from .morphs import Model

ROBOTS: dict[str, str] = {
    "arm": "robots/arm.xml",
    "mobile_base": "robots/mobile_base.xml",
    "quadruped": "robots/quadruped.xml",
    "humanoid": "robots/humanoid.xml",
    "hand": "robots/hand.xml",
}
"""Our own robots: the word of a spec and the file under `assets/`."""
STANDING = ("mobile_base", "quadruped", "humanoid")
"""Robots with a free base."""

RobotWord = Literal["arm", "mobile_base", "quadruped", "humanoid", "hand"]


def _robot_kind(raw: Any) -> str:
    return "word" if isinstance(raw, str) else "file"


class Controller(Authored):
    """What a policy commands, `rate` times a second (left out: every frame). `position`: joint targets held by a spring and a
    damper; `delta_position`: changes of them; `velocity`: joint speeds; `torque`: forces of the joints; `cartesian`: pose of
    the `tip` link; `delta_cartesian`: changes of it; `none`: no commands, the initial pose is held. stiffness, damping: of the
    drives, in N m/rad and N m s/rad (or N/m, N s/m); left out, those of the robot. limit: share of the largest force of a
    joint."""

    type: Literal["position", "delta_position", "velocity", "torque", "cartesian", "delta_cartesian", "none"] = "position"
    stiffness: NonNegativeNumber | None = None
    damping: NonNegativeNumber | None = None
    limit: Annotated[Any, Quantity(units.NUMBER, 0.0, 1.0, above=True)] = 1.0
    rate: Annotated[float, Quantity(units.FREQUENCY, 1.0, 1000.0, fixed=True)] | None = None
    tip: Annotated[str, Word(fixed=True, max_length=80)] | None = None


class Actor(Authored):
    """A robot that acts. position, rotation: of its root, in the world or in the frame of `relative_to`. fixed: whether the
    root is held; left out, that is so for arm and hand and for model files. keyframe: a named pose of the file (`home`);
    joints: coordinates at frame 0 that differ from it."""

    robot: Annotated[Annotated[RobotWord, Tag("word")] | Annotated[Model, Tag("file")], Discriminator(_robot_kind)]
    controller: Controller = Controller()
    position: Point = (0.0, 0.0, 0.0)
    rotation: Rotation = "none"
    relative_to: Reference | None = None
    fixed: bool | None = None
    keyframe: Annotated[str, Word(fixed=True, max_length=80)] | None = "home"
    joints: dict[Annotated[str, Word(fixed=True, max_length=80)], Annotated[Any, Coordinate()]] = {}


Actors = dict[Name, Actor]
