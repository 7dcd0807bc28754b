"""One step of a scene that has particles, cloth or soft bodies beside its rigid bodies.

Per rigid substep: show the bodies to every continuum, let it advance by one substep's time, hand the mean wrench that it put on
the bodies to the rigid solver, take the rigid substep (staggered, conventional serial coupling: Farhat and Lesoinne, 2000).
Momentum is exact: what the bodies gain in the substep is the impulse that the continuum gave.
"""

from collections.abc import Sequence

import numpy as np

from engine.continua import Bodies, Continuum, total_wrench
from engine.geometry import rotation
from engine.state import Control, Workspace
from engine.steppers import Stepper


class Coupling:
    """The continua of a simulation and what they did to the bodies in the last step.

    wrench: (E, B, 6) force, then torque about the centre of mass in W, mean over the last step; last: of its last substep.
    """

    def __init__(self, continua: Sequence[Continuum], num_envs: int, num_bodies: int):
        self.continua = tuple(continua)
        self.wrench, self.last = np.zeros((2, num_envs, num_bodies, 6))

    def step(
        self, stepper: Stepper, workspace: Workspace, control: Control, substeps: int, timestep: float, start: int = 0
    ) -> Workspace:
        """Take the substeps of a step from `start` to `substeps`, each of `timestep` [s], with every continuum; returns the
        workspace, which may have grown.
        """
        given = control.body_wrench.copy()
        self.wrench *= start / substeps
        try:
            for done in range(start, substeps):
                stepper.locate(workspace)
                pushed = total_wrench(self.continua, observe(workspace), timestep)
                self.wrench += pushed / substeps
                self.last = pushed
                control.body_wrench = given + np.nan_to_num(pushed)  # a faulty continuum has set its own fault bit
                workspace = stepper.step(workspace, control, done + 1, done)
        finally:
            control.body_wrench = given
        return workspace

    def reset(self, envs: np.ndarray) -> None:
        """Put environments into their initial state."""
        self.wrench[envs] = self.last[envs] = 0.0
        for continuum in self.continua:
            continuum.reset(envs)

    def faults(self) -> np.ndarray:
        """Fault bits of all continua together, (E,) int."""
        bits = np.zeros(len(self.wrench), int)
        for continuum in self.continua:
            bits |= continuum.faults()
        return bits

    def snapshot(self) -> list[np.ndarray]:
        """Rows (E, n) of every continuum."""
        return [continuum.snapshot() for continuum in self.continua]

    def restore(self, rows: np.ndarray) -> None:
        """Continue from the columns of `snapshot`, side by side."""
        start = 0
        for continuum in self.continua:
            width = continuum.snapshot().shape[1]
            continuum.restore(rows[:, start : start + width])
            start += width


def observe(workspace: Workspace) -> Bodies:
    """The rigid bodies as a continuum sees them; poses and velocities must be up to date."""
    compiled = workspace.model.compiled
    reals, ints = compiled.reals, compiled.ints
    position, turn = workspace.read("body_position_W"), workspace.read("body_rotation_W")
    spatial = workspace.read("body_velocity_W")
    angular = spatial[..., :3]
    velocity = spatial[..., 3:] + rotation.cross(angular, position - position[:, ints["body_root"]])
    xx, yy, zz, xy, xz, yz = np.moveaxis(reals["body_inertia"], -1, 0)
    inertia_B = np.stack([xx, xy, xz, xy, yy, yz, xz, yz, zz], -1).reshape(*xx.shape, 3, 3)
    R = rotation.matrix(turn)
    free = np.zeros(compiled.sizes["num_bodies"], bool)
    for b in range(1, len(free)):  # parents come first
        free[b] = ints["body_dof_count"][b] > 0 or free[ints["body_parent"][b]]
    shape = position.shape[:2]
    return Bodies(
        position, turn, velocity, angular,
        position + rotation.rotate(turn, np.broadcast_to(reals["body_com"], position.shape)),
        np.broadcast_to(reals["body_mass"], shape), R @ inertia_B @ np.swapaxes(R, -1, -2), free,
    )  # fmt: skip
