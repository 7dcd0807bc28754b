"""One spec put through everything: lint, generate, validate, replay bit for bit, and the sanity traces of its task.

What `worldsmith check --full` does to every scene that comes with the project. Steps after a failed one are left out;
the verdict is the first thing that is wrong. A spec whose task cannot have all three traces is not good: its row says which are
missing.
Limits: a few episodes and draws stand for all of them.
"""

import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from datagen import assets
from datagen.errors import DatagenError
from datagen.pipeline.generation import generate
from datagen.pipeline.replay import replay
from datagen.pipeline.sanity import check_task
from datagen.pipeline.traces import TRACES, Trace
from datagen.spec import DatasetSpec, load_spec
from datagen.spec.lint import lint
from datagen.spec.text import read_file
from datagen.writers import validate
from engine.errors import EngineError


@dataclass
class Examination:
    """What came of one spec. replayed: episodes whose every state was equal; returns: trace -> mean over the draws; seconds:
    processor time of this process; verdict: `good`, or what is wrong."""

    spec: str
    verdict: str = "good"
    warnings: int = 0
    episodes: int = 0
    frames: int = 0
    replayed: int = 0
    draws: int = 0
    returns: dict[str, float] = field(default_factory=dict)
    successes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return self.verdict == "good"

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


Change = Callable[[DatasetSpec], DatasetSpec]


def examine(name: str | Path, folder: Path, episodes: int = 2, seed: int = 7, draws: int = 4, workers: int | None = None,
            change: Change | None = None) -> Examination:  # fmt: skip
    """Puts the scene or file `name` through everything; the dataset goes to `folder`, which must not be there. change: what is
    generated instead, for instance the same with small pictures; the traces are those of the file."""
    found, began = Examination(Path(name).stem), time.process_time()
    with _failures(found):
        path = assets.scene_path(name)
        findings = lint(read_file(path), str(path))
        errors = [one.text for one in findings if one.level == "error"]
        found.warnings = len(findings) - len(errors)
        if errors:
            raise _Wrong(f"lint: {errors[0]}")
        document = load_spec(path)
        _generate(found, change(document) if change else document, folder, episodes, seed, workers)
        _trace(found, document, seed, draws)
    found.seconds = round(time.process_time() - began, 2)
    return found


class _Wrong(Exception):
    """What a step found."""


@contextmanager
def _failures(found: Examination) -> Any:
    try:
        yield
    except (_Wrong, DatagenError, EngineError) as error:
        found.verdict = str(error)


def _generate(found: Examination, document: DatasetSpec, folder: Path, episodes: int, seed: int, workers: int | None) -> None:
    made = generate(document, episodes=episodes, seed=seed, out=folder, workers=workers)
    found.episodes, found.frames = made.episodes, made.frames
    if made.failed:
        raise _Wrong(f"generate: episode {made.failed[0]['index']} failed: {made.failed[0]['reason']}")
    problems = validate(folder).problems
    if problems:
        raise _Wrong(f"validate: {problems[0]}")
    verdicts = replay(folder)
    found.replayed = sum(verdict.equal for verdict in verdicts)
    unequal = [verdict.index for verdict in verdicts if not verdict.equal]
    if unequal:
        raise _Wrong(f"replay: episodes {unequal} are not the same bit for bit")


def _trace(found: Examination, document: DatasetSpec, seed: int, draws: int) -> None:
    sanity = check_task(document, seed, 0, draws)
    found.draws = draws
    for name in TRACES:
        runs: list[Trace] = [trace for trace in sanity.traces if trace.name == name]
        if runs:
            found.returns[name] = round(sum(run.total for run in runs) / len(runs), 4)
            found.successes[name] = sum(run.success for run in runs)
    if sanity.problems:
        raise _Wrong(f"traces: {sanity.problems[0]}")
    missing = [name for name in TRACES if name not in found.returns]
    if missing:
        raise _Wrong(f"traces: there is no trace {', no trace '.join(missing)}")
