"""The independent checker of self-contact, on cases whose answer is known."""

import numpy as np
import pytest

from benchmarks.deformable.intersections import crossings, overlapping_tubes, segment_distance

FLAT = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])


def two(second):
    return crossings(np.concatenate([FLAT, second]), np.array([[0, 1, 2], [3, 4, 5]]))


@pytest.mark.parametrize(
    ("second", "crosses"),
    [
        ([[0.2, 0.2, -1], [0.2, 0.2, 1], [0.3, 0.2, 1]], True),  # an edge through the inside
        ([[0.2, 0.2, 1e-12], [0.2, 0.2, 1], [0.3, 0.2, 1]], False),  # just above
        ([[0.2, 0.2, -1e-12], [0.2, 0.2, 1], [0.3, 0.2, 1]], True),  # just through
        ([[0.2, 0.2, 0], [0.2, 0.2, 1], [0.3, 0.2, 1]], False),  # a corner that touches the inside
        ([[0.2, 0.2, 0], [0.4, 0.2, 0], [0.2, 0.4, 0]], False),  # in one plane
        ([[0.8, 0.8, -1], [0.8, 0.8, 1], [0.9, 0.8, 1]], False),  # past the slanted side
        ([[-1, 0.2, -0.1], [2, 0.2, -0.1], [0.2, 0.2, 0.4]], True),  # its sides, not its corners, are inside the first
    ],
)
def test_two_triangles(second, crosses):
    assert len(two(np.array(second, float))) == int(crosses)


def test_signs_within_rounding_are_exact():
    """A needle that leaves the plane by one unit in the last place, far from the origin."""
    far = FLAT + 1000.0
    up, down = np.nextafter(1000.0, 2000.0), np.nextafter(1000.0, 0.0)
    faces = np.array([[0, 1, 2], [3, 4, 5]])
    for low, expected in ((down, 1), (1000.0, 0), (up, 0)):
        needle = np.array([[1000.25, 1000.25, low], [1000.25, 1000.25, 1001.0], [1000.5, 1000.25, 1001.0]])
        assert len(crossings(np.concatenate([far, needle]), faces)) == expected


def test_neighbours_that_share_a_corner_are_tested():
    points = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 1], [1, 1, -1]])
    assert len(crossings(points, np.array([[0, 1, 2], [0, 3, 4]]))) == 1
    assert len(crossings(points[:4], np.array([[0, 1, 2], [1, 2, 3]]))) == 0


def test_two_sheets_cross_along_a_line_and_parallel_ones_do_not():
    i, j = (k.ravel() for k in np.meshgrid(np.arange(9), np.arange(9), indexing="ij"))
    grid = np.stack(np.meshgrid(np.linspace(0, 1, 10), np.linspace(0, 1, 10), indexing="ij"), -1).reshape(-1, 2)
    a = i * 10 + j
    faces = np.concatenate([np.stack([a, a + 10, a + 11], 1), np.stack([a, a + 11, a + 1], 1)])
    both = np.concatenate([faces, faces + 100])
    flat = np.column_stack([grid, np.zeros(100)])
    assert len(crossings(np.concatenate([flat, flat + [0, 0, 1e-9]]), both)) == 0
    upright = np.column_stack([grid[:, 0], np.full(100, 0.333), grid[:, 1] - 0.5])
    found = crossings(np.concatenate([flat, upright]), both)
    assert len(np.unique(found[found < 162])) >= 9  # every row of triangles along the line


def test_tubes():
    assert segment_distance(*(np.array([v], float) for v in ([0, 0, 0], [1, 0, 0], [0.5, -1, 0.3], [0, 2, 0])))[0] == 0.3
    line = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0.5, 1, 0], [0.5, -1, 0.15]])
    pairs, least = overlapping_tubes(line, 0.1, 0.4)
    assert pairs.tolist() == [[0, 3]] and least == pytest.approx(0.074, abs=0.01)
    assert len(overlapping_tubes(line, 0.03, 0.4)[0]) == 0
