"""Numbers that matter of particles needs and that nobody writes: the cell of its grid and the speed of sound in a liquid.

A cell holds eight particles. Left out, it is such that all particles of an episode are about `PARTICLES`: enough for a stream
and a surface, few enough for a processor. A liquid may be far softer than it is, as long as its speed stays far below that of
its waves: its density changes by the square of the ratio (Monaghan 1994, section 4), so by 1 % at a tenth.

Limits: the speed is that of a fall from where the liquid starts to z = 0; what is thrown faster is compressed more.
"""

import math
from collections.abc import Sequence

from .episode import MatterSpec, ShapeSpec
from .pose import Vec, rotate

PARTICLES = 2000
MACH = 0.1
SLOWEST, FASTEST = 10.0, 35.0  # m/s of sound
UNKNOWN = 1e-3  # m^3 of a region whose file is not read here


def grid_cell(matter: Sequence[MatterSpec], asked: float | None) -> float | None:
    """The cell of the grid [m]: as asked, else one that makes `PARTICLES`; None where nothing is made of particles."""
    volume = math.fsum(shape_volume(shape) for one in matter if one.kind == "particles" for shape in one.region)
    if volume <= 0.0:
        return None
    return asked or float(f"{2.0 * (volume / PARTICLES) ** (1.0 / 3.0):.2g}")  # rounded: the same on every machine


def sound_speed(position: Vec, rotation: tuple[float, float, float, float], region: Sequence[ShapeSpec]) -> float:
    """Of a liquid [m/s], from how far the highest point of its region can fall."""
    top = max((position[2] + rotate(rotation, corner)[2] for shape in region for corner in _corners(shape)), default=0.0)
    return round(min(max(math.sqrt(2.0 * 9.81 * max(top, 0.0)) / MACH, SLOWEST), FASTEST), 2)


def shape_volume(shape: ShapeSpec) -> float:
    """m^3."""
    size = shape.size
    if shape.type == "box":
        return size[0] * size[1] * size[2]
    if shape.type == "sphere":
        return 4.0 / 3.0 * math.pi * size[0] ** 3
    if shape.type == "ellipsoid":
        return 4.0 / 3.0 * math.pi * size[0] * size[1] * size[2]
    if shape.type == "cylinder":
        return math.pi * size[0] ** 2 * size[1]
    if shape.type == "capsule":
        return math.pi * size[0] ** 2 * (4.0 / 3.0 * size[0] + size[1])
    if shape.type == "hull":
        return abs(math.fsum(_determinant(*(shape.vertices[corner] for corner in face)) for face in shape.faces)) / 6.0
    return UNKNOWN


def _determinant(a: Vec, b: Vec, c: Vec) -> float:
    return (
        a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0])
    )  # fmt: skip


def _corners(shape: ShapeSpec) -> list[Vec]:
    """Points in the frame of the region that reach as high as it does, or a little higher."""
    if shape.type == "hull":
        return list(shape.vertices)
    size = shape.size
    half = {"sphere": size * 3, "ellipsoid": size}.get(shape.type)
    if half is None and shape.type in ("cylinder", "capsule"):
        tall = 0.5 * size[1] + (size[0] if shape.type == "capsule" else 0.0)
        half = (size[0], size[0], tall)
    x, y, z = half or (tuple(0.5 * value for value in size) if shape.type == "box" else (0.0, 0.0, 0.0))
    at = shape.position
    corners = [(i * x, j * y, k * z) for i in (-1.0, 1.0) for j in (-1.0, 1.0) for k in (-1.0, 1.0)]
    turned = [rotate(shape.rotation, corner) for corner in corners]
    return [(at[0] + a, at[1] + b, at[2] + c) for a, b, c in turned]
