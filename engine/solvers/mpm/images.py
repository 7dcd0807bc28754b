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
    behind_of,
    cross,
    dot,
    gravity_step,
    grip_of,
    place_of,
    slot_of,
    speed_at,
    spline,
    stencil,
)
from engine.solvers.mpm.grid import V4, row_of
from engine.solvers.mpm.nodes import arms, collected, handed, in_sight, moved, scattered, shares, total
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
def measure_image(pt: ti.template(), co: ti.template(), row, p, at, a0, a1, low_mask, high_mask, dx, inv, sticks):
    """PRESS of a contact: strength of the image, its weight on the nodes in sight, its push on them along the normal."""
    g, l, press, plane = (row + p) >> 4, (row + p) & 15, co[at + col.PRESS], co[at + col.PLANE]
    if press[0] > 0.0:
        n, d = along(plane), 2.0 * inv * ti.max(plane[3], 0.0)
        u, b0, b1 = turned(pt, g, l, n), moved(a0, d * n[0], d * n[1], d * n[2]), moved(a1, d * n[0], d * n[1], d * n[2])
        w0, w1 = in_sight(shares(b0), low_mask, 0), in_sight(shares(b1), high_mask, 1)
        r = V4(total(w0 * b0.x + w1 * b1.x), total(w0 * b0.y + w1 * b1.y), total(w0 * b0.z + w1 * b1.z), 0.0)
        push = press[0] * dx * ti.select(sticks, dot(u, r), 2.0 * dot(u, n) * dot(r, n) - dot(u, r))
        co[at + col.PRESS] = V4(press[0], press[0] * total(w0 + w1), push, press[3])


@ti.func
def pushed(pt: ti.template(), p, r, ax, ay, az, n, sticks):
    """What the image of a particle gives to the grid per metre along r: its motion and its stress, mirrored."""
    h = r - 2.0 * dot(r, n) * n
    z = ax * h[0] + ay * h[1] + az * h[2]
    return ti.select(sticks, turned(pt, p >> 4, p & 15, r + h) - z, z - 2.0 * dot(z, n) * n)


@stage
def scatter_images(
    pv: ti.types.ndarray(ndim=1),
    pt: ti.types.ndarray(ndim=2),
    pi: ti.types.ndarray(ndim=2),
    tl: ti.types.ndarray(ndim=1),
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
    tile: ti.i32,
) -> ti.i32:
    """Hand to the nodes in sight what the images of a particle behind the surfaces that it presses on give: its mass, its
    velocity and its stress, mirrored at the surface that moves with its solved velocity. The contact notes the sum.
    """
    row, dx, inv, fall = row_of(ei, pi, e), ef[e, col.DX], ef[e, col.INV_DX], gravity_step(ef, e)
    at, material = (row + p) * col.FIELDS, mt.shape[0] // ei.shape[0] * e + pi[row + p, col.MATERIAL]
    x, m, v = pv[at], pv[at][3], pv[at + 1]
    ax, ay, az = affine_of(pv, pt, row + p)
    q, low_mask, high_mask = stencil(bi, ef, e, b, x), pi[row + p, col.BEHIND], pi[row + p, col.BEHIND + 1]
    a0, a1 = arms(q, 0), arms(q, 1)
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
        if strength > 0.0:
            b0, b1 = (
                moved(a0, inv * d * n[0], inv * d * n[1], inv * d * n[2]),
                moved(a1, inv * d * n[0], inv * d * n[1], inv * d * n[2]),
            )
            w0, w1 = strength * in_sight(shares(b0), low_mask, 0), strength * in_sight(shares(b1), high_mask, 1)
            bx = pushed(pt, row + p, V4(1.0, 0.0, 0.0, 0.0), ax, ay, az, n, sticks)
            by = pushed(pt, row + p, V4(0.0, 1.0, 0.0, 0.0), ax, ay, az, n, sticks)
            bz = pushed(pt, row + p, V4(0.0, 0.0, 1.0, 0.0), ax, ay, az, n, sticks)
            corner = own + (d * n[0] - dx * q.x) * bx + (d * n[1] - dx * q.y) * by + (d * n[2] - dx * q.z) * bz
            scattered(tl, tile + place_of(q), w0, w1, corner, dx * bx, dx * by, dx * bz)
            sum, turn, reach = handed(w0, w1, b0, b1, own, bx, by, bz, dx)
            turn, lean = turn - d * cross(n, sum), m * (along(reach) - reach[3] * d * n)
        co[a + col.ECHO], co[a + col.ECHO_TURN], co[a + col.LEAN] = sum, turn, lean
    return 0


@ti.func
def regained(tl: ti.template(), at, q, low_mask, high_mask, dx, inv, plane: ti.template(), strength, m):
    """Momentum that the image of a particle takes back from the nodes in sight, and its moment about the particle."""
    n, d = along(plane), 2.0 * inv * ti.max(plane[3], 0.0)
    w0 = in_sight(shares(moved(arms(q, 0), d * n[0], d * n[1], d * n[2])), low_mask, 0)
    w1 = in_sight(shares(moved(arms(q, 1), d * n[0], d * n[1], d * n[2])), high_mask, 1)
    sum, x, y, z = collected(tl, at, w0, w1)
    x, y, z = x - q.x * sum, y - q.y * sum, z - q.z * sum
    turn = V4(y[2] - z[1], z[0] - x[2], x[1] - y[0], 0.0)
    return m * strength * along(sum), m * strength * dx * turn


@ti.func
def across(plane: ti.template(), q):
    """The axis of the grid nearest to a normal and the two others: for each the unit vector with the component of the normal,
    and the distance to the first node, the step in the stencil and in the tile.
    """
    x, y, z = V4(1.0, 0.0, 0.0, plane[0]), V4(0.0, 1.0, 0.0, plane[1]), V4(0.0, 0.0, 1.0, plane[2])
    fx, fy, fz = V4(q.x, 9.0, 64.0, 0.0), V4(q.y, 3.0, 8.0, 0.0), V4(q.z, 1.0, 1.0, 0.0)
    s, u, v, fs, fu, fv = x, y, z, fx, fy, fz
    if ti.abs(plane[1]) > ti.max(ti.abs(plane[0]), ti.abs(plane[2])):
        s, u, fs, fu = y, x, fy, fx
    elif ti.abs(plane[2]) > ti.abs(plane[0]):
        s, u, v, fs, fu, fv = z, x, y, fz, fx, fy
    return ti.Struct(s=s, u=u, v=v, fs=fs, fu=fu, fv=fv)


@ti.func
def row_in_sight(tl: ti.template(), at, low_mask, high_mask, node, a, weight, depth, rise):
    """Of the nodes in sight in a row of three: weighted sums of velocity and of height above the surface, and the weight."""
    u, height, total = V4(0.0), 0.0, 0.0
    for t in ti.static(range(3)):
        w = weight * spline(a[0], t)
        w = ti.select(behind_of(low_mask, high_mask, node + t * ti.i32(a[1])) == 0, w, 0.0)
        u = u + w * tl[at + t * ti.i32(a[2])]
        height += w * (depth + ti.static(float(t)) * rise)
        total += w
    return u, height, total


@ti.func
def mirrored(tl: ti.template(), at, q, low_mask, high_mask, dx, plane: ti.template(), carried, mine, plain: ti.template(),
             sticks):  # fmt: skip
    """Velocities of the nodes that a contact hides, weighted, and the same times the distance along x, y and z: those of the
    nodes in sight in the same row across the surface, mirrored at the surface, which moves with `carried`. One velocity for
    all hidden nodes would not do: it takes divergence from the gradient that the pressure does not give back, and blows up.
    """
    n, sum, su, sv, ss = along(plane), V4(0.0), V4(0.0), V4(0.0), V4(0.0)
    a, lowest = across(plane, q), plane[3] - dx * (plane[0] * q.x + plane[1] * q.y + plane[2] * q.z)
    for i in range(3):
        for j in range(3):
            node, k = i * ti.i32(a.fu[1]) + j * ti.i32(a.fv[1]), at + i * ti.i32(a.fu[2]) + j * ti.i32(a.fv[2])
            depth, weight = lowest + dx * (ti.f32(i) * a.u[3] + ti.f32(j) * a.v[3]), spline(a.fu[0], i) * spline(a.fv[0], j)
            u, height, total = row_in_sight(tl, k, low_mask, high_mask, node, a.fs, weight, depth, dx * a.s[3])
            safe = ti.max(total, 1e-6)
            u = ti.select(total > 1e-6, u / safe, plain)
            height = ti.select(total > 1e-6, ti.max(height / safe, 0.05 * dx), dx)
            apart = along(u) - carried
            apart = ti.select(sticks, apart, dot(apart, n) * n)
            own, turned_round, far, far_round = 0.0, 0.0, 0.0, 0.0
            for t in ti.static(range(3)):
                mine_here = behind_of(low_mask, high_mask, node + t * ti.i32(a.fs[1])) == mine
                w = ti.select(mine_here, weight * spline(a.fs[0], t), 0.0)
                back = w * (ti.max((depth + ti.static(float(t)) * dx * a.s[3]) / height, -2.0) - 1.0)
                own, turned_round = own + w, turned_round + back
                far, far_round = far + ti.static(float(t)) * w, far_round + ti.static(float(t)) * back
            u, ahead = own * along(u) + turned_round * apart, far * along(u) + far_round * apart
            sum, su, sv, ss = sum + u, su + ti.f32(i) * u, sv + ti.f32(j) * u, ss + ahead
    su, sv, ss = dx * (su - a.fu[0] * sum), dx * (sv - a.fv[0] * sum), dx * (ss - a.fs[0] * sum)
    return (
        sum,
        a.u[0] * su + a.v[0] * sv + a.s[0] * ss,
        a.u[1] * su + a.v[1] * sv + a.s[1] * ss,
        a.u[2] * su + a.v[2] * sv + a.s[2] * ss,
    )
