"""Rows to parquet and back: schemas derived from the dataset schema, deterministic files, row ranges without reading the rest.

Floats are byte-stream-split and zstd compressed (exact), strings are dictionary coded. A file holds a row group for every
FLUSH_BYTES of rows, a rule that looks at content only, so equal rows give equal bytes. Reference: Apache Parquet format 2.x;
LeRobotDataset v3.0 for the types of `data/` and `meta/`: shape (1,) is a plain column, rank 1 a fixed-size list, higher ranks
nested lists.
"""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.types import Feature

from .durable import DurableFile
from .errors import DatasetError
from .schema import DatasetSchema

FLUSH_BYTES = 16 << 20
_BUFFER_BYTES = 256 << 10
POINTED = ("contacts", "impulses", "state", "events")
EVENT_COLUMNS = {
    "frame": pa.int64(),
    "substep": pa.int64(),
    "type": pa.string(),
    "subject": pa.string(),
    "object": pa.string(),
    "magnitude": pa.float64(),
    "text": pa.string(),
}


class TableWriter:
    """Appends rows (arrow tables of one schema) to a new parquet file; memory stays below FLUSH_BYTES plus one episode."""

    def __init__(self, path: Path, schema: pa.Schema, page_bytes: int | None = None):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.schema, self.num_rows = path, schema, 0
        self._waiting: list[pa.Table] = []
        self._waiting_bytes = 0
        self._raw = DurableFile(path)
        self._file = io.BufferedWriter(self._raw, _BUFFER_BYTES)  # arrow writes many small pieces
        floats, strings = _leaves(schema)
        self._writer = pq.ParquetWriter(
            pa.PythonFile(self._file, mode="w"),
            schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=strings or False,
            column_encoding={name: "BYTE_STREAM_SPLIT" for name in floats} or None,
            data_page_size=page_bytes,
        )

    def write(self, columns: Mapping[str, Any]) -> None:
        """Appends rows given as columns (arrow arrays or what `pa.array` takes), all of one length."""
        table = pa.table([_as_array(columns[field.name], field.type) for field in self.schema], schema=self.schema)
        self.num_rows += table.num_rows
        self._waiting.append(table)
        self._waiting_bytes += table.nbytes
        if self._waiting_bytes >= FLUSH_BYTES:
            self._flush()

    def close(self) -> None:
        """Writes what waits and the footer."""
        self._flush()
        self._writer.close()
        self._file.close()

    def abort(self) -> None:
        """Lets go of the file after an error; what it holds is not valid."""
        self._raw.discard = True
        try:
            self._writer.close()
        except (OSError, pa.ArrowException, ValueError):
            pass  # the folder is about to be removed
        self._file.close()

    def _flush(self) -> None:
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if sum(part.num_rows for part in waiting):
            joined = pa.concat_tables(waiting).combine_chunks()
            self._writer.write_table(joined, row_group_size=max(joined.num_rows, 1))


def _leaves(schema: pa.Schema) -> tuple[list[str], list[str]]:
    """Parquet paths of floating-point leaves and of string leaves."""
    floats, strings = [], []
    for field in schema:
        name, kind = field.name, field.type
        while pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
            name, kind = name + ".list.element", kind.value_type
        if pa.types.is_floating(kind):
            floats.append(name)
        elif pa.types.is_string(kind):
            strings.append(name)
    return floats, strings


def _as_array(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values
    if isinstance(values, np.ndarray) and values.ndim > 1:
        return _nested(values, kind)
    return pa.array(values, type=kind)


def _nested(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    """A (rows, ...) array as lists without copying through Python objects."""
    flat = pa.array(np.ascontiguousarray(values).reshape(-1))
    for size in reversed(values.shape[2:]):
        offsets = np.arange(len(flat) // size + 1, dtype=np.int32) * size
        flat = pa.ListArray.from_arrays(pa.array(offsets), flat)
    if pa.types.is_fixed_size_list(kind):
        return pa.FixedSizeListArray.from_arrays(flat, type=kind)
    offsets = np.arange(values.shape[0] + 1, dtype=np.int32) * values.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), flat).cast(kind)


def column_type(feature: Feature) -> pa.DataType:
    """Arrow type of one row of a feature."""
    kind = pa.from_numpy_dtype(np.dtype(feature.dtype))
    if feature.shape in ((), (1,)):
        return kind
    if len(feature.shape) == 1:
        return pa.list_(kind, feature.shape[0])
    for _ in feature.shape:
        kind = pa.list_(kind)
    return kind


def column_values(feature: Feature, values: np.ndarray) -> np.ndarray:
    """The array of one feature in its stored type and shape: (rows,) for numbers, (rows, *shape) else."""
    array = np.asarray(values).astype(feature.dtype, copy=False)
    return array.reshape(len(array)) if feature.shape in ((), (1,)) else array


def data_schema(schema: DatasetSchema) -> pa.Schema:
    """Columns of `data/*.parquet`."""
    fields = [(feature.name, column_type(feature)) for feature in schema.features]
    fields += [("timestamp", pa.float32())]
    fields += [(name, pa.int64()) for name in ("frame_index", "episode_index", "index", "task_index")]
    return pa.schema(fields)


def episodes_schema(schema: DatasetSchema) -> pa.Schema:
    """Columns of `meta/episodes/*.parquet`: LeRobot's own, then ours with the prefix `sim/`."""
    whole = pa.int64()
    fields = [("episode_index", whole), ("tasks", pa.list_(pa.string())), ("length", whole)]
    fields += [(name, whole) for name in ("data/chunk_index", "data/file_index", "dataset_from_index", "dataset_to_index")]
    for camera in schema.cameras:
        prefix = f"videos/{camera.key}/"
        fields += [(prefix + "chunk_index", whole), (prefix + "file_index", whole)]
        fields += [(prefix + "from_timestamp", pa.float64()), (prefix + "to_timestamp", pa.float64())]
    fields += [("meta/episodes/chunk_index", whole), ("meta/episodes/file_index", whole)]
    fields += [("sim/index", whole), ("sim/seed", whole), ("sim/spec_sha256", pa.string()), ("sim/outcome", pa.string())]
    fields += [("sim/frames_from", whole), ("sim/frames_to", whole)]
    fields += [
        (f"sim/{name}", pa.string() if kind == "string" else pa.float64()) for name, kind in sorted(schema.notes.items())
    ]
    for table in stored_tables(schema):
        fields += [(f"sim/{table}_from", whole), (f"sim/{table}_to", whole)]
    return pa.schema(fields)


def stored_tables(schema: DatasetSchema) -> list[str]:
    """Which of the tables with row pointers this dataset has."""
    present = {
        "contacts": schema.contacts is not None,
        "impulses": schema.impulses is not None,
        "state": bool(schema.state_dtype),
        "events": schema.events,
    }
    return [table for table in POINTED if present[table]]


def table_schema(schema: DatasetSchema, table: str) -> pa.Schema:
    """Columns of one sidecar; `sim_index` (number in the plan) and `frame` tie a row to its frame."""
    key = [("sim_index", pa.int64())]
    if table in ("contacts", "impulses"):
        columns = (schema.contacts if table == "contacts" else schema.impulses) or ()
        return pa.schema(key + [("frame", pa.int64())] + [(c.name, column_type(c)) for c in columns])
    if table == "state":
        kind = pa.from_numpy_dtype(np.dtype(schema.state_dtype))
        return pa.schema(key + [("frame", pa.int64()), ("state", pa.list_(kind))])
    if table == "events":
        return pa.schema(key + list(EVENT_COLUMNS.items()))
    if table == "specs":
        return pa.schema(key + [("spec_sha256", pa.string()), ("spec_json", pa.binary())])
    text = ("spec_sha256", "authored_sha256", "provenance", "outcome", "content_crc32")
    names = [("state_names", pa.list_(pa.string()))]
    return pa.schema(key + [("seed", pa.int64())] + [(name, pa.string()) for name in text] + names)


def dense_schema() -> pa.Schema:
    """Columns of an exact image stream with codec zstd: raw little-endian uint16 rows, top row first."""
    return pa.schema([("sim_index", pa.int64()), ("frame", pa.int64()), ("image", pa.binary())])


def tasks_table(tasks: list[str]) -> pa.Table:
    """`meta/tasks.parquet`: the sentence is the pandas index, as LeRobot reads it."""
    index, column = "__index_level_0__", "task_index"
    described = [
        {"name": column, "field_name": column, "pandas_type": "int64", "numpy_type": "int64", "metadata": None},
        {"name": None, "field_name": index, "pandas_type": "unicode", "numpy_type": "object", "metadata": None},
    ]
    pandas = {"index_columns": [index], "column_indexes": [], "columns": described, "pandas_version": "2.2.3"}
    table = pa.table({column: pa.array(range(len(tasks)), pa.int64()), index: pa.array(tasks, pa.string())})
    return table.replace_schema_metadata({"pandas": json.dumps(pandas, sort_keys=True)})


def write_table(path: Path, table: pa.Table) -> None:
    """A whole table as a new file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with io.BufferedWriter(DurableFile(path), _BUFFER_BYTES) as file:
        pq.write_table(table, pa.PythonFile(file, mode="w"), compression="zstd")


def open_table(path: Path) -> pq.ParquetFile:
    """An open parquet file. Errors: DatasetError when it is missing, cut short or not parquet."""
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(str(path), f"the table cannot be read ({error})", "", "generate it again with --resume") from error


def read_rows(path: Path, start: int, stop: int, columns: list[str] | None = None) -> pa.Table:
    """Rows start .. stop - 1 of a file, reading only the row groups that hold them."""
    with open_table(path) as file:
        first = seen = 0
        groups: list[int] = []
        for number in range(file.num_row_groups):
            rows = file.metadata.row_group(number).num_rows
            if seen + rows > start and seen < stop:
                first = seen if not groups else first
                groups.append(number)
            seen += rows
        if stop > seen:
            raise DatasetError(str(path), f"row {stop - 1} is missing", f"the file has {seen} rows")
        try:
            return file.read_row_groups(groups, columns=columns).slice(start - first, stop - start)
        except (OSError, pa.ArrowException) as error:
            raise DatasetError(
                str(path), f"the table cannot be read ({error})", "", "generate it again with --resume"
            ) from error


def to_numpy(column: pa.ChunkedArray, shape: tuple[int, ...] = ()) -> np.ndarray:
    """A numeric column as (rows, *shape), bit for bit; shape () or (1,) gives (rows,)."""
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    rows = len(array)
    while pa.types.is_list(array.type) or pa.types.is_fixed_size_list(array.type):
        array = array.flatten()
    values = array.to_numpy(zero_copy_only=False)
    return values if shape in ((), (1,)) else values.reshape(rows, *shape)
