"""The three traces of a task are told apart, and a task that lies is found out."""

import pytest

from datagen.cli.app import main
from datagen.errors import DatagenError
from datagen.pipeline.sanity import check_task
from datagen.spec import from_data

CUBE = {"morph": {"type": "box", "size": [0.1, 0.1, 0.1]}, "mass": 1.0, "position": [0, 0, 0.05]}
PUSH = {"do": "force", "target": "cube", "magnitude": 12, "direction": "x", "duration": 0.4, "start": {"at": 0.1}}
TASK = {"success": "position(cube, along x) > 20 cm", "fails": {"push": {"direction": "-x"}}}


def document(task, **more):
    entities = {"floor": {"morph": {"type": "plane"}}, "cube": CUBE}
    record = {"fps": 20, "duration": 1.0}
    made = {"spec": 1, "name": "made", "entities": entities, "actions": {"push": PUSH}, "record": record, "task": task}
    return from_data({**made, **more})


REWARD = [
    {"name": "way", "measure": "position", "of": "cube", "along": "x", "shape": {"type": "identity"}, "mode": "potential"}
]


def test_a_good_task_is_verified():
    report = check_task(document(TASK, reward=REWARD))
    assert report.verified and report.problems == ()
    totals = {trace.name: trace.total for trace in report.traces}
    assert totals["oracle"] > 0.2 and abs(totals["nothing"]) < 1e-3 and totals["failure"] < -0.2


@pytest.mark.parametrize(
    "task, message",
    [
        ({"success": "position(cube, along x) > -1 cm"}, "doing nothing succeeds"),
        ({"success": "position(cube, along x) > 9 m"}, "the oracle does not succeed"),
        ({"success": "moved(cube, 20 cm)", "fails": {"push": {"direction": "-x"}}}, "the failure trace succeeds"),
    ],
)
def test_a_task_that_lies_is_found_out(task, message):
    report = check_task(document(task))
    assert not report.verified and any(message in problem for problem in report.problems)


def test_a_spec_without_a_task_says_so():
    data = document(TASK).data
    with pytest.raises(DatagenError, match="no task"):
        check_task(from_data({key: value for key, value in data.items() if key != "task"}))


def test_the_command_reports_a_scene_without_oracle_as_unverified(capsys):
    assert main(["check", "balance"]) == 0
    assert "unverified" in capsys.readouterr().err
