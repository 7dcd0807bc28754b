"""Triangle meshes on the device: all trees of a model in one real and one integer array, and the traversal of a ray or a
packet.

A packet walks the tree with one stack, because its lanes are neighbouring pixels: a node is entered when any lane hits its
box, the nearer child (by the direction of one lane) first. The same source with R = scalar is the single-ray traversal of
a GPU. A triangle is hit where its affine rows give 0 <= u, v, u + v <= 1 (Baldwin and Weber 2016), with a tolerance that
closes the seams between triangles.
Limits: the stack holds 64 entries, which `engine.geometry.bvh` guarantees to suffice.
"""

from collections.abc import Sequence

import numpy as np

from engine.compiled import TriangleMesh
from engine.compiler import ti
from engine.geometry.bvh import build_bvh
from engine.math.lanes import any_lane
from engine.math.memory import ld, st
from engine.math.vec3 import add_scaled, vec3
from engine.renderers.shapes import box_interval, inverse3
from engine.renderers.table import BOX_HEADER, MESH_HEADER, pick, splat

NODE_REALS, NODE_INTS, TRIANGLE_REALS, NORMAL_REALS = 16, 4, 12, 9
STACK_DEPTH = 64
SEAM = 1e-5  # barycentric tolerance
MIDDLE = 5  # lane whose direction orders the children: an inner pixel of the 4x4 tile


def pack_meshes(meshes: Sequence[TriangleMesh]) -> tuple[np.ndarray, np.ndarray]:
    """All trees as (f32 reals, i32 integers). Integers: a header per mesh, then the nodes. Reals: boxes of the meshes,
    then blocks of nodes, triangles and corner normals, whose offsets the headers hold."""
    trees = [build_bvh(mesh.vertices, mesh.faces) for mesh in meshes]
    reals, ints = [np.zeros(BOX_HEADER * len(meshes))], [np.zeros(MESH_HEADER * len(meshes), np.int64)]
    next_real, next_int = len(reals[0]), len(ints[0])
    for index, (mesh, tree) in enumerate(zip(meshes, trees, strict=True)):
        reals[0][BOX_HEADER * index : BOX_HEADER * (index + 1)] = np.concatenate([tree.lower, tree.upper])
        blocks = [_node_reals(tree.boxes), tree.rows.reshape(-1), _corner_normals(mesh, tree.order).reshape(-1)]
        starts = next_real + np.cumsum([0, *(len(block) for block in blocks)])
        ints[0][MESH_HEADER * index : MESH_HEADER * (index + 1)] = next_int, *starts[:3]
        nodes = np.stack([tree.child, tree.count], axis=2).reshape(-1)
        reals += blocks
        ints.append(nodes)
        next_real, next_int = int(starts[-1]), next_int + len(nodes)
    return np.concatenate([*reals, np.zeros(1)]).astype(np.float32), np.concatenate([*ints, np.zeros(1)]).astype(np.int32)


def _node_reals(boxes: np.ndarray) -> np.ndarray:
    """(nodes, 16): two boxes, widened by roundings of f32, then the vector from the first child's centre to the
    second's."""
    reals = np.zeros((len(boxes), NODE_REALS))
    slack = 1e-6 * (np.abs(boxes[:, :, 0]) + np.abs(boxes[:, :, 1])).max(
        axis=(1, 2), where=np.abs(boxes[:, :, 0]) < 1e29, initial=0.0
    )
    reals[:, :12] = (boxes + slack[:, None, None, None] * np.array([-1.0, 1.0])[:, None]).reshape(-1, 12)
    centre = boxes.mean(axis=2)
    reals[:, 12:15] = centre[:, 1] - centre[:, 0]
    return reals.reshape(-1)


def _corner_normals(mesh: TriangleMesh, order: np.ndarray) -> np.ndarray:
    """(triangles, 3, 3): the mesh's vertex normals, or the face's where it has none."""
    faces = np.asarray(mesh.faces, np.int64)[order].reshape(-1, 3)
    corners = np.asarray(mesh.vertices, float)[faces]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-300)
    normals = np.asarray(mesh.normals, float).reshape(-1, 3)
    if len(normals) != len(mesh.vertices):
        return np.repeat(flat[:, None], 3, axis=1)
    chosen = normals[faces]
    return np.where((chosen**2).sum(axis=2, keepdims=True) > 0.25, chosen, flat[:, None])


@ti.func
def hit_triangle(mesh_real: ti.template(), at, o, d, nearest):
    """t of the ray in the triangle whose rows begin at `at`, or -1."""
    u0, u1, u2, u3 = mesh_real[at], mesh_real[at + 1], mesh_real[at + 2], mesh_real[at + 3]
    v0, v1, v2, v3 = mesh_real[at + 4], mesh_real[at + 5], mesh_real[at + 6], mesh_real[at + 7]
    n0, n1, n2, n3 = mesh_real[at + 8], mesh_real[at + 9], mesh_real[at + 10], mesh_real[at + 11]
    rate = n0 * d.x + n1 * d.y + n2 * d.z
    rate = ti.select(rate == 0.0, splat(rate, 1e-30), rate)
    t = (0.0 - (n0 * o.x + n1 * o.y + n2 * o.z + n3)) / rate
    p = add_scaled(o, d, t)
    u = u0 * p.x + u1 * p.y + u2 * p.z + u3
    v = v0 * p.x + v1 * p.y + v2 * p.z + v3
    inside = (u >= -SEAM) & (v >= -SEAM) & (u + v <= 1.0 + SEAM) & (t > nearest)
    return ti.select(inside, t, splat(t, -1.0))


@ti.func
def hit_mesh(
    mesh_real: ti.template(), mesh_int: ti.template(), stack: ti.template(), worker, mesh, o, d, limit, nearest, any_hit
):
    """(t, triangle) of the first hit before `limit` (negative: no such lane), with t = limit and -1 where there is none.
    With `any_hit` a lane stops at its first triangle, whichever it is."""
    nodes, boxes = mesh_int[mesh * MESH_HEADER], mesh_int[mesh * MESH_HEADER + 1]
    triangles = mesh_int[mesh * MESH_HEADER + 2]
    inverse = inverse3(d)
    axis = vec3(pick(d.x, MIDDLE), pick(d.y, MIDDLE), pick(d.z, MIDDLE))
    best, bound = limit, limit
    triangle = ti.select(limit == limit, -1, -1)
    node, depth = 0, 0
    while node >= 0:
        at = boxes + node * NODE_REALS
        along = mesh_real[at + 12] * axis.x + mesh_real[at + 13] * axis.y + mesh_real[at + 14] * axis.z
        swap = ti.select(along < 0.0, 1, 0)
        node_ints = nodes + node * NODE_INTS
        node = -1
        for turn in range(2):
            side = turn ^ swap
            b = at + 6 * side
            low, high = (
                vec3(mesh_real[b], mesh_real[b + 1], mesh_real[b + 2]),
                vec3(mesh_real[b + 3], mesh_real[b + 4], mesh_real[b + 5]),
            )
            enter, leave = box_interval(low, high, o, inverse)
            if any_lane((enter <= leave) & (leave >= 0.0) & (enter < bound)):
                child, count = mesh_int[node_ints + 2 * side], mesh_int[node_ints + 2 * side + 1]
                for k in range(child, child + count):
                    t = hit_triangle(mesh_real, triangles + k * TRIANGLE_REALS, o, d, nearest)
                    closer = (t >= 0.0) & (t < bound)
                    best = ti.select(closer, t, best)
                    bound = ti.select(closer, t, bound)
                    if any_hit:
                        bound = ti.select(closer, splat(t, -1.0), bound)
                    triangle = ti.select(closer, k, triangle)
                if count == 0:
                    if node < 0:
                        node = child
                    else:
                        st(stack, worker, depth, child)
                        depth += 1
        if node < 0 and depth > 0:
            depth -= 1
            node = ld(stack, worker, depth)
    return best, triangle


@ti.func
def mesh_normal(mesh_real: ti.template(), mesh_int: ti.template(), mesh, triangle, p):
    """Interpolated normal direction at a point (all scalars) in the frame of the mesh."""
    at = mesh_int[mesh * MESH_HEADER + 2] + triangle * TRIANGLE_REALS
    u = mesh_real[at] * p.x + mesh_real[at + 1] * p.y + mesh_real[at + 2] * p.z + mesh_real[at + 3]
    v = mesh_real[at + 4] * p.x + mesh_real[at + 5] * p.y + mesh_real[at + 6] * p.z + mesh_real[at + 7]
    w = 1.0 - u - v
    b = mesh_int[mesh * MESH_HEADER + 3] + triangle * NORMAL_REALS
    return vec3(
        mesh_real[b] * w + mesh_real[b + 3] * u + mesh_real[b + 6] * v,
        mesh_real[b + 1] * w + mesh_real[b + 4] * u + mesh_real[b + 7] * v,
        mesh_real[b + 2] * w + mesh_real[b + 5] * u + mesh_real[b + 8] * v,
    )
