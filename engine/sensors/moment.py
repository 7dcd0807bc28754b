"""Moment: what sensors ask about one instant of a simulation, computed once for all of them, in numpy.

Poses and velocities are the present ones. Accelerations and forces belong to the last substep, and so do the poses at its begin
(`Before`), for which the contacts were found; they follow from undoing the position update of the semi-implicit integrators,
q - h v'. Wrenches between bodies are those of inverse dynamics from the leaves to the root (Featherstone 2008, chapter 5).
Limits: under Runge-Kutta, after a reset and after a write the pose of the substep's begin is taken to be the present one; a
freshly reset or rewritten simulation has no contacts and no accelerations. Forces of equality constraints between bodies,
of tendons and of the medium are not part of the wrenches at joints (as in MuJoCo, but for the former).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.continua import Touches
from engine.geometry import rotation
from engine.geometry.rays import RayCaster
from engine.model import real
from engine.types import JointType

Array = NDArray[np.float64]
RUNGE_KUTTA = 2  # integrator word
TOUCH = ("env", "body", "point", "force")
TURNING = {JointType.FREE: 3, JointType.BALL: 0}  # coordinates before the quaternion


@dataclass(frozen=True)
class Before:
    """Begin of the last substep, in W: position (E, B, 3) [m], rotation (E, B, 4), spin (E, B, 3) [rad/s], acceleration
    (E, B, 6) of the origin [m/s^2] and angular [rad/s^2].
    """

    position: Array
    rotation: Array
    spin: Array
    acceleration: Array


@dataclass(frozen=True)
class Pushes:
    """Contact points: env, body, other (n,), shape and other_shape (-1: a continuum) (n,), point (n, 3) [m], force (n, 3) [N],
    torque (n, 3) [N m] on `body`, and its outward direction (n, 3), zero where unknown; all in W. Every contact of two bodies
    is listed once for each of them.
    """

    env: NDArray[np.int64]
    body: NDArray[np.int64]
    other: NDArray[np.int64]
    shape: NDArray[np.int64]
    other_shape: NDArray[np.int64]
    point: Array
    force: Array
    torque: Array
    outward: Array

    def where(self, keep: NDArray[np.bool_]) -> "Pushes":
        """The rows that are kept."""
        return Pushes(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))

    def total(self, num_envs: int, about: Array) -> Array:
        """Sum (E, 6) of the forces and of their torques about the points `about` (E, 3)."""
        sums = np.zeros((num_envs, 6))
        torque = self.torque + np.cross(self.point - about[self.env], self.force)
        np.add.at(sums, self.env, np.concatenate([self.force, torque], axis=1))
        return sums


class Moment:
    """One instant of the simulation `sim`, which made it and drops it when it moves on. `settled`: the last thing that
    happened to each environment was a substep, (E,) bool.
    """

    def __init__(self, sim: Any, settled: NDArray[np.bool_], caster: RayCaster):
        self.sim, self.settled, self.caster, self.num_envs = sim, settled, caster, sim.num_envs
        self.ints, self.names = sim.compiled.ints, sim.names

    def constant(self, name: str) -> Array:
        """A model constant in every environment (E, ...)."""
        values = real(self.sim.compiled, name)
        return np.broadcast_to(values, (self.num_envs, *values.shape[1:]))

    @cached_property
    def position(self) -> Array:
        """p_WB (E, B, 3)."""
        return self.sim.state.body_position.astype(float)

    @cached_property
    def rotation(self) -> Array:
        """q_WB (E, B, 4)."""
        return self.sim.state.body_rotation.astype(float)

    @cached_property
    def velocity(self) -> Array:
        """Velocity of the origin, then angular velocity, in W (E, B, 6)."""
        return self.sim.state.body_velocity.astype(float)

    @cached_property
    def shape_position(self) -> Array:
        """p_WS (E, S, 3)."""
        return self.sim.read("shape_position_W").astype(float)

    @cached_property
    def shape_rotation(self) -> Array:
        """q_WS (E, S, 4)."""
        return self.sim.read("shape_rotation_W").astype(float)

    @cached_property
    def before(self) -> Before:
        """The begin of the last substep."""
        sim, ints = self.sim, self.ints
        qvel, qacc = sim.state.qvel.astype(float), np.where(self.settled[:, None], sim.state.qacc, 0.0).astype(float)
        h = np.where(self.settled, self.constant("timestep").reshape(self.num_envs), 0.0)[:, None]
        if sim.compiled.sizes["integrator"] == RUNGE_KUTTA:
            h = np.zeros_like(h)
        qpos = moved_back(ints, sim.state.qpos.astype(float), qvel + self._spin_offset(), h)
        then = sim.configuration(qpos, qvel - h * qacc)
        accelerations = then.accelerations(qacc)
        kinematic = ints["body_kinematic"] >= 0
        spin = np.where(kinematic[:, None], self.velocity[..., 3:], then.spin)
        return Before(then.body_position, then.body_rotation, spin, accelerations)

    def _spin_offset(self) -> Array:
        """What the last position update added to the velocity of fast spinning bodies (E, nv)."""
        sim, offset = self.sim, np.zeros(self.sim.state.qvel.shape)
        if sim.compiled.sizes.get("solver") or sim.compiled.sizes["integrator"] == RUNGE_KUTTA:
            return offset
        given = sim.read("spin_offset")
        for joint, kind in enumerate(self.ints["joint_type"]):
            first = self.ints["joint_dof_start"][joint]
            if kind == JointType.FREE:
                offset[:, first : first + 6] = given[:, joint]
            elif kind == JointType.BALL:
                offset[:, first : first + 3] = given[:, joint, 3:]
        return np.where(self.settled[:, None], offset, 0.0)

    # ---- contact -------------------------------------------------------------------------------------------------------------

    @cached_property
    def pushes(self) -> Pushes:
        """Every contact point, of rigid bodies and of continua, once per body."""
        sim = self.sim
        records = sim.contacts()
        records = records[self.settled[records.env]]
        first, second = tangents(records)
        local = np.asarray(records.force_local)
        turning = local[:, 3:4] * records.normal + local[:, 4:5] * first + local[:, 5:6] * second
        soft = self.soft
        nothing, zero = np.full(len(soft.env), -1), np.zeros((len(soft.env), 3))
        return Pushes(
            np.concatenate([records.env, records.env, soft.env]).astype(int),
            np.concatenate([records.body_a, records.body_b, soft.body]).astype(int),
            np.concatenate([records.body_b, records.body_a, nothing]).astype(int),
            np.concatenate([records.shape_a, records.shape_b, nothing]).astype(int),
            np.concatenate([records.shape_b, records.shape_a, nothing]).astype(int),
            np.concatenate([records.point, records.point, soft.point]).astype(float),
            np.concatenate([-records.force, records.force, soft.force]).astype(float),
            np.concatenate([-turning, turning, zero]),
            np.concatenate([records.normal, -records.normal, zero]),
        )

    @cached_property
    def soft(self) -> Touches:
        """Where continua touched bodies in the last substep, with forces that sum to their wrench on each body, which is a mean
        over the continuum's own, smaller substeps. Limits: a body that nothing touched in the last of these has none.
        """
        found = [continuum.touches() for continuum in self.sim.continua]
        if not found:
            return Touches(np.zeros(0, int), np.zeros(0, int), np.zeros((0, 3)), np.zeros((0, 3)))
        env, body, point, force = (np.concatenate([getattr(t, name) for t in found]) for name in TOUCH)
        keep = self.settled[env]
        env, body, point, force = env[keep], body[keep], point[keep], force[keep].astype(float)
        number, lack = env * len(self.names.body) + body, self.sim.last_continuum_wrench[..., :3].reshape(-1, 3).copy()
        size = np.linalg.norm(force, axis=1)
        np.subtract.at(lack, number, force)
        total = np.bincount(number, size, len(lack))
        share = size / np.maximum(total[number], 1e-300)
        return Touches(env, body, point, force + share[:, None] * lack[number])

    def contact_wrench(self, body: int, other: int | None = None) -> Array:
        """Wrench (E, 6) of the contacts on a body, all or those with body `other`, about its origin, in W. Continua count."""
        p = self.pushes
        origin = self.before.position[:, body]
        keep = (p.body == body) & (p.other_shape >= 0) & ((p.other == other) if other is not None else True)
        total = p.where(keep).total(self.num_envs, origin)
        if other is None and self.sim.continua:
            soft = np.where(self.settled[:, None], self.sim.last_continuum_wrench[:, body], 0.0)
            com = origin + rotation.rotate(self.before.rotation[:, body], self.constant("body_com")[:, body])
            total += np.concatenate([soft[:, :3], soft[:, 3:] + np.cross(com - origin, soft[:, :3])], axis=1)
        return total

    # ---- forces at joints ----------------------------------------------------------------------------------------------------

    @cached_property
    def carried(self) -> Array:
        """Wrench (E, B, 6) that every body gets from its parent, about the origin of W: what moves the body and all that it
        carries, less what pushes them from outside.
        """
        then, ints = self.before, self.ints
        R = rotation.matrix(then.rotation)
        arm = np.einsum("ebij,ebj->ebi", R, self.constant("body_com"))
        mass, alpha = self.constant("body_mass")[..., None], then.acceleration[..., 3:]
        com_acceleration = then.acceleration[..., :3] + np.cross(alpha, arm) + np.cross(then.spin, np.cross(then.spin, arm))
        weight = self.constant("body_gravity_scale")[..., None] * self.constant("gravity")[:, None]
        force = mass * (com_acceleration - weight)
        inertia = R @ symmetric(self.constant("body_inertia")) @ np.swapaxes(R, -1, -2)
        spun = np.einsum("ebij,ebj->ebi", inertia, then.spin)
        torque = np.einsum("ebij,ebj->ebi", inertia, alpha) + np.cross(then.spin, spun)
        com = then.position + arm
        external = np.array(self.sim.control.body_wrench, float)
        if self.sim.continua:
            external += np.where(self.settled[:, None, None], self.sim.last_continuum_wrench, 0.0)
        force, torque = force - external[..., :3], torque - external[..., 3:] + np.cross(com, force - external[..., :3])
        total = np.concatenate([force, torque], axis=-1)
        p = self.pushes.where(self.pushes.other_shape >= 0)
        push = np.concatenate([p.force, p.torque + np.cross(p.point, p.force)], axis=1)
        np.add.at(total, (p.env, p.body), -push)
        for body in range(len(self.names.body) - 1, 0, -1):  # children come after their parents
            total[:, ints["body_parent"][body]] += total[:, body]
        return total

    def carried_at(self, body: int, point: Array) -> Array:
        """Wrench (E, 6) from the parent of `body` on it, about `point` (E, 3), in W."""
        wrench = self.carried[:, body]
        return np.concatenate([wrench[:, :3], wrench[:, 3:] - np.cross(point, wrench[:, :3])], axis=1)

    # ---- subtrees ------------------------------------------------------------------------------------------------------------

    def subtree(self, body: int) -> NDArray[np.int64]:
        """The body and its descendants."""
        parent, inside = self.ints["body_parent"], {body}
        for b in range(body + 1, len(parent)):
            if parent[b] in inside:
                inside.add(b)
        return np.array(sorted(inside))


def tangents(records: np.recarray) -> tuple[Array, Array]:
    """The tangents (n, 3) of contact frames, from force and its parts: where friction is zero any pair does."""
    normal = np.asarray(records.normal, float)
    sideways = np.asarray(records.force, float) - np.asarray(records.force_local)[:, :1] * normal
    a, b = np.asarray(records.force_local)[:, 1], np.asarray(records.force_local)[:, 2]
    square = a * a + b * b
    with np.errstate(invalid="ignore", divide="ignore"):
        first = (a[:, None] * sideways - b[:, None] * np.cross(normal, sideways)) / square[:, None]
    x, y, z = normal.T
    s = np.where(z >= 0.0, 1.0, -1.0)
    plain = np.stack([1.0 - s * x * x / (s + z), -s * x * y / (s + z), -s * x], axis=1)  # engine.math.vec3.tangents
    flat = square < 1e-24
    first = np.where(flat[:, None], plain, first)
    return first, np.cross(normal, first)


def symmetric(entries: Array) -> Array:
    """Matrices (..., 3, 3) from xx yy zz xy xz yz."""
    xx, yy, zz, xy, xz, yz = np.moveaxis(entries, -1, 0)
    return np.stack([xx, xy, xz, xy, yy, yz, xz, yz, zz], axis=-1).reshape(*entries.shape[:-1], 3, 3)


def moved_back(ints: dict[str, NDArray], qpos: Array, qvel: Array, h: Array) -> Array:
    """Coordinates (E, nq) from which `qvel` (E, nv) led to `qpos` within `h` (E, 1) [s]."""
    out = qpos.copy()
    joints: Sequence[Any] = list(zip(ints["joint_type"], ints["joint_qpos_start"], ints["joint_dof_start"], strict=True))
    for kind, q, v in joints:
        straight = TURNING.get(JointType(kind), 1)
        out[:, q : q + straight] -= h * qvel[:, v : v + straight]
        if kind in TURNING:
            turn = -h * qvel[:, v + straight : v + straight + 3]
            angle = np.linalg.norm(turn, axis=1)
            axis = turn / np.maximum(angle, 1e-300)[:, None]
            at = slice(q + straight, q + straight + 4)
            unit = qpos[:, at] / np.linalg.norm(qpos[:, at], axis=1, keepdims=True)
            out[:, at] = rotation.multiply(unit, rotation.from_axis_angle(axis, angle))
    return out
