"""Frames per second from a spec to a sealed dataset: eight random bodies, pictures with shadows, depth, segmentation,
everything written.

The scene is `drop_box`: 128 x 128 RGB with shadows, depth and segmentation, 64 frames an episode. Needed: 500 frames/s on 2
CPU cores; an equivalent script on MuJoCo's EGL renderer with the same encoders gave 49 on the same machine. The figure is
that of `generate` with one worker per core, from the call to the manifest, after one small run that fills the kernel cache;
the shares are those of one more run in this process, with a stopwatch around each part. `frames_per_cpu_s` is what one thread
makes per second of processor time, which other programs disturb less. Limits: start of the workers and sealing are counted on
the wall, so short runs look slower."""

import contextlib
import functools
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from datagen.executors.local import run
from datagen.pipeline.generation import SHARD_SIZE, generate, load_spec, make_plan, make_recipe, open_source, pick_backend
from datagen.spec import DatasetSpec
from datagen.writers.images import ImageTable
from datagen.writers.shard import ShardWriter
from datagen.writers.video import VideoWriter

SCENE, SEED, NEEDED = "drop_box", 11, 500.0
EPISODES = {False: 192, True: 32}
ENCODING = ((VideoWriter, "write"), (VideoWriter, "close"), (ImageTable, "write"), (ImageTable, "close"))


class Stopwatch:
    """Seconds by part; parts may nest, and an inner part does not count for the outer one."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._open: list[str] = []
        self._since = time.perf_counter()

    @contextlib.contextmanager
    def section(self, name: str) -> Iterator[None]:
        """Count the time inside `with` for `name`."""
        self._switch()
        self._open.append(name)
        try:
            yield
        finally:
            self._switch()
            self._open.pop()

    def _switch(self) -> None:
        now = time.perf_counter()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function` with its time counted for `name`."""

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with self.section(name):
                return function(*args, **kwargs)

        return wrapped


def main(quick: bool, backend: str) -> list[dict[str, Any]]:
    """One row: frames/s with the share of physics, rendering, encoding, writing and the rest."""
    chosen = pick_backend(backend)
    with tempfile.TemporaryDirectory(prefix="worldsmith-bench-") as folder:
        generate(SCENE, episodes=SHARD_SIZE, seed=SEED, out=Path(folder) / "warm", workers=1, backend=chosen)
        began, marks = time.perf_counter(), []
        out, note = Path(folder) / "measured", lambda _: marks.append(time.perf_counter())
        summary = generate(SCENE, episodes=EPISODES[quick], seed=SEED, out=out, backend=chosen, progress=note)
        seconds = time.perf_counter() - began
        shares = measure_shares(Path(folder) / "shares", SHARD_SIZE, chosen)
        rate = measure_rate(Path(folder) / "rate", SHARD_SIZE if quick else 4 * SHARD_SIZE, chosen)
    return [
        {
            "case": "endtoend",
            "engine": "worldsmith",
            "measured": round(summary.frames / seconds, 1),
            "unit": "frames/s",
            "needed": NEEDED,
            "backend": chosen,
            "cores": len(os.sched_getaffinity(0)),
            "episodes": summary.episodes,
            "frames": summary.frames,
            "failed": len(summary.failed),
            "seconds": round(seconds, 2),
            "frames_per_cpu_s": round(rate * summary.frames / summary.episodes, 1),
            "first_episode_seconds": round(marks[0] - began, 2),
            "shares": shares,
        }
    ]


def measure_rate(out: Path, episodes: int, backend: str) -> float:
    """Episodes per second of processor time of one thread in this process, after a run that compiles."""
    recipe = make_recipe(load_spec(SCENE), episodes, SEED, None, backend, 1)
    source = open_source(recipe)
    run(out / "warm", make_plan(recipe, SHARD_SIZE, SHARD_SIZE), lambda: source)
    began = time.process_time()
    run(out / "measured", make_plan(recipe, episodes, SHARD_SIZE), lambda: source)
    return episodes / (time.process_time() - began)


def measure_shares(out: Path, episodes: int, backend: str, document: DatasetSpec | None = None) -> dict[str, float]:
    """Share of each part in the time of a run in this process, all cores given to the engine; they sum to 1."""
    watch = Stopwatch()
    recipe = make_recipe(document or load_spec(SCENE), episodes, SEED, None, backend, len(os.sched_getaffinity(0)))
    plan = make_plan(recipe, episodes, SHARD_SIZE)
    source = open_source(recipe, watch.section)
    kept = {(owner, name): getattr(owner, name) for owner, name in (*ENCODING, (ShardWriter, "add"), (ShardWriter, "close"))}
    for (owner, name), function in kept.items():
        setattr(owner, name, watch.timed("writing" if owner is ShardWriter else "encoding", function))
    try:
        with watch.section("other"):
            run(out, plan, lambda: source)
    finally:
        for (owner, name), function in kept.items():
            setattr(owner, name, function)
    total = sum(watch.seconds.values())
    return {name: round(value / total, 3) for name, value in sorted(watch.seconds.items(), key=lambda item: -item[1])}
