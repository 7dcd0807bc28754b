"""Measures on motions whose answers are known: perfect is perfect, a violation has its figure, what is absent is not given."""

from dataclasses import replace

import numpy as np
import pytest

from datagen.evaluation.baselines import baseline
from datagen.evaluation.bootstrap import auroc, figure
from datagen.evaluation.contact import f1
from datagen.evaluation.counterfactual import flip_accuracy
from datagen.evaluation.floor import Replica, floor_items
from datagen.evaluation.motion import Aligned
from datagen.evaluation.penetration import depth_of
from datagen.evaluation.predictions import Prediction
from datagen.evaluation.score import MEASURES, Material, report
from tests.datagen.evaluation.motions import FPS, ball, collision, fall

START = 2


def recorded(truths):
    return {one.index: baseline("recorded", one, START, len(one.position) - 1 - START) for one in truths}


def values(truths, told):
    rows = report(Material({one.index: one for one in truths}, told), ())["measures"]
    return {name: row["model"]["value"] for name, row in rows.items()}


@pytest.fixture
def pair():
    """A base in which the balls meet, and a branch in which the first one stays."""
    return [collision(0, 0, "base", 1.0), collision(1, 0, "nothing", 0.0)]


def test_the_recording_is_perfect(pair):
    found = values(pair, recorded(pair))
    assert found["position_error"] == found["rotation_error"] == found["final_position_error"] == 0.0
    assert found["contact_auroc"] == found["contact_accuracy"] == found["retrieval"] == 1.0
    assert found["effect_error"] == found["energy_rise"] == found["energy_violation"] == 0.0
    assert found["momentum_residual"] == pytest.approx(0.0, abs=1e-12)
    assert found["overlap_depth"] == pytest.approx(0.0, abs=1e-12) and found["overlap_share"] == 0.0
    assert found["retrieval_chance"] == 0.5 and found["contact_majority"] == 0.5


def test_a_shift_is_its_length_and_copying_misses_the_contact(pair):
    told = {index: replace(one, position=one.position + [0.0, 0.03, 0.04]) for index, one in recorded(pair).items()}
    assert values(pair, told)["position_error"] == pytest.approx(0.05)
    copied = values(pair, {one.index: baseline("copy", one, START, 18) for one in pair})
    effect = pair[1].position[START + 1 :] - pair[0].position[START + 1 :]
    wrong = np.linalg.norm(pair[1].position[START] - pair[0].position[START] - effect) / np.linalg.norm(effect)
    assert copied["effect_error"] == pytest.approx(wrong) and copied["contact_accuracy"] == 0.5


def test_no_effect_told_is_an_effect_error_of_one(pair):
    told = recorded(pair)
    told[1] = replace(told[0])
    found = values(pair, told)
    assert found["effect_error"] == pytest.approx(1.0) and found["retrieval"] == 0.5


def test_flips_that_are_told_wrong_halve_the_balanced_accuracy():
    assert flip_accuracy([(True, True), (False, True), (False, True)]) == 1.0
    assert flip_accuracy([(True, False), (False, True), (False, True)]) == 0.5
    assert np.isnan(flip_accuracy([(False, True)]))


def test_a_ball_that_doubles_its_speed_has_three_times_its_energy_more_and_its_momentum_once_more():
    truth = collision(speed=1.0, gap_=5.0)
    velocity = truth.velocity[START + 1 :].copy()
    velocity[5:] *= 2.0
    told = replace(recorded([truth])[0], velocity=velocity)
    found = values([truth], {0: told})
    assert found["energy_rise"] == pytest.approx(3.0 / 18) and found["energy_violation"] == pytest.approx(1 / 18)
    assert found["momentum_residual"] == pytest.approx(1.0 / 18)


@pytest.mark.parametrize("acceleration", (9.81, 0.0, 12.0))
def test_free_flight_error_is_that_of_the_acceleration(acceleration):
    truth = fall()
    told = baseline("recorded", fall(acceleration=acceleration), 0, 10)
    told = replace(told, position=told.position, velocity=None)
    assert values([truth], {0: told})["free_flight_error"] == pytest.approx(abs(acceleration - 9.81) / 9.81, abs=1e-9)


def test_a_fall_keeps_energy_and_momentum_given_the_weight():
    found = values([fall()], {0: baseline("recorded", fall(), 0, 10)})
    assert found["energy_rise"] == pytest.approx(0.0, abs=1e-9) and found["momentum_residual"] == pytest.approx(0.0, abs=1e-9)


def test_overlap_is_measured_against_spheres_boxes_and_planes():
    truth = collision(speed=0.0)
    told = recorded([truth])[0]
    position = told.position.copy()
    position[:, 1] = position[:, 0] + [0.07, 0.0, 0.0]
    found = values([truth], {0: replace(told, position=position)})
    assert found["overlap_depth"] == pytest.approx(0.03) and found["overlap_share"] == 1.0
    for shape, at in (
        ({"type": "plane", "size": []}, (0.0, 0.0, -0.04)),
        ({"type": "box", "size": [1.0, 1.0, 0.2]}, (0.0, 0.0, -0.14)),
        ({"type": "box", "size": [0.2, 1.0, 1.0], "rotation": [0.5**0.5, 0.0, 0.5**0.5, 0.0]}, (0.0, 0.0, -0.14)),
    ):
        ground = {**ball(position=at), "shapes": [shape]}
        here = replace(truth, bodies={**truth.bodies, "ground": ground})
        assert values([here], {0: told})["overlap_depth"] == pytest.approx(0.01), shape


def box(*size, kind="box", **more):
    """A body of one centred shape."""
    return {**ball(**more), "shapes": [{"type": kind, "size": list(size)}]}


def turned(angle, axis=(0.0, 0.0, 1.0)):
    return np.array([[np.cos(0.5 * angle), *(np.sin(0.5 * angle) * np.array(axis))]])


def test_boxes_overlap_by_the_smallest_way_out():
    cube, still, here = box(0.2, 0.2, 0.2), turned(0.0), np.zeros((1, 3))
    assert depth_of(cube, here, still, cube, here + [0.15, 0.1, 0.0], still)[0] == pytest.approx(0.05)
    assert depth_of(cube, here, still, cube, here + [0.25, 0.0, 0.0], still)[0] == pytest.approx(-0.05)
    corner = 0.1 + 0.1 * 2**0.5  # a cube turned by 45 degrees about z reaches farther along x
    found = depth_of(cube, here, still, cube, here + [corner - 0.01, 0.0, 0.0], turned(np.pi / 4))[0]
    assert found == pytest.approx(0.01)
    edges = depth_of(cube, here, turned(np.pi / 4), cube, here + [0.0, 0.0, 0.19], turned(np.pi / 4, (1.0, 0.0, 0.0)))[0]
    assert 0.0 < edges < 0.06
    ground, can = box(kind="plane"), box(0.05, 0.2, kind="cylinder")
    for body, turn, reach in (
        (cube, turned(np.pi / 4, (1.0, 0.0, 0.0)), 0.1 * 2**0.5),
        (can, still, 0.1), (can, turned(np.pi / 2, (0.0, 1.0, 0.0)), 0.05),
        (box(0.05, 0.2, kind="capsule"), still, 0.15),
    ):  # fmt: skip
        for first, second in (((body, here + [0, 0, 0.04], turn), (ground, here, still)),):
            assert depth_of(*first, *second)[0] == depth_of(*second, *first)[0] == pytest.approx(reach - 0.04)
    assert depth_of(can, here, still, cube, here, still) is None


def test_touches_match_within_one_frame():
    truth = collision()
    hit = int(np.flatnonzero(truth.touches(("a", "b")))[0]) - START
    for late, expected in ((0, 1.0), (1, 1.0), (2, 0.0)):
        logits = np.full((18, 1), -1.0)
        logits[hit + late] = 1.0
        told = Prediction(START, ("a", "b"), contact_pairs=(("a", "b"),), frame_logits=logits)
        assert values([truth], {0: told})["touch_f1"] == expected
    assert f1([(1, 2, 1, 1)]) == pytest.approx(2.0 / 3.0)


def test_what_is_not_given_is_not_zero(pair):
    found = values(pair, {0: Prediction(START, contact_pairs=(("a", "b"),), contact_logits=np.array([2.0]))})
    assert found["contact_accuracy"] == 1.0
    assert all(found[name] is None for name in MEASURES if name not in ("contact_accuracy", "contact_majority"))


def test_probes_read_a_mass_that_is_in_the_latent_and_none_from_noise():
    generator = np.random.default_rng(3)
    masses = generator.uniform(0.5, 4.0, 60)
    truths = [collision(index, index, mass=mass) for index, mass in enumerate(masses)]
    for told, low, high in (
        ([np.array([np.log(mass), 0.3, 1.0 / FPS]) for mass in masses], 0.99, 1.0),
        (list(generator.standard_normal((60, 3))), -1.0, 0.2),
    ):
        found = values(truths, {one.index: Prediction(START, latent=told[one.index]) for one in truths})
        assert low <= found["probe a.mass"] <= high
    assert "probe a.friction" not in found


def test_auroc_and_intervals():
    assert auroc([(0.1, False), (0.9, True), (0.5, True), (0.5, False)]) == pytest.approx(3.5 / 4)
    assert np.isnan(auroc([(0.1, True)]))
    normal = {group: list(np.random.default_rng(group).standard_normal(1)) for group in range(400)}
    found = figure(normal)
    assert found.high - found.low == pytest.approx(2 * 1.96 / 20.0, rel=0.15) and found.low < found.value < found.high
    doubled = figure({group: items * 2 for group, items in normal.items()})
    assert doubled.high - doubled.low == pytest.approx(found.high - found.low)
    assert figure({0: [1.0, 2.0]}).low is None and figure({}).value is None


def test_baselines_are_ordered_as_they_should_be(pair):
    rows = report(Material({one.index: one for one in pair}, recorded(pair)))["measures"]["position_error"]
    assert rows["recorded"]["value"] == 0.0 < rows["noisy_oracle"]["value"] < rows["constant_velocity"]["value"]
    assert rows["constant_velocity"]["value"] != rows["copy"]["value"]


def test_what_is_told_is_valid_as_long_as_chaos_would_be():
    truth = collision(speed=1.0, frames=21)  # `a` goes 50 mm a frame
    floor = np.zeros(truth.position.shape)
    floor[10:, :, 1] = 0.02 * np.arange(11)[:, None]  # the replica leaves by 20 mm a frame more from frame 10 on
    replica = Replica(truth.names, truth.position + floor, truth.rotation, truth.velocity)
    late = np.zeros(truth.position.shape)
    late[8:, :, 2] = 0.0015
    told = {
        "recorded": baseline("recorded", truth, START, 18),
        "copy": baseline("copy", truth, START, 18),
        "late": Prediction(START, truth.names, (truth.position + late)[START + 1 :]),
        "replica": replica.told(START, 18),
    }
    frames = {name: dict(floor_items(Aligned(truth, one), replica))["valid_frames"] for name, one in told.items()}
    # copy is off at once; 1.5 mm count from frame 8 on, the sixth that is told (row 5), for there the replica is still right
    assert frames == {"recorded": [18.0], "copy": [0.0], "late": [5.0], "replica": [18.0]}
    assert not list(floor_items(Aligned(truth, told["late"]), None))
    rows = report(Material({0: truth}, {0: told["late"]}, replicas={0: replica}), ("copy",))["measures"]
    assert (
        rows["final_position_error"]["replica"]["value"] == pytest.approx(0.2) and rows["valid_frames"]["copy"]["value"] == 0.0
    )
