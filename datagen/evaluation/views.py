"""What cameras saw of an episode, read when it is asked for: pictures, labels of pixels, depth.

Streams: `rgb` uint8 (T, H, W, 3), `segmentation` codes (T, H, W), `depth` in m (T, H, W), nan where nothing is. Limits:
pictures are those of the video, which is not exact; labels and depth are exact.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

import numpy as np

from datagen.writers.dataset import Dataset

STREAMS = ("rgb", "segmentation", "depth")


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
        return [one.name.rsplit(".", 1)[0] for one in self._dataset.schema.dense if one.name.endswith(f".{stream}")]

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
        codes = self._dataset.dense(self._index, f"{camera}.{stream}")
        if stream == "segmentation":
            return codes.astype(np.int64)
        schema = next(one for one in self._dataset.schema.dense if one.name == f"{camera}.{stream}")
        depth = schema.offset + schema.scale * codes.astype(np.float64)
        return np.where(codes == schema.invalid, np.nan, depth)
