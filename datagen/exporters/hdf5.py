"""HDF5 files: one for LeWorldModel (stable-worldmodel) and one for robomimic.

LeWorldModel: one dataset per column with the rows of all episodes behind each other, `ep_len` int32 and `ep_offset` int64,
chunks of one row for pictures. robomimic 0.5: group `data` (attributes `total`, `env_args`), `data/demo_i` with `actions`
in [-1, 1], `rewards`, `dones`, `states`, `obs/<key>`, `next_obs/<key>`; `mask/train`. Actions are scaled per component by
the largest magnitude in the dataset, kept as the attribute `action_scale`. A demo has one row less than its episode, since
the last row has no next observation. Limits: needs `h5py`, the extra `export`.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from datagen.errors import DatagenError
from datagen.exporters.trajectory import Trajectory


def open_new(path: Path) -> Any:
    """A new HDF5 file whose bytes do not depend on the time. Raises DatagenError without h5py."""
    try:
        import h5py
    except ModuleNotFoundError as error:
        raise DatagenError(
            "worldsmith export", "this format needs h5py, which is not installed", "", "pip install 'worldsmith[export]'"
        ) from error
    return h5py.File(path, "w", libver="v110", track_order=True)


def write_leworldmodel(trajectories: Iterable[Trajectory], out: Path) -> dict[str, Any]:
    """Write `train.h5` below `out`."""
    lengths: list[int] = []
    with open_new(out / "train.h5") as file:
        for trajectory in trajectories:
            rows = {
                "action": trajectory.action,
                "state": trajectory.state,
                "proprio": trajectory.state,
                "reward": trajectory.reward,
            }
            if trajectory.picture is not None:
                rows["pixels"] = trajectory.picture
            if trajectory.depth is not None:
                rows["depth"] = trajectory.depth
            if trajectory.segmentation is not None:
                rows["segmentation"] = trajectory.segmentation
            rows["step_idx"] = np.arange(len(trajectory), dtype=np.int64)
            rows["episode_idx"] = np.full(len(trajectory), len(lengths), np.int64)
            for name, values in rows.items():
                _append(file, name, values)
            lengths.append(len(trajectory))
        file.create_dataset("ep_len", data=np.array(lengths, np.int32))
        file.create_dataset("ep_offset", data=np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64))
    return {"rows": sum(lengths)}


def _append(file: Any, name: str, values: np.ndarray) -> None:
    if name not in file:
        image = values.ndim > 2
        chunk = (1, *values.shape[1:]) if image else None
        packed = {"compression": "gzip", "compression_opts": 1} if image else {}
        file.create_dataset(
            name, data=values, maxshape=(None, *values.shape[1:]), chunks=chunk or True, track_times=False, **packed
        )
        return
    before = file[name].shape[0]
    file[name].resize(before + len(values), axis=0)
    file[name][before:] = values


def write_robomimic(trajectories: Iterable[Trajectory], out: Path) -> dict[str, Any]:
    """Write `demos.hdf5` below `out`; it reads the trajectories twice, for the scale of the actions."""
    listed = list(trajectories)
    scale = np.maximum(np.max([np.abs(t.action).max(0, initial=0.0) for t in listed], axis=0), 1e-9) if listed else np.ones(0)
    names = []
    with open_new(out / "demos.hdf5") as file:
        data = file.create_group("data")
        for number, trajectory in enumerate(listed):
            names.append(f"demo_{number}")
            _demo(data.create_group(names[-1]), trajectory, scale)
        data.attrs["total"] = sum(len(t) - 1 for t in listed)
        data.attrs["env_args"] = json.dumps({"env_name": "worldsmith", "type": 2, "env_kwargs": {}})
        data.attrs["action_scale"] = scale
        file.create_dataset("mask/train", data=np.array(names, dtype="S"))
    return {"demos": len(names), "action_scale": scale.tolist()}


def _demo(group: Any, trajectory: Trajectory, scale: np.ndarray) -> None:
    last = len(trajectory) - 1
    group.attrs["num_samples"], group.attrs["language"] = last, trajectory.text
    group.create_dataset("actions", data=trajectory.action[:last] / scale, track_times=False)
    group.create_dataset("rewards", data=trajectory.reward[:last], track_times=False)
    group.create_dataset("dones", data=trajectory.is_last[1:].astype(np.int64), track_times=False)
    group.create_dataset("states", data=trajectory.state[:last], track_times=False)
    seen = {"state": trajectory.state}
    if trajectory.picture is not None:
        seen["image"] = trajectory.picture
    for key, values in seen.items():
        packed = {"compression": "gzip", "compression_opts": 1} if values.ndim > 2 else {}
        group.create_dataset(f"obs/{key}", data=values[:last], track_times=False, **packed)
        group.create_dataset(f"next_obs/{key}", data=values[1:], track_times=False, **packed)
