"""Morphs with all numbers drawn become primitives, and primitives answer how far they reach in a direction.

The support function of a convex set (largest dot product with a direction) gives bounding boxes of turned bodies, heights for
stacks and the overlap test, exactly and for all primitives alike.

Limits: the size of a mesh is in its file, which a spec does not read: a mesh has no known extent here.
"""

import math
from dataclasses import dataclass
from typing import Any, Protocol

from . import articulated, vessels
from . import entities as morphs
from .assembly import Link, build_assembly
from .episode import InteriorSpec, ShapeSpec
from .hollow import box_interior, build_round
from .hulls import build_terrain, cone_hull, wedge_hull
from .pose import Pose, Quat, Vec, add, conjugate, dot, from_axis, length, rotate, scale, tidy_quat, tidy_vec

Shapes = tuple[ShapeSpec, ...]


class Draw(Protocol):
    """Draws the value at a path below a morph, and turns an authored rotation into a quaternion."""

    def value(self, value: Any, path: str, item: int = -1) -> Any:
        """A drawn value (see `draws.Draws`)."""
        ...

    def select(self, value: Any, path: str, item: int = -1) -> tuple[Any, str]:
        """The model behind a choice, and its path."""
        ...

    def rotation(self, value: Any, path: str, item: int = -1) -> Quat:
        """A unit quaternion."""
        ...


@dataclass(frozen=True)
class Built:
    """What a morph becomes: the primitives of its (root) body, its interior, and the links of an articulated one."""

    shapes: Shapes = ()
    interior: InteriorSpec | None = None
    links: tuple[Link, ...] = ()


def build_morph(morph: Any, draw: Draw, path: str, item: int) -> Built:
    """Draws the numbers of a morph. Raises `ValueError` for sizes that are not possible."""

    def numbers() -> dict[str, Any]:
        names = [name for name in type(morph).model_fields if name != "type"]
        return {name: draw.value(getattr(morph, name), f"{path}.{name}", item) for name in names}

    if isinstance(morph, vessels.ROUND):
        shapes, interior = build_round(morph, numbers())
        return Built(shapes, interior)
    if isinstance(morph, (vessels.Tank, morphs.Tray)):
        size, wall = (draw.value(getattr(morph, name), f"{path}.{name}", item) for name in ("size", "thickness"))
        return Built(_tray(size, wall), box_interior(size, wall))
    if isinstance(morph, articulated.ARTICULATED):
        made = build_assembly(morph, numbers())
        return Built(made.shapes, None, made.links)
    if isinstance(morph, morphs.Terrain):
        return Built((build_terrain(morph, draw, path, item),))
    if isinstance(morph, morphs.SHAPELESS):
        return Built()
    return Built(build_shapes(morph, draw, path, item))


def build_shapes(morph: Any, draw: Draw, path: str, item: int) -> Shapes:
    """The primitives of one solid body in its frame."""

    def number(name: str) -> Any:
        return draw.value(getattr(morph, name), f"{path}.{name}", item)

    if isinstance(morph, morphs.Compound):
        return tuple(
            shape for number, part in enumerate(morph.parts) for shape in _part(part, draw, f"{path}.parts[{number}]", item)
        )
    if isinstance(morph, morphs.Ramp):
        size = (number("length"), number("width"), number("thickness"))
        return (ShapeSpec(type="box", size=size, position=(0.0, 0.0, -0.5 * size[2])),)
    if isinstance(morph, morphs.Cone):
        return (cone_hull(number("radius"), number("top_radius"), number("height")),)
    if isinstance(morph, morphs.Wedge):
        return (wedge_hull(number("size")),)
    if isinstance(morph, morphs.Pendulum):
        return _pendulum(number("radius"), number("length"), number("rod_radius"), number("gap"))
    if isinstance(morph, morphs.Mesh):
        factor = number("scale")
        return (ShapeSpec(type="mesh", mesh=morph.file, size=(factor, factor, factor)),)
    names = {"sphere": ("radius",), "cylinder": ("radius", "height"), "capsule": ("radius", "length")}
    if morph.type in names:
        return (ShapeSpec(type=morph.type, size=tuple(number(name) for name in names[morph.type])),)
    lists = {"box": "size", "ellipsoid": "radii"}
    return (ShapeSpec(type=morph.type, size=number(lists[morph.type]) if morph.type in lists else ()),)


def _part(part: morphs.Part, draw: Draw, path: str, item: int) -> Shapes:
    morph, below = draw.select(part.morph, f"{path}.morph", item)
    position = draw.value(part.position, f"{path}.position", item)
    rotation = draw.rotation(part.rotation, f"{path}.rotation", item)
    update = {"position": tidy_vec(position), "rotation": tidy_quat(rotation)}
    return tuple(shape.model_copy(update=update) for shape in build_shapes(morph, draw, below, item))


def _tray(size: Vec, wall: float) -> Shapes:
    """Floor and four walls; the short walls stand between the long ones."""
    x, y, z = size
    if 2.0 * wall >= min(x, y) or wall >= z:
        raise ValueError(f"walls of {wall:g} m leave no room in a tray of {x:g} x {y:g} x {z:g} m")
    height, level = z - wall, 0.5 * wall
    return (
        ShapeSpec(type="box", size=(x, y, wall), position=tidy_vec((0.0, 0.0, -0.5 * z + level))),
        ShapeSpec(type="box", size=(wall, y, height), position=tidy_vec((0.5 * (x - wall), 0.0, level))),
        ShapeSpec(type="box", size=(wall, y, height), position=tidy_vec((-0.5 * (x - wall), 0.0, level))),
        ShapeSpec(type="box", size=(x - 2.0 * wall, wall, height), position=tidy_vec((0.0, 0.5 * (y - wall), level))),
        ShapeSpec(type="box", size=(x - 2.0 * wall, wall, height), position=tidy_vec((0.0, -0.5 * (y - wall), level))),
    )


def _pendulum(radius: float, reach: float, rod: float, gap: float) -> Shapes:
    """A ball and a rod from its surface to `gap` below the anchor."""
    low, high = radius, reach - gap
    straight = high - low - 2.0 * rod
    if straight <= 0.0:
        raise ValueError(f"a pendulum of {reach:g} m is too short for a ball of radius {radius:g} m and a rod")
    middle = tidy_vec((0.0, 0.0, 0.5 * (low + high)))
    return (
        ShapeSpec(type="sphere", size=(radius,)),
        ShapeSpec(type="capsule", size=(rod, round(straight, 12)), position=middle),
    )


def morph_tilt(morph: Any, draw: Draw, path: str, item: int) -> Quat:
    """The turn that a morph adds to its body: a ramp goes down towards +x."""
    if isinstance(morph, morphs.Ramp):
        return from_axis((0.0, 1.0, 0.0), draw.value(morph.angle, f"{path}.angle", item))
    return 1.0, 0.0, 0.0, 0.0


def support(shape: ShapeSpec, direction: Vec) -> Vec:
    """The farthest point of a bounded convex primitive in its own frame along a direction."""
    x, y, z = direction
    size = shape.size
    if shape.type == "box":
        return math.copysign(0.5 * size[0], x), math.copysign(0.5 * size[1], y), math.copysign(0.5 * size[2], z)
    if shape.type == "ellipsoid":
        stretched = (size[0] * x, size[1] * y, size[2] * z)
        reach = length(stretched) or 1.0
        return size[0] * stretched[0] / reach, size[1] * stretched[1] / reach, size[2] * stretched[2] / reach
    if shape.type == "cylinder":
        flat = math.sqrt(x * x + y * y) or 1.0
        return size[0] * x / flat, size[0] * y / flat, math.copysign(0.5 * size[1], z)
    if shape.type == "hull":
        return max(shape.vertices, key=lambda vertex: dot(vertex, direction))
    point = scale(direction, size[0] / (length(direction) or 1.0))
    return add(point, (0.0, 0.0, math.copysign(0.5 * size[1], z))) if shape.type == "capsule" else point


def bounded(shapes: Shapes) -> bool:
    """Whether every shape has an extent that is known here."""
    return bool(shapes) and all(shape.type not in ("plane", "mesh", "height_field") for shape in shapes)


def reach(shapes: Shapes, rotation: Quat, direction: Vec) -> float:
    """How far a turned body reaches from its origin along a unit direction, m (may be negative for an offset body)."""
    local = rotate(conjugate(rotation), direction)
    best = -math.inf
    for shape in shapes:
        inner = rotate(conjugate(shape.rotation), local)
        best = max(best, dot(shape.position, local) + dot(support(shape, inner), inner))
    return best


def _radius(shape: ShapeSpec) -> float:
    size = shape.size
    if shape.type == "box":
        return 0.5 * length((size[0], size[1], size[2]))
    if shape.type == "cylinder":
        return length((size[0], 0.5 * size[1], 0.0))
    if shape.type == "hull":
        return max(length(vertex) for vertex in shape.vertices)
    return size[0] + 0.5 * size[1] if shape.type == "capsule" else max(size)


def bounding_radius(shapes: Shapes) -> float:
    """Radius of a sphere around the body origin that holds every bounded shape, m."""
    return max(length(shape.position) + _radius(shape) for shape in shapes)


def shape_pose(body: Pose, shape: ShapeSpec) -> Pose:
    """Pose of a shape in the world."""
    return body.then(Pose(shape.position, shape.rotation))
