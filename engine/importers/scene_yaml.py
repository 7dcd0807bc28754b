"""Read a scene that `Scene.save` wrote (or a person, in the same form).

Bodies may stand in any order: they are added parents first. Unknown keys are errors that list near matches; every value goes
through the builder's own checks. Aliases and tags are refused, duplicate keys are errors. Limits: format 1.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from engine.errors import ImportFileError, SceneError, near_matches
from engine.geometry.texture import INLINE, Texture
from engine.importers.files import inside, read_model
from engine.scene.builder import Scene
from engine.scene.deformable import Attachment, Deformable, DeformableOptions, Line, Sheet, Solid
from engine.scene.description import (
    WORLD,
    Actuator,
    Ball,
    Box,
    Capsule,
    Checker,
    Cylinder,
    Ellipsoid,
    Free,
    HeightField,
    Hinge,
    Light,
    Mesh,
    Options,
    Plane,
    Slide,
    Sphere,
)
from engine.scene.document import FORMAT
from engine.scene.exposure import Exposure
from engine.scene.matter import MATERIALS, Matter
from engine.scene.soft_materials import Cloth, Elastic, Rope
from engine.scene.ties import (
    Connect,
    FixedTendon,
    JointCoupling,
    Pulley,
    SpatialTendon,
    TendonCoupling,
    Via,
    Weld,
    Wrap,
)

SHAPES: dict[str, type] = {c.__name__.lower(): c for c in (Box, Sphere, Capsule, Cylinder, Ellipsoid, Plane, Mesh, HeightField)}
JOINTS: dict[str, type] = {c.__name__.lower(): c for c in (Hinge, Slide, Ball, Free)}
TENDONS: dict[str, type] = {c.__name__: c for c in (FixedTendon, SpatialTendon)}
EQUALITIES: dict[str, type] = {c.__name__: c for c in (Connect, Weld, JointCoupling, TendonCoupling)}
SOFT: dict[str, type] = {c.__name__: c for c in (Cloth, Elastic, Rope)}
MESHES: dict[str, type] = {c.__name__: c for c in (Sheet, Line, Solid)}
SECTIONS = (
    "scene", "options", "light", "bodies", "world_shapes", "actuators", "cameras", "lamps", "excluded_contacts", "sites",
    "tendons", "equalities", "contact_pairs", "sensors", "keyframes", "matter", "deformables", "deformable_options",
)  # fmt: skip
NOTED = {  # section -> the builder's call and its keywords
    "lamps": ("add_lamp", ("name", "position", "color", "direction", "look_at", "cone", "size", "radius", "body")),
    "contact_pairs": ("add_contact_pair", ("first", "second", "condim", "friction", "solref", "solimp", "margin")),
    "sensors": ("add_sensor", ("name", "kind", "target_kind", "target", "attributes", "signal")),
    "keyframes": (
        "add_keyframe",
        ("name", "time", "qpos", "qvel", "control", "kinematic_position", "kinematic_rotation"),
    ),
}
CAMERA_KEYS = (
    "name", "body", "position", "look_at", "rotation", "resolution", "fov_y", "focal", "centre", "lens", "distortion",
    "exposure",
)  # fmt: skip
BODY_KEYS = (
    "name", "parent", "position", "rotation", "joints", "shapes", "kinematic", "mass", "inertia", "com", "velocity",
    "angular_velocity", "gravity_scale",
)  # fmt: skip


class _Strict(yaml.SafeLoader):
    """Refuses aliases (bombs) and duplicate keys; reads 1e-3 as a number, as YAML 1.2 does."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=self.peek_event().start_mark)
        return super().compose_node(parent, index)


def _mapping(loader: _Strict, node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str) or key in found:
            raise yaml.MarkedYAMLError(problem=f"key {key!r} is duplicate or no text", problem_mark=key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Strict.add_constructor("tag:yaml.org,2002:map", _mapping)
_Strict.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+$"), list("-+.0123456789")
)


def load_scene(path: Path) -> Scene:
    """The scene of a YAML file. Raises ImportFileError (file, keys) and SceneError (values)."""
    where = str(path)
    try:
        document = yaml.load(read_model(path).decode("utf-8"), Loader=_Strict)  # noqa: S506  (a SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        problem = " ".join(str(error).split())
        raise ImportFileError(where, f"no valid YAML ({problem})", "allowed: a scene document", "correct the file") from error
    _require(where, document, dict, "the document")
    _known(where, document, SECTIONS, "key")
    if document.get("scene") != FORMAT:
        raise ImportFileError(
            where, f"scene format {document.get('scene')!r}", f"allowed: scene: {FORMAT}", "add it, or use another version"
        )
    scene = Scene()
    scene.options = _options(where, document.get("options", {}))
    _light(scene, where, document.get("light", {}))
    _bodies(scene, where, document.get("bodies", []), path.resolve().parent)
    for entry in _each(where, document, "world_shapes"):
        scene.add_shape(WORLD, _shape(where, entry, path.resolve().parent))
    for entry in _each(where, document, "actuators"):
        _known(f"{where}: actuators", entry, [f.name for f in fields(Actuator)], "key")
        kind = "muscle" if entry.get("muscle") else "general"
        _call(f"{where}: actuators", scene.add_actuator, {"kind": kind, **entry})
    for entry in _each(where, document, "cameras"):
        _known(f"{where}: cameras", entry, CAMERA_KEYS, "key")
        if isinstance(entry.get("exposure"), dict):
            _known(f"{where}: exposure", entry["exposure"], [f.name for f in fields(Exposure)], "key")
            entry = {**entry, "exposure": Exposure(**entry["exposure"])}
        _call(f"{where}: cameras", scene.add_camera, entry)
    for pair in _require(where, document.get("excluded_contacts", []), list, "excluded_contacts"):
        if not isinstance(pair, list) or len(pair) != 2:
            raise ImportFileError(where, f"excluded_contacts holds {pair!r}", "allowed: pairs of body names", "correct it")
        scene.exclude_contacts(*pair)
    _ties(scene, where, document)
    for section, (call, keys) in NOTED.items():
        for entry in _each(where, document, section):
            _known(f"{where}: {section}", entry, keys, "key")
            _call(f"{where}: {section}", getattr(scene, call), entry)
    for entry in _each(where, document, "matter"):
        _add_matter(scene, where, entry, path.resolve().parent)
    _deformables(scene, where, document, path.resolve().parent)
    return scene


def _add_matter(scene: Scene, where: str, entry: dict[str, Any], folder: Path) -> None:
    label, values = f"{where}: matter {entry.get('name')!r}", dict(entry)
    _known(label, values, [f.name for f in fields(Matter)], "key")
    values["material"] = _part(label, _require(label, values.get("material"), dict, "material"), MATERIALS, "material")
    if "region" in values:
        values["region"] = _shape(label, _require(label, values["region"], dict, "region"), folder)
    _call(label, scene.add_matter, values)


def _deformables(scene: Scene, where: str, document: Mapping[str, Any], folder: Path) -> None:
    """Cloth, ropes and elastic solids, and what holds them."""
    options = _require(where, document.get("deformable_options", {}), dict, "deformable_options")
    scene.deformable_options = _part(where, {"type": "options", **options}, {"options": DeformableOptions}, "options")
    for entry in _each(where, document, "deformables"):
        label = f"{where}: deformable {entry.get('name')!r}"
        values = dict(entry)
        material = _part(label, _require(label, values.pop("material", None), dict, "material"), SOFT, "material")
        mesh = dict(_require(label, values.pop("mesh", None), dict, "mesh"))
        if "shape" in mesh:
            mesh["shape"] = _shape(label, mesh["shape"], folder)
        if isinstance(values.get("texture"), dict):
            values["texture"] = _texture(f"{label}: texture", values["texture"], folder)
        held = [_part(label, {"type": "hold", **a}, {"hold": Attachment}, "attachment") for a in values.pop("attachments", [])]
        part = _call(label, Deformable, {**values, "material": material, "mesh": _part(label, mesh, MESHES, "mesh")})
        scene.add_deformable(part)
        for a in held:
            scene.attach(part.name, a.vertices, a.body or None)


def _ties(scene: Scene, where: str, document: Mapping[str, Any]) -> None:
    """Sites, tendons and equality constraints."""
    for entry in _each(where, document, "sites"):
        _known(f"{where}: sites", entry, ("name", "body", "position", "rotation", "shape", "size"), "key")
        _call(f"{where}: sites", scene.add_site, entry)
    for entry in _each(where, document, "tendons"):
        values = dict(entry)
        if "path" in values:
            steps = _require(where, values["path"], list, "path")
            values["path"] = [_step(where, _require(where, step, dict, "an entry of path")) for step in steps]
        scene.add_tendon(_part(f"{where}: tendons", values, TENDONS, "tendon"))
    for entry in _each(where, document, "equalities"):
        scene.add_equality(_part(f"{where}: equalities", entry, EQUALITIES, "equality"))


def _step(where: str, entry: dict[str, Any]) -> Any:
    """One part of a path, told by its keys."""
    for cls in (Via, Wrap, Pulley):
        keys = [f.name for f in fields(cls)]
        if keys[0] in entry:
            _known(f"{where}: path", entry, keys, "key")
            return cls(**entry)
    raise ImportFileError(
        f"{where}: path", f"an entry with {sorted(entry)}", "allowed: site, shape (side) or divisor", "correct it"
    )


def _require(where: str, value: Any, kind: type, what: str) -> Any:
    if not isinstance(value, kind):
        word = "a mapping" if kind is dict else "a list"
        raise ImportFileError(where, f"{what} is {type(value).__name__}", f"allowed: {word}", "correct the file")
    return value


def _each(where: str, document: Mapping[str, Any], section: str) -> list[dict[str, Any]]:
    entries = _require(where, document.get(section, []), list, section)
    return [_require(where, entry, dict, f"an entry of {section}") for entry in entries]


def _known(where: str, entry: Mapping[str, Any], keys: Any, what: str) -> None:
    for key in entry:
        if key not in keys:
            raise ImportFileError(where, f"unknown {what} {key!r}", near_matches(str(key), keys), "correct the name")


def _call(where: str, function: Callable[..., Any], values: dict[str, Any]) -> Any:
    """Call with keywords; a missing one is the file's fault."""
    try:
        return function(**values)
    except TypeError as error:
        raise ImportFileError(
            where, str(error).split(") ", 1)[-1], "allowed: complete entries", "add what is missing"
        ) from error


def _options(where: str, entry: Any) -> Options:
    values = _require(where, entry, dict, "options")
    _known(f"{where}: options", values, [f.name for f in fields(Options)], "option")
    if isinstance(values.get("domain"), list):
        values["domain"] = tuple(tuple(corner) if isinstance(corner, list) else corner for corner in values["domain"])
    return Options(**values)


def _light(scene: Scene, where: str, entry: Any) -> None:
    values = _require(where, entry, dict, "light")
    _known(f"{where}: light", values, [f.name for f in fields(Light)], "key")
    scene.set_sun(values.get("sun_direction"), values.get("sun_color"))
    scene.set_sky(values.get("sky_zenith"), values.get("sky_horizon"))


def _part(where: str, entry: dict[str, Any], classes: dict[str, type], what: str) -> Any:
    values = dict(entry)
    kind = values.pop("type", None)
    if kind not in classes:
        raise ImportFileError(
            where, f"unknown {what} type {kind!r}", near_matches(str(kind), classes), f"set type of the {what}"
        )
    cls = classes[kind]
    _known(f"{where}: {kind}", values, [f.name for f in fields(cls) if f.init and f.name not in ("_", "data")], "key")
    inline = ("vertices", "faces", "coordinates")
    clean: dict[str, Any] = {key: tuple(v) if isinstance(v, list) and key not in inline else v for key, v in values.items()}
    checker = clean.get("checker")
    if isinstance(checker, dict):
        _known(f"{where}: checker", checker, ("period", "color"), "key")
        clean["checker"] = Checker(**checker)
    return _call(f"{where}: {kind}", cls, clean)


def _shape(where: str, entry: dict[str, Any], folder: Path) -> Any:
    shape = dict(entry)
    if shape.get("type") == "mesh" and "path" in shape:
        shape["path"] = str(inside(folder, str(shape["path"]), where))
    if isinstance(shape.get("texture"), dict):
        shape["texture"] = _texture(f"{where}: texture", shape["texture"], folder)
    return _part(where, shape, SHAPES, "shape")


def _texture(where: str, entry: dict[str, Any], folder: Path) -> Texture:
    _known(where, entry, ("image", "repeat", "mapping", "metric"), "key")
    image = entry.get("image")
    if not isinstance(image, str):
        raise ImportFileError(where, f"image is {image!r}", "allowed: the path of a picture", "add it")
    return Texture(**{**entry, "image": image if image.startswith(INLINE) else str(inside(folder, image, where))})


def _bodies(scene: Scene, where: str, entries: Any, folder: Path) -> None:
    """Add bodies parents first; what never finds its parent is unknown or cyclic."""
    waiting = [_require(where, entry, dict, "an entry of bodies") for entry in _require(where, entries, list, "bodies")]
    for entry in waiting:
        _known(f"{where}: body {entry.get('name')!r}", entry, BODY_KEYS, "key")
    names = {entry.get("name") for entry in waiting} | {WORLD}
    known = {WORLD}
    while waiting:
        later = []
        for entry in waiting:
            if entry.get("parent", WORLD) in known:
                _add_body(scene, where, entry, folder)
                known.add(str(entry.get("name")))
            else:
                later.append(entry)
        if len(later) == len(waiting):
            _no_parent(where, later, names)
        waiting = later


def _no_parent(where: str, lost: list[dict[str, Any]], names: set[Any]) -> None:
    for entry in lost:
        if entry["parent"] not in names:
            near = near_matches(str(entry["parent"]), [str(n) for n in names])
            raise SceneError(
                f"{where}: body {entry.get('name')!r}", f"unknown parent {entry['parent']!r}", near, "correct the name"
            )
    cycle = ", ".join(repr(entry.get("name")) for entry in lost[:5])
    raise SceneError(where, f"the parents of bodies {cycle} form a cycle", "allowed: trees", "leave one parent out")


def _add_body(scene: Scene, where: str, entry: dict[str, Any], folder: Path) -> None:
    values = dict(entry)
    label = f"{where}: body {values.get('name')!r}"
    joints = [_part(label, _require(label, j, dict, "a joint"), JOINTS, "joint") for j in values.pop("joints", [])]
    shapes = [_shape(label, _require(label, s, dict, "a shape"), folder) for s in values.pop("shapes", [])]
    if not values.get("kinematic"):
        values["joint"] = joints
    _call(label, scene.add_body, {"shape": shapes, **values})
