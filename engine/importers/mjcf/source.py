"""The file as one tree with resolved defaults: include, compiler settings, default classes, assets, orientations, attribute
checks.
"""

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.errors import ImportFileError, near_matches
from engine.geometry import rotation as rot
from engine.geometry.mesh import MeshData
from engine.importers.files import inside
from engine.importers.report import Report
from engine.importers.xml_tree import Element, parse_numbers, parse_xml
from engine.scene.builder import Scene
from engine.scene.description import Quaternion, Vector

MAX_INCLUDES = 100
ACTUATORS = ("motor", "position", "velocity", "general", "intvelocity", "damper", "cylinder", "muscle")
OWN_LAW = (  # what each kind of actuator has for itself
    "kp", "kv", "dampratio", "timeconst", "inheritrange", "gainprm", "biasprm", "dynprm", "gaintype", "biastype", "dyntype",
    "area", "diameter", "bias", "tausmooth", "range", "force", "scale", "lmin", "lmax", "vmax", "fpmax", "fvmax",
)  # fmt: skip
ORIENTATION = ("quat", "axisangle", "euler", "xyaxes", "zaxis")


@dataclass
class Source:
    """What one import needs to know: the scene so far, the report, compiler settings, default classes and assets."""

    folder: Path
    scene: Scene
    report: Report
    degrees: bool = True
    autolimits: bool = True
    eulerseq: str = "xyz"
    meshdir: Path = Path()
    texturedir: Path = Path()
    inertiafromgeom: str = "auto"
    fitaabb: bool = False
    defaults: dict[str, dict[str, dict[str, str]]] = field(default_factory=lambda: {"main": {}})
    meshes: dict[str, Element] = field(default_factory=dict)
    materials: dict[str, Element] = field(default_factory=dict)
    textures: dict[str, Element] = field(default_factory=dict)
    height_fields: dict[str, Element] = field(default_factory=dict)
    serial: int = 0
    magnetic: Vector = (0.0, -0.5, 0.0)
    sun: bool = False
    balance: bool = False
    disabled_groups: set[int] = field(default_factory=set)

    mesh_data: dict[str, MeshData] = field(default_factory=dict)
    strippath: bool = False

    def file(self, reference: str) -> str:
        """A file reference with forward slashes, without its folders when the compiler says so."""
        clean = reference.replace("\\", "/")
        return clean.rsplit("/", 1)[-1] if self.strippath else clean

    def angle(self, value: float) -> float:
        """An angle of the file in radians."""
        return math.radians(value) if self.degrees else value

    def name(self, element: Element, kind: str) -> str:
        """The element's name, or a generated one."""
        given = element.attributes.get("name")
        if given:
            return given
        self.serial += 1
        return f"{kind}#{self.serial}"

    def resolved(self, element: Element, childclass: str | None, tags: tuple[str, ...] = ()) -> Element:
        """The element with the attributes of its default class filled in. Raises ImportFileError on an unknown class."""
        name = element.attributes.get("class") or childclass or "main"
        if name not in self.defaults:
            raise ImportFileError(
                element.where, f"unknown default class {name!r}", near_matches(name, self.defaults), "correct the name"
            )
        merged: dict[str, str] = {}
        for tag in tags or (element.tag,):
            merged.update(self.defaults[name].get(tag, {}))
        if any(key in element.attributes for key in ORIENTATION):  # replaces another way of saying it in the class
            merged = {key: value for key, value in merged.items() if key not in ORIENTATION}
        return Element(element.tag, {**merged, **element.attributes}, element.file, element.line, element.children)


def read_tree(path: Path, folder: Path, report: Report) -> Element:
    """The root element with every include spliced in. Raises ImportFileError on a second inclusion of one file."""
    seen = {path.resolve()}
    root = parse_xml(path)
    if root.tag != "mujoco":
        raise ImportFileError(root.where, f"the root element is <{root.tag}>", "allowed: <mujoco>", "load another file")
    _splice(root, folder, seen)
    for key in root.attributes:
        if key != "model":
            report.lacks(f"attribute {key} of <mujoco>", root.line)
    return root


def _splice(element: Element, folder: Path, seen: set[Path]) -> None:
    children: list[Element] = []
    for child in element.children:
        if child.tag != "include":
            _splice(child, folder, seen)
            children.append(child)
            continue
        path = inside(folder, child.attributes.get("file", ""), child.where)
        if path in seen or len(seen) > MAX_INCLUDES:
            raise ImportFileError(
                child.where, f"{path.name!r} is included twice", "allowed: each file once", "remove one include"
            )
        seen.add(path)
        included = parse_xml(path)
        _splice(included, folder, seen)
        children += included.children
    element.children = children


def read_defaults(source: Source, element: Element, parent: str | None = None) -> None:
    """A <default> element and those nested in it: each class starts as a copy of its parent's."""
    name = element.attributes.get("class") or ("main" if parent is None else "")
    if not name:
        raise ImportFileError(element.where, "a nested default without class", "allowed: class=...", "name it")
    for key in element.attributes:
        if key != "class":
            source.report.lacks(f"attribute {key} of <default>", element.line)
    start = source.defaults.get(name if parent is None else parent, {})
    settings = {tag: dict(values) for tag, values in start.items()}
    for child in element.children:
        if child.tag in ACTUATORS:
            for tag in ACTUATORS:  # actuator kinds share their defaults, as in MuJoCo; the law is each kind's own
                shared = {k: v for k, v in child.attributes.items() if tag == child.tag or k not in OWN_LAW}
                settings.setdefault(tag, {}).update(shared)
            accept(source, child)
        elif child.tag != "default":
            settings.setdefault(child.tag, {}).update(child.attributes)
            accept(source, child)
    source.defaults[name] = settings
    for child in element.all("default"):
        read_defaults(source, child, name)


def accept(source: Source, element: Element) -> None:
    """Report attributes of an element that are not taken over."""
    known = ATTRIBUTES.get(element.tag)
    if known is None:
        source.report.lacks(f"element <{element.tag}>", element.line)
        return
    for key, value in element.attributes.items():
        if key in known or key in _neutral(element.tag) and value.strip() in _neutral(element.tag)[key]:
            continue
        if key in UNSEEN or element.tag in PICTURED:
            source.report.skips(f"attribute {key} of <{element.tag}>", element.line)
        else:
            source.report.lacks(f"attribute {key}={value!r} of <{element.tag}>", element.line)
    for child in element.children if element.tag not in CONTAINERS else ():
        source.report.lacks(f"element <{child.tag}> of <{element.tag}>", child.line)


def orientation(source: Source, element: Element) -> Quaternion:
    """The unit quaternion of quat, axisangle, euler, xyaxes or zaxis (at most one of them)."""
    given = [name for name in ORIENTATION if name in element.attributes]
    if not given:
        return (1.0, 0.0, 0.0, 0.0)
    if len(given) > 1:
        raise ImportFileError(element.where, f"several orientations ({', '.join(given)})", "allowed: one", "remove the others")
    values = np.array(element.numbers(given[0], {"quat": 4, "axisangle": 4, "euler": 3, "xyaxes": 6, "zaxis": 3}[given[0]]))
    lengths = np.linalg.norm(values[:3] if given[0] in ("axisangle", "zaxis", "xyaxes") else values)
    if given[0] != "euler" and lengths < 1e-10:
        raise ImportFileError(element.where, f"{given[0]} is zero", "allowed: a nonzero orientation", "correct it")
    w, x, y, z = _turn(source, given[0], values).tolist()
    return (w, x, y, z)


def _turn(source: Source, kind: str, v: np.ndarray) -> np.ndarray:
    if kind == "quat":
        return v / np.linalg.norm(v)
    if kind == "axisangle":
        return rot.from_axis_angle(v[:3] / np.linalg.norm(v[:3]), source.angle(float(v[3])))
    if kind == "euler":
        return rot.from_euler([source.angle(float(a)) for a in v], source.eulerseq)
    if kind == "zaxis":
        return rot.from_z_axis(v)
    x = v[:3] / np.linalg.norm(v[:3])
    y = v[3:] - x * (x @ v[3:])
    return rot.from_matrix(np.stack([x, y / np.linalg.norm(y), np.cross(x, y / np.linalg.norm(y))], axis=1))


def vector3(element: Element, name: str, default: Vector) -> Vector:
    """Three numbers of an attribute."""
    values = element.numbers(name, 3)
    return default if values is None else (values[0], values[1], values[2])


def scalar(element: Element, name: str, default: float) -> float:
    """One number of an attribute."""
    values = element.numbers(name, 1)
    return default if values is None else values[0]


def flag(element: Element, name: str, default: bool) -> bool:
    """true or false."""
    text = element.attributes.get(name)
    if text is None:
        return default
    if text not in ("true", "false"):
        raise ImportFileError(element.where, f"{name}={text!r}", "allowed: true, false", "correct it")
    return text == "true"


def limits(source: Source, element: Element, flag_name: str, range_name: str) -> tuple[float, float] | None:
    """A range that is active: said so, or (autolimits) given at all."""
    values = element.numbers(range_name, 2)
    text = element.attributes.get(flag_name, "auto")
    active = text == "true" or (text == "auto" and source.autolimits and values is not None)
    if text not in ("true", "false", "auto") or (active and values is None):
        raise ImportFileError(
            element.where, f"{flag_name}={text!r} with {range_name}={values}", "allowed: true with a range", "add it"
        )
    return (values[0], values[1]) if active and values else None


def padded(element: Element, name: str, default: tuple[float, ...]) -> tuple[float, ...]:
    """Numbers of an attribute that may give only the first few of the defaults."""
    text = element.attributes.get(name)
    if text is None:
        return default
    values = parse_numbers(element, name, text, tuple(range(1, len(default) + 1)))
    return (*values, *default[len(values) :])


POSE = {"name", "class", "pos", *ORIENTATION}
UNSEEN = {"user", "shininess", "specular", "reflectance", "emission", "castshadow", "active", "diffuse", "ambient", "metallic",
          "roughness", "smoothnormal", "content_type", "normal", "fluidcoef", "gap", "sleep"}  # fmt: skip
CONTAINERS = ("body", "frame", "replicate", "default", "option", "spatial", "fixed")  # whose readers look at every child
PICTURED = ("camera", "light", "texture", "material")  # what is unknown here changes pictures only
ATTRIBUTES: dict[str, set[str]] = {
    "body": {*POSE, "childclass", "mocap", "gravcomp"} - {"class"},
    "joint": {
        "name", "class", "type", "pos", "axis", "range", "limited", "damping", "stiffness", "springref", "ref", "armature",
        "frictionloss", "margin", "solreflimit", "solimplimit", "springdamper", "actuatorfrcrange", "actuatorfrclimited",
        "group",
    },
    "freejoint": {"name", "group"},
    "site": {*POSE, "*frame", "type", "size", "fromto", "rgba", "material", "group"},
    "frame": {*POSE, "childclass"},
    "replicate": {"count", "sep", "offset", "euler"},
    "key": {"name", "class", "time", "qpos", "qvel", "ctrl", "mpos", "mquat"},
    "pair": {
        "name", "class", "geom1", "geom2", "condim", "friction", "solref", "solimp", "margin",
    },
    "texture": {"name", "class", "type", "builtin", "rgb1", "rgb2", "width", "height", "file"},
    "geom": {
        *POSE, "*frame", "type", "size", "fromto", "mesh", "mass", "density", "friction", "condim", "contype", "conaffinity",
        "rgba", "material", "margin", "solref", "solimp", "priority", "solmix", "group", "shellinertia", "fitscale",
        "fluidshape", "fluidcoef", "hfield",
    },
    "inertial": {"mass", "diaginertia", "fullinertia"} | POSE - {"name", "class"},
    "camera": {*POSE, "fovy", "resolution", "sensorsize", "focal", "focalpixel", "principal", "principalpixel"},
    "light": {
        "name", "class", "dir", "directional", "type", "pos", "active", "diffuse", "attenuation", "cutoff", "exponent",
        "bulbradius",
    },
    "mesh": {"name", "class", "file", "scale", "vertex", "face", "refpos", "refquat", "inertia", "maxhullvert", "texcoord"},
    "material": {"name", "class", "rgba", "texture", "texrepeat", "texuniform"},
    "motor": {
        "name", "class", "group", "joint", "jointinparent", "tendon", "site", "refsite", "cranksite", "slidersite", "body",
        "gear", "ctrlrange", "ctrllimited", "forcerange", "forcelimited", "lengthrange", "delay", "damping", "armature",
    },
    "exclude": {"name", "body1", "body2"},
    "hfield": {"name", "class", "nrow", "ncol", "size", "elevation", "file"},
    "equality": {"active", "solref", "solimp"},
    "tendon": {
        "name", "class", "limited", "range", "solreflimit", "solimplimit", "solreffriction", "solimpfriction", "margin",
        "frictionloss", "width", "material", "rgba", "springlength", "stiffness", "springyield", "damping", "armature",
    },
    "compiler": {
        "angle", "autolimits", "eulerseq", "meshdir", "assetdir", "inertiafromgeom", "texturedir", "fusestatic", "settotalmass",
        "boundmass", "boundinertia", "balanceinertia", "usethread", "discardvisual", "saveinertial", "savecompiled",
        "savecanonical", "strippath", "fitaabb",
    },
    "option": {
        "timestep", "gravity", "integrator", "iterations", "tolerance", "impratio", "wind", "density", "viscosity",
    },
}  # fmt: skip
STATE = {"actlimited", "actrange", "actearly"}
ATTRIBUTES["position"] = ATTRIBUTES["motor"] | STATE | {"kp", "kv", "dampratio", "timeconst", "inheritrange"}
ATTRIBUTES["velocity"] = ATTRIBUTES["motor"] | {"kv"}
ATTRIBUTES["intvelocity"] = ATTRIBUTES["motor"] | STATE | {"kp", "kv", "dampratio", "inheritrange"}
ATTRIBUTES["damper"] = ATTRIBUTES["motor"] | {"kv"}
ATTRIBUTES["cylinder"] = ATTRIBUTES["motor"] | STATE | {"timeconst", "area", "diameter", "bias"}
ATTRIBUTES["muscle"] = (
    ATTRIBUTES["motor"]
    | STATE
    | {"timeconst", "tausmooth", "range", "force", "scale", "lmin", "lmax", "vmax", "fpmax", "fvmax"}
)
ATTRIBUTES["general"] = ATTRIBUTES["motor"] | STATE | {"gaintype", "gainprm", "biastype", "biasprm", "dyntype", "dynprm"}
ATTRIBUTES["spatial"] = ATTRIBUTES["tendon"]
ATTRIBUTES["fixed"] = ATTRIBUTES["tendon"] - {"width", "material", "rgba"}
_EQUALITY = {"name", "class", *ATTRIBUTES["equality"]}
ATTRIBUTES["equality/connect"] = _EQUALITY | {"body1", "body2", "anchor", "site1", "site2"}
ATTRIBUTES["equality/weld"] = ATTRIBUTES["equality/connect"] | {"relpose", "torquescale"}
ATTRIBUTES["equality/joint"] = _EQUALITY | {"joint1", "joint2", "polycoef"}
ATTRIBUTES["equality/tendon"] = _EQUALITY | {"tendon1", "tendon2", "polycoef"}
_ZERO = {"0", "0.0", "0 0 0"}
NEUTRAL: dict[str, dict[str, set[str]]] = {
    "geom": {"fluidshape": {"none"}},
    "joint": {"actuatorfrclimited": {"false", "auto"}, "actuatorgravcomp": {"false"}},
    "body": {"user": set()},
    "camera": {"mode": {"fixed"}},
    "light": {"mode": {"fixed"}},
    "option": {"cone": {"elliptic", "pyramidal"}, "noslip_iterations": _ZERO},
    "compiler": {"coordinate": {"local"}, "alignfree": {"false"}},
    **{tag: {"nsample": {"0"}, "interp": {"zoh"}, "actdim": {"-1"}} for tag in ACTUATORS},
}


def _neutral(tag: str) -> dict[str, set[str]]:
    """Values of otherwise unsupported attributes that change nothing."""
    return NEUTRAL.get(tag, {})
