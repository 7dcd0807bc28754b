"""Mass, centre of mass and inertia of bodies composed of shapes, over any leading axes.

A symmetric tensor is stored as (..., 6): xx yy zz xy xz yz of the tensor itself (so xy is minus the product of inertia).
Composition by the parallel-axis theorem (Steiner). Limits: rigid, uniform density within a shape.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
ROWS, COLUMNS = (0, 1, 2, 0, 0, 1), (0, 1, 2, 1, 2, 2)


def tensor(six: ArrayLike) -> Array:
    """(..., 6) -> symmetric (..., 3, 3)."""
    return np.asarray(six, float)[..., [[0, 3, 4], [3, 1, 5], [4, 5, 2]]]


def six(matrix: ArrayLike) -> Array:
    """Symmetric (..., 3, 3) -> (..., 6)."""
    return np.asarray(matrix, float)[..., ROWS, COLUMNS]


def rotated(matrix: ArrayLike, rotation: ArrayLike) -> Array:
    """R I R^T for tensors and rotation matrices (..., 3, 3)."""
    r = np.asarray(rotation, float)
    return r @ np.asarray(matrix, float) @ np.swapaxes(r, -1, -2)


def steiner(mass: ArrayLike, offset: ArrayLike) -> Array:
    """Inertia (..., 3, 3) of point masses (...) at offsets (..., 3)."""
    d = np.asarray(offset, float)
    square = np.sum(d * d, axis=-1)[..., None, None] * np.eye(3)
    return np.asarray(mass, float)[..., None, None] * (square - d[..., :, None] * d[..., None, :])


def composed(mass: Array, com: Array, inertia: Array) -> tuple[Array, Array, Array]:
    """Total of parts along axis -1 of mass (..., n), com (..., n, 3), inertia about each com (..., n, 3, 3), all in one frame.

    A total mass of zero has its centre at the origin and no inertia.
    """
    total = mass.sum(axis=-1)
    safe = np.where(total > 0, total, 1.0)
    centre = (mass[..., None] * com).sum(axis=-2) / safe[..., None]
    about = (inertia + steiner(mass, com - centre[..., None, :])).sum(axis=-3)
    return total, centre, about


def violates_triangle(matrix: ArrayLike, slack: float = 1e-6) -> bool:
    """True when the principal moments cannot belong to any body: one is negative or above the sum of the others."""
    moments = np.linalg.eigvalsh(np.asarray(matrix, float))
    return bool(moments[0] < 0 or moments[2] > (moments[0] + moments[1]) * (1 + slack))
