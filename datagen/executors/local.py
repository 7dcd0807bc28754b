"""Runs a plan on this machine: in this process, or in spawned workers that claim shards until none is left, then seals the
dataset.

Workers are spawned, never forked, because a Taichi runtime and open encoders do not survive a fork. They share nothing but
the run folder: each claims a shard, commits it, and tells the parent over a pipe of its own (so that a killed worker cannot
hold a lock). A worker that dies is noticed, its claim is freed, and another one takes its place; a shard that fails MAX_TRIES
times is given up and reported in `failed/`. Which worker computes which shard never shows in the dataset. Limits: one
machine; a source that hangs is not detected.
"""

import multiprocessing
import os
import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from datagen.executors.work import MAX_TRIES, Progress, ProgressCallback, RunReport, Tally, check_complete, work
from datagen.writers.errors import OutputError, RunError
from datagen.writers.plan import RunPlan, load_plan
from datagen.writers.record import SourceFactory
from datagen.writers.run import Run, create_run, resume_run, sweep
from datagen.writers.seal import seal

GRACE = 10.0


def run(
    out: Path | str,
    plan: RunPlan,
    make_source: SourceFactory,
    workers: int = 1,
    resume: bool = False,
    progress: ProgressCallback | None = None,
    verify: str = "fast",
) -> RunReport:
    """Generates every episode of the plan into `out` and seals it.

    make_source: picklable, called once in each worker. workers: 1 runs in this process. resume: continue a run of the same
    plan (or start one); verify: "fast" or "hash" check of what is already there. progress is called in this process after
    every episode and shard. Errors: OutputError (folder, disk), RunError (a shard was given up; the others are committed),
    KeyboardInterrupt after Ctrl-C, when workers have stopped and committed shards stay.
    """
    if workers < 1:
        raise RunError("run", f"{workers} workers", "1 or more")
    opened = resume_run(Path(out), plan, verify) if resume else create_run(Path(out), plan)
    tally = Tally(opened, progress)
    if not opened.is_sealed and opened.missing():
        if workers == 1:
            work(opened, make_source(), tally.tell)
        else:
            _Crew(opened, make_source, min(workers, len(opened.missing())), tally).work()
        check_complete(opened)
    manifest = seal(opened)
    return RunReport(opened.folder, manifest, tally.frames, tally.seconds)


@dataclass
class _Member:
    process: Any
    pipe: Connection
    number: int
    ended: bool = False


class _Crew:
    """The spawned workers of one run, seen from the parent."""

    def __init__(self, opened: Run, make_source: SourceFactory, size: int, tally: Tally):
        self._run, self._make_source, self._size, self._tally = opened, make_source, size, tally
        self._context = multiprocessing.get_context("spawn")
        self._members: list[_Member] = []
        self._early_deaths = 0

    def work(self) -> None:
        """Starts the workers and stays until all have ended; replaces dead ones."""
        try:
            for number in range(self._size):
                self._start(number)
            while self._members:
                self._listen()
        finally:
            self._stop()

    def _start(self, number: int) -> None:
        here, there = self._context.Pipe(duplex=False)
        missing = self._run.missing()
        first = missing[number * len(missing) // self._size] if missing else 0
        arguments = (str(self._run.folder), self._make_source, there, os.getpid(), first)
        process = self._context.Process(target=_worker_main, args=arguments, daemon=True, name=f"worker {number}")
        process.start()
        there.close()
        self._members.append(_Member(process, here, number))

    def _listen(self) -> None:
        by_pipe: dict[Any, _Member] = {member.pipe: member for member in self._members}
        for pipe in wait(list(by_pipe)):
            member = by_pipe[pipe]
            try:
                kind, *facts = member.pipe.recv()
            except (EOFError, OSError):
                self._part(member)
                continue
            if kind == "fatal":
                raise facts[0]
            if kind == "ended":
                member.ended = True
            else:
                self._tally.tell(kind, *facts)

    def _part(self, member: _Member) -> None:
        """A worker closed its pipe: it ended, or it died and is replaced."""
        member.process.join()
        member.pipe.close()
        self._members.remove(member)
        if member.ended:
            return
        reason = f"the worker died (exit code {member.process.exitcode}); out of memory, or killed"
        if not self._run.bury(member.process.pid, reason):
            self._early_deaths += 1
        if self._early_deaths >= MAX_TRIES:
            raise RunError(str(self._run.folder), reason, "", "run with one worker to see why")
        self._start(member.number)

    def _stop(self) -> None:
        for member in self._members:
            if member.process.is_alive():
                member.process.terminate()
        deadline = time.monotonic() + GRACE
        for member in self._members:
            member.process.join(max(0.0, deadline - time.monotonic()))
            if member.process.is_alive():
                member.process.kill()
                member.process.join()
            self._run.release(member.process.pid)
            member.pipe.close()
        if self._members:
            sweep(self._run)
        self._members.clear()


def _worker_main(folder: str, make_source: SourceFactory, pipe: Connection, parent: int, first: int) -> None:
    """Body of a spawned worker. Ctrl-C is the parent's business: it sends SIGTERM, which unwinds and cleans up here."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _unwind)
    threading.Thread(target=_watch_parent, args=(parent,), daemon=True, name="watch parent").start()
    try:
        opened = Run(Path(folder), load_plan(Path(folder)))
        work(opened, make_source(), lambda *message: pipe.send(message), first, alone=True)
        pipe.send(("ended",))
    except OutputError as error:
        pipe.send(("fatal", error))
    except KeyboardInterrupt:
        raise SystemExit(1) from None
    except Exception as error:
        pipe.send(
            ("fatal", RunError("worker", f"{type(error).__name__}: {error}", "", "run with one worker to see the traceback"))
        )
    finally:
        pipe.close()


def _unwind(*_: object) -> None:
    raise KeyboardInterrupt


def _watch_parent(parent: int) -> None:
    """Ends this worker when its parent is gone, so that a killed run leaves nobody behind."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


__all__ = ["Progress", "ProgressCallback", "RunReport", "Tally", "run", "work"]
