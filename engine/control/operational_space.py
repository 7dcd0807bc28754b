"""Operational-space control: a frame of a body is accelerated as wanted, what is left of the joints keeps a posture.

Khatib (1987): with the task inertia L = (J M^-1 J')^-1 and the dynamically consistent inverse Jb = M^-1 J' L,
    f = J' L (x'' - J' q') + bias - passive + (1 - J' Jb') M (posture acceleration),
where x'' = x*'' + K e + D e' is the wanted acceleration of the task, so the task error is a damped oscillator and the posture
does not disturb it. Directions in which the arm cannot move (an eigenvalue of J M^-1 J', scaled to a unit diagonal, below
`singularity`) leave the task and belong to the posture. The force is explicit: see `engine.control.joint_space`. Limits:
contacts are not known to the controller; joints that are not controlled are taken as not accelerating.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.control.joint_space import Array, JointControl
from engine.errors import StateError
from engine.geometry import rotation as rot
from engine.kinematics import Configuration
from engine.kinematics.configuration import rows_of
from engine.kinematics.coordinates import rotation_vector
from engine.kinematics.inverse import Target


class OperationalSpace(JointControl):
    """Control of one frame: `target` names the body and the frame in it; a weight of 0 drops its position or its rotation.

    stiffness (position, rotation) [1/s^2] and damping [1/s] per unit of inertia, critical by default. posture: position
    coordinates of the controlled joints that the null space pulls to with posture_stiffness [1/s^2]; without one it only damps.
    """

    def __init__(
        self, simulation: Any, target: Target, stiffness: tuple[float, float] = (100.0, 100.0),
        damping: tuple[float, float] | None = None, joints: Sequence[str] | None = None, *, posture: ArrayLike | None = None,
        posture_stiffness: float = 10.0, posture_damping: float | None = None, force_limit: ArrayLike | None = None,
        singularity: float = 1e-4,
    ):  # fmt: skip
        super().__init__(simulation, joints, force_limit)
        self.target, self._posture, self._singularity = target, posture, singularity
        chosen = [
            k for k, weight in enumerate((target.position_weight, target.rotation_weight)) for _ in range(3) if weight > 0
        ]
        if not chosen or min(stiffness) < 0 or posture_stiffness < 0:
            raise StateError(
                "OperationalSpace", "no positive weight, or a negative stiffness", "allowed: stiffness of 0 or more",
                "give the target a weight",
            )  # fmt: skip
        self._rows = [3 * k + i % 3 for i, k in enumerate(chosen)]
        self._stiffness = np.repeat(stiffness, 3)
        self._damping = 2 * np.sqrt(self._stiffness) if damping is None else np.repeat(damping, 3)
        self._pull = posture_stiffness if posture is not None else 0.0
        self._drag = 2 * np.sqrt(posture_stiffness) if posture_damping is None else posture_damping

    def torque(
        self, position: ArrayLike | None = None, rotation: ArrayLike | None = None, velocity: ArrayLike = 0.0,
        acceleration: ArrayLike = 0.0,
    ) -> Array:  # fmt: skip
        """Joint forces (num_envs, nv) for a frame at position (3,) or (num_envs, 3) [m] and rotation (4,) or (num_envs, 4) in
        W, with velocity and acceleration (6,) or (num_envs, 6), linear then angular. A position or rotation that is left out
        pulls nowhere.
        """
        here, dofs = self._present(), self.joints.dofs
        mass = here.mass_matrix()[:, dofs[:, None], dofs]
        whole = here.jacobian(self.target.body, self.target.point)
        jacobian = whole[:, self._rows][..., dofs]
        mobility = np.linalg.solve(mass, np.swapaxes(jacobian, 1, 2))  # M^-1 J'
        inertia = self._task_inertia(jacobian @ mobility)
        wanted = self._task_acceleration(here, position, rotation, acceleration)
        wanted += self._damping * (self._per_axis(velocity, "velocity") - (whole @ here.qvel[..., None])[..., 0])
        wanted -= here.bias_acceleration(self.target.body, self.target.point)
        pulled = self._posture_acceleration(here)
        # in accelerations: Jb (x'' - J' q') + (1 - Jb J) posture; M times it is the sum of both forces
        inverse = mobility @ inertia
        own = pulled - (inverse @ (jacobian @ pulled[..., None]))[..., 0]
        moved = (inverse @ wanted[:, self._rows, None])[..., 0] + own
        force = (mass @ moved[..., None])[..., 0] + (here.bias_force() - here.passive_force())[:, dofs]
        return self._spread(force)

    def apply(
        self, position: ArrayLike | None = None, rotation: ArrayLike | None = None, velocity: ArrayLike = 0.0,
        acceleration: ArrayLike = 0.0,
    ) -> Array:  # fmt: skip
        """Write `torque(...)` into `control.joint_force` of the controlled dofs; returns it."""
        force = self.torque(position, rotation, velocity, acceleration)
        self._write(force)
        return force

    def _task_inertia(self, mobility: Array) -> Array:
        """Inverse of J M^-1 J' on the directions that can move; scaled to a unit diagonal first, for metres and radians have no
        common measure.
        """
        diagonal = np.diagonal(mobility, axis1=1, axis2=2)
        scale = np.where(diagonal > 0, 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0)), 0.0)
        scaled = scale[:, :, None] * mobility * scale[:, None]
        inverse = np.linalg.inv(scaled + 1e-14 * np.eye(len(self._rows)))
        # the trace bounds the least eigenvalue from below: one above the threshold needs no eigenvectors
        near = ~(np.trace(inverse, axis1=1, axis2=2) * max(self._singularity, 1e-12) < 1.0) | ~(diagonal > 0).all(1)
        if near.any():
            values, directions = np.linalg.eigh(scaled[near])
            free = values > max(self._singularity, 1e-12)
            kept = np.where(free, 1.0 / np.where(free, values, 1.0), 0.0)
            inverse[near] = (directions * kept[:, None]) @ np.swapaxes(directions, 1, 2)
        return scale[:, :, None] * inverse * scale[:, None]

    def _task_acceleration(self, here: Configuration, position: Any, rotation: Any, acceleration: ArrayLike) -> Array:
        """What is wanted beside the damping."""
        num_envs, error = here.num_envs, np.zeros((here.num_envs, 6))
        if position is not None:
            wanted = rows_of(position, (num_envs, 3), "OperationalSpace position")
            error[:, :3] = wanted - here.point(self.target.body, self.target.point)
        if rotation is not None:
            frame = rot.multiply(here.body_rotation[:, here.body_index(self.target.body)], self.target.rotation)
            wanted = rows_of(rotation, (num_envs, 4), "OperationalSpace rotation")
            error[:, 3:] = rotation_vector(rot.multiply(wanted, rot.conjugate(frame)))
        return self._per_axis(acceleration, "acceleration") + self._stiffness * error

    def _per_axis(self, values: ArrayLike, what: str) -> Array:
        """One number, one per axis (6,), or (num_envs, 6)."""
        return rows_of(values, (self._simulation.num_envs, 6), f"OperationalSpace {what}")

    def _posture_acceleration(self, here: Configuration) -> Array:
        drag = -self._drag * here.qvel[:, self.joints.dofs]
        return drag if self._posture is None else drag + self._pull * self._error(self._posture)
