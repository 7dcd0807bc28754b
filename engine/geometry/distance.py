"""Signed distance fields of closed meshes, on the host: exact distances on a grid, kept on disk.

Distance: the mesh is split until its triangles are about as large as a cell; a grid point takes the least exact distance to the
triangles whose middles are nearest (k-d tree); k grows where a farther triangle could still be nearer. Beyond three cells from
the surface the first k must do, which misses less than the square of a triangle's size over twice the distance. Point
and triangle: Ericson, Real-Time Collision Detection (2005), 5.1.5. Sign: the parity of crossings along z, with the columns
shifted by a ten-millionth of a cell so that they meet no edge.

Limits: closed meshes only; details below a cell are rounded off by the trilinear lookup; MAX_RESOLUTION cells along the longest
side.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError
from engine.geometry.grid import Grid, spread_points
from engine.geometry.hull import convex_hull
from engine.geometry.mesh import MeshData
from engine.geometry.store import Arrays, stored

Array = NDArray[np.float64]
RESOLUTION, MAX_RESOLUTION = 48, 128  # cells along the longest side
PADDING = 6  # cells around the mesh
SAMPLES = 256  # points of the surface
METHOD = 2  # raise when the computation changes, so that old files are not read
CHUNK = 1 << 15


@lru_cache(maxsize=64)
def distance_grid(data: MeshData, resolution: int, where: str = "Mesh") -> Grid:
    """The distance field of a closed mesh. Raises SceneError when the mesh is open."""
    if not data.watertight:
        raise SceneError(
            where,
            f"mesh {data.name!r} is not watertight, so it has no inside",
            "allowed: closed meshes for convex='field'",
            "repair the mesh, or use convex='hull' or 'decompose'",
        )
    arrays = stored(f"distance {METHOD} {data.key} {resolution}", lambda: _compute(data, resolution))
    return Grid(arrays["origin"], arrays["spacing"], arrays["count"], arrays["values"], samples=arrays["samples"])


def _compute(data: MeshData, resolution: int) -> Arrays:
    low, high = data.vertices.min(axis=0), data.vertices.max(axis=0)
    cell = float((high - low).max()) / resolution
    count = np.ceil((high - low) / cell).astype(int) + 1 + 2 * PADDING
    origin = (low + high) / 2 - cell * (count - 1) / 2
    axes = [origin[k] + cell * np.arange(count[k]) for k in range(3)]
    z, y, x = np.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    points = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    fine = _split(data.vertices[data.faces], cell)
    distance = _unsigned(points, fine, 3 * cell)
    inside = _inside(data.vertices[data.faces], axes, cell)
    samples = spread_points(fine.mean(axis=1), SAMPLES, convex_hull(data).vertices)
    return {
        "origin": origin, "spacing": np.full(3, cell), "count": count,
        "values": np.where(inside.reshape(-1), -distance, distance), "samples": samples,
    }  # fmt: skip


def _split(triangles: Array, length: float, limit: int = 200_000) -> Array:
    """Triangles (n, 3, 3), those with a side longer than 1.5 `length` cut in four again and again."""
    done: list[Array] = []
    while len(triangles):
        longest = np.linalg.norm(triangles - np.roll(triangles, 1, axis=1), axis=2).max(axis=1)
        large = longest > 1.5 * length
        if sum(len(d) for d in done) + len(triangles) + 3 * int(large.sum()) > limit:
            large[:] = False
        done.append(triangles[~large])
        a, b, c = (triangles[large][:, k] for k in range(3))
        ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
        triangles = np.concatenate([np.stack(t, axis=1) for t in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))])
    return np.concatenate(done)


def _unsigned(points: Array, triangles: Array, band: float) -> Array:
    """Distances (n,) of points to the nearest of the triangles (m, 3, 3), exact within the band."""
    from scipy.spatial import cKDTree  # here, since only scenes with such fields pay for it

    middle = triangles.mean(axis=1)
    radius = float(np.linalg.norm(triangles - middle[:, None], axis=2).max())
    tree = cKDTree(middle)
    best = np.full(len(points), np.inf)
    todo, k = np.arange(len(points)), min(4, len(triangles))
    while len(todo):
        open_ones = []
        for part in np.array_split(todo, -(-len(todo) * k // (8 * CHUNK))):
            away, near = tree.query(points[part], k=k)
            away, near = away.reshape(len(part), k), near.reshape(len(part), k)
            d = _point_triangle(np.repeat(points[part], k, axis=0), triangles[near.reshape(-1)]).reshape(len(part), k)
            best[part] = d.min(axis=1)
            open_ones.append(part[(away[:, -1] - radius < best[part]) & (best[part] < band) & (k < len(triangles))])
        todo, k = np.concatenate(open_ones), min(4 * k, len(triangles))
    return best


def _point_triangle(p: Array, t: Array) -> Array:
    """Distances of points (n, 3) to triangles (n, 3, 3)."""
    a, b, c = t[:, 0], t[:, 1], t[:, 2]
    best = np.full(len(p), np.inf)
    for q, r in ((a, b), (b, c), (c, a)):
        e = r - q
        s = np.clip(_dot(p - q, e) / np.maximum(_dot(e, e), 1e-300), 0.0, 1.0)[:, None]
        best = np.minimum(best, np.linalg.norm(p - q - s * e, axis=1))
    n = np.cross(b - a, c - a)
    over = np.ones(len(p), bool)
    for q, r in ((a, b), (b, c), (c, a)):
        over &= _dot(np.cross(r - q, p - q), n) >= 0
    height = np.abs(_dot(p - a, n)) / np.maximum(np.linalg.norm(n, axis=1), 1e-300)
    return np.where(over, np.minimum(best, height), best)


def _dot(a: Array, b: Array) -> Array:
    return np.einsum("ij,ij->i", a, b)


def _inside(triangles: Array, axes: list[Array], cell: float) -> NDArray[np.bool_]:
    """Which grid points (nz, ny, nx) lie inside the closed mesh."""
    shift = 1e-7 * cell
    x, y = axes[0] + shift, axes[1] + 1.7 * shift
    crossings = np.zeros((len(axes[2]) + 1, len(y), len(x)), np.int64)
    for a, b, c in triangles:
        low, high = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
        i0, i1 = np.searchsorted(x, (low[0], high[0]))
        j0, j1 = np.searchsorted(y, (low[1], high[1]))
        if i0 == i1 or j0 == j1:
            continue
        gx, gy = np.meshgrid(x[i0:i1], y[j0:j1])
        det = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        if det == 0:
            continue
        u = ((gx - a[0]) * (c[1] - a[1]) - (gy - a[1]) * (c[0] - a[0])) / det
        v = ((b[0] - a[0]) * (gy - a[1]) - (b[1] - a[1]) * (gx - a[0])) / det
        hit = (u >= 0) & (v >= 0) & (u + v < 1)
        z = a[2] + u * (b[2] - a[2]) + v * (c[2] - a[2])
        rows, columns = np.nonzero(hit)
        np.add.at(crossings, (np.searchsorted(axes[2], z[hit]), rows + j0, columns + i0), 1)
    return np.cumsum(crossings, axis=0)[:-1] % 2 == 1
