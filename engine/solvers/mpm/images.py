"""Images of particles behind the surfaces that they press on, as in the method of images.

An image has the mass of its particle, and its velocity and stress mirrored at the surface. Matter that slides keeps its
velocity along the surface in the mirror; matter that sticks has all of its velocity turned round, so that it is at rest on
the surface itself. Images give to the nodes in sight what the matter would that the surface stands for (`scatter_images`),
once the bodies' velocities are known; the body gains what they lose. Reading back, hidden nodes have the mirrored velocities
of those in sight (`mirrored`).

Limits: images shrink with the bend of round shapes (`shapes.shrunk`); edges of boxes have none.
"""

from engine.compiler import stage, ti
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.contact import (
    NO_SLIP,
    along,
    arm_to,
    behind_of,
    cross,
    dot,
    gravity_step,
    grip_of,
    node_at,
    share_at,
    slot_of,
    speed_at,
    stencil,
    weight_of,
)
from engine.solvers.mpm.grid import V4, row_of
from engine.solvers.mpm.scatter import affine_of

# particles press fully on surfaces nearer than (FADE - 1) / 2 cells, and not beyond FADE / 2; who sees a hidden node needs all
# of its image: a node that is half a ghost makes pressure from nothing
FADE = 3.5


@ti.func
def press(pt: ti.template(), pi: ti.template(), co: ti.template(), ei: ti.template(), e, row, p, count, dx):
    """How hard a particle presses on each surface: the part of its stress that goes to hidden nodes, along the normal, and
    the strength of its image behind the surface. A surface is pressed on only where the stress along its normal does so.
    """
    g, l = (row + p) >> 4, (row + p) & 15
    for c in range(count):
        at = slot_of(pi, ei, e, p, c)
        r, n = co[at + col.REACH], co[at + col.PLANE]
        touch = ti.min(ti.max(FADE - 2.0 * n[3] / dx, 0.0), 1.0)
        u = turned(pt, g, l, n)
        v = turned(pt, g, l, r)
        presses = ti.select(dot(u, n) > 0.0, touch, 0.0)
        co[at + col.PRESS] = V4(presses * co[at + col.PRESS][0], 0.0, 0.0, presses * ti.min(dot(v, n), 0.0))
        co[at + col.ECHO] = V4(0.0)


@ti.func
def turned(pt: ti.template(), g, l, r):
    """Stress of a particle times a vector."""
    xx, yy, zz, xy, xz, yz = pt[g, 0][l], pt[g, 1][l], pt[g, 2][l], pt[g, 3][l], pt[g, 4][l], pt[g, 5][l]
    return V4(
        xx * r[0] + xy * r[1] + xz * r[2], xy * r[0] + yy * r[1] + yz * r[2], xz * r[0] + yz * r[1] + zz * r[2], 0.0
    )  # fmt: skip


@ti.func
def measure_image(pt: ti.template(), co: ti.template(), row, p, at, q, low_mask, high_mask, dx, inv, sticks):
    """PRESS of a contact: strength of the image, its weight on the nodes in sight, its push on them along the normal."""
    g, l, press, plane = (row + p) >> 4, (row + p) & 15, co[at + col.PRESS], co[at + col.PLANE]
    if press[0] > 0.0:
        n, weight, push = along(plane), 0.0, 0.0
        u = turned(pt, g, l, n)
        for k in range(27):
            if behind_of(low_mask, high_mask, k) == 0:
                r = arm_to(q, k, dx) + 2.0 * ti.max(plane[3], 0.0) * n
                w = press[0] * share_at(r, inv)
                weight += w
                push += w * ti.select(sticks, dot(u, r), 2.0 * dot(u, n) * dot(r, n) - dot(u, r))
        co[at + col.PRESS] = V4(press[0], weight, push, press[3])


@stage
def scatter_images(
    pv: ti.types.ndarray(ndim=1),
    pt: ti.types.ndarray(ndim=2),
    pi: ti.types.ndarray(ndim=2),
    gr: ti.types.ndarray(ndim=1),
    bi: ti.types.ndarray(ndim=2),
    ei: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    mt: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2),
    bo: ti.types.ndarray(ndim=2),
    co: ti.types.ndarray(ndim=1),
    e: ti.i32,
    b: ti.i32,
    p: ti.i32,
) -> ti.i32:
    """Hand to the nodes in sight what the images of a particle behind the surfaces that it presses on give: its mass, its
    velocity and its stress, mirrored at the surface that moves with its solved velocity. The contact notes the sum.
    """
    row, dx, inv, fall = row_of(ei, pi, e), ef[e, col.DX], ef[e, col.INV_DX], gravity_step(ef, e)
    at, material = (row + p) * col.FIELDS, mt.shape[0] // ei.shape[0] * e + pi[row + p, col.MATERIAL]
    x, m, v = pv[at], pv[at][3], pv[at + 1]
    ax, ay, az = affine_of(pv, pt, row + p)
    q, low_mask, high_mask = stencil(bi, ef, e, b, x), pi[row + p, col.BEHIND], pi[row + p, col.BEHIND + 1]
    for c in range(pi[row + p, col.CONTACTS]):
        a = slot_of(pi, ei, e, p, c)
        strength, mark, sum, turn, lean = co[a + col.PRESS][0], co[a + col.SPOT], V4(0.0), V4(0.0), V4(0.0)
        n, d = along(co[a + col.PLANE]), 2.0 * ti.max(co[a + col.PLANE][3], 0.0)
        s = bi[b, col.NEAR + ti.i32(mark[3])]
        carried = speed_at(bo, ti.i32(sh[s, col.CARRIER]), col.SOLVED, mark[0], mark[1], mark[2])
        sticks = grip_of(mt, sh, material, s) > NO_SLIP
        apart = v + fall - carried
        apart = ti.select(sticks, along(apart), dot(apart, n) * n)
        own = m * (v - 2.0 * apart)
        own = V4(own[0], own[1], own[2], m)
        for k in range(ti.select(strength > 0.0, 27, 0)):
            if behind_of(low_mask, high_mask, k) == 0:
                r = arm_to(q, k, dx) + d * n
                w = strength * share_at(r, inv)
                h = r - 2.0 * dot(r, n) * n
                z = ax * h[0] + ay * h[1] + az * h[2]
                stress = turned(pt, (row + p) >> 4, (row + p) & 15, r + h)
                push = w * (own + ti.select(sticks, stress - z, z - 2.0 * dot(z, n) * n))
                node = node_at(bi, b, q, k)
                gr[node] = gr[node] + push
                arm = arm_to(q, k, dx)
                sum, turn, lean = sum + push, turn + cross(arm, push), lean + push[3] * arm
        co[a + col.ECHO], co[a + col.ECHO_TURN], co[a + col.LEAN] = sum, turn, lean
    return 0


@ti.func
def regained(gr: ti.template(), bi: ti.template(), b, q, low_mask, high_mask, dx, inv, plane: ti.template(), strength, m):
    """Momentum that the image of a particle takes back from the nodes in sight, and its moment about the particle."""
    sum, turn, n = V4(0.0), V4(0.0), along(plane)
    d = 2.0 * ti.max(plane[3], 0.0)
    for k in range(27):
        if behind_of(low_mask, high_mask, k) == 0:
            u, r = gr[node_at(bi, b, q, k)], arm_to(q, k, dx)
            part = m * strength * share_at(r + d * n, inv) * along(u)
            sum, turn = sum + part, turn + cross(r, part)
    return sum, turn


@ti.func
def row_in_sight(gr: ti.template(), bi: ti.template(), b, q, low_mask, high_mask, dx, plane: ti.template(), first, step):
    """Of the nodes in sight in a row of three: weighted sums of velocity and of height above the surface, and the weight."""
    u, height, total = V4(0.0), 0.0, 0.0
    for t in range(3):
        k = first + step * t
        if behind_of(low_mask, high_mask, k) == 0:
            w = weight_of(q, k)
            u = u + w * gr[node_at(bi, b, q, k)]
            height += w * (dot(arm_to(q, k, dx), plane) + plane[3])
            total += w
    return u, height, total


@ti.func
def mirrored(gr: ti.template(), bi: ti.template(), b, q, low_mask, high_mask, dx, plane: ti.template(), carried, mine,
             strength, plain: ti.template(), sticks):  # fmt: skip
    """Velocities of the nodes that a contact hides, weighted, and the same times the distance along x, y and z: those of the
    nodes in sight in the same row across the surface, mirrored at the surface, which moves with `carried`. One velocity for
    all hidden nodes would not do: it takes divergence from the gradient that the pressure does not give back, and blows up.
    """
    n, sum, sx, sy, sz = along(plane), V4(0.0), V4(0.0), V4(0.0), V4(0.0)
    step = 9
    if ti.abs(n[1]) > ti.max(ti.abs(n[0]), ti.abs(n[2])):
        step = 3
    elif ti.abs(n[2]) > ti.abs(n[0]):
        step = 1
    for k in range(27):
        if behind_of(low_mask, high_mask, k) == mine:
            r = arm_to(q, k, dx)
            u, height, total = row_in_sight(gr, bi, b, q, low_mask, high_mask, dx, plane, k - step * (k // step % 3), step)
            if total > 1e-6:
                u, height = u / total, ti.max(height / total, 0.05 * dx)
            else:
                u, height = plain, dx
            ratio = ti.max((dot(r, n) + plane[3]) / height, -2.0)
            apart = along(u) - carried
            apart = ti.select(sticks, apart, dot(apart, n) * n)
            u = strength * weight_of(q, k) * (along(u) + (ratio - 1.0) * apart)
            sum, sx, sy, sz = sum + u, sx + r[0] * u, sy + r[1] * u, sz + r[2] * u
    return sum, sx, sy, sz
