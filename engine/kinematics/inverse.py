"""Inverse kinematics: coordinates that put frames of bodies where they shall be, for all environments in one launch.

The search is `engine.kinematics.levenberg`; this module numbers the problem, draws the starts and reports. What is reported is
not the search's own opinion: the coordinates that it returns are placed once more and measured. Starts are the same for every
environment and follow from `seed` (unit draws, scaled by the environment's own limits), so that no environment feels how many
others there are. Limits: a ball joint with a range is refused; free joints move only when named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arrays import Store
from engine.errors import StateError
from engine.geometry import rotation
from engine.kinematics.configuration import Array, Configuration, rows_of
from engine.kinematics.coordinates import rotation_vector
from engine.kinematics.joints import joint_set
from engine.kinematics.levenberg import FIRST_DAMPING, UNKNOWN, search
from engine.model import Model, real
from engine.state import Workspace
from engine.types import JointType

AIM = 0.9  # the search goes below the tolerance by this factor, so that rounding does not decide
BEGIN = {
    "ik_cost": UNKNOWN, "ik_best_cost": UNKNOWN, "ik_damping": FIRST_DAMPING,
    "ik_attempt": 0.0, "ik_turns": 0.0, "ik_total": 0.0, "ik_done": 0.0,
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A frame of a body that shall be somewhere: its origin `point` [m] and `rotation` (w, x, y, z) in the body.

    position_weight 0 leaves the position free, rotation_weight [m/rad] 0 the rotation; together they say how much of one error
    is worth how much of the other while the targets cannot all be met.
    """

    body: str
    point: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rotation: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    position_weight: float = 1.0
    rotation_weight: float = 0.3


@dataclass(frozen=True)
class Solution:
    """What a search has found: `qpos` (num_envs, nq), within the limits; `converged` (num_envs,), whether every target is
    within tolerance; `position_error` [m] and `rotation_error` [rad] (num_envs, targets), measured at `qpos` whatever the
    weights; `attempts` and `trials` (num_envs,), how many starts and evaluations it took.
    """

    qpos: Array
    converged: NDArray[np.bool_]
    position_error: Array
    rotation_error: Array
    attempts: NDArray[np.int64]
    trials: NDArray[np.int64]


class InverseKinematics:
    """A problem of one simulation: which frames shall go somewhere and which joints may move.

    targets: one or more. joints: names, by default every hinge, slide and ball joint that moves a target. tolerance: position
    [m] and rotation [rad]. posture (nq,) or (num_envs, nq): preferred coordinates of hinge and slide joints in the null space,
    with a weight in m^2/rad^2. attempts: starts, the first from the given coordinates, the others drawn within the limits from
    `seed`. trials: evaluations from one start. Raises StateError.
    """

    def __init__(
        self, simulation: Any, targets: Target | Sequence[Target], joints: Sequence[str] | None = None, *,
        tolerance: tuple[float, float] = (1e-4, 1e-3), posture: ArrayLike | None = None, posture_weight: float = 1e-3,
        attempts: int = 24, trials: int = 40, seed: int = 0,
    ):  # fmt: skip
        self._simulation = simulation
        self.targets = (targets,) if isinstance(targets, Target) else tuple(targets)
        if not self.targets or attempts < 1 or trials < 1 or min(tolerance) <= 0:
            what = f"{len(self.targets)} targets, {attempts} attempts, {trials} trials, tolerance {tolerance}"
            raise StateError("InverseKinematics", what, "allowed: positive numbers", "give at least one of each")
        self._tolerance, self._attempts, self._seed = tolerance, attempts, seed
        self._measured = Configuration(simulation.model)
        self.dofs = self._chosen_dofs(joints)
        moved = np.unique(simulation.model.compiled.ints["dof_joint"][self.dofs])
        names = [simulation.model.compiled.names.joint[j] for j in moved]
        self._moved_coordinates = joint_set(simulation.model.compiled, names, "InverseKinematics").coordinates
        self._model = self._problem(simulation.model, trials)
        self._workspace = Workspace(self._model)
        self._lower, self._upper = limits_of(self._model, self.dofs)
        self._write_problem(posture, posture_weight)

    def solve(
        self, position: ArrayLike | None = None, rotation: ArrayLike | None = None, start: ArrayLike | None = None
    ) -> Solution:
        """Search for all environments. position (num_envs, targets, 3) [m] and rotation (num_envs, targets, 4) of the target
        frames in W; the axis of targets may be left out when there is one, that of environments when all want the same. start
        (num_envs, nq): default the present state, which is not moved. An environment that fails says so in `converged`.
        """
        work, num_envs = self._workspace, self._model.num_envs
        goals = self._write_goals(position, rotation)
        state = self._simulation.snapshot()
        work.write_span(self._model.placement.bounds[Store.STATE][0], state)
        self._measured.update(state, qpos=start)
        first = np.array(self._measured.qpos)
        seeds = self._starts(first)
        work.write("ik_seed", seeds)
        for name in ("qpos", "ik_kept", "ik_best"):
            work.write(name, seeds[:, 0])
        for name, value in BEGIN.items():
            work.write(name, np.full(1, value))
        work.write("ik_posture_pull", work.read("ik_posture_weight"))
        search(work)
        moved = self._moved_coordinates
        first[:, moved] = work.read("ik_best")[:, moved]
        counts = (work.read(name).reshape(num_envs).astype(int) for name in ("ik_attempt", "ik_total"))
        return Solution(first, *self._measure(first, *goals), *counts)

    # ---- the problem ---------------------------------------------------------------------------------------------------------

    def _chosen_dofs(self, joints: Sequence[str] | None) -> NDArray[np.int64]:
        compiled = self._simulation.model.compiled
        ints, names = compiled.ints, compiled.names.joint
        moves = np.zeros(len(ints["dof_joint"]), bool)
        for target in self.targets:
            moves[self._measured.dofs_of(target.body)] = True
        dofs = joint_set(compiled, joints, "InverseKinematics").dofs
        dofs = dofs[moves[dofs]]
        if not len(dofs):
            raise StateError("InverseKinematics", "no joint moves the targets", "", "name other bodies or joints")
        joint = ints["dof_joint"][dofs]
        ranged = (ints["joint_type"][joint] == JointType.BALL) & (ints["joint_limited"][joint] == 1)
        if ranged.any():
            raise StateError(
                "InverseKinematics", f"ball joint {names[joint[ranged][0]]!r} has a range",
                "allowed: hinge and slide joints, and ball joints without a range", "leave it out of `joints`",
            )  # fmt: skip
        return dofs

    def _problem(self, model: Model, trials: int) -> Model:
        ints = model.compiled.ints
        joint = ints["dof_joint"][self.dofs]
        single = ints["joint_type"][joint] >= JointType.SLIDE
        moves = [np.isin(self.dofs, self._measured.dofs_of(t.body)) for t in self.targets]
        arrays = {
            "ik_body": np.array([self._measured.body_index(t.body) for t in self.targets]),
            "ik_dof": self.dofs,
            "ik_coordinate": np.where(single, ints["joint_qpos_start"][joint], -1),
            "ik_moves": np.array(moves, int),
        }
        return model.with_sizes(
            arrays, max_contacts=0, ik_problems=1, num_ik_targets=len(self.targets), num_ik_dofs=len(self.dofs),
            num_ik_qpos=model.placement.sizes["num_qpos"], num_ik_seeds=self._attempts, max_ik_turns=trials,
        )  # fmt: skip

    def _write_problem(self, posture: ArrayLike | None, weight: float) -> None:
        work = self._workspace
        turns = np.array([t.rotation for t in self.targets], float)
        work.write("ik_point", np.array([t.point for t in self.targets], float))
        work.write("ik_turn", turns / np.linalg.norm(turns, axis=1, keepdims=True))
        work.write("ik_weight", np.array([(t.position_weight, t.rotation_weight) for t in self.targets], float))
        work.write("ik_tolerance", AIM * np.array(self._tolerance)[None])
        work.write("ik_lower", self._lower)
        work.write("ik_upper", self._upper)
        shape = (self._model.num_envs, self._model.placement.sizes["num_qpos"])
        at = np.maximum(self._model.compiled.ints["ik_coordinate"], 0)
        work.write("ik_posture", rows_of(0.0 if posture is None else posture, shape, "InverseKinematics(posture)")[:, at])
        work.write("ik_posture_weight", np.full(1, 0.0 if posture is None else weight))

    def _write_goals(self, position: ArrayLike | None, turn: ArrayLike | None) -> tuple[Array, Array]:
        goals: dict[str, Array] = {}
        count, num_envs = len(self.targets), self._model.num_envs
        needs = {"position": [t.position_weight for t in self.targets], "rotation": [t.rotation_weight for t in self.targets]}
        for name, given, idle in (("position", position, (0.0,) * 3), ("rotation", turn, (1.0, 0.0, 0.0, 0.0))):
            where = f"InverseKinematics.solve({name})"
            if given is None and any(needs[name]):
                raise StateError(where, "it is missing", f"needs ({num_envs}, {count}, {len(idle)})", "give it, or weight 0")
            values = np.asarray(idle if given is None else given, float)
            if count == 1 and values.ndim == 2:
                values = values[:, None]
            rows = rows_of(values, (num_envs, count, len(idle)), where)
            length = np.linalg.norm(rows, axis=-1, keepdims=True)
            if name == "rotation" and not (length > 0).all():
                raise StateError(where, "a quaternion of length 0", "allowed: rotations (w, x, y, z)", "correct it")
            goals[name] = rows / length if name == "rotation" else rows
            self._workspace.write(f"ik_goal_{name}", goals[name])
        return goals["position"], goals["rotation"]

    # ---- starts and report ---------------------------------------------------------------------------------------------------

    def _starts(self, first: Array) -> Array:
        """The starts (num_envs, attempts, nq): the given coordinates, clamped to the limits, then draws."""
        ints, rng = self._model.compiled.ints, np.random.default_rng(self._seed)
        starts = np.repeat(first[:, None], self._attempts, axis=1)
        for i, at in enumerate(ints["ik_coordinate"]):
            low, high = (limit[:, i, None] for limit in (self._lower, self._upper))
            share, hinge = (
                rng.random(self._attempts - 1),
                ints["joint_type"][ints["dof_joint"][self.dofs[i]]] == JointType.HINGE,
            )
            if at >= 0:
                endless = high - low > 0.5 * UNKNOWN
                draw = np.where(endless, np.pi * (2 * share - 1) if hinge else first[:, at, None], low + share * (high - low))
                starts[:, 1:, at] = draw
                starts[..., at] = np.clip(starts[..., at], low, high)
        for joint in np.unique(ints["dof_joint"][self.dofs]):
            if ints["joint_type"][joint] == JointType.BALL:
                at, turns = ints["joint_qpos_start"][joint], rng.normal(size=(self._attempts - 1, 4))
                starts[:, 1:, at : at + 4] = turns / np.linalg.norm(turns, axis=1, keepdims=True)
        return starts

    def _measure(self, qpos: Array, position: Array, turn: Array) -> tuple[NDArray[np.bool_], Array, Array]:
        """(converged, position errors, rotation errors) at the coordinates `qpos` for these goals."""
        here = self._measured.update(qpos=qpos)
        far, turned = (np.zeros((self._model.num_envs, len(self.targets))) for _ in range(2))
        near = np.ones(self._model.num_envs, bool)
        for t, target in enumerate(self.targets):
            frame = rotation.multiply(
                here.body_rotation[:, here.body_index(target.body)], self._workspace.read("ik_turn")[:, t]
            )
            miss = rotation.multiply(turn[:, t], rotation.conjugate(frame))
            turned[:, t] = np.linalg.norm(rotation_vector(miss), axis=-1)
            far[:, t] = np.linalg.norm(position[:, t] - here.point(target.body, target.point), axis=-1)
            near &= (target.position_weight == 0) | (far[:, t] <= self._tolerance[0])
            near &= (target.rotation_weight == 0) | (turned[:, t] <= self._tolerance[1])
        return near, far, turned


def limits_of(model: Model, dofs: NDArray[np.int64]) -> tuple[Array, Array]:
    """Lower and upper limits (num_envs, dofs) of hinge and slide dofs, without end where there is none."""
    ints = model.compiled.ints
    joint = ints["dof_joint"][dofs]
    ranges = np.broadcast_to(real(model.compiled, "joint_range")[:, joint], (model.num_envs, len(dofs), 2))
    limited = (ints["joint_limited"][joint] == 1) & (ints["joint_type"][joint] >= JointType.SLIDE)
    return np.where(limited, ranges[..., 0], -UNKNOWN), np.where(limited, ranges[..., 1], UNKNOWN)
