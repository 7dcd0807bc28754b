"""Closed forms D1-D8 of the narrow phase, resting manifolds, degenerate inputs and the bookkeeping of slots."""

import numpy as np
import pytest

from tests.engine.collision import collision_scenes as sc

Q0 = sc.IDENTITY
LYING = np.array([0.5**0.5, 0.5**0.5, 0, 0])


@pytest.fixture(autouse=True)
def engine(start):
    start("f32")


def meet(a, b, pa, qa, pb, qb):
    """Contacts of one pose, given to two environments so that lanes are used."""
    found = sc.collide(a, b, *(np.tile(np.asarray(x, float), (2, 1)) for x in (pa, qa, pb, qb)))
    return found.of(0)


def points(contacts):
    return np.array([c[2] for c in contacts], float)


def test_d1_spheres_apart_have_distance_one_within_their_margin():
    (c,) = meet(sc.sphere(1, margin=1.0), sc.sphere(1, margin=0.5), [-1.5, 0, 0], Q0, [1.5, 0, 0], Q0)
    assert c[4] == pytest.approx(1.0, abs=1e-5)
    assert np.allclose(c[3], [1, 0, 0], atol=1e-6)


def test_d1_without_margin_spheres_apart_have_no_contact():
    assert meet(sc.sphere(1), sc.sphere(1), [-1.5, 0, 0], Q0, [1.5, 0, 0], Q0) == []


def test_d2_overlapping_spheres():
    (c,) = meet(sc.sphere(3), sc.sphere(3), [-1, 0, 0], Q0, [3, 0, 0], Q0)
    assert c[4] == pytest.approx(-2, abs=1e-5)
    assert np.allclose(c[3], [1, 0, 0], atol=1e-6) and np.allclose(c[2], [1, 0, 0], atol=1e-5)


def test_d3_small_box_half_way_through_the_face_of_a_big_one():
    contacts = meet(sc.box(2.5, 2.5, 2.5), sc.box(1, 1, 1), [0, 0, 0], Q0, [2.5, 0, 0], Q0)
    assert min(c[4] for c in contacts) == pytest.approx(-1, abs=1e-5)
    assert all(np.allclose(c[3], [1, 0, 0], atol=1e-5) for c in contacts)


def test_d4_boxes_that_only_touch_make_no_contact():
    assert meet(sc.box(0.5, 0.5, 0.5), sc.box(0.5, 0.5, 0.5), [0, 0, 0], Q0, [0, 0, 1], Q0) == []


@pytest.mark.parametrize("upper", ["box", "mesh"])
def test_d7_long_thin_box_rests_on_four_points(upper):
    b = sc.box(2, 0.05, 0.05) if upper == "box" else sc.mesh(sc.cube_hull(1.0), (2, 0.05, 0.05))
    contacts = meet(sc.box(3, 3, 0.5), b, [0, 0, 0], Q0, [0, 0, 0.54], Q0)
    assert len(contacts) == 4
    assert np.allclose([c[4] for c in contacts], -0.01, atol=1e-5)
    corners = {tuple(np.round(p[:2], 3).tolist()) for p in points(contacts)}
    assert corners == {(2, 0.05), (2, -0.05), (-2, 0.05), (-2, -0.05)}


def test_d8_deep_penetration_of_thin_boxes_is_finite_and_along_the_thin_axis():
    contacts = meet(sc.box(1, 1, 0.001), sc.box(1, 1, 0.001), [0, 0, 0], Q0, [0.01, 0.02, 0.0005], Q0)
    assert contacts and all(np.allclose(c[3], [0, 0, 1], atol=1e-5) for c in contacts)
    assert min(c[4] for c in contacts) == pytest.approx(-0.0015, abs=1e-6)


def test_box_on_box_spans_the_overlap():
    contacts = meet(sc.box(1, 1, 1), sc.box(0.5, 0.5, 0.5), [0, 0, 0], Q0, [0.2, 0.8, 1.49], Q0)
    assert len(contacts) == 4
    assert {tuple(np.round(p, 3).tolist()) for p in points(contacts)} == {
        (-0.3, 0.3, 0.995), (0.7, 0.3, 0.995), (-0.3, 1.0, 0.995), (0.7, 1.0, 0.995),
    }  # fmt: skip


def test_rotated_box_on_box_keeps_its_four_corners():
    turned = np.array([np.cos(0.3), 0, 0, np.sin(0.3)])
    contacts = meet(sc.box(1, 1, 1), sc.box(0.5, 0.5, 0.5), [0, 0, 0], Q0, [0, 0, 1.499], turned)
    assert len(contacts) == 4
    assert np.allclose(np.linalg.norm(points(contacts)[:, :2], axis=1), 0.5**0.5, atol=1e-5)


def test_equal_boxes_turned_by_45_degrees_span_the_octagon():
    turned = np.array([np.cos(np.pi / 8), 0, 0, np.sin(np.pi / 8)])
    contacts = meet(sc.box(1, 1, 1), sc.box(1, 1, 1), [0, 0, 0], Q0, [0, 0, 1.999], turned)
    p = points(contacts)
    assert len(p) == 4 and np.ptp(p[:, 0]) > 1.5 and np.ptp(p[:, 1]) > 1.5
    assert np.all(np.abs(p[:, :2]) <= 1 + 1e-5)


def test_box_standing_on_its_edge_touches_along_the_edge():
    tilt = np.array([np.cos(np.pi / 8), np.sin(np.pi / 8), 0, 0])
    contacts = meet(sc.box(2, 2, 1), sc.box(0.5, 0.5, 0.5), [0, 0, 0], Q0, [0, 0, 1 + 0.5**0.5 - 0.001], tilt)
    p = points(contacts)
    assert len(p) >= 2 and np.ptp(p[:, 0]) == pytest.approx(1.0, abs=1e-3)
    assert min(c[4] for c in contacts) == pytest.approx(-0.001, abs=1e-5)


@pytest.mark.parametrize(
    "b, q, height, count",
    [
        (sc.box(0.3, 0.2, 0.1), Q0, 0.1, 4),
        (sc.cylinder(0.1, 0.3), Q0, 0.3, 4),
        (sc.cylinder(0.1, 0.3), LYING, 0.1, 2),
        (sc.capsule(0.1, 0.3), LYING, 0.1, 2),
        (sc.mesh(sc.cube_hull(0.2)), Q0, 0.2, 4),
        (sc.ellipsoid(0.1, 0.2, 0.3), Q0, 0.3, 1),
        (sc.sphere(0.2), Q0, 0.2, 1),
    ],
)
@pytest.mark.parametrize("ground", ["plane", "box", "mesh"])
def test_every_shape_rests_on_flat_ground_with_a_full_manifold(b, q, height, count, ground):
    a = {"plane": sc.plane(), "box": sc.box(2, 2, 0.5), "mesh": sc.mesh(sc.cube_hull(1), (2, 2, 0.5))}[ground]
    base = np.array([0.0, 0.0, 0.0 if ground == "plane" else -0.5])
    at = np.array([0.1, 0.2, height - 1e-3])
    first_is_b = ground == "mesh" and b.kind != sc.MESH or ground == "box" and b.kind < sc.BOX
    contacts = meet(b, a, at, q, base, Q0) if first_is_b else meet(a, b, base, Q0, at, q)
    up = [0, 0, -1] if first_is_b else [0, 0, 1]
    assert len(contacts) == count
    assert np.allclose([c[3] for c in contacts], up, atol=1e-3)
    assert np.allclose([c[4] for c in contacts], -1e-3, atol=2e-5)
    centre = points(contacts).mean(0)
    assert np.allclose(centre, [0.1, 0.2, -5e-4], atol=2e-3)


def test_parallel_capsules_touch_at_both_ends_of_their_overlap():
    contacts = meet(sc.capsule(0.1, 0.5), sc.capsule(0.1, 0.5), [0, 0, 0], Q0, [0.19, 0, 0.3], Q0)
    assert sorted(round(float(c[2][2]), 4) for c in contacts) == [-0.2, 0.5]


@pytest.mark.parametrize("a", [sc.sphere(0.3), sc.capsule(0.2, 0.3), sc.capsule(0.2, 0.0), sc.box(0.3, 0.2, 0.1),
                               sc.cylinder(0.2, 0.3), sc.ellipsoid(0.1, 0.2, 0.3), sc.mesh(sc.cube_hull(0.2))])  # fmt: skip
@pytest.mark.parametrize("b", [sc.capsule(0.2, 0.3), sc.box(0.3, 0.2, 0.1), sc.cylinder(0.2, 0.3), sc.ellipsoid(0.1, 0.2, 0.3),
                               sc.mesh(sc.cube_hull(0.2))])  # fmt: skip
def test_coincident_shapes_give_finite_unit_normals(a, b):
    if a.kind > b.kind:
        a, b = b, a
    contacts = meet(a, b, [1, 2, 3], Q0, [1, 2, 3], Q0)
    assert contacts
    for c in contacts:
        assert np.isfinite(c[2]).all() and np.isfinite(c[4]) and c[4] < 0
        assert np.linalg.norm(c[3]) == pytest.approx(1, abs=1e-5)


def test_slots_beyond_the_capacity_are_counted_and_not_written():
    shapes = [sc.plane()] + [sc.box(0.1, 0.1, 0.1)] * 3
    world = sc.World(shapes, [(0, 1), (0, 2), (0, 3)], 2, max_contacts=6)
    p = np.array([[[0, 0, 0], [0, 0, 0.099], [1, 0, 0.099], [2, 0, 0.099]]] * 2, float)
    found = world.find(p, np.tile(Q0, (2, 4, 1)))
    assert (found.need == 12).all() and (found.num == 6).all()
    assert [(c[0], c[1]) for c in found.of(1)] == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1)]
    # The slot behind the last one belongs to the next array, which is untouched.
    grown = sc.World(shapes, [(0, 1), (0, 2), (0, 3)], 2, max_contacts=12).find(p, np.tile(Q0, (2, 4, 1)))
    assert (grown.num == 12).all() and len(grown.of(0)) == 12


def test_lanes_without_a_contact_hold_far_and_a_unit_normal():
    p = np.array([[[0, 0, 0], [0, 0, 0.19]], [[0, 0, 0], [0, 0, 5.0]]], float)
    found = sc.World([sc.sphere(0.1), sc.sphere(0.1)], [(0, 1)], 2).find(p, np.tile(Q0, (2, 2, 1)))
    assert found.num[0] == 1 and len(found.of(0)) == 1 and found.of(1) == []
    assert found.distance[1, 0] == np.float32(sc.FAR) and np.linalg.norm(found.normal[1, 0]) == 1
