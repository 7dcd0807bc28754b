"""Bytes that stay: every file of a dataset is opened, flushed, hashed and renamed here, and disk errors become one clear
sentence.

A file is trusted after write, fsync of the file, and fsync of its folder; a name is changed by one `rename`, which POSIX
makes atomic within a file system (Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014). Limits: local POSIX
file systems; network file systems with weak rename or O_EXCL semantics are not proven.
"""

import contextlib
import errno
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import faults
from .errors import OutputError

_SENTENCES = {
    errno.ENOSPC: ("the disk is full", "free some space and run again with --resume"),
    errno.EDQUOT: ("the disk quota is used up", "free some space and run again with --resume"),
    errno.EROFS: ("the file system is read-only", "choose another output folder"),
    errno.EACCES: ("no permission to write here", "choose a folder that you may write to"),
    errno.EPERM: ("no permission to write here", "choose a folder that you may write to"),
    errno.ENOTDIR: ("a file is in the way of the folder", "choose another output folder"),
    errno.EIO: ("the device reports an input/output error", "check the disk, then run again with --resume"),
}


class DurableFile(io.FileIO):
    """A new file that writes every byte it is given or raises; `discard` makes it swallow what a broken encoder still sends."""

    def __init__(self, path: Path):
        super().__init__(path, "x+")
        self.discard = False

    def write(self, data: Any) -> int:
        """All of `data`, returns its length in bytes; OSError as the system reports it."""
        view = memoryview(data).cast("B")
        if self.discard:
            return len(view)
        faults.point("write")
        done = 0
        while done < len(view):
            done += super().write(view[done:]) or 0
        return done


@contextlib.contextmanager
def disk_errors(where: Path | str) -> Iterator[None]:
    """Turns the disk errors that a person can mend (full, read-only, not permitted) into OutputError; others pass unchanged."""
    try:
        yield
    except OSError as error:
        if error.errno not in _SENTENCES:
            raise
        what, remedy = _SENTENCES[error.errno]
        raise OutputError(str(where), f"{what} ({error.strerror or error})", "", remedy) from error


def write_new(path: Path, data: bytes) -> None:
    """Writes a new file; makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with DurableFile(path) as file:
        file.write(data)


def write_json(path: Path, value: Any) -> None:
    """Writes a new, indented JSON file with sorted keys (stable bytes for equal values); NaN is refused (ValueError)."""
    write_new(path, (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode())


def replace_json(path: Path, value: Any) -> None:
    """Writes or replaces a JSON file in one step: readers see the old content or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.unlink(missing_ok=True)
    write_json(aside, value)
    sync(aside)
    os.replace(aside, path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Flushes a file or a folder to the device."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def sync_tree(folder: Path) -> None:
    """Flushes every file and folder below `folder`, and `folder` itself."""
    for root, _, names in os.walk(folder, topdown=False):
        for name in names:
            sync(Path(root, name))
        sync(Path(root))


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def files_below(folder: Path) -> list[str]:
    """Relative paths (with `/`) of all files below `folder`, sorted."""
    found = (Path(root, name).relative_to(folder).as_posix() for root, _, names in os.walk(folder) for name in names)
    return sorted(found)


def link_or_copy(source: Path, target: Path) -> None:
    """A second name for the same bytes; a copy where the file system has no hard links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS):
            raise
        shutil.copyfile(source, target)


def remove_tree(folder: Path) -> None:
    """Removes a folder of ours as far as the system lets us; a folder that is not there is fine."""
    shutil.rmtree(folder, ignore_errors=True)
