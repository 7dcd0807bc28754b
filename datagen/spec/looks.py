"""Looks beyond one colour, as people write them: images on entities, lamps, and what a camera's electronics do.

Limits: the content of an image file is not part of the hash of an episode, as that of a mesh is not.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from . import units
from .fields import Quantity
from .materials import Tint
from .model import Authored, NonNegativeNumber, Place, Point
from .morphs import FilePath, require_inside
from .problems import FieldError

IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".webp")
FixedAngle = Annotated[float, Quantity(units.ANGLE, 0.0, 3.141592653589793, fixed=True)]
FixedLength = Annotated[float, Quantity(units.LENGTH, 0.0, above=True, fixed=True)]


class Texture(Authored):
    """An image: `file`, a relative path or the id of an asset, sRGB; it multiplies the colour. mapping: how it lies on the
    shape, by default as fits it. repeat: copies across and up, over the shape or (metric, planes) over one metre."""

    file: FilePath
    repeat: Annotated[list[float], Field(min_length=2, max_length=2)] = [1.0, 1.0]
    mapping: Literal["auto", "uv", "planar", "box", "round"] = "auto"
    metric: bool = False

    @model_validator(mode="after")
    def _file_is_an_image(self) -> "Texture":
        require_inside(self.file, IMAGES)
        if 0.0 in self.repeat:
            raise FieldError("no copies of an image", "two numbers other than 0", "", ("repeat",)).pydantic()
        return self


class Lamp(Authored):
    """A lamp at `position`. intensity: light on a surface that faces it at 1 m, where the sun gives 2.6; of a panel of `size`
    (width, height) its radiance. cone: half angles of full and of no light, for a spot. A spot and a panel face `look_at`, by
    default what is below. radius: of a ball, for soft shadows in path tracing."""

    position: Point
    color: Tint = (1.0, 0.93, 0.82)
    intensity: NonNegativeNumber = 5.0
    look_at: Place | None = None
    cone: Annotated[list[FixedAngle], Field(min_length=2, max_length=2)] | None = None
    size: Annotated[list[FixedLength], Field(min_length=2, max_length=2)] | None = None
    radius: Annotated[Any, Quantity(units.LENGTH, 0.0)] = 0.0

    @model_validator(mode="after")
    def _kind_is_one(self) -> "Lamp":
        if self.cone is not None and self.size is not None:
            raise FieldError("'cone' and 'size' of one lamp", "a spot or a panel", "remove one").pydantic()
        if self.cone is not None and self.cone[0] > self.cone[1]:
            raise FieldError("the cone of full light is the wider one", "full light, then none", "", ("cone",)).pydantic()
        if self.look_at is not None and self.cone is None and self.size is None:
            raise FieldError("a point lamp looks nowhere", "'look_at' with 'cone' or 'size'", "", ("look_at",)).pydantic()
        return self


class Exposure(Authored):
    """gain: factor on the light. full_well: electrons of a white pixel, 0 for no noise; read_noise: electrons. bits: of linear
    light, 0 for those of the picture."""

    gain: NonNegativeNumber = 1.0
    full_well: NonNegativeNumber = 0.0
    read_noise: NonNegativeNumber = 0.0
    bits: Annotated[int, Field(ge=0, le=16)] = 0
