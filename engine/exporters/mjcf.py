"""A scene as an MJCF file that MuJoCo and our own importer read to the same mass matrix.

Every number is written with all its digits, masses as <inertial> (so that shapes need no density rules), poses at the joints'
initial coordinates with `ref`, meshes inline. Bodies stand in the tree, so the order of joints is that of a walk through it,
depth first. Reference: MuJoCo XML reference. What MJCF does not have is noted or refused (`engine.exporters.losses`):
restitution, prescribed motion below a body, tendons and equality constraints; the exact contact model is noted, drives become
position actuators after the scene's own.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np

from engine.exporters.losses import Losses
from engine.exporters.mjcf_parts import actuator_lines, annotation_lines, geom_line, joint_line, mesh_lines
from engine.exporters.writing import write_whole
from engine.scene.builder import Scene
from engine.scene.compile import compile_scenes
from engine.scene.description import ORIGIN, Ball, Camera, Free
from engine.scene.reference import at_initial, can_shift

INTEGRATORS = {"euler": "Euler", "rk4": "RK4", "implicit": "implicitfast", "implicitfast": "implicitfast",
               "implicit_velocity": "implicit"}  # fmt: skip
OPTIONS = ("gravity", "timestep", "integrator", "max_iterations", "tolerance", "impedance_ratio", "contact", "cone")


def tag(name: str, body: Iterable[str] | None = None, /, **attributes: Any) -> list[str]:
    """Lines of one element; attributes that are None are left out."""
    head = f"<{name}" + "".join(f" {k.rstrip('_')}={text(v)}" for k, v in attributes.items() if v is not None)
    inner = list(body or ())
    return [f"{head}>", *("  " + line for line in inner), f"</{name}>"] if inner else [f"{head}/>"]


def text(value: Any) -> str:
    """A quoted attribute: numbers with all their digits."""
    if isinstance(value, bool):
        return '"true"' if value else '"false"'
    if isinstance(value, str):
        return quoteattr(value)
    numbers = np.atleast_1d(np.asarray(value)).ravel().tolist()
    return '"' + " ".join(str(int(v)) if isinstance(v, int) else repr(float(v)).removesuffix(".0") for v in numbers) + '"'


def write_mjcf(scene: Scene, path: Path, where: str, strict: bool) -> list[str]:
    """Write the file; returns the notes. Raises SceneError."""
    losses = Losses(where)
    losses.unknown_lists(scene)
    compiled = compile_scenes([scene])
    masses = {k: v[0] for k, v in compiled.reals.items() if k.startswith("body_")}
    sections = [
        *tag("compiler", angle="radian", autolimits=True),
        *_options(scene, losses),
        *tag("asset", mesh_lines(scene, tag)),
        *tag("worldbody", [*_light(scene), *_body(scene, 0, masses, losses)]),
        *_contact(scene),
        *tag("actuator", actuator_lines(scene, tag, losses)),
        *annotation_lines(scene, tag, losses),
    ]
    empty = ("<asset/>", "<actuator/>")
    lines = [
        "<!-- Written by worldsmith's engine.export. -->",
        *tag("mujoco", [s for s in sections if s not in empty], model=path.stem),
    ]
    notes = losses.finish(strict)
    write_whole(path, "\n".join(lines) + "\n", where)
    return notes


def _options(scene: Scene, losses: Losses) -> list[str]:
    o = scene.options
    losses.unknown_fields("the options", o, OPTIONS)
    if o.contact == "exact":
        losses.notes('contact="exact": MuJoCo has its own contact model')
    if o.integrator == "implicit":
        losses.notes('integrator "implicit": written as implicitfast, which treats springs explicitly')
    return tag(
        "option", timestep=o.timestep, gravity=o.gravity, integrator=INTEGRATORS[o.integrator],
        cone=getattr(o, "cone", "elliptic"), iterations=o.max_iterations, tolerance=o.tolerance, impratio=o.impedance_ratio,
    )  # fmt: skip


def _light(scene: Scene) -> list[str]:
    return tag("light", type="directional", dir=[-float(x) for x in scene.light.sun_direction], pos=(0, 0, 10))


def _body(scene: Scene, index: int, masses: dict[str, np.ndarray], losses: Losses) -> list[str]:
    """What a body holds: inertia, joints, geoms, sites, cameras, and its children."""
    body, lines = scene.bodies[index], []
    position, turn, joints = at_initial(body.position, body.rotation, body.joints)
    if not can_shift(body.joints):
        losses.changes(f"the initial angle of a hinge after a ball joint on {body.name!r}")
    if masses["body_mass"][index] > 0 and index:
        six = masses["body_inertia"][index]
        lines += tag("inertial", pos=masses["body_com"][index], mass=masses["body_mass"][index], fullinertia=six)
    for joint in joints:
        lines += joint_line(joint, tag, losses)
    for owner, shape in scene.shapes:
        if owner == index:
            lines += geom_line(scene, shape, tag, losses)
    for site in scene.sites:
        if site.body == index:
            lines += tag("site", name=site.name, type=site.shape, pos=site.position, quat=site.rotation, size=site.size)
    for camera in scene.cameras:
        if camera.body == index:
            lines += _camera(camera, losses)
    for child, other in enumerate(scene.bodies):
        if child and other.parent == index:
            lines += _body(scene, child, masses, losses)
    if index == 0:
        return lines
    if body.velocity != ORIGIN or body.angular_velocity != ORIGIN or any(_moves(j) for j in body.joints):
        losses.notes(f"the initial velocity of {body.name!r} is in the keyframe 'initial' only")
    scale = None if body.gravity_scale == 1.0 else 1.0 - body.gravity_scale
    mocap = True if body.kinematic else None
    return tag("body", lines, name=body.name, pos=position, quat=turn, mocap=mocap, gravcomp=scale)


def _moves(joint: Any) -> bool:
    if isinstance(joint, Free):
        return False
    speed = joint.initial_velocity
    return any(speed) or joint.initial[1:] != (0.0, 0.0, 0.0) if isinstance(joint, Ball) else bool(speed)


def _camera(camera: Camera, losses: Losses) -> list[str]:
    losses.lens(camera)
    size = (camera.width, camera.height)
    angle = min(camera.fov_y, 175.0)
    return tag("camera", name=camera.name, pos=camera.position, quat=camera.rotation, fovy=angle, resolution=size)


def _contact(scene: Scene) -> list[str]:
    lines: list[str] = []
    for a, b in scene.excludes:
        lines += tag("exclude", body1=scene.bodies[a].name, body2=scene.bodies[b].name)
    shapes = {s.name: s for _, s in scene.shapes}
    for p in scene.contact_pairs:
        friction = None if p.friction is None else (p.friction[0], p.friction[0], p.friction[1], p.friction[2], p.friction[2])
        condim = p.condim or max(shapes[p.first].condim or 3, shapes[p.second].condim or 3)
        values = {"condim": condim, "friction": friction, "solref": p.solref, "solimp": p.solimp, "margin": p.margin}
        lines += tag("pair", geom1=p.first, geom2=p.second, **values)
    return tag("contact", lines) if lines else []
