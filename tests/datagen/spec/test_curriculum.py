"""Stages and weights: an episode is a function of (spec, seed, index), and what a stage leaves alone stays as it is."""

import numpy as np
import pytest

from datagen.errors import SpecError
from datagen.spec import from_data, loads, sample
from datagen.spec.curriculum import Curriculum
from datagen.spec.declared import Weighted, between, cumulative
from datagen.spec.distributions import Choice, Integer, LogUniform, Normal, Uniform
from datagen.spec.laws import blended, declared_at
from tests.datagen.coverage.drawn import SPEC

X, MASS, COLOR = "entities.ball.position[0]", "params.mass", "entities.ball.color"
STAGES = {
    "stages": [
        {"name": "left", "episodes": 10, "set": {X: {"dist": "uniform", "low": "-1 m", "high": "0 m"}}},
        {"name": "wider", "episodes": 20, "ramp": True, "set": {X: {"dist": "uniform", "low": "-1 m", "high": "2 m"}}},
        {"name": "heavy", "set": {MASS: "200 kg", "entities.pin.count": 5, "world.gravity": "1 m/s^2"}},
    ]
}


def with_keys(**keys):
    return from_data({**loads(SPEC).data, **keys})


@pytest.fixture(scope="module")
def staged():
    return with_keys(curriculum=STAGES)


def test_the_stage_of_a_draw_follows_from_its_number_alone(staged):
    specs = {index: sample(staged, 3, index) for index in (45, 29, 0, 9, 10, 30)}
    assert {index: spec.stage for index, spec in sorted(specs.items())} == {
        0: "left", 9: "left", 10: "wider", 29: "wider", 30: "heavy", 45: "heavy",
    }  # fmt: skip
    assert all(spec.spec_sha256 == staged.sha256 for spec in specs.values())
    assert specs[30].body("ball").mass == 200.0 and specs[9].body("ball").mass < 100.0
    assert len(specs[45].bodies) == 7 and specs[45].world.gravity == (0.0, 0.0, -1.0)
    assert sample(staged, 3, 29) == specs[29]


def test_what_a_stage_leaves_alone_is_drawn_as_without_it(staged):
    plain = loads(SPEC)
    for index in (0, 15, 40):
        changed, as_before = sample(staged, 3, index).draws, sample(plain, 3, index).draws
        assert {path for path in as_before if path in changed and changed[path] != as_before[path]} <= {X}
        assert X in changed and (MASS in changed) == (index < 30)
    assert sample(plain, 3, 0).stage == "" and b'"stage"' not in sample(plain, 3, 0).to_json()


def test_a_ramp_goes_from_one_stage_to_the_next_in_a_straight_line(staged):
    def share(index, low, high):
        return (sample(staged, 3, index).draws[X] - low) / (high - low)

    plain = loads(SPEC)
    for index, high in ((9, 0.0), (10, 0.0), (15, 0.5), (20, 1.0), (29, 1.9)):
        expected = (sample(plain, 3, index).draws[X] + 1.0) / 2.0
        assert share(index, -1.0, high) == pytest.approx(expected, abs=1e-9)
        assert declared_at(staged, index)[X] == Uniform(-1.0, high)


def test_distributions_of_one_kind_blend():
    assert blended(Integer(1, 3), Integer(3, 9), 0.5) == Integer(2, 6)
    assert blended(LogUniform(1.0, 2.0), LogUniform(3.0, 10.0), 0.25) == LogUniform(1.5, 4.0)
    assert blended(Normal(0.0, 1.0), Normal(4.0, 2.0), 0.5) == Normal(2.0, 1.5)
    assert blended(Choice(("a", "b"), (1.0, 0.0)), Choice(("a", "b"), (1.0, 3.0)), 0.5).weights == (0.625, 0.375)
    assert blended(Uniform(0.0, 1.0), Normal(0.0, 1.0), 0.5) == Normal(0.0, 1.0)


def test_only_one_stage():
    spec = with_keys(curriculum={**STAGES, "only": "wider"})
    assert {sample(spec, 3, index).stage for index in (0, 50)} == {"wider"}
    assert declared_at(spec, 0)[X] == Uniform(-1.0, 2.0) and Curriculum(**spec.data["curriculum"]).firsts() == [0]


BINS = {"edges": [-1.0, 0.0, 0.5, 1.0], "weights": [0.0, 1.0, 3.0]}


def test_weighted_draws_have_the_density_that_they_say():
    density = {"floor": 0.2, "draws": {X: BINS, "text": {"weights": [0, 1, 1]}, "entities.pin.morph.radius": PINS}}
    spec, plain = with_keys(density=density), loads(SPEC)
    specs = [sample(spec, 5, index) for index in range(600)]
    x = np.array([one.draws[X] for one in specs])
    shares = np.histogram(x, [-1.0, 0.0, 0.5, 1.0])[0] / len(x)
    np.testing.assert_allclose(shares, [0.1, 0.25, 0.65], atol=0.06)  # floor 0.2 of (2, 1, 1) / 4, else (0, 1, 3) / 4
    told = np.array([one.density for one in specs])
    assert told.min() >= 0.2 and np.mean(1.0 / told) == pytest.approx(1.0, abs=0.15)  # importance weights
    assert np.mean(x / told) == pytest.approx(0.0, abs=0.12) and np.mean(x) > 0.4
    drawn = sum(sample(plain, 5, index).draws == one.draws for index, one in enumerate(specs))
    assert 0.15 * len(specs) < drawn < 0.5 * len(specs)  # episodes of the floor are those of the plain spec
    laws = declared_at(spec, 0)
    assert laws[X] == Weighted(Uniform(-1.0, 1.0), (-1.0, 0.0, 0.5, 1.0), (0.0, 1.0, 3.0), 0.2)
    np.testing.assert_allclose(between(laws[X], [-1.0, 0.0, 0.5, 1.0]), [0.1, 0.25, 0.65])
    assert cumulative(laws[X], 0.25) == pytest.approx(0.225)


PINS = {"edges": [0.01, 0.015, 0.02], "weights": [2, 1]}


@pytest.mark.parametrize("law", [Integer(0, 9), Normal(0.0, 1.0, -2.0, 2.0), LogUniform(0.5, 8.0)])
def test_probabilities_of_weighted_laws_add_up(law):
    weighted = Weighted(law, (0.0, 1.5, 3.0, 20.0), (1.0, 5.0, 2.0), 0.3)
    low, high = law.support()
    inner = np.linspace(low, high, 7) if not isinstance(law, Integer) else np.arange(low, high + 1)
    shares = between(weighted, inner.tolist())
    assert sum(shares) == pytest.approx(1.0) and min(shares) > 0.0 and cumulative(weighted, high) == pytest.approx(1.0)
    assert weighted.ratio(1.0) * 5.0 == pytest.approx(weighted.ratio(2.0))


BAD = [
    ({"curriculum": {"stages": [{"name": "a"}, {"name": "b"}]}}, "the stage 'a' has no end"),
    ({"curriculum": {"stages": [{"name": "a", "episodes": 3}, {"name": "a"}]}}, "two stages 'a'"),
    ({"curriculum": {"stages": [{"name": "a", "set": {"record.fps": 10}}]}}, "'record.fps' cannot change"),
    ({"curriculum": {"stages": [{"name": "a", "set": {"params.mas": "2 kg"}}]}}, "there is no 'mas'; did you mean 'mass'"),
    ({"curriculum": {"stages": [{"name": "a", "set": {"entities.ball.position[3]": "1 m"}}]}}, "there is no 3"),
    ({"curriculum": {"stages": [{"name": "a", "set": {"params.mass": "2 s"}}]}}, "the stage 'a' makes"),
    ({"curriculum": {"stages": [{"name": "a", "set": {"world.substeps": 20}}]}}, "changes the times"),
    ({"curriculum": {"stages": [{"name": "a", "episodes": 2, "ramp": True}]}}, "nothing to come from"),
    ({"curriculum": {"stages": [{"name": "a"}], "only": "c"}}, "there is no stage 'c'"),
    ({"density": {"draws": {"params.mas": BINS}}}, "'params.mas' is not drawn; did you mean 'params.mass'"),
    ({"density": {"draws": {"text": BINS}}}, "a choice of 3; 3 weights and no edges"),
    ({"density": {"draws": {MASS: {"weights": [1]}}}}, "'edges' are missing"),
    ({"density": {"draws": {MASS: {"edges": [1, 1], "weights": [1]}}}}, "edges do not ascend"),
    ({"density": {"draws": {MASS: {"edges": [1, 2, 3], "weights": [0, 0]}}}}, "all weights are 0"),
    ({"density": {"draws": {"entities.ball.rotation": BINS}}}, "a random rotation cannot be weighted"),
]


@pytest.mark.parametrize(("keys", "sentence"), BAD)
def test_bad_stages_and_weights_are_told_in_one_sentence(keys, sentence):
    with pytest.raises(SpecError) as raised:
        with_keys(**keys)
    assert sentence in str(raised.value), raised.value


def test_weights_that_leave_nothing_are_an_error_of_the_draw():
    spec = with_keys(density={"floor": 0, "draws": {X: {"edges": [-1.0, 2.0, 3.0], "weights": [0, 1]}}})
    with pytest.raises(SpecError, match="leave nothing"):
        sample(spec, 1, 0)
