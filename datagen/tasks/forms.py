"""What bodies look like to measures: solids with signed distance, closest points, extents and samples, for many environments
at once.

A body's form is the list of its shapes as the engine compiled them. Points are arrays (envs, times, n, 3) in the frame of a
shape; sizes are broadcast over times and points. Distances of primitives are exact (ellipsoids: outside, by the closest
point); convex hulls of meshes measure to the planes of their faces, which is exact inside and across faces and a lower bound
off edges. The distance of two bodies alternates projections (Cheney and Goldstein 1959), exact in the limit for convex
solids, and looks for depth with points on both surfaces where they overlap. Height fields and distance fields of meshes have
no form here: what needs one is unknown (NaN).
Limits: two overlapping bodies: depth to the spacing of the samples.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.quaternions import conjugate, rotate
from engine.types import ShapeType

TURNS = 40  # alternating projections
LATTICE = 7  # points along an axis inside a solid: 343 in its bounding box
FACE = 5  # points along an edge of a face of the bounding box
CONVEX = (ShapeType.SPHERE, ShapeType.CAPSULE, ShapeType.BOX, ShapeType.CYLINDER, ShapeType.ELLIPSOID)


@dataclass(frozen=True)
class Solid:
    """One shape: size (envs, 3) as the engine stores it, place in its body; of a hull the scaled vertices (envs, n, 3), the
    face normals (envs, f, 3) and offsets (envs, f)."""

    kind: ShapeType
    size: np.ndarray
    position: np.ndarray
    rotation: np.ndarray
    vertices: np.ndarray | None = None
    normals: np.ndarray | None = None
    offsets: np.ndarray | None = None

    def into(self, points: np.ndarray) -> np.ndarray:
        """Points of the body frame (envs, times, n, 3) in the frame of the shape."""
        turned = conjugate(self.rotation)[:, None, None]
        return rotate(turned, points - self.position[:, None, None])

    def out_of(self, points: np.ndarray) -> np.ndarray:
        """Points of the shape frame in the body frame."""
        return self.position[:, None, None] + rotate(self.rotation[:, None, None], points)


def forms_of(simulation: Any, num_envs: int) -> list[list[Solid] | None]:
    """The solids of every body of a simulation, in its order; None for a body with a shape that has no form."""
    ints, reals = simulation.compiled.ints, simulation.compiled.reals

    def per_env(name: str) -> np.ndarray:
        values = reals[name]
        return np.broadcast_to(values, (max(num_envs, len(values)), *values.shape[1:]))[:num_envs]

    size, position, rotation = (per_env(f"shape_{name}") for name in ("size", "position", "rotation"))
    forms: list[list[Solid] | None] = [[] for _ in simulation.names.body]
    for shape, (kind, body) in enumerate(zip(ints["shape_type"], ints["shape_body"], strict=True)):
        held = forms[body]
        place = (size[:, shape], position[:, shape], rotation[:, shape])
        if kind in (ShapeType.HEIGHT_FIELD, ShapeType.FIELD):
            forms[body] = None
        elif held is not None:
            hull = _hull(simulation, int(ints["shape_mesh"][shape]), place[0]) if kind == ShapeType.MESH else {}
            held.append(Solid(ShapeType(kind), *place, **hull))
    return forms


def _hull(simulation: Any, mesh: int, scale: np.ndarray) -> dict[str, np.ndarray]:
    """Scaled vertices and planes of the convex hull of a mesh."""
    ints, data = simulation.compiled.ints, simulation.compiled.data
    start, count = ints["mesh_vertex_start"][mesh], ints["mesh_vertex_count"][mesh]
    vertices = data["hull_vertex"][start : start + count]
    first, faces = ints["mesh_face_start"][mesh], ints["mesh_face_count"][mesh]
    normals = data["face_normal"][first : first + faces]
    corner = np.array([ints["face_loop"][ints["face_loop_start"][first + f]] for f in range(faces)])
    scaled = vertices[None] * scale[:, None]
    turned = normals[None] / scale[:, None]
    turned = turned / np.linalg.norm(turned, axis=-1, keepdims=True)
    return {"vertices": scaled, "normals": turned, "offsets": (turned * scaled[:, corner]).sum(-1)}


# ---- one solid: points (envs, times, n, 3) in its frame


def signed_distance(solid: Solid, points: np.ndarray) -> np.ndarray:
    """Distance to the surface (envs, times, n), negative inside."""
    size = solid.size[:, None, None]
    if solid.kind == ShapeType.PLANE:
        return points[..., 2]
    if solid.kind == ShapeType.SPHERE:
        return np.linalg.norm(points, axis=-1) - size[..., 0]
    if solid.kind == ShapeType.CAPSULE:
        return np.linalg.norm(points - _on_segment(size, points), axis=-1) - size[..., 0]
    if solid.kind == ShapeType.BOX:
        return _outside(np.abs(points) - size)
    if solid.kind == ShapeType.CYLINDER:
        across = np.hypot(points[..., 0], points[..., 1]) - size[..., 0]
        return _outside(np.stack([across, np.abs(points[..., 2]) - size[..., 1]], axis=-1))
    if solid.kind == ShapeType.MESH and solid.normals is not None and solid.offsets is not None:
        return (np.einsum("etni,efi->etnf", points, solid.normals) - solid.offsets[:, None, None]).max(-1)
    inside = (points / size) ** 2
    level = np.sqrt(inside.sum(-1))
    gradient = np.linalg.norm(points / size**2, axis=-1)
    near = level * (level - 1.0) / np.where(gradient > 0.0, gradient, 1.0)
    return np.where(level > 1.0, np.linalg.norm(points - closest(solid, points), axis=-1), np.minimum(near, 0.0))


def _outside(excess: np.ndarray) -> np.ndarray:
    return np.linalg.norm(np.maximum(excess, 0.0), axis=-1) + np.minimum(excess.max(-1), 0.0)


def _on_segment(size: np.ndarray, points: np.ndarray) -> np.ndarray:
    zero = np.zeros(points.shape[:-1])
    return np.stack([zero, zero, np.clip(points[..., 2], -size[..., 1], size[..., 1])], axis=-1)


def skin(solid: Solid) -> np.ndarray:
    """What the core of a solid is inflated by (envs,): the radius of spheres and capsules."""
    round_ones = (ShapeType.SPHERE, ShapeType.CAPSULE)
    return solid.size[:, 0] if solid.kind in round_ones else np.zeros(len(solid.size))


def closest(solid: Solid, points: np.ndarray) -> np.ndarray:
    """The point of the core (the solid without its skin) that is closest to each point; a point inside stays."""
    size = solid.size[:, None, None]
    if solid.kind == ShapeType.SPHERE:
        return np.zeros_like(points)
    if solid.kind == ShapeType.CAPSULE:
        return _on_segment(size, points)
    if solid.kind == ShapeType.BOX:
        return np.clip(points, -size, size)
    if solid.kind == ShapeType.CYLINDER:
        radius = np.hypot(points[..., 0], points[..., 1])
        shrink = np.minimum(1.0, size[..., 0] / np.maximum(radius, 1e-12))
        level = np.clip(points[..., 2], -size[..., 1], size[..., 1])
        return np.stack([points[..., 0] * shrink, points[..., 1] * shrink, level], axis=-1)
    return _on_ellipsoid(size, points)


def _on_ellipsoid(radii: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Newton's method on the multiplier t of sum (r_i p_i / (t + r_i^2))^2 = 1, from the left, where it is convex and
    falling."""
    outside = ((points / radii) ** 2).sum(-1) > 1.0
    t = np.zeros(points.shape[:-1])
    for _ in range(30):
        part = radii * points / (t[..., None] + radii**2)
        value = (part**2).sum(-1) - 1.0
        slope = -2.0 * (part**2 / (t[..., None] + radii**2)).sum(-1)
        t = np.maximum(t - value / np.where(slope < 0.0, slope, -1.0), 0.0)
    return np.where(outside[..., None], radii**2 * points / (t[..., None] + radii**2), points)


def extent(solid: Solid, direction: np.ndarray) -> np.ndarray:
    """How far a solid reaches from its origin along unit directions (envs, times, 3) of its frame; infinite for planes."""
    size = solid.size[:, None]
    size_0, size_1 = size[..., 0], size[..., 1]
    if solid.kind == ShapeType.SPHERE:
        return np.broadcast_to(size_0, direction.shape[:-1])
    if solid.kind == ShapeType.CAPSULE:
        return np.abs(direction[..., 2]) * size_1 + size_0
    if solid.kind == ShapeType.BOX:
        return (np.abs(direction) * size).sum(-1)
    if solid.kind == ShapeType.CYLINDER:
        return np.abs(direction[..., 2]) * size_1 + np.hypot(direction[..., 0], direction[..., 1]) * size_0
    if solid.kind == ShapeType.ELLIPSOID:
        return np.linalg.norm(direction * size, axis=-1)
    if solid.vertices is not None:
        return np.einsum("eti,eni->etn", direction, solid.vertices).max(-1)
    return np.where(direction[..., 2] < 1.0 - 1e-9, np.inf, 0.0)


def surface_points(solid: Solid) -> np.ndarray:
    """Points on the surface (envs, n, 3): the faces of the bounding box, pulled onto the solid."""
    if solid.vertices is not None:
        return solid.vertices
    return _pulled(solid, _box_faces()[None] * _half(solid)[:, None])


def _pulled(solid: Solid, points: np.ndarray) -> np.ndarray:
    """Points outside moved to the closest point of the surface."""
    inner = closest(solid, points[:, None])[:, 0]
    away = points - inner
    length = np.linalg.norm(away, axis=-1, keepdims=True)
    return inner + away * (skin(solid)[:, None, None] / np.maximum(length, 1e-12)) * (length > 0.0)


def _half(solid: Solid) -> np.ndarray:
    """Half extents of the bounding box of a solid (envs, 3)."""
    if solid.vertices is not None:
        return np.abs(solid.vertices).max(1)
    axes = np.broadcast_to(np.eye(3), (len(solid.size), 3, 3))
    return extent(solid, axes)


def _box_faces() -> np.ndarray:
    line = np.linspace(-1.0, 1.0, FACE)
    grid = np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1).reshape(-1, 3)
    return grid[np.abs(grid).max(1) == 1.0]


def volume_points(solid: Solid) -> tuple[np.ndarray, np.ndarray]:
    """Points inside the solid (envs, n, 3) in its frame and the volume that each stands for (envs, n), zero for those
    outside."""
    line = (np.arange(LATTICE) + 0.5) / LATTICE * 2.0 - 1.0
    grid = np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1).reshape(-1, 3)
    half = _half(solid)
    points = grid[None] * half[:, None]
    inside = signed_distance(solid, points[:, None])[:, 0] <= 0.0
    return points, inside * (8.0 * half.prod(-1) / len(grid))[:, None]
