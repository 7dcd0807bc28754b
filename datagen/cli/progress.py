"""Progress on stderr: a bar with frames/s and the time left on a terminal, a line now and then elsewhere.

Decides that nothing of it ever reaches stdout. `rich` is imported when a bar is shown.
"""

import sys
import time
from typing import Any

from datagen.cli.output import remark

LINE_EVERY = 10.0  # s between lines where there is no terminal


class FrameBar:
    """A context that shows `datagen.executors.local.Progress` objects."""

    def __init__(self, noun: str):
        self.noun = noun
        self._bar: Any = None
        self._task: Any = None
        self._last = time.monotonic()

    def __enter__(self) -> "FrameBar":
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            columns = (TextColumn(self.noun), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[facts]}"))
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task(self.noun, total=None, facts="starting")
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, now: Any) -> None:
        """Show a state of progress: episodes, total_episodes, frames_per_second, eta_seconds."""
        left = "" if now.eta_seconds is None else f", {duration(now.eta_seconds)} left"
        facts = f"{now.frames_per_second:.0f} frames/s{left}"
        if self._bar is not None:
            self._bar.update(self._task, completed=now.episodes, total=now.total_episodes, facts=facts)
        elif time.monotonic() - self._last > LINE_EVERY:
            self._last = time.monotonic()
            remark(f"{now.episodes}/{now.total_episodes} {self.noun}, {facts}")


def duration(seconds: float) -> str:
    """`45 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
