"""From the entries of a scene to sensors: which function measures which kind, and what cannot be measured.

A kind of MuJoCo that is not in the table stays data: it is listed by `unmeasured` with the reason, and asking for it is an
error.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from engine.errors import SceneError
from engine.scene.description import Sensor as Entry
from engine.scene.sensing import KINDS
from engine.sensors import contacts, frames, joints, rays, tactile
from engine.sensors.sensor import Sensor

Maker = Callable[[Any, Entry], Any]

MAKERS: dict[str, Maker] = {
    "pose": frames.pose, "twist": frames.twist, "imu": frames.imu,
    **{kind: partial(contacts.contact, kind) for kind in ("contact_force", "contact_wrench")},
    "force_torque": contacts.force_torque,
    **{kind: partial(joints.joint_state, kind) for kind in ("joint_position", "joint_velocity", "joint_force")},
    "tactile": tactile.tactile, "gel": tactile.gel,
    "lidar": rays.lidar, "depth_rays": rays.depth_rays, "proximity": rays.proximity,
    # MuJoCo's
    "rangefinder": rays.rangefinder, "touch": contacts.touch,
    **{kind: partial(contacts.half_wrench, kind) for kind in ("force", "torque")},
    **{kind: partial(frames.own_axes, kind) for kind in ("accelerometer", "velocimeter", "gyro", "magnetometer")},
    **{kind: partial(frames.frame_place, kind) for kind in frames.PLACES},
    **{kind: partial(frames.frame_acceleration, kind) for kind in ("framelinacc", "frameangacc")},
    **{kind: partial(frames.subtree, kind) for kind in ("subtreecom", "subtreelinvel", "subtreeangmom")},
    **{
        kind: partial(joints.joint_mujoco, kind)
        for kind in ("jointpos", "jointvel", "jointactuatorfrc", "jointlimitpos", "jointlimitvel", "ballquat", "ballangvel")
    },
    **{kind: partial(joints.tendon, kind) for kind in ("tendonpos", "tendonvel")},
    "actuatorfrc": partial(joints.actuator, "actuatorfrc"),
    "camprojection": joints.projection, "clock": joints.clock,
    **{kind: partial(joints.energy, kind) for kind in ("e_potential", "e_kinetic")},
}  # fmt: skip

PLACED = ("site",)  # what MuJoCo's sensors in a frame of their own sit on
ON_SITES = ("rangefinder", "touch", "force", "torque", "accelerometer", "velocimeter", "gyro", "magnetometer", "camprojection")


def lacking(entry: Entry) -> str:
    """Why an entry cannot be measured, or an empty string."""
    if entry.kind not in MAKERS:
        return f"the kind {entry.kind!r} is not measured"
    if entry.kind in ON_SITES and entry.target_kind not in PLACED:
        return f"{entry.kind} on {entry.target_kind or 'nothing'} is not measured; allowed: a site"
    if entry.kind == "rangefinder" and set(dict(entry.attributes)) - {"cutoff", "noise"}:
        return "a rangefinder is measured as one distance only"
    return ""


def build(sim: Any) -> tuple[dict[str, Sensor], dict[str, str]]:
    """The sensors of a simulation by name, and the reasons of those that cannot be measured. Raises SceneError."""
    sensors: dict[str, Sensor] = {}
    unmeasured: dict[str, str] = {}
    for entry in sim.scene().sensors:
        reason = lacking(entry)
        if reason:
            unmeasured[entry.name] = reason
            continue
        try:
            made, truth = MAKERS[entry.kind](sim, entry)
        except SceneError as error:
            if entry.kind in KINDS:
                raise
            unmeasured[entry.name] = error.what  # what a model file asks for is no reason not to simulate it
            continue
        width = len(entry.signal.bias) if isinstance(entry.signal.bias, tuple) else 1
        if width not in (1, made.shape[-1] if made.shape else 1):
            where = f"sensor {entry.name!r}"
            raise SceneError(where, f"bias has {width} numbers", f"allowed: 1 or {made.shape[-1]}", "give one per component")
        sensors[entry.name] = Sensor(entry.name, made, entry.signal, truth)
    return sensors, unmeasured
