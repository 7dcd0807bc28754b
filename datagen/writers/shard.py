"""Writes the episodes of one shard as a complete LeRobotDataset v3.0 root with `extras/`, streaming: memory is one episode,
not a shard.

Episodes come in ascending plan order. Tables and videos of a shard carry the shard number as file number, so that sealing
links most files unchanged. Sidecars name episodes by `sim_index`, the number in the plan, which never changes. Reference:
LeRobotDataset v3.0 (Hugging Face, 2025). Limits: see `video` and `schema`.
"""

import hashlib
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from . import faults, layout
from .accept import check_record
from .durable import write_new
from .errors import NotFiniteError, RecordError
from .images import ImageTable
from .record import EpisodeRecord, FailedEpisode
from .root import RootTables
from .schema import DatasetSchema, canonical_json
from .stats import FeatureStats, PictureStats, feature_size
from .tables import (
    EVENT_COLUMNS,
    TableWriter,
    column_values,
    data_schema,
    episodes_schema,
    stored_tables,
    table_schema,
)
from .video import VideoWriter


class ShardWriter:
    """Writes into a new folder; `add` and `fail` in plan order, then `close` (or `abort` after an error)."""

    def __init__(self, folder: Path, number: int, schema: DatasetSchema):
        self.folder, self.number, self.schema = folder, number, schema
        self.tasks: dict[str, int] = {}
        self.episodes: list[dict[str, Any]] = []
        self.failures: list[FailedEpisode] = []
        self.num_frames = 0
        self._stats = {feature.name: FeatureStats(feature_size(feature)) for feature in schema.features}
        self._pictures = {camera.key: PictureStats() for camera in schema.cameras}
        self._tables: dict[str, TableWriter] = {}
        self._videos: dict[str, VideoWriter] = {}
        self._images: dict[str, ImageTable] = {}

    def add(self, record: EpisodeRecord) -> None:
        """Appends one episode; one that is not finite becomes a failure. Errors: RecordError, OSError (disk)."""
        try:
            check_record(record, self.schema)
        except NotFiniteError as error:
            self.fail(FailedEpisode(record.index, str(error)))
            return
        self._check_order(record.index)
        if not self._tables:
            self._open()
        for camera in self.schema.cameras:
            self._videos[camera.key].write(record.videos[camera.name])
            self._pictures[camera.key].add(record.videos[camera.name])
        checksums = {stream.name: self._write_dense(record, stream.name) for stream in self.schema.dense}
        pointers = {table: self._write_rows(record, table) for table in stored_tables(self.schema)}
        self._write_data(record)
        self._write_specs(record, checksums)
        self.episodes.append(self._episode_row(record, pointers))
        self.num_frames += record.length
        faults.point("episode_added")

    def fail(self, failure: FailedEpisode) -> None:
        """Notes an episode that has no row in the dataset."""
        self._check_order(failure.index)
        self.failures.append(failure)

    def close(self) -> dict[str, Any]:
        """Completes all files; returns the summary that becomes part of shard.json (without the file list)."""
        for writer in self._writers():
            writer.close()
        stats = {
            "features": {name: part.to_json() for name, part in self._stats.items()},
            "pictures": {key: part.to_json() for key, part in self._pictures.items()},
        }
        if self.episodes:
            self._write_root()
        failures = [{"index": failure.index, "reason": failure.reason} for failure in self.failures]
        return {
            "shard": self.number,
            "episodes": len(self.episodes),
            "frames": self.num_frames,
            "tasks": list(self.tasks),
            "failures": failures,
            "stats": stats,
        }

    def abort(self) -> None:
        """Lets go of all files after an error."""
        for writer in self._writers():
            writer.abort()

    def _writers(self) -> list[TableWriter | VideoWriter | ImageTable]:
        return [*self._tables.values(), *self._videos.values(), *self._images.values()]

    def _open(self) -> None:
        schema, folder, number = self.schema, self.folder, self.number
        self._tables["data"] = TableWriter(folder / layout.data_path(number), data_schema(schema))
        for table in [*stored_tables(schema), "specs", "provenance"]:
            self._tables[table] = TableWriter(folder / layout.table_path(table, number), table_schema(schema, table))
        for camera in schema.cameras:
            path = folder / layout.video_path(camera.key, number)
            self._videos[camera.key] = VideoWriter(path, camera.height, camera.width, schema.fps, "h264")
        for stream in schema.dense:
            path = folder / layout.dense_path(stream.name, stream.stored_as, number)
            if stream.stored_as == "ffv1":
                self._videos[stream.name] = VideoWriter(path, stream.height, stream.width, schema.fps, "ffv1")
            else:
                self._images[stream.name] = ImageTable(path, stream.stored_as)

    def _check_order(self, index: int) -> None:
        seen = [row["sim/index"] for row in self.episodes[-1:]] + [failure.index for failure in self.failures[-1:]]
        if any(index <= other for other in seen):
            raise RecordError(f"shard {self.number}", f"episode {index} comes after {max(seen)}", "ascending order")

    def _write_dense(self, record: EpisodeRecord, name: str) -> int:
        frames = np.ascontiguousarray(record.dense[name], dtype="<u2")
        if name in self._images:
            self._images[name].write(frames, record.index)
        else:
            self._videos[name].write(frames)
        return zlib.crc32(frames.data)

    def _rows(self, record: EpisodeRecord, table: str) -> Mapping[str, Any]:
        if table == "state" and record.state is not None:
            rows, size = record.state.shape
            offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * size)
            values = pa.ListArray.from_arrays(offsets, pa.array(np.ascontiguousarray(record.state).reshape(-1)))
            return {"frame": np.arange(rows), "state": values}
        if table == "events":
            empty = {"substep": 0, "type": "", "subject": "", "object": "", "magnitude": 0.0, "text": ""}
            return {name: [{**empty, **event}[name] for event in record.events] for name in EVENT_COLUMNS}
        columns, features = (
            (record.contacts, self.schema.contacts) if table == "contacts" else (record.impulses, self.schema.impulses)
        )
        columns, features = columns or {}, features or ()
        values = {feature.name: column_values(feature, columns[feature.name]) for feature in features}
        return {"frame": np.asarray(columns["frame"], dtype=np.int64), **values}

    def _write_rows(self, record: EpisodeRecord, table: str) -> tuple[int, int]:
        writer = self._tables[table]
        rows, first = self._rows(record, table), writer.num_rows
        writer.write({"sim_index": np.full(len(rows["frame"]), record.index), **rows})
        return first, writer.num_rows

    def _write_data(self, record: EpisodeRecord) -> None:
        length, columns = record.length, {}
        for feature in self.schema.features:
            columns[feature.name] = column_values(feature, record.frames[feature.name])
            self._stats[feature.name].add(columns[feature.name])
        number = np.arange(length, dtype=np.int64)
        columns["timestamp"] = (number / self.schema.fps).astype(np.float32)
        columns["frame_index"] = number
        columns["episode_index"] = np.full(length, len(self.episodes))
        columns["index"] = self.num_frames + number
        columns["task_index"] = np.full(length, self.tasks.setdefault(record.task, len(self.tasks)))
        self._tables["data"].write(columns)

    def _write_specs(self, record: EpisodeRecord, checksums: dict[str, int]) -> None:
        key = {"sim_index": [record.index], "spec_sha256": [_sha256(record.spec_json)]}
        self._tables["specs"].write({**key, "spec_json": [record.spec_json]})
        provenance = {
            **key,
            "seed": [record.seed],
            "authored_sha256": [record.authored_sha256],
            "provenance": [_text(record.provenance)],
            "outcome": [_text(record.outcome)],
            "content_crc32": [_text(checksums)],
            "state_names": [list(record.state_names)],
        }
        self._tables["provenance"].write(provenance)

    def _episode_row(self, record: EpisodeRecord, pointers: dict[str, tuple[int, int]]) -> dict[str, Any]:
        chunk, file = layout.chunk_file(self.number)
        first, last = self.num_frames, self.num_frames + record.length
        row: dict[str, Any] = {
            "episode_index": len(self.episodes),
            "tasks": [record.task],
            "length": record.length,
            "dataset_from_index": first,
            "dataset_to_index": last,
            "sim/index": record.index,
            "sim/seed": record.seed,
            "sim/spec_sha256": _sha256(record.spec_json),
            "sim/outcome": _text(record.outcome),
            "sim/frames_from": first,
            "sim/frames_to": last,
        }
        for prefix in ["data/", "meta/episodes/", *(f"videos/{camera.key}/" for camera in self.schema.cameras)]:
            row[prefix + "chunk_index"], row[prefix + "file_index"] = chunk, file
        for camera in self.schema.cameras:
            row[f"videos/{camera.key}/from_timestamp"] = first / self.schema.fps
            row[f"videos/{camera.key}/to_timestamp"] = last / self.schema.fps
        row |= {f"sim/{name}": record.notes[name] for name in self.schema.notes}
        for table, (start, stop) in pointers.items():
            row[f"sim/{table}_from"], row[f"sim/{table}_to"] = start, stop
        return row

    def _write_root(self) -> None:
        table = TableWriter(self.folder / layout.episodes_path(self.number), episodes_schema(self.schema))
        table.write({name: [row[name] for row in self.episodes] for name in table.schema.names})
        table.close()
        root = RootTables(self.schema, len(self.episodes), self.num_frames, list(self.tasks), self.failures)
        root.stats, root.pictures = self._stats, self._pictures
        root.write(self.folder)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _text(value: Mapping[str, Any]) -> str:
    return canonical_json(dict(value)).decode()


def read_shard_json(folder: Path) -> dict[str, Any]:
    """The committed summary of a shard."""
    return json.loads((folder / layout.SHARD_JSON).read_bytes())


def write_shard_json(folder: Path, summary: dict[str, Any], files: dict[str, dict[str, Any]]) -> None:
    """The last file of a shard: its summary and the size and SHA-256 of every other file."""
    write_new(folder / layout.SHARD_JSON, canonical_json({**summary, "files": files}))
