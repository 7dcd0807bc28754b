"""`worldsmith bench rigid` on a small model: its rows and tables, and what it says when an engine cannot play."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("mujoco.batch", reason="MuJoCo 4 prepares the models of the benchmark")

from benchmarks.rigid import bench, models, startup
from benchmarks.rigid.job import Job, Numbers, bad_envs, read_job, step_error, write_job
from benchmarks.rigid.models import MODELS, Model, make_job
from benchmarks.rigid.referee import Outcome, play
from benchmarks.rigid.table import tables
from datagen.cli import app
from datagen.cli.exit_codes import ExitCode
from datagen.errors import DatagenError

PENDULUM = """<mujoco><option timestep="0.005"/><worldbody><geom type="plane" size="0 0 1"/>
<body pos="0 0 .5"><joint name="j" type="hinge" axis="0 1 0" range="-60 60" limited="true"/>
<geom type="capsule" fromto="0 0 0 .45 0 0" size=".04"/></body></worldbody>
<actuator><motor joint="j" gear="2" ctrlrange="-1 1" ctrllimited="true"/></actuator></mujoco>"""
NUMBERS = ("measured", "per_cpu_second", "peak_mb", "contacts", "rows", "iterations", "iterations_p95", "bad")


def small(tmp_path: Path) -> Model:
    file = tmp_path / "pendulum.xml"
    file.write_text(PENDULUM)
    return Model("pendulum", lambda _: file, 400, {4: 2.0}, warm_steps=20)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Rows of a quick run of a pendulum: our engine and MuJoCo side by side."""
    model = small(tmp_path_factory.mktemp("model"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(bench.MODELS, "pendulum", model)
        return bench.main(True, "cpu", models=("pendulum",), envs=(1, 20), threads=1)


def test_every_engine_has_a_row_with_its_load(rows):
    speeds = {row["engine"]: row for row in rows if row["kind"] == "speed"}
    assert set(speeds) == {"worldsmith", "mujoco"}
    for row in speeds.values():
        assert not row["reason"] and all(np.isfinite(row[name]) for name in NUMBERS)
        assert (row["envs"], row["bad"], row["threads"]) == (20, 0, 1)
        assert row["run"]["date"] and row["run"]["load"] >= 0
    ours, theirs = speeds["worldsmith"], speeds["mujoco"]
    assert ours["needed"] == pytest.approx(2.0 * theirs["measured"]) and theirs["needed"] is None
    assert theirs["ratio"] == 1.0 and ours["ratio"] > 0


def test_both_engines_start_from_the_same_states_under_the_same_controls(rows):
    speeds = {row["engine"]: row for row in rows if row["kind"] == "speed"}
    assert speeds["mujoco"]["step_error"] == 0.0
    assert speeds["worldsmith"]["step_error"] < 1e-3


def test_one_environment_is_given_in_microseconds(rows):
    single = [row for row in rows if row["kind"] == "one_env"]
    assert [row["engine"] for row in single] == ["worldsmith", "mujoco"]
    assert all(row["unit"] == "us/step" and row["better"] == "smaller" and 0.1 < row["measured"] < 1e5 for row in single)


def test_rows_pass_the_check_of_the_command_and_become_tables(rows, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(bench, "main", lambda quick, backend, models=(): rows)
    assert app.main(["bench", "rigid", "--models", "pendulum", "--json", str(tmp_path / "rows.json")]) == ExitCode.OK
    assert json.loads((tmp_path / "rows.json").read_text())[0]["case"] == "rigid pendulum"
    drawn = capsys.readouterr().err
    assert "environment steps per second" in drawn and "microseconds per step" in drawn and "pendulum" in drawn


def test_an_engine_that_refuses_or_dies_becomes_a_reason(tmp_path):
    model = small(tmp_path)
    job, numbers = make_job(model, model.make(tmp_path), 2, 2, 1, threads=1, backend="cpu")
    gone = Job(**{**vars(job), "file": str(tmp_path / "gone.xml")})
    lost, missing = play(gone, numbers, {"mujoco": "", "genesis": ""}, tmp_path / "job", 1, 60.0)
    assert "gone.xml" in lost.reason
    assert "genesis" in missing.reason and not missing.rounds


def test_an_engine_that_hangs_is_ended(tmp_path):
    model = small(tmp_path)
    job, numbers = make_job(model, model.make(tmp_path), 2, 2, 1, threads=1, backend="cpu")
    (outcome,) = play(job, numbers, {"mujoco": ""}, tmp_path / "job", 1, 0.01)
    assert outcome.reason == "no answer within 0.01 s (ready)"


def test_a_model_without_a_file_is_a_row_with_the_reason(monkeypatch):
    monkeypatch.setitem(bench.MODELS, "robot", Model("robot", models.wheel_file("no_such_wheel", "x.xml"), 10, {}))
    ours, theirs = bench.main(True, "cpu", models=("robot",), envs=(8,))
    assert "pip install no_such_wheel" in ours["reason"] and ours["measured"] != ours["measured"]
    assert tables([ours, theirs])[-1][0] == "remarks"


@pytest.mark.parametrize("option, value", [("models", ("humanod",)), ("engines", ("bullet",))])
def test_unknown_names_are_said_before_anything_runs(option, value):
    with pytest.raises(DatagenError, match=f"--{option}.*unknown"):
        bench.main(True, "cpu", **{option: value})


@pytest.mark.parametrize(
    "words, said",
    [(["render", "--models", "ant"], "the case has no --models"), (["rigid", "--envs", "64,many"], "'many' is no number")],
)
def test_options_that_a_case_lacks_are_refused(capsys, words, said):
    assert app.main(["bench", *words]) == ExitCode.USAGE
    assert said in capsys.readouterr().err


def test_a_job_is_the_same_every_time_and_survives_the_disk(tmp_path):
    model = small(tmp_path)
    first, second = (make_job(model, model.make(tmp_path), 3, 4, 2, threads=1, backend="cpu") for _ in range(2))
    write_job(tmp_path / "job", *first)
    read = read_job(tmp_path / "job")
    assert read[0] == second[0]
    assert all(np.array_equal(value, vars(second[1])[name]) for name, value in vars(read[1]).items())
    assert len(np.unique(read[1].qpos)) == 3 and read[1].controls.shape == (4, 3, 1)


def test_errors_and_bad_environments_are_counted():
    class Given:
        qvel, next_qvel = np.zeros((2, 2)), np.array([[1.0, 0.0], [0.0, 2.0]])

    assert step_error(Given, Given.next_qvel + [[0.1, 0.0], [0.0, 0.2]]) == pytest.approx(0.1)
    assert bad_envs(np.array([[0.0], [np.nan], [0.0]]), np.array([[1.0], [1.0], [2e4]])) == 2


def test_made_models_are_what_they_say(tmp_path):
    import mujoco

    pile = mujoco.MjModel.from_xml_path(str(models.pile(tmp_path, 27)))
    arm = mujoco.MjModel.from_xml_path(str(MODELS["arm"].make(tmp_path)))
    assert (pile.nv, pile.ngeom) == (27 * 6, 28)
    assert (arm.nv, arm.nu, arm.jnt("cube").type[0]) == (7 + 2 + 6, 9, 0)
    assert [MODELS["humanoid"].needed_ratio(envs) for envs in (1, 64, 512, 4096)] == [1.0, 3.5, 3.5, 5.0]


def test_a_start_that_fails_or_hangs_gives_the_reason(monkeypatch, tmp_path):
    monkeypatch.setitem(startup.PROGRAMS, "worldsmith", "import sys; sys.exit('no luck')")
    assert "no luck" in startup.measure("worldsmith", sys.executable, tmp_path, "cpu", 60.0)["reason"]
    monkeypatch.setitem(startup.PROGRAMS, "worldsmith", "import time; time.sleep(60)")
    assert "no first step within 0.2 s" in startup.measure("worldsmith", sys.executable, tmp_path, "cpu", 0.2)["reason"]


def test_a_start_counts_wall_and_processor(monkeypatch, tmp_path):
    monkeypatch.setitem(startup.PROGRAMS, "worldsmith", "import time; time.sleep(0.3)")
    found = startup.measure("worldsmith", sys.executable, tmp_path, "cpu", 60.0, warm_runs=1)
    assert found["cold"][0] > 0.3 > found["cold"][1]


def test_memory_is_that_of_the_process_and_not_of_its_parent():
    from benchmarks.rigid.worker import peak_memory

    block = np.ones(40_000_000)
    child = "from benchmarks.rigid.worker import peak_memory; print(peak_memory())"
    told = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True).stdout
    assert peak_memory() > block.nbytes / 2**20 > float(told) > 5


def test_an_engine_that_dies_in_a_round_is_a_row(tmp_path):
    model = small(tmp_path)
    job, numbers = make_job(model, model.make(tmp_path), 2, 2, 1, threads=1, backend="cpu")
    short = Numbers(**{**vars(numbers), "controls": numbers.controls[:, :, :0]})
    (outcome,) = play(job, short, {"mujoco": ""}, tmp_path / "job", 2, 60.0)
    assert outcome.reason and not outcome.rounds
    assert bench.median_speed(job, outcome, "wall") != bench.median_speed(job, outcome, "wall")


def test_ratios_are_medians_of_rounds_that_stand_side_by_side():
    ours = Outcome("worldsmith", rounds=[{"wall": 1.0}, {"wall": 3.0}, {"wall": 1.0}])
    theirs = Outcome("mujoco", rounds=[{"wall": 2.0}, {"wall": 6.0}, {"wall": 5.0}])
    assert bench.ratio_to(theirs, ours, "wall") == 2.0
    assert bench.ratio_to(Outcome("mujoco", "gone"), ours, "wall") is None
