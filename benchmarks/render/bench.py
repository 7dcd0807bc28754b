"""Frames per CPU-second of the ray tracer with shadows: ten analytic shapes, 50,800 triangles, and a batch of small pictures.

Every case renders rgb, depth and segmentation of moving scenes on one CPU thread (on a GPU, with wall time) and reports the
best of a few repetitions, because a shared machine only ever slows a run down; the median stands beside it. `needed` is the
figure that the ray tracer was asked for. Scenes are compiled by hand, without physics. Limits: the first call, which
compiles, is not counted.
"""

import statistics
import time
from dataclasses import dataclass

import numpy as np

import engine.declarations  # noqa: F401  (declares the arrays)
from engine import runtime
from engine.arrays import TABLE, Store
from engine.compiled import CameraFrame, CompiledScene, Names, TriangleMesh
from engine.model import build, lanes_first
from engine.renderers.raytracer import RayTracer
from engine.types import ShapeType

OUTPUTS = ("rgb", "depth", "segmentation")
KINDS = (ShapeType.SPHERE, ShapeType.BOX, ShapeType.CAPSULE, ShapeType.CYLINDER, ShapeType.ELLIPSOID)


@dataclass(frozen=True)
class Case:
    """One row: name, pixels per side, environments, meshes instead of analytic shapes, frames/s asked for."""

    name: str
    side: int
    envs: int
    meshes: bool
    needed: float | None


CASES = (
    Case("analytic 128x128", 128, 1, False, 600.0),
    Case("50.8k triangles 128x128", 128, 1, True, 400.0),
    Case("50.8k triangles 256x256", 256, 1, True, None),
    Case("50.8k triangles 640x480", 640, 1, True, None),
    Case("50.8k triangles 64x64, 64 envs", 64, 64, True, None),
)


def grid_mesh(rows: int, columns: int, ring: float) -> TriangleMesh:
    """A torus of 2 rows columns triangles; `ring` 0 gives a ball."""
    v, u = np.meshgrid(np.arange(rows) / rows * 2 * np.pi, np.arange(columns) / columns * 2 * np.pi, indexing="ij")
    normals = np.stack([np.cos(v) * np.cos(u), np.cos(v) * np.sin(u), np.sin(v)], axis=-1).reshape(-1, 3)
    centre = np.stack([np.cos(u), np.sin(u), 0 * u], axis=-1).reshape(-1, 3)
    corner = np.arange(rows * columns).reshape(rows, columns)
    a, b = corner, np.roll(corner, -1, axis=0)
    c, d = np.roll(a, -1, axis=1), np.roll(b, -1, axis=1)
    faces = np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)])
    return TriangleMesh(ring * centre + (1 - ring) * normals, faces, normals)


def compile_scene(case: Case, rng: np.random.Generator) -> CompiledScene:
    """A floor and 9 shapes, or 20 meshes of 2,540 triangles, in random colours."""
    count = 21 if case.meshes else 10
    sizes = {name: 0 for name in TABLE.sizes if name not in ("max_contacts", "num_envs")}
    sizes |= {"num_bodies": count, "num_shapes": count, "num_cameras": 1}
    kinds = [ShapeType.PLANE] + [ShapeType.MESH if case.meshes else KINDS[k % len(KINDS)] for k in range(count - 1)]
    extent = rng.uniform(0.15, 0.32, (count, 3))
    meshes = (grid_mesh(25, 51, 0.65), grid_mesh(51, 25, 0.0))
    index = np.arange(count)
    ints = {
        "shape_type": np.array(kinds),
        "shape_body": index,
        "shape_segment": index,
        "shape_mesh": np.where(index, index % 2, -1),
    }
    pattern = np.zeros((count, 4))
    pattern[0] = 0.5, 0.25, 0.27, 0.3
    reals = {"shape_size": extent, "shape_rotation": np.tile([1.0, 0, 0, 0], (count, 1)), "shape_pattern": pattern}
    reals |= {"shape_color": rng.uniform(0.1, 0.9, (count, 3)), "shape_roughness": np.full(count, 0.4)}
    reals |= {"camera_position": np.array([[2.4, -3.4, 2.0]]), "camera_fov": np.array([0.75])}
    reals |= {"camera_rotation": np.array([[0.8173, 0.4627, 0.1684, 0.2975]]), "sun_direction": np.array([0.4, -0.5, 0.77])}
    light = {
        "sun_color": np.full(3, 2.5),
        "sky_zenith": np.array([0.25, 0.42, 0.75]),
        "sky_horizon": np.array([0.75, 0.82, 0.9]),
    }
    frame = CameraFrame("camera", case.side, 480 if case.side == 640 else case.side)
    stacked = {name: value[None] for name, value in (reals | light).items()}
    return CompiledScene(sizes, ints, stacked, {}, Names((), (), ()), (frame,), meshes)


def poses(case: Case, count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Body poses of one frame: another random heap in every environment."""
    position = np.concatenate(
        [rng.uniform(-1.5, 1.5, (case.envs, count, 2)), rng.uniform(0.2, 0.9, (case.envs, count, 1))], axis=2
    )
    rotation = rng.standard_normal((case.envs, count, 4))
    rotation /= np.linalg.norm(rotation, axis=2, keepdims=True)
    position[:, 0], rotation[:, 0] = 0.0, (1.0, 0.0, 0.0, 0.0)
    return {"body_position_W": position, "body_rotation_W": rotation}


def measure(case: Case, quick: bool, backend: str) -> dict:
    """The row of one case."""
    started = runtime.init(backend, threads=1)
    rng = np.random.default_rng(7)
    model = build(compile_scene(case, rng), started, case.envs, 1, started.backend == "cpu" and started.lanes > 1)
    tracer, frames = RayTracer(model), []
    for _ in range(2 if quick else 8):
        ws, _ = model.workspace()
        flat = model.placement.pack(Store.RESULT, poses(case, model.compiled.sizes["num_bodies"], rng), (case.envs,))
        ws.from_numpy(lanes_first(model.pad(flat).astype(started.dtype), model.lanes, model.group_major))
        frames.append(ws)
    clock = time.process_time if started.backend == "cpu" else time.perf_counter
    begin = time.perf_counter()
    tracer.render(frames[0], 0, OUTPUTS)
    first = time.perf_counter() - begin
    rates = [_rate(tracer, frames, case.envs, clock, 0.1 if quick else 0.4) for _ in range(2 if quick else 6)]
    row = {
        "case": f"render, {case.name}",
        "engine": "worldsmith",
        "measured": max(rates),
        "unit": "frames/cpu-s",
        "needed": case.needed,
    }
    return row | {"median": statistics.median(rates), "first_call_s": first, "backend": started.backend}


def _rate(tracer: RayTracer, frames: list, envs: int, clock, seconds: float) -> float:
    """Frames per second over whole rounds of all poses."""
    begin, done = clock(), 0
    while clock() - begin < seconds:
        for ws in frames:
            tracer.render(ws, 0, OUTPUTS)
            done += envs
    return done / (clock() - begin)


def main(quick: bool = False, backend: str = "auto") -> list[dict]:
    """Rows of all cases; `quick` measures the two that have a figure to reach, briefly."""
    return [measure(case, quick, backend) for case in CASES if case.needed is not None or not quick]
