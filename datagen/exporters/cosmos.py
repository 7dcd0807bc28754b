"""Cosmos: folders of clips with captions and control pictures (Transfer 2.5), text (Predict 2.5) and actions (Predict 2),
and the JSON lines of Cosmos 3.

`videos/NAME.mp4`, `metas/NAME.txt`, `captions/NAME.json`, `depth/NAME.mp4`, `seg/NAME.mp4`, `edge/NAME.mp4`,
`annotation/train/NAME.json` with `state` [T][6] (xyz and roll, pitch, yaw of one body in W) and `continuous_gripper_state`,
and `clips.jsonl`. Its loaders never use a clip of 93 frames or fewer and do not say so: such clips are counted in the
result. Limits: no text embeddings, which its own tools make.
"""

import json
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from datagen.exporters.pictures import depth_control, edge_control, segmentation_control, write_mp4
from datagen.exporters.trajectory import Trajectory
from datagen.quaternions import to_euler

MIN_FRAMES = 94
Track = Callable[[Trajectory], tuple[str, np.ndarray]]


def write(trajectories: Iterable[Trajectory], out: Path, track: Track) -> dict[str, Any]:
    """Write the folders below `out`; `track` gives the pose of the body whose motion is the action."""
    clips, short = [], 0
    for t in trajectories:
        assert t.picture is not None
        write_mp4(out / "videos" / f"{t.name}.mp4", t.picture, t.fps)
        controls = {"edge": edge_control(t.picture)}
        if t.depth is not None:
            controls["depth"] = depth_control(t.depth)
        if t.segmentation is not None:
            controls["seg"] = segmentation_control(t.segmentation)
        for kind, pictures in controls.items():
            write_mp4(out / kind / f"{t.name}.mp4", pictures, t.fps)
        _text(out / "metas" / f"{t.name}.txt", t.caption)
        _text(out / "captions" / f"{t.name}.json", json.dumps({"caption": t.caption}, ensure_ascii=False))
        _text(out / "annotation" / "train" / f"{t.name}.json", json.dumps(_annotation(t, track)))
        clips.append(json.dumps(_clip(t, sorted(controls)), ensure_ascii=False))
        short += len(t) < MIN_FRAMES
    _text(out / "clips.jsonl", "".join(line + "\n" for line in clips))
    return {"clips": len(clips), "clips_too_short_for_cosmos": short, "frames_needed": MIN_FRAMES}


def _annotation(t: Trajectory, track: Track) -> dict[str, Any]:
    body, pose = track(t)
    state = np.concatenate([pose[:, :3], to_euler(pose[:, 3:7])], axis=1)
    return {
        "episode_id": t.name, "body": body, "state": state.round(6).tolist(), "continuous_gripper_state": [0.0] * len(t),
        "action": t.action.round(6).tolist(), "videos": [{"video_path": f"videos/{t.name}.mp4"}], "texts": [t.text],
    }  # fmt: skip


def _clip(t: Trajectory, controls: list[str]) -> dict[str, Any]:
    assert t.picture is not None
    height, width = t.picture.shape[1:3]
    window = {"start_frame": 0, "end_frame": len(t), "temporal_interval": "0:00-end", "caption": t.caption}
    name = uuid.uuid5(uuid.NAMESPACE_OID, f"{t.meta['spec_sha256']} {t.meta['sim_index']}")
    return {
        "uuid": str(name), "duration": len(t) / t.fps, "width": width, "height": height, "vision_path": f"videos/{t.name}.mp4",
        "control_path": {kind: f"{kind}/{t.name}.mp4" for kind in controls}, "t2w_windows": [window],
    }  # fmt: skip


def _text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
