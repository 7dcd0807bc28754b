"""The base of all authored models, and the quantities, directions, rotations and velocities that they share.

Unknown keys are errors with a near match; values are strict (a word is never taken for a number). `walk` visits every leaf with
its path, which is how references and params are checked without a list of fields.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Tag, model_validator

from ..errors import near_matches
from . import units
from .distributions import Choice, Cycle
from .fields import Quantity, Selectable, Vector, Word
from .problems import FieldError
from .text import Path, kind_text


class Authored(BaseModel):
    """Base of the models that people write: immutable, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _keys_are_known(cls, raw: Any) -> Any:
        if isinstance(raw, cls):
            return raw
        if not isinstance(raw, dict):
            raise FieldError(f"this is {kind_text(raw)}", f"a mapping with the keys {', '.join(keys_of(cls))}").pydantic()
        for key in raw:
            if key not in keys_of(cls):
                raise unknown_key(key, cls).pydantic()
        return raw


@lru_cache(maxsize=1)
def field_names() -> frozenset[str]:
    """The keys of all models of a document."""
    names: set[str] = set()
    models: list[type[BaseModel]] = [Authored]
    while models:
        model = models.pop()
        names.update(keys_of(model))
        models += model.__subclasses__()
    return frozenset(names)


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of a model as they stand in a document (`for`, where the field is called `for_`)."""
    return [field.alias or name for name, field in model.model_fields.items()]


def unknown_key(key: Any, model: type[BaseModel]) -> FieldError:
    """The error for a key that the model does not have."""
    names = [name for name in keys_of(model) if name not in ("type", "do")]
    allowed = f"allowed: {', '.join(keys_of(model))}"
    return FieldError(f"unknown key {str(key)!r}", allowed, near_matches(str(key), names), (key,))


Length = Annotated[Any, Quantity(units.LENGTH)]
PositiveLength = Annotated[Any, Quantity(units.LENGTH, 0.0, above=True)]
NonNegativeLength = Annotated[Any, Quantity(units.LENGTH, 0.0)]
Angle = Annotated[Any, Quantity(units.ANGLE)]
Mass = Annotated[Any, Quantity(units.MASS, 0.0, above=True)]
Density = Annotated[Any, Quantity(units.DENSITY, 0.0, above=True)]
Ratio = Annotated[Any, Quantity(units.NUMBER, 0.0, 1.0)]
NonNegativeNumber = Annotated[Any, Quantity(units.NUMBER, 0.0)]
Speed = Annotated[Any, Quantity(units.SPEED)]
AngularSpeed = Annotated[Any, Quantity(units.ANGULAR_SPEED)]
Seconds = Annotated[Any, Quantity(units.TIME, 0.0)]
Point = Annotated[Any, Vector(Quantity(units.LENGTH))]
Text = Annotated[Any, Word()]
Reference = Annotated[str, Word(fixed=True, max_length=80)]

WORDS: dict[str, tuple[str, int]] = {
    "forward": ("forward", 1), "back": ("forward", -1), "backward": ("forward", -1), "north": ("forward", 1),
    "south": ("forward", -1), "right": ("right", 1), "left": ("right", -1), "east": ("right", 1), "west": ("right", -1),
    "up": ("up", 1), "down": ("up", -1),
}  # fmt: skip
AXES: dict[str, tuple[float, float, float]] = {
    "x": (1.0, 0.0, 0.0), "+x": (1.0, 0.0, 0.0), "-x": (-1.0, 0.0, 0.0),
    "y": (0.0, 1.0, 0.0), "+y": (0.0, 1.0, 0.0), "-y": (0.0, -1.0, 0.0),
    "z": (0.0, 0.0, 1.0), "+z": (0.0, 0.0, 1.0), "-z": (0.0, 0.0, -1.0),
}  # fmt: skip
AxisWord = Literal["x", "+x", "-x", "y", "+y", "-y", "z", "+z", "-z"]
DirectionWord = Literal[
    "x", "+x", "-x", "y", "+y", "-y", "z", "+z", "-z",
    "forward", "back", "backward", "north", "south", "right", "left", "east", "west", "up", "down",
]  # fmt: skip


def _point_or_reference(raw: Any) -> str:
    return "reference" if isinstance(raw, str) else "point"


Place = Annotated[
    Annotated[Point, Tag("point")] | Annotated[Reference, Tag("reference")], Discriminator(_point_or_reference)
]  # fmt: skip
"""A point in the world, or an entity, which stands for the middle of its bodies."""


class Toward(Authored):
    """From the body that it is about to an entity or a point of the world."""

    toward: Place


class Heading(Authored):
    """azimuth: from +x towards +y; elevation: above the horizon."""

    azimuth: Angle = 0.0
    elevation: Angle = 0.0


def _direction_kind(raw: Any) -> str:
    if isinstance(raw, (str, list, tuple)):
        return "word" if isinstance(raw, str) else "vector"
    return "toward" if isinstance(raw, Toward) or (isinstance(raw, dict) and "toward" in raw) else "heading"


DirectionValue = Annotated[
    Annotated[DirectionWord, Tag("word")]
    | Annotated[Annotated[Any, Vector()], Tag("vector")]
    | Annotated[Toward, Tag("toward")]
    | Annotated[Heading, Tag("heading")],
    Discriminator(_direction_kind),
]
Direction = Annotated[Any, Selectable(DirectionValue)]
"""A word (`x`, `-y`, `forward`, `left`, `up`), a vector of any length, `{toward: entity}` or `{azimuth, elevation}`."""


class AxisAngle(Authored):
    """A turn by `angle` about `axis`, right-handed."""

    axis: Direction
    angle: Angle


class Euler(Authored):
    """Turns about x (roll), then y (pitch), then z (yaw), all about the fixed axes."""

    roll: Angle = 0.0
    pitch: Angle = 0.0
    yaw: Angle = 0.0


class Quaternion(Authored):
    """[w, x, y, z], of any length but zero."""

    quaternion: Annotated[Any, Vector(Quantity(), length=4)]


def _rotation_kind(raw: Any) -> str:
    if isinstance(raw, (str, BaseModel)):
        kinds: dict[type, str] = {str: "word", AxisAngle: "axis_angle", Quaternion: "quaternion"}
        return kinds.get(type(raw), "euler")
    for key, kind in (("axis", "axis_angle"), ("quaternion", "quaternion")):
        if isinstance(raw, dict) and key in raw:
            return kind
    return "euler"


RotationValue = Annotated[
    Annotated[Literal["random", "none"], Tag("word")]
    | Annotated[AxisAngle, Tag("axis_angle")]
    | Annotated[Euler, Tag("euler")]
    | Annotated[Quaternion, Tag("quaternion")],
    Discriminator(_rotation_kind),
]
Rotation = Annotated[Any, Selectable(RotationValue)]
"""`random` (every rotation alike), `none`, `{axis, angle}`, `{roll, pitch, yaw}` or `{quaternion: [w, x, y, z]}`."""


class Motion(Authored):
    """A velocity of that speed in that direction."""

    speed: Speed
    direction: Direction


class Spin(Authored):
    """An angular velocity of that speed about that axis."""

    speed: AngularSpeed
    axis: Direction


def _motion_kind(raw: Any) -> str:
    spread = isinstance(raw, dict) and "dist" in raw
    return "vector" if spread or isinstance(raw, (list, tuple)) else "model"


Velocity = Annotated[
    Annotated[Annotated[Any, Vector(Quantity(units.SPEED))], Tag("vector")] | Annotated[Motion, Tag("model")],
    Discriminator(_motion_kind),
]
AngularVelocity = Annotated[
    Annotated[Annotated[Any, Vector(Quantity(units.ANGULAR_SPEED))], Tag("vector")] | Annotated[Spin, Tag("model")],
    Discriminator(_motion_kind),
]


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every model and leaf inside an authored value, outermost first, with its path in the document."""
    yield path, value
    if isinstance(value, BaseModel):
        for name in value.model_fields_set:
            yield from walk(getattr(value, name), (*path, type(value).model_fields[name].alias or name))
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from walk(entry, (*path, key))
    elif isinstance(value, (list, tuple)):
        for number, entry in enumerate(value):
            yield from walk(entry, (*path, number))
    elif isinstance(value, (Choice, Cycle)):
        for number, entry in enumerate(value.of):
            yield from walk(entry, (*path, "of", number))
