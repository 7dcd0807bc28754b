"""From a mesh at rest to stencils: triangles, tetrahedra, hinges and edges with the constants that their energies need.

Membrane and solid: linear elements with constant deformation gradient. Bending: t = sum c_j x_j over two triangles is the
difference of their in-plane normals of the shared edge, |t| = 2 sin(angle/2) under isometry (Bergou et al. 2006: quadratic in
the positions). The weights of the hinges are fitted so that constant curvatures have the energy of the plate, since the
classical weights depend on the mesh. Rods: the same form over three vertices. Flat (straight) at rest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.solvers.deformable import layout as col

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Stencils:
    """Elements of one kind: vertices (n, k) and constants per own vertex (n, k, CONSTANTS[kind]), for the order own vertex
    first and then the others, cyclically.
    """

    kind: int
    vertices: Ints
    constants: Array


def cyclic(k: int) -> Ints:
    """Row a: the order in which an element is seen from its vertex a."""
    return (np.arange(k)[:, None] + np.arange(k)) % k


def triangles(rest: Array, faces: Ints) -> tuple[Stencils, Array]:
    """Membrane of triangles whose rest shape has the plane coordinates (n, 3, 2) [m]; returns also the areas."""
    order = cyclic(3)
    seen = rest[:, order]  # (n, a, 3, 2)
    sides = np.stack([seen[:, :, 1] - seen[:, :, 0], seen[:, :, 2] - seen[:, :, 0]], axis=-1)  # columns
    inverse = np.linalg.inv(sides)
    area = 0.5 * np.abs(np.linalg.det(sides[:, 0]))
    constants = np.concatenate(
        [inverse.reshape(len(faces), 3, 4), np.broadcast_to(area[:, None, None], (len(faces), 3, 1))], axis=2
    )
    return Stencils(col.TRIANGLE, faces, constants), area


def tetrahedra(points: Array, cells: Ints) -> tuple[Stencils, Array]:
    """Solid of linear tetrahedra; returns also the volumes."""
    order = cyclic(4)
    seen = points[cells][:, order]  # (n, a, 4, 3)
    sides = np.swapaxes(seen[:, :, 1:] - seen[:, :, :1], -1, -2)
    inverse = np.linalg.inv(sides)  # row j: gradient of the shape function of other vertex j
    volume = np.abs(np.linalg.det(sides[:, 0])) / 6
    constants = np.concatenate(
        [inverse.reshape(len(cells), 4, 9), np.broadcast_to(volume[:, None, None], (len(cells), 4, 1))], axis=2
    )
    return Stencils(col.TETRAHEDRON, cells, constants), volume


def hinges(plane: Array, faces: Ints, fitted: bool = True) -> Stencils:
    """Bending over inner edges of a mesh that is flat at rest at `plane` (n, 2) [m]: first edge vertex, second, two opposite.

    Constants: four coefficients, weight along the first material axis, along the second (energy is half stiffness times weight
    times t^2).
    """
    a, b, c, d = inner_edges(faces)
    p = plane[np.stack([a, b, c, d], axis=1)]
    edge = p[:, 1] - p[:, 0]
    length = np.linalg.norm(edge, axis=1)
    along = edge / length[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    coefficients = np.zeros((len(a), 4))
    for k in (2, 3):
        offset = p[:, k] - p[:, 0]
        height = np.abs((offset * across).sum(1))
        s = (offset * along).sum(1) / length
        coefficients[:, k] = 1 / height
        coefficients[:, 0] -= (1 - s) / height
        coefficients[:, 1] -= s / height
    dual = (1 / coefficients[:, 2] + 1 / coefficients[:, 3]) / 2
    weight = length / dual
    if fitted and len(a):
        weight = _fitted(plane, np.stack([a, b, c, d], axis=1), coefficients, weight, length * dual, faces)
    share = across**2
    constants = np.zeros((len(a), 4, 6))
    order = cyclic(4)
    constants[:, :, :4] = coefficients[:, order]
    constants[:, :, 4] = (weight * share[:, 0])[:, None]
    constants[:, :, 5] = (weight * share[:, 1])[:, None]
    return Stencils(col.HINGE, np.stack([a, b, c, d], axis=1), constants)


def _fitted(plane: Array, hinge: Ints, coefficients: Array, weight: Array, area: Array, faces: Ints) -> Array:
    """Weights near `weight` with which a patch of constant curvature has the energy of an isotropic plate without Poisson's
    effect, k_xx^2 + k_yy^2 + 2 k_xy^2 per area: least squares over the hinges at every vertex, then the mean of both ends.
    """
    p = plane[hinge] - plane[hinge].mean(axis=1, keepdims=True)
    modes = np.stack([p[..., 0] ** 2 / 2, p[..., 1] ** 2 / 2, p[..., 0] * p[..., 1]], axis=-1)
    bend = (coefficients[..., None] * modes).sum(1)  # t for unit kxx, kyy, kxy
    pairs = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
    rows = np.stack([bend[:, i] * bend[:, j] for i, j in pairs], axis=1)
    trust = np.array([1.0, 1.0, 0.5, 0.3, 0.05, 0.05])  # what twist and bending share, one-way diagonals cannot mend
    target = np.array([1.0, 1.0, 2.0, 0.0, 0.0, 0.0]) * trust
    corner = plane[faces]
    first, second = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    third = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 6
    owned = np.zeros(len(plane))
    np.add.at(owned, faces.ravel(), np.repeat(third, 3))
    total, count = np.zeros(len(hinge)), np.zeros(len(hinge))
    incident: list[list[int]] = [[] for _ in range(len(plane))]
    for k, quad in enumerate(hinge.tolist()):
        for v in quad:
            incident[v].append(k)
    cache: dict[bytes, Array] = {}
    for v, ks in enumerate(incident):
        if len(ks) < 8:
            continue
        factor = 0.25 * rows[ks]  # a hinge is counted at each of its four vertices
        key = np.round(np.concatenate([factor.ravel() / owned[v], weight[ks]]), 6).tobytes()
        if key not in cache:
            scale = np.maximum(weight[ks], 1e-12)
            system = trust[:, None] * (factor * scale[:, None]).T / owned[v]
            step = np.linalg.lstsq(system, target - system @ np.ones(len(ks)), rcond=1e-6)[0]
            cache[key] = np.clip(1 + step, 0.02, 4.0) * scale
        total[ks] += cache[key]
        count[ks] += 1
    return np.where(count > 0, total / np.maximum(count, 1), weight)


def inner_edges(faces: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Edges with two triangles: both ends and the two opposite vertices."""
    sides = np.concatenate([faces[:, [0, 1, 2]], faces[:, [1, 2, 0]], faces[:, [2, 0, 1]]])
    low, high = sides[:, :2].min(1), sides[:, :2].max(1)
    order = np.lexsort((sides[:, 2], high, low))
    low, high, tip = low[order], high[order], sides[order, 2]
    same = np.flatnonzero((low[1:] == low[:-1]) & (high[1:] == high[:-1]))
    return low[same], high[same], tip[same], tip[same + 1]


def unique_edges(cells: Ints) -> Ints:
    """All pairs of vertices that share an element, each once."""
    k = cells.shape[1]
    pairs = np.concatenate([cells[:, [i, j]] for i in range(k) for j in range(i + 1, k)])
    return np.unique(np.sort(pairs, axis=1), axis=0)


def edges(points: Array, pairs: Ints, weight: Array | None = None) -> Stencils:
    """Springs along edges: rest length and weight (1/length: the stiffness of a parameter EA is EA/length)."""
    length = np.linalg.norm(points[pairs[:, 1]] - points[pairs[:, 0]], axis=1)
    strong = 1 / np.maximum(length, 1e-9) if weight is None else weight
    constants = np.repeat(np.stack([length, strong], axis=1)[:, None], 2, axis=1)
    return Stencils(col.EDGE, pairs, constants)


def rod_bends(points: Array, line: Ints) -> Stencils:
    """Bending at the inner vertices of rods; `line` (n, 3): vertex before, middle, after. The fourth vertex is a blank."""
    before = np.linalg.norm(points[line[:, 1]] - points[line[:, 0]], axis=1)
    after = np.linalg.norm(points[line[:, 2]] - points[line[:, 1]], axis=1)
    coefficients = np.stack([1 / before, -1 / before - 1 / after, 1 / after, np.zeros(len(line))], axis=1)
    constants = np.zeros((len(line), 4, 6))
    constants[:, :, :4] = coefficients[:, cyclic(4)]
    constants[:, :, 4] = (2 / (before + after))[:, None]
    return Stencils(col.HINGE, np.concatenate([line, line[:, 1:2]], axis=1), constants)
