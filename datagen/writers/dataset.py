"""Reads a dataset (sealed, or a single committed shard) back: episodes, frames, pictures, exact images, contacts, states,
specs.

Access is by `episode_index` (0 .. num_episodes - 1); `Episode.sim_index` is its number in the plan. Only the rows and frames
asked for are read. Limits: no caching and no threads; trainers should use LeRobot's own loader.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from engine.errors import near_matches

from . import layout
from .check import load_info, load_schema, read_dense
from .errors import DatasetError
from .schema import DatasetSchema
from .seal import load_manifest
from .tables import open_table, read_rows, stored_tables, to_numpy
from .video import read_frames


@dataclass(frozen=True)
class Episode:
    """What meta/episodes says about one episode."""

    episode_index: int
    sim_index: int
    seed: int
    task: str
    length: int
    spec_sha256: str
    outcome: dict[str, Any]
    first_frame: int  # within the video and dense files
    number: int  # file number
    row: dict[str, Any]


class Dataset:
    """An open dataset folder; nothing is written. Errors of all readers: DatasetError naming the file."""

    def __init__(self, folder: Path | str):
        self.folder = Path(folder)
        if not layout.is_dataset(self.folder):
            run = (self.folder / layout.RUN_JSON).is_file()
            remedy = "finish the run with --resume" if run else "give the folder that `generate --out` made"
            raise DatasetError(
                str(folder), "this is not a dataset" + (" yet: the run is not sealed" if run else ""), "", remedy
            )
        self.schema: DatasetSchema = load_schema(self.folder)
        self.info = load_info(self.folder)
        self._rows = self._load_rows()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def num_frames(self) -> int:
        """Frames of all episodes."""
        return sum(row["length"] for row in self._rows)

    @property
    def is_sealed(self) -> bool:
        """Whether manifest.json is there."""
        return (self.folder / layout.MANIFEST).is_file()

    @property
    def manifest(self) -> dict[str, Any]:
        """manifest.json of a sealed dataset."""
        return load_manifest(self.folder)

    @property
    def failures(self) -> list[dict[str, Any]]:
        """Episodes that have no row: [{"index": plan number, "reason": sentence}]."""
        return json.loads((self.folder / layout.FAILURES).read_bytes())

    def episodes(self) -> Iterator[Episode]:
        """All episodes in order."""
        return (self.episode(number) for number in range(len(self)))

    def episode(self, index: int) -> Episode:
        """The episode with that episode_index."""
        if not 0 <= index < len(self._rows):
            raise DatasetError(str(self.folder), f"there is no episode {index}", f"0 to {len(self._rows) - 1}")
        row = self._rows[index]
        number = row["data/chunk_index"] * layout.CHUNK + row["data/file_index"]
        return Episode(
            episode_index=row["episode_index"],
            sim_index=row["sim/index"],
            seed=row["sim/seed"],
            task=row["tasks"][0],
            length=row["length"],
            spec_sha256=row["sim/spec_sha256"],
            outcome=json.loads(row["sim/outcome"]),
            first_frame=row["sim/frames_from"],
            number=number,
            row=row,
        )

    def frames(self, index: int) -> dict[str, np.ndarray]:
        """Per-frame features, name -> (T, *shape), with LeRobot's index columns; shape (1,) gives (T,)."""
        episode = self.episode(index)
        span = episode.row["sim/frames_from"], episode.row["sim/frames_to"]
        table = read_rows(self.folder / layout.data_path(episode.number), *span)
        shapes = {feature.name: feature.shape for feature in self.schema.features}
        return {name: to_numpy(table[name], shapes.get(name, ())) for name in table.schema.names}

    def video_path(self, index: int, camera: str) -> Path:
        """The mp4 file that holds this episode's pictures, from `Episode.first_frame` on."""
        self._known(camera, [c.name for c in self.schema.cameras], "camera")
        key = next(c.key for c in self.schema.cameras if c.name == camera)
        return self.folder / layout.video_path(key, self.episode(index).number)

    def video(self, index: int, camera: str) -> Iterator[np.ndarray]:
        """Decoded pictures one by one, uint8 (H, W, 3)."""
        row = self.episode(index).row
        return read_frames(self.video_path(index, camera), row["sim/frames_from"], row["sim/frames_to"], self.schema.fps)

    def dense(self, index: int, name: str) -> np.ndarray:
        """An exact stream as stored, uint16 (T, H, W); value = offset + scale * code, see `schema.dense`."""
        self._known(name, [stream.name for stream in self.schema.dense], "dense stream")
        stream = next(stream for stream in self.schema.dense if stream.name == name)
        episode = self.episode(index)
        path = self.folder / layout.dense_path(name, stream.stored_as, episode.number)
        span = episode.row["sim/frames_from"], episode.row["sim/frames_to"]
        return read_dense(path, stream.stored_as, (stream.height, stream.width), *span, self.schema.fps)

    def contacts(self, index: int) -> dict[str, np.ndarray]:
        """Contact rows, column -> (R, *shape) with `frame`; empty when none are stored."""
        return self._sidecar(index, "contacts", {c.name: c.shape for c in self.schema.contacts or ()})

    def impulses(self, index: int) -> dict[str, np.ndarray]:
        """Impulse rows, column -> (R, *shape) with `frame`; empty when none are stored."""
        return self._sidecar(index, "impulses", {c.name: c.shape for c in self.schema.impulses or ()})

    def state(self, index: int) -> np.ndarray | None:
        """Full engine state (T + 1, n), bit for bit; None when none is stored."""
        table = self._table(index, "state")
        return None if table is None else to_numpy(table["state"]).reshape(table.num_rows, -1)

    def events(self, index: int) -> list[dict[str, Any]]:
        """Event rows as dicts."""
        table = self._table(index, "events")
        return [] if table is None else table.drop_columns(["sim_index"]).to_pylist()

    def spec(self, index: int) -> bytes:
        """The resolved episode spec, canonical JSON as it was written."""
        return self._own_row(index, "specs")["spec_json"]

    def specs(self) -> Iterator[bytes]:
        """The resolved specs of all episodes in order, each file read once."""
        numbers = dict.fromkeys(episode.number for episode in self.episodes())
        for number in numbers:
            path = self.folder / layout.table_path("specs", number)
            with open_table(path) as file:
                for group in range(file.num_row_groups):
                    yield from file.read_row_group(group, columns=["spec_json"])["spec_json"].to_pylist()

    def provenance(self, index: int) -> dict[str, Any]:
        """What made the episode, with `seed`, `state_names` (list), `authored_sha256` and `content_crc32` besides."""
        row = self._own_row(index, "provenance")
        besides = {name: row[name] for name in ("seed", "authored_sha256", "spec_sha256", "state_names")}
        return {**json.loads(row["provenance"]), **besides, "content_crc32": json.loads(row["content_crc32"])}

    def _load_rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for path in sorted((self.folder / "meta/episodes").glob("chunk-*/file-*.parquet")):
            with open_table(path) as file:
                rows += file.read().to_pylist()
        return rows

    def _known(self, name: str, known: list[str], what: str) -> None:
        if name not in known:
            raise DatasetError(str(self.folder), f"there is no {what} {name!r}", near_matches(name, known))

    def _table(self, index: int, table: str) -> pa.Table | None:
        if table not in stored_tables(self.schema):
            return None
        episode = self.episode(index)
        path = self.folder / layout.table_path(table, episode.number)
        return read_rows(path, episode.row[f"sim/{table}_from"], episode.row[f"sim/{table}_to"])

    def _sidecar(self, index: int, table: str, shapes: dict[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
        rows = self._table(index, table)
        if rows is None:
            return {}
        return {name: to_numpy(rows[name], shapes.get(name, ())) for name in rows.schema.names if name != "sim_index"}

    def _own_row(self, index: int, table: str) -> dict[str, Any]:
        episode = self.episode(index)
        first = index
        while first > 0 and self.episode(first - 1).number == episode.number:
            first -= 1
        return read_rows(self.folder / layout.table_path(table, episode.number), index - first, index - first + 1).to_pylist()[
            0
        ]
