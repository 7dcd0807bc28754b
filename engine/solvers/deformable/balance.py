"""After the sweeps: make momentum add up, and what every rigid body gets.

A fixed number of sweeps leaves a rest of the internal forces. Its sum goes to the holders of a deformable, else to its
contacts in proportion to their force, else (in free flight, with its moment, or when it is little: positions are rounded) into
the velocities. Left as it is with BDF2, and where several deformables may push each other, whose sum over one is not zero.
"""

from engine.compiler import ti
from engine.math.lanes import any_lane, like
from engine.math.vec3 import add, add_scaled, cross, norm, scale, select3, sub, vec3
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.laws import lanes_in, put3, row3, show3
from engine.solvers.deformable.rigid_motion import centre_of, put_row, solve_six, total

ROUNDING = 0.01  # share of the contact forces: what sweeps leave over below it is mostly the rounding of positions


@ti.func
def contact_force(ws: ti.template(), e, at):
    """Force of the contact at row `at` on its vertices."""
    return add_scaled(row3(ws, e, at + col.RUB), row3(ws, e, at + col.NORMAL), ws[e, at + col.PRESS])


@ti.func
def holding(mi: ti.template(), mf: ti.template(), ws: ti.template(), e, g):
    """1 in the lanes whose vertex is prescribed or tied to a body, 1 in those that have a vertex."""
    o = like(ws[e, g * col.WIDTH], 0.0)
    one = like(o, 1.0)
    there = ti.select(mf[mi[g * col.GROUP_INTS + col.SHARE]] > 0.0, one, o)
    tied = ti.select(ws[e, g * col.WIDTH + col.LADEN] > 0.5, o, ws[e, g * col.WIDTH + col.TARGET_STIFFNESS])
    held = ti.select(ws[e, g * col.WIDTH + col.PIN] + tied > 0.0, there, o)
    return held, there


@ti.func
def missing(mi: ti.template(), mf: ti.template(), ws: ti.template(), prm: ti.template(), e, p, g):
    """What is missing to m a = f without the internal forces, mass, sizes of the contact forces, and holders of group g."""
    base = g * col.WIDTH
    held, there = holding(mi, mf, ws, e, g)
    mass = mf[mi[g * col.GROUP_INTS + col.SHARE]] * prm[e, p + col.DENSITY]
    gained = scale(sub(row3(ws, e, base + col.V), row3(ws, e, base + col.V_BEFORE)), 1.0 / prm[e, col.DT])
    f = scale(sub(row3(ws, e, base + col.ACCELERATION), gained), mass)
    f = add_scaled(f, row3(ws, e, base + col.FORCE), there)
    pressed = held * 0.0
    for c in range(col.CONTACTS):
        fc = contact_force(ws, e, base + col.CONTACT + c * col.CONTACT_WIDTH)
        f = add_scaled(f, fc, there)
        pressed = pressed + norm(fc) * there
    return f, mass, pressed, held


@ti.func
def add_up(mi: ti.template(), mf: ti.template(), ws: ti.template(), prm: ti.template(), motion: ti.template(), e, o):
    """Sums over object o: rest and moment about its centre with the inertia as a system in `motion`, and what stands behind."""
    c0, c1, c2, _pinned = centre_of(mi, mf, ws, e, o, col.X)
    s0, s1, s2, _held = centre_of(mi, mf, ws, e, o, col.X_START)
    z = like(ws[e, 0], 0.0)
    none = vec3(z, z, z)
    rest, moment, turn, mixed = none, none, none, none
    whole, pressed, held = z, z, z
    for g in range(ws.shape[1] // col.WIDTH):
        if mi[g * col.GROUP_INTS + col.OBJECT] == o:
            f, m, push, hold = missing(mi, mf, ws, prm, e, col.ENV_WIDTH + o * col.OBJECT_WIDTH, g)
            x = row3(ws, e, g * col.WIDTH + col.X)
            r = vec3(x.x - c0, x.y - c1, x.z - c2)
            x = row3(ws, e, g * col.WIDTH + col.X_START)
            way = vec3(x.x - s0 - r.x, x.y - s1 - r.y, x.z - s2 - r.z)  # the momentum before had the arm of the begin
            before = scale(row3(ws, e, g * col.WIDTH + col.V_BEFORE), m * (1.0 / prm[e, col.DT]))
            rest, moment = add(rest, f), add(moment, add(cross(r, f), cross(way, before)))
            turn = add_scaled(turn, vec3(r.y * r.y + r.z * r.z, r.x * r.x + r.z * r.z, r.x * r.x + r.y * r.y), m)
            mixed = add_scaled(mixed, vec3(r.x * r.y, r.x * r.z, r.y * r.z), 0.0 - m)
            whole, pressed, held = whole + m, pressed + push, held + hold
    at = o * col.RIGID_WIDTH
    put_row(motion, e, at, 0, vec3(whole, z, z), none, rest.x, whole)
    put_row(motion, e, at, 1, vec3(z, whole, z), none, rest.y, whole)
    put_row(motion, e, at, 2, vec3(z, z, whole), none, rest.z, whole)
    put_row(motion, e, at, 3, none, vec3(turn.x, mixed.x, mixed.y), moment.x, turn.x)
    put_row(motion, e, at, 4, none, vec3(mixed.x, turn.y, mixed.z), moment.y, turn.y)
    put_row(motion, e, at, 5, none, vec3(mixed.y, mixed.z, turn.z), moment.z, turn.z)
    motion[e, at + col.PLACE_SUM] = c0 + c1 + c2
    return c0, c1, c2, total(pressed), total(held)


@ti.func
def into_velocity(
    mi: ti.template(), mf: ti.template(), ws: ti.template(), seen: ti.template(), prm: ti.template(), motion: ti.template(),
    e, o, c0, c1, c2,
):  # fmt: skip
    """Change the velocities of object o by the rigid motion that takes up the rest."""
    at = o * col.RIGID_WIDTH + 6
    solve_six(motion, e, o * col.RIGID_WIDTH)
    dt = prm[e, col.DT]
    z = like(ws[e, 0], 0.0)
    d = vec3(z + motion[e, at] * dt, z + motion[e, at + 7] * dt, z + motion[e, at + 14] * dt)
    a = vec3(z + motion[e, at + 21] * dt, z + motion[e, at + 28] * dt, z + motion[e, at + 35] * dt)
    groups = ws.shape[1] // col.WIDTH
    for g in range(groups):
        if mi[g * col.GROUP_INTS + col.OBJECT] == o:
            x = row3(ws, e, g * col.WIDTH + col.X)
            v = add(row3(ws, e, g * col.WIDTH + col.V), add(d, cross(a, vec3(x.x - c0, x.y - c1, x.z - c2))))
            put3(ws, e, g * col.WIDTH + col.V, v)
            show3(seen, e * groups * lanes_in(x) * col.SEEN_WIDTH + col.SEEN_V, g, v)


@ti.func
def share_out(
    mi: ti.template(), mf: ti.template(), ws: ti.template(), seen: ti.template(), prm: ti.template(), motion: ti.template(),
    e, o, exact,
):  # fmt: skip
    """Balance object o. Its share for contacts, force per size of contact force, stands at EXTRA in `motion`."""
    c0, c1, c2, pressed, held = add_up(mi, mf, ws, prm, motion, e, o)
    at = o * col.RIGID_WIDTH
    r0, r1, r2 = motion[e, at + 6], motion[e, at + 13], motion[e, at + 20]
    part = 0.0
    if exact == 1 and held > 0.5:
        for g in range(ws.shape[1] // col.WIDTH):
            if mi[g * col.GROUP_INTS + col.OBJECT] == o:
                hold, _there = holding(mi, mf, ws, e, g)
                w = hold * (0.0 - 1.0 / held)
                f = row3(ws, e, g * col.WIDTH + col.FORCE)
                put3(ws, e, g * col.WIDTH + col.FORCE, vec3(f.x + w * r0, f.y + w * r1, f.z + w * r2))
    elif exact == 1 and ti.sqrt(r0 * r0 + r1 * r1 + r2 * r2) <= ROUNDING * pressed or exact == 1 and pressed <= 0.0:
        into_velocity(mi, mf, ws, seen, prm, motion, e, o, c0, c1, c2)
    elif exact == 1:
        part = 0.0 - 1.0 / ti.cast(pressed, ti.f32)
    motion[e, at + col.EXTRA], motion[e, at + col.EXTRA + 1], motion[e, at + col.EXTRA + 2] = part * r0, part * r1, part * r2


@ti.func
def give(
    mi: ti.template(), mf: ti.template(), ws: ti.template(), motion: ti.template(), wrench: ti.template(), com: ti.template(),
    e, s, body,
):  # fmt: skip
    """Add the force of all contacts with shape s, and its moment about the centre of mass, to the wrench of its body."""
    z = like(ws[e, 0], 0.0)
    force, moment = vec3(z, z, z), vec3(z, z, z)
    none = vec3(z, z, z)
    number = z + ti.cast(s + 1, ti.f32)
    m0, m1, m2 = com[e, 3 * body], com[e, 3 * body + 1], com[e, 3 * body + 2]
    for g in range(ws.shape[1] // col.WIDTH):
        base = g * col.WIDTH
        for c in range(col.CONTACTS):
            at = base + col.CONTACT + c * col.CONTACT_WIDTH
            mine = ti.select(ws[e, at + col.SHAPE] == number, ws[e, at + col.PRESS], z)
            if any_lane(mine > 0.0) == 1:
                _held, there = holding(mi, mf, ws, e, g)
                f = contact_force(ws, e, at)
                k = mi[g * col.GROUP_INTS + col.OBJECT] * col.RIGID_WIDTH + col.EXTRA
                size = norm(f)
                f = vec3(f.x + size * motion[e, k], f.y + size * motion[e, k + 1], f.z + size * motion[e, k + 2])
                f = select3(mine * there > 0.0, f, none)
                x = row3(ws, e, base + col.X)
                force, moment = add(force, f), add(moment, cross(vec3(x.x - m0, x.y - m1, x.z - m2), f))
    at = 6 * body
    wrench[e, at] -= total(force.x)
    wrench[e, at + 1] -= total(force.y)
    wrench[e, at + 2] -= total(force.z)
    wrench[e, at + 3] -= total(moment.x)
    wrench[e, at + 4] -= total(moment.y)
    wrench[e, at + 5] -= total(moment.z)


@ti.kernel
def balance(
    mi: ti.types.ndarray(ndim=1),
    mf: ti.types.ndarray(ndim=1),
    ws: ti.types.ndarray(ndim=2),
    seen: ti.types.ndarray(ndim=1),
    prm: ti.types.ndarray(ndim=2),
    motion: ti.types.ndarray(ndim=2),
    wrench: ti.types.ndarray(ndim=2),
    com: ti.types.ndarray(ndim=2),
    carrier: ti.types.ndarray(ndim=1),
    shapes: ti.i32,
    exact: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
):
    """Balance every object, then the wrench (force, torque about `com`) of the contacts on every body; `carrier`: body of each
    shape.
    """
    for q in range(workers * chunk):
        e = ws.shape[0]
        if q % chunk == 0:
            e = q // chunk
        while e < ws.shape[0]:
            for k in range(wrench.shape[1]):
                wrench[e, k] = 0.0
            for o in range(motion.shape[1] // col.RIGID_WIDTH):
                share_out(mi, mf, ws, seen, prm, motion, e, o, exact)
            for s in range(shapes):
                give(mi, mf, ws, motion, wrench, com, e, s, carrier[s])
            e += workers


@ti.kernel
def count_pressing(
    ws: ti.types.ndarray(ndim=2), counts: ti.types.ndarray(ndim=2), shapes: ti.i32, workers: ti.i32, chunk: ti.i32
):
    """Number of contacts of every shape that may press in this substep."""
    for q in range(workers * chunk):
        i = ws.shape[0] * shapes
        if q % chunk == 0:
            i = q // chunk
        while i < ws.shape[0] * shapes:
            e, s = i // shapes, i % shapes
            z = like(ws[e, 0], 0.0)
            one, number, many = like(z, 1.0), z + ti.cast(s + 1, ti.f32), z
            for n in range(ws.shape[1] // col.WIDTH * col.CONTACTS):
                at = n // col.CONTACTS * col.WIDTH + col.CONTACT + n % col.CONTACTS * col.CONTACT_WIDTH
                many = many + ti.select(ws[e, at + col.GRIP] > 0.0, one, z) * ti.select(ws[e, at + col.SHAPE] == number, one, z)
            counts[e, s] = total(many)
            i += workers
