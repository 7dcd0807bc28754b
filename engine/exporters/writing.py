"""Writing a text file whole or not at all."""

import os
from pathlib import Path

from engine.errors import SceneError


def write_whole(path: Path, content: str, where: str) -> None:
    """Write beside the target, then put it in place. Raises SceneError when the folder cannot be written."""
    part = path.with_name(f".{path.name}.part{os.getpid()}")
    try:
        part.write_text(content, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SceneError(
            where, f"cannot write ({error.strerror})", "allowed: a writable folder", "choose another place"
        ) from error
