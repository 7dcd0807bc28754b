"""WebDataset: tar shards whose files share a name up to the first dot; one episode is one sample.

Members: `.video.mp4` (h264), `.state.npy`, `.action.npy`, `.reward.npy`, `.depth.npz` (float16 metres would lose exactness,
so float32), `.segmentation.npz`, `.contacts.npz`, `.events.json`, `.meta.json`, `.caption.txt`. Tars are deterministic: no
dates and no owners. Limits: no random access, as the format has none.
"""

import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from datagen.exporters.pictures import mp4_bytes
from datagen.exporters.trajectory import Trajectory

PER_SHARD = 64


def write(trajectories: Iterable[Trajectory], out: Path, per_shard: int = PER_SHARD) -> dict[str, Any]:
    """Write `train-000000.tar` and on below `out`."""
    count, tar = 0, None
    for trajectory in trajectories:
        if count % per_shard == 0:
            if tar is not None:
                tar.close()
            tar = tarfile.open(out / f"train-{count // per_shard:06d}.tar", "w", format=tarfile.USTAR_FORMAT)
        assert tar is not None
        for suffix, data in members(trajectory).items():
            entry = tarfile.TarInfo(f"{trajectory.name}.{suffix}")
            entry.size, entry.mode = len(data), 0o644
            tar.addfile(entry, io.BytesIO(data))
        count += 1
    if tar is not None:
        tar.close()
    return {"shards": -(-count // per_shard)}


def members(trajectory: Trajectory) -> dict[str, bytes]:
    """The files of one sample, suffix -> bytes."""
    files = {
        "state.npy": _npy(trajectory.state), "action.npy": _npy(trajectory.action), "reward.npy": _npy(trajectory.reward),
        "events.json": _json(trajectory.events), "meta.json": _json(trajectory.meta), "spec.json": _json(trajectory.spec),
        "caption.txt": trajectory.caption.encode(),
    }  # fmt: skip
    if trajectory.contacts:
        files["contacts.npz"] = _npz(**trajectory.contacts)
    for name in ("depth", "segmentation"):
        values = getattr(trajectory, name)
        if values is not None:
            files[f"{name}.npz"] = _npz(**{name: values})
    if trajectory.picture is not None:
        files["video.mp4"] = mp4_bytes(trajectory.picture, trajectory.fps)
    return files


def _npy(values: np.ndarray) -> bytes:
    data = io.BytesIO()
    np.save(data, values)
    return data.getvalue()


def _npz(**values: np.ndarray) -> bytes:
    data = io.BytesIO()
    np.savez_compressed(data, **{name: value for name, value in values.items() if value.dtype != object})  # type: ignore[arg-type]
    return data.getvalue()


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False).encode()
