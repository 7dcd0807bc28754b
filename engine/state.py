"""State, Control and contact records: batched values of a running simulation, numpy in and out.

`Workspace` owns the device arrays `ws`, `wi` and moves named slots between host and device; `State` reads and writes the state
and the results by name; `Control` is a host buffer that is uploaded before a step. Arrays handed out by `State` are fresh
copies `(num_envs, ...)`; what is changed in them before the next step is written back, as is assignment. Limits: an array kept
across a step is a plain copy.
"""

from typing import Any

import numpy as np

from engine.arrays import TABLE, Store
from engine.compiler import ti
from engine.declarations import FAR
from engine.errors import StateError, near_matches
from engine.geometry import rotation
from engine.math.lanes import is_lanes, lane
from engine.math.memory import ld, st
from engine.model import Model, lanes_view


@ti.kernel
def read_slots(
    # Workspace in:
    ws: ti.types.ndarray(ndim=2),
    # Parameters:
    out: ti.types.ndarray(ndim=2),
    start: ti.i32,
    lanes: ti.i32,
):
    """Copy the slots from `start` on into `out` (num_envs, count)."""
    for e in range(out.shape[0]):
        for k in range(out.shape[1]):
            out[e, k] = lane(ld(ws, e // lanes, start + k), e % lanes)


@ti.kernel
def write_slots(
    # Workspace out:
    ws: ti.types.ndarray(ndim=2),
    # Parameters:
    values: ti.types.ndarray(ndim=2),
    start: ti.i32,
    lanes: ti.i32,
):
    """Copy `values` (num_envs, count) into the slots from `start` on."""
    for g in range((values.shape[0] + lanes - 1) // lanes):
        for k in range(values.shape[1]):
            x = ld(ws, g, start + k)
            for l in range(lanes):
                e = ti.min(g * lanes + l, values.shape[0] - 1)  # padding lanes repeat the last environment
                if ti.static(is_lanes(x)):
                    x[l] = values[e, k]
                else:
                    x = values[e, k]
            st(ws, g, start + k, x)


LARGE = 20_000  # slots of one environment; above it arrays are fetched one by one


class Workspace:
    """The device arrays of one simulation, addressed by declared name."""

    def __init__(self, model: Model):
        self.model = model
        self.ws, self.wi = model.workspace()
        self._view = lanes_view(self.ws, model.lanes, model.runtime.dtype) if model.runtime.backend == "cpu" else None
        self._int_view = np.zeros((0, 0), np.int32) if self._view is None else lanes_view(self.wi, 1, np.int32)
        self._rows: np.ndarray | None = None
        self._ints: np.ndarray | None = None

    def forget(self) -> None:
        """What was read is out of date: a kernel has run."""
        self._rows, self._ints = None, None

    def read_span(self, start: int, count: int) -> np.ndarray:
        """Slots `[start, start + count)` as (num_envs, count)."""
        if self._view is not None:
            return self._env_rows(self._view, start, count)[: self.model.num_envs].copy()
        out: np.ndarray = np.empty((self.model.num_envs, count), self.model.runtime.dtype)
        if count:
            read_slots(self.ws, out, start, self.model.lanes)
        return out

    def write_span(self, start: int, values: np.ndarray) -> None:
        """Write (num_envs, count) values from slot `start` on; padding lanes repeat the last environment."""
        self.forget()
        if self._view is not None:
            rows = self.model.pad(np.asarray(values, self.model.runtime.dtype))
            self._write_rows(self._view, start, rows)
        elif values.shape[1]:
            write_slots(self.ws, np.ascontiguousarray(values, self.model.runtime.dtype), start, self.model.lanes)

    def _env_rows(self, view: np.ndarray, start: int, count: int) -> np.ndarray:
        """Slots of a CPU's memory by (padded) environment."""
        if self.model.lanes > 1:
            return view[:, start : start + count].transpose(0, 2, 1).reshape(len(view) * self.model.lanes, count)
        return view[:, start : start + count] if self.model.group_major else view[start : start + count].T

    def _write_rows(self, view: np.ndarray, start: int, rows: np.ndarray) -> None:
        """Write rows by (padded) environment into a CPU's memory."""
        count, lanes = rows.shape[1], self.model.lanes
        if lanes > 1:
            view[:, start : start + count] = rows.reshape(len(view), lanes, count).transpose(0, 2, 1)
        elif self.model.group_major:
            view[:, start : start + count] = rows
        else:
            view[start : start + count] = rows.T

    def read(self, name: str) -> np.ndarray:
        """A declared real array as (num_envs, *shape), a copy.

        State and results are fetched together, once after each step, since a launch costs more than the few kilobytes of an
        environment.
        """
        placement, span = self.model.placement, self.model.placement.span(name)
        stop = placement.bounds[Store.RESULT][1]
        if span.stop > stop or stop > LARGE:
            rows = self.read_span(span.start, span.stop - span.start)
        else:
            if self._rows is None:
                self._rows = self.read_span(0, stop)
            rows = self._rows[:, span].copy()
        return rows.reshape(self.model.num_envs, *placement.shapes[name])

    def write(self, name: str, values: np.ndarray) -> None:
        """Write a declared real array, values broadcastable to (num_envs, *shape)."""
        shape = (self.model.num_envs, *self.model.placement.shapes[name])
        self.write_span(self.model.placement.offsets[name], np.broadcast_to(values, shape).reshape(shape[0], -1))

    def read_ints(self, name: str) -> np.ndarray:
        """A declared integer array as (num_groups, count)."""
        if self._view is not None:  # on a CPU only what is asked for is copied
            counts = self._int_view if self.model.group_major else self._int_view.T
            return counts[:, self.model.placement.span(name)].copy()
        if self._ints is None:
            packed = self._wi_copy()
            self._ints = packed if self.model.group_major else packed.T
        return self._ints[:, self.model.placement.span(name)]

    def write_ints(self, name: str, value: int) -> None:
        """Set a declared integer of every group (on a CPU)."""
        self.forget()
        counts = self._int_view if self.model.group_major else self._int_view.T
        counts[:, self.model.placement.span(name)] = value

    def grown(self, max_contacts: int) -> "Workspace":
        """The same values in arrays with another number of contact slots; scratch and contacts start empty."""
        other = Workspace(self.model.with_capacity(max_contacts))
        keep = (Store.STATE, Store.CONTROL, Store.RESULT)
        for array in TABLE.arrays.values():
            if array.store in keep and "max_contacts" not in array.shape:
                other.write(array.name, self.read(array.name))
        old, new = self._wi_copy(), other._wi_copy()
        axis = 1 if self.model.group_major else 0
        count = self.model.placement.offsets["contact_pair"]  # the counters come first in wi
        np.moveaxis(new, axis, 0)[:count] = np.moveaxis(old, axis, 0)[:count]
        if other._view is not None:
            other._int_view[...] = new
        else:
            other.wi.from_numpy(np.ascontiguousarray(new))
        return other

    def _wi_copy(self) -> np.ndarray:
        """The integers of all groups, in the order of the device."""
        return self.wi.to_numpy() if self._view is None else self._int_view.copy()


STATE_NAMES = {
    "time": "time",
    "qpos": "qpos",
    "qvel": "qvel",
    "activation": "activation",
    "kinematic_position": "kinematic_position",
    "kinematic_rotation": "kinematic_rotation",
    "qacc": "qacc",
    "body_position": "body_position_W",
    "body_rotation": "body_rotation_W",
    "body_velocity": "body_velocity_W",
    "solver_iterations": "solver_iterations",
    "equality_active": "equality_active",
    "tendon_length": "tendon_length",
    "tendon_velocity": "tendon_velocity",
}
WRITABLE = ("time", "qpos", "qvel", "activation", "kinematic_position", "kinematic_rotation", "equality_active")
SCALARS = ("time", "solver_iterations")


class State:
    """Values of all environments: `qpos (num_envs, nq)`, `qvel (num_envs, nv)`, `time (num_envs,)`, `qacc`, and by body, the
    world first, `body_position (num_envs, num_bodies, 3)`, `body_rotation (..., 4)` wxyz, `body_velocity (..., 6)`: velocity of
    the body origin, then angular velocity, both in W. By id: `tendon_length`, `tendon_velocity`, and `equality_active`, 1 where
    an equality constraint acts, which may be changed.
    """

    _simulation: Any
    _handed: list[tuple[str, np.ndarray, np.ndarray]]

    def __init__(self, simulation: Any):
        object.__setattr__(self, "_simulation", simulation)
        object.__setattr__(self, "_handed", [])

    def __getattr__(self, name: str) -> np.ndarray:
        if name not in STATE_NAMES:
            raise AttributeError(f"state.{name}: unknown value; {near_matches(name, STATE_NAMES)}.")
        self.flush()
        values = self._simulation.read(STATE_NAMES[name])
        if name == "body_velocity":
            values = self._origin_velocity(values)
        if name in SCALARS:
            values = values.reshape(-1)
        if name in WRITABLE:
            self._handed.append((name, values, values.copy()))
        return values

    def __setattr__(self, name: str, values) -> None:
        if name not in WRITABLE:
            what = "cannot be set" if name in STATE_NAMES else "is unknown"
            raise StateError(f"state.{name}", what, f"allowed: {', '.join(WRITABLE)}", near_matches(name, WRITABLE))
        self.flush()
        self._write(name, np.asarray(values))

    def flush(self) -> None:
        """Write back what was changed in arrays that were handed out since the last step."""
        handed = list(self._handed)
        self._handed.clear()
        for name, values, before in handed:
            if not np.array_equal(values, before, equal_nan=True):
                self._write(name, values)

    def forget(self) -> None:
        """Arrays handed out so far become plain copies (after a step)."""
        self._handed.clear()

    def _write(self, name: str, values: np.ndarray) -> None:
        placement, num_envs = self._simulation.model.placement, self._simulation.num_envs
        shape = (num_envs, *placement.shapes[name])
        given = values.reshape(-1, 1) if name in SCALARS and values.ndim == 1 else values
        try:
            given = np.broadcast_to(given, shape)
        except ValueError:
            raise StateError(
                f"state.{name}", f"shape {values.shape}", f"needs {shape}", "give one row per environment"
            ) from None
        if not np.isfinite(given).all():
            raise StateError(f"state.{name}", "values that are not finite", "finite numbers", "check what is written")
        self._simulation.write(name, given)

    def _origin_velocity(self, spatial: np.ndarray) -> np.ndarray:
        position = self._simulation.read("body_position_W")
        reference = position[:, self._simulation.compiled.ints["body_root"]]
        angular = spatial[..., :3]
        linear = spatial[..., 3:] + rotation.cross(angular, position - reference)
        return np.concatenate([linear, angular], axis=-1)


CONTROL_NAMES = ("actuator", "joint_force", "joint_target", "body_wrench", "kinematic_velocity")


class Control:
    """Inputs of all environments, changed in place: `actuator (num_envs, nu)`, `joint_force` and `joint_target (num_envs, nv)`,
    `body_wrench (num_envs, num_bodies, 6)` force then torque about the centre of mass in W, `kinematic_velocity (num_envs, nk,
    6)`.
    """

    actuator: np.ndarray
    joint_force: np.ndarray
    joint_target: np.ndarray
    body_wrench: np.ndarray
    kinematic_velocity: np.ndarray
    _rows: np.ndarray
    _uploaded: np.ndarray | None

    def __init__(self, model: Model):
        start, stop = model.placement.bounds[Store.CONTROL]
        rows: np.ndarray = np.zeros(
            (model.num_envs, stop - start), model.runtime.dtype
        )  # one buffer: checked and sent in one piece
        for name in CONTROL_NAMES:
            span = model.placement.span(name)
            part = rows[:, span.start - start : span.stop - start].reshape(len(rows), *model.placement.shapes[name])
            object.__setattr__(self, name, part)
        object.__setattr__(self, "_rows", rows)
        object.__setattr__(self, "_uploaded", None)

    def __setattr__(self, name: str, values) -> None:
        if name not in CONTROL_NAMES:
            raise StateError(
                f"control.{name}", "unknown input", f"allowed: {', '.join(CONTROL_NAMES)}", near_matches(name, CONTROL_NAMES)
            )
        target = getattr(self, name)
        try:
            target[...] = values
        except ValueError:
            raise StateError(
                f"control.{name}", f"shape {np.shape(values)}", f"needs {target.shape}", "give one row per environment"
            ) from None

    def rows(self) -> np.ndarray:
        """All inputs as (num_envs, slots), in order of declaration; raises StateError when one is not finite."""
        if not np.isfinite(self._rows).all():
            name = next(name for name in CONTROL_NAMES if not np.isfinite(getattr(self, name)).all())
            env = int(np.argwhere(~np.isfinite(getattr(self, name)))[0][0])
            raise StateError(
                f"control.{name}", f"a value of environment {env} is not finite", "finite numbers", "check what is written"
            )
        return self._rows.copy()

    def upload(self, workspace: Workspace) -> None:
        """Send the inputs to the device when they changed."""
        if self._uploaded is None or not np.array_equal(self._rows, self._uploaded):
            rows = self.rows()
            workspace.write_span(workspace.model.placement.bounds[Store.CONTROL][0], rows)
            object.__setattr__(self, "_uploaded", rows)

    def fill(self, rows: np.ndarray) -> None:
        """Set all inputs from what `rows` returned."""
        self._rows[...] = rows

    @property
    def sent(self) -> np.ndarray | None:
        """The rows that the device holds; a new array whenever they changed."""
        return self._uploaded

    def touch(self) -> None:
        """Forget what the device holds (after its arrays were replaced)."""
        object.__setattr__(self, "_uploaded", None)


CONTACT_FIELDS = [
    ("env", "i4"), ("pair", "i4"), ("shape_a", "i4"), ("shape_b", "i4"), ("body_a", "i4"), ("body_b", "i4"), ("point", "f8", 3),
    ("normal", "f8", 3), ("depth", "f8"), ("force", "f8", 3), ("force_local", "f8", 6),
]  # fmt: skip


def contact_records(workspace: Workspace) -> np.recarray:
    """All contacts of the last substep, sorted by environment, then by pair: see `Simulation.contacts`."""
    model = workspace.model
    counts = workspace.read_ints("num_contacts")[:, 0]
    used = int(counts.max(initial=0))
    group_of = np.arange(model.num_envs) // model.lanes
    distance = workspace.read("contact_distance")[:, :used]
    env, slot = np.nonzero((distance < 0.5 * FAR) & (np.arange(used) < counts[group_of][:, None]))
    records = np.zeros(len(env), CONTACT_FIELDS).view(np.recarray)
    if not len(env):
        return records
    ints, plain = model.compiled.ints, records.view(np.ndarray)  # attributes of a recarray are slow
    pair = workspace.read_ints("contact_pair")[group_of[env], slot]
    plain["env"], plain["pair"] = env, pair
    for side in ("a", "b"):
        shape = ints[f"pair_shape_{side}"][pair]
        plain[f"shape_{side}"], plain[f"body_{side}"] = shape, ints["shape_body"][shape]
    normal, local, first = (workspace.read(f"contact_{name}")[env, slot] for name in ("normal", "force", "tangent"))
    second = rotation.cross(normal, first)
    plain["point"], plain["depth"] = workspace.read("contact_position")[env, slot], -distance[env, slot]
    plain["normal"], plain["force_local"] = normal, local
    plain["force"] = local[:, :1] * normal + local[:, 1:2] * first + local[:, 2:3] * second
    return records


__all__ = ["Control", "State", "Workspace", "contact_records"]
