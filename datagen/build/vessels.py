"""What particles need of a scene: the cell and the domain of their grid, and vessels of one piece.

A vessel of a spec is made of boxes, a dozen and more. A particle feels three shapes at most and a block of the grid eight (see
`docs/matter.md`), so where there are particles the walls of a vessel become one closed mesh with a distance field: the sections
of its interior, and the same offset outwards by the wall, with mitred corners. What else the body has (a handle) stays.

Limits: rigid bodies meet the field of a vessel, too, which is as fine as half its wall; measures that need the distance to such
a vessel are unknown.
"""

import math
from typing import Any

import numpy as np

import engine
from datagen.spec import BodySpec, EpisodeSpec, InteriorSpec

ROOM = 1.5  # m that particles may go from where they start
CELLS = 200  # but not more cells than this
RASTER = 0.5  # m: corners of the domain lie on it, so that episodes that differ a little may share a batch
FINEST = 128  # cells of a distance field along its longest side

Vec3 = tuple[float, float, float]
Profile = list[tuple[float, float]]


def wet(spec: EpisodeSpec) -> bool:
    """Whether a scene has particles."""
    return spec.world.cell is not None


def domain(spec: EpisodeSpec) -> tuple[Vec3, Vec3]:
    """Where particles may go: around all regions, in steps of `RASTER`."""
    assert spec.world.cell is not None
    places = np.array([one.position for one in spec.matter if one.kind == "particles"])
    room = min(ROOM, CELLS * spec.world.cell)
    low = np.floor((places.min(axis=0) - room) / RASTER) * RASTER
    high = np.ceil((places.max(axis=0) + room) / RASTER) * RASTER
    return tuple(map(float, low)), tuple(map(float, high))  # type: ignore[return-value]


def grid_structure(spec: EpisodeSpec) -> Any:
    """What episodes of one batch must share where there are particles: grid, domain, and the vessels, whose fields are
    shared."""
    if not wet(spec):
        return None
    return (
        spec.world.cell,
        domain(spec),
        tuple((body.name, body.interior, body.shapes) for body in spec.bodies if body.interior),
    )


def vessel_shapes(body: BodySpec, look: dict[str, Any]) -> tuple[list[Any], int]:
    """The walls of a vessel as one mesh, and how many of the body's shapes it stands for; none where they are no such walls."""
    interior = body.interior
    if interior is None:
        return [], 0
    sides, layers = interior.sides, len(interior.sections) - 1
    if sides == 0:
        if [shape.type for shape in body.shapes[:5]] != ["box"] * 5:
            return [], 0
        wall, walls, caps = body.shapes[0].size[2], 5, (True, False)
    else:
        walls = sides * layers
        wall = body.shapes[0].size[0]
        ends = [shape.position[2] for shape in body.shapes[walls:] if shape.type == "cylinder"]
        caps = (any(z < interior.sections[0][0] for z in ends), any(z > interior.sections[-1][0] for z in ends))
        walls += len(ends)
    vertices, faces = shell(interior, wall, caps)
    longest = float(np.ptp(np.array(vertices), axis=0).max())
    resolution = min(max(16, math.ceil(2.0 * longest / wall)), FINEST)
    return [engine.Mesh(vertices=vertices, faces=faces, convex="field", resolution=resolution, **look)], walls


def shell(interior: InteriorSpec, wall: float, caps: tuple[bool, bool]) -> tuple[list[list[float]], list[list[int]]]:
    """Closed mesh around an interior: vertices and outward faces. caps: whether there are a floor and a lid."""
    x = [(z, half) for z, half, _ in interior.sections]
    y = [(z, half) for z, _, half in interior.sections]
    outer_x, outer_y = outward(x, wall, caps), outward(y, wall, caps)
    inner = list(zip(x, y, strict=True))
    outer = list(zip(outer_x, outer_y, strict=True))
    floor, lid = caps
    if floor and lid:  # a closed chamber: two surfaces
        parts = [_solid(outer, interior.sides, True), _solid(inner[::-1], interior.sides, True)]
    elif floor:  # from below outside, up, and down inside to the floor
        parts = [_solid(outer + inner[::-1], interior.sides, True)]
    else:
        parts = [_solid(outer + inner[::-1] + outer[:1], interior.sides, False)]
    vertices: list[list[float]] = []
    faces: list[list[int]] = []
    for corners, triangles in parts:
        faces += [[len(vertices) + corner for corner in face] for face in triangles]
        vertices += corners
    return vertices, faces


def outward(profile: Profile, wall: float, caps: tuple[bool, bool]) -> Profile:
    """(z, half width) of the outer surface: every part moved out by the wall, neighbours joined where they meet; open ends are
    cut at the height of the rim, closed ones one wall beyond it."""
    lines = []
    for (low, inner), (high, outer) in zip(profile, profile[1:], strict=False):
        rise, widen = high - low, outer - inner
        slant = math.hypot(rise, widen)
        lines.append((low - wall * widen / slant, inner + wall * rise / slant, rise, widen))
    bottom = profile[0][0] - (wall if caps[0] else 0.0)
    top = profile[-1][0] + (wall if caps[1] else 0.0)
    made = [(bottom, _at_height(lines[0], bottom))]
    made += [_crossing(one, other) for one, other in zip(lines, lines[1:], strict=False)]
    made.append((top, _at_height(lines[-1], top)))
    return made


def _at_height(line: tuple[float, float, float, float], z: float) -> float:
    low, half, rise, widen = line
    return half + (z - low) * widen / rise


def _crossing(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> tuple[float, float]:
    """Where two offset lines meet; halfway between their ends where they are parallel."""
    (z, r, a, b), (w, s, c, d) = one, other
    cross = a * d - b * c
    if abs(cross) < 1e-9 * math.hypot(a, b) * math.hypot(c, d):
        return 0.5 * (z + a + w), 0.5 * (r + b + s)
    t = ((w - z) * d - (s - r) * c) / cross
    return z + t * a, r + t * b


def _solid(loops: list[Any], sides: int, closed: bool) -> tuple[list[list[float]], list[list[int]]]:
    """Loops joined in order, from the first to the last; closed: both ends are covered, else the last is the first."""
    count = sides or 4
    corner = 1.0 / math.cos(math.pi / count) if sides else 1.0
    turns = [(math.cos(2 * math.pi * k / count), math.sin(2 * math.pi * k / count)) for k in range(count)]
    square = [(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)]
    around = [(corner * c, corner * s) for c, s in turns] if sides else square
    kept = loops if closed else loops[:-1]
    vertices = [[a * half_x, b * half_y, z] for (z, half_x), (_, half_y) in kept for a, b in around]
    faces: list[list[int]] = []
    for layer in range(len(loops) - 1):
        low, high = layer * count, (layer + 1) % len(kept) * count
        for side in range(count):
            following = (side + 1) % count
            faces += [[low + side, low + following, high + following], [low + side, high + following, high + side]]
    if closed:
        top = (len(kept) - 1) * count
        faces += [[0, side + 1, side] for side in range(1, count - 1)]
        faces += [[top, top + side, top + side + 1] for side in range(1, count - 1)]
    return vertices, faces
