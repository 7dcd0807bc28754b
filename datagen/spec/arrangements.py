"""How the items of an entity are laid out, as people write it: rows, grids, rings, curves, stacks, pyramids, racks, scatter.

Offsets from `position` in the frame of the entity; `placement` computes them.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, model_validator

from . import units
from .fields import Quantity, Vector
from .model import Angle, Authored, Direction, NonNegativeLength, Point, PositiveLength
from .morphs import Extents
from .problems import FieldError


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
    """`circle` or `ring`: on an arc from `start`: over `sweep` (a full circle leaves no double; the default), or with
    `spacing` along the arc from centre to centre; `facing` turns the items with it."""

    type: Literal["circle", "ring"]
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


class Curve(Authored):
    """Along a smooth curve through `points` (Catmull-Rom), from its start, with `spacing` along the curve from centre to
    centre, or spread evenly over it; `facing` turns +x of the items along the curve."""

    type: Literal["curve"]
    points: Annotated[list[Point], Field(min_length=2, max_length=100)]
    spacing: PositiveLength | None = None
    facing: Literal["none", "tangent"] = "tangent"


class Pyramid(Authored):
    """Rows of n, n - 1, ... 1 one above the other (`layout: wall`), or squares of n x n, ... (`layout: square`); n is the
    smallest that holds the count, `gap` between the sides of neighbours."""

    type: Literal["pyramid"]
    layout: Literal["wall", "square"] = "wall"
    gap: NonNegativeLength = 0.002


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

    type: Literal["scatter", "random"]
    region: Annotated[Any, Vector(Quantity(units.LENGTH, 0.0))]
    gap: NonNegativeLength = 0.002


Arrange = Annotated[Line | Grid | Circle | Curve | Stack | Pyramid | Rack | Scatter, Discriminator("type")]
