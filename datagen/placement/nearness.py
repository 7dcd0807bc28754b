"""Whether two convex solids are nearer to each other than a margin.

Method: the boolean form of GJK (Gilbert, Johnson and Keerthi, 1988; simplex cases as in van den Bergen, 1999) on the Minkowski
difference, the first solid grown by a ball of the margin, which is exact for the distance between convex sets. Spheres are
compared by their middles.
"""

import math

from .blocks import Array, Solid, matrix, support_point

MAX_ITERATIONS = 48
Vec = tuple[float, float, float]


class Placed:
    """A solid at a pose: its support function in the world."""

    def __init__(self, solid: Solid, position: Array, rotation: Array):
        m = matrix(rotation)
        self.solid = solid
        self.place: Vec = (float(position[0]), float(position[1]), float(position[2]))
        self.rows = [[float(value) for value in row] for row in m]

    def farthest(self, d: Vec) -> Vec:
        """Support point along a direction of the world."""
        r, (x, y, z) = self.rows, d
        local = (
            r[0][0] * x + r[1][0] * y + r[2][0] * z, r[0][1] * x + r[1][1] * y + r[2][1] * z,
            r[0][2] * x + r[1][2] * y + r[2][2] * z,
        )  # fmt: skip
        a, b, c = support_point(self.solid, local)
        p = self.place
        return (
            p[0] + r[0][0] * a + r[0][1] * b + r[0][2] * c, p[1] + r[1][0] * a + r[1][1] * b + r[1][2] * c,
            p[2] + r[2][0] * a + r[2][1] * b + r[2][2] * c,
        )  # fmt: skip


def nearer(first: Placed, second: Placed, margin: float) -> bool:
    """Whether the distance between two solids is below the margin (0 or more)."""
    if first.solid.kind == "sphere" and second.solid.kind == "sphere":
        reach = first.solid.size[0] + second.solid.size[0] + margin
        return _norm(_sub(first.place, second.place)) < reach
    if first.solid.kind == "plane" or second.solid.kind == "plane":
        plane, other = (first, second) if first.solid.kind == "plane" else (second, first)
        normal = (plane.rows[0][2], plane.rows[1][2], plane.rows[2][2])
        lowest = other.farthest((-normal[0], -normal[1], -normal[2]))
        return _dot(normal, _sub(lowest, plane.place)) < margin
    return _gjk(first, second, margin)


def _gjk(first: Placed, second: Placed, margin: float) -> bool:
    def difference(d: Vec) -> Vec:
        length = _norm(d)
        a, b = first.farthest(d), second.farthest((-d[0], -d[1], -d[2]))
        grow = margin / length
        return a[0] - b[0] + grow * d[0], a[1] - b[1] + grow * d[1], a[2] - b[2] + grow * d[2]

    direction: Vec | None = _sub(second.place, first.place)
    if direction is None or _norm(direction) < 1e-12:
        return True
    simplex = [difference(direction)]
    direction = _neg(simplex[0])
    for _ in range(MAX_ITERATIONS):
        if _norm(direction) < 1e-13:
            return True
        point = difference(direction)
        if _dot(point, direction) <= 0.0:
            return False
        simplex.append(point)
        direction = (_line, _triangle, _tetrahedron)[len(simplex) - 2](simplex)
        if direction is None:
            return True
    return True


def _line(simplex: list[Vec]) -> Vec | None:
    b, a = simplex
    ab, ao = _sub(b, a), _neg(a)
    if _dot(ab, ao) > 0.0:
        return _cross(_cross(ab, ao), ab)
    simplex[:] = [a]
    return ao


def _triangle(simplex: list[Vec]) -> Vec | None:
    c, b, a = simplex
    ab, ac, ao = _sub(b, a), _sub(c, a), _neg(a)
    normal = _cross(ab, ac)
    if _dot(_cross(normal, ac), ao) > 0.0:
        simplex[:] = [c, a] if _dot(ac, ao) > 0.0 else [b, a]
        return _line(simplex)
    if _dot(_cross(ab, normal), ao) > 0.0:
        simplex[:] = [b, a]
        return _line(simplex)
    if _dot(normal, ao) > 0.0:
        return normal
    simplex[:] = [b, c, a]
    return _neg(normal)


def _tetrahedron(simplex: list[Vec]) -> Vec | None:
    """None when the origin is inside."""
    e, c, b, a = simplex
    ao = _neg(a)
    for face in ([c, b, a], [e, c, a], [b, e, a]):
        normal = _cross(_sub(face[1], a), _sub(face[0], a))
        if _dot(normal, ao) > 0.0:
            simplex[:] = face
            return _triangle(simplex)
    return None


def _sub(a: Vec, b: Vec) -> Vec:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def _neg(a: Vec) -> Vec:
    return -a[0], -a[1], -a[2]


def _dot(a: Vec, b: Vec) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a: Vec, b: Vec) -> Vec:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _norm(a: Vec) -> float:
    return math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])
