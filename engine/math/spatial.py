"""Spatial (six-dimensional) algebra on structs of R: motion and force vectors with the angular part first.

Motion `(w, v)`: angular velocity, and velocity of the point of the body that is at the reference point. Force `(n, f)`: moment
about the reference point, and force. Inertia about the reference point: `(xx, yy, zz, xy, xz, yz, h = m c, m)`.
Reference: Featherstone, Rigid Body Dynamics Algorithms (2008), chapter 2; the layout of the inertia follows MuJoCo's `cinert`.
"""

from engine.compiler import macro, ti, variable
from engine.math.memory import ld, ld3, st, st3
from engine.math.vec3 import add, cross, dot, scale, sub, vec3, zero3


@macro
def spatial(a, l):
    return ti.Struct(a=a, l=l)


@ti.func
def zero6(x):
    return spatial(zero3(x), zero3(x))


@macro
def add6(p, q):
    return spatial(add(p.a, q.a), add(p.l, q.l))


@macro
def scale6(p, s):
    s = variable(s)
    return spatial(scale(p.a, s), scale(p.l, s))


@macro
def dot6(p, q):
    return dot(p.a, q.a) + dot(p.l, q.l)


@ti.func
def cross_motion(v, u):
    """v x u for motion vectors."""
    return spatial(cross(v.a, u.a), add(cross(v.a, u.l), cross(v.l, u.a)))


@ti.func
def cross_force(v, f):
    """v x* f for a motion and a force vector."""
    return spatial(add(cross(v.a, f.a), cross(v.l, f.l)), cross(v.a, f.l))


@macro
def velocity_at(v, r):
    """Velocity of the point at offset `r` from the reference point."""
    return add(v.l, cross(v.a, r))


@ti.func
def inertia_mul(I, v):
    """Momentum (force vector) of the motion `v`."""
    w = v.a
    rotational = vec3(
        I.xx * w.x + I.xy * w.y + I.xz * w.z,
        I.xy * w.x + I.yy * w.y + I.yz * w.z,
        I.xz * w.x + I.yz * w.y + I.zz * w.z,
    )
    return spatial(add(rotational, cross(I.h, v.l)), sub(scale(v.l, I.m), cross(I.h, w)))


@ti.func
def ld6(a: ti.template(), g, i):
    return spatial(ld3(a, g, i), ld3(a, g, i + 3))


@ti.func
def st6(a: ti.template(), g, i, v):
    st3(a, g, i, v.a)
    st3(a, g, i + 3, v.l)


@ti.func
def ld_inertia(a: ti.template(), g, i):
    return ti.Struct(
        xx=ld(a, g, i), yy=ld(a, g, i + 1), zz=ld(a, g, i + 2),
        xy=ld(a, g, i + 3), xz=ld(a, g, i + 4), yz=ld(a, g, i + 5),
        h=ld3(a, g, i + 6), m=ld(a, g, i + 9),
    )  # fmt: skip


@ti.func
def st_inertia(a: ti.template(), g, i, I):
    st(a, g, i, I.xx)
    st(a, g, i + 1, I.yy)
    st(a, g, i + 2, I.zz)
    st(a, g, i + 3, I.xy)
    st(a, g, i + 4, I.xz)
    st(a, g, i + 5, I.yz)
    st3(a, g, i + 6, I.h)
    st(a, g, i + 9, I.m)
