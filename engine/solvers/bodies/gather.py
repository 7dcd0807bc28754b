"""Rows of tables seen by scalars and by lanes: a lane vector is gathered from one row per lane and scattered back.

All are macros: plain Python while a kernel is compiled. The rows of the lanes are `rows[base], rows[base + 1], ...`; scalars
read the single row `rows[base]`. The pattern value `x` says how many lanes there are.
"""

from engine.compiler import element, macro, ti, variable
from engine.math.quat import quat
from engine.math.vec3 import vec3


def width(x) -> int:
    """Lanes of an expression, 1 for a scalar."""
    return x.get_shape()[0] if hasattr(x, "is_tensor") and x.is_tensor() else 1


def _lanes_of(rows, base, x) -> list:
    base = variable(base)
    return [variable(element(rows, base + l)) for l in range(width(x))]


def _column(table, lanes, k):
    values = [element(table, row, k) for row in lanes]
    return variable(ti.lang.matrix.make_matrix(values)) if len(values) > 1 else variable(values[0])


def _three(table, lanes, k):
    return vec3(*(_column(table, lanes, k + i) for i in range(3)))


@macro
def gather(table, rows, base, k, x):
    """Column k of the rows of the lanes."""
    return _column(table, _lanes_of(rows, base, x), variable(k))


@macro
def gather3(table, rows, base, k, x):
    """Columns k to k + 2 as a vector."""
    return _three(table, _lanes_of(rows, base, x), variable(k))


@macro
def gather_quat(table, rows, base, k, x):
    """Columns k to k + 3 as a quaternion."""
    lanes = _lanes_of(rows, base, x)
    return quat(*(_column(table, lanes, k + i) for i in range(4)))


@macro
def gather_motion(table, rows, base, k, x):
    """Columns k to k + 5 as a linear part v and an angular part w."""
    lanes = _lanes_of(rows, base, x)
    return ti.Struct(v=_three(table, lanes, k), w=_three(table, lanes, k + 3))


@macro
def gather_symmetric(table, rows, base, k, x):
    """Columns k to k + 5 as a symmetric matrix xx yy zz xy xz yz."""
    lanes = _lanes_of(rows, base, x)
    return ti.Struct(d=_three(table, lanes, k), o=_three(table, lanes, k + 3))


@macro
def gather_shape(table, ints, rows, base, count, columns, x):
    """The convex shape of engine.collision.shapes in every lane; kind and mesh are those of the first lane. `columns` are those
    of size, core and radius."""
    lanes = _lanes_of(rows, base, x)
    size, core, radius, kind, mesh = columns
    number = variable(lanes[0] % variable(count))
    return ti.Struct(
        kind=variable(element(ints, number, kind)),
        e=_three(table, lanes, core),
        s=_three(table, lanes, size),
        r=_column(table, lanes, radius),
        mesh=variable(element(ints, number, mesh)),
    )


@macro
def in_use(rows, base, limit, x):
    """1 in lanes whose row is below the limit, else 0."""
    values = [ti.select(row < limit, 1.0, 0.0) for row in _lanes_of(rows, base, x)]
    return variable(ti.lang.matrix.make_matrix(values)) if len(values) > 1 else variable(values[0])


def _store(table, lanes, columns: dict) -> None:
    for l, row in enumerate(lanes):
        for k, value in columns.items():
            element(table, row, k)._assign(element(value, l) if len(lanes) > 1 else value)


@macro
def scatter(table, rows, base, k, value):
    """Write a lane vector into column k of the rows of the lanes."""
    _store(table, _lanes_of(rows, base, value), {variable(k): value})


@macro
def scatter3(table, rows, base, k, v):
    """Write a vector into columns k to k + 2."""
    k = variable(k)
    _store(table, _lanes_of(rows, base, v.x), {k: v.x, variable(k + 1): v.y, variable(k + 2): v.z})


@macro
def scatter_motion(table, rows, base, k, v, w):
    """Write a linear and an angular part into columns k to k + 5."""
    values = (v.x, v.y, v.z, w.x, w.y, w.z)
    _store(table, _lanes_of(rows, base, v.x), {variable(k + i): value for i, value in enumerate(values)})


@macro
def row3(table, row, k):
    """Columns k to k + 2 of one row as a vector of scalars."""
    return vec3(*(variable(element(table, row, k + i)) for i in range(3)))


@macro
def row_quat(table, row, k):
    """Columns k to k + 3 of one row as a quaternion."""
    return quat(*(variable(element(table, row, k + i)) for i in range(4)))


@macro
def row_symmetric(table, row, k):
    """Columns k to k + 5 of one row as a symmetric matrix."""
    return ti.Struct(d=row3(table, row, k), o=row3(table, row, k + 3))


@macro
def set_row3(table, row, k, v):
    """Write a vector of scalars into one row."""
    for i, value in enumerate((v.x, v.y, v.z)):
        element(table, row, k + i)._assign(value)


@macro
def set_row_quat(table, row, k, q):
    """Write a quaternion into one row."""
    for i, value in enumerate((q.w, q.x, q.y, q.z)):
        element(table, row, k + i)._assign(value)


@macro
def lanes3(block, b, k):
    """Slots k to k + 2 of a block as a vector of lanes."""
    k = variable(k)
    return vec3(*(variable(element(block, b, k + i)) for i in range(3)))


@macro
def set_lanes3(block, b, k, v):
    """Write a vector of lanes into a block."""
    k = variable(k)
    for i, value in enumerate((v.x, v.y, v.z)):
        element(block, b, k + i)._assign(value)


@macro
def lanes_symmetric(block, b, k):
    """Slots k to k + 5 of a block as a symmetric matrix."""
    return ti.Struct(d=lanes3(block, b, k), o=lanes3(block, b, k + 3))


@macro
def times(m, v):
    """Symmetric matrix (d: xx yy zz, o: xy xz yz) times a vector."""
    return vec3(
        variable(m.d.x * v.x + m.o.x * v.y + m.o.y * v.z),
        variable(m.o.x * v.x + m.d.y * v.y + m.o.z * v.z),
        variable(m.o.y * v.x + m.o.z * v.y + m.d.z * v.z),
    )


@macro
def first_turn(q, chunk, end):
    """Where turn q of a loop of workers * chunk turns begins: at its worker's number, or at the end (see runtime.CHUNK)."""
    return variable(ti.select(q % chunk == 0, q // chunk, end))
