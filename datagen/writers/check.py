"""Reads a dataset root (a shard or a sealed whole) back and says what is wrong with it, file by file.

Level "quick" opens every table, counts coded frames, follows indices and pointers, and decodes the first and last frame of
each stream. Level "full" also decodes every frame, compares the exact streams with the CRC-32 that was taken before encoding,
and looks for NaN. Limits: RGB is lossy, so its frames are decoded and counted but not compared.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from . import layout
from .errors import DatasetError
from .images import read_images
from .schema import DatasetSchema, DenseSchema
from .tables import data_schema, episodes_schema, open_table, read_rows, stored_tables, table_schema, to_numpy
from .video import count_frames, read_frames


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the file (relative path) and a sentence."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


def load_schema(folder: Path) -> DatasetSchema:
    """The schema of a dataset root. Errors: DatasetError when it is missing or broken."""
    path = folder / layout.SCHEMA
    try:
        return DatasetSchema.from_dict(json.loads(path.read_bytes())["schema"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(str(path), f"the schema cannot be read ({error})", "", "is this a dataset folder?") from error


def load_info(folder: Path) -> dict:
    """`meta/info.json`. Errors: DatasetError when it is missing or broken."""
    path = folder / layout.INFO
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DatasetError(
            str(path), f"the table of contents cannot be read ({error})", "", "is this a dataset folder?"
        ) from error


def check_root(folder: Path, level: str = "quick") -> list[Problem]:
    """All problems of a dataset root; an empty list is a good dataset. level: "quick" or "full"."""
    try:
        schema, info = load_schema(folder), load_info(folder)
    except DatasetError as error:
        return [Problem(Path(error.where).relative_to(folder).as_posix(), error.what)]
    numbers = sorted(_number(path) for path in (folder / "meta/episodes").glob("chunk-*/file-*.parquet"))
    problems: list[Problem] = []
    episodes = frames = 0
    for number in numbers:
        file = _File(folder, schema, number, level)
        problems += file.problems(episodes, frames)
        episodes, frames = episodes + file.num_episodes, frames + file.num_frames
    for name, seen in (("total_episodes", episodes), ("total_frames", frames)):
        if info.get(name) != seen:
            problems.append(Problem(layout.INFO, f"{name} is {info.get(name)} but the tables have {seen}"))
    return problems


def _number(path: Path) -> int:
    return int(path.parent.name[6:]) * layout.CHUNK + int(path.stem[5:])


class _File:
    """The files with one file number."""

    def __init__(self, folder: Path, schema: DatasetSchema, number: int, level: str):
        self.folder, self.schema, self.number, self.full = folder, schema, number, level == "full"
        self.num_episodes = self.num_frames = 0
        self.rows: list[dict] = []

    def problems(self, first_episode: int, first_frame: int) -> list[Problem]:
        """Everything wrong with these files, given what precedes them."""
        found = self._run(layout.episodes_path(self.number), self._check_episodes(first_episode, first_frame))
        if not self.rows:
            return found or [Problem(layout.episodes_path(self.number), "it has no episodes")]
        found += self._run(layout.data_path(self.number), self._check_data(first_episode, first_frame))
        for table in stored_tables(self.schema):
            found += self._run(layout.table_path(table, self.number), self._check_table(table))
        found += self._run(layout.table_path("specs", self.number), self._check_specs())
        for camera in self.schema.cameras:
            path = layout.video_path(camera.key, self.number)
            found += self._run(path, self._check_video(path, (camera.height, camera.width, 3)))
        for stream in self.schema.dense:
            path = layout.dense_path(stream.name, stream.stored_as, self.number)
            found += self._run(path, self._check_dense(path, stream))
        return found

    def _run(self, path: str, check: Iterator[tuple[str, str]]) -> list[Problem]:
        try:
            return [Problem(named, what) for named, what in check]
        except DatasetError as error:
            return [Problem(Path(error.where).relative_to(self.folder).as_posix(), error.what)]
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            return [Problem(path, f"cannot be read ({error})")]

    def _read(self, path: str, schema: pa.Schema) -> pa.Table:
        with open_table(self.folder / path) as file:
            rows, stored = file.metadata.num_rows, file.schema_arrow
        if not stored.equals(schema):
            raise DatasetError(str(self.folder / path), "its columns are not those of the schema")
        return read_rows(self.folder / path, 0, rows)

    def _check_episodes(self, first_episode: int, first_frame: int) -> Iterator[tuple[str, str]]:
        path = layout.episodes_path(self.number)
        self.rows = self._read(path, episodes_schema(self.schema)).to_pylist()
        self.num_episodes, self.num_frames = len(self.rows), sum(row["length"] for row in self.rows)
        frame, ends = 0, {table: 0 for table in stored_tables(self.schema)}
        for number, row in enumerate(self.rows):
            if row["episode_index"] != first_episode + number:
                yield path, f"row {number} is episode {row['episode_index']}, not {first_episode + number}"
            if (row["dataset_from_index"], row["dataset_to_index"]) != (
                first_frame + frame,
                first_frame + frame + row["length"],
            ):
                yield path, f"episode {row['episode_index']} does not begin where the one before it ends"
            if (row["sim/frames_from"], row["sim/frames_to"]) != (frame, frame + row["length"]):
                yield path, f"the frame pointers of episode {row['episode_index']} are wrong"
            for table, end in ends.items():
                if row[f"sim/{table}_from"] != end or row[f"sim/{table}_to"] < end:
                    yield path, f"the {table} pointers of episode {row['episode_index']} are wrong"
                ends[table] = row[f"sim/{table}_to"]
            frame += row["length"]

    def _check_data(self, first_episode: int, first_frame: int) -> Iterator[tuple[str, str]]:
        path = layout.data_path(self.number)
        table = self._read(path, data_schema(self.schema))
        if table.num_rows != self.num_frames:
            yield path, f"{table.num_rows} rows for {self.num_frames} frames"
            return
        lengths = [row["length"] for row in self.rows]
        number = np.concatenate([np.arange(length) for length in lengths])
        wanted = {
            "index": first_frame + np.arange(self.num_frames),
            "frame_index": number,
            "episode_index": np.repeat(first_episode + np.arange(len(lengths)), lengths),
            "timestamp": (number / self.schema.fps).astype(np.float32),
        }
        for name, values in wanted.items():
            if not np.array_equal(to_numpy(table[name]), values):
                yield path, f"column {name} does not run on"
        for feature in self.schema.features:
            values = to_numpy(table[feature.name], feature.shape)
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                yield path, f"column {feature.name} holds a value that is not finite"

    def _check_table(self, name: str) -> Iterator[tuple[str, str]]:
        path = layout.table_path(name, self.number)
        table = self._read(path, table_schema(self.schema, name))
        frame, sim_index = to_numpy(table["frame"]), to_numpy(table["sim_index"])
        if table.num_rows != self.rows[-1][f"sim/{name}_to"]:
            yield path, f"{table.num_rows} rows, but the pointers end at {self.rows[-1][f'sim/{name}_to']}"
            return
        for row in self.rows:
            part = slice(row[f"sim/{name}_from"], row[f"sim/{name}_to"])
            if (sim_index[part] != row["sim/index"]).any():
                yield path, f"rows of episode {row['sim/index']} belong to another one"
            if name == "state" and not np.array_equal(frame[part], np.arange(row["length"] + 1)):
                yield path, f"the states of episode {row['sim/index']} are not one a frame and one more"
            if name != "state" and len(frame[part]) and not (0 <= frame[part].min() and frame[part].max() < row["length"]):
                yield path, f"a frame number of episode {row['sim/index']} is out of range"
        if self.full:
            yield from _check_finite(path, table)

    def _check_specs(self) -> Iterator[tuple[str, str]]:
        wanted = [row["sim/index"] for row in self.rows]
        for name in ("specs", "provenance"):
            path = layout.table_path(name, self.number)
            table = self._read(path, table_schema(self.schema, name))
            if table["sim_index"].to_pylist() != wanted:
                yield path, "not one row an episode"
            if name == "specs":
                for text, digest in zip(table["spec_json"].to_pylist(), table["spec_sha256"].to_pylist(), strict=True):
                    if hashlib.sha256(text).hexdigest() != digest:
                        yield path, f"a spec does not have its hash {digest[:12]}"

    def _check_video(self, path: str, shape: tuple[int, ...]) -> Iterator[tuple[str, str]]:
        count = count_frames(self.folder / path)
        if count != self.num_frames:
            yield path, f"{count} frames for {self.num_frames} rows"
        elif count:
            spans = [(0, count)] if self.full else [(0, 1), (count - 1, count)]
            for start, stop in spans:
                for frame in read_frames(self.folder / path, start, stop, self.schema.fps):
                    if frame.shape != shape:
                        yield path, f"a picture is {frame.shape}, not {shape}"
                        return

    def _check_dense(self, path: str, stream: DenseSchema) -> Iterator[tuple[str, str]]:
        codec, shape = stream.stored_as, (stream.height, stream.width)
        if codec == "ffv1":
            yield from self._check_video(path, shape)
        else:
            with open_table(self.folder / path) as file:
                count = file.metadata.num_rows
            if count != self.num_frames:
                yield path, f"{count} rows for {self.num_frames} frames"
                return
        if self.full:
            provenance = self._read(layout.table_path("provenance", self.number), table_schema(self.schema, "provenance"))
            for row, text in zip(self.rows, provenance["content_crc32"].to_pylist(), strict=True):
                frames = read_dense(
                    self.folder / path, codec, shape, row["sim/frames_from"], row["sim/frames_to"], self.schema.fps
                )
                if zlib.crc32(np.ascontiguousarray(frames, dtype="<u2").data) != json.loads(text)[stream.name]:
                    yield path, f"the images of episode {row['sim/index']} are not those that were written"


def _check_finite(path: str, table: pa.Table) -> Iterator[tuple[str, str]]:
    for name in table.schema.names:
        array = table[name].combine_chunks()
        while pa.types.is_list(array.type) or pa.types.is_fixed_size_list(array.type):
            array = array.flatten()
        if pa.types.is_floating(array.type) and not np.isfinite(array.to_numpy(zero_copy_only=False)).all():
            yield path, f"column {name} holds a value that is not finite"


def read_dense(path: Path, codec: str, shape: tuple[int, int], start: int, stop: int, fps: int) -> np.ndarray:
    """Frames start .. stop - 1 of an exact stream, uint16 (stop - start, H, W)."""
    if codec == "ffv1":
        return np.stack(list(read_frames(path, start, stop, fps)))
    return read_images(path, codec, shape, start, stop)
