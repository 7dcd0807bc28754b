"""Particles and deforming surfaces in pictures: a tree per environment, made anew for every picture, behind the trees of the
model's meshes in the same arrays.

What a continuum hands over (`engine.continua`) becomes an instance like a shape, with an identity map: balls, the triangles of
a surface, or the triangles of a liquid's surface (`liquid`). Trees are complete binary trees over the Morton order
(`engine.geometry.balanced`). Rows of the picture table and trees go together: row r of continuum c has the header
`first + (r continua + c) MESH_HEADER`. Parts that are not finite are left out. With `other` positions each part also carries
its motion, from which optical flow is made. Limits: one colour per continuum; roughness ROUGHNESS.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.compiler import ti
from engine.continua import ParticleCloud, SurfaceMesh
from engine.geometry.balanced import BalancedTree, balanced_tree, morton_order
from engine.geometry.bvh import unit_rows
from engine.model import host_view
from engine.renderers.images import corner_coordinates
from engine.renderers.liquid import liquid_surface
from engine.renderers.meshes import NODE_REALS
from engine.renderers.table import MESH, MESH_HEADER, NOWHERE, SHAPE, SHAPE_WIDTH, TOP
from engine.renderers.top import ROW_INTS

ROUGHNESS, LIQUID_ROUGHNESS = 0.6, 0.12
LIQUID_CLEAR, WATER = 0.9, 1.333  # transmission and index of refraction, for path tracing
BOX_SLACK = 2e-6


@dataclass(frozen=True)
class Parts:
    """Balls (centre and radius, (n, 4)) or triangles (corners (n, 3, 3) with normals at the corners) of one continuum in one
    environment; motion (n, 9): how far the centre, or each corner, moves to the other frame, or None; coordinates
    (n, UV_REALS) and image (3,): number + 1, copies right and up, of the image that triangles wear, or None.
    """

    balls: np.ndarray | None = None
    corners: np.ndarray | None = None
    normals: np.ndarray | None = None
    motion: np.ndarray | None = None
    coordinates: np.ndarray | None = None
    image: np.ndarray | None = None


def cloud_parts(cloud: ParticleCloud, position: np.ndarray, other: np.ndarray | None) -> Parts:
    """Balls of the particles at `position` (n, 3)."""
    alive = np.isfinite(position).all(axis=1)
    centre = position[alive]
    balls = np.concatenate([centre, np.full((len(centre), 1), cloud.radius, np.float32)], axis=1)
    motion = None
    if other is not None:
        motion = np.zeros((len(centre), 9), np.float32)
        motion[:, :3] = np.nan_to_num(other[alive] - centre)
    return Parts(balls=balls, motion=motion)


def surface_parts(surface: SurfaceMesh, env: int, vertices: np.ndarray, other: np.ndarray | None) -> Parts:
    """Triangles of a surface at `vertices` (n, 3), with the mean normals of its vertices, weighted with area."""
    faces = np.asarray(surface.faces)
    whole = np.isfinite(vertices).all(axis=1)[faces].all(axis=1)
    faces = faces[whole]
    corners = vertices[faces].astype(float)
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    at = faces.T.reshape(-1)
    normals = np.stack([np.bincount(at, np.tile(flat[:, k], 3), len(vertices)) for k in range(3)], axis=1)
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-300)
    motion = None if other is None else (other - vertices)[faces].reshape(-1, 9)
    coordinates, image = None, None
    if surface.worn is not None and surface.worn.choice[env, 0]:
        coordinates, image = corner_coordinates(surface.worn.coordinates[whole], corners), surface.worn.choice[env]
    return Parts(None, corners, normals[faces], motion, coordinates, image)


def liquid_parts(cloud: ParticleCloud, position: np.ndarray, other: np.ndarray | None) -> Parts:
    """Triangles of the smooth surface around the particles at `position` (n, 3)."""
    alive = np.isfinite(position).all(axis=1)
    moved = None if other is None else np.nan_to_num(other[alive] - position[alive])
    vertices, faces, normals, motion = liquid_surface(position[alive], cloud.radius, moved)
    return Parts(None, vertices[faces].astype(float), normals[faces], None if motion is None else motion[faces].reshape(-1, 9))


def planted(parts: Parts) -> tuple[BalancedTree, list[np.ndarray]]:
    """The tree over the parts and the blocks of reals behind its nodes: leaves, corner normals, motion, image coordinates."""
    if parts.balls is not None:
        order = morton_order(parts.balls[:, :3])
        chosen = parts.balls[order]
        tree = balanced_tree(chosen[:, :3], chosen[:, :3], order, float(chosen[:, 3].max(initial=0.0)))
        blocks = [chosen, np.zeros(0, np.float32)]
    else:
        corners, normals = parts.corners, parts.normals
        assert corners is not None and normals is not None
        area = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        longest = np.abs(corners - corners[:, :1]).max(axis=(1, 2), initial=0.0)
        kept = np.flatnonzero((area**2).sum(axis=1) > 1e-24 * longest**4)
        order = kept[morton_order(corners[kept].mean(axis=1))]
        chosen = corners[order]
        tree = balanced_tree(chosen.min(axis=1), chosen.max(axis=1), order)
        blocks = [unit_rows(chosen), normals[order]]
    for values in (parts.motion, parts.coordinates):
        blocks.append(np.zeros(0, np.float32) if values is None else values[order])
    return tree, blocks


class Matter:
    """The arrays that hold the trees of the model's meshes and, behind them, those of the continua."""

    def __init__(self, reals: np.ndarray, ints: np.ndarray, num_shapes: int, on_gpu: bool):
        """Upload the trees of the model's meshes, as `meshes.pack_meshes` made them."""
        self._reals, self._ints, self._num_shapes, self._on_gpu = reals, ints, num_shapes, on_gpu
        self._bare_rows = 0  # for how many rows there is room behind the meshes alone
        self.mesh_real, self.mesh_int = uploaded(reals, ti.f32), uploaded(ints, ti.i32)

    def place(self, looks: Sequence[ParticleCloud | SurfaceMesh], rows: Sequence[Sequence[Parts]]) -> np.ndarray:
        """Put the trees of every row (an environment) and continuum behind those of the meshes, and room for the trees over
        instances behind them; returns the instances (rows, continua, SHAPE_WIDTH) for the picture table."""
        if not looks and len(rows) <= self._bare_rows:
            return np.zeros((len(rows), 0, SHAPE_WIDTH), np.float32)
        head = np.zeros(len(rows) * len(looks) * MESH_HEADER, np.int64)
        first = len(self._ints)
        reals: list[np.ndarray] = []
        ints: list[np.ndarray] = []
        next_real, next_int = len(self._reals), first + len(head)
        instances = np.zeros((len(rows), len(looks), SHAPE_WIDTH), np.float32)
        for r, row in enumerate(rows):
            for c, parts in enumerate(row):
                tree, blocks = planted(parts)
                sizes = [tree.boxes.size // 12 * 16, *(block.size for block in blocks)]
                starts = next_real + np.cumsum([0, *sizes])
                at = (r * len(looks) + c) * MESH_HEADER
                extra = (start if block.size else -1 for start, block in zip(starts[3:5], blocks[2:], strict=True))
                head[at : at + MESH_HEADER] = next_int, *starts[:3], int(parts.balls is not None), *extra, 0
                reals += [balanced_reals(tree), *(block.reshape(-1) for block in blocks)]
                ints.append(np.stack([tree.child, tree.count], axis=2).reshape(-1))
                next_real, next_int = int(starts[-1]), next_int + ints[-1].size
                instances[r, c] = instance(looks[c], tree, parts.image)
        count = len(rows) * (self._num_shapes + len(looks))
        reals.append(np.zeros(NODE_REALS * count))
        ints.append(np.zeros(ROW_INTS * count + len(rows), np.int32))
        self._write(reals, [head, *ints], (len(looks), first), (next_int, next_real))
        self._bare_rows = 0 if looks else len(rows)
        return instances

    def _write(
        self, reals: list[np.ndarray], ints: list[np.ndarray], counts: tuple[int, int], tops: tuple[int, int]
    ) -> None:  # fmt: skip
        """Store the blocks behind the meshes; arrays grow by half when they are too small."""
        tail_real = np.concatenate([np.zeros(0, np.float32), *reals], dtype=np.float32, casting="same_kind")
        tail_int = np.concatenate(ints, dtype=np.int32, casting="same_kind")
        size_real, size_int = len(self._reals) + len(tail_real), len(self._ints) + len(tail_int)
        if size_real > self.mesh_real.shape[0] or self._on_gpu:
            self.mesh_real = uploaded(np.resize(self._reals, size_real + size_real // 2), ti.f32)
        if size_int > self.mesh_int.shape[0] or self._on_gpu:
            self.mesh_int = uploaded(np.resize(self._ints, size_int + size_int // 2), ti.i32)
        self._ints[:2], self._ints[TOP : TOP + 2] = counts, tops
        for array, head, tail in ((self.mesh_real, self._reals, tail_real), (self.mesh_int, self._ints, tail_int)):
            if self._on_gpu:
                values = np.zeros(array.shape[0], head.dtype)
                values[: len(head)], values[len(head) : len(head) + len(tail)] = head, tail
                array.from_numpy(values)
            else:
                host_view(array, array.shape, head.dtype.type)[len(head) : len(head) + len(tail)] = tail
        if not self._on_gpu:
            host_view(self.mesh_int, self.mesh_int.shape, np.int32)[: TOP + 2] = self._ints[: TOP + 2]


def balanced_reals(tree: BalancedTree) -> np.ndarray:
    """The nodes as reals: two boxes, then the vector from the first child's centre to the second's, of 16 each."""
    reals = np.zeros((len(tree.boxes), NODE_REALS), np.float32)
    reals[:, :12] = tree.boxes.reshape(-1, 12)
    reals[:, 12:15] = reals[:, 6:9] - reals[:, 0:3] + (reals[:, 9:12] - reals[:, 3:6])
    return reals.reshape(-1)


def instance(look: ParticleCloud | SurfaceMesh, tree: BalancedTree, image: np.ndarray | None = None) -> np.ndarray:
    """The numbers of `table.SHAPE` for a continuum whose frame is W."""
    values = np.zeros(SHAPE_WIDTH, np.float32)
    values[[SHAPE.map, SHAPE.map + 4, SHAPE.map + 8]] = 1.0
    values[SHAPE.size : SHAPE.size + 3] = 1.0
    lower, upper = np.asarray(tree.lower, float), np.asarray(tree.upper, float)
    if (lower > upper).any():
        lower = upper = np.full(3, NOWHERE)
    slack = BOX_SLACK * (1.0 + np.abs(lower) + np.abs(upper))
    values[SHAPE.low : SHAPE.low + 3], values[SHAPE.high : SHAPE.high + 3] = lower - slack, upper + slack
    values[SHAPE.color : SHAPE.color + 3] = look.color
    smooth = isinstance(look, ParticleCloud) and look.smooth
    values[SHAPE.roughness] = LIQUID_ROUGHNESS if smooth else ROUGHNESS
    values[SHAPE.transmission], values[SHAPE.ior] = LIQUID_CLEAR if smooth else 0.0, WATER
    values[SHAPE.segment] = look.segment
    if image is not None:  # number, mapping by coordinates, copies; see `engine.scene.textures`
        values[SHAPE.texture], values[SHAPE.texture + 2 : SHAPE.texture + 4] = image[0], image[1:]
        values[SHAPE.texture + 7 : SHAPE.texture + 10] = 1.0
    return values


def uploaded(values: np.ndarray, dtype) -> ti.Ndarray:
    """A device array with these values."""
    array = ti.ndarray(dtype, values.shape)
    array.from_numpy(values)
    return array


def parts_of(look: ParticleCloud | SurfaceMesh, env: int, previous: bool = False, moving: bool = False) -> Parts:
    """What a continuum shows in one environment, in the present frame or in the marked one; `moving` adds the motion to the
    other of the two."""
    now = look.position if isinstance(look, ParticleCloud) else look.vertices
    before = now if look.previous is None else look.previous
    here, there = (before, now) if previous else (now, before)
    other = there[env] if moving else None
    if isinstance(look, SurfaceMesh):
        return surface_parts(look, env, here[env], other)
    return (liquid_parts if look.smooth else cloud_parts)(look, here[env], other)


__all__ = ["MESH", "Matter", "Parts", "parts_of"]
