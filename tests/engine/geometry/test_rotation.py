"""Host quaternions against their defining properties."""

import numpy as np
import pytest

from engine.geometry import rotation as rot

RNG = np.random.default_rng(3)
Q = RNG.normal(size=(50, 4))
Q /= np.linalg.norm(Q, axis=1, keepdims=True)


def test_product_of_quaternions_is_product_of_matrices():
    """matrix(a b) = matrix(a) matrix(b), and the conjugate is the inverse."""
    np.testing.assert_allclose(rot.matrix(rot.multiply(Q[:25], Q[25:])), rot.matrix(Q[:25]) @ rot.matrix(Q[25:]), atol=1e-14)
    np.testing.assert_allclose(rot.multiply(Q, rot.conjugate(Q)), np.tile([1, 0, 0, 0], (50, 1)), atol=1e-15)


def test_matrix_round_trip_in_every_branch():
    """from_matrix inverts matrix, also for half turns about each axis."""
    for q in [*Q, (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (1, 0, 0, 0)]:
        np.testing.assert_allclose(rot.matrix(rot.from_matrix(rot.matrix(q))), rot.matrix(q), atol=1e-14)


def test_axis_angle_and_euler_orders():
    """A quarter turn about z takes x to y; fixed and moving axes are each other's reverse."""
    np.testing.assert_allclose(rot.rotate(rot.from_axis_angle((0, 0, 1), np.pi / 2), (1, 0, 0)), (0, 1, 0), atol=1e-15)
    np.testing.assert_allclose(rot.from_euler((0.1, 0.2, 0.3), "xyz"), rot.from_euler((0.3, 0.2, 0.1), "ZYX"), atol=1e-15)


@pytest.mark.parametrize("target", [(1, 2, 3), (0, 0, 1), (0, 0, -1), (1, 0, 0), (-0.3, 0.1, -5)])
def test_z_axis_is_turned_onto_the_direction(target):
    """from_z_axis maps +z onto the direction, also onto -z."""
    np.testing.assert_allclose(
        rot.rotate(rot.from_z_axis(target), (0, 0, 1)), np.array(target) / np.linalg.norm(target), atol=1e-12
    )


@pytest.mark.parametrize("target", [(1.0, 2.0, 0.5), (0.0, 0.0, -3.0), (0.0, 0.0, 8.0)])
def test_a_camera_looks_at_its_target_with_its_side_level(target):
    """-z of the camera points to the target, and its x axis is horizontal."""
    position = np.array([0.0, 0.0, 2.0])
    q = rot.look_at(position, target)
    ahead = (np.array(target) - position) / np.linalg.norm(np.array(target) - position)
    np.testing.assert_allclose(rot.rotate(q, (0, 0, -1)), ahead, atol=1e-12)
    assert abs(rot.rotate(q, (1, 0, 0))[2]) < 1e-12
    assert rot.rotate(q, (0, 1, 0))[2] >= -1e-12


def test_cross_products_have_the_bits_of_numpy():
    a, b = np.random.default_rng(0).normal(size=(2, 5, 4, 3))
    assert np.array_equal(rot.cross(a, b), np.cross(a, b))
    assert np.array_equal(rot.cross(a[:, :1], b), np.cross(a[:, :1], b))
