"""E6 in pictures, and E4 in motion: predicted frames beside recorded ones, and where hidden bodies are told to be.

Of every camera: peak signal-to-noise ratio in dB of sRGB values in [0, 1] (at most 100), structural similarity of the grey
picture (Wang et al., 2004: Gaussian window of 11 pixels, sigma 1.5), and the three motion overlaps of Physics-IQ (Motamed et
al., 2025): a pixel moves where it differs from the last frame seen by more than 0.1 in a channel; `motion_iou` per frame,
`motion_where` of all frames together, `motion_weight` of how often a pixel moves. From predicted labels: overlap of the
pixels of bodies that move. Depth: mean |told - true| / true where both see something. `hidden_error`: distance in m of bodies
from where they are told to be while no camera sees a pixel of them, though one has seen them before. Flow: the end-point error
of Baker et al. (2011) in pixels, over the pixels whose point the next frame still sees: `flow_error` of all of them,
`flow_moving` of those that move by more than half a pixel, since most of a picture stands still.
Limits: what the next frame hides has no flow, so nothing is asked there.
"""

from collections.abc import Iterable

import numpy as np

from datagen.evaluation.motion import Aligned

MOVES = 0.1
FLOWS = 0.5  # pixels a frame
BEST = 100.0  # dB
WINDOW, SIGMA = 11, 1.5


def picture_items(aligned: Aligned) -> Iterable[tuple[str, list[float]]]:
    """Items of one episode: one of every camera."""
    views = aligned.truth.views
    if views is None:
        return
    if aligned.has_motion:
        hidden = _hidden(aligned)
        if hidden:
            yield "hidden_error", hidden
    for (stream, camera), told in sorted(aligned.prediction.pictures.items()):
        true = views.stream(stream, camera)
        if stream == "flow":  # row h leads from frame start + h to the next
            yield from _of_flow(told, true[aligned.start : aligned.start + len(told)])
            continue
        later = true[aligned.start + 1 : aligned.start + 1 + len(told)]
        if stream == "rgb":
            yield from _of_pictures(told / 255.0, later / 255.0, true[aligned.start] / 255.0)
        elif stream == "segmentation":
            yield "mask_iou", _masks(told, later, [views.codes[name] for name in aligned.truth.names])
        else:
            both = np.isfinite(told) & np.isfinite(later) & (later > 0.0)
            if both.any():
                yield "depth_error", [float((np.abs(told - later)[both] / later[both]).mean())]


def _of_pictures(told: np.ndarray, true: np.ndarray, last: np.ndarray) -> Iterable[tuple[str, list[float]]]:
    squared = ((told - true) ** 2).mean((1, 2, 3))
    yield "psnr", [float(np.mean(np.minimum(-10.0 * np.log10(np.maximum(squared, 1e-30)), BEST)))]
    yield "ssim", [float(np.mean([ssim(a, b) for a, b in zip(told.mean(-1), true.mean(-1), strict=True)]))]
    first, second = (np.abs(frames - last).max(-1) > MOVES for frames in (told, true))
    yield "motion_iou", [float(np.mean([overlap(a, b) for a, b in zip(first, second, strict=True)]))]
    yield "motion_where", [overlap(first.any(0), second.any(0))]
    a, b = first.mean(0), second.mean(0)
    most = float(np.maximum(a, b).sum())
    yield "motion_weight", [float(np.minimum(a, b).sum()) / most if most else 1.0]


def _of_flow(told: np.ndarray, true: np.ndarray) -> Iterable[tuple[str, list[float]]]:
    asked = np.isfinite(told).all(-1) & np.isfinite(true).all(-1)
    error = np.linalg.norm(told - true, axis=-1)
    for name, where in (("flow_error", asked), ("flow_moving", asked & (np.linalg.norm(true, axis=-1) > FLOWS))):
        if where.any():
            yield name, [float(error[where].mean())]


def overlap(first: np.ndarray, second: np.ndarray) -> float:
    """Intersection over union; 1 where both are empty."""
    union = int((first | second).sum())
    return float((first & second).sum()) / union if union else 1.0


def ssim(first: np.ndarray, second: np.ndarray) -> float:
    """Structural similarity of two grey pictures (H, W) in [0, 1]; windows at the edge hold what is inside."""
    at = np.arange(WINDOW) - WINDOW // 2
    kernel = np.exp(-0.5 * (at / SIGMA) ** 2)
    share = _blur(np.ones_like(first), kernel)

    def mean(values: np.ndarray) -> np.ndarray:
        return _blur(values, kernel) / share

    a, b = mean(first), mean(second)
    spread = mean(first**2) - a**2 + mean(second**2) - b**2
    like = (2.0 * a * b + 1e-4) * (2.0 * (mean(first * second) - a * b) + 9e-4)
    return float(np.mean(like / ((a**2 + b**2 + 1e-4) * (spread + 9e-4))))


def _blur(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Separable convolution with zeros outside."""
    half = len(kernel) // 2
    for axis in (0, 1):
        width = [(half, half) if one == axis else (0, 0) for one in (0, 1)]
        padded, size = np.pad(values, width), values.shape[axis]
        values = sum(k * np.take(padded, range(n, n + size), axis) for n, k in enumerate(kernel))  # type: ignore[assignment]
    return values


def _masks(told: np.ndarray, true: np.ndarray, moving: list[int]) -> list[float]:
    """Overlap of every moving body in every frame in which one of the two sees it."""
    found = []
    for code in moving:
        for a, b in zip(told == code, true == code, strict=True):
            if a.any() or b.any():
                found.append(overlap(a, b))
    return found


def _hidden(aligned: Aligned) -> list[float]:
    """Errors of bodies in frames in which they are hidden."""
    views = aligned.truth.views
    assert views is not None
    seen = np.zeros((len(aligned.truth.position), len(aligned.names)), bool)
    cameras = views.cameras("segmentation")
    for camera in cameras:
        labels = views.stream("segmentation", camera)
        for column, name in enumerate(aligned.names):
            seen[:, column] |= (labels == views.codes[name]).any((1, 2))
    known = seen[: aligned.start + 1].any(0) & bool(cameras)
    error = np.linalg.norm(aligned.path()[1:] - aligned.truth.position[aligned.frames][:, aligned.columns], axis=-1)
    found: list[float] = error[~seen[aligned.frames] & known].tolist()
    return found
