"""Grids of numbers that shapes collide with: height fields, and the surface points of signed distance fields.

A height field is rows of heights over equally spaced columns (x) and rows (y), centred on the shape's origin, with the solid
below down to a floor. Each cell is cut along the diagonal from its lowest to its highest corner (column, row), as in MuJoCo.
Limits: MAX_VALUES grid values a field, since the device counts them in single precision.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError

Array = NDArray[np.float64]
MAX_VALUES = 1 << 22
VERTICAL = 1e3  # slope of an edge where the surface ends


@dataclass(frozen=True, eq=False)
class Grid:
    """Values on a regular grid in the frame of a mesh.

    origin, spacing (3,) [m] and count (3,) along x, y, z; values (count z * count y * count x,), x fastest. A height field has
    count z = 1, its floor in origin z, and slopes (cells, 2, 3): tangents by which the surface turns down across the edges of
    the two triangles of a cell, 0 where it is flat or turns up. A distance field has samples (n, 3) [m] of the surface.
    """

    origin: Array
    spacing: Array
    count: NDArray[np.int64]
    values: Array
    slopes: Array = field(default_factory=lambda: np.zeros((0, 2, 3)))
    samples: Array = field(default_factory=lambda: np.zeros((0, 3)))


def checked_heights(heights: object, where: str) -> Array:
    """Heights (rows, columns) as an array, or SceneError."""
    try:
        h = np.ascontiguousarray(heights, float)
    except (TypeError, ValueError) as error:
        raise SceneError(
            where, f"heights are {type(heights).__name__}", "allowed: rows of numbers", "pass a 2-D array"
        ) from error
    if h.ndim != 2 or min(h.shape) < 2:
        raise SceneError(where, f"heights have the shape {h.shape}", "allowed: 2 rows and 2 columns or more", "add points")
    if h.size > MAX_VALUES:
        raise SceneError(where, f"{h.size} heights", f"allowed: up to {MAX_VALUES}", "use a coarser grid")
    if not np.isfinite(h).all():
        raise SceneError(where, "a height is not finite", "allowed: finite heights", "repair the heights")
    return h


def height_grid(heights: Array, size: tuple[float, float], base: float) -> Grid:
    """The grid of heights (rows, columns) [m] over full extents `size` (x, y) [m]; the floor is `base` below the lowest."""
    rows, columns = heights.shape
    spacing = np.array([size[0] / (columns - 1), size[1] / (rows - 1), 1.0])
    origin = np.array([-size[0] / 2, -size[1] / 2, float(heights.min()) - base])
    return Grid(origin, spacing, np.array([columns, rows, 1]), heights.reshape(-1), _slopes(heights, spacing))


def _corners(h: Array, spacing: Array) -> tuple[Array, Array]:
    """Corners (rows - 1, columns - 1, 3, 3) of the lower right and the upper left triangle of every cell."""
    rows, columns = h.shape
    x, y = np.meshgrid(np.arange(columns) * spacing[0], np.arange(rows) * spacing[1])
    p = np.stack([x, y, h], axis=-1)
    a, b, c, d = p[:-1, :-1], p[:-1, 1:], p[1:, :-1], p[1:, 1:]
    return np.stack([a, b, d], axis=2), np.stack([a, d, c], axis=2)


def _slopes(h: Array, spacing: Array) -> Array:
    right, left = _corners(h, spacing)
    n_right, n_left = (_unit(np.cross(t[..., 1, :] - t[..., 0, :], t[..., 2, :] - t[..., 0, :])) for t in (right, left))
    rows, columns = n_right.shape[:2]
    out = np.full((rows, columns, 2, 3), VERTICAL)
    below, beside = slice(1, None), slice(None, -1)
    out[below, :, 0, 0] = _turn(right[below], 0, n_right[below], n_left[beside])
    out[:, beside, 0, 1] = _turn(right[:, beside], 1, n_right[:, beside], n_left[:, below])
    out[:, :, 0, 2] = _turn(right, 2, n_right, n_left)
    out[:, :, 1, 0] = _turn(left, 0, n_left, n_right)
    out[beside, :, 1, 1] = _turn(left[beside], 1, n_left[beside], n_right[below])
    out[:, below, 1, 2] = _turn(left[:, below], 2, n_left[:, below], n_right[:, beside])
    return out.reshape(-1, 2, 3)


def _turn(triangle: Array, edge: int, normal: Array, other: Array) -> Array:
    """Tangent of the angle by which the neighbour's normal leans out over an edge, 0 where it leans in."""
    along = triangle[..., (edge + 1) % 3, :] - triangle[..., edge, :]
    outward = _unit(np.cross(along, normal))
    lean, same = np.einsum("...i,...i", outward, other), np.einsum("...i,...i", normal, other)
    return np.clip(np.where(same > 0, lean / np.where(same > 0, same, 1.0), VERTICAL), 0.0, VERTICAL)


def _unit(v: Array) -> Array:
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def terrain_solid(heights: Array, grid: Grid) -> tuple[Array, NDArray[np.int64]]:
    """Vertices and outward triangles of the closed solid below the heights."""
    rows, columns = heights.shape
    x, y = np.meshgrid(
        grid.origin[0] + np.arange(columns) * grid.spacing[0], grid.origin[1] + np.arange(rows) * grid.spacing[1]
    )
    top = np.stack([x, y, heights], axis=-1).reshape(-1, 3)
    number = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (n.reshape(-1) for n in (number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]))
    faces = [np.stack([a, b, d], axis=1), np.stack([a, d, c], axis=1)]
    ring = np.concatenate([number[0, :-1], number[:-1, -1], number[-1, :0:-1], number[:0:-1, 0]])
    floor = top[ring] * [1.0, 1.0, 0.0] + [0.0, 0.0, grid.origin[2]]
    low, middle = len(top) + np.arange(len(ring)), len(top) + len(ring)
    after, low_after = np.roll(ring, -1), np.roll(low, -1)
    faces += [np.stack([low, low_after, after], axis=1), np.stack([low, after, ring], axis=1)]
    faces.append(np.stack([low_after, low, np.full_like(low, middle)], axis=1))
    centre = np.array([[0.0, 0.0, grid.origin[2]]])
    return np.concatenate([top, floor, centre]), np.concatenate(faces)


def spread_points(points: Array, count: int, first: Array) -> Array:
    """`first` (k, 3), then points farthest from all chosen ones, up to `count` in all (Gonzalez 1985); no random choice."""
    chosen = [first[:count]] if len(first) else [points[:1]]
    away = np.full(len(points), np.inf)
    for p in chosen[0]:
        away = np.minimum(away, ((points - p) ** 2).sum(axis=1))
    total = len(chosen[0])
    while total < count and away.max() > 0:
        p = points[int(away.argmax())]
        chosen.append(p[None])
        away = np.minimum(away, ((points - p) ** 2).sum(axis=1))
        total += 1
    return np.concatenate(chosen)
