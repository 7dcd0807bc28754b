"""Materials by name, with where their numbers come from.

Stiffness of what is far stiffer than an explicit solver can step (steel, rubber) is the material's own; a simulation says
how many substeps that needs and offers a softer value.
"""

from engine.errors import SceneError, near_matches
from engine.scene.matter import Elastic, Liquid, MatterMaterial, Plastic, Sand, Snow

PRESETS: dict[str, tuple[MatterMaterial, str]] = {
    "water": (Liquid(density=998.0, viscosity=1.0e-3), "CRC Handbook, 20 C"),
    "seawater": (Liquid(density=1025.0, viscosity=1.08e-3), "Sharqawy et al. 2010, 35 g/kg, 20 C"),
    "milk": (
        Liquid(density=1030.0, viscosity=2.0e-3, color=(0.95, 0.94, 0.9)),
        "whole milk, 20 C: Walstra et al., Dairy Science",
    ),
    "blood": (
        Liquid(density=1060.0, viscosity=3.5e-3, yield_stress=5e-3, color=(0.5, 0.03, 0.03)),
        "whole blood at high shear: Merrill 1969",
    ),
    "olive_oil": (Liquid(density=912.0, viscosity=0.084, color=(0.7, 0.62, 0.15)), "CRC Handbook, 20 C"),
    "glycerine": (Liquid(density=1261.0, viscosity=1.41, color=(0.9, 0.92, 0.92)), "CRC Handbook, 20 C"),
    "honey": (
        Liquid(density=1420.0, viscosity=10.0, wall="stick", color=(0.8, 0.45, 0.05)),
        "Yanniotis et al. 2006, 17 % water, 25 C",
    ),
    "ketchup": (
        Liquid(density=1140.0, viscosity=0.1, yield_stress=15.0, wall="stick", color=(0.7, 0.06, 0.03)),
        "Bingham fit: Koocheki et al. 2009",
    ),
    "jelly": (Elastic(density=1020.0, youngs_modulus=1.0e4, poisson_ratio=0.45), "5 % gelatine gel: Markidou et al. 2005"),
    "rubber": (
        Elastic(density=1100.0, youngs_modulus=1.5e6, poisson_ratio=0.47),
        "soft natural rubber: Ashby, Materials Selection",
    ),
    "foam": (
        Elastic(density=60.0, youngs_modulus=3.0e4, poisson_ratio=0.1, viscosity=5.0, color=(0.9, 0.85, 0.5)),
        "soft polyurethane foam: Gibson and Ashby, Cellular Solids",
    ),
    "muscle": (
        Elastic(density=1060.0, youngs_modulus=3.0e4, poisson_ratio=0.45, viscosity=20.0, color=(0.6, 0.15, 0.15)),
        "relaxed skeletal muscle, along the fibres: Chen et al. 2013",
    ),
    "dough": (
        Plastic(
            density=1150.0,
            youngs_modulus=3.0e4,
            poisson_ratio=0.4,
            yield_stress=1.0e3,
            wall="friction",
            color=(0.92, 0.85, 0.68),
        ),
        "wheat dough: Bagley et al. 1998",
    ),
    "clay": (
        Plastic(density=1800.0, youngs_modulus=5.0e5, poisson_ratio=0.4, yield_stress=8.0e3),
        "modelling clay: Kavan et al. 2014, soft end",
    ),
    "steel": (
        Plastic(density=7850.0, youngs_modulus=2.0e11, poisson_ratio=0.29, yield_stress=2.5e8, color=(0.6, 0.6, 0.62)),
        "EN 10025 S235",
    ),
    "sand": (Sand(), "dry quartz sand, medium density: Terzaghi, Peck and Mesri"),
    "wet_sand": (Sand(density=1900.0, cohesion=1.0e3, color=(0.5, 0.4, 0.25)), "capillary cohesion: Mitarai and Nori 2006"),
    "snow": (Snow(), "Stomakhin et al. 2013, table 2"),
}


def material(name: str) -> MatterMaterial:
    """A material of the library. Raises SceneError for an unknown name."""
    if name not in PRESETS:
        raise SceneError(f"engine.material({name!r})", "unknown material", near_matches(name, PRESETS), "correct the name")
    return PRESETS[name][0]


def material_source(name: str) -> str:
    """Where the numbers of a material come from."""
    material(name)
    return PRESETS[name][1]
