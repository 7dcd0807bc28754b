"""Signed distances of points to shapes on the host: negative inside. Exact for primitives but ellipsoids (first order) and for
distances outside of hulls, which are those to the nearest face plane.
"""

import numpy as np
from numpy.typing import NDArray

from engine.geometry.grid import Grid
from engine.geometry.hull import Hull
from engine.types import ShapeType

Array = NDArray[np.float64]


def distance(kind: ShapeType, size: Array, points: Array, hull: Hull | None = None, grid: Grid | None = None) -> Array:
    """Distances [m] (n,) of points (n, 3) in the shape's frame; size as stored in `shape_size`."""
    p = np.asarray(points, float)
    if kind == ShapeType.PLANE:
        return p[:, 2].copy()
    if kind == ShapeType.SPHERE:
        return np.linalg.norm(p, axis=1) - size[0]
    if kind == ShapeType.CAPSULE:
        up = p[:, 2] - np.clip(p[:, 2], -size[1], size[1])
        return np.sqrt(p[:, 0] ** 2 + p[:, 1] ** 2 + up**2) - size[0]
    if kind == ShapeType.BOX:
        return _outside(np.abs(p) - size)
    if kind == ShapeType.CYLINDER:
        return _outside(np.stack([np.hypot(p[:, 0], p[:, 1]) - size[0], np.abs(p[:, 2]) - size[1]], axis=1))
    if kind == ShapeType.ELLIPSOID:
        k = np.linalg.norm(p / size, axis=1)
        return k * (k - 1) / np.maximum(np.linalg.norm(p / size**2, axis=1), 1e-12)
    if kind == ShapeType.MESH and hull is not None:
        planes = hull_planes(hull, size)
        return (p @ planes[:, :3].T - planes[:, 3]).max(axis=1)
    if grid is not None and kind in (ShapeType.FIELD, ShapeType.HEIGHT_FIELD):
        return _in_grid(kind, size, p, grid)
    return np.full(len(p), np.inf)


def hull_planes(hull: Hull, scale: Array) -> Array:
    """Outward normals and offsets (faces, 4) of a scaled hull."""
    normals = hull.normals / scale
    normals = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    corners = hull.vertices[[face[0] for face in hull.faces]] * scale
    return np.concatenate([normals, np.einsum("ij,ij->i", normals, corners)[:, None]], axis=1)


def _outside(q: Array) -> Array:
    return np.linalg.norm(np.maximum(q, 0), axis=1) + np.minimum(q.max(axis=1), 0)


def _in_grid(kind: ShapeType, size: Array, p: Array, grid: Grid) -> Array:
    nx, ny, nz = grid.count
    if kind == ShapeType.HEIGHT_FIELD:
        heights = grid.values.reshape(ny, nx)
        i = np.clip(np.rint((p[:, 0] - grid.origin[0]) / grid.spacing[0]).astype(int), 0, nx - 1)
        j = np.clip(np.rint((p[:, 1] - grid.origin[1]) / grid.spacing[1]).astype(int), 0, ny - 1)
        return p[:, 2] - heights[j, i]
    from scipy.ndimage import map_coordinates

    at = (p / size - grid.origin) / grid.spacing
    clipped = np.clip(at, 0, grid.count - 1)
    values = map_coordinates(grid.values.reshape(nz, ny, nx), clipped[:, ::-1].T, order=1)
    return (values + np.linalg.norm((at - clipped) * grid.spacing, axis=1)) * size[0]
