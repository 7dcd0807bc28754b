"""Real numbers of sites, tendons and equality constraints.

What depends on the pose at the initial coordinates is computed here: the second anchor and the relative rotation of a body
constraint, rest and initial lengths of tendons, and their inverse weights J M^-1 J'.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.geometry import rotation as rot
from engine.scene.builder import Scene
from engine.scene.description import UPRIGHT
from engine.scene.inverse_weight import mass_matrix, walk
from engine.scene.tendon_path import measure
from engine.scene.ties import Connect, Equality, FixedTendon, JointCoupling, Pulley, Tendon, TendonCoupling, Weld, Wrap
from engine.scene.topology import Topology

Array = NDArray[np.float64]
Reals = dict[str, Array]


def tie_constants(scenes: Sequence[Scene], top: Topology, reals: Reals) -> Reals:
    """The real arrays (variants, ...) of sites, tendons and equalities; `reals` holds those of bodies, joints and shapes."""
    found = _sites(scenes, top)
    found.update(_tendons(scenes, top))
    found.update(_lengths(scenes, top, {**reals, **found}))
    found.update(_equalities(scenes, top, {**reals, **found}))
    return found


def _sites(scenes: Sequence[Scene], top: Topology) -> Reals:
    array = np.array([[(*s.position, *s.rotation) for s in scene.sites] for scene in scenes], float)
    array = array.reshape(len(scenes), top.sizes["num_sites"], 7)
    return {"site_position": array[..., :3], "site_rotation": array[..., 3:]}


def _table(scenes: Sequence[Scene], rows: Sequence[Sequence[Sequence[float]]], count: int, widths: dict[str, int]) -> Reals:
    array = np.array(rows, float).reshape(len(scenes), count, sum(max(w, 1) for w in widths.values()))
    cut, start = {}, 0
    for name, width in widths.items():
        cut[name] = array[..., start] if width == 0 else array[..., start : start + width]
        start += max(width, 1)
    return cut


TENDON = {
    "stiffness": 3, "damping": 3, "range": 2, "margin": 0, "friction_loss": 0, "limit_solref": 2,
    "limit_solimp": 5, "friction_solref": 2, "friction_solimp": 5,
}  # fmt: skip


def _numbers(part: Any, widths: dict[str, int]) -> list[float]:
    row: list[float] = []
    for name, width in widths.items():
        value = getattr(part, name)
        row += [float(value)] if width == 0 else [0.0] * width if value is None else [float(v) for v in value]
    return row


def _tendons(scenes: Sequence[Scene], top: Topology) -> Reals:
    rows = [[_numbers(t, TENDON) for t in s.tendons] for s in scenes]
    reals = {f"tendon_{k}": v for k, v in _table(scenes, rows, top.sizes["num_tendons"], TENDON).items()}
    reals["tendon_coefficient"] = np.array([[f for t in s.tendons for f in _factors(t, s, top)] for s in scenes], float)
    scales = [[f for t in s.tendons if not isinstance(t, FixedTendon) for f in _scales(t)] for s in scenes]
    reals["segment_scale"] = np.array(scales, float).reshape(len(scenes), top.sizes["num_tendon_segments"])
    return reals


def _factors(tendon: Tendon, scene: Scene, top: Topology) -> list[float]:
    """Factors of a fixed tendon in order of its dofs; zeros for a spatial one."""
    t = scene.tendons.index(tendon)
    start, count = int(top.ints["tendon_chain_start"][t]), int(top.ints["tendon_chain_count"][t])
    if not isinstance(tendon, FixedTendon):
        return [0.0] * count
    factor = dict(tendon.joints)
    joints = top.ints["dof_joint"][top.ints["tendon_chain_dof"][start : start + count]]
    return [factor[top.names.joint[j]] for j in joints]


def _scales(tendon: Any) -> list[float]:
    """1 / divisor of every segment, in order."""
    scales: list[float] = []
    divisor, fresh = 1.0, True
    for part in tendon.path:
        if isinstance(part, Pulley):
            divisor, fresh = part.divisor, True
            continue
        if not fresh:
            scales.append(1.0 / divisor)
        if isinstance(part, Wrap):
            scales.append(1.0 / divisor)
        fresh = False
    return scales


def _lengths(scenes: Sequence[Scene], top: Topology, reals: Reals) -> Reals:
    count = top.sizes["num_tendons"]
    length, inverse = np.zeros((len(scenes), count)), np.zeros((len(scenes), count))
    spring = np.zeros((len(scenes), count, 2))
    masses = mass_matrix(top, reals) if count else None
    for v, scene in enumerate(scenes):
        if masses is None:
            break
        now = measure(top, reals, v, reals["qpos_initial"][v])
        length[v] = now.length
        inverse[v] = np.einsum("td,dt->t", now.gradient, np.linalg.solve(masses[v], now.gradient.T))
        rest = measure(top, reals, v, reals["qpos_spring"][v]).length
        for t, tendon in enumerate(scene.tendons):
            spring[v, t] = rest[t] if tendon.spring_range is None else tendon.spring_range
    return {"tendon_length_initial": length, "tendon_inverse_weight": inverse, "tendon_spring_range": spring}


EQUALITY = {"active": 0, "solref": 2, "solimp": 5}


def _equalities(scenes: Sequence[Scene], top: Topology, reals: Reals) -> Reals:
    count = top.sizes["num_equalities"]
    rows = [[_numbers(e, EQUALITY) for e in s.equalities] for s in scenes]
    table = _table(scenes, rows, count, EQUALITY)
    found: Reals = {
        "equality_active_initial": table["active"], "equality_solref": table["solref"], "equality_solimp": table["solimp"],
        "equality_anchor": np.zeros((len(scenes), count, 2, 3)),
        "equality_turn": np.tile(np.array(UPRIGHT), (len(scenes), count, 2, 1)),
        "equality_torque_scale": np.ones((len(scenes), count)),
        "equality_polynomial": np.zeros((len(scenes), count, 5)), "equality_reference": np.zeros((len(scenes), count, 2)),
    }  # fmt: skip
    pose = walk(top, reals) if count else None
    for v, scene in enumerate(scenes):
        for k, equality in enumerate(scene.equalities):
            if pose is not None and isinstance(equality, Connect | Weld):
                ends = top.ints["equality_first"][k], top.ints["equality_second"][k]
                frames = [(pose.place[v, b], rot.from_matrix(pose.turn[v, b])) for b in ends]
                found["equality_anchor"][v, k], found["equality_turn"][v, k] = _frames(equality, scene, frames)
                found["equality_torque_scale"][v, k] = getattr(equality, "torque_scale", 1.0)
            else:
                found["equality_polynomial"][v, k] = equality.polynomial  # type: ignore[attr-defined]
                found["equality_reference"][v, k] = _reference(equality, scene, reals, v)
    return found


def _reference(equality: Equality, scene: Scene, reals: Reals, variant: int) -> tuple[float, float]:
    if isinstance(equality, JointCoupling):
        return equality.reference
    assert isinstance(equality, TendonCoupling)
    index = {t.name: k for k, t in enumerate(scene.tendons)}
    length = reals["tendon_length_initial"][variant]
    return float(length[index[equality.tendon]]), 0.0 if equality.other is None else float(length[index[equality.other]])


def _frames(equality: Connect | Weld, scene: Scene, pose: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    """Anchors (2, 3) and frames (2, 4) in the two bodies, whose poses in the world are given."""
    if equality.site is not None:
        site = {s.name: s for s in scene.sites}
        pair = [site[str(equality.site)], site[str(equality.other_site)]]
        return np.array([s.position for s in pair]), np.array([s.rotation for s in pair])
    (p1, q1), (p2, q2) = pose
    anchor = np.array(equality.anchor)
    if isinstance(equality, Connect):
        there = rot.rotate(rot.conjugate(q2), p1 + rot.rotate(q1, anchor) - p2)
        return np.array([anchor, there]), np.array([UPRIGHT, UPRIGHT])
    if equality.relative is not None:
        return np.array([equality.relative[0], anchor]), np.array([equality.relative[1], UPRIGHT])
    there = rot.rotate(rot.conjugate(q1), p2 + rot.rotate(q2, anchor) - p1)
    return np.array([there, anchor]), np.array([rot.multiply(rot.conjugate(q1), q2), UPRIGHT])
