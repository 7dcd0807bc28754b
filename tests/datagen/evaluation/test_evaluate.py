"""The command on a generated dataset: the recording scores perfectly, through files, and its contacts follow from motion."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from datagen import Dataset
from datagen.cli import app
from datagen.errors import DatagenError
from datagen.evaluation import episode_errors, evaluate, write_prediction, write_surprise
from datagen.evaluation.truth import read_truth
from datagen.pipeline.generation import generate
from datagen.pipeline.replicas import replicas

SPEC = Path(__file__).resolve().parents[3] / "examples" / "pushed_balls.yaml"
START = 3  # the first frame after the push


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three groups of a base, a weaker push and none."""
    out = tmp_path_factory.mktemp("evaluation") / "data"
    generate(SPEC, 3, 5, out, workers=1)
    return out


def test_the_truth_is_that_of_the_dataset(folder):
    data = Dataset(folder)
    one = read_truth(data, 0)
    assert one.names == ("red", "blue", "green") and one.branch == "base"
    assert np.flatnonzero(one.acted[:, 0]).tolist() == [2] and not one.acted[:, 1:].any()
    assert [read_truth(data, index).group for index in range(len(data))] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    push = np.asarray(data.frames(0)["action"])[2, 2] / data.schema.fps
    momentum = (one.mass[:, None] * one.velocity).sum(1)
    change = np.diff(momentum, axis=0) - one.mass.sum() * one.gravity / one.fps
    change[2, 0] -= push
    np.testing.assert_allclose(change, one.outer[:-1], atol=2e-3 * np.abs(momentum).max())


def test_the_recording_scores_perfectly_through_files(folder, tmp_path):
    data = Dataset(folder)
    for index in range(len(data)):
        state = data.frames(index)["observation.state"].reshape(-1, 3, 13)[START + 1 :]
        write_prediction(
            tmp_path / "told", index, start=START, position=state[..., :3], rotation=state[..., 3:7], velocity=state[..., 7:10]
        )
    scores = tmp_path / "scores.json"
    assert app.main(["evaluate", str(folder), "--predictions", str(tmp_path / "told"), "--json", str(scores)]) == 0
    rows = json.loads(scores.read_text())["measures"]
    model = {name: row["model"]["value"] for name, row in rows.items()}
    assert model["position_error"] == 0.0 and model["effect_error"] == 0.0 and model["retrieval"] == 1.0
    assert model["contact_accuracy"] == 1.0 and model["flip_accuracy"] == 1.0 and model["energy_violation"] == 0.0
    assert model["momentum_residual"] < 2e-3 and model["overlap_share"] == 0.0
    assert model["touch_f1"] is None and rows["position_error"]["copy"]["value"] > 0.05
    assert rows["effect_error"]["copy"]["low"] <= rows["effect_error"]["copy"]["value"]


def test_replicas_without_a_difference_are_the_recording_and_with_one_stay_close_until_bodies_meet(folder):
    data = Dataset(folder)
    episodes = list(range(6))
    same, nudged = replicas(data, episodes, 0.0), replicas(data, episodes)
    for index in episodes:  # branches as well, which continue from the state of their base
        truth = read_truth(data, index)
        assert np.array_equal(same[index].position, truth.position) and np.array_equal(same[index].rotation, truth.rotation)
        apart = np.linalg.norm(nudged[index].position - truth.position, axis=-1).max(1)
        assert 1e-8 < apart[0] < 1e-5 and apart.max() < 0.02  # radius of 5 cm: 0.5 um, in three directions
        assert np.array_equal(nudged[index].position[0], nudged[index - index % 3].position[0])
    rows = evaluate(folder, None, start=START, replicas=partial(replicas, data))["measures"]
    floor = rows["position_error"]["replica"]["value"]
    assert 0.0 < floor < rows["position_error"]["noisy_oracle"]["value"] and rows["valid_frames"]["recorded"]["value"] > 10.0


def test_baselines_alone_and_bad_requests(folder):
    rows = evaluate(folder, None, start=START)["measures"]
    assert set(rows["position_error"]) == {"part", "unit", "better", "copy", "constant_velocity", "noisy_oracle", "recorded"}
    with pytest.raises(DatagenError, match="start: frame 23; 0 to 22"):
        evaluate(folder, None, start=23)
    assert app.main(["evaluate", str(folder), "--no-baselines"]) == 2
    assert app.main(["evaluate", str(folder), "--predictions", str(folder)]) == 4


def test_errors_of_single_episodes_are_those_of_the_report(folder):
    rows = evaluate(folder, None, start=START)["measures"]["position_error"]
    errors = episode_errors(folder, None, "position_error", "constant_velocity", START)
    assert len(errors) == 9 and np.mean(list(errors.values())) == pytest.approx(rows["constant_velocity"]["value"])
    right = episode_errors(folder, None, "contact_accuracy", "recorded", START)
    assert set(right.values()) == {0.0}
    with pytest.raises(DatagenError, match="not one of single episodes"):
        episode_errors(folder, None, "retrieval")


@pytest.fixture(scope="module")
def occluded(tmp_path_factory):
    """One group of the ball behind the screen: as it is, blue, the other way, not there."""
    out = tmp_path_factory.mktemp("occluded") / "data"
    generate(SPEC.with_name("occluded_ball.yaml"), 1, 1, out, workers=1)
    return out


def test_clips_and_pictures_of_a_dataset(occluded, tmp_path):
    rows = evaluate(occluded, None, start=5, pictures=True)["measures"]
    value = {
        name: {column: row[column]["value"] for column in ("copy", "constant_velocity", "recorded")}
        for name, row in rows.items()
    }
    assert value["voe_auroc"]["recorded"] == value["voe_mean"]["constant_velocity"] == 1.0 and value["voe_mean"]["copy"] < 0.7
    assert value["hidden_error"]["copy"] > 0.3 > 1e-3 > value["hidden_error"]["constant_velocity"]
    assert value["psnr"]["recorded"] == 100.0 > value["psnr"]["copy"] > 10.0
    assert value["mask_iou"]["recorded"] == 1.0 > value["mask_iou"]["constant_velocity"] > value["mask_iou"]["copy"]


def test_a_model_is_told_what_is_asked_and_scored_in_pictures(occluded, tmp_path):
    told, file, scores = tmp_path / "told", tmp_path / "asked.json", tmp_path / "scores.json"
    assert app.main(["evaluate", str(occluded), "--start", "5", "--asked", str(file)]) == 0
    asked = json.loads(file.read_text())
    assert len(asked["clips"]) == 24 and len(asked["questions"]) == 4
    data = Dataset(occluded)
    for index in range(len(data)):
        frames = np.stack(list(data.video(index, "front")))[6:]
        write_prediction(
            told, index, start=5, **{"rgb.front": frames, "segmentation.front": data.dense(index, "front.segmentation")[6:]}
        )
    for clip in asked["clips"]:
        surprise = np.zeros(30)
        surprise[-1] = clip["begin"] != clip["end"]
        write_surprise(told, clip["number"], surprise)
    assert app.main(["evaluate", str(occluded), "-p", str(told), "--json", str(scores)]) == 0
    rows = json.loads(scores.read_text())["measures"]
    assert rows["psnr"]["model"]["value"] == 100.0 and rows["mask_iou"]["model"]["value"] == 1.0
    assert rows["voe_max"]["model"]["value"] == 1.0 and rows["voe_frames"]["model"]["value"] > 3.0
    assert rows["position_error"]["model"]["value"] is None
