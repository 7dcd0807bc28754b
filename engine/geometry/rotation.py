"""Host rotations: unit quaternions (w, x, y, z) and matrices, over any leading axes.

Method: Hamilton product; matrix to quaternion by the largest component (Shepperd 1978), so it never divides by a small number.
A quaternion q_AB turns coordinates in B into coordinates in A. Limits: inputs are unit quaternions and orthonormal matrices.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
IDENTITY = (1.0, 0.0, 0.0, 0.0)


def multiply(a: ArrayLike, b: ArrayLike) -> Array:
    """Quaternion product a b, shapes (..., 4)."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    w = a[..., 0] * b[..., 0] - a[..., 1] * b[..., 1] - a[..., 2] * b[..., 2] - a[..., 3] * b[..., 3]
    x = a[..., 0] * b[..., 1] + a[..., 1] * b[..., 0] + a[..., 2] * b[..., 3] - a[..., 3] * b[..., 2]
    y = a[..., 0] * b[..., 2] - a[..., 1] * b[..., 3] + a[..., 2] * b[..., 0] + a[..., 3] * b[..., 1]
    z = a[..., 0] * b[..., 3] + a[..., 1] * b[..., 2] - a[..., 2] * b[..., 1] + a[..., 3] * b[..., 0]
    return np.stack([w, x, y, z], axis=-1)


def cross(a: Array, b: Array) -> Array:
    """Cross products (..., 3): bit for bit those of `np.cross`, which spends 100 us a call on its arguments."""
    out = np.empty(np.broadcast_shapes(a.shape, b.shape), np.result_type(a, b))
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        out[..., i] = a[..., j] * b[..., k] - a[..., k] * b[..., j]
    return out


def conjugate(q: ArrayLike) -> Array:
    """Inverse of unit quaternions (..., 4)."""
    return np.asarray(q, float) * np.array([1.0, -1.0, -1.0, -1.0])


def matrix(q: ArrayLike) -> Array:
    """Rotation matrices (..., 3, 3) of unit quaternions (..., 4)."""
    q = np.asarray(q, float)
    w, x, y, z = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def rotate(q: ArrayLike, v: ArrayLike) -> Array:
    """Vectors v (..., 3) turned by q (..., 4)."""
    return np.einsum("...ij,...j->...i", matrix(q), np.asarray(v, float))


def from_matrix(m: ArrayLike) -> Array:
    """Unit quaternion (4,) of one rotation matrix (3, 3), with w >= 0."""
    m = np.asarray(m, float)
    squares = np.array([np.trace(m), m[0, 0], m[1, 1], m[2, 2]])
    k = int(np.argmax(squares))
    if k == 0:
        q = np.array([1 + squares[0], m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]])
    else:
        i, j, l = k - 1, k % 3, (k + 1) % 3
        q = np.empty(4)
        q[0] = m[l, j] - m[j, l]
        q[1 + i] = 1 + 2 * m[i, i] - squares[0]
        q[1 + j] = m[i, j] + m[j, i]
        q[1 + l] = m[i, l] + m[l, i]
    q /= np.linalg.norm(q)
    return -q if q[0] < 0 else q


def from_axis_angle(axis: ArrayLike, angle: ArrayLike) -> Array:
    """Unit quaternions (..., 4) of turns by `angle` [rad] about unit axes (..., 3)."""
    half = np.asarray(angle, float)[..., None] / 2
    return np.concatenate([np.cos(half), np.sin(half) * np.asarray(axis, float)], axis=-1)


def from_z_axis(direction: ArrayLike) -> Array:
    """Shortest turn (4,) of +z onto a nonzero direction (3,)."""
    d = np.asarray(direction, float) / np.linalg.norm(direction)
    axis = np.array([-d[1], d[0], 0.0])
    sine = float(np.linalg.norm(axis))
    if sine < 1e-12:
        return np.array([1.0, 0.0, 0.0, 0.0]) if d[2] > 0 else np.array([0.0, 1.0, 0.0, 0.0])
    return from_axis_angle(axis / sine, np.arctan2(sine, d[2]))


def from_euler(angles: ArrayLike, order: str) -> Array:
    """Unit quaternion of three turns [rad]; lower-case letters turn about moving axes, upper-case about fixed ones."""
    q = np.array(IDENTITY)
    for letter, angle in zip(order, np.asarray(angles, float), strict=True):
        step = from_axis_angle(np.eye(3)["xyz".index(letter.lower())], angle)
        q = multiply(q, step) if letter.islower() else multiply(step, q)
    return q


def look_at(position: ArrayLike, target: ArrayLike) -> Array:
    """Camera rotation (4,): -z points from `position` to `target`, +y is up (world z, or world y when looking straight along
    z).
    """
    back = np.asarray(position, float) - np.asarray(target, float)
    back /= np.linalg.norm(back)
    up = np.array([0.0, 0.0, 1.0]) if abs(back[2]) < 1 - 1e-9 else np.array([0.0, 1.0, 0.0])
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    return from_matrix(np.stack([right, np.cross(back, right), back], axis=1))
