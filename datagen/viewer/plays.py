"""What can be watched: a spec that runs, a model that runs, an episode of a dataset that is shown again.

Each is a `Play`: a simulation that goes ahead frame by frame. A dataset is recognised by its manifest, a model by its ending,
and anything else is a spec. A stored episode shows its stored states, so it can be scrubbed; one that is simulated can only
start anew. The first environment is shown.
Limits: stored episodes need their states (`record: {state: true}`); rewards of a running spec end with its last frame.
"""

from pathlib import Path
from typing import Any

import numpy as np

import engine
from datagen.actions import Actuation, Poses
from datagen.build import build_scene, resting_controls, servos
from datagen.episode.watch import Watch
from datagen.errors import DatagenError
from datagen.pipeline.generation import PRECISION, load_spec, pick_backend
from datagen.pipeline.replay import stored_spec
from datagen.policies.skills import Skills
from datagen.quaternions import rotate
from datagen.spec import EpisodeSpec, sample
from datagen.writers import Dataset

MODELS = (".xml", ".mjcf", ".urdf", ".usd", ".usda", ".usdc", ".usdz", ".obj", ".stl")
MODEL_FPS = 30
COPIES = 2  # environments, so that the bits are those of a dataset
SPRING = 12.0  # rad/s, of the spring that drags a body
CURVES = 6


class Play:
    """A simulation that is watched. fps, frame, length (None: no end), and `curves`: name -> values of the frames so far."""

    def __init__(self, label: str, scene: Any, fps: int, substeps: int, length: int | None):
        self.label, self.fps, self.substeps, self.length = label, fps, substeps, length
        self.scene = scene if scene.cameras else with_camera(scene)
        self.sim = engine.Simulation([self.scene] * COPIES)
        self.frame = 0
        self.curves: dict[str, list[float]] = {}
        self.pull: tuple[int, np.ndarray, np.ndarray] | None = None

    can_seek = False

    def restart(self) -> None:
        """Go to frame 0."""
        self.sim.reset()
        self.frame = 0
        self.curves.clear()
        self.note()

    def advance(self) -> None:
        """Go one frame ahead."""
        self.act()
        self._drag()
        self.sim.step(self.substeps)
        self.frame += 1
        self.stepped()
        self.note()

    def stepped(self) -> None:
        """What else is to be done where a step has led."""

    def seek(self, frame: int) -> None:
        """Show a frame. Raises DatagenError where only time can lead there."""
        raise DatagenError(f"view {self.label}", f"frame {frame} of a running simulation", "allowed: restart and step")

    def act(self) -> None:
        """Write the controls of the interval that begins now."""
        self.sim.control.body_wrench[:] = 0.0

    def grab(self, body: int, point_W: np.ndarray) -> None:
        """Hold a body at a point of W [m] with a spring; `drag` moves its other end."""
        turn, place = self.sim.state.body_rotation[0, body], self.sim.state.body_position[0, body]
        back = turn * np.array([1.0, -1.0, -1.0, -1.0])
        self.pull = body, rotate(back, point_W - place), point_W

    def drag(self, target_W: np.ndarray) -> None:
        """Move the other end of the spring."""
        if self.pull is not None:
            self.pull = self.pull[0], self.pull[1], np.asarray(target_W, float)

    def release(self) -> None:
        """Let go."""
        self.pull = None

    def _drag(self) -> None:
        """A critically damped spring from the held point to its target, as a wrench on the first environment."""
        if self.pull is None:
            return
        body, local, target = self.pull
        state, mass = self.sim.state, float(self.sim.compiled.reals["body_mass"][0, body])
        turn, origin, motion = state.body_rotation[0, body], state.body_position[0, body], state.body_velocity[0, body]
        point = origin + rotate(turn, local)
        com = origin + rotate(turn, self.sim.compiled.reals["body_com"][0, body])
        speed = motion[:3] + np.cross(motion[3:], point - origin)
        force = mass * (SPRING**2 * (target - point) - 2.0 * SPRING * speed)
        self.sim.control.body_wrench[0, body] += np.concatenate([force, np.cross(point - com, force)])

    def note(self) -> None:
        """Add the present values to the curves: joints, or the heights of the first bodies that move."""
        for name, value in self.values().items():
            self.curves.setdefault(name, []).append(value)

    def values(self) -> dict[str, float]:
        """What the plots show of the present frame."""
        ints, names = self.sim.compiled.ints, self.sim.names
        qpos = self.sim.state.qpos[0]
        joints = [k for k, kind in enumerate(ints["joint_type"]) if kind >= engine.JointType.SLIDE][:CURVES]
        if joints:
            return {names.joint[k]: float(qpos[ints["joint_qpos_start"][k]]) for k in joints}
        moving = [b for b in range(1, len(names.body)) if ints["body_dof_count"][b]][:CURVES]
        height = self.sim.state.body_position[0, :, 2]
        return {f"{names.body[b]} z": float(height[b]) for b in moving}


class Running(Play):
    """An episode of a spec, simulated and judged as generation would; after its last frame it goes on without actions."""

    def __init__(self, spec: EpisodeSpec):
        world = spec.world
        super().__init__(spec.name, build_scene(spec), world.fps, world.substeps, None)
        self.spec = spec
        self.restart()

    def restart(self) -> None:
        """Go to frame 0, after settling."""
        self.sim.reset()
        specs, resting = [self.spec] * COPIES, [resting_controls(self.spec)] * COPIES
        self.actuation = Actuation(self.sim, specs, resting, servos(self.spec))
        self.actuation.rest()
        for _ in range(round(self.spec.world.settle * self.fps)):
            self.sim.step(self.substeps)
        self.skills = Skills(self.sim, specs) if any(action.do == "skill" for action in self.spec.actions) else None
        self.watch = Watch(self.sim, specs)
        if self.watch.judgement is not None:
            self.watch.judgement.motion.live = True  # rewards are shown as they come
        self.watch.see(self.sim.touches() if self.spec.world.settle > 0.0 else None)
        self.frame = 0
        self.curves.clear()
        self.note()

    def act(self) -> None:
        """What the spec does in this interval."""
        state = self.sim.state
        if self.frame < self.spec.world.num_frames:
            self.actuation.specs = self.watch.specs(self.frame, [self.spec] * COPIES)
        self.actuation.apply(self.frame, Poses(state.body_position, state.body_rotation))
        if self.skills is not None and self.frame < self.spec.world.num_frames:
            self.skills.apply(self.frame)

    def stepped(self) -> None:
        """The judgement sees where the step has led."""
        if self.frame <= self.spec.world.num_frames:
            self.watch.see(self.sim.touches())

    def values(self) -> dict[str, float]:
        """Joints or heights, and the reward of the last step where the task has one."""
        found, judgement = super().values(), self.watch.judgement
        if judgement is not None and (judgement.terms or judgement.tasks[0].from_goal):
            step, rewards = self.frame - 1, judgement.verdicts().reward[0]
            found["reward"] = float(rewards[step]) if 0 <= step < len(rewards) else 0.0
        return found


class Stored(Play):
    """An episode of a dataset."""

    can_seek = True

    def __init__(self, dataset: Dataset, episode: int):
        if not 0 <= episode < len(dataset):
            raise DatagenError(str(dataset.folder), f"there is no episode {episode}", f"allowed: 0 to {len(dataset) - 1}")
        spec, states = stored_spec(dataset, episode), dataset.state(episode)
        if states is None:
            where = f"view {dataset.folder}"
            raise DatagenError(
                where, "its states were not recorded", "a dataset with `record: {state: true}`", "watch the spec"
            )
        label = f"{spec.name}, episode {episode}"
        super().__init__(label, build_scene(spec), spec.world.fps, spec.world.substeps, len(states) - 1)
        self.states = states
        frames = dataset.frames(episode)
        self.rewards = np.asarray(frames["next.reward"]).reshape(-1) if "next.reward" in frames else None
        self.restart()

    def restart(self) -> None:
        """Show frame 0."""
        self.curves.clear()
        self.seek(0)

    def advance(self) -> None:
        """Show the next frame; after the last one, the first."""
        assert self.length is not None
        self.seek((self.frame + 1) % (self.length + 1))

    def seek(self, frame: int) -> None:
        """Show a frame; the curves hold what was so up to it."""
        assert self.length is not None
        wanted = int(np.clip(frame, 0, self.length))
        if wanted <= self.frame or not self.curves:
            self.curves.clear()
            missing = range(wanted + 1)
        else:
            missing = range(self.frame + 1, wanted + 1)
        for number in missing:
            self.sim.restore(np.repeat(self.states[number][None], COPIES, axis=0))
            self.frame = number
            self.note()

    def values(self) -> dict[str, float]:
        """Joints or heights, and the reward where there is one."""
        found = super().values()
        if self.rewards is not None:
            found["reward"] = float(self.rewards[min(self.frame, len(self.rewards) - 1)])
        return found


def open_play(source: str | Path, seed: int = 7, index: int = 0) -> Play:
    """What `source` names: a dataset folder (`index` is the episode), a model file, or a spec (`seed`, `index`).

    The engine is started. Raises DatagenError and the errors of what is opened.
    """
    path = Path(source)
    if path.is_dir():
        dataset = Dataset(path)
        made = dataset.provenance(index) if 0 <= index < len(dataset) else {"backend": "cpu", "precision": PRECISION}
        engine.init(backend=pick_backend("auto"), precision=made["precision"])
        return Stored(dataset, index)
    engine.init(backend=pick_backend("auto"), precision=PRECISION)
    if path.suffix.lower() in MODELS or is_scene(path):
        scene = engine.load(path, strict=False)
        steps = max(1, round(1.0 / MODEL_FPS / scene.options.timestep))
        play = Play(path.name, scene, MODEL_FPS, steps, None)
        play.restart()
        return play
    return Running(sample(load_spec(source), seed, index))


def is_scene(path: Path) -> bool:
    """Whether a YAML file is a scene that the engine saved, and no spec."""
    if path.suffix.lower() not in (".yaml", ".yml") or not path.is_file():
        return False
    with path.open(encoding="utf-8", errors="replace") as file:
        return any(line.startswith("scene:") for line in file)


def with_camera(scene: Any) -> Any:
    """A copy of the scene with a camera that sees everything that is not endless."""
    sim = engine.Simulation([scene] * COPIES)
    bound = sim.compiled.reals["shape_bound"][0]
    limited = bound > 0
    place = sim.read("shape_position_W")[0]
    low = (place - bound[:, None])[limited].min(axis=0, initial=-0.5) if limited.any() else np.full(3, -0.5)
    high = (place + bound[:, None])[limited].max(axis=0, initial=0.5) if limited.any() else np.full(3, 0.5)
    middle, size = (low + high) / 2, float(np.linalg.norm(high - low))
    eye = middle + np.array([0.75, -1.0, 0.55]) * min(max(size, 0.3), 50.0)
    twin = scene.copy()
    twin.add_camera("view", tuple(map(float, eye)), look_at=tuple(map(float, middle)), resolution=(640, 480))
    return twin
