"""Images as the tracer reads them: texels in one integer each behind the trees of the meshes, and coordinates of triangles.

Integer IMAGES says where a list of headers begins, integer LIGHTS where in the reals the light of the 256 codes stands. A
header is the number of copies of an image, each half the one before, then place, width and height of each; rows of texels go
from the bottom up. Limits: places are 32-bit, so all images of a scene together have at most some 10^9 texels.
"""

from collections.abc import Sequence

import numpy as np

from engine.geometry.texture import smaller_copies

IMAGES, LIGHTS = 2, 3
UV_REALS = 7  # per triangle: (u, v) of its corners, then copies of the image per metre of the mesh


def corner_coordinates(coordinates: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """(triangles, UV_REALS) of uv (triangles, 3, 2) and corners (triangles, 3, 3)."""
    uv, e = coordinates[:, 1:] - coordinates[:, :1], corners[:, 1:] - corners[:, :1]
    area = np.linalg.norm(np.cross(e[:, 0], e[:, 1]), axis=1)
    covered = np.abs(uv[:, 0, 0] * uv[:, 1, 1] - uv[:, 0, 1] * uv[:, 1, 0])
    rate = np.sqrt(covered / np.maximum(area, 1e-300))
    return np.concatenate([coordinates.reshape(-1, 6), rate[:, None]], axis=1)


def packed_images(images: Sequence[np.ndarray], place: int) -> np.ndarray:
    """Integers from `place` on: where each image's header is, then per image the number of its copies, place, width and
    height of each, and their texels, rows from the bottom up."""
    head = np.zeros(len(images), np.int64)
    blocks: list[np.ndarray] = []
    at = place + len(images)
    for k, image in enumerate(images):
        levels = smaller_copies(image)
        head[k] = at
        start = at + 1 + 3 * len(levels)
        entries, texels = [len(levels)], []
        for level in levels:
            entries += [start, level.shape[1], level.shape[0]]
            texels.append((level[::-1].astype(np.int64) @ np.array([1, 256, 65536])).reshape(-1))
            start += texels[-1].size
        blocks += [np.array(entries), *texels]
        at = start
    return np.concatenate([head, *blocks])
