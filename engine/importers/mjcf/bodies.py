"""The worldbody tree: bodies with their joints, geoms, inertia, cameras and lights."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import ImportFileError
from engine.geometry import rotation as rot
from engine.geometry.inertia import rotated, six, tensor
from engine.importers.mjcf.annotations import read_site
from engine.importers.mjcf.frames import ends_pose, flattened
from engine.importers.mjcf.height_fields import height_field
from engine.importers.mjcf.lights import read_light
from engine.importers.mjcf.looks import look
from engine.importers.mjcf.meshes import fitted, mesh_of
from engine.importers.mjcf.source import Source, accept, flag, limits, orientation, padded, scalar, vector3
from engine.importers.xml_tree import Element, parse_numbers
from engine.scene.description import (
    ORIGIN,
    WORLD,
    Ball,
    Box,
    Capsule,
    Cylinder,
    Ellipsoid,
    Free,
    Hinge,
    Joint,
    Mesh,
    Plane,
    Shape,
    Slide,
    Sphere,
)
from engine.scene.reference import at_zero, can_shift

SEGMENTS = ("capsule", "cylinder", "box", "ellipsoid")


@dataclass(frozen=True)
class Place:
    """Where children are read into: the parent's name and the class of its children."""

    body: str
    childclass: str | None


def read_body(source: Source, element: Element, place: Place) -> None:
    """One <body> and everything below it."""
    accept(source, element)
    name = source.name(element, "body")
    childclass = element.attributes.get("childclass") or place.childclass
    position, turn = vector3(element, "pos", ORIGIN), orientation(source, element)
    parts = list(flattened(source, element, childclass))
    geoms = [read_geom(source, g, c) for g, c in parts if g.tag == "geom"]
    joints = [read_joint(source, j, c) for j, c in parts if j.tag in ("joint", "freejoint")]
    if not can_shift(joints):
        source.report.lacks("attribute ref of a hinge that turns about the anchor of a ball joint before it", element.line)
    position, turn, joints = at_zero(position, turn, joints)
    values: dict[str, Any] = {"shape": [g for g in geoms if g], "position": position, "rotation": turn, "joint": joints}
    if flag(element, "mocap", False):
        values.update(kinematic=True)
        del values["joint"]
    if place.body != WORLD:
        values["parent"] = place.body
    values["gravity_scale"] = 1.0 - scalar(element, "gravcomp", 0.0)
    source.scene.add_body(name, **values, **read_inertia(source, element))
    read_children(source, parts, Place(name, childclass))


def read_world(source: Source, element: Element) -> None:
    """The <worldbody>: its geoms are the world's."""
    parts = list(flattened(source, element, None))
    for child, childclass in parts:
        shape = read_geom(source, child, childclass) if child.tag == "geom" else None
        if shape is not None:
            source.scene.add_shape(WORLD, shape)
        if child.tag in ("joint", "freejoint", "inertial"):
            raise ImportFileError(
                child.where, "the world has no joints and no inertia", "allowed: in a <body>", "move it there"
            )
    read_children(source, parts, Place(WORLD, None))


def read_children(source: Source, parts: list[tuple[Element, str | None]], place: Place) -> None:
    """Bodies, sites, cameras and lights of a body or the world; what is left is reported."""
    for child, childclass in parts:
        inner = Place(place.body, childclass)
        if child.tag == "body":
            read_body(source, child, inner)
        elif child.tag == "site":
            read_site(source, child, place.body, childclass)
        elif child.tag == "camera":
            read_camera(source, child, inner)
        elif child.tag == "light":
            read_light(source, child, place.body, childclass)
        elif child.tag not in ("geom", "joint", "freejoint", "inertial"):
            source.report.lacks(f"element <{child.tag}>", child.line)


def read_joint(source: Source, element: Element, childclass: str | None) -> Joint:
    """One <joint> or <freejoint>."""
    accept(source, element)
    free = element.tag == "freejoint"
    if not free:
        element = source.resolved(element, childclass)
    kind = "free" if free else element.attributes.get("type", "hinge")
    values: dict[str, Any] = {
        "name": source.name(element, "joint"),
        "damping": scalar(element, "damping", 0.0),
        "armature": scalar(element, "armature", 0.0),
        "friction_loss": scalar(element, "frictionloss", 0.0),
        "margin": scalar(element, "margin", 0.0),
        "solref": padded(element, "solreflimit", (0.02, 1.0)),
        "solimp": padded(element, "solimplimit", (0.9, 0.95, 0.001, 0.5, 2.0)),
    }
    if "springdamper" in element.attributes:
        values["spring_time"] = element.numbers("springdamper", 2)
    if kind == "free":
        return Free(**values, stiffness=scalar(element, "stiffness", 0.0))
    values.update(position=vector3(element, "pos", ORIGIN), stiffness=scalar(element, "stiffness", 0.0))
    bounds = limits(source, element, "limited", "range")
    if kind == "ball":
        return Ball(**values, range=(0.0, source.angle(bounds[1])) if bounds else None)
    if kind not in ("hinge", "slide"):
        raise ImportFileError(element.where, f"type={kind!r}", "allowed: free, ball, slide, hinge", "correct it")
    scale = source.angle if kind == "hinge" else float
    values.update(
        axis=vector3(element, "axis", (0.0, 0.0, 1.0)),
        range=(scale(bounds[0]), scale(bounds[1])) if bounds else None,
        rest=scale(scalar(element, "springref", 0.0)),
        initial=scale(scalar(element, "ref", 0.0)),
        force_range=limits(source, element, "actuatorfrclimited", "actuatorfrcrange"),
    )
    return Hinge(**values) if kind == "hinge" else Slide(**values)


def read_inertia(source: Source, element: Element) -> dict[str, Any]:
    """mass, inertia and com of a body, when its <inertial> counts."""
    inertial = element.first("inertial")
    if len(element.all("inertial")) > 1:
        raise ImportFileError(element.where, "several <inertial>", "allowed: one", "remove the others")
    if inertial is None or source.inertiafromgeom == "true":
        if inertial is None and source.inertiafromgeom == "false" and element.first("joint") is not None:
            raise ImportFileError(
                element.where, "no <inertial>", "allowed with inertiafromgeom='false': bodies with one", "add it"
            )
        return {}
    accept(source, inertial)
    mass = inertial.numbers("mass", 1)
    diagonal, full = inertial.numbers("diaginertia", 3), inertial.numbers("fullinertia", 6)
    if mass is None or (diagonal is None) == (full is None):
        raise ImportFileError(
            inertial.where, "mass or inertia is missing", "allowed: mass with diaginertia or fullinertia", "add it"
        )
    if mass[0] == 0:
        source.report.skips("an <inertial> without mass", inertial.line)
        return {}
    about = tensor(full) if full else np.diag(np.array(diagonal))
    moments = np.linalg.eigvalsh(about)
    if source.balance and 2 * moments.max() > moments.sum():
        about = np.eye(3) * moments.mean()
    turned = rotated(about, rot.matrix(orientation(source, inertial)))
    return {"mass": mass[0], "inertia": six(turned), "com": vector3(inertial, "pos", ORIGIN)}


def read_geom(source: Source, element: Element, childclass: str | None) -> Shape | None:
    """One <geom>; None when its type is not supported (and reported)."""
    accept(source, element)
    element = source.resolved(element, childclass)
    kind = element.attributes.get("type", "mesh" if "mesh" in element.attributes else "sphere")
    size = list(parse_numbers(element, "size", element.attributes.get("size", "")))
    values: dict[str, Any] = {
        "name": source.name(element, "geom"),
        "position": vector3(element, "pos", ORIGIN),
        "rotation": orientation(source, element),
        "density": scalar(element, "density", 1000.0),
        "friction": padded(element, "friction", (1.0, 0.005, 0.0001)),
        "condim": int(scalar(element, "condim", 3)),
        "contact_type": int(scalar(element, "contype", 1)),
        "contact_affinity": int(scalar(element, "conaffinity", 1)),
        "priority": int(scalar(element, "priority", 0)),
        "mix": scalar(element, "solmix", 1.0),
        "margin": scalar(element, "margin", 0.0),
        "solref": padded(element, "solref", (0.02, 1.0)),
        "solimp": padded(element, "solimp", (0.9, 0.95, 0.001, 0.5, 2.0)),
        **look(source, element, kind, size),
    }
    if "mass" in element.attributes:
        values["mass"] = scalar(element, "mass", 0.0)
    if element.attributes.get("fluidshape", "none") == "ellipsoid":
        values["fluid"] = padded(element, "fluidcoef", (0.5, 0.25, 1.5, 1.0, 1.0))
    if kind == "hfield":
        return height_field(source, element, values)
    if kind not in ("plane", "sphere", "mesh", *SEGMENTS):
        source.report.lacks(f"geom type {kind!r}", element.line)
        return None
    if kind == "mesh" or "mesh" in element.attributes:
        return _of_mesh(source, element, kind, values)
    if "fromto" in element.attributes:
        if kind not in SEGMENTS:
            raise ImportFileError(element.where, f"fromto on a {kind}", f"allowed: {', '.join(SEGMENTS)}", "remove it")
        size = _from_to(element, values, size, 1 if kind in ("capsule", "cylinder") else 2)
    if flag(element, "shellinertia", False):
        source.report.lacks("attribute shellinertia of a primitive <geom>", element.line)
    return _solid(element, kind, size, values)


def _of_mesh(source: Source, element: Element, kind: str, values: dict[str, Any]) -> Shape:
    """A mesh, or the primitive that is fitted to one."""
    data = mesh_of(source, element, flag(element, "shellinertia", False))
    if kind == "mesh":
        return Mesh(data=data, path=data.path, **values)
    if kind == "plane":
        raise ImportFileError(
            element.where, "a plane fitted to a mesh", f"allowed: sphere, {', '.join(SEGMENTS)}", "correct it"
        )
    return _solid(element, kind, fitted(source, element, data, kind, values), values)


def _from_to(element: Element, values: dict[str, Any], size: list[float], across: int) -> list[float]:
    """Pose and half length of a geom between two points; returns its size."""
    position, turn, half = ends_pose(element)
    if not size:
        raise ImportFileError(element.where, "fromto without size", "allowed: two points and a radius", "add it")
    values.update(position=position, rotation=turn)
    return [*(size[:1] * across if len(size) < 2 or across == 1 else size[:2]), half]


def _solid(element: Element, kind: str, size: list[float], values: dict[str, Any]) -> Shape:
    needed = {"plane": 0, "sphere": 1, "capsule": 2, "cylinder": 2, "box": 3, "ellipsoid": 3}[kind]
    if len(size) < needed:
        raise ImportFileError(
            element.where, f"size has {len(size)} numbers", f"allowed for a {kind}: {needed}", "add the others"
        )
    if kind == "plane":
        return Plane(**values)
    if kind == "sphere":
        return Sphere(size[0], **values)
    if kind == "capsule":
        return Capsule(size[0], 2 * size[1], **values)
    if kind == "cylinder":
        return Cylinder(size[0], 2 * size[1], **values)
    if kind == "box":
        return Box((2 * size[0], 2 * size[1], 2 * size[2]), **values)
    return Ellipsoid((size[0], size[1], size[2]), **values)


def read_camera(source: Source, element: Element, place: Place) -> None:
    """One fixed <camera>; with `sensorsize` its focal length and principal point decide, as in MuJoCo."""
    accept(source, element)
    name = source.name(element, "camera")
    element = source.resolved(element, place.childclass)
    resolution = element.numbers("resolution", 2) or (256.0, 256.0)
    source.scene.add_camera(
        name,
        vector3(element, "pos", ORIGIN),
        rotation=orientation(source, element),
        body=place.body,
        resolution=(int(resolution[0]), int(resolution[1])),
        **_intrinsics(element, resolution),
    )


def _intrinsics(element: Element, resolution: tuple[float, ...]) -> dict[str, Any]:
    """fov_y, or focal and centre in pixels. Lengths are in the unit of `sensorsize`; MuJoCo moves the picture, not
    its axis, by the principal point (see its frustum)."""
    sensor = element.numbers("sensorsize", 2)
    if sensor is None:
        return {"fov_y": scalar(element, "fovy", 45.0)}
    if min(sensor) <= 0:
        raise ImportFileError(element.where, f"sensorsize is {sensor}", "allowed: two positive lengths", "correct it")
    per_length = (resolution[0] / sensor[0], resolution[1] / sensor[1])
    focal, shift = element.numbers("focalpixel", 2), element.numbers("principalpixel", 2)
    if focal is None:
        given = element.numbers("focal", 2)
        if given is None:
            raise ImportFileError(element.where, "sensorsize without a focal length", "allowed: focal or focalpixel", "add it")
        focal = (given[0] * per_length[0], given[1] * per_length[1])
    if shift is None:
        given = element.numbers("principal", 2) or (0.0, 0.0)
        shift = (given[0] * per_length[0], given[1] * per_length[1])
    return {"focal": focal, "centre": (0.5 * resolution[0] - shift[0], 0.5 * resolution[1] - shift[1])}
