"""Length and gradient of tendons on the host, at coordinates of choice: rest lengths and inverse weights come from here.

The same geometry as `engine.solvers.rigid.wrap`, in numpy and for one scene at a time; the device repeats it at every substep.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.scene.inverse_weight import Walk, walk
from engine.scene.topology import Topology
from engine.types import ShapeType

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """tendon lengths (tendons,) and their derivatives (tendons, dofs)."""

    length: Array
    gradient: Array


def measure(top: Topology, reals: dict[str, Array], variant: int, qpos: Array) -> Measured:
    """All tendons of one variant at the coordinates `qpos`."""
    one = {name: value[variant : variant + 1] for name, value in reals.items()}
    one["qpos_initial"] = qpos[None]
    pose = walk(top, one)
    tendons, dofs = top.sizes["num_tendons"], top.sizes["num_dofs"]
    length, gradient = np.zeros(tendons), np.zeros((tendons, dofs))
    points, arcs = _points(top, one, pose)
    for t in range(tendons):
        if top.ints["tendon_spatial"][t]:
            length[t] = _path(top, one, pose, points, arcs, t, gradient[t])
            continue
        start, count = int(top.ints["tendon_chain_start"][t]), int(top.ints["tendon_chain_count"][t])
        chain, factor = top.ints["tendon_chain_dof"][start : start + count], one["tendon_coefficient"][0, start : start + count]
        gradient[t, chain] = factor
        length[t] = factor @ qpos[top.ints["joint_qpos_start"][top.ints["dof_joint"][chain]]]
    return Measured(length, gradient)


def _points(top: Topology, one: dict[str, Array], pose: Walk) -> tuple[Array, Array]:
    """Points of all paths in the world, and the arcs of all wraps."""
    body = top.ints["site_body"]
    sites = pose.place[0, body] + np.einsum("sij,sj->si", pose.turn[0, body], one["site_position"][0])
    of_site = top.ints["tendon_point_site"]
    points = np.where(of_site[:, None] >= 0, sites[of_site] if len(sites) else np.zeros((len(of_site), 3)), 0.0)
    arcs = np.zeros(top.sizes["num_wraps"])
    for w in range(len(arcs)):
        shape, side, at = (int(top.ints[n][w]) for n in ("wrap_shape", "wrap_side", "wrap_point"))
        carrier = int(top.ints["shape_body"][shape])
        turn = pose.turn[0, carrier] @ _matrix(one["shape_rotation"][0, shape])
        centre = pose.place[0, carrier] + pose.turn[0, carrier] @ one["shape_position"][0, shape]
        local = [turn.T @ (p - centre) for p in (points[at - 1], points[at + 2])]
        by = None if side < 0 else turn.T @ (sites[side] - centre)
        cylinder = top.ints["shape_type"][shape] == ShapeType.CYLINDER
        found = wrapped(local[0], local[1], by, float(one["shape_size"][0, shape, 0]), bool(cylinder))
        if found is None:
            points[at] = points[at + 1] = (points[at - 1] + points[at + 2]) / 2
        else:
            points[at], points[at + 1], arcs[w] = centre + turn @ found[0], centre + turn @ found[1], found[2]
    return points, arcs


def _matrix(q: Array) -> Array:
    w, v = q[0], q[1:]
    skew = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    return np.asarray(np.eye(3) + 2 * (w * skew + skew @ skew), float)


def _path(top: Topology, one: dict[str, Array], pose: Walk, points: Array, arcs: Array, t: int, gradient: Array) -> float:
    """Length of a spatial tendon; adds its derivative to `gradient`."""
    length = 0.0
    first = int(top.ints["tendon_segment_start"][t])
    for s in range(first, first + int(top.ints["tendon_segment_count"][t])):
        share, wrap, at = float(one["segment_scale"][0, s]), int(top.ints["segment_wrap"][s]), int(top.ints["segment_point"][s])
        if wrap >= 0:
            length += share * arcs[wrap]
            continue
        d = points[at + 1] - points[at]
        size = float(np.linalg.norm(d))
        u = d / size if size > 1e-15 else np.array([1.0, 0, 0])
        length += share * size
        for end, sign in ((at, -1.0), (at + 1, 1.0)):
            dofs = list(top.chains[int(top.ints["tendon_point_body"][end])])
            rate = pose.slide[0, dofs] + np.cross(pose.spin[0, dofs], points[end] - pose.anchor[0, dofs])
            gradient[dofs] += sign * share * (rate @ u)
    return length


def wrapped(p0: Array, p1: Array, side: Array | None, r: float, cylinder: bool) -> tuple[Array, Array, float] | None:
    """Where the path between two points meets and leaves a shape at the origin, and the arc between; None when straight."""
    x, y = (np.array([1.0, 0, 0]), np.array([0, 1.0, 0])) if cylinder else _plane(p0, p1)
    d0, d1 = np.array([p0 @ x, p0 @ y]), np.array([p1 @ x, p1 @ y])
    l0, l1 = float(np.hypot(*d0)), float(np.hypot(*d1))
    if l0 < r or l1 < r or r <= 1e-15:
        return None
    cover = math.atan2(math.sqrt(l0 * l0 - r * r), r), math.atan2(math.sqrt(l1 * l1 - r * r), r)
    angle = _between(d0, d1)
    if side is not None and side @ side < r * r:
        if abs(angle) >= cover[0] + cover[1]:
            return None
        back = _reflection(l0, l1, r, abs(angle))
        turns, arc = (back, abs(angle) - back), 0.0
    else:
        if side is not None:
            s = np.array([side @ x, side @ y])
            angle = _between(d0, s) + _between(s, d1)
        arc = r * (abs(angle) - cover[0] - cover[1])
        if arc <= 0:
            return None
        turns = cover
    sign = -1.0 if angle < 0 else 1.0
    t0, t1 = _turned(d0, sign * turns[0]) * r / l0, _turned(d1, -sign * turns[1]) * r / l1
    w0, w1 = t0[0] * x + t0[1] * y, t1[0] * x + t1[1] * y
    if cylinder:
        a, b = float(np.hypot(*(t0 - d0))), float(np.hypot(*(t1 - d1)))
        rise = (p1[2] - p0[2]) / max(a + arc + b, 1e-15)
        w0[2], w1[2] = p0[2] + rise * a, p1[2] - rise * b
        arc = math.hypot(arc, rise * arc)
    return w0, w1, arc


def _plane(p0: Array, p1: Array) -> tuple[Array, Array]:
    x = p0 / max(float(np.linalg.norm(p0)), 1e-15)
    n = np.cross(p0, p1)
    if n @ n <= 1e-12 * (p0 @ p0) * (p1 @ p1):
        n = np.cross(x, [1.0, 0, 0] if abs(x[0]) < 0.8 else [0, 1.0, 0])
    y = np.cross(n, x)
    return x, y / max(float(np.linalg.norm(y)), 1e-30)


def _between(a: Array, b: Array) -> float:
    return math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1])


def _turned(v: Array, angle: float) -> Array:
    c, s = math.cos(angle), math.sin(angle)
    return np.array([c * v[0] - s * v[1], c * v[1] + s * v[0]])


def _reflection(l0: float, l1: float, r: float, angle: float) -> float:
    """Angle from the first end to the point of the circle with the shortest way to both, by bisection."""
    low, high = 0.0, angle
    for _ in range(60):
        phi = 0.5 * (low + high)
        a = math.sqrt(max(l0 * l0 + r * r - 2 * l0 * r * math.cos(phi), 1e-30))
        b = math.sqrt(max(l1 * l1 + r * r - 2 * l1 * r * math.cos(angle - phi), 1e-30))
        if l0 * math.sin(phi) / a < l1 * math.sin(angle - phi) / b:
            low = phi
        else:
            high = phi
    return 0.5 * (low + high)
