"""Test hook: stop, kill or starve the process at a named step of writing, committing and sealing.

`WORLDSMITH_FAULT="POINT[@N]=ACTION"` acts at the N-th passage (default 1) of that point in a process: `kill` is SIGKILL (a
power cut as far as the process can tell), `enospc` raises "no space left on device", `raise` raises RuntimeError. Several
entries are separated by commas. Without the variable a point costs one dictionary look-up. It exists for the crash tests
only; no other code reads it.
"""

import errno
import os
import signal

VARIABLE = "WORLDSMITH_FAULT"

#: Every point, in the order in which an undisturbed run passes it first.
POINTS = {
    "run_created": "run.json of a new run is on disk",
    "claimed": "the shard is claimed",
    "tmp_created": "the temporary shard folder exists",
    "write": "just before each write of bytes to any file of a shard or of the sealed tables",
    "episode_added": "one episode went to the encoders",
    "files_closed": "all files of the shard are closed",
    "checked": "the shard was read back and is good",
    "synced": "the files of the shard are flushed to the device",
    "before_rename": "shard.json is written; the next thing is the rename that commits the shard",
    "after_rename": "the shard is committed, its claim still held",
    "released": "the claim of the committed shard is gone",
    "seal_started": "all shards are committed, sealing begins",
    "seal_shard": "one shard was linked into the staging folder",
    "seal_tables": "the small tables of the dataset are written",
    "seal_staged": "the staged dataset is complete and flushed",
    "seal_renamed": "one of data, videos, extras, meta was moved to its place",
    "seal_manifest": "manifest.json is in place: the dataset is sealed",
    "seal_cleaned": "shards and claims are removed",
}

_passages: dict[str, int] = {}


def point(name: str) -> None:
    """Passes the step `name` (a key of POINTS); acts only when the environment variable asks for it."""
    text = os.environ.get(VARIABLE)
    if not text:
        return
    if name not in POINTS:
        raise KeyError(name)
    _passages[name] = _passages.get(name, 0) + 1
    for entry in text.split(","):
        target, action = entry.split("=")
        wanted, _, count = target.partition("@")
        if wanted == name and _passages[name] == int(count or 1):
            _act(name, action)


def _act(name: str, action: str) -> None:
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "enospc":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    elif action == "raise":
        raise RuntimeError(f"fault injected at {name}")
    else:
        raise ValueError(f"{VARIABLE}: action {action!r}; kill, enospc or raise")
