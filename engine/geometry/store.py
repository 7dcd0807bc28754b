"""Results of slow host computations on meshes (distance fields, convex pieces), kept on disk by content.

Files lie in `shapes/` of the cache folder (WORLDSMITH_CACHE, by default `worldsmith` in the user's cache folder). A file is
there whole or not at all; one that cannot be read or written is no error, only slower.
"""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray]


def cache_folder() -> Path:
    """Where results are kept."""
    root = os.environ.get("WORLDSMITH_CACHE") or Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "worldsmith"
    return Path(root) / "shapes"


def stored(key: str, compute: Callable[[], Arrays]) -> Arrays:
    """The arrays of `key` (any text that names content, method and parameters) from the disk, or computed and kept."""
    path = cache_folder() / (hashlib.sha256(key.encode()).hexdigest() + ".npz")
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        arrays = compute()
        _write(path, arrays)
        return arrays


def _write(path: Path, arrays: Arrays) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError:
        return  # an unwritable cache costs time, nothing else
