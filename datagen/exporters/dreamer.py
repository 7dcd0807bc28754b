"""DreamerV3 replay: a folder of `{time}-{uuid}-{next uuid}-{length}.npz` chunks of 1,024 steps at most.

Keys: `image`, `vector`, `action`, `reward`, `is_first`, `is_last`, `is_terminal`, `stepid` (16 bytes of the chunk's uuid
and the index, big endian). The reward stands with the observation on whose arrival it was given, so it is shifted by one.
Uuids and times are made from the episode's hash, so that an export twice gives the same bytes.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from datagen.exporters.trajectory import Trajectory

CHUNK = 1024
BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def write(trajectories: Iterable[Trajectory], out: Path) -> dict[str, Any]:
    """Write the chunks below `out`."""
    chunks = 0
    for trajectory in trajectories:
        parts = [slice(start, min(start + CHUNK, len(trajectory))) for start in range(0, len(trajectory), CHUNK)]
        names = [_uuid(trajectory, number) for number in range(len(parts))] + [bytes(16)]
        for number, part in enumerate(parts):
            own, following = names[number], names[number + 1]
            size = part.stop - part.start
            stepid = np.stack([np.frombuffer(own + row.to_bytes(4, "big"), np.uint8) for row in range(size)])
            columns = {name: values[part] for name, values in _columns(trajectory).items()}
            stamp = (
                f"20000101T{trajectory.meta['episode_index'] // 3600 % 24:02d}{trajectory.meta['episode_index'] // 60 % 60:02d}"
            )
            stamp += f"{trajectory.meta['episode_index'] % 60:02d}F{number:03d}"
            np.savez_compressed(out / f"{stamp}-{_text(own)}-{_text(following)}-{size}.npz", stepid=stepid, **columns)  # type: ignore[arg-type]
            chunks += 1
    return {"chunks": chunks}


def _columns(trajectory: Trajectory) -> dict[str, np.ndarray]:
    columns = {
        "vector": trajectory.state, "action": trajectory.action, "reward": trajectory.arrival_reward,
        "is_first": trajectory.is_first, "is_last": trajectory.is_last, "is_terminal": trajectory.terminated,
    }  # fmt: skip
    if trajectory.picture is not None:
        columns["image"] = trajectory.picture
    return columns


def _uuid(trajectory: Trajectory, number: int) -> bytes:
    seed = f"{trajectory.meta['spec_sha256']} {trajectory.meta['sim_index']} {number}".encode()
    return hashlib.sha256(seed).digest()[:16]


def _text(uuid: bytes) -> str:
    """22 digits of base 62, as `elements.UUID` writes them."""
    value, digits = int.from_bytes(uuid, "big"), []
    while value:
        value, digit = divmod(value, 62)
        digits.append(BASE62[digit])
    return "".join(reversed(digits)).rjust(22, "0")
