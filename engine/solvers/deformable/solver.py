"""Vertex block descent on the host side: memory, one substep as a page of prose, state in and out in the order of the user.

A solver holds all deformables of a simulation in one pool, so that they meet each other. `parts` say what a deformable is made
of; parameters are scalars per environment. Momentum: a fixed number of sweeps leaves a rest of the internal forces; `balance`
takes its sum and moment out of the velocities of every deformable that nothing holds, so that momentum is exact at any budget.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.compiler import ti
from engine.model import host_view
from engine.runtime import CHUNK, Runtime
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.balance import balance, count_pressing
from engine.solvers.deformable.chains import solve_chains, tables, width
from engine.solvers.deformable.crowd import find_near
from engine.solvers.deformable.elements import Array, Ints, Stencils
from engine.solvers.deformable.features import links
from engine.solvers.deformable.packing import Packed, pack
from engine.solvers.deformable.rigid_motion import move_rigidly
from engine.solvers.deformable.separation import keep_apart
from engine.solvers.deformable.sweep import finish, predict, sweep
from engine.solvers.deformable.touch import touch
from engine.solvers.deformable.twist import CLAMP, twist

SHIFT_EVERY = 4  # sweeps between two rigid motions of whole objects
SPLIT_FROM = 2048  # groups of one environment that are worth a launch of all workers per colour


@dataclass(frozen=True)
class Part:
    """One deformable: points (E, n, 3) and velocity (E, 3) at the begin, stencils with vertices from 0, share (n,): what the
    density parameter multiplies to a mass, reach (n,) [m]: radius of the ball around a vertex against other vertices, 0 for
    none, rest (n, 3) [m]: shape in which near vertices do not touch, parameters (E, OBJECT_WIDTH), faces (m, 3) and
    lines (k, 2) that never pass each other, girth (n,) [m]: half the distance that they keep at least.
    """

    points: Array
    velocity: Array
    stencils: Sequence[Stencils]
    share: Array
    reach: Array
    rest: Array
    parameters: Array
    faces: Ints
    lines: Ints
    girth: Array


@dataclass
class Settings:
    """sweeps and substeps per call, bdf2, air density [kg/m^3], gravity and wind (E, 3)."""

    sweeps: int
    bdf2: bool
    air: float
    gravity: Array
    wind: Array


@dataclass
class Device:
    """An array of the compiler with its memory on the host: `host` is (.., lanes), the same bytes on a CPU, a copy on a GPU."""

    array: ti.Ndarray
    host: NDArray
    shared: bool = field(default=True)

    def push(self) -> None:
        """Bring the host copy to the device."""
        if not self.shared:
            self.array.from_numpy(self.host)

    def pull(self) -> None:
        """Bring the device's values to the host copy."""
        if not self.shared:
            self.host[...] = self.array.to_numpy().reshape(self.host.shape)


def device(runtime: Runtime, values: NDArray, kind, lanes: int) -> Device:
    """A device array with these values; the last axis holds the lanes when there is more than one."""
    shape = values.shape[:-1] if lanes > 1 else values.shape
    array = ti.ndarray(kind, shape)
    if runtime.backend == "cpu":
        host = host_view(array, values.shape, values.dtype.type)
        host[...] = values
        return Device(array, host)
    made = Device(array, values.copy(), shared=False)
    made.push()
    return made


class VertexBlockDescent:
    """All deformables of a simulation. Vertices are numbered through all parts, in the order of the parts."""

    def __init__(
        self,
        runtime: Runtime,
        parts: Sequence[Part],
        settings: Settings,
        carriers: NDArray,
        num_bodies: int,
        planes: Array,
    ):
        """carriers (shapes,): body of each rigid shape, of `num_bodies`; planes (n, 4) of the hulls."""
        self.runtime, self.settings = runtime, settings
        self.num_envs = len(parts[0].points)
        self.lanes = runtime.lanes
        counts = [p.points.shape[1] for p in parts]
        self.first = np.concatenate([[0], np.cumsum(counts)])
        self.owner = np.repeat(np.arange(len(parts)), counts)
        share = np.concatenate([p.share for p in parts])
        reach = np.concatenate([p.reach for p in parts])
        moved = [Stencils(s.kind, s.vertices + self.first[k], s.constants) for k, p in enumerate(parts) for s in p.stencils]
        self.packed: Packed = pack(self.owner, share, reach, moved, self.lanes)
        self.points = np.concatenate([p.points for p in parts], axis=1)
        self.velocity = np.concatenate([np.broadcast_to(p.velocity[:, None], p.points.shape) for p in parts], axis=1)
        self.share = share
        self._allocate(parts, reach, carriers, num_bodies, planes)
        self.crowded = bool((reach > 0).any())
        # What deformables do to each other is no part of their rigid motions.
        self.rigid = not (self.crowded and len(parts) > 1)
        self.held = np.zeros((self.num_envs, len(share)), np.int8)  # 0 free, 1 prescribed, 2 tied
        self.holds_changed = True
        self.reset(np.arange(self.num_envs))

    def _allocate(self, parts: Sequence[Part], reach: Array, carriers: NDArray, num_bodies: int, planes: Array) -> None:
        num_shapes = len(carriers)
        run, packed, lanes = self.runtime, self.packed, self.lanes
        real, whole = run.dtype, np.int32
        envs, slots = self.num_envs, packed.num_groups * lanes
        tail = (lanes,) if lanes > 1 else ()
        kind = run.real(lanes)
        self.mi = device(run, packed.mi.copy(), ti.i32, 1)
        self.mi.host[col.SIZE] = packed.num_groups
        self.mi.push()
        self.mf = device(run, packed.mf.reshape(-1, *tail).astype(real), kind, lanes)
        self.ws = device(run, np.zeros((envs, packed.num_groups * col.WIDTH, *tail), real), kind, lanes)
        self.seen = device(run, np.zeros(envs * slots * col.SEEN_WIDTH, real), run.scalar, 1)
        self.wi = device(run, np.zeros((envs, slots * (col.NEAR + 1)), whole), ti.i32, 1)
        self.parameters = device(run, self._parameter_rows(parts).astype(real), run.scalar, 1)
        self.colour_start = device(run, packed.colour_start, ti.i32, 1)
        self.shapes = device(run, np.zeros((envs, max(num_shapes, 1) * col.SHAPE_WIDTH), real), run.scalar, 1)
        self.motion = device(run, np.zeros((envs, len(parts) * col.RIGID_WIDTH), real), run.scalar, 1)
        self.num_shapes = num_shapes
        self.wrench = device(run, np.zeros((envs, num_bodies * 6)), ti.f64, 1)
        self.com = device(run, np.zeros((envs, num_bodies * 3), real), run.scalar, 1)
        self.carriers = device(run, np.append(carriers, 0).astype(whole), ti.i32, 1)
        self.pressing = device(run, np.zeros((envs, num_shapes + 1), real), run.scalar, 1)
        self.planes = device(run, (planes if len(planes) else np.zeros((1, 4))).astype(real), run.scalar, 1)
        self.buckets = 1 << max(4, int(2 * slots - 1).bit_length())
        self.grid = device(run, np.zeros((envs, self.buckets + 1 + slots), whole), ti.i32, 1)
        by_slot, rest = np.zeros(slots), np.zeros((slots, 4))
        by_slot[packed.slot] = reach
        rest[packed.slot, :3] = np.concatenate([p.rest for p in parts])
        rest[packed.slot, 3] = self.owner
        self.reach = device(run, by_slot.astype(real), run.scalar, 1)
        self.rest = device(run, rest.astype(real), run.scalar, 1)
        self._allocate_features(parts, slots)
        self._allocate_chains(parts, slots)

    def _allocate_features(self, parts: Sequence[Part], slots: int) -> None:
        """What `separation` reads: triangles and edges at every vertex, half thickness and share of mass."""
        run, first = self.runtime, self.first
        faces = np.concatenate([p.faces.reshape(-1, 3) + first[k] for k, p in enumerate(parts)])
        lines = np.concatenate([p.lines.reshape(-1, 2) + first[k] for k, p in enumerate(parts)])
        body = np.zeros((slots, 2))
        body[self.packed.slot, 0] = np.concatenate([p.girth for p in parts])
        body[self.packed.slot, 1] = self.share
        self.links = device(run, links(self.packed.slot, slots, faces, lines), ti.i32, 1)
        self.body = device(run, body.astype(run.dtype), run.scalar, 1)
        self.facing = device(run, np.zeros((self.num_envs, 4 * slots), run.dtype), run.scalar, 1)

    def _allocate_chains(self, parts: Sequence[Part], slots: int) -> None:
        """What `chains` reads and its work space."""
        run = self.runtime
        ropes = [
            (k, self.packed.slot[self.first[k] : self.first[k + 1]], p.stencils)
            for k, p in enumerate(parts)
            if [s.kind for s in p.stencils] == [col.EDGE, col.HINGE]
        ]
        ints, reals = tables(ropes)
        self.has_chains, self.slots = bool(ropes), slots
        self.chains = device(run, ints, ti.i32, 1)
        self.chain_reals = device(run, reals.astype(run.dtype), run.scalar, 1)
        self.clamp = device(run, np.zeros((self.num_envs, CLAMP * len(reals)), run.dtype), run.scalar, 1)
        self.angle = device(run, np.zeros((self.num_envs, len(reals)), run.dtype), run.scalar, 1)
        self.moment = device(run, np.zeros((self.num_envs, 3 * len(reals)), run.dtype), run.scalar, 1)
        self.push = device(run, np.zeros(self.num_envs * 3 * slots if ropes else 1, run.dtype), run.scalar, 1)
        self.twisted = False  # whether any rope has two clamped segments
        self.band = device(run, np.zeros((run.workers if ropes else 1, width(ropes, slots) if ropes else 1)), ti.f64, 1)

    def _parameter_rows(self, parts: Sequence[Part]) -> Array:
        rows = np.zeros((self.num_envs, col.ENV_WIDTH + len(parts) * col.OBJECT_WIDTH))
        s = self.settings
        rows[:, col.GRAVITY : col.GRAVITY + 3], rows[:, col.WIND : col.WIND + 3] = s.gravity, s.wind
        rows[:, col.BDF2], rows[:, col.AIR] = float(s.bdf2), s.air
        for k, part in enumerate(parts):
            at = col.ENV_WIDTH + k * col.OBJECT_WIDTH
            rows[:, at : at + col.OBJECT_WIDTH] = part.parameters
        return rows

    # ---- rows in the order of the user ---------------------------------------------------------------------------------------

    def _block(self, row: int, width: int) -> NDArray:
        """View (E, groups, width, lanes) of rows of the state."""
        shape = (self.num_envs, self.packed.num_groups, col.WIDTH, self.lanes)
        return self.ws.host.reshape(shape)[:, :, row : row + width]

    def rows(self, row: int, width: int) -> Array:
        """Rows of all vertices, (E, n, width)."""
        self.ws.pull()
        group, lane = np.divmod(self.packed.slot, self.lanes)
        return np.moveaxis(self._block(row, width), 2, 3)[:, group, lane].astype(float)

    def put_rows(self, row: int, values: Array, envs: NDArray | slice = slice(None)) -> None:
        """Write rows of all vertices of some environments, (e, n, width)."""
        group, lane = np.divmod(self.packed.slot, self.lanes)
        target = np.moveaxis(self._block(row, values.shape[2]), 2, 3)
        chosen = np.arange(self.num_envs)[envs]
        target[chosen[:, None], group[None], lane[None]] = values
        self.ws.push()

    def masses(self) -> Array:
        """Mass of every vertex, (E, n) [kg]."""
        density = self.parameters.host[:, col.ENV_WIDTH + col.DENSITY :: col.OBJECT_WIDTH][:, : len(self.first) - 1]
        return density[:, self.owner].astype(float) * self.share

    def place(self, points: Array, velocity: Array, envs: NDArray | slice = slice(None)) -> None:
        """Positions and velocities (e, n, 3) of all vertices; forces of the past are forgotten."""
        chosen = np.arange(self.num_envs)[envs]
        self._block(0, col.WIDTH)[chosen] = 0.0
        pin = self._block(col.PIN, 1)
        pin[chosen] = 1.0
        self.put_rows(col.PIN, (self.held[chosen] == 1).astype(float)[..., None], chosen)
        for row in (col.X, col.X_START, col.TARGET):
            self.put_rows(row, points, chosen)
        dt = np.maximum(self.parameters.host[chosen, col.DT], 1e-6)[:, None, None]
        self.put_rows(col.X_BEFORE, points - velocity * dt, chosen)
        for row in (col.V, col.V_BEFORE):
            self.put_rows(row, velocity, chosen)
        self.show(points, velocity, chosen)

    def show(self, points: Array, velocity: Array, envs: NDArray) -> None:
        """Positions and velocities where other vertices see them."""
        table = self.seen.host.reshape(self.num_envs, -1, col.SEEN_WIDTH)
        rows = np.zeros((len(envs), len(self.share), col.SEEN_WIDTH))
        for at in (col.SEEN_X, col.SEEN_START, col.SEEN_SWEEP):
            rows[..., at : at + 3] = points
        rows[..., col.SEEN_V : col.SEEN_V + 3] = velocity
        table[envs[:, None], self.packed.slot[None]] = rows
        self.seen.push()

    def change_holds(self, index: tuple, how: int | NDArray) -> None:
        """Set `held` at an index (env, vertex) of it."""
        self.held[index] = how
        self.holds_changed = True

    def reset(self, envs: NDArray) -> None:
        """Initial positions and velocities."""
        self.place(self.points[envs], self.velocity[envs], envs)

    def hold(self, env: NDArray, vertex: NDArray, targets: Array, limits: Array) -> None:
        """Where the held vertices (env, vertex) are at the end of the substep, (k, 3), and the largest stiffness (k,) of the
        tied ones.
        """
        how = self.held[env, vertex]
        self.ws.pull()
        if self.holds_changed:
            self.put_rows(col.PIN, (self.held == 1)[..., None] * 1.0)
            self.put_rows(col.TARGET_STIFFNESS, np.zeros((*self.held.shape, 1)))
            self.holds_changed = False
        group, lane = np.divmod(self.packed.slot[vertex], self.lanes)
        self._block(col.TARGET, 3)[env, group, :, lane] = targets
        self._block(col.TARGET_STIFFNESS, 1)[env, group, 0, lane] = np.where(how == 2, limits, 0.0)
        self.ws.push()

    def tie(self, env: NDArray, vertex: NDArray, targets: Array, stiffness: Array, pull: Array) -> None:
        """For one substep, after `hold`: the force stiffness (target - x) - pull on the free vertices (env, vertex), in rows
        (k, 3), (k,), (k, 3).
        """
        group, lane = np.divmod(self.packed.slot[vertex], self.lanes)
        self._block(col.TARGET, 3)[env, group, :, lane] = targets
        self._block(col.TARGET_STIFFNESS, 1)[env, group, 0, lane] = stiffness
        self._block(col.TARGET_FORCE, 3)[env, group, :, lane] = pull
        self._block(col.LADEN, 1)[env, group, 0, lane] = 1.0
        self.ws.push()

    def untie(self, env: NDArray, vertex: NDArray) -> None:
        """Let what `tie` held go."""
        group, lane = np.divmod(self.packed.slot[vertex], self.lanes)
        for row in (col.TARGET_STIFFNESS, col.LADEN):
            self._block(row, 1)[env, group, 0, lane] = 0.0
        self._block(col.FORCE, 3)[env, group, :, lane] = 0.0
        self.ws.push()

    def points_of(self, env: NDArray, vertex: NDArray) -> Array:
        """Positions (k, 3) of the vertices (env, vertex)."""
        group, lane = np.divmod(self.packed.slot[vertex], self.lanes)
        return self._block(col.X, 3)[env, group, :, lane].astype(float)

    def holder_force(self, env: NDArray, vertex: NDArray) -> Array:
        """Force (k, 3) of their holders on the vertices (env, vertex) in the last substep."""
        group, lane = np.divmod(self.packed.slot[vertex], self.lanes)
        return self._block(col.FORCE, 3)[env, group, :, lane].astype(float)

    # ---- one substep -------------------------------------------------------------------------------------------------------

    def find_contacts(self, dt: float) -> None:
        """Contacts with the rigid shapes of `shapes` and near vertices, for a substep of `dt` [s]."""
        part = (self.runtime.workers, CHUNK)
        self.parameters.host[:, col.DT] = dt
        self.parameters.push()
        self.shapes.push()
        if self.num_shapes:
            touch(
                self.mi.array, self.ws.array, self.parameters.array, self.shapes.array, self.planes.array, *part
            )  # fmt: skip
        if self.crowded:
            find_near(
                self.wi.array, self.seen.array, self.parameters.array, self.grid.array, self.reach.array, self.rest.array,
                self.buckets, *part,
            )  # fmt: skip

    def advance(self) -> None:
        """Predict, sweep and finish one substep, after `find_contacts` and the stiffness limits in `shapes`."""
        part = (self.runtime.workers, CHUNK)
        self.shapes.push()
        arrays = (self.mi.array, self.mf.array, self.ws.array)
        predict(*arrays, self.seen.array, self.parameters.array, self.shapes.array, *part)
        if self.twisted:
            twist(
                *arrays, self.seen.array, self.parameters.array, self.chains.array, self.chain_reals.array, self.clamp.array,
                self.angle.array, self.moment.array, self.push.array, self.slots, *part,
            )  # fmt: skip
        passed = (*arrays, self.wi.array, self.seen.array, self.parameters.array, self.colour_start.array)
        shifted = (*arrays, self.seen.array, self.parameters.array, self.motion.array)
        left = self.settings.sweeps
        while left > 0:
            count = min(left, SHIFT_EVERY)
            self._sweep(passed, count, part)
            left -= count
            if self.rigid:
                move_rigidly(*shifted, *part)
            if self.has_chains:
                solve_chains(
                    *arrays, self.wi.array, self.seen.array, self.parameters.array, self.chains.array, self.chain_reals.array,
                    self.band.array, self.slots, *part,
                )  # fmt: skip
        if self.crowded:
            keep_apart(
                self.ws.array, self.seen.array, self.links.array, self.parameters.array, self.grid.array, self.body.array,
                self.rest.array, self.facing.array, self.reach.array, self.buckets, *part,
            )  # fmt: skip
        finish(self.mi.array, self.ws.array, self.seen.array, self.parameters.array, *part)

    def exchange(self, com: Array) -> Array:
        """Wrench (E, B, 6) of the contacts on every body about `com` (E, B, 3), after `advance`; momentum then adds up."""
        part = (self.runtime.workers, CHUNK)
        self.com.host[...] = com.reshape(self.com.host.shape)
        self.com.push()
        arrays = (self.mi.array, self.mf.array, self.ws.array, self.seen.array, self.parameters.array, self.motion.array)
        exact = int(self.rigid and not self.settings.bdf2)
        balance(
            *arrays, self.wrench.array, self.com.array, self.carriers.array, self.num_shapes, exact, *part
        )  # fmt: skip
        for changed in (self.motion, self.wrench, self.ws):
            changed.pull()
        return self.wrench.host.reshape(self.num_envs, -1, 6).astype(float)

    def count_pressing(self) -> Array:
        """Number (E, shapes) of contacts that may press in the substep that `find_contacts` prepared."""
        if self.num_shapes:
            count_pressing(self.ws.array, self.pressing.array, self.num_shapes, self.runtime.workers, CHUNK)
        self.pressing.pull()
        return self.pressing.host[:, :-1].astype(float)

    def _sweep(self, passed: tuple, count: int, part: tuple[int, int]) -> None:
        """`count` sweeps over all vertices: environments side by side, or the groups of one colour of a single one."""
        colours = len(self.packed.colour_start) - 1
        few = self.packed.num_groups < SPLIT_FROM
        if (self.num_envs >= self.runtime.workers or few) and self.runtime.backend == "cpu":
            sweep(*passed, 0, colours, count, 0, int(self.crowded), *part)
            return
        for _ in range(count):
            if self.crowded:
                sweep(*passed, 0, 0, 1, 0, 1, *part)
            for c in range(colours):
                sweep(*passed, c, c + 1, 1, 1, 0, *part)
