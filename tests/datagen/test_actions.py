"""When an action acts and how strongly, and where a path is at a time."""

import numpy as np
import pytest

from datagen import quaternions
from datagen.actions import first_frame, in_charge, path_pose, weight
from tests.datagen.worlds import action, box, episode, waypoints

FPS = 20


def test_an_impulse_acts_during_one_step_with_force_times_duration_equal_to_itself():
    push = action("impulse", start=0.26, vector=(1.0, 0.0, 0.0))
    weights = np.array([weight(push, frame, FPS) for frame in range(20)])
    assert np.flatnonzero(weights).tolist() == [6]
    assert weights.sum() / FPS == pytest.approx(1.0)


def test_a_start_on_a_frame_belongs_to_that_frame_in_spite_of_rounding():
    assert first_frame(action("impulse", start=0.3, vector=(1, 0, 0)), 10) == 3
    assert first_frame(action("impulse", start=0.1 * 3, vector=(1, 0, 0)), 10) == 3


@pytest.mark.parametrize(("start", "duration"), [(0.0, 0.5), (0.13, 0.2), (0.31, 0.01), (0.2, 0.05)])
def test_a_force_gives_its_whole_impulse_whatever_its_times(start, duration):
    force = action("force", start=start, duration=duration, vector=(1.0, 0.0, 0.0))
    total = sum(weight(force, frame, FPS) for frame in range(40)) / FPS
    assert total == pytest.approx(duration, abs=1e-9)


def test_the_latest_move_and_the_latest_joint_target_are_in_charge():
    path = waypoints((0.0, (0.0, 0.0, 0.0)), (1.0, (1.0, 0.0, 0.0)))
    moves = [action("move", "lift", id=f"m{k}", start=0.2 * k, waypoints=path) for k in range(2)]
    targets = [action("joint_target", "pivot", id=f"t{k}", start=0.2 * k, value=0.1, stiffness=1.0) for k in range(2)]
    spec = episode([box()], [*moves, *targets])
    assert {a.id for a in in_charge(spec, 0)} == {"m0", "t0"}
    assert {a.id for a in in_charge(spec, 4)} == {"m1", "t1"}


def test_a_path_rests_before_and_after_and_is_linear_between():
    turned = tuple(quaternions.from_rotation_vector(np.array([0.0, 0.0, 1.0])))
    move = action("move", "lift", waypoints=waypoints((0.5, (0, 0, 0)), (1.5, (2, 0, 0), turned)))
    assert path_pose(move, 0.0)[0].tolist() == [0, 0, 0]
    position, rotation = path_pose(move, 1.0)
    assert position == pytest.approx([1.0, 0.0, 0.0])
    assert quaternions.rotation_vector(rotation) == pytest.approx([0.0, 0.0, 0.5])
    assert path_pose(move, 9.0)[0].tolist() == [2, 0, 0]
