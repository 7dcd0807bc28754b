"""Where the bodies of each entity stand: arrangements, frames of other entities, and random places that do not touch.

Every arrangement gives offsets from `position` in the frame of the entity. Scatter draws places for one item after the other
from the stream of that item and keeps the first that clears the bodies placed before by bounding spheres (random sequential
adsorption); an entity that comes later in the document never moves those before it.

Limits: scatter looks at bodies that can move, not at fixed ones; meshes, models and matter have no known extent and can only
use line (pitch), grid, circle and curve.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from . import articulated
from . import entities as authored
from .assembly import Link
from .curves import curve_offsets
from .draws import Draws
from .episode import InteriorSpec, ShapeSpec
from .exact import cos_sin
from .pose import (
    IDENTITY,
    ORIGIN,
    Pose,
    Quat,
    Vec,
    add,
    cross,
    from_axis,
    length,
    multiply,
    quat_unit,
    scale,
    sub,
    tidy_quat,
    tidy_vec,
)  # fmt: skip
from .problems import FieldError
from .shapes import bounded, bounding_radius, build_morph, morph_tilt, reach
from .streams import Stream

UP: Vec = (0.0, 0.0, 1.0)
DOWN: Vec = (0.0, 0.0, -1.0)
MAX_TRIES = 2000


@dataclass
class Item:
    """One body on its way to a `BodySpec`: shapes in the body frame, rotation inside the frame of the entity, pose in the
    world. part: of an articulated entity, "" for its root; links: what hangs on a root; morph: drawn; path: its place."""

    entity: str
    item: int
    shapes: tuple[ShapeSpec, ...]
    fixed: bool
    turn: Quat = IDENTITY
    pose: Pose = field(default_factory=Pose)
    part: str = ""
    interior: InteriorSpec | None = None
    links: tuple[Link, ...] = ()
    morph: Any = None
    path: str = ""

    def solids(self) -> tuple[ShapeSpec, ...]:
        """The shapes of the root and of its links (closed), in the frame of the root."""
        moved = [
            shape.model_copy(update={"position": tidy_vec(add(link.position, shape.position))})
            for link in self.links
            for shape in link.shapes
        ]
        return (*self.shapes, *moved)


def make_item(name: str, entity: authored.Entity, number: int, item: int, draws: Draws) -> Item:
    """Draws shapes and rotation of one body; `item` is -1 for an entity without a count."""
    path = f"entities.{name}"
    morph, below = draws.select(entity.morph, f"{path}.morph", item)
    try:
        built = build_morph(morph, draws, below, item)
    except FieldError:
        raise
    except ValueError as error:
        raise FieldError(str(error), "", "change the sizes", ("morph",)) from error
    turn = draws.rotation(entity.rotation, f"{path}.rotation", item)
    turn = quat_unit(multiply(turn, morph_tilt(morph, draws, below, item)))
    grounded = isinstance(morph, articulated.ALWAYS_FIXED)
    fixed = entity.fixed or grounded or any(shape.type in ("plane", "height_field") for shape in built.shapes)
    return Item(
        name, number, built.shapes, fixed, turn, interior=built.interior, links=built.links, morph=morph, path=below
    )  # fmt: skip


def extent(item: Item, direction: Vec, why: str) -> float:
    """Reach of an item along a direction of its entity frame. Raises `FieldError` when it has no known extent."""
    require_extent(item, why)
    return reach(item.solids(), item.turn, direction)


def require_extent(item: Item, why: str) -> None:
    """Refuses an item without a known extent. Raises `FieldError`."""
    if not bounded(item.shapes):
        kind = item.shapes[0].type if item.shapes else item.morph.type
        raise FieldError(f"the size of a {kind} is not known here", f"{why} needs another morph", "", ("morph",))


def place_entity(
    name: str, entity: authored.Entity, items: list[Item], frames: list[Pose], draws: Draws, placed: list[Item]
) -> None:
    """Gives every item its pose in the world. frames: per item; placed: the items of entities that stand already."""
    path, counted = f"entities.{name}", entity.count is not None
    offsets = _offsets(entity, items, draws, f"{path}.arrange")
    for number, item in enumerate(items):
        index = number if counted else -1
        position: Vec = draws.value(entity.position, f"{path}.position", index)
        if entity.origin == "bottom":
            position = add(position, (0.0, 0.0, extent(item, DOWN, "'origin: bottom'")))
        if isinstance(entity.arrange, authored.Scatter):
            _scatter(entity.arrange, f"{path}.arrange", item, position, frames[number], draws, placed + items[:number])
            continue
        local = Pose(add(position, offsets[number]), item.turn)
        item.pose = _tidy(frames[number].then(local))


def _tidy(pose: Pose) -> Pose:
    return Pose(tidy_vec(pose.position), tidy_quat(pose.rotation))


def _offsets(entity: authored.Entity, items: list[Item], draws: Draws, path: str) -> list[Vec]:
    arrange = entity.arrange
    if isinstance(arrange, authored.Line):
        return _line(arrange, items, draws, path)
    if isinstance(arrange, authored.Grid):
        return _grid(arrange, len(items), draws.value(arrange.spacing, f"{path}.spacing"))
    if isinstance(arrange, authored.Circle):
        return _circle(arrange, items, draws, path)
    if isinstance(arrange, authored.Curve):
        return curve_offsets(arrange, items, draws, path)
    if isinstance(arrange, authored.Pyramid):
        return _pyramid(arrange, items, draws.value(arrange.gap, f"{path}.gap"))
    if isinstance(arrange, authored.Stack):
        return _stack(entity.origin, items, draws.value(arrange.gap, f"{path}.gap"))
    if isinstance(arrange, authored.Rack):
        return _rack(arrange, items, draws, path)
    return [ORIGIN] * len(items)


def _line(arrange: authored.Line, items: list[Item], draws: Draws, path: str) -> list[Vec]:
    along = draws.direction(arrange.direction, f"{path}.direction")
    spacing = draws.value(arrange.spacing, f"{path}.spacing")
    steps = [0.0]
    for before, after in zip(items, items[1:], strict=False):
        step = spacing
        if arrange.measure == "gap":
            step += extent(before, along, "'measure: gap'") + extent(after, scale(along, -1.0), "'measure: gap'")
        steps.append(steps[-1] + step)
    middle = 0.5 * steps[-1] if arrange.centered else 0.0
    return [scale(along, step - middle) for step in steps]


def _grid(arrange: authored.Grid, count: int, spacing: Vec) -> list[Vec]:
    nx, ny = arrange.shape[:2]
    x0, y0 = 0.5 * (nx - 1), 0.5 * (ny - 1)
    cells = [(number % nx, number // nx % ny, number // (nx * ny)) for number in range(count)]
    return [((i - x0) * spacing[0], (j - y0) * spacing[1], k * spacing[2]) for i, j, k in cells]


def _arc_step(arrange: authored.Circle, radius: float, count: int, draws: Draws, path: str) -> float:
    """Angle between neighbours, rad."""
    if arrange.spacing is not None:
        return float(draws.value(arrange.spacing, f"{path}.spacing")) / radius
    sweep = 2.0 * math.pi if arrange.sweep is None else draws.value(arrange.sweep, f"{path}.sweep")
    closed = abs(abs(sweep) - 2.0 * math.pi) < 1e-9
    return float(sweep) / (count if closed else max(count - 1, 1))


def _circle(arrange: authored.Circle, items: list[Item], draws: Draws, path: str) -> list[Vec]:
    radius, start = (draws.value(getattr(arrange, key), f"{path}.{key}") for key in ("radius", "start"))
    step = _arc_step(arrange, radius, len(items), draws, path)
    offsets = []
    for number, item in enumerate(items):
        angle = start + step * number
        if arrange.facing != "none":
            yaw = angle + (0.5 * math.pi if arrange.facing == "tangent" else 0.0)
            item.turn = quat_unit(multiply(from_axis(UP, yaw), item.turn))
        cosine, sine = cos_sin(angle)
        offsets.append((radius * cosine, radius * sine, 0.0))
    return offsets


def _stack(origin: str, items: list[Item], gap: float) -> list[Vec]:
    """Heights of the body origins above the first; with `origin: bottom` the height of the lowest point is what counts."""
    offsets, level = [], 0.0
    for item in items:
        below, above = extent(item, DOWN, "a stack"), extent(item, UP, "a stack")
        offsets.append((0.0, 0.0, level if origin == "bottom" else level + below - extent(items[0], DOWN, "a stack")))
        level += below + above + gap
    return offsets


def _pyramid(arrange: authored.Pyramid, items: list[Item], gap: float) -> list[Vec]:
    """Layers from below, each centred on the one under it; heights and widths are those of the largest item."""
    why, count = "a pyramid", len(items)
    x, y, z = (
        max(extent(item, axis, why) + extent(item, scale(axis, -1.0), why) for item in items)
        for axis in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), UP)
    )
    square = arrange.layout == "square"
    base = next(n for n in range(1, count + 1) if sum(k * k if square else k for k in range(1, n + 1)) >= count)
    offsets: list[Vec] = []
    for layer in range(base):
        side = base - layer
        middle = 0.5 * (side - 1)
        for row in range(side if square else 1):
            across = (row - middle) * (y + gap) if square else 0.0
            offsets += [((column - middle) * (x + gap), across, layer * z) for column in range(side)]
    return offsets[:count]


def _rack(arrange: authored.Rack, items: list[Item], draws: Draws, path: str) -> list[Vec]:
    along = draws.direction(arrange.direction, f"{path}.direction")
    gap = draws.value(arrange.gap, f"{path}.gap")
    across = cross(UP, along)
    if length(across) < 1e-9:
        raise FieldError("a rack cannot stand upright", "a horizontal direction")
    across = scale(across, 1.0 / length(across))
    pitch = gap + max(extent(item, across, "a rack") + extent(item, scale(across, -1.0), "a rack") for item in items)
    offsets: list[Vec] = []
    row = 0
    while len(offsets) < len(items):
        for column in range(row + 1):
            aside = (column - 0.5 * row) * pitch
            offsets.append(add(scale(along, row * pitch * math.sqrt(0.75)), scale(across, aside)))
        row += 1
    return offsets[: len(items)]


def _scatter(
    arrange: authored.Scatter, path: str, item: Item, middle: Vec, frame: Pose, draws: Draws, placed: list[Item]
) -> None:
    require_extent(item, "scatter")
    region: Vec = draws.value(arrange.region, f"{path}.region")
    gap = draws.value(arrange.gap, f"{path}.gap")
    radius = bounding_radius(item.solids())
    solid = [other for other in placed if not other.fixed and bounded(other.shapes)]
    others = [(other.pose.position, bounding_radius(other.solids())) for other in solid]
    stream = Stream(draws.seed, draws.index, f"{path}.place", item.item)
    for _ in range(MAX_TRIES):
        x, y, z = ((stream.uniform() - 0.5) * size for size in region)
        pose = _tidy(frame.then(Pose(add(middle, (x, y, z)), item.turn)))
        if all(length(sub(pose.position, place)) >= radius + size + gap for place, size in others):
            item.pose = pose
            draws.note(f"{path}.place", item.item, pose.position)
            return
    what = f"no free place for item {item.item} after {MAX_TRIES} tries"
    raise FieldError(what, "", "make the region larger, or the count, sizes or gap smaller")
