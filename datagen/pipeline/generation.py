"""A spec becomes a dataset: plan the columns and shards, compute the episodes in workers, seal.

Decides what a worker is (one engine with its share of the cores, batches of one shard's episodes) and what is fixed before the
first episode: the layout of the columns, the shards and the versions. (spec, seed, episodes, shard size) decide every byte;
workers, batch size and interruptions do not. Measured on 2 cores: two workers of one thread beat one worker of two threads,
because encoding is serial within a worker. Limits: one machine; the layout of a spec with a random number of bodies is found by
drawing every episode once.
"""

import errno
import functools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import engine
from datagen import assets
from datagen.episode import Layout, dataset_schema, engine_facts, make_layout, run_batch
from datagen.episode.edits import EditError
from datagen.episode.groups import expand, group_size
from datagen.episode.recording import Section, untimed
from datagen.episode.run import records_of, run_groups
from datagen.errors import DatagenError, SampleError
from datagen.executors import local, ray
from datagen.executors.work import ProgressCallback, RunReport
from datagen.pipeline.variation import varied
from datagen.spec import DatasetSpec, EpisodeSpec, dump, from_data, sample
from datagen.spec import load_spec as load_spec_file
from datagen.spec.distributions import highest
from datagen.writers import Dataset, EpisodeRecord, FailedEpisode, OutputError, RunPlan, Source, library_versions

SHARD_SIZE = 16  # episodes: the lanes of a CPU batch
PRECISION = "f32"
BATCH_BYTES = 512 << 20  # pictures of one batch in memory
MAX_BATCH = 64
UNUSABLE = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP)  # a path that cannot be a folder
BACKENDS = ("auto", "cpu", "cuda")
EXECUTORS = ("local", "ray")
NVIDIA_DEVICES = ("/dev/nvidiactl", "/dev/dxg")


@dataclass(frozen=True)
class Summary:
    """How a generation ended. failed: [{"index", "reason"}]; frames_computed and seconds are those of this session."""

    folder: str
    episodes: int
    frames: int
    failed: list[dict[str, Any]]
    manifest_sha256: str
    frames_computed: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Recipe:
    """All that a worker needs to compute episodes: picklable, the same for every worker."""

    spec_data: dict[str, Any]
    seed: int
    layout: Layout
    batch: int | None
    backend: str
    threads: int


def load_spec(spec: str | Path) -> DatasetSpec:
    """The spec of a file, or of one of the project's scenes by bare name. Errors: AssetError, SpecError."""
    return load_spec_file(assets.scene_path(spec))


def generate(
    spec: DatasetSpec | str | Path,
    episodes: int = 8,
    seed: int = 7,
    out: str | Path = "runs/demo",
    workers: int | None = None,
    resume: bool = False,
    batch: int | None = None,
    shard_size: int | None = None,
    backend: str = "auto",
    progress: ProgressCallback | None = None,
    executor: str = "local",
    address: str | None = None,
    counterfactuals: bool | None = None,
    after: str | Path | None = None,
    focus: str | Path | None = None,
) -> Summary:
    """Generate `episodes` episodes of a spec, each with its branches, into the folder `out` and seal them as one dataset.

    workers: processes (None: one per core on a CPU, one on a GPU, never more than shards). batch: episodes simulated at once
    (None: a shard, less where its pictures would not fit in memory). shard_size: episodes of one commit (None: a quarter of a
    small run, so that its first episode is soon on disk, and 16 of a large one). resume: continue an interrupted run.
    progress: called after every episode. executor: "local" processes or "ray" tasks on the cluster at `address` (see
    `datagen.executors.ray`); it never shows in the data.
    counterfactuals: whether every episode comes with its branches and one without the focus action (None: as the spec says,
    by default where it has branches); `episodes` then counts groups. after: a dataset whose success decides which stage of the
    curriculum all episodes are of. focus: a file of `worldsmith focus`, which makes some draws likelier.
    Errors: SpecError, SampleError, OutputError, RunError, BackendError; KeyboardInterrupt leaves what was committed.
    """
    document = varied(spec if isinstance(spec, DatasetSpec) else load_spec(spec), counterfactuals, after, focus)
    shard_size = min(SHARD_SIZE, max(1, episodes // 4)) if shard_size is None else shard_size
    _check_numbers(episodes, seed, batch, shard_size, workers)
    if executor not in EXECUTORS:
        raise DatagenError("generate(executor)", f"unknown executor {executor!r}", f"allowed: {', '.join(EXECUTORS)}")
    chosen = pick_backend(backend)
    episodes *= group_size(document)
    crew = workers or (1 if chosen == "cuda" else cores())
    crew = min(crew, -(-episodes // (shard_size if workers else max(shard_size, SHARD_SIZE))))  # a worker's start has to pay
    recipe = make_recipe(document, episodes, seed, batch, chosen, max(1, cores() // crew))
    try:
        plan = make_plan(recipe, episodes, shard_size)
        report = _execute(executor, address, out, plan, source_factory(recipe), crew, resume, progress)
    except OSError as error:
        if error.errno not in UNUSABLE:
            raise
        reason = (error.strerror or str(error)).lower()
        what = f"the folder cannot be made ({reason})"
        raise OutputError(str(out), what, "a path on a writable disk", "choose another") from error
    dataset = Dataset(report.folder)
    manifest = str(report.manifest["manifest_sha256"])
    return Summary(
        str(report.folder), len(dataset), dataset.num_frames, dataset.failures, manifest, report.frames_computed, report.seconds
    )


def _execute(executor: str, address: str | None, *work: Any) -> RunReport:
    """Hand the work to an executor."""
    execute: Callable[..., RunReport] = local.run if executor == "local" else functools.partial(ray.run, address=address)
    return execute(*work)


def make_recipe(document: DatasetSpec, episodes: int, seed: int, batch: int | None, backend: str, threads: int) -> Recipe:
    """What the workers of a run need to know. Raises SampleError when not one episode can be drawn."""
    layout = make_layout(specs_for_layout(document, episodes, seed))
    return Recipe(document.data, seed, layout, batch, backend, threads)


def document_of(recipe: Recipe) -> DatasetSpec:
    """The spec of a recipe under its own name, so that a reason for a failure does not depend on where its file lies."""
    return from_data(recipe.spec_data, f"{recipe.spec_data.get('name', 'spec')}.yaml")


def make_plan(recipe: Recipe, episodes: int, shard_size: int) -> RunPlan:
    """The plan of a run; it depends on the spec, the seed, the number of episodes, the shard size, the backend and versions
    only.
    """
    document = document_of(recipe)
    facts: dict[str, Any] = {"name": document.name, "depth": "along the optical axis", "frames": "world unless said otherwise"}
    notes = {"stage": "string"} if document.curriculum else {}
    notes |= {"importance_weight": "float64"} if document.density else {}
    facts |= {"notes": notes} if notes else {}
    schema = dataset_schema(recipe.layout, dump(document), document.sha256, "float32", facts)
    versions = {**library_versions(), "engine": engine.__version__, "backend": recipe.backend, "precision": PRECISION}
    return RunPlan(schema, recipe.seed, episodes, shard_size, versions)


def source_factory(recipe: Recipe) -> Callable[[], Source]:
    """Picklable; called without arguments in a worker it starts the engine there and returns the source of episodes."""
    return functools.partial(open_source, recipe)


def open_source(recipe: Recipe, section: Section = untimed) -> Source:
    """Start the engine of this process and return a source of records. section: a stopwatch, see
    `datagen.episode.run_batch`."""
    engine.init(backend=recipe.backend, precision=PRECISION, threads=recipe.threads)
    document = document_of(recipe)

    def source(indices: list[int]) -> Iterator[EpisodeRecord | FailedEpisode]:
        size = recipe.batch or batch_size(recipe.layout, document, len(indices))
        for first in range(0, len(indices), size):
            yield from _compute(document, recipe, indices[first : first + size], section)

    return source


def _compute(
    document: DatasetSpec, recipe: Recipe, indices: Sequence[int], section: Section
) -> Iterator[EpisodeRecord | FailedEpisode]:
    results: dict[int, EpisodeRecord | FailedEpisode] = {}
    size = group_size(document)
    groups: list[list[EpisodeSpec]] = []
    with section("sampling"):
        for draw in dict.fromkeys(index // size for index in indices):
            try:
                groups.append(expand(document, sample(document, recipe.seed, draw)))
            except (SampleError, EditError) as error:
                results.update((draw * size + n, FailedEpisode(draw * size + n, str(error))) for n in range(size))
    if size == 1:
        made = run_batch([group[0] for group in groups], recipe.layout, section=section)
    else:
        made = records_of(run_groups(groups, recipe.layout, section=section), set(indices))
    results.update((result.index, result) for result in made)
    for index in indices:
        yield results.pop(index)


def batch_size(layout: Layout, document: DatasetSpec, wanted: int) -> int:
    """Episodes of one batch: all of them, unless their pictures would not fit into BATCH_BYTES."""
    frames = sample_first(document).world.num_frames
    pixels = sum(
        camera.resolution[0] * camera.resolution[1] * {"rgb": 3, "normal": 6}.get(stream, 2)
        for camera in layout.cameras
        for stream in layout.streams(camera)
    )
    return max(1, min(wanted, MAX_BATCH, BATCH_BYTES // max(1, pixels * frames)))


def sample_first(document: DatasetSpec) -> EpisodeSpec:
    """Any episode that can be drawn, for what is equal in all of them. Raises SampleError when none of the first hundred
    can."""
    for index in range(99):
        try:
            return sample(document, 0, index)
        except SampleError:
            continue
    return sample(document, 0, 99)


def specs_for_layout(document: DatasetSpec, episodes: int, seed: int) -> Iterator[EpisodeSpec]:
    """Episodes that together have every body, joint and action of the dataset: one of every stage, and as many more as it takes
    until each entity has shown its largest number of bodies, or all. Raises SampleError when not one can be drawn.
    """
    largest = {name: max(_highest_count(stage, name) for stage in document.stages) for name in document.entities}
    shown = dict.fromkeys(largest, 0)
    refused: SampleError | None = None
    draws = range(-(-episodes // group_size(document)))
    firsts = [] if document.curriculum is None else [first for first in document.curriculum.firsts() if first in draws]
    for index in dict.fromkeys([*firsts, *draws]):
        try:
            spec = sample(document, seed, index)
        except SampleError as error:
            refused = refused or error
            continue
        yield from expand(document, spec)
        for body in spec.bodies:
            shown[body.entity] = max(shown[body.entity], body.item + 1)
        if index not in firsts[:-1] and all(shown[name] >= count for name, count in largest.items()):
            return
    if refused is not None and not any(shown.values()):
        raise refused


def _highest_count(document: DatasetSpec, name: str) -> int:
    count = document.entities[name].count
    return 1 if count is None else int(highest(count, lambda name: document.params[name]))


def pick_backend(backend: str) -> str:
    """ "cpu" or "cuda". "auto" asks the engine only where a device file of NVIDIA exists, so that machines without one start at
    once.
    """
    if backend not in BACKENDS:
        raise DatagenError("generate(backend)", f"unknown backend {backend!r}", f"allowed: {', '.join(BACKENDS)}")
    if backend == "auto":
        return engine.init(backend="auto").backend if any(os.path.exists(path) for path in NVIDIA_DEVICES) else "cpu"
    return backend


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check_numbers(episodes: int, seed: int, batch: int | None, shard_size: int, workers: int | None) -> None:
    limits = (
        ("episodes", episodes, 10**9),
        ("shard_size", shard_size, 4096),
        ("batch", batch, 4096),
        ("workers", workers, 1024),
    )
    for name, value, most in limits:
        if value is not None and not 1 <= value <= most:
            raise DatagenError(f"generate({name})", f"{value}", f"a whole number from 1 to {most}", "give another number")
    if not 0 <= seed < 2**63:
        raise DatagenError("generate(seed)", f"{seed}", "a whole number from 0 to 2**63 - 1", "give another number")


__all__ = [
    "Recipe",
    "Summary",
    "engine_facts",
    "generate",
    "load_spec",
    "make_plan",
    "make_recipe",
    "open_source",
    "source_factory",
]
