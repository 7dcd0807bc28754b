"""Pose and joints of a body given at the joints' initial coordinates instead of at 0, and back.

We give a body's pose at coordinate 0: P J1(q1) J2(q2)... MuJoCo gives it at the reference r (its `ref`, our `initial`):
P' J1'(q1 - r1) J2'(q2 - r2)... With the constant motions R_k = J_k(r_k), P' = P R1 R2... and each joint is seen from behind the
motions of those that follow it: axis and anchor are turned by their inverse. From the reference to 0 the motions are J_k(-r_k).
Reference: MuJoCo XML reference, body/joint/ref. Limits: a ball joint cannot be seen from behind a turn (`can_shift`).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.geometry import rotation as rot
from engine.scene.description import Ball, Hinge, Joint, Quaternion, Slide, Vector

Array = NDArray[np.float64]


def at_zero(position: ArrayLike, rotation: ArrayLike, joints: Sequence[Joint]) -> tuple[Vector, Quaternion, list[Joint]]:
    """Pose and joints at coordinate 0 from those at the initial coordinates."""
    return _shifted(position, rotation, joints, -1.0)


def at_initial(position: ArrayLike, rotation: ArrayLike, joints: Sequence[Joint]) -> tuple[Vector, Quaternion, list[Joint]]:
    """Pose and joints at the initial coordinates from those at coordinate 0."""
    return _shifted(position, rotation, joints, 1.0)


def can_shift(joints: Sequence[Joint]) -> bool:
    """False when a hinge with an initial angle follows a ball joint."""
    balls = [k for k, j in enumerate(joints) if isinstance(j, Ball)]
    return not balls or not any(isinstance(j, Hinge) and j.initial for j in joints[balls[0] :])


def _shifted(
    position: ArrayLike, rotation: ArrayLike, joints: Sequence[Joint], sign: float
) -> tuple[Vector, Quaternion, list[Joint]]:
    motions = [_motion(joint, sign) for joint in joints]
    place, turn = np.asarray(position, float), np.asarray(rotation, float)
    for arm, step in motions:
        place, turn = place + rot.rotate(turn, arm), rot.multiply(turn, step)
    moved: list[Joint] = []
    after_arm, after_turn = np.zeros(3), np.array(rot.IDENTITY)
    for joint, (arm, step) in zip(reversed(joints), reversed(motions), strict=True):
        still = not after_arm.any() and not after_turn[1:].any()
        moved.append(joint if still else _seen_from(joint, after_arm, after_turn))
        after_arm, after_turn = arm + rot.rotate(step, after_arm), rot.multiply(step, after_turn)
    (x, y, z), (w, i, j, k) = place.tolist(), turn.tolist()
    return (x, y, z), (w, i, j, k), moved[::-1]


def _motion(joint: Joint, sign: float) -> tuple[Array, Array]:
    """Translation and rotation of a joint from coordinate 0 to its initial one, or back."""
    identity = np.array(rot.IDENTITY)
    if not isinstance(joint, Hinge | Slide) or not joint.initial:
        return np.zeros(3), identity
    axis = np.array(joint.axis) / max(float(np.linalg.norm(joint.axis)), 1e-300)
    if isinstance(joint, Slide):
        return axis * joint.initial * sign, identity
    turn, anchor = rot.from_axis_angle(axis, joint.initial * sign), np.array(joint.position)
    return anchor - rot.rotate(turn, anchor), turn


def _seen_from(joint: Joint, arm: Array, turn: Array) -> Joint:
    """The joint in the frame that the pose (arm, turn) leads to."""
    back = rot.conjugate(turn)
    if isinstance(joint, Ball):
        return replace(joint, position=_triple(rot.rotate(back, np.array(joint.position) - arm)))
    if not isinstance(joint, Hinge | Slide):
        return joint
    anchor = rot.rotate(back, np.array(joint.position) - arm)
    return replace(joint, axis=_triple(rot.rotate(back, np.array(joint.axis))), position=_triple(anchor))


def _triple(v: Array) -> Vector:
    x, y, z = v.tolist()
    return x, y, z
