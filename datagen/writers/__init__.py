"""How episodes are stored: LeRobotDataset v3.0 folders with exact sidecars, written so that a crash loses nothing.

Writing: `RunPlan` -> `create_run` / `resume_run` -> `attempt_shard` for each shard (see `datagen.executors.local`) -> `seal`.
Reading: `Dataset(folder)`, `validate(folder)`.
"""

from .dataset import Dataset, Episode
from .errors import DatasetError, NotFiniteError, OutputError, RecordError, RunError
from .plan import RunPlan, default_shard_size, library_versions
from .record import EpisodeRecord, FailedEpisode, Source, SourceFactory
from .run import Run, attempt_shard, create_run, resume_run
from .schema import CameraSchema, DatasetSchema, DenseSchema, canonical_json
from .seal import load_manifest, seal
from .validate import ValidationReport, validate

__all__ = [
    "CameraSchema",
    "Dataset",
    "DatasetError",
    "DatasetSchema",
    "DenseSchema",
    "Episode",
    "EpisodeRecord",
    "FailedEpisode",
    "NotFiniteError",
    "OutputError",
    "RecordError",
    "Run",
    "RunError",
    "RunPlan",
    "Source",
    "SourceFactory",
    "ValidationReport",
    "attempt_shard",
    "canonical_json",
    "create_run",
    "default_shard_size",
    "library_versions",
    "load_manifest",
    "resume_run",
    "seal",
    "validate",
]
