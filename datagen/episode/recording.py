"""What is kept of a running batch: state rows, poses, pictures, contacts and actions by frame, and the records made of them at
the end.

Row t is what was so at frame t, before the action of frame t; contacts of frame t are those of the last substep before it,
impulses those of the interval after it. Pictures go straight into the arrays of the records. Depth is stored in steps of 0.1 mm
along the optical axis, 0 where nothing was hit or farther than 6.5535 m; segmentation in the codes of the layout, 0 for the
sky. Flow of row t leads from frame t to frame t + 1 (x right, y down, in steps of 1/64 pixel within +-511 pixels), and so is
rendered one frame later.
Limits: all environments of a batch have the same number of frames.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

import engine
from datagen.actions import Poses
from datagen.episode.layout import ALBEDO_SCALE, DEPTH_SCALE, FLOW_RANGE, FLOW_SCALE, NORMAL_SCALE, Layout
from datagen.episode.sensing import SensorTrack
from datagen.episode.watch import Watch
from datagen.spec import CameraSpec, EpisodeSpec

Section = Callable[[str], AbstractContextManager]


def untimed(_: str) -> AbstractContextManager:
    """A stopwatch that measures nothing."""
    return contextlib.nullcontext()


SEGMENTS = 65536  # a picture's segment is a 16-bit number
MOMENTS = 8  # of an open shutter


def positive_zeros(rows: np.ndarray) -> np.ndarray:
    """State rows with every zero positive. The sign of a zero acceleration tells how many rounds of the solver the neighbours
    of an environment needed (-0 + 0 = 0), and an episode must not depend on them."""
    return np.where(rows == 0.0, np.zeros((), rows.dtype), rows)


class Recorder:
    """Collects the frames of one batch, environment k following specs[k]; environments beyond the specs are padding and
    ignored.
    """

    def __init__(
        self, simulation: Any, specs: Sequence[EpisodeSpec], layout: Layout, pictures: bool, section: Section = untimed
    ):
        self.simulation, self.specs, self.layout, self.section = simulation, specs, layout, section
        self.watch = Watch(simulation, specs)
        self.length, self.num_envs = specs[0].world.num_frames, len(specs)
        self.codes = segment_codes(simulation, layout)
        self.rows: list[np.ndarray] = []
        self.position: list[np.ndarray] = []
        self.rotation: list[np.ndarray] = []
        self.velocity: list[np.ndarray] = []
        self.contacts: list[Mapping[str, np.ndarray]] = []
        self.touches: list[Mapping[str, np.ndarray]] = []
        self.applied: list[list[dict[str, np.ndarray]]] = []
        self.senses = SensorTrack(simulation, self.num_envs, self.length, layout)
        self.unsettled: list[str] = [""] * len(specs)
        self.before: Mapping[str, np.ndarray] | None = None
        self.cameras = [camera for camera in layout.cameras if pictures and layout.streams(camera)]
        self.smearing = any(camera.shutter > 0.0 and "rgb" in layout.streams(camera) for camera in self.cameras)
        self.flowing = [camera for camera in self.cameras if "flow" in layout.streams(camera)]
        self.pictures: dict[str, np.ndarray] = {
            name: np.zeros(*facts) for camera in self.cameras for name, facts in self._planes(camera).items()
        }

    def observe(self, frame: int) -> Poses:
        """Keep everything that is so at `frame`; the last call (frame = length) keeps the state row alone."""
        with self.section("recording"):
            self.rows.append(positive_zeros(self.simulation.snapshot()[: self.num_envs]))
        if frame > 0:
            self._follow(frame - 1)
        with self.section("recording"):
            if frame == self.length:
                return Poses(self.position[-1], self.rotation[-1])
            state = self.simulation.state
            self.position.append(state.body_position[: self.num_envs])
            self.rotation.append(state.body_rotation[: self.num_envs])
            self.velocity.append(state.body_velocity[: self.num_envs])
            self.senses.observe(frame)
            if self.layout.record.contacts:
                self.contacts.append(_kept(self.simulation.contacts(), self.num_envs))
        for camera in self.cameras:
            self._look(camera, frame)
        if self.flowing or self.smearing:
            self.simulation.mark_frame()
        return Poses(self.position[-1], self.rotation[-1])

    def settled(self) -> None:
        """Keep what touched in the interval before frame 0."""
        self.before = _kept(self.simulation.touches(), self.num_envs)

    def stepped(self, applied: list[dict[str, np.ndarray]]) -> None:
        """Keep the actions and the impulses of the interval that has just passed."""
        with self.section("recording"):
            self.applied.append(applied)
            self.touches.append(_kept(self.simulation.touches(), self.num_envs))

    def videos(self, env: int) -> dict[str, np.ndarray]:
        """Camera -> uint8 (T, H, W, 3)."""
        return {c.name: self.pictures[f"{c.name}.rgb"][env] for c in self.cameras if f"{c.name}.rgb" in self.pictures}

    def dense(self, env: int) -> dict[str, np.ndarray]:
        """Stream -> uint16 (T, H, W)."""
        return {name: values[env] for name, values in self.pictures.items() if not name.endswith(".rgb")}

    def _planes(self, camera: CameraSpec) -> dict[str, tuple[tuple[int, ...], type]]:
        """Stored stream -> shape and type of the array for the whole batch."""
        width, height = camera.resolution
        shape = (self.num_envs, self.length, height, width)
        kinds: dict[str, tuple[tuple[int, ...], type]] = {}
        for output in self.layout.streams(camera):
            if output == "rgb":
                kinds[f"{camera.name}.rgb"] = (*shape, 3), np.uint8
            elif output == "normal":
                kinds.update({f"{camera.name}.normal_{axis}": (shape, np.uint16) for axis in "xyz"})
            elif output == "albedo":
                kinds.update({f"{camera.name}.albedo_{part}": (shape, np.uint16) for part in "rgb"})
            elif output == "flow":
                kinds.update({f"{camera.name}.flow_{part}": (shape, np.uint16) for part in ("x", "y", "valid")})
            else:
                kinds[f"{camera.name}.{output}"] = shape, np.uint16
        return kinds

    def _look(self, camera: CameraSpec, frame: int) -> None:
        outputs = [name for name in self.layout.streams(camera) if name != "flow"]
        if not outputs:
            return
        with self.section("rendering"):
            # Normal and albedo have no value of their own for "nothing there": depth says where that is.
            wanted = dict.fromkeys([*outputs, "depth"] if {"normal", "albedo"} & set(outputs) else outputs)
            blur = engine.Blur(camera.shutter, MOMENTS) if camera.shutter > 0.0 and frame > 0 and "rgb" in outputs else None
            seen = self.simulation.render(camera.name, outputs=tuple(wanted), envs=slice(self.num_envs), blur=blur)
        with self.section("recording"):
            if "rgb" in outputs:
                self.pictures[f"{camera.name}.rgb"][:, frame] = seen["rgb"]
            if "depth" in outputs:
                self.pictures[f"{camera.name}.depth"][:, frame] = depth_codes(seen["depth"])
            if "segmentation" in outputs:
                self.pictures[f"{camera.name}.segmentation"][:, frame] = self.codes.astype(np.uint16)[seen["segmentation"]]
            if "normal" in outputs:
                codes = normal_codes(seen["normal"], np.isfinite(seen["depth"]))
                for number, axis in enumerate("xyz"):
                    self.pictures[f"{camera.name}.normal_{axis}"][:, frame] = codes[..., number]
            if "albedo" in outputs:
                codes = albedo_codes(seen["albedo"], np.isfinite(seen["depth"]))
                for number, part in enumerate("rgb"):
                    self.pictures[f"{camera.name}.albedo_{part}"][:, frame] = codes[..., number]

    def _follow(self, frame: int) -> None:
        """Keep the flow from `frame`, which is marked, to the present."""
        for camera in self.flowing:
            with self.section("rendering"):
                seen = self.simulation.render(camera.name, outputs=("flow", "flow_valid"), envs=slice(self.num_envs))
            with self.section("recording"):
                codes = flow_codes(seen["flow"])
                self.pictures[f"{camera.name}.flow_x"][:, frame] = codes[..., 0]
                self.pictures[f"{camera.name}.flow_y"][:, frame] = codes[..., 1]
                self.pictures[f"{camera.name}.flow_valid"][:, frame] = seen["flow_valid"]


def segment_codes(simulation: Any, layout: Layout) -> np.ndarray:
    """Code of every segment of the pictures, (65536,): of bodies first, then of what flows or bends; 0 for nothing."""
    codes = np.zeros(SEGMENTS, np.int64)
    for number, name in enumerate(simulation.names.body):
        codes[number] = layout.code(name) if name in layout.bodies else 0
    for continuum in simulation.continua:
        for part in (*continuum.clouds(), *continuum.surfaces()):
            codes[part.segment] = layout.code(part.name) if part.name in layout.matter else 0
    return codes


def depth_codes(depth: np.ndarray) -> np.ndarray:
    """Metres -> uint16 steps of DEPTH_SCALE, rounded to the nearest; 0 for no hit and beyond the range."""
    steps = depth * np.float32(1.0 / DEPTH_SCALE) + np.float32(0.5)
    return np.where(steps < 65536.0, steps, np.float32(0.0)).astype(np.uint16)


def normal_codes(normal: np.ndarray, hit: np.ndarray) -> np.ndarray:
    """Unit vectors -> uint16 steps of NORMAL_SCALE from -1 on; 65535 where nothing was hit."""
    codes = np.rint((np.clip(normal, -1.0, 1.0) + 1.0) / NORMAL_SCALE)
    return np.where(hit[..., None], codes, 65535.0).astype(np.uint16)


def albedo_codes(albedo: np.ndarray, hit: np.ndarray) -> np.ndarray:
    """Linear colours -> uint16 steps of ALBEDO_SCALE; 65535 where nothing was hit."""
    codes = np.rint(np.clip(albedo, 0.0, 1.0) / ALBEDO_SCALE)
    return np.where(hit[..., None], codes, 65535.0).astype(np.uint16)


def flow_codes(flow: np.ndarray) -> np.ndarray:
    """Pixels -> uint16 steps of FLOW_SCALE from -FLOW_RANGE on; 65535 beyond the range."""
    codes = np.rint((np.nan_to_num(flow, nan=1e9, posinf=1e9, neginf=-1e9) + FLOW_RANGE) / FLOW_SCALE)
    return np.where((codes >= 0.0) & (codes < 65535.0), codes, 65535.0).astype(np.uint16)


def _kept(table: Any, num_envs: int) -> dict[str, np.ndarray]:
    """The columns of a contact or touch table without padding environments, sorted by environment."""
    columns = table if isinstance(table, Mapping) else {name: table[name] for name in table.dtype.names}
    real = np.asarray(columns["env"]) < num_envs
    return {name: np.asarray(values)[real] for name, values in columns.items()}


def of_env(table: Mapping[str, np.ndarray], env: int) -> dict[str, np.ndarray]:
    """The rows of one environment of a table that is sorted by environment."""
    first, last = np.searchsorted(table["env"], [env, env + 1])
    return {name: values[first:last] for name, values in table.items()}
