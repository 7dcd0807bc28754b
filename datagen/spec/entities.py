"""Entities as people write them: what a thing is made of, how many there are, and where they stand.

A morph of one solid becomes a body, an articulated one or a model several; matter (liquid, cloth, ...) becomes what the
engine's solvers move. An entity with a `count` becomes that many, each with its own draws. Directions of `arrange` are in the
world, or in the frame of the entity that `relative_to` names.

Limits: which morphs go with which kind of material is checked here and in `check`.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, model_validator

from . import articulated, matter, morphs, units, vessels
from .arrangements import Arrange, Circle, Curve, Grid, Line, Pyramid, Rack, Scatter, Stack
from .fields import Quantity, Selectable
from .looks import Texture
from .materials import Material, MaterialChoice, Tint
from .matter import Emitter, Fill, Rope, Sack, Sheet, Soft
from .model import (
    AngularVelocity,
    Authored,
    Mass,
    Point,
    Ratio,
    Reference,
    Rotation,
    Velocity,
)
from .morphs import (
    Box,
    Capsule,
    Compound,
    Cone,
    Cylinder,
    Ellipsoid,
    Mesh,
    Model,
    Part,
    Pendulum,
    Plane,
    Ramp,
    Sphere,
    Terrain,
    Tray,
    Wedge,
)
from .problems import FieldError

Morph = Annotated[
    Plane | Sphere | Box | Cylinder | Capsule | Ellipsoid | Cone | Wedge | Mesh | Ramp | Tray | Pendulum | Terrain | Compound
    | vessels.Cup | vessels.Bowl | vessels.Bucket | vessels.Tank | vessels.Funnel | vessels.Hourglass
    | articulated.Cabinet | articulated.Door | articulated.Faucet | articulated.Laptop | articulated.CartPole
    | Model | Fill | Emitter | Sheet | Sack | Rope,
    Discriminator("type"),
]  # fmt: skip


class Entity(Authored):
    """A thing, or `count` of them. position, rotation: of the body frame in the world, or in the frame of the body that
    `relative_to` names. origin `bottom`: `position` is below the middle of the body, at its lowest point. mass replaces the
    density of the material. velocity, angular_velocity: world frame. An entity that is `of` a relation of `place` gets its
    position from there (and its yaw, from `facing` and `leaning_on`). soft: how an elastic solid is divided."""

    morph: Annotated[Any, Selectable(Morph)]
    material: Annotated[Any, Selectable(MaterialChoice)] = "default"
    mass: Mass | None = None
    color: Tint | None = None
    roughness: Ratio | None = None
    metallic: Ratio | None = None
    pattern: Literal["none", "checker"] = "none"
    texture: Annotated[Any, Selectable(Texture)] | None = None
    count: Annotated[Any, Quantity(units.NUMBER, 1.0, whole=True)] | None = None
    arrange: Arrange | None = None
    position: Point = (0.0, 0.0, 0.0)
    rotation: Rotation = "none"
    origin: Literal["center", "bottom"] = "center"
    relative_to: Reference | None = None
    velocity: Velocity | None = None
    angular_velocity: AngularVelocity | None = None
    fixed: bool = False
    soft: Soft = Soft()

    @model_validator(mode="after")
    def _arrangement_has_items(self) -> "Entity":
        if self.arrange is not None and self.count is None:
            raise FieldError("'arrange' needs a 'count'", "", "add for instance 'count: 10'", ("arrange",)).pydantic()
        return self


SHAPELESS = (morphs.Model, *matter.MATTER_MORPHS)
"""Morphs without primitives of their own."""

__all__ = [
    "SHAPELESS", "Arrange", "Box", "Capsule", "Circle", "Compound", "Cone", "Curve", "Cylinder", "Ellipsoid", "Emitter",
    "Entity",
    "Fill", "Grid", "Line", "Material", "MaterialChoice", "Mesh", "Model", "Morph", "Part", "Pendulum", "Plane", "Pyramid",
    "Rack", "Ramp", "Rope", "Sack", "Scatter", "Sheet", "Soft", "Sphere", "Stack", "Terrain", "Tint", "Tray", "Wedge",
]  # fmt: skip
