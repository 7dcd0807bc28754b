"""Where things can stand: level upper faces of blocks, rims and floors of vessels, planes.

A patch is a convex polygon at a height. Faces count as level when their normal is vertical to 1e-4; a vessel offers its rim,
the hull of the upper faces of its walls, which only what is wider than the hollow can rest on.
"""

import math
from dataclasses import dataclass

import numpy as np

from .blocks import Array, Block, Solid, matrix, multiply, turned

LEVEL = 0.9999
ROUND = 16
Point = tuple[float, float]


@dataclass(frozen=True)
class Patch:
    """A level polygon, counter-clockwise, at height z; hollow: half widths that a thing on a rim must exceed."""

    z: float
    corners: Array
    hollow: tuple[float, float] | None = None

    @property
    def area(self) -> float:
        """Area, m^2."""
        x, y = self.corners[:, 0], self.corners[:, 1]
        return float(0.5 * abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))

    def contains(self, low: Array, high: Array) -> Array:
        """(K,) whether rectangles [low, high] (K, 2) lie in the polygon."""
        inside = np.ones(len(low), bool)
        following = np.roll(self.corners, -1, axis=0)
        for (ax, ay), (bx, by) in zip(self.corners, following, strict=True):
            nx, ny = ay - by, bx - ax  # inward normal of a counter-clockwise polygon
            x = np.where(nx > 0.0, low[:, 0], high[:, 0])
            y = np.where(ny > 0.0, low[:, 1], high[:, 1])
            inside &= (x - ax) * nx + (y - ay) * ny >= -1e-9
        return inside


def hull(points: Array) -> Array:
    """Convex hull of points in the plane, counter-clockwise (Andrew, 1979)."""
    ordered = sorted({(float(x), float(y)) for x, y in points})
    if len(ordered) < 3:
        return np.array(ordered)

    def half(points: list[Point]) -> list[Point]:
        chain: list[Point] = []
        for p in points:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], p) <= 0.0:
                chain.pop()
            chain.append(p)
        return chain[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def top_face(solid: Solid, position: Array, rotation: Array) -> Array | None:
    """Corners (n, 3) of the level upper face of a solid at a pose, or None."""
    turn = multiply(rotation, solid.rotation)
    m = matrix(turn)
    middle = position + turned(rotation, solid.position)
    if solid.kind == "box":
        for axis in range(3):
            if abs(m[2, axis]) > LEVEL:
                half = 0.5 * np.array(solid.size)
                a, b = [k for k in range(3) if k != axis]
                up = math.copysign(half[axis], m[2, axis]) * m[:, axis]
                signs = ((1, 1), (-1, 1), (-1, -1), (1, -1))
                return np.array([middle + up + i * half[a] * m[:, a] + j * half[b] * m[:, b] for i, j in signs])
    if solid.kind == "cylinder" and abs(m[2, 2]) > LEVEL:
        up = math.copysign(0.5 * solid.size[1], m[2, 2]) * m[:, 2]
        angles = [2.0 * math.pi * k / ROUND for k in range(ROUND)]
        rim = [round(math.cos(t), 12) * m[:, 0] + round(math.sin(t), 12) * m[:, 1] for t in angles]
        return np.array([middle + up + solid.size[0] * step for step in rim])
    if solid.kind == "hull" and solid.vertices is not None:
        corners = middle + turned(np.broadcast_to(turn, (len(solid.vertices), 4)), solid.vertices)
        top = corners[corners[:, 2] > corners[:, 2].max() - 1e-6]
        return top if len(top) >= 3 else None
    return None


def patches(block: Block, position: Array, rotation: Array, window: float) -> list[Patch]:
    """Every patch of a block at a pose, largest first. window: half the side of the square that a plane offers."""
    if block.endless:
        square = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]) * window
        return [Patch(float(position[2]), square)]
    faces = [face for solid in block.solids if (face := top_face(solid, position, rotation)) is not None]
    if block.interior is not None:
        if not faces:
            return []
        level = max(float(face[:, 2].max()) for face in faces)
        rim = np.concatenate([face for face in faces if face[:, 2].max() > level - 1e-6])
        wide = block.interior.sections[-1]
        return [Patch(level, hull(rim[:, :2]), (float(wide[1]), float(wide[2])))]
    found = [Patch(float(face[:, 2].max()), hull(face[:, :2])) for face in faces]
    return sorted((patch for patch in found if len(patch.corners) >= 3), key=lambda patch: (-patch.area, patch.z))


def spans(found: list[Patch]) -> tuple[Array, Array]:
    """Lowest and highest x, y of all patches."""
    low = np.min([patch.corners.min(axis=0) for patch in found], axis=0)
    return low, np.max([patch.corners.max(axis=0) for patch in found], axis=0)
