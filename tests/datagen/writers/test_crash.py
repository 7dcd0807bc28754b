"""Power cuts: after `kill -9` at every step, and at random times, `resume` ends with the manifest hash of an undisturbed
run."""

import dataclasses
import shutil
import signal

import numpy as np
import pytest

from datagen.writers import faults, validate
from tests.datagen.writers.drive import SMALL, generate, hash_of, start

ONCE = [f"{name}=kill" for name in faults.POINTS if name != "write"]
LATER = [
    "claimed@3=kill",
    "episode_added@4=kill",
    "before_rename@2=kill",
    "after_rename@3=kill",
    "seal_renamed@2=kill",
    "seal_shard@3=kill",
]
WRITES = [1, 3, 9, 20, 40]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> str:
    """The manifest hash of a run that nothing disturbed."""
    return hash_of(generate(tmp_path_factory.mktemp("undisturbed") / "out"))


def kill_and_resume(out, fault: str) -> str:
    process = start(out, fault=fault)
    process.join(60)
    assert process.exitcode == -signal.SIGKILL, f"{fault}: the process ended with {process.exitcode} before it was killed"
    resumed = generate(out, resume=True, verify="hash")
    assert validate(out).ok
    assert sorted(path.name for path in out.iterdir()) == [
        "README.md",
        "data",
        "extras",
        "manifest.json",
        "meta",
        "run.json",
        "videos",
    ]
    return hash_of(resumed)


@pytest.mark.parametrize("fault", ONCE + LATER)
def test_a_kill_at_any_step_loses_nothing(tmp_path, undisturbed, fault):
    assert kill_and_resume(tmp_path / "out", fault) == undisturbed


@pytest.mark.parametrize("number", WRITES)
def test_a_kill_before_a_write_loses_nothing(tmp_path, undisturbed, number):
    assert kill_and_resume(tmp_path / "out", f"write@{number}=kill") == undisturbed


@pytest.mark.slow
def test_a_kill_before_any_write_loses_nothing(tmp_path, undisturbed):
    killed = 0
    for number in range(1, 400):
        out = tmp_path / str(number)
        process = start(out, fault=f"write@{number}=kill")
        process.join(60)
        if process.exitcode == 0:
            break
        killed += 1
        assert hash_of(generate(out, resume=True)) == undisturbed, number
        shutil.rmtree(out)
    assert killed > 60


def kill_at_random_times(tmp_path, undisturbed, times, workers):
    rng = np.random.default_rng(11)
    slow = dataclasses.replace(SMALL, delay=0.02)
    interrupted = 0
    for number in range(times):
        out = tmp_path / str(number)
        process = start(out, slow, workers)
        process.join(float(rng.uniform(0.01, 0.6 if workers == 1 else 1.5)))
        process.kill()
        process.join()
        interrupted += process.exitcode == -signal.SIGKILL
        assert hash_of(generate(out, resume=True)) == undisturbed, number
        assert validate(out).ok
        shutil.rmtree(out)
    assert interrupted >= times // 2


def test_kills_at_random_times_lose_nothing(tmp_path, undisturbed):
    kill_at_random_times(tmp_path, undisturbed, 5, workers=1)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_twenty_kills_at_random_times_lose_nothing(tmp_path, undisturbed, workers):
    kill_at_random_times(tmp_path, undisturbed, 20, workers)


def test_a_second_kill_during_the_resume_loses_nothing(tmp_path, undisturbed):
    for fault in ("before_rename=kill", "tmp_created@2=kill", "seal_shard@2=kill", "seal_renamed@3=kill", "seal_manifest=kill"):
        process = start(tmp_path / "out", resume=True, fault=fault)
        process.join(60)
        assert process.exitcode == -signal.SIGKILL, fault
    assert hash_of(generate(tmp_path / "out", resume=True)) == undisturbed
