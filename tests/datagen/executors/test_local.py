"""Spawned workers: same dataset as one process, dead ones replaced, Ctrl-C clean, failures reported."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from datagen.executors import local
from datagen.executors.local import Progress, run
from datagen.writers import OutputError, RunError, faults, validate
from tests.datagen.writers.drive import SMALL, generate, hash_of, plan_of
from tests.datagen.writers.synthetic import factory


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> str:
    return hash_of(generate(tmp_path_factory.mktemp("undisturbed") / "out"))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def workers_of(folder: Path) -> list[int]:
    return [int(path.name) for path in folder.iterdir()]


def wait_for(condition, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_two_workers_make_the_same_dataset_and_report_progress(tmp_path, undisturbed):
    seen: list[Progress] = []
    report = run(tmp_path / "out", plan_of(), factory(SMALL), workers=2, progress=seen.append)
    assert hash_of(report) == undisturbed and validate(tmp_path / "out").ok
    last = seen[-1]
    assert (last.shards, last.total_shards, last.total_episodes) == (3, 3, 6)
    assert last.frames == report.frames_computed == report.manifest["frames"] and last.frames_per_second > 0
    assert [p.episodes for p in seen] == sorted(p.episodes for p in seen) and seen[1].eta_seconds is not None


def test_a_killed_worker_is_replaced_and_the_run_ends_complete(tmp_path, undisturbed):
    pids = tmp_path / "pids"
    pids.mkdir()
    shape = dataclasses.replace(SMALL, delay=0.1, pids=str(pids))
    killed = []

    def kill_once(progress: Progress) -> None:
        if not killed:
            killed.append(workers_of(pids)[0])
            os.kill(killed[0], signal.SIGKILL)

    report = run(tmp_path / "out", plan_of(shape), factory(shape), workers=2, progress=kill_once)
    assert killed and len(workers_of(pids)) == 3
    assert hash_of(report) == undisturbed and not any((tmp_path / "out").glob("shards"))


def test_a_worker_that_dies_each_time_gives_its_shard_up(tmp_path, monkeypatch):
    monkeypatch.setenv(faults.VARIABLE, "tmp_created=kill")
    with pytest.raises(RunError, match="3 of 3 shards failed; shard 0: the worker died .exit code -9"):
        run(tmp_path / "out", plan_of(), factory(SMALL), workers=2)


def broken_factory():
    raise ImportError("no such engine")


def test_a_source_that_cannot_be_built_ends_the_run_with_one_sentence(tmp_path):
    with pytest.raises(RunError, match="ImportError: no such engine"):
        run(tmp_path / "out", plan_of(), broken_factory, workers=2)


def test_a_full_disk_in_a_worker_ends_the_run(tmp_path, monkeypatch, undisturbed):
    monkeypatch.setenv(faults.VARIABLE, "write@30=enospc")
    with pytest.raises(OutputError, match="the disk is full"):
        run(tmp_path / "out", plan_of(), factory(SMALL), workers=2)
    monkeypatch.delenv(faults.VARIABLE)
    assert not list((tmp_path / "out/shards").glob(".tmp-*")) and not list((tmp_path / "out/claims").glob("*"))
    assert hash_of(generate(tmp_path / "out", resume=True)) == undisturbed


def test_a_crashing_episode_is_given_up_by_all_workers(tmp_path):
    shape = dataclasses.replace(SMALL, crashing=(2,))
    with pytest.raises(RunError, match="1 of 3 shards failed"):
        run(tmp_path / "out", plan_of(shape), factory(shape), workers=2)
    assert (tmp_path / "out/failed/000001.json").exists()


SCRIPT = """
import dataclasses, sys
from pathlib import Path
from datagen.executors.local import run
from tests.datagen.writers.drive import SMALL, plan_of
from tests.datagen.writers.synthetic import factory
if __name__ == "__main__":
    shape = dataclasses.replace(SMALL, delay=1.0, pids=sys.argv[2])
    try:
        run(Path(sys.argv[1]), plan_of(), factory(shape), workers=int(sys.argv[3]))
    except KeyboardInterrupt:
        sys.exit(130)
"""


def launch(tmp_path, workers: int) -> tuple[subprocess.Popen, Path]:
    (tmp_path / "pids").mkdir()
    (tmp_path / "script.py").write_text(SCRIPT)
    root = str(Path(__file__).parents[3])
    command = [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "out"), str(tmp_path / "pids"), str(workers)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": root}, start_new_session=True)
    wait_for(lambda: len(workers_of(tmp_path / "pids")) == workers and list((tmp_path / "out/shards").glob(".tmp-*/data")))
    return process, tmp_path / "out"


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_stops_the_workers_and_keeps_committed_shards(tmp_path, undisturbed, workers):
    process, out = launch(tmp_path, workers)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(20) == 130
    assert not any(alive(pid) for pid in workers_of(tmp_path / "pids"))
    assert not list((out / "shards").glob(".tmp-*")) and not list((out / "claims").glob("*"))
    assert hash_of(generate(out, resume=True)) == undisturbed


def test_workers_end_when_their_parent_is_killed(tmp_path, undisturbed):
    process, out = launch(tmp_path, 2)
    process.kill()
    process.wait()
    wait_for(lambda: not any(alive(pid) for pid in workers_of(tmp_path / "pids")))
    assert hash_of(generate(out, resume=True)) == undisturbed


def test_a_second_run_waits_for_what_another_process_is_computing(tmp_path, undisturbed):
    process, out = launch(tmp_path, 1)
    report = generate(out, resume=True)
    assert process.wait(60) in (0, 1)
    assert hash_of(report) == undisturbed and validate(out).ok


def test_workers_below_one_are_refused(tmp_path):
    with pytest.raises(RunError, match="0 workers"):
        run(tmp_path / "out", plan_of(), factory(SMALL), workers=0)


def test_memory_stays_flat(tmp_path):
    """Peak memory of a child does not grow with the number of episodes."""
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from datagen.executors.local import run\n"
        "from tests.datagen.writers.drive import plan_of\n"
        "from tests.datagen.writers.synthetic import Shape, factory\n"
        "shape = Shape(size=(64, 64), lengths=(16,))\n"
        "run(Path(sys.argv[1]), plan_of(shape, int(sys.argv[2]), 8), factory(shape))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    peaks = []
    for episodes in (8, 48):
        command = [sys.executable, "-c", code, str(tmp_path / str(episodes)), str(episodes)]
        peaks.append(int(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout))
    assert peaks[1] < peaks[0] + 20_000, peaks


def test_the_module_says_how_often_it_tries():
    assert local.MAX_TRIES == 3 and "MAX_TRIES" in (local.__doc__ or "")
