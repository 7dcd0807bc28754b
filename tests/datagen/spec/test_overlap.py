"""Bodies inside each other are found, bodies that touch or stay apart are not."""

import math

import pytest

from datagen.errors import SampleError
from datagen.spec import from_data, sample
from datagen.spec.episode import ShapeSpec
from datagen.spec.overlap import SHRINK, convex_overlap, shapes_overlap
from datagen.spec.pose import Pose, from_axis, from_uniforms, unit
from datagen.spec.shapes import support
from datagen.spec.streams import Stream

SPHERE = ShapeSpec(type="sphere", size=(1.0,))
SHAPES = [
    SPHERE,
    ShapeSpec(type="box", size=(2.0, 1.0, 3.0)),
    ShapeSpec(type="capsule", size=(0.4, 2.0)),
    ShapeSpec(type="cylinder", size=(0.8, 1.5)),
    ShapeSpec(type="ellipsoid", size=(0.5, 1.0, 1.5)),
]


def random_pose(stream, reach):
    place = tuple((2 * stream.uniform() - 1) * reach for _ in range(3))
    return Pose(place, from_uniforms(stream.uniform(), stream.uniform(), stream.uniform()))


def gap_by_directions(first, pose, second, other, stream):
    """Largest separation over many directions, refined by local search: positive only if a separating plane exists."""

    def separation(direction):
        from datagen.spec.pose import conjugate, dot, rotate, scale

        one = dot(direction, pose.apply(scale(support(first, rotate(conjugate(pose.rotation), direction)), SHRINK)))
        back = scale(direction, -1.0)
        two = dot(direction, other.apply(scale(support(second, rotate(conjugate(other.rotation), back)), SHRINK)))
        return two - one

    directions = [unit(tuple(stream.normal(0.0, 1.0) for _ in range(3))) for _ in range(40)]
    best = max(directions, key=separation)
    step = 0.3
    while step > 1e-4:
        tries = [unit(tuple(c + step * stream.normal(0.0, 1.0) for c in best)) for _ in range(8)]
        better = max(tries, key=separation)
        if separation(better) > separation(best):
            best = better
        else:
            step *= 0.7
    return separation(best)


def test_gjk_agrees_with_separating_planes_for_random_pairs():
    stream = Stream(0, 0, "overlap")
    met = apart = 0
    for number in range(75):
        first, second = SHAPES[number % 5], SHAPES[number // 5 % 5]
        pose, other = random_pose(stream, 1.2), random_pose(stream, 1.2)
        gap = gap_by_directions(first, pose, second, other, stream)
        if abs(gap) < 0.02:
            continue
        assert convex_overlap(first, pose, second, other) == (gap < 0)
        met, apart = met + (gap < 0), apart + (gap > 0)
    assert met > 10 and apart > 10


@pytest.mark.parametrize("shape", SHAPES)
def test_touching_is_no_overlap_and_five_percent_is(shape):
    turn = from_axis(unit((1.0, 2.0, 3.0)), 1.0)
    reach = support(shape, (0.0, 0.0, 1.0))[2]
    upright, turned = Pose(), Pose((0.0, 0.0, reach + 1.0), turn)
    assert not shapes_overlap(shape, upright, SPHERE, turned)
    deep = Pose((0.0, 0.0, reach + 0.9), turn)
    assert shapes_overlap(shape, upright, SPHERE, deep) and shapes_overlap(SPHERE, deep, shape, upright)


def test_plane_is_met_by_what_reaches_below_it():
    plane = ShapeSpec(type="plane")
    slope = Pose((0.0, 0.0, 0.0), from_axis((0.0, 1.0, 0.0), math.pi / 4))
    assert not shapes_overlap(plane, Pose(), SHAPES[1], Pose((0.0, 0.0, 1.5)))
    assert shapes_overlap(plane, Pose(), SHAPES[1], Pose((0.0, 0.0, 1.49)))
    assert shapes_overlap(SPHERE, Pose((0.0, 0.0, 1.2)), plane, slope) and not shapes_overlap(
        SPHERE, Pose((0.0, 0.0, 1.5)), plane, slope
    )


def spec(second, **keys):
    box = {"morph": {"type": "box", "size": [1, 1, 1]}}
    return from_data(
        {
            "spec": 1,
            "name": "t",
            "record": {"frames": 1},
            "entities": {"a": {**box}, "b": {**box, "position": [0, 0, 0.9], **second}},
            **keys,
        }
    )


def test_overlap_is_an_error_unless_fixed_jointed_or_allowed():
    with pytest.raises(SampleError, match="b and a start inside each other|a and b start inside each other"):
        sample(spec({}), 0, 0)
    assert sample(spec({}, checks={"overlap": "ignore"}), 0, 0)
    assert sample(spec({}, joints={"j": {"type": "hinge", "body": "b", "to": "a"}}), 0, 0)
    assert sample(spec({"position": [0, 0, 1]}), 0, 0)


def test_joints_are_bent_before_overlap_is_judged():
    hinge = {"type": "hinge", "body": "b", "anchor": [0, 0, 0], "axis": "y"}
    with pytest.raises(SampleError):
        sample(spec({"position": [3, 0, 0]}, joints={"j": {**hinge, "anchor": [-1.5, 0, 0], "initial": "180 deg"}}), 0, 0)
    assert sample(spec({"position": [3, 0, 0]}, joints={"j": {**hinge, "anchor": [-1.5, 0, 0], "initial": "90 deg"}}), 0, 0)
