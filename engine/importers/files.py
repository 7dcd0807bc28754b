"""Where a model's own references may point: files inside the model's folder, so that a model from elsewhere reads nothing of
ours.
"""

from pathlib import Path

from engine.errors import ImportFileError

MAX_BYTES = 64 * 1024 * 1024


def read_model(path: Path) -> bytes:
    """The bytes of a model file. Raises ImportFileError when it is missing, unreadable or larger than MAX_BYTES."""
    where = str(path)
    if not path.is_file():
        raise ImportFileError(where, "the file does not exist", "allowed: a readable model file", "check the path")
    if path.stat().st_size > MAX_BYTES:
        raise ImportFileError(where, f"{path.stat().st_size} bytes", f"allowed: up to {MAX_BYTES}", "split the model")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImportFileError(
            where, f"cannot read ({error.strerror})", "allowed: a readable file", "check its rights"
        ) from error


def inside(folder: Path, reference: str, where: str) -> Path:
    """The file that `reference` names, which must lie in `folder` or below. Raises ImportFileError."""
    try:
        target = (folder / reference).resolve()
    except (OSError, ValueError, RuntimeError) as error:  # too long, a zero byte, a loop of links
        raise ImportFileError(
            where, f"the file name {reference[:60]!r} is invalid", "allowed: relative paths", "correct it"
        ) from error
    if not target.is_relative_to(folder.resolve()):
        raise ImportFileError(
            where,
            f"the file {reference!r} lies outside of the model's folder",
            f"allowed: files below {folder}",
            "move it there",
        )
    if not _is_file(target):
        raise ImportFileError(
            where, f"the file {reference!r} does not exist", f"allowed: files below {folder}", "check the path"
        )
    return target


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
