"""E5: predicted bodies inside each other, and inside what does not move.

Depth of spheres in spheres, boxes and planes (`shapes`), of boxes in boxes (separating axes of Gottschalk et al., 1996: the
smallest overlap over the 15 axes), and of boxes, cylinders and capsules in planes (their lowest point). A frame counts where
the depth is over 1 % of the smallest extent of the smaller body. Bodies have one centred shape. Limits: other pairs
(cylinders in boxes, models) are left out of the count; bodies that an episode holds together are counted as well.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from datagen.evaluation.motion import Aligned
from datagen.evaluation.shapes import gap, into_world, is_shape, is_sphere, shape_turn

DEEP = 0.01  # share of the smallest extent from which on an overlap counts


def overlap_items(aligned: Aligned) -> Iterable[tuple[str, list[float]]]:
    """The deepest overlap of every frame [m], and whether one is over 1 % of an extent."""
    if not aligned.has_motion:
        return
    bodies, deepest, deep, measured = aligned.truth.bodies, np.zeros(aligned.horizon), np.zeros(aligned.horizon, bool), False
    names = [name for name in aligned.names if name in bodies]
    still = [name for name in bodies if name not in aligned.truth.names]
    for place, name in enumerate(names):
        for other in (*names[place + 1 :], *still):
            depth = depth_of(bodies[name], *_poses(aligned, name), bodies[other], *_poses(aligned, other))
            if depth is not None:
                measured, deepest = True, np.maximum(deepest, depth)
                deep |= depth > DEEP * min(_extent(bodies[name]), _extent(bodies[other]))
    if measured:
        yield "overlap_depth", deepest.tolist()
        yield "overlap_share", deep.astype(float).tolist()


def _poses(aligned: Aligned, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(positions (H, 3), rotations (H, 4)) of a predicted or a fixed body."""
    if name in aligned.names:
        column = aligned.names.index(name)
        return aligned.path()[1:, column], aligned.turns()[1:, column]
    body = aligned.truth.bodies[name]
    wide = [
        np.broadcast_to(np.asarray(body[key], float), (aligned.horizon, size))
        for key, size in (("position", 3), ("rotation", 4))
    ]
    return wide[0], wide[1]


def depth_of(
    first: dict[str, Any], at: np.ndarray, turn: np.ndarray, second: dict[str, Any], at2: np.ndarray, turn2: np.ndarray
) -> np.ndarray | None:
    """Depth (T,) of two bodies in each other, negative or 0 where they are apart; None where the pair is not measured."""
    if is_sphere(second) and not is_sphere(first):
        first, at, turn, second, at2, turn2 = second, at2, turn2, first, at, turn
    if is_sphere(first):
        gaps = gap(first, at, second, at2, turn2)
        return None if gaps is None else -gaps
    if is_shape(first, "plane"):
        first, at, turn, second, at2, turn2 = second, at2, turn2, first, at, turn
    if is_shape(second, "plane"):
        reach = _reach(first, shape_turn(turn, first), into_world(shape_turn(turn2, second), np.array([0.0, 0.0, 1.0])))
        normal = into_world(shape_turn(turn2, second), np.array([0.0, 0.0, 1.0]))
        return None if reach is None else reach - ((at - at2) * normal).sum(-1)
    if is_shape(first, "box") and is_shape(second, "box"):
        return -_separation(first, at, shape_turn(turn, first), second, at2, shape_turn(turn2, second))
    return None


def _reach(body: dict[str, Any], turn: np.ndarray, normal: np.ndarray) -> np.ndarray | None:
    """How far a body reaches from its middle against a direction (T, 3)."""
    size = body["shapes"][0].get("size") or []
    axes = [np.abs((into_world(turn, axis) * normal).sum(-1)) for axis in np.eye(3)]
    if is_shape(body, "box"):
        return np.asarray(0.5 * sum(one * side for one, side in zip(axes, size, strict=True)))
    if is_shape(body, "cylinder"):
        return np.asarray(0.5 * size[1] * axes[2] + size[0] * np.sqrt(np.maximum(1.0 - axes[2] ** 2, 0.0)))
    if is_shape(body, "capsule"):
        return np.asarray(0.5 * size[1] * axes[2] + size[0])
    return None


def _separation(
    first: dict[str, Any], at: np.ndarray, turn: np.ndarray, second: dict[str, Any], at2: np.ndarray, turn2: np.ndarray
) -> np.ndarray:
    """The largest separation (T,) of two boxes over the axes of their sides and of pairs of edges."""
    a = np.stack([into_world(turn, axis) for axis in np.eye(3)], 1)  # (T, 3 axes, 3)
    b = np.stack([into_world(turn2, axis) for axis in np.eye(3)], 1)
    crossed = np.cross(a[:, :, None], b[:, None]).reshape(len(a), 9, 3)
    length = np.linalg.norm(crossed, axis=-1, keepdims=True)
    axes = np.concatenate([a, b, crossed / np.maximum(length, 1e-9)], 1)  # (T, 15, 3)
    halves = [0.5 * np.asarray(body["shapes"][0]["size"], float) for body in (first, second)]
    reach = sum(np.abs(axes @ frame.transpose(0, 2, 1)) @ half for frame, half in zip((a, b), halves, strict=True))
    found = np.abs((axes * (at2 - at)[:, None]).sum(-1)) - reach
    found[:, 6:] = np.where(length[..., 0] < 1e-6, -np.inf, found[:, 6:])
    return np.asarray(found.max(1))


def _extent(body: dict[str, Any]) -> float:
    """The smallest extent of a body; infinite of a plane."""
    kind, size = body["shapes"][0]["type"], body["shapes"][0].get("size") or []
    if kind == "plane" or not size:
        return float("inf")
    if kind == "box":
        return float(min(size))
    return float(min(2.0 * size[0], *size[1:])) if kind == "cylinder" else 2.0 * float(size[0])
