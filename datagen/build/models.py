"""Models of files and actors: their bodies, joints and actuators join the scene of an episode under the model's name.

A file is read once per process by `engine.load`; body `hand` of the actor `panda` becomes `panda.hand`, joint `joint1` becomes
`panda.joint1`, and so on. What a controller commands decides the actuators: positions keep the position drives of the file (or
get new ones), velocities and torques replace them. An actor that nobody commands holds its pose at frame 0.

Limits: trees of bodies with shapes, sites, actuators on joints and couplings of two joints; a file with tendons, or with other
ties, is refused with a sentence. Planes on the world of a file are left out: the ground is the scene's.
"""

import functools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import engine
from datagen import assets
from datagen.build.controls import resting_values
from datagen.build.errors import BuildError
from datagen.errors import near_matches
from datagen.quaternions import multiply, rotate
from datagen.spec import ControllerSpec, EpisodeSpec, ModelSpec

DRIVE_FORCE_SHARE = 20.0  # stiffness of a drive that the file lacks: 20 times its largest force per rad or m
BY_POSITION = ("position", "delta_position", "cartesian", "delta_cartesian", "none")


def file_path(name: str) -> Path:
    """A mesh or a model is a file of `assets/`, or a path that exists."""
    path = Path(name)
    return path if path.is_file() else assets.asset_path(name)


@functools.lru_cache(maxsize=32)
def _loaded(path: str, stamp: int) -> Any:
    return engine.load(path)


def load_model(model: ModelSpec) -> Any:
    """The scene of the file, read once. Raises BuildError for a file that a model cannot use."""
    path = file_path(model.file)
    scene = _loaded(str(path), path.stat().st_mtime_ns)
    where = f"model {model.name!r} ({model.file})"
    if scene.tendons:
        raise BuildError(where, "the file has tendons", "bodies, joints, actuators, sites and joint couplings", "remove them")
    for tie in scene.equalities:
        if not isinstance(tie, engine.JointCoupling):
            raise BuildError(where, f"the file has a {type(tie).__name__}", "couplings of two joints", "remove it")
    return scene


def model_bodies(model: ModelSpec) -> tuple[str, ...]:
    """Names of the bodies that a model adds, in order."""
    return tuple(f"{model.name}.{body.name}" for body in load_model(model).bodies[1:])


def model_joints(model: ModelSpec) -> dict[str, str]:
    """Name of every hinge and slide that a model adds, and the body that it moves."""
    return {
        f"{model.name}.{joint.name}": f"{model.name}.{body.name}"
        for body in load_model(model).bodies[1:]
        for joint in body.joints
        if isinstance(joint, (engine.Hinge, engine.Slide))
    }


def add_model(scene: Any, model: ModelSpec) -> None:
    """Adds a model to a scene. Raises BuildError and SceneError."""
    source = load_model(model)
    named = {0: None} | {number: f"{model.name}.{body.name}" for number, body in enumerate(source.bodies) if number}
    start = initial_coordinates(model)
    for number, body in enumerate(source.bodies):
        if number:
            _add_body(scene, source, model, number, body, named, start)
    for site in source.sites:
        if site.body:
            scene.add_site(
                f"{model.name}.{site.name}", named[site.body], position=site.position, rotation=site.rotation,
                shape=site.shape, size=site.size,
            )  # fmt: skip
    for first, second in source.excludes:
        if first and second:
            scene.exclude_contacts(named[first], named[second])
    for tie in source.equalities:
        joints = {key: f"{model.name}.{getattr(tie, key)}" for key in ("joint", "other") if getattr(tie, key, None) is not None}
        scene.add_equality(replace(tie, name=tie.name and f"{model.name}.{tie.name}", **joints))
    for actuator in source.actuators:
        _add_actuator(scene, model, actuator)


def _add_body(
    scene: Any, source: Any, model: ModelSpec, number: int, body: Any, named: dict[int, str | None], start: dict[str, float]
) -> None:
    position, rotation, joints = body.position, body.rotation, list(body.joints)
    if body.parent == 0:
        position = tuple(map(float, rotate(np.array(model.rotation), np.array(position)) + np.array(model.position)))
        rotation = tuple(map(float, multiply(np.array(model.rotation), np.array(rotation))))
        free = bool(joints) and isinstance(joints[0], engine.Free)
        if model.fixed and free:
            joints = []
        elif model.fixed is False and not joints:
            joints = [engine.Free()]
    renamed = []
    for joint in joints:
        values: dict[str, Any] = {"name": f"{model.name}.{joint.name or body.name}"}
        if isinstance(joint, (engine.Hinge, engine.Slide)):
            values["initial"] = start.get(str(joint.name), joint.initial)
        renamed.append(replace(joint, **values))
    shapes = [replace(shape, name=None) for owner, shape in source.shapes if owner == number]
    scene.add_body(
        named[number], shapes, position=position, rotation=rotation, parent=named[body.parent], joint=renamed or None,
        fixed=body.parent == 0 and not renamed, **_mass(body), gravity_scale=body.gravity_scale,
    )  # fmt: skip


def _mass(body: Any) -> dict[str, Any]:
    if body.mass is None:
        return {}
    return {"mass": body.mass} if body.inertia is None else {"mass": body.mass, "inertia": body.inertia, "com": body.com}


def initial_coordinates(model: ModelSpec) -> dict[str, float]:
    """Coordinate of every hinge and slide of the file at frame 0: of the keyframe, then the episode's own. Raises
    BuildError."""
    source = load_model(model)
    where = f"model {model.name!r} ({model.file})"
    axial = [joint for body in source.bodies for joint in body.joints if isinstance(joint, (engine.Hinge, engine.Slide))]
    found = {str(joint.name): float(joint.initial) for joint in axial}
    keyframes = {frame.name: frame for frame in source.keyframes}
    if model.keyframe is not None and model.keyframe in keyframes:
        found.update(_of_keyframe(source, keyframes[model.keyframe]))
    elif model.keyframe is not None and not (model.keyframe == "home" and not keyframes):
        raise BuildError(where, f"there is no keyframe {model.keyframe!r}", near_matches(model.keyframe, keyframes))
    for name, value in model.joints.items():
        if name not in found:
            raise BuildError(where, f"there is no hinge or slide {name!r}", near_matches(name, found))
        found[name] = value
    for joint in axial:
        if joint.range is not None and not joint.range[0] - 1e-9 <= found[str(joint.name)] <= joint.range[1] + 1e-9:
            low, high = joint.range
            raise BuildError(where, f"{joint.name} starts at {found[str(joint.name)]:g}", f"its range is {low:g} to {high:g}")
    return found


def _of_keyframe(source: Any, frame: Any) -> dict[str, float]:
    """Coordinates of hinges and slides in a keyframe, whose qpos goes through all joints in order."""
    found, place = {}, 0
    for body in source.bodies:
        for joint in body.joints:
            width = 7 if isinstance(joint, engine.Free) else 4 if isinstance(joint, engine.Ball) else 1
            if width == 1 and frame.qpos is not None:
                found[str(joint.name)] = float(frame.qpos[place])
            place += width
    return found


def _add_actuator(scene: Any, model: ModelSpec, actuator: Any) -> None:
    """One actuator of the file, as the controller wants it."""
    where = f"model {model.name!r} ({model.file})"
    if not actuator.joint:
        raise BuildError(where, f"the actuator {actuator.name!r} drives no joint", "actuators of joints", "remove it")
    control = model.controller or ControllerSpec(type="none")
    values = {name: getattr(actuator, name) for name in ("gear", "reflected_damping", "armature", "force_range")}
    if values["force_range"] is None and actuator.control_range is not None and not any(actuator.bias):
        values["force_range"] = actuator.control_range  # of a motor: the control is the force
    if values["force_range"] is not None:
        values["force_range"] = tuple(control.limit * bound for bound in values["force_range"])
    gain, bias, limits = _law(actuator, control, values["force_range"])
    scene.add_actuator(
        f"{model.name}.{actuator.name}", f"{model.name}.{actuator.joint}", "general", gain=gain, bias=bias,
        control_range=limits, **values,
    )  # fmt: skip


Triple = tuple[float, float, float]


def _law(actuator: Any, control: ControllerSpec, force: Any) -> tuple[Triple, Triple, Any]:
    """gain and bias on (1, length, velocity) and the range of the control."""
    most = max(map(abs, force)) if force else 100.0
    servo = actuator.bias[1] < 0.0
    stiffness = actuator.gain[0] if servo else DRIVE_FORCE_SHARE * most
    damping = -actuator.bias[2] if actuator.bias[2] < 0.0 else 0.1 * stiffness
    stiffness = control.stiffness if control.stiffness is not None else stiffness
    damping = control.damping if control.damping is not None else damping
    if control.type in BY_POSITION:
        return (stiffness, 0.0, 0.0), (0.0, -stiffness, -damping), actuator.control_range if servo else None
    if control.type == "velocity":
        return (damping, 0.0, 0.0), (0.0, 0.0, -damping), None
    return (1.0, 0.0, 0.0), (0.0, 0.0, 0.0), force


def servos(spec: EpisodeSpec) -> dict[str, str]:
    """Actuator of every joint of an actor that is driven by position: `panda.joint1` -> `panda.joint1`."""
    return {
        f"{model.name}.{actuator.joint}": f"{model.name}.{actuator.name}"
        for model in spec.models
        if model.controller is not None and model.controller.type in BY_POSITION
        for actuator in load_model(model).actuators
    }


def resting_controls(spec: EpisodeSpec) -> dict[str, float]:
    """Value of every actuator of a model while nobody commands it: the joint's coordinate at frame 0 for a position drive, 0
    for the others."""
    found = resting_values(spec)
    for model in spec.models:
        start = initial_coordinates(model)
        by_position = model.controller is None or model.controller.type in BY_POSITION
        for actuator in load_model(model).actuators:
            gear = actuator.gear if isinstance(actuator.gear, (int, float)) else actuator.gear[0]
            found[f"{model.name}.{actuator.name}"] = gear * start.get(actuator.joint, 0.0) if by_position else 0.0
    return found
