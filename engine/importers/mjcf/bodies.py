"""The worldbody tree: bodies with their joints, geoms, inertia, cameras and the sun."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.errors import ImportFileError, near_matches
from engine.geometry import rotation as rot
from engine.geometry.hull import convex_triangles
from engine.geometry.inertia import rotated, six, tensor
from engine.geometry.mesh import MeshData, from_arrays, load_mesh
from engine.importers.files import inside
from engine.importers.mjcf.source import Source, accept, flag, limits, orientation, padded, scalar, vector3
from engine.importers.mjcf.tendons import read_site
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
    geoms = [read_geom(source, g, childclass) for g in element.all("geom")]
    joints = [read_joint(source, j, childclass) for j in element.all("joint", "freejoint")]
    position, turn, joints = _shifted(position, turn, joints)
    values: dict[str, Any] = {"shape": [g for g in geoms if g], "position": position, "rotation": turn, "joint": joints}
    if flag(element, "mocap", False):
        values.update(kinematic=True)
        del values["joint"]
    if place.body != WORLD:
        values["parent"] = place.body
    values["gravity_scale"] = 1.0 - scalar(element, "gravcomp", 0.0)
    source.scene.add_body(name, **values, **read_inertia(source, element))
    read_children(source, element, Place(name, childclass))


def read_children(source: Source, element: Element, place: Place) -> None:
    """Bodies, cameras and lights of a body or the world; what is left is reported."""
    for child in element.children:
        if child.tag == "body":
            read_body(source, child, place)
        elif child.tag == "camera":
            read_camera(source, child, place)
        elif child.tag == "light":
            read_light(source, child, place)
        elif child.tag == "site":
            read_site(source, child, place.body, place.childclass)
        elif child.tag not in ("geom", "joint", "freejoint", "inertial"):
            source.report.lacks(f"element <{child.tag}>", child.line)


def _shifted(position: Any, turn: Any, joints: list[Joint]) -> tuple[Any, Any, list[Joint]]:
    """The pose at coordinates 0 of a body whose pose is given where each joint is at its `ref`, and the joints seen from there.

    A joint moves by J(q - r) = J(-r) J(q). All J(-r) go to the left, into the pose of the body, past the joints before them,
    whose axes and anchors are carried along.
    """
    shifted: list[Joint] = []
    for joint in joints:
        if isinstance(joint, Hinge | Slide) and joint.initial:
            axis = np.array(joint.axis) / np.linalg.norm(joint.axis)
            arm, back = np.array(joint.position), np.array([1.0, 0.0, 0.0, 0.0])
            step = -joint.initial * axis
            if isinstance(joint, Hinge):
                back = rot.from_axis_angle(axis, -joint.initial)
                step = arm - rot.rotate(back, arm)
            position = tuple((np.array(position) + rot.rotate(turn, step)).tolist())
            turn = tuple(rot.multiply(turn, back).tolist())
            shifted = [_carried(j, rot.conjugate(back), step) for j in shifted]
        shifted.append(joint)
    return position, turn, shifted


def _carried(joint: Joint, forward: Any, step: Any) -> Joint:
    """A joint seen from a frame that was moved by `step` and turned back by `forward`."""
    if not isinstance(joint, Hinge | Slide):
        return joint
    arm = rot.rotate(forward, np.array(joint.position) - step)
    return replace(joint, axis=tuple(rot.rotate(forward, np.array(joint.axis)).tolist()), position=tuple(arm.tolist()))


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
    values: dict[str, Any] = {
        "name": source.name(element, "geom"),
        "position": vector3(element, "pos", ORIGIN),
        "rotation": orientation(source, element),
        "density": scalar(element, "density", 1000.0),
        "friction": padded(element, "friction", (1.0, 0.005, 0.0001)),
        "condim": int(scalar(element, "condim", 3)),
        "contact_type": int(scalar(element, "contype", 1)),
        "contact_affinity": int(scalar(element, "conaffinity", 1)),
        "margin": scalar(element, "margin", 0.0),
        "solref": padded(element, "solref", (0.02, 1.0)),
        "solimp": padded(element, "solimp", (0.9, 0.95, 0.001, 0.5, 2.0)),
        "color": _color(source, element),
    }
    if "mass" in element.attributes:
        values["mass"] = scalar(element, "mass", 0.0)
    if element.attributes.get("fluidshape", "none") == "ellipsoid":
        values["fluid"] = padded(element, "fluidcoef", (0.5, 0.25, 1.5, 1.0, 1.0))
    if kind == "mesh":
        data = _mesh(source, element)
        return Mesh(data=data, path=data.path, **values)
    if "mesh" in element.attributes or kind not in ("plane", "sphere", *SEGMENTS):
        source.report.lacks(f"geom type {kind!r}" + (" fitted to a mesh" if "mesh" in element.attributes else ""), element.line)
        return None
    size = list(parse_numbers(element, "size", element.attributes.get("size", "")))
    if "fromto" in element.attributes:
        if kind not in SEGMENTS:
            raise ImportFileError(element.where, f"fromto on a {kind}", f"allowed: {', '.join(SEGMENTS)}", "remove it")
        size = _from_to(element, values, size, 1 if kind in ("capsule", "cylinder") else 2)
    return _solid(element, kind, size, values)


def _from_to(element: Element, values: dict[str, Any], size: list[float], across: int) -> list[float]:
    """Pose and half length of a geom between two points; returns its size."""
    ends = np.array(element.numbers("fromto", 6))
    start, end = ends[:3], ends[3:]
    length = float(np.linalg.norm(end - start))
    if length < 1e-12 or not size:
        raise ImportFileError(element.where, "fromto without length or size", "allowed: two points and a radius", "correct it")
    values.update(position=tuple(((start + end) / 2).tolist()), rotation=tuple(rot.from_z_axis(start - end).tolist()))
    return [*(size[:1] * across if len(size) < 2 or across == 1 else size[:2]), length / 2]


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


def _color(source: Source, element: Element) -> tuple[float, ...]:
    text = element.attributes.get("rgba")
    name = element.attributes.get("material")
    if name is not None and name not in source.materials:
        raise ImportFileError(
            element.where, f"unknown material {name!r}", near_matches(name, source.materials), "correct the name"
        )
    if text is None and name is not None:
        text = source.materials[name].attributes.get("rgba", "1 1 1 1")
    return parse_numbers(element, "rgba", text or "0.5 0.5 0.5 1", 4)[:3]


def _mesh(source: Source, element: Element) -> MeshData:
    """The mesh asset of a geom with its scale built in."""
    name = element.attributes.get("mesh")
    if name not in source.meshes:
        raise ImportFileError(
            element.where, f"unknown mesh {name!r}", near_matches(str(name), source.meshes), "correct the name"
        )
    asset = source.meshes[name]
    scale = np.array(vector3(asset, "scale", (1.0, 1.0, 1.0)))
    if "file" in asset.attributes:
        path = inside(source.folder, str(source.meshdir / _relative(asset.attributes["file"])), asset.where)
        data = load_mesh(path, asset.where)
        if np.array_equal(scale, (1.0, 1.0, 1.0)):
            return replace(data, name=name)
        vertices, faces = data.vertices, data.faces
    else:
        vertices, faces = _inline(asset)
    return from_arrays(vertices * scale, faces, name, asset.where)


def _relative(file: str) -> str:
    return file.replace("\\", "/")


def _inline(asset: Element) -> tuple[np.ndarray, np.ndarray]:
    """vertex and face of a mesh asset; without face the convex hull of the vertices."""
    numbers = asset.numbers("vertex")
    if not numbers or len(numbers) % 3:
        raise ImportFileError(asset.where, "neither file nor vertex", "allowed: one of the two", "add it")
    vertices = np.array(numbers).reshape(-1, 3)
    text = asset.numbers("face")
    if text is not None:
        if len(text) % 3:
            raise ImportFileError(asset.where, f"face has {len(text)} numbers", "allowed: three per triangle", "correct it")
        return vertices, np.array(text).astype(int).reshape(-1, 3)
    return convex_triangles(vertices, asset.where)


def read_camera(source: Source, element: Element, place: Place) -> None:
    """One fixed <camera>."""
    accept(source, element)
    if element.attributes.get("mode", "fixed") != "fixed":
        return
    name = source.name(element, "camera")
    element = source.resolved(element, place.childclass)
    resolution = element.numbers("resolution", 2) or (256.0, 256.0)
    source.scene.add_camera(
        name,
        vector3(element, "pos", ORIGIN),
        rotation=orientation(source, element),
        body=place.body,
        resolution=(int(resolution[0]), int(resolution[1])),
        fov_y=scalar(element, "fovy", 45.0),
    )


def read_light(source: Source, element: Element, place: Place) -> None:
    """The first directional <light> of the world is the sun; others are reported."""
    element = source.resolved(element, place.childclass)
    directional = element.attributes.get("directional") == "true" or element.attributes.get("type") == "directional"
    if place.body != WORLD or not directional or source.sun:
        source.report.skips("a <light> that is not the one directional light of the world", element.line)
        return
    source.sun = True
    x, y, z = vector3(element, "dir", (0.0, 0.0, -1.0))
    source.scene.set_sun(direction=(-x, -y, -z))
