"""RayTracer: pictures of a batch of environments, read from the simulation's arrays in place.

Per call one small kernel gathers poses, materials, light and cameras of the chosen environments into a table, and one
kernel traces all views of all of them (see `table`, `tracing`). Pictures are always computed in single precision, also
when the physics is double. What an output means:

  rgb           uint8 (envs, height, width, 3): sRGB.
  depth         float32 (envs, height, width) [m]: along the optical axis; inf where nothing is hit.
  segmentation  uint16 (envs, height, width): `shape_segment` of the surface; 0 is the world, and the sky, where depth is inf.
  normal        float32 (envs, height, width, 3): unit normal in W on the viewer's side; 0 where nothing is hit.

Limits: pinhole cameras, one sample per pixel through its centre, one sun.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from engine.compiler import ti
from engine.errors import SceneError, StateError, near_matches
from engine.model import Model
from engine.renderers import tracing
from engine.renderers.meshes import STACK_DEPTH, pack_meshes
from engine.renderers.table import LIGHT_WIDTH, PACKET, SHAPE_WIDTH, VIEW_WIDTH, gather
from engine.runtime import CHUNK

OUTPUTS: dict[str, tuple[int, type, tuple[int, ...]]] = {  # bit, dtype, shape of a pixel
    "rgb": (tracing.RGB, np.uint8, (3,)),
    "depth": (tracing.DEPTH, np.float32, ()),
    "segmentation": (tracing.SEGMENTATION, np.uint16, ()),
    "normal": (tracing.NORMAL, np.float32, (3,)),
}
GPU_THREADS = 1 << 17  # enough to fill a large GPU; each owns a stack of 256 bytes
MAX_SEGMENT = 65535


@contextmanager
def single_precision() -> Iterator[None]:
    """Compile kernels with f32 constants whatever the precision of the physics; poses are rounded once, on their way into
    the table."""
    state = ti.lang.impl.get_runtime()
    before = state.default_fp
    state.default_fp = ti.f32
    try:
        yield
    finally:
        state.default_fp = before


class RayTracer:
    """Pictures of one model. Holds the meshes' trees on the device; reads the workspace that is handed to it and changes
    nothing."""

    def __init__(self, model: Model):
        """Build and upload the trees of the model's meshes. Raises SceneError for a segment above 65535 or a mesh that is
        missing."""
        self.model = model
        _check_scene(model)
        reals, ints = pack_meshes(model.compiled.meshes)
        self._mesh_real, self._mesh_int = _upload(reals, ti.f32), _upload(ints, ti.i32)
        self._packets = model.runtime.lanes > 1
        self._number = ti.types.vector(PACKET, ti.f32) if self._packets else ti.f32
        self._on_gpu = model.runtime.backend == "cuda"
        self._chunk = 1 if self._on_gpu else CHUNK
        self._workers = GPU_THREADS if self._on_gpu else model.runtime.workers
        order = (self._workers, STACK_DEPTH) if self._packets else (STACK_DEPTH, self._workers)
        self._stack = ti.ndarray(ti.i32, order)
        self._tables: dict[tuple[int, int], ti.Ndarray] = {}

    def render(self, ws: ti.Ndarray, camera: int, outputs: Sequence[str], envs: slice | None = None) -> dict[str, np.ndarray]:
        """Pictures of one camera: output name -> (envs, height, width, ...). Raises StateError for an unknown output,
        camera or no envs."""
        return {name: pictures[0] for name, pictures in self.render_all(ws, [camera], outputs, envs).items()}

    def render_all(
        self, ws: ti.Ndarray, cameras: Sequence[int], outputs: Sequence[str], envs: slice | None = None
    ) -> dict[str, np.ndarray]:
        """Pictures of several cameras of one size in one launch: output name -> (cameras, envs, height, width, ...)."""
        width, height = self._picture_size(cameras)
        bits = _output_bits(outputs)
        chosen = range(self.model.num_envs)[envs if envs is not None else slice(None)]
        if not len(chosen):
            raise StateError(
                "render(envs)", f"{envs} selects no environment", f"there are {self.model.num_envs}", "choose at least one"
            )
        pixels = (len(cameras), len(chosen), height, width)
        pictures: dict[str, np.ndarray] = {name: np.empty((*pixels, *OUTPUTS[name][2]), OUTPUTS[name][1]) for name in outputs}
        flat = [pictures[name].reshape(-1) if name in pictures else np.empty(1, OUTPUTS[name][1]) for name in OUTPUTS]
        with single_precision():
            table = self._gather(ws, cameras, chosen)
            sizes = (bits, len(cameras), len(chosen), width, height, self._workers, self._chunk)
            tracing.trace(self.model.mi, table, self._mesh_real, self._mesh_int, self._stack, *sizes, self._packets, *flat)
            ti.sync()
        return pictures

    def _gather(self, ws: ti.Ndarray, cameras: Sequence[int], chosen: range) -> ti.Ndarray:
        model = self.model
        slots = LIGHT_WIDTH + VIEW_WIDTH * len(cameras) + SHAPE_WIDTH * model.compiled.sizes["num_shapes"]
        table = self._tables.setdefault((len(chosen), slots), None) or ti.ndarray(self._number, (len(chosen), slots))
        self._tables[len(chosen), slots] = table
        views = np.array(cameras, np.int32)
        choice = (views, len(views), chosen.start, chosen.step, len(chosen), model.lanes, self._workers, self._chunk)
        gather(model.mi, model.mf, ws, self._mesh_real, *choice, table)
        return table

    def _picture_size(self, cameras: Sequence[int]) -> tuple[int, int]:
        frames = self.model.compiled.cameras
        if not len(cameras) or not all(0 <= camera < len(frames) for camera in cameras):
            raise StateError(
                "render(camera)",
                f"no camera {list(cameras)}",
                f"the scene has {len(frames)} cameras",
                "use an index below that",
            )
        sizes = {(frames[camera].width, frames[camera].height) for camera in cameras}
        if len(sizes) > 1:
            raise StateError(
                "render(cameras)", f"sizes {sorted(sizes)}", "one launch makes pictures of one size", "render them one by one"
            )
        return sizes.pop()


def _output_bits(outputs: Sequence[str]) -> int:
    bits = 0
    for name in outputs:
        if name not in OUTPUTS:
            raise StateError(
                "render(outputs)", f"unknown output {name!r}", near_matches(name, OUTPUTS), f"choose from {', '.join(OUTPUTS)}"
            )
        bits |= OUTPUTS[name][0]
    if not bits:
        raise StateError("render(outputs)", "no output asked for", f"allowed: {', '.join(OUTPUTS)}", "name at least one")
    return bits


def _check_scene(model: Model) -> None:
    ints, meshes = model.compiled.ints, model.compiled.meshes
    segments = np.asarray(ints.get("shape_segment", 0))
    if segments.size and (segments.min() < 0 or segments.max() > MAX_SEGMENT):
        raise SceneError(
            "RayTracer", f"segment {int(segments.max())}", f"segmentation holds 0 to {MAX_SEGMENT}", "use fewer bodies"
        )
    used = np.asarray(ints.get("shape_mesh", -1))
    if used.size and used.max() >= len(meshes):
        raise SceneError(
            "RayTracer", f"shape uses mesh {int(used.max())}", f"the scene has {len(meshes)} render meshes", "add the mesh"
        )


def _upload(values: np.ndarray, dtype) -> ti.Ndarray:
    array = ti.ndarray(dtype, values.shape)
    array.from_numpy(values)
    return array
