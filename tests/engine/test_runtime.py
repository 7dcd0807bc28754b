"""The runtime: choices, refusals, the kernel cache and processes."""

import gc
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import engine
from engine.errors import BackendError

ROOT = Path(__file__).resolve().parents[2]


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(("choice", "sentence"), [
    ({"backend": "gpu"}, "unknown backend 'gpu'"),
    ({"precision": "f16"}, "unknown precision 'f16'"),
    ({"threads": 0}, "0 threads"),
    ({"lanes": 3}, "3 lanes"),
])  # fmt: skip
def test_a_wrong_choice_is_one_sentence(choice, sentence):
    """The sentence names the argument, the value and what is allowed."""
    from engine import runtime

    with pytest.raises(BackendError, match=sentence) as caught:
        runtime.init(**choice)
    assert "allowed" in str(caught.value)


def test_init_prints_nothing_to_stdout():
    """stdout carries data."""
    run = run_python("from engine import runtime; runtime.init('cpu')")
    assert run.returncode == 0 and run.stdout == "", run.stderr


def test_the_same_choices_keep_the_engine_and_others_restart_it(cpu, engine_as):
    """The generation counts restarts, so simulations know that they are dead."""
    from engine import runtime

    before = runtime.generation()
    runtime.init("cpu", "f32", threads=2)
    assert runtime.generation() == before
    engine_as(precision="f64")
    assert runtime.generation() == before + 1


def test_a_stale_cache_lock_is_removed_and_a_fresh_one_stays(tmp_path):
    """A lock older than a few seconds belongs to a killed process."""
    from engine import runtime

    stale, fresh = tmp_path / "a" / "ticache.lock", tmp_path / "ticache.lock"
    stale.parent.mkdir()
    for lock in (stale, fresh):
        lock.touch()
    old = time.time() - 60
    os.utime(stale, (old, old))
    assert runtime.remove_stale_locks(tmp_path) == 1
    assert fresh.exists() and not stale.exists()


def test_a_missing_libx11_is_one_sentence_without_a_traceback(tmp_path):
    """The loader's error becomes the remedy; `import engine` itself works."""
    (tmp_path / "taichi.py").write_text(
        "raise ImportError('libX11.so.6: cannot open shared object file: No such file or directory')"
    )
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]) if len(sys.argv) > 1 else None\n"
        "import engine\n"
        "try:\n    engine.init('cpu')\nexcept engine.EngineError as error:\n    print(error)"
    )
    run = run_python(code, PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert run.returncode == 0, run.stderr
    assert "libX11.so.6" in run.stdout and "apt-get install libx11-6" in run.stdout


def test_an_unknown_compiler_is_refused():
    """WORLDSMITH_COMPILER names one of the known compilers."""
    run = run_python("import engine.compiler", WORLDSMITH_COMPILER="tachi")
    assert run.returncode != 0 and "did you mean 'taichi'" in run.stderr


def child(queue) -> None:
    """Used by the fork test."""
    from engine import runtime

    try:
        runtime.current()
        queue.put("ran")
    except BackendError as error:
        queue.put(str(error))


def test_a_forked_process_is_refused_instead_of_hanging(cpu):
    """The compiler hangs in a forked child; the engine says so at once."""
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    process = context.Process(target=child, args=(queue,))
    process.start()
    process.join(20)
    assert "spawn" in queue.get()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the memory of the process from Linux")
def test_simulations_give_their_memory_back(cpu):
    """Arrays of vectors were never freed, and those in cycles not by the full collector: 77 MiB for these sixty, 1 since."""

    def resident() -> float:
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def make(count: int) -> None:
        for _ in range(count):
            scene = engine.Scene()
            scene.add_plane()
            for k in range(8):
                scene.add_body(f"ball{k}", engine.Sphere(0.05), position=(0.2 * k, 0, 1))
            engine.Simulation(scene, num_envs=16)

    make(10)
    before = resident()
    make(60)
    assert resident() - before < 8.0
