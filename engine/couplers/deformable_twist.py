"""What clamps the twist of ropes: segments both of whose vertices one body holds, with a director in the frame of that body.

A new clamp takes the director that the rope has there (carried from the first clamp, turned by the angle of the profile), so
that taking hold changes no twist, and letting go of a clamp between two others changes no sum of theirs.
"""

import numpy as np
from numpy.typing import NDArray

from engine.continua import Bodies
from engine.geometry import rotation as rot
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.solver import VertexBlockDescent
from engine.solvers.deformable.twist import CLAMP

Array = NDArray[np.float64]


class RopeTwist:
    """The clamps of all ropes of a simulation: body (E, n) that holds the segment behind each rope vertex, -1 for none,
    director (E, n, 3) in the frame of that body; n vertices of ropes, in the order of the solver's chains.
    """

    def __init__(self, solver: VertexBlockDescent, ropes: list[int], dtype: type):
        """ropes: numbers of the deformables that are ropes."""
        self.solver = solver
        self.spans = [np.arange(solver.first[k], solver.first[k + 1]) for k in ropes]
        self.vertex = np.concatenate(self.spans) if ropes else np.zeros(0, int)
        self.start = np.concatenate([[0], np.cumsum([len(s) for s in self.spans])]).astype(int)
        self.body = np.full((solver.num_envs, len(self.vertex)), -1)
        self.director: NDArray = np.zeros((solver.num_envs, len(self.vertex), 3), dtype)
        self.changed = True

    @property
    def angle(self) -> NDArray:
        """Angle of the segment behind each rope vertex, (E, n) [rad]: the solver's own numbers."""
        return self.solver.angle.host.reshape(self.solver.num_envs, -1)[:, : len(self.vertex)]

    def forget(self, envs: NDArray) -> None:
        """No clamps and no twist in these environments."""
        self.body[envs] = -1
        self.angle[envs] = 0.0
        self.solver.angle.push()
        self.changed = True

    def aim(self, carrier: NDArray, bodies: Bodies, ahead: float) -> None:
        """Tell the solver where the directors are, `ahead` [s] of the pose of `bodies`; carrier (E, n): who holds a vertex."""
        if not len(self.vertex):
            return
        if self.changed:
            self._take_hold(carrier, bodies)
            self.changed = False
        if not self.solver.twisted:
            return
        env, n = np.nonzero(self.body >= 0)
        body = self.body[env, n]
        d = rot.rotate(bodies.rotation[env, body], self.director[env, n].astype(float))
        table = self.solver.clamp.host.reshape(self.solver.num_envs, -1, CLAMP)
        table[...] = 0.0
        table[env, n, 0], table[env, n, 1:] = 1.0, turned(d, bodies.angular_velocity[env, body] * ahead)
        self.solver.clamp.push()

    def wrench(self, wrench: Array) -> None:
        """Add the moments of the twist on the holders to the wrenches (E, B, 6)."""
        if not self.solver.twisted:
            return
        self.solver.moment.pull()
        self.solver.angle.pull()
        env, n = np.nonzero(self.body >= 0)
        moment = self.solver.moment.host.reshape(self.solver.num_envs, -1, 3)
        np.add.at(wrench[..., 3:], (env, self.body[env, n]), moment[env, n].astype(float))

    def profile(self, number: int, rope_numbers: list[int]) -> Array:
        """Angle of every segment of the deformable `number`, (E, segments) [rad]."""
        k = rope_numbers.index(number)
        return self.angle[:, self.start[k] : self.start[k + 1] - 1].astype(float)

    def _take_hold(self, carrier: NDArray, bodies: Bodies) -> None:
        """Clamps of the present holders: new ones take the directors of the rope, lost ones are forgotten."""
        held = carrier[:, self.vertex]
        wanted = np.where(held[:, :-1] == held[:, 1:], held[:, :-1], -1)
        wanted = np.concatenate([wanted, np.full((len(wanted), 1), -1)], axis=1)
        wanted[:, self.start[1:] - 1] = -1  # behind the last vertex of a rope there is no segment
        envs = np.flatnonzero((wanted != self.body).any(axis=1))
        if len(envs):
            points = self.solver.rows(col.X, 3)[envs][:, self.vertex]
            for a, b in zip(self.start[:-1], self.start[1:], strict=True):
                span = slice(int(a), int(b) - 1)
                director = self._directors(envs, span, points[:, int(a) : int(b)], bodies)
                inward = rot.conjugate(bodies.rotation[envs[:, None], np.maximum(wanted[envs, span], 0)])
                new = (wanted[envs, span] != self.body[envs, span]) & (wanted[envs, span] >= 0)
                own = self.director[envs, span]
                self.director[envs, span] = np.where(new[..., None], rot.rotate(inward, director), own)
            self.body[envs] = wanted[envs]
        clamps = [(self.body[:, a:b] >= 0).sum(axis=1).max() for a, b in zip(self.start[:-1], self.start[1:], strict=True)]
        self.solver.twisted = bool(max(clamps) >= 2)
        if not self.solver.twisted:
            self.angle[...] = 0.0
            self.solver.angle.push()

    def _directors(self, envs: NDArray, span: slice, points: Array, bodies: Bodies) -> Array:
        """Directors (e, segments, 3) in W that the segments have now."""
        t = np.diff(points, axis=1)
        t /= np.maximum(np.linalg.norm(t, axis=2, keepdims=True), 1e-9)
        u = np.cross(t[:, 0], np.eye(3)[np.abs(t[:, 0]).argmin(axis=1)])
        carried = [u / np.linalg.norm(u, axis=1, keepdims=True)]
        for r in range(1, t.shape[1]):
            u, a, b = carried[-1], t[:, r - 1], t[:, r]
            w = (u * b).sum(1) / np.maximum(1 + (a * b).sum(1), 1e-6)
            carried.append(u - w[:, None] * (a + b))
        frame = np.stack(carried, axis=1)
        angle = self.angle[envs, span].astype(float)
        body, rows = self.body[envs, span], np.arange(len(envs))
        some, first = (body >= 0).any(axis=1), (body >= 0).argmax(axis=1)
        known = self.director[envs, span][rows, first].astype(float)
        d = rot.rotate(bodies.rotation[envs, np.maximum(body[rows, first], 0)], known)
        u, t0 = frame[rows, first], t[rows, first]
        phase = np.arctan2((t0 * np.cross(u, d)).sum(1), (u * d).sum(1)) - angle[rows, first]
        whole = np.where(some, phase, 0.0)[:, None] + angle
        return frame * np.cos(whole)[..., None] + np.cross(t, frame) * np.sin(whole)[..., None]


def turned(d: Array, spin: Array) -> Array:
    """Vectors (k, 3) turned by the rotation vectors `spin` [rad]."""
    size = np.linalg.norm(spin, axis=-1, keepdims=True)
    axis = spin / np.maximum(size, 1e-12)
    along = axis * (axis * d).sum(-1, keepdims=True)
    return along + (d - along) * np.cos(size) + np.cross(axis, d) * np.sin(size)
