"""Says whether a sealed dataset is what its manifest claims, and whether its tables, videos and sidecars fit together.

Every file is hashed and compared with manifest.json, files that the manifest does not know are named, then `check` reads
everything back.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import layout
from .check import Problem, check_root
from .durable import files_below, sha256_of
from .errors import DatasetError
from .seal import load_manifest, manifest_hash


@dataclass(frozen=True)
class ValidationReport:
    """What `validate` found; `ok` when there is no problem."""

    folder: str
    level: str
    episodes: int
    frames: int
    files: int
    bytes: int
    manifest_sha256: str
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether the dataset is good."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {**asdict(self), "ok": self.ok}


def validate(folder: Path | str, level: str = "full") -> ValidationReport:
    """Checks a sealed dataset. level: "quick" (hashes, tables, frame counts) or "full" (every frame decoded, exact streams
    compared).

    Errors: DatasetError when the folder is not a sealed dataset.
    """
    folder = Path(folder)
    if level not in ("quick", "full"):
        raise DatasetError("validate", f"level {level!r}", "'quick' or 'full'")
    if not folder.is_dir():
        raise DatasetError(str(folder), "there is no such folder", "a sealed dataset")
    manifest = load_manifest(folder)
    problems = _check_files(folder, manifest["files"])
    if manifest_hash(manifest["schema_sha256"], manifest["files"]) != manifest["manifest_sha256"]:
        problems.append(Problem(layout.MANIFEST, "its own hash does not fit its list of files"))
    damaged = {problem.path for problem in problems}
    problems += [problem for problem in check_root(folder, level) if problem.path not in damaged]
    size = sum(facts["bytes"] for facts in manifest["files"].values())
    counts = (manifest["episodes"], manifest["frames"], len(manifest["files"]), size)
    return ValidationReport(str(folder), level, *counts, manifest["manifest_sha256"], tuple(problems))


def _check_files(folder: Path, files: dict[str, dict[str, Any]]) -> list[Problem]:
    problems = []
    for path, facts in sorted(files.items()):
        target = folder / path
        if not target.is_file():
            problems.append(Problem(path, "missing"))
        elif target.stat().st_size != facts["bytes"]:
            problems.append(Problem(path, f"{target.stat().st_size} bytes, not {facts['bytes']}"))
        elif sha256_of(target) != facts["sha256"]:
            problems.append(Problem(path, "its bytes have changed since it was sealed"))
    for name in layout.PARTS:
        for path in files_below(folder / name):
            if f"{name}/{path}" not in files:
                problems.append(Problem(f"{name}/{path}", "not listed in the manifest"))
    return problems
