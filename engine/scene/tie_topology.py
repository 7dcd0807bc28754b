"""Numbers of sites, tendons and equality constraints: paths, dof chains and the scalar rows that the solver gets.

A row has the dofs that can change it, ascending. Two bodies share dofs that move both: these stay in the row, because the two
points of a constraint that is violated lie apart. A tendon always has four rows (lower and upper limit, dry friction, implicit
spring), of which the solver lists those that act.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
)

Ints = NDArray[np.int64]
CONNECT, WELD, JOINT, TENDON = range(4)
EQUALITY, LOWER, UPPER, FRICTION, SPRING = range(5)
ROWS_OF_TYPE = {CONNECT: 3, WELD: 6, JOINT: 1, TENDON: 1}
Path = tuple[tuple[Any, ...], ...]


def tie_signature(scene: Any) -> dict[str, tuple]:
    """Sites, tendons and equalities of a scene without their real numbers."""
    site = {s.name: k for k, s in enumerate(scene.sites)}
    body = {b.name: k for k, b in enumerate(scene.bodies)} if scene.equalities else {}
    return {
        "sites": tuple((s.name, s.body) for s in scene.sites),
        "tendons": tuple((str(t.name), _path(t, site), t.range is not None) for t in scene.tendons),
        "equalities": tuple((str(e.name), *_ends(e, scene, site, body)) for e in scene.equalities),
    }


def _path(tendon: Tendon, site: dict[str, int]) -> Path:
    if isinstance(tendon, FixedTendon):
        return tuple(("joint", name) for name, _ in tendon.joints)
    assert isinstance(tendon, SpatialTendon)
    parts: list[tuple[Any, ...]] = []
    for part in tendon.path:
        if isinstance(part, Via):
            parts.append(("site", site[part.site]))
        elif isinstance(part, Pulley):
            parts.append(("pulley",))
        else:
            parts.append(("wrap", part.shape, -1 if part.side is None else site[part.side]))
    return tuple(parts)


def _ends(equality: Equality, scene: Any, site: dict[str, int], body: dict[str, int]) -> tuple[int, Any, Any]:
    """Type and the two ends: bodies by id, joints and tendons by name, None for a missing one."""
    if isinstance(equality, Connect | Weld):
        kind = WELD if isinstance(equality, Weld) else CONNECT
        if equality.site is not None:
            a, b = (scene.sites[site[str(s)]].body for s in (equality.site, equality.other_site))
            return kind, a, b
        return kind, body[str(equality.body)], body[equality.other or "world"]
    if isinstance(equality, JointCoupling):
        return JOINT, equality.joint, equality.other
    assert isinstance(equality, TendonCoupling)
    return TENDON, equality.tendon, equality.other


def number_ties(sig: Any, ints: dict[str, Ints], chains: tuple[tuple[int, ...], ...]) -> dict[str, int]:
    """Fill in the integer arrays; returns the sizes."""
    ints["site_body"] = np.array([s[1] for s in sig.sites], int)
    tendon_chains = _tendons(sig, ints, chains)
    rows = _Rows()
    _equalities(sig, ints, chains, tendon_chains, rows)
    starts = ints["tendon_chain_start"]
    ints["tendon_row"] = len(rows.kind) + 4 * np.arange(len(tendon_chains))
    for t, chain in enumerate(tendon_chains):
        parts = [(d, int(starts[t]) + k, -1) for k, d in enumerate(chain)]
        for kind in (LOWER, UPPER, FRICTION, SPRING):
            rows.add(kind, t, parts)
    ints.update(rows.arrays())
    return {
        "num_sites": len(sig.sites),
        "num_tendons": len(sig.tendons),
        "num_tendon_chain": len(ints["tendon_chain_dof"]),
        "num_tendon_points": len(ints["tendon_point_body"]),
        "num_tendon_segments": len(ints["segment_point"]),
        "num_wraps": len(ints["wrap_shape"]),
        "num_equalities": len(sig.equalities),
        "num_rows": len(rows.kind),
        "num_row_entries": len(rows.dof),
    }


class _Rows:
    """Rows in the making."""

    def __init__(self) -> None:
        self.kind: list[int] = []
        self.owner: list[int] = []
        self.count: list[int] = []
        self.dof: list[int] = []
        self.first: list[int] = []
        self.second: list[int] = []

    def add(self, kind: int, owner: int, parts: Sequence[tuple[int, int, int]]) -> None:
        self.kind.append(kind)
        self.owner.append(owner)
        self.count.append(len(parts))
        self.dof += [p[0] for p in parts]
        self.first += [p[1] for p in parts]
        self.second += [p[2] for p in parts]

    def arrays(self) -> dict[str, Ints]:
        count = np.array(self.count, int)
        return {
            "row_kind": np.array(self.kind, int),
            "row_owner": np.array(self.owner, int),
            "row_entry_start": np.cumsum(count) - count,
            "row_entry_count": count,
            "row_dof": np.array(self.dof, int),
            "row_first_part": np.array(self.first, int),
            "row_second_part": np.array(self.second, int),
        }


def _tendons(sig: Any, ints: dict[str, Ints], chains: tuple[tuple[int, ...], ...]) -> list[list[int]]:
    """Paths of all tendons; returns their chains."""
    dof_of = {j[0]: int(ints["joint_dof_start"][k]) for k, j in enumerate(sig.joints)}
    shape_of = {s[0]: k for k, s in enumerate(sig.shapes)}
    path = _PathNumbers(ints["shape_body"], ints["site_body"], shape_of)
    tendon_chains = []
    starts = []
    for _, parts, _ in sig.tendons:
        starts.append(len(path.segment_point))
        if parts[0][0] == "joint":
            tendon_chains.append(sorted(dof_of[name] for _, name in parts))
        else:
            bodies = path.add(parts)
            tendon_chains.append(moving_dofs(bodies, chains))
    count = np.array([len(c) for c in tendon_chains], int)
    body = np.array(path.point_body, int)
    ints.update(
        tendon_spatial=np.array([t[1][0][0] != "joint" for t in sig.tendons], int),
        tendon_limited=np.array([t[2] and not {"constraint", "limit"} & set(sig.disabled) for t in sig.tendons], int),
        tendon_chain_start=np.cumsum(count) - count,
        tendon_chain_count=count,
        tendon_chain_dof=np.array([d for c in tendon_chains for d in c], int),
        tendon_segment_start=np.array(starts, int),
        tendon_segment_count=np.diff([*starts, len(path.segment_point)]).astype(int),
        tendon_point_body=body,
        tendon_point_site=np.array(path.point_site, int),
        tendon_point_dof=np.array([chains[b][-1] if chains[b] else -1 for b in body], int),
        segment_point=np.array(path.segment_point, int),
        segment_wrap=np.array(path.segment_wrap, int),
        wrap_shape=np.array(path.wrap_shape, int),
        wrap_side=np.array(path.wrap_side, int),
        wrap_point=np.array(path.wrap_point, int),
    )
    return tendon_chains


def moving_dofs(bodies: Sequence[int], chains: tuple[tuple[int, ...], ...]) -> list[int]:
    """Dofs that move some of the bodies against others, ascending."""
    union: set[int] = set()
    shared = set(chains[bodies[0]])
    for b in bodies:
        union |= set(chains[b])
        shared &= set(chains[b])
    return sorted(union - shared)


class _PathNumbers:
    """Points, segments and wraps of paths in the making."""

    def __init__(self, shape_body: Ints, site_body: Ints, shape_of: dict[str, int]) -> None:
        self.shape_body, self.site_body, self.shape_of = shape_body, site_body, shape_of
        self.point_body: list[int] = []
        self.point_site: list[int] = []
        self.segment_point: list[int] = []
        self.segment_wrap: list[int] = []
        self.wrap_shape: list[int] = []
        self.wrap_side: list[int] = []
        self.wrap_point: list[int] = []

    def add(self, parts: Path) -> list[int]:
        """One path; returns the bodies of its points."""
        start, fresh = len(self.point_body), True
        for part in parts:
            if part[0] == "pulley":
                fresh = True
                continue
            if not fresh:
                self._segment(-1)
            fresh = False
            if part[0] == "site":
                self._point(int(self.site_body[part[1]]), part[1])
            else:
                shape = self.shape_of[part[1]]
                self._point(int(self.shape_body[shape]), -1)
                self.wrap_point.append(len(self.point_body) - 1)
                self._segment(len(self.wrap_shape))
                self._point(int(self.shape_body[shape]), -1)
                self.wrap_shape.append(shape)
                self.wrap_side.append(part[2])
        return self.point_body[start:]

    def _point(self, body: int, site: int) -> None:
        self.point_body.append(body)
        self.point_site.append(site)

    def _segment(self, wrap: int) -> None:
        self.segment_point.append(len(self.point_body) - 1)
        self.segment_wrap.append(wrap)


def _equalities(
    sig: Any, ints: dict[str, Ints], chains: tuple[tuple[int, ...], ...], tendon_chains: list[list[int]], rows: _Rows
) -> None:
    dof_of = {j[0]: int(ints["joint_dof_start"][k]) for k, j in enumerate(sig.joints)}
    tendon_of = {t[0]: k for k, t in enumerate(sig.tendons)}
    first, second, begin = [], [], []
    for owner, (_, kind, a, b) in enumerate(sig.equalities):
        if kind in (JOINT, TENDON):
            table = dof_of if kind == JOINT else tendon_of
            a, b = table[a], -1 if b is None else table[b]
        if kind in (CONNECT, WELD):
            one, two = ({d: 0 for d in chains[end]} for end in (a, b))
        elif kind == JOINT:
            one, two = {a: 0}, {b: 0} if b >= 0 else {}
        else:
            one, two = (_entries(ints, tendon_chains, end) for end in (a, b))
        begin.append(len(rows.kind))
        parts = [(d, one.get(d, -1), two.get(d, -1)) for d in sorted({*one, *two})]
        for _ in range(ROWS_OF_TYPE[kind]):
            rows.add(EQUALITY, owner, parts)
        first.append(a)
        second.append(b)
    ints["equality_type"] = np.array([e[1] for e in sig.equalities], int)
    ints["equality_first"], ints["equality_second"] = np.array(first, int), np.array(second, int)
    ints["equality_row"] = np.array(begin, int)


def _entries(ints: dict[str, Ints], tendon_chains: list[list[int]], tendon: int) -> dict[int, int]:
    """dof -> entry of tendon_jacobian."""
    if tendon < 0:
        return {}
    start = int(ints["tendon_chain_start"][tendon])
    return {d: start + k for k, d in enumerate(tendon_chains[tendon])}
