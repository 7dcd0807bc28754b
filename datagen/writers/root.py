"""The small tables at the root of a dataset, the same for a single shard and for a sealed whole: info, tasks, stats, schema,
failures.

`meta/info.json` follows LeRobotDataset v3.0 (Hugging Face, 2025); `extras/schema.json` keeps what LeRobot drops: units,
frames, scales, row pointers, the authored spec. Limits: one split, `train`, over all episodes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import layout
from .durable import write_json
from .record import FailedEpisode
from .schema import FORMAT_VERSION, DatasetSchema
from .stats import FeatureStats, PictureStats
from .tables import stored_tables, tasks_table, write_table

_H264_INFO = {
    "video.codec": "h264",
    "video.pix_fmt": "yuv420p",
    "video.is_depth_map": False,
    "video.channels": 3,
    "has_audio": False,
}


@dataclass
class RootTables:
    """What the root tables say; `write` puts them below a folder."""

    schema: DatasetSchema
    num_episodes: int
    num_frames: int
    tasks: list[str]
    failures: Sequence[FailedEpisode] = ()
    stats: dict[str, FeatureStats] = field(default_factory=dict)
    pictures: dict[str, PictureStats] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Writes meta/info.json, meta/tasks.parquet, meta/stats.json, extras/schema.json, extras/failed.json as new files."""
        write_json(folder / layout.INFO, self.info())
        write_table(folder / layout.TASKS, tasks_table(self.tasks))
        entries = {name: part.result(self.schema.feature(name).shape or (1,)) for name, part in self.stats.items()}
        entries.update({key: part.result() for key, part in self.pictures.items()})
        write_json(folder / layout.STATS, entries)
        write_json(folder / layout.SCHEMA, self.schema_json())
        write_json(folder / layout.FAILURES, [{"index": failure.index, "reason": failure.reason} for failure in self.failures])

    def info(self) -> dict[str, Any]:
        """`meta/info.json`."""
        return {
            "codebase_version": "v3.0",
            "robot_type": self.schema.robot_type,
            "total_episodes": self.num_episodes,
            "total_frames": self.num_frames,
            "total_tasks": len(self.tasks),
            "chunks_size": layout.CHUNK,
            "data_files_size_in_mb": 100,
            "video_files_size_in_mb": 200,
            "fps": self.schema.fps,
            "splits": {"train": f"0:{self.num_episodes}"},
            "data_path": layout.DATA_PATH,
            "video_path": layout.VIDEO_PATH if self.schema.cameras else None,
            "features": features_info(self.schema),
        }

    def schema_json(self) -> dict[str, Any]:
        """`extras/schema.json`: the schema, and words that let a stranger read the sidecars."""
        return {
            "format": FORMAT_VERSION,
            "schema": self.schema.to_dict(),
            "tables": [*stored_tables(self.schema), "specs", "provenance"],
            "dense": {stream.name: stream.stored_as for stream in self.schema.dense},
            "conventions": {
                "sim_index": "number of the episode in the plan, in every sidecar; meta/episodes gives it as sim/index",
                "pointers": "sim/<table>_from and _to in meta/episodes are row numbers in the file of that number",
                "frames": "sim/frames_from and _to are frame numbers in the videos and dense files of that file number",
                "time": "row t is observed at t / fps; its action is taken from that observation; state has one row more",
                "axes": "z up, SI units, quaternions w x y z",
            },
        }


def features_info(schema: DatasetSchema) -> dict[str, Any]:
    """The `features` of `meta/info.json`."""
    found: dict[str, Any] = {}
    for feature in schema.features:
        names = list(feature.names) if feature.names is not None else None
        found[feature.name] = {"dtype": feature.dtype, "shape": list(feature.shape), "names": names}
    for camera in schema.cameras:
        size = {"video.height": camera.height, "video.width": camera.width, "video.fps": schema.fps}
        shape = [camera.height, camera.width, 3]
        names = ["height", "width", "channels"]
        found[camera.key] = {"dtype": "video", "shape": shape, "names": names, "info": {**_H264_INFO, **size}}
    for name in ("timestamp", "frame_index", "episode_index", "index", "task_index"):
        found[name] = {"dtype": "float32" if name == "timestamp" else "int64", "shape": [1], "names": None}
    return found
