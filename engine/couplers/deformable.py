"""Cloth, ropes and elastic solids beside the rigid bodies: a continuum made of the deformables of a scene.

Contact is exchanged as force: every vertex presses on the plane of a shape that moves with its body, and the body gets the same
force at the same point. Stable at any mass ratio: on a free body the stiffness of all contacts together is at most a share of
mass / dt^2, and of the force of the last substep only the part is kept that the body's own supports carried, seen from how it
has moved since. Linear momentum is exact: what a fixed number of sweeps leaves over goes to the holders,
else to the contacts, else (in free flight, with its moment, or when it is little) into the velocities.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.compiled import CompiledScene
from engine.continua import Bodies, Continuum, ParticleCloud, SurfaceMesh, Touches
from engine.couplers.deformable_parts import part_of
from engine.couplers.deformable_shapes import SHARE, ShapeTable
from engine.errors import StateError, near_matches
from engine.geometry import rotation as rot
from engine.runtime import Runtime
from engine.scene.builder import Scene
from engine.scene.deformable import Deformable, geometry
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.solver import Settings, VertexBlockDescent
from engine.types import Fault

Array = NDArray[np.float64]
ROUNDING = 0.01  # share of the contact forces: what sweeps leave over below it is mostly the rounding of positions


def make(scenes: Sequence[Scene], compiled: CompiledScene, runtime: Runtime, num_envs: int) -> Sequence[Continuum]:
    """The continuum of the deformables of these scenes, when there are any."""
    if not scenes[0].deformables and not any(scene.deformables for scene in scenes):
        return ()
    return (DeformableBodies(scenes, compiled, runtime, num_envs),)


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
        self.solver = VertexBlockDescent(runtime, parts, settings, self.table.count, self.table.planes)
        self.body_names = list(compiled.names.body)
        count = len(self.solver.share)
        self.carrier = np.full((num_envs, count), -1)  # body that holds a vertex; -1: free
        self.anchor = np.zeros((num_envs, count, 3))  # where, in the frame of that body
        self._waiting = np.ones(num_envs, bool)  # attachments of the scene have not taken hold yet
        self._fault = np.zeros(num_envs, int)
        self._force = np.zeros((num_envs, len(self.body_names), 3))  # given in the last substep
        self._velocity: Array | None = None
        self._previous: Array | None = None
        self._record = Touches(np.zeros(0, int), np.zeros(0, int), np.zeros((0, 3)), np.zeros((0, 3)))
        self._pending = [
            (name, a.vertices, a.body) for name, d in zip(self.names, self.described, strict=True) for a in d.attachments
        ]

    # ---- protocol ------------------------------------------------------------------------------------------------------------

    def reset(self, envs: np.ndarray) -> None:
        """Put environments into their initial state; attachments of the scene hold again, others are gone."""
        self.carrier[envs] = -1
        self.solver.held[envs] = 0
        self._waiting[envs] = True
        self.solver.reset(envs)
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
        self._force = wrench[..., :3].copy()
        self._velocity = bodies.velocity.copy()
        return wrench

    def touches(self) -> Touches:
        """Where deformables pressed on bodies during the last `advance`."""
        return self._record

    def mark(self) -> None:
        """The present positions are the previous ones of the next pictures."""
        self._previous = self.solver.rows(col.X, 3).astype(np.float32)

    def snapshot(self) -> np.ndarray:
        """The whole state as rows (E, n)."""
        self.solver.ws.pull()
        self.solver.seen.pull()
        self.solver.wi.pull()
        known = self._velocity if self._velocity is not None else np.full_like(self._force, np.nan)
        bound = self.solver.parameters.host[:, [col.DT, col.BOUND]]
        parts = (
            self.solver.ws.host, self.carrier, self.anchor, self._waiting, self._fault, self._force, known, bound,
            self.solver.held, self.solver.seen.host.reshape(self.num_envs, -1), self.solver.wi.host,
        )  # fmt: skip
        return np.concatenate([np.asarray(p, float).reshape(self.num_envs, -1) for p in parts], axis=1)

    def restore(self, rows: np.ndarray) -> None:
        """Continue from the rows of `snapshot`."""
        self._velocity = np.full_like(self._force, np.nan)
        bound = np.zeros((self.num_envs, 2))
        parts = (
            self.solver.ws.host, self.carrier, self.anchor, self._waiting, self._fault, self._force, self._velocity, bound,
            self.solver.held, self.solver.seen.host.reshape(self.num_envs, -1), self.solver.wi.host,
        )  # fmt: skip
        at = 0
        for part in parts:
            width = part[0].size
            part[...] = rows[:, at : at + width].reshape(part.shape)
            at += width
        self.solver.parameters.host[:, [col.DT, col.BOUND]] = bound
        for array in (self.solver.parameters, self.solver.ws, self.solver.seen, self.solver.wi):
            array.push()

    def faults(self) -> np.ndarray:
        """Fault bits of each environment."""
        return self._fault

    def clouds(self) -> Sequence[ParticleCloud]:
        """None: deformables have surfaces."""
        return ()

    def surfaces(self) -> Sequence[SurfaceMesh]:
        """Cloth as it is, the skin of solids, a tube around ropes."""
        from_rows = self.solver.rows(col.X, 3).astype(np.float32)
        made = []
        for k, d in enumerate(self.described):
            span = slice(self.solver.first[k], self.solver.first[k + 1])
            now, before = from_rows[:, span], None if self._previous is None else self._previous[:, span]
            faces = self.meshes[k].faces
            if not len(faces):
                radius = max(d.radius, 1e-4)
                now, faces = tube(now, radius)
                before = None if before is None else tube(before, radius)[0]
            made.append(SurfaceMesh(d.name, now, before, faces.astype(np.int32), d.color, len(self.body_names) + k))
        return made

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
        self.solver.held[np.ix_(envs, vertices)] = 2 if bodies.free[body] else 1
        self._clear_pull(vertices, envs)

    def detach(self, vertices: np.ndarray, envs: np.ndarray) -> None:
        """Let vertices go."""
        self.carrier[np.ix_(envs, vertices)] = -1
        self.solver.held[np.ix_(envs, vertices)] = 0
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
        self.table.limit(solver.shapes.host, bodies, dt, self._pressing())
        if (solver.held > 0).any():
            solver.hold(self._targets(bodies, (k + 1) * dt), self._tie_limits(bodies, dt))
        before = solver.rows(col.V, 3)
        solver.advance()
        return self._exchange(bodies, before, dt)

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

    def _pressing(self) -> Array:
        """Number (E, shapes) of contacts that may press in this substep."""
        counts = np.zeros((self.num_envs, self.table.count + 1))
        for c in range(col.CONTACTS):
            at = col.CONTACT + c * col.CONTACT_WIDTH
            on = self.solver._block(at + col.GRIP, 1) > 0
            shape = np.where(on, self.solver._block(at + col.SHAPE, 1), 0).astype(int)
            env = np.broadcast_to(np.arange(self.num_envs)[:, None, None, None], shape.shape)
            np.add.at(counts, (env[on], shape[on]), 1)
        return counts[:, 1:]

    def _targets(self, bodies: Bodies, ahead: float) -> Array:
        """Where the holders take their vertices at the end of the substep, (E, n, 3)."""
        env = np.arange(self.num_envs)[:, None]
        body = np.maximum(self.carrier, 0)
        turn = bodies.rotation[env, body]
        arm = rot.rotate(turn, self.anchor)
        spin = bodies.angular_velocity[env, body] * ahead
        angle = np.linalg.norm(spin, axis=-1, keepdims=True)
        axis = spin / np.maximum(angle, 1e-12)
        along = axis * (axis * arm).sum(-1, keepdims=True)
        arm = along + (arm - along) * np.cos(angle) + np.cross(axis, arm) * np.sin(angle)
        return bodies.position[env, body] + bodies.velocity[env, body] * ahead + arm

    def _tie_limits(self, bodies: Bodies, dt: float) -> Array:
        """Largest stiffness (E, n) of the ties to free bodies."""
        limits = np.full(self.carrier.shape, 1e30)
        for e in range(self.num_envs):
            tied = np.flatnonzero(self.solver.held[e] == 2)
            number = np.bincount(self.carrier[e, tied], minlength=bodies.mass.shape[1])
            limits[e, tied] = (SHARE * bodies.mass[e] / dt**2 / np.maximum(number, 1))[self.carrier[e, tied]]
        return limits

    def _exchange(self, bodies: Bodies, before: Array, dt: float) -> Array:
        """Wrench (E, B, 6) of one substep; the rest of the momentum balance is shared out."""
        solver = self.solver
        points, velocity, mass = solver.rows(col.X, 3), solver.rows(col.V, 3), solver.masses()
        self._note_faults(points)
        wrench = np.zeros((*bodies.mass.shape, 6))
        on_vertex = np.zeros_like(points)
        records = []
        for c in range(col.CONTACTS):
            at = col.CONTACT + c * col.CONTACT_WIDTH
            rows = solver.rows(at, col.CONTACT_WIDTH)
            force = rows[..., :3] * rows[..., col.PRESS, None] + rows[..., col.RUB : col.RUB + 3]
            on_vertex += force
            env, vertex = np.nonzero(rows[..., col.PRESS] > 0)
            body = self.table.body[rows[env, vertex, col.SHAPE].astype(int) - 1]
            records.append((env, body, points[env, vertex], -force[env, vertex]))
        held = solver.rows(col.FORCE, 3) * (self.solver.held > 0)[..., None]
        held, velocity, extra = self._balance(points, velocity, before, mass, on_vertex, held, dt)
        solver.put_rows(col.V, velocity)
        env, vertex = np.nonzero(extra.any(-1))
        number = strongest(solver.rows(col.CONTACT, col.CONTACTS * col.CONTACT_WIDTH)[env, vertex])
        records.append((env, self.table.body[number], points[env, vertex], -extra[env, vertex]))
        env, vertex = np.nonzero(solver.held > 0)
        records.append((env, self.carrier[env, vertex], points[env, vertex], -held[env, vertex]))
        env, body, point, force = (np.concatenate([np.asarray(r[k]) for r in records]) for k in range(4))
        np.add.at(wrench[..., :3], (env, body), force)
        np.add.at(wrench[..., 3:], (env, body), np.cross(point - bodies.com[env, body], force))
        self._record = Touches(env, body, point, force)
        return wrench

    def _balance(
        self, points: Array, velocity: Array, before: Array, mass: Array, contact: Array, held: Array, dt: float
    ) -> tuple[Array, Array, Array]:
        """Make momentum add up: what the sweeps left over goes to the holders, else to the contacts in proportion to
        their force, else (in free flight, or when it is little: positions are rounded) into the velocities.

        Left as it is with BDF2, and where several deformables may push each other, whose sum over one of them is not zero.
        """
        crowded = self.solver.crowded and len(self.names) > 1
        extra = np.zeros_like(points)
        if self.solver.settings.bdf2 or crowded:
            return held, velocity, extra
        outside = np.broadcast_to(self.solver.settings.gravity[:, None], points.shape)
        air = self.solver.rows(col.Y, 3) - self.solver.rows(col.X_START, 3) - dt * before
        for k, d in enumerate(self.described):
            span = slice(self.solver.first[k], self.solver.first[k + 1])
            material = d.material
            blown = any(getattr(material, name, 0.0) for name in ("drag", "skin_drag", "pressure"))
            m, x = mass[:, span], points[:, span]
            given = air[:, span] / dt**2 if blown else outside[:, span]
            force = m[..., None] * (given - (velocity[:, span] - before[:, span]) / dt)
            rest = force + contact[:, span] + held[:, span]  # what is missing to m a = f, with the internal forces left out
            total = rest.sum(1)
            holds = (self.solver.held[:, span] > 0)[..., None]
            number = holds.sum(1)
            share = np.where(number > 0, total / np.maximum(number, 1), 0.0)
            held[:, span] -= share[:, None] * holds
            pressed = np.linalg.norm(contact[:, span], axis=-1, keepdims=True)
            pressed = np.where(number[:, None] > 0, 0.0, pressed)
            sum_pressed = pressed.sum(1, keepdims=True)
            small = np.linalg.norm(total, axis=-1)[:, None, None] <= ROUNDING * sum_pressed
            extra[:, span] = np.where(small, 0.0, -total[:, None] * pressed / np.maximum(sum_pressed, 1e-30))
            free = (number[:, 0] == 0)[:, None, None] & (small | (sum_pressed == 0))
            velocity[:, span] += np.where(free, rigid_change(m, x, rest) * dt, 0.0)
        return held, velocity, extra

    def _note_faults(self, points: Array) -> None:
        broken = ~np.isfinite(points).all((1, 2))
        if broken.any():
            self._fault[broken] |= int(Fault.NOT_FINITE)
            envs = np.flatnonzero(broken)
            self.solver.place(self.solver.points[envs], np.zeros_like(self.solver.velocity[envs]), envs)


def strongest(rows: Array) -> NDArray[np.int64]:
    """Number of the shape that presses most, from the contact rows of vertices."""
    each = rows.reshape(len(rows), col.CONTACTS, col.CONTACT_WIDTH)
    best = each[..., col.PRESS].argmax(1)
    return each[np.arange(len(rows)), best, col.SHAPE].astype(int) - 1


def rigid_change(mass: Array, points: Array, force: Array) -> Array:
    """Accelerations (E, n, 3) of a rigid motion that takes up the sum and the moment of `force` (E, n, 3)."""
    total = mass.sum(1)[:, None]
    centre = (mass[..., None] * points).sum(1) / total
    arm = points - centre[:, None]
    moment = np.cross(arm, force).sum(1)
    square = (mass[..., None, None] * arm[..., :, None] * arm[..., None, :]).sum(1)
    inertia = np.trace(square, axis1=1, axis2=2)[:, None, None] * np.eye(3) - square
    spin = np.einsum("eij,ej->ei", np.linalg.pinv(inertia, rcond=1e-9), moment)
    return (force.sum(1) / total)[:, None] + np.cross(spin[:, None], arm)


def tube(points: NDArray, radius: float, sides: int = 8) -> tuple[NDArray, NDArray]:
    """A tube around polylines (E, n, 3): vertices (E, n * sides, 3) and faces, with a frame carried along without twist."""
    tangent = np.gradient(points, axis=1)
    tangent = tangent / np.maximum(np.linalg.norm(tangent, axis=-1, keepdims=True), 1e-12)
    across = np.zeros_like(points)
    first = np.eye(3, dtype=points.dtype)[np.abs(tangent[:, 0]).argmin(-1)]
    for k in range(points.shape[1]):
        side = first - tangent[:, k] * (first * tangent[:, k]).sum(-1, keepdims=True)
        first = side / np.maximum(np.linalg.norm(side, axis=-1, keepdims=True), 1e-12)
        across[:, k] = first
    other = np.cross(tangent, across)
    angle = np.arange(sides) * (2 * np.pi / sides)
    ring = across[:, :, None] * np.cos(angle)[:, None] + other[:, :, None] * np.sin(angle)[:, None]
    n = points.shape[1]
    i, j = (v.ravel() for v in np.meshgrid(np.arange(n - 1), np.arange(sides), indexing="ij"))
    a, b = i * sides + j, i * sides + (j + 1) % sides
    faces = np.concatenate([np.stack([a, b, a + sides], 1), np.stack([b, b + sides, a + sides], 1)])
    vertices = points[:, :, None] + radius * ring
    return vertices.reshape(len(points), -1, 3).astype(points.dtype), faces


__all__ = ["DeformableBodies", "make"]
