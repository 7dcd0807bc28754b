"""Questions have the right answer, wrong ones from other branches, and credit for what motion tells."""

from dataclasses import replace

import numpy as np
import pytest

from datagen.evaluation.baselines import baseline
from datagen.evaluation.contact import relative
from datagen.evaluation.motion import Aligned
from datagen.evaluation.predictions import Prediction, PredictionError
from datagen.evaluation.questions import NEVER, NOTHING, question_items, questions
from datagen.evaluation.score import Material, report
from tests.datagen.evaluation.motions import collision

START = 2


@pytest.fixture
def group():
    """The base hits at frame 6, the slow branch at frame 12, nothing moves in the third."""
    return [collision(0), collision(1, 0, "slow", 0.5), collision(2, 0, "nothing", 0.0)]


def asked(group, index=0):
    return questions(group[index], [one for one in group if one is not group[index]], START)


def test_answers_are_those_of_the_recording(group):
    right = {(one.kind, one.about): one.choices[one.answer] for one in asked(group)}
    frame = 1 + int(np.flatnonzero(group[0].touches(("a", "b")))[0])
    assert right["when", ("a", "b")] == f"frame {frame}" and right["touch", ("a",)] == "b" and right["touch", ("b",)] == "a"
    still = {(one.kind, one.about): one.choices[one.answer] for one in asked(group, 2)}
    assert still["when", ("a", "b")] == NEVER and still["touch", ("a",)] == NOTHING and ("farthest", ()) not in still
    assert asked(group) == asked(group)


def test_wrong_choices_come_from_the_other_branches_first(group):
    when = next(one for one in asked(group) if one.kind == "when")
    slow = 1 + int(np.flatnonzero(group[1].touches(("a", "b")))[0])
    assert {f"frame {slow}", NEVER} < set(when.choices) and 3 <= len(when.choices) <= 4
    places = {tuple(one.choices).index(one.choices[one.answer]) for n in (0, 1, 2) for one in asked(group, n)}
    assert len(places) > 1  # the right one is not always in the same place


def test_events_that_only_some_branches_have(group):
    row = {"frame": 6, "type": "topple", "subject": "b", "object": ""}
    other = {"frame": 9, "type": "fall", "subject": "a", "object": ""}
    told = [replace(group[0], events=(row,)), replace(group[1], events=(other,)), group[2]]
    question = asked(told)[-1]
    assert question.kind == "event" and question.choices[question.answer] == "topple: b" and "fall: a" in question.choices


def test_credit_of_motion_and_of_answers(group):
    def credit(prediction, index=0):
        others = [one for one in group if one is not group[index]]
        return dict(question_items(Aligned(group[index], prediction), others))

    recorded = credit(baseline("recorded", group[0], START, 18))
    assert np.mean(recorded["question_accuracy"]) == 1.0 and max(recorded["question_chance"]) <= 0.5
    still = credit(baseline("copy", group[0], START, 18))
    assert np.mean(still["question_accuracy"]) < 0.5
    answers = np.array([one.answer for one in asked(group)])
    assert set(credit(Prediction(START, answers=answers))["question_accuracy"]) == {1.0}
    assert not credit(Prediction(START)) and not credit(baseline("recorded", group[0], START, 4))
    with pytest.raises(PredictionError, match="one of each question"):
        credit(Prediction(START, answers=answers[:1]))
    with pytest.raises(PredictionError, match="answer 0 is 9"):
        credit(Prediction(START, answers=np.full(len(answers), 9)))


def test_the_report_has_questions_of_whole_groups(group):
    told = {one.index: baseline("recorded", one, START, 18) for one in group[:1]}
    rows = report(Material({one.index: one for one in group}, told))["measures"]["question_accuracy"]
    assert rows["model"]["value"] == rows["recorded"]["value"] == 1.0 and rows["copy"]["value"] < 0.5
    assert rows["noisy_oracle"]["value"] > rows["copy"]["value"]


def test_forces_are_compared_over_all_of_them(group):
    frame = int(np.flatnonzero(group[0].touches(("a", "b")))[0])
    impulse = np.zeros(21)
    impulse[frame] = 2.0
    truth = replace(group[0], impulse={frozenset("ab"): impulse})
    forces = np.zeros((18, 1))
    forces[frame - START] = 30.0  # 2 N s over 1/20 s are 40 N
    told = Prediction(START, contact_pairs=(("a", "b"),), frame_forces=forces)
    rows = report(Material({0: truth}, {0: told}), ())["measures"]
    assert rows["force_error"]["model"]["value"] == pytest.approx(0.25) and np.isnan(relative([(1.0, 0.0)]))
