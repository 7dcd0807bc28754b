"""Where a slot of an environment group lies: `ld`/`st` hide the order of the two indices.

CPU keeps groups together, `[group, slot]`, one SIMD vector of environments per slot (measured 12 times faster there than the
other order). A GPU thread owns one environment and neighbours must read neighbours, so there it is `[slot, env]`. The choice is
made once, by `engine.init`, before any kernel is compiled. Model constants have a leading dimension of one row, or a row per
group, behind `ldm`.
"""

from engine.compiler import element, macro, ti, variable
from engine.math.quat import quat
from engine.math.vec3 import vec3


class Layout:
    """Compile-time choice of the memory order; set by `engine.runtime.init` only."""

    group_major = True


LAYOUT = Layout()


@macro
def ld(a, g, i):
    """Slot `i` of group (or environment) `g`."""
    return variable(element(a, g, i) if LAYOUT.group_major else element(a, i, g))


@ti.func
def st(a: ti.template(), g, i, value):
    if ti.static(LAYOUT.group_major):
        a[g, i] = value
    else:
        a[i, g] = value


@ti.func
def ldm(mf: ti.template(), g, i):
    """Model constant `i` for group `g`: the only row, or the group's own."""
    row, column = i, g
    if ti.static(LAYOUT.group_major):
        row, column = ti.min(g, mf.shape[0] - 1), i
    else:
        column = ti.min(g, mf.shape[1] - 1)
    return mf[row, column]


@macro
def ld3(a, g, i):
    i = variable(i)
    return vec3(ld(a, g, i), ld(a, g, i + 1), ld(a, g, i + 2))


@ti.func
def st3(a: ti.template(), g, i, v):
    st(a, g, i, v.x)
    st(a, g, i + 1, v.y)
    st(a, g, i + 2, v.z)


@macro
def ld_quat(a, g, i):
    i = variable(i)
    return quat(ld(a, g, i), ld(a, g, i + 1), ld(a, g, i + 2), ld(a, g, i + 3))


@ti.func
def st_quat(a: ti.template(), g, i, q):
    st(a, g, i, q.w)
    st(a, g, i + 1, q.x)
    st(a, g, i + 2, q.y)
    st(a, g, i + 3, q.z)


@ti.func
def ldm3(mf: ti.template(), g, i):
    return vec3(ldm(mf, g, i), ldm(mf, g, i + 1), ldm(mf, g, i + 2))


@ti.func
def ldm_quat(mf: ti.template(), g, i):
    return quat(ldm(mf, g, i), ldm(mf, g, i + 1), ldm(mf, g, i + 2), ldm(mf, g, i + 3))
