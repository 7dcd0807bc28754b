"""Matter by name: liquids, soft solids, grains, snow, cloths and ropes, with where the numbers come from.

Sources: [H] W. M. Haynes (ed.), CRC Handbook of Chemistry and Physics, at 20 degC; [F] M. A. Rao, Rheology of Fluid,
Semisolid, and Solid Foods; [B] G. Truskey et al., Transport Phenomena in Biological Systems, blood; [S13] A. Stomakhin et
al., "A material point method for snow simulation", TOG 32 (2013), table 1; [K16] G. Klar et al., "Drucker-Prager
elastoplasticity for sand animation", TOG 35 (2016); [L] T. W. Lambe and R. V. Whitman, Soil Mechanics, friction angles of
sands; [E] data sheet of Ecoflex 00-30 (modulus at 100 % strain, specific gravity); [P] C. D. Peirce, "The handle of cloth as
a measurable quantity", J. Textile Inst. 21 (1930), and S. Kawabata, The Standardization and Analysis of Hand Evaluation
(1980), orders of bending rigidity of cloths; [I] ISO 535/536 paper of 80 g/m^2, bending E t^3/12 with E = 3 GPa and t = 0.1
mm. Numbers marked [W] are our choice inside the range that is usual for the thing.

Limits: soft matter scatters by factors, not by percents; moduli of sand and rope are far below those of the grain or wire, as
is usual where the timestep would otherwise be ruled by waves that nobody sees.
"""

from dataclasses import dataclass

from .colors import COLORS, Rgb

MODELS = ("rigid", "elastic", "plastic", "cloth", "rope", "liquid", "granular", "snow")
_BULK = ("density", "youngs_modulus", "poisson_ratio")
BELONGS: dict[str, tuple[str, ...]] = {
    "rigid": ("density", "friction", "torsional_friction", "rolling_friction", "restitution"),
    "elastic": (*_BULK, "friction", "damping"),
    "plastic": (*_BULK, "friction", "yield_stress"),
    "cloth": ("areal_density", "youngs_modulus", "poisson_ratio", "thickness", "bending", "friction", "drag", "damping"),
    "rope": ("density", "youngs_modulus", "rod_bending", "friction", "drag", "damping"),
    "liquid": ("density", "viscosity", "surface_tension", "friction", "sound_speed"),
    "granular": (*_BULK, "friction_angle", "cohesion", "friction"),
    "snow": (*_BULK, "hardening", "friction"),
}
"""Which numbers a material may have beside its looks, per model."""


@dataclass(frozen=True)
class MatterPreset:
    """model: how it moves; values: SI numbers by the names of a material; color RGB; source of the numbers."""

    model: str
    values: dict[str, float]
    color: Rgb
    source: str


def _of(model: str, color: str, source: str, **values: float) -> MatterPreset:
    return MatterPreset(model, values, COLORS[color], source)


MATTER_PRESETS: dict[str, MatterPreset] = {
    "water": _of("liquid", "sky", "[H]", density=998.2, viscosity=1.002e-3, surface_tension=0.0728),
    "honey": _of("liquid", "amber", "[F]; tension [W]", density=1420.0, viscosity=10.0, surface_tension=0.055),
    "oil": _of("liquid", "gold", "olive oil [H]", density=911.0, viscosity=0.081, surface_tension=0.032),
    "milk": _of("liquid", "ivory", "[F]", density=1030.0, viscosity=2.0e-3, surface_tension=0.047),
    "blood": _of("liquid", "crimson", "[B]", density=1060.0, viscosity=3.5e-3, surface_tension=0.056),
    "glycerol": _of("liquid", "light_gray", "[H]", density=1261.0, viscosity=1.412, surface_tension=0.063),
    "mercury": _of("liquid", "silver", "[H]", density=13546.0, viscosity=1.55e-3, surface_tension=0.486),
    "jelly": _of("elastic", "lime", "[W]", density=1050.0, youngs_modulus=8.0e3, poisson_ratio=0.45),
    "silicone": _of("elastic", "rose", "[E]; ratio [W]", density=1070.0, youngs_modulus=6.9e4, poisson_ratio=0.48),
    "soft_rubber": _of("elastic", "dark_gray", "[W]", density=1100.0, youngs_modulus=1.0e6, poisson_ratio=0.47),
    "foam": _of("elastic", "yellow", "[W]", density=30.0, youngs_modulus=4.0e4, poisson_ratio=0.2),
    "dough": _of("plastic", "cream", "[W]", density=1200.0, youngs_modulus=3.0e4, poisson_ratio=0.4, yield_stress=1.0e3),
    "clay": _of("plastic", "copper", "[W]", density=1800.0, youngs_modulus=5.0e5, poisson_ratio=0.4, yield_stress=1.0e4),
    "sand": _of("granular", "sand", "density, angle [L]; modulus of the order of [K16]", density=1600.0, youngs_modulus=3.5e5,
                poisson_ratio=0.3, friction_angle=0.593411945678072, cohesion=0.0),
    "wet_sand": _of("granular", "tan", "density, angle [L]; cohesion [W]", density=1900.0, youngs_modulus=3.5e5,
                    poisson_ratio=0.3, friction_angle=0.6283185307179586, cohesion=1.5e3),
    "snow": _of("snow", "white", "[S13]", density=400.0, youngs_modulus=1.4e5, poisson_ratio=0.2, hardening=10.0),
    "cotton": _of("cloth", "ivory", "[P]; modulus, thickness [W]", areal_density=0.15, youngs_modulus=2.0e6, poisson_ratio=0.3,
                  thickness=4.0e-4, bending=8.0e-6),
    "silk": _of("cloth", "rose", "[P]; modulus, thickness [W]", areal_density=0.06, youngs_modulus=3.0e6, poisson_ratio=0.3,
                thickness=2.0e-4, bending=3.0e-6),
    "denim": _of("cloth", "navy", "[P]; modulus, thickness [W]", areal_density=0.40, youngs_modulus=5.0e6, poisson_ratio=0.3,
                 thickness=8.0e-4, bending=5.0e-5),
    "wool": _of("cloth", "slate", "[P]; modulus, thickness [W]", areal_density=0.22, youngs_modulus=1.5e6, poisson_ratio=0.3,
                thickness=6.0e-4, bending=1.2e-5),
    "paper": _of("cloth", "white", "[I]", areal_density=0.08, youngs_modulus=3.0e9, poisson_ratio=0.3, thickness=1.0e-4,
                 bending=2.5e-4),
    "nylon_rope": _of("rope", "orange", "density [H]; stiffness [W]", density=1150.0, youngs_modulus=1.0e8, rod_bending=1.0e-4),
    "steel_cable": _of("rope", "gray", "density of a strand [W]", density=5000.0, youngs_modulus=5.0e9, rod_bending=5.0e-2),
    "wet_string": _of("rope", "tan", "[W]", density=1200.0, youngs_modulus=5.0e7, rod_bending=1.0e-6),
}  # fmt: skip
"""Every kind of matter that a spec may name without defining it."""
