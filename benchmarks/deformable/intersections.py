"""Which triangles of a mesh cross each other, and which tubes overlap: an independent check of self-contact.

Two triangles cross when an edge of one goes through the inside of the other one and they share no vertex of that edge and
triangle (so that folded neighbours, which meet in an edge or a corner, are tested too). Signs of volumes decide it (Guigue and
Devillers 2003) in doubles, and in exact fractions where a sign is within rounding: the answer is exact for the numbers given.
Triangles that touch, or lie in one plane, do not cross. numpy and scipy; it knows nothing of the engine.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
ROUNDING = 1e-14  # of a product of three lengths: doubles are right beyond it


def crossings(points: Array, faces: Ints) -> Ints:
    """Pairs (k, 2) of triangles of `faces` (m, 3) that cross, vertices `points` (n, 3) [m]."""
    x = np.asarray(points, np.float64)
    pairs = near_triangles(x[faces])
    found = np.zeros(len(pairs), bool)
    for first, second in ((0, 1), (1, 0)):
        triangle = faces[pairs[:, second]]
        for k in range(3):
            edge = faces[pairs[:, first]][:, [k, (k + 1) % 3]]
            apart = ~(edge[:, :, None] == triangle[:, None]).any((1, 2))
            rows = np.flatnonzero(apart & ~found)
            found[rows] = pierces(x[edge[rows]], x[triangle[rows]])
    return pairs[found]


def near_triangles(corners: Array) -> Ints:
    """Pairs (k, 2), the first the lesser, of triangles (m, 3, 3) whose boxes overlap: neighbours in a tree of centres."""
    from scipy.spatial import cKDTree

    centre = corners.mean(1)
    reach = np.linalg.norm(corners - centre[:, None], axis=2).max()
    pairs = cKDTree(centre).query_pairs(2 * reach * (1 + 1e-9), output_type="ndarray").astype(np.int64)
    low, high = corners.min(1), corners.max(1)
    a, b = pairs[:, 0], pairs[:, 1]
    overlap = ((low[a] <= high[b]) & (low[b] <= high[a])).all(1)
    return pairs[overlap]


def pierces(edge: Array, triangle: Array) -> NDArray[np.bool_]:
    """Does the edge (k, 2, 3) go through the inside of the triangle (k, 3, 3)? Both ends are strictly on different sides."""
    p, q = edge[:, 0], edge[:, 1]
    a, b, c = (triangle[:, i] for i in range(3))
    sides = np.stack([volume(a, b, c, p), volume(a, b, c, q), volume(p, q, a, b), volume(p, q, b, c), volume(p, q, c, a)], 1)
    size = np.ptp(np.concatenate([edge, triangle], axis=1), axis=1).max(1)
    doubtful = np.abs(sides) <= ROUNDING * size[:, None] ** 3
    for row in np.flatnonzero(doubtful.any(1) & ~_clearly_apart(sides, doubtful)):
        sides[row] = exact_signs(edge[row], triangle[row])
    turn = sides[:, 2:]
    return (sides[:, 0] * sides[:, 1] < 0) & ((turn > 0).all(1) | (turn < 0).all(1))


def _clearly_apart(sides: Array, doubtful: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows whose certain signs alone say that nothing crosses."""
    sure = np.where(doubtful, 0.0, sides)
    return (sure[:, 0] * sure[:, 1] > 0) | ((sure[:, 2:].max(1) > 0) & (sure[:, 2:].min(1) < 0))


def volume(a: Array, b: Array, c: Array, d: Array) -> Array:
    """Six times the signed volumes (k,) of tetrahedra."""
    return (np.cross(b - a, c - a) * (d - a)).sum(-1)


def exact_signs(edge: Array, triangle: Array) -> Array:
    """The five signs of `pierces` for one pair, in fractions."""
    p, q, a, b, c = ([Fraction(float(v)) for v in row] for row in (*edge, *triangle))

    def sign(i: list, j: list, k: list, m: list) -> float:
        u, v, w = ([s - t for s, t in zip(end, i, strict=True)] for end in (j, k, m))
        cross = (u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])
        value = sum(s * t for s, t in zip(cross, w, strict=True))
        return float((value > 0) - (value < 0))

    return np.array([sign(a, b, c, p), sign(a, b, c, q), sign(p, q, a, b), sign(p, q, b, c), sign(p, q, c, a)])


def overlapping_tubes(points: Array, radius: float, away: float) -> tuple[Ints, float]:
    """Pairs (k, 2) of segments of a polyline (n, 3) nearer than two radii, and the least distance [m] of their axes; only
    segments with more than `away` [m] of the line between them count: a tube cannot turn back within pi radii.
    """
    from scipy.spatial import cKDTree

    x = np.asarray(points, np.float64)
    start, along = x[:-1], np.diff(x, axis=0)
    length = np.linalg.norm(along, axis=1)
    place = np.cumsum(length) - length / 2
    reach = 2 * radius + length.max()
    pairs = cKDTree(start + along / 2).query_pairs(2 * reach, output_type="ndarray").astype(np.int64)
    half = (length[pairs[:, 0]] + length[pairs[:, 1]]) / 2
    pairs = pairs[np.abs(place[pairs[:, 0]] - place[pairs[:, 1]]) - half > away]
    if not len(pairs):
        return pairs, np.inf
    far = segment_distance(start[pairs[:, 0]], along[pairs[:, 0]], start[pairs[:, 1]], along[pairs[:, 1]])
    return pairs[far < 2 * radius], float(far.min())


def segment_distance(p: Array, u: Array, q: Array, v: Array) -> Array:
    """Distances (k,) between the segments p + s u and q + t v, 0 <= s, t <= 1 (Ericson 2005, 5.1.9)."""
    r = p - q
    a, e, f = (u * u).sum(-1), (v * v).sum(-1), (v * r).sum(-1)
    c, b = (u * r).sum(-1), (u * v).sum(-1)
    a, e = np.maximum(a, 1e-300), np.maximum(e, 1e-300)
    denominator = a * e - b * b
    s = np.where(denominator > 1e-12 * a * e, np.clip((b * f - c * e) / np.maximum(denominator, 1e-300), 0, 1), 0.0)
    t = (b * s + f) / e
    s = np.where(t < 0, np.clip(-c / a, 0, 1), np.where(t > 1, np.clip((b - c) / a, 0, 1), s))
    t = np.clip(t, 0, 1)
    return np.linalg.norm(r + s[:, None] * u - t[:, None] * v, axis=-1)
