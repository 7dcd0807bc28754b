"""Where a slot of an environment group lies: `ld`/`st` hide the order of the two indices.

CPU keeps groups together, `[group, slot]`, one SIMD vector of environments per slot (measured 12 times faster there than the
other order). A GPU thread owns one environment and neighbours must read neighbours, so there it is `[slot, env]`. The choice is
made once, by `engine.init`, before any kernel is compiled. Model constants have a leading dimension of one row, or a row per
group, behind `ldm`.

A *cursor* takes the place of the group number `g` in the stages of a step. The compiler reloads the row length and multiplies
it by the group at every access, because any store might have changed it; a cursor holds the first element of the group's row
of each array instead. Indices are masked to 30 bits, so that the compiler sees that neighbours do not wrap around and folds
them into one address. Limits: 2^30 elements of one array on a CPU (64 GB of f32 lanes).
"""

from engine.compiler import element, holds_integers, macro, ti, variable
from engine.math.quat import quat
from engine.math.vec3 import vec3


class Layout:
    """Compile-time choice of the memory order; set by `engine.runtime.init` only."""

    group_major = True


LAYOUT = Layout()
MASK = (1 << 30) - 1


@ti.func
def cursor(mf: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """What stands for the group `g` in `ld`, `st` and `ldm` of these three arrays; `g` itself on a GPU."""
    if ti.static(LAYOUT.group_major):
        row = ti.min(g, mf.shape[0] - 1)
        return ti.Struct(reals=g * ws.shape[1], ints=g * wi.shape[1], constants=row * mf.shape[1])
    else:
        return g


def is_cursor(g) -> bool:
    """Compile-time: is this a cursor, not a group number?"""
    return hasattr(g, "entries")


@macro
def place(a, g, i):
    """Index of slot `i` of array `a` from its first element (inside a macro)."""
    row = g.entries["ints" if holds_integers(a) else "reals"]
    return variable((row + i) & MASK)


def get(a, g, i, k):
    """Slot `i + k` of a group, k a number; `i` is what `start` returned (inside a macro)."""
    if is_cursor(g):
        return variable(element(a, 0, i + k))
    return variable(element(a, g, i + k) if LAYOUT.group_major else element(a, i + k, g))


def start(a, g, i):
    """Index of slot `i` for `get` (inside a macro)."""
    return place(a, g, i) if is_cursor(g) else variable(i)


@macro
def ld(a, g, i):
    """Slot `i` of group (or environment) `g`."""
    return get(a, g, start(a, g, i), 0)


@ti.func
def st(a: ti.template(), g, i, value):
    if ti.static(is_cursor(g)):
        a[0, place(a, g, i)] = value
    elif ti.static(LAYOUT.group_major):
        a[g, i] = value
    else:
        a[i, g] = value


@ti.func
def ldm(mf: ti.template(), g, i):
    """Model constant `i` for group `g`: the only row, or the group's own."""
    row, column = i, 0
    if ti.static(is_cursor(g)):
        row, column = 0, (g.constants + i) & MASK
    elif ti.static(LAYOUT.group_major):
        row, column = ti.min(g, mf.shape[0] - 1), i
    else:
        column = ti.min(g, mf.shape[1] - 1)
    return mf[row, column]


@macro
def ld3(a, g, i):
    i = start(a, g, i)
    return vec3(get(a, g, i, 0), get(a, g, i, 1), get(a, g, i, 2))


@ti.func
def st3(a: ti.template(), g, i, v):
    if ti.static(is_cursor(g)):
        at = place(a, g, i)
        a[0, at] = v.x
        a[0, at + 1] = v.y
        a[0, at + 2] = v.z
    else:
        st(a, g, i, v.x)
        st(a, g, i + 1, v.y)
        st(a, g, i + 2, v.z)


@macro
def ld9(a, g, i):
    """Nine slots in a row, as three vectors."""
    i = start(a, g, i)
    return ti.Struct(
        x=vec3(get(a, g, i, 0), get(a, g, i, 1), get(a, g, i, 2)),
        y=vec3(get(a, g, i, 3), get(a, g, i, 4), get(a, g, i, 5)),
        z=vec3(get(a, g, i, 6), get(a, g, i, 7), get(a, g, i, 8)),
    )


@ti.func
def st9(a: ti.template(), g, i, m):
    st3(a, g, i, m.x)
    st3(a, g, i + 3, m.y)
    st3(a, g, i + 6, m.z)


@macro
def ld_quat(a, g, i):
    i = start(a, g, i)
    return quat(get(a, g, i, 0), get(a, g, i, 1), get(a, g, i, 2), get(a, g, i, 3))


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
