"""<frame> and <replicate>: coordinate changes without a body, written into the poses of what they hold.

A frame's pose, and its childclass, go to its direct children. A replicate is a row of frames: each replica stands one offset
and one turn beyond the one before, and the names in it get the replica's number as suffix. Reference: MuJoCo XML reference,
meta-elements. Limits: elements elsewhere in the file that refer to replicated names are not replicated, so their references
are errors; joints in a frame stay with the frame's body, as in MuJoCo.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import ImportFileError
from engine.geometry import rotation as rot
from engine.importers.mjcf.source import ORIENTATION, Source, accept, orientation, scalar, vector3
from engine.importers.xml_tree import Element

Array = NDArray[np.float64]
POSED = ("body", "geom", "site", "camera", "light")
MAX_REPLICAS = 10_000


@dataclass(frozen=True)
class Frame:
    """A pose, position (3,) and quaternion (4,), in the frame of the body."""

    position: Array
    rotation: Array

    def child(self, position: Array, rotation: Array) -> "Frame":
        """A frame posed in this one."""
        return Frame(self.position + rot.rotate(self.rotation, position), rot.multiply(self.rotation, rotation))


IDENTITY = Frame(np.zeros(3), np.array(rot.IDENTITY))


def flattened(
    source: Source, element: Element, childclass: str | None, frame: Frame = IDENTITY
) -> Iterator[tuple[Element, str | None]]:
    """Children of a body with the class that counts for each, frames and replicas resolved."""
    for child in element.children:
        if child.tag == "frame":
            accept(source, child)
            inner = frame.child(np.array(vector3(child, "pos", (0.0, 0.0, 0.0))), np.array(orientation(source, child)))
            yield from flattened(source, child, child.attributes.get("childclass") or childclass, inner)
        elif child.tag == "replicate":
            yield from _replicas(source, child, childclass, frame)
        elif frame is IDENTITY or child.tag not in POSED:
            yield child, childclass
        else:
            yield _moved(source, child, childclass, frame), childclass


def _moved(source: Source, child: Element, childclass: str | None, frame: Frame) -> Element:
    """The element with its pose given in the body's frame."""
    full = child if child.tag == "body" else source.resolved(child, childclass)
    attributes = {key: value for key, value in child.attributes.items() if key not in ORIENTATION}
    if "fromto" in full.attributes:
        attributes["*frame"] = _text(np.concatenate([frame.position, frame.rotation]))
        return Element(child.tag, attributes, child.file, child.line, child.children)
    pose = frame.child(np.array(vector3(full, "pos", (0.0, 0.0, 0.0))), np.array(orientation(source, full)))
    attributes.update(pos=_text(pose.position), quat=_text(pose.rotation))
    if child.tag == "light":
        attributes["dir"] = _text(rot.rotate(frame.rotation, np.array(vector3(full, "dir", (0.0, 0.0, -1.0)))))
        attributes.pop("quat", None)
    return Element(child.tag, attributes, child.file, child.line, child.children)


def ends_pose(element: Element) -> tuple[tuple[float, ...], tuple[float, ...], float]:
    """Position, rotation and half length of a `fromto`, in the frame that holds the element. Raises ImportFileError."""
    ends = np.array(element.numbers("fromto", 6))
    half = float(np.linalg.norm(ends[3:] - ends[:3])) / 2
    if not 1e-12 < half < np.inf:
        raise ImportFileError(element.where, "fromto without length", "allowed: two different points", "correct it")
    place, turn = (ends[:3] + ends[3:]) / 2, rot.from_z_axis(ends[:3] - ends[3:])
    outer = element.numbers("*frame", 7)  # written by `flattened` when a frame holds the element
    if outer is not None:
        pose = Frame(np.array(outer[:3]), np.array(outer[3:])).child(place, turn)
        place, turn = pose.position, pose.rotation
    return tuple(place.tolist()), tuple(turn.tolist()), half


def _text(values: Array) -> str:
    return " ".join(repr(float(v)) for v in values)


def _replicas(source: Source, element: Element, childclass: str | None, frame: Frame) -> Iterator[tuple[Element, str | None]]:
    accept(source, element)
    count = int(scalar(element, "count", 0))
    if not 0 < count <= MAX_REPLICAS:
        raise ImportFileError(element.where, f"count is {count}", f"allowed: 1 to {MAX_REPLICAS}", "correct it")
    step = np.array(vector3(element, "offset", (0.0, 0.0, 0.0)))
    angles = element.numbers("euler", 3) or (0.0, 0.0, 0.0)
    turn = rot.from_euler([source.angle(a) for a in angles], source.eulerseq)
    digits = len(str(count - 1))
    place = frame
    for k in range(count):
        suffix = element.attributes.get("sep", "") + str(k).zfill(digits)
        children = [_renamed(child, suffix) for child in element.children]
        yield from flattened(source, Element("frame", {}, element.file, element.line, children), childclass, place)
        place = place.child(step, turn)


def _renamed(element: Element, suffix: str) -> Element:
    """A copy of the subtree with the suffix on every name."""
    attributes = dict(element.attributes)
    if "name" in attributes:
        attributes["name"] += suffix
    children = [_renamed(child, suffix) for child in element.children]
    return Element(element.tag, attributes, element.file, element.line, children)
