"""Pictures by OpenGL: the scene handed to pyrender, for machines with a driver and as a second opinion on the tracer.

One environment after the other becomes a scene of triangles: round shapes have facets (64 around), planes are PLANE_HALF metres
wide to each side, particles are balls (also those of liquids), cloth and skins are seen from both sides. Outputs: "rgb" (sun as
a directional light without shadow, sky as ambient light: a plain picture, not the tracer's), "depth" and "segmentation", which
mean what they mean there. pyrender 0.1.45 (MIT, 2021; the extra `opengl`) was written for numpy 1 and asks for a name that
numpy 2 has dropped, which is put back before it is loaded. Where there is no display, EGL is asked for. One sample a pixel, in
its middle. Limits: pinholes alone; no textures, patterns, lamps or shadows; round surfaces are off by the sagitta of a facet (1
mm for a radius of 1 m).
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.compiled import CompiledScene
from engine.continua import ParticleCloud, SurfaceMesh, color_in
from engine.errors import BackendError, StateError
from engine.geometry.rotation import from_z_axis, matrix, multiply, rotate
from engine.types import ShapeType

OUTPUTS: dict[str, tuple[type, tuple[int, ...]]] = {
    "rgb": (np.uint8, (3,)), "depth": (np.float32, ()), "segmentation": (np.uint16, ()),
}  # fmt: skip
AROUND = 64  # facets of a round shape
PLANE_HALF = 500.0  # m
NEAR, FAR = 0.01, 1000.0  # m
Array = np.ndarray


def _modules() -> tuple[Any, Any]:
    """pyrender and trimesh. Raises BackendError when the extra is not installed."""
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
    if not hasattr(np, "infty"):
        np.infty = np.inf  # type: ignore[attr-defined]  # dropped by numpy 2
    try:
        import pyrender
        import trimesh
    except ImportError as error:
        raise BackendError(
            "Rasterizer", "pyrender is not installed", "it comes with the extra `opengl`",
            "run `pip install worldsmith[opengl]`",
        ) from error  # fmt: skip
    _one_sample(pyrender.renderer)
    return pyrender, trimesh


def _one_sample(module: Any) -> None:
    """Without multisampling, which pyrender always asks for: its depth is that of a sample beside the middle of the pixel, and
    its labels are mixed at edges."""
    call = module.glRenderbufferStorageMultisample
    if not hasattr(call, "one_sample"):

        def storage(target: Any, _samples: int, *rest: Any) -> None:
            call(target, 0, *rest)

        storage.one_sample = True  # type: ignore[attr-defined]
        module.glRenderbufferStorageMultisample = storage


def shape_mesh(trimesh: Any, kind: int, size: Array, mesh: Any) -> Any:
    """Triangles of a shape in its own frame, as a mesh of the module."""
    if kind == ShapeType.PLANE:
        h = PLANE_HALF
        return trimesh.Trimesh([[-h, -h, 0], [h, -h, 0], [h, h, 0], [-h, h, 0]], [[0, 1, 2], [0, 2, 3]], process=False)
    if kind == ShapeType.BOX:
        return trimesh.creation.box(2 * size)
    if kind == ShapeType.CAPSULE:
        made = trimesh.creation.capsule(2 * size[1], size[0], count=[AROUND, AROUND])
        return made.apply_translation(-made.bounds.mean(axis=0))
    if kind == ShapeType.CYLINDER:
        return trimesh.creation.cylinder(size[0], 2 * size[1], sections=AROUND)
    if kind in (ShapeType.SPHERE, ShapeType.ELLIPSOID):
        ball = trimesh.creation.icosphere(5)
        return ball.apply_scale(np.full(3, size[0]) if kind == ShapeType.SPHERE else size)
    return trimesh.Trimesh(mesh.vertices * size, mesh.faces, process=False)


class Rasterizer:
    """Pictures of one compiled scene. Raises BackendError where there is neither the extra nor a driver."""

    def __init__(self, compiled: CompiledScene):
        self.compiled = compiled
        self._gl, self._trimesh = _modules()
        self._shapes: dict[tuple[Any, ...], Any] = {}
        self._canvas: dict[tuple[int, int], Any] = {}

    def render(
        self,
        poses: Mapping[str, Array],
        view: int,
        outputs: Sequence[str],
        envs: Sequence[int],
        looks: Sequence[ParticleCloud | SurfaceMesh] = (),
    ) -> dict[str, Array]:
        """Pictures of camera `view`: name -> (len(envs), height, width, ...). poses: body_position_W (E, B, 3) and
        body_rotation_W (E, B, 4)."""
        unknown = [name for name in outputs if name not in OUTPUTS]
        if unknown:
            raise StateError(
                "render(outputs)", f"OpenGL does not make {unknown[0]!r}", f"it makes {', '.join(OUTPUTS)}",
                "leave the renderer out",
            )  # fmt: skip
        frame = self.compiled.cameras[view]
        made: dict[str, Array] = {
            n: np.empty((len(envs), frame.height, frame.width, *OUTPUTS[n][1]), OUTPUTS[n][0]) for n in outputs
        }
        canvas = self._opened(frame.width, frame.height)
        for row, env in enumerate(envs):
            scene, segments = self._scene(poses, view, env, looks)
            flags, seen = self._gl.RenderFlags, {}
            if "segmentation" in outputs:
                colors, _ = canvas.render(scene, flags.SEG, {n: (s % 256, s // 256, 1) for n, s in segments.items()})
                seen["segmentation"] = colors[..., 0].astype(np.uint16) + 256 * colors[..., 1].astype(np.uint16)
            if "rgb" in outputs:
                seen["rgb"], _ = canvas.render(scene, flags.ALL_SOLID)
            if "depth" in outputs:
                seen["depth"] = self._depth(canvas, scene)
            for name in outputs:
                made[name][row] = seen[name]
        return made

    def _depth(self, canvas: Any, scene: Any) -> Array:
        """Depth of a picture, in two passes: a driver may keep 16 bits of near / depth, so the second begins at what is
        nearest."""
        camera, flags = scene.main_camera_node.camera, self._gl.RenderFlags
        rough = canvas.render(scene, flags.DEPTH_ONLY)
        hit = rough > 0
        if hit.any():
            camera.znear, camera.zfar = 0.8 * float(rough[hit].min()), 2.0 * float(rough[hit].max())
        fine = canvas.render(scene, flags.DEPTH_ONLY)
        camera.znear, camera.zfar = NEAR, FAR
        return np.where(fine > 0, fine, np.inf)

    def _opened(self, width: int, height: int) -> Any:
        """An offscreen canvas, kept for the next picture."""
        if (width, height) not in self._canvas:
            try:
                self._canvas[width, height] = self._gl.OffscreenRenderer(width, height)
            except Exception as error:  # noqa: BLE001  (drivers fail in their own ways)
                raise BackendError(
                    "Rasterizer", f"OpenGL does not start ({type(error).__name__}: {error})", "a driver with EGL, or a display",
                    "install Mesa, or leave the renderer out",
                ) from error  # fmt: skip
        return self._canvas[width, height]

    def _numbers(self, name: str, env: int) -> Array:
        values = self.compiled.reals[name]
        return values[env % len(values)]

    def _scene(self, poses: Mapping[str, Array], view: int, env: int, looks: Sequence[Any]) -> tuple[Any, dict[Any, int]]:
        """The scene of one environment, and the segment of every node."""
        gl, ints = self._gl, self.compiled.ints
        sky = 0.5 * (self._numbers("sky_zenith", env) + self._numbers("sky_horizon", env))
        scene = gl.Scene(bg_color=[*np.clip(sky, 0, 1), 0.0], ambient_light=0.5 * np.clip(sky, 0, 1))
        position, rotation = poses["body_position_W"][env], poses["body_rotation_W"][env]
        segments: dict[Any, int] = {}
        for k, body in enumerate(ints["shape_body"]):
            if not ints.get("shape_hidden", np.zeros(k + 1))[k]:
                p = position[body] + rotate(rotation[body], self._numbers("shape_position", env)[k])
                q = multiply(rotation[body], self._numbers("shape_rotation", env)[k])
                segments[scene.add(self._shape(k, env), pose=_pose(p, q))] = int(ints["shape_segment"][k])
        for look in looks:
            segments[scene.add(self._look(look, env))] = look.segment
        scene.add(self._camera(view, env), pose=self._eye(position, rotation, view, env))
        sun = self._numbers("sun_direction", env)
        color = self._numbers("sun_color", env)
        light = gl.DirectionalLight(color / max(color.max(), 1e-9), float(color.max()))
        scene.add(light, pose=_pose(sun, from_z_axis(sun / np.linalg.norm(sun))))
        return scene, segments

    def _shape(self, k: int, env: int) -> Any:
        """The drawn mesh of a shape, made once for each size and colour."""
        size, color = self._numbers("shape_size", env)[k], self._numbers("shape_color", env)[k]
        kind, number = int(self.compiled.ints["shape_type"][k]), int(self.compiled.ints["shape_mesh"][k])
        key = (kind, number, *size, *color)
        if key not in self._shapes:
            made = shape_mesh(self._trimesh, kind, size, self.compiled.meshes[number] if number >= 0 else None)
            self._shapes[key] = self._gl.Mesh.from_trimesh(made, self._material(color), smooth=False)
        return self._shapes[key]

    def _look(self, look: ParticleCloud | SurfaceMesh, env: int) -> Any:
        """Balls or triangles of a continuum."""
        if isinstance(look, SurfaceMesh):
            faces = look.faces[np.isfinite(look.vertices[env]).all(axis=1)[look.faces].all(axis=1)]
            made = self._trimesh.Trimesh(np.nan_to_num(look.vertices[env]), faces, process=False)
            return self._gl.Mesh.from_trimesh(made, self._material(color_in(look, env)), smooth=False)
        place = look.position[env][np.isfinite(look.position[env]).all(axis=1)]
        poses = np.tile(np.eye(4), (len(place), 1, 1))
        poses[:, :3, 3] = place
        ball = self._trimesh.creation.icosphere(2, look.radius)
        return self._gl.Mesh.from_trimesh(ball, self._material(color_in(look, env)), poses=poses, smooth=False)

    def _material(self, color: Any) -> Any:
        return self._gl.MetallicRoughnessMaterial(
            baseColorFactor=[*np.clip(color, 0, 1), 1.0], metallicFactor=0.0, roughnessFactor=0.8, doubleSided=True
        )

    def _camera(self, view: int, env: int) -> Any:
        """Intrinsics in pixels; see `engine.renderers.lens`. Raises StateError for a fisheye."""
        frame, lens = self.compiled.cameras[view], np.zeros(8)
        if "camera_lens" in self.compiled.reals:
            lens = self._numbers("camera_lens", env)[view]
        if lens[0] > 0:
            what = f"camera {frame.name!r} is a fisheye"
            raise StateError("render(renderer)", what, "OpenGL has pinholes", "leave the renderer out")
        fy = 0.5 * frame.height / np.tan(0.5 * self._numbers("camera_fov", env)[view])
        cx, cy = 0.5 * frame.width + lens[2], 0.5 * frame.height + lens[3]
        return self._gl.IntrinsicsCamera(fy * (1.0 + lens[1]), fy, cx, cy, znear=NEAR, zfar=FAR)

    def _eye(self, position: Array, rotation: Array, view: int, env: int) -> Array:
        """Pose of the camera in W."""
        body = int(self.compiled.ints["camera_body"][view])
        p = position[body] + rotate(rotation[body], self._numbers("camera_position", env)[view])
        return _pose(p, multiply(rotation[body], self._numbers("camera_rotation", env)[view]))


def _pose(p: Array, q: Array) -> Array:
    """Matrix (4, 4) of a position and a quaternion."""
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = matrix(np.asarray(q, float)), p
    return pose
