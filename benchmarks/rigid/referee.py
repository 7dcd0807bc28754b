"""The side of the referee: one process per engine, warm before the first round, in turns, each under a time limit.

An engine that refuses a model, crashes or needs too long becomes a reason, never an exception here. What engines print goes to
a file whose end is quoted when one dies. Limits: a limit covers start to warm, and each round by itself.
"""

import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from benchmarks.rigid.job import Job, Numbers, write_job

ADAPTERS = {
    "worldsmith": "on_worldsmith",
    "mujoco": "on_mujoco",
    "genesis": "on_genesis",
    "mujoco_warp": "on_mujoco_warp",
}
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Outcome:
    """What one engine did with one job; `reason` is empty when all went well."""

    engine: str
    reason: str = ""
    ready: dict[str, Any] = field(default_factory=dict)
    rounds: list[dict[str, float]] = field(default_factory=list)
    done: dict[str, Any] = field(default_factory=dict)


class Process:
    """An adapter at work. Every answer is a message of `worker.serve` or a reason."""

    def __init__(self, engine: str, folder: Path, python: str) -> None:
        self.outcome = Outcome(engine)
        self._log = (folder / f"{engine}.log").open("w+", encoding="utf-8", errors="replace")
        paths = os.pathsep.join(path for path in (str(ROOT), os.environ.get("PYTHONPATH", "")) if path)
        self._process = subprocess.Popen(
            [python, "-m", f"benchmarks.rigid.{ADAPTERS[engine]}", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, "PYTHONPATH": paths},
            cwd=folder,  # where logs of the engines may go
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()

    def wait_until_warm(self, limit: float) -> None:
        """Take the `ready` message."""
        self.outcome.ready = self._answer("ready", limit)

    def take_round(self, limit: float) -> None:
        """Run one round."""
        if self.tell("round"):
            answer = self._answer("round", limit)
            self.outcome.rounds += [answer] if answer else []

    def finish(self, limit: float) -> Outcome:
        """Take what was sampled and end the process."""
        if self.tell("stop"):
            self.outcome.done = self._answer("done", limit)
        self.kill()
        self._log.close()
        return self.outcome

    def tell(self, word: str) -> bool:
        """Send a word; False when the engine is out of the game."""
        if self.outcome.reason:
            return False
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(word + "\n")
            self._process.stdin.flush()
        except OSError:
            self.outcome.reason = self._last_words()
        return not self.outcome.reason

    def kill(self) -> None:
        """End the process however it is."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def _listen(self, pipe: IO[str]) -> None:
        for line in pipe:
            self._lines.put(line)
        self._lines.put("")

    def _answer(self, kind: str, limit: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=limit)
        except queue.Empty:
            self.outcome.reason = f"no answer within {limit:g} s ({kind})"
            self.kill()
            return {}
        message = json.loads(line) if line.startswith("{") else {"kind": "died", "reason": self._last_words()}
        if message.pop("kind") != kind:
            self.outcome.reason = message["reason"]
            return {}
        return message

    def _last_words(self) -> str:
        code = self._process.wait(timeout=10)
        self._log.flush()
        self._log.seek(0)
        said = [line.strip() for line in self._log.read().splitlines() if line.strip()]
        return f"the process ended with {code}: {said[-1][:200] if said else 'it said nothing'}"


def play(job: Job, numbers: Numbers, engines: dict[str, str], folder: Path, rounds: int, limit: float) -> list[Outcome]:
    """Give one job to several engines (name -> interpreter): all get warm, then take `rounds` rounds in turns."""
    write_job(folder, job, numbers)
    processes: list[Process] = []
    try:
        for engine, python in engines.items():
            process = Process(engine, folder, os.path.abspath(python) if python else sys.executable)
            processes.append(process)
            process.wait_until_warm(limit)
        for _ in range(rounds):
            for process in processes:
                process.take_round(limit)
        return [process.finish(limit) for process in processes]
    finally:
        for process in processes:
            process.kill()
