"""Frames per CPU-second of the ray tracer: analytic shapes, 50,800 triangles, batches, anti-aliasing, particles, a still.

Every case renders moving scenes with shadows on one CPU thread (on a GPU, with wall time) and reports the best of a few
repetitions, because a shared machine only ever slows a run down; the median stands beside it. `needed` is the figure that was
asked for, from another processor (512-bit vectors, 1.5 times as fast in Embree); Embree's single rays on the same triangles
are measured beside ours where `embreex` is installed. Scenes are compiled by hand, without physics. Limits: the first call,
which compiles, is not counted; it stands in `first_call_s`.
"""

import platform
import statistics
import time
from dataclasses import dataclass, replace

import numpy as np

import engine.declarations  # noqa: F401  (declares the arrays)
from engine import runtime
from engine.arrays import TABLE, Store
from engine.compiled import CameraFrame, CompiledScene, Names, TriangleMesh
from engine.continua import ParticleCloud
from engine.geometry.rotation import matrix
from engine.model import build, lanes_first
from engine.renderers import table
from engine.renderers.quality import PathTracing
from engine.renderers.raytracer import RayTracer
from engine.types import ShapeType

OUTPUTS = ("rgb", "depth", "segmentation", "normal")
KINDS = (ShapeType.SPHERE, ShapeType.BOX, ShapeType.CAPSULE, ShapeType.CYLINDER, ShapeType.ELLIPSOID)


@dataclass(frozen=True)
class Case:
    """One row: name, pixels per side, environments, meshes instead of analytic shapes, frames/s asked for."""

    name: str
    side: int
    envs: int
    meshes: bool
    needed: float | None
    antialias: bool = False


CASES = (
    Case("analytic 128x128", 128, 1, False, None),
    Case("50.8k triangles 128x128", 128, 1, True, 800.0),
    Case("50.8k triangles 256x256", 256, 1, True, 300.0),
    Case("50.8k triangles 640x480", 640, 1, True, 95.0),
    Case("50.8k triangles 128x128, 4x adaptive", 128, 1, True, 300.0, True),
    Case("50.8k triangles 256x256, 4x adaptive", 256, 1, True, 140.0, True),
    Case("50.8k triangles 640x480, 4x adaptive", 640, 1, True, 50.0, True),
    Case("50.8k triangles 64x64, 64 envs", 64, 64, True, 2400.0),
)
QUICK = ("analytic 128x128", "50.8k triangles 128x128")
PARTICLES = 100_000
NEEDED_MS = {"spheres": 20.0, "smooth surface": 40.0}


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
    tracer.render(frames[0], 0, OUTPUTS, antialias=case.antialias)
    first = time.perf_counter() - begin
    rates = [_rate(tracer, frames, case, clock, 0.1 if quick else 0.4) for _ in range(2 if quick else 6)]
    row = {
        "case": f"render, {case.name}",
        "engine": "worldsmith",
        "measured": max(rates),
        "unit": "frames/cpu-s",
        "needed": case.needed,
    }
    return row | {"median": statistics.median(rates), "first_call_s": first, "backend": started.backend}


def _rate(tracer: RayTracer, frames: list, case: Case, clock, seconds: float) -> float:
    """Frames per second over whole rounds of all poses."""
    begin, done = clock(), 0
    while clock() - begin < seconds:
        for ws in frames:
            tracer.render(ws, 0, OUTPUTS, antialias=case.antialias)
            done += case.envs
    return done / (clock() - begin)


def measure_particles(smooth: bool, quick: bool, backend: str) -> dict:
    """Milliseconds of a 256x256 frame of a sloshing block of particles, trees and surface included."""
    started = runtime.init(backend, threads=1)
    rng = np.random.default_rng(7)
    case = Case("", 256, 1, False, None)
    model = build(compile_scene(case, rng), started, 1, 1, started.backend == "cpu" and started.lanes > 1)
    tracer, (ws, _) = RayTracer(model), model.workspace()
    flat = model.placement.pack(Store.RESULT, poses(case, model.compiled.sizes["num_bodies"], rng), (1,))
    ws.from_numpy(lanes_first(model.pad(flat).astype(started.dtype), model.lanes, model.group_major))
    block = rng.uniform(0, 1, (PARTICLES, 3)) * (1.6, 1.2, 0.8) - (0.8, 0.6, 0.0)
    clouds = []
    for k in range(4):
        wave = 0.15 * np.sin(4 * block[:, :1] + k) * block[:, 2:]
        place = np.concatenate([block[:, :2], block[:, 2:] + wave], axis=1)[None].astype(np.float32)
        clouds.append(ParticleCloud("water", place, None, 0.0125, (0.1, 0.3, 0.6), 99, smooth))
    clock = time.process_time if started.backend == "cpu" else time.perf_counter
    begin = time.perf_counter()
    tracer.render(ws, 0, OUTPUTS, looks=clouds[:1])
    first, times = time.perf_counter() - begin, []
    for k in range(4 if quick else 24):
        begin = clock()
        tracer.render(ws, 0, OUTPUTS, looks=[clouds[k % 4]])
        times.append(1e3 * (clock() - begin))
    name = "smooth surface" if smooth else "spheres"
    row = {"case": f"render, {PARTICLES:,} particles 256x256 as {name}", "engine": "worldsmith", "measured": min(times)}
    row |= {"unit": "cpu-ms/frame", "needed": NEEDED_MS[name], "better": "smaller", "median": statistics.median(times)}
    return row | {"first_call_s": first, "backend": started.backend}


def measure_still(quick: bool, backend: str) -> dict:
    """CPU-seconds of a path-traced 800x600 still of ten shapes at 64 samples, without denoiser."""
    started = runtime.init(backend, threads=1)
    rng = np.random.default_rng(7)
    case = Case("", 800, 1, False, None)
    compiled = compile_scene(case, rng)
    compiled = replace(compiled, cameras=(CameraFrame("camera", 800, 600),))
    model = build(compiled, started, 1, 1, started.backend == "cpu" and started.lanes > 1)
    tracer, (ws, _) = RayTracer(model), model.workspace()
    flat = model.placement.pack(Store.RESULT, poses(case, model.compiled.sizes["num_bodies"], rng), (1,))
    ws.from_numpy(lanes_first(model.pad(flat).astype(started.dtype), model.lanes, model.group_major))
    clock = time.process_time if started.backend == "cpu" else time.perf_counter
    begin = time.perf_counter()
    tracer.radiance(ws, 0, PathTracing(samples=1))
    first, begin = time.perf_counter() - begin, clock()
    samples = 4 if quick else 64
    tracer.radiance(ws, 0, PathTracing(samples=samples))
    seconds = (clock() - begin) * 64 / samples
    row = {"case": "render, path-traced 800x600, 64 samples", "engine": "worldsmith", "measured": seconds}
    row |= {"unit": "cpu-s", "needed": 5.0, "better": "smaller", "first_call_s": first, "backend": started.backend}
    return row


def measure_embree(side: int) -> dict | None:
    """Frames per CPU-second of Embree's nearest hits alone (single rays, no shading, no shadow) on the same triangles."""
    try:
        from embreex import rtcore_scene
        from embreex.mesh_construction import TriangleMesh as EmbreeMesh
    except ImportError:
        return None
    rng = np.random.default_rng(7)
    case = Case("", side, 1, True, None)
    compiled, pose, scene = compile_scene(case, rng), poses(case, 21, rng), rtcore_scene.EmbreeScene()
    for k in range(1, 21):
        mesh = compiled.meshes[k % 2]
        turn = matrix(pose["body_rotation_W"][0, k])
        place = (mesh.vertices * compiled.reals["shape_size"][0, k]) @ turn.T + pose["body_position_W"][0, k]
        EmbreeMesh(scene, place.astype(np.float32), mesh.faces.astype(np.int32))
    floor = np.array([[-99, -99, 0], [99, -99, 0], [99, 99, 0], [-99, 99, 0]], np.float32)
    EmbreeMesh(scene, floor, np.array([[0, 1, 2], [0, 2, 3]], np.int32))
    frame, pixel = compiled.cameras[0], 2 * np.tan(0.375) / compiled.cameras[0].height
    x, y = np.meshgrid(*((np.arange(n) + 0.5 - n / 2) * pixel for n in (frame.width, frame.height)))
    local = np.stack([x, -y, -np.ones_like(x)], axis=-1).reshape(-1, 3)
    local /= np.linalg.norm(local, axis=1, keepdims=True)
    d = (local @ matrix(compiled.reals["camera_rotation"][0, 0]).T).astype(np.float32)
    o = np.repeat(compiled.reals["camera_position"][0].astype(np.float32), len(d), axis=0)
    rates = []
    for _ in range(12):
        begin = time.process_time()
        scene.run(o, d, query="DISTANCE")
        rates.append(1.0 / (time.process_time() - begin))
    row = {"case": f"render, 50.8k triangles {frame.width}x{frame.height}", "engine": "embree, nearest hit only"}
    return row | {"measured": max(rates), "unit": "frames/cpu-s", "needed": None, "median": statistics.median(rates)}


def main(quick: bool = False, backend: str = "auto") -> list[dict]:
    """Rows of all cases; `quick` measures some of them, briefly."""
    rows = [measure(case, quick, backend) for case in CASES if not quick or case.name in QUICK]
    rows += [measure_particles(smooth, quick, backend) for smooth in (False, True)]
    if not quick:
        rows += [measure_still(quick, backend)]
        rows += [row for row in map(measure_embree, (128, 256, 640)) if row is not None]
    facts = {"device": platform.processor() or platform.machine(), "lanes": table.PACKET}
    facts |= {"date": time.strftime("%Y-%m-%d"), "command": f"worldsmith bench render{' --quick' if quick else ''}"}
    return [row | facts for row in rows]
