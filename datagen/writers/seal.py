"""Joins the committed shards of a run into one dataset in the run folder; the manifest comes last, and its presence means
sealed.

Videos and sidecars are linked unchanged; only `data/` and `meta/` are rewritten, because their global numbers
(`episode_index`, `index`, `task_index`) are known only now. Everything is staged in `.sealing`, flushed, and moved by six
renames, `manifest.json` last; a crash leaves a folder without a manifest, and sealing again starts over from the shards,
which are removed only afterwards. The manifest hash covers the sorted (path, sha256) list and the schema, nothing that
depends on workers, batches, time or interruptions.
"""

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from . import faults, layout
from .card import CARD, card
from .claims import take
from .durable import disk_errors, files_below, link_or_copy, remove_tree, sha256_of, sync, sync_tree, write_json, write_new
from .errors import DatasetError
from .plan import RunPlan
from .record import FailedEpisode
from .root import RootTables
from .run import Run
from .schema import FORMAT_VERSION, DatasetSchema, canonical_json
from .shard import read_shard_json
from .stats import FeatureStats, PictureStats, feature_size
from .tables import TableWriter, open_table, to_numpy

_SEAL_CLAIM = "seal"
_WAIT = 0.1


def seal(run: Run) -> dict[str, Any]:
    """Seals a run whose shards are all committed and returns the manifest; a sealed run is left as it is.

    While another process seals, this one waits for it. Errors: DatasetError when shards are missing or no episode is good;
    OutputError when the disk is full or read-only.
    """
    with disk_errors(run.folder):
        while not run.is_sealed:
            claim = take(run.folder / layout.CLAIMS, _SEAL_CLAIM)
            if claim is None:
                time.sleep(_WAIT)
                continue
            with claim:
                if not run.is_sealed:
                    _seal(run)
        _clean(run)
    return load_manifest(run.folder)


def load_manifest(folder: Path) -> dict[str, Any]:
    """manifest.json: format, schema_sha256, manifest_sha256, episodes, frames, files. Errors: DatasetError when not sealed."""
    try:
        return json.loads((Path(folder) / layout.MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise DatasetError(
            str(folder), "there is no manifest.json", "a sealed dataset", "finish the run with --resume"
        ) from error
    except (OSError, ValueError) as error:
        raise DatasetError(f"{folder}/{layout.MANIFEST}", f"the manifest cannot be read ({error})") from error


def manifest_hash(schema_sha256: str, files: dict[str, dict[str, Any]]) -> str:
    """SHA-256 over the schema and the sorted (path, sha256) list."""
    listed = sorted((path, facts["sha256"]) for path, facts in files.items())
    return hashlib.sha256(canonical_json({"schema": schema_sha256, "files": listed})).hexdigest()


def _seal(run: Run) -> None:
    missing = run.missing()
    if missing:
        what = f"{len(missing)} of {run.plan.num_shards} shards are missing (first: {missing[0]})"
        raise DatasetError(str(run.folder), what, "all shards", "run again with --resume")
    faults.point("seal_started")
    staging = run.folder / layout.SEALING
    remove_tree(staging)
    for name in layout.PARTS:
        remove_tree(run.folder / name)
    (run.folder / CARD).unlink(missing_ok=True)
    staging.mkdir()
    joined = _Joined(run.plan.schema, staging)
    for shard in range(run.plan.num_shards):
        joined.add(run.shard_folder(shard))
        faults.point("seal_shard")
    joined.finish(run.plan)
    faults.point("seal_tables")
    sync_tree(staging)
    faults.point("seal_staged")
    for name in (*layout.PARTS, CARD, layout.MANIFEST):
        if (staging / name).exists():
            os.rename(staging / name, run.folder / name)
            sync(run.folder)
            faults.point("seal_manifest" if name == layout.MANIFEST else "seal_renamed")


def _clean(run: Run) -> None:
    """Removes what is no longer needed once the manifest stands; repeated safely."""
    for name in (layout.SHARDS, layout.SEALING, layout.CLAIMS):
        remove_tree(run.folder / name)
    faults.point("seal_cleaned")


class _Joined:
    """The dataset in staging while shards are added in order."""

    def __init__(self, schema: DatasetSchema, folder: Path):
        self.schema, self.folder = schema, folder
        self.episodes = self.frames = 0
        self.tasks: dict[str, int] = {}
        self.failures: list[FailedEpisode] = []
        self.files: dict[str, dict[str, Any]] = {}
        self.stats = {feature.name: FeatureStats(feature_size(feature)) for feature in schema.features}
        self.pictures = {camera.key: PictureStats() for camera in schema.cameras}

    def add(self, shard: Path) -> None:
        """Links and rewrites the files of the next shard."""
        summary = read_shard_json(shard)
        self.failures += [FailedEpisode(item["index"], item["reason"]) for item in summary["failures"]]
        if not summary["episodes"]:
            return
        for path, facts in summary["files"].items():
            if not layout.is_rewritten(path):
                link_or_copy(shard / path, self.folder / path)
                self.files[path] = facts
        task_numbers = np.array([self.tasks.setdefault(task, len(self.tasks)) for task in summary["tasks"]])
        self._rewrite_data(shard, layout.data_path(summary["shard"]), task_numbers)
        self._rewrite_episodes(shard, layout.episodes_path(summary["shard"]))
        for name, part in self.stats.items():
            part.merge(FeatureStats.from_json(part.size, summary["stats"]["features"][name]))
        for key, pictures in self.pictures.items():
            pictures.merge(PictureStats.from_json(summary["stats"]["pictures"][key]))
        self.episodes, self.frames = self.episodes + summary["episodes"], self.frames + summary["frames"]

    def finish(self, plan: RunPlan) -> None:
        """Writes the root tables, the card and the manifest."""
        if not self.episodes:
            first = self.failures[0].reason if self.failures else "there were none"
            raise DatasetError(
                str(self.folder.parent), f"no episode is good ({first})", "at least one", "mend the spec and run again"
            )
        root = RootTables(self.schema, self.episodes, self.frames, list(self.tasks), self.failures)
        root.stats, root.pictures = self.stats, self.pictures
        root.write(self.folder)
        write_new(self.folder / CARD, card(root, plan.seed, plan.versions).encode())
        for path in files_below(self.folder):
            if path not in self.files:
                self.files[path] = {"bytes": (self.folder / path).stat().st_size, "sha256": sha256_of(self.folder / path)}
        manifest = {
            "format": FORMAT_VERSION,
            "schema_sha256": self.schema.sha256,
            "manifest_sha256": manifest_hash(self.schema.sha256, self.files),
            "episodes": self.episodes,
            "frames": self.frames,
            "failed_episodes": len(self.failures),
            "files": self.files,
        }
        write_json(self.folder / layout.MANIFEST, manifest)

    def _rewrite_data(self, shard: Path, path: str, task_numbers: np.ndarray) -> None:
        def renumber(table: pa.Table) -> dict[str, Any]:
            return {
                "episode_index": to_numpy(table["episode_index"]) + self.episodes,
                "index": to_numpy(table["index"]) + self.frames,
                "task_index": task_numbers[to_numpy(table["task_index"])],
            }

        self._rewrite(shard, path, renumber)

    def _rewrite_episodes(self, shard: Path, path: str) -> None:
        def renumber(table: pa.Table) -> dict[str, Any]:
            shifts = {"episode_index": self.episodes, "dataset_from_index": self.frames, "dataset_to_index": self.frames}
            return {name: to_numpy(table[name]) + shift for name, shift in shifts.items()}

        self._rewrite(shard, path, renumber)

    def _rewrite(self, shard: Path, path: str, renumber: Any) -> None:
        with open_table(shard / path) as file:
            writer = TableWriter(self.folder / path, file.schema_arrow)
            for group in range(file.num_row_groups):
                table = file.read_row_group(group)
                columns = {name: table[name] for name in table.schema.names}
                writer.write({**columns, **renumber(table)})
            writer.close()
