"""Three-vectors as structs of R (lanes or scalars). A vector type of the compiler would take the place that the lanes need."""

from engine.compiler import macro, ti, variable
from engine.math.lanes import like, maximum


@macro
def vec3(x, y, z):
    return ti.Struct(x=x, y=y, z=z)


@ti.func
def zero3(x):
    """The zero vector with the real type of `x`."""
    o = like(x, 0.0)
    return vec3(o, o, o)


@macro
def add(a, b):
    return vec3(a.x + b.x, a.y + b.y, a.z + b.z)


@macro
def sub(a, b):
    return vec3(a.x - b.x, a.y - b.y, a.z - b.z)


@macro
def scale(a, s):
    s = variable(s)
    return vec3(a.x * s, a.y * s, a.z * s)


@macro
def add_scaled(a, b, s):
    """a + s b."""
    s = variable(s)
    return vec3(a.x + b.x * s, a.y + b.y * s, a.z + b.z * s)


@macro
def neg3(a):
    return vec3(0.0 - a.x, 0.0 - a.y, 0.0 - a.z)


@macro
def mul3(a, b):
    """Component-wise product."""
    return vec3(a.x * b.x, a.y * b.y, a.z * b.z)


@macro
def dot(a, b):
    return variable(a.x * b.x + a.y * b.y + a.z * b.z)


@macro
def cross(a, b):
    return vec3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)


@ti.func
def norm(a):
    return ti.sqrt(dot(a, a))


@ti.func
def normalized(a):
    """Unit vector; the zero vector stays zero."""
    return scale(a, 1.0 / ti.sqrt(maximum(dot(a, a), like(a.x, 1e-30))))


@macro
def select3(mask, a, b):
    mask = variable(mask)
    return vec3(ti.select(mask, a.x, b.x), ti.select(mask, a.y, b.y), ti.select(mask, a.z, b.z))


@ti.func
def tangents(n):
    """Two unit vectors t1, t2 with t1 x t2 = n, continuous except at n.z = 0- (Duff et al. 2017)."""
    s = ti.select(n.z >= 0.0, like(n.z, 1.0), like(n.z, -1.0))
    a = -1.0 / (s + n.z)
    b = n.x * n.y * a
    return vec3(1.0 + s * n.x * n.x * a, s * b, 0.0 - s * n.x), vec3(b, s + n.y * n.y * a, 0.0 - n.y)
