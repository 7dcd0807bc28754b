"""Implicit finite elements of an elastic solid: linear or quadratic tetrahedra, Newton with line search and CG.

Stable neo-Hookean (Smith, Goes and Kim 2018, without the logarithm) or St. Venant-Kirchhoff. Quadratic elements have nodes on
the edges and four quadrature points. Element Hessians are made positive by their eigenvalues. Time: backward Euler or BDF2;
statics without mass. numpy and scipy, one environment, no contact: for tests and for whoever doubts the fast solver.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import StateError

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
EDGES = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
INNER, OUTER = 0.5854101966249685, 0.1381966011250105  # four-point rule, exact to degree two


def quadratic(points: Array, cells: Ints) -> tuple[Array, Ints]:
    """Ten-node tetrahedra of four-node ones: corners, then the middles of EDGES."""
    pairs = np.sort(cells[:, np.array(EDGES)].reshape(-1, 2), axis=1)
    edge, number = np.unique(pairs, axis=0, return_inverse=True)
    middle = points[edge].mean(axis=1)
    return np.concatenate([points, middle]), np.concatenate([cells, len(points) + number.reshape(-1, 6)], axis=1)


def _gradients(nodes: int) -> tuple[Array, Array]:
    """Derivatives (q, nodes, 3) of the shape functions in the corner coordinates 1..3 at the quadrature points, and weights."""
    corner = np.concatenate([-np.ones((1, 3)), np.eye(3)])
    if nodes == 4:
        return corner[None], np.ones(1)
    found = []
    for k in range(4):
        L = np.full(4, OUTER)
        L[k] = INNER
        rows = [(4 * L[i] - 1) * corner[i] for i in range(4)] + [4 * (L[i] * corner[j] + L[j] * corner[i]) for i, j in EDGES]
        found.append(rows)
    return np.array(found), np.full(4, 0.25)


@dataclass
class ElasticBody:
    """points (n, 3) [m] at rest, cells (m, 4 or 10), Lame's mu and lam [Pa], density [kg/m^3], law of Elastic."""

    points: Array
    cells: Ints
    mu: float
    lam: float
    density: float = 0.0
    law: str = "neo_hookean"

    def __post_init__(self) -> None:
        local, weight = _gradients(self.cells.shape[1])
        rest = self.points[self.cells]
        J = np.einsum("ena,qnb->eqab", rest, local)
        self.gradient = np.einsum("qnb,eqba->eqna", local, np.linalg.inv(J))
        self.volume = np.linalg.det(J) / 6 * weight
        share = 0.25 if self.cells.shape[1] == 4 else 0.1
        self.mass = np.zeros(len(self.points))
        np.add.at(self.mass, self.cells.ravel(), np.repeat(self.density * self.volume.sum(1) * share, self.cells.shape[1]))

    def deformation(self, x: Array) -> Array:
        """Deformation gradients (m, q, 3, 3)."""
        return np.einsum("ena,eqnb->eqab", x[self.cells], self.gradient)

    def energy(self, x: Array) -> float:
        """Strain energy [J]."""
        F = self.deformation(x)
        if self.law == "st_venant_kirchhoff":
            E = (np.swapaxes(F, -1, -2) @ F - np.eye(3)) / 2
            density = self.lam / 2 * np.trace(E, axis1=-2, axis2=-1) ** 2 + self.mu * (E * E).sum((-1, -2))
        else:
            lam = self.lam + self.mu
            a = 1 + self.mu / lam
            density = self.mu / 2 * ((F * F).sum((-1, -2)) - 3) + lam / 2 * (np.linalg.det(F) - a) ** 2 - self.mu**2 / lam / 2
        return float((density * self.volume).sum())

    def stress(self, F: Array) -> Array:
        """First Piola stress (m, q, 3, 3) [Pa]."""
        if self.law == "st_venant_kirchhoff":
            E = (np.swapaxes(F, -1, -2) @ F - np.eye(3)) / 2
            return F @ (self.lam * np.trace(E, axis1=-2, axis2=-1)[..., None, None] * np.eye(3) + 2 * self.mu * E)
        lam = self.lam + self.mu
        return self.mu * F + (lam * (np.linalg.det(F) - 1) - self.mu)[..., None, None] * cofactor(F)

    def force(self, x: Array) -> Array:
        """Internal forces (n, 3) [N]."""
        P = self.stress(self.deformation(x))
        each = -np.einsum("eqab,eqnb,eq->ena", P, self.gradient, self.volume)
        total = np.zeros_like(self.points)
        np.add.at(total, self.cells.ravel(), each.reshape(-1, 3))
        return total

    def hessian(self, x: Array):
        """Stiffness matrix (3n, 3n), sparse, symmetric and positive."""
        from scipy import sparse

        F = self.deformation(x)
        dP = np.empty((*F.shape, 3, 3))
        step = 1e-6
        for i in range(3):
            for j in range(3):
                shift = np.zeros((3, 3))
                shift[i, j] = step
                dP[..., i, j] = (self.stress(F + shift) - self.stress(F - shift)) / (2 * step)
        flat = dP.reshape(*F.shape[:2], 9, 9)
        value, vector = np.linalg.eigh((flat + np.swapaxes(flat, -1, -2)) / 2)
        dP = ((vector * np.maximum(value, 0)[..., None, :]) @ np.swapaxes(vector, -1, -2)).reshape(dP.shape)
        K = np.einsum("eqabcd,eqnb,eqmd,eq->enamc", dP, self.gradient, self.gradient, self.volume, optimize=True)
        k = self.cells.shape[1]
        dof = (3 * self.cells[..., None] + np.arange(3)).reshape(len(self.cells), 3 * k)
        rows, columns = np.repeat(dof, 3 * k, axis=1).ravel(), np.tile(dof, (1, 3 * k)).ravel()
        size = 3 * len(self.points)
        return sparse.csr_matrix((K.reshape(-1), (rows, columns)), shape=(size, size))


def cofactor(F: Array) -> Array:
    """Derivative of the determinant."""
    return np.stack(
        [np.cross(F[..., 1, :], F[..., 2, :]), np.cross(F[..., 2, :], F[..., 0, :]), np.cross(F[..., 0, :], F[..., 1, :])], -2
    )


def minimize(
    x: Array,
    fixed: NDArray[np.bool_],
    energy: Callable[[Array], float],
    gradient: Callable,
    hessian: Callable,
    tolerance: float,
) -> Array:
    """Newton with backtracking from x; `fixed` nodes (n,) or coordinates (n, 3) stay.
    Raises StateError when it does not converge in 100 steps."""
    from scipy.sparse.linalg import LinearOperator, cg

    free = ~np.broadcast_to(fixed.reshape(len(x), -1), x.shape).ravel()
    for _ in range(100):
        g = gradient(x).ravel()[free]
        if np.abs(g).max() <= tolerance:
            return x
        K = hessian(x)[free][:, free]
        inverse = 1 / np.maximum(K.diagonal(), 1e-30)
        scale = LinearOperator(K.shape, matvec=lambda v, d=inverse: d * v.ravel())
        step, _ = cg(K, -g, rtol=1e-6, maxiter=20_000, M=scale)
        full = np.zeros(x.size)
        full[free] = step
        length, here, slope = 1.0, energy(x), float(g @ step)
        while energy(x + length * full.reshape(x.shape)) > here + 1e-4 * length * slope + 1e-13 * abs(here) and length > 1e-8:
            length *= 0.5
        x = x + length * full.reshape(x.shape)
        if length * np.abs(step).max() < 1e-13:
            return x
    raise StateError("fem.minimize", "Newton's method did not converge in 100 steps", "", "take smaller load steps")


def equilibrium(body: ElasticBody, x: Array, fixed: NDArray[np.bool_], load: Array, tolerance: float = 1e-8) -> Array:
    """Positions at rest under nodal forces `load` (n, 3) [N]; the fixed nodes stay where x has them."""
    return minimize(
        x, fixed, lambda y: body.energy(y) - float((load * y).sum()), lambda y: -body.force(y) - load, body.hessian, tolerance
    )


def step(
    body: ElasticBody, states: list[Array], fixed: NDArray[np.bool_], load: Array, dt: float, order: int = 1
) -> list[Array]:
    """One time step: `states` are [x, v] or, for order 2 (BDF2), [x, v, x before, v before]; returns the new list."""
    from scipy import sparse

    x, v = states[0], states[1]
    if order == 2 and len(states) == 4:
        x0, v0, h = (4 * x - states[2]) / 3, (4 * v - states[3]) / 3, dt * 2 / 3
    else:
        x0, v0, h = x, v, dt
    target = x0 + h * v0
    heavy = np.repeat(body.mass / h**2, 3)
    weight = sparse.diags(heavy)

    def energy(y: Array) -> float:
        d = (y - target).ravel()
        return body.energy(y) + 0.5 * float((heavy * d * d).sum()) - float((load * y).sum())

    def gradient(y: Array) -> Array:
        return (heavy * (y - target).ravel()).reshape(y.shape) - body.force(y) - load

    first = np.where(fixed.reshape(len(x), -1), x, target)
    new = minimize(first, fixed, energy, gradient, lambda y: body.hessian(y) + weight, 1e-9)
    return [new, (new - x0) / h, x, v]
