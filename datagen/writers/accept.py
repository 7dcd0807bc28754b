"""Decides whether an episode record may be stored: every declared stream is there, typed, shaped, finite, and its numbers are
in range.

Shape and type mistakes are programming errors (RecordError ends the run); NaN and infinity are a failed simulation
(NotFiniteError makes a failed episode). Reference: invariant "a bad environment is reported and never saved as good" of
docs/architecture.md. Limits: values are not judged beyond being finite.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from engine.errors import near_matches
from engine.types import Feature

from .errors import NotFiniteError, RecordError
from .record import EpisodeRecord
from .schema import DatasetSchema

MAX_SEED = 2**63 - 1


def check_record(record: EpisodeRecord, schema: DatasetSchema) -> None:
    """Raises RecordError (does not fit the schema) or NotFiniteError (NaN or infinity); returns when the record may be
    stored."""
    where = f"episode {record.index}"
    if record.length < 1 or record.index < 0 or not 0 <= record.seed <= MAX_SEED:
        raise RecordError(where, f"length {record.length}, seed {record.seed}", "length 1 or more, seed 0 to 2**63 - 1")
    _check_names(where, "frames", record.frames, [f.name for f in schema.features])
    _check_names(where, "videos", record.videos, [c.name for c in schema.cameras])
    _check_names(where, "dense", record.dense, [d.name for d in schema.dense])
    for feature in schema.features:
        _check_values(f"{where}, frames[{feature.name!r}]", feature, np.asarray(record.frames[feature.name]), record.length)
    for camera in schema.cameras:
        size = (record.length, camera.height, camera.width, 3)
        _check_pixels(f"{where}, videos[{camera.name!r}]", record.videos[camera.name], size, "uint8")
    for stream in schema.dense:
        shape = (record.length, stream.height, stream.width)
        _check_pixels(f"{where}, dense[{stream.name!r}]", record.dense[stream.name], shape, "uint16")
    _check_state(where, record, schema)
    _check_rows(f"{where}, contacts", record.contacts, schema.contacts, record.length)
    _check_rows(f"{where}, impulses", record.impulses, schema.impulses, record.length)
    _check_events(where, record, schema)


def _check_names(where: str, kind: str, given: Mapping[str, np.ndarray], wanted: list[str]) -> None:
    for name in wanted:
        if name not in given:
            raise RecordError(f"{where}, {kind}", f"{name!r} is missing", "every stream that the schema declares")
    for name in given:
        if name not in wanted:
            raise RecordError(f"{where}, {kind}", f"{name!r} is not in the schema", near_matches(name, wanted))


def _check_values(where: str, feature: Feature, values: np.ndarray, rows: int) -> None:
    shapes = [(rows, *feature.shape)] + ([(rows,)] if feature.shape in ((), (1,)) else [])
    if values.shape not in shapes:
        raise RecordError(where, f"shape {values.shape}", " or ".join(map(str, shapes)))
    if not np.can_cast(values.dtype, feature.dtype, casting="same_kind"):
        raise RecordError(where, f"type {values.dtype}", f"what fits {feature.dtype}")
    _check_finite(where, values)


def _check_finite(where: str, values: np.ndarray) -> None:
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        row = int(np.argwhere(~np.isfinite(values))[0][0])
        raise NotFiniteError(where, f"a value of row {row} is not finite", "finite numbers")


def _check_pixels(where: str, pixels: np.ndarray, shape: tuple[int, ...], dtype: str) -> None:
    if pixels.shape != shape or pixels.dtype != dtype:
        raise RecordError(where, f"{pixels.dtype} {pixels.shape}", f"{dtype} {shape}")


def _check_state(where: str, record: EpisodeRecord, schema: DatasetSchema) -> None:
    where = f"{where}, state"
    if (record.state is None) == bool(schema.state_dtype):
        raise RecordError(
            where, "missing" if record.state is None else "not declared", f"state_dtype is {schema.state_dtype!r}"
        )
    if record.state is None:
        return
    if record.state.ndim != 2 or len(record.state) != record.length + 1 or record.state.dtype != schema.state_dtype:
        allowed = f"{schema.state_dtype} ({record.length + 1}, n)"
        raise RecordError(where, f"{record.state.dtype} {record.state.shape}", allowed)
    if record.state_names and len(record.state_names) != record.state.shape[1]:
        raise RecordError(
            where, f"{len(record.state_names)} names for {record.state.shape[1]} numbers", "one name a number, or none"
        )
    _check_finite(where, record.state)


def _check_rows(where: str, columns: Mapping[str, np.ndarray] | None, declared: Iterable[Feature] | None, length: int) -> None:
    if (columns is None) != (declared is None):
        raise RecordError(where, "missing" if columns is None else "not declared", "what the schema declares")
    if columns is None or declared is None:
        return
    declared = tuple(declared)
    _check_names(where, "columns", columns, ["frame", *(column.name for column in declared)])
    frame = np.asarray(columns["frame"])
    if frame.ndim != 1 or frame.dtype.kind not in "iu":
        raise RecordError(where, f"frame is {frame.dtype} {frame.shape}", "one whole number a row")
    if len(frame) and (frame.min() < 0 or frame.max() >= length or (np.diff(frame.astype(np.int64)) < 0).any()):
        raise RecordError(where, "frame numbers are out of range or order", f"0 to {length - 1}, never falling")
    for column in declared:
        _check_values(f"{where}[{column.name!r}]", column, np.asarray(columns[column.name]), len(frame))


def _check_events(where: str, record: EpisodeRecord, schema: DatasetSchema) -> None:
    if record.events and not schema.events:
        raise RecordError(f"{where}, events", f"{len(record.events)} events", "none: the schema declares no events")
    last = -1
    for event in record.events:
        frame = event["frame"]
        if not max(last, 0) <= frame < record.length:
            raise RecordError(
                f"{where}, events", f"frame {frame} is out of range or order", f"0 to {record.length - 1}, never falling"
            )
        if not np.isfinite(event.get("magnitude", 0.0)):
            raise NotFiniteError(f"{where}, events", f"the magnitude at frame {frame} is not finite", "finite numbers")
        last = frame
