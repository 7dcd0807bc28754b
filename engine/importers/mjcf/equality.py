"""The <equality> section: connect, weld, joint and tendon constraints, one function per element."""

from collections.abc import Callable
from typing import Any

from engine.errors import ImportFileError, near_matches
from engine.importers.mjcf.source import Source, accept, flag, padded, scalar, vector3
from engine.importers.xml_tree import Element
from engine.scene.description import ORIGIN, Axial
from engine.scene.ties import SOLIMP, SOLREF, Connect, Equality, JointCoupling, TendonCoupling, Weld

POLYNOMIAL = (0.0, 1.0, 0.0, 0.0, 0.0)
RELATIVE = (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def read_equalities(source: Source, section: Element) -> None:
    """An <equality> section."""
    readers: dict[str, Callable[[Source, Element, dict[str, Any]], Equality]] = {
        "connect": read_connect, "weld": read_weld, "joint": read_joint_coupling, "tendon": read_tendon_coupling,
    }  # fmt: skip
    for element in section.children:
        if element.tag not in readers:
            source.report.lacks(f"element <{element.tag}> of <equality>", element.line)
            continue
        accept(source, Element(f"equality/{element.tag}", element.attributes, element.file, element.line))
        whole = source.resolved(element, None, ("equality",))
        shared = {
            "name": source.name(whole, "equality"),
            "active": flag(whole, "active", True),
            "solref": padded(whole, "solref", SOLREF),
            "solimp": padded(whole, "solimp", SOLIMP),
        }
        source.scene.add_equality(readers[element.tag](source, whole, shared))


def read_connect(source: Source, element: Element, shared: dict[str, Any]) -> Connect:
    """Two bodies share a point."""
    return Connect(anchor=vector3(element, "anchor", ORIGIN), **_ends(source, element), **shared)


def read_weld(source: Source, element: Element, shared: dict[str, Any]) -> Weld:
    """Two bodies keep their relative pose; a zero quaternion in relpose asks for the one of the initial coordinates."""
    pose = padded(element, "relpose", RELATIVE)
    relative = (pose[:3], pose[3:]) if any(pose[3:]) else None
    shared = {**shared, "torque_scale": scalar(element, "torquescale", 1.0)}
    return Weld(anchor=vector3(element, "anchor", ORIGIN), relative=relative, **_ends(source, element), **shared)  # type: ignore


def read_joint_coupling(source: Source, element: Element, shared: dict[str, Any]) -> JointCoupling:
    """One joint follows another, both from their coordinates in the initial pose."""
    initial = {str(j.name): j.initial for b in source.scene.bodies for j in b.joints if isinstance(j, Axial)}
    first, second = _pair(element, "joint", list(initial))
    reference = (initial[first], 0.0 if second is None else initial[second])
    return JointCoupling(first, second, padded(element, "polycoef", POLYNOMIAL), reference, **shared)


def read_tendon_coupling(source: Source, element: Element, shared: dict[str, Any]) -> TendonCoupling:
    """One tendon follows another, both from their lengths in the initial pose."""
    first, second = _pair(element, "tendon", [str(t.name) for t in source.scene.tendons])
    return TendonCoupling(first, second, padded(element, "polycoef", POLYNOMIAL), **shared)


def _pair(element: Element, kind: str, known: list[str]) -> tuple[str, str | None]:
    first = _named(element, f"{kind}1", known)
    second = f"{kind}2"
    return first, _named(element, second, known) if second in element.attributes else None


def _ends(source: Source, element: Element) -> dict[str, Any]:
    """Bodies or sites of a connect or weld."""
    if "site1" in element.attributes or "site2" in element.attributes:
        sites = [s.name for s in source.scene.sites]
        return {"site": _named(element, "site1", sites), "other_site": _named(element, "site2", sites)}
    bodies = [b.name for b in source.scene.bodies]
    other = _named(element, "body2", bodies) if "body2" in element.attributes else None
    return {"body": _named(element, "body1", bodies), "other": other}


def _named(element: Element, key: str, known: list[str]) -> str:
    name = element.attributes.get(key, "")
    if name not in known:
        raise ImportFileError(element.where, f"unknown {key} {name!r}", near_matches(name, known), "correct the name")
    return name
