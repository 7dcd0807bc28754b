"""What is placed: rigid blocks of convex solids, and how far they reach.

Candidates are arrays: position (K, 3), rotation (K, 4) wxyz; boxes around them are (K, S, 3) low and high corners, exact for
every kind of solid (the support function along the axes). All numbers are float64 sums, products and square roots, so they are
the same on every machine.
"""

from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray
IDENTITY = np.array([1.0, 0.0, 0.0, 0.0])


@dataclass(frozen=True)
class Solid:
    """A convex solid in the frame of its block. kind: box (full extents), sphere (radius), capsule (radius, straight length),
    cylinder (radius, height), ellipsoid (radii), hull (`vertices` (n, 3)), or plane (endless, normal +z)."""

    kind: str
    size: tuple[float, ...] = ()
    vertices: Array | None = None
    position: Array = field(default_factory=lambda: np.zeros(3))
    rotation: Array = field(default_factory=lambda: IDENTITY)


@dataclass(frozen=True)
class Interior:
    """A hollow in the frame of its block: sections (z, half x, half y) from below; sides 0 for a rectangle, or those of a
    polygon."""

    sections: Array
    sides: int
    position: Array = field(default_factory=lambda: np.zeros(3))


@dataclass
class Block:
    """Solids that move together. pose: (position, rotation) of a block that stands already, None for one to be placed; turn:
    the rotation that a placed block gets; attached: the block that carries this one and the pose in it; related: names of
    blocks that it may touch."""

    name: str
    solids: tuple[Solid, ...]
    turn: Array = field(default_factory=lambda: IDENTITY)
    pose: tuple[Array, Array] | None = None
    interior: Interior | None = None
    attached: tuple[str, Array, Array] | None = None
    _boxes: dict[bytes, tuple[Array, Array]] = field(default_factory=dict, repr=False)

    def boxes_at(self, rotation: Array) -> tuple[Array, Array]:
        """Boxes (1, S, 3) of the solids of a block that stands at the origin with a turn (4,)."""
        key = rotation.tobytes()
        if key not in self._boxes:
            self._boxes[key] = boxes(self, np.zeros((1, 3)), rotation[None])
        return self._boxes[key]

    @property
    def endless(self) -> bool:
        """Whether it is a plane."""
        return any(solid.kind == "plane" for solid in self.solids)


def multiply(p: Array, q: Array) -> Array:
    """First q, then p; shapes (..., 4)."""
    a, b, c, d = np.moveaxis(np.asarray(p), -1, 0)
    e, f, g, h = np.moveaxis(np.asarray(q), -1, 0)
    parts = [
        a * e - b * f - c * g - d * h, a * f + b * e + c * h - d * g, a * g - b * h + c * e + d * f,
        a * h + b * g - c * f + d * e,
    ]  # fmt: skip
    return np.stack(parts, axis=-1)


def matrix(q: Array) -> Array:
    """Rotation matrices (..., 3, 3) of unit quaternions (..., 4)."""
    w, x, y, z = np.moveaxis(np.asarray(q), -1, 0)
    rows = [
        [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
        [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
        [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def turned(q: Array, v: Array) -> Array:
    """Vectors (..., 3) turned by quaternions (..., 4)."""
    m, v = matrix(q), np.asarray(v, float)
    return m[..., 0] * v[..., :1] + m[..., 1] * v[..., 1:2] + m[..., 2] * v[..., 2:]


def solid_half(solid: Solid, q: Array) -> tuple[Array, Array]:
    """Middle (relative to the solid's origin) and half extents (K, 3) of the box around a solid turned by q (K, 4)."""
    m = matrix(q)
    size = solid.size
    zero = np.zeros(m.shape[:-1])
    if solid.kind == "hull":
        assert solid.vertices is not None
        corners = sum(m[..., None, :, k] * solid.vertices[:, k, None] for k in range(3))
        low, high = corners.min(axis=-2), corners.max(axis=-2)
        return 0.5 * (low + high), 0.5 * (high - low)
    if solid.kind == "box":
        return zero, 0.5 * (np.abs(m[..., 0]) * size[0] + np.abs(m[..., 1]) * size[1] + np.abs(m[..., 2]) * size[2])
    if solid.kind == "sphere":
        return zero, zero + size[0]
    if solid.kind == "ellipsoid":
        return zero, np.sqrt((m[..., 0] * size[0]) ** 2 + (m[..., 1] * size[1]) ** 2 + (m[..., 2] * size[2]) ** 2)
    along = np.abs(m[..., 2])
    if solid.kind == "capsule":
        return zero, size[0] + 0.5 * size[1] * along
    return zero, size[0] * np.sqrt(np.maximum(0.0, 1.0 - along * along)) + 0.5 * size[1] * along


def boxes(block: Block, position: Array, rotation: Array) -> tuple[Array, Array]:
    """Low and high corners (K, S, 3) of every bounded solid of a block at K poses; a plane reaches from -inf to its level."""
    lows, highs = [], []
    for solid in block.solids:
        place = position + turned(rotation, solid.position)
        if solid.kind == "plane":
            endless = np.full(place.shape, np.inf)
            low, high = -endless, endless.copy()
            high[..., 2] = place[..., 2]
        else:
            middle, half = solid_half(solid, multiply(rotation, np.broadcast_to(solid.rotation, rotation.shape)))
            low, high = place + middle - half, place + middle + half
        lows.append(low)
        highs.append(high)
    return np.stack(lows, axis=-2), np.stack(highs, axis=-2)


def support_point(solid: Solid, direction: tuple[float, float, float]) -> tuple[float, float, float]:
    """The farthest point of a bounded solid in its own frame along a direction."""
    x, y, z = direction
    size = solid.size
    if solid.kind == "hull":
        assert solid.vertices is not None
        best = int(np.argmax(solid.vertices[:, 0] * x + solid.vertices[:, 1] * y + solid.vertices[:, 2] * z))
        a, b, c = solid.vertices[best]
        return float(a), float(b), float(c)
    if solid.kind == "box":
        return _signed(0.5 * size[0], x), _signed(0.5 * size[1], y), _signed(0.5 * size[2], z)
    if solid.kind == "ellipsoid":
        a, b, c = size[0] * x, size[1] * y, size[2] * z
        length = (a * a + b * b + c * c) ** 0.5 or 1.0
        return size[0] * a / length, size[1] * b / length, size[2] * c / length
    if solid.kind == "cylinder":
        flat = (x * x + y * y) ** 0.5 or 1.0
        return size[0] * x / flat, size[0] * y / flat, _signed(0.5 * size[1], z)
    length = (x * x + y * y + z * z) ** 0.5 or 1.0
    shift = _signed(0.5 * size[1], z) if solid.kind == "capsule" else 0.0
    return size[0] * x / length, size[0] * y / length, size[0] * z / length + shift


def _signed(value: float, sign: float) -> float:
    return value if sign >= 0.0 else -value
