"""Triangle meshes on the host: reading files, volume and second moments, smooth-or-sharp normals; each file is read once.

Volume integrals by signed tetrahedra about the origin (Tonon 2004), exact for closed meshes. Normals are shared across edges
flatter than CREASE and split at sharper ones. Limits: a mesh is watertight when each directed edge occurs once and its reverse
once; only then does it have a volume. Of materials the colour image is read (glTF base colour, OBJ map_Kd).
"""

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.compiled import TriangleMesh
from engine.errors import ImportFileError, SceneError
from engine.geometry.grid import Grid
from engine.geometry.texture import Texture, checked_texture

Array = NDArray[np.float64]
FORMATS = (".obj", ".stl", ".ply", ".off", ".glb", ".gltf")
CREASE = np.cos(np.radians(35.0))  # sharper edges keep a visible crease
MAX_TRIANGLES = 5_000_000


@dataclass(frozen=True, eq=False)
class MeshData:
    """One mesh, unscaled, in its own frame.

    vertices (n, 3) [m] and faces (m, 3), counter-clockwise seen from outside. volume [m^3], com (3,) [m] and second (3, 3)
    [m^5], the integral of x x^T over the solid about the origin, are zero when the mesh is not watertight. key identifies the
    content. With a grid it collides as that field, without one as its hull. look: what pictures show instead. coordinates
    (m, 3, 2): of the corners in the image, right and up; texture: the image of the file.
    """

    name: str
    vertices: Array
    faces: NDArray[np.int64]
    key: str
    watertight: bool
    volume: float
    com: Array
    second: Array
    path: str | None = None
    grid: Grid | None = None
    look: "MeshData | None" = None
    coordinates: Array | None = None
    texture: Texture | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MeshData) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)


def from_arrays(
    vertices: ArrayLike, faces: ArrayLike, name: str = "mesh", where: str = "Mesh", path: str | None = None,
    coordinates: ArrayLike | None = None,
) -> MeshData:  # fmt: skip
    """Check and measure a mesh; a solid that is inside out is turned. coordinates (m, 3, 2): of the corners in an image. Raises
    SceneError on empty or broken arrays.
    """
    v, f = _checked(np.asarray(vertices, float), np.asarray(faces), where)
    uv = None if coordinates is None else _checked_coordinates(np.asarray(coordinates, float), len(f), where)
    watertight = _closed(f)
    if not watertight:
        v, f, keep = _merged(v, f)
        uv = None if uv is None else uv[keep]
        watertight = _closed(f)
    volume, com, second = _moments(v, f) if watertight else (0.0, np.zeros(3), np.zeros((3, 3)))
    if volume < 0:
        f, volume, second = np.ascontiguousarray(f[:, ::-1]), -volume, -second
        uv = None if uv is None else np.ascontiguousarray(uv[:, ::-1])
    if watertight and volume <= 1e-12 * float(np.ptp(v, axis=0).max()) ** 3:
        watertight, volume, com, second = False, 0.0, np.zeros(3), np.zeros((3, 3))
    key = hashlib.sha256(v.tobytes() + f.tobytes() + (b"" if uv is None else uv.tobytes())).hexdigest()
    return MeshData(name, v, f, key, watertight, volume, com, second, path, coordinates=uv)


def _checked_coordinates(uv: Array, count: int, where: str) -> Array:
    if uv.shape != (count, 3, 2) or not np.isfinite(uv).all():
        raise SceneError(
            where, f"image coordinates of shape {uv.shape}", f"allowed: finite numbers ({count}, 3, 2)", "give two per corner"
        )
    return np.ascontiguousarray(uv)


def _checked(v: Array, f: NDArray, where: str) -> tuple[Array, NDArray[np.int64]]:
    if v.ndim != 2 or v.shape[1:] != (3,) or f.ndim != 2 or f.shape[1:] != (3,):
        raise SceneError(
            where, f"arrays of shapes {v.shape} and {f.shape}", "allowed: vertices (n, 3), faces (m, 3)", "pass a triangle mesh"
        )
    if len(v) < 3 or len(f) == 0:
        raise SceneError(
            where,
            f"the mesh is empty ({len(v)} vertices, {len(f)} triangles)",
            "allowed: one triangle or more",
            "check the file",
        )
    if len(f) > MAX_TRIANGLES:
        raise SceneError(where, f"{len(f)} triangles", f"allowed: up to {MAX_TRIANGLES}", "simplify the mesh")
    if not np.isfinite(v).all():
        raise SceneError(where, "a vertex is not finite", "allowed: finite coordinates", "repair the mesh")
    if f.min() < 0 or f.max() >= len(v):
        raise SceneError(
            where,
            f"a triangle names vertex {f.max() if f.max() >= len(v) else f.min()}",
            f"allowed: 0 to {len(v) - 1}",
            "repair the mesh",
        )
    return np.ascontiguousarray(v), np.ascontiguousarray(f, dtype=np.int64)


def _merged(v: Array, f: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64], NDArray[np.bool_]]:
    """Join equal vertices (STL stores three per triangle) and drop triangles that collapse; which of them were kept."""
    unique, inverse = np.unique(v.astype(np.float32), axis=0, return_inverse=True)
    first = np.full(len(unique), len(v))
    np.minimum.at(first, inverse.reshape(-1), np.arange(len(v)))
    joined = inverse.reshape(-1)[f]
    keep = (joined[:, 0] != joined[:, 1]) & (joined[:, 1] != joined[:, 2]) & (joined[:, 0] != joined[:, 2])
    return (v[first], joined[keep], keep) if keep.any() else (v, f, ~keep)


def _closed(f: NDArray[np.int64]) -> bool:
    edges = np.concatenate([f[:, [0, 1]], f[:, [1, 2]], f[:, [2, 0]]])
    count = int(f.max()) + 1
    forward, backward = edges[:, 0] * count + edges[:, 1], edges[:, 1] * count + edges[:, 0]
    forward.sort()
    backward.sort()
    return bool((forward[1:] != forward[:-1]).all() and (forward == backward).all())


def _moments(v: Array, f: NDArray[np.int64]) -> tuple[float, Array, Array]:
    shift = v.mean(axis=0)  # about the middle, where the signed tetrahedra cancel least
    a, b, c = (v[f[:, k]] - shift for k in range(3))
    det = np.einsum("ij,ij->i", a, np.cross(b, c))
    volume = float(det.sum() / 6)
    if abs(volume) < 1e-300:
        return 0.0, np.zeros(3), np.zeros((3, 3))
    first = np.einsum("i,ij->j", det, a + b + c) / 24
    s = a + b + c
    outer = sum(np.einsum("i,ij,ik->jk", det, p, p) for p in (a, b, c, s)) / 120
    com = first / volume
    second = outer + np.outer(first, shift) + np.outer(shift, first) + volume * np.outer(shift, shift)
    return volume, com + shift, second


def scaled_mass(data: MeshData, scale: Array) -> tuple[Array, Array, Array]:
    """volume (...), com (..., 3) and inertia about the com per unit mass (..., 3, 3) of the mesh scaled by positive `scale`
    (..., 3).
    """
    volume = data.volume * np.prod(scale, axis=-1)
    com = data.com * scale
    if not data.watertight:
        return volume, com, np.zeros((*scale.shape[:-1], 3, 3))
    central = data.second / data.volume - np.outer(data.com, data.com)
    spread = scale[..., :, None] * central * scale[..., None, :]
    return volume, com, np.trace(spread, axis1=-2, axis2=-1)[..., None, None] * np.eye(3) - spread


def load_mesh(path: str | Path, where: str = "Mesh") -> MeshData:
    """Read a mesh file (obj, stl, ply, off, glb, gltf); the same file is read once. Raises ImportFileError and SceneError."""
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise ImportFileError(
            where, f"{path.name!r} is no known mesh format", f"allowed: {', '.join(FORMATS)}", "convert the file"
        )
    if not path.is_file():
        raise ImportFileError(
            where, f"the mesh file {str(path)!r} does not exist", "allowed: a readable file", "check the path"
        )
    stat = path.stat()
    return _load(str(path.resolve()), stat.st_mtime_ns, stat.st_size, where)


@lru_cache(maxsize=1024)
def _load(path: str, _mtime: int, size: int, where: str) -> MeshData:
    import trimesh  # costs half a second, and most scenes have no mesh file

    if size == 0:
        raise ImportFileError(where, f"the mesh file {path!r} is empty", "allowed: one triangle or more", "check the file")
    try:
        mesh = trimesh.load(path, force="mesh", process=False)
        vertices, faces = np.array(mesh.vertices, float), np.array(mesh.faces)
    except Exception as error:  # noqa: BLE001  (the readers raise anything on broken files)
        raise ImportFileError(
            where, f"cannot read {path!r} ({type(error).__name__}: {error})", "allowed: a valid mesh", "repair the file"
        ) from error
    if len(faces) == 0:
        raise ImportFileError(
            where, f"the mesh file {path!r} holds no triangles", "allowed: one triangle or more", "check the file"
        )
    coordinates, image = _painted(mesh)
    data = from_arrays(vertices, faces, Path(path).stem, f"{where} ({path})", path, coordinates)
    if image is None:
        return data
    texture = checked_texture(f"{where} ({path})", Texture(image, mapping="uv"))
    return replace(data, texture=texture, key=f"{data.key}:{texture.key if texture else ''}")


def _painted(mesh: Any) -> tuple[Array | None, Any]:
    """(coordinates of the corners, colour image) of what trimesh has read."""
    uv = getattr(mesh.visual, "uv", None)
    if uv is None or len(uv) != len(mesh.vertices):
        return None, None
    material = getattr(mesh.visual, "material", None)
    image = getattr(material, "baseColorTexture", None) or getattr(material, "image", None)
    coordinates = np.asarray(uv, float)[np.asarray(mesh.faces)]
    return (coordinates if np.isfinite(coordinates).all() else None), None if image is None else np.asarray(
        image.convert("RGB")
    )


@lru_cache(maxsize=1024)
def render_mesh(data: MeshData) -> TriangleMesh:
    """Triangles with one normal per vertex: vertices on creases are doubled so that flat stays flat and round stays round."""
    if data.look is not None:
        return render_mesh(data.look)
    v, f = data.vertices, data.faces
    if not len(f):
        return TriangleMesh(np.zeros((0, 3)), np.zeros((0, 3), np.int64), np.zeros((0, 3)))
    weighted = np.cross(v[f[:, 1]] - v[f[:, 0]], v[f[:, 2]] - v[f[:, 0]])
    length = np.linalg.norm(weighted, axis=1, keepdims=True)
    flat = weighted / np.where(length > 0, length, 1.0)
    corner_vertex, corner_face = f.reshape(-1), np.repeat(np.arange(len(f)), 3)
    order = np.argsort(corner_vertex, kind="stable")
    starts = np.searchsorted(corner_vertex[order], np.arange(len(v) + 1))
    normals = np.empty((len(corner_vertex), 3))
    counts = np.diff(starts)
    for size in np.unique(counts[counts > 0]):
        group = order[starts[:-1][counts == size][:, None] + np.arange(size)]  # corners (vertices of this valence, size)
        n = flat[corner_face[group]]
        near = np.einsum("vik,vjk->vij", n, n) >= CREASE
        normals[group] = np.einsum("vij,vjk->vik", near.astype(float), weighted[corner_face[group]])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.where(length > 0, normals / np.where(length > 0, length, 1.0), flat[corner_face])
    rows = np.concatenate([corner_vertex[:, None], np.round(normals * 1e4)], axis=1)
    _, first, inverse = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return TriangleMesh(v[corner_vertex[first]], inverse.reshape(-1, 3).astype(np.int64), normals[first], data.coordinates)
