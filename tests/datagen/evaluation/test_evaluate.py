"""The command on a generated dataset: the recording scores perfectly, through files, and its contacts follow from motion."""

import json
from pathlib import Path

import numpy as np
import pytest

from datagen import Dataset
from datagen.cli import app
from datagen.errors import DatagenError
from datagen.evaluation import episode_errors, evaluate, write_prediction
from datagen.evaluation.truth import read_truth
from datagen.pipeline.generation import generate

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
