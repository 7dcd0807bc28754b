"""The two roads of a step behind one protocol: Newton's in reduced coordinates, and that of free bodies by the thousand.

A scene's `options.solver` decides (see `engine.scene.topology`). The Newton road keeps everything in the declared arrays. The
road of free bodies keeps tables of its own and writes the declared state only when somebody reads it.
"""

from typing import Any, Protocol

import numpy as np

from engine import advance
from engine.arrays import Store
from engine.errors import CapacityError, StateError
from engine.model import Model
from engine.rollout import Roll
from engine.solvers.bodies.report import body_contacts, body_touches, extra_rows, forget_rows, restore_extra
from engine.solvers.bodies.stepper import BodiesStepper
from engine.state import Control, Workspace, contact_records

MAX_CONTACTS = 1 << 16  # slots of one group; a scene that wants more is not for the Newton road


class Stepper(Protocol):
    """What a simulation asks of a road. `is_lazy`: the declared state is written by `locate` only, not by every step."""

    is_lazy: bool

    def step(self, workspace: Workspace, control: Control, substeps: int, done: int = 0) -> Workspace:
        """Take the substeps of a step from `done` to `substeps`; returns the workspace, which may have grown."""

    def locate(self, workspace: Workspace) -> None:
        """Bring poses and velocities up to date with the state."""

    def before_write(self, workspace: Workspace) -> None:
        """The host is about to write the declared state."""

    def clear(self, workspace: Workspace, envs: np.ndarray) -> None:
        """Environments `envs` were reset: forget contacts and the sums of the last step."""

    def contacts(self, workspace: Workspace) -> np.recarray:
        """See `Simulation.contacts`."""

    def touches(self, workspace: Workspace) -> dict[str, np.ndarray]:
        """See `Simulation.touches`."""

    def snapshot(self, workspace: Workspace) -> np.ndarray:
        """The whole state as rows (num_envs, n)."""

    def restore(self, workspace: Workspace, rows: np.ndarray) -> None:
        """Continue from the rows of `snapshot`."""


def stepper_for(model: Model) -> Stepper:
    """The road that the scene of a model takes."""
    return BodiesRoad(model) if model.compiled.sizes.get("solver") else NewtonRoad()


def state_rows(workspace: Workspace) -> np.ndarray:
    """The declared state as rows."""
    start, stop = workspace.model.placement.bounds[Store.STATE]
    return workspace.read_span(start, stop - start)


def write_state_rows(workspace: Workspace, rows: np.ndarray) -> None:
    """Write the declared state; raises StateError when the rows belong to another scene."""
    start, stop = workspace.model.placement.bounds[Store.STATE]
    if rows.shape != (workspace.model.num_envs, stop - start):
        raise StateError(
            "Simulation.restore",
            f"shape {rows.shape}",
            f"needs {(workspace.model.num_envs, stop - start)}",
            "use rows of this scene's snapshot()",
        )
    workspace.write_span(start, rows)


class NewtonRoad:
    """Kernels of `engine.advance`; contact slots grow on demand."""

    is_lazy = False

    def step(self, workspace: Workspace, control: Control, substeps: int, done: int = 0) -> Workspace:
        """See Stepper."""
        control.upload(workspace)
        need = advance.run(workspace, substeps, first=not done)
        while need:
            workspace = self._grown(workspace, need)
            control.touch()
            control.upload(workspace)
            need = advance.run(workspace, substeps, first=False)
        return workspace

    def roll(self, workspace: Workspace, control: Control, actuator: np.ndarray, substeps: int) -> tuple[Workspace, Any]:
        """Steps under a sequence of controls in one launch: the workspace, and positions and velocities after each step."""
        control.upload(workspace)
        rolling = Roll(workspace, actuator, substeps)
        need = rolling.run(workspace)
        while need:
            workspace = self._grown(workspace, need)
            need = rolling.run(workspace)
        return workspace, rolling.result()

    @staticmethod
    def _grown(workspace: Workspace, need: int) -> Workspace:
        if need > MAX_CONTACTS:
            raise CapacityError(
                "Simulation.step",
                f"{need} contact slots wanted in one group of environments",
                f"allowed: {MAX_CONTACTS}",
                "use fewer bodies in contact",
            )
        return workspace.grown(min(MAX_CONTACTS, need + need // 2 + 8))

    def locate(self, workspace: Workspace) -> None:
        """See Stepper."""
        advance.locate(workspace)

    def before_write(self, workspace: Workspace) -> None:
        """See Stepper: the declared state is always up to date here."""

    def clear(self, workspace: Workspace, envs: np.ndarray) -> None:
        """See Stepper."""
        advance.clear(workspace)

    def contacts(self, workspace: Workspace) -> np.recarray:
        """See Stepper."""
        return contact_records(workspace)

    def snapshot(self, workspace: Workspace) -> np.ndarray:
        """See Stepper."""
        return state_rows(workspace)

    def restore(self, workspace: Workspace, rows: np.ndarray) -> None:
        """See Stepper."""
        write_state_rows(workspace, rows)

    def touches(self, workspace: Workspace) -> dict[str, np.ndarray]:
        """See Stepper."""
        touch = workspace.read("pair_touch")
        env, pair = np.nonzero(touch > 0.0)
        ints = workspace.model.compiled.ints
        shape_a, shape_b = ints["pair_shape_a"][pair], ints["pair_shape_b"][pair]
        return {
            "env": env, "pair": pair, "shape_a": shape_a, "shape_b": shape_b,
            "body_a": ints["shape_body"][shape_a], "body_b": ints["shape_body"][shape_b],
            "impulse": workspace.read("pair_impulse")[env, pair],
            "substeps": np.maximum(np.rint(touch[env, pair]), 1).astype(int),  # stages of a substep count by their weight
            "point": workspace.read("pair_point")[env, pair],
        }  # fmt: skip


class BodiesRoad:
    """`engine.solvers.bodies`: its tables are the truth between steps, and are shown when somebody reads."""

    is_lazy = True

    def __init__(self, model: Model):
        self._stepper = BodiesStepper(model, float(model.compiled.reals["timestep"].flat[0]))
        self._taken = self._shown = False
        self._control: np.ndarray | None = None

    def step(self, workspace: Workspace, control: Control, substeps: int, done: int = 0) -> Workspace:
        """See Stepper."""
        self._take(workspace)
        control.upload(workspace)
        if control.sent is not self._control:
            self._stepper.take_control(workspace)
            self._control = control.sent
        self._stepper.step(substeps - done)
        workspace.forget()
        self._shown = False
        return workspace

    def _take(self, workspace: Workspace) -> None:
        if not self._taken:
            self._stepper.take_state(workspace)
            self._taken, self._shown = True, False

    def locate(self, workspace: Workspace) -> None:
        """See Stepper."""
        self._take(workspace)
        if not self._shown:
            self._stepper.show_state(workspace)
            self._shown = True

    def before_write(self, workspace: Workspace) -> None:
        """See Stepper."""
        if self._taken:
            self.locate(workspace)
        self._taken = False

    def clear(self, workspace: Workspace, envs: np.ndarray) -> None:
        """See Stepper."""
        forget_rows(self._stepper, envs)

    def contacts(self, workspace: Workspace) -> np.recarray:
        """See Stepper."""
        return body_contacts(self._stepper)

    def touches(self, workspace: Workspace) -> dict[str, np.ndarray]:
        """See Stepper."""
        return body_touches(self._stepper)

    def snapshot(self, workspace: Workspace) -> np.ndarray:
        """See Stepper."""
        self.locate(workspace)
        return np.concatenate([state_rows(workspace), extra_rows(self._stepper)], axis=1)

    def restore(self, workspace: Workspace, rows: np.ndarray) -> None:
        """See Stepper."""
        start, stop = workspace.model.placement.bounds[Store.STATE]
        write_state_rows(workspace, rows[:, : stop - start])
        self._stepper.take_state(workspace)  # time and faults
        restore_extra(self._stepper, rows[:, stop - start :])
        self._stepper.show_state(workspace)
        self._taken = self._shown = True
