"""Sine, cosine, exponential and logarithm are right to the last bit but one and do not use the C library."""

import math

from datagen.spec import exact
from datagen.spec.streams import Stream


def test_functions_agree_with_the_c_library_to_one_unit_in_the_last_place():
    stream = Stream(0, 0, "exact")
    for _ in range(500):
        x = (stream.uniform() - 0.5) * 10.0 ** stream.integer(-3, 4)
        c, s = exact.cos_sin(x)
        assert abs(c - math.cos(x)) <= math.ulp(math.cos(x)) and abs(s - math.sin(x)) <= math.ulp(math.sin(x))
        y = abs(x) + 1e-9
        assert abs(exact.log(y) - math.log(y)) <= math.ulp(math.log(y))
        assert abs(exact.exp(-y) - math.exp(-y)) <= math.ulp(math.exp(-y))


def test_quarter_turns_and_zero_are_exact():
    assert exact.cos_sin(0.0) == (1.0, 0.0) and exact.exp(0.0) == 1.0 and exact.log(1.0) == 0.0
    assert exact.sin(math.pi / 2) == 1.0 and exact.cos(math.pi) == -1.0
    assert exact.sin(math.pi) == 1.2246467991473532e-16  # the distance of the float from pi, correctly rounded
