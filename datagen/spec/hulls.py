"""Solids that the engine has no primitive for, as convex meshes, and ground as a height field.

A cone has `SIDES` corners on each circle, at the radius itself, so its volume is that of the regular polygon,
n sin(2 pi / n) / (2 pi) of the circle's (99.3 % at 32). Ground: smooth value noise of three octaves on a lattice of the period,
with a quintic blend (Perlin, "Improving noise", 2002), drawn from the stream of the morph.
"""

import math
from typing import Any

from .episode import ShapeSpec
from .exact import cos, cos_sin
from .morphs import Terrain
from .pose import Vec, tidy_vec
from .streams import Stream

SIDES = 32
MAX_SAMPLES = 512
Triangle = tuple[int, int, int]


def cone_hull(radius: float, top: float, height: float) -> ShapeSpec:
    """A cone (top = 0) or frustum about z around its middle."""
    turns = [cos_sin(2.0 * math.pi * side / SIDES) for side in range(SIDES)]
    rings: list[list[Vec]] = [[tidy_vec((radius * c, radius * s, -0.5 * height)) for c, s in turns]]
    tip = top < 1e-3 * radius
    rings.append([(0.0, 0.0, 0.5 * height)] if tip else [tidy_vec((top * c, top * s, 0.5 * height)) for c, s in turns])
    vertices = [vertex for ring in rings for vertex in ring]
    faces: list[Triangle] = [(0, side + 1, side) for side in range(1, SIDES - 1)]
    for side in range(SIDES):
        following = (side + 1) % SIDES
        if tip:
            faces.append((side, following, SIDES))
        else:
            faces += [(side, following, SIDES + following), (side, SIDES + following, SIDES + side)]
    if not tip:
        faces += [(SIDES, SIDES + side, SIDES + side + 1) for side in range(1, SIDES - 1)]
    return ShapeSpec(type="hull", vertices=tuple(vertices), faces=tuple(faces))


def wedge_hull(size: Vec) -> ShapeSpec:
    """A right triangle in x and z, extruded along y: high at -x, a slope down towards +x."""
    x, y, z = (0.5 * extent for extent in size)
    corners = [(-x, -z), (x, -z), (-x, z)]
    vertices = tuple(tidy_vec((a, side * y, b)) for side in (-1.0, 1.0) for a, b in corners)
    faces = ((0, 1, 2), (3, 5, 4), (0, 3, 4), (0, 4, 1), (0, 2, 5), (0, 5, 3), (1, 4, 5), (1, 5, 2))
    return ShapeSpec(type="hull", vertices=vertices, faces=faces)


def build_terrain(morph: Terrain, draw: Any, path: str, item: int) -> ShapeSpec:
    """The height field of a terrain. Raises `ValueError` for more samples than a side may have."""
    (wide, deep), height, cell, period = (
        draw.value(getattr(morph, name), f"{path}.{name}", item) for name in ("size", "height", "cell", "period")
    )
    columns, rows = (max(2, round(extent / cell) + 1) for extent in (wide, deep))
    if max(columns, rows) > MAX_SAMPLES:
        raise ValueError(f"{columns} x {rows} samples of a terrain are too many (at most {MAX_SAMPLES} a side)")
    noise = Noise(Stream(draw.seed, draw.index, f"{path}.profile", item))
    heights = []
    for row in range(rows):
        y = deep * row / (rows - 1)
        line = [_level(morph.profile, wide * column / (columns - 1), y, wide, period, cell, noise) for column in range(columns)]
        heights.append(tuple(round(height * level, 9) + 0.0 for level in line))
    return ShapeSpec(type="height_field", size=(wide, deep, 0.1), heights=tuple(heights))


def _level(profile: str, x: float, y: float, wide: float, period: float, cell: float, noise: "Noise") -> float:
    """Relative height from -0.5 to 0.5 (hills, waves, rough), or from 0 to 1 (slope, steps)."""
    if profile == "slope":
        return x / wide
    if profile == "steps":
        count = max(1, round(wide / period))
        return min(math.floor(x / wide * count), count - 1) / max(count - 1, 1)
    if profile == "waves":
        return 0.5 * cos(2.0 * math.pi * x / period)
    if profile == "rough":
        return noise.lattice(round(x / cell), round(y / cell)) - 0.5
    octaves = ((1.0, 4.0 / 7.0), (2.0, 2.0 / 7.0), (4.0, 1.0 / 7.0))
    return math.fsum(share * (noise.at(factor * x / period, factor * y / period) - 0.5) for factor, share in octaves)


class Noise:
    """Uniform numbers on a lattice and a smooth surface through them, all from one stream."""

    def __init__(self, stream: Stream):
        self._table = [stream.uniform() for _ in range(256)]

    def lattice(self, i: int, j: int) -> float:
        """The number at a point of the lattice, in [0, 1)."""
        mixed = ((i * 374761393 + j * 668265263) ^ (i * 2246822519 - j * 3266489917)) & 0xFFFFFFFF
        mixed = ((mixed ^ (mixed >> 13)) * 1274126177) & 0xFFFFFFFF
        return (self._table[mixed & 255] + self._table[(mixed >> 16) & 255]) % 1.0

    def at(self, x: float, y: float) -> float:
        """The smooth surface, in [0, 1)."""
        i, j = math.floor(x), math.floor(y)
        u, v = (t * t * t * (t * (6.0 * t - 15.0) + 10.0) for t in (x - i, y - j))
        low = self.lattice(i, j) * (1.0 - u) + self.lattice(i + 1, j) * u
        high = self.lattice(i, j + 1) * (1.0 - u) + self.lattice(i + 1, j + 1) * u
        return low * (1.0 - v) + high * v
