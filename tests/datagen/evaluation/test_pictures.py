"""Measures of pictures have the values of their definitions, and baselines in pictures do what they say."""

from dataclasses import replace

import numpy as np
import pytest

from datagen.evaluation.baselines import baseline
from datagen.evaluation.motion import Aligned
from datagen.evaluation.pictures import overlap, picture_items, ssim
from datagen.evaluation.predictions import Prediction, PredictionError, check_arrays
from tests.datagen.evaluation.shown import HEIGHT, LEFT, RIGHT, WIDTH, Shown, crossing, seen

START = 2
ASKED = (("rgb", "eye"), ("segmentation", "eye"))


def items(truth, told):
    return {name: float(np.mean(values)) for name, values in picture_items(Aligned(truth, told))}


def test_similarity_has_its_closed_form_for_even_pictures():
    a, b = np.full((16, 20), 0.3), np.full((16, 20), 0.6)
    assert ssim(a, a) == pytest.approx(1.0)
    assert ssim(a, b) == pytest.approx((2 * 0.3 * 0.6 + 1e-4) / (0.3**2 + 0.6**2 + 1e-4))
    noise = np.random.default_rng(0).uniform(size=(32, 32))
    assert ssim(noise, 1.0 - noise) < -0.9 and ssim(noise, noise[::-1]) < 0.2
    assert overlap(np.array([True, True, False]), np.array([True, False, True])) == pytest.approx(1 / 3)
    assert overlap(np.zeros(3, bool), np.zeros(3, bool)) == 1.0


def test_the_baselines_in_pictures():
    truth = seen(0, crossing(RIGHT, bar=False))
    found = {name: items(truth, baseline(name, truth, START, 14, ASKED)) for name in ("copy", "constant_velocity", "recorded")}
    for name in ("constant_velocity", "recorded"):  # two pixels a frame over an even ground are told exactly
        assert found[name]["psnr"] == 100.0 and found[name]["ssim"] == pytest.approx(1.0)
        assert found[name]["motion_iou"] == found[name]["motion_weight"] == found[name]["mask_iou"] == 1.0
    assert found["copy"]["psnr"] < 25.0 and found["copy"]["motion_iou"] == 0.0 and 0.0 < found["copy"]["mask_iou"] < 0.1
    noisy = items(truth, baseline("noisy_oracle", truth, START, 14, ASKED))
    assert 25.0 < noisy["psnr"] < 28.0 and noisy["mask_iou"] == pytest.approx(0.6, abs=1e-9)  # one of four columns is off


def test_peak_signal_to_noise_and_depth():
    views = crossing(RIGHT)
    deep = np.full(views.stream("rgb", "eye").shape[:3], 2.0)
    deep[:, :5] = np.nan
    views = Shown(views.stream("segmentation", "eye"), views.stream("rgb", "eye"), deep)
    truth = seen(0, views)
    rgb = np.clip(views.stream("rgb", "eye")[3:7].astype(float) + 25.5, 0, 255)
    assert rgb.max() < 256
    told = Prediction(START, pictures={("rgb", "eye"): rgb, ("depth", "eye"): deep[3:7] * 1.1})
    found = items(truth, told)
    assert found["psnr"] == pytest.approx(20.0, abs=0.1) and found["depth_error"] == pytest.approx(0.1)


def flowing():
    """A square that goes two pixels right a frame; the column that it covers next has no flow, nor has the last frame."""
    views = crossing(RIGHT, bar=False)
    labels = views.stream("segmentation", "eye")
    flow = np.zeros((*labels.shape, 2))
    flow[labels == 1] = (2.0, 0.0)
    flow[-1] = np.nan
    for frame, column in enumerate(RIGHT):
        flow[frame, 8:12, column + 4 : column + 6] = np.nan
    return seen(0, Shown(labels, views.stream("rgb", "eye"), None, flow))


def test_flow_is_scored_by_its_end_points():
    truth = flowing()
    right = truth.views.stream("flow", "eye")[START : START + 5]
    cases = [  # told, mean over the picture, over what moves: 16 of 792 pixels with a flow move
        (np.where(np.isnan(right), 0.0, right), 0.0, 0.0),
        (np.where(np.isnan(right), 0.0, right) + [3.0, 4.0], 5.0, 5.0),
        (np.zeros(right.shape), 2.0 * 16 / 792, 2.0),
        (np.full(right.shape, [0.0, 2.0]), (16 * 8**0.5 + 776 * 2.0) / 792, 8**0.5),
    ]
    for told, everywhere, moving in cases:
        found = items(truth, Prediction(START, pictures={("flow", "eye"): told}))
        assert found["flow_error"] == pytest.approx(everywhere) and found["flow_moving"] == pytest.approx(moving)


def test_the_baselines_in_flow():
    truth = flowing()
    asked = (("flow", "eye"),)
    found = {
        name: items(truth, baseline(name, truth, START, 14, asked))
        for name in ("copy", "constant_velocity", "noisy_oracle", "recorded")
    }
    assert found["recorded"] == {"flow_error": 0.0, "flow_moving": 0.0} and found["constant_velocity"]["flow_moving"] == 0.0
    assert found["copy"]["flow_moving"] == pytest.approx(2.0)
    assert found["noisy_oracle"]["flow_error"] == pytest.approx(0.5 * (np.pi / 2) ** 0.5, rel=0.02)  # mean of Rayleigh's law
    with pytest.raises(PredictionError, match="shape"):
        check_arrays(
            {"start": np.array(2), "flow.eye": np.zeros((3, HEIGHT, WIDTH))}, "file", 19, ["a"], {asked[0]: (HEIGHT, WIDTH)}
        )


def test_hidden_bodies_are_asked_for_where_no_camera_sees_them():
    truth = seen(0, crossing(RIGHT))
    horizon = 19 - 1 - START
    position = truth.position[START + 1 :] + np.array([0.0, 0.02, 0.0])
    position[:4] += 1.0  # in full view: does not count
    hidden = dict(picture_items(Aligned(truth, Prediction(START, ("a",), position))))["hidden_error"]
    assert len(hidden) == 5 and np.allclose(hidden, 0.02) and horizon == 16  # columns 14 .. 22 are behind the bar
    blind = replace(truth, views=None)
    assert not list(picture_items(Aligned(blind, Prediction(START, ("a",), position))))


def test_bad_pictures_are_told_in_one_sentence():
    sizes = {("rgb", "eye"): (HEIGHT, WIDTH), ("depth", "eye"): (HEIGHT, WIDTH)}

    def sentence(**arrays):
        named = {name.replace("_", "."): value for name, value in arrays.items()}
        with pytest.raises(PredictionError) as raised:
            check_arrays({"start": np.array(2), **named}, "file", 19, ["a"], sizes)
        return str(raised.value)

    right = np.zeros((3, HEIGHT, WIDTH, 3), np.uint8)
    told = check_arrays({"start": np.array(2), "rgb.eye": right}, "file", 19, ["a"], sizes)
    assert told.horizon == 3 and list(told.pictures) == [("rgb", "eye")]
    assert "type float64; uint8" in sentence(rgb_eye=right.astype(float))
    assert f"shape (3, {HEIGHT}, 7, 3)" in sentence(rgb_eye=right[:, :, :7])
    assert "was not recorded; did you mean 'rgb.eye'" in sentence(rgb_eyes=right)
    assert "17 frames after frame 2" in sentence(rgb_eye=np.zeros((17, HEIGHT, WIDTH, 3), np.uint8))
    assert "arrays differ in frames" in sentence(rgb_eye=right, depth_eye=np.zeros((4, HEIGHT, WIDTH)))
    assert len(LEFT) == 19
