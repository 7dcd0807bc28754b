"""Where the particles of a scene's matter start: a lattice in each region, or in the hollow of a container.

Boxes take a whole number of particles along each edge, other regions the lattice points inside; either way the particles
share the volume of the region exactly, so mass is exact before carving. What lies inside a rigid shape is carved out. A
hollow is what cannot flow away: lattice points below the level that no path at or below the level joins to the outside of
the container's bounding box.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError
from engine.geometry import primitives, signed
from engine.geometry import rotation as rot
from engine.geometry.hull import convex_hull
from engine.geometry.mesh import scaled_mass
from engine.scene.builder import Scene
from engine.scene.description import Shape, Surface
from engine.scene.matter import Matter
from engine.scene.poses import body_poses
from engine.types import ShapeType

Array = NDArray[np.float64]
TARGET = 20_000  # particles of a scene that names no cell size
MOST = 20_000_000
FINEST = 0.02  # of the spacing: how far regions may overlap


@dataclass(frozen=True)
class Fill:
    """Particles of one matter: position (n, 3) [m] and velocity (n, 3) [m/s] in W, volume [m^3] of each."""

    position: Array
    velocity: Array
    volume: float


@dataclass(frozen=True)
class Placed:
    """A shape in the world."""

    shape: Shape
    body: int
    position: Array
    turn: Array

    def distance(self, points: Array) -> Array:
        """Signed distances of points in W."""
        local = rot.rotate(rot.conjugate(self.turn), points - self.position)
        return shape_distance(self.shape, local)

    def corners(self) -> Array:
        """Points (n, 3) in W whose bounding box holds the shape; none for planes."""
        size = np.array(self.shape.stored_size(), float)
        if self.shape.kind == ShapeType.PLANE:
            return np.zeros((0, 3))
        if isinstance(self.shape, Surface) and self.shape.data is not None:
            local = self.shape.data.vertices * size
        else:
            reach = {ShapeType.SPHERE: size[[0, 0, 0]], ShapeType.CAPSULE: np.array([size[0], size[0], size[0] + size[1]]),
                     ShapeType.CYLINDER: size[[0, 0, 1]]}.get(self.shape.kind, size)  # fmt: skip
            local = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * reach
        return self.position + rot.rotate(self.turn, local)


def shape_distance(shape: Shape, local: Array) -> Array:
    """Signed distances of points in the frame of a shape."""
    data = shape.data if isinstance(shape, Surface) else None
    hull = convex_hull(data) if data is not None and shape.kind == ShapeType.MESH else None
    return signed.distance(shape.kind, np.array(shape.stored_size(), float), local, hull, data.grid if data else None)


def placed_shapes(scene: Scene) -> list[Placed]:
    """Shapes that touch, at the initial coordinates of the joints."""
    places, turns = body_poses(scene)
    return [
        Placed(s, b, places[b] + rot.rotate(turns[b], np.array(s.position)), rot.multiply(turns[b], np.array(s.rotation)))
        for b, s in scene.shapes
        if s.collides
    ]


def region_volume(shape: Shape) -> float:
    """Volume [m^3] of a region."""
    size = np.array(shape.stored_size(), float)
    if isinstance(shape, Surface) and shape.data is not None:
        return float(scaled_mass(shape.data, size)[0])
    return float(primitives.volume(shape.kind, size))


def cell_size(scene: Scene) -> float:
    """The scene's cell [m], or one that gives about TARGET particles."""
    if scene.options.cell_size is not None:
        return scene.options.cell_size
    volume = sum(m.volume or (region_volume(m.region) if m.region is not None else 1e-3) for m in scene.matter)
    return float(2 * (volume / TARGET) ** (1 / 3))


def fill(scene: Scene) -> list[Fill]:
    """Particles of every matter of a scene. Raises SceneError when something does not fit."""
    shapes, cell, found = placed_shapes(scene), cell_size(scene), []
    for matter in scene.matter:
        where, spacing = f"Scene.add_matter({matter.name!r})", matter.spacing or cell / 2
        points, volume = _hollow(where, scene, matter, shapes, spacing) if matter.container else _region(where, matter, spacing)
        keep = np.ones(len(points), bool)
        for s in shapes:
            keep &= s.distance(points) > 0.0
        if not keep.any():
            raise SceneError(
                where, "the region lies inside rigid shapes or holds no particle", "allowed: room for one particle or more",
                "move it, or use a smaller scene.options.cell_size",
            )  # fmt: skip
        points = points[keep]
        arm = points - np.array(matter.position)
        found.append(Fill(points, np.array(matter.velocity) + np.cross(np.array(matter.angular_velocity), arm), volume))
    _require_apart(scene, found)
    return found


def particle_counts(scene: Scene) -> tuple[int, ...]:
    """How many particles each matter of a scene starts with. Raises SceneError as `Simulation` would."""
    return tuple(len(one.position) for one in fill(scene)) if scene.matter else ()


def _region(where: str, matter: Matter, spacing: float) -> tuple[Array, float]:
    """Lattice points in W and the volume of each."""
    assert matter.region is not None
    size = np.array(matter.region.stored_size(), float)
    place, turn = np.array(matter.position), np.array(matter.rotation)
    if matter.region.kind == ShapeType.BOX:
        count = np.maximum(1, np.rint(2 * size / spacing)).astype(int)
        axes = [(np.arange(n) + 0.5) / n * 2 * h - h for n, h in zip(count, size, strict=True)]
    else:
        corners = Placed(matter.region, 0, np.zeros(3), np.array(rot.IDENTITY)).corners()
        low, high = corners.min(axis=0), corners.max(axis=0)
        count = np.maximum(1, np.ceil((high - low) / spacing)).astype(int)
        axes = [(l + h) / 2 + (np.arange(n) - (n - 1) / 2) * spacing for n, l, h in zip(count, low, high, strict=True)]
    if np.prod(count.astype(float)) > MOST:
        raise SceneError(
            where,
            f"{np.prod(count.astype(float)):.3g} particles",
            f"allowed: up to {MOST}",
            "use a larger scene.options.cell_size",
        )
    x, y, z = np.meshgrid(*axes, indexing="ij")
    local = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    if matter.region.kind != ShapeType.BOX:
        local = local[shape_distance(matter.region, local) < 0]
    volume = region_volume(matter.region) / max(1, len(local))
    inner = rot.rotate(np.array(matter.region.rotation), local) + np.array(matter.region.position)
    return place + rot.rotate(turn, inner), volume


def _hollow(where: str, scene: Scene, matter: Matter, shapes: list[Placed], spacing: float) -> tuple[Array, float]:
    """Lattice points of a container's hollow, lowest first, up to the level or volume."""
    body = scene.find(where, "body", matter.container)
    low, inside = _hollow_grid(where, matter.container, [s for s in shapes if s.body == body], spacing)
    points = low + spacing * np.argwhere(inside)
    points = points[np.argsort(points[:, 2], kind="stable")]
    capacity = len(points) * spacing**3
    if matter.level is not None:
        points = points[points[:, 2] <= matter.level]
        return points, spacing**3
    assert matter.volume is not None
    if matter.volume > capacity * 1.02:
        raise SceneError(
            where, f"{matter.volume:.4g} m^3 do not fit into {matter.container!r}", f"it holds about {capacity:.4g} m^3",
            "use less or a larger container",
        )  # fmt: skip
    points = points[: max(1, round(matter.volume / spacing**3))]
    return points, matter.volume / max(1, len(points))


def _hollow_grid(where: str, name: str, own: list[Placed], spacing: float) -> tuple[Array, NDArray[np.bool_]]:
    """Lowest corner of a lattice around a container, and which of its points are in the hollow."""
    corners = np.concatenate([s.corners() for s in own]) if own else np.zeros((0, 3))
    if not len(corners):
        raise SceneError(where, f"body {name!r} has no walls", "allowed: a body with shapes", "give it walls")
    low, high = corners.min(axis=0) - spacing, corners.max(axis=0) + spacing
    count = np.ceil((high - low) / spacing).astype(int) + 1
    x, y, z = np.meshgrid(*(l + spacing * np.arange(n) for l, n in zip(low, count, strict=True)), indexing="ij")
    points = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    away = np.min([s.distance(points) for s in own], axis=0).reshape(count)
    # walls thinner than the lattice still close it: points within half a spacing of a wall join nothing
    return low, _enclosed(away > 0.55 * spacing, away > 0.25 * spacing)


def hollow_of(scene: Scene, body: int, spacing: float):  # noqa: ANN202
    """A function that says which points (n, 3) in the frame of a body are in its hollow, up to the rim; its walls stand as
    built."""
    own = [
        Placed(s, b, np.array(s.position, float), np.array(s.rotation, float))
        for b, s in scene.shapes
        if b == body and s.collides
    ]
    low, inside = _hollow_grid("volume_inside", scene.bodies[body].name, own, spacing)

    def contains(points: Array) -> NDArray[np.bool_]:
        at = np.rint((points - low) / spacing)
        valid = ((at >= 0) & (at < inside.shape)).all(axis=1)
        found = np.zeros(len(points), bool)
        found[valid] = inside[tuple(at[valid].astype(int).T)]
        return found

    return contains


def _enclosed(open_: NDArray[np.bool_], free: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Points that liquid standing at their height would not leave: joined to no outer face by open points at or below them."""
    from scipy.ndimage import binary_dilation, label

    inside = np.zeros(open_.shape, bool)
    for k in range(open_.shape[2]):
        below = open_[:, :, : k + 1]
        parts, _ = label(below)
        edge = np.unique(np.concatenate([
            parts[0].ravel(), parts[-1].ravel(), parts[:, 0].ravel(), parts[:, -1].ravel(), parts[:, :, 0].ravel(),
        ]))  # fmt: skip
        inside[:, :, k] = below[:, :, k] & ~np.isin(parts[:, :, k], edge)
    return binary_dilation(inside) & free & ~(open_ & ~inside)


def _require_apart(scene: Scene, fills: list[Fill]) -> None:
    """Raise when two matters stand in one place."""
    from scipy.spatial import cKDTree

    for k, first in enumerate(fills):
        tree = cKDTree(first.position)
        for other in range(k + 1, len(fills)):
            least = 0.6 * min(first.volume, fills[other].volume) ** (1 / 3)
            near = tree.query(fills[other].position, k=1, distance_upper_bound=least)[0]
            share = float(np.isfinite(near).mean())
            if share > FINEST:
                names = scene.matter[k].name, scene.matter[other].name
                raise SceneError(
                    f"Scene.add_matter({names[1]!r})", f"{share:.0%} of it stands where {names[0]!r} is",
                    "allowed: regions apart from each other", "move one of them",
                )  # fmt: skip
