"""Rotations on the host: quaternions (w, x, y, z) of unit length, right-handed, active; numpy only.

Decides the conventions that building, acting and judging share. Arrays broadcast over leading axes; the last axis is 4
(quaternion) or 3 (vector). Reference: Kuipers, Quaternions and Rotation Sequences (1999). Limits: inputs are taken as they are,
not normalised.
"""

import numpy as np

IDENTITY = np.array([1.0, 0.0, 0.0, 0.0])


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The bits of `numpy.cross`, in a fifth of its time for the small arrays here."""
    ax, ay, az, bx, by, bz = (a[..., 0], a[..., 1], a[..., 2], b[..., 0], b[..., 1], b[..., 2])
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def conjugate(q: np.ndarray) -> np.ndarray:
    """The inverse rotation."""
    return np.asarray(q, float) * np.array([1.0, -1.0, -1.0, -1.0])


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """First `b`, then `a`."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    aw, av, bw, bv = a[..., :1], a[..., 1:], b[..., :1], b[..., 1:]
    return np.concatenate([aw * bw - (av * bv).sum(-1, keepdims=True), aw * bv + bw * av + _cross(av, bv)], axis=-1)


def rotate(q: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The vector `v` turned by `q`."""
    q, v = np.asarray(q, float), np.asarray(v, float)
    turned = 2.0 * _cross(q[..., 1:], v)
    return v + q[..., :1] * turned + _cross(q[..., 1:], turned)


def rotation_vector(q: np.ndarray) -> np.ndarray:
    """Axis times angle [rad], angle at most pi, of the rotation `q`."""
    q = np.asarray(q, float)
    q = np.where(q[..., :1] < 0.0, -q, q)
    sine = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(sine, q[..., :1])
    return q[..., 1:] * np.where(sine > 1e-12, angle / np.maximum(sine, 1e-12), 2.0)


def from_rotation_vector(v: np.ndarray) -> np.ndarray:
    """The inverse of `rotation_vector`."""
    v = np.asarray(v, float)
    angle = np.linalg.norm(v, axis=-1, keepdims=True)
    scale = np.where(angle > 1e-12, np.sin(0.5 * angle) / np.maximum(angle, 1e-12), 0.5)
    return np.concatenate([np.cos(0.5 * angle), scale * v], axis=-1)


def interpolate(a: np.ndarray, b: np.ndarray, share: float) -> np.ndarray:
    """The rotation `share` (0..1) of the way from `a` to `b` at constant angular velocity, by the shorter way."""
    return multiply(from_rotation_vector(share * rotation_vector(multiply(b, conjugate(a)))), a)


def upright_angle(q_then: np.ndarray, q_now: np.ndarray) -> np.ndarray:
    """Angle [rad] between the world's z axis and the body axis that pointed along it at `q_then`."""
    axis = rotate(conjugate(q_then), np.array([0.0, 0.0, 1.0]))
    return np.arccos(np.clip(rotate(q_now, axis)[..., 2], -1.0, 1.0))


def to_euler(q: np.ndarray) -> np.ndarray:
    """Roll, pitch and yaw (..., 3) [rad] of unit quaternions (..., 4): turns about the fixed x, then y, then z axis. At a
    pitch of 90 degrees roll and yaw are not unique; any pair that gives the rotation is returned.
    """
    w, x, y, z = np.moveaxis(np.asarray(q, float), -1, 0)
    roll = np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2 * (w * y - z * x), -1.0, 1.0))
    yaw = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return np.stack([roll, pitch, yaw], axis=-1)
