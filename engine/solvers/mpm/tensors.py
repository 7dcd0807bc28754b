"""Symmetric 3 x 3 tensors on lanes: products and the eigensystem.

Eigensystem by cyclic Jacobi rotations (Golub and Van Loan, 8.5.2): to single precision for any input in four sweeps at most. A
lane whose off-diagonal entries have gone is not touched again, so no lane depends on the others.
"""

from engine.compiler import ti
from engine.math.lanes import absolute, any_lane, like, maximum

SWEEPS = 4
GONE = 1e-8  # off-diagonal entries over the size of the tensor that do not change the eigenvalues in single precision


@ti.func
def sym(xx, yy, zz, xy, xz, yz):
    return ti.Struct(xx=xx, yy=yy, zz=zz, xy=xy, xz=xz, yz=yz)


@ti.func
def trace(a):
    return a.xx + a.yy + a.zz


@ti.func
def plus_trace(a, s):
    """a + s I."""
    return sym(a.xx + s, a.yy + s, a.zz + s, a.xy, a.xz, a.yz)


@ti.func
def blend(mask, a, b):
    """a where the mask holds, else b."""
    return sym(
        ti.select(mask, a.xx, b.xx), ti.select(mask, a.yy, b.yy), ti.select(mask, a.zz, b.zz),
        ti.select(mask, a.xy, b.xy), ti.select(mask, a.xz, b.xz), ti.select(mask, a.yz, b.yz),
    )  # fmt: skip


@ti.func
def scaled(a, s):
    return sym(a.xx * s, a.yy * s, a.zz * s, a.xy * s, a.xz * s, a.yz * s)


@ti.func
def added(a, b):
    return sym(a.xx + b.xx, a.yy + b.yy, a.zz + b.zz, a.xy + b.xy, a.xz + b.xz, a.yz + b.yz)


@ti.func
def volume_change(e):
    """det(I + e) - 1, without cancellation for small e."""
    minors = e.xx * e.yy - e.xy * e.xy + e.xx * e.zz - e.xz * e.xz + e.yy * e.zz - e.yz * e.yz
    det = e.xx * (e.yy * e.zz - e.yz * e.yz) - e.xy * (e.xy * e.zz - e.yz * e.xz) + e.xz * (e.xy * e.yz - e.yy * e.xz)
    return trace(e) + minors + det


@ti.func
def jacobi(app, aqq, apq, gone):
    """Cosine, sine and the change of the diagonal that zero the entry pq, unless it is already gone."""
    done = absolute(apq) <= gone
    apart, double = aqq - app, 2.0 * apq
    away = absolute(apart) + ti.sqrt(apart * apart + double * double)
    t = ti.select(apart < 0.0, 0.0 - double, double) / ti.select(done, like(apq, 1.0), away)
    t = ti.select(done, like(apq, 0.0), t)
    c = 1.0 / ti.sqrt(t * t + 1.0)
    return c, t * c, t * apq


@ti.func
def eigensystem(e):
    """Eigenvalues (x, y, z) and eigenvectors as columns (m00 ... m22)."""
    one, zero = like(e.xx, 1.0), like(e.xx, 0.0)
    xx, yy, zz, xy, xz, yz = e.xx, e.yy, e.zz, e.xy, e.xz, e.yz
    m00, m01, m02, m10, m11, m12, m20, m21, m22 = one, zero, zero, zero, one, zero, zero, zero, one
    largest = maximum(absolute(xy), maximum(absolute(xz), absolute(yz)))
    gone = maximum(GONE * (absolute(xx) + absolute(yy) + absolute(zz) + largest), like(xx, 1e-18))
    sweeps = ti.select(any_lane(largest > gone) > 0, SWEEPS, 0)
    while sweeps > 0:
        c, s, h = jacobi(xx, yy, xy, gone)
        xx, yy = xx - h, yy + h
        xz, yz, xy = c * xz - s * yz, s * xz + c * yz, zero
        m00, m01 = c * m00 - s * m01, s * m00 + c * m01
        m10, m11 = c * m10 - s * m11, s * m10 + c * m11
        m20, m21 = c * m20 - s * m21, s * m20 + c * m21
        c, s, h = jacobi(xx, zz, xz, gone)
        xx, zz = xx - h, zz + h
        xy, yz, xz = c * xy - s * yz, s * xy + c * yz, zero
        m00, m02 = c * m00 - s * m02, s * m00 + c * m02
        m10, m12 = c * m10 - s * m12, s * m10 + c * m12
        m20, m22 = c * m20 - s * m22, s * m20 + c * m22
        c, s, h = jacobi(yy, zz, yz, gone)
        yy, zz = yy - h, zz + h
        xy, xz, yz = c * xy - s * xz, s * xy + c * xz, zero
        m01, m02 = c * m01 - s * m02, s * m01 + c * m02
        m11, m12 = c * m11 - s * m12, s * m11 + c * m12
        m21, m22 = c * m21 - s * m22, s * m21 + c * m22
        largest = maximum(absolute(xy), maximum(absolute(xz), absolute(yz)))
        sweeps = ti.select(any_lane(largest > gone) > 0, sweeps - 1, 0)
    return ti.Struct(
        x=xx, y=yy, z=zz, m00=m00, m01=m01, m02=m02, m10=m10, m11=m11, m12=m12, m20=m20, m21=m21, m22=m22
    )  # fmt: skip


@ti.func
def composed(s, a, b, c):
    """Sum of the eigenvalues a, b, c times the dyads of the eigenvectors in s."""
    return sym(
        a * s.m00 * s.m00 + b * s.m01 * s.m01 + c * s.m02 * s.m02,
        a * s.m10 * s.m10 + b * s.m11 * s.m11 + c * s.m12 * s.m12,
        a * s.m20 * s.m20 + b * s.m21 * s.m21 + c * s.m22 * s.m22,
        a * s.m00 * s.m10 + b * s.m01 * s.m11 + c * s.m02 * s.m12,
        a * s.m00 * s.m20 + b * s.m01 * s.m21 + c * s.m02 * s.m22,
        a * s.m10 * s.m20 + b * s.m11 * s.m21 + c * s.m12 * s.m22,
    )  # fmt: skip
