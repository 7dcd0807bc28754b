"""Sensors of an episode: how a `SensorSpec` becomes a sensor of the engine's scene, and which feature of the dataset it fills.

The schema of a dataset is made before anything is simulated, so features follow from the spec alone; they equal those of the
engine (a test compares them), but for sensors of all joints, which follow the joints of the dataset, and for sound, which the
engine's microphone hears: row t holds the samples of the interval that led to frame t.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import engine
from datagen.spec import EpisodeSpec
from engine.types import Feature

PREFIX = "observation.sensor."
XYZ = ("x", "y", "z")
WRENCH = ("fx", "fy", "fz", "tx", "ty", "tz")
POSE = ("x", "y", "z", "qw", "qx", "qy", "qz")
MOTION = ("vx", "vy", "vz", "wx", "wy", "wz")
IMU = tuple(f"{what}.{axis}" for what in ("force", "spin", "field") for axis in XYZ)
JOINT_UNITS = {"joint_position": "rad or m", "joint_velocity": "rad/s or m/s", "joint_force": "N m or N"}


def add_sensors(scene: Any, spec: EpisodeSpec) -> None:
    """Add the sensors of an episode to its scene (sound is heard, not sensed). Raises SceneError."""
    for sensor in spec.sensors:
        if sensor.type == "sound":
            continue
        target: dict[str, str] = {}
        if sensor.type in ("contact_force", "contact_wrench"):
            target = {"body": str(sensor.body)}
        elif sensor.type in ("tactile", "gel"):
            body = scene.find("sensors", "body", sensor.body)
            target = {"shape": next(str(shape.name) for carrier, shape in scene.shapes if carrier == body)}
        elif sensor.joint is not None:
            target = {"joint": sensor.joint}
        elif not sensor.type.startswith("joint_"):
            site = f"place of {sensor.name}"
            scene.add_site(site, sensor.body, position=sensor.position, rotation=sensor.rotation)
            target = {"site": site}
        scene.add_sensor(sensor.name, sensor.type, **target, **sensor.parameters, signal=sensor.signal)


def sensor_structure(spec: EpisodeSpec) -> str:
    """Equal for specs whose sensors differ in places only."""
    return json.dumps([sensor.model_dump(exclude={"position", "rotation"}) for sensor in spec.sensors], sort_keys=True)


def sensor_facts(spec: EpisodeSpec) -> list[Any]:
    """What must be equal in all episodes of a dataset, because the features depend on it."""
    return [(sensor.name, sensor.type, sensor.joint, sensor.parameters, sensor.signal) for sensor in spec.sensors]


def sensor_seed(spec: EpisodeSpec) -> int:
    """The seed of all draws of an episode's sensors."""
    return int.from_bytes(hashlib.sha256(f"sensors {spec.seed} {spec.index}".encode()).digest()[:8], "little")


def feature_of(sensor: Any, joints: Sequence[str], fps: int) -> Feature:
    """The feature that a SensorSpec fills; `joints` are the hinges and slides of the dataset."""
    name = PREFIX + sensor.name
    if sensor.type == "sound":
        count = sensor.parameters["sample_rate"] // fps
        doc = "sound pressure at 1 m during the interval that led to this frame"
        return Feature(name, "float32", (count,), "Pa", "", None, doc)
    if sensor.type in JOINT_UNITS:
        names = (sensor.joint,) if sensor.joint else tuple(joints)
        return Feature(name, "float32", (len(names),), JOINT_UNITS[sensor.type], "joint", names, "")
    values = complete(sensor)
    own = sensor.body if values.get("frame") == "body" and sensor.body else "world"
    at = sensor.joint or f"place of {sensor.name}"
    grid: dict[str, tuple[int, ...]] = {key: tuple(values[key]) for key in ("taxels", "pixels") if key in values}
    if sensor.type in ("tactile", "gel"):
        return _face_feature(name, sensor, values, grid)
    table: dict[str, tuple[Any, ...]] = {
        "contact_force": ((3,), "N", own, WRENCH[:3], ""),
        "contact_wrench": ((6,), "N, N m", own, WRENCH, "about the origin of the body"),
        "imu": ((9,), "m/s^2, rad/s, T", at, IMU, "specific force, spin, magnetic field"),
        "force_torque": ((6,), "N, N m", at, WRENCH, "what the parent exerts"),
        "pose": ((7,), "m, 1", values.get("reference") or "world", POSE, "position, quaternion wxyz with w >= 0"),
        "twist": ((6,), "m/s, rad/s", at if values.get("frame") == "body" else "world", MOTION, ""),
    }
    if sensor.type in table:
        return Feature(name, "float32", *table[sensor.type])
    limit = f"{values['max_range']:g} for nothing"
    if sensor.type == "proximity":
        return Feature(name, "float32", (1,), "m", at, None, f"nearest surface in the cone, {limit}")
    along = "distance along the ray" if sensor.type == "lidar" else "along the optical axis"
    return Feature(name, "float32", tuple(values["rays"]), "m", at, None, f"{along}, {limit}")


def _face_feature(name: str, sensor: Any, values: dict[str, Any], grid: dict[str, tuple[int, ...]]) -> Feature:
    shape = f"{sensor.body} shape"
    if sensor.type == "tactile":
        doc = "shear along columns, shear along rows, pressure; row 0 at the low end"
        unit = "Pa" if values["quantity"] == "traction" else "N"
        return Feature(name, "float32", (*grid["taxels"], 3), unit, shape, None, doc)
    if values["output"] == "depth":
        return Feature(name, "float32", grid["pixels"], "m", shape, None, "how deep the gel is pressed in")
    return Feature(name, "uint8", (*grid["pixels"], 3), "", shape, None, "sRGB picture from below")


def complete(sensor: Any) -> dict[str, Any]:
    """The parameters of a sensor with the engine's defaults. Raises SceneError."""
    scene = engine.Scene()
    for body in {sensor.body, *(sensor.parameters.get(key) for key in ("other", "reference"))} - {None, ""}:
        scene.add_body(str(body), engine.Sphere(0.1), mass=1.0)
    scene.add_body("a probe", engine.Sphere(0.1, name="a shape"), joint=engine.Hinge(name="a joint"), parent=0, mass=1.0)
    scene.add_site("a site")
    kind = sensor.type
    face, joint = kind in ("tactile", "gel"), sensor.joint is not None
    target: dict[str, Any] = {"shape": "a shape"} if face else {"joint": "a joint"} if joint else {"site": "a site"}
    target = {"body": str(sensor.body)} if kind.startswith("contact") else target
    scene.add_sensor("probe", kind, **{**target, **sensor.parameters})
    return dict(scene.sensors[0].attributes)
