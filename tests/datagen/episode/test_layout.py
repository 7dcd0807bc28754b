"""Columns have the same place in every episode of a dataset."""

import numpy as np
import pytest

from datagen.build import BuildError
from datagen.episode.layout import action_names, dataset_schema, frame_features, make_layout
from datagen.episode.recording import depth_codes, normal_codes
from datagen.spec import BodySpec, ShapeSpec
from tests.datagen.worlds import CAMERA, GROUND, action, box, episode, pendulum


def item(number):
    shape = ShapeSpec(type="box", size=(0.1, 0.1, 0.1))
    return BodySpec(name=f"domino_{number}", entity="domino", item=number, mass=1.0, shapes=(shape,), position=(number, 0, 0.1))


def test_items_keep_their_place_when_a_later_episode_has_more_of_them():
    few = episode([GROUND, item(0), item(1), box()])
    many = episode([GROUND, *(item(k) for k in range(4)), box()], index=1)
    layout = make_layout([few, many])
    assert layout.bodies == ("ground", "domino_0", "domino_1", "domino_2", "domino_3", "cube")
    assert layout.moving == layout.bodies[1:]
    assert (layout.code("ground"), layout.code("cube")) == (1, 6)


def test_the_schema_names_every_number_and_every_stream():
    push = action("impulse", vector=(1, 0, 0))
    target = action("joint_target", "pivot", value=0.1)
    layout = make_layout([episode([GROUND, box(), pendulum()], [push, target], cameras=[CAMERA])])
    schema = dataset_schema(layout, "spec: 1", "0" * 64, "float32", {})
    shapes = {feature.name: feature.shape for feature in schema.features}
    assert shapes["observation.state"] == (26,)
    assert shapes["observation.joint_state"] == (2,)
    assert shapes["action"] == (16,)
    assert action_names(layout)[:4] == ("impulse.active", "impulse.target", "impulse.fx", "impulse.fy")
    assert [stream.name for stream in schema.dense] == ["front.depth", "front.segmentation"]
    assert schema.dense[1].labels == {"0": "nothing", "1": "ground", "2": "cube", "3": "bob"}
    assert [camera.name for camera in schema.cameras] == ["front"]


def test_a_dataset_without_actions_still_has_the_column():
    layout = make_layout([episode([box()])])
    assert next(feature for feature in frame_features(layout) if feature.name == "action").shape == (1,)


def test_episodes_of_different_frame_rates_are_refused():
    with pytest.raises(BuildError, match="its frame rate differ"):
        make_layout([episode([box()]), episode([box()], fps=10, index=1)])


def test_depth_is_stored_in_tenths_of_a_millimetre_with_zero_for_nothing():
    depth = np.array([0.0, 1.23456, 6.5535, 6.56, np.inf], np.float32)
    assert depth_codes(depth).tolist() == [0, 12346, 65535, 0, 0]


def test_normals_come_back_to_a_thirty_thousandth():
    normal = np.array([[0.6, -0.8, 0.0], [0.0, 0.0, 1.0]])
    codes = normal_codes(normal, np.array([True, False]))
    assert codes[0] / 32767.0 - 1.0 == pytest.approx(normal[0], abs=2e-5)
    assert codes[1].tolist() == [65535] * 3
