"""From what a continuum shows (`engine.continua`) to a tree of balls or triangles with everything that stands on its leaves.

Particles are balls, cloth and skins are triangles, and clouds with `smooth` the triangles of a liquid's surface (`liquid`).
Trees are complete binary trees over the Morton order (`engine.geometry.balanced`). Parts that are not finite are left out. With
`other` positions each part also carries its motion, from which optical flow is made. Arrays are kept by column, because numpy
is several times as fast along memory: 78,000 triangles in 20 ms instead of 62 (one Zen 4 core). Limits: triangles without area
are dropped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.continua import ParticleCloud, SurfaceMesh, color_in
from engine.geometry.balanced import BalancedTree, balanced_tree, morton_order
from engine.renderers.images import corner_coordinates
from engine.renderers.liquid import liquid_surface

NOTHING = np.zeros(0, np.float32)
BLOCK = 8192
THIN = 1e-24  # least squared area of a triangle, in its longest side to the fourth
Columns = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Parts:
    """Balls (centre and radius, (n, 4)), or triangles: vertices (v, 3), faces (f, 3) and normals (v, 3), of one continuum in
    one environment; motion of balls or vertices (n, 3) to the other frame, or None; coordinates (f, 3, 2) and image (3,):
    number + 1, copies right and up, of the image that triangles wear, or None; linear colour (3,).
    """

    balls: np.ndarray | None = None
    vertices: np.ndarray = field(default_factory=lambda: NOTHING)
    faces: np.ndarray = field(default_factory=lambda: NOTHING)
    normals: np.ndarray = field(default_factory=lambda: NOTHING)
    motion: np.ndarray | None = None
    coordinates: np.ndarray | None = None
    image: np.ndarray | None = None
    color: np.ndarray = field(default_factory=lambda: NOTHING)


def cloud_parts(cloud: ParticleCloud, position: np.ndarray, other: np.ndarray | None) -> Parts:
    """Balls of the particles at `position` (n, 3)."""
    alive = finite_rows(position)
    centre = position[alive]
    balls = np.empty((len(centre), 4), np.float32)
    balls[:, :3], balls[:, 3] = centre, cloud.radius
    return Parts(balls, motion=None if other is None else np.nan_to_num(other[alive] - centre))


def finite_rows(position: np.ndarray) -> np.ndarray | slice:
    """Which rows are finite; a slice where all are, which costs one sum."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(position.sum()):
            return slice(None)
    return np.isfinite(position).all(axis=1)


def surface_parts(surface: SurfaceMesh, env: int, vertices: np.ndarray, other: np.ndarray | None) -> Parts:
    """Triangles of a surface at `vertices` (n, 3), with the mean normals of its vertices, weighted with area."""
    faces, whole = np.asarray(surface.faces), slice(None)
    if not np.isfinite(vertices).all():
        whole = np.isfinite(vertices).all(axis=1)[faces].all(axis=1)
    faces = faces[whole]
    a, b, c = corners_of(vertices, faces)
    flat = cross(b - a, c - a)
    at = faces.T.reshape(-1)
    normals = np.stack([np.bincount(at, np.tile(flat[k], 3), len(vertices)) for k in range(3)], axis=1)
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-300)
    coordinates, image = None, None
    if surface.worn is not None and surface.worn.choice[env, 0]:
        coordinates, image = surface.worn.coordinates[whole], surface.worn.choice[env]
    return Parts(None, vertices, faces, normals, None if other is None else other - vertices, coordinates, image)


def liquid_parts(
    cloud: ParticleCloud, position: np.ndarray, other: np.ndarray | None, launch: Mapping[Any, Callable[..., None]]
) -> Parts:
    """Triangles of the smooth surface around the particles at `position` (n, 3)."""
    alive = finite_rows(position)
    moved = None if other is None else np.nan_to_num(other[alive] - position[alive])
    vertices, faces, normals, motion = liquid_surface(position[alive], cloud.radius, moved, launch)
    return Parts(None, vertices, faces, normals, motion)


def corners_of(vertices: np.ndarray, faces: np.ndarray) -> Columns:
    """The three corners of all triangles, each (3, f) in double precision."""
    columns, index = np.ascontiguousarray(vertices.T, float), np.ascontiguousarray(faces.T, np.intp)
    corners = np.empty((3, 3, len(faces)))
    for corner, numbers in zip(corners, index, strict=True):
        for k in range(3):  # into a given array, and clipped, it is four times as fast
            np.take(columns[k], numbers, out=corner[k], mode="clip")
    return corners[0], corners[1], corners[2]


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cross product of columns (3, n)."""
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def planted(parts: Parts) -> tuple[BalancedTree, list[np.ndarray]]:
    """The tree over the parts and the blocks of reals behind its nodes: leaves, corner normals, motion, image coordinates."""
    return planted_triangles(parts) if parts.balls is None else planted_balls(parts.balls, parts.motion)


def planted_balls(balls: np.ndarray, motion: np.ndarray | None) -> tuple[BalancedTree, list[np.ndarray]]:
    """Tree of balls (n, 4)."""
    order = morton_order(balls[:, :3])
    chosen = balls[order]
    tree = balanced_tree(chosen[:, :3], chosen[:, :3], order, float(chosen[:, 3].max(initial=0.0)))
    moved = NOTHING
    if motion is not None:
        moved = np.zeros((len(chosen), 9), np.float32)
        moved[:, :3] = motion[order]
    return tree, [chosen, NOTHING, moved, NOTHING]


def planted_triangles(parts: Parts) -> tuple[BalancedTree, list[np.ndarray]]:
    """Tree of triangles."""
    order = triangle_order(*corners_of(parts.vertices, parts.faces))
    faces = parts.faces[order]
    a, b, c = corners_of(parts.vertices, faces)
    d, e, f = (corner.astype(np.float32) for corner in (a, b, c))  # rounding keeps the order
    low, high = np.minimum(np.minimum(d, e), f), np.maximum(np.maximum(d, e), f)
    tree = balanced_tree(np.ascontiguousarray(low.T), np.ascontiguousarray(high.T), order)
    moved, placed = NOTHING, NOTHING
    if parts.motion is not None:
        moved = parts.motion[faces].reshape(-1, 9)
    if parts.coordinates is not None:
        placed = corner_coordinates(parts.coordinates[order], np.stack([a, b, c]).transpose(2, 0, 1))
    return tree, [unit_columns(a, b, c), np.take(parts.normals, faces, axis=0, mode="clip"), moved, placed]


def triangle_order(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Triangles that have an area, along the Morton curve of their middles."""
    wide = np.empty(a.shape[1], bool)
    for span in blocks_of(a.shape[1]):
        e1, e2 = b[:, span] - a[:, span], c[:, span] - a[:, span]
        longest = np.maximum(np.abs(e1).max(axis=0), np.abs(e2).max(axis=0))
        wide[span] = (cross(e1, e2) ** 2).sum(axis=0) > THIN * longest**4
    middle = (a + b + c) / 3
    if wide.all():
        return morton_order(middle.T)
    kept = np.flatnonzero(wide)
    return kept[morton_order(middle[:, kept].T)]


def unit_columns(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Rows (f, 12) f32 of `engine.geometry.bvh.unit_rows`."""
    rows = np.empty((a.shape[1], 12), np.float32)
    columns = np.empty((12, min(BLOCK, len(rows))), np.float32)
    for span in blocks_of(len(rows)):
        origin, e1, e2 = a[:, span], b[:, span] - a[:, span], c[:, span] - a[:, span]
        normal = cross(e1, e2)
        squared = (normal**2).sum(axis=0)
        here = columns[:, : origin.shape[1]]
        for k, row in enumerate((cross(e2, normal) / squared, cross(normal, e1) / squared, normal / np.sqrt(squared))):
            here[4 * k : 4 * k + 3] = row
            here[4 * k + 3] = -(row[0] * origin[0] + row[1] * origin[1] + row[2] * origin[2])
        rows[span] = here.T
    return rows


def blocks_of(count: int) -> list[slice]:
    """Slices of BLOCK, whose temporary arrays stay in the cache."""
    return [slice(begin, begin + BLOCK) for begin in range(0, count, BLOCK)]


def parts_of(
    look: ParticleCloud | SurfaceMesh, env: int, launch: Mapping[Any, Callable[..., None]], previous: bool = False,
    moving: bool = False,
) -> Parts:  # fmt: skip
    """What a continuum shows in one environment, in the present frame or in the marked one; `moving` adds the motion to the
    other of the two. `launch`: how to call the kernels of `liquid`."""
    now = look.position if isinstance(look, ParticleCloud) else look.vertices
    before = now if look.previous is None else look.previous
    here, there = (before, now) if previous else (now, before)
    other = there[env] if moving else None
    if isinstance(look, SurfaceMesh):
        parts = surface_parts(look, env, here[env], other)
    else:
        parts = liquid_parts(look, here[env], other, launch) if look.smooth else cloud_parts(look, here[env], other)
    return replace(parts, color=color_in(look, env))
