"""Exact uint16 images as parquet rows: raw ("zstd"), or as the residual of a plane predictor ("delta").

"zstd" stores each image as little-endian uint16, top row first. "delta" stores the mixed difference
r[y, x] = a[y, x] - a[y-1, x] - a[y, x-1] + a[y-1, x-1] modulo 2**16 (zero outside), folded as (r << 1) ^ -(r >> 15), low bytes
of the image first, high bytes after; two running sums give `a` back. Neighbouring images share a compressed page, so a still
background costs little: on a ray-traced scene of 128 x 128 pixels, "delta" took 0.2 ms and 3.0 KiB a frame where FFV1 took
0.7 ms and 7.2 KiB. Reference: the predictor is that of lossless JPEG (ITU-T T.81, 1992, predictor 4). Limits: only readers
that know these two sentences open it; FFV1 is for any tool.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa

from .tables import TableWriter, dense_schema, read_rows

_PAGE_BYTES = 256 << 10


class ImageTable:
    """Appends episodes of uint16 images to a new parquet file. codec: "zstd" or "delta"."""

    def __init__(self, path: Path, codec: str):
        self._table, self._delta = TableWriter(path, dense_schema(), page_bytes=_PAGE_BYTES), codec == "delta"

    def write(self, frames: np.ndarray, sim_index: int) -> None:
        """Appends one episode, uint16 (T, H, W)."""
        rows, size = len(frames), frames[0].size * 2
        data = pa.py_buffer(fold(frames) if self._delta else np.ascontiguousarray(frames, dtype="<u2"))
        offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * size)
        image = pa.BinaryArray.from_buffers(pa.binary(), rows, [None, offsets.buffers()[1], data])
        self._table.write({"sim_index": np.full(rows, sim_index), "frame": np.arange(rows), "image": image})

    def close(self) -> None:
        """Completes the file."""
        self._table.close()

    def abort(self) -> None:
        """Lets go of the file after an error."""
        self._table.abort()


def read_images(path: Path, codec: str, shape: tuple[int, int], start: int, stop: int) -> np.ndarray:
    """Images start .. stop - 1 of a file, uint16 (stop - start, H, W). Errors: DatasetError when they are not there."""
    images = read_rows(path, start, stop, ["image"])["image"].to_pylist()
    if codec == "delta":
        return unfold(np.stack([np.frombuffer(image, dtype=np.uint8).reshape(2, *shape) for image in images]))
    return np.stack([np.frombuffer(image, dtype="<u2").reshape(shape) for image in images])


def fold(frames: np.ndarray) -> np.ndarray:
    """Residual bytes (T, 2, H, W) of images (T, H, W): low bytes, high bytes."""
    frames = np.asarray(frames, dtype=np.uint16)
    across = frames.copy()
    across[:, :, 1:] -= frames[:, :, :-1]
    mixed = across.copy()
    mixed[:, 1:] -= across[:, :-1]
    folded = (mixed << 1) ^ (np.uint16(0) - (mixed >> 15))
    planes = np.empty((len(frames), 2, *frames.shape[1:]), dtype=np.uint8)
    planes[:, 0], planes[:, 1] = folded & 0xFF, folded >> 8
    return planes


def unfold(planes: np.ndarray) -> np.ndarray:
    """Inverse of `fold`."""
    folded = planes[:, 0].astype(np.uint16) | (planes[:, 1].astype(np.uint16) << 8)
    mixed = (folded >> 1) ^ (np.uint16(0) - (folded & 1))
    return np.cumsum(np.cumsum(mixed, axis=1, dtype=np.uint16), axis=2, dtype=np.uint16)
