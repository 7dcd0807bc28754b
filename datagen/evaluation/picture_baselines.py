"""Baselines in pictures: the last frame again, bodies that go on across the picture, and the recording with noise.

`constant_velocity`: every moving body that the last frame shows goes on by the shift of its middle over the last two frames,
in whole pixels; what it uncovers is the median of the frames seen in which nothing that moves was there (the last frame,
where there is none). `noisy_oracle`: noise of 0.05 on channels, labels and depth moved by one pixel. Flow: none of `copy`, that
shift of `constant_velocity` where the bodies have gone, noise of half a pixel. Limits: nothing grows, turns or hides behind
what stands still.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from datagen.evaluation.truth import Truth
from datagen.evaluation.views import Views

NOISE = 0.05
BLUR = 0.5  # pixels


def picture_baseline(
    name: str, truth: Truth, start: int, horizon: int, asked: Iterable[tuple[str, str]]
) -> Mapping[tuple[str, str], np.ndarray]:
    """What a baseline shows in frames start + 1 .. start + horizon, for (stream, camera)."""
    views = truth.views
    if views is None:
        return {}
    found = {}
    for stream, camera in asked:
        frames = views.stream(stream, camera)
        if stream == "flow":
            if name != "constant_velocity" or camera in views.cameras("segmentation"):
                found[stream, camera] = _flow(name, truth, camera, start, horizon)
        elif name == "copy":
            found[stream, camera] = np.repeat(frames[start][None], horizon, 0)
        elif name == "constant_velocity":
            if camera in views.cameras("segmentation"):
                found[stream, camera] = _moved(views, truth.names, stream, camera, start, horizon)
        else:
            later = frames[start + 1 : start + 1 + horizon]
            found[stream, camera] = later if name == "recorded" else _noisy(stream, later, truth.index)
    return found


def _noisy(stream: str, frames: np.ndarray, seed: int) -> np.ndarray:
    if stream != "rgb":
        return np.roll(frames, 1, axis=2)
    noise = 255.0 * NOISE * np.random.default_rng(seed).standard_normal(frames.shape)
    return np.clip(frames + noise, 0.0, 255.0)


def _flow(name: str, truth: Truth, camera: str, start: int, horizon: int) -> np.ndarray:
    """Flow of a baseline, row h from frame start + h to the next (horizon, height, width, 2)."""
    views = truth.views
    assert views is not None
    true = views.stream("flow", camera)[start : start + horizon]
    if name == "recorded":
        return true
    if name == "noisy_oracle":
        return true + BLUR * np.random.default_rng(truth.index).standard_normal(true.shape)
    shown = np.zeros(true.shape)
    if name == "constant_velocity":
        labels = views.stream("segmentation", camera)
        for code in (views.codes[name] for name in truth.names):
            for step, (y, x, speed) in enumerate(_going(labels, code, start, horizon)):
                shown[step, y, x] = speed[::-1]
    return shown


def _going(labels: np.ndarray, code: int, start: int, horizon: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Rows and columns of a body in frames start .. start + horizon - 1 if it keeps its shift (down, right) in pixels."""
    mask, before = labels[start] == code, labels[max(start - 1, 0)] == code
    if not mask.any():
        return
    speed = _middle(mask) - _middle(before) if before.any() else np.zeros(2)
    rows, columns = np.nonzero(mask)
    for step in range(horizon):
        down, right = np.round(step * speed).astype(int)
        y, x = rows + down, columns + right
        inside = (y >= 0) & (y < mask.shape[0]) & (x >= 0) & (x < mask.shape[1])
        yield y[inside], x[inside], speed


def _moved(views: Views, names: Iterable[str], stream: str, camera: str, start: int, horizon: int) -> np.ndarray:
    frames, labels = views.stream(stream, camera), views.stream("segmentation", camera)
    codes = [views.codes[name] for name in names]
    behind = _background(frames[: start + 1], labels[: start + 1], codes)
    shown = np.repeat(behind[None], horizon, 0)
    for code in codes:
        mask = labels[start] == code
        if not mask.any():
            continue
        before = labels[max(start - 1, 0)] == code
        speed = _middle(mask) - _middle(before) if before.any() else np.zeros(2)
        rows, columns = np.nonzero(mask)
        for step in range(horizon):
            down, right = np.round((step + 1) * speed).astype(int)
            y, x = rows + down, columns + right
            inside = (y >= 0) & (y < mask.shape[0]) & (x >= 0) & (x < mask.shape[1])
            shown[step, y[inside], x[inside]] = frames[start, rows[inside], columns[inside]]
    return shown


def _middle(mask: np.ndarray) -> np.ndarray:
    return np.argwhere(mask).mean(0)


def _background(frames: np.ndarray, labels: np.ndarray, codes: list[int]) -> np.ndarray:
    """The picture without what moves."""
    moving = np.isin(labels, codes)
    wide = moving if frames.ndim == 3 else np.broadcast_to(moving[..., None], frames.shape)
    filled = np.ma.median(np.ma.array(frames.astype(float), mask=wide), axis=0)
    return np.where(np.ma.getmaskarray(filled), frames[-1], np.ma.getdata(filled)).astype(frames.dtype)
