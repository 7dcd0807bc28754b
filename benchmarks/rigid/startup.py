"""Start of a process: from the interpreter's first instruction to the first step done, with an empty and a full kernel cache.

The child loads the model and takes one step of 64 environments; measured from outside are the seconds on the wall and those of
the processor, by the system's own account of the finished child. Limits: one cold start, and the median of three warm ones.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ENVS = 64
WORLDSMITH = """
import sys, engine
from benchmarks.rigid.on_worldsmith import load
engine.init(sys.argv[2])
simulation = engine.Simulation(load(sys.argv[1])[0], int(sys.argv[3]))
simulation.step()
"""
GENESIS = """
import sys
import genesis as gs
gs.init(backend=gs.cpu if sys.argv[2] == "cpu" else gs.cuda, precision="32", logging_level="error")
scene = gs.Scene(show_viewer=False, show_FPS=False)
scene.add_entity(gs.morphs.MJCF(file=sys.argv[1]))
scene.build(n_envs=int(sys.argv[3]))
scene.step(update_visualizer=False)
"""
PROGRAMS = {"worldsmith": WORLDSMITH, "genesis": GENESIS}
CACHES = {"worldsmith": ("WORLDSMITH_CACHE",), "genesis": ("QD_OFFLINE_CACHE_FILE_PATH", "XDG_CACHE_HOME", "HOME")}


def measure(engine: str, python: str, file: Path, backend: str, limit: float, warm_runs: int = 3) -> dict[str, Any]:
    """`cold` and `warm` as (wall, cpu) seconds, or `reason`."""
    with tempfile.TemporaryDirectory(prefix="worldsmith-start-") as folder:
        environment = {**os.environ, **dict.fromkeys(CACHES[engine], folder)}
        environment["PYTHONPATH"] = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
        command = [python or sys.executable, "-c", PROGRAMS[engine], str(file), backend, str(ENVS)]
        try:
            runs = [start(command, environment, limit) for _ in range(1 + warm_runs)]
        except (subprocess.TimeoutExpired, ChildProcessError) as error:
            return {"reason": str(error)}
    warm = tuple(statistics.median(run[kind] for run in runs[1:]) for kind in (0, 1))
    return {"cold": runs[0], "warm": warm}


def start(command: list[str], environment: dict[str, str], limit: float) -> tuple[float, float]:
    """Wall and processor seconds of one child. Raises ChildProcessError with its last words when it fails."""
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        watch = time.monotonic() + limit
        while True:  # wait4 gives the account of this child alone
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > watch:
                child.kill()
                child.wait()
                raise ChildProcessError(f"no first step within {limit:g} s")
            time.sleep(0.005)
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            words = [line.strip() for line in said.read().splitlines() if line.strip()]
            raise ChildProcessError(f"the process ended with {child.returncode}: {words[-1][:200] if words else ''}")
    return wall, usage.ru_utime + usage.ru_stime
