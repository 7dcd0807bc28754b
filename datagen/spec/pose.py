"""Rotations and poses on plain tuples: quaternions wxyz, vectors in metres, all float64.

Results that reach an episode pass through `tidy_vector`, which rounds to 12 decimals, so that the last bits of `sin` and `cos`
in different C libraries do not change a hash. Uniform random rotations follow Shoemake, "Uniform random rotations", Graphics
Gems III (1992).
"""

import math
from dataclasses import dataclass

from .exact import cos_sin

Vec = tuple[float, float, float]
Quat = tuple[float, float, float, float]
IDENTITY: Quat = (1.0, 0.0, 0.0, 0.0)
ORIGIN: Vec = (0.0, 0.0, 0.0)


def add(a: Vec, b: Vec) -> Vec:
    """Sum."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def sub(a: Vec, b: Vec) -> Vec:
    """Difference a - b."""
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def scale(a: Vec, factor: float) -> Vec:
    """Multiple."""
    return a[0] * factor, a[1] * factor, a[2] * factor


def dot(a: Vec, b: Vec) -> float:
    """Scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vec, b: Vec) -> Vec:
    """Vector product."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def length(a: Vec) -> float:
    """Euclidean length."""
    return math.sqrt(dot(a, a))


def unit(a: Vec) -> Vec:
    """Unit vector; raises `ValueError` when it has no direction."""
    size = length(a)
    if size < 1e-12:
        raise ValueError("a direction has no length")
    return scale(a, 1.0 / size)


def quat_unit(q: Quat) -> Quat:
    """Unit quaternion with w >= 0; raises `ValueError` for zero."""
    size = math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    if size < 1e-12:
        raise ValueError("a quaternion has no length")
    sign = -1.0 if q[0] < 0.0 else 1.0
    w, x, y, z = (sign * value / size for value in q)
    return w, x, y, z


def multiply(p: Quat, q: Quat) -> Quat:
    """First q, then p."""
    return (
        p[0] * q[0] - p[1] * q[1] - p[2] * q[2] - p[3] * q[3],
        p[0] * q[1] + p[1] * q[0] + p[2] * q[3] - p[3] * q[2],
        p[0] * q[2] - p[1] * q[3] + p[2] * q[0] + p[3] * q[1],
        p[0] * q[3] + p[1] * q[2] - p[2] * q[1] + p[3] * q[0],
    )


def conjugate(q: Quat) -> Quat:
    """Inverse turn of a unit quaternion."""
    return q[0], -q[1], -q[2], -q[3]


def rotate(q: Quat, v: Vec) -> Vec:
    """v turned by q."""
    axis = (q[1], q[2], q[3])
    t = scale(cross(axis, v), 2.0)
    return add(add(v, scale(t, q[0])), cross(axis, t))


def from_axis(axis: Vec, angle: float) -> Quat:
    """Turn by `angle` (rad) about a unit axis."""
    cosine, sine = cos_sin(0.5 * angle)
    x, y, z = scale(axis, sine)
    return cosine, x, y, z


def from_euler(roll: float, pitch: float, yaw: float) -> Quat:
    """Roll about x, then pitch about y, then yaw about z, all about fixed axes."""
    about_x, about_y, about_z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
    return multiply(from_axis(about_z, yaw), multiply(from_axis(about_y, pitch), from_axis(about_x, roll)))


def from_uniforms(u: float, v: float, w: float) -> Quat:
    """Uniformly distributed rotation from three uniform numbers in [0, 1)."""
    a, b = math.sqrt(1.0 - u), math.sqrt(u)
    (cos_v, sin_v), (cos_w, sin_w) = cos_sin(2.0 * math.pi * v), cos_sin(2.0 * math.pi * w)
    return quat_unit((b * cos_w, a * sin_v, a * cos_v, b * sin_w))


def heading(azimuth: float, elevation: float) -> Vec:
    """Unit vector; azimuth from +x towards +y, elevation above the horizon, rad."""
    (flat, height), (ahead, aside) = cos_sin(elevation), cos_sin(azimuth)
    return flat * ahead, flat * aside, height


def tidy_vector(values: tuple[float, ...]) -> tuple[float, ...]:
    """Rounded to 12 decimals, without negative zeros."""
    return tuple(round(value, 12) + 0.0 for value in values)


def tidy_vec(v: Vec) -> Vec:
    """`tidy_vector` of three."""
    x, y, z = tidy_vector(v)
    return x, y, z


def tidy_quat(q: Quat) -> Quat:
    """`tidy_vector` of a unit quaternion."""
    w, x, y, z = tidy_vector(quat_unit(q))
    return w, x, y, z


@dataclass(frozen=True)
class Pose:
    """Position and rotation of one frame in another."""

    position: Vec = ORIGIN
    rotation: Quat = IDENTITY

    def apply(self, point: Vec) -> Vec:
        """A point of this frame, seen from outside."""
        return add(self.position, rotate(self.rotation, point))

    def then(self, inner: "Pose") -> "Pose":
        """The pose of a frame that is given inside this one."""
        return Pose(self.apply(inner.position), quat_unit(multiply(self.rotation, inner.rotation)))

    def inverse(self) -> "Pose":
        """The pose of the outer frame in this one."""
        turned = conjugate(self.rotation)
        return Pose(scale(rotate(turned, self.position), -1.0), turned)
