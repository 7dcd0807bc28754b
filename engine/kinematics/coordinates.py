"""Position coordinates as a manifold: the velocity that leads from one configuration to another.

Hinge and slide coordinates subtract; ball and free joints turn by the logarithm of the relative rotation, in the child frame,
as `qvel` has it. numpy only.
"""

import numpy as np
from numpy.typing import NDArray

from engine.geometry import rotation
from engine.types import JointType

Array = NDArray[np.float64]
TURN = {JointType.FREE: 3, JointType.BALL: 0}  # coordinates before the quaternion


def rotation_vector(q: Array) -> Array:
    """Axis times angle, the angle in [0, pi], of quaternions (..., 4) -> (..., 3) [rad]."""
    q = np.where(q[..., :1] < 0, -q, q)
    sine = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, q[..., :1])
    return q[..., 1:] * np.where(sine > 1e-12, angle / np.where(sine > 1e-12, sine, 1.0), 2.0)


def difference(ints: dict[str, NDArray], start: Array, end: Array) -> Array:
    """The velocity (num_envs, nv) that leads in one second from `start` to `end` (num_envs, nq)."""
    out = np.zeros((len(end), len(ints["dof_joint"])))
    for kind, q, v in zip(ints["joint_type"], ints["joint_qpos_start"], ints["joint_dof_start"], strict=True):
        straight = TURN.get(JointType(kind), 1)
        out[:, v : v + straight] = end[:, q : q + straight] - start[:, q : q + straight]
        if kind in TURN:
            first, last = (x[:, q + straight : q + straight + 4] for x in (start, end))
            first, last = (x / np.linalg.norm(x, axis=-1, keepdims=True) for x in (first, last))
            out[:, v + straight : v + straight + 3] = rotation_vector(rotation.multiply(rotation.conjugate(first), last))
    return out
