"""One run of 100,000 frames with every picture that a camera can give: frames per second, bytes per frame, memory, shares.

The scene is `drop_box` with all of rgb, depth, segmentation, normal, albedo and flow at 128 x 128, one worker per core.
Memory is the resident set of the parent and of every worker, read after each episode; what counts is the growth from the end
of the first tenth of the run to its end, in percent, for the sum of all processes. Needed: 5 % at most. Encoding and writing
together may take 35 % of the time; the shares are those of one more shard in this process with a stopwatch around each part.
Limits: Linux (/proc); the file system's own cache is not counted.
"""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.endtoend.bench import SCENE, SEED, measure_shares
from datagen.pipeline.generation import SHARD_SIZE, generate, load_spec, pick_backend
from datagen.spec import DatasetSpec, from_data
from datagen.spec.sampling import OUTPUTS

FRAMES = {False: 100_000, True: 2_048}
GROWTH, SHARE = 5.0, 0.35


def document() -> DatasetSpec:
    """`drop_box` with every picture."""
    data = dict(load_spec(SCENE).data)
    return from_data({**data, "record": {**data["record"], "outputs": list(OUTPUTS)}}, SCENE)


def resident() -> float:
    """MiB in memory of this process and its children."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return sum(_resident(int(pid)) for pid in (os.getpid(), *children))


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(quick: bool, backend: str) -> list[dict[str, Any]]:
    """Rows: frames/s, bytes per frame, growth of memory, share of encoding and writing."""
    chosen, made = pick_backend(backend), document()
    frames = int(made.data["record"]["frames"])
    episodes = -(-FRAMES[quick] // frames)
    with tempfile.TemporaryDirectory(prefix="worldsmith-bench-") as folder:
        generate(made, episodes=SHARD_SIZE, seed=SEED, out=Path(folder) / "warm", workers=1, backend=chosen)
        memory, out, began = [], Path(folder) / "measured", time.perf_counter()
        summary = generate(
            made, episodes=episodes, seed=SEED, out=out, backend=chosen, progress=lambda _: memory.append(resident())
        )
        seconds = time.perf_counter() - began
        size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
        shares = measure_shares(Path(folder) / "shares", SHARD_SIZE, chosen, made)
    early, late = (
        float(np.median(part))
        for part in (memory[len(memory) // 10 :][: len(memory) // 10 + 1], memory[-(len(memory) // 10 + 1) :])
    )
    facts = {
        "case": "scale", "engine": "worldsmith", "backend": chosen, "cores": len(os.sched_getaffinity(0)),
        "episodes": summary.episodes, "frames": summary.frames, "failed": len(summary.failed), "seconds": round(seconds, 1),
        "outputs": list(OUTPUTS), "shares": shares,
    }  # fmt: skip
    measured = [
        ("speed", round(summary.frames / seconds, 1), "frames/s", None, "larger"),
        ("size", round(size / summary.frames), "bytes/frame", None, "smaller"),
        ("memory early", round(early), "MiB", None, "smaller"),
        ("memory growth", round(100.0 * (late / early - 1.0), 2), "%", GROWTH, "smaller"),
        (
            "encoding and writing",
            round(shares.get("encoding", 0.0) + shares.get("writing", 0.0), 3),
            "of time",
            SHARE,
            "smaller",
        ),
    ]
    return [
        {**facts, "case": f"scale: {name}", "measured": value, "unit": unit, "needed": needed, "better": better}
        for name, value, unit, needed, better in measured
    ]
