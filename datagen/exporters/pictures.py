"""Clips for formats that keep one video per episode, and the control pictures that video models are conditioned on.

Depth controls are 8 bit gray, near is bright, scaled between the 1st and 99th percentile of the clip; segmentation controls
have one colour per body code, from the golden ratio around the hue circle; edges are the gradient of luminance (Sobel,
1968), clipped at its 98th percentile.
"""

import colorsys
import tempfile
from pathlib import Path

import numpy as np

from datagen.writers.video import VideoWriter

GOLDEN = 0.618033988749895


def write_mp4(path: Path, pictures: np.ndarray, fps: int) -> None:
    """One clip, uint8 (T, H, W, 3); odd sizes lose their last row or column, which h264 does not hold."""
    even = pictures[:, : pictures.shape[1] // 2 * 2, : pictures.shape[2] // 2 * 2]
    writer = VideoWriter(path, even.shape[1], even.shape[2], fps, "h264")
    try:
        writer.write(even)
    except BaseException:
        writer.abort()
        raise
    writer.close()


def mp4_bytes(pictures: np.ndarray, fps: int) -> bytes:
    """The bytes of such a clip."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        write_mp4(path, pictures, fps)
        return path.read_bytes()


def depth_control(depth: np.ndarray) -> np.ndarray:
    """Depth (T, H, W) [m] as gray pictures (T, H, W, 3); where nothing is hit it is black."""
    seen = np.isfinite(depth)
    low, high = np.percentile(depth[seen], (1, 99)) if seen.any() else (0.0, 1.0)
    near = np.clip(1.0 - (np.where(seen, depth, high) - low) / max(high - low, 1e-6), 0.0, 1.0)
    return np.repeat((np.where(seen, 0.05 + 0.95 * near, 0.0) * 255).astype(np.uint8)[..., None], 3, -1)


def segmentation_control(codes: np.ndarray) -> np.ndarray:
    """Body codes (T, H, W) as colours (T, H, W, 3); code 0 is black."""
    table = np.zeros((int(codes.max(initial=0)) + 1, 3), np.uint8)
    for code in range(1, len(table)):
        table[code] = np.array(colorsys.hsv_to_rgb((code * GOLDEN) % 1.0, 0.75, 0.95)) * 255
    return table[codes]


def edge_control(pictures: np.ndarray) -> np.ndarray:
    """Edges of pictures (T, H, W, 3) as gray pictures of the same shape."""
    gray = np.pad(
        pictures.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32), ((0, 0), (1, 1), (1, 1)), mode="edge"
    )
    right, left = gray[:, :, 2:], gray[:, :, :-2]
    across = right[:, :-2] + 2 * right[:, 1:-1] + right[:, 2:] - left[:, :-2] - 2 * left[:, 1:-1] - left[:, 2:]
    down, up = gray[:, 2:], gray[:, :-2]
    along = down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:] - up[:, :, :-2] - 2 * up[:, :, 1:-1] - up[:, :, 2:]
    strength = np.hypot(across, along)
    top = max(float(np.percentile(strength, 98)), 1.0)
    return np.repeat((np.clip(strength / top, 0, 1) * 255).astype(np.uint8)[..., None], 3, -1)
