"""Control in joint coordinates: proportional-derivative, and computed torque.

PD: f = K (q* - q) + D (v* - v), with the weight carried when asked for. Computed torque (Luh, Walker, Paul 1980):
f = M (a* + K e + D e') + bias - passive, after which the error obeys e'' + D e' + K e = 0 whatever the arm. Both are explicit:
a force is held over the substeps until the next call, so D h must stay well below the inertia. For stiff gains use the drives
of the joints (`drive_stiffness`, `control.joint_target`), which the step takes implicitly.
Limits: contacts are not known to the controller; joints that are not controlled are taken as not accelerating.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.kinematics import Configuration
from engine.kinematics.configuration import rows_of
from engine.kinematics.coordinates import difference
from engine.kinematics.joints import JointSet, joint_set

Array = NDArray[np.float64]


class JointControl:
    """What controllers share: the simulation, the controlled joints, and how forces get into its control.

    joints: names, by default every hinge, slide and ball joint. force_limit [N, N m]: one number, or one per dof of the
    controlled joints; forces are clamped to it.
    """

    def __init__(self, simulation: Any, joints: Sequence[str] | None = None, force_limit: ArrayLike | None = None):
        self._simulation = simulation
        self.joints: JointSet = joint_set(simulation.model.compiled, joints, type(self).__name__)
        self._here = Configuration(simulation.model)
        limit = np.inf if force_limit is None else np.abs(np.asarray(force_limit, float))
        self._limit = np.broadcast_to(limit, (len(self.joints.dofs),))

    def _present(self) -> Configuration:
        """The configuration of the present state."""
        return self._here.update(self._simulation.snapshot())

    def _per_dof(self, values: ArrayLike, what: str) -> Array:
        """One number, one per controlled dof, or (num_envs, dofs)."""
        return rows_of(values, (self._simulation.num_envs, len(self.joints.dofs)), f"{type(self).__name__} {what}")

    def _error(self, target: ArrayLike) -> Array:
        """Velocity (num_envs, dofs) that leads in one second from the present coordinates to `target`."""
        present = self._here.qpos
        shape = (len(present), len(self.joints.coordinates))
        wanted = np.array(present)
        wanted[:, self.joints.coordinates] = rows_of(target, shape, f"{type(self).__name__} target")
        return difference(self._here.model.compiled.ints, present, wanted)[:, self.joints.dofs]

    def _spread(self, force: Array) -> Array:
        """Forces of the controlled dofs, clamped, as (num_envs, nv) with zeros elsewhere."""
        full = np.zeros((self._simulation.num_envs, self._here.model.placement.sizes["num_dofs"]))
        full[:, self.joints.dofs] = np.clip(force, -self._limit, self._limit)
        return full

    def _write(self, force: Array) -> None:
        self._simulation.control.joint_force[:, self.joints.dofs] = force[:, self.joints.dofs]


class PD(JointControl):
    """Proportional-derivative control with gains [N m/rad, N m s/rad; N/m, N s/m]: one number, or one per controlled dof.

    gravity_compensation adds the force that carries the weight, so that no error is left at rest.
    """

    def __init__(
        self, simulation: Any, stiffness: ArrayLike, damping: ArrayLike, joints: Sequence[str] | None = None, *,
        force_limit: ArrayLike | None = None, gravity_compensation: bool = False,
    ):  # fmt: skip
        super().__init__(simulation, joints, force_limit)
        self._stiffness, self._damping = self._per_dof(stiffness, "stiffness"), self._per_dof(damping, "damping")
        self._carries = gravity_compensation

    def torque(self, target: ArrayLike, velocity: ArrayLike = 0.0) -> Array:
        """Joint forces (num_envs, nv) towards `target`, position coordinates of the controlled joints, and `velocity` of their
        dofs; one row, or one per environment.
        """
        here, dofs = self._present(), self.joints.dofs
        rate = self._per_dof(velocity, "velocity") - here.qvel[:, dofs]
        force = self._stiffness * self._error(target) + self._damping * rate
        return self._spread(force + here.gravity_force()[:, dofs] if self._carries else force)

    def apply(self, target: ArrayLike, velocity: ArrayLike = 0.0) -> Array:
        """Write `torque(...)` into `control.joint_force` of the controlled dofs; returns it."""
        force = self.torque(target, velocity)
        self._write(force)
        return force


class ComputedTorque(JointControl):
    """Computed torque with gains per unit of inertia [1/s^2, 1/s]; damping is critical by default: 2 sqrt(stiffness)."""

    def __init__(
        self, simulation: Any, stiffness: ArrayLike, damping: ArrayLike | None = None, joints: Sequence[str] | None = None, *,
        force_limit: ArrayLike | None = None,
    ):  # fmt: skip
        super().__init__(simulation, joints, force_limit)
        self._stiffness = self._per_dof(stiffness, "stiffness")
        self._damping = 2 * np.sqrt(self._stiffness) if damping is None else self._per_dof(damping, "damping")

    def torque(self, target: ArrayLike, velocity: ArrayLike = 0.0, acceleration: ArrayLike = 0.0) -> Array:
        """Joint forces (num_envs, nv) that make the controlled joints follow position coordinates, velocity and acceleration of
        a trajectory.
        """
        here, dofs = self._present(), self.joints.dofs
        wanted = np.zeros_like(here.qvel)
        wanted[:, dofs] = self._per_dof(acceleration, "acceleration") + self._stiffness * self._error(target)
        wanted[:, dofs] += self._damping * (self._per_dof(velocity, "velocity") - here.qvel[:, dofs])
        return self._spread(here.inverse_dynamics(wanted)[:, dofs])

    def apply(self, target: ArrayLike, velocity: ArrayLike = 0.0, acceleration: ArrayLike = 0.0) -> Array:
        """Write `torque(...)` into `control.joint_force` of the controlled dofs; returns it."""
        force = self.torque(target, velocity, acceleration)
        self._write(force)
        return force
