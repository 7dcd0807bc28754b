"""Hand-made episodes that cameras see: squares that cross a picture behind a bar."""

from dataclasses import replace

import numpy as np

from tests.datagen.evaluation.motions import ball, collision

HEIGHT, WIDTH, SIDE = 20, 40, 4
BAR = slice(14, 26)
CODES = {"a": 1, "b": 2, "bar": 3}
RED, BLUE, GREY, BROWN = (230, 20, 20), (20, 20, 230), (120, 120, 120), (90, 60, 30)


class Shown:
    """Views of arrays."""

    def __init__(self, labels, pictures, depth=None, flow=None):
        self.codes = CODES
        self._streams = {"segmentation": labels, "rgb": pictures, "depth": depth, "flow": flow}

    def cameras(self, stream):
        return [] if self._streams[stream] is None else ["eye"]

    def stream(self, stream, camera):
        assert camera == "eye"
        return self._streams[stream]

    def forget(self):
        """There is nothing to forget."""


def crossing(columns, color=RED, code=1, bar=True):
    """Labels and pictures of a square whose left side is at `columns` (None: not there), behind the bar."""
    labels = np.zeros((len(columns), HEIGHT, WIDTH), int)
    for frame, column in enumerate(columns):
        if column is not None:
            labels[frame, 8 : 8 + SIDE, max(column, 0) : max(column + SIDE, 0)] = code
    if bar:
        labels[:, :, BAR] = CODES["bar"]
    pictures = np.zeros((*labels.shape, 3), np.uint8)
    for value, tint in ((0, GREY), (code, color), (CODES["bar"], BROWN)):
        pictures[labels == value] = tint
    return Shown(labels, pictures)


RIGHT = [2 * n for n in range(19)]  # two pixels a frame
LEFT = RIGHT[::-1]
NOWHERE = [None] * 19


def seen(index, views, branch="base", group=0, **more):
    """An episode of 19 frames with one body `a`."""
    truth = collision(index, group, branch, frames=19)
    names, bodies = ("a",), {"a": ball(**more)}
    return replace(
        truth, names=names, bodies=bodies, views=views, mass=truth.mass[:1], position=truth.position[:, :1],
        rotation=truth.rotation[:, :1], velocity=truth.velocity[:, :1], touching={}, touched=truth.touched[:, :1],
        acted=truth.acted[:, :1],
    )  # fmt: skip
