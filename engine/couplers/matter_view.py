"""Matter of a running simulation as numpy, in and out, and what is measured on it.

Arrays are (num_envs, n, ...) in the order in which the particles were made; particles that left the domain are NaN.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.couplers import matter_state as state
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
    """One matter: `position` [m], `velocity` [m/s], `stress` [Pa], `density` [kg/m^3] (these may be set), `strain`, `pressure`
    [Pa], `mass` [kg], and sums over it.
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
        self._continuum.particles.write(self._range.start, field, self._full(values, (3,), what))

    def _full(self, values: Any, tail: tuple[int, ...], what: str) -> Array:
        """Values as (num_envs, n, *tail)."""
        shape = (self._continuum.envs, self._range.stop - self._range.start, *tail)
        try:
            return np.broadcast_to(np.asarray(values, np.float32), shape)
        except ValueError as error:
            raise StateError(
                f"sim.matter({self.name!r}).{what}", f"shape {np.shape(values)}", f"needs {shape}", "give a row per particle"
            ) from error

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
        return state.volume_ratio(self._law, self.strain, self._scalar)

    @property
    def _law(self) -> int:
        return self._continuum.mold.parts[self._part].material.law

    @property
    def _scalar(self) -> np.ndarray:
        """(num_envs, n): the scalar of the law."""
        return self._continuum.particles.ordered()[1][:, self._range, col.SCALAR].astype(float)

    @property
    def _constants(self) -> np.ndarray:
        """(num_envs, 1, MATERIAL_REALS)."""
        return self._continuum.mold.start.constants[:, None, self._part]

    @property
    def density(self) -> np.ndarray:
        """(num_envs, n) [kg/m^3] of each particle; setting it keeps the shape of the strain."""
        return self._constants[..., col.DENSITY] / self.volume_ratio

    @density.setter
    def density(self, values: Any) -> None:
        full = self._full(values, (), "density")
        if not (full > 0).all():
            raise StateError(f"sim.matter({self.name!r}).density", f"{full.min():g} kg/m^3", "allowed: above 0", "correct it")
        ratio = self._constants[..., col.DENSITY] / full.astype(float)
        self._write_state(*state.state_of_ratio(self._law, self.strain, self._scalar, ratio))

    @property
    def strain(self) -> np.ndarray:
        """(num_envs, n, 3, 3): elastic left Cauchy-Green tensor less identity, in W (twice the strain where that is small)."""
        _, strains, _ = self._continuum.particles.ordered()
        xx, yy, zz, xy, xz, yz = np.moveaxis(strains[:, self._range, :6].astype(float), -1, 0)
        return np.stack([xx, xy, xz, xy, yy, yz, xz, yz, zz], -1).reshape(*xx.shape, 3, 3)

    @property
    def stress(self) -> np.ndarray:
        """(num_envs, n, 3, 3) [Pa]: Cauchy stress in W without its viscous part; tension is positive. May be set; liquids take
        its pressure alone.
        """
        return state.cauchy_stress(self._law, self._constants, self.strain, self._scalar)

    @stress.setter
    def stress(self, values: Any) -> None:
        full = self._full(values, (3, 3), "stress").astype(float)
        if not np.isfinite(full).all():
            raise StateError(f"sim.matter({self.name!r}).stress", "it has NaN", "allowed: numbers in Pa", "correct it")
        self._write_state(*state.state_of_stress(self._law, self._constants, full, self._scalar))

    def _write_state(self, strain: np.ndarray, scalar: np.ndarray) -> None:
        xx, xy, xz, _, yy, yz, _, _, zz = np.moveaxis(strain.reshape(*strain.shape[:2], 9), -1, 0)
        self._continuum.particles.write_state(self._range.start, np.stack([xx, yy, zz, xy, xz, yz, scalar], axis=-1))

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
