"""The part of Scene that adds sites, tendons and equality constraints, with their checks."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from engine.errors import SceneError, near_matches
from engine.scene import check
from engine.scene.description import ORIGIN, Axial, Body, Cylinder, Shape, Site, Sphere, Vector
from engine.scene.ties import (
    Connect,
    Equality,
    FixedTendon,
    JointCoupling,
    Pulley,
    SpatialTendon,
    Tendon,
    TendonCoupling,
    Via,
    Weld,
    Wrap,
)


class Ties:
    """Tendons and equality constraints of a scene; `Scene` is the only class made from it."""

    _ids: dict[str, dict[str, int]]
    _sites: list[Site]
    _bodies: list[Body]
    _shapes: list[tuple[int, Shape]]

    def __init__(self) -> None:
        self._tendons: list[Tendon] = []
        self._equalities: list[Equality] = []

    tendons = property(lambda self: tuple(self._tendons), doc="Tendons by id.")
    equalities = property(lambda self: tuple(self._equalities), doc="Equality constraints by id.")

    def find(self, where: str, kind: str, name: str | int) -> int:
        """The id of a part by name; `Scene` says how."""
        raise TypeError("Ties is a part of Scene")

    def _free_name(self, where: str, kind: str, name: Any) -> None:
        raise TypeError("Ties is a part of Scene")

    def add_tendon(self, tendon: Tendon) -> int:
        """Add a FixedTendon or a SpatialTendon; returns the tendon id. Raises SceneError."""
        if not isinstance(tendon, FixedTendon | SpatialTendon):
            raise SceneError(
                "Scene.add_tendon", f"{tendon!r} is no tendon", "allowed: FixedTendon, SpatialTendon", "pass one of them"
            )
        name = tendon.name or f"tendon{len(self._tendons)}"
        where = f"Scene.add_tendon({name!r})"
        self._free_name(where, "tendon", name)
        clean = tendon_values(where, tendon)
        if isinstance(tendon, FixedTendon):
            clean["joints"] = self._fixed_joints(where, tendon.joints)
        else:
            clean["path"] = self._path(where, tendon.path)
        self._ids["tendon"][name] = len(self._tendons)
        self._tendons.append(replace(tendon, name=name, **clean))
        return len(self._tendons) - 1

    def add_equality(self, equality: Equality) -> int:
        """Add a Connect, Weld, JointCoupling or TendonCoupling; returns its id. Raises SceneError."""
        name = getattr(equality, "name", None) or f"equality{len(self._equalities)}"
        where = f"Scene.add_equality({name!r})"
        self._free_name(where, "equality", name)
        if isinstance(equality, Connect | Weld):
            clean = self._pose_values(where, equality)
        elif isinstance(equality, JointCoupling):
            clean = self._joint_values(where, equality)
        elif isinstance(equality, TendonCoupling):
            self._two(where, "tendon", equality.tendon, equality.other)
            clean = {"polynomial": polynomial(where, equality.polynomial)}
        else:
            allowed = "allowed: Connect, Weld, JointCoupling, TendonCoupling"
            raise SceneError("Scene.add_equality", f"{equality!r} is no equality constraint", allowed, "pass one of them")
        clean["solref"], clean["solimp"] = check.impedance(where, equality.solref, equality.solimp)
        self._ids["equality"][name] = len(self._equalities)
        self._equalities.append(replace(equality, name=name, active=bool(equality.active), **clean))
        return len(self._equalities) - 1

    def connect(self, body: str | int, other: str | int | None = None, *, anchor: Sequence[float] = ORIGIN, **more: Any) -> int:
        """Two bodies share the point `anchor` [m] of `body`; `more` as in Connect. Returns the equality's id."""
        return self.add_equality(Connect(*self._named_bodies("Scene.connect", body, other), anchor=_triple(anchor), **more))

    def weld(self, body: str | int, other: str | int | None = None, *, anchor: Sequence[float] = ORIGIN, **more: Any) -> int:
        """Two bodies keep their relative pose; `more` as in Weld. Returns the equality's id."""
        return self.add_equality(Weld(*self._named_bodies("Scene.weld", body, other), anchor=_triple(anchor), **more))

    def couple_joints(self, joint: str, other: str | None = None, **more: Any) -> int:
        """One joint follows another by a polynomial; `more` as in JointCoupling. Returns the equality's id."""
        return self.add_equality(JointCoupling(joint, other, **more))

    # Parts of the above ------------------------------------------------------------------------------------------------------

    def _named_bodies(self, where: str, body: str | int, other: str | int | None) -> tuple[str, str | None]:
        first = self._bodies[self.find(where, "body", body)].name
        return first, None if other is None else self._bodies[self.find(where, "body", other)].name

    def _pose_values(self, where: str, equality: Connect | Weld) -> dict[str, Any]:
        clean: dict[str, Any] = {"anchor": check.vector(where, "anchor", equality.anchor)}
        if isinstance(equality, Weld):
            clean["torque_scale"] = check.number(where, "torque_scale", equality.torque_scale, 0.0)
            if equality.relative is not None:
                position, turn = equality.relative
                clean["relative"] = check.vector(where, "relative", position), check.rotation(where, "relative", turn)
        by_site = equality.site is not None or equality.other_site is not None
        if by_site == (equality.body is not None) or (by_site and equality.other is not None):
            allowed = "allowed: body (and other), or site and other_site"
            raise SceneError(where, "bodies and sites are both given, or neither", allowed, "give one of the two")
        if by_site:
            pair = [self.find(where, "site", site or "") for site in (equality.site, equality.other_site)]
            bodies = [self._sites[k].body for k in pair]
        else:
            bodies = [self.find(where, "body", b) for b in (equality.body or "", equality.other or "world")]
        if bodies[0] == bodies[1]:
            raise SceneError(where, "both ends lie on one body", "allowed: two bodies", "name another one")
        return clean

    def _joint_values(self, where: str, equality: JointCoupling) -> dict[str, Any]:
        for joint in (equality.joint, *([equality.other] if equality.other is not None else [])):
            self._axial(where, joint)
        self._two(where, "joint", equality.joint, equality.other)
        return {
            "polynomial": polynomial(where, equality.polynomial),
            "reference": check.vector(where, "reference", equality.reference, 2),
        }

    def _two(self, where: str, kind: str, first: str, second: str | None) -> None:
        for name in (first, *([second] if second is not None else [])):
            if name not in self._ids[kind]:
                near = near_matches(str(name), self._ids[kind])
                raise SceneError(where, f"unknown {kind} {name!r}", near, f"add the {kind} first or correct the name")
        if first == second:
            raise SceneError(where, f"{kind} {first!r} is coupled to itself", f"allowed: two {kind}s", "name another one")

    def _axial(self, where: str, name: Any) -> None:
        found = next((j for b in self._bodies for j in b.joints if j.name == name), None)
        if found is None:
            near = near_matches(str(name), self._ids["joint"])
            raise SceneError(where, f"unknown joint {name!r}", near, "add the joint first or correct the name")
        if not isinstance(found, Axial):
            kind = type(found).__name__
            raise SceneError(where, f"joint {name!r} is a {kind}", "allowed: Hinge, Slide", "name another joint")

    def _fixed_joints(self, where: str, joints: Any) -> tuple[tuple[str, float], ...]:
        clean = []
        for name, factor in joints:
            self._axial(where, name)
            clean.append((name, check.number(where, f"factor of {name!r}", factor)))
        if not clean or len({name for name, _ in clean}) < len(clean):
            raise SceneError(where, "no joint, or one joint twice", "allowed: one or more different joints", "correct the list")
        return tuple(clean)

    def _path(self, where: str, path: Any) -> tuple[Via | Wrap | Pulley, ...]:
        kinds = [type(p) for p in path]
        for k, part in enumerate(path):
            if isinstance(part, Via):
                self.find(where, "site", part.site)
            elif isinstance(part, Wrap):
                self._wrap(where, part)
                if not (0 < k < len(path) - 1 and kinds[k - 1] is Via and kinds[k + 1] is Via):
                    raise SceneError(
                        where, f"Wrap({part.shape!r}) is not between two Via", "allowed: Via Wrap Via", "add a Via"
                    )
            elif isinstance(part, Pulley):
                check.number(where, "divisor", part.divisor, 0.0, above=True)
            else:
                raise SceneError(where, f"{part!r} in the path", "allowed: Via, Wrap, Pulley", "pass one of them")
        branches: list[int] = [0]
        for kind in kinds:
            branches = [*branches, 0] if kind is Pulley else [*branches[:-1], branches[-1] + (kind is Via)]
        if any(count < 2 for count in (branches[1:] if kinds and kinds[0] is Pulley else branches)):
            raise SceneError(where, "a branch of the path has fewer than two sites", "allowed: two or more", "add a Via")
        return tuple(path)

    def _wrap(self, where: str, part: Wrap) -> None:
        shape = next((s for _, s in self._shapes if s.name == part.shape), None)
        if shape is None:
            near = near_matches(str(part.shape), self._ids["shape"])
            raise SceneError(where, f"unknown shape {part.shape!r}", near, "add the shape first or correct the name")
        if not isinstance(shape, Sphere | Cylinder):
            kind = type(shape).__name__
            raise SceneError(where, f"shape {part.shape!r} is a {kind}", "allowed: Sphere, Cylinder", "wrap another shape")
        if part.side is not None:
            self.find(where, "site", part.side)


def _triple(value: Sequence[float]) -> Vector:
    return value if isinstance(value, tuple) else tuple(value)  # type: ignore[return-value]


def polynomial(where: str, value: Any) -> tuple[float, ...]:
    """Five coefficients; those that are left out are zero."""
    given = tuple(value) if isinstance(value, Sequence) else value
    if isinstance(given, tuple) and 1 <= len(given) < 5:
        given = (*given, *(0.0,) * (5 - len(given)))
    return check.vector(where, "polynomial", given, 5)


def coefficients(where: str, what: str, value: Any, low: float = -float("inf")) -> tuple[float, float, float]:
    """Three coefficients, or one for the linear term (not below `low`)."""
    if isinstance(value, Sequence):
        given = tuple(value)
        return check.vector(where, what, (*given, *(0.0,) * (3 - len(given))))  # type: ignore[return-value]
    return (check.number(where, what, value, low), 0.0, 0.0)


def tendon_values(where: str, tendon: Tendon) -> dict[str, Any]:
    """Clean fields that all tendons share."""
    rest = tendon.spring_range
    if rest is not None:
        rest = check.interval(where, "spring_range", rest if isinstance(rest, Sequence) else (rest, rest))
    limit = check.impedance(where, tendon.limit_solref, tendon.limit_solimp)
    friction = check.impedance(where, tendon.friction_solref, tendon.friction_solimp)
    return {
        "stiffness": coefficients(where, "stiffness", tendon.stiffness, 0.0),
        "damping": coefficients(where, "damping", tendon.damping, 0.0),
        "spring_range": rest,
        "range": check.interval(where, "range", tendon.range),
        **{n: check.number(where, n, getattr(tendon, n), 0.0) for n in ("margin", "friction_loss")},
        "limit_solref": limit[0],
        "limit_solimp": limit[1],
        "friction_solref": friction[0],
        "friction_solimp": friction[1],
    }
