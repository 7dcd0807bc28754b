"""Snapshots on disk: state and control rows, bit exact, refused by any other scene, precision or number of environments.

The file is a numpy `.npz` with a format number; it is written beside its final name and renamed, so a reader never sees half of
it.
"""

import os
import zipfile
from pathlib import Path

import numpy as np

from engine.errors import StateError

FORMAT = 1


def write(path: str | Path, topology: str, precision: str, state: np.ndarray, control: np.ndarray) -> None:
    """Write one snapshot file; raises StateError when the place cannot be written."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            np.savez(file, format=FORMAT, topology=topology, precision=precision, state=state, control=control)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StateError(
            "Simulation.save",
            f"cannot write {path} ({error.strerror})",
            "a writable folder with free space",
            "choose another path",
        ) from error


def read(path: str | Path, topology: str, precision: str, num_envs: int) -> tuple[np.ndarray, np.ndarray]:
    """State and control rows of a file that fits; raises StateError naming what differs."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            content = {name: stored[name] for name in ("format", "topology", "precision", "state", "control")}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise StateError(
            "Simulation.load", f"{path} is not a snapshot ({error})", "a file written by save", "check the path"
        ) from error
    have = (int(content["format"]), str(content["topology"]), str(content["precision"]), len(content["state"]))
    for name, stored_value, needed in zip(
        ("format", "scene", "precision", "num_envs"), have, (FORMAT, topology, precision, num_envs), strict=True
    ):
        if stored_value != needed:
            raise StateError(
                "Simulation.load",
                f"{path} has another {name} ({stored_value})",
                f"needed: {needed}",
                "load it where it was saved",
            )
    return content["state"], content["control"]
