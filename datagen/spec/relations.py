"""Where things stand with respect to each other, as people write it: the `place` list of a spec.

    place:
      - {rel: on_top, of: cup, ref: table}
      - {rel: left_of, of: cup, ref: plate, min: 5 cm, max: 20 cm}
      - {rel: between, of: ball, ref: [cup, plate]}

The solver of `datagen.placement` gives every subject (`of`) a place; entities that are no subject stand where their `position`
says. left, right, front and behind are those of the spec's `frame`.

Limits: a relation sees the extents along the axes of the frame and the exact shapes where it says so; it holds at frame 0,
after settling.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from . import units
from .fields import Quantity
from .model import Authored, NonNegativeLength, Reference
from .problems import FieldError

Names = Annotated[list[Reference], Field(min_length=2, max_length=64)]


def _ref_kind(raw: Any) -> str:
    return "many" if isinstance(raw, (list, tuple)) else "one"


class _Relation(Authored):
    """of: what is placed, an entity or one of its items. hard: false only prefers it, with a `weight`."""

    of: Reference
    hard: bool = True
    weight: Annotated[Any, Quantity(units.NUMBER, 0.0, above=True)] = 1.0


class _ToOne(_Relation):
    """ref: an entity, an item or a part."""

    ref: Reference


class OnTop(_ToOne):
    """Rests on the upper side of `ref`, its centre above it; on a slope with at most 30 deg. overhang: the share of the
    footprint that may stick out."""

    rel: Literal["on_top"]
    gap: NonNegativeLength = 0.0
    overhang: Annotated[Any, Quantity(units.NUMBER, 0.0, 0.5)] = 0.0


class Inside(_ToOne):
    """Inside the hollow of `ref`: on its floor or on what lies there already. gap: to the walls."""

    rel: Literal["inside"]
    gap: NonNegativeLength = 0.0


class Side(_ToOne):
    """Beyond the face of `ref` on that side of the frame by at least `gap` or `min` and at most `max`; `loose` drops the demand
    that both overlap along the other horizontal axis. `behind` is farther along forward, `in_front_of` nearer."""

    rel: Literal["left_of", "right_of", "in_front_of", "behind"]
    gap: NonNegativeLength = 0.0
    min: NonNegativeLength | None = None
    max: Annotated[Any, Quantity(units.LENGTH, 0.0, above=True)] | None = None
    loose: bool = False


class Vertical(_ToOne):
    """Higher (`above`) or lower (`below`, `under`) than every point of `ref`, with their footprints overlapping, by at least
    `gap` or `min` and at most `max`. What is above and rests on nothing hangs there at frame 0 and falls, unless it is
    fixed."""

    rel: Literal["above", "below", "under"]
    gap: NonNegativeLength = 0.0
    min: NonNegativeLength | None = None
    max: Annotated[Any, Quantity(units.LENGTH, 0.0, above=True)] | None = None


class NextTo(_ToOne):
    """Beside `ref` with a horizontal distance between the faces from `min` to `max`, at the same level."""

    rel: Literal["next_to"]
    min: NonNegativeLength = 0.01
    max: Annotated[Any, Quantity(units.LENGTH, 0.0, above=True)] = 0.10


class Touching(_ToOne):
    """Its surface is within 2 mm of that of `ref`."""

    rel: Literal["touching"]


class LeaningOn(_ToOne):
    """Stands tilted against a side of `ref` with its upper edge, its lower edge on the support: tilted from upright by an angle
    from `min` to `max`."""

    rel: Literal["leaning_on"]
    min: Annotated[Any, Quantity(units.ANGLE, 0.0)] = 0.17453292519943295
    max: Annotated[Any, Quantity(units.ANGLE, 0.0, 1.4)] = 0.5235987755982988


class Facing(_ToOne):
    """Its +x axis points at `ref`, turned about the vertical by at most `within` from it; `away` points it the other way."""

    rel: Literal["facing"]
    within: Annotated[Any, Quantity(units.ANGLE, 0.0)] = 0.03490658503988659
    away: bool = False


class Between(_Relation):
    """Between the middles of two things: within their middle 60 %, off the line by less than half their distance."""

    rel: Literal["between"]
    ref: Annotated[list[Reference], Field(min_length=2, max_length=2)]


class Aligned(_Relation):
    """The middles have the same coordinate along `axis` as `ref` (one or several), within `within`. axis: `x`, `y`, or a word
    of the frame (`forward`: equal coordinate along forward)."""

    rel: Literal["aligned"]
    ref: Annotated[
        Annotated[Reference, Tag("one")] | Annotated[Names, Tag("many")], Discriminator(_ref_kind)
    ]  # fmt: skip
    axis: Literal["x", "y", "forward", "right"] = "x"
    within: NonNegativeLength = 0.005


class FarFrom(_ToOne):
    """The horizontal distance between the faces is at least `min`."""

    rel: Literal["far_from"]
    min: NonNegativeLength = 0.3


class Distance(_ToOne):
    """The distance is from `min` to `max`: between the faces, or between the middles (`between: centers`)."""

    rel: Literal["distance"]
    min: NonNegativeLength = 0.0
    max: Annotated[Any, Quantity(units.LENGTH, 0.0, above=True)] | None = None
    between: Literal["faces", "centers"] = "faces"

    @model_validator(mode="after")
    def _says_something(self) -> "Distance":
        if not self.model_fields_set & {"min", "max"}:
            raise FieldError("the distance has no bounds", "'min', 'max' or both").pydantic()
        return self


Relation = Annotated[
    OnTop | Inside | Side | Vertical | NextTo | Touching | LeaningOn | Facing | Between | Aligned | FarFrom | Distance,
    Discriminator("rel"),
]
