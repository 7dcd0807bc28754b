"""Sensors of forces between bodies: contacts of a body or of a pair, MuJoCo's touch, and the wrench at a joint."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.geometry.rays import RayCaster
from engine.scene.description import Sensor as Entry
from engine.sensors.frames import attribute
from engine.sensors.moment import Moment
from engine.sensors.places import Place, into, seat
from engine.sensors.sensor import feature
from engine.types import Feature, ShapeType

Array = NDArray[np.float64]
Made = tuple[Feature, Callable[[Moment], Array]]
WRENCH = ("fx", "fy", "fz", "tx", "ty", "tz")
REACH = 1e10  # m


def contact(kind: str, sim: Any, entry: Entry) -> Made:
    """contact_force, contact_wrench: what all contacts of a body, or those with another one, exert on it."""
    body, other = sim.names.body.index(entry.target), attribute(entry, "other")
    partner = sim.names.body.index(other) if other else None
    own, width = attribute(entry, "frame") == "body", 3 if kind == "contact_force" else 6

    def truth(m: Moment) -> Array:
        wrench = m.contact_wrench(body, partner)
        return (into(m.before.rotation[:, body], wrench) if own else wrench)[:, :width]

    unit, doc = ("N", "") if width == 3 else ("N, N m", "about the origin of the body")
    return feature(entry.name, (width,), unit, entry.target if own else "world", WRENCH[:width], doc), truth


def force_torque(sim: Any, entry: Entry) -> Made:
    """Wrench from the parent on a body, at a site or at the anchor of a joint."""
    place = seat(sim, entry) if entry.target_kind == "site" else anchor(sim, entry.target)
    return feature(entry.name, (6,), "N, N m", entry.target, WRENCH, "what the parent exerts"), lambda m: at_place(m, place)


def at_place(m: Moment, place: Place) -> Array:
    """Wrench (E, 6) from the parent at the place, in its frame."""
    position, turn = place.then(m)
    return into(turn, m.carried_at(place.body, position))


def anchor(sim: Any, joint: str) -> Place:
    """The anchor of a joint with the axes of its body."""
    number, ints = sim.names.joint.index(joint), sim.compiled.ints
    point = sim.compiled.reals["joint_position"][:, number]
    return Place(int(ints["joint_body"][number]), point, np.array([[1.0, 0.0, 0.0, 0.0]]))


def half_wrench(kind: str, sim: Any, entry: Entry) -> Made:
    """MuJoCo's force and torque: three numbers at a site."""
    place, part = seat(sim, entry), slice(0, 3) if kind == "force" else slice(3, 6)
    return feature(entry.name, (3,), "N" if kind == "force" else "N m", entry.target), lambda m: at_place(m, place)[:, part]


def touch(sim: Any, entry: Entry) -> Made:
    """MuJoCo's touch: normal forces of the contacts of a body whose outward ray meets the volume of a site; of matter whole
    forces."""
    site = next(s for s in sim.scene().sites if s.name == entry.target)
    place = seat(sim, entry)
    caster = RayCaster(
        np.array([ShapeType[site.shape.upper()]]), np.array([-1]), np.array(site.size)[None, None], (), np.float64
    )

    def truth(m: Moment) -> Array:
        p = m.pushes.where(m.pushes.body == place.body)
        position, turn = place.then(m)
        inwards = p.force / np.maximum(np.linalg.norm(p.force, axis=1, keepdims=True), 1e-300)
        outward = np.where((p.other_shape >= 0)[:, None], p.outward, -inwards)
        at, axes = position[p.env][:, None], turn[p.env][:, None]
        hit = caster.cast(p.point[:, None], outward[:, None], at, axes, REACH, np.ones(1, bool))[1][:, 0] >= 0
        force = np.zeros((m.num_envs, 1))
        np.add.at(force[:, 0], p.env, np.where(hit, -(p.force * outward).sum(1), 0.0))
        return force

    return feature(entry.name, (1,), "N", doc="sum of normal forces within the site"), truth
