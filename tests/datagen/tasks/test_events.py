"""Events are found where the motion and the impulses say they are, and nowhere else."""

import numpy as np
import pytest

from datagen.tasks.events import Track, count_events, find_events

FPS = 20
EMPTY = {name: np.zeros(0, int) for name in ("body_a", "body_b", "substeps")} | {"impulse": np.zeros((0, 3))}


def touch(impulse, substeps=10, pair=(1, 2)):
    return {
        "body_a": np.array([pair[0]]),
        "body_b": np.array([pair[1]]),
        "impulse": np.array([[0.0, 0.0, impulse]]),
        "substeps": np.array([substeps]),
    }


def track(length=60, touches=None, before=None, **changes):
    rotation = np.zeros((length, 3, 4))
    rotation[..., 0] = 1.0
    values = {
        "fps": FPS,
        "substeps": 10,
        "gravity": 9.81,
        "names": ("world", "ground", "cube"),
        "position": np.zeros((length, 3, 3)),
        "rotation": rotation,
        "velocity": np.zeros((length, 3, 6)),
        "moving": np.array([False, False, True]),
        "free": np.array([False, True, True]),
        "round": np.array([False, False, False]),
        "mass": np.array([0.0, 0.0, 2.0]),
        "touches": [EMPTY] * length if touches is None else touches,
        "before": before,
        "floor": 0.0,
    }
    return Track(**{**values, **changes})


def kinds(events):
    return [(event["frame"], event["type"]) for event in events]


def tilted(degrees):
    half = np.deg2rad(degrees) / 2
    return np.stack([np.cos(half), np.sin(half), np.zeros_like(half), np.zeros_like(half)], axis=1)


def test_nothing_happens_to_a_body_that_lies_still():
    held = [touch(2.0 * 9.81 / FPS)] * 60
    assert find_events(track(touches=held)) == []


def test_a_contact_begins_and_ends_and_names_the_moving_body_first():
    touches = [touch(1.0, substeps=4) if 10 <= t < 20 else EMPTY for t in range(60)]
    events = [event for event in find_events(track(touches=touches)) if event["type"] != "collision"]
    assert kinds(events) == [(10, "contact_begin"), (20, "contact_end")]
    assert (events[0]["subject"], events[0]["object"], events[0]["substep"]) == ("cube", "ground", 6)
    assert events[0]["magnitude"] == pytest.approx(1.0)
    assert events[0]["text"] == "cube touches ground."


def test_a_pause_shorter_than_the_gap_does_not_end_a_contact():
    touches = [touch(1.0) if t in (10, 12) else EMPTY for t in range(60)]
    assert [k for k in kinds(find_events(track(touches=touches))) if "contact" in k[1]] == [
        (10, "contact_begin"),
        (13, "contact_end"),
    ]


def test_a_contact_of_the_settling_is_not_begun_again():
    touches = [touch(1.0) for _ in range(60)]
    assert find_events(track(touches=touches, before=touch(1.0))) == []
    fresh = find_events(track(touches=touches, before=EMPTY))
    assert kinds(fresh) == [(0, "contact_begin")]


def test_a_collision_is_a_peak_above_what_weight_explains():
    weight = 2.0 * 9.81 / FPS
    touches = [touch(weight if t != 30 else 6 * weight) for t in range(60)]
    events = find_events(track(touches=touches))
    assert kinds(events) == [(30, "collision")]
    assert events[0]["magnitude"] == pytest.approx(6 * weight, rel=1e-5)


def test_a_topple_needs_to_come_back_before_it_counts_again():
    angles = np.concatenate(
        [np.linspace(0, 50, 20), np.full(10, 40.0), np.full(10, 60.0), np.full(10, 10.0), np.full(10, 70.0)]
    )
    rotation = track().rotation.copy()
    rotation[:, 2] = tilted(angles)
    found = [event["frame"] for event in find_events(track(rotation=rotation)) if event["type"] == "topple"]
    assert found == [int(np.argmax(angles > 45.0)), 50]
    ball = find_events(track(rotation=rotation, round=np.array([False, False, True])))
    assert [event for event in ball if event["type"] == "topple"] == []


def test_rest_comes_after_motion_and_two_tenths_of_a_second():
    velocity = np.zeros((60, 3, 6))
    velocity[:20, 2, 0] = 0.5
    events = find_events(track(velocity=velocity))
    assert kinds(events) == [(20 + 4, "rest")]


def test_a_body_below_the_floor_has_fallen_once():
    position = np.zeros((60, 3, 3))
    position[:, 2, 2] = np.linspace(0.5, -1.0, 60)
    events = find_events(track(position=position))
    assert [event["type"] for event in events] == ["fall"]
    assert events[0]["frame"] == int(np.argmax(position[:, 2, 2] < -0.05))


def test_a_body_that_flies_off_leaves_the_scene():
    position = np.zeros((60, 3, 3))
    position[:, 2, 0] = np.linspace(0.0, 50.0, 60)
    events = find_events(track(position=position, floor=None))
    assert [event["text"] for event in events] == ["cube leaves the scene."]


def test_counts_name_every_type():
    assert set(count_events([]).values()) == {0}


def test_a_heavy_load_that_trembles_is_no_collision():
    weight = 20 * 2.0 * 9.81 / FPS
    touches = [touch(weight * (1.0 + 0.05 * (-1) ** t)) for t in range(60)]
    assert [k for k in kinds(find_events(track(touches=touches))) if k[0] > 1] == []
