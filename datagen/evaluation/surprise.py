"""Surprise at the frames of clips: files in which models give it, and baselines that have to be beaten.

`copy` is surprised by every change of the picture; `constant_velocity` keeps a file of every body that it has seen (place,
speed, colour), lets it go on while it is hidden, and is surprised where a body is elsewhere, has another colour, is missing
though nothing hides its place, or comes from nowhere; `noisy_oracle` and `recorded` compare with the true end of the
beginning, with and without noise.
Limits: baselines read labels of pixels, which models do not have.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from datagen.evaluation.predictions import PredictionError, read_arrays
from datagen.evaluation.truth import Truth
from datagen.evaluation.twins import Clip, clip_frames

NOISE = 1e-3
WHOLE = 0.9  # share of its largest view from which on a body is seen whole
EDGE = 2  # pixels from the border in which bodies may enter and leave


def clip_name(number: int) -> str:
    """Name of the file of a clip."""
    return f"clip_{number:08d}.npz"


def write_surprise(folder: Path | str, number: int, surprise: Any) -> Path:
    """Write the surprise (T,) at every frame of a clip."""
    path = Path(folder) / clip_name(number)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, surprise=np.asarray(surprise))
    return path


def read_surprises(folder: Path | str, clips: Sequence[Clip], lengths: Mapping[int, int]) -> dict[int, np.ndarray]:
    """Surprise by clip, of the files that are there; lengths: frames by episode. Raises PredictionError."""
    known = {clip_name(clip.number): clip for clip in clips}
    found = {}
    for path in sorted(Path(folder).glob("c*.npz")):
        if path.name not in known:
            allowed = f"{clip_name(0)} to {clip_name(len(clips) - 1)}" if clips else "none: the dataset has no twins"
            raise PredictionError(str(path), "no clip has this name", allowed)
        arrays, clip = read_arrays(path), known[path.name]
        if set(arrays) != {"surprise"}:
            raise PredictionError(str(path), f"arrays {sorted(arrays)}", "surprise")
        values, length = arrays["surprise"], lengths[clip.end]
        if values.shape != (length,) or values.dtype.kind not in "fiu" or not np.isfinite(values).all():
            what = f"{values.dtype} of shape {values.shape}"
            raise PredictionError(f"{path}: surprise", what, f"{length} finite numbers, one a frame")
        found[clip.number] = values.astype(float)
    return found


def surprise_baseline(name: str, truths: Mapping[int, Truth], clip: Clip) -> np.ndarray:
    """Surprise (T,) of a baseline at the frames of a clip."""
    shown = clip_frames(truths, clip) / 255.0
    if name == "copy":
        return np.concatenate([[0.0], np.abs(np.diff(shown, axis=0)).mean((1, 2, 3))])
    if name == "constant_velocity":
        return _files(shown, clip_frames(truths, clip, "segmentation"), truths[clip.begin], truths[clip.end])
    views = truths[clip.begin].views
    assert views is not None
    error = np.abs(shown - views.stream("rgb", clip.camera) / 255.0).mean((1, 2, 3))
    if name == "recorded":
        return error
    return error + NOISE * np.random.default_rng(clip.number).standard_normal(len(error))


def _files(shown: np.ndarray, labels: np.ndarray, first: Truth, second: Truth) -> np.ndarray:
    """Surprise of the files of bodies: distances in shares of the picture's width, colours in 0 to 1, presence 1."""
    views = first.views
    assert views is not None
    codes = [views.codes[name] for name in dict.fromkeys([*first.names, *second.names])]
    found: np.ndarray = np.sum([_File(code, codes).surprises(shown, labels) for code in codes], axis=0)
    return found


class _File:
    """What is kept of one body: place and speed in pixels as of its last whole view, colour, pixels of a whole view."""

    def __init__(self, code: int, moving: list[int]):
        self.code, self.moving = code, moving
        self.place: np.ndarray | None = None
        self.speed, self.color = np.zeros(2), np.zeros(3)
        self.size = self.age = 0  # age: frames since the last whole view

    def surprises(self, shown: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """(T,) surprise at every frame."""
        found, hider = np.zeros(len(shown)), -1
        for frame, picture in enumerate(labels):
            mask = picture == self.code
            self.age += 1
            if mask.any():
                found[frame], hider = self._seen(mask, shown[frame], frame), -1
            elif self.place is not None:
                row, column = np.round(self.place + self.age * self.speed).astype(int)
                if min(row, column) < EDGE or row >= mask.shape[0] - EDGE or column >= mask.shape[1] - EDGE:
                    self.place, self.size = None, 0  # it has left the picture
                    continue
                label = int(picture[row, column])
                hider = label if hider < 0 else hider
                found[frame] = float(label != hider and label not in self.moving)
        return found

    def _seen(self, mask: np.ndarray, picture: np.ndarray, frame: int) -> float:
        here, tint, size = np.argwhere(mask).mean(0), picture[mask].mean(0), int(mask.sum())
        whole = size >= WHOLE * self.size
        if self.place is None:
            surprise = float(frame > 0 and not _at_border(mask))
        else:
            away = np.linalg.norm(here - self.place - self.age * self.speed) / mask.shape[1]
            surprise = float(away + np.abs(tint - self.color).mean())
        if whole:
            if self.place is not None:
                self.speed = (here - self.place) / self.age if self.age == 1 else self.speed
            self.place, self.color, self.age, self.size = here, tint, 0, max(self.size, size)
        return surprise


def _at_border(mask: np.ndarray) -> bool:
    wide = mask.copy()
    wide[EDGE:-EDGE, EDGE:-EDGE] = False
    return bool(wide.any())
