"""Operations on the real type R, which is a scalar or a SIMD vector of lanes (one environment, or one pixel, per lane).

Every function here works alike for f32, f64, `vector(16, f32)` and `vector(8, f64)`, and gives the same bits for a lane as for
a scalar (with `fast_math=False`). It owns what the compiler cannot do on lanes: unary minus, abs, casts, and all of libm abort
the process there, and `min`/`max` cost three instructions where a select costs one. A bare mask must never be summed (it counts
wrongly): `any_lane` is the only way from a mask to a branch.

Limits: `minimum`/`maximum` return the second operand when the first is NaN. Accuracy of each function is stated with it and
tested against numpy in every real type.
"""

from engine.compiler import macro, ti, variable


def is_lanes(x) -> bool:
    """Compile-time: is this expression a vector of lanes? Use inside `ti.static`."""
    return hasattr(x, "is_tensor") and x.is_tensor()


@macro
def like(x, c):
    """The constant `c` with the real type of `x`."""
    if is_lanes(x) and isinstance(c, (int, float)):
        return ti.lang.matrix.make_matrix([float(c)] * x.get_shape()[0])
    x, c = variable(x), variable(c)
    return ti.select(x == x, c, c)


@macro
def neg(x):
    return variable(0.0 - x)


@macro
def absolute(x):
    x = variable(x)
    return ti.select(x < 0.0, 0.0 - x, x)


@macro
def minimum(a, b):
    a, b = variable(a), variable(b)
    return ti.select(a < b, a, b)


@macro
def maximum(a, b):
    a, b = variable(a), variable(b)
    return ti.select(a > b, a, b)


@macro
def differs(a, b):
    """1 where a is not b, else 0."""
    a, b = variable(a), variable(b)
    return ti.select(a == b, like(a, 0.0), like(a, 1.0))


@macro
def clamp(x, low, high):
    return minimum(maximum(x, low), high)


@ti.func
def sign(x):
    """-1, 0 or 1."""
    return ti.select(x > 0.0, like(x, 1.0), like(x, 0.0)) - ti.select(x < 0.0, like(x, 1.0), like(x, 0.0))


@ti.func
def any_lane(mask):
    """1 when the mask holds in any lane, as a uniform i32 for a branch."""
    found = 0
    if ti.static(is_lanes(mask)):
        if ti.select(mask, 1, 0).sum() > 0:
            found = 1
    else:
        if mask:
            found = 1
    return found


@ti.func
def all_lanes(mask):
    """1 when the mask holds in every lane."""
    missing = 0
    if ti.static(is_lanes(mask)):
        if ti.select(mask, 0, 1).sum() > 0:
            missing = 1
    else:
        if not mask:
            missing = 1
    return 1 - missing


@ti.func
def lane(x, l):
    """Lane `l` of `x` as a scalar; `x` itself where R is a scalar."""
    if ti.static(is_lanes(x)):
        return x[l]
    else:
        return x


@ti.func
def reciprocal_sqrt(x):
    return 1.0 / ti.sqrt(x)


@ti.func
def sincos(a):
    """(sin a, cos a). Error below 2e-7 in f32 for |a| < 1e3, below 4e-15 in f64 for |a| < 1e5.

    Cody-Waite reduction to [-pi/4, pi/4] in three parts, then Taylor polynomials (degree 15 and 16); the quadrant is applied by
    arithmetic, without branches.
    """
    k = ti.floor(a * 0.63661977236758134308 + 0.5)
    r = ((a - k * 1.5707855224609375) - k * 1.0804273188114166e-05) - k * 6.0770999344e-11
    z = r * r
    s5 = -2.5052108385441718e-08 + z * (1.6059043836821615e-10 - z * 7.6471637318198164e-13)
    s = r + r * z * (
        -1.6666666666666667e-01
        + z * (8.3333333333333333e-03 + z * (-1.9841269841269841e-04 + z * (2.7557319223985891e-06 + z * s5)))
    )
    c5 = 2.0876756987868099e-09 + z * (-1.1470745597729725e-11 + z * 4.7794773323873853e-14)
    c = (
        1.0
        - 0.5 * z
        + z
        * z
        * (
            4.1666666666666667e-02
            + z * (-1.3888888888888889e-03 + z * (2.4801587301587302e-05 + z * (-2.7557319223985893e-07 + z * c5)))
        )
    )
    quarter = k * 0.25
    m = ti.floor((quarter - ti.floor(quarter)) * 4.0 + 0.5)  # k mod 4
    odd = (m == 1.0) | (m == 3.0)
    sin_a = ti.select(odd, c, s)
    cos_a = ti.select(odd, s, c)
    return ti.select(m >= 2.0, 0.0 - sin_a, sin_a), ti.select((m == 1.0) | (m == 2.0), 0.0 - cos_a, cos_a)


@ti.func
def arctan2(y, x):
    """Angle of (x, y) in [-pi, pi]; 0 at the origin. Error below 4e-7 in f32 and 1e-14 in f64.

    Reduction to [0, 1] by swapping, twice halving the angle by t -> t / (1 + sqrt(1 + t^2)), then the odd Taylor series.
    """
    ax, ay = absolute(x), absolute(y)
    high = maximum(ax, ay)
    t = minimum(ax, ay) / ti.select(high > 0.0, high, like(x, 1.0))
    t = t / (1.0 + ti.sqrt(1.0 + t * t))
    t = t / (1.0 + ti.sqrt(1.0 + t * t))
    z = t * t
    p7 = -0.066666666666666667 + z * (0.058823529411764705 + z * (-0.052631578947368418 + z * 0.047619047619047616))
    p = 0.2 + z * (
        -0.14285714285714285 + z * (0.1111111111111111 + z * (-0.090909090909090912 + z * (0.076923076923076927 + z * p7)))
    )
    a = 4.0 * (t + t * z * (-0.33333333333333331 + z * p))
    a = ti.select(ay > ax, 1.5707963267948966 - a, a)
    a = ti.select(x < 0.0, 3.1415926535897932 - a, a)
    return ti.select(y < 0.0, 0.0 - a, a)


@ti.func
def arccos(x):
    """Angle in [0, pi] of a cosine, clamped to [-1, 1]."""
    c = clamp(x, like(x, -1.0), like(x, 1.0))
    return arctan2(ti.sqrt((1.0 - c) * (1.0 + c)), c)


@ti.func
def exp2_integer(k):
    """2^k for integer-valued k in [-1022, 1023] (f32: underflows to 0 and overflows to inf as it should)."""
    n = absolute(k)
    base = ti.select(k < 0.0, like(k, 0.5), like(k, 2.0))
    p = like(k, 1.0)
    for _ in ti.static(range(10)):
        half = ti.floor(n * 0.5)
        p = ti.select(n - 2.0 * half > 0.5, p * base, p)
        base = base * base
        n = half
    return p


@ti.func
def exponential(x):
    """e^x. Relative error below 3e-7 in f32 and 2e-15 in f64; 0 and inf outside the range."""
    y = clamp(x, like(x, -745.0), like(x, 710.0))
    k = ti.floor(y * 1.4426950408889634 + 0.5)
    r = (y - k * 0.693145751953125) - k * 1.4286068203094173e-06
    q7 = 1.9841269841269841e-04 + r * (
        2.4801587301587302e-05 + r * (2.7557319223985893e-06 + r * (2.7557319223985888e-07 + r * 2.5052108385441720e-08))
    )
    q = 0.16666666666666667 + r * (
        4.1666666666666664e-02 + r * (8.3333333333333332e-03 + r * (1.3888888888888889e-03 + r * q7))
    )
    half = ti.floor(k * 0.5)
    return (1.0 + r + r * r * (0.5 + r * q)) * exp2_integer(half) * exp2_integer(k - half)


@ti.func
def logarithm(x):
    """Natural logarithm for x in [1e-38, 1e38]. Error below 3e-7 max(1, |log x|) in f32 and 1e-14 in f64; finite at 0."""
    m, e = x, like(x, 0.0)
    for i in ti.static(range(6, -1, -1)):  # scale by 2^(2^i) towards [1, 2)
        big = m >= 2.0 ** (2**i)
        m, e = ti.select(big, m * 0.5 ** (2**i), m), ti.select(big, e + 2.0**i, e)
        small = m < 0.5 ** (2**i - 1)
        m, e = ti.select(small, m * 2.0 ** (2**i), m), ti.select(small, e - 2.0**i, e)
    high = m > 1.4142135623730951
    m, e = ti.select(high, m * 0.5, m), ti.select(high, e + 1.0, e)
    t = (m - 1.0) / (m + 1.0)
    z = t * t
    p6 = 0.090909090909090912 + z * (
        0.076923076923076927 + z * (0.066666666666666667 + z * (0.058823529411764705 + z * 0.052631578947368418))
    )
    p = 0.33333333333333331 + z * (0.2 + z * (0.14285714285714285 + z * (0.1111111111111111 + z * p6)))
    return e * 0.69314718055994531 + 2.0 * (t + t * z * p)


@ti.func
def power(x, y):
    """x^y for x > 0, and 0 for x <= 0."""
    positive = x > 0.0
    return ti.select(positive, exponential(y * logarithm(ti.select(positive, x, like(x, 1.0)))), like(x, 0.0))
