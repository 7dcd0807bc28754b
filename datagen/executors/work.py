"""What every executor shares: claim shards until none is left, count what was done, say what was given up.

Workers share nothing but the run folder: each claims a shard and commits it by one rename, so whoever computes it, it is
the same bytes. A shard that fails MAX_TRIES times is given up and reported in `failed/`. Limits: a source that hangs is not
detected.
"""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.writers.errors import RunError
from datagen.writers.record import Source
from datagen.writers.run import Run, attempt_shard

MAX_TRIES = 3
_IDLE = 0.2

Tell = Callable[..., None]


@dataclass(frozen=True)
class Progress:
    """Where a run stands. frames and episodes count this session's work too when it is lost later with a worker."""

    episodes: int
    total_episodes: int
    frames: int
    shards: int
    total_shards: int
    seconds: float
    frames_per_second: float
    eta_seconds: float | None


@dataclass(frozen=True)
class RunReport:
    """How a run ended: the folder of the sealed dataset, its manifest, and this session's speed."""

    folder: Path
    manifest: dict[str, Any]
    frames_computed: int
    seconds: float


ProgressCallback = Callable[[Progress], None]


class Tally:
    """Counts what workers report and turns it into Progress."""

    def __init__(self, run: Run, progress: ProgressCallback | None):
        self._run, self._progress, self._start = run, progress, time.monotonic()
        self._done = {shard for shard in range(run.plan.num_shards) if run.is_committed(shard)}
        self._resumed = sum(len(run.plan.indices(shard)) for shard in self._done)
        self.episodes = self.frames = 0

    @property
    def seconds(self) -> float:
        """Wall time since the run began or resumed."""
        return time.monotonic() - self._start

    def tell(self, kind: str, *facts: Any) -> None:
        """("frames", episodes, frames) or ("shard", number, "done" | "kept" | "failed")."""
        if kind == "frames":
            self.episodes, self.frames = self.episodes + facts[0], self.frames + facts[1]
        elif kind == "shard" and facts[1] != "failed":
            self._done.add(facts[0])
        if self._progress is not None:
            self._progress(self.now())

    def now(self) -> Progress:
        """The present state."""
        total, seconds = self._run.plan.episodes, self.seconds
        done = min(self._resumed + self.episodes, total)
        left = seconds / self.episodes * (total - done) if self.episodes else None
        rate = self.frames / seconds if seconds > 0 else 0.0
        return Progress(done, total, self.frames, len(self._done), self._run.plan.num_shards, seconds, rate, left)


def work(opened: Run, source: Source, tell: Tell, first: int = 0, alone: bool = False) -> None:
    """Claims and writes shards, beginning with shard `first`, until each one is committed or given up.

    alone: the process is for this work only, so its heap is small: the collector then runs after every shard. A simulation
    lies in a cycle, and left to its own pace the collector lets 200 MiB of them pile up; in a large process it takes seconds.
    """
    while True:
        left = [shard for shard in opened.missing() if opened.failure(shard)["tries"] < MAX_TRIES]
        if not left:
            return
        left.sort(key=lambda shard: (shard < first, shard))
        busy = 0
        for shard in left:
            result = attempt_shard(opened, shard, source, lambda episodes, frames: tell("frames", episodes, frames))
            busy += result == "busy"
            if alone:
                gc.collect()
            if result != "busy":
                tell("shard", shard, result)
        if busy == len(left):
            time.sleep(_IDLE)


def check_complete(opened: Run) -> None:
    """Raises RunError when shards are missing, with the reason of the first."""
    missing = opened.missing()
    if missing:
        errors = opened.failure(missing[0])["errors"]
        reason = errors[-1]["reason"] if errors else "unknown"
        what = f"{len(missing)} of {opened.plan.num_shards} shards failed; shard {missing[0]}: {reason}"
        raise RunError(str(opened.folder), what, "", f"see {opened.folder}/failed, mend the cause, run again with --resume")
