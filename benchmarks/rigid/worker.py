"""The side of an engine: a process that loads one job, warms up and then runs a round whenever it is told to.

Lines of JSON go over stdin and stdout: `ready` when the engine is warm, one line per round, `done` with what was sampled. All
else that the engine prints goes to stderr. Processes that wait cost nothing, so the engines of one row take turns (A B A B) and
a machine whose speed drifts does not favour one of them. Needs numpy only: see `job`.
"""

import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from benchmarks.rigid.job import SAMPLED_ENVS, Job, Numbers, bad_envs, read_job, step_error


class Refused(Exception):
    """An engine cannot take this model; the text is the reason that the row gives."""


class Engine(Protocol):
    """What an adapter gives: `facts` stand in the row as they are (options in words, deviations, capacity, ...)."""

    facts: dict[str, Any]

    def restore(self) -> None:
        """Put every environment into the first state of the job."""

    def run(self, job: Job, controls: np.ndarray) -> "Round":
        """Take all steps of `controls` (blocks, envs, nu) from the first state."""

    def state(self) -> tuple[np.ndarray, np.ndarray]:
        """qpos (envs, nq) and qvel (envs, nv) in MuJoCo's order."""


class Round:
    """Seconds on the wall and of the processor inside the timer, and what was sampled outside of it."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0
        self.qpos: list[np.ndarray] = []
        self.iterations: list[np.ndarray] = []
        self.contacts: list[float] = []

    def __enter__(self) -> "Round":
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter() - self._wall
        self.cpu += time.process_time() - self._cpu

    def sample(self, qpos: np.ndarray, iterations: np.ndarray | None = None, contacts: float | None = None) -> None:
        """Keep a state and, where the engine tells, iterations (envs,) and the mean number of contacts."""
        self.qpos.append(np.array(qpos[:SAMPLED_ENVS], float))
        if iterations is not None:
            self.iterations.append(np.array(iterations, float).ravel())
        if contacts is not None:
            self.contacts.append(float(contacts))


def step_by_step(
    job: Job,
    controls: np.ndarray,
    apply: Callable[[np.ndarray], None],
    step: Callable[[int], None],
    sample: Callable[[Round], None],
) -> Round:
    """A round of an engine that takes one control at a time: controls and samples outside the timer, `step` inside."""
    passed, sampled = Round(), set(job.sampled())
    for block, control in enumerate(controls):
        apply(control)
        with passed:
            step(job.hold)
        if block in sampled:
            sample(passed)
    return passed


def serve(open_engine: Callable[[Job, Numbers], Engine]) -> None:
    """Run an adapter: `python -m benchmarks.rigid.on_<engine> FOLDER`."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    folder = Path(sys.argv[1])
    job, numbers = read_job(folder)
    keep_to_cores(job.threads)

    def say(kind: str, **values: Any) -> None:
        print(json.dumps({"kind": kind, **values}), file=out, flush=True)

    try:
        _serve(open_engine, job, numbers, folder, say)
    except Refused as reason:
        say("refused", reason=str(reason))
    except Exception as error:  # the row says so; the engines beside it go on
        traceback.print_exc()
        say("refused", reason=f"{type(error).__name__}: {' '.join(str(error).split())}"[:300])
    out.flush()


def _serve(
    open_engine: Callable[[Job, Numbers], Engine], job: Job, numbers: Numbers, folder: Path, say: Callable[..., None]
) -> None:
    began = time.perf_counter()
    engine = open_engine(job, numbers)
    engine.restore()
    one = _with(job, blocks=1, hold=1)
    engine.run(one, numbers.controls[:1])
    error = step_error(numbers, engine.state()[1])
    say("ready", seconds=time.perf_counter() - began, step_error=error, facts=engine.facts)
    last = Round()
    for line in sys.stdin:
        if line.strip() != "round":
            break
        engine.restore()
        last = engine.run(job, numbers.controls)
        say("round", wall=last.wall, cpu=last.cpu, bad=bad_envs(*engine.state()))
    extra = engine.stages(job, numbers.controls) if job.stages and hasattr(engine, "stages") else {}
    if hasattr(engine, "count_iterations"):
        last.iterations = [engine.count_iterations(job, numbers.controls)]
    np.save(folder / f"sampled-{os.getpid()}.npy", np.array(last.qpos))
    if hasattr(engine, "close"):
        engine.close()
    say(
        "done",
        peak_mb=peak_memory(),
        sampled=str(folder / f"sampled-{os.getpid()}.npy"),
        contacts=float(np.mean(last.contacts)) if last.contacts else None,
        **iterations_of(last),
        **extra,
    )


def iterations_of(passed: Round) -> dict[str, float | None]:
    """Mean and 95th percentile of the solver's iterations over the sampled moments and environments."""
    if not passed.iterations:
        return {"iterations": None, "iterations_p95": None}
    found = np.concatenate(passed.iterations)
    return {"iterations": float(found.mean()), "iterations_p95": float(np.percentile(found, 95))}


def peak_memory() -> float:
    """Largest resident memory of this process in MB. The system's account of a process begins with the size of its parent, so
    where there is a better one it is read.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def keep_to_cores(threads: int) -> None:
    """Bind the process to as many cores as it may have threads, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def _with(job: Job, **changes: Any) -> Job:
    return Job(**{**vars(job), **changes})
