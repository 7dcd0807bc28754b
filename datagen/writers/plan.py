"""What a run will make, decided before it starts: the schema, the seed, the episodes of each shard and the versions that
shape the bytes.

Shard k holds the episodes k * shard_size .. (k + 1) * shard_size - 1, whoever computes them and in whatever batches, so the
plan depends on the spec, the seed, the number of episodes and the shard size alone. It is stored as `run.json`; `resume`
compares it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow as pa

from . import layout
from .errors import DatasetError, OutputError
from .schema import FORMAT_VERSION, DatasetSchema


def library_versions() -> dict[str, str]:
    """Versions of what decides about stored bytes."""
    return {
        "format": str(FORMAT_VERSION),
        "numpy": np.__version__,
        "pyarrow": pa.__version__,
        "av": av.__version__,
        "ffmpeg": str(av.ffmpeg_version_info),
    }


def default_shard_size(episodes: int) -> int:
    """16 to 64 episodes: enough to batch, few enough that a crash costs little."""
    return max(16, min(64, -(-episodes // 8)))


@dataclass(frozen=True)
class RunPlan:
    """The whole of a run. versions: `library_versions()` and what the caller adds (engine, backend)."""

    schema: DatasetSchema
    seed: int
    episodes: int
    shard_size: int
    versions: Mapping[str, str] = field(default_factory=library_versions)

    def __post_init__(self) -> None:
        for name, value in (("episodes", self.episodes), ("shard_size", self.shard_size)):
            if value < 1:
                raise OutputError(f"RunPlan.{name}", f"{value} cannot be planned", "1 or more")

    @property
    def num_shards(self) -> int:
        """Number of shards."""
        return -(-self.episodes // self.shard_size)

    def indices(self, shard: int) -> list[int]:
        """Episode numbers of one shard."""
        first = shard * self.shard_size
        return list(range(first, min(first + self.shard_size, self.episodes)))

    def to_dict(self) -> dict[str, Any]:
        """JSON values of run.json."""
        return {
            "seed": self.seed,
            "episodes": self.episodes,
            "shard_size": self.shard_size,
            "versions": dict(self.versions),
            "spec_sha256": self.schema.spec_sha256,
            "schema": self.schema.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "RunPlan":
        """Inverse of `to_dict`."""
        schema = DatasetSchema.from_dict(values["schema"])
        return cls(schema, values["seed"], values["episodes"], values["shard_size"], dict(values["versions"]))

    def differences(self, other: "RunPlan") -> list[str]:
        """What differs from another plan, one clause each."""
        mine, theirs = self.to_dict(), other.to_dict()
        names = ("seed", "episodes", "shard_size")
        found = [f"{name} is {mine[name]} here and {theirs[name]} there" for name in names if mine[name] != theirs[name]]
        if mine["spec_sha256"] != theirs["spec_sha256"]:
            found.append(f"the spec is {mine['spec_sha256'][:12]} here and {theirs['spec_sha256'][:12]} there")
        elif mine["schema"] != theirs["schema"]:
            keys = [name for name in mine["schema"] if mine["schema"][name] != theirs["schema"].get(name)]
            found.append("the schema differs in " + ", ".join(keys))
        for name in sorted({*mine["versions"], *theirs["versions"]}):
            pair = mine["versions"].get(name, "none"), theirs["versions"].get(name, "none")
            if pair[0] != pair[1]:
                found.append(f"version of {name} is {pair[0]} here and {pair[1]} there")
        return found


def load_plan(folder: Path) -> RunPlan:
    """The plan of a run folder. Errors: DatasetError when run.json is missing or broken."""
    path = folder / layout.RUN_JSON
    try:
        return RunPlan.from_dict(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(str(path), f"the plan of the run cannot be read ({error})", "", "is this a run folder?") from error
