"""Arguments of the builder's calls that need more than a look at one value: shape lists, joint sets, masses, gains, camera
poses.

Each function returns clean values or raises one SceneError that starts with `where`, the call that brought them.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from engine.errors import SceneError
from engine.geometry import rotation as rot
from engine.scene import check
from engine.scene.description import ORIGIN, Camera, Joint, Quaternion, Shape, Vector
from engine.types import ShapeType

LENSES = {"pinhole": 175.0, "fisheye": 360.0}  # widest vertical field of view [deg]


def shape_list(where: str, shape: Any) -> tuple[Shape, ...]:
    """The shapes of one argument: none, one or several."""
    listed = () if shape is None else tuple(shape) if isinstance(shape, list | tuple) else (shape,)
    for item in listed:
        if not isinstance(item, Shape):
            raise SceneError(
                where,
                f"{item!r} is no shape",
                "allowed: Box, Sphere, Capsule, Cylinder, Ellipsoid, Plane, Mesh, HeightField",
                "pass one of them",
            )
    return listed


def friction_value(value: Any) -> Any:
    """A number, or a tuple of numbers."""
    return tuple(value.reshape(-1).tolist()) if isinstance(value, np.ndarray) else plain_tuple(value)


def plain_tuple(value: Any) -> Any:
    """A sequence as a tuple; None and text stay what they are."""
    return tuple(value) if isinstance(value, list | tuple | np.ndarray) else value


def require_joint_set(where: str, joints: tuple[Joint, ...], parent: int) -> None:
    """Raise when joints cannot stand together between a body and its parent."""
    kinds = [type(j).__name__ for j in joints]
    if "Free" in kinds and (parent != 0 or len(joints) > 1):
        raise SceneError(
            where,
            f"joints {', '.join(kinds)} below body {parent}",
            "allowed: Free alone, on a body without parent",
            "use Slide, Hinge or Ball",
        )
    if kinds.count("Ball") > 1:
        raise SceneError(where, f"joints {', '.join(kinds)}", "allowed: at most one Ball", "add a body between")


def mass_values(
    where: str, mass: Any, inertia: Any, com: Any, density: Any, shapes: list[Shape]
) -> tuple[float | None, Any, Any]:
    """(mass, inertia, com) of a body; None where the shapes decide."""
    if mass is None:
        if inertia is not None or com is not None:
            raise SceneError(
                where, "inertia or com without mass", "allowed: mass alone, or mass with inertia and com", "give the mass"
            )
        return None, None, None
    if density is not None:
        raise SceneError(where, "both mass and density are given", "allowed: one of the two", "leave one out")
    clean = check.number(where, "mass", mass, 0.0, above=True)
    if inertia is None:
        if com is not None:
            raise SceneError(
                where, "com without inertia", "allowed: mass with inertia and com, or mass alone", "give the inertia about com"
            )
        if not any(s.kind != ShapeType.PLANE and (s.mass is None or s.mass > 0) for s in shapes):
            raise SceneError(
                where,
                "a mass without shapes to spread it over",
                "allowed: mass with shapes, or mass with inertia",
                "give the inertia",
            )
        return clean, None, None
    return clean, check.inertia(where, inertia), check.vector(where, "com", ORIGIN if com is None else com)


def actuator_gains(where: str, kind: str, gain: Any, damping: Any, bias: Any) -> tuple[Vector, Vector]:
    """gain and bias triples on (1, length, velocity)."""
    if kind == "general":
        triple = (gain, 0.0, 0.0) if isinstance(gain, float | int) else gain
        return check.vector(where, "gain", triple), check.vector(where, "bias", bias)
    if plain_tuple(bias) != ORIGIN:
        raise SceneError(
            where, f"bias of a {kind} actuator", "allowed: bias with kind 'general'", "use kind='general' or leave it out"
        )
    k, d = check.number(where, "gain", gain), check.number(where, "damping", damping, 0.0)
    if d and kind != "position":
        raise SceneError(
            where, f"damping of a {kind} actuator", "allowed: damping with kind 'position'", "damp the joint instead"
        )
    return (k, 0.0, 0.0), {"motor": ORIGIN, "position": (0.0, -k, -d), "velocity": (0.0, 0.0, -k)}[kind]


def picture_size(where: str, resolution: Any) -> tuple[int, int]:
    """(width, height) in pixels."""
    if isinstance(resolution, str) or not isinstance(resolution, Iterable) or len(tuple(resolution)) != 2:
        raise SceneError(where, f"resolution is {resolution!r}", "allowed: (width, height) in pixels", "pass two integers")
    width, height = resolution
    return check.whole(where, "width", width, 1, 16384), check.whole(where, "height", height, 1, 16384)


def camera_rotation(where: str, position: Vector, look_at: Any, rotation: Any) -> Quaternion:
    """Rotation of a camera given either its target or its rotation."""
    if (look_at is None) == (rotation is None):
        raise SceneError(where, "look_at and rotation are both given or both missing", "allowed: one of the two", "give one")
    if rotation is not None:
        return check.rotation(where, "rotation", rotation)
    target = check.vector(where, "look_at", look_at)
    if math.dist(target, position) < 1e-9:
        raise SceneError(where, "look_at is the camera's own position", "allowed: another point", "move one of them")
    w, x, y, z = rot.look_at(position, target).tolist()
    return (w, x, y, z)


def camera_optics(
    where: str, size: tuple[int, int], fov_y: Any, focal: Any, centre: Any, lens: Any, distortion: Any
) -> tuple[float, tuple[float, float] | None, tuple[float, float] | None, str, tuple[float, float, float, float]]:
    """(fov_y in degrees, focal, centre, lens, four numbers of distortion) of a camera with pictures of `size`."""
    if lens not in LENSES:
        raise SceneError(where, f"lens is {lens!r}", f"allowed: {' or '.join(LENSES)}", "take one of them")
    if fov_y is not None and focal is not None:
        raise SceneError(where, "fov_y and focal are both given", "allowed: one of the two", "give one")
    listed = tuple(distortion) if isinstance(distortion, Iterable) and not isinstance(distortion, str) else (distortion,)
    numbers = check.vector(where, "distortion", listed, len(listed))
    if len(numbers) > 4 or (numbers and lens != "fisheye"):
        raise SceneError(
            where, f"distortion has {len(numbers)} numbers and lens is {lens!r}", "allowed: up to four of a fisheye lens",
            "use lens='fisheye', or leave distortion out",
        )  # fmt: skip
    k1, k2, k3, k4 = [*numbers, 0.0, 0.0, 0.0, 0.0][:4]
    middle = None if centre is None else check.vector(where, "centre", centre, 2)
    if focal is None:
        angle = check.number(where, "fov_y", 45.0 if fov_y is None else fov_y, 0.1, LENSES[lens])
        return angle, None, (middle[0], middle[1]) if middle else None, lens, (k1, k2, k3, k4)
    fx, fy = (check.number(where, "focal", f, 1e-3, 1e7) for f in check.vector(where, "focal", focal, 2))
    angle = size[1] / fy if lens == "fisheye" else 2.0 * math.atan(0.5 * size[1] / fy)
    return math.degrees(angle), (fx, fy), (middle[0], middle[1]) if middle else None, lens, (k1, k2, k3, k4)


def lens_numbers(camera: Camera) -> tuple[float, ...]:
    """The row of `camera_lens` of a camera."""
    ratio = 0.0 if camera.focal is None else camera.focal[0] / camera.focal[1] - 1.0
    x, y = camera.centre or (0.5 * camera.width, 0.5 * camera.height)
    shift = (x - 0.5 * camera.width, y - 0.5 * camera.height)
    return (float(camera.lens == "fisheye"), ratio, *shift, *camera.distortion)
