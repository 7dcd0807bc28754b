"""Morphs of matter that flows and bends, as people write them: a fill, an emitter, a sheet, a sack, a rope.

What is made of it says the material: liquid, granular, snow, plastic and elastic matter fill a morph of any solid shape, or
the inside of a vessel (`fill`); cloth makes a sheet or a sack, and a rope its rope. How matter moves is the business of the
engine's solvers.

Limits: a fill takes its vessel as it stands at frame 0; emitters pour along a straight line.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from . import units
from .fields import Quantity, Vector
from .model import Authored, Direction, Point, PositiveLength, Reference, Seconds
from .problems import FieldError

Volume = Annotated[Any, Quantity(units.VOLUME, 0.0, above=True)]
Side = Literal["front_left", "front_right", "back_left", "back_right", "left", "right", "front", "back"]
End = Literal["left", "right", "front", "back", "bottom", "top"]
SIZE = Vector(Quantity(units.LENGTH, 0.0, above=True), length=2)


class Fill(Authored):
    """Matter inside a vessel (`into`: an entity or one of its bodies): by `volume`, by `level` above the inner floor, or by
    `share` of the interior; exactly one of them."""

    type: Literal["fill"]
    into: Reference
    volume: Volume | None = None
    level: PositiveLength | None = None
    share: Annotated[Any, Quantity(units.NUMBER, 0.0, 1.0, above=True)] | None = None

    @model_validator(mode="after")
    def _amount_is_one(self) -> "Fill":
        if sum(value is not None for value in (self.volume, self.level, self.share)) != 1:
            raise FieldError("how much is filled in is not clear", "one of 'volume', 'level' and 'share'").pydantic()
        return self


class Emitter(Authored):
    """A round nozzle of `radius` that pours `flow` in `direction` from `start` until `total` has come out (left out: for ever).
    The speed follows from flow and radius."""

    type: Literal["emitter"]
    radius: PositiveLength
    flow: Annotated[Any, Quantity(units.FLOW, 0.0, above=True)]
    direction: Direction = "down"
    start: Seconds = 0.0
    total: Volume | None = None


class Sheet(Authored):
    """A rectangle of cloth in the x-y plane of the body, `size` (x, y), with a vertex every `resolution`. pin: corners and
    edges that stay where they are; hold: those that go with an entity or one of its bodies, as in `{left: rod}`."""

    type: Literal["sheet"]
    size: Annotated[Any, SIZE]
    resolution: PositiveLength = 0.02
    pin: list[Side] = []
    hold: dict[Side, Reference] = {}


class Sack(Authored):
    """Two rectangles of cloth, `width` by `height` when flat, sewn together at both sides and at the bottom. At frame 0 it is
    open: its rim a circle in the x-y plane of the body, its bottom below, along x. A vertex every `resolution`. pin: the rim
    stays where it is; hold: it goes with an entity or one of its bodies, as in `{rim: hoop}`."""

    type: Literal["sack"]
    width: PositiveLength
    height: PositiveLength
    resolution: PositiveLength = 0.02
    pin: list[Literal["rim"]] = []
    hold: dict[Literal["rim"], Reference] = {}


class Rope(Authored):
    """A rope of `radius` from the first to the last of `points` (in the body frame), or straight along x over `length`, with a
    vertex every `resolution`. pin: ends that stay where they are; hold: those that go with an entity or one of its bodies."""

    type: Literal["rope"]
    radius: PositiveLength = 0.005
    length: PositiveLength | None = None
    points: Annotated[list[Point], Field(min_length=2, max_length=200)] | None = None
    resolution: PositiveLength = 0.02
    pin: list[Literal["start", "end"]] = []
    hold: dict[Literal["start", "end"], Reference] = {}

    @model_validator(mode="after")
    def _course_is_one(self) -> "Rope":
        if (self.length is None) == (self.points is None):
            raise FieldError("the course of the rope is not clear", "'length' or 'points', and not both").pydantic()
        return self


class Soft(Authored):
    """How fine an elastic solid is divided (left out, a fifth of the edge of a cube of its volume), and by which method: `mesh`
    (tetrahedra) or `particles`. hold: ends of a mesh, along the axes of its own frame, that go with an entity or one of its
    bodies, as in `{left: jaw}`."""

    resolution: PositiveLength | None = None
    method: Literal["mesh", "particles"] = "mesh"
    hold: dict[End, Reference] = {}

    @model_validator(mode="after")
    def _a_mesh_is_held(self) -> "Soft":
        if self.hold and self.method != "mesh":
            raise FieldError("particles cannot be held", "'hold' goes with the method mesh", "", ("hold",)).pydantic()
        return self


MATTER_MORPHS = (Fill, Emitter, Sheet, Sack, Rope)
