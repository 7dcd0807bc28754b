"""What pictures show of deformables: cloth as it is, the skin of solids, a tube around ropes, with their colours and images."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.continua import SurfaceMesh, Worn
from engine.scene.constants import linear_color
from engine.scene.deformable import Deformable, Geometry
from engine.scene.deformable_looks import SIDES, coordinates, tube_faces, worn_texture


class Look:
    """One deformable of all environments; `images` is the pool of the compiled scene, which never loses one."""

    def __init__(self, described: Sequence[Deformable], mesh: Geometry, segment: int, images: Sequence[NDArray[np.uint8]]):
        self.name, self.radius, self.segment = described[0].name, max(described[0].radius, 1e-4), segment
        self.color = linear_color(np.array([part.color for part in described]))
        self.is_rope = not len(mesh.faces)
        self.faces = (tube_faces(len(mesh.points)) if self.is_rope else mesh.faces).astype(np.int32)
        self.worn = _worn(described, mesh, images)

    def surface(self, now: NDArray, before: NDArray | None) -> SurfaceMesh:
        """The surface at the vertices `now` (E, n, 3), which were at `before` in the marked frame."""
        if self.is_rope:
            now, before = tube(now, self.radius), None if before is None else tube(before, self.radius)
        return SurfaceMesh(self.name, now, before, self.faces, self.color, self.segment, self.worn)


def _worn(described: Sequence[Deformable], mesh: Geometry, images: Sequence[NDArray[np.uint8]]) -> Worn | None:
    textures = [worn_texture(part) for part in described]
    first = next((texture for texture in textures if texture is not None), None)
    if first is None:
        return None
    choice = np.zeros((len(textures), 3))
    known: dict[str, int] = {}
    for row, texture in zip(choice, textures, strict=True):
        if texture is not None and texture.pixels is not None:
            number = known.get(texture.key)
            if number is None:
                number = next(k for k, image in enumerate(images) if np.array_equal(image, texture.pixels))
                known[texture.key] = number
            row[:] = number + 1, *texture.repeat
    return Worn(coordinates(described[0], mesh, first), choice)


def tube(points: NDArray, radius: float) -> NDArray:
    """Vertices (E, n * SIDES, 3) of a tube around polylines (E, n, 3), with a frame carried along without twist."""
    tangent = np.gradient(points, axis=1)
    tangent = tangent / np.maximum(np.linalg.norm(tangent, axis=-1, keepdims=True), 1e-12)
    across = np.zeros_like(points)
    first = np.eye(3, dtype=points.dtype)[np.abs(tangent[:, 0]).argmin(-1)]
    for k in range(points.shape[1]):
        side = first - tangent[:, k] * (first * tangent[:, k]).sum(-1, keepdims=True)
        first = side / np.maximum(np.linalg.norm(side, axis=-1, keepdims=True), 1e-12)
        across[:, k] = first
    other = np.cross(tangent, across)
    angle = np.arange(SIDES) * (2 * np.pi / SIDES)
    ring = across[:, :, None] * np.cos(angle)[:, None] + other[:, :, None] * np.sin(angle)[:, None]
    vertices = points[:, :, None] + radius * ring
    return vertices.reshape(len(points), -1, 3).astype(points.dtype)
