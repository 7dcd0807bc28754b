"""Colours and the order in memory: vertices of one colour of one object stand in groups of W lanes, with what each meets.

Two vertices of one element never share a colour (greedy, in order of vertices: the same mesh gives the same colours), so that
the vertices of a colour can move at once. Groups are filled in order of the vertices; missing lanes repeat nothing: their
entries have no weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.solvers.deformable import layout as col
from engine.solvers.deformable.elements import Array, Ints, Stencils, cyclic


@dataclass(frozen=True)
class Packed:
    """What the kernels read: `mi` flat integers (groups, entries), `mf` rows of lanes (n, W), `colour_start` (colours + 1,)
    first group of each colour, `slot` (vertices,) place of each vertex.
    """

    mi: NDArray[np.int32]
    mf: Array
    colour_start: NDArray[np.int32]
    slot: Ints
    num_groups: int
    lanes: int


def colour(num_vertices: int, stencils: Sequence[Stencils]) -> Ints:
    """A colour of each vertex such that no element has two vertices of one."""
    neighbours: list[set[int]] = [set() for _ in range(num_vertices)]
    for part in stencils:
        for row in part.vertices.tolist():
            for v in row:
                neighbours[v].update(row)
    chosen = [-1] * num_vertices
    for v in range(num_vertices):
        taken = {chosen[u] for u in neighbours[v]}
        c = 0
        while c in taken:
            c += 1
        chosen[v] = c
    return np.array(chosen, int)


def pack(owner: Ints, share: Array, size: Array, stencils: Sequence[Stencils], lanes: int) -> Packed:
    """Lay out vertices with their object `owner` (n,), mass share and size [m], and all stencils."""
    colours = colour(len(owner), stencils)
    slot, object_of, starts = _groups(owner, colours, lanes)
    num_groups = len(object_of)
    mi = np.zeros(num_groups * col.GROUP_INTS, np.int64).reshape(num_groups, -1)
    reals = [np.zeros((2 * num_groups, lanes))]
    for k, values in enumerate((share, size)):
        flat = np.zeros(num_groups * lanes)
        flat[slot] = values
        reals[0][k * num_groups : (k + 1) * num_groups] = flat.reshape(num_groups, lanes)
    mi[:, col.OBJECT] = object_of
    mi[:, col.SHARE], mi[:, col.SIZE] = np.arange(num_groups), num_groups + np.arange(num_groups)
    ints, int_at, real_at = [], mi.size, 2 * num_groups
    for kind in range(4):
        mine = [part for part in stencils if part.kind == kind and len(part.vertices)]
        count, whole, real = _entries(kind, mine, slot, num_groups, lanes)
        first = np.concatenate([[0], np.cumsum(count)[:-1]])
        at = col.ENTRIES + 3 * kind
        mi[:, at] = count
        mi[:, at + 1] = int_at + first * col.OTHERS[kind] * lanes
        mi[:, at + 2] = real_at + first * col.CONSTANTS[kind]
        ints.append(whole)
        reals.append(real)
        int_at += whole.size
        real_at += len(real)
    flat_ints = np.concatenate([mi.ravel(), *ints]).astype(np.int32)
    return Packed(flat_ints, np.concatenate(reals), starts.astype(np.int32), slot, num_groups, lanes)


def _groups(owner: Ints, colours: Ints, lanes: int) -> tuple[Ints, Ints, Ints]:
    """Slot of each vertex, object of each group, first group of each colour."""
    slot = np.zeros(len(owner), int)
    objects: list[int] = []
    starts = [0]
    for c in range(int(colours.max(initial=-1)) + 1):
        for o in np.unique(owner[colours == c]):
            members = np.flatnonzero((colours == c) & (owner == o))
            slot[members] = len(objects) * lanes + np.arange(len(members))
            objects += [int(o)] * (-(-len(members) // lanes))
        starts.append(len(objects))
    return slot, np.array(objects, int), np.array(starts)


def _entries(kind: int, parts: Sequence[Stencils], slot: Ints, num_groups: int, lanes: int) -> tuple[Ints, Ints, Array]:
    """Entries per group, their other vertices and their constants."""
    others, width = col.OTHERS[kind], col.CONSTANTS[kind]
    if not parts:
        return np.zeros(num_groups, int), np.zeros(0, int), np.zeros((0, lanes))
    vertices = np.concatenate([part.vertices for part in parts])
    constants = np.concatenate([part.constants for part in parts]).reshape(-1, width)
    seen = slot[vertices[:, cyclic(vertices.shape[1])]].reshape(-1, vertices.shape[1])
    order = np.argsort(seen[:, 0], kind="stable")
    seen, constants = seen[order], constants[order]
    own = seen[:, 0]
    begin = np.searchsorted(own, own)
    rank = np.arange(len(own)) - begin
    group, lane = own // lanes, own % lanes
    count = np.zeros(num_groups, int)
    np.maximum.at(count, group, rank + 1)
    entry = np.concatenate([[0], np.cumsum(count)[:-1]])[group] + rank
    total = int(count.sum())
    home = np.repeat(np.arange(num_groups), count)
    ints = np.repeat(home[:, None, None] * lanes + np.arange(lanes), others, axis=1)
    ints[entry, :, lane] = seen[:, 1:]
    reals = np.zeros((total, width, lanes))
    reals[entry, :, lane] = constants
    return count, ints.ravel(), reals.reshape(total * width, lanes)
