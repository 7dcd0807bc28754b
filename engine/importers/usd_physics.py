"""UsdPhysics beside bodies and joints: physics materials, joint drives, filtered pairs and collision groups.

A collider's material is the one bound for the purpose "physics", or else for all purposes; our friction is its dynamic one. A
drive becomes the joint's own (angular gains are per degree). Filtered pairs and pairs of groups that filter each other become
excluded body pairs. Reference: the UsdPhysics schema (openusd.org). Limits: filters between single shapes of bodies, force
limits and moving targets of drives are reported.
"""

import math
from itertools import combinations_with_replacement, product
from typing import Any

from engine.importers.report import Report

DEGREE = math.pi / 180
ENDLESS = 1e30  # force limits above this are none


def material_values(prim: Any, kilograms: float, metres: float) -> dict[str, Any]:
    """friction, restitution and density of a collider's physics material."""
    from pxr import UsdPhysics, UsdShade

    binding = UsdShade.MaterialBindingAPI(prim)
    for purpose in ("physics", ""):
        material = binding.ComputeBoundMaterial(purpose)[0]
        if material and material.GetPrim().HasAPI(UsdPhysics.MaterialAPI):
            api = UsdPhysics.MaterialAPI(material.GetPrim())
            values: dict[str, Any] = {"friction": max(0.0, float(api.GetDynamicFrictionAttr().Get() or 0.0))}
            values["restitution"] = min(1.0, max(0.0, float(api.GetRestitutionAttr().Get() or 0.0)))
            density = api.GetDensityAttr().Get()
            if density:
                values["density"] = density * kilograms / metres**3
            return values
    return {}


def drive_values(prim: Any, hinge: bool, initial: float, metres: float, kilograms: float, report: Report) -> dict[str, Any]:
    """drive_stiffness and drive_damping of a joint."""
    from pxr import UsdPhysics

    kind = "angular" if hinge else "linear"
    if not prim.HasAPI(UsdPhysics.DriveAPI, kind):
        return {}
    drive, place = UsdPhysics.DriveAPI(prim, kind), prim.GetPath()
    unit = DEGREE if hinge else metres
    force = kilograms * (metres**2 / DEGREE if hinge else 1.0)
    stiffness, damping = (float(a.Get() or 0.0) * force for a in (drive.GetStiffnessAttr(), drive.GetDampingAttr()))
    if (drive.GetMaxForceAttr().Get() or math.inf) < ENDLESS:
        report.lacks(f"maxForce of the drive at {place}")
    if drive.GetTypeAttr().Get() == "acceleration":
        report.lacks(f"type acceleration of the drive at {place}")
    target = float(drive.GetTargetPositionAttr().Get() or 0.0) * unit
    if stiffness and abs(target - initial) > 1e-5 * max(1.0, abs(initial)):
        report.skips(f"the target {target:g} of the drive at {place}; set sim.control.joint_target")
    if damping and drive.GetTargetVelocityAttr().Get():
        report.lacks(f"targetVelocity of the drive at {place}")
    return {"drive_stiffness": stiffness, "drive_damping": damping}


def filtered_bodies(stage: Any, prims: list[Any], bodies: dict[str, Any], report: Report) -> set[tuple[str, str]]:
    """Pairs of body paths that never touch."""
    from pxr import UsdPhysics

    pairs: set[tuple[str, str]] = set()
    for prim in prims:
        if prim.HasAPI(UsdPhysics.FilteredPairsAPI):
            for target in UsdPhysics.FilteredPairsAPI(prim).GetFilteredPairsRel().GetTargets():
                _note(pairs, str(prim.GetPath()), str(target), bodies, report)
    groups = [UsdPhysics.CollisionGroup(p) for p in prims if p.GetTypeName() == "PhysicsCollisionGroup"]
    members = [_members(g, prims) for g in groups]
    table: Any = UsdPhysics.CollisionGroup.ComputeCollisionGroupTable(stage) if groups else None
    couples = combinations_with_replacement(range(len(groups)), 2)
    barred = [(i, j) for i, j in couples if not table.IsCollisionEnabled(groups[i], groups[j])]
    for i, j in barred:
        for first, second in product(members[i], members[j]):
            _note(pairs, first, second, bodies, report)
    return pairs


def _members(group: Any, prims: list[Any]) -> list[str]:
    """Colliders of a group."""
    from pxr import UsdPhysics

    query = group.GetCollidersCollectionAPI().ComputeMembershipQuery()
    return [str(p.GetPath()) for p in prims if p.HasAPI(UsdPhysics.CollisionAPI) and query.IsPathIncluded(p.GetPath())]


def _note(pairs: set[tuple[str, str]], first: str, second: str, bodies: dict[str, Any], report: Report) -> None:
    a, b = _body_of(first, bodies), _body_of(second, bodies)
    if a is None and b is None or a == b:
        return
    pairs.add((a or "", b or "") if (a or "") < (b or "") else (b or "", a or ""))
    for prim, body in ((first, a), (second, b)):
        if body is not None and prim != body:
            report.skips(f"the filter of {prim} acts on its whole body {body}")
        elif body is None:
            report.skips(f"the filter of {prim} acts on everything that is fixed to the world")


def _body_of(path: str, bodies: dict[str, Any]) -> str | None:
    while path and path not in bodies:
        path = path.rpartition("/")[0]
    return path or None
