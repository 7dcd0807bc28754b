"""Materials of deformable bodies: elastic solids, cloth and rope, by SI numbers or by a preset with its source.

A preset fills what is left out. Bending stiffness of fabrics comes from measured bending lengths c by Peirce's relation
B = w g c^3 (F. T. Peirce 1930; BS 3356), w the mass per area. Presets are typical values of a class of material, not of one
product: sources stand with each row, and whoever needs a certain fabric measures w and c, which takes a ruler and a scale.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from engine.errors import SceneError, near_matches
from engine.scene import check

LAWS = ("neo_hookean", "st_venant_kirchhoff")
STANDARD_GRAVITY = 9.80665


def bending_stiffness(areal_density: float, bending_length: float) -> float:
    """B [N m] of a fabric of mass per area [kg/m^2] and bending length [m] (Peirce 1930)."""
    return areal_density * STANDARD_GRAVITY * bending_length**3


def plate_stiffness(youngs_modulus: float, thickness: float, poisson_ratio: float) -> float:
    """B [N m] of a homogeneous sheet."""
    return youngs_modulus * thickness**3 / (12 * (1 - poisson_ratio**2))


class Preset:
    """What the materials share: a preset fills the fields that are None, then every field is checked."""

    PRESETS: ClassVar[dict[str, dict[str, float]]]
    preset: str | None

    def __post_init__(self) -> None:
        where = type(self).__name__
        chosen: dict[str, float] = dict(self.PRESETS["_"])
        if self.preset is not None:
            names = [name for name in self.PRESETS if name != "_"]
            if self.preset not in names:
                raise SceneError(where, f"unknown preset {self.preset!r}", near_matches(str(self.preset), names), "pick one")
            chosen.update(self.PRESETS[self.preset])
        for field in fields(self):  # type: ignore[arg-type]
            if getattr(self, field.name) is None and field.name in chosen:
                object.__setattr__(self, field.name, chosen[field.name])
        self._check(where)

    def _check(self, where: str) -> None:
        """Raise SceneError on a wrong value."""

    def _numbers(self, where: str, above: tuple[str, ...], least: tuple[str, ...]) -> None:
        """Finite numbers: strictly positive ones, and those of zero or more."""
        for names, strictly in ((above, True), (least, False)):
            for name in names:
                value: Any = getattr(self, name)
                object.__setattr__(self, name, check.number(where, name, value, 0.0, above=strictly))


@dataclass(frozen=True, kw_only=True)
class Elastic(Preset):
    """An isotropic elastic solid: youngs_modulus [Pa], poisson_ratio, density [kg/m^3], damping [s] (stress per strain rate is
    damping times stiffness), friction, law of LAWS. viscosity [Pa s]: the same damping in shear, said as a dashpot beside the
    spring; color: sRGB. The one material of `add_soft` (a mesh) and `add_matter` (particles, always neo-Hookean).
    """

    preset: str | None = None
    youngs_modulus: float | None = None
    poisson_ratio: float | None = None
    density: float | None = None
    damping: float | None = None
    friction: float | None = None
    law: str = "neo_hookean"
    viscosity: float | None = None
    color: tuple[float, float, float] | None = None

    PRESETS: ClassVar[dict[str, dict[str, float]]] = {
        "_": {"youngs_modulus": 1e6, "poisson_ratio": 0.3, "density": 1000.0, "damping": 0.0, "friction": 0.5},
        # Smooth-On data sheets: modulus at 100 % of 10 psi and 86 psi, specific gravity 1.07 and 1.08.
        "silicone_soft": {"youngs_modulus": 6.9e4, "poisson_ratio": 0.48, "density": 1070.0, "damping": 2e-3, "friction": 0.9},
        "silicone": {"youngs_modulus": 5.93e5, "poisson_ratio": 0.48, "density": 1080.0, "damping": 1e-3, "friction": 0.9},
        # Gibson and Ashby, Cellular Solids: flexible open-cell polyurethane of 30 kg/m^3, order of magnitude.
        "foam": {"youngs_modulus": 6e4, "poisson_ratio": 0.25, "density": 30.0, "damping": 5e-3, "friction": 0.6},
        # Gelatine gel of about 10 % by weight: some 10 kPa in compression, order of magnitude.
        "jelly": {"youngs_modulus": 1e4, "poisson_ratio": 0.45, "density": 1040.0, "damping": 4e-3, "friction": 0.3},
        # Ashby, Materials Selection: natural rubber 1.5 to 2.5 MPa, 930 kg/m^3.
        "rubber": {"youngs_modulus": 2e6, "poisson_ratio": 0.48, "density": 930.0, "damping": 2e-4, "friction": 0.9},
        # Tendon along its fibres about 1 GPa (Maganaris and Paul 1999, human tibialis anterior 1.2 GPa); isotropic stand-in.
        "tendon": {"youngs_modulus": 1.2e9, "poisson_ratio": 0.4, "density": 1120.0, "damping": 1e-5, "friction": 0.2},
    }

    def _check(self, where: str) -> None:
        self._numbers(where, ("youngs_modulus", "density"), ("damping", "friction"))
        object.__setattr__(self, "poisson_ratio", check.number(where, "poisson_ratio", self.poisson_ratio, 0.0, 0.4999))
        if self.viscosity is not None:
            viscosity = check.number(where, "viscosity", self.viscosity, 0.0)
            object.__setattr__(self, "damping", viscosity / self.shear_modulus)
        if self.law not in LAWS:
            raise SceneError(where, f"unknown law {self.law!r}", near_matches(str(self.law), LAWS), "pick one of them")

    @property
    def shear_modulus(self) -> float:
        """mu [Pa] of small strains."""
        assert self.youngs_modulus is not None and self.poisson_ratio is not None
        return self.youngs_modulus / (2 * (1 + self.poisson_ratio))


@dataclass(frozen=True, kw_only=True)
class Cloth(Preset):
    """An orthotropic fabric without thickness.

    areal_density [kg/m^2]; stretch_warp, stretch_weft, shear [N/m] stiffness per width; coupling [N/m] between both stretches
    (Poisson's ratio times stretch); bending_warp, bending_weft [N m] resist curvature along warp (first mesh axis) and weft;
    damping [s] of the membrane, bending_damping [s]; friction; drag, skin_drag: coefficients across and along the surface
    (flat plate: 1.2, 0.02); pressure [Pa] from behind.
    """

    preset: str | None = None
    areal_density: float | None = None
    stretch_warp: float | None = None
    stretch_weft: float | None = None
    shear: float | None = None
    coupling: float | None = None
    bending_warp: float | None = None
    bending_weft: float | None = None
    damping: float | None = None
    bending_damping: float | None = None
    friction: float | None = None
    drag: float | None = None
    skin_drag: float | None = None
    pressure: float = 0.0

    PRESETS: ClassVar[dict[str, dict[str, float]]] = {
        "_": {
            "areal_density": 0.15, "stretch_warp": 1000.0, "stretch_weft": 800.0, "shear": 60.0, "coupling": 0.0,
            "bending_warp": bending_stiffness(0.15, 0.020), "bending_weft": bending_stiffness(0.15, 0.016), "damping": 2e-3,
            "bending_damping": 2e-3, "friction": 0.4, "drag": 1.2, "skin_drag": 0.02,
        },
        # Mass per area and bending lengths: typical ranges of BS 3356 cantilever tests in textile handbooks (Saville,
        # Physical Testing of Textiles 1999). Tensile and shear stiffness: order of KES-F measurements (Kawabata 1980).
        "cotton": {},
        "silk": {
            "areal_density": 0.06, "stretch_warp": 600.0, "stretch_weft": 500.0, "shear": 25.0, "friction": 0.25,
            "bending_warp": bending_stiffness(0.06, 0.017), "bending_weft": bending_stiffness(0.06, 0.015),
        },
        "denim": {
            "areal_density": 0.40, "stretch_warp": 4000.0, "stretch_weft": 2500.0, "shear": 250.0, "friction": 0.5,
            "bending_warp": bending_stiffness(0.40, 0.034), "bending_weft": bending_stiffness(0.40, 0.027),
        },
        "wool": {
            "areal_density": 0.25, "stretch_warp": 700.0, "stretch_weft": 500.0, "shear": 50.0, "friction": 0.45,
            "bending_warp": bending_stiffness(0.25, 0.019), "bending_weft": bending_stiffness(0.25, 0.017),
        },
        # 80 g/m^2, 0.1 mm; Young's modulus 5 GPa along and 2.5 GPa across the machine direction (Niskanen, Paper Physics).
        "paper": {
            "areal_density": 0.08, "stretch_warp": 5e5, "stretch_weft": 2.5e5, "shear": 1.2e5, "friction": 0.4,
            "bending_warp": plate_stiffness(5e9, 1e-4, 0.3), "bending_weft": plate_stiffness(2.5e9, 1e-4, 0.3), "damping": 1e-5,
        },
        # 1 mm natural rubber: 2 MPa, 930 kg/m^3 (Ashby).
        "rubber": {
            "areal_density": 0.93, "stretch_warp": 2667.0, "stretch_weft": 2667.0, "shear": 667.0, "coupling": 1333.0,
            "friction": 0.9, "bending_warp": plate_stiffness(2e6, 1e-3, 0.5), "bending_weft": plate_stiffness(2e6, 1e-3, 0.5),
        },
    }  # fmt: skip

    @classmethod
    def sheet(cls, youngs_modulus: float, poisson_ratio: float, thickness: float, density: float, **more: Any) -> "Cloth":
        """A homogeneous sheet: youngs_modulus [Pa], thickness [m], density [kg/m^3]; `more` as in Cloth."""
        plane = youngs_modulus * thickness / (1 - poisson_ratio**2)
        bend = plate_stiffness(youngs_modulus, thickness, poisson_ratio)
        values: dict[str, Any] = {
            "areal_density": density * thickness, "stretch_warp": plane, "stretch_weft": plane,
            "coupling": plane * poisson_ratio,
            "shear": youngs_modulus * thickness / (2 * (1 + poisson_ratio)), "bending_warp": bend, "bending_weft": bend,
        }  # fmt: skip
        return cls(**{**values, **more})

    def _check(self, where: str) -> None:
        least = ("coupling", "bending_warp", "bending_weft", "damping", "bending_damping", "friction", "drag", "skin_drag")
        self._numbers(where, ("areal_density", "stretch_warp", "stretch_weft", "shear"), least)
        object.__setattr__(self, "pressure", check.number(where, "pressure", self.pressure))
        both: Any = (self.stretch_warp, self.stretch_weft, self.coupling)
        if both[2] ** 2 > 0.9801 * both[0] * both[1]:
            raise SceneError(
                where, f"coupling is {both[2]:g}", "allowed: below 0.99 sqrt(stretch_warp stretch_weft)", "lower it"
            )


@dataclass(frozen=True, kw_only=True)
class Rope(Preset):
    """A rope or cable that is straight at rest: linear_density [kg/m], stretch EA [N], bending EI [N m^2], torsion GJ [N m^2],
    damping and bending_damping [s], friction, diameter [m] of its contact. Torsion acts between segments both of whose vertices
    a body (or the world) holds; by default it is bending / 1.3, as in a round bar with Poisson's ratio 0.3.
    """

    preset: str | None = None
    linear_density: float | None = None
    stretch: float | None = None
    bending: float | None = None
    torsion: float | None = None
    diameter: float | None = None
    damping: float | None = None
    bending_damping: float | None = None
    friction: float | None = None

    PRESETS: ClassVar[dict[str, dict[str, float]]] = {
        "_": {
            "linear_density": 0.05, "stretch": 2e4, "bending": 1e-4, "diameter": 0.01, "damping": 1e-3, "bending_damping": 1e-2,
            "friction": 0.4,
        },
        # 8 mm three-strand nylon: 4 kg per 100 m, 15 % stretch at a third of 13 kN (makers' tables); bending estimated.
        "nylon": {"linear_density": 0.04, "stretch": 3e4, "bending": 2e-4, "diameter": 0.008},
        # 6 mm 7x19 wire rope: 0.14 kg/m, effective modulus 70 GPa on 15 mm^2 of metal; EI between free and welded wires.
        "steel_cable": {"linear_density": 0.14, "stretch": 1e6, "bending": 0.05, "diameter": 0.006, "damping": 1e-5},
        # 2 mm cotton string soaked with water: 5 g/m.
        "wet_string": {"linear_density": 0.005, "stretch": 2e3, "bending": 1e-7, "diameter": 0.002},
    }  # fmt: skip

    def _check(self, where: str) -> None:
        above = ("linear_density", "stretch", "diameter")
        self._numbers(where, above, ("bending", "damping", "bending_damping", "friction"))
        if self.torsion is None:
            object.__setattr__(self, "torsion", self.bending / 1.3)  # type: ignore[operator]
        self._numbers(where, (), ("torsion",))


SoftMaterial = Elastic | Cloth | Rope
