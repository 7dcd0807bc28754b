"""Many copies of a spec in one simulation, stepped by an agent's actions: what both kinds of Gymnasium environments share.

Action: one number in [-1, 1] per control (three for cartesian), for [low, high]. Modes: torque and force are written as
forces; joint and velocity are drives that the engine takes implicitly; cartesian is the operational-space controller of the
engine (Khatib 1987) with the wanted velocity. Observation: of every hinge and slide its coordinate and speed; of every free
body position, rotation, velocity and angular velocity; of every other body that is no plane its position. One step is one
frame of the spec. A reset draws the next episode: masses, sizes, gains, looks, thresholds and the initial state.
Limits: where the spec settles first, a reset restores the settled state of an environment's first draw instead; episodes that
differ in what they hold are refused; the spec's own actions are not done.
"""

from collections.abc import Sequence

import numpy as np

import engine
from datagen.build import build_scene, resting_controls, structure
from datagen.errors import DatagenError
from datagen.spec import DatasetSpec, EpisodeSpec, sample
from datagen.spec.resolved import ControlSpec, TaskSpec
from datagen.tasks.judgement import NEVER, Judgement
from engine.control import OperationalSpace, Target

LEAST = 2  # a single environment would be compiled for another number type
CONTROL = "control."
DAMPING = 20.0  # 1/s: of cartesian velocity


class WorldError(DatagenError):
    """A spec cannot be an environment; the sentence says what it lacks."""


class World:
    """num_envs copies of a spec. The engine must have been started. Raises WorldError for a spec without controls or task."""

    def __init__(self, document: DatasetSpec, num_envs: int, seed: int = 0):
        self.document, self.num_envs = document, num_envs
        self.draws = np.arange(num_envs)
        self.seeds = np.full(num_envs, seed)
        specs = [sample(document, seed, number) for number in range(num_envs)]
        self._check(specs)
        self.specs = specs
        padded = specs + specs[-1:] * (LEAST - num_envs)
        self.simulation = engine.Simulation([build_scene(spec) for spec in padded])
        self.controls: tuple[ControlSpec, ...] = specs[0].controls
        self.task: TaskSpec | None = specs[0].task
        self.width = sum(3 if control.mode == "cartesian" else 1 for control in self.controls)
        self._spaces = {
            control.name: OperationalSpace(
                self.simulation,
                Target(control.target, point=control.point, rotation_weight=0.0),
                (0.0, 0.0),
                (DAMPING, DAMPING),
            )
            for control in self.controls
            if control.mode == "cartesian"
        }
        self._index_names()
        self._settle()
        self.judgement = Judgement(self.simulation, specs, live=True)
        self.judgement.see(None)

    def _check(self, specs: Sequence[EpisodeSpec]) -> None:
        where = f"environment of {self.document.name!r}"
        if not specs[0].controls:
            raise WorldError(where, "nothing can be controlled", "controls: {name: {joint: ..., mode: torque, ...}}")
        if specs[0].task is None:
            raise WorldError(where, "there is no task", "task: {success: ...}", "add one, and a reward")
        if len({structure(spec) for spec in specs}) > 1:
            raise WorldError(where, "its episodes differ in what they hold", "equal bodies in all", "fix the counts")

    def _index_names(self) -> None:
        names, ints = self.simulation.names, self.simulation.compiled.ints
        self._actuator = {name: number for number, name in enumerate(names.actuator)}
        self._body = {name: number for number, name in enumerate(names.body)}
        self._dof = {name: int(ints["joint_dof_start"][number]) for number, name in enumerate(names.joint)}
        axial = np.flatnonzero(np.isin(ints["joint_type"], (engine.JointType.HINGE, engine.JointType.SLIDE)))
        self._axial = ints["joint_qpos_start"][axial], ints["joint_dof_start"][axial]
        free = ints["joint_body"][np.flatnonzero(ints["joint_type"] == engine.JointType.FREE)]
        planes = ints["shape_body"][ints["shape_type"] == engine.ShapeType.PLANE]
        jointed = set(ints["joint_body"].tolist())
        self._free = np.array(sorted(free.tolist()), int)
        still = [b for b in range(1, len(names.body)) if b not in jointed and b not in set(planes.tolist())]
        self._still = np.array(still, int)
        self._rest = np.zeros(self.simulation.control.actuator.shape)
        self._hold(np.arange(self.num_envs))

    def _hold(self, envs: np.ndarray) -> None:
        """What the drives of some environments hold while no control sets them."""
        for env in envs:
            for name, value in resting_controls(self.specs[env]).items():
                self._rest[env, self._actuator[name]] = value
        self._rest[self.num_envs :] = self._rest[self.num_envs - 1]

    def _settle(self) -> None:
        world = self.specs[0].world
        self.simulation.control.actuator[:] = self._rest
        for _ in range(round(world.settle * world.fps)):
            self.simulation.step(world.substeps)
        self._settled = self.simulation.snapshot() if world.settle > 0.0 else None

    # ---- what an agent sees and does

    def observe(self) -> np.ndarray:
        """Observations (num_envs, n) float32."""
        state, count = self.simulation.state, self.num_envs
        parts = [state.qpos[:count, self._axial[0]], state.qvel[:count, self._axial[1]]]
        position, rotation, velocity = state.body_position[:count], state.body_rotation[:count], state.body_velocity[:count]
        parts += [part[:, self._free].reshape(count, -1) for part in (position, rotation, velocity)]
        parts.append(position[:, self._still].reshape(count, -1))
        return np.concatenate(parts, axis=1).astype(np.float32)

    def step(self, actions: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """One frame under actions (num_envs, width) in [-1, 1], or with no control set (None): rewards, terminated, truncated
        (num_envs,), and what is said beside: success, failure, the terms of the reward. A faulty environment is truncated."""
        self._act(None if actions is None else np.clip(np.asarray(actions, float), -1.0, 1.0))
        self.simulation.step(self.specs[0].world.substeps)
        self.judgement.see(self.simulation.touches())
        found, clock = self.judgement.verdicts(), self.judgement.motion.clock
        rows = np.arange(self.num_envs)
        broken = self.simulation.faults[: self.num_envs] != 0
        success, failure = found.first_success <= clock, found.first_failure <= clock
        ends = np.array([task.stop_on_success for task in self.judgement.tasks])
        terminated = ((success & ends) | failure) & ~broken
        truncated = ((clock >= self.judgement.limit) & ~terminated) | broken
        told = {"success": success, "failure": failure & (found.first_failure < NEVER), "fault": broken}
        told.update({f"reward.{name}": values[rows, clock - 1] for name, values in found.rewards.items()})
        reward = np.where(broken, 0.0, found.reward[rows, clock - 1])
        return reward, terminated, truncated, told

    def _act(self, actions: np.ndarray | None) -> None:
        control, place = self.simulation.control, 0
        control.actuator[:], control.joint_force[:], control.body_wrench[:] = self._rest, 0.0, 0.0
        if actions is None:
            return
        for one in self.controls:
            width = 3 if one.mode == "cartesian" else 1
            value = one.low + 0.5 * (actions[:, place : place + width] + 1.0) * (one.high - one.low)
            place += width
            if one.mode == "torque":
                control.joint_force[: self.num_envs, self._dof[one.target]] = value[:, 0]
            elif one.mode == "force":
                control.body_wrench[: self.num_envs, self._body[one.target], :3] += value * np.array(one.along)
            elif one.mode == "cartesian":
                wanted = np.zeros((self.simulation.num_envs, 6))
                wanted[: self.num_envs, :3] = value
                control.joint_force[...] += self._spaces[one.name].torque(velocity=wanted)
            else:
                control.actuator[: self.num_envs, self._actuator[CONTROL + one.name]] = value[:, 0]

    def reset(self, envs: np.ndarray, seeds: Sequence[int | None] | None = None, draw: int = 0) -> None:
        """Begin new episodes: the first draw (or the given one) of a new seed, or the next one of the old seed."""
        for place, env in enumerate(envs):
            seed = None if seeds is None else seeds[place]
            self.draws[env] = draw if seed is not None else self.draws[env] + self.num_envs
            self.seeds[env] = self.seeds[env] if seed is None else seed
        self._restore(envs)
        self.judgement.restart(envs)
        self.judgement.see(None, envs)

    def _restore(self, envs: np.ndarray) -> None:
        spare = self.simulation.num_envs - self.num_envs
        padded = [*envs.tolist(), *range(self.num_envs, self.simulation.num_envs)]
        if self._settled is not None:
            self.simulation.reset(envs=padded)
            rows = self.simulation.snapshot()
            rows[envs] = self._settled[envs]
            self.simulation.restore(rows)
        else:
            for env in envs:
                self.specs[env] = sample(self.document, int(self.seeds[env]), int(self.draws[env]))
            self._check(self.specs)
            scenes = [build_scene(self.specs[env]) for env in envs]
            self.simulation.redraw(padded, scenes + scenes[-1:] * spare)
            self._hold(envs)
            self.judgement.redraw(self.specs)
        self.simulation.control.actuator[:] = self._rest
