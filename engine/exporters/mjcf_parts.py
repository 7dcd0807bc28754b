"""Elements of an exported MJCF: joints, geoms, meshes, actuators, sensors, keyframes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.exporters.losses import Losses
from engine.scene.builder import Scene
from engine.scene.compile import compile_scenes
from engine.scene.description import (
    Actuator,
    Axial,
    Ball,
    Box,
    Capsule,
    Checker,
    Cylinder,
    Ellipsoid,
    Free,
    HeightField,
    Joint,
    Mesh,
    Plane,
    Shape,
    Sphere,
    Surface,
)  # fmt: skip
from engine.scene.material import CONTACT_STEPS, CONTACT_TIME, friction_triple
from engine.scene.sensing import MUJOCO

Tag = Callable[..., list[str]]
TYPES: dict[type, str] = {
    Plane: "plane", Sphere: "sphere", Capsule: "capsule", Cylinder: "cylinder", Box: "box", Ellipsoid: "ellipsoid",
    Mesh: "mesh", HeightField: "mesh",
}  # fmt: skip
SHAPE_FIELDS = (
    "position", "rotation", "name", "density", "mass", "friction", "color", "roughness", "metallic", "checker", "condim",
    "margin", "solref", "solimp", "collides", "contact_type", "contact_affinity", "visible", "priority", "mix", "radius",
    "length", "height", "size", "radii", "path", "vertices", "faces", "scale", "data",
    "heights", "base", "convex", "resolution", "texture", "coordinates",
)  # fmt: skip
ACTUATOR_FIELDS = ("name", "joint", "gain", "bias", "control_range", "force_range", "gear")
PLANE_SIZE = (0.0, 0.0, 1.0)  # endless


def joint_line(joint: Joint, tag: Tag, losses: Losses) -> list[str]:
    """One joint; its pose is that at the initial coordinate."""
    shared = {"name": joint.name, "damping": joint.damping, "armature": joint.armature, "frictionloss": joint.friction_loss}
    if isinstance(joint, Free):
        return tag("joint", type="free", **shared)
    limits = {"solreflimit": joint.solref, "solimplimit": joint.solimp, "margin": joint.margin}
    if isinstance(joint, Ball):
        if joint.stiffness and joint.initial[1:] != (0.0, 0.0, 0.0):
            losses.changes(f"the rest rotation of the ball joint {joint.name!r}")
        spring = {"stiffness": joint.stiffness}
        return tag("joint", type="ball", pos=joint.position, range=joint.range, **shared, **limits, **spring)
    assert isinstance(joint, Axial)
    values = {"pos": joint.position, "axis": joint.axis, "range": joint.range, "stiffness": joint.stiffness}
    return tag(
        "joint", type=type(joint).__name__.lower(), springref=joint.rest, ref=joint.initial, **values, **shared, **limits
    )  # fmt: skip


def _size(shape: Shape) -> Any:
    if isinstance(shape, Plane):
        return PLANE_SIZE
    if isinstance(shape, Surface):
        return None
    count = {Sphere: 1, Capsule: 2, Cylinder: 2}.get(type(shape), 3)
    return shape.stored_size()[:count]


def geom_line(scene: Scene, shape: Shape, tag: Tag, losses: Losses) -> list[str]:
    """One geom; left-out time constants are written as the engine's own."""
    if shape.restitution:
        losses.changes(f"restitution={shape.restitution:g} of shape {shape.name!r}")
    losses.surface(shape)
    losses.unknown_fields(f"shape {shape.name!r}", shape, (*SHAPE_FIELDS, "restitution"))
    bits = (shape.contact_type, shape.contact_affinity) if shape.collides else (0, 0)
    values: dict[str, Any] = {
        "name": shape.name, "type": TYPES[type(shape)], "size": _size(shape), "pos": shape.position, "quat": shape.rotation,
        "mass": shape.mass, "density": shape.density if shape.mass is None else None,
        "friction": friction_triple(shape.friction), "condim": shape.condim, "contype": bits[0], "conaffinity": bits[1],
        "priority": shape.priority or None,
        "solmix": None if shape.mix == 1.0 else shape.mix, "margin": shape.margin or None,
        "solref": shape.solref or (max(CONTACT_TIME, CONTACT_STEPS * scene.options.timestep), 1.0), "solimp": shape.solimp,
        "mesh": mesh_name(shape) if isinstance(shape, Surface) else None, "group": None if shape.visible else 3,
    }  # fmt: skip
    look = {"material": _material(shape)} if shape.checker else {"rgba": (*(shape.color or (0.5, 0.5, 0.5)), 1.0)}
    return tag("geom", **values, **look)


def _material(shape: Shape) -> str:
    return f"look of {shape.name}"


def mesh_name(shape: Surface) -> str:
    """The asset of a mesh with its scale."""
    assert shape.data is not None
    scale = "x".join(f"{x:g}" for x in shape.stored_size())
    return f"{shape.data.name} {shape.data.key[:12]} {scale}"


def mesh_lines(scene: Scene, tag: Tag) -> list[str]:
    """Meshes inline, once each, and a material for every checkerboard."""
    lines: list[str] = []
    done: set[str] = set()
    for _, shape in scene.shapes:
        if isinstance(shape.checker, Checker):
            texture = f"checker of {shape.name}"
            look = {"rgb1": shape.color, "rgb2": shape.checker.color, "width": 64, "height": 64}
            lines += tag("texture", name=texture, type="2d", builtin="checker", **look)
            repeat = (1 / shape.checker.period,) * 2
            lines += tag("material", name=_material(shape), texture=texture, texuniform=True, texrepeat=repeat)
        if isinstance(shape, Surface) and shape.data is not None and mesh_name(shape) not in done:
            done.add(mesh_name(shape))
            vertices = shape.data.vertices * np.array(shape.stored_size())
            lines += tag("mesh", name=mesh_name(shape), vertex=vertices, face=shape.data.faces, inertia="shell")
    return lines


def actuator_lines(scene: Scene, tag: Tag, losses: Losses) -> list[str]:
    """Actuators as <general>, then drives as <position>."""
    lines: list[str] = []
    for a in scene.actuators:
        losses.unknown_fields(f"actuator {a.name!r}", a, ACTUATOR_FIELDS)
        lines += _general(a, tag)
    for body in scene.bodies:
        for joint in body.joints:
            if isinstance(joint, Axial) and (joint.drive_stiffness or joint.drive_damping):
                losses.notes(f"the drive of joint {joint.name!r} is a position actuator")
                gains = {"kp": joint.drive_stiffness, "kv": joint.drive_damping}
                lines += tag("position", name=f"drive of {joint.name}", joint=joint.name, **gains)
    return lines


def _general(a: Actuator, tag: Tag) -> list[str]:
    ranges = {"ctrlrange": a.control_range, "forcerange": a.force_range}
    law = {"gaintype": "affine", "gainprm": a.gain, "biastype": "affine", "biasprm": a.bias}
    return tag("general", name=a.name, joint=a.joint, gear=a.gear, **ranges, **law)


def annotation_lines(scene: Scene, tag: Tag, losses: Losses) -> list[str]:
    """Sensors and keyframes; initial velocities become the keyframe "initial"."""
    sensors: list[str] = []
    for s in scene.sensors:
        if s.kind not in MUJOCO:
            losses.notes(f"the sensor {s.name!r} of the kind {s.kind!r} is left out")
            continue
        by_type = s.kind.startswith("frame")
        kind = {"shape": "geom", "inertial": "body", "body": "xbody" if by_type else "body"}.get(s.target_kind, s.target_kind)
        target = {"objtype": kind, "objname": s.target} if by_type else {kind: s.target} if kind else {}
        sensors += tag(s.kind, name=s.name, **target, **{k: v for k, v in s.attributes if k != "field"})
    keys: list[str] = []
    for k in scene.keyframes:
        keys += tag(
            "key", name=k.name, time=k.time, qpos=k.qpos, qvel=k.qvel, ctrl=k.control, mpos=k.kinematic_position,
            mquat=k.kinematic_rotation,
        )  # fmt: skip
    reals = compile_scenes([scene]).reals
    if reals["qvel_initial"].any() and "initial" not in [k.name for k in scene.keyframes]:
        keys += tag("key", name="initial", qpos=reals["qpos_initial"][0], qvel=reals["qvel_initial"][0])
    return [*(tag("sensor", sensors) if sensors else []), *(tag("keyframe", keys) if keys else [])]
