"""Fast spinning bodies: the step conserves angular momentum instead of following the gyroscopic torque explicitly.

An explicit gyroscopic torque makes a top explode once h |omega| nears one (MuJoCo's Euler step does). Here the momentum about
the centre of mass (free joint) or the pivot (ball joint on the world) is carried over, L' = L + h t with the torque
t = I a + w x I w, and the next velocity follows from the rotation E = exp(h m) that the step makes: E u = (E I E')^-1 L', or
u = I^-1 E' L'. The rotation uses m = (w + u + h I^-1 t) / 2: the midpoint for the gyroscopic part, the new velocity for the
torque, as in the rest of the semi-implicit step. Solved by fixed-point iteration (cf. Simo and Wong 1991). The centre of mass
moves straight and carries the origin of the body along. Written as a changed acceleration in `direction` and as what the
position update adds to the new velocity, `spin_offset`. Bodies slower than SLOW radians per substep are left alone.
Limits: the descendants of the body count as frozen to it; ball joints further down a tree are not treated.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import any_lane, like, maximum
from engine.math.memory import ld3, ld_quat, ldm3, st, st3
from engine.math.quat import quat_exp, rotate, rotate_back
from engine.math.spatial import ld_inertia
from engine.math.vec3 import add, cross, dot, scale, select3, sub, vec3, zero3
from engine.types import JointType

FREE, BALL = int(JointType.FREE), int(JointType.BALL)
SLOW = 1e-3  # rad per substep
TURNS = 4


@ti.func
def inertia_about(I, p):
    """Rotational inertia about the point `p` of a spatial inertia, as a spatial inertia without first moment."""
    c = scale(I.h, 1.0 / maximum(I.m, like(I.m, 1e-30)))
    d = sub(p, c)
    cc, dd = dot(c, c), dot(d, d)
    return ti.Struct(
        xx=I.xx - I.m * (cc - c.x * c.x) + I.m * (dd - d.x * d.x),
        yy=I.yy - I.m * (cc - c.y * c.y) + I.m * (dd - d.y * d.y),
        zz=I.zz - I.m * (cc - c.z * c.z) + I.m * (dd - d.z * d.z),
        xy=I.xy + I.m * (c.x * c.y - d.x * d.y),
        xz=I.xz + I.m * (c.x * c.z - d.x * d.z),
        yz=I.yz + I.m * (c.y * c.z - d.y * d.z),
    )


@ti.func
def turn_mul(I, w):
    """I w for a rotational inertia."""
    return vec3(
        I.xx * w.x + I.xy * w.y + I.xz * w.z, I.xy * w.x + I.yy * w.y + I.yz * w.z, I.xz * w.x + I.yz * w.y + I.zz * w.z
    )


@ti.func
def turn_solve(I, b):
    """I^-1 b for a rotational inertia, by cofactors."""
    xx, yy, zz = I.yy * I.zz - I.yz * I.yz, I.xx * I.zz - I.xz * I.xz, I.xx * I.yy - I.xy * I.xy
    xy, xz, yz = I.xz * I.yz - I.xy * I.zz, I.xy * I.yz - I.xz * I.yy, I.xy * I.xz - I.xx * I.yz
    determinant = I.xx * xx + I.xy * xy + I.xz * xz
    inverse = 1.0 / maximum(determinant, like(determinant, 1e-30))
    return scale(vec3(xx * b.x + xy * b.y + xz * b.z, xy * b.x + yy * b.y + yz * b.z, xz * b.x + yz * b.y + zz * b.z), inverse)


@ti.func
def keep_spin(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, h):
    """`direction` and `spin_offset` of free bodies and of ball joints on the world."""
    for j in range(mi[N.num_joints]):
        kind, b, dof = mi[mi[AT.joint_type] + j], mi[mi[AT.joint_body] + j], mi[mi[AT.joint_dof_start] + j]
        for k in range(6):
            st(ws, g, mi[AT.spin_offset] + 6 * j + k, like(h, 0.0))
        pivots = kind == BALL and mi[mi[AT.body_parent] + b] == 0 and mi[mi[AT.body_joint_count] + b] == 1
        if kind == FREE or pivots:
            turn = dof
            if kind == FREE:
                turn = dof + 3
            q = ld_quat(ws, g, mi[AT.body_rotation_W] + 4 * b)
            w = rotate(q, ld3(ws, g, mi[AT.qvel] + turn))
            fast = h * h * dot(w, w) > SLOW * SLOW
            if any_lane(fast):
                spin_body(mi, mf, ws, g, h, j, b, turn, kind == FREE, q, w, fast)


@ti.func
def spin_body(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, h, j, b, turn, is_free, q, w, fast):
    """The same for one body: `turn` is its first rotational dof, `w` its velocity in W, `fast` the lanes that need it."""
    whole = ld_inertia(ws, g, mi[AT.body_composite_inertia] + 10 * b)
    c = rotate(q, ldm3(mf, g, mi[AT.joint_position] + 3 * j))
    if is_free:
        c = scale(whole.h, 1.0 / maximum(whole.m, like(whole.m, 1e-30)))
    inertia = inertia_about(whole, c)
    at = mi[AT.direction] + turn
    change = rotate(q, ld3(ws, g, at))
    momentum = turn_mul(inertia, w)
    torque = add(turn_mul(inertia, change), cross(w, momentum))
    target = add(momentum, scale(torque, h))
    pushed = add(w, scale(turn_solve(inertia, torque), h))
    u = add(w, scale(change, h))
    for _ in range(TURNS):
        u = turn_solve(inertia, rotate_back(quat_exp(scale(add(u, pushed), 0.5 * h)), target))
    middle = scale(add(u, pushed), 0.5)
    zero, offset = zero3(h), mi[AT.spin_offset] + 6 * j
    st3(ws, g, at, select3(fast, rotate_back(q, scale(sub(u, w), 1.0 / h)), ld3(ws, g, at)))
    st3(ws, g, offset + 3, select3(fast, rotate_back(q, sub(middle, u)), zero))
    if is_free:
        turned = quat_exp(scale(middle, h))
        v, a, after = ld3(ws, g, mi[AT.qvel] + turn - 3), ld3(ws, g, at - 3), rotate(turned, c)
        straight = add(add(v, cross(w, c)), scale(add(a, add(cross(change, c), cross(w, cross(w, c)))), h))
        new = sub(straight, cross(rotate(turned, u), after))
        st3(ws, g, at - 3, select3(fast, scale(sub(new, v), 1.0 / h), a))
        st3(ws, g, offset, select3(fast, sub(add(straight, scale(sub(c, after), 1.0 / h)), new), zero))
