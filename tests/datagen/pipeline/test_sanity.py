"""The three traces of a task are told apart, and a task that lies is found out."""

import json

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


def test_a_task_that_nobody_can_act_upon_is_unverified(tmp_path, capsys):
    data = {**document(TASK).data, "task": {"success": TASK["success"]}}
    del data["actions"]
    path = tmp_path / "still.yaml"
    path.write_text(json.dumps(data))
    assert main(["check", str(path)]) == 0
    assert "unverified: no oracle" in capsys.readouterr().err


def test_traces_may_bring_actions_that_the_episodes_do_not_have():
    data = {key: value for key, value in document(TASK).data.items() if key != "actions"}
    kick = {**PUSH, "do": "set_velocity", "velocity": {"speed": 2, "direction": "x"}}
    kick = {key: value for key, value in kick.items() if key not in ("magnitude", "direction", "duration")}
    task = {"success": TASK["success"], "oracle": {"kick": kick}, "fails": {"kick": {"velocity": [-2, 0, 0]}}}
    report = check_task(from_data({**data, "task": task}), draws=2)
    assert report.verified and report.complete and report.problems == ()
    assert [(trace.name, trace.draw, trace.success) for trace in report.traces] == [
        ("nothing", 0, False), ("nothing", 1, False), ("oracle", 0, True), ("oracle", 1, True),
        ("failure", 0, False), ("failure", 1, False),
    ]  # fmt: skip


def test_the_oracle_of_an_agent_is_searched():
    control = {"body": "cube", "mode": "force", "along": "x", "low": "-20 N", "high": "20 N"}
    data = {key: value for key, value in document(TASK).data.items() if key != "actions"}
    task = {"success": "position(cube, along x) ~ 30 cm +- 5 cm", "failure": "position(cube, along x) > 60 cm"}
    report = check_task(from_data({**data, "controls": {"push": control}, "task": task}))
    assert report.verified and report.complete
    assert {trace.name: trace.success for trace in report.traces} == {"nothing": False, "oracle": True, "failure": False}
