"""Unit quaternions (w, x, y, z) as structs of R: `rotate(q_WB, p_B)` is the vector p_B seen in W."""

from engine.compiler import macro, ti
from engine.math.lanes import arctan2, like, maximum, sincos
from engine.math.vec3 import add, cross, norm, scale, vec3


@macro
def quat(w, x, y, z):
    return ti.Struct(w=w, x=x, y=y, z=z)


@ti.func
def quat_identity(x):
    o = like(x, 0.0)
    return quat(like(x, 1.0), o, o, o)


@ti.func
def quat_mul(p, q):
    return quat(
        p.w * q.w - p.x * q.x - p.y * q.y - p.z * q.z,
        p.w * q.x + p.x * q.w + p.y * q.z - p.z * q.y,
        p.w * q.y - p.x * q.z + p.y * q.w + p.z * q.x,
        p.w * q.z + p.x * q.y - p.y * q.x + p.z * q.w,
    )


@macro
def quat_conj(q):
    return quat(q.w, 0.0 - q.x, 0.0 - q.y, 0.0 - q.z)


@ti.func
def quat_normalized(q):
    n = 1.0 / ti.sqrt(maximum(q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z, like(q.w, 1e-30)))
    return quat(q.w * n, q.x * n, q.y * n, q.z * n)


@ti.func
def rotate(q, v):
    u = vec3(q.x, q.y, q.z)
    t = scale(cross(u, v), 2.0)
    return add(add(v, scale(t, q.w)), cross(u, t))


@ti.func
def rotate_back(q, v):
    return rotate(quat_conj(q), v)


@ti.func
def quat_axis_angle(axis, angle):
    s, c = sincos(angle * 0.5)
    return quat(c, axis.x * s, axis.y * s, axis.z * s)


@ti.func
def quat_exp(v):
    """Rotation by the vector v (axis times angle)."""
    n = norm(v)
    tiny = n < 1e-6
    s, c = sincos(n * 0.5)
    k = ti.select(tiny, like(n, 0.5), s / ti.select(tiny, like(n, 1.0), n))
    return quat_normalized(quat(c, v.x * k, v.y * k, v.z * k))


@ti.func
def quat_log(q):
    """Rotation vector (axis times angle, angle in [0, pi]) of a unit quaternion."""
    s = norm(vec3(q.x, q.y, q.z))
    tiny = s < 1e-12
    sgn = ti.select(q.w < 0.0, like(q.w, -1.0), like(q.w, 1.0))
    angle = 2.0 * arctan2(s, q.w * sgn)
    k = sgn * ti.select(tiny, like(s, 2.0), angle / ti.select(tiny, like(s, 1.0), s))
    return vec3(q.x * k, q.y * k, q.z * k)
