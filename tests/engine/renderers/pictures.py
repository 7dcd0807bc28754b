"""Hand-made compiled scenes for the picture tests: bodies with shapes, cameras and light, poses written straight into the
workspace."""

from dataclasses import dataclass, field

import numpy as np

import engine.declarations  # noqa: F401  (declares the arrays)
from engine.arrays import TABLE, Store
from engine.compiled import CameraFrame, CompiledScene, Names, TriangleMesh
from engine.model import Model, build, lanes_first
from engine.renderers.raytracer import RayTracer
from engine.runtime import Runtime
from engine.types import ShapeType

UNIT = (1.0, 0.0, 0.0, 0.0)


def look_at(position, target, up=(0.0, 0.0, 1.0)) -> np.ndarray:
    """Quaternion (w, x, y, z) of a camera at `position` that looks at `target`."""
    back = np.subtract(position, target).astype(float)
    back /= np.linalg.norm(back)
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    return quaternion(np.stack([right, np.cross(back, right), back], axis=1))


def quaternion(matrix: np.ndarray) -> np.ndarray:
    """Quaternion (w, x, y, z) of a rotation matrix, by the eigenvector of Bar-Itzhack (2000)."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    k = (
        np.array(
            [
                [a - e - i, d + b, g + c, h - f],
                [d + b, e - a - i, h + f, c - g],
                [g + c, h + f, i - a - e, d - b],
                [h - f, c - g, d - b, a + e + i],
            ]
        )
        / 3
    )
    x, y, z, w = np.linalg.eigh(k)[1][:, -1]
    return np.array([w, x, y, z])


def matrix(q) -> np.ndarray:
    """Rotation matrix of a unit quaternion."""
    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


@dataclass
class Picture:
    """A scene under construction. Every body carries what `shape` adds to it; body 0 is the world."""

    size: tuple[int, int] = (32, 32)
    sun: tuple[float, float, float] = (0.4, -0.5, 0.77)
    sun_color: tuple[float, float, float] = (2.6, 2.45, 2.2)
    zenith: tuple[float, float, float] = (0.25, 0.42, 0.75)
    horizon: tuple[float, float, float] = (0.75, 0.82, 0.9)
    poses: list = field(default_factory=lambda: [((0.0, 0.0, 0.0), UNIT)])
    shapes: list = field(default_factory=list)
    cameras: list = field(default_factory=list)
    meshes: list = field(default_factory=list)

    def body(self, position=(0.0, 0.0, 0.0), rotation=UNIT) -> int:
        self.poses.append((position, rotation))
        return len(self.poses) - 1

    def shape(self, kind: ShapeType, size, body=0, position=(0.0, 0.0, 0.0), rotation=UNIT, mesh=-1, **material) -> int:
        looks = {"color": (0.6, 0.6, 0.6), "roughness": 0.5, "metallic": 0.0, "pattern": (0.0, 0.0, 0.0, 0.0), **material}
        size = tuple(np.atleast_1d(size)) + (0.0,) * (3 - len(np.atleast_1d(size)))
        self.shapes.append((kind, size, body, position, rotation, mesh, looks))
        return len(self.shapes) - 1

    def mesh(self, vertices, faces, normals=()) -> int:
        self.meshes.append(TriangleMesh(np.asarray(vertices, float), np.asarray(faces), np.asarray(normals, float)))
        return len(self.meshes) - 1

    def camera(self, position, target=None, rotation=UNIT, fov=0.8, body=0) -> int:
        self.cameras.append((position, rotation if target is None else look_at(position, target), fov, body))
        return len(self.cameras) - 1

    def compile(self) -> CompiledScene:
        """The scene with one variant."""
        sizes = {name: 0 for name in TABLE.sizes if name not in ("max_contacts", "num_envs")}
        sizes |= {"num_bodies": len(self.poses), "num_shapes": len(self.shapes), "num_cameras": len(self.cameras)}
        column = lambda rows, index, width: np.array([row[index] for row in rows], float).reshape(1, len(rows), width)  # noqa: E731
        looks = {
            name: np.array([s[6][name] for s in self.shapes], float)[None]
            for name in ("color", "roughness", "metallic", "pattern")
        }
        reals = {f"shape_{name}": value.reshape(1, *TABLE.shape(f"shape_{name}", sizes)) for name, value in looks.items()}
        for name, index, width in (("size", 1, 3), ("position", 3, 3), ("rotation", 4, 4)):
            reals[f"shape_{name}"] = column(self.shapes, index, width)
        reals |= {"camera_position": column(self.cameras, 0, 3), "camera_rotation": column(self.cameras, 1, 4)}
        reals["camera_fov"] = np.array([[c[2] for c in self.cameras]], float)
        light = {"sun_direction": np.array(self.sun) / np.linalg.norm(self.sun), "sun_color": self.sun_color}
        light |= {"sky_zenith": self.zenith, "sky_horizon": self.horizon}
        reals |= {name: np.array(value, float)[None] for name, value in light.items()}
        ints = {
            name: np.array([s[index] for s in self.shapes], int)
            for name, index in (("shape_type", 0), ("shape_body", 2), ("shape_mesh", 5))
        }
        ints |= {"shape_segment": ints["shape_body"], "camera_body": np.array([c[3] for c in self.cameras], int)}
        frames = tuple(CameraFrame(f"camera{k}", *self.size) for k in range(len(self.cameras)))
        return CompiledScene(sizes, ints, reals, {}, Names((), (), ()), frames, tuple(self.meshes))


def variants(scenes) -> CompiledScene:
    """Scenes of equal structure as the variants of one."""
    first = scenes[0]
    reals = {name: np.concatenate([scene.reals[name] for scene in scenes]) for name in first.reals}
    return CompiledScene(first.sizes, first.ints, reals, first.data, first.names, first.cameras, first.meshes)


def pose_arrays(picture: Picture) -> tuple[np.ndarray, np.ndarray]:
    """Body positions (bodies, 3) and rotations (bodies, 4)."""
    return np.array([p for p, _ in picture.poses], float), np.array([q for _, q in picture.poses], float)


def workspace(model: Model, positions: np.ndarray, rotations: np.ndarray):
    """A workspace that holds these body poses (envs or 1, bodies, 3 and 4)."""
    ws, _ = model.workspace()
    values = {"body_position_W": positions, "body_rotation_W": rotations}
    flat = model.placement.pack(Store.RESULT, values, (model.num_envs,))
    packed = lanes_first(model.pad(flat).astype(model.runtime.dtype), model.lanes, model.group_major)
    ws.from_numpy(packed)
    return ws


def stage(runtime: Runtime, picture: Picture, num_envs: int = 1, compiled: CompiledScene | None = None, poses=None):
    """(tracer, workspace) of a picture, with its own poses or the given ones."""
    model = build(compiled or picture.compile(), runtime, num_envs, 1, runtime.backend == "cpu" and runtime.lanes > 1)
    return RayTracer(model), workspace(model, *(poses or pose_arrays(picture)))


def shoot(
    runtime: Runtime, picture: Picture, outputs=("rgb", "depth", "segmentation", "normal"), camera: int = 0
) -> dict[str, np.ndarray]:
    """Pictures of the only environment: output name -> (height, width, ...)."""
    tracer, ws = stage(runtime, picture)
    return {name: image[0] for name, image in tracer.render(ws, camera, outputs).items()}


def pixel_rays(picture: Picture, camera: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Origin (3,), unit directions (height, width, 3) and depth per distance (height, width) of a world camera, in double
    precision."""
    (width, height), (position, rotation, fov, _) = picture.size, picture.cameras[camera]
    pixel = 2 * np.tan(fov / 2) / height
    x = (np.arange(width) + 0.5 - width / 2) * pixel
    y = (height / 2 - np.arange(height) - 0.5) * pixel
    local = np.stack([*np.meshgrid(x, y), -np.ones((height, width))], axis=2)
    along = 1 / np.linalg.norm(local, axis=2)
    return np.array(position, float), local @ matrix(rotation).T * along[:, :, None], along
