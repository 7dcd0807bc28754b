"""What sensors told, on the page: lines for few numbers, three frames of grids and pictures, a player for sound."""

import base64
import io
import wave
from collections.abc import Mapping
from html import escape

import numpy as np

from datagen.inspect.pictures import paint_values, png_uri
from datagen.inspect.svg import line_plot
from datagen.writers import Dataset
from engine.types import Feature

PREFIX = "observation.sensor."
LINES = 9
ENLARGED = 160  # pixels that a strip is high at least
LEVELS = 4095  # of a grid painted as depth
LOUDEST = 0.9


def sensor_figures(dataset: Dataset, frames: Mapping[str, np.ndarray], time: np.ndarray) -> list[str]:
    """One figure per sensor of an episode, in the order of the schema."""
    found = [feature for feature in dataset.schema.features if feature.name.startswith(PREFIX)]
    return [_figure(feature, np.asarray(frames[feature.name]), time, dataset.schema.fps) for feature in found]


def _figure(feature: Feature, values: np.ndarray, time: np.ndarray, fps: int) -> str:
    title = f"sensor {feature.name.removeprefix(PREFIX)}"
    shown = values.reshape(len(time), *feature.shape)
    if feature.unit == "Pa" and len(feature.shape) == 1:
        return _sound(title, shown, fps)
    if len(feature.shape) == 1:
        names = feature.names or tuple(str(k) for k in range(feature.shape[0]))
        return line_plot(title, feature.unit or "1", time, {names[k]: shown[:, k] for k in range(min(len(names), LINES))})
    strip = _strip(feature, shown[[0, len(shown) // 2, len(shown) - 1]])
    caption = f"<figcaption>{escape(title)} <small>{escape(feature.unit)} first, middle, last frame</small></figcaption>"
    return f'<figure>{caption}<img alt="{escape(title)}" src="{png_uri(strip)}"></figure>'


def _strip(feature: Feature, frames: np.ndarray) -> np.ndarray:
    """Three frames side by side, uint8 (H, W, 3); of taxels the pressure."""
    if feature.dtype == "uint8":
        pictures = frames
    else:
        grid = frames[..., 2] if frames.ndim == 4 else frames
        low, high = float(grid.min()), float(grid.max())
        pictures = paint_values(np.rint((grid - low) / max(high - low, 1e-12) * LEVELS).astype(np.uint16), None)
    strip = np.concatenate(list(np.pad(pictures, [(0, 0), (1, 1), (1, 1), (0, 0)], constant_values=255)), axis=1)
    factor = max(1, -(-ENLARGED // strip.shape[0]))
    return strip.repeat(factor, axis=0).repeat(factor, axis=1)


def _sound(title: str, values: np.ndarray, fps: int) -> str:
    """A player of the whole track, at its own loudest."""
    track = values.reshape(-1)
    peak = max(float(np.abs(track).max()), 1e-12)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(values.shape[1] * fps)
        file.writeframes(np.rint(track / peak * LOUDEST * 32767).astype("<i2").tobytes())
    uri = "data:audio/wav;base64," + base64.b64encode(buffer.getvalue()).decode()
    caption = f"<figcaption>{escape(title)} <small>loudest {peak:.3g} Pa</small></figcaption>"
    return f'<figure>{caption}<audio controls src="{uri}"></audio></figure>'
