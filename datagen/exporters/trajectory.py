"""One stored episode as plain arrays: what every export format is made of.

Row t is observed at t / fps and its action is taken from that observation; `reward[t]` is that of leaving t. Formats that
want it on arrival shift it by one (`arrival_reward`). A dataset without rewards has zeros. Limits: one camera an export.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.errors import DatagenError, near_matches
from datagen.writers.dataset import Dataset

CAPTION_EVENTS = 8
TOLD = ("collision", "topple", "fall", "contact_begin", "rest")


@dataclass(frozen=True)
class Trajectory:
    """T frames: picture (T, H, W, 3) uint8 or None, state (T, S) f32, action (T, A) f32, reward (T,) f32, terminated and
    truncated (T,) bool, depth (T, H, W) f32 [m] (inf: nothing) or None, segmentation (T, H, W) uint16 or None."""

    name: str
    text: str
    caption: str
    fps: int
    picture: np.ndarray | None
    state: np.ndarray
    action: np.ndarray
    reward: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray
    depth: np.ndarray | None
    segmentation: np.ndarray | None
    events: list[dict[str, Any]]
    contacts: Mapping[str, np.ndarray]
    spec: dict[str, Any]
    meta: dict[str, Any]

    def __len__(self) -> int:
        return len(self.state)

    @property
    def is_first(self) -> np.ndarray:
        """True in the first row."""
        return np.arange(len(self)) == 0

    @property
    def is_last(self) -> np.ndarray:
        """True in the last row."""
        return np.arange(len(self)) == len(self) - 1

    @property
    def arrival_reward(self) -> np.ndarray:
        """Reward of the transition that led to a row; 0 in the first."""
        return np.concatenate([[0.0], self.reward[:-1]]).astype(np.float32)


def read_trajectory(dataset: Dataset, index: int, camera: str | None, needs: tuple[str, ...] = ()) -> Trajectory:
    """The episode `index`; `needs` names what must be there (picture, depth, segmentation). Raises DatagenError."""
    episode, frames = dataset.episode(index), dataset.frames(index)
    length = episode.length
    picture = np.stack(list(dataset.video(index, camera))) if camera else None
    dense = {stream.name: stream for stream in dataset.schema.dense}
    depth, segmentation = (_dense(dataset, index, dense, f"{camera}.{kind}") for kind in ("depth", "segmentation"))
    for need, value in (("picture", picture), ("depth", depth), ("segmentation", segmentation)):
        if need in needs and value is None:
            raise DatagenError(
                str(dataset.folder),
                f"the dataset has no {need} of camera {camera!r}",
                "",
                "record it, or choose another format",
            )
    events = dataset.events(index)
    zeros = np.zeros(length, bool)
    return Trajectory(
        name=f"episode_{episode.episode_index:08d}", text=episode.task,
        caption=caption(episode.task, events, dataset.schema.fps), fps=dataset.schema.fps, picture=picture,
        state=np.asarray(frames["observation.state"], np.float32).reshape(length, -1),
        action=np.asarray(frames.get("action", np.zeros((length, 0))), np.float32).reshape(length, -1),
        reward=np.asarray(frames.get("next.reward", np.zeros(length)), np.float32).reshape(length),
        terminated=np.asarray(frames.get("next.terminated", zeros)).reshape(length),
        truncated=np.asarray(frames.get("next.truncated", zeros)).reshape(length),
        depth=None if depth is None else depth.astype(np.float32), segmentation=segmentation, events=events,
        contacts=dataset.contacts(index), spec=json.loads(dataset.spec(index)),
        meta={
            "episode_index": episode.episode_index, "sim_index": episode.sim_index, "seed": episode.seed,
            "fps": dataset.schema.fps, "length": length, "spec_sha256": episode.spec_sha256, "outcome": episode.outcome,
            "text": episode.task,
        },
    )  # fmt: skip


def _dense(dataset: Dataset, index: int, streams: Mapping[str, Any], name: str) -> np.ndarray | None:
    """An exact stream in its unit; `invalid` codes become inf where the stream has a scale."""
    if name not in streams:
        return None
    stream, codes = streams[name], dataset.dense(index, name)
    if stream.scale == 1.0 and stream.offset == 0.0:
        return codes
    values = (stream.offset + stream.scale * codes).astype(np.float32)
    if stream.invalid is not None:
        values[codes == stream.invalid] = np.inf
    return values


def choose_camera(dataset: Dataset, wanted: str | None) -> str | None:
    """The camera asked for, or the first one; None when there is none. Raises DatagenError on an unknown name."""
    names = [camera.name for camera in dataset.schema.cameras]
    if wanted is None:
        return names[0] if names else None
    if wanted not in names:
        raise DatagenError(
            str(dataset.folder), f"there is no camera {wanted!r}", near_matches(wanted, names), "correct the name"
        )
    return wanted


def caption(text: str, events: list[dict[str, Any]], fps: int) -> str:
    """The instruction, then the first events of each kind that the log tells, with their times."""
    chosen = sorted(
        (event for event in events if event["type"] in TOLD), key=lambda event: (TOLD.index(event["type"]), event["frame"])
    )[:CAPTION_EVENTS]
    told = [
        f"At {event['frame'] / fps:.2f} s {event['text'].rstrip('.')}."
        for event in sorted(chosen, key=lambda event: (event["frame"], event["substep"]))
    ]
    return " ".join([text.strip() or "The scene is left alone.", *told])


def body_track(dataset: Dataset, trajectory: Trajectory, body: str | None) -> tuple[str, np.ndarray]:
    """Name and pose (T, 7) of a moving body, position then quaternion wxyz; by default that of the focus action's target."""
    moving = list(dataset.schema.extra["moving"])
    if body is None:
        focus = trajectory.spec.get("focus")
        targets = [action["target"] for action in trajectory.spec["actions"] if action["id"] == focus]
        body = next((name for name in targets if name in moving), moving[0] if moving else None)
    if body not in moving:
        raise DatagenError(
            str(dataset.folder), f"there is no moving body {body!r}", near_matches(str(body), moving), "correct the name"
        )
    start = 13 * moving.index(body)
    return str(body), trajectory.state[:, start : start + 7]
