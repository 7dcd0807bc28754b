"""Batched ray casts: for rays of many environments the first surface of analytic shapes and triangle meshes.

One thread per ray walks over the shapes of its environment: quadratics and slabs in the frame of the shape, meshes by a tree
that is laid out in depth-first order with skip links, so that no thread needs a stack (Smits 1998). The kernel takes the real
type of its arrays. Planes are hit from above only, solids also from inside (where a ray leaves them), as in MuJoCo's `mj_ray`.
Signed distance fields and height fields are hit as their triangles.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.compiled import TriangleMesh
from engine.compiler import ti
from engine.geometry import rotation
from engine.geometry.bvh import NOTHING, build_bvh
from engine.math.lanes import absolute, clamp, like, maximum, minimum
from engine.math.vec3 import add_scaled, cross, dot, sub, vec3
from engine.types import ShapeType

PLANE, SPHERE, CAPSULE, BOX = int(ShapeType.PLANE), int(ShapeType.SPHERE), int(ShapeType.CAPSULE), int(ShapeType.BOX)
CYLINDER, ELLIPSOID, MESH = int(ShapeType.CYLINDER), int(ShapeType.ELLIPSOID), int(ShapeType.MESH)
SHAPE_REALS = 16  # position (3), rotation matrix by rows (9), size (3), 0
NODE_INTS, NODE_REALS, TRIANGLE_REALS = 4, 6, 12  # skip, first triangle, triangles, 0; box; rows of the triangle
MISS = 1e30
EDGE = 1e-6  # barycentric tolerance that closes seams


@dataclass(frozen=True)
class Trees:
    """Meshes for rays: reals, ints, and head (meshes, 3): first node, end of the nodes, first real of the triangles."""

    reals: NDArray
    ints: NDArray[np.int32]
    head: NDArray[np.int32]


def flatten(meshes: Sequence[TriangleMesh], dtype: type) -> Trees:
    """Depth-first trees of meshes."""
    boxes: list[NDArray] = []
    nodes: list[list[int]] = []
    rows: list[NDArray] = []
    head: list[tuple[int, int, int]] = []
    triangles = 0
    for mesh in meshes:
        tree, first = build_bvh(mesh.vertices, mesh.faces), len(nodes)
        _walk(tree, 0, nodes, boxes)
        head.append((first, len(nodes), triangles))
        rows.append(tree.rows.reshape(-1, TRIANGLE_REALS))
        triangles += len(tree.rows)
    flat = np.concatenate([np.zeros((0, NODE_REALS)), *(b[None] for b in boxes)]) if boxes else np.zeros((0, NODE_REALS))
    table = np.concatenate([np.zeros((0, TRIANGLE_REALS)), *rows])
    start = flat.size
    reals: NDArray = np.concatenate([flat.reshape(-1), table.reshape(-1), np.zeros(1)]).astype(dtype)
    starts = [(a, b, start + TRIANGLE_REALS * c) for a, b, c in head] or [(0, 0, 0)]
    return Trees(reals, np.array(nodes or [[0] * NODE_INTS], np.int32), np.array(starts, np.int32))


def _walk(tree, root: int, nodes: list[list[int]], boxes: list[NDArray]) -> None:
    """Append every child box of the tree in depth-first order; a node's skip is the node after its last descendant."""
    todo: list[tuple[int, int, int]] = [(root, side, -1) for side in (1, 0)]
    while todo:
        node, side, closing = todo.pop()
        if closing >= 0:
            nodes[closing][0] = len(nodes)
            continue
        child, count = int(tree.child[node, side]), int(tree.count[node, side])
        if count == NOTHING:
            continue
        slack = 1e-6 * np.abs(tree.boxes[node, side]).max()
        nodes.append([len(nodes) + 1, child, count, 0])
        boxes.append(np.concatenate([tree.boxes[node, side, 0] - slack, tree.boxes[node, side, 1] + slack]))
        if count == 0:
            todo += [(0, 0, len(nodes) - 1), (child, 1, -1), (child, 0, -1)]


@ti.func
def turned(shape: ti.template(), e, s, v):
    """A vector of W in the frame of the shape."""
    return vec3(
        shape[e, s, 3] * v.x + shape[e, s, 6] * v.y + shape[e, s, 9] * v.z,
        shape[e, s, 4] * v.x + shape[e, s, 7] * v.y + shape[e, s, 10] * v.z,
        shape[e, s, 5] * v.x + shape[e, s, 8] * v.y + shape[e, s, 11] * v.z,
    )


@ti.func
def roots(a, b, c):
    """Interval where a t^2 + 2 b t + c <= 0 (a >= 0); empty (MISS, -MISS) when missed."""
    enter, leave = like(a, MISS), like(a, -MISS)
    square = b * b - a * c
    if square >= 0.0 and a > 1e-24:
        root = ti.sqrt(square)
        enter, leave = (0.0 - b - root) / a, (root - b) / a
    return enter, leave


@ti.func
def slab(low, high, o, d):
    """Interval of a ray between low and high along one axis."""
    enter, leave = like(o, -MISS), like(o, MISS)
    if absolute(d) > 1e-12:
        a, b = (low - o) / d, (high - o) / d
        enter, leave = minimum(a, b), maximum(a, b)
    elif o < low or o > high:
        enter, leave = like(o, MISS), like(o, -MISS)
    return enter, leave


@ti.func
def box_interval(low, high, o, d):
    ax, bx = slab(low.x, high.x, o.x, d.x)
    ay, by = slab(low.y, high.y, o.y, d.y)
    az, bz = slab(low.z, high.z, o.z, d.z)
    return maximum(maximum(ax, ay), az), minimum(minimum(bx, by), bz)


@ti.func
def capsule_interval(radius, half, o, d):
    """Of the tube, where an end beyond a cap's centre moves to the ball at that end."""
    flat_a, flat_b = d.x * d.x + d.y * d.y, o.x * d.x + o.y * d.y
    flat_c = o.x * o.x + o.y * o.y - radius * radius
    enter, leave = roots(flat_a, flat_b, flat_c)
    if flat_a <= 1e-24 and flat_c <= 0.0:  # along the axis, inside the tube
        enter, leave = like(radius, -MISS), like(radius, MISS)
    for k in range(2):
        t = enter
        if k == 1:
            t = leave
        z = o.z + t * d.z
        if absolute(z) > half and enter <= leave:
            middle = clamp(z, 0.0 - half, half)
            w = o.z - middle
            near, far = roots(flat_a + d.z * d.z, flat_b + w * d.z, flat_c + w * w)
            if k == 0:
                enter = near
            else:
                leave = far
    return enter, leave


@ti.func
def solid_interval(kind, size, o, d):
    """Interval of a ray (frame of the shape) in a solid other than a mesh."""
    enter, leave = like(o.x, MISS), like(o.x, -MISS)
    if kind == BOX:
        enter, leave = box_interval(vec3(0.0 - size.x, 0.0 - size.y, 0.0 - size.z), size, o, d)
    elif kind == CYLINDER:
        enter, leave = roots(d.x * d.x + d.y * d.y, o.x * d.x + o.y * d.y, o.x * o.x + o.y * o.y - size.x * size.x)
        if d.x * d.x + d.y * d.y <= 1e-24 and o.x * o.x + o.y * o.y <= size.x * size.x:
            enter, leave = like(o.x, -MISS), like(o.x, MISS)
        first, last = slab(0.0 - size.y, size.y, o.z, d.z)
        enter, leave = maximum(enter, first), minimum(leave, last)
    elif kind == CAPSULE:
        enter, leave = capsule_interval(size.x, size.y, o, d)
    else:
        k = size
        if kind == SPHERE:
            k = vec3(size.x, size.x, size.x)
        p, q = vec3(o.x / k.x, o.y / k.y, o.z / k.z), vec3(d.x / k.x, d.y / k.y, d.z / k.z)
        enter, leave = roots(dot(q, q), dot(p, q), dot(p, p) - 1.0)
    return enter, leave


@ti.func
def hit_triangle(reals: ti.template(), at, o, d):
    """Distance along the ray to a triangle, or MISS."""
    rate = reals[at + 8] * d.x + reals[at + 9] * d.y + reals[at + 10] * d.z
    t = like(o.x, MISS)
    if absolute(rate) > 1e-20:
        s = (0.0 - (reals[at + 8] * o.x + reals[at + 9] * o.y + reals[at + 10] * o.z + reals[at + 11])) / rate
        p = add_scaled(o, d, s)
        u = reals[at] * p.x + reals[at + 1] * p.y + reals[at + 2] * p.z + reals[at + 3]
        v = reals[at + 4] * p.x + reals[at + 5] * p.y + reals[at + 6] * p.z + reals[at + 7]
        if s >= 0.0 and u >= -EDGE and v >= -EDGE and u + v <= 1.0 + EDGE:
            t = s
    return t


@ti.func
def hit_mesh(reals: ti.template(), ints: ti.template(), head: ti.template(), mesh, o, d, limit):
    """Distance to the first triangle of a mesh before `limit`, or MISS."""
    best = like(limit, MISS)
    node, end = head[mesh, 0], head[mesh, 1]
    while node < end:
        at = node * NODE_REALS
        low, high = vec3(reals[at], reals[at + 1], reals[at + 2]), vec3(reals[at + 3], reals[at + 4], reals[at + 5])
        enter, leave = box_interval(low, high, o, d)
        if enter <= leave and leave >= 0.0 and enter < minimum(best, limit):
            for k in range(ints[node, 1], ints[node, 1] + ints[node, 2]):
                best = minimum(hit_triangle(reals, head[mesh, 2] + k * TRIANGLE_REALS, o, d), best)
            node += 1
        else:
            node = ints[node, 0]
    return best


@ti.func
def first_end(enter, leave):
    """The first end of an interval that lies ahead, or MISS."""
    t = like(enter, MISS)
    if enter <= leave:
        if enter >= 0.0:
            t = enter
        elif leave >= 0.0:
            t = leave
    return t


@ti.func
def hit_shape(shape: ti.template(), kind: ti.template(), reals: ti.template(), ints: ti.template(), head: ti.template(),
              e, s, o_W, d_W, limit):  # fmt: skip
    """Distance to a shape of an environment before `limit`, or MISS."""
    away = vec3(o_W.x - shape[e, s, 0], o_W.y - shape[e, s, 1], o_W.z - shape[e, s, 2])
    o, d = turned(shape, e, s, away), turned(shape, e, s, d_W)
    size = vec3(shape[e, s, 12], shape[e, s, 13], shape[e, s, 14])
    t = like(limit, MISS)
    if kind[s, 0] == PLANE:
        if d.z < 0.0 and o.z >= 0.0:
            t = 0.0 - o.z / d.z
    elif kind[s, 0] >= MESH:
        o, d = vec3(o.x / size.x, o.y / size.y, o.z / size.z), vec3(d.x / size.x, d.y / size.y, d.z / size.z)
        t = hit_mesh(reals, ints, head, kind[s, 1], o, d, limit)
    elif kind[s, 0] > PLANE:
        enter, leave = solid_interval(kind[s, 0], size, o, d)
        t = first_end(enter, leave)
    return t


@ti.kernel
def cast(
    # Parameters:
    origin: ti.types.ndarray(ndim=3),
    direction: ti.types.ndarray(ndim=3),
    shape: ti.types.ndarray(ndim=3),
    kind: ti.types.ndarray(ndim=2),
    reals: ti.types.ndarray(ndim=1),
    ints: ti.types.ndarray(ndim=2),
    head: ti.types.ndarray(ndim=2),
    distance: ti.types.ndarray(ndim=2),
    hit: ti.types.ndarray(ndim=2),
    rays: ti.i32,
):
    """First hit of every ray: its distance (which holds the limit before) and the shape, -1 for none."""
    for i in range(origin.shape[0] * rays):
        e, r = i // rays, i % rays
        o_W = vec3(origin[e, r, 0], origin[e, r, 1], origin[e, r, 2])
        d_W = vec3(direction[e, r, 0], direction[e, r, 1], direction[e, r, 2])
        best, found = distance[e, r], -1
        for s in range(kind.shape[0]):
            t = hit_shape(shape, kind, reals, ints, head, e, s, o_W, d_W, best)
            if t < best:
                best, found = t, s
        distance[e, r], hit[e, r] = best, found


@ti.func
def hit_ball(away, d, squared):
    """Distance to a ball whose middle is at -away, from outside, or MISS."""
    t = like(away.x, MISS)
    b, c = dot(away, d), dot(away, away) - squared
    root = b * b - c
    if root >= 0.0:
        near = 0.0 - b - ti.sqrt(root)
        t = ti.select(near >= 0.0, near, t)
    return t


@ti.func
def hit_face(s, d, e1, e2):
    """Distance to the triangle with the edges e1, e2, from `s` beside its first corner, or MISS."""
    t = like(s.x, MISS)
    p = cross(d, e2)
    det = dot(e1, p)
    if absolute(det) > 1e-20:
        q = cross(s, e1)
        u, v, far = dot(s, p) / det, dot(d, q) / det, dot(e2, q) / det
        if u >= -EDGE and v >= -EDGE and u + v <= 1.0 + EDGE and far >= 0.0:
            t = far
    return t


@ti.kernel
def cast_spheres(
    # Parameters:
    origin: ti.types.ndarray(ndim=3),
    direction: ti.types.ndarray(ndim=3),
    centre: ti.types.ndarray(ndim=3),
    distance: ti.types.ndarray(ndim=2),
    squared: ti.f32,
    rays: ti.i32,
):
    """Shorten distances to the first of the balls of one radius; balls that are not numbers are passed through."""
    for i in range(origin.shape[0] * rays):
        e, r = i // rays, i % rays
        d = vec3(direction[e, r, 0], direction[e, r, 1], direction[e, r, 2])
        best = distance[e, r]
        for k in range(centre.shape[1]):
            away = vec3(origin[e, r, 0] - centre[e, k, 0], origin[e, r, 1] - centre[e, k, 1], origin[e, r, 2] - centre[e, k, 2])
            t = hit_ball(away, d, squared)
            if t < best:
                best = t
        distance[e, r] = best


@ti.kernel
def cast_faces(
    # Parameters:
    origin: ti.types.ndarray(ndim=3),
    direction: ti.types.ndarray(ndim=3),
    vertex: ti.types.ndarray(ndim=3),
    face: ti.types.ndarray(ndim=2),
    distance: ti.types.ndarray(ndim=2),
    rays: ti.i32,
):
    """Shorten distances to the first triangle of a surface, whose both sides count (Moeller and Trumbore 1997)."""
    for i in range(origin.shape[0] * rays):
        e, r = i // rays, i % rays
        o = vec3(origin[e, r, 0], origin[e, r, 1], origin[e, r, 2])
        d = vec3(direction[e, r, 0], direction[e, r, 1], direction[e, r, 2])
        best = distance[e, r]
        for k in range(face.shape[0]):
            a, b, c = face[k, 0], face[k, 1], face[k, 2]
            corner = vec3(vertex[e, a, 0], vertex[e, a, 1], vertex[e, a, 2])
            e1 = sub(vec3(vertex[e, b, 0], vertex[e, b, 1], vertex[e, b, 2]), corner)
            e2 = sub(vec3(vertex[e, c, 0], vertex[e, c, 1], vertex[e, c, 2]), corner)
            best = minimum(hit_face(sub(o, corner), d, e1, e2), best)
        distance[e, r] = best


class RayCaster:
    """Rays against the shapes of one model. kind (S,), mesh (S,), size (E, S, 3); reals in `dtype`."""

    def __init__(self, kind: NDArray, mesh: NDArray, size: NDArray, meshes: Sequence[TriangleMesh], dtype: type):
        self.dtype, self.size = dtype, size
        self.kind = np.stack([kind, np.maximum(mesh, 0)], axis=1).astype(np.int32).reshape(-1, 2)
        self.trees = flatten(meshes, dtype)

    def cast(
        self, origin: NDArray, direction: NDArray, position: NDArray, turn: NDArray, limit: float, seen: NDArray
    ) -> tuple[NDArray, NDArray[np.int32]]:
        """Rays from origin (E, R, 3) along unit directions (E, R, 3) against shapes at position (E, S, 3) and rotation (E, S,
        4), of which only those with `seen` (S,) count: distances (E, R), `limit` where nothing is nearer, and shapes (E, R),
        -1 for none.
        """
        num_envs, rays = origin.shape[:2]
        shapes = max(len(self.kind), 1)
        table: NDArray = np.zeros((num_envs, shapes, SHAPE_REALS), self.dtype)
        kind = np.full((shapes, 2), -1, np.int32)
        if len(self.kind):
            table[..., :3], table[..., 12:15] = position, self.size
            table[..., 3:12] = rotation.matrix(turn).reshape(num_envs, shapes, 9)
            kind[:, 0], kind[:, 1] = np.where(seen, self.kind[:, 0], -1), self.kind[:, 1]
        distance: NDArray = np.full((num_envs, rays), limit, self.dtype)
        hit = np.full((num_envs, rays), -1, np.int32)
        start = self._rays(origin, direction)
        cast(*start, table, kind, self.trees.reals, self.trees.ints, self.trees.head, distance, hit, rays)
        return distance, hit

    def cast_on_balls(self, origin: NDArray, direction: NDArray, centre: NDArray, radius: float, distance: NDArray) -> NDArray:
        """Distances (E, R) shortened to balls of one radius [m] at centre (E, n, 3); every ray meets every ball."""
        shorter: NDArray = np.array(distance, self.dtype)
        start = self._rays(origin, direction)
        cast_spheres(*start, np.ascontiguousarray(centre, self.dtype), shorter, float(radius) ** 2, origin.shape[1])
        return shorter

    def cast_on_faces(self, origin: NDArray, direction: NDArray, vertex: NDArray, face: NDArray, distance: NDArray) -> NDArray:
        """Distances (E, R) shortened to the triangles face (m, 3) of the moving vertices (E, n, 3)."""
        shorter: NDArray = np.array(distance, self.dtype)
        start = self._rays(origin, direction)
        corners: NDArray = np.ascontiguousarray(vertex, self.dtype)
        faces: NDArray = np.ascontiguousarray(face, np.int32)
        cast_faces(*start, corners, faces, shorter, origin.shape[1])
        return shorter

    def _rays(self, origin: NDArray, direction: NDArray) -> tuple[NDArray, NDArray]:
        """Rays as the kernels take them."""
        first: NDArray = np.ascontiguousarray(origin, self.dtype)
        second: NDArray = np.ascontiguousarray(direction, self.dtype)
        return first, second
