"""Gaps between bodies at given poses: which positions are impossible, and which ones touch.

Exact for spheres against spheres, boxes and planes (one shape a body, centred); other pairs are not measured and not counted.
The gap to a box is the signed distance of the sphere's centre to it, less the radius (negative: depth).
"""

from typing import Any

import numpy as np


def is_sphere(body: dict[str, Any] | None) -> bool:
    """Whether a body of a resolved spec is one sphere about its origin."""
    return is_shape(body, "sphere")


def is_shape(body: dict[str, Any] | None, kind: str) -> bool:
    """Whether a body is one shape of a kind about its origin."""
    if body is None or len(body["shapes"]) != 1 or body["shapes"][0]["type"] != kind:
        return False
    return not np.any(body["shapes"][0].get("position") or 0.0)


def sphere_radius(body: dict[str, Any]) -> float:
    """Radius of a spherical body in m."""
    return float(body["shapes"][0]["size"][0])


def gap(
    sphere: dict[str, Any], centre: np.ndarray, other: dict[str, Any], at: np.ndarray, turn: np.ndarray
) -> np.ndarray | None:
    """Distance of surfaces (T,) of a sphere at `centre` (T, 3) and another body at `at` (T, 3), `turn` (T, 4); None where the
    pair is not measured."""
    radius = sphere_radius(sphere)
    if is_sphere(other):
        return np.linalg.norm(centre - at, axis=-1) - radius - sphere_radius(other)
    turn = shape_turn(turn, other)
    if is_shape(other, "plane"):
        return _into(turn, centre - at)[..., 2] - radius
    if is_shape(other, "box"):
        outside = np.abs(_into(turn, centre - at)) - 0.5 * np.asarray(other["shapes"][0]["size"], float)
        distance = np.linalg.norm(np.maximum(outside, 0.0), axis=-1)
        return distance + np.minimum(outside.max(axis=-1), 0.0) - radius
    return None


def shape_turn(turn: np.ndarray, body: dict[str, Any]) -> np.ndarray:
    """Rotation of the body's shape in the world."""
    aw, ax, ay, az = np.moveaxis(turn, -1, 0)
    bw, bx, by, bz = body["shapes"][0].get("rotation") or (1.0, 0.0, 0.0, 0.0)
    return np.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        axis=-1,
    )


def _into(turn: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """World vectors (T, 3) in the frame that `turn` (T, 4) turns."""
    axis = -turn[..., 1:]
    first = np.cross(axis, vector)
    return vector + 2.0 * (turn[..., :1] * first + np.cross(axis, first))


def into_world(turn: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """A vector (3,) of the frame that `turn` (T, 4) turns, in the world (T, 3)."""
    axis = turn[..., 1:]
    first = np.cross(axis, vector)
    return vector + 2.0 * (turn[..., :1] * first + np.cross(axis, first))
