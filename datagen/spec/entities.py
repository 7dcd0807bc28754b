"""Entities as people write them: what a body is made of, how many there are, and how they are laid out.

A morph becomes one or several primitives in the body frame; an entity with a `count` becomes that many bodies, each with its
own draws. Directions of `arrange` are in the world, or in the frame of the entity that `relative_to` names.

Limits: rigid bodies; a mesh is collided as its convex hull by the engine.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from . import units
from .fields import Color, Quantity, Selectable, Vector, Word
from .model import (
    Angle,
    AngularVelocity,
    Authored,
    Density,
    Direction,
    Mass,
    NonNegativeLength,
    NonNegativeNumber,
    Point,
    PositiveLength,
    Ratio,
    Reference,
    Rotation,
    Velocity,
)
from .problems import FieldError

Tint = Annotated[Any, Color()]
Extents = Annotated[Any, Vector(Quantity(units.LENGTH, 0.0, above=True))]


class Plane(Authored):
    """An infinite plane, normal +z of the body; never moves."""

    type: Literal["plane"]


class Sphere(Authored):
    """A ball."""

    type: Literal["sphere"]
    radius: PositiveLength


class Box(Authored):
    """size: full extents x, y, z."""

    type: Literal["box"]
    size: Extents


class Cylinder(Authored):
    """Axis z."""

    type: Literal["cylinder"]
    radius: PositiveLength
    height: PositiveLength


class Capsule(Authored):
    """Axis z; length: the straight part between the centres of the caps."""

    type: Literal["capsule"]
    radius: PositiveLength
    length: PositiveLength


class Ellipsoid(Authored):
    """radii x, y, z."""

    type: Literal["ellipsoid"]
    radii: Extents


class Mesh(Authored):
    """file: a relative path or the id of an asset, resolved by whoever builds the scene; scale: one factor or three."""

    type: Literal["mesh"]
    file: Annotated[str, Word(fixed=True, max_length=200)]
    scale: Annotated[Any, Quantity(units.NUMBER, 0.0, above=True)] = 1.0

    @model_validator(mode="after")
    def _file_stays_inside(self) -> "Mesh":
        parts = self.file.replace("\\", "/").split("/")
        if self.file.startswith(("/", "~")) or ".." in parts or ":" in parts[0]:
            raise FieldError(
                f"the file {self.file!r} leaves the asset folders", "a relative path without '..'", "", ("file",)
            ).pydantic()
        return self


class Ramp(Authored):
    """A plank that goes down towards its own +x: the body frame lies in the middle of its upper side, tilted by `angle`."""

    type: Literal["ramp"]
    length: PositiveLength
    width: PositiveLength
    thickness: PositiveLength = 0.02
    angle: Annotated[Any, Quantity(units.ANGLE, 0.0, 1.5)]


class Tray(Authored):
    """A box without lid: a floor and four walls inside the full extents `size`; the body frame is in the middle of `size`."""

    type: Literal["tray"]
    size: Extents
    thickness: PositiveLength = 0.01


class Pendulum(Authored):
    """A ball with a thin rod upwards to a point `length` above its centre; the body frame is the centre of the ball. The rod
    stops short of that point by `gap`, so that it touches nothing that is there."""

    type: Literal["pendulum"]
    radius: PositiveLength
    length: PositiveLength
    rod_radius: PositiveLength = 0.003
    gap: NonNegativeLength = 0.01


SimpleMorph = Annotated[Sphere | Box | Cylinder | Capsule | Ellipsoid | Mesh, Discriminator("type")]


class Part(Authored):
    """One primitive of a compound, placed in the body frame."""

    morph: Annotated[Any, Selectable(SimpleMorph)]
    position: Point = (0.0, 0.0, 0.0)
    rotation: Rotation = "none"


class Compound(Authored):
    """Several primitives that move as one body; where they overlap, mass counts twice."""

    type: Literal["compound"]
    parts: Annotated[list[Part], Field(min_length=1, max_length=64)]


Morph = Annotated[
    Plane | Sphere | Box | Cylinder | Capsule | Ellipsoid | Mesh | Ramp | Tray | Pendulum | Compound, Discriminator("type")
]


class Material(Authored):
    """Surface and bulk. What is left out comes from `preset` (a name of `presets.PRESETS`), then from the preset `default`."""

    preset: Reference | None = None
    density: Density | None = None
    friction: NonNegativeNumber | None = None
    torsional_friction: NonNegativeLength | None = None
    rolling_friction: NonNegativeLength | None = None
    restitution: Ratio | None = None
    color: Tint | None = None
    roughness: Ratio | None = None
    metallic: Ratio | None = None


def _material_kind(raw: Any) -> str:
    return "name" if isinstance(raw, str) else "inline"


MaterialChoice = Annotated[
    Annotated[Reference, Tag("name")] | Annotated[Material, Tag("inline")], Discriminator(_material_kind)
]


class Line(Authored):
    """In a row; spacing counts from centre to centre (pitch) or between the faces of neighbours (gap)."""

    type: Literal["line"]
    spacing: NonNegativeLength
    measure: Literal["gap", "pitch"] = "pitch"
    direction: Direction = "x"
    centered: bool = True


class Grid(Authored):
    """In rows of x, then y, then layers of z; spacing from centre to centre."""

    type: Literal["grid"]
    shape: Annotated[list[Annotated[int, Field(ge=1, le=10_000)]], Field(min_length=2, max_length=3)]
    spacing: Extents


class Circle(Authored):
    """On an arc from `start`: over `sweep` (a full circle leaves no double; the default), or with `spacing` along the arc from
    centre to centre; `facing` turns the items with it."""

    type: Literal["circle"]
    radius: PositiveLength
    start: Angle = 0.0
    sweep: Angle | None = None
    spacing: PositiveLength | None = None
    facing: Literal["none", "outward", "tangent"] = "none"

    @model_validator(mode="after")
    def _arc_is_one(self) -> "Circle":
        if self.sweep is not None and self.spacing is not None:
            raise FieldError("sweep and spacing are both given", "one of them").pydantic()
        return self


class Stack(Authored):
    """One on top of the other, upwards, with `gap` between them."""

    type: Literal["stack"]
    gap: NonNegativeLength = 0.0


class Rack(Authored):
    """A triangle of 1, 2, 3, ... in the horizontal plane, with the apex at `position` and rows towards `direction`."""

    type: Literal["rack"]
    gap: NonNegativeLength = 0.0
    direction: Direction = "x"


class Scatter(Authored):
    """Anywhere in a box of full extents `region` around `position`, with bounding spheres at least `gap` apart."""

    type: Literal["scatter"]
    region: Annotated[Any, Vector(Quantity(units.LENGTH, 0.0))]
    gap: NonNegativeLength = 0.002


Arrange = Annotated[Line | Grid | Circle | Stack | Rack | Scatter, Discriminator("type")]


class Entity(Authored):
    """A thing, or `count` of them. position, rotation: of the body frame in the world, or in the frame of the body that
    `relative_to` names. origin `bottom`: `position` is below the middle of the body, at its lowest point. mass replaces the
    density of the material. velocity, angular_velocity: world frame."""

    morph: Annotated[Any, Selectable(Morph)]
    material: Annotated[Any, Selectable(MaterialChoice)] = "default"
    mass: Mass | None = None
    color: Tint | None = None
    roughness: Ratio | None = None
    metallic: Ratio | None = None
    pattern: Literal["none", "checker"] = "none"
    count: Annotated[Any, Quantity(units.NUMBER, 1.0, whole=True)] | None = None
    arrange: Arrange | None = None
    position: Point = (0.0, 0.0, 0.0)
    rotation: Rotation = "none"
    origin: Literal["center", "bottom"] = "center"
    relative_to: Reference | None = None
    velocity: Velocity | None = None
    angular_velocity: AngularVelocity | None = None
    fixed: bool = False

    @model_validator(mode="after")
    def _arrangement_has_items(self) -> "Entity":
        if self.arrange is not None and self.count is None:
            raise FieldError("'arrange' needs a 'count'", "", "add for instance 'count: 10'", ("arrange",)).pydantic()
        return self
