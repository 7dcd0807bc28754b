"""Runs a plan on a Ray cluster: tasks on its nodes claim shards of one shared folder until none is left, then this process
seals.

A task is what a local worker is, so which node computes which shard never shows in the dataset. Ray starts a task that died
again, on another node if it must; the claim of the dead is taken over at once on its own host and after a minute by others.
When the head dies the run ends with a sentence; what was committed stays, and the same command with `resume` goes on, on
any executor. Limits: every node sees the folder under the same path and has the project installed; clocks agree within a
few seconds; needs `ray`, the extra `ray`.
"""

import time
from pathlib import Path
from typing import Any

from datagen.executors.work import MAX_TRIES, ProgressCallback, RunReport, Tally, check_complete, work
from datagen.writers.errors import OutputError, RunError
from datagen.writers.plan import RunPlan, load_plan
from datagen.writers.record import SourceFactory
from datagen.writers.run import Run, create_run, resume_run
from datagen.writers.seal import seal
from datagen.writers.shard import read_shard_json

LOOK_EVERY = 0.5  # s between two looks at the folder for the progress
HEAD_LOST = "the Ray cluster was lost"


def run(
    out: Path | str,
    plan: RunPlan,
    make_source: SourceFactory,
    workers: int = 1,
    resume: bool = False,
    progress: ProgressCallback | None = None,
    verify: str = "fast",
    address: str | None = None,
) -> RunReport:
    """Generates every episode of the plan into `out` and seals it, as `datagen.executors.local.run`, on the cluster at
    `address`.

    address: "host:port", "auto" for the running cluster of this machine, None to start one here. workers: tasks of one core
    each. Errors: as there; RunError without Ray, without an answer from the cluster, and when it is lost.
    """
    if workers < 1:
        raise RunError("run", f"{workers} workers", "1 or more")
    ray = _connect(address)
    try:
        folder = Path(out).resolve()
        opened = resume_run(folder, plan, verify) if resume else create_run(folder, plan)
        tally = Tally(opened, progress)
        if not opened.is_sealed and opened.missing():
            _supervise(ray, opened, make_source, min(workers, len(opened.missing())), tally)
            check_complete(opened)
        return RunReport(opened.folder, seal(opened), tally.frames, tally.seconds)
    finally:
        ray.shutdown()


def _connect(address: str | None) -> Any:
    try:
        import ray
    except ModuleNotFoundError as error:
        raise RunError("run(executor='ray')", "ray is not installed", "", "pip install 'worldsmith[ray]'") from error
    try:
        ray.init(
            address=address, log_to_driver=False, logging_level="ERROR", include_dashboard=False if address is None else None
        )
    except Exception as error:  # Ray raises many kinds, from its own, from grpc and from the system
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise RunError(
            "run(executor='ray')", f"no cluster answers at {address!r} ({reason})", "", "start one with `ray start --head`"
        ) from error
    return ray


def _supervise(ray: Any, opened: Run, make_source: SourceFactory, size: int, tally: Tally) -> None:
    """Keeps `size` tasks at work until all have ended; looks at the folder for what was committed meanwhile."""
    task = ray.remote(num_cpus=1, max_retries=MAX_TRIES)(claim_and_write)
    missing = opened.missing()
    source = ray.put(make_source)
    pending = [task.remote(str(opened.folder), source, missing[k * len(missing) // size]) for k in range(size)]
    seen: set[int] = set()
    while pending:
        try:
            ended, pending = ray.wait(pending, timeout=LOOK_EVERY)
            for reference in ended:
                ray.get(reference)
        except ray.exceptions.RayTaskError as error:  # an error of ours, which must end the run
            raise error.cause from None
        except Exception as error:  # a task died more often than it may, or the head is gone
            if not ray.is_initialized() or opened.missing():
                reason = (str(error).strip() or type(error).__name__).splitlines()[0]
                raise RunError(
                    str(opened.folder),
                    f"{HEAD_LOST} or its workers died ({reason})",
                    "what was committed stays",
                    "run again with --resume",
                ) from error
        _tell(opened, missing, seen, tally)


def _tell(opened: Run, missing: list[int], seen: set[int], tally: Tally) -> None:
    for shard in missing:
        if shard not in seen and opened.is_committed(shard):
            seen.add(shard)
            facts = read_shard_json(opened.shard_folder(shard))
            tally.tell("frames", len(opened.plan.indices(shard)), facts["frames"])
            tally.tell("shard", shard, "done")


def claim_and_write(folder: str, make_source: SourceFactory, first: int) -> None:
    """Body of a task: claims shards until none is left. Errors that must end the run: OutputError, RunError."""
    deadline = time.monotonic() + 60.0
    while not (Path(folder) / "run.json").is_file():  # a shared folder may show a new file late
        if time.monotonic() > deadline:
            raise RunError(
                folder, "a node does not see the run folder", "every node needs it under the same path", "mount it there"
            )
        time.sleep(0.5)
    try:
        work(Run(Path(folder), load_plan(Path(folder))), make_source(), lambda *message: None, first, alone=True)
    except (OutputError, RunError):
        raise
    except Exception as error:
        raise RunError(
            "worker", f"{type(error).__name__}: {error}", "", "run with one local worker to see the traceback"
        ) from error
