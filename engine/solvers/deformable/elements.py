"""From a mesh at rest to stencils: triangles, tetrahedra, hinges and edges with the constants that their energies need.

Membrane and solid: linear elements with constant deformation gradient. Bending: t = sum c_j x_j over two triangles is the
difference of their in-plane normals of the shared edge, |t| = 2 sin(angle/2) under isometry (Bergou et al. 2006: quadratic in
the positions). The classical weights are evened out, so that clamped strips of squares with alternating diagonals
have the stiffness of the plate. Rods: the same form over three vertices. Flat (straight) at rest.
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


def hinges(plane: Array, faces: Ints) -> Stencils:
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
    weight = _even(plane, faces, np.stack([a, b], axis=1))
    share = across**2
    constants = np.zeros((len(a), 4, 6))
    order = cyclic(4)
    constants[:, :, :4] = coefficients[:, order]
    constants[:, :, 4] = (weight * share[:, 0])[:, None]
    constants[:, :, 5] = (weight * share[:, 1])[:, None]
    return Stencils(col.HINGE, np.stack([a, b, c, d], axis=1), constants)


def _even(plane: Array, faces: Ints, hinge: Ints) -> Array:
    """Weights (hinges,): the classical ones, length over height, as the mean over the three edges of each triangle.

    Vertices take the places that cost least, so that a sheet is softer than a patch whose vertices all lie on one cylinder.
    Squares halved by alternating diagonals with weights a of sides and b of diagonals have the stiffness a - s for a cylinder
    whose sides stay straight and a (a - 2 s) / (a - s) with free sides, s = a^2 / (2 (a + b)), and are isotropic for a = b. The
    mean of the classical 1, 1 and 2 is a = b = 4/3: 1 for the cylinder, 8/9 with free sides (the classical ones: 0.83 and 0.8).
    Equilateral triangles keep the classical weight.
    """
    corner = plane[faces]
    side = np.roll(corner, -1, axis=1) - corner
    square = (side**2).sum(2)
    area = np.abs(side[:, 0, 0] * side[:, 1, 1] - side[:, 0, 1] * side[:, 1, 0]) / 2
    mean = (square / (2 * area[:, None])).mean(1)  # length over height is length^2 / (2 area)
    of_edge: dict[tuple[int, int], list[float]] = {}
    for face, value in zip(faces.tolist(), mean.tolist(), strict=True):
        for k in range(3):
            pair = (min(face[k], face[k - 1]), max(face[k], face[k - 1]))
            of_edge.setdefault(pair, []).append(value)
    return np.array([np.mean(of_edge[(min(i, j), max(i, j))]) for i, j in hinge[:, :2].tolist()])


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
