"""What everything at a surface needs: the contacts of a particle, the nodes around it, velocities of bodies, friction."""

from engine.compiler import ti
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.grid import V4

GAP = 0.25  # cells from the surface within which a particle is stopped
FARTHEST = 2.6  # cells from a surface within which a particle may see a node behind it
NO_SLIP = 1e6  # coefficients of friction above it mean that matter sticks


@ti.func
def slot_of(pi: ti.template(), ei: ti.template(), e, p, c):
    """First vector of contact c of particle p of an environment."""
    return ((pi.shape[0] // (2 * ei.shape[0]) * e + p) * col.MAX_CONTACTS + c) * col.CONTACT_FIELDS


@ti.func
def stencil(bi: ti.template(), ef: ti.template(), e, b, x: ti.template()):
    """Where a particle of block b is among its 27 nodes: distances to the first one in cells (x y z), and that node, counted
    from four nodes before the block (i j k).
    """
    inv = ef[e, col.INV_DX]
    gx, gy, gz = (x[0] - ef[e, col.LOW]) * inv, (x[1] - ef[e, col.LOW + 1]) * inv, (x[2] - ef[e, col.LOW + 2]) * inv
    i, j, k = ti.i32(ti.floor(gx - 0.5)), ti.i32(ti.floor(gy - 0.5)), ti.i32(ti.floor(gz - 0.5))
    return ti.Struct(
        x=gx - ti.f32(i), y=gy - ti.f32(j), z=gz - ti.f32(k), i=i - 4 * bi[b, 0] + 4, j=j - 4 * bi[b, 1] + 4,
        k=k - 4 * bi[b, 2] + 4,
    )  # fmt: skip


@ti.func
def arm_to(q, n, dx):
    """From a particle to node n of its stencil, in m."""
    return dx * V4(ti.f32(n // 9) - q.x, ti.f32(n // 3 % 3) - q.y, ti.f32(n % 3) - q.z, 0.0)


@ti.func
def place_of(q):
    """The first node of a stencil in the tile of the block."""
    return (
        64 * ti.min(ti.max(q.i - 3, 0), 5) + 8 * ti.min(ti.max(q.j - 3, 0), 5) + ti.min(ti.max(q.k - 3, 0), 5)
    )  # fmt: skip


@ti.func
def behind_of(low_mask, high_mask, n):
    """1 + the contact whose surface hides node n, or 0."""
    return ti.select(n < 14, low_mask >> (2 * ti.min(n, 13)), high_mask >> (2 * ti.max(n - 14, 0))) & 3


@ti.func
def spline(f, k):
    """Weight of node k, chosen at run time."""
    t = ti.abs(f - ti.f32(k))
    return ti.select(t < 0.5, 0.75 - t * t, 0.5 * (1.5 - t) * (1.5 - t))


@ti.func
def gravity_step(ef: ti.template(), e):
    """Velocity that gravity gives in a substep."""
    return ef[e, col.KICK] * V4(ef[e, col.GRAVITY], ef[e, col.GRAVITY + 1], ef[e, col.GRAVITY + 2], 0.0)


@ti.func
def along(plane: ti.template()):
    """The normal of a plane without its distance."""
    return V4(plane[0], plane[1], plane[2], 0.0)


@ti.func
def speed_at(bo: ti.template(), body, twist, x, y, z):
    """Velocity of a body at a point given from its centre of mass."""
    wx, wy, wz = bo[body, twist + 3], bo[body, twist + 4], bo[body, twist + 5]
    return V4(
        bo[body, twist] + wy * z - wz * y, bo[body, twist + 1] + wz * x - wx * z, bo[body, twist + 2] + wx * y - wy * x, 0.0
    )  # fmt: skip


@ti.func
def dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@ti.func
def cross(a, b):
    return V4(a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0], 0.0)


@ti.func
def grip_of(mt: ti.template(), sh: ti.template(), m, s):
    """Coefficient of friction between a material and a shape."""
    own = mt[m, col.BOND]
    return ti.select(own < 0.0, sh[s, col.GRIP], own)
