"""Whether two bodies start inside each other.

Method: bounding boxes first; then each pair of convex primitives, shrunk to 98 % about its middle so that touching is no
overlap, is tested with the boolean form of GJK (Gilbert, Johnson and Keerthi, 1988; simplex cases as in van den Bergen, 1999)
on the support functions of `shapes`. A plane is tested by the lowest point of the other shape.

Limits: meshes are skipped, because a spec does not read their files, and so is uneven ground. An intersection thinner than 2
% of the shapes counts as touch.
"""

from collections.abc import Iterator

from .bodies import Bodies, Body
from .episode import ShapeSpec
from .pose import Pose, Vec, conjugate, cross, dot, length, rotate, scale, sub
from .problems import FieldError
from .shapes import bounded, reach, shape_pose, support

SHRINK = 0.98
MAX_ITERATIONS = 40
TOUCH = 1e-3


def _farthest(shape: ShapeSpec, pose: Pose, direction: Vec) -> Vec:
    """Support point of the shrunk shape in the world."""
    local = rotate(conjugate(pose.rotation), direction)
    return pose.apply(scale(support(shape, local), SHRINK))


def _line(simplex: list[Vec], d: Vec) -> Vec:
    b, a = simplex
    ab, ao = sub(b, a), scale(a, -1.0)
    if dot(ab, ao) > 0.0:
        return cross(cross(ab, ao), ab)
    simplex[:] = [a]
    return ao


def _triangle(simplex: list[Vec], d: Vec) -> Vec:
    c, b, a = simplex
    ab, ac, ao = sub(b, a), sub(c, a), scale(a, -1.0)
    normal = cross(ab, ac)
    if dot(cross(normal, ac), ao) > 0.0:
        simplex[:] = [c, a] if dot(ac, ao) > 0.0 else [b, a]
        return _line(simplex, d)
    if dot(cross(ab, normal), ao) > 0.0:
        simplex[:] = [b, a]
        return _line(simplex, d)
    if dot(normal, ao) > 0.0:
        return normal
    simplex[:] = [b, c, a]
    return scale(normal, -1.0)


def _tetrahedron(simplex: list[Vec], d: Vec) -> Vec | None:
    """None when the origin is inside."""
    e, c, b, a = simplex
    ao = scale(a, -1.0)
    for face in ([c, b, a], [e, c, a], [b, e, a]):
        normal = cross(sub(face[1], a), sub(face[0], a))
        if dot(normal, ao) > 0.0:
            simplex[:] = face
            return _triangle(simplex, d)
    return None


def convex_overlap(first: ShapeSpec, pose: Pose, second: ShapeSpec, other: Pose) -> bool:
    """Whether two bounded convex primitives, each shrunk to 98 %, share a point."""

    def difference(direction: Vec) -> Vec:
        return sub(_farthest(first, pose, direction), _farthest(second, other, scale(direction, -1.0)))

    direction: Vec | None = sub(other.position, pose.position)
    if direction is None or length(direction) < 1e-9:
        return True
    simplex = [difference(direction)]
    direction = scale(simplex[0], -1.0)
    for _ in range(MAX_ITERATIONS):
        if length(direction) < 1e-12:
            return True
        point = difference(direction)
        if dot(point, direction) <= 0.0:
            return False
        simplex.append(point)
        step = {2: _line, 3: _triangle, 4: _tetrahedron}[len(simplex)]
        direction = step(simplex, direction)
        if direction is None:
            return True
    return False


def plane_depth(plane: Pose, shape: ShapeSpec, pose: Pose) -> float:
    """How deep a shape reaches below a plane, m (negative above it)."""
    normal = rotate(plane.rotation, (0.0, 0.0, 1.0))
    lowest = reach((shape.model_copy(update={"position": (0.0, 0.0, 0.0), "rotation": (1.0, 0.0, 0.0, 0.0)}),), pose.rotation,
                   scale(normal, -1.0))  # fmt: skip
    return lowest - dot(normal, sub(pose.position, plane.position))


def box_of(shape: ShapeSpec, pose: Pose) -> tuple[Vec, Vec]:
    """Lowest and highest corner of the axis-aligned box around a shape in the world."""
    low, high = [], []
    for axis in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)):
        local = rotate(conjugate(pose.rotation), axis)
        half = dot(support(shape, local), local)
        middle = dot(pose.position, axis)
        low.append(middle - half)
        high.append(middle + half)
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])


def boxes_meet(first: tuple[Vec, Vec], second: tuple[Vec, Vec]) -> bool:
    """Whether two axis-aligned boxes share a point."""
    return all(first[0][k] <= second[1][k] and second[0][k] <= first[1][k] for k in range(3))


def shapes_overlap(first: ShapeSpec, pose: Pose, second: ShapeSpec, other: Pose) -> bool:
    """Whether two shapes in the world start inside each other."""
    kinds = {first.type, second.type}
    if kinds & {"mesh", "height_field"} or kinds == {"plane"}:
        return False
    if first.type == "plane":
        return plane_depth(pose, second, other) > TOUCH
    if second.type == "plane":
        return plane_depth(other, first, pose) > TOUCH
    return convex_overlap(first, pose, second, other)


Placed = tuple[Body, ShapeSpec, Pose, tuple[Vec, Vec] | None]


def check_overlap(bodies: Bodies) -> None:
    """Refuses bodies that start inside each other, unless a joint connects them or both are fixed. Raises `FieldError`."""
    shapes: list[Placed] = []
    for body in bodies.by_name.values():
        for shape in body.item.shapes:
            pose = shape_pose(body.now, shape)
            shapes.append((body, shape, pose, box_of(shape, pose) if bounded((shape,)) else None))
    for (body, shape, pose, _), (other, second, place, _) in _near(shapes):
        related = body is other or body.name == other.parent or other.name == body.parent
        if related or (body.item.fixed and other.item.fixed) or not shapes_overlap(shape, pose, second, place):
            continue
        what = f"{body.name} and {other.name} start inside each other"
        remedy = "move them apart or make them smaller, or write 'checks: {overlap: ignore}'"
        raise FieldError(what, "bodies may touch", remedy, ("entities", body.item.entity))


def _near(shapes: list[Placed]) -> Iterator[tuple[Placed, Placed]]:
    """Pairs whose boxes meet, by a sweep along x; a shape without a box is near everything."""
    endless = [entry for entry in shapes if entry[3] is None]
    active: list[tuple[tuple[Vec, Vec], Placed]] = []
    for box, entry in sorted(((entry[3], entry) for entry in shapes if entry[3] is not None), key=lambda pair: pair[0][0][0]):
        active = [kept for kept in active if kept[0][1][0] >= box[0][0]]
        for other, second in active:
            if boxes_meet(box, other):
                yield entry, second
        for second in endless:
            yield entry, second
        active.append((box, entry))
