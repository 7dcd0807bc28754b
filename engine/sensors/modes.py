"""How solid shapes ring: natural frequencies and decays from size and material, closed forms where there are some.

Beams: free-free bending (Euler and Bernoulli) with the first-order correction of Timoshenko for shear and rotary inertia, and
longitudinal waves (Cremer, Heckl, Petersson 2005, chapters 2 and 3). Discs: free circular plates (Leissa 1969, table 2.5).
Balls: spheroidal and torsional modes of a free elastic sphere (Lamb 1882; the roots are those of Poisson number 1/4). Decay:
amplitude falls by pi f eta a second with the loss factor eta, plus a constant share of support and radiation (van den Doel,
Kry, Pai 2001).
Limits: mode shapes are left out, every place of a shape rings alike; a mesh rings like its bounding box.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import StateError, near_matches
from engine.types import ShapeType

Array = NDArray[np.float64]
BEAM = np.array([4.73004, 7.85320, 10.99561, 14.13717, 17.27876, 20.42035])  # roots of cos x cosh x = 1
DISC = np.array([5.253, 9.084, 12.23, 20.52, 21.6])  # lambda^2 of a free disc, Poisson number 0.33
BALL = np.array([2.501, 2.640, 3.865, 3.916, 5.009, 5.095])  # omega R / c_shear
SHEAR_SHAPE = 5.0 / 6.0
SUPPORT_DECAY = 6.0  # 1/s


@dataclass(frozen=True)
class Material:
    """density [kg/m^3], Young's modulus [Pa], Poisson number, loss factor."""

    density: float
    young: float
    poisson: float
    loss: float


# Elastic values: Ashby, Materials Selection (2011), appendix A; loss factors: Cremer, Heckl, Petersson (2005), table 3.1.
MATERIALS = {
    "steel": Material(7850.0, 2.0e11, 0.29, 4e-4),
    "aluminium": Material(2700.0, 7.0e10, 0.33, 4e-4),
    "glass": Material(2500.0, 7.0e10, 0.23, 1e-3),
    "ceramic": Material(2400.0, 6.5e10, 0.20, 2e-3),
    "stone": Material(2650.0, 5.0e10, 0.25, 4e-3),
    "concrete": Material(2300.0, 2.6e10, 0.20, 8e-3),
    "wood": Material(700.0, 1.1e10, 0.30, 1.3e-2),
    "plastic": Material(1150.0, 2.8e9, 0.37, 3e-2),
    "rubber": Material(1100.0, 5.0e6, 0.49, 1.5e-1),
}


def material_of(where: str, name: str) -> Material:
    """A preset by name. Raises StateError."""
    if name not in MATERIALS:
        raise StateError(where, f"unknown material {name!r}", near_matches(name, MATERIALS), "use one of the presets")
    return MATERIALS[name]


def guessed(density: float) -> str:
    """The preset whose density is nearest: what a body is taken for when nobody says more."""
    named = ("wood", "plastic", "stone", "steel")
    return min(named, key=lambda name: abs(np.log(max(density, 1e-3) / MATERIALS[name].density)))


@dataclass(frozen=True)
class Modes:
    """Frequencies [Hz] and decay rates [1/s] (n,) of a shape, ascending, and the area [m^2] that radiates."""

    frequency: Array
    decay: Array
    area: float


def modes_of(kind: ShapeType, half: Array, m: Material) -> Modes:
    """The modes of a shape with the half sides `half` (3,) [m] of its bounding box."""
    a, b, c = (float(x) for x in half)
    if kind in (ShapeType.SPHERE, ShapeType.ELLIPSOID):
        radius = float(np.cbrt(a * b * c))
        shear = np.sqrt(m.young / (2.0 * (1.0 + m.poisson)) / m.density)
        found, area = BALL * shear / (2.0 * np.pi * radius), np.pi * radius**2
    elif kind in (ShapeType.CYLINDER, ShapeType.CAPSULE) and c >= a:
        found, area = np.concatenate([bending(2 * c, a / 2.0, m), stretching(2 * c, m)]), 4.0 * a * c
    elif kind == ShapeType.CYLINDER:
        found, area = disc(a, 2.0 * c, m), np.pi * a * a
    else:
        thin, wide, long = sorted((2 * a, 2 * b, 2 * c))
        gyration = thin / np.sqrt(12.0)
        families = [bending(long, gyration, m), bending(long, wide / np.sqrt(12.0), m), bending(wide, gyration, m)]
        found, area = np.concatenate([*families, stretching(long, m)]), long * wide
    frequency = np.unique(np.round(found, 6))
    return Modes(frequency, np.pi * frequency * m.loss + SUPPORT_DECAY, area)


def bending(length: float, gyration: float, m: Material) -> Array:
    """Free-free beam of a length and a radius of gyration of its section [m]."""
    wave = BEAM / length
    plain = wave**2 * gyration * np.sqrt(m.young / m.density) / (2.0 * np.pi)
    return plain / np.sqrt(1.0 + (wave * gyration) ** 2 * (1.0 + 2.0 * (1.0 + m.poisson) / SHEAR_SHAPE))


def stretching(length: float, m: Material) -> Array:
    """Longitudinal waves of a free rod."""
    return np.arange(1, 4) * np.sqrt(m.young / m.density) / (2.0 * length)


def disc(radius: float, thickness: float, m: Material) -> Array:
    """Free circular plate, with Timoshenko's correction."""
    speed = np.sqrt(m.young / m.density / (12.0 * (1.0 - m.poisson**2)))
    plain = DISC * thickness * speed / (2.0 * np.pi * radius**2)
    gyration = thickness / np.sqrt(12.0)
    return plain / np.sqrt(1.0 + DISC * (gyration / radius) ** 2 * (1.0 + 2.0 * (1.0 + m.poisson) / SHEAR_SHAPE))


def contact_time(mass: float, radius: float, first: Material, second: Material, speed: float) -> float:
    """Duration [s] of an elastic impact of two bodies (reduced mass and radius) at `speed` (Johnson 1985, eq. 11.24)."""
    compliance = (1 - first.poisson**2) / first.young + (1 - second.poisson**2) / second.young
    return float(2.87 * (mass**2 * compliance**2 / (radius * max(speed, 1e-6))) ** 0.2)
