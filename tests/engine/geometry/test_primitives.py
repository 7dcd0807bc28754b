"""Volumes, inertias and bounds of primitives against closed forms, fine meshes and sampled points."""

import numpy as np
import pytest
import trimesh

from engine.geometry import primitives
from engine.geometry.inertia import composed, rotated, six, steiner, tensor, violates_triangle
from engine.geometry.mesh import from_arrays, scaled_mass
from engine.types import ShapeType

SIZES = {
    ShapeType.SPHERE: (0.7, 0.0, 0.0),
    ShapeType.CAPSULE: (0.3, 0.6, 0.0),
    ShapeType.BOX: (0.2, 0.5, 0.9),
    ShapeType.CYLINDER: (0.4, 0.7, 0.0),
    ShapeType.ELLIPSOID: (0.3, 0.5, 0.8),
}
TEXTBOOK = {  # volume, principal moments per unit mass
    ShapeType.SPHERE: (4 / 3 * np.pi * 0.343, [0.4 * 0.49] * 3),
    ShapeType.BOX: (8 * 0.09, [(0.25 + 0.81) / 3, (0.04 + 0.81) / 3, (0.04 + 0.25) / 3]),
    ShapeType.CYLINDER: (np.pi * 0.16 * 1.4, [0.04 + 1.96 / 12, 0.04 + 1.96 / 12, 0.08]),
    ShapeType.ELLIPSOID: (4 / 3 * np.pi * 0.12, [(0.25 + 0.64) / 5, (0.09 + 0.64) / 5, (0.09 + 0.25) / 5]),
}


@pytest.mark.parametrize("kind", TEXTBOOK)
def test_volume_and_moments_are_the_textbook_ones(kind):
    """Sphere, box, cylinder and ellipsoid match their closed forms to rounding."""
    size = np.array(SIZES[kind])
    volume, moments = TEXTBOOK[kind]
    assert primitives.volume(kind, size) == pytest.approx(volume, rel=1e-14)
    np.testing.assert_allclose(primitives.unit_moments(kind, size), moments, rtol=1e-14)


def test_a_capsule_is_a_cylinder_and_two_moved_half_balls():
    """Volume and both moments of a capsule follow from its three parts by Steiner's theorem."""
    r, h = 0.3, 0.6
    tube, half = np.pi * r**2 * 2 * h, 2 / 3 * np.pi * r**3
    own = 83 / 320 * half * r**2  # half ball about its own centroid, across its axis
    across = tube * (r**2 / 4 + h**2 / 3) + 2 * (own + half * (h + 3 / 8 * r) ** 2)
    along = tube * r**2 / 2 + 2 * half * 0.4 * r**2
    size = np.array(SIZES[ShapeType.CAPSULE])
    assert primitives.volume(ShapeType.CAPSULE, size) == pytest.approx(tube + 2 * half, rel=1e-14)
    expected = np.array([across, across, along]) / (tube + 2 * half)
    np.testing.assert_allclose(primitives.unit_moments(ShapeType.CAPSULE, size), expected, rtol=1e-13)


@pytest.mark.parametrize("kind", SIZES)
def test_the_bound_holds_every_point_and_touches_one(kind):
    """The bounding radius is the distance of the farthest point of the shape."""
    size = np.array(SIZES[kind])
    rng = np.random.default_rng(0)
    d = rng.normal(size=(20000, 3))
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    support = {
        ShapeType.SPHERE: d * size[0],
        ShapeType.CAPSULE: d * size[0] + np.sign(d[:, 2:]) * size[1] * [0, 0, 1],
        ShapeType.BOX: np.sign(d) * size,
        ShapeType.CYLINDER: np.c_[
            d[:, :2] / np.linalg.norm(d[:, :2], axis=1, keepdims=True) * size[0], np.sign(d[:, 2]) * size[1]
        ],
        ShapeType.ELLIPSOID: d * size,
    }[kind]
    farthest = np.linalg.norm(support, axis=1).max()
    assert farthest <= primitives.bound(kind, size) * (1 + 1e-12)
    assert farthest == pytest.approx(float(primitives.bound(kind, size)), rel=1e-3)


def test_a_scaled_mesh_has_the_mass_properties_of_the_scaled_solid():
    """A box mesh away from its origin, scaled unevenly, equals the closed form of the scaled box."""
    box = trimesh.creation.box((1.0, 2.0, 3.0))
    data = from_arrays(box.vertices + [1.0, 0.5, -2.0], box.faces)
    scale = np.array([0.5, 1.5, 2.0])
    volume, com, unit = scaled_mass(data, scale)
    half = np.array([1.0, 2.0, 3.0]) * scale / 2
    assert volume == pytest.approx(8 * np.prod(half), rel=1e-12)
    np.testing.assert_allclose(com, np.array([1.0, 0.5, -2.0]) * scale, rtol=1e-12)
    np.testing.assert_allclose(unit, np.diag(primitives.unit_moments(ShapeType.BOX, half)), atol=1e-12)


def test_cutting_a_box_does_not_change_its_inertia():
    """Two half boxes compose to the whole one."""
    whole = primitives.unit_moments(ShapeType.BOX, np.array([0.2, 0.3, 0.8]))
    part = np.diag(primitives.unit_moments(ShapeType.BOX, np.array([0.2, 0.3, 0.4])))
    mass, com, about = composed(np.array([1.0, 1.0]), np.array([[0, 0, 0.4], [0, 0, -0.4]]), np.stack([part, part]))
    assert mass == 2.0
    np.testing.assert_allclose(com, 0, atol=1e-15)
    np.testing.assert_allclose(about, np.diag(2 * whole), rtol=1e-13, atol=1e-15)


def test_tensor_storage_and_rotation_keep_principal_moments():
    """Six numbers and back, and a rotated tensor has the same eigenvalues."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=6)
    np.testing.assert_array_equal(six(tensor(values)), values)
    q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    np.testing.assert_allclose(np.linalg.eigvalsh(rotated(np.diag([1.0, 2.0, 2.5]), q)), [1, 2, 2.5], rtol=1e-13)
    np.testing.assert_allclose(steiner(2.0, np.array([0, 0, 3.0])), np.diag([18.0, 18.0, 0.0]))


@pytest.mark.parametrize(("moments", "bad"), [((1, 1, 1), False), ((1, 1, 2), False), ((1, 1, 2.01), True), ((-1, 1, 1), True)])
def test_the_triangle_inequality_is_recognized(moments, bad):
    """A flat plate is the limit; beyond it, or with a negative moment, no body exists."""
    assert violates_triangle(np.diag(moments)) is bad
