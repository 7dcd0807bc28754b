"""Matter beside the rigid bodies: makes the particles of the scenes, shows them the bodies, and keeps what they did to them.

Bodies that forces can move answer with their own inertia (a free body) or with the mean inertia that the rigid solver states
for a link of a tree. What else pushes a body within a substep (gravity, joints, contacts) is taken from how it moved in the
last two substeps: of both accelerations the smaller where they agree in sign, else none, so that a single knock is not
repeated.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.compiled import CompiledScene
from engine.continua import Bodies, ParticleCloud, SurfaceMesh, Touches
from engine.couplers.matter_tables import COURANT, Mold, mold
from engine.errors import BackendError
from engine.geometry import rotation as rot
from engine.runtime import Runtime
from engine.scene.builder import Scene
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.solver import Particles, Walls

Array = NDArray[np.float64]
UNKNOWN = 1e30  # stands for what is not known in a stored row, where NaN may not
SEGMENT = 1 << 15  # instance ids of matter, above those of bodies


class MatterContinuum:
    """All matter of a simulation; implements `engine.continua.Continuum`."""

    def __init__(self, made: Mold, compiled: CompiledScene, runtime: Runtime):
        self.mold, self.compiled = made, compiled
        self.envs, self.bodies = made.start.position.shape[0], compiled.sizes["num_bodies"]
        self.shape = made.shape.copy()
        self.body = np.zeros((self.envs, self.bodies, col.BODY_REALS))
        self.particles = Particles(made.start, Walls(self.shape, self.body, made.values), runtime, COURANT)
        self.push = np.zeros((2, self.envs, self.bodies, 6))  # the last two accelerations by everything else
        self.expected = np.full((self.envs, self.bodies, 9), np.nan)  # velocity, angular velocity and centre after a substep
        self._previous: list[np.ndarray | None] = [None] * len(made.parts)
        nothing = Touches(np.zeros(0, int), np.zeros(0, int), np.zeros((0, 3)), np.zeros((0, 3)))
        self._felt: tuple[Touches, Array] = (nothing, np.zeros((self.envs, self.bodies, 3)))
        self._touches: Touches | None = nothing
        self.reset(np.arange(self.envs))

    def reset(self, envs: np.ndarray) -> None:
        """Put environments `envs` into their initial state."""
        self.particles.reset(envs)
        self.push[:, envs] = 0.0
        self.expected[envs] = np.nan
        for k, cloud in enumerate(self._previous):
            if cloud is not None:
                cloud[envs] = self.positions(k)[envs]

    def advance(self, bodies: Bodies, duration: float) -> np.ndarray:
        """Advance by `duration` [s]; returns the mean wrench on every body (E, B, 6)."""
        self._observe(bodies, duration)
        self._place_shapes(bodies)
        after = self.particles.advance(self.shape, self.body, duration).astype(float)
        self.expected[..., :6] = after[..., col.TWIST : col.TWIST + 6]
        self.expected[..., 6:] = after[..., col.CENTRE : col.CENTRE + 3]
        wrench = after[..., col.TOTAL : col.TOTAL + 6] / duration
        weight = after[..., col.FOUND + 3]
        env, body = np.nonzero(weight > 0)
        point = bodies.com[env, body] + after[env, body, col.FOUND : col.FOUND + 3] / weight[env, body, None]
        self._felt, self._touches = (Touches(env, body, point, wrench[env, body, :3]), bodies.com), None
        return wrench

    def touches(self) -> Touches:
        """Where it pressed on bodies during the last `advance`: the particles that touched in its last substep, with forces
        that sum to the mean; one point for a body that none of them touched.
        """
        found = self._touches if self._touches is not None else spread_over(*self._felt, self.particles.touching())
        self._touches = found
        return found

    def mark(self) -> None:
        """The present state is the previous one of the next pictures."""
        self._previous = [self.positions(k).copy() for k in range(len(self.mold.parts))]

    def snapshot(self) -> np.ndarray:
        """The whole state as rows (E, n) of f32; restoring it continues bit for bit."""
        flat = [self.push[0], self.push[1], np.nan_to_num(self.expected, nan=UNKNOWN)]
        rows = [self.particles.snapshot(), *(part.reshape(self.envs, -1) for part in flat)]
        return np.concatenate([part.astype(np.float32) for part in rows], axis=1)

    def restore(self, rows: np.ndarray) -> None:
        """Continue from the rows of `snapshot`."""
        width = 6 * self.bodies
        ends = rows.shape[1] - np.array([21, 15, 9, 0]) * self.bodies
        self.push[0], self.push[1] = (rows[:, a : a + width].reshape(self.envs, self.bodies, 6) for a in ends[:2])
        expected = rows[:, ends[2] :].reshape(self.envs, self.bodies, 9).astype(float)
        self.expected = np.where(expected < 0.1 * UNKNOWN, expected, np.nan)
        self.particles.restore(rows[:, : ends[0]])

    def faults(self) -> np.ndarray:
        """`engine.types.Fault` bits of each environment, (E,) int. Lost particles are in `lost_mass`, not a fault."""
        return self.particles.ei.to_numpy()[:, col.FAULT] & col.NOT_FINITE

    def clouds(self) -> Sequence[ParticleCloud]:
        """What to draw as particles: one cloud per matter."""
        return [
            ParticleCloud(p.name, self.positions(k), self._previous[k], p.radius, p.color, SEGMENT + k, p.smooth)
            for k, p in enumerate(self.mold.parts)
        ]

    def surfaces(self) -> Sequence[SurfaceMesh]:
        """Nothing here is a mesh."""
        return []

    def positions(self, part: int) -> np.ndarray:
        """Positions (E, n, 3) f32 of one matter in its first order; NaN for particles that are gone."""
        vectors, _, alive = self.particles.ordered()
        chosen = self.mold.parts[part].range
        return np.where(alive[:, chosen, None], vectors[:, chosen, 0, :3], np.float32(np.nan))

    # ---- the bodies ----------------------------------------------------------------------------------------------------------

    def _observe(self, bodies: Bodies, duration: float) -> None:
        """Fill the body table from the rigid bodies and from what pushed them lately."""
        arm = bodies.com - bodies.position
        twist = np.concatenate([bodies.velocity + np.cross(bodies.angular_velocity, arm), bodies.angular_velocity], axis=-1)
        known = np.isfinite(self.expected[..., 0]) & (
            np.linalg.norm(bodies.com - self.expected[..., 6:], axis=-1) < 0.5 * self.mold.start.cell
        )
        self.push[1] = self.push[0]
        used = self.body[..., col.PUSH : col.PUSH + 6]
        free_fall = np.concatenate([self.mold.gravity, np.zeros_like(self.mold.gravity)], axis=-1)
        measured = used + (twist - np.nan_to_num(self.expected[..., :6])) / duration
        # as f32, which is what a snapshot keeps of it
        self.push[0] = np.where(known[..., None], measured, free_fall).astype(np.float32)
        self.push[1] = np.where(known[..., None], self.push[1], free_fall).astype(np.float32)
        a, b = self.push
        body = self.body
        body[...] = 0.0
        body[..., col.PUSH : col.PUSH + 6] = np.where(a * b > 0, np.sign(a) * np.minimum(np.abs(a), np.abs(b)), 0.0)
        body[..., col.TWIST : col.TWIST + 6], body[..., col.CENTRE : col.CENTRE + 3] = twist, bodies.com
        single, mass, turn = self.mold.single, *self.mold.effective
        inertia = np.where(single[..., None, None], bodies.inertia, np.eye(3) * turn[..., None, None])
        body[..., col.MASS] = np.where(single, bodies.mass, mass)
        moves = bodies.free & (body[..., col.MASS] > 0)
        inertia = np.where(moves[..., None, None], inertia, np.eye(3))
        body[..., col.BODY_INERTIA : col.BODY_INERTIA + 9] = inertia.reshape(*inertia.shape[:2], 9)
        body[..., col.INVERSE : col.INVERSE + 9] = np.linalg.inv(inertia).reshape(*inertia.shape[:2], 9)
        body[..., col.MOVES] = moves

    def _place_shapes(self, bodies: Bodies) -> None:
        """World poses of the shapes."""
        carrier, local, turn = self.mold.carrier, self.mold.local, self.mold.turn
        body_turn = bodies.rotation[:, carrier]
        self.shape[..., col.PLACE : col.PLACE + 3] = bodies.position[:, carrier] + rot.rotate(body_turn, local)
        matrix = rot.matrix(rot.multiply(body_turn, turn))
        self.shape[..., col.TURN : col.TURN + 9] = matrix.reshape(*matrix.shape[:2], 9)


def spread_over(mean: Touches, com: Array, last: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]) -> Touches:
    """The mean forces on bodies, one point each, spread over the contacts `last` (see `Particles.touching`): each keeps its own
    force, and what the mean differs by goes to all of them by their sizes.
    """
    env, body, arm, force = last
    number = env * com.shape[1] + body
    size = np.linalg.norm(force, axis=1)
    total = np.bincount(number, size, com[..., 0].size)
    lack = np.zeros((len(total), 3))
    lack[mean.env * com.shape[1] + mean.body] = mean.force
    np.subtract.at(lack, number, force)
    known = total[number] > 0
    number, size = number[known], size[known]
    point, force = com.reshape(-1, 3)[number] + arm[known], force[known] + (size / total[number])[:, None] * lack[number]
    alone = total[mean.env * com.shape[1] + mean.body] == 0
    parts = zip((mean.env, mean.body, mean.point, mean.force), (env[known], body[known], point, force), strict=True)
    return Touches(*(np.concatenate([one[alone], all_]) for one, all_ in parts))


def make_matter(scenes: Sequence[Scene], compiled: CompiledScene, runtime: Runtime, num_envs: int) -> list[MatterContinuum]:
    """The matter of the scenes, if there is any. Raises SceneError and BackendError."""
    if not any(scene.matter for scene in scenes):
        return []
    if runtime.backend != "cpu" or runtime.precision != "f32":
        raise BackendError(
            "Simulation", f"matter on backend {runtime.backend!r} in {runtime.precision}", "allowed: 'cpu' in f32",
            "call engine.init(backend='cpu', precision='f32')",
        )  # fmt: skip
    return [MatterContinuum(mold(scenes, compiled, num_envs), compiled, runtime)]
