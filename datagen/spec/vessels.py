"""Hollow morphs as people write them: cup, bowl, bucket, tank, funnel, hourglass, with an interior of known volume.

Round vessels have `sides` flat walls. A radius is that of the inner wall, measured to the middle of a side, so the interior
is a stack of frustums over a regular polygon and its volume is exact (`hollow`). The body frame is in the middle of the
height; the floor (where there is one) lies below.

Limits: walls are boxes; where they meet outside they overlap a little, and mass by density counts that twice.
"""

from typing import Annotated, Literal

from pydantic import Field

from .model import Authored, NonNegativeLength, PositiveLength
from .morphs import Extents
from .problems import FieldError

Sides = Annotated[int, Field(ge=6, le=48)]


class _Round(Authored):
    """sides: flat walls around; thickness: of walls and floor."""

    thickness: PositiveLength = 0.004
    sides: Sides = 12


class Cup(_Round):
    """A cup: inner `radius` and outer `height`; `top_radius` widens or narrows it (left out: straight walls). handle: a square
    loop on the +x side."""

    type: Literal["cup"]
    radius: PositiveLength = 0.035
    height: PositiveLength = 0.09
    top_radius: PositiveLength | None = None
    handle: bool = False


class Bucket(_Round):
    """A bucket: wider at the top."""

    type: Literal["bucket"]
    radius: PositiveLength = 0.11
    top_radius: PositiveLength = 0.14
    height: PositiveLength = 0.26


class Bowl(_Round):
    """A bowl: inner `radius` at the rim and outer `height`; its wall follows an ellipse in `tiers` rings down to a flat floor
    of `foot` times the rim's radius."""

    type: Literal["bowl"]
    radius: PositiveLength = 0.08
    height: PositiveLength = 0.06
    tiers: Annotated[int, Field(ge=1, le=6)] = 3
    foot: Annotated[float, Field(gt=0.05, lt=1.0)] = 0.4


class Tank(Authored):
    """A box without lid, like a tray, for liquids and grains: `size` the outer extents."""

    type: Literal["tank"]
    size: Extents
    thickness: PositiveLength = 0.01


class Funnel(_Round):
    """A funnel, open above and below: a cone from `radius` at the top to `neck` at the stem, then a straight stem."""

    type: Literal["funnel"]
    radius: PositiveLength = 0.08
    neck: PositiveLength = 0.012
    height: PositiveLength = 0.14
    stem: NonNegativeLength = 0.04


class Hourglass(_Round):
    """Two closed chambers of inner `radius`, joined by a hole of radius `neck`; each is a cylinder with a cone towards the
    neck. `height` is the outer height."""

    type: Literal["hourglass"]
    radius: PositiveLength = 0.04
    neck: PositiveLength = 0.006
    height: PositiveLength = 0.2


def require_wider(neck: float, radius: float) -> None:
    """A neck is narrower than what it joins. Raises `FieldError`."""
    if neck >= radius:
        what = f"the neck of {neck:g} m is as wide as the radius {radius:g} m"
        raise FieldError(what, "a neck that is narrower", "", ("neck",))


ROUND = (Cup, Bucket, Bowl, Funnel, Hourglass)
