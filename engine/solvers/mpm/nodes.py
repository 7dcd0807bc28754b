"""The 27 nodes of a particle side by side in lanes: fourteen in the first register, thirteen in the second.

For what is one number per node: distances, weights, which nodes a surface hides (two bits per node in a pair of masks, see
`contact.behind_of`). Sums over the nodes of the grid's velocities go through the worker's tile.
"""

from engine.compiler import macro, ti
from engine.math.lanes import absolute, like, maximum
from engine.solvers.mpm.contact import cross
from engine.solvers.mpm.grid import V4, V16, lanes_of

I16 = ti.types.vector(16, ti.i32)
FIRST = 14  # nodes in the first register
NUMBERS = tuple(tuple(n if n < (FIRST, 27)[h] else -1 for n in range(FIRST * h, FIRST * h + 16)) for h in range(2))
FAR = 9.0  # lanes without a node are far from everything
NODE_X = tuple(tuple(FAR if n < 0 else n // 9 for n in half) for half in NUMBERS)
NODE_Y = tuple(tuple(FAR if n < 0 else n // 3 % 3 for n in half) for half in NUMBERS)
NODE_Z = tuple(tuple(FAR if n < 0 else n % 3 for n in half) for half in NUMBERS)
ONES = tuple(tuple(0 if n < 0 else 1 << 2 * (n % FIRST) for n in half) for half in NUMBERS)
THREES = tuple(tuple(3 * one for one in half) for half in ONES)


@macro
def whole_lanes(values):
    """A constant register of integers."""
    return ti.lang.matrix.make_matrix([int(v) for v in values], ti.i32)


@ti.func
def arms(q, half: ti.template()):
    """From a particle to its nodes, in cells; q: its distances to the first one."""
    return ti.Struct(x=lanes_of(NODE_X[half]) - q.x, y=lanes_of(NODE_Y[half]) - q.y, z=lanes_of(NODE_Z[half]) - q.z)


@ti.func
def moved(a, x, y, z):
    """Arms from a point that lies behind by (x, y, z) cells."""
    return ti.Struct(x=a.x + x, y=a.y + y, z=a.z + z)


@ti.func
def bump(t):
    """The quadratic spline at t cells."""
    s = absolute(t)
    far = maximum(1.5 - s, like(s, 0.0))
    return ti.select(s < 0.5, 0.75 - s * s, 0.5 * far * far)


@ti.func
def shares(a):
    """Weights of nodes at arms a."""
    return bump(a.x) * bump(a.y) * bump(a.z)


@ti.func
def in_sight(w, mask, half: ti.template()):
    """Weights of the nodes that no surface hides, else 0."""
    return ti.select((I16(mask) & whole_lanes(THREES[half])) == 0, w, V16(0.0))


@ti.func
def hidden_by(w, mask, contact, half: ti.template()):
    """Weights of the nodes that the surface of a contact hides (1 for the first), else 0."""
    mine = (I16(mask) & whole_lanes(THREES[half])) == I16(contact) * whole_lanes(ONES[half])
    return ti.select(mine, w, V16(0.0))


@ti.func
def marked(behind, contact, mask, half: ti.template()):
    """Masks (one per lane) with the nodes that lie behind entered under a contact."""
    return ti.select(behind, I16(contact) * whole_lanes(ONES[half]), mask)


@ti.func
def among(mask, half: ti.template()):
    """Is the first bit of a node set?"""
    return (I16(mask) & whole_lanes(ONES[half])) != 0


@ti.func
def total(a):
    """Sum of sixteen lanes."""
    s = V4(a[0], a[1], a[2], a[3]) + V4(a[4], a[5], a[6], a[7]) + V4(a[8], a[9], a[10], a[11]) + V4(a[12], a[13], a[14], a[15])
    return (s[0] + s[1]) + (s[2] + s[3])


@ti.func
def handed(w0, w1, a0, a1, own, ax, ay, az, dx):
    """What nodes at arms a get in all if each gets its weight of own + a.x ax + a.y ay + a.z az (a in m): the sum, its moment
    about the point that arms start from, and the first moments and sum of the weights.
    """
    x, y, z = w0 * a0.x, w0 * a0.y, w0 * a0.z
    u, v, w = w1 * a1.x, w1 * a1.y, w1 * a1.z
    reach = V4(dx * total(x + u), dx * total(y + v), dx * total(z + w), total(w0 + w1))
    xy, xz, yz = total(x * a0.y + u * a1.y), total(x * a0.z + u * a1.z), total(y * a0.z + v * a1.z)
    xx, yy, zz = total(x * a0.x + u * a1.x), total(y * a0.y + v * a1.y), total(z * a0.z + w * a1.z)
    turn = cross(V4(xx, xy, xz, 0.0), ax) + cross(V4(xy, yy, yz, 0.0), ay) + cross(V4(xz, yz, zz, 0.0), az)
    sum = reach[3] * own + reach[0] * ax + reach[1] * ay + reach[2] * az
    return sum, cross(reach, own) + dx * dx * turn, reach


@ti.func
def of_node(w0, w1, n: ti.template()):
    """Lane of node n."""
    if ti.static(n < FIRST):
        return w0[n]
    else:
        return w1[n - FIRST]


@ti.func
def collected(tl: ti.template(), at, w0, w1):
    """Sums over the 27 nodes from `at` in the tile, weighted: velocity and mass, and the same times 0, 1, 2 along x, y, z."""
    v, x, y, z = V4(0.0), V4(0.0), V4(0.0), V4(0.0)
    for i in ti.static(range(3)):
        s, sy, sz = V4(0.0), V4(0.0), V4(0.0)
        for j in ti.static(range(3)):
            k = at + 64 * i + 8 * j
            p2 = of_node(w0, w1, 9 * i + 3 * j + 2) * tl[k + 2]
            high = of_node(w0, w1, 9 * i + 3 * j + 1) * tl[k + 1] + p2
            r = of_node(w0, w1, 9 * i + 3 * j) * tl[k] + high
            s, sy, sz = s + r, sy + ti.static(float(j)) * r, sz + (high + p2)
        v, x, y, z = v + s, x + ti.static(float(i)) * s, y + sy, z + sz
    return v, x, y, z


@ti.func
def scattered(tl: ti.template(), at, w0, w1, corner, ax, ay, az):
    """Add to the 27 nodes from `at` in the tile, weighted, what grows by ax, ay, az per node from `corner` on."""
    for i in ti.static(range(3)):
        for j in ti.static(range(3)):
            value = corner + ti.static(float(i)) * ax + ti.static(float(j)) * ay
            k = at + 64 * i + 8 * j
            tl[k] = tl[k] + of_node(w0, w1, 9 * i + 3 * j) * value
            value = value + az
            tl[k + 1] = tl[k + 1] + of_node(w0, w1, 9 * i + 3 * j + 1) * value
            tl[k + 2] = tl[k + 2] + of_node(w0, w1, 9 * i + 3 * j + 2) * (value + az)
