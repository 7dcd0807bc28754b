"""Matter of a running simulation as numpy, in and out, and what is measured on it.

Arrays are (num_envs, n, ...) in the order in which the particles were made; particles that left the domain are NaN.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.couplers.matter import MatterContinuum
from engine.errors import StateError, near_matches
from engine.geometry import rotation as rot
from engine.scene.builder import Scene
from engine.scene.description import Shape
from engine.scene.matter import checked_region
from engine.scene.matter_fill import hollow_of, shape_distance
from engine.solvers.mpm import columns as col

Array = NDArray[np.float32]


class MatterView:
    """One matter: `position` [m], `velocity` [m/s] (both may be set), `stress` [Pa], `strain`, `pressure` [Pa], `density`
    [kg/m^3], `mass` [kg], and sums over it.
    """

    def __init__(self, continuum: MatterContinuum, part: int, scene: Scene, bodies: Any):
        self._continuum, self._part, self._scene, self._bodies = continuum, part, scene, bodies
        self._range = continuum.mold.parts[part].range
        self.name = continuum.mold.parts[part].name

    def _column(self, field: int, width: slice | int) -> Array:
        vectors, _, alive = self._continuum.particles.ordered()
        values = vectors[:, self._range, field, width]
        mask = alive[:, self._range]
        return np.where(mask if values.ndim == 2 else mask[..., None], values, np.float32(np.nan))

    @property
    def position(self) -> Array:
        """(num_envs, n, 3) [m] in W."""
        return self._column(col.POSITION, slice(0, 3))

    @position.setter
    def position(self, values: Any) -> None:
        self._write(col.POSITION, values, "position")

    @property
    def velocity(self) -> Array:
        """(num_envs, n, 3) [m/s] in W."""
        return self._column(col.VELOCITY, slice(0, 3))

    @velocity.setter
    def velocity(self, values: Any) -> None:
        self._write(col.VELOCITY, values, "velocity")

    def _write(self, field: int, values: Any, what: str) -> None:
        shape = (self._continuum.envs, self._range.stop - self._range.start, 3)
        try:
            full = np.broadcast_to(np.asarray(values, np.float32), shape)
        except ValueError as error:
            raise StateError(
                f"sim.matter({self.name!r}).{what}", f"shape {np.shape(values)}", f"needs {shape}", "give a row per particle"
            ) from error
        self._continuum.particles.write(self._range.start, field, full)

    @property
    def mass(self) -> Array:
        """(num_envs, n) [kg]; NaN for particles that are gone."""
        return self._column(col.POSITION, 3)

    @property
    def rest_volume(self) -> Array:
        """(num_envs, n) [m^3] at rest density; NaN for particles that are gone."""
        return self._column(col.VELOCITY, 3)

    @property
    def lost_volume(self) -> np.ndarray:
        """(num_envs,) [m^3], at rest density, of this matter that has left the domain."""
        start, (_, _, alive) = self._continuum.mold.start, self._continuum.particles.ordered()
        gone = (start.material[:, self._range] >= 0) & ~alive[:, self._range]
        return np.where(gone, start.volume[:, self._range], 0.0).sum(axis=1)

    @property
    def total_mass(self) -> np.ndarray:
        """(num_envs,) [kg] that is still there."""
        return np.nansum(self.mass.astype(float), axis=1)

    @property
    def lost_mass(self) -> np.ndarray:
        """(num_envs,) [kg] that left the domain since the reset, of all matter together."""
        return self._continuum.particles.ef.to_numpy()[:, col.LOST].astype(float)

    @property
    def center_of_mass(self) -> np.ndarray:
        """(num_envs, 3) [m] in W."""
        mass, place = self.mass.astype(float), self.position.astype(float)
        return np.nansum(mass[..., None] * place, axis=1) / np.nansum(mass, axis=1)[:, None]

    @property
    def volume_ratio(self) -> np.ndarray:
        """(num_envs, n): present over first volume of each particle."""
        _, strains, _ = self._continuum.particles.ordered()
        s = strains[:, self._range].astype(float)
        if self._material.law == col.LIQUID:
            return s[..., col.SCALAR]
        return np.sqrt(np.linalg.det(self.strain.astype(float) * 1.0 + np.eye(3)))

    @property
    def _material(self) -> Any:
        return self._continuum.mold.parts[self._part].material

    @property
    def density(self) -> np.ndarray:
        """(num_envs, n) [kg/m^3] of each particle."""
        return self._constant(col.DENSITY) / self.volume_ratio

    def _constant(self, column: int) -> np.ndarray:
        """A constant of the material per environment, (num_envs, 1)."""
        return self._continuum.mold.start.constants[:, self._part, column][:, None]

    @property
    def strain(self) -> np.ndarray:
        """(num_envs, n, 3, 3): elastic left Cauchy-Green tensor less identity, in W (twice the strain where that is small)."""
        _, strains, _ = self._continuum.particles.ordered()
        xx, yy, zz, xy, xz, yz = np.moveaxis(strains[:, self._range, :6].astype(float), -1, 0)
        return np.stack([xx, xy, xz, xy, yy, yz, xz, yz, zz], -1).reshape(*xx.shape, 3, 3)

    @property
    def stress(self) -> np.ndarray:
        """(num_envs, n, 3, 3) [Pa]: Cauchy stress in W without its viscous part; tension is positive."""
        j = self.volume_ratio
        eye = np.eye(3)
        if self._material.law == col.LIQUID:
            return -np.maximum(self._constant(col.BULK) / 7 * (j**-7 - 1), 0.0)[..., None, None] * eye
        lame, shear = (self._constant(c)[..., None] for c in (col.LAME, col.SHEAR))
        values, axes = np.linalg.eigh(self.strain + eye)
        values = np.maximum(values, 1e-6)
        log_j = np.log(j)[..., None]
        if self._material.law == col.ELASTIC:
            along = shear * (values - 1) + lame * log_j
        elif self._material.law == col.SNOW:
            root = np.sqrt(values)
            _, strains, _ = self._continuum.particles.ordered()
            harder = np.exp(np.minimum(self._constant(col.HARDENING) * (1 - strains[:, self._range, col.SCALAR]), 2.3))[
                ..., None
            ]
            along = harder * (2 * shear * (root - 1) * root + lame * ((j - 1) * j)[..., None])
        else:
            along = shear * np.log(values) + lame * log_j
        return np.einsum("...ik,...k,...jk->...ij", axes, along / j[..., None], axes)

    @property
    def pressure(self) -> np.ndarray:
        """(num_envs, n) [Pa]."""
        return -np.trace(self.stress, axis1=-2, axis2=-1) / 3

    def volume_inside(
        self, where: str | Shape, position: Any = (0.0, 0.0, 0.0), rotation: Any = (1.0, 0.0, 0.0, 0.0)
    ) -> np.ndarray:
        """(num_envs,) [m^3], at rest density, of what is in the hollow of a body (by name, as it now stands) or inside a
        shape at a pose in W.
        """
        return (self._inside(where, position, rotation) * np.nan_to_num(self._column(col.VELOCITY, 3).astype(float))).sum(
            axis=1
        )

    def spilled_volume(self, body: str) -> np.ndarray:
        """(num_envs,) [m^3], at rest density, of what is not in the hollow of a body, or has left the domain."""
        vectors, _, _ = self._continuum.particles.ordered()
        return vectors[:, self._range, col.VELOCITY, 3].astype(float).sum(axis=1) - self.volume_inside(body)

    def _inside(self, where: str | Shape, position: Any, rotation: Any) -> np.ndarray:
        place = self.position.astype(float)
        if not isinstance(where, str):
            region = checked_region(f"sim.matter({self.name!r}).volume_inside", where)
            local = rot.rotate(rot.conjugate(np.asarray(rotation, float)), place - np.asarray(position, float))
            flat = np.nan_to_num(local, nan=1e9).reshape(-1, 3)
            return (shape_distance(region, flat) < 0).reshape(place.shape[:2])
        index = self._scene.find(f"sim.matter({self.name!r}).volume_inside", "body", where)
        origin, turn = self._bodies()
        local = rot.rotate(rot.conjugate(turn[:, None, index]), place - origin[:, None, index])
        hollow = hollow_of(self._scene, index, self._continuum.mold.start.cell / 2)
        return np.stack([hollow(np.nan_to_num(points, nan=1e9)) for points in local])


def view(sim: Any, name: str) -> MatterView:
    """The matter of a simulation by name; raises StateError."""
    for continuum in sim._coupling.continua:
        parts = continuum.mold.parts if isinstance(continuum, MatterContinuum) else ()
        known = [part.name for part in parts]
        if name in known:
            return MatterView(continuum, known.index(name), sim.scene(0), lambda: _body_poses(sim))
    known = [m.name for m in sim.scene(0).matter]
    raise StateError(
        "Simulation.matter(name)", f"unknown matter {name!r}", near_matches(name, known), "add it with scene.add_matter"
    )


def _body_poses(sim: Any) -> tuple[np.ndarray, np.ndarray]:
    return sim.read("body_position_W"), sim.read("body_rotation_W")
