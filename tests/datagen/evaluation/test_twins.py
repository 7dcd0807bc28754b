"""Impossible clips are those that a body behind a bar makes impossible, and only what keeps track of bodies is surprised."""

import numpy as np
import pytest

from datagen.evaluation.predictions import Prediction, PredictionError
from datagen.evaluation.score import Material, report
from datagen.evaluation.surprise import read_surprises, surprise_baseline, write_surprise
from datagen.evaluation.twins import clip_frames, find_clips
from tests.datagen.evaluation.shown import BLUE, LEFT, NOWHERE, RIGHT, crossing, seen


@pytest.fixture(scope="module")
def truths():
    """To the right, blue to the right, to the left, and not there."""
    made = [
        seen(0, crossing(RIGHT)),
        seen(1, crossing(RIGHT, BLUE), "blue", color=[0.1, 0.1, 0.9]),
        seen(2, crossing(LEFT), "left"),
        seen(3, crossing(NOWHERE), "gone"),
    ]
    return {one.index: one for one in made}


def test_twins_are_cut_while_the_body_is_hidden(truths):
    clips = find_clips({0: truths[0], 3: truths[3]})
    assert [(clip.begin, clip.end) for clip in clips] == [(0, 0), (3, 3), (0, 3), (3, 0)]
    assert {clip.cut for clip in clips} == {9}  # hidden in frames 7 .. 11
    assert [clip.violation for clip in clips] == [None, None, 12, 12]  # the right edge shows at column 26
    vanished = clip_frames(truths, clips[2], "segmentation")
    assert (vanished[6] == 1).any() and not (vanished[9:] == 1).any()
    assert not {"violation", "kind"} & set(clips[2].as_json())


def test_kinds(truths):
    kinds = {(clip.begin, clip.end): clip.kind for clip in find_clips(truths) if clip.violation is not None}
    assert kinds[0, 1] == "immutability" and kinds[0, 2] == "continuity" and len(kinds) == 12
    assert not find_clips({0: truths[0], 7: seen(7, crossing(RIGHT), group=7)})  # not of one group
    assert not find_clips({0: truths[0], 4: seen(4, crossing(RIGHT), "same")})  # nothing differs
    open_view = {n: seen(n, crossing(way, bar=False)) for n, way in enumerate((RIGHT, LEFT))}
    assert not find_clips(open_view)  # nothing is ever hidden


def test_only_what_keeps_track_of_bodies_is_surprised(truths):
    rows = report(Material(truths, {0: Prediction(2)}, find_clips(truths)), model=False)["measures"]
    value = {
        name: {column: rows[name][column]["value"] for column in ("copy", "constant_velocity", "recorded")} for name in rows
    }
    for tracks in ("constant_velocity", "recorded"):
        assert value["voe_max"][tracks] == value["voe_mean"][tracks] == value["voe_auroc"][tracks] == 1.0
    assert value["voe_mean"]["copy"] == pytest.approx(0.5, abs=0.05) and value["voe_max"]["copy"] < 0.7
    assert value["voe_frames"]["recorded"] <= 2.0 < value["voe_frames"]["copy"]


def test_surprise_of_the_object_file_is_where_the_violation_is(truths):
    clips = find_clips({0: truths[0], 3: truths[3]})
    possible, absent, vanished, appeared = (surprise_baseline("constant_velocity", truths, clip) for clip in clips)
    assert possible.max() < 0.1 and absent.max() == 0.0
    assert vanished[:12].max() < 0.1 and vanished[13] == 1.0 and appeared[12] == 1.0 and appeared[:12].max() == 0.0


def test_files_of_surprise(truths, tmp_path):
    clips = find_clips({0: truths[0], 3: truths[3]})
    for clip in clips:
        write_surprise(tmp_path, clip.number, np.arange(19) if clip.violation else np.zeros(19))
    told = read_surprises(tmp_path, clips, {0: 19, 3: 19})
    rows = report(Material(truths, {0: Prediction(2)}, clips, told), ())["measures"]
    assert rows["voe_max"]["model"]["value"] == 1.0 and rows["voe_frames"]["model"]["value"] == 6.0
    write_surprise(tmp_path, 3, np.zeros(18))
    with pytest.raises(PredictionError, match="19 finite numbers"):
        read_surprises(tmp_path, clips, {0: 19, 3: 19})
    write_surprise(tmp_path, 9, np.zeros(19))
    with pytest.raises(PredictionError, match="no clip has this name"):
        read_surprises(tmp_path, clips[:3], {0: 19, 3: 19})
