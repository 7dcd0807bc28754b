"""The skills of an episode, for a batch: every frame the running phase of every environment becomes targets of the drives.

The tip moves straight and smoothly (minimum jerk, Flash and Hogan 1985) from where a phase finds it to where it is wanted;
one batched inverse kinematics a frame gives the joints, and the weight of the arm is added to what the drives are asked for
(target + gravity force / stiffness), so that they do not sag. An actor does its skills one after the other, in the order of the
spec. What is told: tip, phase, tries, and the phase that failed; failures are kept.
Limits: our `arm`, driven by position; a phase ends at the latest LATE after its time, reached or not.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from datagen.errors import DatagenError
from datagen.policies.catalog import CATALOG
from datagen.policies.chain import chain_of
from datagen.policies.view import DOWN, OPEN, TIP, Box, Phase, Pose, View
from datagen.quaternions import interpolate, rotate
from datagen.spec import ActionSpec, EpisodeSpec
from engine.control import InverseKinematics, Target

SPEED, TURN = 0.35, 1.5  # m/s and rad/s on average
LATE = 0.5  # s
ARRIVED = 0.004  # m
NAMES = (
    "above", "down", "close", "lift", "carry", "lower", "open", "leave", "reach", "push", "up", "hold", "grasp", "pull", "turn",
    "close_up", "insert", "tilt", "back", "sweep", "swing", "throw", "wipe",
    "stir", "scoop",
)  # fmt: skip
JOINTS = tuple(f"joint{number}" for number in range(1, 8))
FINGERS = ("left", "right")
ROBOT = "robots/arm.xml"


class _Task:
    """What one actor of one environment does now."""

    def __init__(self, queue: Sequence[ActionSpec]):
        self.queue = list(queue)
        self.action: ActionSpec | None = None
        self.skill: Any = None
        self.phase: Phase | None = None
        self.begin, self.length, self.tries, self.failed = 0, 1, 0, ""
        self.origin: Pose = (np.zeros(3), DOWN)
        self.bend = np.zeros((1, len(JOINTS)))

    def bent(self, share: float) -> np.ndarray:
        """The angles (7,) of the arm at a share of the time of the present phase."""
        smooth = share**3 * (10.0 - 15.0 * share + 6.0 * share**2)
        place = smooth * (len(self.bend) - 1)
        low = min(int(place), len(self.bend) - 2)
        return self.bend[low] + (place - low) * (self.bend[low + 1] - self.bend[low])

    def wanted(self, share: float) -> Pose:
        """Where the tip shall be at a share of the time of the present phase."""
        assert self.phase is not None
        smooth = share if self.phase.steady else share**3 * (10.0 - 15.0 * share + 6.0 * share**2)
        if self.phase.path is not None:
            return self.phase.path(smooth)
        turn = interpolate(self.origin[1], self.phase.rotation, smooth)
        return (1.0 - smooth) * self.origin[0] + smooth * self.phase.position, turn


class _Arm:
    """One actor in all environments: its tip, and the drives that bring it somewhere."""

    def __init__(self, simulation: Any, name: str):
        self.simulation = simulation
        ints, names = simulation.compiled.ints, simulation.names
        self.hand = names.body.index(f"{name}.hand")
        numbers = [names.joint.index(f"{name}.{joint}") for joint in JOINTS]
        self.coordinates, self.dofs = ints["joint_qpos_start"][numbers], ints["joint_dof_start"][numbers]
        self.drives = [names.actuator.index(f"{name}.{joint}") for joint in JOINTS]
        self.fingers = [names.actuator.index(f"{name}.{finger}") for finger in FINGERS]
        gain = simulation.compiled.reals["actuator_gain"][:, self.drives]
        self.stiffness = gain.reshape(len(gain), len(self.drives), -1)[:, :, 0]
        self.qpos = np.array(simulation.state.qpos)
        self.problem = InverseKinematics(
            simulation,
            Target(f"{name}.hand", point=TIP),
            [f"{name}.{joint}" for joint in JOINTS],
            attempts=4,
            posture=self.qpos,
        )
        state = simulation.state
        self.rotation = np.array(state.body_rotation[:, self.hand])
        self.position = np.stack([self.tip(env)[0] for env in range(simulation.num_envs)])
        self.opening = np.full(simulation.num_envs, np.nan)
        self.swift = np.zeros(simulation.num_envs, bool)
        self.angles = np.full((simulation.num_envs, len(JOINTS)), np.nan)
        links = [names.body.index(f"{name}.link{number}") for number in range(1, 8)]
        self.chains = [chain_of(simulation, [*links, self.hand], numbers, env) for env in range(simulation.num_envs)]
        base = names.body.index(f"{name}.base")
        self.base = np.array(state.body_position[:, base], float), np.array(state.body_rotation[:, base], float)
        self.finger_coordinates = ints["joint_qpos_start"][
            [names.joint.index(f"{name}.{finger}_finger_joint") for finger in FINGERS]
        ]
        self.links = {
            number
            for number, body in enumerate(names.body)
            if body in (f"{name}.hand", *(f"{name}.{f}_finger" for f in FINGERS))
        }
        damping = simulation.compiled.reals["actuator_bias"][:, self.drives]
        self.lag = -damping.reshape(len(damping), len(self.drives), -1)[:, :, 2] / self.stiffness

    def tip(self, env: int) -> tuple[np.ndarray, np.ndarray]:
        """Where the tip is and how the hand is turned."""
        state = self.simulation.state
        rotation = np.array(state.body_rotation[env, self.hand], float)
        return np.array(state.body_position[env, self.hand], float) + rotate(rotation, np.array(TIP)), rotation

    def plan(self, env: int, poses: Sequence[Pose], level: float, boxes: Sequence[Box]) -> tuple[float, np.ndarray]:
        """Angles for a path from where the arm is, see `Chain.plan`."""
        base = self.base[0][env], self.base[1][env]
        return self.chains[env].plan(base, poses, self.qpos[env, self.coordinates], level, boxes)

    def bend(self, env: int, angles: np.ndarray) -> None:
        """Want these angles (7,) instead of what the inverse kinematics finds."""
        self.angles[env] = angles
        tip, turn, _, _ = self.chains[env].place(angles[None], (self.base[0][env], self.base[1][env]))
        self.position[env], self.rotation[env] = tip[0], turn[0]

    def drive(self, moving: np.ndarray, fps: float) -> None:
        """Targets of the drives for the poses that are wanted, in environments that have begun."""
        found = self.problem.solve(self.position[:, None], self.rotation[:, None], start=self.qpos)
        bent = ~np.isnan(self.angles[:, 0])
        found.qpos[np.ix_(bent, self.coordinates)] = self.angles[bent]
        speed = (found.qpos[:, self.coordinates] - self.qpos[:, self.coordinates]) * fps
        self.qpos[:, self.coordinates] = found.qpos[:, self.coordinates]
        weight = self.simulation.configuration(qpos=self.qpos).gravity_force()[:, self.dofs]
        wanted = self.qpos[:, self.coordinates] + weight / self.stiffness
        wanted += np.where(self.swift[:, None], speed * (self.lag - 0.5 / fps), 0.0)
        control = self.simulation.control.actuator
        rows = np.flatnonzero(moving)
        control[np.ix_(rows, self.drives)] = wanted[rows]
        for finger in self.fingers:
            control[rows, finger] = self.opening[rows]


class Skills:
    """The skills of one batch, environment k following specs[k]. Raises DatagenError for an actor that cannot do them."""

    def __init__(self, simulation: Any, specs: Sequence[EpisodeSpec]):
        self.simulation, self.specs, self.fps = simulation, specs, specs[0].world.fps
        actors = sorted({action.actor for action in specs[0].actions if action.do == "skill"})
        for name in actors:
            _check_actor(specs[0], name)
        self.arms = {name: _Arm(simulation, name) for name in actors}
        self.tasks: list[dict[str, _Task]] = [
            {name: _Task([a for a in spec.actions if a.do == "skill" and a.actor == name]) for name in actors} for spec in specs
        ]
        self._body = {name: number for number, name in enumerate(simulation.names.body)}
        self._told: list[dict[str, np.ndarray]] = [{} for _ in specs]

    def apply(self, frame: int) -> Sequence[Mapping[str, np.ndarray]]:
        """Write the drives for the interval after `frame`; per environment, action -> tip wanted (3) [m], phase, tries, phase
        that failed (numbers from 1 in the order of NAMES; 0: none)."""
        for name, arm in self.arms.items():
            for env, tasks in enumerate(self.tasks):
                self._advance(env, tasks[name], arm, frame)
            last = len(self.specs) - 1
            arm.position[last + 1 :], arm.rotation[last + 1 :] = arm.position[last], arm.rotation[last]
            arm.opening[last + 1 :], arm.swift[last + 1 :] = arm.opening[last], arm.swift[last]
            arm.angles[last + 1 :] = arm.angles[last]
            moving = ~np.isnan(arm.opening)
            if moving.any():
                arm.drive(moving, self.fps)
        return self._told

    def _advance(self, env: int, task: _Task, arm: _Arm, frame: int) -> None:
        """Begin a skill or a phase where one has ended, and set where the tip shall be at the end of the interval."""
        if task.action is None and task.queue and frame >= task.queue[0].start * self.fps - 1e-6:
            task.action = task.queue.pop(0)
            task.skill, task.tries, task.failed = self._skill(env, task.action, arm), 0, ""
            task.begin, task.phase = frame, None
            self._next(env, task, arm, frame)
        elif task.phase is not None and self._is_over(env, task, arm, frame):
            self._next(env, task, arm, frame)
        if task.phase is not None:
            share = min((frame + 1 - task.begin) / task.length, 1.0)
            arm.angles[env] = np.nan
            if task.phase.joints is not None:
                arm.bend(env, task.bent(share))
            else:
                arm.position[env], arm.rotation[env] = task.wanted(share)
            arm.opening[env] = OPEN if share >= task.phase.release else task.phase.opening
            arm.swift[env] = task.phase.steady
            if task.phase.watch is not None:
                task.phase.watch()
        if task.action is not None:
            self._tell(env, task, arm)

    def _is_over(self, env: int, task: _Task, arm: _Arm, frame: int) -> bool:
        since = (frame - task.begin - task.length) / self.fps
        assert task.phase is not None
        if task.phase.steady:
            return since >= task.phase.wait
        far = np.linalg.norm(arm.tip(env)[0] - task.phase.position) > ARRIVED
        return since >= task.phase.wait and (not far or since >= task.phase.wait + LATE)

    def _next(self, env: int, task: _Task, arm: _Arm, frame: int) -> None:
        first = task.phase is None
        try:
            phase = next(task.skill)
        except StopIteration as ended:
            task.failed, task.phase = str(ended.value or ""), None
            self._tell(env, task, arm)
            task.action = None
            if task.failed:
                task.queue = []  # what follows would begin from a state that it does not expect
            return
        task.origin = arm.tip(env) if first else (arm.position[env].copy(), arm.rotation[env].copy())
        turn = 2.0 * np.arccos(min(1.0, abs(float(task.origin[1] @ phase.rotation))))
        way = float(np.linalg.norm(phase.position - task.origin[0]))
        if phase.joints is not None:
            here = arm.qpos[env, arm.coordinates][None]
            task.bend = np.concatenate([here, phase.joints[min(1, len(phase.joints) - 1) :]])
            turn = max(turn, float(np.abs(np.diff(task.bend, axis=0)).sum(0).max()))
        seconds = max(way / SPEED, turn / TURN) if phase.length is None else phase.length
        task.length = max(1, round(self.fps * seconds))
        task.tries += phase.name == "above"
        task.phase, task.begin = phase, frame

    def _tell(self, env: int, task: _Task, arm: _Arm) -> None:
        assert task.action is not None
        phase = NAMES.index(task.phase.name) + 1 if task.phase is not None else 0
        failed = NAMES.index(task.failed) + 1 if task.failed else 0
        self._told[env][task.action.id] = np.array([*arm.position[env], phase, task.tries, failed])

    def _skill(self, env: int, action: ActionSpec, arm: _Arm) -> Any:
        return CATALOG[action.skill](self._view(env, action, arm), action)

    def _view(self, env: int, action: ActionSpec, arm: _Arm) -> View:
        """What the skill of an action sees of an environment."""
        spec, simulation = self.specs[env], self.simulation
        stream = np.random.default_rng([spec.seed, spec.index, list(spec.actions).index(action)])
        starts, names = simulation.compiled.ints["joint_qpos_start"], simulation.names.joint
        bodies = {body.name: body for body in spec.bodies}

        def pose(name: str) -> Pose:
            state, body = simulation.state, self._body[name]
            return np.array(state.body_position[env, body], float), np.array(state.body_rotation[env, body], float)

        def coordinate(name: str) -> float:
            joint = bodies[name].joint
            assert joint is not None
            return float(simulation.state.qpos[env, starts[names.index(joint.name)]])

        def touching(first: str, second: str) -> np.ndarray:
            mine = arm.links if first == "" else {self._body[first]}
            others = {self._body[second]} if second else {self._body[name] for name, body in bodies.items() if body.fixed}
            return _touches(simulation.touches(), env, mine, others)

        def noise() -> np.ndarray:
            return action.noise * stream.normal(size=3) * [1.0, 1.0, 0.0]

        return View(
            bodies, pose, lambda: arm.tip(env), lambda: (arm.base[0][env], arm.base[1][env]),
            lambda: float(simulation.state.qpos[env, arm.finger_coordinates].mean()), coordinate,
            lambda poses, level, boxes: arm.plan(env, poses, level, boxes), touching, noise,
        )  # fmt: skip


def _touches(found: Mapping[str, np.ndarray], env: int, mine: set[int], others: set[int]) -> np.ndarray:
    """Points (n, 3) at which bodies of two sets exchanged impulses in an environment."""
    pairs = ((found["body_a"], found["body_b"]), (found["body_b"], found["body_a"]))
    first, second = (np.isin(a, list(mine)) & np.isin(b, list(others)) for a, b in pairs)
    return np.asarray(found["point"])[(found["env"] == env) & (first | second)]


def _check_actor(spec: EpisodeSpec, name: str) -> None:
    model = next((model for model in spec.models if model.name == name), None)
    where = f"skills of the actor {name!r}"
    if model is None or model.file != ROBOT:
        raise DatagenError(where, f"its robot is {model.file if model else 'not there'}", "robot: arm", "use the arm")
    if model.controller is None or model.controller.type != "position":
        raise DatagenError(where, "it is not driven by position", "controller: {type: position}", "change it")
