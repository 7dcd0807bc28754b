"""Structured tetrahedra for boxes, cylinders, balls and ellipsoids, and the skin of a tetrahedral mesh.

A grid of cubes, five tetrahedra each in two mirrored patterns that alternate, so that faces match and no direction is
preferred. Round solids are the image of that grid: shells of a cube become spheres (squares become circles) by scaling along
the ray, blended so that the core stays regular. Limits: other shapes are meshed by pytetwild
(`engine.geometry.tetrahedra`).
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

CORNERS = ((0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1))
EVEN = ((0, 1, 2, 5), (0, 2, 3, 7), (0, 5, 7, 4), (2, 5, 6, 7), (0, 2, 5, 7))
FLAT = 0.2  # radius ratio below which a tetrahedron on the skin is peeled
ODD = ((1, 3, 0, 4), (1, 2, 3, 6), (1, 4, 6, 5), (3, 6, 4, 7), (1, 3, 4, 6))


def grid_cells(counts: tuple[int, int, int]) -> tuple[Array, Ints]:
    """Points in [-1, 1]^3 and tetrahedra of a grid of cubes."""
    nx, ny, nz = counts
    axes = [np.linspace(-1, 1, n + 1) for n in counts]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    cube = np.stack(np.meshgrid(*(np.arange(n) for n in counts), indexing="ij"), axis=-1).reshape(-1, 3)
    corner = cube[:, None] + np.array(CORNERS)
    number = (corner[..., 0] * (ny + 1) + corner[..., 1]) * (nz + 1) + corner[..., 2]
    odd = cube.sum(1) % 2 == 1
    cells = np.where(odd[:, None, None], number[:, np.array(ODD)], number[:, np.array(EVEN)]).reshape(-1, 4)
    return points, oriented(points, cells)


def oriented(points: Array, cells: Ints) -> Ints:
    """The same tetrahedra with positive volume."""
    side = points[cells[:, 1:]] - points[cells[:, :1]]
    flip = np.linalg.det(side) < 0
    cells = cells.copy()
    cells[flip, 2], cells[flip, 3] = cells[flip, 3], cells[flip, 2].copy()
    return cells


def box_solid(size: tuple[float, ...], spacing: float) -> tuple[Array, Ints]:
    """A box of full extents [m], with cubes of about `spacing` [m]."""
    counts = tuple(max(1, round(s / spacing)) for s in size)
    points, cells = grid_cells((counts[0], counts[1], counts[2]))
    return points * np.array(size) / 2, cells


def ball_solid(radii: tuple[float, ...], spacing: float) -> tuple[Array, Ints]:
    """An ellipsoid with these semi-axes [m]."""
    n = max(2, round(2 * max(radii) / spacing))
    points, cells = grid_cells((n, n, n))
    return peeled(rounded(points, 3) * np.array(radii), cells)


def cylinder_solid(radius: float, height: float, spacing: float) -> tuple[Array, Ints]:
    """A cylinder about z."""
    n = max(2, round(2 * radius / spacing))
    points, cells = grid_cells((n, n, max(1, round(height / spacing))))
    return peeled(rounded(points, 2) * np.array([radius, radius, height / 2]), cells)


def rounded(points: Array, dimensions: int) -> Array:
    """Cubes of the grid to balls, by the ratio of largest component to length, all of it at the skin and little in the core."""
    part = points[:, :dimensions]
    largest = np.abs(part).max(axis=1)
    length = np.linalg.norm(part, axis=1)
    ratio = np.where(length > 0, largest / np.maximum(length, 1e-300), 1.0)
    out = points.copy()
    out[:, :dimensions] = part * (1 + (ratio - 1) * largest)[:, None]
    return out


def peeled(points: Array, cells: Ints) -> tuple[Array, Ints]:
    """Without the flat tetrahedra that lie on the skin where the edges of the cube were: two of their faces were at a right
    angle and are now almost one plane, so that their other two faces are as good a skin. Points that nobody uses are dropped.
    """
    for _ in range(4):
        faces = np.sort(cells[:, [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]], axis=2)
        _, place, count = np.unique(faces.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
        outside = (count[place.reshape(-1)] == 1).reshape(-1, 4).sum(1)
        flat = (outside >= 2) & (quality(points, cells) < FLAT)
        if not flat.any():
            break
        cells = cells[~flat]
    used, number = np.unique(cells, return_inverse=True)
    return points[used], number.reshape(cells.shape)


def skin(cells: Ints) -> Ints:
    """Triangles of the surface, counter-clockwise from outside, of positive tetrahedra."""
    faces = np.concatenate([cells[:, [1, 2, 3]], cells[:, [0, 3, 2]], cells[:, [0, 1, 3]], cells[:, [0, 2, 1]]])
    key = np.sort(faces, axis=1)
    _, first, count = np.unique(key, axis=0, return_index=True, return_counts=True)
    return faces[np.sort(first[count == 1])]


def quality(points: Array, cells: Ints) -> Array:
    """Radius ratio of each tetrahedron, 3 inner radius / outer radius: 1 is regular, 0 flat."""
    p = points[cells]
    a, b, c = (p[:, k] - p[:, 0] for k in (1, 2, 3))
    bc, ca, ab = np.cross(b, c), np.cross(c, a), np.cross(a, b)
    volume = np.abs((a * bc).sum(1)) / 6
    d = (a * a).sum(1)[:, None] * bc + (b * b).sum(1)[:, None] * ca + (c * c).sum(1)[:, None] * ab
    outer = np.linalg.norm(d, axis=1) / np.maximum(12 * volume, 1e-300)
    area = sum(np.linalg.norm(n, axis=1) for n in (bc, ca, ab, np.cross(b - a, c - a))) / 2
    return 3 * (3 * volume / area) / outer
