"""What a dataset holds: the frame rate, the features, cameras, dense streams and sidecars that every episode of it has.

A `DatasetSchema` is made before the first episode and is part of the plan, so that shards written by strangers fit together.
It is stored as `extras/schema.json` (the full truth: units, frames, scales) and translated into the `features` of LeRobot
v3.0 `meta/info.json` (what trainers read). Reference: LeRobotDataset v3.0 (Hugging Face, 2025). Limits: one integer frame
rate; RGB sizes are even because h264 yuv420p halves the chroma; frame features have rank 1 to 4.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.errors import near_matches
from engine.types import Feature

from .errors import RecordError

FORMAT_VERSION = 1
INDEX_FEATURES = ("timestamp", "frame_index", "episode_index", "index", "task_index")
FRAME_TYPES = ("float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "bool")


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys, no spaces and shortest floats, UTF-8; NaN and infinity are refused (ValueError)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


@dataclass(frozen=True)
class CameraSchema:
    """One RGB stream: camera name (no `/`), height and width in pixels, both even."""

    name: str
    height: int
    width: int

    @property
    def key(self) -> str:
        """The LeRobot feature of this camera."""
        return f"observation.images.{self.name}"


@dataclass(frozen=True)
class DenseSchema:
    """One exact uint16 image stream, `<camera>.<kind>`.

    value = offset + scale * code in `unit` (depth: scale 0.0001, unit "m"; segmentation: scale 1, unit ""). `invalid` is
    the code that means "nothing there" or None. labels: code -> meaning, where it is the same for every episode. codec:
    "ffv1" (Matroska, any tool opens it), "delta" (predicted and zstd compressed parquet rows, smaller and several times
    faster), "zstd" (raw images as zstd parquet rows, best for flat ids), or "" for zstd where the kind is `segmentation`
    and ffv1 elsewhere; all are exact, see `images`.
    """

    name: str
    height: int
    width: int
    unit: str = ""
    scale: float = 1.0
    offset: float = 0.0
    invalid: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    codec: str = ""

    @property
    def stored_as(self) -> str:
        """The codec in use, "ffv1", "delta" or "zstd"."""
        return self.codec or ("zstd" if self.name.endswith(".segmentation") else "ffv1")


@dataclass(frozen=True)
class DatasetSchema:
    """Everything that is the same for all episodes of a dataset.

    fps: frames (= control steps) per second, integer. features: per-frame values of `data/*.parquet`, without LeRobot's five
    index columns, which the writer adds. cameras: RGB streams. dense: uint16 streams. state_dtype: "float32", "float64", or
    "" when no state is stored. contacts, impulses: declared columns with the shape of one row (() or (1,) for a number),
    without `frame`, which is always there; None when none are stored. events: whether events are stored. robot_type:
    LeRobot's word for the embodiment. spec_text: the authored document; spec_sha256: hash of its canonical form. extra: JSON
    values kept in `extras/schema.json`; under `notes` the names and types (NOTES) of columns `sim/<name>` of meta/episodes.
    """

    fps: int
    features: tuple[Feature, ...]
    cameras: tuple[CameraSchema, ...] = ()
    dense: tuple[DenseSchema, ...] = ()
    state_dtype: str = ""
    contacts: tuple[Feature, ...] | None = None
    impulses: tuple[Feature, ...] | None = None
    events: bool = False
    robot_type: str = "worldsmith"
    spec_text: str = ""
    spec_sha256: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_rate(self.fps)
        for feature in self.features:
            _check_feature(feature, "features", least_rank=1)
        for table in (self.contacts, self.impulses):
            for column in table or ():
                _check_feature(column, "contacts", least_rank=0)
        for camera in self.cameras:
            _check_camera(camera)
        for stream in self.dense:
            _check_dense(stream)
        if self.state_dtype not in ("", "float32", "float64"):
            raise RecordError(
                "DatasetSchema.state_dtype", f"{self.state_dtype!r} cannot be stored", "'float32', 'float64' or ''"
            )
        names = [f.name for f in self.features] + [c.key for c in self.cameras] + [d.name for d in self.dense]
        _check_unique(names)

    @property
    def notes(self) -> Mapping[str, str]:
        """Columns of meta/episodes beside those of every dataset: name -> "float64" or "string"."""
        found: Mapping[str, str] = self.extra.get("notes", {})
        return found

    def feature(self, name: str) -> Feature:
        """The feature of that name, or RecordError with near matches."""
        for feature in self.features:
            if feature.name == name:
                return feature
        raise RecordError("DatasetSchema", f"no feature {name!r}", near_matches(name, (f.name for f in self.features)))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` gives the equal schema back."""
        return json.loads(canonical_json(asdict(self)))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "DatasetSchema":
        """Inverse of `to_dict`. Errors: RecordError for values that a schema may not hold."""
        known = dict(values)
        for name in ("features", "contacts", "impulses"):
            if known.get(name) is not None:
                known[name] = tuple(_feature_from(item) for item in known[name])
        known["cameras"] = tuple(CameraSchema(**item) for item in known["cameras"])
        known["dense"] = tuple(DenseSchema(**item) for item in known["dense"])
        return cls(**known)

    @property
    def sha256(self) -> str:
        """Hash of the canonical JSON form."""
        return hashlib.sha256(canonical_json(self.to_dict())).hexdigest()


def _feature_from(item: Mapping[str, Any]) -> Feature:
    names = None if item["names"] is None else tuple(item["names"])
    return Feature(**{**item, "shape": tuple(item["shape"]), "names": names})


def _check_rate(fps: int) -> None:
    if not isinstance(fps, int) or not 1 <= fps <= 1000:
        raise RecordError("DatasetSchema.fps", f"{fps!r} frames per second", "a whole number from 1 to 1000")


def _check_feature(feature: Feature, where: str, least_rank: int) -> None:
    where = f"DatasetSchema.{where}[{feature.name!r}]"
    if "/" in feature.name or not feature.name or feature.name in INDEX_FEATURES or feature.name in ("frame", "sim_index"):
        raise RecordError(
            where, "this name cannot be used", "a dotted name without '/' that is not one of the writer's own columns"
        )
    if feature.dtype not in FRAME_TYPES:
        raise RecordError(where, f"type {feature.dtype!r} cannot be stored", "one of " + ", ".join(FRAME_TYPES))
    if not least_rank <= len(feature.shape) <= 4 or any(int(n) < 1 for n in feature.shape):
        raise RecordError(where, f"shape {feature.shape} cannot be stored", f"{least_rank} to 4 positive sizes")
    if feature.names is not None and len(feature.names) != (
        feature.shape[0] if len(feature.shape) == 1 else len(feature.shape)
    ):
        raise RecordError(
            where, f"{len(feature.names)} names for shape {feature.shape}", "one name a component, or one an axis"
        )


def _check_camera(camera: CameraSchema) -> None:
    where = f"DatasetSchema.cameras[{camera.name!r}]"
    if "/" in camera.name or not camera.name:
        raise RecordError(where, "this name cannot be used", "a name without '/'")
    if camera.height < 2 or camera.width < 2 or camera.height % 2 or camera.width % 2:
        raise RecordError(
            where,
            f"a picture of {camera.width} x {camera.height} pixels cannot be stored as h264 yuv420p",
            "even width and height",
            f"use {camera.width + camera.width % 2} x {camera.height + camera.height % 2}",
        )


def _check_dense(stream: DenseSchema) -> None:
    where = f"DatasetSchema.dense[{stream.name!r}]"
    if "/" in stream.name or not stream.name or stream.height < 1 or stream.width < 1:
        raise RecordError(where, f"{stream.width} x {stream.height} pixels", "a name without '/' and a positive size")
    if stream.codec not in ("", "ffv1", "delta", "zstd"):
        raise RecordError(where, f"codec {stream.codec!r}", "'ffv1', 'delta', 'zstd' or ''")


def _check_unique(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RecordError("DatasetSchema", f"the name {twice[0]!r} is used twice", "each stream has a name of its own")
