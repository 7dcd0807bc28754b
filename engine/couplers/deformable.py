"""Cloth, ropes and elastic solids beside the rigid bodies: a continuum made of the deformables of a scene.

Contact is exchanged as force: every vertex presses on the plane of a shape that moves with its body, and the body gets the same
force at the same point. Stable at any mass ratio: on a free body the stiffness of all contacts together is at most a share of
mass / dt^2, and of the force of the last substep only the part is kept that the body's own supports carried, seen from how it
has moved since. Linear momentum is exact: what a fixed number of sweeps leaves over goes to the holders,
else to the contacts, else (in free flight, with its moment, or when it is little) into the velocities.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.compiled import CompiledScene
from engine.continua import Bodies, Continuum, ParticleCloud, SurfaceMesh, Touches
from engine.couplers.deformable_looks import Look
from engine.couplers.deformable_parts import part_of
from engine.couplers.deformable_shapes import SHARE, ShapeTable
from engine.couplers.deformable_twist import RopeTwist, turned
from engine.errors import StateError, near_matches
from engine.geometry import rotation as rot
from engine.runtime import Runtime
from engine.scene.builder import Scene
from engine.scene.deformable import Deformable, geometry
from engine.scene.soft_materials import Rope
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.solver import Settings, VertexBlockDescent
from engine.types import Fault

Array = NDArray[np.float64]
UNKNOWN = 1e30  # a velocity that was never seen, in a snapshot: its numbers are finite
_CONTACT_ROWS = ((col.NORMAL, 3), (col.PRESS, 1), (col.RUB, 3), (col.SHAPE, 1))
KEPT_ROWS = (
    (col.X, 3), (col.V, 3), (col.X_BEFORE, 3), (col.V_BEFORE, 3), (col.FORCE, 3), (col.TARGET_FORCE, 3), (col.STIFFNESS, 1),
    *((col.CONTACT + c * col.CONTACT_WIDTH + row, width) for c in range(col.CONTACTS) for row, width in _CONTACT_ROWS),
)  # fmt: skip
"""Rows of a vertex that a snapshot holds; the others are worked out anew in every substep."""


def make(scenes: Sequence[Scene], compiled: CompiledScene, runtime: Runtime, num_envs: int) -> Sequence[Continuum]:
    """The continuum of the deformables of these scenes, when there are any."""
    if not scenes[0].deformables and not any(scene.deformables for scene in scenes):
        return ()
    return (DeformableBodies(scenes, compiled, runtime, num_envs),)


class Burden(Protocol):
    """What lies on deformables and is no rigid body: it ties vertices before a substep and takes its share after."""

    def press(self, duration: float) -> None:
        """Tie what it touches (see `VertexBlockDescent.tie`); `duration` [s] of the substep of the bodies."""

    def settle(self, duration: float) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
        """Take over the forces of a substep of `duration` [s]; returns those on held vertices: env, vertex, force (k, 3)."""


class DeformableBodies:
    """All deformables of a simulation as one continuum."""

    def __init__(self, scenes: Sequence[Scene], compiled: CompiledScene, runtime: Runtime, num_envs: int):
        self.scenes = [scenes[k if len(scenes) > 1 else 0] for k in range(num_envs)]
        self.num_envs, self.runtime = num_envs, runtime
        self.described: tuple[Deformable, ...] = self.scenes[0].deformables
        self.options = self.scenes[0].deformable_options
        self.names = [d.name for d in self.described]
        self.meshes = [geometry(d) for d in self.described]
        per_scene = [[scene.deformables[k] for scene in self.scenes] for k in range(len(self.names))]
        parts = [part_of(group, mesh) for group, mesh in zip(per_scene, self.meshes, strict=True)]
        self.table = ShapeTable(scenes, compiled, num_envs)
        gravity = np.array([scene.options.gravity for scene in self.scenes])
        wind = np.array([scene.options.wind for scene in self.scenes])
        settings = Settings(self.options.sweeps, self.options.integrator == "bdf2", self.options.air_density, gravity, wind)
        self.solver = VertexBlockDescent(runtime, parts, settings, self.table.body, len(compiled.names.body), self.table.planes)
        self.body_names = list(compiled.names.body)
        self.ropes = [k for k, d in enumerate(self.described) if isinstance(d.material, Rope)]
        self.twist = RopeTwist(self.solver, self.ropes, runtime.dtype)
        count = len(self.solver.share)
        self.carrier = np.full((num_envs, count), -1)  # body that holds a vertex; -1: free
        self.anchor: NDArray = np.zeros((num_envs, count, 3), runtime.dtype)  # where, in the frame of that body
        self._waiting = np.ones(num_envs, bool)  # attachments of the scene have not taken hold yet
        self._fault = np.zeros(num_envs, int)
        self._force: NDArray = np.zeros((num_envs, len(self.body_names), 3), runtime.dtype)  # given in the last substep
        self._velocity: Array | None = None
        self._previous: Array | None = None
        self.burden: Burden | None = None
        self._looks = [
            Look(group, mesh, len(self.body_names) + k, compiled.images)
            for k, (group, mesh) in enumerate(zip(per_scene, self.meshes, strict=True))
        ]
        self._pending = [
            (name, a.vertices, a.body) for name, d in zip(self.names, self.described, strict=True) for a in d.attachments
        ]

    # ---- protocol ------------------------------------------------------------------------------------------------------------

    def reset(self, envs: np.ndarray) -> None:
        """Put environments into their initial state; attachments of the scene hold again, others are gone."""
        self.carrier[envs] = -1
        self.solver.change_holds((envs,), 0)
        self._waiting[envs] = True
        self.solver.reset(envs)
        self.twist.forget(envs)
        self._fault[envs] = 0
        self._force[envs] = 0.0
        if self._velocity is not None:
            self._velocity[envs] = np.nan

    def advance(self, bodies: Bodies, duration: float) -> np.ndarray:
        """Advance by `duration`; returns the mean wrench on every body."""
        self._hold_at_first(bodies)
        count = self.options.substeps
        dt = duration / count
        wrench = np.zeros((*bodies.mass.shape, 6))
        alive = self._fault == 0
        for k in range(count):
            wrench += self._substep(bodies, dt, k) / count
        wrench[~alive] = 0.0
        self._force = wrench[..., :3].astype(self.runtime.dtype)
        self._velocity = bodies.velocity.astype(self.runtime.dtype)
        return wrench

    def touches(self) -> Touches:
        """Where deformables pressed on bodies during the last substep, and their holders pulled."""
        solver = self.solver
        points = solver.rows(col.X, 3)
        extra = solver.motion.host.reshape(self.num_envs, -1, col.RIGID_WIDTH)[..., col.EXTRA : col.EXTRA + 3]
        records = []
        for c in range(col.CONTACTS):
            rows = solver.rows(col.CONTACT + c * col.CONTACT_WIDTH, col.CONTACT_WIDTH)
            env, vertex = np.nonzero(rows[..., col.PRESS] > 0)
            own = rows[env, vertex]
            force = own[:, :3] * own[:, col.PRESS, None] + own[:, col.RUB : col.RUB + 3]
            force = force + extra[env, solver.owner[vertex]] * np.linalg.norm(force, axis=1, keepdims=True)
            records.append((env, self.table.body[own[:, col.SHAPE].astype(int) - 1], points[env, vertex], -force))
        env, vertex = np.nonzero(solver.held > 0)
        records.append((env, self.carrier[env, vertex], points[env, vertex], -solver.holder_force(env, vertex)))
        return Touches(*(np.concatenate([r[k] for r in records]) for k in range(4)))

    def mark(self) -> None:
        """The present positions are the previous ones of the next pictures."""
        self._previous = self.solver.rows(col.X, 3).astype(np.float32)

    def snapshot(self) -> np.ndarray:
        """The whole state as rows (E, n) of the engine's real type: what the next substep reads of the past, and the forces."""
        known = np.full_like(self._force, UNKNOWN) if self._velocity is None else np.nan_to_num(self._velocity, nan=UNKNOWN)
        state = [self.solver.rows(row, width) for row, width in KEPT_ROWS]
        parts = (*state, self.carrier, self.anchor, self._waiting, self._fault, self._force, known, self.solver.held)
        parts = (*parts, self.twist.body, self.twist.director, self.twist.angle)
        rows: list[NDArray] = [np.asarray(p, self.runtime.dtype).reshape(self.num_envs, -1) for p in parts]
        return np.concatenate(rows, axis=1)

    def restore(self, rows: np.ndarray) -> None:
        """Continue from the rows of `snapshot`."""
        solver = self.solver
        self._velocity = np.full_like(self._force, np.nan)
        state = [np.zeros((*solver.held.shape, width)) for _, width in KEPT_ROWS]
        parts = (*state, self.carrier, self.anchor, self._waiting, self._fault, self._force, self._velocity, solver.held)
        parts = (*parts, self.twist.body, self.twist.director, self.twist.angle)
        at = 0
        for part in parts:
            width = part[0].size
            part[...] = rows[:, at : at + width].reshape(part.shape)
            at += width
        self._velocity[self._velocity >= 0.5 * UNKNOWN] = np.nan
        solver.place(state[0], state[1])
        for (row, _), values in zip(KEPT_ROWS, state, strict=True):
            solver.put_rows(row, values)
        solver.change_holds((slice(None),), solver.held)
        solver.angle.push()
        self.twist.changed = True

    def faults(self) -> np.ndarray:
        """Fault bits of each environment."""
        return self._fault

    def clouds(self) -> Sequence[ParticleCloud]:
        """None: deformables have surfaces."""
        return ()

    def surfaces(self) -> Sequence[SurfaceMesh]:
        """Cloth as it is, the skin of solids, a tube around ropes."""
        now, before = self.solver.rows(col.X, 3).astype(np.float32), self._previous
        spans = [slice(first, end) for first, end in zip(self.solver.first[:-1], self.solver.first[1:], strict=True)]
        return [
            look.surface(now[:, span], None if before is None else before[:, span])
            for look, span in zip(self._looks, spans, strict=True)
        ]

    # ---- state and attachments ---------------------------------------------------------------------------------------------

    def index(self, name: str) -> slice:
        """Vertices of a deformable. Raises StateError on an unknown name."""
        if name not in self.names:
            raise StateError(
                "Simulation.deformable", f"unknown deformable {name!r}", near_matches(name, self.names), "correct the name"
            )
        k = self.names.index(name)
        return slice(int(self.solver.first[k]), int(self.solver.first[k + 1]))

    def attach(self, vertices: np.ndarray, body: int, envs: np.ndarray, bodies: Bodies) -> None:
        """Hold vertices at their present place in the frame of a body (0: the world)."""
        points = self.solver.rows(col.X, 3)
        inward = rot.conjugate(bodies.rotation[envs, body])
        for row, e in enumerate(envs):
            offset = points[e, vertices] - bodies.position[e, body]
            self.anchor[e, vertices] = rot.rotate(inward[row], offset)
        self.carrier[np.ix_(envs, vertices)] = body
        self.twist.changed = True
        self.solver.change_holds(np.ix_(envs, vertices), 2 if bodies.free[body] else 1)
        self._clear_pull(vertices, envs)

    def detach(self, vertices: np.ndarray, envs: np.ndarray) -> None:
        """Let vertices go."""
        self.carrier[np.ix_(envs, vertices)] = -1
        self.twist.changed = True
        self.solver.change_holds(np.ix_(envs, vertices), 0)
        self._clear_pull(vertices, envs)

    def _clear_pull(self, vertices: np.ndarray, envs: np.ndarray) -> None:
        pull = self.solver.rows(col.TARGET_FORCE, 3)
        pull[np.ix_(envs, vertices)] = 0.0
        self.solver.put_rows(col.TARGET_FORCE, pull)

    def _hold_at_first(self, bodies: Bodies) -> None:
        """Attachments of the scene take hold when the bodies are seen for the first time after a reset."""
        if not self._waiting.any():
            return
        envs = np.flatnonzero(self._waiting)
        for name, vertices, body in self._pending:
            number = self.body_names.index(body) if body else 0
            self.attach(np.array(vertices) + self.index(name).start, number, envs, bodies)
        self._waiting[:] = False

    # ---- one substep -------------------------------------------------------------------------------------------------------

    def _substep(self, bodies: Bodies, dt: float, k: int) -> Array:
        solver = self.solver
        kept = self._kept(bodies, dt)
        self.table.fill(solver.shapes.host, bodies, k * dt, kept)
        solver.find_contacts(dt)
        if self._limited(bodies):
            self.table.limit(solver.shapes.host, bodies, dt, solver.count_pressing())
        env, vertex = np.nonzero(solver.held > 0)
        if len(env) or solver.holds_changed:
            targets = self._targets(bodies, (k + 1) * dt, env, vertex)
            solver.hold(env, vertex, targets, self._tie_limits(bodies, dt, env, vertex))
        if self.burden is not None:
            self.burden.press(dt * self.options.substeps)
        self.twist.aim(self.carrier, bodies, k * dt)
        solver.advance()
        wrench = solver.exchange(bodies.com)
        self.twist.wrench(wrench)
        self._note_faults()
        body, force = self.carrier[env, vertex], -solver.holder_force(env, vertex)
        if self.burden is not None:
            more = self.burden.settle(dt)
            env, vertex = np.concatenate([env, more[0]]), np.concatenate([vertex, more[1]])
            body, force = np.concatenate([body, self.carrier[more[0], more[1]]]), np.concatenate([force, more[2]])
        if len(env):
            arm = solver.points_of(env, vertex) - bodies.com[env, body]
            np.add.at(wrench[..., :3], (env, body), force)
            np.add.at(wrench[..., 3:], (env, body), np.cross(arm, force))
        return wrench

    def _limited(self, bodies: Bodies) -> bool:
        """Can any body with a shape yield? The table's limits stand at none otherwise."""
        return bool(bodies.free[self.table.body].any())

    def _kept(self, bodies: Bodies, dt: float) -> Array:
        """Share (E, B) of the last force that a body's own supports carried: 1 where it did not yield at all."""
        kept = np.ones(bodies.mass.shape)
        if self._velocity is None:
            return kept
        force, mass = self._force, np.maximum(bodies.mass, 1e-12)
        size = np.linalg.norm(force, axis=-1)
        gained = np.nan_to_num(((bodies.velocity - self._velocity) * force).sum(-1)) / (dt * self.options.substeps)
        yielded = gained * mass / np.maximum(size**2, 1e-30)
        return np.where(bodies.free[None] & (size > 0), np.clip(1 - yielded, 0.0, 1.0), kept)

    def _targets(self, bodies: Bodies, ahead: float, env: np.ndarray, vertex: np.ndarray) -> Array:
        """Where the holders take the vertices (env, vertex) at the end of the substep, (k, 3)."""
        body = self.carrier[env, vertex]
        turn = bodies.rotation[env, body]
        arm = rot.rotate(turn, self.anchor[env, vertex])
        arm = turned(arm, bodies.angular_velocity[env, body] * ahead)
        return bodies.position[env, body] + bodies.velocity[env, body] * ahead + arm

    def _tie_limits(self, bodies: Bodies, dt: float, env: np.ndarray, vertex: np.ndarray) -> Array:
        """Largest stiffness (k,) of the ties of the vertices (env, vertex) to free bodies."""
        body = self.carrier[env, vertex]
        tied = self.solver.held[env, vertex] == 2
        number = np.zeros(bodies.mass.shape)
        np.add.at(number, (env[tied], body[tied]), 1)
        return np.where(tied, SHARE * bodies.mass[env, body] / dt**2 / np.maximum(number[env, body], 1), 1e30)

    def _note_faults(self) -> None:
        centre = self.solver.motion.host[:, col.PLACE_SUM :: col.RIGID_WIDTH]
        broken = ~np.isfinite(centre).all(1)
        if broken.any():
            self._fault[broken] |= int(Fault.NOT_FINITE)
            envs = np.flatnonzero(broken)
            self.solver.place(self.solver.points[envs], np.zeros_like(self.solver.velocity[envs]), envs)


__all__ = ["DeformableBodies", "make"]
