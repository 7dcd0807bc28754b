"""Folders, claims and full disks: who may write where, and what remains when the disk says no."""

import dataclasses
import errno
import json
import os
import subprocess
import threading
import time

import pytest

from datagen.executors.local import run
from datagen.writers import OutputError, RunError, attempt_shard, claims, create_run, faults, resume_run, seal, validate
from datagen.writers import run as run_module
from tests.datagen.writers.drive import SMALL, generate, hash_of, plan_of
from tests.datagen.writers.synthetic import build, factory


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> str:
    return hash_of(generate(tmp_path_factory.mktemp("undisturbed") / "out"))


@pytest.fixture
def fault(monkeypatch):
    def arm(text: str) -> None:
        faults._passages.clear()
        monkeypatch.setenv(faults.VARIABLE, text)

    yield arm
    faults._passages.clear()


def leftovers(out):
    return [path.name for path in (out / "shards").glob(".tmp-*")] if (out / "shards").exists() else []


def test_a_folder_that_is_not_empty_is_refused(tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(OutputError, match=r"the folder is not empty \(holiday.jpg\).*choose another folder") as caught:
        generate(tmp_path)
    assert caught.value.exit_code == 5
    with pytest.raises(OutputError, match="not empty"):
        generate(tmp_path, resume=True)
    assert os.listdir(tmp_path) == ["holiday.jpg"]


def test_a_run_that_already_lives_there_asks_for_resume(tmp_path, undisturbed):
    generate(tmp_path / "out")
    with pytest.raises(OutputError, match="a run already lives here.*--resume"):
        generate(tmp_path / "out")
    assert hash_of(generate(tmp_path / "out", resume=True)) == undisturbed


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for out in (tmp_path / "file", tmp_path / "file" / "out"):
        for resume in (False, True):
            with pytest.raises(OutputError, match="file"):
                generate(out, resume=resume)


@pytest.mark.parametrize(("number", "sentence"), [(errno.EROFS, "read-only"), (errno.EACCES, "no permission")])
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path, monkeypatch, number, sentence):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(OutputError, match=sentence) as caught:
        generate(tmp_path / "out")
    assert caught.value.exit_code == 5


@pytest.mark.parametrize("number", [1, 2, 3, 7, 12, 20, 27, 33, 45, 60])
def test_a_full_disk_at_any_write_keeps_what_was_committed(tmp_path, fault, undisturbed, number):
    full_disk_at(tmp_path / "out", fault, undisturbed, number)


@pytest.mark.slow
def test_a_full_disk_at_every_write_keeps_what_was_committed(tmp_path, fault, undisturbed):
    number = 1
    while full_disk_at(tmp_path / str(number), fault, undisturbed, number):
        number += 1
    assert number > 60


def full_disk_at(out, fault, undisturbed, number) -> bool:
    """False when the run ends before its n-th write."""
    fault(f"write@{number}=enospc")
    try:
        generate(out)
        return False
    except OutputError as error:
        assert "the disk is full" in str(error) and "--resume" in str(error)
    assert leftovers(out) == [] and not list(out.glob("claims/*"))
    fault("")
    assert not [
        shard
        for shard in range(3)
        if (out / f"shards/{shard:06d}").exists() and run_module.shard_problem(out / f"shards/{shard:06d}", "hash")
    ]
    assert hash_of(generate(out, resume=True)) == undisturbed
    return True


@pytest.mark.parametrize(
    "point", ["tmp_created", "files_closed", "synced", "before_rename", "seal_shard", "seal_tables", "seal_renamed"]
)
def test_a_full_disk_at_any_step_keeps_what_was_committed(tmp_path, fault, undisturbed, point):
    fault(f"{point}=enospc")
    with pytest.raises(OutputError, match="the disk is full"):
        generate(tmp_path / "out")
    fault("")
    assert hash_of(generate(tmp_path / "out", resume=True)) == undisturbed


def test_a_disk_that_is_really_full(tmp_path, undisturbed):
    mount = tmp_path / "small"
    mount.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(mount)], capture_output=True).returncode:
        pytest.skip("mounting a small file system is not permitted here")
    try:
        with pytest.raises(OutputError, match="the disk is full"):
            generate(mount / "out")
        assert leftovers(mount / "out") == []
        subprocess.run(["mount", "-o", "remount,size=8m", str(mount)], check=True)
        assert hash_of(generate(mount / "out", resume=True)) == undisturbed
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def test_two_workers_on_one_shard_leave_one_good_shard(tmp_path, undisturbed):
    opened = create_run(tmp_path / "out", plan_of())
    barrier = threading.Barrier(2)
    results = []

    def source(indices):
        for number, record in enumerate(build(SMALL)(indices)):
            if number == 0:
                barrier.wait(20)
            yield record

    def produce():
        results.append(run_module.produce_shard(opened, 0, source))

    threads = [threading.Thread(target=produce) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, True] and leftovers(tmp_path / "out") == []
    assert run_module.shard_problem(opened.shard_folder(0), "hash") == ""
    assert hash_of(generate(tmp_path / "out", resume=True)) == undisturbed


def test_a_living_claim_is_respected_and_a_dead_one_taken_over(tmp_path):
    first = claims.take(tmp_path, "000000")
    assert first is not None and claims.take(tmp_path, "000000") is None
    holder = json.loads((tmp_path / "000000").read_bytes())
    child = subprocess.Popen(["true"])
    child.wait()
    (tmp_path / "000000").write_text(json.dumps({**holder, "pid": child.pid, "started": "1"}))
    second = claims.take(tmp_path, "000000")
    assert second is not None
    first.release()
    assert (tmp_path / "000000").exists(), "a claim that was taken over is not ours to release"
    second.release()
    assert not (tmp_path / "000000").exists()


def test_a_claim_of_another_host_is_taken_over_only_after_its_heartbeat_stops(tmp_path):
    claims.take(tmp_path, "000000")
    holder = json.loads((tmp_path / "000000").read_bytes())
    (tmp_path / "000000").write_text(json.dumps({**holder, "host": "elsewhere"}))
    assert claims.take(tmp_path, "000000") is None
    old = time.time() - claims.STALE_AFTER - 1
    os.utime(tmp_path / "000000", (old, old))
    assert claims.take(tmp_path, "000000") is not None


def test_the_heartbeat_keeps_a_claim_fresh(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "HEARTBEAT_EVERY", 0.02)
    with claims.take(tmp_path, "000000"):
        os.utime(tmp_path / "000000", (1, 1))
        deadline = time.monotonic() + 5
        while (tmp_path / "000000").stat().st_mtime < 10 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert (tmp_path / "000000").stat().st_mtime > 10


def test_stale_temporary_folders_are_swept_and_living_ones_stay(tmp_path):
    opened = create_run(tmp_path / "out", plan_of())
    child = subprocess.Popen(["sleep", "60"])
    try:
        alive = tmp_path / f"out/shards/.tmp-000000-{claims.host_name()}-{child.pid}-1"
        dead = tmp_path / f"out/shards/.tmp-000001-{claims.host_name()}-{2**22 + 1}-1"
        other = tmp_path / "out/shards/.tmp-000002-an-other-host-12-1"
        for folder in (alive, dead, other):
            folder.mkdir()
        assert run_module.sweep(opened) == 1
        assert alive.exists() and other.exists() and not dead.exists()
    finally:
        child.kill()
        child.wait()


def test_a_source_that_forgets_or_invents_an_episode_fails_its_shard(tmp_path):
    opened = create_run(tmp_path / "out", plan_of())
    assert attempt_shard(opened, 0, lambda indices: iter(list(build(SMALL)(indices))[:1])) == "failed"
    assert "episode 1 did not come" in opened.failure(0)["errors"][0]["reason"]
    assert attempt_shard(opened, 0, lambda indices: build(SMALL)([0, 5])) == "failed"
    assert "episode 5 was not asked for" in opened.failure(0)["errors"][1]["reason"]
    assert leftovers(tmp_path / "out") == [] and opened.missing() == [0, 1, 2]


def test_sealing_waits_for_every_shard(tmp_path):
    opened = create_run(tmp_path / "out", plan_of())
    attempt_shard(opened, 1, build(SMALL))
    with pytest.raises(Exception, match=r"2 of 3 shards are missing \(first: 0\)"):
        seal(opened)


def test_a_crashing_episode_fails_its_shard_and_the_others_are_kept(tmp_path, undisturbed):
    crashing = dataclasses.replace(SMALL, crashing=(2,))
    with pytest.raises(RunError, match="1 of 3 shards failed; shard 1: ValueError: episode 2 crashed.*--resume"):
        run(tmp_path / "out", plan_of(), factory(crashing))
    record = json.loads((tmp_path / "out/failed/000001.json").read_bytes())
    assert record["tries"] == 3 and "Traceback" in record["errors"][0]["traceback"]
    assert resume_run(tmp_path / "out", plan_of()).missing() == [1]
    assert hash_of(generate(tmp_path / "out", resume=True)) == undisturbed
    assert validate(tmp_path / "out").ok
