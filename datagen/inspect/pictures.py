"""Pictures and clips inside a page: data URIs of PNG and mp4, and colours for depth and segmentation.

Decides palettes that survive colour-blindness: depth from dark blue over green to yellow with rising lightness, segmentation
from well separated lightness and hue (Okabe and Ito, 2008, then golden-angle hues). Codes with no value are a light grey.
"""

import base64
import colorsys
import io
import tempfile
from collections.abc import Iterable
from pathlib import Path

import imageio.v3 as imageio
import numpy as np

from datagen.writers import Dataset, DenseSchema
from datagen.writers.video import VideoWriter

NOTHING = (225, 225, 225)
# Anchor colours of the depth scale, near to far; lightness falls monotonically.
DEPTH_STOPS = np.array([(253, 231, 55), (122, 209, 81), (34, 168, 132), (42, 120, 142), (65, 68, 135), (68, 1, 84)], float)
DISTINCT = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
    (90, 90, 90),
)


def png_uri(picture: np.ndarray) -> str:
    """uint8 (H, W, 3) as a data URI."""
    buffer = io.BytesIO()
    imageio.imwrite(buffer, picture, extension=".png")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def clip_uri(frames: Iterable[np.ndarray], height: int, width: int, fps: int) -> str:
    """uint8 pictures as an h264 clip in a data URI."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        writer = VideoWriter(path, height, width, fps, "h264")
        writer.write(np.stack(list(frames)))
        writer.close()
        return "data:video/mp4;base64," + base64.b64encode(path.read_bytes()).decode()


def dense_strip(dataset: Dataset, episode: int, stream: DenseSchema) -> np.ndarray:
    """First, middle and last picture of an exact stream side by side, coloured, uint8 (H, 3 W, 3)."""
    codes = dataset.dense(episode, stream.name)
    chosen = codes[[0, len(codes) // 2, len(codes) - 1]]
    painted = paint_labels(chosen) if stream.name.endswith(".segmentation") else paint_values(chosen, stream.invalid)
    return np.concatenate(list(painted), axis=1)


def paint_values(codes: np.ndarray, invalid: int | None) -> np.ndarray:
    """Codes (..., H, W) on the depth scale between their own least and greatest valid value."""
    valid = np.ones(codes.shape, bool) if invalid is None else codes != invalid
    if not valid.any():
        return np.broadcast_to(np.array(NOTHING, np.uint8), (*codes.shape, 3))
    low, high = int(codes[valid].min()), int(codes[valid].max())
    share = (codes.astype(float) - low) / max(high - low, 1) * (len(DEPTH_STOPS) - 1)
    first = np.clip(np.floor(share).astype(int), 0, len(DEPTH_STOPS) - 2)
    part = np.clip(share - first, 0.0, 1.0)[..., None]
    colors = (1.0 - part) * DEPTH_STOPS[first] + part * DEPTH_STOPS[first + 1]
    return np.where(valid[..., None], colors, NOTHING).astype(np.uint8)


def paint_labels(codes: np.ndarray) -> np.ndarray:
    """Codes (..., H, W) in distinct colours, 0 in grey."""
    return label_colors(int(codes.max(initial=0)) + 1)[codes]


def label_colors(count: int) -> np.ndarray:
    """Colour of each code, uint8 (count, 3)."""
    colors: list[tuple[int, ...]] = [NOTHING, *DISTINCT]
    while len(colors) < count:
        number = len(colors)
        light = (0.35, 0.55, 0.75)[number % 3]
        colors.append(tuple(round(255 * part) for part in colorsys.hls_to_rgb(number * 0.381966 % 1.0, light, 0.65)))
    return np.array(colors[:count], np.uint8)
