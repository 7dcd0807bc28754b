"""Cloth, ropes and elastic solids of a scene: what they are made of, their meshes, and what holds them.

A mesh is described by few numbers (`Sheet`, `Line`, or a shape with a resolution), so that a saved scene stays small;
`geometry` makes its vertices. Bending is
measured against a flat sheet and a straight rope, whatever the pose; a sheet given by vertices
has these as its shape and needs coordinates in the plane. Limits: elastic solids are meshed without a library for boxes,
spheres, ellipsoids and cylinders, meshes by pytetwild.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError
from engine.geometry import rotation as rot
from engine.geometry.sack import sewn
from engine.geometry.solids import ball_solid, box_solid, cylinder_solid, quality, skin
from engine.geometry.tetrahedra import mesh_solid
from engine.geometry.texture import Texture
from engine.scene.description import ORIGIN, UPRIGHT, Box, Cylinder, Ellipsoid, Mesh, Quaternion, Shape, Sphere, Vector
from engine.scene.soft_materials import Cloth, Elastic, Rope, SoftMaterial

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
DIAGONALS = ("alternating", "forward", "backward")
MAX_VERTICES = 2_000_000


@dataclass(frozen=True)
class Sheet:
    """A rectangle of full extents `size` (x, y) [m] with vertices about `spacing` [m] apart, centred on the origin in x, y.

    Warp runs along x. diagonals: of DIAGONALS. With vertices (n, 3) and faces (m, 3) it is that pattern instead, whose flat
    shape is `plane` (n, 2) [m], by default the x and y of the vertices.
    """

    size: tuple[float, float] = (1.0, 1.0)
    spacing: float = 0.02
    diagonals: str = "alternating"
    vertices: Sequence[Sequence[float]] | None = field(default=None, repr=False)
    faces: Sequence[Sequence[int]] | None = field(default=None, repr=False)
    plane: Sequence[Sequence[float]] | None = field(default=None, repr=False)

    @classmethod
    def sack(cls, size: tuple[float, float], spacing: float = 0.02) -> "Sheet":
        """Two sheets of width and height `size` [m], sewn together at both sides and at the bottom, and opened: the rim is a
        circle about the origin in the x-y plane, the bottom lies below it along x. Raises SceneError for less than two cells.
        """
        points, faces, plane = sewn(size, spacing)
        return cls(size, spacing, vertices=points.tolist(), faces=faces.tolist(), plane=plane.tolist())

    @property
    def counts(self) -> tuple[int, int]:
        """Vertices along x and y; vertex (i, j) has the number i * counts[1] + j."""
        return tuple(max(1, round(s / self.spacing)) + 1 for s in self.size)  # type: ignore[return-value]


@dataclass(frozen=True)
class Line:
    """A polyline through `points` (n, 3) [m], cut into `segments` equal pieces."""

    points: Sequence[Sequence[float]]
    segments: int = 50


@dataclass(frozen=True)
class Solid:
    """The inside of a shape, in tetrahedra with edges of about `resolution` [m]."""

    shape: Shape
    resolution: float


INTEGRATORS = ("euler", "bdf2")


@dataclass
class DeformableOptions:
    """Numbers of the deformable solver: sweeps over all vertices in a substep of it, substeps of it in one of the rigid bodies,
    integrator "euler" (backward Euler: robust, damps) or "bdf2" (second order, for vibration), air_density [kg/m^3].
    """

    sweeps: int = 12
    substeps: int = 1
    integrator: str = "euler"
    air_density: float = 1.2


@dataclass(frozen=True)
class Attachment:
    """Vertices that keep their place in the frame of `body` (the world without one)."""

    vertices: tuple[int, ...]
    body: str = ""


@dataclass(frozen=True)
class Deformable:
    """One cloth, rope or elastic solid. position [m], rotation (w, x, y, z) and velocity [m/s] in W; radius [m]: distance of
    its vertices from rigid shapes; spacing [m]: distance of its vertices from each other, 0 for none.
    """

    name: str
    material: SoftMaterial
    mesh: Sheet | Line | Solid
    position: Vector = ORIGIN
    rotation: Quaternion = UPRIGHT
    velocity: Vector = ORIGIN
    radius: float = 0.0
    spacing: float = 0.0
    color: Vector = (0.7, 0.2, 0.2)  # sRGB
    attachments: tuple[Attachment, ...] = ()
    texture: Texture | None = None  # multiplies the colour; lies as `deformable_looks` says


@dataclass(frozen=True)
class Geometry:
    """Vertices (n, 3) [m] before posing, surface triangles (m, 3), tetrahedra (k, 4) and, for cloth, the flat shape (n, 2)."""

    points: Array
    faces: Ints
    cells: Ints
    plane: Array | None = None


def geometry(part: Deformable) -> Geometry:
    """The mesh of a deformable in its own frame. Raises SceneError when it cannot be made."""
    none = np.zeros((0, 4), np.int64)
    if isinstance(part.mesh, Sheet):
        return _sheet(part.mesh)
    if isinstance(part.mesh, Line):
        points = _line(part.mesh)
        return Geometry(points, np.zeros((0, 3), np.int64), none)
    points, cells = _solid(part.mesh, f"Scene.add_soft({part.name!r})")
    return Geometry(points, skin(cells), cells)


def posed(part: Deformable, points: Array) -> Array:
    """Vertices in W."""
    return rot.rotate(np.array(part.rotation), points) + np.array(part.position)


def tetrahedron_quality(part: Deformable) -> dict[str, float]:
    """Number of tetrahedra, least and mean radius ratio (1 is regular) of an elastic solid."""
    made = geometry(part)
    ratio = quality(made.points, made.cells)
    return {"tetrahedra": len(made.cells), "least_quality": float(ratio.min()), "mean_quality": float(ratio.mean())}


def _sheet(mesh: Sheet) -> Geometry:
    none = np.zeros((0, 4), np.int64)
    if mesh.vertices is not None:
        points, faces = np.asarray(mesh.vertices, float), np.asarray(mesh.faces, np.int64)
        plane = points[:, :2] if mesh.plane is None else np.asarray(mesh.plane, float)
        return Geometry(points, faces, none, plane)
    nx, ny = mesh.counts
    x, y = (np.linspace(-s / 2, s / 2, n) for s, n in zip(mesh.size, (nx, ny), strict=True))
    plane = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    i, j = (k.ravel() for k in np.meshgrid(np.arange(nx - 1), np.arange(ny - 1), indexing="ij"))
    a, b, c, d = i * ny + j, (i + 1) * ny + j, (i + 1) * ny + j + 1, i * ny + j + 1
    forward = {"alternating": (i + j) % 2 == 0, "forward": i >= 0, "backward": i < 0}[mesh.diagonals]
    first = np.where(forward[:, None], np.stack([a, b, c], 1), np.stack([a, b, d], 1))
    second = np.where(forward[:, None], np.stack([a, c, d], 1), np.stack([b, c, d], 1))
    points = np.concatenate([plane, np.zeros((len(plane), 1))], axis=1)
    return Geometry(points, np.stack([first, second], 1).reshape(-1, 3), none, plane)


def _line(mesh: Line) -> Array:
    corner = np.asarray(mesh.points, float)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(corner, axis=0), axis=1))])
    at = np.linspace(0, along[-1], mesh.segments + 1)
    return np.stack([np.interp(at, along, corner[:, k]) for k in range(3)], axis=1)


def _solid(mesh: Solid, where: str) -> tuple[Array, Ints]:
    shape, h = mesh.shape, mesh.resolution
    if isinstance(shape, Box):
        points, cells = box_solid(tuple(shape.size), h)
    elif isinstance(shape, Sphere):
        points, cells = ball_solid((shape.radius,) * 3, h)
    elif isinstance(shape, Ellipsoid):
        points, cells = ball_solid(tuple(shape.radii), h)
    elif isinstance(shape, Cylinder):
        points, cells = cylinder_solid(shape.radius, shape.height, h)
    elif isinstance(shape, Mesh) and shape.data is not None:
        points, cells = mesh_solid(shape.data, h / float(np.mean(shape.stored_size())), where)
        return points * np.array(shape.stored_size()), cells
    else:
        raise SceneError(
            where,
            f"{type(shape).__name__} cannot be filled",
            "allowed: Box, Sphere, Ellipsoid, Cylinder, Mesh",
            "use one of them",
        )
    return points, cells


__all__ = ["Attachment", "Cloth", "Deformable", "DeformableOptions", "Elastic", "Geometry", "Line", "Rope", "Sheet", "Solid"]
