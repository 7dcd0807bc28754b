"""Simulation: the page of prose. One step is kinematics, contacts, forces, solve, integrate, for all environments at once.

CPU: one fused kernel does all substeps of a group of SIMD lanes (a launch costs as much as a step of 64 environments). GPU: a
few kernels per substep from the same functions. Contact buffers grow on demand: a group that wants more slots stops before its
substep, the host enlarges the buffer and the group goes on with the same bits, so no capacity has to be guessed and no
neighbour is felt. A faulty environment (not finite) is frozen and reported by `faults`; the batch goes on.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from engine import runtime, snapshot
from engine.arrays import Store
from engine.continua import ParticleCloud, SurfaceMesh
from engine.coupled import Coupling, observe
from engine.couplers.build import continua, deformable_view, matter_view
from engine.errors import StateError, near_matches
from engine.geometry import rotation
from engine.kinematics.configuration import Configuration, still
from engine.model import Model, build, real
from engine.pictures import Blur, Film, Shot, photograph
from engine.renderers.opengl import Rasterizer
from engine.renderers.quality import PathTracing
from engine.renderers.raytracer import POSES, RayTracer
from engine.scene.builder import Scene
from engine.scene.compile import compile_scenes
from engine.scene.description import Keyframe
from engine.scene.exposure import Exposure
from engine.scene.textures import merged_images
from engine.scene.topology import require_equal, signature
from engine.sensors.moment import Moment
from engine.sensors.senses import Senses
from engine.sensors.sensor import Sensor
from engine.state import Control, State, Workspace
from engine.steppers import NewtonRoad, state_rows, stepper_for
from engine.types import Fault

RENDERERS = ("tracer", "opengl")


class Listener(Protocol):
    """Something that is told after every substep."""

    def heard(self) -> None:
        """A substep has been taken."""


class Simulation:
    """`num_envs` copies of a scene, or one environment per scene of a sequence of scenes with equal topology.

    Attributes: `state` (see State), `control` (see Control), `names`, `num_envs`, `timestep`. Raises SceneError for a wrong
    scene.
    """

    def __init__(self, scene: Scene | Sequence[Scene], num_envs: int | None = None, max_contacts: int | None = None):
        scenes = [scene] if isinstance(scene, Scene) else list(scene)
        num_envs = num_envs if num_envs is not None else len(scenes)
        if num_envs < 1 or not scenes:
            raise StateError("Simulation(num_envs)", f"{num_envs} environments", "allowed: 1 or more", "give a positive number")
        self.runtime = runtime.current()
        self._generation = runtime.generation()
        self.compiled = compile_scenes(scenes)
        self._scenes = tuple(scenes)
        self._keyframes = {k.name: k for k in scenes[0].keyframes}
        group_major = self.runtime.backend == "cpu" and self.runtime.lanes > 1
        capacity = max_contacts or self._first_capacity()
        self._workspace = Workspace(build(self.compiled, self.runtime, num_envs, capacity, group_major))
        self._stepper = stepper_for(self.model)
        self.num_envs = num_envs
        self.names = self.compiled.names
        self.state = State(self)
        self.control = Control(self.model)
        built = continua(self._scenes, self.compiled, self.runtime, num_envs)
        self._coupling = Coupling(built, num_envs, self.compiled.sizes["num_bodies"])
        self._tracer: RayTracer | None = None
        self._rasterizer: Rasterizer | None = None
        self._marked: dict[str, np.ndarray] | None = None
        self._still: Model | None = None
        self._stale = True
        self._last_substeps = 1
        self._listeners: list[Listener] = []
        self._senses = Senses(self)
        self.reset()

    # ---- model and raw values ------------------------------------------------------------------------------------------------

    @property
    def model(self):
        """The frozen device constants."""
        return self._workspace.model

    @property
    def timestep(self) -> float:
        """Duration of a substep in s (of the first environment)."""
        return float(self.compiled.reals["timestep"].flat[0])

    def read(self, name: str) -> np.ndarray:
        """A declared array of `engine.declarations` as (num_envs, *shape), brought up to date first."""
        self._check_alive()
        self._refresh()
        return self._workspace.read(name)

    def write(self, name: str, values: np.ndarray) -> None:
        """Write a declared state array; poses follow before they are read."""
        self._check_alive()
        self._stepper.before_write(self._workspace)
        self._workspace.write(name, values)
        self._senses.written()
        self._stale = True

    def scene(self, env: int = 0) -> Scene:
        """The scene of an environment."""
        return self._scenes[env if len(self._scenes) > 1 else 0]

    def redraw(self, envs: Sequence[int], scenes: Sequence[Scene]) -> None:
        """Give some environments other scenes of the same topology, and reset them: other masses, sizes, gains, colours, lights
        and initial states than before. Nothing is compiled anew, the other environments do not notice. Signals of sensors stay
        those of the first scenes. Raises SceneError for a scene that differs in more than real numbers, StateError where the
        environments do not have a scene each, or hold matter or deformables.
        """
        self._check_alive()
        where, chosen = "Simulation.redraw", np.asarray(envs, int)
        if len(self._scenes) != self.num_envs:
            raise StateError(where, "all environments share one scene", "allowed: one scene each", "pass a list to Simulation")
        if self._coupling.continua:
            raise StateError(where, "a scene holds matter or deformables", "allowed: rigid bodies", "make the simulation anew")
        if len(scenes) != len(chosen):
            raise StateError(where, f"{len(scenes)} scenes for {len(chosen)} environments", "one each", "match them")
        own = dict(zip(chosen.tolist(), scenes, strict=True))
        for number, scene in enumerate(scenes):
            require_equal(signature(self._scenes[0]), signature(scene), number)
        fresh = compile_scenes(scenes)
        images, fresh.reals["shape_texture"] = merged_images(
            self.model.compiled.images, fresh.images, fresh.reals["shape_texture"]
        )
        self.model.redraw(chosen, fresh.reals, images)
        self._scenes = tuple(own.get(env, scene) for env, scene in enumerate(self._scenes))
        self._tracer = self._still = None
        self.reset(envs=chosen.tolist())

    # ---- time ----------------------------------------------------------------------------------------------------------------

    def reset(self, seed: int | Sequence[int] = 0, envs: Sequence[int] | None = None, keyframe: str | None = None) -> None:
        """Put all environments (or those in `envs`) into the initial state, or into a keyframe of the scene; controls and
        faults are cleared. The reset draws nothing at random: `seed` names the draws of sensors, one number for all
        environments or one for each.
        """
        self._check_alive()
        self.state.forget()
        self.seed = seed
        self._stepper.before_write(self._workspace)
        start, stop = self.model.placement.bounds[Store.STATE]
        frame = None if keyframe is None else self._keyframe(keyframe)
        rows = self._initial_rows(frame)
        chosen = np.arange(self.num_envs) if envs is None else np.asarray(envs, int)
        current = self._workspace.read_span(start, stop - start)
        current[chosen] = rows[chosen]
        self._workspace.write_span(start, current)
        for name in ("actuator", "joint_force", "body_wrench", "kinematic_velocity"):
            getattr(self.control, name)[chosen] = 0.0
        if frame is not None and frame.control is not None:
            self.control.actuator[chosen] = frame.control
        self.control.joint_target[chosen] = self._initial_targets()[chosen]
        self.control.touch()
        self._stepper.clear(self._workspace, chosen)
        self._coupling.reset(chosen)
        self._marked = None if envs is None else self._marked
        self._stale = True
        self._senses.seed(seed)
        self._senses.restarted(chosen, np.zeros(self.num_envs))

    def step(self, substeps: int = 1) -> None:
        """Advance every environment by `substeps` substeps of `timestep` under the present control."""
        if substeps < 1:
            raise StateError("Simulation.step(substeps)", f"{substeps}", "allowed: 1 or more", "give a positive number")
        self._check_alive()
        self.state.flush()
        self._last_substeps = substeps
        self._senses.begin()
        done = 0
        while done < substeps:
            until = substeps if not self._senses.is_clocked else done + self._senses.until_due(substeps - done)
            until = until if not self._listeners else done + 1
            self._go(done, until)
            self._senses.passed(until - done)
            for listener in self._listeners:
                listener.heard()
            done = until

    def _go(self, done: int, until: int) -> None:
        """Take the substeps of a step from `done` to `until`."""
        stepper, workspace = self._stepper, self._workspace
        if self._coupling.continua:
            self._workspace = self._coupling.step(stepper, workspace, self.control, until, self.timestep, done)
        else:
            self._workspace = stepper.step(workspace, self.control, until, done)
        self.state.forget()
        self._stale = stepper.is_lazy

    def rollout(self, actuator: np.ndarray, substeps: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Steps of `substeps` substeps under a sequence of controls `actuator` (steps, num_envs, num_actuators).

        Returns positions (steps, num_envs, nq) and velocities (steps, num_envs, nv) after each step. The bits are those of
        setting `control.actuator` and calling `step` in a loop; on a CPU it is one launch, which for few environments is
        several times faster. Contacts, touches and the other results are those of the last step. Raises StateError.
        """
        plan = np.asarray(actuator)
        wanted = (self.num_envs, *self.control.actuator.shape[1:])
        if plan.ndim != 3 or plan.shape[1:] != wanted or not len(plan) or substeps < 1 or not np.isfinite(plan).all():
            raise StateError(
                "Simulation.rollout(actuator)", f"shape {plan.shape}, {substeps} substeps",
                f"needs finite numbers (steps, {wanted[0]}, {wanted[1]}) and 1 or more substeps",
                "give one row per step and environment",
            )  # fmt: skip
        self._check_alive()
        self.state.flush()
        fused = self.runtime.backend == "cpu" and self.model.group_major and not self._coupling.continua
        fused = fused and not self._senses.is_clocked and not self._listeners
        if fused and isinstance(self._stepper, NewtonRoad):
            self._workspace, track = self._stepper.roll(self._workspace, self.control, plan, substeps)
            self.control.actuator[...] = plan[-1]
            self.control.touch()
            self.state.forget()
            self._senses.passed(substeps * len(plan))
            self._stale = False
            return track
        track_qpos, track_qvel = [], []
        for row in plan:
            self.control.actuator[...] = row
            self.step(substeps)
            track_qpos.append(self.state.qpos)
            track_qvel.append(self.state.qvel)
        return np.array(track_qpos), np.array(track_qvel)

    @property
    def faults(self) -> np.ndarray:
        """`engine.types.Fault` bits of each environment since its reset, (num_envs,) int."""
        bits = self.read("fault") > 0.5
        return (bits * (1 << np.arange(bits.shape[1]))).sum(1).astype(int) | self._coupling.faults()

    def fault_text(self, env: int) -> str:
        """What is wrong with one environment, or an empty string."""
        fault = Fault(int(self.faults[env]))
        return "" if fault is Fault.NONE else f"environment {env}: {fault.name or fault}"

    # ---- measurements --------------------------------------------------------------------------------------------------------

    def contacts(self, env: int | None = None) -> np.recarray:
        """Contacts of the last substep, of one environment or of all: env, pair, shape_a, shape_b, body_a, body_b (indices into
        `names`), point (3) [m], normal (3) from a to b, depth [m], force (3) on b in W [N], force_local (6): normal, tangents,
        torques.
        """
        records = self._stepper.contacts(self._workspace)
        return records if env is None else records[records.env == env]

    def touches(self) -> dict[str, np.ndarray]:
        """Every shape pair that exchanged an impulse during the last step: env, pair, body_a, body_b, shape_a, shape_b, impulse
        (n, 3) on b in W [N s], substeps (in contact), point (n, 3) [m]. Catches contacts that begin and end between two steps.
        """
        return self._stepper.touches(self._workspace)

    def matter(self, name: str):  # noqa: ANN201
        """Particles of a matter of the scene: `engine.couplers.matter_view.MatterView`. Raises StateError for unknown names."""
        self._check_alive()
        return matter_view(self, name)

    def body_wrench(self, body: str | int) -> np.ndarray:
        """Total wrench (num_envs, 6) that contacts and matter put on a body, mean over the last step: force [N], then torque
        [N m] about its centre of mass, in W. For fixed bodies too.
        """
        index = self.scene(0).find("Simulation.body_wrench", "body", body)
        total = self._coupling.wrench[:, index].copy()
        touches, duration = self.touches(), self._last_substeps * self.timestep
        place, turn = self.read("body_position_W")[:, index], self.read("body_rotation_W")[:, index]
        com = place + rotation.rotate(turn, np.broadcast_to(self.compiled.reals["body_com"][:, index], place.shape))
        for side, sign in (("body_a", -1.0), ("body_b", 1.0)):
            mine = touches[side] == index
            env, force = touches["env"][mine], sign * touches["impulse"][mine] / duration
            np.add.at(total, env, np.concatenate([force, np.cross(touches["point"][mine] - com[env], force)], axis=1))
        return total

    def deformable(self, name: str) -> Any:
        """Cloth, rope or elastic solid `name`: position, velocity, stress, contact_force as numpy (num_envs, n, ...), attach
        and detach; see `engine.couplers.deformable_view.DeformableView`.
        """
        self._check_alive()
        return deformable_view(self._coupling.continua, name, self._observed)

    def _observed(self) -> Any:
        self.state.flush()
        self._refresh()
        return observe(self._workspace)

    def configuration(self, qpos: np.ndarray | None = None, qvel: np.ndarray | None = None) -> Configuration:
        """Poses, Jacobians, mass matrix, forces and energies of all environments at `qpos` (num_envs, nq) and `qvel` (num_envs,
        nv), by default those of the state, which is not touched: see `engine.kinematics.Configuration`.
        """
        self._check_alive()
        if self._still is None:
            self._still = still(self.model)
        self.state.flush()
        if self._stepper.is_lazy:
            self._refresh()
        return Configuration(self._still).update(state_rows(self._workspace), qpos, qvel)

    def mark_frame(self) -> None:
        """Make the present state the one that optical flow leads from: mark, step, then render with "flow". The mark stays
        until the next one or a reset of all environments.
        """
        self._check_alive()
        self.state.flush()
        self._refresh()
        self._marked = {name: self._workspace.read(name) for name in POSES}
        for continuum in self._coupling.continua:
            continuum.mark()

    def render(
        self, camera: str, outputs: Sequence[str] = ("rgb",), envs: slice | None = None, antialias: bool = False,
        quality: PathTracing | None = None, blur: Blur | None = None, renderer: str = "tracer",
    ) -> dict[str, np.ndarray]:  # fmt: skip
        """Pictures of the present state, of every environment or of those in `envs`: name -> (envs, height, width, ...); what
        each output means stands at `engine.renderers.raytracer`. antialias: four samples where the colour changes. quality:
        path-trace "rgb" and "radiance" (linear light, float32, before exposure and denoiser). blur: of an open shutter, after
        `mark_frame`, and of a lens; it and the exposure of the camera concern "rgb" alone, blur "radiance" too. renderer:
        "tracer", or "opengl" (see `engine.renderers.opengl`) for plain colour, depth and segmentation.
        """
        known = [frame.name for frame in self.compiled.cameras]
        if camera not in known:
            raise StateError(
                "Simulation.render(camera)",
                f"unknown camera {camera!r}",
                near_matches(camera, known),
                "add it with scene.add_camera",
            )
        if renderer not in RENDERERS:
            remedy = near_matches(str(renderer), RENDERERS)
            raise StateError("Simulation.render(renderer)", f"unknown renderer {renderer!r}", remedy, "pick one")
        self._check_alive()
        self.state.flush()
        self._refresh()
        if self._tracer is None or self._tracer.model is not self.model:
            self._tracer = RayTracer(self.model)
        looks: list[ParticleCloud | SurfaceMesh] = []
        for matter in self._coupling.continua:
            looks += [*matter.clouds(), *matter.surfaces()]
        view = known.index(camera)
        if renderer == "opengl":
            poses = {name: self._workspace.read(name) for name in POSES}
            return self._opengl().render(poses, view, outputs, range(self.num_envs)[envs or slice(None)], looks)
        ws, marked = self._workspace.ws, self._marked
        exposures = [self.scene(env).cameras[view].exposure or Exposure() for env in range(self.num_envs)[envs or slice(None)]]
        if quality is None and blur is None and all(e.is_plain for e in exposures):
            return self._tracer.render(ws, view, outputs, envs, looks, marked, antialias)
        present = {name: self._workspace.read(name) for name in POSES}
        film = Film(exposures, self._senses.stream(camera, envs), self._ticks()[envs or slice(None)])
        shot = Shot(self._tracer, ws, view, envs, looks, marked, present)
        return photograph(shot, film, outputs, antialias, quality, blur)

    def _opengl(self) -> Rasterizer:
        """The rasterizer of the present scenes."""
        if self._rasterizer is None or self._rasterizer.compiled is not self.model.compiled:
            self._rasterizer = Rasterizer(self.model.compiled)
        return self._rasterizer

    def _ticks(self) -> np.ndarray:
        """Substeps since the reset (num_envs,)."""
        return np.round(self._workspace.read("time").reshape(-1) / self.timestep).astype(np.int64)

    # ---- sensors -------------------------------------------------------------------------------------------------------------

    @property
    def sensors(self) -> Mapping[str, Sensor]:
        """The sensors of the scene by name; each has a `feature` and measures the true value with `measure(sim)`."""
        return self._senses.sensors

    def sense(self, *names: str) -> dict[str, np.ndarray]:
        """What the sensors tell now, with their noise, rate and delay: name -> (num_envs, *shape), of those named or of all.

        Raises StateError for a name that is no sensor, or one of a kind that is not measured.
        """
        self._check_alive()
        self.state.flush()
        return {name: self._senses.read(name) for name in names or self._senses.sensors}

    @property
    def moment(self) -> Moment:
        """The present instant as sensors see it: accelerations, contact points, wrenches at joints."""
        return self._senses.moment

    @property
    def continua(self) -> tuple:
        """What moves beside the rigid bodies, see `engine.continua`."""
        return self._coupling.continua

    @property
    def continuum_wrench(self) -> np.ndarray:
        """Mean force, then torque about the centre of mass, of all continua on every body in the last step (num_envs,
        num_bodies, 6), in W.
        """
        return self._coupling.wrench

    @property
    def last_continuum_wrench(self) -> np.ndarray:
        """The same in the last substep alone."""
        return self._coupling.last

    def listen(self, listener: Listener) -> None:
        """Tell `listener.heard()` after every substep from now on (steps are then taken one substep at a time)."""
        self._listeners.append(listener)

    # ---- snapshots -----------------------------------------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write the state and controls of all environments to a file, bit exact; the file appears whole or not at all."""
        snapshot.write(path, self.compiled.topology_hash(), self.runtime.precision, self.snapshot(), self.control.rows())

    def load(self, path: str | Path) -> None:
        """Restore what `save` wrote; raises StateError when the file belongs to another scene, precision or number of
        environments.
        """
        state, control = snapshot.read(path, self.compiled.topology_hash(), self.runtime.precision, self.num_envs)
        self.restore(state)
        self.control.fill(control)

    def snapshot(self) -> np.ndarray:
        """The whole state as (num_envs, n): restoring it continues bit for bit."""
        self.state.flush()
        return np.concatenate([self._stepper.snapshot(self._workspace), *self._coupling.snapshot()], axis=1)

    def restore(self, rows: np.ndarray) -> None:
        """Continue from the rows of `snapshot`."""
        self.state.forget()
        own = sum(part.shape[1] for part in self._coupling.snapshot())
        self._stepper.restore(self._workspace, rows[:, : rows.shape[1] - own])
        self._coupling.restore(rows[:, rows.shape[1] - own :])
        self._stale = True
        self._senses.restarted(np.arange(self.num_envs), self._workspace.read("time").reshape(-1))

    # ---- inside --------------------------------------------------------------------------------------------------------------

    def _first_capacity(self) -> int:
        sizes = self.compiled.sizes
        return max(8, min(4 * sizes["num_pairs"], 16 + 6 * sizes["num_bodies"]))

    def _refresh(self) -> None:
        if self._stale:
            self._stepper.locate(self._workspace)
            self._stale = False

    def _check_alive(self) -> None:
        if self._generation != runtime.generation():
            raise StateError(
                "Simulation",
                "engine.init was called again with other choices",
                "a simulation lives as long as its engine",
                "make it anew",
            )

    def _keyframe(self, name: str) -> Keyframe:
        """A keyframe of the scene whose vectors have the right lengths."""
        where = "Simulation.reset(keyframe)"
        if name not in self._keyframes:
            raise StateError(where, f"unknown keyframe {name!r}", near_matches(name, self._keyframes), "correct the name")
        frame, sizes = self._keyframes[name], self.compiled.sizes
        kinematic = sizes["num_kinematic"]
        lengths = {
            "qpos": sizes["num_qpos"], "qvel": sizes["num_dofs"], "control": sizes["num_actuators"],
            "kinematic_position": 3 * kinematic, "kinematic_rotation": 4 * kinematic,
        }  # fmt: skip
        for part, length in lengths.items():
            value = getattr(frame, part)
            if value is not None and len(value) != length:
                raise StateError(
                    where, f"{part} of {name!r} has {len(value)} numbers", f"needs {length}", "correct the keyframe"
                )
        return frame

    def _initial_rows(self, frame: Keyframe | None = None) -> np.ndarray:
        placement, reals = self.model.placement, self.compiled.reals
        start, stop = placement.bounds[Store.STATE]
        rows = np.zeros((self.num_envs, stop - start))
        bodies = np.nonzero(self.compiled.ints["body_kinematic"] >= 0)[0]
        order = bodies[np.argsort(self.compiled.ints["body_kinematic"][bodies])]
        initial = {
            "qpos": reals["qpos_initial"], "qvel": reals["qvel_initial"],
            "kinematic_position": reals["body_position"][:, order], "kinematic_rotation": reals["body_rotation"][:, order],
            "equality_active": real(self.compiled, "equality_active_initial"),
        }  # fmt: skip
        for name in initial if frame is not None else ():
            if getattr(frame, name, None) is not None:
                initial[name] = np.array(getattr(frame, name), float)[None]
        if frame is not None:
            rows[:, placement.span("time").start - start] = frame.time
        for name, values in initial.items():
            span = placement.span(name)
            rows[:, span.start - start : span.stop - start] = values.reshape(len(values), -1)
        return rows

    def _initial_targets(self) -> np.ndarray:
        """Drives hold the initial position: qpos of each hinge and slide dof."""
        ints, sizes = self.compiled.ints, self.compiled.sizes
        qpos = np.broadcast_to(self.compiled.reals["qpos_initial"], (self.num_envs, sizes["num_qpos"]))
        targets = np.zeros((self.num_envs, sizes["num_dofs"]))
        for joint, kind in enumerate(ints["joint_type"]):
            if kind >= 2:
                targets[:, ints["joint_dof_start"][joint]] = qpos[:, ints["joint_qpos_start"][joint]]
        return targets
