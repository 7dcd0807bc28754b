"""What can be known not to fit before sampling: a thing that is larger than the hollow it has to be in, and hollows that hold
less than all that has to go in.
"""

import math
from collections.abc import Mapping

from .blocks import Array, Block, Interior, Solid
from .bounds import Cycle
from .demands import Demand, View


def solid_volume(solid: Solid) -> float:
    """Volume, m^3; of a hull that of the largest ball inside its box is no bound, so 0."""
    size = solid.size
    if solid.kind == "box":
        return size[0] * size[1] * size[2]
    if solid.kind == "sphere":
        return 4.0 / 3.0 * math.pi * size[0] ** 3
    if solid.kind == "cylinder":
        return math.pi * size[0] ** 2 * size[1]
    if solid.kind == "capsule":
        return math.pi * size[0] ** 2 * (size[1] + 4.0 / 3.0 * size[0])
    if solid.kind == "ellipsoid":
        return 4.0 / 3.0 * math.pi * size[0] * size[1] * size[2]
    return 0.0


def interior_volume(interior: Interior) -> float:
    """Volume of a hollow, m^3, exact."""
    factor = interior.sides * math.tan(math.pi / interior.sides) if interior.sides else 4.0
    total = 0.0
    for (low, a, b), (high, c, d) in zip(interior.sections, interior.sections[1:], strict=False):
        total += factor * (high - low) * (a * b + c * d + 0.5 * (a * d + b * c)) / 3.0
    return float(total)


def check_containment(blocks: Mapping[str, Block], zero: Mapping[str, View], demands: list[Demand]) -> None:
    """Compares sorted extents and volumes of what is inside with the hollow. Raises `Cycle` with the labels in conflict."""
    filled: dict[str, list[Demand]] = {}
    for demand in demands:
        interior = blocks[demand.ref[0]].interior if demand.rel == "inside" else None
        if demand.rel != "inside" or not demand.hard or interior is None:
            continue
        filled.setdefault(demand.ref[0], []).append(demand)
        view = zero[demand.of]
        depth = float(interior.sections[-1, 0] - interior.sections[0, 0])
        wide = 2.0 * interior.sections[:, 1:].max(axis=0)
        if not _fits(view.high[0] - view.low[0], wide, depth):
            raise Cycle(0, (demand.label,))
    for name, inside in filled.items():
        interior = blocks[name].interior
        assert interior is not None
        if sum(solid_volume(solid) for demand in inside for solid in blocks[demand.of].solids) > interior_volume(interior):
            raise Cycle(0, tuple(demand.label for demand in inside))


def _fits(extents: Array, wide: Array, depth: float) -> bool:
    """Whether a box of these extents may be inside (90 % of its height below the rim), turned about the vertical at will."""
    x, y = sorted((float(extents[0]), float(extents[1])))
    a, b = sorted((float(wide[0]), float(wide[1])))
    return x <= a and y <= math.hypot(a, b) and 0.9 * float(extents[2]) <= depth + 1e-9
