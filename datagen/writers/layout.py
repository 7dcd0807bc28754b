"""Where each file of a run and of a dataset lies; the only place that knows the folder names.

A run folder holds `run.json`, `shards/`, `claims/` and `failed/`; sealing adds `meta/ data/ videos/ extras/ README.md
manifest.json` to the same folder and removes `shards/` and `claims/`. Every shard is itself such a dataset without a manifest,
and its files keep their relative path when sealed: file number = shard number (chunk = k // 1000, file = k % 1000). Reference:
LeRobotDataset v3.0.
"""

from pathlib import Path

CHUNK = 1000
RUN_JSON, MANIFEST, SHARD_JSON = "run.json", "manifest.json", "shard.json"
SHARDS, CLAIMS, FAILED, SEALING = "shards", "claims", "failed", ".sealing"
PARTS = ("data", "videos", "extras", "meta")
INFO, STATS, TASKS = "meta/info.json", "meta/stats.json", "meta/tasks.parquet"
SCHEMA, FAILURES = "extras/schema.json", "extras/failed.json"
DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
TABLES = ("contacts", "impulses", "state", "events", "specs", "provenance")


def chunk_file(number: int) -> tuple[int, int]:
    """(chunk, file) of a file number."""
    return divmod(number, CHUNK)


def data_path(number: int) -> str:
    """Per-frame features of one shard."""
    chunk, file = chunk_file(number)
    return DATA_PATH.format(chunk_index=chunk, file_index=file)


def episodes_path(number: int) -> str:
    """One row an episode of one shard."""
    return f"meta/episodes/{_numbered(number)}.parquet"


def video_path(key: str, number: int) -> str:
    """RGB stream of one shard; `key` is the LeRobot feature name."""
    chunk, file = chunk_file(number)
    return VIDEO_PATH.format(video_key=key, chunk_index=chunk, file_index=file)


def dense_path(name: str, codec: str, number: int) -> str:
    """Exact image stream of one shard."""
    return f"extras/dense/{name}/{_numbered(number)}.{'mkv' if codec == 'ffv1' else 'parquet'}"


def table_path(table: str, number: int) -> str:
    """Sidecar table of one shard, one of TABLES."""
    return f"extras/{table}/{_numbered(number)}.parquet"


def shard_name(number: int) -> str:
    """Folder and claim name of a shard."""
    return f"{number:06d}"


def is_rewritten(path: str) -> bool:
    """Whether sealing writes this file anew (numbers change); all others are linked as they are."""
    return path.startswith(("data/", "meta/")) or path in (SCHEMA, FAILURES, SHARD_JSON)


def _numbered(number: int) -> str:
    chunk, file = chunk_file(number)
    return f"chunk-{chunk:03d}/file-{file:03d}"


def is_dataset(folder: Path) -> bool:
    """Whether the folder has the tables of a dataset (sealed or a single shard)."""
    return (folder / INFO).is_file() and (folder / SCHEMA).is_file()
