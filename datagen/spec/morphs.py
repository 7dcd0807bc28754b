"""Rigid morphs as people write them: primitives, ramps, trays, ground that rises and falls, files of meshes and models.

A morph becomes one or several primitives in the body frame (`shapes`, `hollow`), or several bodies with joints (`articulated`,
and the models of files, which the engine's importers read).

Limits: a mesh is collided as its convex hull by the engine; `file` is a logical path inside the asset folders.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, model_validator

from . import units
from .fields import Coordinate, Quantity, Selectable, Vector, Word
from .model import Authored, NonNegativeLength, Point, PositiveLength, Rotation
from .problems import FieldError

Extents = Annotated[Any, Vector(Quantity(units.LENGTH, 0.0, above=True))]
FilePath = Annotated[str, Word(fixed=True, max_length=200)]


def inside_path(file: str, suffixes: tuple[str, ...]) -> None:
    """Refuses a path that leaves the asset folders or has another ending. Raises `FieldError`."""
    parts = file.replace("\\", "/").split("/")
    if file.startswith(("/", "~")) or ".." in parts or ":" in parts[0]:
        raise FieldError(f"the file {file!r} leaves the asset folders", "a relative path without '..'", "", ("file",))
    if suffixes and not file.lower().endswith(suffixes):
        raise FieldError(f"the file {file!r} has another ending", f"allowed: {', '.join(suffixes)}", "", ("file",))


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
    file: FilePath
    scale: Annotated[Any, Quantity(units.NUMBER, 0.0, above=True)] = 1.0

    @model_validator(mode="after")
    def _file_stays_inside(self) -> "Mesh":
        require_inside(self.file, ())
        return self


def require_inside(file: str, suffixes: tuple[str, ...]) -> None:
    """The same for a validator. Raises pydantic's error."""
    try:
        inside_path(file, suffixes)
    except FieldError as error:
        raise error.pydantic() from error


class Cone(Authored):
    """A solid cone or frustum about z, the body frame in the middle of its height; `top_radius` 0 is a tip. It collides as a
    convex mesh of 24 sides with exactly these radii at its corners."""

    type: Literal["cone"]
    radius: PositiveLength
    height: PositiveLength
    top_radius: NonNegativeLength = 0.0


class Wedge(Authored):
    """A solid ramp: a right triangle in x and z, `size` the full extents; it is highest at -x and goes down towards +x. The
    body frame is in the middle of `size`."""

    type: Literal["wedge"]
    size: Extents


class Terrain(Authored):
    """Ground that rises and falls, fixed: `size` (x, y) across, heights within `height`, one sample per `cell`. profile:
    `hills` (smooth noise), `waves` (a sine along x), `steps` (terraces upwards along x), `slope` (a plane upwards along x),
    `rough` (noise of one cell). period: of hills and waves, or the depth of a step. Drawn anew for every episode. The body
    frame is in the middle, at the mean level 0 of `hills`, `waves` and `rough` and at the foot of the others."""

    type: Literal["terrain"]
    size: Annotated[Any, Vector(Quantity(units.LENGTH, 0.0, above=True), length=2)]
    height: NonNegativeLength
    cell: PositiveLength = 0.1
    profile: Literal["hills", "waves", "steps", "slope", "rough"] = "hills"
    period: PositiveLength = 1.0


class Model(Authored):
    """A model of several bodies from a file: URDF (.urdf), MJCF (.xml, .mjcf) or USD (.usd, .usda, .usdc), found under the
    asset folders. Its links are parts (`robot.link1`), its joints can be driven (`robot.joint1`). joints: coordinates at frame
    0, in rad or m; keyframe: a named state of the file. Mass, friction and colours are those of the file."""

    type: Literal["urdf", "mjcf", "usd"]
    file: FilePath
    keyframe: Annotated[str, Word(fixed=True, max_length=80)] | None = None
    joints: dict[Annotated[str, Word(fixed=True, max_length=80)], Annotated[Any, Coordinate()]] = {}

    @model_validator(mode="after")
    def _file_fits(self) -> "Model":
        endings = {"urdf": (".urdf",), "mjcf": (".xml", ".mjcf"), "usd": (".usd", ".usda", ".usdc")}
        require_inside(self.file, endings[self.type])
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


SimpleMorph = Annotated[Sphere | Box | Cylinder | Capsule | Ellipsoid | Cone | Wedge | Mesh, Discriminator("type")]


class Part(Authored):
    """One primitive of a compound, placed in the body frame."""

    morph: Annotated[Any, Selectable(SimpleMorph)]
    position: Point = (0.0, 0.0, 0.0)
    rotation: Rotation = "none"


class Compound(Authored):
    """Several primitives that move as one body; where they overlap, mass counts twice."""

    type: Literal["compound"]
    parts: Annotated[list[Part], Field(min_length=1, max_length=64)]
