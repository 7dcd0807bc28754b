"""Sites, sensors and keyframes: what stands beside the bodies of a model."""

from typing import Any

from engine.errors import EngineError, ImportFileError
from engine.importers.mjcf.frames import ends_pose
from engine.importers.mjcf.source import Source, accept, orientation, scalar, vector3
from engine.importers.xml_tree import Element
from engine.scene.description import ORIGIN
from engine.scene.sensing import MUJOCO

SITE_SIZE = (0.005, 0.005, 0.005)
TARGETS = ("site", "joint", "actuator", "tendon", "body", "geom", "camera")


def read_site(source: Source, element: Element, body: str, childclass: str | None) -> None:
    """One <site>: a named frame with a size."""
    accept(source, element)
    element = source.resolved(element, childclass)
    kind = element.attributes.get("type", "sphere")
    size = list(element.numbers("size", (1, 2, 3)) or SITE_SIZE)
    position, turn = vector3(element, "pos", ORIGIN), orientation(source, element)
    if "fromto" in element.attributes:
        position, turn, half = ends_pose(element)  # type: ignore[assignment]
        size = [size[0], half] if kind in ("capsule", "cylinder") else [size[0], size[0], half]
    extent = (*size, *SITE_SIZE[len(size) :])
    source.scene.add_site(source.name(element, "site"), body, position=position, rotation=turn, shape=kind, size=extent)


def read_sensors(source: Source, element: Element) -> None:
    """Every sensor of a <sensor> section, as data: kind, name, what it is attached to, and its other attributes."""
    for child in element.children:
        if child.tag not in MUJOCO:
            source.report.lacks(f"element <{child.tag}> of <sensor>", child.line)
            continue
        given = dict(child.attributes)
        kind = next((t for t in TARGETS if t in given), "")
        target = given.pop(kind, "") if kind else given.pop("objname", "")
        by_type = not kind
        kind = kind or given.pop("objtype", "")
        given.pop("name", None)
        if child.tag == "magnetometer":
            given["field"] = " ".join(map(str, source.magnetic))
        named = {"geom": "shape", "xbody": "body"}.get(kind, kind)
        if by_type and kind == "body":
            named = "inertial"  # the frame of its principal axes, at its centre of mass
        if named in ("tendon", "actuator", "shape") and not _known(source, named, target):
            source.report.skips(f"<{child.tag}> on the {kind} {target!r}", child.line)
            continue
        try:
            source.scene.add_sensor(source.name(child, "sensor"), child.tag, named, target, given)
        except EngineError as error:
            raise _placed(child, error) from error


def _known(source: Source, kind: str, name: str) -> bool:
    try:
        source.scene.find("sensor", kind, name)
    except EngineError:  # an element that was not taken over
        return False
    return True


def _placed(element: Element, error: EngineError) -> ImportFileError:
    return ImportFileError(element.where, str(error).rstrip("."), "allowed: what the message says", "correct the file")


def read_keyframes(source: Source, element: Element) -> None:
    """Named states; poses of mocap bodies included."""
    for child in element.children:
        accept(source, child)
        if child.tag != "key":
            continue
        keys = {"qpos": "qpos", "qvel": "qvel", "control": "ctrl", "kinematic_position": "mpos", "kinematic_rotation": "mquat"}
        values: dict[str, Any] = {ours: child.numbers(theirs) for ours, theirs in keys.items()}
        source.scene.add_keyframe(source.name(child, "key"), **values, time=scalar(child, "time", 0.0))
