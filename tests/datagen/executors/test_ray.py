"""The Ray executor on two nodes of one machine: same bytes as one process, also after a killed worker and a killed head."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from datagen.errors import DatagenError
from datagen.pipeline.generation import generate as generate_spec
from datagen.writers import validate
from tests.datagen.executors.test_local import wait_for, workers_of
from tests.datagen.writers.drive import generate, hash_of

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
RUN = """
import dataclasses, sys
from datagen.executors.ray import run
from tests.datagen.writers.drive import SMALL, hash_of, plan_of
from tests.datagen.writers.synthetic import factory
shape = dataclasses.replace(SMALL, delay=float(sys.argv[3]), pids=sys.argv[2])
print(hash_of(run(sys.argv[1], plan_of(shape), factory(shape), workers=2, resume=True, address=sys.argv[4])))
"""


def ray(*words):
    """Run the `ray` command beside this Python."""
    command = [sys.executable, "-m", "ray.scripts.scripts", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_DISABLE_MEMORY_MONITOR": "1"}
    subprocess.run(command, check=True, capture_output=True, timeout=120, env=environment)


@contextlib.contextmanager
def cluster():
    """A head and a second node, one core each; yields the address."""
    pytest.importorskip("ray")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    ray("start", "--head", f"--port={port}", "--num-cpus=1", "--include-dashboard=false", "--disable-usage-stats")
    try:
        ray("start", f"--address={address}", "--num-cpus=1", "--disable-usage-stats")
        yield address
    finally:
        kill(processes_of(port))


def processes_of(port, name=""):
    """The processes that serve the cluster at this port (its number is in the command line of each of them)."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdigit():
                words = (folder / "cmdline").read_bytes().split(b"\0")
                command = b" ".join(words).decode(errors="replace")
                if "ray" in command and str(port) in command and name in command and int(folder.name) != os.getpid():
                    found.append(int(folder.name))
    return found


def kill(pids):
    """kill -9 of these, gone or not."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def last_line(text):
    """What the run printed; Ray itself may tell of dead workers before it."""
    return text.strip().rpartition("\n")[2]


def start(out, pids, delay, address):
    """The run as a process of its own, which may die with its cluster."""
    pids.mkdir(exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_gcs_rpc_server_reconnect_timeout_s": "5"}
    words = [sys.executable, "-c", RUN, str(out), str(pids), str(delay), address]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> str:
    return hash_of(generate(tmp_path_factory.mktemp("undisturbed") / "out"))


def test_two_nodes_make_the_same_bytes_also_when_a_worker_is_killed(tmp_path, undisturbed):
    """One run undisturbed, one whose first worker gets kill -9."""
    with cluster() as address:
        assert start(tmp_path / "a", tmp_path / "pids_a", 0.0, address).communicate(timeout=120)[0].strip() == undisturbed
        process = start(tmp_path / "b", tmp_path / "pids_b", 0.3, address)
        wait_for(lambda: workers_of(tmp_path / "pids_b"), 60.0)
        os.kill(workers_of(tmp_path / "pids_b")[0], signal.SIGKILL)
        out, err = process.communicate(timeout=120)
    assert last_line(out) == undisturbed, err
    assert len(workers_of(tmp_path / "pids_b")) == 3 and validate(tmp_path / "b").ok


def test_a_killed_head_ends_the_run_and_another_cluster_completes_it(tmp_path, undisturbed):
    """kill -9 of everything that serves the head; the committed shards stay, the resumed run has the undisturbed hash."""
    with cluster() as address:
        process = start(tmp_path / "out", tmp_path / "pids", 0.4, address)
        wait_for(lambda: list((tmp_path / "out" / "shards").glob("0*")), 60.0)
        heads = processes_of(int(address.split(":")[1]), "gcs_server")
        assert len(heads) == 1
        kill(heads)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=90)
        process.kill()
        process.communicate()
    assert not (tmp_path / "out" / "manifest.json").exists() or hash_of_folder(tmp_path / "out") == undisturbed
    time.sleep(1.0)
    with cluster() as address:
        out, err = start(tmp_path / "out", tmp_path / "more", 0.0, address).communicate(timeout=180)
    assert last_line(out) == undisturbed, err
    assert validate(tmp_path / "out").ok


def hash_of_folder(folder):
    """The hash of a sealed dataset."""
    import datagen

    return datagen.Dataset(folder).manifest["manifest_sha256"]


def test_an_unknown_executor_is_a_sentence(tmp_path):
    with pytest.raises(DatagenError, match="unknown executor 'dask'"):
        generate_spec("pendulum", 1, 1, tmp_path / "out", executor="dask")
