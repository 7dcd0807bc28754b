"""Mesh assets: files (obj, stl, msh and what trimesh reads) or inline vertices, their scale, frame and inertia kind.

MuJoCo measures a mesh in one of four ways: `legacy`, the default, sums the absolute volumes of the tetrahedra between the
triangles and a point inside (it overcounts bodies that are not star-shaped, and needs no closed surface); `exact` the signed
ones of a watertight mesh; `convex` those of the convex hull; `shell` the surface itself. A primitive can be fitted to a mesh by
its equivalent inertia box (or, with the compiler's fitaabb, by its bounding box along the principal axes).
Reference: MuJoCo XML reference, asset/mesh and geom/mesh. Limits: `maxhullvert` is left to our own hull; built-in meshes and
skins are reported as unsupported.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ImportFileError, near_matches
from engine.geometry import rotation as rot
from engine.geometry.hull import convex_triangles
from engine.geometry.mesh import MeshData, from_arrays, load_mesh
from engine.importers.files import inside, read_model
from engine.importers.mjcf.source import Source, scalar, vector3
from engine.importers.xml_tree import Element

Array = NDArray[np.float64]
INERTIAS = ("legacy", "exact", "convex", "shell")
MSH_HEADER = 16  # bytes: counts of vertices, normals, texture coordinates, faces


def mesh_of(source: Source, element: Element, shell: bool = False) -> MeshData:
    """The mesh asset that a geom names, measured as the asset asks (`shell`: as the geom asks). Raises ImportFileError."""
    name = element.attributes.get("mesh")
    if name not in source.meshes:
        near = near_matches(str(name), source.meshes)
        raise ImportFileError(element.where, f"unknown mesh {name!r}", near, "correct the name")
    asset = source.meshes[name]
    kind = "shell" if shell else asset.attributes.get("inertia", "legacy")
    if kind not in INERTIAS:
        raise ImportFileError(asset.where, f"inertia={kind!r}", near_matches(kind, INERTIAS), "correct it")
    key = f"{name}:{kind}"
    if key not in source.mesh_data:
        source.mesh_data[key] = _measured(_geometry(source, asset, name), kind, asset.where)
    return source.mesh_data[key]


def _geometry(source: Source, asset: Element, name: str) -> MeshData:
    """Vertices and triangles with scale and reference frame built in."""
    file = asset.attributes.get("file")
    if file is None:
        data = from_arrays(*_inline(asset), name, asset.where, coordinates=_inline_coordinates(asset))
    else:
        path = inside(source.folder, str(source.meshdir / source.file(file)), asset.where)
        msh = path.suffix.lower() == ".msh"
        if msh:
            vertices, faces, coordinates = _msh(path, asset.where)
            data = from_arrays(vertices, faces, name, asset.where, coordinates=coordinates)
        else:
            data = replace(load_mesh(path, asset.where), texture=None)  # a material names the image, the mesh file does not
    scale = np.array(vector3(asset, "scale", (1.0, 1.0, 1.0)))
    shift, turn = np.array(vector3(asset, "refpos", (0.0, 0.0, 0.0))), np.array(asset.numbers("refquat", 4) or rot.IDENTITY)
    if np.array_equal(scale, (1.0, 1.0, 1.0)) and not shift.any() and not turn[1:].any():
        return replace(data, name=name)
    if np.linalg.norm(turn) < 1e-9 or not scale.all():
        raise ImportFileError(asset.where, "scale or refquat is zero", "allowed: nonzero values", "correct it")
    vertices = rot.rotate(rot.conjugate(turn / np.linalg.norm(turn)), data.vertices - shift) * scale
    order = slice(None, None, -1 if np.prod(scale) < 0 else None)
    coordinates = None if data.coordinates is None else data.coordinates[:, order]
    return from_arrays(vertices, data.faces[:, order], name, asset.where, coordinates=coordinates)


def _inline_coordinates(asset: Element) -> Array | None:
    """texcoord of a mesh asset with faces, one pair per vertex, for the corners of its faces."""
    numbers, faces = asset.numbers("texcoord"), asset.numbers("face")
    if numbers is None or faces is None:
        return None
    corners = np.array(faces).astype(int).reshape(-1, 3)
    if len(numbers) % 2 or corners.max(initial=-1) >= len(numbers) // 2:
        raise ImportFileError(asset.where, f"texcoord has {len(numbers)} numbers", "allowed: two per vertex", "add the others")
    return np.array(numbers).reshape(-1, 2)[corners] * (1.0, -1.0) + (0.0, 1.0)


def _inline(asset: Element) -> tuple[Array, NDArray[np.int64]]:
    """vertex and face of a mesh asset; without face the convex hull of the vertices."""
    numbers = asset.numbers("vertex")
    if not numbers or len(numbers) % 3:
        raise ImportFileError(asset.where, "neither file nor vertex", "allowed: one of the two", "add it")
    vertices = np.array(numbers).reshape(-1, 3)
    if not np.isfinite(vertices).all():
        raise ImportFileError(asset.where, "a vertex is not finite", "allowed: finite coordinates", "correct it")
    text = asset.numbers("face")
    if text is None:
        return convex_triangles(vertices, asset.where)
    if len(text) % 3 or not all(float(v).is_integer() for v in text):
        raise ImportFileError(
            asset.where, f"face has {len(text)} numbers", "allowed: three whole numbers per triangle", "correct it"
        )
    return vertices, np.array(text).astype(int).reshape(-1, 3)


def _msh(path: Path, where: str) -> tuple[Array, NDArray[np.int64], Array | None]:
    """MuJoCo's binary mesh file: four counts, then vertices, normals, texture coordinates (f32) and faces (i32)."""
    content = read_model(path)
    counts = np.frombuffer(content[:MSH_HEADER].ljust(MSH_HEADER, b"\xff"), "<i4")
    sizes = counts.astype(int) * (3, 3, 2, 3)
    if (counts < 0).any() or len(content) != MSH_HEADER + 4 * int(sizes.sum()):
        raise ImportFileError(
            where, f"{path.name!r} is no MuJoCo mesh file", "allowed: header and arrays of its size", "repair it"
        )
    body = content[MSH_HEADER:]
    vertices = np.frombuffer(body[: 4 * sizes[0]], "<f4").reshape(-1, 3).astype(float)
    faces = np.frombuffer(body[4 * int(sizes[:3].sum()) :], "<i4").reshape(-1, 3).astype(int)
    if not len(faces):
        return (*convex_triangles(vertices, where), None)
    place = 4 * int(sizes[:2].sum())
    given = np.frombuffer(body[place : place + 4 * int(sizes[2])], "<f4").reshape(-1, 2).astype(float)
    one_each = len(given) == len(vertices) and 0 <= faces.min() and faces.max() < len(given)
    return vertices, faces, (given * (1.0, -1.0) + (0.0, 1.0))[faces] if one_each else None


def _measured(data: MeshData, kind: str, where: str) -> MeshData:
    """The mesh with volume, centre and second moments of one inertia kind; its key tells kinds apart."""
    if kind == "exact":
        if not data.watertight:
            raise ImportFileError(
                where, "inertia='exact' of a mesh that is not watertight", "allowed: closed meshes", "repair the mesh"
            )
        return data
    if kind == "convex":
        hull = from_arrays(*convex_triangles(data.vertices, where), data.name, where)
        volume, com, second = hull.volume, hull.com, hull.second
    else:
        volume, com, second = (_shell if kind == "shell" else _legacy)(data)
    return replace(data, key=f"{data.key}:{kind}", watertight=volume > 0, volume=volume, com=com, second=second)


def _surface(data: MeshData) -> tuple[Array, Array, Array]:
    """Corners (m, 3, 3), areas (m,) and the area-weighted middle of the surface."""
    corners = data.vertices[data.faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normal, axis=1) / 2
    return corners, area, (area[:, None] * corners.mean(axis=1)).sum(axis=0) / max(float(area.sum()), 1e-300)


def _legacy(data: MeshData) -> tuple[float, Array, Array]:
    """Two passes, as MuJoCo has them: the centre from tetrahedra about the middle of the surface, the rest about it."""
    corners, _, middle = _surface(data)
    relative, sixth = _tetrahedra(corners, middle)
    com = middle + np.einsum("m,mki->i", sixth, relative) / 4 / max(float(sixth.sum()), 1e-300)
    relative, sixth = _tetrahedra(corners, com)
    total, volume = relative.sum(axis=1), float(sixth.sum()) / 6
    outer = np.einsum("m,mki,mkj->ij", sixth, relative, relative) + np.einsum("m,mi,mj->ij", sixth, total, total)
    return volume, com, outer / 120 + volume * np.outer(com, com)


def _tetrahedra(corners: Array, apex: Array) -> tuple[Array, Array]:
    """Corners as seen from the apex, and six times the absolute volumes of the tetrahedra."""
    relative = corners - apex
    return relative, np.abs(np.einsum("mi,mi->m", np.cross(relative[:, 0], relative[:, 1]), relative[:, 2]))


def _shell(data: MeshData) -> tuple[float, Array, Array]:
    corners, area, middle = _surface(data)
    relative = corners - middle
    total = relative.sum(axis=1)
    outer = np.einsum("m,mki,mkj->ij", area, relative, relative) + np.einsum("m,mi,mj->ij", area, total, total)
    volume = float(area.sum())
    return volume, middle, outer / 12 + volume * np.outer(middle, middle)


def fitted(source: Source, element: Element, data: MeshData, kind: str, values: dict[str, Any]) -> list[float]:
    """Sizes of the primitive that stands for a mesh; moves the pose in `values` to where it fits. Raises ImportFileError."""
    if data.volume <= 0:
        raise ImportFileError(element.where, f"mesh {data.name!r} has no volume", "allowed: solid meshes", "repair it")
    spread, axes = np.linalg.eigh(data.second / data.volume - np.outer(data.com, data.com))
    axes = axes * np.sign(np.linalg.det(axes))
    centre, turn = data.com, rot.from_matrix(axes)
    if source.fitaabb:
        seen = (data.vertices - centre) @ axes
        low, high = seen.min(axis=0), seen.max(axis=0)
        centre, size = centre + axes @ ((low + high) / 2), _around(kind, (high - low) / 2)
    else:
        size = _beside(kind, np.sqrt(3 * np.maximum(spread, 0.0)))
    place = np.array(values["position"]) + rot.rotate(values["rotation"], centre)
    values.update(position=tuple(place.tolist()), rotation=tuple(rot.multiply(values["rotation"], turn).tolist()))
    return [float(x) * scalar(element, "fitscale", 1.0) for x in size]


def _beside(kind: str, half: Array) -> list[float]:
    """Sizes of a primitive for the half extents of an inertia box, z the longest."""
    across = float(half[0] + half[1]) / 2
    if kind == "sphere":
        return [float(half.mean())]
    if kind == "capsule":
        return [across, max(0.0, float(half[2]) - across / 2)]
    return [across, float(half[2])] if kind == "cylinder" else half.tolist()


def _around(kind: str, half: Array) -> list[float]:
    """Sizes of a primitive whose bounding box holds a bounding box of these half extents."""
    across = float(max(half[0], half[1]))
    if kind == "sphere":
        return [float(half.max())]
    if kind == "capsule":
        return [across, max(0.0, float(half[2]) - across)]
    return [across, float(half[2])] if kind == "cylinder" else half.tolist()
