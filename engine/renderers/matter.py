"""The trees of particles and deforming surfaces in a picture: one per environment, made anew for every picture (`planting`),
behind the trees of the model's meshes in the same arrays.

A continuum becomes an instance like a shape, with an identity map. Rows of the picture table and trees go together: row r of
continuum c has the header `first + (r continua + c) MESH_HEADER`. Behind them is room for the trees over instances (`top`).
Limits: one colour, or one image, per continuum in an environment; roughness ROUGHNESS.
"""

from collections.abc import Sequence

import numpy as np

from engine.compiler import ti
from engine.continua import ParticleCloud, SurfaceMesh
from engine.geometry.balanced import BalancedTree
from engine.model import host_view
from engine.renderers.meshes import NODE_REALS, tree_links
from engine.renderers.planting import Parts, planted
from engine.renderers.table import MESH_HEADER, NOWHERE, SHAPE, SHAPE_WIDTH, TOP
from engine.renderers.top import ROW_INTS

ROUGHNESS, LIQUID_ROUGHNESS = 0.6, 0.12
LIQUID_CLEAR, WATER = 0.9, 1.333  # transmission and index of refraction, for path tracing
BOX_SLACK = 2e-6


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
                ints.append(tree_links(tree.child, tree.count))
                next_real, next_int = int(starts[-1]), next_int + ints[-1].size
                instances[r, c] = instance(looks[c], tree, parts)
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


def instance(look: ParticleCloud | SurfaceMesh, tree: BalancedTree, parts: Parts) -> np.ndarray:
    """The numbers of `table.SHAPE` for what a continuum, whose frame is W, shows in an environment."""
    values = np.zeros(SHAPE_WIDTH, np.float32)
    values[[SHAPE.map, SHAPE.map + 4, SHAPE.map + 8]] = 1.0
    values[SHAPE.size : SHAPE.size + 3] = 1.0
    lower, upper = np.asarray(tree.lower, float), np.asarray(tree.upper, float)
    if (lower > upper).any():
        lower = upper = np.full(3, NOWHERE)
    slack = BOX_SLACK * (1.0 + np.abs(lower) + np.abs(upper))
    values[SHAPE.low : SHAPE.low + 3], values[SHAPE.high : SHAPE.high + 3] = lower - slack, upper + slack
    values[SHAPE.color : SHAPE.color + 3] = parts.color
    smooth = isinstance(look, ParticleCloud) and look.smooth
    values[SHAPE.roughness] = LIQUID_ROUGHNESS if smooth else ROUGHNESS
    values[SHAPE.transmission], values[SHAPE.ior] = LIQUID_CLEAR if smooth else 0.0, WATER
    values[SHAPE.segment] = look.segment
    if parts.image is not None:  # number, mapping by coordinates, copies; see `engine.scene.textures`
        values[SHAPE.texture], values[SHAPE.texture + 2 : SHAPE.texture + 4] = parts.image[0], parts.image[1:]
        values[SHAPE.texture + 7 : SHAPE.texture + 10] = 1.0
    return values


def uploaded(values: np.ndarray, dtype) -> ti.Ndarray:
    """A device array with these values."""
    array = ti.ndarray(dtype, values.shape)
    array.from_numpy(values)
    return array
