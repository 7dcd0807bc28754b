"""Quantities with units: `20 cm`, `1000 kg/m^3`, `5 N*s`, `60 rpm`, `30 deg`, `80 %`, to SI numbers.

Method: one literal number, then a product of whitelisted unit symbols with integer exponents of at most 4. Each unit is a
factor and four exponents (m, kg, s, rad). Angle is a dimension of its own, so that `rad/s` and `Hz` cannot be mixed up. A bare
number is SI, except for angles and angular speeds, which always name their unit (0 excepted). There are no prefixes beyond
those in the table, no offsets, no arithmetic and no evaluation of text.

Limits: mechanical quantities; no temperature, no electricity, no currency of months and years. Reference for factors: NIST SP
811 (Thompson and Taylor, 2008).
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from ..errors import near_matches

Exponents = tuple[int, int, int, int]


@dataclass(frozen=True)
class Dimension:
    """What a field measures: its name in a sentence, its SI unit, exponents of (m, kg, s, rad), and examples for error
    messages."""

    name: str
    unit: str
    exponents: Exponents
    examples: str
    bare: bool = True

    def expected(self) -> str:
        """`expected a length in m, for example '20 cm' or '0.2 m'`."""
        unit = f" in {self.unit}" if self.unit else ""
        return f"expected {self.name}{unit}, for example {self.examples}"


class UnitError(ValueError):
    """A quantity cannot be read; `what` and `allowed` are the two halves of the sentence."""

    def __init__(self, what: str, allowed: str):
        self.what, self.allowed = what, allowed
        super().__init__(f"{what}; {allowed}")


NUMBER = Dimension("a number", "", (0, 0, 0, 0), "'0.4' or '40 %'")
LENGTH = Dimension("a length", "m", (1, 0, 0, 0), "'20 cm' or '0.2 m'")
MASS = Dimension("a mass", "kg", (0, 1, 0, 0), "'2 kg' or '300 g'")
TIME = Dimension("a time", "s", (0, 0, 1, 0), "'2 s' or '5 ms'")
ANGLE = Dimension("an angle", "rad", (0, 0, 0, 1), "'30 deg' or '0.5 rad'", bare=False)
SPEED = Dimension("a speed", "m/s", (1, 0, -1, 0), "'1.5 m/s' or '20 cm/s'")
ANGULAR_SPEED = Dimension("an angular speed", "rad/s", (0, 0, -1, 1), "'60 rpm', '90 deg/s' or '2 rad/s'", bare=False)
ACCELERATION = Dimension("an acceleration", "m/s^2", (1, 0, -2, 0), "'9.81 m/s^2'")
DENSITY = Dimension("a density", "kg/m^3", (-3, 1, 0, 0), "'700 kg/m^3' or '0.7 g/cm^3'")
FORCE = Dimension("a force", "N", (1, 1, -2, 0), "'5 N'")
TORQUE = Dimension("a torque", "N*m", (2, 1, -2, 0), "'0.5 N*m'")
IMPULSE = Dimension("an impulse", "N*s", (1, 1, -1, 0), "'0.2 N*s'")
FREQUENCY = Dimension("a rate", "1/s", (0, 0, -1, 0), "'30 Hz' or '30 fps'")
STIFFNESS = Dimension("a stiffness", "N/m", (0, 1, -2, 0), "'200 N/m'")
DAMPING = Dimension("a damping", "N*s/m", (0, 1, -1, 0), "'2 N*s/m'")
ANGULAR_STIFFNESS = Dimension("an angular stiffness", "N*m/rad", (2, 1, -2, -1), "'5 N*m/rad'")
ANGULAR_DAMPING = Dimension("an angular damping", "N*m*s/rad", (2, 1, -1, -1), "'0.01 N*m*s/rad'")
INERTIA = Dimension("a moment of inertia", "kg*m^2", (2, 1, 0, 0), "'0.001 kg*m^2'")
PRESSURE = Dimension("a pressure or modulus", "Pa", (-1, 1, -2, 0), "'50 kPa' or '2 MPa'")
VISCOSITY = Dimension("a viscosity", "Pa*s", (-1, 1, -1, 0), "'0.001 Pa*s' or '1 mPa*s'")
SURFACE_TENSION = Dimension("a surface tension", "N/m", (0, 1, -2, 0), "'0.072 N/m'")
SURFACE_DENSITY = Dimension("a mass per area", "kg/m^2", (-2, 1, 0, 0), "'0.15 kg/m^2'")
LINE_DENSITY = Dimension("a mass per length", "kg/m", (-1, 1, 0, 0), "'0.07 kg/m'")
BENDING = Dimension("a bending stiffness of a sheet", "N*m", (2, 1, -2, 0), "'1e-5 N*m'")
ROD_BENDING = Dimension("a bending stiffness of a rod (EI)", "N*m^2", (3, 1, -2, 0), "'1e-4 N*m^2'")
VOLUME = Dimension("a volume", "m^3", (3, 0, 0, 0), "'250 ml' or '0.2 L'")
FLOW = Dimension("a flow", "m^3/s", (3, 0, -1, 0), "'6 L/min' or '0.1 L/s'")

DIMENSIONS = tuple(value for value in list(globals().values()) if isinstance(value, Dimension))

_NONE, _M, _KG, _S, _RAD = NUMBER.exponents, LENGTH.exponents, MASS.exponents, TIME.exponents, ANGLE.exponents
_N, _J, _W, _PA, _L = FORCE.exponents, TORQUE.exponents, (2, 1, -3, 0), (-1, 1, -2, 0), (3, 0, 0, 0)

_EXACT: dict[Exponents, str] = {
    _NONE: "%=1/100",
    _M: "m=1 km=1000 dm=1/10 cm=1/100 mm=1/1000 um=1/1000000 in=0.0254 ft=0.3048",
    _KG: "kg=1 g=1/1000 mg=1/1000000 t=1000 lb=0.45359237",
    _S: "s=1 ms=1/1000 us=1/1000000 min=60 h=3600",
    _RAD: "rad=1 mrad=1/1000 deg=1/180pi rev=2pi",
    FREQUENCY.exponents: "Hz=1 kHz=1000 fps=1",
    ANGULAR_SPEED.exponents: "rpm=1/30pi",
    _N: "N=1 kN=1000 mN=1/1000",
    _J: "J=1 kJ=1000 mJ=1/1000",
    _W: "W=1 kW=1000",
    _PA: "Pa=1 mPa=1/1000 kPa=1000 MPa=1000000 GPa=1000000000",
    _L: "L=1/1000 l=1/1000 ml=1/1000000 mL=1/1000000",
}


def _table() -> dict[str, tuple[Fraction, int, Exponents]]:
    """Factors are exact fractions times a power of pi, so that `0.7 g/cm^3` is 700 and not 699.9999999999999."""
    units = {}
    for exponents, row in _EXACT.items():
        for entry in row.split():
            symbol, factor = entry.split("=")
            units[symbol] = (Fraction(factor.removesuffix("pi")), int(factor.endswith("pi")), exponents)
    return units


UNITS = _table()
"""Every unit that a spec may use: symbol -> (fraction and power of pi of its SI factor, exponents of m, kg, s, rad)."""

MAX_TEXT = 64
MAX_EXPONENT = 4
_SIGNS = str.maketrans({"−": "-", "·": "*", "⋅": "*", "×": "*", "μ": "u", "µ": "u", "\u00a0": " "})
_SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_QUANTITY = re.compile(r"\s*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)\s*(.*?)\s*", re.ASCII)
_TERM = re.compile(r"([A-Za-z%]+|1)(?:\^(-?[0-9]+))?", re.ASCII)


def _ascii(text: str) -> str:
    """Spells `²`, `°`, `µ`, `·` and the typographic minus in the characters that the grammar knows."""
    text = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: "^" + found.group().translate(_SUPERSCRIPT), text)
    return text.translate(_SIGNS).replace("°", "deg")


def _unit(text: str, shown: str) -> tuple[Fraction, int, Exponents]:
    """Fraction, power of pi and exponents of a product of units such as `kg*m^2/s`."""
    factor, pies, exponents, sign = Fraction(1), 0, _NONE, 1
    for part in re.split(r"\s*([*/])\s*", text):
        if part in ("*", "/"):
            sign = 1 if part == "*" else -1
            continue
        found = _TERM.fullmatch(part)
        if found is None:
            raise UnitError(f"the unit {text!r} in {shown!r} cannot be read", "units look like 'kg/m^3', 'N*s' or 'rad/s'")
        symbol, power = found.group(1), int(found.group(2) or 1)
        if symbol != "1" and symbol not in UNITS:
            raise UnitError(f"{symbol!r} in {shown!r} is not a known unit", near_matches(symbol, UNITS))
        if abs(power) > MAX_EXPONENT:
            raise UnitError(
                f"the exponent {power} in {shown!r} is too large", f"exponents go from -{MAX_EXPONENT} to {MAX_EXPONENT}"
            )
        one, pi, dims = UNITS.get(symbol, (Fraction(1), 0, _NONE))
        factor *= one ** (sign * power)
        pies += pi * sign * power
        a, b, c, d = (old + sign * power * new for old, new in zip(exponents, dims, strict=True))
        exponents = (a, b, c, d)
    return factor, pies, exponents


def _describe(exponents: Exponents) -> str:
    """Name of a dimension, or its base units: `a length (m)`."""
    for dimension in DIMENSIONS:
        if dimension.exponents == exponents:
            return f"{dimension.name} ({dimension.unit})" if dimension.unit else "a plain number"
    powers = zip(("m", "kg", "s", "rad"), exponents, strict=True)
    return "in " + "*".join(name + (f"^{power}" if power != 1 else "") for name, power in powers if power)


def parse_any(raw: object) -> tuple[float, Exponents | None]:
    """Reads a number or a quantity: the SI value, and its exponents (None for a bare number). Raises `UnitError`."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
        raise UnitError(f"{_short(raw)} is not a quantity", "write a number or a number with its unit such as '20 cm'")
    if not isinstance(raw, str):
        return _finite(raw, repr(raw)), None
    if len(raw) > MAX_TEXT:
        raise UnitError(f"a quantity of {len(raw)} characters is too long", f"at most {MAX_TEXT} characters")
    found = _QUANTITY.fullmatch(_ascii(raw))
    if found is None:
        raise UnitError(f"{raw!r} is not a quantity", "write a number and its unit such as '20 cm' or '5 N*s'")
    number, unit = found.groups()
    if unit.startswith(","):
        raise UnitError(f"{raw!r} has a comma", "write decimals with a point, such as '1.5 m'")
    if not unit:
        return _finite(Fraction(number), raw), None
    factor, pies, exponents = _unit(unit, raw)
    value = _finite(Fraction(number) * factor, raw)
    for _ in range(abs(pies)):
        value = value * math.pi if pies > 0 else value / math.pi
    return _finite(value, raw), exponents


def _finite(value: float | Fraction, shown: str) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise UnitError(f"{_short(shown)} is not finite", "write a finite number")
    return number


def _short(raw: object) -> str:
    text = raw if isinstance(raw, str) else repr(raw)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 3] + "..."


def parse(raw: object, dimension: Dimension) -> float:
    """The SI value of `raw` as a quantity of that dimension. Raises `UnitError` naming the expected dimension and examples."""
    value, exponents = parse_any(raw)
    check_dimension(value, exponents, dimension, _short(raw))
    return value


def check_dimension(value: float, exponents: Exponents | None, dimension: Dimension, shown: str) -> None:
    """Refuses a quantity of another dimension, and a bare number (other than 0) where an angle is meant. Raises `UnitError`."""
    if exponents is None:
        if not dimension.bare and value != 0.0:
            raise UnitError(f"{shown} has no unit", f"{dimension.expected()} (angles always name their unit)")
        return
    if exponents != dimension.exponents:
        raise UnitError(f"{shown!r} is {_describe(exponents)}", dimension.expected())
