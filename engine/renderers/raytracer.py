"""RayTracer: pictures of a batch of environments, read from the simulation's arrays in place.

Per call one small kernel gathers poses, materials, light and cameras of the chosen environments into a table, and one
kernel traces all views of all of them (see `table`, `picture`, `tracing`). Particles and deforming surfaces get trees of their
own for every picture (`matter`). Pictures are always computed in single precision, also when the physics is double. What an
output means:

  rgb           uint8 (envs, height, width, 3): sRGB.
  depth         float32 (envs, height, width) [m]: along the optical axis, of a fisheye from the eye; inf where nothing is hit.
  segmentation  uint16 (envs, height, width): `shape_segment` of the surface; 0 is the world, and the sky, where depth is inf.
  normal        float32 (envs, height, width, 3): unit normal in W on the viewer's side; 0 where nothing is hit.
  albedo        float32 (envs, height, width, 3): linear colour of the surface without light; 0 where nothing is hit.
  position      float32 (envs, height, width, 3) [m]: the point of the surface in W; 0 where nothing is hit.
  radiance      float32 (envs, height, width, 3): linear light of which rgb is the clipped code.
  flow          float32 (envs, height, width, 2) [pixels]: for the pixels of the *marked* frame, how far what they show has
                moved by the present frame, x to the right and y down; the sky moves as if infinitely far.
  flow_valid    uint8 (envs, height, width): 1 where that is seen at its new place, 0 where hidden or outside the picture.
  backward_flow, backward_flow_valid: the same for the pixels of the present frame, back to the marked one.

Limits: anti-aliasing refines the colour alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np

from engine.compiler import ti
from engine.continua import ParticleCloud, SurfaceMesh
from engine.errors import SceneError, StateError, near_matches
from engine.model import Model, lanes_first, lanes_view
from engine.renderers import flow, paths, picture, tracing
from engine.renderers.gather import gather, shift_views, write_instances
from engine.renderers.lamps import LAMP_WIDTH
from engine.renderers.launch import Launch
from engine.renderers.matter import Matter, parts_of
from engine.renderers.meshes import STACK_DEPTH, pack_meshes
from engine.renderers.quality import PathTracing
from engine.renderers.table import LIGHT_WIDTH, PACKET, SHAPE_WIDTH, VIEW_WIDTH
from engine.runtime import CHUNK

OUTPUTS: dict[str, tuple[int, type, tuple[int, ...]]] = {  # bit, dtype, shape of a pixel
    "rgb": (tracing.RGB, np.uint8, (3,)),
    "depth": (tracing.DEPTH, np.float32, ()),
    "segmentation": (tracing.SEGMENTATION, np.uint16, ()),
    "normal": (tracing.NORMAL, np.float32, (3,)),
    "albedo": (tracing.ALBEDO, np.float32, (3,)),
    "position": (tracing.POSITION, np.float32, (3,)),
    "radiance": (tracing.RADIANCE, np.float32, (3,)),
}
FLOWS: dict[str, tuple[int, type, tuple[int, ...]]] = {  # backward, dtype, shape of a pixel
    "flow": (0, np.float32, (2,)),
    "flow_valid": (0, np.uint8, ()),
    "backward_flow": (1, np.float32, (2,)),
    "backward_flow_valid": (1, np.uint8, ()),
}
POSES = ("body_position_W", "body_rotation_W")
GPU_THREADS = 1 << 17  # enough to fill a large GPU; each owns a stack of 256 bytes
MAX_SEGMENT = 65535
Look = ParticleCloud | SurfaceMesh


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
        self._packets = model.runtime.lanes > 1
        self._number = ti.types.vector(PACKET, ti.f32) if self._packets else ti.f32
        self._on_gpu = model.runtime.backend == "cuda"
        packed = pack_meshes(model.compiled.meshes, model.compiled.images)
        self._matter = Matter(*packed, model.compiled.sizes["num_shapes"], self._on_gpu)
        self._chunk = 1 if self._on_gpu else CHUNK
        self._workers = GPU_THREADS if self._on_gpu else model.runtime.workers
        order = (self._workers, 2 * STACK_DEPTH) if self._packets else (2 * STACK_DEPTH, self._workers)
        self._stack = ti.ndarray(ti.i32, order)
        self._tables: dict[tuple[int, int], ti.Ndarray] = {}
        self._marked_ws: ti.Ndarray | None = None
        kernels = (gather, write_instances, shift_views, picture.trace, picture.find_edges, flow.trace_flow, paths.trace_paths)
        self._launch = {kernel: Launch(kernel) for kernel in kernels}

    def render(
        self,
        ws: ti.Ndarray,
        camera: int,
        outputs: Sequence[str],
        envs: slice | None = None,
        looks: Sequence[Look] = (),
        marked: Mapping[str, np.ndarray] | None = None,
        antialias: bool = False,
        lens: tuple[float, float, float] | None = None,
    ) -> dict[str, np.ndarray]:
        """Pictures of one camera: output name -> (envs, height, width, ...). `looks`: particles and surfaces of all
        environments; `marked`: the arrays POSES of the marked frame, for flow; `lens`: a point of a lens, right and up of its
        middle, and the distance in focus [m]. Raises StateError for an unknown output, camera or no envs."""
        pictures = self.render_all(ws, [camera], outputs, envs, looks, marked, antialias, lens)
        return {name: values[0] for name, values in pictures.items()}

    def render_all(
        self,
        ws: ti.Ndarray,
        cameras: Sequence[int],
        outputs: Sequence[str],
        envs: slice | None = None,
        looks: Sequence[Look] = (),
        marked: Mapping[str, np.ndarray] | None = None,
        antialias: bool = False,
        lens: tuple[float, float, float] | None = None,
    ) -> dict[str, np.ndarray]:
        """Pictures of several cameras of one size in one launch: output name -> (cameras, envs, height, width, ...)."""
        width, height = self._picture_size(cameras)
        _check_outputs(outputs, marked)
        chosen = range(self.model.num_envs)[envs if envs is not None else slice(None)]
        if not len(chosen):
            raise StateError(
                "render(envs)", f"{envs} selects no environment", f"there are {self.model.num_envs}", "choose at least one"
            )
        pixels = (len(cameras), len(chosen), height, width)
        known = OUTPUTS | FLOWS
        pictures: dict[str, np.ndarray] = {name: np.empty((*pixels, *known[name][2]), known[name][1]) for name in outputs}
        with single_precision():
            if any(name in OUTPUTS for name in outputs):
                self._trace(ws, cameras, chosen, looks, pictures, antialias, lens)
            if marked is not None and any(name in FLOWS for name in outputs):
                self._flow(ws, cameras, chosen, looks, pictures, marked)
            ti.sync()
        return pictures

    def radiance(
        self, ws: ti.Ndarray, camera: int, quality: PathTracing, envs: slice | None = None, looks: Sequence[Look] = ()
    ) -> np.ndarray:
        """Path-traced linear light (envs, height, width, 3) of one camera, the mean of the samples."""
        width, height = self._picture_size([camera])
        chosen = range(self.model.num_envs)[envs if envs is not None else slice(None)]
        light: np.ndarray = np.empty((len(chosen), height, width, 3), np.float32)
        with single_precision():
            instances = self._matter.place(looks, [[parts_of(look, env) for look in looks] for env in chosen])
            table = self._table(len(chosen), 1, len(looks))
            self._gather(ws, [camera], chosen, table, 0, instances)
            self._launch[paths.trace_paths](
                self.model.mi, table, self._matter.mesh_real, self._matter.mesh_int, self._stack, len(chosen), width, height,
                self._workers, self._chunk, self._packets, quality.first, quality.samples, quality.bounces, quality.aperture,
                quality.focus, quality.sun_radius, light.reshape(-1),
            )  # fmt: skip
            ti.sync()
        return light / np.float32(quality.samples)

    def _trace(self, ws, cameras, chosen: range, looks, pictures: dict[str, np.ndarray], antialias: bool, lens) -> None:
        """Fill the pictures of the present frame."""
        flat = {name: pictures[name].reshape(-1) if name in pictures else np.empty(1, OUTPUTS[name][1]) for name in OUTPUTS}
        height, width = next(iter(pictures.values())).shape[2:4]
        bits = sum(OUTPUTS[name][0] for name in OUTPUTS if name in pictures)
        if antialias and bits & tracing.RADIANCE and not bits & tracing.RGB:  # edges are found in the codes
            bits |= tracing.RGB
            flat["rgb"] = np.empty(len(cameras) * len(chosen) * height * width * 3, np.uint8)
        instances = self._matter.place(looks, [[parts_of(look, env) for look in looks] for env in chosen])
        table = self._table(len(chosen), len(cameras), len(looks))
        self._gather(ws, cameras, chosen, table, 0, instances)
        if lens is not None:
            self._launch[shift_views](len(chosen), len(cameras), height, *lens, table)
        room, pictured = picture.list_room(width, height), len(cameras) * len(chosen)
        sizes = (len(cameras), len(chosen), width, height, self._workers, self._chunk, self._packets)
        place = (self.model.mi, table, self._matter.mesh_real, self._matter.mesh_int)
        none = np.zeros(1, np.int32)
        self._launch[picture.trace](*place, none, self._stack, bits, 0, room, *sizes, *flat.values())
        if antialias and bits & tracing.LIT:
            pixels: np.ndarray = np.empty(pictured * room, np.int32)
            self._launch[picture.find_edges](flat["rgb"], pictured, width, height, room, pixels)
            self._launch[picture.trace](*place, pixels, self._stack, bits & tracing.LIT, 1, room, *sizes, *flat.values())

    def _flow(self, ws, cameras, chosen: range, looks, pictures: dict[str, np.ndarray], marked) -> None:
        """Fill the pictures that need two frames: the marked one in the first rows of the table, then the present one."""
        height, width = next(iter(pictures.values())).shape[2:4]
        frames = ((env, previous) for previous in (True, False) for env in chosen)
        rows = [[parts_of(look, env, previous, True) for look in looks] for env, previous in frames]
        instances = self._matter.place(looks, rows)
        count = len(chosen)
        table = self._table(2 * count, len(cameras), len(looks))
        self._gather(self.posed(marked), cameras, chosen, table, 0, instances[:count])
        self._gather(ws, cameras, chosen, table, count, instances[count:])
        place = (self.model.mi, table, self._matter.mesh_real, self._matter.mesh_int, self._stack)
        for backward, prefix in enumerate(("", "backward_")):
            names = (f"{prefix}flow", f"{prefix}flow_valid")
            if any(name in pictures for name in names):
                shape = (len(cameras), count, height, width)
                both = [pictures.get(name, np.empty((*shape, *FLOWS[name][2]), FLOWS[name][1])) for name in names]
                sizes = (len(cameras), count, width, height, self._workers, self._chunk, self._packets)
                self._launch[flow.trace_flow](*place, backward, *sizes, *(values.reshape(-1) for values in both))

    def _table(self, rows: int, cameras: int, looks: int) -> ti.Ndarray:
        """The picture table for so many rows, cameras and continua; kept for the next call."""
        slots = self._before_shapes(cameras) + SHAPE_WIDTH * (self.model.compiled.sizes["num_shapes"] + looks)
        table = self._tables.get((rows, slots)) or ti.ndarray(self._number, (rows, slots))
        self._tables[rows, slots] = table
        return table

    def _before_shapes(self, cameras: int) -> int:
        return LIGHT_WIDTH + VIEW_WIDTH * cameras + LAMP_WIDTH * self.model.compiled.sizes["num_lamps"]

    def _gather(self, ws, cameras, chosen: range, table: ti.Ndarray, first_row: int, instances: np.ndarray) -> None:
        """Fill the rows of the table from `first_row` on: the environments `chosen`, with these continua."""
        model, matter = self.model, self._matter
        views = np.array(cameras, np.int32)
        choice = (views, len(views), chosen.start, chosen.step, len(chosen), model.lanes, self._workers, self._chunk, first_row)
        if instances.shape[1]:
            at = self._before_shapes(len(cameras)) + SHAPE_WIDTH * model.compiled.sizes["num_shapes"]
            self._launch[write_instances](np.ascontiguousarray(instances.reshape(len(chosen), -1)), first_row, at, table)
        self._launch[gather](model.mi, model.mf, ws, matter.mesh_real, matter.mesh_int, *choice, table)

    def posed(self, marked: Mapping[str, np.ndarray]) -> ti.Ndarray:
        """A workspace, the same in every call, that holds the body poses of a frame and nothing else."""
        model = self.model
        placement = model.placement
        end = max(placement.span(name).stop for name in POSES)
        rows = np.zeros((model.num_envs, end))
        for name in POSES:
            rows[:, placement.span(name)] = marked[name].reshape(model.num_envs, -1)
        packed = lanes_first(model.pad(rows).astype(model.runtime.dtype), model.lanes, model.group_major)
        if self._marked_ws is None:
            self._marked_ws = ti.ndarray(model.runtime.real(model.lanes), packed.shape[:2])
        if self._on_gpu:
            self._marked_ws.from_numpy(packed)
        else:
            lanes_view(self._marked_ws, model.lanes, model.runtime.dtype)[...] = packed
        return self._marked_ws

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


def _check_outputs(outputs: Sequence[str], marked: Mapping[str, np.ndarray] | None) -> None:
    known = OUTPUTS | FLOWS
    for name in outputs:
        if name not in known:
            raise StateError(
                "render(outputs)", f"unknown output {name!r}", near_matches(name, known), f"choose from {', '.join(known)}"
            )
        if name in FLOWS and marked is None:
            raise StateError(
                "render(outputs)", f"{name!r} needs two frames and none is marked", "flow leads from the marked frame",
                "call sim.mark_frame() before the steps",
            )  # fmt: skip
    if not outputs:
        raise StateError("render(outputs)", "no output asked for", f"allowed: {', '.join(known)}", "name at least one")


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
