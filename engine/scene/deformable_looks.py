"""How an image lies on cloth, ropes and elastic solids: coordinates of every corner, fixed to the material.

A sheet wears its image flat, in the plane that it is cut from; a rope around and along itself; a solid as its shape at rest
would (`box` on six sides, by the direction of each triangle; `planar` from above; `round` around z). Coordinates count copies
of an image over the thing, or metres where the texture is metric; the copies of each environment multiply them later. "auto"
is round for balls and cylinders and box for other solids. Limits: a triangle of a solid lies on one side as a whole; particles
and liquids have no coordinates and wear no image.
"""

import numpy as np
from numpy.typing import NDArray

from engine.geometry.texture import Texture
from engine.scene.deformable import Deformable, Geometry, Solid
from engine.scene.description import Cylinder, Ellipsoid, Sphere

Array = NDArray[np.float64]
SIDES = 8  # of the tube that shows a rope


def worn_texture(part: Deformable) -> Texture | None:
    """The image of a deformable: its own, or that of the shape that a solid fills."""
    own = part.mesh.shape.texture if isinstance(part.mesh, Solid) else None
    return part.texture or own


def coordinates(part: Deformable, mesh: Geometry, texture: Texture) -> Array:
    """(faces, 3, 2) of the triangles that are drawn: of the mesh, or of the tube around a rope."""
    if mesh.plane is not None:
        return _spread(mesh.plane, texture.metric)[mesh.faces]
    if not len(mesh.faces):
        return _around_rope(mesh.points, part.radius, texture.metric)
    corners = mesh.points[mesh.faces]
    mode = texture.mapping
    if mode in ("auto", "uv"):
        shape = part.mesh.shape if isinstance(part.mesh, Solid) else None
        mode = "round" if isinstance(shape, Sphere | Ellipsoid | Cylinder) else "box"
    if mode == "planar":
        return _spread(mesh.points[:, :2], texture.metric)[mesh.faces]
    if mode == "round":
        return _around_z(corners, texture.metric)
    return _six_sides(corners, texture.metric)


def _spread(points: Array, metric: bool) -> Array:
    """Metres, or shares of the extent from the lowest to the highest."""
    if metric:
        return points
    low, high = points.min(axis=0), points.max(axis=0)
    return (points - low) / np.where(high > low, high - low, 1.0)


def _six_sides(corners: Array, metric: bool) -> Array:
    """By the side along which each triangle looks, upright where z is up."""
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    side = np.abs(normal).argmax(axis=1)
    back = np.take_along_axis(normal, side[:, None], 1)[:, 0] < 0
    flat = _spread(corners.reshape(-1, 3), metric).reshape(corners.shape)
    x, y, z = (flat[..., k] for k in range(3))
    mirrored = lambda a: np.where(back[:, None], (0.0 if metric else 1.0) - a, a)  # noqa: E731
    on_x, on_y, on_z = side[:, None] == 0, side[:, None] == 1, side[:, None] == 2
    u = np.where(on_x, mirrored(y), np.where(on_y, np.where(back[:, None], x, (0.0 if metric else 1.0) - x), x))
    return np.stack([u, np.where(on_z, mirrored(y), z)], axis=-1)


def _around_z(corners: Array, metric: bool) -> Array:
    """Angle around z, and height; no triangle reaches over the seam."""
    x, y, z = (corners[..., k] for k in range(3))
    turn = np.arctan2(y, x) / (2 * np.pi) + 0.5
    turn = turn - np.round(turn - turn[:, :1])
    low, high = z.min(), z.max()
    if metric:
        return np.stack([turn * 2 * np.pi * np.hypot(x, y).max(), z], axis=-1)
    return np.stack([turn, (z - low) / max(high - low, 1e-30)], axis=-1)


def _around_rope(points: Array, radius: float, metric: bool) -> Array:
    """Around and along a rope, in the order of `tube_faces`."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    along = along if metric else along / max(along[-1], 1e-30)
    girth = 2 * np.pi * radius if metric else 1.0
    i, j = (v.ravel() for v in np.meshgrid(np.arange(len(points) - 1), np.arange(SIDES), indexing="ij"))
    left, right = j * girth / SIDES, (j + 1) * girth / SIDES
    a, b = np.stack([left, along[i]], 1), np.stack([right, along[i]], 1)
    c, d = np.stack([left, along[i + 1]], 1), np.stack([right, along[i + 1]], 1)
    return np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)])


def tube_faces(count: int) -> NDArray[np.int64]:
    """Triangles of a tube of SIDES sides around `count` points; corner j of point i has the number i SIDES + j."""
    i, j = (v.ravel() for v in np.meshgrid(np.arange(count - 1), np.arange(SIDES), indexing="ij"))
    a, b = i * SIDES + j, i * SIDES + (j + 1) % SIDES
    return np.concatenate([np.stack([a, b, a + SIDES], 1), np.stack([b, b + SIDES, a + SIDES], 1)])
