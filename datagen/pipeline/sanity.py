"""The three sanity traces of a task: doing nothing, the oracle, the failure; and whether the reward ranks them as it should.

The same draw is simulated three times: without actions; with the actions of the spec, changed by `task.oracle`; and with the
actions that `task.fails` names, changed by it. The oracle has to succeed, the others must not, and the returns have to be in
the order oracle > nothing > failure; where a spec has no reward, the potential of its goal is taken. A task without any action
has no oracle here: an agent has to find it, and the report says so instead of "good".
Limits: one draw a report.
"""

from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import engine
from datagen.episode import make_layout, run_batch
from datagen.errors import DatagenError
from datagen.pipeline.generation import PRECISION, load_spec, pick_backend
from datagen.spec import DatasetSpec, EpisodeSpec, RecordSpec, from_data, sample
from datagen.writers import FailedEpisode

TRACES = ("nothing", "oracle", "failure")


@dataclass(frozen=True)
class Trace:
    """How one trace went. total: the sum of rewards; failed: why it could not be simulated or judged, or ""."""

    name: str
    total: float
    success: bool
    failure: bool
    margin: float | None
    failed: str = ""


@dataclass(frozen=True)
class Sanity:
    """The traces and what is wrong with them; verified: whether there was an oracle and nothing is wrong."""

    spec: str
    traces: tuple[Trace, ...]
    problems: tuple[str, ...]
    verified: bool

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def check_task(spec: DatasetSpec | str | Path, seed: int = 7, index: int = 0) -> Sanity:
    """Run the sanity traces of one draw. Errors: SpecError, SampleError, DatagenError for a spec without a task."""
    document = spec if isinstance(spec, DatasetSpec) else load_spec(spec)
    if document.task is None:
        raise DatagenError(f"check of {document.name!r}", "the spec has no task", "task: {success: ...}", "add one")
    engine.init(backend=pick_backend("auto"), precision=PRECISION)
    acts = bool(document.actions)
    names = TRACES if document.task.fails is not None else TRACES[:2] if acts else TRACES[:1]
    traces = tuple(_trace(name, _document_of(document, name), seed, index) for name in names)
    problems = _problems({trace.name: trace for trace in traces})
    return Sanity(document.name, traces, tuple(problems), acts and not problems)


def _document_of(document: DatasetSpec, name: str) -> DatasetSpec:
    """The document of a trace; draws stay, since they are keyed by path."""
    data, task = deepcopy(document.data), document.task
    data.setdefault("reward", "from_goal")
    actions = data.get("actions", {})
    changes = {} if task is None else (task.oracle if name == "oracle" else task.fails or {})
    kept = actions if name == "oracle" else {key: actions[key] for key in changes} if name == "failure" else {}
    data["actions"] = {key: {**action, **(changes.get(key, {}) if name != "nothing" else {})} for key, action in kept.items()}
    for key in ("focus", "branches"):
        data.pop(key, None)
    for trace in ("oracle", "fails"):
        data["task"].pop(trace, None)
    return from_data(data, f"{document.source.name} ({name})")


def _trace(name: str, document: DatasetSpec, seed: int, index: int) -> Trace:
    spec = sample(document, seed, index)
    quiet: EpisodeSpec = spec.model_copy(update={"cameras": (), "record": RecordSpec(rgb=False, contacts=False, events=False)})
    record = run_batch([quiet], make_layout([quiet]), pictures=False)[0]
    if isinstance(record, FailedEpisode):
        return Trace(name, 0.0, False, False, None, record.reason)
    said = record.outcome
    return Trace(
        name, float(said.get("return", 0.0)), bool(said.get("success_once")), said.get("failure_time") is not None,
        said.get("margin"),
    )  # fmt: skip


def _problems(traces: dict[str, Trace]) -> list[str]:
    found = [f"{trace.name}: {trace.failed}" for trace in traces.values() if trace.failed]
    nothing, oracle, failure = (traces.get(name) for name in TRACES)
    if oracle is not None and not oracle.success:
        found.append(f"the oracle does not succeed (margin {oracle.margin})")
    if nothing is not None and nothing.success:
        found.append("doing nothing succeeds" + ("" if oracle is not None else "; the task asks for nothing"))
    if failure is not None and failure.success:
        found.append("the failure trace succeeds")
    if oracle is not None and nothing is not None and oracle.total <= nothing.total:
        found.append(f"doing nothing is worth {nothing.total:g}, the oracle {oracle.total:g}")
    if failure is not None and nothing is not None and nothing.total <= failure.total:
        found.append(f"the failure is worth {failure.total:g}, doing nothing {nothing.total:g}")
    return found
