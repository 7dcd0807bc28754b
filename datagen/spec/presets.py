"""Materials by name: density, friction, restitution and looks, with where the numbers come from.

A pair of bodies combines two materials in the engine, so friction here is that of the material against itself or against a
common partner, dry, and restitution that of a small ball dropped on a massive plate. Such tables scatter by tens of percent
(Blau, "The significance and use of the friction coefficient", Tribology International 34, 2001): they are sensible starts, and
a spec that cares gives its own numbers or a distribution.

Sources: [H] W. M. Haynes (ed.), CRC Handbook of Chemistry and Physics, densities of solids and of woods; [A] E. A. Avallone et
al., Marks' Standard Handbook for Mechanical Engineers, tables of sliding friction; [S] R. A. Serway and J. W. Jewett, Physics
for Scientists and Engineers, table of friction coefficients; [M] S. Mathavan et al., "A theoretical analysis of billiard ball
dynamics under cushion impacts", Proc. IMechE C 224 (2010), cushion friction 0.14 and restitution 0.98; [D] D. G. Alciatore, The
Illustrated Principles of Pool and Billiards (2004), ball and cloth numbers. Where no source is named for a number, it is our
choice, marked [W].
"""

from dataclasses import dataclass

from .colors import COLORS, Rgb


@dataclass(frozen=True)
class Preset:
    """density kg/m^3; friction: sliding; torsional, rolling: lengths in m; restitution, roughness, metallic 0..1; color RGB."""

    density: float
    friction: float
    restitution: float
    color: Rgb
    roughness: float
    metallic: float = 0.0
    torsional_friction: float = 0.0
    rolling_friction: float = 0.0
    source: str = ""


def _preset(density: float, friction: float, restitution: float, color: str, roughness: float, metallic: float, source: str,
            rolling: float = 0.0) -> Preset:  # fmt: skip
    return Preset(density, friction, restitution, COLORS[color], roughness, metallic, 0.0, rolling, source)


PRESETS: dict[str, Preset] = {
    "default": _preset(1000.0, 0.5, 0.0, "light_gray", 0.6, 0.0, "[W]"),
    "wood": _preset(700.0, 0.4, 0.4, "oak", 0.65, 0.0, "density oak [H]; friction 0.25-0.5 [S]; restitution [W]"),
    "cork": _preset(240.0, 0.6, 0.5, "tan", 0.9, 0.0, "density [H]; friction, restitution [W]"),
    "steel": _preset(7850.0, 0.57, 0.9, "silver", 0.25, 1.0, "density [H]; friction kinetic [S]; restitution [W]"),
    "aluminium": _preset(2700.0, 0.47, 0.7, "light_gray", 0.3, 1.0, "density [H]; friction on steel [S]; restitution [W]"),
    "brass": _preset(8500.0, 0.44, 0.8, "brass", 0.25, 1.0, "density [H]; friction on steel [A]; restitution [W]"),
    "rubber": _preset(1100.0, 0.8, 0.8, "dark_gray", 0.9, 0.0, "density [H]; friction on concrete [S]; restitution [W]"),
    "plastic": _preset(1050.0, 0.3, 0.6, "blue", 0.35, 0.0, "density polystyrene [H]; friction, restitution [W]"),
    "ice": _preset(917.0, 0.03, 0.3, "ice_blue", 0.1, 0.0, "density [H]; friction kinetic [S]; restitution [W]"),
    "glass": _preset(2500.0, 0.4, 0.7, "mint", 0.05, 0.0, "density [H]; friction kinetic [S]; restitution [W]"),
    "stone": _preset(2600.0, 0.65, 0.5, "gray", 0.85, 0.0, "density granite [H]; friction, restitution [W]"),
    "concrete": _preset(2400.0, 0.7, 0.3, "light_gray", 0.9, 0.0, "density [A]; friction, restitution [W]"),
    "phenolic": _preset(1700.0, 0.06, 0.95, "ivory", 0.08, 0.0, "billiard ball: density, ball on ball friction, rebound [D]"),
    "cloth": _preset(300.0, 0.2, 0.5, "felt", 0.95, 0.0, "billiard cloth: ball on cloth friction, rebound [D]; density [W]"),
    "cushion": _preset(1100.0, 0.14, 0.98, "forest", 0.9, 0.0, "billiard cushion: friction and restitution [M]; density [W]"),
}
"""Every material that a spec may name without defining it."""
