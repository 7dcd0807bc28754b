"""What an agent may set at every frame, as people write it: the action space of a spec.

    controls:
      push: {body: cart, mode: force, along: x, low: -10 N, high: 10 N}
      shoulder: {joint: shoulder, mode: joint, low: -90 deg, high: 90 deg, stiffness: 200 N*m/rad, damping: 20 N*m*s/rad}

An agent's numbers are in [-1, 1] and stand for [low, high]; without an agent the control is 0 [N, N m], the initial
coordinate, or a velocity of 0.
Limits: one number per joint or force; cartesian: three per body.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from . import units
from .fields import Quantity
from .model import Authored, Direction, Point, Reference
from .problems import FieldError, within

BOUNDS: dict[tuple[str, bool], units.Dimension] = {
    ("torque", True): units.TORQUE,
    ("torque", False): units.FORCE,
    ("joint", True): units.ANGLE,
    ("joint", False): units.LENGTH,
    ("velocity", True): units.ANGULAR_SPEED,
    ("velocity", False): units.SPEED,
    ("force", False): units.FORCE,
    ("cartesian", False): units.SPEED,
}
"""Mode and whether the joint turns -> dimension of the bounds."""


class Control(Authored):
    """joint or body. mode: torque (of a slide: force), joint (position of a spring `stiffness` and damper `damping`),
    velocity (of a damper `damping`) for a joint; force (along a direction, at the origin), cartesian (velocity of `point`)
    for a body. slide: the joint is a slide, so bounds are in N, m or m/s."""

    joint: Reference | None = None
    body: Reference | None = None
    mode: Literal["torque", "joint", "velocity", "force", "cartesian"]
    low: Any
    high: Any
    along: Direction | None = None
    stiffness: Any = None
    damping: Any = None
    point: Point = (0.0, 0.0, 0.0)
    slide: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="before")
    @classmethod
    def _quantities(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or not isinstance(raw.get("mode"), str):
            return raw
        turning = raw.get("joint") is not None and raw.get("slide") is not True
        wanted = BOUNDS.get((raw["mode"], turning))
        per = (units.ANGULAR_STIFFNESS, units.ANGULAR_DAMPING) if turning else (units.STIFFNESS, units.DAMPING)
        kinds = {"low": wanted, "high": wanted, "stiffness": per[0], "damping": per[1]}
        read = {}
        try:
            for key, dimension in kinds.items():
                if dimension is not None and raw.get(key) is not None:
                    fixed = Quantity(dimension, 0.0 if key in ("stiffness", "damping") else float("-inf"), fixed=True)
                    read[key] = within(fixed.read, raw[key], key)
        except FieldError as error:
            raise error.pydantic() from error
        return {**raw, **read}

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Control":
        if (self.joint is None) == (self.body is None):
            raise FieldError("the control is not clear", "'joint' or 'body', and not both").pydantic()
        of_joint = self.mode in ("torque", "joint", "velocity")
        if of_joint != (self.joint is not None):
            raise FieldError(f"{self.mode} controls a {'joint' if of_joint else 'body'}", "", "", ("mode",)).pydantic()
        if (self.mode == "force") != (self.along is not None):
            raise FieldError("'along' goes with mode force", "along: a direction of the world").pydantic()
        if not self.low < self.high:
            raise FieldError(f"'low' ({self.low:g}) is not below 'high' ({self.high:g})", "low < high", "", ("low",)).pydantic()
        missing = {"joint": self.stiffness is None, "velocity": self.damping is None}.get(self.mode, False)
        if missing:
            what = f"mode {self.mode} needs {'stiffness' if self.mode == 'joint' else 'damping'!r}"
            raise FieldError(what, "a drive that pulls the joint").pydantic()
        return self
