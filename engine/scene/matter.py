"""Materials that flow, bend and break, with what the solver derives from them, and the part of Scene that fills regions.

Elastic constants are Young's modulus and Poisson's ratio; viscosities are dynamic, in Pa s. Angles in radians. Friction of
sand: matched to triaxial compression (Klar et al. 2016) or to plane strain, where the same cone acts like a larger angle,
sin(phi_ps) = 2 sqrt(3) sin(phi) / (3 - sin(phi)); both are exact for their kind of test.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

from engine.errors import SceneError
from engine.scene import check
from engine.scene.description import ORIGIN, UPRIGHT, Mesh, Quaternion, Shape, Vector
from engine.scene.material import Material, complete
from engine.types import ShapeType

WALLS = ("slip", "friction", "stick")
MATCHES = ("triaxial", "plane_strain")
REGIONS = (
    ShapeType.BOX, ShapeType.SPHERE, ShapeType.CAPSULE, ShapeType.CYLINDER, ShapeType.ELLIPSOID, ShapeType.MESH,
    ShapeType.FIELD,
)  # fmt: skip
PASTE_SHEAR = 0.3  # shear over bulk modulus of a paste
HARDEST = 10.0  # snow hardens up to this factor


@dataclass(frozen=True, kw_only=True)
class MatterMaterial:
    """What all materials share: density [kg/m^3], colour (sRGB), and how they meet rigid shapes: "slip" without friction,
    "friction" with the shape's coefficient, "stick".
    """

    density: float = 1000.0
    wall: str = "friction"
    color: Vector | None = None
    look: ClassVar[Vector] = (0.7, 0.6, 0.5)
    law: ClassVar[Any] = 0

    def wave_speed(self) -> float:
        """Speed of the fastest wave [m/s]."""
        lame, shear = self.lame()
        return math.sqrt((lame + 2 * shear) / self.density)

    def lame(self) -> tuple[float, float]:
        """Lame's constants lambda, mu [Pa]."""
        young, nu = getattr(self, "youngs_modulus", 0.0), getattr(self, "poisson_ratio", 0.0)
        return young * nu / ((1 + nu) * (1 - 2 * nu)), young / (2 * (1 + nu))


@dataclass(frozen=True, kw_only=True)
class Liquid(MatterMaterial):
    """Weakly compressible liquid: `sound_speed` [m/s] sets its stiffness (density changes by the square of flow over sound
    speed, and by g h / c^2 at depth h); viscosity [Pa s]. With a yield_stress [Pa] (Bingham) or a flow_index other than 1
    (Herschel and Bulkley) it is a paste, whose shear stress is yield_stress + viscosity rate^flow_index: it stands where the
    stress is below the yield stress. flow_index below 1 thins under shear; viscosity is then in Pa s^flow_index.
    """

    viscosity: float = 1e-3
    yield_stress: float = 0.0
    flow_index: float = 1.0
    sound_speed: float = 35.0
    wall: str = "slip"
    look: ClassVar[Vector] = (0.25, 0.5, 0.85)

    @property
    def law(self) -> int:
        """Liquid, or paste."""
        return 5 if self.yield_stress > 0 or self.flow_index != 1.0 else 0

    def lame(self) -> tuple[float, float]:
        """Of a paste: the shear modulus below the yield stress, a part of the bulk modulus."""
        return 0.0, (PASTE_SHEAR * self.density * self.sound_speed**2 if self.law else 0.0)

    def wave_speed(self) -> float:
        """The sound speed, and a little for compressed liquid."""
        return self.sound_speed * (math.sqrt(1.21 + 4 / 3 * PASTE_SHEAR) if self.law else 1.1)


@dataclass(frozen=True, kw_only=True)
class Elastic(MatterMaterial):
    """Neo-Hookean solid: youngs_modulus [Pa], poisson_ratio, viscosity [Pa s] of a parallel dashpot (Kelvin and Voigt)."""

    youngs_modulus: float = 1e5
    poisson_ratio: float = 0.3
    viscosity: float = 0.0
    look: ClassVar[Vector] = (0.85, 0.3, 0.35)
    law: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class Plastic(MatterMaterial):
    """Clay, dough, metal: elastic up to the von Mises stress `yield_stress` [Pa], which grows by `hardening` [Pa] per unit of
    plastic strain.
    """

    youngs_modulus: float = 1e6
    poisson_ratio: float = 0.3
    yield_stress: float = 1e4
    hardening: float = 0.0
    look: ClassVar[Vector] = (0.6, 0.42, 0.3)
    law: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class Sand(MatterMaterial):
    """Grains with the angle of internal friction `friction_angle` [rad] and cohesion [Pa] (Drucker and Prager); `match` says in
    which test the angle is measured.
    """

    density: float = 1600.0
    youngs_modulus: float = 1e6
    poisson_ratio: float = 0.2
    friction_angle: float = math.radians(35)
    cohesion: float = 0.0
    match: str = "triaxial"
    look: ClassVar[Vector] = (0.76, 0.65, 0.42)
    law: ClassVar[int] = 3

    def cone(self) -> float:
        """Ratio of the norm of the deviatoric stress to the mean pressure at yield."""
        sine = math.sin(self.friction_angle)
        if self.match == "plane_strain":
            sine = 3 * sine / (2 * math.sqrt(3) + sine)
        return math.sqrt(2 / 3) * 6 * sine / (3 - sine)


@dataclass(frozen=True, kw_only=True)
class Snow(MatterMaterial):
    """Snow (Stomakhin et al. 2013): stretches beyond critical_compression and critical_stretch are plastic; compacted snow gets
    stiffer by exp(hardening * loss of volume).
    """

    density: float = 400.0
    youngs_modulus: float = 1.4e5
    poisson_ratio: float = 0.2
    critical_compression: float = 2.5e-2
    critical_stretch: float = 7.5e-3
    hardening: float = 10.0
    look: ClassVar[Vector] = (0.93, 0.95, 0.98)
    law: ClassVar[int] = 4

    def wave_speed(self) -> float:
        """That of the hardest snow."""
        return super().wave_speed() * math.sqrt(HARDEST)


MATERIALS: dict[str, type[MatterMaterial]] = {cls.__name__.lower(): cls for cls in (Liquid, Elastic, Plastic, Sand, Snow)}


@dataclass(frozen=True)
class Matter:
    """Particles of one material in a region at a pose in the world.

    region: a shape to fill. With `container` instead, the hollow of that body below `level` [m] in W or up to `volume` [m^3].
    spacing [m] of the particles, half a cell when None. velocity [m/s] and angular_velocity [rad/s] about `position`, in W.
    """

    name: str
    material: MatterMaterial
    region: Shape | None = None
    position: Vector = ORIGIN
    rotation: Quaternion = UPRIGHT
    velocity: Vector = ORIGIN
    angular_velocity: Vector = ORIGIN
    spacing: float | None = None
    container: str = ""
    level: float | None = None
    volume: float | None = None


def as_particles(solid: Any) -> Elastic:
    """The elastic solid of a mesh (youngs_modulus, poisson_ratio, density, damping [s]) as one of particles."""
    young = float(solid.youngs_modulus)
    viscosity = float(getattr(solid, "damping", 0.0) or 0.0) * young / (2 * (1 + float(solid.poisson_ratio)))
    return Elastic(
        density=float(solid.density), youngs_modulus=young, poisson_ratio=float(solid.poisson_ratio), viscosity=viscosity,
        color=getattr(solid, "color", None),
    )  # fmt: skip


def checked_material(where: str, material: Any) -> MatterMaterial:
    """A material with sensible numbers, or SceneError."""
    if not isinstance(material, MatterMaterial) and hasattr(material, "youngs_modulus"):
        material = as_particles(material)
    if not isinstance(material, MatterMaterial) or type(material) is MatterMaterial:
        raise SceneError(
            where, f"{material!r} is no material", "allowed: Liquid, Elastic, Plastic, Sand, Snow", "pass one of them"
        )
    bounds = {
        "density": (1e-3, 1e5), "youngs_modulus": (1.0, 1e13), "poisson_ratio": (0.0, 0.495), "viscosity": (0.0, 1e7),
        "hardening": (0.0, 1e12), "flow_index": (0.1, 2.0),
        "yield_stress": (0.0, 1e12), "sound_speed": (0.1, 1e4), "friction_angle": (0.0, 1.5), "cohesion": (0.0, 1e9),
        "critical_compression": (0.0, 0.9), "critical_stretch": (0.0, 0.9),
    }  # fmt: skip
    for item in fields(material):
        value = getattr(material, item.name)
        if item.name in bounds:
            check.number(where, f"{item.name} of the material", value, *bounds[item.name])
    check.one_of(where, "wall", material.wall, WALLS)
    if isinstance(material, Sand):
        check.one_of(where, "match", material.match, MATCHES)
    if material.color is not None:
        check.vector(where, "color of the material", material.color, 3, 0.0, 1.0)
    return material


class Filled:
    """The regions of matter of a scene; `Scene` is the only class made from it."""

    _ids: dict[str, dict[str, int]]

    def __init__(self) -> None:
        self._matter: list[Matter] = []
        self._ids["matter"] = {}

    matter = property(lambda self: tuple(self._matter), doc="Filled regions, in the order in which they were added.")

    # fmt: off
    def add_matter(
        self, name: str, *, material: MatterMaterial, region: Shape | None = None, position: Sequence[float] = ORIGIN,
        rotation: Sequence[float] = UPRIGHT, velocity: Sequence[float] = ORIGIN, angular_velocity: Sequence[float] = ORIGIN,
        spacing: float | None = None, container: str | None = None, level: float | None = None, volume: float | None = None,
        color: Sequence[float] | None = None,
    ) -> int:
        """Fill a region with particles of a material; returns the number of the matter.

        Either `region`, a shape centred at `position` [m] and turned by `rotation` in the world, or `container`, the name of a
        body whose hollow is filled below `level` [m] or up to `volume` [m^3]. What starts inside a rigid shape is carved out.
        `scene.options.cell_size` is the cell of the grid; particles are `spacing` [m] apart (half a cell). color (sRGB)
        replaces the material's. Raises SceneError.
        """
        where = f"Scene.add_matter({name!r})"
        if not isinstance(name, str) or not name:
            raise SceneError(where, f"the name is {name!r}", "allowed: a non-empty string", "name it")
        if name in self._ids["matter"]:
            raise SceneError(where, f"there is already a matter named {name!r}", "allowed: unique names", "choose another one")
        if (region is None) == (container is None):
            raise SceneError(where, "region and container: both or none given", "allowed: one of the two", "give one")
        if region is not None:
            region = checked_region(where, region)
        if container is not None:
            self.find(where, "body", container)  # type: ignore[attr-defined]
            if (level is None) == (volume is None):
                raise SceneError(where, "level and volume: both or none given", "allowed: one of the two", "give one")
        if color is not None:
            material = replace(checked_material(where, material), color=check.vector(where, "color", color, 3, 0.0, 1.0))
        added = Matter(
            name, checked_material(where, material), region, check.vector(where, "position", position),
            check.rotation(where, "rotation", rotation), check.vector(where, "velocity", velocity),
            check.vector(where, "angular_velocity", angular_velocity),
            None if spacing is None else check.number(where, "spacing", spacing, 0.0, above=True), container or "",
            None if level is None else check.number(where, "level", level),
            None if volume is None else check.number(where, "volume", volume, 0.0, above=True),
        )
        self._ids["matter"][name] = len(self._matter)
        self._matter.append(added)
        return len(self._matter) - 1
    # fmt: on


def checked_region(where: str, region: Any) -> Shape:
    """The region with its mesh read, or SceneError unless it is a closed shape of finite size."""
    if not isinstance(region, Shape) or region.kind not in REGIONS:
        raise SceneError(
            where, f"the region is {region!r}", "allowed: Box, Sphere, Capsule, Cylinder, Ellipsoid, Mesh (watertight)",
            "pass one of them",
        )  # fmt: skip
    return complete(where, replace(region, convex="field") if isinstance(region, Mesh) else region, Material())
