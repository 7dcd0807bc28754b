"""Triangles and balls on the device: all trees of a picture in one real and one integer array, and the traversal of a ray
or a packet.

A packet walks the tree with one stack, because its lanes are neighbouring pixels: a node is entered when any lane hits its
box, the nearer child (by the direction of one lane) first. The same source with R = scalar is the single-ray traversal of
a GPU. A triangle is hit where its affine rows give 0 <= u, v, u + v <= 1 (Baldwin and Weber 2016), with a tolerance that
closes the seams between triangles. A tree is known by its header: the place in the integers where its eight numbers begin
(see TREE). The model's meshes have the first headers; trees of particles and deforming surfaces, made anew for every picture
(`matter`), follow behind the model's in both arrays.
Limits: the stack holds 64 entries, which `engine.geometry.bvh` guarantees to suffice.
"""

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np

from engine.compiled import TriangleMesh
from engine.compiler import ti
from engine.geometry.bvh import build_bvh
from engine.geometry.texture import light_of_codes
from engine.math.lanes import all_lanes, any_lane, maximum, minimum
from engine.math.memory import ld, st
from engine.math.vec3 import add_scaled, dot, sub, vec3
from engine.renderers.images import IMAGES, corner_coordinates, packed_images
from engine.renderers.shapes import box_interval, inverse3
from engine.renderers.table import BOX_HEADER, MESH_HEADER, MESH_START, pick, splat

TREE = SimpleNamespace(nodes=0, boxes=1, leaves=2, normals=3, balls=4, motion=5, coordinates=6)  # of a header; motion -1: none
NODE_REALS, TRIANGLE_REALS, NORMAL_REALS, BALL_REALS, MOTION_REALS = 16, 12, 9, 4, 9
NONE = -1  # a link to nothing
LEAF_ROOM = 8  # a leaf holds fewer parts
STACK_DEPTH = 64
SEAM = 1e-5  # barycentric tolerance
MIDDLE = 5  # lane whose direction orders the children: an inner pixel of the packet


def pack_meshes(meshes: Sequence[TriangleMesh], images: Sequence[np.ndarray] = ()) -> tuple[np.ndarray, np.ndarray]:
    """All trees and images as (f32 reals, i32 integers). Integers: number of continua and place of their headers, place of the
    images and of the light of their codes, a header per mesh, then the nodes and the images. Reals: boxes of the meshes, then
    blocks of nodes, triangles, corner normals and image coordinates, whose places the headers hold."""
    trees = [build_bvh(mesh.vertices, mesh.faces) for mesh in meshes]
    head = np.zeros(MESH_START + MESH_HEADER * len(meshes), np.int64)
    reals, ints = [np.zeros(BOX_HEADER * len(meshes))], [head]
    next_real, next_int = len(reals[0]), len(head)
    for index, (mesh, tree) in enumerate(zip(meshes, trees, strict=True)):
        reals[0][BOX_HEADER * index : BOX_HEADER * (index + 1)] = np.concatenate([tree.lower, tree.upper])
        blocks = [_node_reals(tree.boxes), tree.rows.reshape(-1), _corner_normals(mesh, tree.order).reshape(-1)]
        if mesh.coordinates is not None:
            corners = np.asarray(mesh.vertices, float)[np.asarray(mesh.faces, np.int64)[tree.order]].reshape(-1, 3, 3)
            blocks.append(corner_coordinates(np.asarray(mesh.coordinates, float)[tree.order], corners).reshape(-1))
        starts = next_real + np.cumsum([0, *(len(block) for block in blocks)])
        at = MESH_START + MESH_HEADER * index
        head[at : at + MESH_HEADER] = next_int, *starts[:3], 0, -1, starts[3], 0
        nodes = tree_links(tree.child, tree.count)
        reals += blocks
        ints.append(nodes)
        next_real, next_int = int(starts[-1]), next_int + len(nodes)
    if images:
        head[IMAGES : IMAGES + 2] = next_int, next_real
        reals.append(light_of_codes())
        ints.append(packed_images(images, next_int))
    return np.concatenate([*reals, np.zeros(1)]).astype(np.float32), np.concatenate([*ints, np.zeros(1)]).astype(np.int32)


def tree_links(child: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Two integers per node: a child that is a node, or -2 - (first part * LEAF_ROOM + how many parts), or NONE."""
    return np.where(count == 0, child, np.where(count > 0, -2 - (child * LEAF_ROOM + count), NONE)).reshape(-1)


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
def hit_ball(mesh_real: ti.template(), at, o, d, nearest):
    """t of the unit direction `d` on the ball whose centre and radius begin at `at`, or -1."""
    centre, radius = vec3(mesh_real[at], mesh_real[at + 1], mesh_real[at + 2]), mesh_real[at + 3]
    to = sub(centre, o)
    middle = dot(to, d)
    off = add_scaled(to, d, 0.0 - middle)
    square = radius * radius - dot(off, off)
    half = ti.sqrt(maximum(square, splat(square, 0.0)))
    t = ti.select(middle - half > nearest, middle - half, middle + half)
    return ti.select((square >= 0.0) & (t > nearest), t, splat(t, -1.0))


@ti.func
def hit_leaf(mesh_real: ti.template(), balls, leaves, k, o, d, nearest):
    """t on the triangle or ball `k`, or -1."""
    t = o.x
    if balls == 0:
        t = hit_triangle(mesh_real, leaves + k * TRIANGLE_REALS, o, d, nearest)
    else:
        t = hit_ball(mesh_real, leaves + k * BALL_REALS, o, d, nearest)
    return t


@ti.func
def near_corner(x):
    """Where the nearer plane of a box stands, seen along x: 0 lower, 3 upper, or -9 where the lanes do not agree."""
    side = -9
    if all_lanes(x > 0.0):
        side = 0
    elif all_lanes(x < 0.0):
        side = 3
    return side


@ti.func
def meets_box(mesh_real: ti.template(), b, near_x, near_y, near_z, o, inverse, bound):
    """1 when any lane enters the box at `b` before its bound. `near_*` say which planes come first (see `near_corner`), which
    saves half of the comparisons; -9 in any of them: not known."""
    met = 0
    if near_x + near_y + near_z >= 0:
        ax, ay, az = (
            (mesh_real[b + near_x] - o.x) * inverse.x,
            (mesh_real[b + 1 + near_y] - o.y) * inverse.y,
            (mesh_real[b + 2 + near_z] - o.z) * inverse.z,
        )
        bx, by, bz = (
            (mesh_real[b + 3 - near_x] - o.x) * inverse.x,
            (mesh_real[b + 4 - near_y] - o.y) * inverse.y,
            (mesh_real[b + 5 - near_z] - o.z) * inverse.z,
        )
        enter = maximum(maximum(ax, ay), maximum(az, splat(az, 0.0)))
        leave = minimum(minimum(bx, by), minimum(bz, bound))
        met = any_lane(enter <= leave)
    else:
        low = vec3(mesh_real[b], mesh_real[b + 1], mesh_real[b + 2])
        high = vec3(mesh_real[b + 3], mesh_real[b + 4], mesh_real[b + 5])
        enter, leave = box_interval(low, high, o, inverse)
        met = any_lane((enter <= leave) & (leave >= 0.0) & (enter <= bound))
    return met


@ti.func
def next_bound(t, any_hit):
    """Bound of a lane that has a hit at t: nearer ones count, or with `any_hit` none."""
    bound = t
    if any_hit:
        bound = splat(t, -1.0)
    return bound


@ti.func
def hit_mesh(
    mesh_real: ti.template(), mesh_int: ti.template(), stack: ti.template(), worker, header, o, d, limit, nearest, any_hit
):
    """(t, triangle or ball) of the first hit before `limit` (negative: no such lane), with t = limit and -1 where there is
    none. With `any_hit` a lane stops at its first triangle, whichever it is."""
    links, boxes = mesh_int[header + TREE.nodes], mesh_int[header + TREE.boxes]
    leaves, balls = mesh_int[header + TREE.leaves], mesh_int[header + TREE.balls]
    inverse = inverse3(d)
    near_x, near_y, near_z = near_corner(d.x), near_corner(d.y), near_corner(d.z)
    axis = vec3(pick(d.x, MIDDLE), pick(d.y, MIDDLE), pick(d.z, MIDDLE))
    best, bound = limit, limit
    triangle = ti.select(limit == limit, -1, -1)
    item, depth = 0, 0
    while item != NONE:
        if item >= 0:
            at, link = boxes + item * NODE_REALS, links + 2 * item
            first = meets_box(mesh_real, at, near_x, near_y, near_z, o, inverse, bound)
            second = meets_box(mesh_real, at + 6, near_x, near_y, near_z, o, inverse, bound)
            item = NONE
            if first == 1 and second == 1:
                along = mesh_real[at + 12] * axis.x + mesh_real[at + 13] * axis.y + mesh_real[at + 14] * axis.z
                swap = ti.select(along < 0.0, 1, 0)
                item = mesh_int[link + swap]
                st(stack, worker, depth, mesh_int[link + 1 - swap])
                depth += 1
            elif first == 1:
                item = mesh_int[link]
            elif second == 1:
                item = mesh_int[link + 1]
        else:
            begin, end = (-2 - item) // LEAF_ROOM, (-2 - item) // LEAF_ROOM + (-2 - item) % LEAF_ROOM
            item = NONE
            for k in range(begin, end):
                t = hit_leaf(mesh_real, balls, leaves, k, o, d, nearest)
                closer = (t >= 0.0) & (t < bound)
                best = ti.select(closer, t, best)
                bound = ti.select(closer, next_bound(t, any_hit), bound)
                triangle = ti.select(closer, k, triangle)
        if item == NONE and depth > 0:
            depth -= 1
            item = ld(stack, worker, depth)
    return best, triangle


@ti.func
def barycentric(mesh_real: ti.template(), mesh_int: ti.template(), header, triangle, p):
    """(w, u, v) of a point (all scalars) of a triangle."""
    at = mesh_int[header + TREE.leaves] + triangle * TRIANGLE_REALS
    u = mesh_real[at] * p.x + mesh_real[at + 1] * p.y + mesh_real[at + 2] * p.z + mesh_real[at + 3]
    v = mesh_real[at + 4] * p.x + mesh_real[at + 5] * p.y + mesh_real[at + 6] * p.z + mesh_real[at + 7]
    return vec3(1.0 - u - v, u, v)


@ti.func
def blend(mesh_real: ti.template(), at, share):
    """Mean of the three vectors at `at` weighted with `share`."""
    return vec3(
        mesh_real[at] * share.x + mesh_real[at + 3] * share.y + mesh_real[at + 6] * share.z,
        mesh_real[at + 1] * share.x + mesh_real[at + 4] * share.y + mesh_real[at + 7] * share.z,
        mesh_real[at + 2] * share.x + mesh_real[at + 5] * share.y + mesh_real[at + 8] * share.z,
    )


@ti.func
def mesh_normal(mesh_real: ti.template(), mesh_int: ti.template(), header, triangle, p):
    """Interpolated normal direction at a point (all scalars) in the frame of the mesh; radial on a ball."""
    n = p
    if mesh_int[header + TREE.balls] == 0:
        share = barycentric(mesh_real, mesh_int, header, triangle, p)
        n = blend(mesh_real, mesh_int[header + TREE.normals] + triangle * NORMAL_REALS, share)
    else:
        at = mesh_int[header + TREE.leaves] + triangle * BALL_REALS
        n = sub(p, vec3(mesh_real[at], mesh_real[at + 1], mesh_real[at + 2]))
    return n


@ti.func
def mesh_motion(mesh_real: ti.template(), mesh_int: ti.template(), header, triangle, p):
    """How far the material at a point (all scalars) moves from the picture's frame to the other one, in the frame of the
    mesh."""
    moved = vec3(0.0, 0.0, 0.0)
    block = mesh_int[header + TREE.motion]
    if block >= 0:
        at = block + triangle * MOTION_REALS
        if mesh_int[header + TREE.balls] == 0:
            moved = blend(mesh_real, at, barycentric(mesh_real, mesh_int, header, triangle, p))
        else:
            moved = vec3(mesh_real[at], mesh_real[at + 1], mesh_real[at + 2])
    return moved
