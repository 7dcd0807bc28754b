"""What cameras saw of an episode, read when it is asked for: pictures, labels of pixels, depth.

Streams: `rgb` uint8 (T, H, W, 3), `segmentation` codes (T, H, W), `depth` in m (T, H, W), nan where nothing is, `flow` (T, H,
W, 2) in pixels right and down, from a frame to the next, nan where the point is not seen there and in the last frame. Limits:
pictures are those of the video, which is not exact; labels and depth are exact.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

import numpy as np

from datagen.writers.dataset import Dataset

STREAMS = ("rgb", "segmentation", "depth", "flow")


class Views(Protocol):
    """Streams by camera, and the code of every body in segmentations."""

    @property
    def codes(self) -> Mapping[str, int]:
        """Name of a body -> its code."""
        ...

    def forget(self) -> None:
        """Lets go of what was read."""
        ...

    def cameras(self, stream: str) -> list[str]:
        """Cameras that recorded a stream."""
        ...

    def stream(self, stream: str, camera: str) -> np.ndarray:
        """All frames of a stream."""
        ...


class StoredViews:
    """The views of one stored episode."""

    def __init__(self, dataset: Dataset, index: int):
        self._dataset, self._index = dataset, index
        self._read: dict[tuple[str, str], np.ndarray] = {}

    @cached_property
    def codes(self) -> Mapping[str, int]:
        """Name of a body -> its code."""
        return {name: int(code) for code, name in self._dataset.schema.extra["bodies"].items()}

    def cameras(self, stream: str) -> list[str]:
        """Cameras that recorded a stream."""
        if stream == "rgb":
            return [camera.name for camera in self._dataset.schema.cameras]
        end = ".flow_x" if stream == "flow" else f".{stream}"
        return [one.name.rsplit(".", 1)[0] for one in self._dataset.schema.dense if one.name.endswith(end)]

    def stream(self, stream: str, camera: str) -> np.ndarray:
        """All frames of a stream, read once."""
        key = (stream, camera)
        if key not in self._read:
            self._read[key] = self._frames(stream, camera)
        return self._read[key]

    def forget(self) -> None:
        """Lets go of what was read."""
        self._read.clear()

    def _frames(self, stream: str, camera: str) -> np.ndarray:
        if stream == "rgb":
            return np.stack(list(self._dataset.video(self._index, camera)))
        if stream == "segmentation":
            return self._dataset.dense(self._index, f"{camera}.{stream}").astype(np.int64)
        if stream == "depth":
            return self._numbers(f"{camera}.depth")
        flow = np.stack([self._numbers(f"{camera}.flow_{axis}") for axis in "xy"], axis=-1)
        valid = self._dataset.dense(self._index, f"{camera}.flow_valid").astype(bool)
        valid[-1:] = False
        return np.where(valid[..., None], flow, np.nan)

    def _numbers(self, name: str) -> np.ndarray:
        """A stream in its unit, nan where it has no value."""
        codes = self._dataset.dense(self._index, name)
        schema = next(one for one in self._dataset.schema.dense if one.name == name)
        return np.where(codes == schema.invalid, np.nan, schema.offset + schema.scale * codes.astype(np.float64))
