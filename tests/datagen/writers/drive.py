"""Runs a synthetic plan in a process of its own, so that tests can kill it; started from a server that has everything
imported."""

import contextlib
import multiprocessing
import os
from multiprocessing.process import BaseProcess
from pathlib import Path

from datagen.executors.local import RunReport, run
from datagen.writers import RunPlan, faults
from tests.datagen.writers.synthetic import Shape, factory, schema_of

EPISODES, SHARD_SIZE = 6, 2
SMALL = Shape(size=(16, 32), lengths=(3, 2), failing=(3,))


def plan_of(shape: Shape = SMALL, episodes: int = EPISODES, shard_size: int = SHARD_SIZE) -> RunPlan:
    """The plan of such episodes."""
    return RunPlan(schema_of(shape), shape.seed, episodes, shard_size)


def generate(out: Path, shape: Shape = SMALL, workers: int = 1, resume: bool = False, verify: str = "fast") -> RunReport:
    """A whole run in this process."""
    return run(out, plan_of(shape), factory(shape), workers=workers, resume=resume, verify=verify)


def hash_of(report: RunReport) -> str:
    """The manifest hash."""
    return report.manifest["manifest_sha256"]


def start(out: Path, shape: Shape = SMALL, workers: int = 1, resume: bool = False, fault: str = "") -> BaseProcess:
    """The same in a child that may be killed. The child of a fork server with preloaded modules starts in milliseconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.datagen.writers.drive"])
    process = context.Process(target=_child, args=(str(out), shape, workers, resume, fault))
    process.start()
    return process


def _child(out: str, shape: Shape, workers: int, resume: bool, fault: str) -> None:
    os.environ[faults.VARIABLE] = fault
    with contextlib.suppress(KeyboardInterrupt):
        generate(Path(out), shape, workers, resume)
