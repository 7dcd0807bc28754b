"""`sim.deformable(name)`: state of one cloth, rope or elastic solid as numpy, in and out, and what holds it."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.continua import Bodies
from engine.couplers.deformable import DeformableBodies
from engine.errors import StateError
from engine.scene.soft_materials import Elastic
from engine.solvers.deformable import layout as col

Array = NDArray[np.float64]


class DeformableView:
    """One deformable in all environments. position [m], velocity [m/s]: (num_envs, n, 3) in W, read and written; faces (m, 3)
    of its surface, cells (k, 4) tetrahedra, mass (num_envs, n) [kg].
    """

    def __init__(self, continuum: DeformableBodies, name: str, bodies: Callable[[], Bodies]):
        self._continuum, self._span, self._bodies = continuum, continuum.index(name), bodies
        self._number = continuum.names.index(name)
        self.name = name
        mesh = continuum.meshes[self._number]
        self.faces, self.cells = mesh.faces.copy(), mesh.cells.copy()

    @property
    def mass(self) -> Array:
        """Mass of every vertex, (num_envs, n) [kg]."""
        return self._continuum.solver.masses()[:, self._span]

    @property
    def position(self) -> Array:
        """Vertices in W, (num_envs, n, 3) [m]."""
        return self._continuum.solver.rows(col.X, 3)[:, self._span]

    @position.setter
    def position(self, values: Array) -> None:
        self._write(col.X, values, "position")

    @property
    def velocity(self) -> Array:
        """Velocities in W, (num_envs, n, 3) [m/s]."""
        return self._continuum.solver.rows(col.V, 3)[:, self._span]

    @velocity.setter
    def velocity(self, values: Array) -> None:
        self._write(col.V, values, "velocity")

    @property
    def stress(self) -> Array:
        """Cauchy stress of every tetrahedron in W, (num_envs, k, 3, 3) [Pa], without its viscous part. Raises StateError for
        cloth and ropes.
        """
        if not len(self.cells):
            raise StateError(
                f"Simulation.deformable({self.name!r}).stress",
                "it has no tetrahedra",
                "allowed: elastic solids",
                "read position",
            )
        rest = self._continuum.meshes[self._number].points[self.cells]
        inverse = np.linalg.inv(np.swapaxes(rest[:, 1:] - rest[:, :1], -1, -2))
        now = self.position[:, self.cells]
        F = np.swapaxes(now[:, :, 1:] - now[:, :, :1], -1, -2) @ inverse
        each = [scene.deformables[self._number].material for scene in self._continuum.scenes]
        return np.stack([cauchy(f, m) for f, m in zip(F, each, strict=True) if isinstance(m, Elastic)])

    @property
    def von_mises(self) -> Array:
        """Von Mises stress of every tetrahedron, (num_envs, k) [Pa]."""
        s = self.stress
        s = s - np.trace(s, axis1=-2, axis2=-1)[..., None, None] / 3 * np.eye(3)
        return np.sqrt(1.5 * (s * s).sum((-1, -2)))

    @property
    def contact_force(self) -> Array:
        """Force of rigid shapes on every vertex during the last substep, (num_envs, n, 3) [N]."""
        solver = self._continuum.solver
        total = np.zeros((*solver.held.shape, 3))
        for c in range(col.CONTACTS):
            rows = solver.rows(col.CONTACT + c * col.CONTACT_WIDTH, col.CONTACT_WIDTH)
            total += rows[..., :3] * rows[..., col.PRESS, None] + rows[..., col.RUB : col.RUB + 3]
        return total[:, self._span]

    @property
    def twist(self) -> Array:
        """Angle of every segment of a rope against the first clamped one, (num_envs, segments) [rad], counted through whole
        turns. Raises StateError for cloth and solids.
        """
        ropes = self._continuum.ropes
        if self._number not in ropes:
            raise StateError(f"Simulation.deformable({self.name!r}).twist", "it is no rope", "allowed: ropes", "read position")
        return self._continuum.twist.profile(self._number, ropes)

    def attach(self, vertices: Sequence[int], body: str | int | None = None, envs: Sequence[int] | None = None) -> None:
        """Hold vertices at their present place in the frame of `body` (default: the world). Raises StateError."""
        number = 0
        if isinstance(body, str):
            names = self._continuum.body_names
            if body not in names:
                raise StateError("deformable.attach", f"unknown body {body!r}", f"known: {names[:12]}", "correct the name")
            number = names.index(body)
        elif body is not None:
            number = int(body)
        self._continuum.attach(self._vertices(vertices), number, self._envs(envs), self._bodies())

    def detach(self, vertices: Sequence[int] | None = None, envs: Sequence[int] | None = None) -> None:
        """Let vertices go, by default all of them."""
        count = self._span.stop - self._span.start
        self._continuum.detach(self._vertices(range(count) if vertices is None else vertices), self._envs(envs))

    def _vertices(self, vertices: Sequence[int]) -> NDArray[np.int64]:
        chosen = np.asarray(list(vertices), int)
        count = self._span.stop - self._span.start
        if not len(chosen) or chosen.min() < 0 or chosen.max() >= count:
            raise StateError(
                f"deformable {self.name!r}", f"vertices {chosen[:6].tolist()}", f"allowed: 0 to {count - 1}", "correct them"
            )
        return chosen + self._span.start

    def _envs(self, envs: Sequence[int] | None) -> NDArray[np.int64]:
        return np.arange(self._continuum.num_envs) if envs is None else np.asarray(envs, int)

    def _write(self, row: int, values: Array, what: str) -> None:
        solver = self._continuum.solver
        wanted = (solver.num_envs, self._span.stop - self._span.start, 3)
        given = np.asarray(values, float)
        if given.shape != wanted or not np.isfinite(given).all():
            raise StateError(
                f"deformable {self.name!r}.{what}", f"shape {given.shape} or not finite", f"needs finite {wanted}", "correct it"
            )
        points, velocity = solver.rows(col.X, 3), solver.rows(col.V, 3)
        (points if row == col.X else velocity)[:, self._span] = given
        solver.place(points, velocity)


def cauchy(F: Array, material: Elastic) -> Array:
    """Cauchy stress (k, 3, 3) [Pa] of deformation gradients in the law of a material."""
    young, poisson = float(material.youngs_modulus or 0), float(material.poisson_ratio or 0)
    mu, lam = young / (2 * (1 + poisson)), young * poisson / ((1 + poisson) * (1 - 2 * poisson))
    J = np.linalg.det(F)[..., None, None]
    if material.law == "st_venant_kirchhoff":
        strain = (np.swapaxes(F, -1, -2) @ F - np.eye(3)) / 2
        S = lam * np.trace(strain, axis1=-2, axis2=-1)[..., None, None] * np.eye(3) + 2 * mu * strain
        return F @ S @ np.swapaxes(F, -1, -2) / J
    return (mu * F @ np.swapaxes(F, -1, -2) / J) + ((lam + mu) * (J - 1) - mu) * np.eye(3)
