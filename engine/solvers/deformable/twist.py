"""Twist of ropes between clamped segments: the quasi-static material frame of discrete elastic rods.

A segment both of whose vertices one body holds is clamped, and turns with that body. Twist travels much faster than bends, so
that between two clamps it is spread evenly (Bergou, Wardetzky, Robinson, Audoly and Grinspun 2008, section 4.2): the angle of
a clamp's director against the one of the first clamp, carried along the rope by parallel transport, says it all. Its moment
is M = GJ times angle per length; the vertices get minus M times the gradient of the angle, half the curvature binormals over
the lengths beside them, and the clamps plus and minus M along their segments, so that force and moment balance exactly. The
force is that of the begin of a substep. Twist is counted through whole turns. Free ends carry none.
"""

from engine.compiler import element, macro, ti, variable
from engine.math.lanes import is_lanes, maximum
from engine.math.vec3 import add, add_scaled, cross, dot, scale, sub, vec3
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.bearing import inertia
from engine.solvers.deformable.features import place
from engine.solvers.deformable.laws import lanes_in, put3, row3

TURN = 6.283185307179586
CLAMP = 4  # numbers of a segment: 1 where it is clamped, its director in W


@ti.func
def direction(seen: ti.template(), own, a, b):
    """Unit vector from slot a to slot b, and their distance, at the begin of the substep."""
    d = sub(place(seen, own, b, col.SEEN_START), place(seen, own, a, col.SEEN_START))
    length = ti.max(ti.sqrt(dot(d, d)), 1e-9)
    return scale(d, 1.0 / length), length


@ti.func
def carried(u, t, new):
    """The vector u across t, carried to the direction `new` by the smallest rotation."""
    return add_scaled(u, add(t, new), 0.0 - dot(u, new) / ti.max(1.0 + dot(t, new), 1e-6))


@ti.func
def put_on(push: ti.template(), own, s, f, w):
    """Add w f to the force on slot s."""
    at = own + 3 * s
    push[at] += w * f.x
    push[at + 1] += w * f.y
    push[at + 2] += w * f.z


@ti.func
def load_span(
    seen: ti.template(), chains: ti.template(), reals: ti.template(), angle: ti.template(), moment: ti.template(),
    push: ti.template(), e, own, base, v, q, r, stiffness,
):  # fmt: skip
    """Forces and moments of the twist between the clamped segments q and r of the rope whose row of `reals` begins at v."""
    length = 0.0 * stiffness
    for i in range(q + 1, r + 1):
        length += 0.5 * (reals[v + i - 1, 0] + reals[v + i, 0])
    rate = (angle[e, v + r] - angle[e, v + q]) / length
    m = stiffness * rate
    free = own // col.SEEN_WIDTH * 3
    t, size = direction(seen, own, chains[base + q], chains[base + q + 1])
    for k in range(3):
        moment[e, 3 * (v + q) + k] += m * ti.select(k == 0, t.x, ti.select(k == 1, t.y, t.z))
    for i in range(q + 1, r + 1):
        a, b, c = chains[base + i - 1], chains[base + i], chains[base + i + 1]
        new, next_size = direction(seen, own, b, c)
        binormal = scale(cross(t, new), 1.0 / ti.max(1.0 + dot(t, new), 1e-6))  # half of it
        before, after = m / size, m / next_size
        put_on(push, free, a, binormal, before)
        put_on(push, free, b, binormal, after - before)
        put_on(push, free, c, binormal, 0.0 - after)
        if i < r:
            angle[e, v + i] = angle[e, v + i - 1] + rate * 0.5 * (reals[v + i - 1, 0] + reals[v + i, 0])
        t, size = new, next_size
    for k in range(3):
        moment[e, 3 * (v + r) + k] -= m * ti.select(k == 0, t.x, ti.select(k == 1, t.y, t.z))


@ti.func
def twist_rope(
    seen: ti.template(), chains: ti.template(), reals: ti.template(), clamp: ti.template(), angle: ti.template(),
    moment: ti.template(), push: ti.template(), e, own, base, v, count, stiffness,
):  # fmt: skip
    """Measure the angles of the clamps of one rope and load the spans between them."""
    z = 0.0 * stiffness
    u, t = vec3(z, z, z), vec3(1.0 + z, z, z)
    first, last, begin = 0, -1, z
    for r in range(count - 1):
        new, _length = direction(seen, own, chains[base + r], chains[base + r + 1])
        u = carried(u, t, new)
        t = new
        at = CLAMP * (v + r)
        if clamp[e, at] > 0.5:
            d = vec3(clamp[e, at + 1], clamp[e, at + 2], clamp[e, at + 3])
            d = add_scaled(d, t, 0.0 - dot(d, t))
            if last < 0:
                first = r
                u = scale(d, 1.0 / ti.max(ti.sqrt(dot(d, d)), 1e-9))
                begin = angle[e, v + r]
                angle[e, v + r] = z
            else:
                now = ti.atan2(dot(t, cross(u, d)), dot(u, d))
                angle[e, v + r] = now + TURN * ti.round((angle[e, v + r] - begin - now) / TURN)
                load_span(seen, chains, reals, angle, moment, push, e, own, base, v, last, r, stiffness)
            last = r
    for i in range(first):
        angle[e, v + i] = z
    for i in range(ti.max(last, 0) + 1, count):
        angle[e, v + i] = ti.select(last < 0, z, angle[e, v + ti.max(last, 0)])


@macro
def own3(push, first, g, v):
    """Three numbers of the vertices of group g, lanes like v."""
    width = v.x.get_shape()[0] if is_lanes(v.x) else 1
    first, g = variable(first), variable(g)
    found: list = [[], [], []]
    for lane in range(width):
        base = variable((g * width + lane) * 3 + first)
        for i in range(3):
            found[i].append(variable(element(push, base + i)))
    return vec3(*(variable(ti.lang.matrix.make_matrix(part)) if width > 1 else part[0] for part in found))


@ti.func
def push_lanes(mi: ti.template(), mf: ti.template(), ws: ti.template(), prm: ti.template(), push: ti.template(), e, o):
    """Give the forces to the vertices of object o: to their acceleration and to their inertial target."""
    p = col.ENV_WIDTH + o * col.OBJECT_WIDTH
    groups = ws.shape[1] // col.WIDTH
    for g in range(groups):
        if mi[g * col.GROUP_INTS + col.OBJECT] == o:
            base = g * col.WIDTH
            y = row3(ws, e, base + col.Y)
            share = mf[mi[g * col.GROUP_INTS + col.SHARE]]
            f = own3(push, e * groups * lanes_in(y) * 3, g, y)
            a = scale(f, ti.select(share > 0.0, 1.0, 0.0) / maximum(share * prm[e, p + col.DENSITY], 1e-30 + 0.0 * share))
            put3(ws, e, base + col.ACCELERATION, add(row3(ws, e, base + col.ACCELERATION), a))
            put3(ws, e, base + col.Y, add_scaled(y, a, 1.0 / inertia(prm, e)))


@ti.kernel
def twist(
    mi: ti.types.ndarray(ndim=1),
    mf: ti.types.ndarray(ndim=1),
    ws: ti.types.ndarray(ndim=2),
    seen: ti.types.ndarray(ndim=1),
    prm: ti.types.ndarray(ndim=2),
    chains: ti.types.ndarray(ndim=1),
    reals: ti.types.ndarray(ndim=2),
    clamp: ti.types.ndarray(ndim=2),
    angle: ti.types.ndarray(ndim=2),
    moment: ti.types.ndarray(ndim=2),
    push: ti.types.ndarray(ndim=1),
    slots: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
):
    """After `predict`: forces of the twist of every rope. angle (E, vertices of ropes) of the segment behind each vertex [rad],
    read and written; moment (E, 3 * ...) [N m] on the holder of each clamped segment; push: forces by slot, work space.
    """
    for q in range(workers * chunk):
        e = ws.shape[0]
        if q % chunk == 0:
            e = q // chunk
        while e < ws.shape[0]:
            for i in range(3 * slots):
                push[e * 3 * slots + i] = 0.0
            for i in range(moment.shape[1]):
                moment[e, i] = 0.0
            for k in range(chains[0]):
                o, v, count = chains[1 + 3 * k], chains[2 + 3 * k], chains[3 + 3 * k]
                base, stiffness = 1 + 3 * chains[0] + v, prm[e, col.ENV_WIDTH + o * col.OBJECT_WIDTH + col.TORSION]
                own = e * slots * col.SEEN_WIDTH
                twist_rope(seen, chains, reals, clamp, angle, moment, push, e, own, base, v, count, stiffness)
                push_lanes(mi, mf, ws, prm, push, e, o)
            e += workers
