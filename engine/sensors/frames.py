"""Sensors of frames: poses, motions, the inertial unit, and MuJoCo's kinds of the same.

An accelerometer tells the specific force at its place, acceleration less gravity, in its own frame: zero in free fall, g
upwards at rest (Titterton and Weston 2004, chapter 3).
Limits: principal axes of inertia (objtype "body") may come in another order than MuJoCo's; with MuJoCo's integrators the
damping that they take implicitly is not part of the acceleration.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError
from engine.geometry import rotation
from engine.scene.description import Sensor as Entry
from engine.sensors.moment import Moment, symmetric
from engine.sensors.places import Place, into, place_of, seat
from engine.sensors.sensor import feature
from engine.types import Feature

Array = NDArray[np.float64]
Made = tuple[Feature, Callable[[Moment], Array]]
XYZ = ("x", "y", "z")
POSE = ("x", "y", "z", "qw", "qx", "qy", "qz")
MOTION = ("vx", "vy", "vz", "wx", "wy", "wz")


def attribute(entry: Entry, name: str) -> Any:
    """A parameter of the entry."""
    return dict(entry.attributes)[name]


def pose(sim: Any, entry: Entry) -> Made:
    """Position and quaternion, in W or in another body's frame."""
    place, other = seat(sim, entry), attribute(entry, "reference")
    reference = place_of(sim, "body", other) if other else None

    def truth(m: Moment) -> Array:
        p, q = place.position(m), place.rotation(m)
        if reference is not None:
            turn = reference.rotation(m)
            p, q = into(turn, p - reference.position(m)), rotation.multiply(rotation.conjugate(turn), q)
        return np.concatenate([p, np.where(q[:, :1] < 0, -q, q)], axis=1)

    return feature(entry.name, (7,), "m, 1", other or "world", POSE, "position, quaternion wxyz with w >= 0"), truth


def twist(sim: Any, entry: Entry) -> Made:
    """Velocity and angular velocity, in W or in the own frame."""
    place, own = seat(sim, entry), attribute(entry, "frame") == "body"

    def truth(m: Moment) -> Array:
        motion = place.velocity(m)
        return into(place.rotation(m), motion) if own else motion

    return feature(entry.name, (6,), "m/s, rad/s", entry.target if own else "world", MOTION), truth


def specific_force(place: Place, m: Moment) -> Array:
    """Acceleration less gravity (E, 3) in the frame of the place."""
    felt = place.acceleration(m)[:, :3] - m.constant("gravity").reshape(m.num_envs, 3)
    return into(place.then(m)[1], felt)


def imu(sim: Any, entry: Entry) -> Made:
    """Accelerometer, gyroscope and magnetometer."""
    place, field = seat(sim, entry), np.array(attribute(entry, "field"))
    names = tuple(f"{what}.{axis}" for what in ("force", "spin", "field") for axis in XYZ)

    def truth(m: Moment) -> Array:
        turn = place.rotation(m)
        spin = into(turn, place.velocity(m)[:, 3:])
        return np.concatenate([specific_force(place, m), spin, into(turn, np.tile(field, (m.num_envs, 1)))], axis=1)

    return feature(entry.name, (9,), "m/s^2, rad/s, T", entry.target, names, "specific force, spin, magnetic field"), truth


# ---- MuJoCo's kinds ----------------------------------------------------------------------------------------------------------


def reference_of(sim: Any, entry: Entry) -> Place | None:
    """The frame that a MuJoCo sensor is told in, or None for W."""
    given = dict(entry.attributes)
    kind, name = given.get("reftype", ""), given.get("refname", "")
    if not kind:
        return None
    ours = {"xbody": "body", "geom": "shape", "body": "inertial"}.get(kind, kind)
    known = {
        "site": sim.names.site, "shape": sim.names.shape, "camera": [c.name for c in sim.compiled.cameras],
    }.get(ours, sim.names.body)  # fmt: skip
    if name not in known:
        where = f"sensor {entry.name!r}"
        raise SceneError(where, f"unknown reference {name!r} of type {kind}", "allowed: an element of the scene", "correct it")
    return place_of(sim, ours, name)


def own_axes(kind: str, sim: Any, entry: Entry) -> Made:
    """accelerometer, velocimeter, gyro, magnetometer: three numbers in the frame of a site."""
    place = seat(sim, entry)
    unit = {"accelerometer": "m/s^2", "velocimeter": "m/s", "gyro": "rad/s", "magnetometer": "T"}[kind]
    field = np.array([float(word) for word in dict(entry.attributes).get("field", "0 -0.5 0").split()])

    def truth(m: Moment) -> Array:
        if kind == "accelerometer":
            return specific_force(place, m)
        turn = place.rotation(m)
        if kind == "magnetometer":
            return into(turn, np.tile(field, (m.num_envs, 1)))
        motion = place.velocity(m)
        return into(turn, motion[:, :3] if kind == "velocimeter" else motion[:, 3:])

    return feature(entry.name, (3,), unit, entry.target, XYZ), truth


def frame_place(kind: str, sim: Any, entry: Entry) -> Made:
    """framepos, framequat, frame[xyz]axis, framelinvel, frameangvel: of a frame, in W or in a reference frame."""
    place, reference = seat(sim, entry), reference_of(sim, entry)
    label = dict(entry.attributes).get("refname", "") or "world"

    def truth(m: Moment) -> Array:
        p, q = place.position(m), place.rotation(m)
        turn = np.tile([1.0, 0.0, 0.0, 0.0], (m.num_envs, 1)) if reference is None else reference.rotation(m)
        arm = p if reference is None else p - reference.position(m)
        if kind == "framepos":
            return into(turn, arm)
        if kind == "framequat":
            return rotation.multiply(rotation.conjugate(turn), q)
        if kind in AXES:
            return into(turn, rotation.rotate(q, np.tile(AXES[kind], (m.num_envs, 1))))
        motion = place.velocity(m)
        if reference is not None:
            drag = reference.velocity(m)
            motion = motion - drag
            motion[:, :3] -= np.cross(drag[:, 3:], arm)
        return into(turn, motion[:, :3] if kind == "framelinvel" else motion[:, 3:])

    width = 4 if kind == "framequat" else 3
    unit = {"framepos": "m", "framelinvel": "m/s", "frameangvel": "rad/s"}.get(kind, "")
    return feature(entry.name, (width,), unit, label), truth


AXES = {"framexaxis": (1.0, 0.0, 0.0), "frameyaxis": (0.0, 1.0, 0.0), "framezaxis": (0.0, 0.0, 1.0)}
PLACES = (*AXES, "framepos", "framequat", "framelinvel", "frameangvel")


def frame_acceleration(kind: str, sim: Any, entry: Entry) -> Made:
    """framelinacc (less gravity, as in MuJoCo), frameangacc, in W."""
    place = seat(sim, entry)

    def truth(m: Moment) -> Array:
        motion = place.acceleration(m)
        gravity = m.constant("gravity").reshape(m.num_envs, 3)
        return motion[:, :3] - gravity if kind == "framelinacc" else motion[:, 3:]

    return feature(entry.name, (3,), "m/s^2" if kind == "framelinacc" else "rad/s^2", "world", XYZ), truth


def subtree(kind: str, sim: Any, entry: Entry) -> Made:
    """subtreecom, subtreelinvel, subtreeangmom: of a body with its descendants, in W."""
    body = sim.names.body.index(entry.target)

    def truth(m: Moment) -> Array:
        inside = m.subtree(body)
        turn, mass = m.rotation[:, inside], m.constant("body_mass")[:, inside, None]
        arm = rotation.rotate(turn, m.constant("body_com")[:, inside])
        com, total = m.position[:, inside] + arm, mass.sum(1)
        spin = m.velocity[:, inside, 3:]
        speed = m.velocity[:, inside, :3] + np.cross(spin, arm)
        middle, mean = (mass * com).sum(1) / total, (mass * speed).sum(1) / total
        if kind == "subtreecom":
            return middle
        if kind == "subtreelinvel":
            return mean
        R = rotation.matrix(turn)
        inertia = R @ symmetric(m.constant("body_inertia")[:, inside]) @ np.swapaxes(R, -1, -2)
        own = np.einsum("ebij,ebj->ebi", inertia, spin)
        return (own + np.cross(com - middle[:, None], mass * (speed - mean[:, None]))).sum(1)

    unit = {"subtreecom": "m", "subtreelinvel": "m/s", "subtreeangmom": "kg m^2/s"}[kind]
    return feature(entry.name, (3,), unit, "world", XYZ), truth
