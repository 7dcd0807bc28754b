"""<site> of a body and the <tendon> section: spatial and fixed tendons."""

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.errors import ImportFileError, near_matches
from engine.geometry import rotation as rot
from engine.importers.mjcf.source import Source, accept, limits, orientation, padded, scalar, vector3
from engine.importers.xml_tree import Element, parse_numbers
from engine.scene.description import ORIGIN
from engine.scene.ties import SOLIMP, SOLREF, FixedTendon, Pulley, SpatialTendon, Via, Wrap


def read_site(source: Source, element: Element, body: str, childclass: str | None) -> None:
    """A named point with a frame; its size, type and colour are for pictures only."""
    accept(source, element)
    element = source.resolved(element, childclass)
    position: Any = vector3(element, "pos", ORIGIN)
    turn: Any = orientation(source, element)
    ends = element.numbers("fromto", 6)
    if ends is not None:
        start, end = np.array(ends[:3]), np.array(ends[3:])
        position, turn = tuple(((start + end) / 2).tolist()), tuple(rot.from_z_axis(start - end).tolist())
    source.scene.add_site(source.name(element, "site"), body, position=position, rotation=turn)


def read_tendons(source: Source, section: Element) -> None:
    """A <tendon> section."""
    for element in section.children:
        if element.tag not in ("spatial", "fixed"):
            source.report.lacks(f"element <{element.tag}> of <tendon>", element.line)
            continue
        accept(source, element)
        whole = source.resolved(element, None, ("tendon",))
        values = tendon_values(source, whole)
        if element.tag == "fixed":
            source.scene.add_tendon(FixedTendon(_joints(source, element), **values))
        else:
            source.scene.add_tendon(SpatialTendon(_path(source, element), **values))


def tendon_values(source: Source, element: Element) -> dict[str, Any]:
    """What fixed and spatial tendons share."""
    rest = element.numbers("springlength", (1, 2))
    if rest is not None:
        rest = None if rest[0] == -1 and rest[-1] == -1 else (rest[0], rest[-1])
    for key in ("springyield", "armature"):
        if scalar(element, key, 0.0):
            source.report.lacks(f"attribute {key} of a tendon", element.line)
    return {
        "name": source.name(element, "tendon"),
        "stiffness": padded(element, "stiffness", (0.0, 0.0, 0.0)),
        "damping": padded(element, "damping", (0.0, 0.0, 0.0)),
        "spring_range": rest,
        "range": limits(source, element, "limited", "range"),
        "margin": scalar(element, "margin", 0.0),
        "friction_loss": scalar(element, "frictionloss", 0.0),
        "limit_solref": padded(element, "solreflimit", SOLREF),
        "limit_solimp": padded(element, "solimplimit", SOLIMP),
        "friction_solref": padded(element, "solreffriction", SOLREF),
        "friction_solimp": padded(element, "solimpfriction", SOLIMP),
    }


def _joints(source: Source, element: Element) -> tuple[tuple[str, float], ...]:
    found = []
    for child in element.children:
        if child.tag != "joint":
            source.report.lacks(f"element <{child.tag}> of <fixed>", child.line)
            continue
        coefficient = parse_numbers(child, "coef", child.attributes.get("coef", ""), 1)[0]
        found.append(
            (_named(source, child, "joint", [str(j.name) for b in source.scene.bodies for j in b.joints]), coefficient)
        )
    return tuple(found)


def _path(source: Source, element: Element) -> tuple[Via | Wrap | Pulley, ...]:
    parts: dict[str, Callable[[Source, Element], Via | Wrap | Pulley]] = {"site": _via, "geom": _wrap, "pulley": _pulley}
    path = []
    for child in element.children:
        if child.tag in parts:
            path.append(parts[child.tag](source, child))
        else:
            source.report.lacks(f"element <{child.tag}> of <spatial>", child.line)
    return tuple(path)


def _via(source: Source, element: Element) -> Via:
    return Via(_named(source, element, "site", [s.name for s in source.scene.sites]))


def _wrap(source: Source, element: Element) -> Wrap:
    shape = _named(source, element, "geom", [str(s.name) for _, s in source.scene.shapes])
    side = element.attributes.get("sidesite")
    return Wrap(shape, None if side is None else _named(source, element, "sidesite", [s.name for s in source.scene.sites]))


def _pulley(source: Source, element: Element) -> Pulley:
    return Pulley(parse_numbers(element, "divisor", element.attributes.get("divisor", ""), 1)[0])


def _named(source: Source, element: Element, key: str, known: list[str]) -> str:
    """The value of an attribute that names another part of the file."""
    name = element.attributes.get(key, "")
    if name not in known:
        raise ImportFileError(element.where, f"unknown {key} {name!r}", near_matches(name, known), "correct the name")
    return name
