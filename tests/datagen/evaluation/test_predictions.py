"""Prediction files: what is written is read, and every bad one gets one sentence that names file and array."""

import json

import numpy as np
import pytest

from datagen.evaluation import PredictionError, read_predictions, write_prediction
from datagen.evaluation.predictions import file_name

LENGTHS, MOVING = [10, 12], ("a", "b")
GOOD = {"start": 2, "position": np.zeros((5, 2, 3))}


def test_what_is_written_is_read(tmp_path):
    rotation = np.tile([1.0, 0.0, 0.0, 0.0], (5, 2, 1))
    pairs = {"contact_pairs": [("a", "b")], "contact_logits": [0.5], "frame_logits": np.ones((5, 1))}
    write_prediction(tmp_path, 1, **GOOD, rotation=rotation, velocity=np.ones((5, 2, 3)), latent=np.arange(4), **pairs)
    (told,) = read_predictions(tmp_path, LENGTHS, MOVING).values()
    assert told.start == 2 and told.horizon == 5 and told.bodies == MOVING and told.contact_pairs == (("a", "b"),)
    assert told.latent.tolist() == [0, 1, 2, 3] and told.velocity.sum() == 30 and told.contact_logits.tolist() == [0.5]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"start": 9}, "start: frame 9; 0 to 8 in an episode of 10 frames"),
        ({"start": 2.5}, "start: float64 of shape"),
        ({"start": None}, "`start` is missing"),
        ({"position": np.zeros((8, 2, 3))}, "position: 8 frames after frame 2; 1 to 7"),
        ({"position": np.zeros((5, 3, 3))}, "position: shape (5, 3, 3); (any, 2, 3)"),
        ({"position": np.full((5, 2, 3), np.nan)}, "position: not finite at [0, 0, 0]"),
        ({"position": np.full((5, 2, 3), "x")}, "position: type <U1; real numbers"),
        ({"velocity": np.zeros((4, 2, 3))}, "arrays differ in frames"),
        ({"rotation": np.zeros((5, 2, 4))}, "rotation: a quaternion has length 0"),
        ({"bodies": ["a", "c"]}, "bodies: no moving body is called 'c'"),
        ({"bodies": ["a", "a"]}, "bodies: a body is named twice"),
        ({"contact_logits": [1.0]}, "`contact_logits` without `contact_pairs`"),
        ({"contact_pairs": ["a", "b"], "contact_logits": [1.0]}, "contact_pairs: shape (2,); (C, 2)"),
        ({"contact_pairs": [("a", "b")], "contact_logits": [1.0, 2.0]}, "contact_logits: shape (2,); (1)"),
        ({"postion": np.zeros(3)}, "no array is called 'postion'; did you mean 'position'"),
    ],
)
def test_a_bad_file_is_named(tmp_path, change, sentence):
    arrays = {name: value for name, value in {**GOOD, **change}.items() if value is not None}
    np.savez(tmp_path / file_name(0), **arrays)
    with pytest.raises(PredictionError) as raised:
        read_predictions(tmp_path, LENGTHS, MOVING)
    assert sentence in str(raised.value) and file_name(0) in str(raised.value)


def test_folders_without_predictions_strange_names_and_damaged_files(tmp_path):
    with pytest.raises(PredictionError, match="there are no predictions here"):
        read_predictions(tmp_path / "absent", LENGTHS, MOVING)
    path = write_prediction(tmp_path, 0, **GOOD)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(PredictionError, match="npz|damaged"):
        read_predictions(tmp_path, LENGTHS, MOVING)
    path.unlink()
    write_prediction(tmp_path, 5, **GOOD)
    with pytest.raises(PredictionError, match="no episode of the dataset has this name"):
        read_predictions(tmp_path, LENGTHS, MOVING)
    with pytest.raises(PredictionError, match="no array is called 'speed'"):
        write_prediction(tmp_path, 0, speed=1)
    assert json.dumps(sorted(one.name for one in tmp_path.iterdir())) == f'["{file_name(5)}"]'
