"""The tree that is built for every picture: complete, tight, the same for the same points."""

import numpy as np
import pytest

from engine.geometry.balanced import BITS, LEAF_SIZE, balanced_tree, morton_order, spread


@pytest.mark.parametrize("count", [0, 1, 4, 9, 33, 1000])
def test_every_part_is_in_one_leaf_inside_its_boxes(count):
    """Walking the tree meets every part once; a box holds what is below it, and is wider by the margin alone."""
    rng = np.random.default_rng(count)
    points = rng.normal(size=(count, 3)).astype(np.float32)
    order = morton_order(points)
    assert sorted(order) == list(range(count))
    sorted_points = points[order]
    tree = balanced_tree(sorted_points, sorted_points, order, 0.1)
    met = []

    def walk(node, low, high):
        for side in range(2):
            child, size = tree.child[node, side], tree.count[node, side]
            box = tree.boxes[node, side]
            if size < 0:
                assert (box[0] > box[1]).all()
                continue
            if (box[0] <= box[1]).all():
                assert (box[0] >= low - 1e-6).all() and (box[1] <= high + 1e-6).all()
            if size > 0:
                assert size <= LEAF_SIZE
                met.extend(range(child, child + size))
                inside = sorted_points[child : child + size]
                np.testing.assert_allclose(box, [inside.min(0) - 0.1, inside.max(0) + 0.1], atol=1e-5)
            else:
                walk(child, box[0], box[1])

    walk(0, np.asarray(tree.lower), np.asarray(tree.upper))
    assert sorted(met) == list(range(count))


def test_morton_codes_interleave_the_bits():
    """Bit k of a cell is bit 3 k of its code."""
    cells = np.arange(2**BITS)
    expected = [sum(((cell >> bit) & 1) << (3 * bit) for bit in range(BITS)) for cell in cells]
    np.testing.assert_array_equal(spread(cells), expected)


def test_equal_points_keep_their_order():
    """Points without extent are sorted by their numbers."""
    np.testing.assert_array_equal(morton_order(np.ones((7, 3), np.float32)), np.arange(7))
