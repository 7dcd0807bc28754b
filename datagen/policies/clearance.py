"""Whether the hand, put somewhere, would be in something: three boxes of the hand, sampled, against the shapes of bodies.

Limits: boxes, cylinders, spheres and capsules of the spec; other shapes are not seen. A thing thinner than the spacing of the
samples (5 cm across the palm) may slip through.
"""

from collections.abc import Sequence

import numpy as np

from datagen.policies.view import BELOW, Pose, View
from datagen.quaternions import conjugate, multiply, rotate
from datagen.spec import ShapeSpec

CLEAR = 0.004  # m: between the open hand and what it shall not touch
GRID = np.linspace(-1.0, 1.0, 5)


def hand_points(opening: float) -> np.ndarray:
    """Points (n, 3) of the open hand in its frame with the tip as origin: the palm and the two fingers."""
    x, y, z = np.meshgrid(GRID, GRID, GRID, indexing="ij")
    unit = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    palm = unit * [0.03, 0.1, 0.03] + [0.0, 0.0, -0.065]
    fingers = [
        unit * [0.01, 0.009, 0.023] + [0.0, side * (0.011 + opening), BELOW - 0.023] for side in (-1.0, 1.0)
    ]  # fmt: skip
    return np.concatenate([palm, *fingers])


def placed(view: View, name: str, shape: ShapeSpec) -> Pose:
    """Where a shape of a body is in the world."""
    position, rotation = view.pose(name)
    return position + rotate(rotation, np.array(shape.position)), multiply(rotation, np.array(shape.rotation))


def free(view: View, hand: Pose, opening: float, shapes: Sequence[tuple[str, ShapeSpec]]) -> bool:
    """Whether the hand with its tip at a pose is in none of the shapes (body, shape)."""
    points = hand[0] + rotate(hand[1], hand_points(opening))
    return not any(_inside(points, shape, placed(view, name, shape)) for name, shape in shapes)


def _inside(points: np.ndarray, shape: ShapeSpec, at: Pose) -> bool:
    """Whether any of some points of the world is in a shape or closer to it than CLEAR."""
    if np.linalg.norm(points[0] - at[0]) > 0.3 + float(np.linalg.norm(shape.size)):
        return False
    own = rotate(conjugate(at[1]), points - at[0])
    if shape.type == "box":
        return bool((np.abs(own) <= 0.5 * np.array(shape.size) + CLEAR).all(-1).any())
    if shape.type == "sphere":
        return bool((np.linalg.norm(own, axis=-1) <= shape.size[0] + CLEAR).any())
    if shape.type in ("cylinder", "capsule"):
        radius, length = shape.size
        half = 0.5 * length + (radius if shape.type == "capsule" else 0.0)
        return bool(((np.hypot(own[:, 0], own[:, 1]) <= radius + CLEAR) & (np.abs(own[:, 2]) <= half + CLEAR)).any())
    return False
