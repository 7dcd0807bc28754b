"""Bounding volume hierarchy of a triangle mesh, built on the host and traversed by the ray tracer.

Binary tree over triangles, cut by the surface area heuristic (`surface_area`); meshes of more than MOST_BY_AREA are sorted
along a Morton curve instead (Lauterbach et al. 2009): a range splits where the highest differing bit of its codes flips,
equal codes split in the middle. All ranges of one level are split at once by numpy, so 50,000 triangles take well under a
second. Children's boxes are stored in the parent, so that a box is tested before its node is read. Triangles become rows of
an affine map that sends the triangle to the unit triangle (Baldwin and Weber 2016), which needs no cross product per ray.
Limits: triangles without area are dropped, because no ray hits them; trees along the curve trace 4-13 % slower (measured).
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from engine.geometry.balanced import EMPTY, NOTHING
from engine.geometry.surface_area import area_levels

LEAF_SIZE = 4
MORTON_BITS = 10  # per axis
MAX_DEPTH = 62  # a traversal stack of 64 holds any tree that is accepted
CACHE_SIZE = 64
MOST_BY_AREA = 200_000  # triangles; more are cut along the curve, which is quicker


@dataclass(frozen=True)
class Bvh:
    """Tree over triangles in traversal order; node 0 is the root.

    boxes (nodes, 2, 2, 3) [m]: of each child the lower and the upper corner. child (nodes, 2): node, or first triangle of
    a leaf. count (nodes, 2): triangles of a leaf child, 0 for an inner one, NOTHING for an empty one. rows (triangles, 3,
    4): maps (p, 1) to u, v and the distance from the plane. order (triangles,): face in the mesh. lower, upper (3,) [m]:
    box of the mesh.
    """

    boxes: np.ndarray
    child: np.ndarray
    count: np.ndarray
    rows: np.ndarray
    order: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    depth: int


def morton_codes(points: np.ndarray) -> np.ndarray:
    """Morton codes (int64) of points (n, 3) in the cube that holds them."""
    low = points.min(axis=0)
    extent = max(float((points.max(axis=0) - low).max()), 1e-30)
    cells = np.clip((points - low) / extent * 2**MORTON_BITS, 0, 2**MORTON_BITS - 1).astype(np.int64)
    code = np.zeros(len(points), np.int64)
    for bit in range(MORTON_BITS):
        for axis in range(3):
            code |= ((cells[:, axis] >> bit) & 1) << (3 * bit + axis)
    return code


def unit_rows(corners: np.ndarray) -> np.ndarray:
    """Rows (n, 3, 4) that map (p, 1) to the barycentric u, v and the signed distance [m] from the plane of triangles (n,
    3, 3)."""
    origin, e1, e2 = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normal = np.cross(e1, e2)
    squared = (normal**2).sum(axis=1, keepdims=True)
    linear = np.stack([np.cross(e2, normal) / squared, np.cross(normal, e1) / squared, normal / np.sqrt(squared)], axis=1)
    return np.concatenate([linear, -np.einsum("nij,nj->ni", linear, origin)[:, :, None]], axis=2)


def split_ranges(codes: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Where each range [begin, end) of sorted codes splits: at the flip of the highest differing bit, or in the middle."""
    first, last = codes[begin], codes[end - 1]
    differs = first ^ last
    bit = np.frexp(differs.astype(float))[1] - 1  # position of the highest set bit, exact below 2^53
    bit = np.maximum(bit, 0)
    flip = np.searchsorted(codes, (last >> bit) << bit, side="left")
    return np.where(differs == 0, (begin + end) // 2, flip)


def build_bvh(vertices: np.ndarray, faces: np.ndarray) -> Bvh:
    """Tree of a mesh: vertices (n, 3) [m], faces (m, 3). Equal meshes are built once per process. Raises ValueError when
    it is too deep."""
    vertices, faces = np.ascontiguousarray(vertices, float), np.ascontiguousarray(faces, np.int64)
    key = hashlib.sha256(vertices.tobytes() + b"|" + faces.tobytes()).hexdigest()
    if key not in _cache:
        _cache[key] = _build(vertices, faces)
        while len(_cache) > CACHE_SIZE:
            _cache.popitem(last=False)
    _cache.move_to_end(key)
    return _cache[key]


_cache: OrderedDict[str, Bvh] = OrderedDict()


def _build(vertices: np.ndarray, faces: np.ndarray) -> Bvh:
    corners = vertices[faces].reshape(-1, 3, 3)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    longest = np.abs(corners - corners[:, :1]).max(axis=(1, 2), initial=0.0)
    kept = np.flatnonzero(np.isfinite(area) & (area > 1e-12 * longest**2))
    if not len(kept):
        return _empty()
    if len(kept) <= MOST_BY_AREA:
        sorting, levels = area_levels(corners[kept].min(axis=1), corners[kept].max(axis=1), LEAF_SIZE)
    else:
        codes = morton_codes(corners[kept].mean(axis=1))
        sorting = np.argsort(codes, kind="stable")
        levels = _levels(codes[sorting])
    order = kept[sorting]
    corners = corners[order]
    if len(levels) > MAX_DEPTH:
        raise ValueError(f"the tree has {len(levels)} levels, more than {MAX_DEPTH}")
    boxes, child, count = _fill_nodes(levels, corners.min(axis=1), corners.max(axis=1))
    lower, upper = boxes[0, :, 0].min(axis=0), boxes[0, :, 1].max(axis=0)
    return Bvh(boxes, child, count, unit_rows(corners), order, lower, upper, len(levels))


def _empty() -> Bvh:
    nothing = np.full((1, 2), NOTHING, np.int64)
    boxes = np.broadcast_to(np.array([EMPTY, -EMPTY])[:, None], (1, 2, 2, 3)).copy()
    return Bvh(
        boxes, np.zeros((1, 2), np.int64), nothing, np.zeros((0, 3, 4)), np.zeros(0, np.int64), np.zeros(3), np.zeros(3), 1
    )


def _levels(codes: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Per level the child ranges (nodes, 2) as begin and end; a range of more than LEAF_SIZE is a node of the next
    level."""
    begin, end = np.array([0]), np.array([len(codes)])
    levels = []
    while len(begin):
        middle = (
            split_ranges(codes, begin, end) if len(codes) > LEAF_SIZE else end
        )  # a tiny mesh is one leaf and an empty child
        begins, ends = np.stack([begin, middle], axis=1), np.stack([middle, end], axis=1)
        levels.append((begins, ends))
        inner = (ends - begins) > LEAF_SIZE
        begin, end = begins[inner], ends[inner]
    return levels


def _fill_nodes(
    levels: list[tuple[np.ndarray, np.ndarray]], low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes, child indices and leaf counts of all nodes, from the last level up."""
    first = np.concatenate([[0], np.cumsum([len(begins) for begins, _ in levels])])
    total = int(first[-1])
    boxes = np.empty((total, 2, 2, 3))
    boxes[:, :, 0], boxes[:, :, 1] = EMPTY, -EMPTY
    child, count = np.zeros((total, 2), np.int64), np.zeros((total, 2), np.int64)
    for level in range(len(levels) - 1, -1, -1):
        begins, ends = levels[level]
        rows = slice(first[level], first[level + 1])
        inner = (ends - begins) > LEAF_SIZE
        child[rows] = begins
        count[rows] = np.where(inner, 0, np.where(ends > begins, ends - begins, NOTHING))
        box = boxes[rows]
        if inner.any():
            nodes = np.arange(first[level + 1], first[level + 2])
            child[rows][inner] = nodes
            box[inner] = np.stack([boxes[nodes, :, 0].min(axis=1), boxes[nodes, :, 1].max(axis=1)], axis=1)
        for size in range(1, LEAF_SIZE + 1):
            leaf = (ends - begins) == size
            members = begins[leaf][:, None] + np.arange(size)
            box[leaf] = np.stack([low[members].min(axis=1), high[members].max(axis=1)], axis=1)
    return boxes, child, count
