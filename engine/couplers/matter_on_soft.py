"""Particles that lie on cloth and on the skin of elastic solids: forces that keep them off, exactly equal on both sides.

Every particle within its radius (half its spacing, and the radius of what it touches) of the nearest triangle is pushed off
along the line to its nearest point: a spring that gives the particle `SPRING` of its mass / dt^2 and a damper, seen from where
both will be at the end of the substep, and dry friction on the slip. The deformable meets these forces implicitly, as the
tie of a vertex (its Hessian is lumped, so that it is bound along the skin too, by at most the mass of the particles that touch
it), the particle explicitly: it gets what the ties truly bore, and momentum adds up to rounding. Staggered, once per rigid
substep (penalty contact of particles and triangles; Guo et al. 2018 meet thin shells through the grid instead).

Limits: a particle that moves farther than its radius within a substep may pass; sinks in by about n g dt^2 / SPRING under n
layers; one triangle per particle; ropes have no skin. Particles on the two sides of one cloth still feel each other through
their grid when they are within a cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from engine.couplers.deformable import DeformableBodies
from engine.couplers.matter import MatterContinuum
from engine.solvers.deformable import layout as soft
from engine.solvers.mpm import columns as col

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
SPRING, DAMPER = 1.0, 0.5  # of a particle's contact, in its mass / dt^2 and mass / dt
NEAREST = 8  # triangles looked at per particle


@dataclass(frozen=True)
class Pairs:
    """Contacts of one environment: particle (k,) and its mass [kg], vertices of its triangle (k, 3) and their weights (k, 3),
    force (k, 3) [N] on the particle as predicted, stiffness (k,) [N/m].
    """

    particle: Ints
    mass: Array
    vertices: Ints
    weights: Array
    force: Array
    stiffness: Array


class MatterOnSoft:
    """The contacts between all particles and all skins of a simulation."""

    def __init__(self, matter: MatterContinuum, bodies: DeformableBodies):
        self.matter, self.bodies = matter, bodies
        first = bodies.solver.first
        faces = [mesh.faces.reshape(-1, 3) + first[k] for k, mesh in enumerate(bodies.meshes)]
        self.faces = np.concatenate(faces)
        rows = bodies.solver.parameters.host[:, soft.ENV_WIDTH :].reshape(bodies.num_envs, -1, soft.OBJECT_WIDTH)
        owner = np.repeat(np.arange(len(faces)), [len(f) for f in faces])
        self.radius, self.friction = rows[:, owner, soft.RADIUS].astype(float), rows[:, owner, soft.RUBBING].astype(float)
        rough = np.ones(matter.particles.number)
        for part in matter.mold.parts:
            rough[part.range] = part.material.law != col.LIQUID
        self.rough = rough
        self._found: list[Pairs] = []

    def press(self, duration: float) -> None:
        """Find the contacts and tie the vertices to what they will meet; `duration` [s] of the substep of the particles."""
        solver = self.bodies.solver
        vectors, _, alive = self.matter.particles.ordered()
        x, v = solver.rows(soft.X, 3), solver.rows(soft.V, 3)
        self._found = []
        target, pull, stiff = x + v * duration, np.zeros_like(x), np.zeros(x.shape[:2])
        for e in range(self.bodies.num_envs):
            pairs = self._pairs(e, vectors[e].astype(float), alive[e], x[e], v[e], duration)
            self._found.append(pairs)
            np.add.at(pull[e], pairs.vertices, pairs.weights[..., None] * pairs.force[:, None])  # minus what the vertex gets
            np.add.at(stiff[e], pairs.vertices, pairs.weights * pairs.stiffness[:, None])
        env, vertex = np.nonzero((stiff > 0) & (solver.held == 0))
        solver.tie(env, vertex, target[env, vertex], stiff[env, vertex], pull[env, vertex])
        self._tied = env, vertex, pull, stiff

    def settle(self, duration: float) -> tuple[Ints, Ints, Array]:
        """Hand the forces on to the particles; returns the contacts of held vertices: env, vertex, force (k, 3) on it."""
        solver = self.bodies.solver
        env, vertex, pull, stiff = self._tied
        rest = np.zeros_like(pull)
        rest[env, vertex] = solver.holder_force(env, vertex) + pull[env, vertex]
        solver.untie(env, vertex)
        change = np.zeros((self.bodies.num_envs, self.matter.particles.number, 3))
        held: list[tuple[Ints, Ints, Array]] = []
        for e, pairs in enumerate(self._found):
            share = pairs.weights * pairs.stiffness[:, None] / np.maximum(stiff[e, pairs.vertices], 1e-300)
            on_soft = share[..., None] * rest[e, pairs.vertices] - pairs.weights[..., None] * pairs.force[:, None]
            change[e, pairs.particle] = -duration * on_soft.sum(1) / pairs.mass[:, None]
            row, corner = np.nonzero(solver.held[e, pairs.vertices] > 0)
            held.append((np.full(len(row), e), pairs.vertices[row, corner], on_soft[row, corner]))
        if any(len(pairs.particle) for pairs in self._found):
            self.matter.particles.push(change)
        return tuple(np.concatenate([h[k] for h in held]) for k in range(3))  # type: ignore[return-value]

    def _pairs(self, e: int, vectors: Array, alive: NDArray, x: Array, v: Array, dt: float) -> Pairs:
        """The contacts that press in environment e."""
        place, mass = vectors[:, col.POSITION, :3], vectors[:, col.POSITION, 3]
        corners = x[self.faces]
        centre = corners.mean(1)
        wide = float(np.linalg.norm(corners - centre[:, None], axis=2).max())
        reach = 0.5 * np.cbrt(np.maximum(vectors[:, col.VELOCITY, 3], 0.0))
        far = wide + float(reach.max(initial=0.0)) + float(self.radius[e].max(initial=0.0))
        finite = np.flatnonzero(alive & np.isfinite(place).all(1)) if np.isfinite(centre).all() else np.zeros(0, int)
        some = min(NEAREST, len(self.faces))
        near = cKDTree(centre if len(finite) else np.zeros((1, 3)), balanced_tree=False)
        _, found = near.query(place[finite], k=[*range(1, some + 1)], distance_upper_bound=far)
        row, column = np.nonzero(found < len(self.faces))
        particle, face = finite[row], found[row, column]
        weights = nearest(place[particle], corners[face])
        away = place[particle] - (weights[..., None] * corners[face]).sum(1)
        order = np.lexsort((face, (away * away).sum(1), particle))
        kept = order[np.unique(particle[order], return_index=True)[1]]
        particle, face, weights, away = particle[kept], face[kept], weights[kept], away[kept]
        vertices = self.faces[face]
        gap = np.linalg.norm(away, axis=1)
        normal = away / np.maximum(gap, 1e-12)[:, None]
        slip = vectors[particle, col.VELOCITY, :3] - (weights[..., None] * v[vertices]).sum(1)
        opening = (slip * normal).sum(1)
        slip = slip - opening[:, None] * normal
        m = mass[particle]
        depth = reach[particle] + self.radius[e, face] - gap
        # the particle stands where it ends the substep, the deformable where it begins: it comes nearer by its own speed
        own = ((weights[..., None] * v[vertices]).sum(1) * normal).sum(1) * dt
        size = SPRING * m / dt**2 * (depth + own) - DAMPER * m / dt * opening
        speed = np.linalg.norm(slip, axis=1)
        rub = np.minimum(self.friction[e, face] * self.rough[particle] * size, DAMPER * m / dt * speed)
        force = size[:, None] * normal - (rub / np.maximum(speed, 1e-12))[:, None] * slip
        on = size > 0.0
        stiffness = (SPRING + DAMPER) * m / dt**2
        return Pairs(particle[on], m[on], vertices[on], weights[on], force[on], stiffness[on])


def nearest(points: Array, corners: Array) -> Array:
    """Weights (k, 3) of the corners (k, 3, 3) of triangles at their nearest points to `points` (k, 3): inside by the normal
    equations, else on the nearest of the three edges.
    """
    a, ab, ac = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    ap = points - a
    d00, d01, d11 = (ab * ab).sum(1), (ab * ac).sum(1), (ac * ac).sum(1)
    d20, d21 = (ap * ab).sum(1), (ap * ac).sum(1)
    area = np.maximum(d00 * d11 - d01 * d01, 1e-300)
    s, t = (d11 * d20 - d01 * d21) / area, (d00 * d21 - d01 * d20) / area
    weights = np.stack([1 - s - t, s, t], axis=1)
    best = np.full(len(points), np.inf)
    outside = np.zeros_like(weights)
    for i, j in ((0, 1), (1, 2), (2, 0)):
        edge = corners[:, j] - corners[:, i]
        way = points - corners[:, i]
        along = np.clip((way * edge).sum(1) / np.maximum((edge * edge).sum(1), 1e-300), 0.0, 1.0)
        away = ((way - along[:, None] * edge) ** 2).sum(1)
        here = away < best
        best = np.where(here, away, best)
        candidate = np.zeros_like(weights)
        candidate[:, i], candidate[:, j] = 1 - along, along
        outside = np.where(here[:, None], candidate, outside)
    inside = np.all(weights >= 0, axis=1)
    return np.where(inside[:, None], weights, outside)


def join(continua: Sequence[object]) -> None:
    """Let every matter meet every deformable with a skin."""
    matters = [c for c in continua if isinstance(c, MatterContinuum)]
    for bodies in (c for c in continua if isinstance(c, DeformableBodies)):
        if matters and any(len(mesh.faces) for mesh in bodies.meshes):
            bodies.burden = MatterOnSoft(matters[0], bodies)
