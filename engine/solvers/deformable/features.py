"""Points, edges and triangles as scalars: nearest points, and what of a mesh meets at a vertex.

Nearest points after Ericson 2005 (5.1.5, 5.1.9), each as the difference vector, which is what separates two features. `links`
holds the edges and triangles at every vertex: at links[4 slot] stand the first entry and the number of its edges, then of its
triangles; an edge is the slot of its other end, a triangle those of its two others.
"""

import numpy as np
from numpy.typing import NDArray

from engine.compiler import ti
from engine.math.vec3 import add, add_scaled, cross, dot, scale, sub, vec3
from engine.solvers.deformable import layout as col

SMALL = 1e-30


def links(slot: NDArray, slots: int, faces: NDArray, edges: NDArray) -> NDArray[np.int32]:
    """Edges (k, 2) and triangles (m, 3), in vertices, as the flat table that the kernels read."""
    ends = np.concatenate([edges, edges[:, ::-1]])
    turned = np.concatenate([np.roll(faces, -k, axis=1) for k in range(3)])
    head = np.zeros((slots, 4), np.int64)
    parts, at = [], 4 * slots
    for column, rows in ((0, slot[ends].reshape(-1, 2)), (2, slot[turned].reshape(-1, 3))):
        rows = rows[np.lexsort(rows.T[::-1])]
        count = np.bincount(rows[:, 0], minlength=slots)
        width = rows.shape[1] - 1
        head[:, column] = at + width * (np.cumsum(count) - count)
        head[:, column + 1] = count
        parts.append(rows[:, 1:].ravel())
        at += parts[-1].size
    return np.concatenate([head.ravel(), *parts]).astype(np.int32)


@ti.func
def place(seen: ti.template(), own, s, row):
    """Three scalars of slot s at a row of `seen`."""
    at = own + s * col.SEEN_WIDTH + row
    return vec3(seen[at], seen[at + 1], seen[at + 2])


@ti.func
def put_place(seen: ti.template(), own, s, row, x):
    """Write them."""
    at = own + s * col.SEEN_WIDTH + row
    seen[at], seen[at + 1], seen[at + 2] = x.x, x.y, x.z


@ti.func
def off_segment(p, a, u):
    """p minus the nearest point of the segment a + t u."""
    r = sub(p, a)
    t = ti.max(ti.min(dot(r, u) / ti.max(dot(u, u), SMALL), 1.0), 0.0)
    return add_scaled(r, u, 0.0 - t)


@ti.func
def shorter(a, b):
    """The shorter one of two vectors."""
    near = dot(a, a) <= dot(b, b)
    return vec3(ti.select(near, a.x, b.x), ti.select(near, a.y, b.y), ti.select(near, a.z, b.z))


@ti.func
def off_triangle(p, a, b, c):
    """p minus the nearest point of a triangle."""
    u, v, r = sub(b, a), sub(c, a), sub(p, a)
    n = cross(u, v)
    size = ti.max(dot(n, n), SMALL)
    s, t = dot(cross(r, v), n) / size, dot(cross(u, r), n) / size
    found = shorter(shorter(off_segment(p, a, u), off_segment(p, b, sub(c, b))), off_segment(p, a, v))
    if s >= 0.0 and t >= 0.0 and s + t <= 1.0:
        found = scale(n, dot(r, n) / size)
    return found


@ti.func
def between_segments(p, u, q, v):
    """The nearest point of p + s u minus that of q + t v: inside both, or at an end of one."""
    r = sub(p, q)
    ends = shorter(off_segment(p, q, v), off_segment(add(p, u), q, v))
    others = shorter(off_segment(q, p, u), off_segment(add(q, v), p, u))
    found = shorter(ends, scale(others, 0.0 - 1.0))
    a, b, c = dot(u, u), dot(u, v), dot(v, v)
    d, f = dot(u, r), dot(v, r)
    det = a * c - b * b
    if det > 1e-6 * a * c:
        s, t = (b * f - c * d) / det, (a * f - b * d) / det
        if s > 0.0 and s < 1.0 and t > 0.0 and t < 1.0:
            found = add_scaled(add_scaled(r, u, s), v, 0.0 - t)
    return found
