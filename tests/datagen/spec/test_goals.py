"""Goals are the same in YAML and in a line of text, units are checked against the measure, and mistakes are one sentence."""

from pathlib import Path

import pytest

from datagen.errors import SampleError, SpecError
from datagen.spec import EpisodeSpec, loads, sample
from datagen.spec.infix import parse_infix
from datagen.spec.problems import FieldError

SPEC = (Path(__file__).resolve().parents[3] / "benchmarks" / "counterfactuals" / "groups.yaml").read_text()
GOAL = '"displacement(cube) > 10 cm"'


def resolved(goal, more=""):
    return sample(loads(SPEC.replace(GOAL, goal) + more), 1, 0)


@pytest.mark.parametrize(
    "line, tree",
    [
        ("hold(upright(cube, 10 deg), 1 s)", "{hold: {pred: upright, of: cube, value: 10 deg}, for: 1 s}"),
        ("moved(cube) and not moved(pin[0])", '{all: [{pred: moved, of: cube}, {not: {pred: moved, of: "pin[0]"}}]}'),
        (
            "count(p in pin: toppled(p)) >= 2",
            "{count: {pred: toppled, of: p}, over: pin, as: p, at_least: 2}",
        ),
        (
            "then(moved(cube), moved(pin[1]), within 2 s) or time > 0.7",
            '{any: [{then: [{pred: moved, of: cube}, {pred: moved, of: "pin[1]"}], within: 2 s}, '
            "{measure: time, cmp: '>', value: 0.7}]}",
        ),
        (
            "position(cube, along -x) ~ 10 cm +- 5 mm",
            "{measure: position, of: cube, along: -x, cmp: about, value: 10 cm, tol: 5 mm}",
        ),
        (
            "always(near(cube, pin[0], 1 m), 0.1 s to 0.5 s)",
            '{always: {pred: near, of: cube, ref: "pin[0]", value: 1 m}, during: [0.1, 0.5]}',
        ),
    ],
)  # fmt: skip
def test_a_line_and_a_tree_mean_the_same(line, tree):
    assert resolved(f'"{line}"').task.success == resolved(tree).task.success


def test_quantified_goals_are_written_out_for_every_body():
    goal = resolved('"forall p in pin: upright(p)"').task.success
    assert [part.of for part in goal.parts] == [("pin_0",), ("pin_1",)]


def test_an_episode_with_a_task_survives_json():
    episode = resolved('"hold(moved(cube, 5 cm), 0.2 s)"', "reward: from_goal\n")
    assert episode.task.from_goal and EpisodeSpec.from_json(episode.to_json()) == episode


@pytest.mark.parametrize(
    "goal, message",
    [
        ('"moved(cube, 10 kg)"', "'10 kg' is a mass"),
        ('"moved(cub)"', "there is no entity 'cub'; did you mean 'cube'"),
        ('"mooved(cube)"', "did you mean 'moved'"),
        ('"upright(cube, 10)"', "angles always name their unit"),
        ('"near(cube, pin[0])"', "near needs 'value'"),
        ('"speed(pin) > 1 m/s"', "speed is about one"),
        ('"speed(cube) > 1 m"', "'1 m' is a length"),
        ("{measure: speed, of: cube, cmp: about, value: 1 m/s}", "'about' and 'tol' belong together"),
        ('"count(p in pin: toppled(q)) >= 1"', "there is no entity 'q'"),
        ('"moved(cube) moved(pin[0])"', "goes wrong at column 13"),
    ],
)
def test_a_mistake_in_a_goal_is_one_sentence(goal, message):
    with pytest.raises((SpecError, SampleError), match=message.replace("[", r"\[")):
        resolved(goal)


@pytest.mark.parametrize("text", ["__import__('os').system('x')", "a" * 2001, "(" * 50, "time == 3 s", "f(a, b, c, d)"])
def test_text_that_is_no_goal_is_refused(text):
    with pytest.raises(FieldError):
        parse_infix(text)


@pytest.mark.parametrize(
    "term, message",
    [
        ("{name: a, measure: speed, of: cube, mode: per_second}", "a 'shape'"),
        ("{name: a, measure: speed, of: cube, shape: {type: step, at: 2 m}, mode: potential}", "'2 m' is a length"),
        ("{name: a, predicate: moved(cube), mode: per_itm}", "'per_item'"),
        ("{name: a, measure: speed, of: cube, shape: {type: tanh}, mode: per_step}", "needs 'scale'"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_reward_is_one_sentence(term, message):
    with pytest.raises(SpecError, match=message):
        loads(SPEC + f"reward:\n  - {term}\n")
