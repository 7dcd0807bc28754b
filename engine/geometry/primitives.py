"""Volume, inertia and bounding radius of the primitive shapes from their stored sizes (half extents), over any leading axes.

Closed forms (for example Beer and Johnston, Vector Mechanics, appendix B); a capsule is a cylinder and two half balls moved by
Steiner. Limits: planes are infinite and have no mass; meshes are treated in `engine.geometry.mesh`.
"""

import numpy as np
from numpy.typing import NDArray

from engine.types import ShapeType

Array = NDArray[np.float64]


def volume(kind: ShapeType, size: Array) -> Array:
    """Volumes [m^3] (...) for sizes (..., 3) as stored in `shape_size`."""
    a, b, c = size[..., 0], size[..., 1], size[..., 2]
    if kind == ShapeType.SPHERE:
        return 4 / 3 * np.pi * a**3
    if kind == ShapeType.CAPSULE:
        return np.pi * a**2 * (2 * b + 4 / 3 * a)
    if kind == ShapeType.BOX:
        return 8 * a * b * c
    if kind == ShapeType.CYLINDER:
        return np.pi * a**2 * 2 * b
    if kind == ShapeType.ELLIPSOID:
        return 4 / 3 * np.pi * a * b * c
    return np.zeros_like(a)


def unit_moments(kind: ShapeType, size: Array) -> Array:
    """Principal moments per unit mass [m^2] (..., 3) about the centre, in shape axes."""
    a, b, c = size[..., 0], size[..., 1], size[..., 2]
    if kind == ShapeType.SPHERE:
        return np.repeat((0.4 * a**2)[..., None], 3, axis=-1)
    if kind == ShapeType.CAPSULE:
        return _capsule(a, b)
    if kind == ShapeType.BOX:
        return np.stack([b**2 + c**2, a**2 + c**2, a**2 + b**2], axis=-1) / 3
    if kind == ShapeType.CYLINDER:
        across = a**2 / 4 + b**2 / 3
        return np.stack([across, across, a**2 / 2], axis=-1)
    if kind == ShapeType.ELLIPSOID:
        return np.stack([b**2 + c**2, a**2 + c**2, a**2 + b**2], axis=-1) / 5
    return np.zeros_like(size)


def _capsule(radius: Array, half: Array) -> Array:
    tube, balls = 2 * half * radius**2, 4 / 3 * radius**3
    total = tube + balls
    along = (tube * radius**2 / 2 + balls * 0.4 * radius**2) / total
    cap = 0.4 * radius**2 + half**2 + 0.75 * half * radius
    across = (tube * (radius**2 / 4 + half**2 / 3) + balls * cap) / total
    return np.stack([across, across, along], axis=-1)


def bound(kind: ShapeType, size: Array) -> Array:
    """Radius [m] (...) of a ball about the shape origin that holds the shape; 0 for planes."""
    a, b = size[..., 0], size[..., 1]
    if kind == ShapeType.SPHERE:
        return a.copy()
    if kind == ShapeType.CAPSULE:
        return a + b
    if kind == ShapeType.BOX:
        return np.linalg.norm(size, axis=-1)
    if kind == ShapeType.CYLINDER:
        return np.hypot(a, b)
    if kind == ShapeType.ELLIPSOID:
        return size.max(axis=-1)
    return np.zeros_like(a)


def thickness(kind: ShapeType, size: Array) -> Array:
    """Half the least width [m] (...) of a shape; 0 for planes and meshes."""
    a, b = size[..., 0], size[..., 1]
    if kind in (ShapeType.SPHERE, ShapeType.CAPSULE):
        return a.copy()
    if kind == ShapeType.CYLINDER:
        return np.minimum(a, b)
    if kind in (ShapeType.BOX, ShapeType.ELLIPSOID):
        return size.min(axis=-1)
    return np.zeros_like(a)
