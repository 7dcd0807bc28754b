"""The interior of a body: where a thing counts as being inside it. It moves with the body, so what is held in a tilted cup is
inside.

A vessel of the spec has an exact interior (`InteriorSpec`). For any other body it is found on a grid: the cells from which
nothing can run out. Water in a free cell runs to free neighbours at its level or below; a cell from which the edge of the
grid can be reached in this way is outside, the others are inside. Layer by layer from below: what is outside in a layer is
every free cell that is joined, in the layer, to the edge or to a cell above an outside cell. That fills a vessel to its
lowest rim, whatever its shape.
Limits: the grid has at most 96 cells along an axis, at least two across the thinnest wall or else the interior is unknown.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy import ndimage

from datagen.spec.episode import InteriorSpec
from datagen.tasks.forms import Solid, _half, signed_distance

CELLS = 96
LEAST = 24


class Region(Protocol):
    """rim: height of the lowest rim in the frame of the body [m]; floor: of the lowest point; volume [m^3]."""

    rim: float
    floor: float
    volume: float

    def holds(self, points: np.ndarray) -> np.ndarray:
        """Whether points (..., 3) of the body frame are inside (...)."""


@dataclass(frozen=True)
class Hollow:
    """The exact interior of a vessel of the spec."""

    interior: InteriorSpec

    @property
    def rim(self) -> float:
        """Height of the highest section."""
        return self.interior.sections[-1][0]

    @property
    def floor(self) -> float:
        """Height of the lowest section."""
        return self.interior.sections[0][0]

    @property
    def volume(self) -> float:
        """Of the frustums between the sections."""
        sides = self.interior.sides
        k = 4.0 if sides == 0 else sides * np.tan(np.pi / sides)
        total = 0.0
        for (low, a1, b1), (high, a2, b2) in zip(self.interior.sections, self.interior.sections[1:], strict=False):
            total += k * (high - low) * (a1 * b1 + a2 * b2 + 0.5 * (a1 * b2 + a2 * b1)) / 3.0
        return float(total)

    def holds(self, points: np.ndarray) -> np.ndarray:
        """See `Region`."""
        levels, half_x, half_y = np.array(self.interior.sections).T
        z = points[..., 2]
        x, y = np.interp(z, levels, half_x), np.interp(z, levels, half_y)
        if self.interior.sides == 0:
            within = (np.abs(points[..., 0]) <= x) & (np.abs(points[..., 1]) <= y)
        else:
            turns = 2.0 * np.pi * (np.arange(self.interior.sides) + 0.5) / self.interior.sides
            reach = points[..., :1] * np.cos(turns) + points[..., 1:2] * np.sin(turns)
            within = reach.max(-1) <= x
        return within & (z >= levels[0]) & (z <= levels[-1])


@dataclass(frozen=True)
class Grid:
    """An interior on a grid: origin of the first cell's corner, cell size, occupancy (nx, ny, nz)."""

    origin: np.ndarray
    cell: np.ndarray
    inside: np.ndarray

    @property
    def volume(self) -> float:
        """Of the cells inside."""
        return float(self.inside.sum() * self.cell.prod())

    @property
    def rim(self) -> float:
        """Top of the highest cell inside."""
        layers = np.flatnonzero(self.inside.any((0, 1)))
        return float(self.origin[2] + (layers[-1] + 1) * self.cell[2]) if len(layers) else float("nan")

    @property
    def floor(self) -> float:
        """Bottom of the lowest cell inside."""
        layers = np.flatnonzero(self.inside.any((0, 1)))
        return float(self.origin[2] + layers[0] * self.cell[2]) if len(layers) else float("nan")

    def holds(self, points: np.ndarray) -> np.ndarray:
        """See `Region`."""
        place = np.floor((points - self.origin) / self.cell).astype(int)
        within = ((place >= 0) & (place < self.inside.shape)).all(-1)
        place = np.where(within[..., None], place, 0)
        return within & self.inside[place[..., 0], place[..., 1], place[..., 2]]


def region_of(form: list[Solid] | None, env: int, interior: InteriorSpec | None) -> Region | None:
    """The interior of a body in one environment; None where it has none, or where the grid cannot tell."""
    if interior is not None:
        return Hollow(interior)
    if not form:
        return None
    solids = [_of_env(solid, env) for solid in form]
    grid = _grid(solids)
    return grid if grid is not None and grid.inside.any() else None


def _of_env(solid: Solid, env: int) -> Solid:
    one = slice(env, env + 1)
    parts: dict[str, Any] = {
        name: None if getattr(solid, name) is None else getattr(solid, name)[one] for name in ("vertices", "normals", "offsets")
    }
    return Solid(solid.kind, solid.size[one], solid.position[one], solid.rotation[one], **parts)


def _grid(solids: list[Solid]) -> Grid | None:
    corners = np.concatenate([_corners(solid) for solid in solids])
    if not np.isfinite(corners).all():
        return None
    low, high = corners.min(0), corners.max(0)
    thinnest = min(2.0 * float(_half(solid).min()) for solid in solids)
    counts = np.clip(np.ceil((high - low) / (0.5 * thinnest)), LEAST, CELLS).astype(int)
    cell = (high - low) / counts
    if (cell > 0.5 * thinnest * (1.0 + 1e-9)).any():
        return None
    origin, counts = low - cell, counts + 2  # a margin of one free cell
    axes = [origin[k] + (np.arange(counts[k]) + 0.5) * cell[k] for k in range(3)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(1, 1, -1, 3)
    solid = np.zeros(points.shape[2], bool)
    for one in solids:
        solid |= signed_distance(one, one.into(points))[0, 0] <= 0.0
    return Grid(origin, cell, _held(~solid.reshape(counts)))


def _corners(solid: Solid) -> np.ndarray:
    signs = np.stack(np.meshgrid([-1.0, 1.0], [-1.0, 1.0], [-1.0, 1.0], indexing="ij"), axis=-1).reshape(-1, 3)
    return solid.out_of((signs * _half(solid)[0])[None, None])[0, 0]


def _held(free: np.ndarray) -> np.ndarray:
    """The free cells from which nothing runs out."""
    outside = np.zeros_like(free)
    edge = np.zeros(free.shape[:2], bool)
    edge[[0, -1]] = edge[:, [0, -1]] = True
    below = np.ones(free.shape[:2], bool)  # under the grid is outside
    for level in range(free.shape[2]):
        layer = free[:, :, level]
        pools, _ = ndimage.label(layer)
        leaking = np.unique(pools[layer & (edge | below)])
        outside[:, :, level] = below = np.isin(pools, leaking[leaking > 0])
    return free & ~outside
