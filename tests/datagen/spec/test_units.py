"""Quantities with units become SI numbers exactly, and nothing else is accepted."""

import math

import pytest

from datagen.spec import units as u

GOOD = [
    ("20 cm", u.LENGTH, 0.2),
    ("24 mm", u.LENGTH, 0.024),
    ("8mm", u.LENGTH, 0.008),
    ("10 µm", u.LENGTH, 1e-5),
    ("10 μm", u.LENGTH, 1e-5),
    ("1 in", u.LENGTH, 0.0254),
    ("-3 m", u.LENGTH, -3.0),
    ("−3 m", u.LENGTH, -3.0),
    ("+.5 m", u.LENGTH, 0.5),
    ("1e-3 m", u.LENGTH, 0.001),
    ("3", u.LENGTH, 3.0),
    (3, u.LENGTH, 3.0),
    (0.25, u.LENGTH, 0.25),
    ("1000 kg/m^3", u.DENSITY, 1000.0),
    ("0.7 g/cm³", u.DENSITY, 700.0),
    ("700 kg*m⁻³", u.DENSITY, 700.0),
    ("5 N*s", u.IMPULSE, 5.0),
    ("5 N·s", u.IMPULSE, 5.0),
    ("5 N × s", u.IMPULSE, 5.0),
    ("5 kg*m/s", u.IMPULSE, 5.0),
    ("300 g", u.MASS, 0.3),
    ("2 t", u.MASS, 2000.0),
    ("5 ms", u.TIME, 0.005),
    ("1 min", u.TIME, 60.0),
    ("30 deg", u.ANGLE, math.pi / 6),
    ("30°", u.ANGLE, math.pi / 6),
    ("1 rev", u.ANGLE, 2 * math.pi),
    ("0.5 rad", u.ANGLE, 0.5),
    (0, u.ANGLE, 0.0),
    ("0", u.ANGLE, 0.0),
    ("60 rpm", u.ANGULAR_SPEED, 2 * math.pi),
    ("90 deg/s", u.ANGULAR_SPEED, math.pi / 2),
    ("30 fps", u.FREQUENCY, 30.0),
    ("30 Hz", u.FREQUENCY, 30.0),
    ("30 1/s", u.FREQUENCY, 30.0),
    ("80 %", u.NUMBER, 0.8),
    ("9.81 m/s²", u.ACCELERATION, 9.81),
    ("36 km/h", u.SPEED, 10.0),
    ("2 kN", u.FORCE, 2000.0),
    ("1 J", u.TORQUE, 1.0),
    ("5 N*m/rad", u.ANGULAR_STIFFNESS, 5.0),
    ("5 N*m/deg", u.ANGULAR_STIFFNESS, 900 / math.pi),
]
BAD = [
    ("30 m", u.MASS, "expected a mass in kg"),
    (30, u.ANGLE, "has no unit"),
    ("30", u.ANGLE, "has no unit"),
    (2, u.ANGULAR_SPEED, "has no unit"),
    ("30 Hz", u.ANGULAR_SPEED, "a rate"),
    ("3 rad/s", u.FREQUENCY, "an angular speed"),
    ("1,5 m", u.LENGTH, "decimals with a point"),
    ("5 ft 3 in", u.LENGTH, "cannot be read"),
    ("9**9**9 m", u.LENGTH, "cannot be read"),
    ("1 m^9", u.LENGTH, "exponent"),
    ("1 m^99999999999", u.LENGTH, "exponent"),
    ("5 parsec", u.LENGTH, "not a known unit"),
    ("1e999 m", u.LENGTH, "not finite"),
    ("1e9999999 m", u.LENGTH, "cannot be read"),
    (float("nan"), u.LENGTH, "not finite"),
    (float("inf"), u.LENGTH, "not finite"),
    (10**400, u.LENGTH, "not finite"),
    (True, u.LENGTH, "not a quantity"),
    (None, u.LENGTH, "not a quantity"),
    ([], u.LENGTH, "not a quantity"),
    ("", u.LENGTH, "not a quantity"),
    ("m", u.LENGTH, "not a quantity"),
    ("x" * 1000, u.LENGTH, "too long"),
    ("3 m/", u.LENGTH, "cannot be read"),
    ("3 *m", u.LENGTH, "cannot be read"),
    ("3 (m)", u.LENGTH, "cannot be read"),
    ("٣ m", u.LENGTH, "not a quantity"),
    ('6"', u.LENGTH, "cannot be read"),
    ("20 degC", u.ANGLE, "not a known unit"),
]


@pytest.mark.parametrize(("text", "dimension", "value"), GOOD)
def test_quantity_is_read_exactly(text, dimension, value):
    assert u.parse(text, dimension) == pytest.approx(value, rel=4e-16, abs=0)


@pytest.mark.parametrize(("text", "dimension", "words"), BAD)
def test_impossible_quantity_says_what_is_expected(text, dimension, words):
    with pytest.raises(u.UnitError) as caught:
        u.parse(text, dimension)
    assert words in str(caught.value) and len(str(caught.value)) < 400


def test_decimal_units_are_correctly_rounded():
    for number in ("0.1", "0.7", "2.3", "33", "1e-7"):
        assert u.parse(f"{number} mm", u.LENGTH) == float(u.Fraction(number) / 1000)


def test_every_unit_agrees_with_its_base_units():
    base = {"m": "m", "kg": "kg", "s": "s", "rad": "rad"}
    for symbol, (_, _, exponents) in u.UNITS.items():
        spelled = "*".join(f"{name}^{power}" for name, power in zip(base, exponents, strict=True) if power) or "%"
        dimension = u.Dimension("test", "", exponents, "")
        assert u.parse(f"2 {symbol}", dimension) > 0 and u.parse(f"2 {spelled}", dimension) > 0
