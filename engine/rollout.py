"""Many steps under given controls in one launch: no call, no upload and no wake of the workers between two steps.

Each group of lanes goes through its steps alone: it takes the controls of a step from the plan, advances, and writes down
positions and velocities. A group whose contacts do not fit stops in the middle of its step; the host enlarges the buffers and
all groups go on from their own counters, so the bits are those of single steps. On a GPU, and for scenes of the bodies solver,
the simulation takes the steps one by one.
"""

import functools
from typing import Any

import numpy as np

from engine.advance import begin, stages
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.memory import ld, st
from engine.model import host_view, lanes_first
from engine.runtime import CHUNK
from engine.state import Workspace


@functools.cache
def kernel(extended: int) -> Any:
    """The kernel, compiled on first use."""
    substep = stages(extended)

    @ti.kernel
    def roll_groups(
        # Model:
        mi: ti.types.ndarray(ndim=1),
        mf: ti.types.ndarray(ndim=2),
        md: ti.types.ndarray(ndim=1),
        # Workspace in, out:
        ws: ti.types.ndarray(ndim=2),
        wi: ti.types.ndarray(ndim=2),
        # Parameters:
        plan: ti.types.ndarray(ndim=2),
        track: ti.types.ndarray(ndim=2),
        groups: ti.i32,
        workers: ti.i32,
        steps: ti.i32,
        substeps: ti.i32,
    ):
        """Every group up to `steps` steps of `substeps` substeps, from where its counters stand."""
        for q in range(workers * CHUNK):
            if q % CHUNK == 0:
                g = q // CHUNK
                while g < groups:
                    roll(mi, mf, md, ws, wi, g, plan, track, steps, substeps, substep)
                    g += workers

    return roll_groups


@ti.func
def roll(
    mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g, plan: ti.template(),
    track: ti.template(), steps, substeps, substep: ti.template(),
):  # fmt: skip
    """The steps of one group."""
    done = ld(wi, g, mi[AT.steps_rolled])
    fits = 1
    while done < steps and fits == 1:
        if ld(wi, g, mi[AT.step_open]) == 0:
            for k in range(mi[N.num_actuators]):
                st(ws, g, mi[AT.actuator] + k, plan[g, done * mi[N.num_actuators] + k])
            begin(mi, ws, wi, g)
            st(wi, g, mi[AT.step_open], 1)
        moved = 1
        while moved == 1:
            moved = substep(mi, mf, md, ws, wi, g, substeps)
        if ld(wi, g, mi[AT.contact_need]) > mi[N.max_contacts]:
            fits = 0
        else:
            write_down(mi, ws, g, track, done)
            done += 1
            st(wi, g, mi[AT.steps_rolled], done)
            st(wi, g, mi[AT.step_open], 0)


@ti.func
def write_down(mi: ti.template(), ws: ti.template(), g, track: ti.template(), done):
    """Positions and velocities of the group after a step."""
    at = done * (mi[N.num_qpos] + mi[N.num_dofs])
    for k in range(mi[N.num_qpos]):
        track[g, at + k] = ld(ws, g, mi[AT.qpos] + k)
    for k in range(mi[N.num_dofs]):
        track[g, at + mi[N.num_qpos] + k] = ld(ws, g, mi[AT.qvel] + k)


class Roll:
    """The plan and the track of one rollout on a CPU: `actuator` (steps, num_envs, num_actuators)."""

    def __init__(self, workspace: Workspace, actuator: np.ndarray, substeps: int):
        model = workspace.model
        self.steps, self.substeps, self.num_envs = len(actuator), substeps, model.num_envs
        self.qpos, self.dofs = (model.placement.sizes[name] for name in ("num_qpos", "num_dofs"))
        rows = np.moveaxis(actuator, 0, 1).reshape(self.num_envs, -1)
        self.plan = self._array(workspace, np.ascontiguousarray(rows, model.runtime.dtype))
        track: np.ndarray = np.zeros((self.num_envs, self.steps * (self.qpos + self.dofs)), model.runtime.dtype)
        self.track = self._array(workspace, track)
        self._shape = (model.num_groups, track.shape[1], model.lanes)
        workspace.write_ints("steps_rolled", 0)
        workspace.write_ints("step_open", 0)

    @staticmethod
    def _array(workspace: Workspace, rows: np.ndarray) -> Any:
        model = workspace.model
        padded = model.pad(rows if rows.shape[1] else np.zeros((len(rows), 1), rows.dtype))
        packed = lanes_first(padded, model.lanes, True)
        array = ti.ndarray(model.runtime.real(model.lanes), packed.shape[:2])
        host_view(array, packed.shape, rows.dtype.type)[...] = packed
        return array

    def run(self, workspace: Workspace) -> int:
        """Go on; returns 0, or the contact slots that a stopped group wanted."""
        model = workspace.model
        workspace.forget()
        arrays = (model.mi, model.mf, model.md, workspace.ws, workspace.wi, self.plan, self.track)
        kernel(int(bool(model.placement.sizes.get("extended"))))(
            *arrays, model.num_groups, model.runtime.workers, self.steps, self.substeps
        )
        need = int(workspace.read_ints("contact_need").max(initial=0))
        return need if need > model.placement.sizes["max_contacts"] else 0

    def result(self) -> tuple[np.ndarray, np.ndarray]:
        """(qpos (steps, num_envs, nq), qvel (steps, num_envs, nv))."""
        groups, slots, lanes = self._shape
        shape = (groups, slots, lanes) if lanes > 1 else (groups, slots)
        values = host_view(self.track, shape, self._dtype(shape))
        rows = values.transpose(0, 2, 1).reshape(-1, slots) if lanes > 1 else values
        steps = rows[: self.num_envs].reshape(self.num_envs, self.steps, -1).swapaxes(0, 1)
        return steps[..., : self.qpos].copy(), steps[..., self.qpos :].copy()

    def _dtype(self, _shape: tuple[int, ...]) -> type:
        return np.float64 if self.plan.dtype == ti.f64 else np.float32
