"""Convex hulls of meshes for collision: few vertices, coplanar triangles merged into convex polygons.

Method: Quickhull (Barber, Dobkin, Huhdanpaa 1996, through scipy); a hull with more than MAX_VERTICES vertices is replaced by
the hull of a greedy subset (always the vertex farthest outside of what is chosen), which lies inside the true hull by at most
`Hull.error`. Limits: MAX_VERTICES vertices, MAX_CORNERS corners per face (larger polygons are cut into coplanar pieces); flat
meshes have no hull.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError
from engine.geometry.mesh import MeshData

Array = NDArray[np.float64]
MAX_VERTICES, MAX_CORNERS = 64, 16
COPLANAR = 1e-3  # rad; a real edge of a hull of 64 vertices is far sharper


@dataclass(frozen=True, eq=False)
class Hull:
    """Convex polyhedron: vertices (n, 3) [m], faces as counter-clockwise loops of vertex numbers, outward normals (m, 3).

    error [m]: how far the hull of the mesh reaches out of this one (0 when nothing was decimated).
    """

    vertices: Array
    faces: tuple[tuple[int, ...], ...]
    normals: Array
    error: float


@lru_cache(maxsize=1024)
def convex_hull(data: MeshData) -> Hull:
    """The hull of a mesh, made once per mesh. Raises SceneError when the mesh is flat."""
    from scipy.spatial import ConvexHull, QhullError  # here, since only scenes with meshes pay for it

    try:
        full = ConvexHull(data.vertices)
        points = data.vertices[full.vertices]
        chosen, error = _decimated(points, ConvexHull) if len(points) > MAX_VERTICES else (points, 0.0)
        hull = ConvexHull(chosen)
    except QhullError as failure:
        raise SceneError(
            f"mesh {data.name!r}",
            "all vertices lie in one plane or line",
            "allowed: a mesh with a volume",
            "give it thickness, or use a Box",
        ) from failure
    return _polygons(chosen, hull, error)


def half_width(hull: Hull) -> float:
    """Half the least width of a hull along the normals of its faces [m]; no less than that of a slab that holds it."""
    reach = hull.vertices @ hull.normals.T
    return float((reach.max(axis=0) - reach.min(axis=0)).min() / 2)


@lru_cache(maxsize=1024)
def box_hull(data: MeshData) -> Hull:
    """The bounding box of a mesh: what stands for its hull where nothing can touch it."""
    low, high = data.vertices.min(axis=0), data.vertices.max(axis=0)
    corners = np.array([[(low, high)[i >> a & 1][a] for a in range(3)] for i in range(8)])
    faces = ((0, 4, 6, 2), (1, 3, 7, 5), (0, 1, 5, 4), (2, 6, 7, 3), (0, 2, 3, 1), (4, 5, 7, 6))
    return Hull(corners, faces, np.repeat(np.eye(3), 2, axis=0) * np.tile([[-1.0], [1.0]], (3, 1)), 0.0)


def _decimated(points: Array, hull_of: type) -> tuple[Array, float]:
    extremes = np.concatenate([points.argmin(axis=0), points.argmax(axis=0)])
    chosen = list(dict.fromkeys(int(k) for k in extremes))
    away = np.linalg.norm(points - points.mean(axis=0), axis=1)
    chosen += [int(k) for k in np.argsort(-away, kind="stable") if int(k) not in chosen][: max(0, 8 - len(chosen))]
    error = np.inf
    while len(chosen) <= MAX_VERTICES:
        equations = hull_of(points[chosen]).equations
        outside = (points @ equations[:, :3].T + equations[:, 3]).max(axis=1)
        outside[chosen] = -np.inf
        error = max(0.0, float(outside.max()))
        if error == 0.0 or len(chosen) == MAX_VERTICES:
            break
        chosen.append(int(outside.argmax()))
    return points[sorted(chosen)], error


def _polygons(points: Array, hull, error: float) -> Hull:
    normals = hull.equations[:, :3]
    group = np.arange(len(normals))
    for face in range(len(normals)):
        for other in hull.neighbors[face]:
            if group[other] != group[face] and normals[face] @ normals[other] > np.cos(COPLANAR):
                group[group == group[other]] = group[face]
    loops, outward = [], []
    for g in np.unique(group):
        members = hull.simplices[group == g]
        normal = normals[group == g].mean(axis=0)
        normal /= np.linalg.norm(normal)
        for loop in _pieces(_loop(points, np.unique(members), normal)):
            loops.append(loop)
            outward.append(normal)
    used = np.unique(np.concatenate([np.array(loop) for loop in loops]))
    number = {int(old): new for new, old in enumerate(used)}
    faces = tuple(tuple(number[k] for k in loop) for loop in loops)
    return Hull(points[used], faces, np.array(outward), error)


def _loop(points: Array, corners: NDArray, normal: Array) -> list[int]:
    """Corners sorted counter-clockwise about the outward normal, without those on a straight side."""
    centre = points[corners].mean(axis=0)
    arm = points[corners] - centre
    x = arm[np.argmax(np.linalg.norm(arm, axis=1))]
    y = np.cross(normal, x)
    ring = [int(k) for k in corners[np.argsort(np.arctan2(arm @ y, arm @ x), kind="stable")]]
    kept = [
        k
        for before, k, after in zip(ring[-1:] + ring[:-1], ring, ring[1:] + ring[:1], strict=True)
        if _turns(points, before, k, after, normal)
    ]
    return kept if len(kept) >= 3 else ring


def _turns(points: Array, before: int, at: int, after: int, normal: Array) -> bool:
    a, b = points[at] - points[before], points[after] - points[at]
    return bool(np.cross(a, b) @ normal > 1e-9 * np.linalg.norm(a) * np.linalg.norm(b))


def _pieces(loop: list[int]) -> list[tuple[int, ...]]:
    pieces = []
    while len(loop) > MAX_CORNERS:
        pieces.append(tuple(loop[:MAX_CORNERS]))
        loop = [loop[0], *loop[MAX_CORNERS - 1 :]]
    return [*pieces, tuple(loop)]


def convex_triangles(points: Array, where: str) -> tuple[Array, NDArray[np.int64]]:
    """Vertices and outward triangles of the hull of points (n, 3). Raises SceneError when they lie in one plane."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        hull = ConvexHull(points)
    except (QhullError, ValueError) as failure:
        raise SceneError(
            where, "all points lie in one plane or line", "allowed: points with a volume", "add points"
        ) from failure
    number = np.full(len(points), -1)
    number[hull.vertices] = np.arange(len(hull.vertices))
    a, b, c = (points[hull.simplices[:, k]] for k in range(3))
    flip = np.einsum("ij,ij->i", np.cross(b - a, c - a), hull.equations[:, :3]) < 0
    triangles = number[hull.simplices]
    triangles[flip] = triangles[flip][:, ::-1]
    return points[hull.vertices], triangles
