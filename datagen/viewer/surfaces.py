"""The shapes of a simulation as triangles and colours for a page."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import trimesh

import engine

PLANE_HALF = 10.0  # m; what is drawn of an endless plane
Type = engine.ShapeType


@dataclass(frozen=True)
class Drawn:
    """A shape: its body, vertices (n, 3) [m] and faces (m, 3) in the body's frame, sRGB colour."""

    name: str
    body: int
    vertices: np.ndarray
    faces: np.ndarray
    color: tuple[int, int, int]


def drawn_shapes(sim: Any) -> list[Drawn]:
    """Every visible shape of the first environment."""
    ints, reals = sim.compiled.ints, sim.compiled.reals
    found = []
    for shape, body in enumerate(ints["shape_body"]):
        if int(np.broadcast_to(ints.get("shape_hidden", 0), ints["shape_body"].shape)[shape]):
            continue
        vertices, faces = triangles(sim, shape)
        turn = rotation_matrix(reals["shape_rotation"][0, shape])
        placed = vertices @ turn.T + reals["shape_position"][0, shape]
        color = srgb(reals["shape_color"][0, shape])
        found.append(Drawn(sim.names.shape[shape], int(body), placed.astype(np.float32), faces.astype(np.uint32), color))
    return found


def triangles(sim: Any, shape: int) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and faces of a shape in its own frame."""
    kind, (a, b, c) = Type(sim.compiled.ints["shape_type"][shape]), sim.compiled.reals["shape_size"][0, shape]
    if kind >= Type.MESH:
        mesh = sim.compiled.meshes[sim.compiled.ints["shape_mesh"][shape]]
        return np.asarray(mesh.vertices) * (a, b, c), np.asarray(mesh.faces)
    if kind == Type.PLANE:
        s = PLANE_HALF
        return np.array([[-s, -s, 0], [s, -s, 0], [s, s, 0], [-s, s, 0]]), np.array([[0, 1, 2], [0, 2, 3]])
    if kind == Type.BOX:
        made = trimesh.creation.box(extents=(2 * a, 2 * b, 2 * c))
    elif kind == Type.CYLINDER:
        made = trimesh.creation.cylinder(radius=a, height=2 * b, sections=32)
    elif kind == Type.CAPSULE:
        made = trimesh.creation.capsule(radius=a, height=2 * b, count=(16, 24))
        made.apply_translation(-made.bounds.mean(axis=0))
    else:
        made = trimesh.creation.icosphere(subdivisions=3, radius=1.0)
        made.apply_scale((a, a, a) if kind == Type.SPHERE else (a, b, c))
    return np.asarray(made.vertices), np.asarray(made.faces)


def rotation_matrix(q: np.ndarray) -> np.ndarray:
    """Rotation matrix of a quaternion wxyz."""
    w, x, y, z = q
    return np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ])  # fmt: skip


def srgb(linear: np.ndarray) -> tuple[int, int, int]:
    """Linear RGB 0..1 as sRGB 0..255."""
    x = np.clip(np.asarray(linear, float), 0.0, 1.0)
    r, g, b = np.rint(255 * np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)).astype(int).tolist()
    return r, g, b
