"""URDF robots: links, joints (revolute, continuous, prismatic, planar, fixed, floating), inertial, collision, visual.

The root link is welded to the world (a root link named "world" is the world itself; a floating joint below it gives a free
base). Masses come from <inertial> only, as URDF says; collision and visual shapes weigh nothing, visual ones do not touch, and
collision shapes are drawn only where a link has no visual. A planar joint is two slides and a hinge. Effort and velocity limits
have no counterpart without actuators and are noted, like transmissions and simulator extensions. Mimic joints are coupled by an
equality constraint. Reference: the URDF XML specification (wiki.ros.org/urdf/XML). File references, also `package://name/path`,
stay in the model's package: the nearest folder above the file that holds a package.xml, or else the file's own folder.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import ImportFileError, near_matches
from engine.geometry import rotation as rot
from engine.geometry.inertia import rotated, six, tensor
from engine.geometry.mesh import from_arrays, load_mesh
from engine.importers.files import inside
from engine.importers.report import Report
from engine.importers.xml_tree import Element, parse_numbers, parse_xml
from engine.scene.builder import Scene
from engine.scene.description import ORIGIN, WORLD, Box, Capsule, Cylinder, Free, Hinge, Joint, Mesh, Shape, Slide, Sphere

KINDS = ("revolute", "continuous", "prismatic", "planar", "fixed", "floating")
SOLIDS = ("box", "sphere", "cylinder", "capsule", "mesh")
SCHEMA: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # attributes and children of each element
    "robot": (("name", "version"), ("link", "joint", "material")),
    "link": (("name", "type"), ("inertial", "collision", "visual")),
    "inertial": ((), ("origin", "mass", "inertia")),
    "collision": (("name",), ("origin", "geometry", "material", "verbose")),
    "visual": (("name",), ("origin", "geometry", "material")),
    "geometry": ((), SOLIDS),
    "joint": (
        ("name", "type"),
        ("origin", "parent", "child", "axis", "limit", "dynamics", "calibration", "safety_controller", "mimic"),
    ),
    "material": (("name",), ("color", "texture")),
    "origin": (("xyz", "rpy"), ()), "mass": (("value",), ()), "inertia": (("ixx", "ixy", "ixz", "iyy", "iyz", "izz"), ()),
    "box": (("size",), ()), "sphere": (("radius",), ()), "cylinder": (("radius", "length"), ()),
    "capsule": (("radius", "length"), ()), "mesh": (("filename", "scale"), ()), "color": (("rgba",), ()),
    "texture": (("filename",), ()), "parent": (("link",), ()), "child": (("link",), ()), "axis": (("xyz",), ()),
    "limit": (("lower", "upper", "effort", "velocity"), ()), "dynamics": (("damping", "friction"), ()),
    "mimic": (("joint", "multiplier", "offset"), ()), "calibration": (("rising", "falling", "reference_position"), ()),
    "safety_controller": (("soft_lower_limit", "soft_upper_limit", "k_position", "k_velocity"), ()),
    "verbose": (("value",), ()),
}  # fmt: skip
NOTED = ("calibration", "safety_controller", "verbose", "texture")  # without effect on the motion
ELSEWHERE = ("transmission", "gazebo", "mujoco", "ros2_control")  # for other programs


def load_urdf(path: Path, strict: bool = True) -> Scene:
    """The scene of a URDF file. Raises ImportFileError (file, elements, link tree) and SceneError (values)."""
    root = parse_xml(path)
    if root.tag != "robot":
        raise ImportFileError(root.where, f"the root element is <{root.tag}>", "allowed: <robot>", "load another file")
    report, scene, folder = Report(path.name), Scene(), path.resolve().parent
    source = Robot(scene, report, folder, _package(folder))
    links = {_named(e): e for e in root.all("link")}
    joints = {_reference(e, "child", links): e for e in root.all("joint")}
    if len(links) < len(root.all("link")):
        raise ImportFileError(root.where, "two links have one name", "allowed: unique names", "rename one")
    source.colors.update({_named(e): _rgba(e) for e in root.all("material")})
    _check(report, root)
    for name in _ordered(root, links, joints):
        _add_link(source, links, joints.get(name), name)
    for joint in root.all("joint"):
        _mimic(source, joint)
    return report.finish(scene, strict)


def _check(report: Report, element: Element) -> None:
    """Name every attribute and element below that is not in the schema."""
    attributes, children = SCHEMA[element.tag]
    for key in element.attributes:
        if key not in attributes and not key.startswith("xmlns"):
            report.lacks(f"attribute {key} of <{element.tag}>", element.line)
    for child in element.children:
        if child.tag in children:
            _check(report, child)
        elif child.tag not in ELSEWHERE:
            report.lacks(f"element <{child.tag}> of <{element.tag}>", child.line)
        if child.tag in (*ELSEWHERE, *NOTED):
            report.skips(f"element <{child.tag}> of <{element.tag}>", child.line)
    for tag in set(children) - {"link", "joint", "material", "collision", "visual"}:
        if len(element.all(tag)) > 1:
            raise ImportFileError(element.where, f"several <{tag}>", "allowed: one", "remove the others")


@dataclass
class Robot:
    """What one import needs to know; file references stay in `package`."""

    scene: Scene
    report: Report
    folder: Path
    package: Path
    colors: dict[str, Any] = field(default_factory=dict)


def _package(folder: Path) -> Path:
    """The nearest folder that holds a package.xml, or the folder itself."""
    return next((f for f in (folder, *folder.parents) if (f / "package.xml").is_file()), folder)


def _mimic(source: Robot, joint: Element) -> None:
    """A joint that follows another: position = multiplier * that of the other + offset."""
    part = joint.first("mimic")
    if part is None:
        return
    known = [str(j.name) for b in source.scene.bodies for j in b.joints]
    name, leader = _named(joint), part.attributes.get("joint", "")
    if leader not in known:
        raise ImportFileError(part.where, f"unknown joint {leader!r}", near_matches(leader, known), "correct the name")
    couple = getattr(source.scene, "couple_joints", None)
    if couple is None or name not in known:
        source.report.lacks(f"element <mimic> of joint {name!r}", part.line)
    else:
        couple(name, leader, polynomial=(_number(part, "offset"), _number(part, "multiplier", 1.0), 0.0, 0.0, 0.0))


def _named(element: Element) -> str:
    name = element.attributes.get("name")
    if not name:
        raise ImportFileError(element.where, "no name", "allowed: a non-empty name", "add it")
    return name


def _reference(joint: Element, role: str, links: dict[str, Element]) -> str:
    part = joint.first(role)
    name = "" if part is None else part.attributes.get("link", "")
    if name not in links:
        raise ImportFileError(joint.where, f"unknown {role} link {name!r}", near_matches(name, links), "correct the name")
    return name


def _ordered(root: Element, links: dict[str, Element], joints: dict[str, Element]) -> list[str]:
    """Links, parents first. Raises ImportFileError unless they form one tree."""
    if len(joints) < len(root.all("joint")):
        raise ImportFileError(root.where, "a link is the child of two joints", "allowed: trees", "remove one joint")
    children: dict[str, list[str]] = {name: [] for name in links}
    for child, joint in joints.items():
        children[_reference(joint, "parent", links)].append(child)
    order = [name for name in links if name not in joints]
    for name in order:
        order += children[name]
    if len(order) < len(links):
        lost = ", ".join(repr(name) for name in links if name not in order)
        raise ImportFileError(root.where, f"links {lost} form a cycle", "allowed: trees", "leave one joint out")
    return order


def _add_link(source: Robot, links: dict[str, Element], joint: Element | None, name: str) -> None:
    link = links[name]
    seen = link.first("visual") is not None
    shapes = [s for e in link.all("collision", "visual") for s in _shape(source, e, e.tag == "visual" or not seen)]
    if joint is None and name == WORLD:
        for shape in shapes:
            source.scene.add_shape(WORLD, shape)
        return
    position, turn = _origin(joint)
    parent = None if joint is None else _reference(joint, "parent", links)
    made = _joint(source.report, joint, parent) if joint is not None else None
    source.scene.add_body(name, shapes, position=position, rotation=turn, parent=parent, joint=made, **_inertial(link))


def _origin(element: Element | None) -> tuple[Any, Any]:
    """Position and rotation of an element's <origin>."""
    origin = None if element is None else element.first("origin")
    if origin is None:
        return ORIGIN, (1.0, 0.0, 0.0, 0.0)
    angles = origin.numbers("rpy", 3) or ORIGIN
    return origin.numbers("xyz", 3) or ORIGIN, tuple(rot.from_euler(angles, "XYZ").tolist())


def _joint(report: Report, element: Element, parent: str | None) -> Joint | list[Joint] | None:
    """The joint (of a planar one: joints) of a child link; None when it is welded."""
    kind = element.attributes.get("type", "")
    if kind not in KINDS or (kind == "floating" and parent != WORLD):
        report.lacks(f"joint type {kind!r}" + (" below another link" if kind == "floating" else ""), element.line)
        return None
    if kind == "fixed":
        return None
    name, dynamics = _named(element), element.first("dynamics")
    damping, friction = (0.0, 0.0) if dynamics is None else (_number(dynamics, "damping"), _number(dynamics, "friction"))
    values: dict[str, Any] = {"damping": damping, "friction_loss": friction}
    if kind == "floating":
        return Free(name=name, **values)
    axis_part, limit = element.first("axis"), element.first("limit")
    axis: Any = (1.0, 0.0, 0.0) if axis_part is None else axis_part.numbers("xyz", 3) or (1.0, 0.0, 0.0)
    if kind == "planar":
        turn = rot.from_z_axis(axis) if any(axis) else rot.IDENTITY
        first, second = (tuple(rot.rotate(turn, e).tolist()) for e in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)))
        sliding: list[Joint] = [Slide(axis=first, name=f"{name}/x", **values), Slide(axis=second, name=f"{name}/y", **values)]
        return [*sliding, Hinge(axis=axis, name=name, **values)]
    bounds = None
    if kind != "continuous":
        if limit is None:
            raise ImportFileError(element.where, "no <limit>", f"allowed for {kind} joints: lower and upper", "add it")
        bounds = (_number(limit, "lower"), _number(limit, "upper"))
    if limit is not None and ("effort" in limit.attributes or "velocity" in limit.attributes):
        report.skips("effort and velocity limits of a joint without actuator", limit.line)
    make = Slide if kind == "prismatic" else Hinge
    return make(axis=axis, range=bounds, name=name, **values)


def _number(element: Element, name: str, default: float = 0.0) -> float:
    values = element.numbers(name, 1)
    return default if values is None else values[0]


def _inertial(link: Element) -> dict[str, Any]:
    part = link.first("inertial")
    if part is None:
        return {}
    mass, inertia = part.first("mass"), part.first("inertia")
    if mass is None or inertia is None:
        raise ImportFileError(part.where, "mass or inertia is missing", "allowed: both", "add it")
    value = _number(mass, "value")
    if value == 0:
        return {}
    tensor6 = [_number(inertia, key) for key in ("ixx", "iyy", "izz", "ixy", "ixz", "iyz")]
    position, turn = _origin(part)
    return {"mass": value, "com": position, "inertia": six(rotated(tensor(tensor6), rot.matrix(turn)))}


def _shape(source: Robot, element: Element, visible: bool) -> list[Shape]:
    """The shape of a <collision> or <visual>; empty when there is none."""
    geometry = element.first("geometry")
    if geometry is None or len(geometry.children) != 1:
        allowed = "allowed: one of box, sphere, cylinder, capsule, mesh"
        raise ImportFileError(element.where, "no single geometry", allowed, "correct it")
    position, turn = _origin(element)
    values: dict[str, Any] = {"position": position, "rotation": turn, "density": 0.0}
    values.update(collides=element.tag == "collision", visible=visible)
    material = element.first("material")
    if material is not None:
        values["color"] = _rgba(material) or source.colors.get(material.attributes.get("name", ""))
    return _solid(source, geometry.children[0], values)


def _rgba(material: Element) -> tuple[float, ...] | None:
    color = material.first("color")
    return None if color is None else parse_numbers(color, "rgba", color.attributes.get("rgba", ""), 4)[:3]


def _solid(source: Robot, part: Element, values: dict[str, Any]) -> list[Shape]:
    if part.tag == "box":
        size = part.numbers("size", 3) or ORIGIN
        return [Box((size[0], size[1], size[2]), **values)]
    if part.tag == "sphere":
        return [Sphere(_number(part, "radius"), **values)]
    if part.tag in ("cylinder", "capsule"):
        make = Cylinder if part.tag == "cylinder" else Capsule
        return [make(_number(part, "radius"), _number(part, "length"), **values)]
    if part.tag != "mesh":  # reported by the schema
        return []
    data = load_mesh(_file(source, part), part.where)
    scale = np.array(part.numbers("scale", 3) or (1.0, 1.0, 1.0))
    if (scale < 0).any():
        data = from_arrays(data.vertices * scale, data.faces, data.name, part.where)
        scale = np.ones(3)
    return [Mesh(path=data.path, data=data, scale=(float(scale[0]), float(scale[1]), float(scale[2])), **values)]


def _file(source: Robot, part: Element) -> Path:
    """The file that a mesh names, in the model's package. Raises ImportFileError."""
    reference = part.attributes.get("filename", "")
    if not reference.startswith("package://"):
        if "://" in reference:
            raise ImportFileError(part.where, f"filename={reference!r}", "allowed: relative paths and package://", "change it")
        if source.package == source.folder:
            return inside(source.folder, reference, part.where)
        below = (source.folder / reference).resolve()
        return inside(source.package, str(below), part.where)
    name, _, path = reference.removeprefix("package://").partition("/")
    nested = source.package / name / path
    return inside(source.package, f"{name}/{path}" if nested.is_file() else path, part.where)
