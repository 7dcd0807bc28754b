"""V-JEPA 2-AC: trajectory folders of raw DROID, with a list of them.

`paths.csv` names a folder a line. In a folder: `metadata.json` with `left_mp4_path`, `recordings/MP4/CAMERA.mp4`, and
`trajectory.h5` with `observation/robot_state/cartesian_position` [T, 6] (xyz and extrinsic xyz Euler angles of one body in
W), `gripper_position` [T] and `observation/camera_extrinsics/CAMERA_left` [T, 6]. Its loader needs more than
`frames_per_clip * ceil(fps / 4)` frames and silently draws another clip otherwise: the result counts such clips for 8
frames. Limits: needs `h5py`, the extra `export`.
"""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from datagen.exporters.cosmos import Track
from datagen.exporters.hdf5 import open_new
from datagen.exporters.pictures import write_mp4
from datagen.exporters.trajectory import Trajectory
from datagen.quaternions import to_euler

CLIP_FRAMES, MODEL_FPS = 8, 4


def write(trajectories: Iterable[Trajectory], out: Path, track: Track, camera: str) -> dict[str, Any]:
    """Write the folders and `paths.csv` below `out`; paths in it are relative to `out`'s own place, made absolute by `out`."""
    names, short = [], 0
    for t in trajectories:
        assert t.picture is not None
        folder = out / t.name
        write_mp4(folder / "recordings" / "MP4" / f"{camera}.mp4", t.picture, t.fps)
        (folder / "metadata.json").write_text(
            json.dumps({"left_mp4_path": f"recordings/MP4/{camera}.mp4", **t.meta}, sort_keys=True)
        )
        _, pose = track(t)
        with open_new(folder / "trajectory.h5") as file:
            robot = np.concatenate([pose[:, :3], to_euler(pose[:, 3:7])], axis=1)
            file.create_dataset("observation/robot_state/cartesian_position", data=robot, track_times=False)
            file.create_dataset("observation/robot_state/gripper_position", data=np.zeros(len(t)), track_times=False)
            place = np.tile(_extrinsics(t.spec, camera), (len(t), 1))
            file.create_dataset(f"observation/camera_extrinsics/{camera}_left", data=place, track_times=False)
        names.append(t.name)
        short += len(t) <= CLIP_FRAMES * math.ceil(t.fps / MODEL_FPS)
    (out / "paths.csv").write_text("".join(f"{name}\n" for name in names))
    return {"folders": len(names), "clips_too_short_for_8_frames": short}


def _extrinsics(spec: dict[str, Any], camera: str) -> np.ndarray:
    """Position and Euler angles of the camera frame of OpenCV (x right, y down, z forward) in W."""
    place = next(c for c in spec["cameras"] if c["name"] == camera)
    position, forward = np.array(place["position"]), np.subtract(place["look_at"], place["position"])
    z = forward / np.linalg.norm(forward)
    x = np.cross(z, (0.0, 0.0, 1.0))
    x = x / np.linalg.norm(x) if np.linalg.norm(x) > 1e-9 else np.array([1.0, 0.0, 0.0])
    R = np.stack([x, np.cross(z, x), z], axis=1)
    return np.concatenate(
        [position, (math.atan2(R[2, 1], R[2, 2]), -math.asin(np.clip(R[2, 0], -1, 1)), math.atan2(R[1, 0], R[0, 0]))]
    )
