"""The smooth surface of a liquid given by its particles.

Level set of Zhu and Bridson (2005, eq. 4-6): at a grid point x, phi = |x - mean(x_i)| - r, with means weighted by the
quadratic B-spline of the distance in cells. One cell is as wide as a particle. Surface nets (Gibson 1998): a vertex in every
cell that the surface crosses, at the mean of the crossings of its edges, and a quadrilateral around every crossed edge of the
grid; normals are the gradient of phi. The motion of the particles is averaged with the same weights. Everything is one serial
pass over particles and cells, so that the bits do not depend on threads. Limits: a film thinner than a particle is as thick
as one; at most MAX_CELLS cells, above which the cells grow.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from engine.compiler import ti

MAX_CELLS = 4_000_000
MARGIN = 2  # cells around the particles
RADIUS = 0.5  # of a particle, in cells
OUTSIDE = 1.0  # cells; phi where no particle is near
WIDE = ti.types.vector(8, ti.f32)  # of a grid point: weight, weight * position, weight * motion, one to fill a register


@ti.func
def spline(d, k):
    """Weight of the grid point `k` (-1, 0, 1) for a particle at the offset `d` in [-1/2, 1/2]."""
    w = 0.75 - d * d
    if k != 0:
        e = 0.5 + d * ti.cast(k, ti.f32)
        w = 0.5 * e * e
    return w


@ti.func
def splat_one(position: ti.template(), motion: ti.template(), i, ox, oy, oz, cell, ny, nz, sums: ti.template()):
    """Add one particle to the 27 grid points around it."""
    x, y, z = (position[i, 0] - ox) / cell, (position[i, 1] - oy) / cell, (position[i, 2] - oz) / cell
    fx, fy, fz = ti.floor(x + 0.5), ti.floor(y + 0.5), ti.floor(z + 0.5)
    at = (ti.cast(fx, ti.i32) * ny + ti.cast(fy, ti.i32)) * nz + ti.cast(fz, ti.i32)
    dx, dy, dz = x - fx, y - fy, z - fz
    value = ti.Vector([1.0, x, y, z, motion[i, 0], motion[i, 1], motion[i, 2], 0.0], dt=ti.f32)
    low, middle, high = spline(dz, -1), spline(dz, 0), spline(dz, 1)
    for a in range(-1, 2):
        wx = spline(dx, a)
        for b in range(-1, 2):
            wxy = wx * spline(dy, b)
            here = at + (a * ny + b) * nz
            sums[here - 1] = sums[here - 1] + value * (wxy * low)  # an atomic sum of vectors is not supported
            sums[here] = sums[here] + value * (wxy * middle)
            sums[here + 1] = sums[here + 1] + value * (wxy * high)


@ti.kernel
def splat_particles(
    # Particles in:
    position: ti.types.ndarray(dtype=ti.f32, ndim=2),
    motion: ti.types.ndarray(dtype=ti.f32, ndim=2),
    # Grid: origin, cell and points per side
    ox: ti.f32,
    oy: ti.f32,
    oz: ti.f32,
    cell: ti.f32,
    ny: ti.i32,
    nz: ti.i32,
    # Out: sums of weight, weight * position, weight * motion
    sums: ti.types.ndarray(ndim=1),
):
    """Add every particle to the 27 grid points around it."""
    for _ in range(1):
        for i in range(position.shape[0]):
            splat_one(position, motion, i, ox, oy, oz, cell, ny, nz, sums)


@ti.func
def corner(c, ny, nz):
    """Distance in memory of corner `c` of a cell from its first; bits 0, 1, 2 are x, y, z."""
    return ((c % 2) * ny + c // 2 % 2) * nz + c // 4


@ti.func
def is_crossed(phi: ti.template(), at, nx, ny, nz):
    """1 when the surface goes through the cell whose first corner is `at`."""
    inside = 0
    if at // (ny * nz) < nx - 1 and at // nz % ny < ny - 1 and at % nz < nz - 1:
        for c in ti.static(range(8)):
            inside += ti.select(phi[at + corner(c, ny, nz)] < 0.0, 1, 0)
    return ti.select(inside > 0 and inside < 8, 1, 0)


@ti.kernel
def number_cells(
    # Sums in:
    sums: ti.types.ndarray(ndim=1),
    # Points per side:
    nx: ti.i32,
    ny: ti.i32,
    nz: ti.i32,
    # Out: phi at the points [cells]; number of the vertex of each cell, or -1; how many vertices
    phi: ti.types.ndarray(dtype=ti.f32, ndim=1),
    vertex: ti.types.ndarray(dtype=ti.i32, ndim=1),
    found: ti.types.ndarray(dtype=ti.i32, ndim=1),
):
    """Level set at the grid points, and the cells that the surface crosses, counted in order."""
    for at in range(nx * ny * nz):
        total = sums[at]
        value = OUTSIDE
        if total[0] > 1e-6:
            k = 1.0 / total[0]
            dx = total[1] * k - ti.cast(at // (ny * nz), ti.f32)
            dy = total[2] * k - ti.cast(at // nz % ny, ti.f32)
            dz = total[3] * k - ti.cast(at % nz, ti.f32)
            value = ti.min(ti.sqrt(dx * dx + dy * dy + dz * dz) - RADIUS, OUTSIDE)
        phi[at] = value
    for _ in range(1):
        number = 0
        for at in range(nx * ny * nz):
            vertex[at] = -1
            if is_crossed(phi, at, nx, ny, nz) == 1:
                vertex[at] = number
                number += 1
        found[0] = number


@ti.func
def slope(phi: ti.template(), at, step, b, c, u, v):
    """Difference along an axis, blended over the other two, whose steps in memory are `b` and `c`."""
    low = (phi[at + step] - phi[at]) * (1.0 - u) + (phi[at + step + b] - phi[at + b]) * u
    high = (phi[at + step + c] - phi[at + c]) * (1.0 - u) + (phi[at + step + b + c] - phi[at + b + c]) * u
    return low * (1.0 - v) + high * v


@ti.func
def place_vertex(sums: ti.template(), phi: ti.template(), v, at, ny, nz, out: ti.template()):
    """Vertex `v`, which is that of the cell `at`."""
    count, x, y, z = 0.0, 0.0, 0.0, 0.0
    weight, mx, my, mz = 0.0, 0.0, 0.0, 0.0
    for c in range(8):
        here = at + corner(c, ny, nz)
        weight += sums[here][0]
        mx, my, mz = mx + sums[here][4], my + sums[here][5], mz + sums[here][6]
        for axis in range(3):
            bit = 1 << axis
            there = at + corner(c | bit, ny, nz)
            if (c & bit) == 0 and (phi[here] < 0.0) != (phi[there] < 0.0):
                share = phi[here] / (phi[here] - phi[there])
                count += 1.0
                x += ti.cast(c & 1, ti.f32) + ti.select(axis == 0, share, 0.0)
                y += ti.cast(c >> 1 & 1, ti.f32) + ti.select(axis == 1, share, 0.0)
                z += ti.cast(c >> 2 & 1, ti.f32) + ti.select(axis == 2, share, 0.0)
    x, y, z = x / count, y / count, z / count
    gx = slope(phi, at, ny * nz, nz, 1, y, z)
    gy = slope(phi, at, nz, ny * nz, 1, x, z)
    gz = slope(phi, at, 1, ny * nz, nz, x, y)
    k = 1.0 / ti.sqrt(ti.max(gx * gx + gy * gy + gz * gz, 1e-20))
    out[v, 0] = x + ti.cast(at // (ny * nz), ti.f32)
    out[v, 1] = y + ti.cast(at // nz % ny, ti.f32)
    out[v, 2] = z + ti.cast(at % nz, ti.f32)
    out[v, 3], out[v, 4], out[v, 5] = gx * k, gy * k, gz * k
    w = 1.0 / ti.max(weight, 1e-20)
    out[v, 6], out[v, 7], out[v, 8] = mx * w, my * w, mz * w


@ti.kernel
def place_vertices(
    # Grid in:
    sums: ti.types.ndarray(ndim=1),
    phi: ti.types.ndarray(dtype=ti.f32, ndim=1),
    vertex: ti.types.ndarray(dtype=ti.i32, ndim=1),
    ny: ti.i32,
    nz: ti.i32,
    # Out: position in cells, normal, motion
    out: ti.types.ndarray(dtype=ti.f32, ndim=2),
):
    """Vertex, normal and motion of every cell that the surface crosses."""
    for at in range(vertex.shape[0]):
        if vertex[at] >= 0:
            place_vertex(sums, phi, vertex[at], at, ny, nz, out)


@ti.func
def join_quad(phi: ti.template(), vertex: ti.template(), at, along, b, c, number, faces: ti.template()):
    """Two triangles around the edge from `at` to `at + along`, where it is crossed; returns how many there are then."""
    if at - b - c >= 0 and (phi[at] < 0.0) != (phi[at + along] < 0.0):
        v0, v1, v2, v3 = vertex[at - b - c], vertex[at - c], vertex[at], vertex[at - b]
        if phi[at] >= 0.0:
            v1, v3 = v3, v1
        faces[number, 0], faces[number, 1], faces[number, 2] = v0, v1, v2
        faces[number + 1, 0], faces[number + 1, 1], faces[number + 1, 2] = v0, v2, v3
        number += 2
    return number


@ti.kernel
def join_vertices(
    # Grid in:
    phi: ti.types.ndarray(dtype=ti.f32, ndim=1),
    vertex: ti.types.ndarray(dtype=ti.i32, ndim=1),
    ny: ti.i32,
    nz: ti.i32,
    # Out: triangles, and how many
    faces: ti.types.ndarray(dtype=ti.i32, ndim=2),
    found: ti.types.ndarray(dtype=ti.i32, ndim=1),
):
    """Two triangles around every crossed edge of the grid, counter-clockwise seen from outside."""
    for _ in range(1):
        number = 0
        for at in range(phi.shape[0]):
            if vertex[at] >= 0:
                number = join_quad(phi, vertex, at, ny * nz, nz, 1, number, faces)
                number = join_quad(phi, vertex, at, nz, 1, ny * nz, number, faces)
                number = join_quad(phi, vertex, at, 1, ny * nz, nz, number, faces)
        found[0] = number


KERNELS = (splat_particles, number_cells, place_vertices, join_vertices)


def liquid_surface(
    position: np.ndarray, radius: float, motion: np.ndarray | None, launch: Mapping[Any, Callable[..., None]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:
    """Surface around particles (n, 3) of `radius` [m]: vertices (v, 3) f32, faces (f, 3), unit normals (v, 3) and, where the
    particles' `motion` (n, 3) is given, that of the vertices (v, 3). `launch`: how to call each of KERNELS."""
    if not len(position):
        return np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), np.zeros((0, 3)), motion
    cell = radius / RADIUS
    columns = np.ascontiguousarray(position.T)  # reductions along memory
    low = columns.min(axis=1).astype(float)
    extent = columns.max(axis=1) - low
    while np.prod(extent / cell + 2 * MARGIN + 2) > MAX_CELLS:
        cell *= 1.1
    origin = low - MARGIN * cell
    nx, ny, nz = (int(n) for n in np.ceil(extent / cell).astype(int) + 2 * MARGIN + 1)
    sums = ti.ndarray(WIDE, nx * ny * nz)  # of zeros; a numpy array is not aligned to its elements
    phi, vertex = np.empty(nx * ny * nz, np.float32), np.empty(nx * ny * nz, np.int32)
    found = np.zeros(1, np.int32)
    place = np.ascontiguousarray(position, np.float32)
    move = np.zeros_like(place) if motion is None else np.ascontiguousarray(motion, np.float32)
    launch[splat_particles](place, move, *origin, cell, ny, nz, sums)
    launch[number_cells](sums, nx, ny, nz, phi, vertex, found)
    out = np.empty((int(found[0]), 9), np.float32)
    launch[place_vertices](sums, phi, vertex, ny, nz, out)
    faces = np.empty((6 * len(out), 3), np.int32)
    launch[join_vertices](phi, vertex, ny, nz, faces, found)
    vertices = (origin + cell * out[:, :3]).astype(np.float32)
    return vertices, faces[: found[0]], out[:, 3:6], None if motion is None else out[:, 6:9]
