"""Rotations on the host agree with scipy and with themselves."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from datagen import quaternions as q


def wxyz(rotation):
    return np.roll(rotation.as_quat(), 1, axis=-1)


@pytest.fixture
def turns():
    generator = np.random.default_rng(5)
    return [Rotation.from_quat(generator.normal(size=(40, 4))) for _ in range(2)]


def test_products_and_turned_vectors_agree_with_scipy(turns):
    a, b = turns
    vectors = np.random.default_rng(6).normal(size=(40, 3))
    product = q.multiply(wxyz(a), wxyz(b))
    expected = wxyz(a * b)
    assert np.allclose(np.abs((product * expected).sum(1)), 1.0, atol=1e-12)
    assert np.allclose(q.rotate(wxyz(a), vectors), a.apply(vectors), atol=1e-12)
    assert np.allclose(q.rotate(q.conjugate(wxyz(a)), vectors), a.inv().apply(vectors), atol=1e-12)


def test_rotation_vectors_agree_with_scipy_and_come_back(turns):
    a, _ = turns
    vector = q.rotation_vector(wxyz(a))
    assert np.allclose(vector, a.as_rotvec(), atol=1e-9)
    assert np.allclose(np.abs((q.from_rotation_vector(vector) * wxyz(a)).sum(1)), 1.0, atol=1e-12)
    assert np.allclose(q.rotation_vector(q.IDENTITY), 0.0)


def test_interpolation_turns_at_constant_speed_and_meets_both_ends(turns):
    a, b = (wxyz(turn[0]) for turn in turns)
    whole = np.linalg.norm(q.rotation_vector(q.multiply(b, q.conjugate(a))))
    for share in (0.0, 0.25, 1.0):
        part = np.linalg.norm(q.rotation_vector(q.multiply(q.interpolate(a, b, share), q.conjugate(a))))
        assert part == pytest.approx(share * whole, abs=1e-9)


def test_the_upright_angle_counts_from_the_axis_that_was_up():
    lying = wxyz(Rotation.from_euler("x", 90, degrees=True))
    tilted = wxyz(Rotation.from_euler("x", 120, degrees=True))
    assert q.upright_angle(lying, lying) == pytest.approx(0.0, abs=1e-6)
    assert np.rad2deg(q.upright_angle(lying, tilted)) == pytest.approx(30.0)
    spun = wxyz(Rotation.from_euler("z", 70, degrees=True))
    assert q.upright_angle(q.IDENTITY, spun) == pytest.approx(0.0, abs=1e-6)
