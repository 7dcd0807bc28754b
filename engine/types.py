"""Closed sets and small host values that both sides of the house share; no Taichi, no arrays on a device.

`Feature` is the one schema that sensors, tasks and dataset writers agree on. Enumerations are append-only, because their
numbers are stored in datasets and snapshots.
"""

import enum
from dataclasses import dataclass


class JointType(enum.IntEnum):
    """Joint kinds; a body without a joint is welded to its parent."""

    FREE = 0  # qpos: x y z  w x y z (world frame), qvel: linear velocity (world), angular velocity (body frame)
    BALL = 1  # qpos: w x y z, qvel: angular velocity (child frame)
    SLIDE = 2
    HINGE = 3


class ShapeType(enum.IntEnum):
    """Geometric primitives; sizes are stored as half extents, see `engine.model`."""

    PLANE = 0  # normal +z of the shape frame, infinite
    SPHERE = 1  # radius
    CAPSULE = 2  # radius, half length of the segment along z
    BOX = 3  # half extents x y z
    CYLINDER = 4  # radius, half length along z
    ELLIPSOID = 5  # radii x y z
    MESH = 6  # scale x y z of the referenced mesh; collides as its convex hull
    HEIGHT_FIELD = 7  # grid of heights over x, y with the solid below; size as for a mesh (ones)
    FIELD = 8  # scale of the referenced mesh; collides as its signed distance field


class Transmission(enum.IntEnum):
    """What an actuator pulls on."""

    JOINT = 0  # rotations of ball and free joints in the child frame
    JOINT_IN_PARENT = 1  # rotations in the parent frame
    TENDON = 2
    SITE = 3


class Dynamics(enum.IntEnum):
    """How the activation of an actuator follows its control."""

    NONE = 0
    INTEGRATOR = 1
    FILTER = 2
    FILTER_EXACT = 3
    MUSCLE = 4


class Fault(enum.IntFlag):
    """Bits that a kernel sets for one environment; the batch goes on, the environment is frozen or reported."""

    NONE = 0
    NOT_FINITE = 1
    CONTACT_OVERFLOW = 2
    NOT_CONVERGED = 4
    OUT_OF_DOMAIN = 8


@dataclass(frozen=True)
class Feature:
    """One named, typed quantity per frame.

    name: dotted feature name, for example `observation.state` (no `/`).
    dtype: numpy name (`float32`, `uint8`, ...) or `video` for an RGB camera stream.
    shape: shape of one frame, for example `(7,)` or `(height, width, 3)`.
    unit: SI unit of the values, or "" for none. frame: coordinate frame, or "".
    names: one name per component of a rank-1 feature, or per axis of an image.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    unit: str = ""
    frame: str = ""
    names: tuple[str, ...] | None = None
    doc: str = ""
