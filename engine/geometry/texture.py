"""Images on shapes: what a texture is, reading its file once, and its smaller copies for pictures from afar.

An image is sRGB, 8 bits a channel; it multiplies the colour of the shape in linear light. Smaller copies halve the image with a
box filter in linear light (Williams 1983) down to one texel. Limits: alpha is ignored; sides of up to MAX_SIDE pixels.
"""

import base64
import hashlib
import io
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError, near_matches

MAPPINGS = ("auto", "uv", "planar", "box", "round")
MAX_SIDE = 8192
INLINE = "data:image/png;base64,"
Image = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Texture:
    """An image on a shape: `image` is a file (png, jpg, ...) or an array (height, width, 3) of uint8, sRGB.

    mapping: "uv", by the coordinates of the mesh; "planar", from above; "box", on each of six sides; "round", around z. "auto"
    takes uv where a mesh has it, box for boxes and other meshes, planar for planes and height fields, round for the rest.
    repeat (across, up): copies over the shape, or with `metric` (and on planes) over one metre. Seen from its front an image is
    upright where z is up.
    """

    image: Any
    repeat: tuple[float, float] = (1.0, 1.0)
    mapping: str = "auto"
    metric: bool = False
    pixels: Image | None = field(default=None, repr=False)

    @cached_property
    def key(self) -> str:
        """Equal for equal pixels."""
        assert self.pixels is not None
        return hashlib.sha256(repr(self.pixels.shape).encode() + self.pixels.tobytes()).hexdigest()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Texture) or self.pixels is None or other.pixels is None:
            return self is other
        mine, theirs = ((t.key, t.repeat, t.mapping, t.metric) for t in (self, other))
        return mine == theirs

    def __hash__(self) -> int:
        return hash((self.repeat, self.mapping, self.metric))


def checked_texture(where: str, texture: Any) -> Texture | None:
    """The texture with its pixels read. Raises SceneError."""
    if texture is None or (isinstance(texture, Texture) and texture.pixels is not None):
        return texture
    if not isinstance(texture, Texture):
        raise SceneError(where, f"texture is {texture!r}", "allowed: engine.Texture(image) or None", "pass one")
    if texture.mapping not in MAPPINGS:
        remedy = near_matches(str(texture.mapping), MAPPINGS)
        raise SceneError(where, f"mapping is {texture.mapping!r}", f"allowed: {', '.join(MAPPINGS)}", remedy)
    repeat = tuple(texture.repeat) if isinstance(texture.repeat, tuple | list | np.ndarray) else (texture.repeat,) * 2
    numbers = [float(r) for r in repeat if isinstance(r, int | float | np.number) and np.isfinite(r) and r != 0]
    if len(repeat) != 2 or len(numbers) != 2:
        raise SceneError(where, f"repeat is {texture.repeat!r}", "allowed: two finite numbers other than 0", "give copies")
    pixels = _pixels(where, texture.image)
    return replace(texture, repeat=(numbers[0], numbers[1]), metric=bool(texture.metric), pixels=pixels)


def _pixels(where: str, image: Any) -> Image:
    """An array of any channels as (height, width, 3) uint8."""
    if isinstance(image, str | Path):
        image = _decoded(where, str(image)) if str(image).startswith(INLINE) else read_image(image, where)
    values = np.asarray(image)
    if values.ndim == 2:
        values = np.repeat(values[:, :, None], 3, axis=2)
    if values.ndim != 3 or values.shape[2] not in (1, 2, 3, 4) or values.dtype != np.uint8 or not values.size:
        allowed = "allowed: a picture file, or an array (height, width, 3) of uint8"
        raise SceneError(where, f"an image of shape {values.shape} and type {values.dtype}", allowed, "convert it")
    if max(values.shape[:2]) > MAX_SIDE:
        raise SceneError(
            where, f"an image of {values.shape[1]}x{values.shape[0]}", f"allowed: sides up to {MAX_SIDE}", "make it smaller"
        )
    values = values[:, :, :3] if values.shape[2] > 2 else np.repeat(values[:, :, :1], 3, axis=2)
    return np.ascontiguousarray(values)


def read_image(path: str | Path, where: str = "Texture") -> Image:
    """The pixels of a picture file, which is read once. Raises SceneError."""
    path = Path(path)
    if not path.is_file():
        raise SceneError(where, f"the image {str(path)!r} does not exist", "allowed: a readable picture file", "check the path")
    stat = path.stat()
    return _read(str(path.resolve()), stat.st_mtime_ns, stat.st_size, where)


@lru_cache(maxsize=256)
def _read(path: str, _mtime: int, _size: int, where: str) -> Image:
    return _decoded(where, path)


def _decoded(where: str, source: str) -> Image:
    import imageio.v3 as imageio  # most scenes have no picture file

    name = "the inline image" if source.startswith(INLINE) else repr(source)
    try:
        if source.startswith(INLINE):
            pixels = np.asarray(imageio.imread(io.BytesIO(base64.b64decode(source[len(INLINE) :], validate=True))))
        else:
            pixels = np.asarray(imageio.imread(source, index=0))
    except Exception as error:  # noqa: BLE001  (the readers raise anything on broken files)
        raise SceneError(
            where, f"cannot read {name} ({type(error).__name__})", "allowed: a valid picture, such as png or jpg", "repair it"
        ) from error
    return (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels.astype(np.uint8)


def inline_image(pixels: Image) -> str:
    """The pixels as text that `Texture(image)` reads back without a loss."""
    import imageio.v3 as imageio

    return INLINE + base64.b64encode(imageio.imwrite("<bytes>", pixels, extension=".png")).decode("ascii")


def light_of_codes() -> NDArray[np.float64]:
    """Linear light (256,) of sRGB codes (IEC 61966-2-1)."""
    code = np.arange(256) / 255.0
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def smaller_copies(pixels: Image) -> list[Image]:
    """The image, then half of it, and so on to one texel."""
    levels, light = [pixels], light_of_codes()[pixels]
    while max(light.shape[:2]) > 1:
        height, width = light.shape[:2]
        light = light[: max(2 * (height // 2), 1), : max(2 * (width // 2), 1)]  # an odd last row or column is left out
        light = light if height == 1 else (light[0::2] + light[1::2]) / 2
        light = light if width == 1 else (light[:, 0::2] + light[:, 1::2]) / 2
        code = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
        levels.append((255.0 * code + 0.5).astype(np.uint8))
    return levels
