"""Particles: the device tables of all matter of a simulation, and running them.

Every environment has a row of particles of its own (the longest decides) and blocks of its own, which grow when it needs more.
Limits: f32 on a CPU; positions in W, so worlds of some ten metres.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.compiler import ti
from engine.runtime import Runtime
from engine.solvers.mpm import columns as col
from engine.solvers.mpm import step
from engine.solvers.mpm.grid import TILE, V4, V16

Array = NDArray[np.float32]
MANY = 20_000  # particles of an environment that are worth a launch per substep


@dataclass(frozen=True)
class Start:
    """What the solver starts from: position (E, n, 3), velocity (E, n, 3), mass (E, n), volume (E, n), material (n or E, n)
    i32, -1 for no particle; constants (E, m, MATERIAL_REALS); gravity (E, 3); wave (E,) fastest waves [m/s]; cell [m]; low
    and high (3,) corners of the domain [m]; periodic: axes along which it repeats, one block or an even number of blocks.
    """

    position: np.ndarray
    velocity: np.ndarray
    mass: np.ndarray
    volume: np.ndarray
    material: np.ndarray
    constants: np.ndarray
    gravity: np.ndarray
    wave: np.ndarray
    cell: float
    low: np.ndarray
    high: np.ndarray
    periodic: tuple[bool, bool, bool] = (False, False, False)


@dataclass(frozen=True)
class Walls:
    """Rigid shapes and bodies as tables: shape (E, S, SHAPE_REALS), body (E, B, BODY_REALS), values (n,)."""

    shape: np.ndarray
    body: np.ndarray
    values: np.ndarray


class Particles:
    """All environments; see `columns` for the tables."""

    def __init__(self, start: Start, walls: Walls, runtime: Runtime, courant: float):
        self.start, self.workers, self.courant = start, runtime.workers, courant
        self.envs, self.number = start.position.shape[:2]
        self.shared = self.envs < self.workers and self.number >= MANY  # all threads in one environment
        self.room = -(-max(self.number, 1) // 16) * 16
        rows = 2 * self.envs * self.room
        block = 4 * start.cell
        origin = np.where(start.periodic, start.low, np.floor(start.low / block) * block)
        self.low = origin - col.PADDING * block
        number = np.ceil((start.high - origin) / block - 1e-6).astype(int)
        self.extent = number + 2 * col.PADDING
        self.pv, self.ps = ti.ndarray(V4, rows * col.FIELDS), ti.ndarray(V16, (rows // 16, col.STRAINS))
        self.pt = ti.ndarray(V16, (rows // 16, 6))
        self.pi = ti.ndarray(ti.i32, (rows, col.PARTICLE_INTS))
        self.mp = ti.ndarray(ti.i32, self.envs * int(np.prod(self.extent)))
        self.en = ti.ndarray(ti.i32, col.DOMAIN_INTS)
        self.en.from_numpy(np.concatenate([self.extent, np.where(start.periodic, number, 0)]).astype(np.int32))
        self.ei, self.ef = ti.ndarray(ti.i32, (self.envs, col.ENV_INTS)), ti.ndarray(ti.f32, (self.envs, col.ENV_REALS))
        self.mt = self._real(start.constants.reshape(-1, col.MATERIAL_REALS))
        self.sh, self.bo = (
            self._real(walls.shape.reshape(-1, col.SHAPE_REALS)),
            self._real(walls.body.reshape(-1, col.BODY_REALS)),
        )
        self.sv = self._real(walls.values if len(walls.values) else np.zeros(1))
        self.sc = ti.ndarray(ti.f32, (max(1, self.workers), 16))
        self.tl = ti.ndarray(V4, 2 * max(1, self.workers) * TILE)  # to scatter, to gather
        self.tl.fill(0.0)
        self.co = ti.ndarray(V4, self.envs * self.room * col.MAX_CONTACTS * col.CONTACT_FIELDS)
        self._make_blocks(max(64, self.room // 16))
        self.reset(np.arange(self.envs))

    @staticmethod
    def _real(values: np.ndarray):
        array = ti.ndarray(ti.f32, values.shape)
        array.from_numpy(np.ascontiguousarray(values, np.float32))
        return array

    def _make_blocks(self, room: int) -> None:
        self.blocks = room
        count = self.envs * room
        self.gr, self.bi = ti.ndarray(V4, count * 64), ti.ndarray(ti.i32, (count, col.BLOCK_INTS))
        self.bf = ti.ndarray(ti.f32, count * col.MAX_NEAR * col.ENTRY)
        self.hi, self.cl = ti.ndarray(ti.i32, count * 64), ti.ndarray(ti.i32, count)
        self.mp.fill(-1)
        ints = self.ei.to_numpy()
        ints[:, col.BLOCKS] = ints[:, col.FULL_BLOCKS] = 0
        self.ei.from_numpy(ints)

    # ---- state ---------------------------------------------------------------------------------------------------------------

    def reset(self, envs: np.ndarray) -> None:
        """Particles of these environments back to the start."""
        s = self.start
        ints, reals = self.ei.to_numpy(), self.ef.to_numpy()
        for e in envs:
            present = np.nonzero(s.material[e] >= 0)[0]
            ints[e, col.COUNT], ints[e, col.HALF], ints[e, col.FAULT], ints[e, col.DROPPED] = len(present), 0, 0, 0
            ints[e, col.NEEDED] = 0
            reals[e, col.GRAVITY : col.GRAVITY + 3], reals[e, col.LOW : col.LOW + 3] = s.gravity[e], self.low
            reals[e, col.DX], reals[e, col.INV_DX], reals[e, col.LOST] = s.cell, 1 / s.cell, 0.0
            reals[e, col.WAVE], reals[e, col.COURANT], reals[e, col.LAST] = s.wave[e], self.courant, 0.0
        self.ei.from_numpy(ints)
        self.ef.from_numpy(reals)
        rows, lanes, whole = self._tables()
        for e in envs:
            self._fill(e, rows, lanes, whole)
        self._upload(rows, lanes, whole)

    def _fill(self, e: int, rows: Array, lanes: Array, whole: np.ndarray) -> None:
        s, present = self.start, np.nonzero(self.start.material[e] >= 0)[0]
        present = present[np.lexsort(s.position[e, present].astype(np.float32).T)]
        order = np.concatenate([present, np.setdiff1d(np.arange(self.number), present)])
        n = len(order)
        rows[0, e], lanes[0, e], whole[0, e] = 0.0, 0.0, 0
        rows[0, e, :n, 0, :3], rows[0, e, :n, 0, 3] = s.position[e, order], s.mass[e, order]
        rows[0, e, :n, 1, :3], rows[0, e, :n, 1, 3] = s.velocity[e, order], s.volume[e, order]
        whole[0, e, :, col.ORIGINAL] = np.arange(self.room)
        whole[0, e, :n, col.ORIGINAL], whole[0, e, :n, col.MATERIAL] = order, np.maximum(s.material[e, order], 0)
        law = s.constants[e, whole[0, e, :, col.MATERIAL], col.LAW]
        lanes[0, e, :, col.SCALAR, :] = np.isin(law, (col.LIQUID, col.SNOW, col.PASTE)).astype(np.float32).reshape(-1, 16)

    def _tables(self) -> tuple[Array, Array, np.ndarray]:
        """pv (2, E, room, FIELDS, 4), ps (2, E, room / 16, STRAINS, 16), pi (2, E, room, PARTICLE_INTS)."""
        shape = (2, self.envs, self.room)
        return (
            self.pv.to_numpy().reshape(*shape, col.FIELDS, 4),
            self.ps.to_numpy().reshape(2, self.envs, self.room // 16, col.STRAINS, 16),
            self.pi.to_numpy().reshape(*shape, col.PARTICLE_INTS),
        )

    def _upload(self, rows: Array, lanes: Array, whole: np.ndarray) -> None:
        self.pv.from_numpy(np.ascontiguousarray(rows.reshape(-1, 4)))
        self.ps.from_numpy(np.ascontiguousarray(lanes.reshape(-1, col.STRAINS, 16)))
        self.pi.from_numpy(np.ascontiguousarray(whole.reshape(-1, col.PARTICLE_INTS)))

    def snapshot(self) -> np.ndarray:
        """Rows (E, n) f32: particles in the order of memory, counters and what is lost."""
        rows, lanes, whole = self._tables()
        ints, reals = self.ei.to_numpy(), self.ef.to_numpy()
        e = np.arange(self.envs)
        half = ints[:, col.HALF]
        parts = [rows[half, e].reshape(self.envs, -1), lanes[half, e].reshape(self.envs, -1)]
        parts += [whole[half, e][:, :, : col.ORIGINAL + 1].reshape(self.envs, -1)]
        parts += [ints[:, [col.COUNT, col.FAULT, col.SUBSTEPS]], reals[:, [col.LOST, col.LAST]]]
        return np.concatenate([part.astype(np.float32) for part in parts], axis=1)

    def restore(self, stored: np.ndarray) -> None:
        """Continue from the rows of `snapshot`, bit for bit."""
        rows, lanes, whole = self._tables()
        ints, reals = self.ei.to_numpy(), self.ef.to_numpy()
        start = 0

        def columns(shape: tuple[int, ...]) -> np.ndarray:
            nonlocal start
            width = int(np.prod(shape))
            part = stored[:, start : start + width].reshape(self.envs, *shape)
            start += width
            return part

        rows[0], lanes[0] = columns(rows.shape[2:]), columns(lanes.shape[2:])
        whole[0, :, :, : col.ORIGINAL + 1] = columns((self.room, col.ORIGINAL + 1))
        ints[:, [col.COUNT, col.FAULT, col.SUBSTEPS]], ints[:, col.HALF] = columns((3,)), 0
        reals[:, [col.LOST, col.LAST]] = columns((2,))
        self._upload(rows, lanes, whole)
        self.ei.from_numpy(ints)
        self.ef.from_numpy(reals)

    def ordered(self) -> tuple[Array, Array, np.ndarray]:
        """Particles in their first order: vectors (E, n, FIELDS, 4), strains (E, n, STRAINS), alive (E, n)."""
        rows, lanes, whole = self._tables()
        ints = self.ei.to_numpy()
        vectors, strains = np.zeros(rows.shape[1:], np.float32), np.zeros((self.envs, self.room, col.STRAINS), np.float32)
        alive = np.zeros((self.envs, self.room), bool)
        for e in range(self.envs):
            half, place = ints[e, col.HALF], whole[ints[e, col.HALF], e, :, col.ORIGINAL]
            vectors[e, place] = rows[half, e]
            strains[e, place] = lanes[half, e].transpose(0, 2, 1).reshape(-1, col.STRAINS)
            alive[e, place] = np.arange(self.room) < ints[e, col.COUNT]
        n = self.number
        return vectors[:, :n], strains[:, :n], alive[:, :n]

    def write(self, first: int, field: int, values: np.ndarray) -> None:
        """Replace positions or velocities (E, n, 3) of the particles from number `first` on. Particles lie in memory by where
        they are, so that sums do not depend on the order in which they are given.
        """
        rows, lanes, whole = self._tables()
        ints, reals = self.ei.to_numpy(), self.ef.to_numpy()
        for e in range(self.envs):
            half, count = ints[e, col.HALF], ints[e, col.COUNT]
            number = whole[half, e, :, col.ORIGINAL]
            mine = np.nonzero((number >= first) & (number < first + values.shape[1]))[0]
            rows[half, e, mine, field, :3] = values[e, number[mine] - first]
            if field == col.POSITION:
                order = np.lexsort(rows[half, e, :count, col.POSITION, :3].T)
                rows[half, e, :count], whole[half, e, :count] = rows[half, e, order], whole[half, e, order]
                flat = lanes[half, e].transpose(0, 2, 1).reshape(-1, col.STRAINS)
                flat[:count] = flat[order]
                lanes[half, e] = flat.reshape(-1, 16, col.STRAINS).transpose(0, 2, 1)
        if field == col.VELOCITY:
            reals[:, col.LAST] = 0.0
            self.ef.from_numpy(reals)
        self._upload(rows, lanes, whole)

    def push(self, change: np.ndarray) -> None:
        """Add to the velocities of all particles, (E, n, 3) in their first order."""
        shape = (2, self.envs, self.room)
        rows, ints = self.pv.to_numpy().reshape(*shape, col.FIELDS, 4), self.ei.to_numpy()
        whole = self.pi.to_numpy().reshape(*shape, col.PARTICLE_INTS)
        for e in range(self.envs):
            half, count = ints[e, col.HALF], ints[e, col.COUNT]
            rows[half, e, :count, col.VELOCITY, :3] += change[e, whole[half, e, :count, col.ORIGINAL]]
        self.pv.from_numpy(np.ascontiguousarray(rows.reshape(-1, 4)))

    def write_state(self, first: int, values: np.ndarray) -> None:
        """Replace strain and scalar (E, n, STRAINS) of the particles from number `first` on."""
        rows, lanes, whole = self._tables()
        ints = self.ei.to_numpy()
        for e in range(self.envs):
            number = whole[ints[e, col.HALF], e, :, col.ORIGINAL]
            mine = np.nonzero((number >= first) & (number < first + values.shape[1]))[0]
            lanes[ints[e, col.HALF], e, mine >> 4, :, mine & 15] = values[e, number[mine] - first]
        self._upload(rows, lanes, whole)

    def touching(self) -> tuple[np.ndarray, np.ndarray, Array, Array]:
        """Contacts of particles in the last substep, a row each: environment and body (n,), point on the surface from the
        body's centre of mass (n, 3) [m] and mean force on the body in that substep (n, 3) [N]. Valid until something else is
        written or advanced.
        """
        ints, reals, shapes = self.ei.to_numpy(), self.ef.to_numpy(), self.sh.to_numpy()
        blocks = self.bi.to_numpy().reshape(self.envs, self.blocks, col.BLOCK_INTS)
        half, every, bodies = ints[:, col.HALF], np.arange(self.envs), self.bo.to_numpy()
        vectors, _, whole = self._tables()
        counts, places = whole[half, every][:, :, col.CONTACTS], vectors[half, every][:, :, col.POSITION, :3]
        records = self.co.to_numpy().reshape(self.envs, self.room, col.MAX_CONTACTS, col.CONTACT_FIELDS, 4)
        rows = []
        for e in range(self.envs):
            near = blocks[e, : ints[e, col.FULL_BLOCKS]]
            near = near[near[:, col.NUM_NEAR] > 0]
            size = near[:, col.END] - near[:, col.START]
            block = np.repeat(np.arange(len(near)), size)
            particle = np.arange(len(block)) + np.repeat(near[:, col.START] - (np.cumsum(size) - size), size)
            found = records[e, particle]
            met = (np.arange(col.MAX_CONTACTS) < counts[e, particle, None]) & (found[:, :, col.LOAD, 3] > -0.5)
            which, contact = np.nonzero(met & (found[:, :, col.ECHO, :3] != 0.0).any(axis=2))
            own = found[which, contact]
            shape = near[block[which], col.NEAR + own[:, col.SPOT, 3].astype(int)]
            carrier, plane = shapes[shape, col.CARRIER].astype(int), own[:, col.PLANE]
            arm = places[e, particle[which]] - plane[:, :3] * plane[:, 3:] - bodies[carrier, col.CENTRE : col.CENTRE + 3]
            body, force = carrier % (len(bodies) // self.envs), own[:, col.ECHO, :3] / reals[e, col.DT]
            rows.append((np.full(len(own), e), body, arm, force))
        env, body, arm, force = (np.concatenate([row[k] for row in rows]) for k in range(4))
        return env, body, arm, force

    # ---- time ----------------------------------------------------------------------------------------------------------------

    def advance(self, shape: np.ndarray, body: np.ndarray, duration: float) -> np.ndarray:
        """Take the substeps of `duration` [s] with the shapes and bodies of the tables; returns the body table after."""
        self.sh.from_numpy(np.ascontiguousarray(shape.reshape(-1, col.SHAPE_REALS), np.float32))
        self.bo.from_numpy(np.ascontiguousarray(body.reshape(-1, col.BODY_REALS), np.float32))
        reals = self.ef.to_numpy()
        reals[:, col.DURATION] = duration
        self.ef.from_numpy(reals)
        step.start(self.pv, self.pi, self.ei, self.ef)
        alone = not self.shared
        while True:
            arrays = (
                self.pv, self.ps, self.pt, self.pi, self.gr, self.tl, self.bi, self.bf, self.mp, self.hi, self.cl, self.en,
                self.ei, self.ef,
                self.mt, self.sh, self.sv, self.sc, self.bo, self.co,
            )  # fmt: skip
            ints = self.ei.to_numpy()
            left = int((ints[:, col.SUBSTEPS] - ints[:, col.DONE]).max(initial=0))
            if left <= 0:
                break
            for _ in range(1 if alone else left):
                (step.run_envs if alone else step.run_shared)(*arrays, self.workers)
            needed = int(self.ei.to_numpy()[:, col.NEEDED].max(initial=0))
            if needed > self.blocks:
                self._grow(needed)
        return self.bo.to_numpy().reshape(self.envs, -1, col.BODY_REALS)

    def _grow(self, needed: int) -> None:
        """More blocks; what was sorted is sorted again, which changes nothing that it computes."""
        self._make_blocks(max(needed, self.blocks * 3 // 2))
        ints = self.ei.to_numpy()
        ints[:, col.NEEDED], ints[:, col.STALE] = 0, 1
        self.ei.from_numpy(ints)
