"""The reference solver: patch tests, the beam by quadratic elements, derivatives."""

import numpy as np
import pytest

from engine.geometry.solids import box_solid
from engine.solvers.fem.reference import ElasticBody, equilibrium, quadratic, step

YOUNG, POISSON = 1e6, 0.3
MU, LAM = YOUNG / (2 * (1 + POISSON)), YOUNG * POISSON / ((1 + POISSON) * (1 - 2 * POISSON))


def bar(size, spacing, second=False, law="neo_hookean", density=0.0):
    points, cells = box_solid(size, spacing)
    if second:
        points, cells = quadratic(points, cells)
    return ElasticBody(points, cells, MU, LAM, density, law)


@pytest.mark.parametrize("law", ["neo_hookean", "st_venant_kirchhoff"])
@pytest.mark.parametrize("second", [False, True])
def test_force_is_the_derivative_of_energy_and_vanishes_at_rest(law, second):
    body = bar((0.1, 0.1, 0.1), 0.1, second, law)
    assert np.abs(body.force(body.points)).max() < 1e-9
    rng = np.random.default_rng(3)
    x = body.points + 0.01 * rng.standard_normal(body.points.shape)
    d = rng.standard_normal(x.shape)
    slope = (body.energy(x + 1e-6 * d) - body.energy(x - 1e-6 * d)) / 2e-6
    assert -(body.force(x) * d).sum() == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("second", [False, True])
def test_uniaxial_stretch_is_exact(second):
    """The patch test: 0.01 % of stretch with free sides gives E eps and -nu eps."""
    body = bar((0.1, 0.1, 0.3), 0.05, second)
    x = body.points.copy()
    ends = np.abs(x[:, 2]) > 0.1499
    # the ends slide sideways: hold them only along z, by a stretched affine state as the guess and its own sides
    eps = 1e-4
    x *= [1 - POISSON * eps, 1 - POISSON * eps, 1 + eps]
    inner = np.zeros(len(x), bool) | ends
    found = equilibrium(body, x + 1e-6 * np.random.default_rng(1).standard_normal(x.shape) * ~inner[:, None], inner, 0 * x)
    F = body.deformation(found)
    P = body.stress(F)
    assert P[..., 2, 2].mean() == pytest.approx(YOUNG * eps, rel=2e-3)
    assert np.abs(P[..., 0, 0]).max() < 2e-3 * YOUNG * eps


def test_a_cantilever_of_quadratic_elements_bends_as_timoshenko_says():
    """S6: L 1, b = h = 0.1, tip force 0.25 N: F L^3 / (3 E I) + shear = 0.010078 m, within 2 %.
    Elements of h (0.1 m) are 2.3 % too stiff, of h / 2 1.1 %."""
    body = bar((1.0, 0.1, 0.1), 0.05, second=True)
    tip = np.abs(body.points[:, 0] - 0.5) < 1e-9
    load = np.zeros_like(body.points)
    load[tip, 2] = -0.25 / tip.sum()
    x = equilibrium(body, body.points, np.abs(body.points[:, 0] + 0.5) < 1e-9, load)
    assert (body.points - x)[tip, 2].mean() == pytest.approx(0.010078, rel=0.02)


def test_bdf2_keeps_what_backward_euler_loses():
    """A released stretched cube: the second order loses less in the same steps; observed order of the fall is exact."""
    body = bar((0.1, 0.1, 0.1), 0.1, density=1000.0)
    fixed = np.abs(body.points[:, 2] + 0.05) < 1e-9
    left = []
    for order in (1, 2):
        x = body.points * [1, 1, 1.01]
        x[fixed] = body.points[fixed]
        states = [x, 0 * x]
        first = body.energy(x)
        for _ in range(40):
            states = step(body, states, fixed, 0 * x, 2e-4, order)
        kinetic = 0.5 * float((body.mass[:, None] * states[1] ** 2).sum())
        left.append((body.energy(states[0]) + kinetic) / first)
    assert left[0] < left[1] < 1.001
