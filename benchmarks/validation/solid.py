"""What the cases of elastic solids share: a block for the reference solver, closed forms of the laws."""

import numpy as np

from engine.geometry.solids import box_solid
from engine.solvers.fem.reference import ElasticBody, quadratic

YOUNG = 1e6
LAWS, NUS = ("neo_hookean", "st_venant_kirchhoff"), (0.0, 0.3, 0.45)


def lame(nu: float) -> tuple[float, float]:
    """Lame's mu and lambda [Pa] of YOUNG."""
    return YOUNG / (2 * (1 + nu)), YOUNG * nu / ((1 + nu) * (1 - 2 * nu))


def block(
    nu: float, law: str = "neo_hookean", size: tuple[float, float, float] = (0.1, 0.1, 0.1), spacing: float = 0.05,
    second: bool = False, density: float = 0.0,
) -> ElasticBody:  # fmt: skip
    """A box of tetrahedra centred on the origin."""
    points, cells = box_solid(size, spacing)
    if second:
        points, cells = quadratic(points, cells)
    return ElasticBody(points, cells, *lame(nu), density, law)


def nominal(law: str, nu: float, stretch: float) -> float:
    """Nominal uniaxial stress [Pa] at a stretch, free sides: the lateral stretch t makes the lateral stress zero."""
    from scipy.optimize import brentq

    if law == "st_venant_kirchhoff":
        return YOUNG * stretch * (stretch**2 - 1) / 2
    mu, lam = lame(nu)
    firm = lam + mu

    def sideways(t: float) -> float:
        return mu + (firm * (t * t * stretch - 1) - mu) * stretch

    t = brentq(sideways, 0.5, 1.5)
    return float(mu * stretch + (firm * (t * t * stretch - 1) - mu) * t * t)


def boundary(points: np.ndarray) -> np.ndarray:
    """Which points lie on the faces of their box."""
    return (np.abs(points - points.min(0)) < 1e-9).any(1) | (np.abs(points - points.max(0)) < 1e-9).any(1)
