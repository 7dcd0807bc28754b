"""The three sanity traces of a task: doing nothing, the oracle, the failure; and whether the reward ranks them as it should.

The same draw is simulated three times: without actions; with the actions of the spec, changed by `task.oracle`; and with the
actions that `task.fails` names, changed by it. Both may bring actions of their own (with `do`), which the episodes of the spec
do not have: what would have to be done in a scene where nobody does anything. Where nothing is scripted but an agent may set
`controls`, the oracle is a feedback that is searched on this very draw, the failure is its opposite (see `searched`). The
oracle has to succeed, the others must not, and the returns have to be oracle > nothing >= failure; where a spec has
no reward, the potential of its goal is taken. Two runs in which the same came about differ by rounding, so the failure may be
worth more than nothing by up to TIE of what the oracle earns.
Limits: traces are of the spec without its curriculum; a task with neither an action nor a control has no oracle, and the report
says so instead of "good".
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import engine
from datagen.episode import make_layout, run_batch
from datagen.errors import DatagenError
from datagen.pipeline.generation import PRECISION, load_spec, pick_backend
from datagen.pipeline.searched import searched_traces
from datagen.pipeline.traces import TRACES, Trace
from datagen.spec import DatasetSpec, EpisodeSpec, RecordSpec, from_data, sample
from datagen.writers import EpisodeRecord, FailedEpisode

TIE = 0.02


@dataclass(frozen=True)
class Sanity:
    """The traces and what is wrong with them; verified: whether there was an oracle and nothing is wrong; complete: whether
    there were all three."""

    spec: str
    traces: tuple[Trace, ...]
    problems: tuple[str, ...]
    verified: bool
    complete: bool

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def check_task(spec: DatasetSpec | str | Path, seed: int = 7, index: int = 0, draws: int = 1) -> Sanity:
    """Run the sanity traces of `draws` draws from `index` on. Errors: SpecError, SampleError, DatagenError for a spec without a
    task."""
    document = spec if isinstance(spec, DatasetSpec) else load_spec(spec)
    if document.task is None:
        raise DatagenError(f"check of {document.name!r}", "the spec has no task", "task: {success: ...}", "add one")
    engine.init(backend=pick_backend("auto"), precision=PRECISION)
    wanted = range(index, index + draws)
    scripted = bool(document.actions) or bool(document.task.oracle)
    if document.controls and not scripted:
        traces = searched_traces(_document_of(document, "nothing"), seed, wanted)
    else:
        names = TRACES if document.task.fails is not None else TRACES[:2] if scripted else TRACES[:1]
        traces = tuple(_scripted_traces(document, names, seed, wanted))
    problems = [problem for draw in wanted for problem in _problems([one for one in traces if one.draw == draw], draws > 1)]
    made = {trace.name for trace in traces}
    return Sanity(document.name, traces, tuple(problems), "oracle" in made and not problems, made == set(TRACES))


def _document_of(document: DatasetSpec, name: str) -> DatasetSpec:
    """The document of a trace; draws stay, since they are keyed by path."""
    data, task = deepcopy(document.data), document.task
    assert task is not None
    data.setdefault("reward", "from_goal")
    known = {**data.get("actions", {}), **{key: fields for key, fields in task.oracle.items() if "do" in fields}}
    if name == "nothing":
        data["actions"] = {}
    elif name == "oracle":
        data["actions"] = {key: {**action, **task.oracle.get(key, {})} for key, action in known.items()}
    else:
        data["actions"] = {key: {**known.get(key, {}), **fields} for key, fields in (task.fails or {}).items()}
    for key in ("focus", "branches", "counterfactuals", "curriculum", "density"):
        data.pop(key, None)
    for trace in ("oracle", "fails"):
        data["task"].pop(trace, None)
    return from_data(data, f"{document.source.name} ({name})")


def _scripted_traces(document: DatasetSpec, names: Sequence[str], seed: int, draws: Sequence[int]) -> Iterator[Trace]:
    """All draws of all traces at once where one simulation can hold them; skills take a batch of their own."""
    documents = {name: _document_of(document, name) for name in names}
    specs = {name: [_quiet(sample(one, seed, draw)) for draw in draws] for name, one in documents.items()}
    skilled = any(action.do == "skill" for trace in specs.values() for spec in trace for action in spec.actions)
    batches = [[name] for name in names] if skilled else [list(names)]
    layout = make_layout([spec for trace in specs.values() for spec in trace])
    for batch in batches:
        chosen = [(name, spec) for name in batch for spec in specs[name]]
        records = run_batch([spec for _, spec in chosen], layout, pictures=False)
        for (name, spec), record in zip(chosen, records, strict=True):
            yield _trace(name, spec.index, record)


def _quiet(spec: EpisodeSpec) -> EpisodeSpec:
    """The episode without what only a dataset wants."""
    return spec.model_copy(update={"cameras": (), "record": RecordSpec(rgb=False, contacts=False, events=False)})


def _trace(name: str, draw: int, record: EpisodeRecord | FailedEpisode) -> Trace:
    if isinstance(record, FailedEpisode):
        return Trace(name, draw, 0.0, False, False, None, record.reason)
    said = record.outcome
    total, failure = float(said.get("return", 0.0)), said.get("failure_time") is not None
    return Trace(name, draw, total, bool(said.get("success_once")), failure, said.get("margin"))


def _problems(traces: Sequence[Trace], several: bool) -> list[str]:
    """What is wrong with the traces of one draw."""
    found = [f"{trace.name}: {trace.failed}" for trace in traces if trace.failed]
    by_name = {trace.name: trace for trace in traces}
    nothing, oracle, failure = (by_name.get(name) for name in TRACES)
    if oracle is not None and not oracle.success:
        found.append(f"the oracle does not succeed (margin {oracle.margin})")
    if nothing is not None and nothing.success:
        found.append("doing nothing succeeds" + ("" if oracle is not None else "; the task asks for nothing"))
    if failure is not None and failure.success:
        found.append("the failure trace succeeds")
    if oracle is not None and nothing is not None:
        if oracle.total <= nothing.total:
            found.append(f"doing nothing is worth {nothing.total:g}, the oracle {oracle.total:g}")
        if failure is not None and failure.total - nothing.total > TIE * max(oracle.total - nothing.total, 0.0):
            found.append(f"the failure is worth {failure.total:g}, doing nothing {nothing.total:g}")
    return [f"draw {traces[0].draw}: {problem}" for problem in found] if several else found
