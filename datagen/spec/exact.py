"""Sine, cosine, exponential and logarithm that give the same bits on every platform and Python version.

C libraries differ in the last bit of these functions, and one bit is enough to change a hash. Here they are evaluated in
integers (fixed point with 160 binary digits, Taylor series after exact range reduction) or with the correctly rounded `decimal`
functions, and rounded once to float64. Addition, multiplication, division and square root are the same everywhere by IEEE 754;
`sum`, which changed in Python 3.12, and `math.hypot`, which changed in 3.10, are avoided throughout the package.

Limits: some ten microseconds a call; angles up to 1e9 rad.
"""

import decimal

BITS = 160
_ONE = 1 << BITS
_DIGITS = decimal.Context(prec=40)


def _arctan_inverse(n: int) -> int:
    """arctan(1/n) in fixed point with eight guard digits."""
    power = (_ONE << 32) // n
    total, sign, k = 0, 1, 1
    while power:
        total += sign * (power // k)
        power //= n * n
        sign, k = -sign, k + 2
    return total


_HALF_PI = (2 * (4 * _arctan_inverse(5) - _arctan_inverse(239))) >> 32  # Machin (1706)


def _series(x: int, term: int, k: int) -> int:
    """Sum of the alternating series term * (1 - x^2 / ((k+1)(k+2)) + ...)."""
    square, total = x * x >> BITS, 0
    while term not in (0, -1):
        total += term
        term = -((term * square >> BITS) // ((k + 1) * (k + 2)))
        k += 2
    return total


def _reduced(angle: float) -> tuple[int, int]:
    """Quadrant and the rest in fixed point, within a quarter turn around zero."""
    top, bottom = float(angle).as_integer_ratio()
    fixed = (top << BITS) // bottom
    quadrant = (2 * fixed + _HALF_PI) // (2 * _HALF_PI)
    return quadrant % 4, fixed - quadrant * _HALF_PI


def sin(angle: float) -> float:
    """Sine of an angle in rad."""
    return cos_sin(angle)[1]


def cos(angle: float) -> float:
    """Cosine of an angle in rad."""
    return cos_sin(angle)[0]


def cos_sin(angle: float) -> tuple[float, float]:
    """Cosine and sine of an angle in rad."""
    quadrant, rest = _reduced(angle)
    c, s = _series(rest, _ONE, 0) / _ONE, _series(rest, rest, 1) / _ONE
    return ((c, s), (-s, c), (-c, -s), (s, -c))[quadrant]


def exp(value: float) -> float:
    """Exponential."""
    return float(_DIGITS.exp(decimal.Decimal(value)))


def log(value: float) -> float:
    """Natural logarithm of a positive number."""
    return float(_DIGITS.ln(decimal.Decimal(value)))
