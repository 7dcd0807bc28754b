"""Textures of all scenes of a batch: one pool of images (deformables' among them), and for every shape which it wears and how.

A row of `shape_texture` is number of the image + 1 (0: none), how it is mapped (`MODE`, + METRIC where copies are counted per
metre), copies across and up, then centre and span of the shape in the units of its unit shape: (p - centre) / span is
counted in copies of the image along each axis.
Limits: the caps of cylinders are mapped from above; a metric mapping by uv takes the coordinates as they are.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.geometry.mesh import MeshData
from engine.geometry.texture import Image, Texture
from engine.scene.builder import Scene
from engine.scene.deformable_looks import worn_texture
from engine.scene.description import Box, Capsule, Cylinder, Ellipsoid, HeightField, Plane, Shape, Sphere, Surface

MODE = {"uv": 0.0, "planar": 1.0, "box": 2.0, "round": 3.0}
METRIC = 4.0
WIDTH = 10
Array = NDArray[np.float64]


def texture_arrays(scenes: Sequence[Scene], num_shapes: int) -> tuple[Array, tuple[Image, ...]]:
    """(`shape_texture` (variants, shapes, WIDTH), the images that it counts)."""
    rows = np.zeros((len(scenes), num_shapes, WIDTH))
    pool: dict[str, int] = {}
    images: list[Image] = []

    def number(texture: Texture) -> int:
        assert texture.pixels is not None  # `checked_texture` read them
        found = pool.setdefault(texture.key, len(images))
        if found == len(images):
            images.append(texture.pixels)
        return found

    for v, scene in enumerate(scenes):
        for k, (_, shape) in enumerate(scene.shapes):
            if shape.texture is not None:
                rows[v, k] = (number(shape.texture) + 1.0, *_mapping(shape, shape.texture))
        for texture in map(worn_texture, scene.deformables):
            if texture is not None:
                number(texture)
    return rows, tuple(images)


def _drawn(shape: Shape) -> MeshData | None:
    data = shape.data if isinstance(shape, Surface) else None
    return data if data is None or data.look is None else data.look


def _mapping(shape: Shape, texture: Texture) -> tuple[float, ...]:
    data = _drawn(shape)
    mode = texture.mapping
    if mode == "auto" or (mode == "uv" and (data is None or data.coordinates is None)):
        flat = isinstance(shape, Plane | HeightField)
        mode = "planar" if flat else "box" if isinstance(shape, Box | Surface) else "round"
        mode = "uv" if data is not None and data.coordinates is not None else mode
    lower, upper, scale = _extent(shape, data)
    span = np.where(upper > lower, upper - lower, 1.0)
    metric = texture.metric or isinstance(shape, Plane)
    across, up = texture.repeat
    if mode == "round":
        tall = 0.0 if isinstance(shape, Sphere | Ellipsoid) else span[2]
        if metric:
            across *= 2 * np.pi * scale[0] * 0.5 * span[0]
            up *= np.pi * scale[2] if tall == 0.0 else scale[2] * tall
        span = np.array([span[0], span[1], tall])
    elif metric:
        span, lower, upper = 1.0 / scale, 0.0 * lower, 0.0 * upper
    return (MODE[mode] + METRIC * metric, across, up, *((lower + upper) / 2), *span)


def _extent(shape: Shape, data: MeshData | None) -> tuple[Array, Array, Array]:
    """(lower, upper corner of the unit shape, scale from it to metres)."""
    one = np.ones(3)
    if isinstance(shape, Box | Sphere | Ellipsoid):
        size = np.array(shape.stored_size())
        return -one, one, np.full(3, size[0]) if isinstance(shape, Sphere) else size
    if isinstance(shape, Cylinder):
        return -one, one, np.array([shape.radius, shape.radius, shape.height / 2])
    if isinstance(shape, Capsule):
        long = np.array([1.0, 1.0, 1.0 + shape.length / 2 / shape.radius])
        return -long, long, np.full(3, shape.radius)
    if data is not None and len(data.vertices):
        return data.vertices.min(axis=0), data.vertices.max(axis=0), np.array(shape.stored_size())
    return -one / 2, one / 2, one


def merged_images(old: Sequence[Image], new: Sequence[Image], rows: Array) -> tuple[tuple[Image, ...], Array]:
    """One pool for the images of two compilations, and the rows of the second that count in it."""
    known = {(image.shape, image.tobytes()): k for k, image in enumerate(old)}
    pool, place = list(old), np.zeros(len(new) + 1)
    for k, image in enumerate(new):
        number = known.setdefault((image.shape, image.tobytes()), len(pool))
        if number == len(pool):
            pool.append(image)
        place[k + 1] = number + 1
    moved = np.array(rows)
    moved[..., 0] = place[rows[..., 0].astype(int)]
    return tuple(pool), moved
