"""Sensors of joints, actuators and tendons, and of the system as a whole."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError
from engine.scene.description import Sensor as Entry
from engine.sensors.moment import Moment
from engine.sensors.places import into, place_of
from engine.sensors.sensor import feature
from engine.types import Feature, JointType

Array = NDArray[np.float64]
Made = tuple[Feature, Callable[[Moment], Array]]


def chosen(sim: Any, entry: Entry) -> list[int]:
    """Numbers of the joint that the entry names, or of all hinges and slides."""
    axial = [k for k, kind in enumerate(sim.compiled.ints["joint_type"]) if kind >= JointType.SLIDE]
    joints = [sim.names.joint.index(entry.target)] if entry.target else axial
    where = f"sensor {entry.name!r}"
    if not joints:
        raise SceneError(where, "the scene has no hinge and no slide", "allowed: a scene with joints", "leave the sensor out")
    if joints[0] not in axial:
        raise SceneError(where, f"joint {entry.target!r} has no single coordinate", "allowed: hinge, slide", "name another one")
    return joints


def joint_state(kind: str, sim: Any, entry: Entry) -> Made:
    """joint_position, joint_velocity, joint_force of one joint or of all hinges and slides."""
    joints = chosen(sim, entry)
    ints = sim.compiled.ints
    at = ints["joint_qpos_start" if kind == "joint_position" else "joint_dof_start"][joints]
    unit = {"joint_position": "rad or m", "joint_velocity": "rad/s or m/s", "joint_force": "N m or N"}[kind]

    def truth(m: Moment) -> Array:
        if kind == "joint_position":
            return m.sim.state.qpos[:, at]
        if kind == "joint_velocity":
            return m.sim.state.qvel[:, at]
        return joint_force(m)[:, at]

    return feature(entry.name, (len(joints),), unit, "joint", tuple(sim.names.joint[k] for k in joints)), truth


def joint_force(m: Moment) -> Array:
    """What actuators and drives exerted on every dof in the last substep (E, nv)."""
    if m.sim.compiled.sizes.get("solver"):
        return np.zeros(m.sim.state.qvel.shape)
    force = m.sim.read("actuator_force").astype(float)
    stiff, damp = m.constant("dof_drive_stiffness"), m.constant("dof_drive_damping")
    if stiff.any() or damp.any():  # integrated implicitly, so it acts with the velocity at the end of the substep
        qpos, qvel = m.sim.state.qpos, m.sim.state.qvel
        for joint, kind in enumerate(m.ints["joint_type"]):
            if kind >= JointType.SLIDE:
                q, v = m.ints["joint_qpos_start"][joint], m.ints["joint_dof_start"][joint]
                pull = m.sim.control.joint_target[:, v] - qpos[:, q]
                force[:, v] += stiff[:, v] * pull - damp[:, v] * qvel[:, v]
    return np.where(m.settled[:, None], force, 0.0)


def joint_mujoco(kind: str, sim: Any, entry: Entry) -> Made:
    """jointpos, jointvel, jointactuatorfrc, jointlimitpos, jointlimitvel of a hinge or slide; ballquat, ballangvel."""
    joint = sim.names.joint.index(entry.target)
    q, v = (int(sim.compiled.ints[name][joint]) for name in ("joint_qpos_start", "joint_dof_start"))
    width = {"ballquat": 4, "ballangvel": 3}.get(kind, 1)
    if width == 1:
        chosen(sim, entry)
    unit = {"jointpos": "rad or m", "jointactuatorfrc": "N m or N", "jointlimitpos": "rad or m", "ballquat": ""}

    def truth(m: Moment) -> Array:
        state = m.sim.state
        if kind in ("jointpos", "ballquat"):
            return state.qpos[:, q : q + width]
        if kind in ("jointvel", "ballangvel"):
            return state.qvel[:, v : v + width]
        if kind == "jointactuatorfrc":
            return joint_force(m)[:, v : v + 1]
        low, high = m.constant("joint_range")[:, joint].T
        below, above = state.qpos[:, q] - low, high - state.qpos[:, q]
        gap = np.minimum(below, above) - m.constant("joint_margin")[:, joint]
        near = gap < 0.0
        if not sim.compiled.ints["joint_limited"][joint]:
            near = np.zeros_like(near)
        rate = np.where(below <= above, state.qvel[:, v], -state.qvel[:, v])
        return np.where(near, gap if kind == "jointlimitpos" else rate, 0.0)[:, None]

    return feature(entry.name, (width,), unit.get(kind, "rad/s or m/s"), "joint"), truth


def actuator(kind: str, sim: Any, entry: Entry) -> Made:
    """actuatorfrc: force along the transmission in the last substep."""
    number = sim.names.actuator.index(entry.target)
    return feature(entry.name, (1,), "N or N m"), lambda m: m.sim.read("actuator_output")[:, number : number + 1]


def tendon(kind: str, sim: Any, entry: Entry) -> Made:
    """tendonpos, tendonvel."""
    number = sim.names.tendon.index(entry.target)
    name, unit = ("tendon_length", "m") if kind == "tendonpos" else ("tendon_velocity", "m/s")
    return feature(entry.name, (1,), unit), lambda m: m.sim.read(name)[:, number : number + 1]


def clock(sim: Any, entry: Entry) -> Made:
    """Simulated time."""
    return feature(entry.name, (1,), "s", dtype="float64"), lambda m: m.sim.state.time[:, None]


def energy(kind: str, sim: Any, entry: Entry) -> Made:
    """e_potential, e_kinetic of everything that moves."""
    name = "potential_energy" if kind == "e_potential" else "kinetic_energy"
    return feature(entry.name, (1,), "J"), lambda m: getattr(m.sim.configuration(), name)()[:, None]


def projection(sim: Any, entry: Entry) -> Made:
    """camprojection: pixel coordinates of a site in the picture of a camera."""
    place = place_of(sim, "site", entry.target)
    name = dict(entry.attributes).get("camera", "")
    names = [c.name for c in sim.compiled.cameras]
    if name not in names:
        raise SceneError(f"sensor {entry.name!r}", f"unknown camera {name!r}", f"allowed: {', '.join(names)}", "correct it")
    camera = place_of(sim, "camera", name)
    picture = sim.compiled.cameras[names.index(name)]

    def truth(m: Moment) -> Array:
        from_W = into(camera.rotation(m), place.position(m) - camera.position(m))
        fov, lens = m.constant("camera_fov")[:, names.index(name)], m.constant("camera_lens")[:, names.index(name)]
        across = np.hypot(from_W[:, 0], from_W[:, 1])
        angle = np.arctan2(across, -from_W[:, 2])
        q = angle * angle
        bent = angle * (1.0 + q * (lens[:, 4] + q * (lens[:, 5] + q * (lens[:, 6] + q * lens[:, 7]))))
        fisheye = lens[:, 0] > 0.5
        focal = picture.height / np.where(fisheye, fov, 2.0 * np.tan(0.5 * np.minimum(fov, 3.1)))
        spread = focal * np.where(fisheye, bent / np.maximum(across, 1e-30), -1.0 / from_W[:, 2])
        middle = 0.5 * np.array([picture.width, picture.height]) + lens[:, 2:4]
        return middle + np.stack([(1.0 + lens[:, 1]) * spread * from_W[:, 0], -spread * from_W[:, 1]], axis=1)

    return feature(entry.name, (2,), "px", name, ("u", "v")), truth
