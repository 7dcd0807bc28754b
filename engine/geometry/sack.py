"""A sack: two rectangles of cloth sewn together at three sides, and opened.

Flat it is a rectangle twice. Opened, a section at the share t of its height is an ellipse whose circumference is that of the
cloth, flat at the bottom and a circle at the rim (a conoid); its height is such that the middle of each sheet keeps its
length. Side seams and sheets are strained by a few per cent at first, which the cloth settles by itself.
"""

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError

Array = NDArray[np.float64]


def sewn(size: tuple[float, float], spacing: float) -> tuple[Array, NDArray[np.int64], Array]:
    """Points (n, 3) and faces (m, 3) of the open sack of width and height `size`, rim at z = 0, and its flat shape (n, 2) [m].
    Raises SceneError.
    """
    width, height = size
    across, up = round(width / spacing), round(height / spacing)
    if across < 2 or up < 2:
        raise SceneError(
            "Sheet.sack", f"size {size} in cells of {spacing:g} m", "allowed: two cells or more each way", "refine it"
        )
    s, t = np.linspace(0, 1, across + 1), np.linspace(0, 1, up + 1)
    radius = width / np.pi
    tall = np.sqrt(max(height**2 - radius**2, 0.25 * height**2))
    layers = [np.stack([_section(s, width, radius * k, side, tall * (k - 1)) for k in t], axis=1) for side in (1.0, -1.0)]
    number = np.arange((across + 1) * (up + 1)).reshape(across + 1, up + 1)
    inside = np.zeros(number.shape, bool)
    inside[1:-1, 1:] = True
    other = number.copy()
    other[inside] = number.size + np.arange(inside.sum())
    flat = np.stack(np.meshgrid((s - 0.5) * width, (t - 1) * height, indexing="ij"), axis=-1)
    points = np.concatenate([layers[0].reshape(-1, 3), layers[1][inside]])
    faces = np.concatenate([_faces(number), _faces(other)[:, ::-1]])
    return points, faces, np.concatenate([flat.reshape(-1, 2), flat[inside]])


def _section(s: Array, width: float, depth: float, side: float, z: float) -> Array:
    """Points (n, 3) at the shares s of half an ellipse (side 1: y > 0) of circumference 2 `width` and half axis `depth`."""
    low, high = depth, 0.5 * width
    for _ in range(50):
        half = 0.5 * (low + high)
        a, b = half, depth
        ring = np.pi * (3 * (a + b) - np.sqrt((3 * a + b) * (a + 3 * b)))  # Ramanujan 1914
        low, high = (half, high) if ring < 2 * width else (low, half)
    angle = np.linspace(0, np.pi, 721)
    curve = np.stack([-half * np.cos(angle), side * depth * np.sin(angle)], axis=1)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    x, y = (np.interp(s * along[-1], along, curve[:, k]) for k in range(2))
    return np.stack([x, y, np.full(len(s), z)], axis=1)


def _faces(number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Two triangles in every cell of a grid of vertices, on alternating diagonals that end in both lower corners: a diagonal
    between two seams would belong to both sheets.
    """
    a, b, c, d = number[:-1, :-1].ravel(), number[1:, :-1].ravel(), number[1:, 1:].ravel(), number[:-1, 1:].ravel()
    i, j = np.indices((number.shape[0] - 1, number.shape[1] - 1))
    mirrored = len(i) - 1 - i
    even = np.where(i <= mirrored, (i + j) % 2 == 0, (mirrored + j) % 2 == 1).ravel()[:, None]
    first = np.where(even, np.stack([a, b, c], 1), np.stack([a, b, d], 1))
    second = np.where(even, np.stack([a, c, d], 1), np.stack([b, c, d], 1))
    return np.stack([first, second], 1).reshape(-1, 3)
