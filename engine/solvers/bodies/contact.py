"""Contacts of blocks: prepared once a step, swept colour by colour, their impulses kept for the next step.

Law: Signorini in the normal direction, Coulomb in the tangent plane, both at the velocity after the step, so a sliding contact
does not separate. Each point is solved by projection: the normal impulse onto [0, inf), then the tangential one onto the disc
of radius mu times the normal impulse. The tangential step is the same in all directions (the inverse of the larger eigenvalue
of the 2 x 2 matrix), so the fixed point opposes the slip exactly. Order of a step (Catto, "Solver2D", 2024; Macklin et al.,
"Small steps", 2019): warm start, sweeps with soft push-out, new poses, sweeps without push-out ("relax"), restitution.

A gap s > 0 is closed at most (v_n >= -s / h), so contacts act only when they are reached. Restitution: the speed of approach at
the time of impact, times e, when above a threshold. Torsion and rolling: one turning impulse per pair, bounded by the friction
lengths times the total normal impulse.

Limits: Gauss-Seidel converges slowly for tall piles of very unequal masses.
"""

from engine.compiler import stage, ti
from engine.math.lanes import any_lane, clamp, like, maximum, minimum
from engine.math.vec3 import add, add_scaled, cross, dot, scale, select3, sub, tangents, vec3
from engine.solvers.bodies import workspace as col
from engine.solvers.bodies.gather import (
    first_turn,
    gather,
    gather3,
    gather_motion,
    gather_symmetric,
    in_use,
    lanes3,
    lanes_symmetric,
    scatter,
    scatter3,
    scatter_motion,
    set_lanes3,
    times,
)

WARM, SOLVE, RELAX, BOUNCE = 0, 1, 2, 3


@ti.func
def inverse_mass_along(d, ra, rb, inertia_a, inertia_b, mass):
    """d . K d: what one unit of impulse along d changes of the relative velocity along d."""
    ca, cb = cross(ra, d), cross(rb, d)
    return mass + dot(ca, times(inertia_a, ca)) + dot(cb, times(inertia_b, cb))


@ti.func
def inverse_mass_across(d, e, ra, rb, inertia_a, inertia_b):
    """d . K e for perpendicular d and e."""
    return dot(cross(ra, d), times(inertia_a, cross(ra, e))) + dot(cross(rb, d), times(inertia_b, cross(rb, e)))


@ti.func
def point_velocity(a, b, ra, rb):
    """Velocity of b against a at the point."""
    return sub(add(b.v, cross(b.w, rb)), add(a.v, cross(a.w, ra)))


@ti.func
def store_symmetric(block: ti.template(), i, k, m):
    set_lanes3(block, i, k, m.d)
    set_lanes3(block, i, k + 3, m.o)


@stage
def prepare_block(
    shape: ti.types.ndarray(ndim=2),
    body: ti.types.ndarray(ndim=2),
    velocity: ti.types.ndarray(ndim=2),
    pair: ti.types.ndarray(ndim=2),
    record: ti.types.ndarray(ndim=2),
    block: ti.types.ndarray(ndim=2),
    block_pair: ti.types.ndarray(ndim=1),
    block_a: ti.types.ndarray(ndim=1),
    block_b: ti.types.ndarray(ndim=1),
    side_a: ti.types.ndarray(ndim=1),
    side_b: ti.types.ndarray(ndim=1),
    setting: ti.types.ndarray(ndim=1),
    points: ti.i32,
    lanes: ti.i32,
    i: ti.i32,
    w: ti.i32,
) -> ti.i32:
    """Gather the manifolds of block i. Returns 1."""
    x, at = block[i, 0], i * lanes
    zero, one = like(x, 0.0), like(x, 1.0)
    for l in range(lanes):  # shapes of the lanes; an empty lane reads shape 0, and is masked
        p = block_pair[at + l]
        side_a[w * lanes + l], side_b[w * lanes + l] = 0, 0
        if p < pair.shape[0]:
            side_a[w * lanes + l], side_b[w * lanes + l] = pair[p, col.SHAPE_A], pair[p, col.SHAPE_B]
    used = in_use(block_pair, at, pair.shape[0], x) > 0.5
    n = gather3(record, block_pair, at, col.NORMAL, x)
    n = select3(used, n, vec3(zero, zero, one))
    t1, t2 = tangents(n)
    mass_a, mass_b = gather(body, block_a, at, col.INVERSE_MASS, x), gather(body, block_b, at, col.INVERSE_MASS, x)
    inertia_a = gather_symmetric(body, block_a, at, col.INVERSE_INERTIA_W, x)
    inertia_b = gather_symmetric(body, block_b, at, col.INVERSE_INERTIA_W, x)
    pa, pb = gather3(body, block_a, at, col.POSITION, x), gather3(body, block_b, at, col.POSITION, x)
    a, b = gather_motion(velocity, block_a, at, 0, x), gather_motion(velocity, block_b, at, 0, x)
    before_a = gather_motion(body, block_a, at, col.OLD_VELOCITY, x)
    before_b = gather_motion(body, block_b, at, col.OLD_VELOCITY, x)
    bounce = pick_larger(shape, side_a, side_b, w * lanes, col.RESTITUTION, x)
    set_lanes3(block, i, col.B_NORMAL, n)
    set_lanes3(block, i, col.B_FIRST, t1)
    set_lanes3(block, i, col.B_SECOND, t2)
    block[i, col.B_MASS_A], block[i, col.B_MASS_B] = mass_a, mass_b
    store_symmetric(block, i, col.B_INERTIA_A, inertia_a)
    store_symmetric(block, i, col.B_INERTIA_B, inertia_b)
    block[i, col.B_FRICTION] = pick_larger(shape, side_a, side_b, w * lanes, col.FRICTION, x)
    block[i, col.B_TORSION] = pick_larger(shape, side_a, side_b, w * lanes, col.TORSION, x)
    block[i, col.B_ROLLING] = pick_larger(shape, side_a, side_b, w * lanes, col.ROLLING, x)
    sum_d = add(inertia_a.d, inertia_b.d)
    turn = maximum(maximum(sum_d.x, sum_d.y), sum_d.z)
    turn = turn + dot(vec3(one, one, one), vec3(  # a bound of the largest eigenvalue
        maximum(inertia_a.o.x + inertia_b.o.x, 0.0 - inertia_a.o.x - inertia_b.o.x),
        maximum(inertia_a.o.y + inertia_b.o.y, 0.0 - inertia_a.o.y - inertia_b.o.y),
        maximum(inertia_a.o.z + inertia_b.o.z, 0.0 - inertia_a.o.z - inertia_b.o.z),
    ))  # fmt: skip
    block[i, col.B_TURN_MASS] = ti.select(used & (turn > 0.0), 1.0 / ti.select(turn > 0.0, turn, one), zero)
    turning = gather3(record, block_pair, at, col.TURNING, x)
    turning = select3(used, vec3(dot(turning, n), dot(turning, t1), dot(turning, t2)), vec3(zero, zero, zero))
    set_lanes3(block, i, col.B_TURNING, turning)
    h = like(x, 1.0) * setting[col.STEP]
    ball_a, ball_b = gather(shape, side_a, w * lanes, col.BALL, x), gather(shape, side_b, w * lanes, col.BALL, x)
    block[i, col.B_DEPTH] = setting[col.SOFT_DEPTH] * ti.select(ball_a > 0.0, minimum(ball_a, ball_b), ball_b) + 1e-12
    for k in range(points):
        c, o = col.POINT + col.POINT_WIDTH * k, col.B_POINT + col.B_POINT_WIDTH * k
        gap = gather(record, block_pair, at, c + col.DISTANCE, x)
        on = used & (gap < 0.5 * col.FAR_POINT)
        at_W = gather3(record, block_pair, at, c + col.AT_W, x)
        none = vec3(zero, zero, zero)
        ra, rb = select3(on, sub(at_W, pa), none), select3(on, sub(at_W, pb), none)
        gap = ti.select(on, gap, zero)
        total = mass_a + mass_b
        kn = inverse_mass_along(n, ra, rb, inertia_a, inertia_b, total)
        k1 = inverse_mass_along(t1, ra, rb, inertia_a, inertia_b, total)
        k2 = inverse_mass_along(t2, ra, rb, inertia_a, inertia_b, total)
        k12 = inverse_mass_across(t1, t2, ra, rb, inertia_a, inertia_b)
        kt = 0.5 * (k1 + k2) + ti.sqrt(0.25 * (k1 - k2) * (k1 - k2) + k12 * k12)
        sound = on & (total > 0.0)
        set_lanes3(block, i, o + col.ARM_A, ra)
        set_lanes3(block, i, o + col.ARM_B, rb)
        block[i, o + col.GAP] = gap
        block[i, o + col.MASS_N] = ti.select(sound, 1.0 / ti.select(sound, kn, one), zero)
        block[i, o + col.MASS_T] = ti.select(sound, 1.0 / ti.select(sound, kt, one), zero)
        drag = gather3(record, block_pair, at, c + col.DRAG, x)
        block[i, o + col.LOAD] = ti.select(sound, gather(record, block_pair, at, c + col.PUSH, x), zero)
        block[i, o + col.SLIP] = ti.select(sound, dot(drag, t1), zero)
        block[i, o + col.SLIP + 1] = ti.select(sound, dot(drag, t2), zero)
        v0, v1 = dot(n, point_velocity(before_a, before_b, ra, rb)), dot(n, point_velocity(a, b, ra, rb))
        reached = clamp(gap / maximum(zero - v0, like(x, 1e-9)), zero, h) / h
        impact = v0 + (v1 - v0) * reached
        hard = sound & (impact < 0.0 - setting[col.REBOUND_SPEED])
        block[i, o + col.REBOUND] = ti.select(hard, bounce * impact, zero)
    return 1


@ti.func
def pick_larger(shape: ti.template(), side_a: ti.template(), side_b: ti.template(), at, k, x):
    """The larger value of a material constant of the two shapes."""
    return maximum(gather(shape, side_a, at, k, x), gather(shape, side_b, at, k, x))


@ti.kernel
def prepare(
    shape: ti.types.ndarray(ndim=2),
    body: ti.types.ndarray(ndim=2),
    velocity: ti.types.ndarray(ndim=2),
    pair: ti.types.ndarray(ndim=2),
    record: ti.types.ndarray(ndim=2),
    block: ti.types.ndarray(ndim=2),
    block_pair: ti.types.ndarray(ndim=1),
    block_a: ti.types.ndarray(ndim=1),
    block_b: ti.types.ndarray(ndim=1),
    block_points: ti.types.ndarray(ndim=1),
    side_a: ti.types.ndarray(ndim=1),
    side_b: ti.types.ndarray(ndim=1),
    setting: ti.types.ndarray(ndim=1),
    counter: ti.types.ndarray(ndim=1),
    lanes: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
):
    """Prepare all blocks."""
    for q in range(workers * chunk):
        w = q // chunk
        i = first_turn(q, chunk, counter[col.NUM_BLOCKS])
        while i < counter[col.NUM_BLOCKS]:
            prepare_block(
                shape, body, velocity, pair, record, block, block_pair, block_a, block_b, side_a, side_b, setting,
                block_points[i], lanes, i, w,
            )  # fmt: skip
            i += workers


@ti.func
def push_pair(a, b, p, ra, rb, mass_a, mass_b, inertia_a, inertia_b):
    """Both motions after the impulse p on b, and its opposite on a, at the point."""
    va, wa = add_scaled(a.v, p, 0.0 - mass_a), sub(a.w, times(inertia_a, cross(ra, p)))
    vb, wb = add_scaled(b.v, p, mass_b), add(b.w, times(inertia_b, cross(rb, p)))
    return ti.Struct(v=va, w=wa), ti.Struct(v=vb, w=wb)


@ti.func
def normal_target(gap, depth, mode, h, setting: ti.template()):
    """Wanted normal velocity, and how soft the row is: (velocity, share of the mass, share of the impulse taken back). The row
    is softest at the surface and hard from `depth` on, so that no load sinks in farther."""
    zero, one = like(gap, 0.0), like(gap, 1.0)
    apart = gap > 0.0
    wanted = ti.select(apart, zero - gap / h, zero)
    hard, back = one, zero
    if mode == SOLVE:
        out = minimum(zero - gap * setting[col.SOFT_RATE], one * setting[col.FASTEST_PUSH])
        wanted = ti.select(apart, wanted, out)
        back = ti.select(apart, zero, clamp(one + gap / depth, zero, one) * setting[col.SOFT_IMPULSE])
        hard = one - back
    return wanted, hard, back


@stage
def sweep_block(
    velocity: ti.types.ndarray(ndim=2),
    block: ti.types.ndarray(ndim=2),
    block_a: ti.types.ndarray(ndim=1),
    block_b: ti.types.ndarray(ndim=1),
    setting: ti.types.ndarray(ndim=1),
    points: ti.i32,
    lanes: ti.i32,
    i: ti.i32,
    mode: ti.i32,
) -> ti.i32:
    """One Gauss-Seidel turn of block i. Returns 1."""
    x, at = block[i, 0], i * lanes
    n, t1, t2 = lanes3(block, i, col.B_NORMAL), lanes3(block, i, col.B_FIRST), lanes3(block, i, col.B_SECOND)
    mass_a, mass_b = block[i, col.B_MASS_A], block[i, col.B_MASS_B]
    inertia_a, inertia_b = lanes_symmetric(block, i, col.B_INERTIA_A), lanes_symmetric(block, i, col.B_INERTIA_B)
    mu = block[i, col.B_FRICTION]
    a, b = gather_motion(velocity, block_a, at, 0, x), gather_motion(velocity, block_b, at, 0, x)
    zero, h = like(x, 0.0), like(x, 1.0) * setting[col.STEP]
    total = zero
    for k in range(points):
        o = col.B_POINT + col.B_POINT_WIDTH * k
        ra, rb = lanes3(block, i, o + col.ARM_A), lanes3(block, i, o + col.ARM_B)
        load, s1, s2 = block[i, o + col.LOAD], block[i, o + col.SLIP], block[i, o + col.SLIP + 1]
        p = add(add(scale(n, load), scale(t1, s1)), scale(t2, s2))
        if mode != WARM:
            v = point_velocity(a, b, ra, rb)
            gap = block[i, o + col.GAP]
            wanted, hard, back = normal_target(gap, block[i, col.B_DEPTH], mode, h, setting)
            fresh = maximum(load - block[i, o + col.MASS_N] * hard * (dot(n, v) - wanted) - back * load, zero)
            if mode == BOUNCE:
                rebound = block[i, o + col.REBOUND]
                back_off = maximum(load - block[i, o + col.MASS_N] * (dot(n, v) + rebound), zero)
                fresh = ti.select((rebound < 0.0) & (load > 0.0), back_off, load)
            mass_t = block[i, o + col.MASS_T]
            u1, u2 = s1, s2
            change = scale(n, fresh - load)
            if mode != BOUNCE:
                v = add(v, at_point(change, ra, rb, mass_a, mass_b, inertia_a, inertia_b))
                u1, u2 = s1 - mass_t * dot(t1, v), s2 - mass_t * dot(t2, v)
                length, most = ti.sqrt(u1 * u1 + u2 * u2), mu * fresh
                shrink = ti.select(length > most, most / ti.select(length > 0.0, length, like(x, 1.0)), like(x, 1.0))
                u1, u2 = u1 * shrink, u2 * shrink
            p = add(change, add(scale(t1, u1 - s1), scale(t2, u2 - s2)))
            block[i, o + col.LOAD], block[i, o + col.SLIP], block[i, o + col.SLIP + 1] = fresh, u1, u2
            total = total + fresh
        a, b = push_pair(a, b, p, ra, rb, mass_a, mass_b, inertia_a, inertia_b)
    if any_lane((block[i, col.B_TORSION] + block[i, col.B_ROLLING]) > 0.0):
        turning = lanes3(block, i, col.B_TURNING)
        change = turning
        if mode != WARM:
            k, w = block[i, col.B_TURN_MASS], sub(b.w, a.w)
            spin, side = block[i, col.B_TORSION] * total, block[i, col.B_ROLLING] * total
            z0 = clamp(turning.x - k * dot(n, w), 0.0 - spin, spin)
            z1, z2 = turning.y - k * dot(t1, w), turning.z - k * dot(t2, w)
            length = ti.sqrt(z1 * z1 + z2 * z2)
            shrink = ti.select(length > side, side / ti.select(length > 0.0, length, like(x, 1.0)), like(x, 1.0))
            new = vec3(z0, z1 * shrink, z2 * shrink)
            change = sub(new, turning)
            set_lanes3(block, i, col.B_TURNING, new)
        q = add(add(scale(n, change.x), scale(t1, change.y)), scale(t2, change.z))
        a.w, b.w = sub(a.w, times(inertia_a, q)), add(b.w, times(inertia_b, q))
    scatter_motion(velocity, block_a, at, 0, a.v, a.w)
    scatter_motion(velocity, block_b, at, 0, b.v, b.w)
    return 1


@ti.func
def at_point(p, ra, rb, mass_a, mass_b, inertia_a, inertia_b):
    """Change of the relative velocity at the point by the impulse p there."""
    spin = add(cross(times(inertia_a, cross(ra, p)), ra), cross(times(inertia_b, cross(rb, p)), rb))
    return add_scaled(spin, p, mass_a + mass_b)


@ti.kernel
def sweep(
    velocity: ti.types.ndarray(ndim=2),
    block: ti.types.ndarray(ndim=2),
    block_a: ti.types.ndarray(ndim=1),
    block_b: ti.types.ndarray(ndim=1),
    block_points: ti.types.ndarray(ndim=1),
    setting: ti.types.ndarray(ndim=1),
    counter: ti.types.ndarray(ndim=1),
    lanes: ti.i32,
    mode: ti.i32,
    times_over: ti.i32,
):
    """`times_over` turns over all blocks in order, by one thread."""
    for _ in range(1):
        for _turn in range(times_over):
            for i in range(counter[col.NUM_BLOCKS]):
                sweep_block(velocity, block, block_a, block_b, setting, block_points[i], lanes, i, mode)


@stage
def store_block(
    record: ti.types.ndarray(ndim=2),
    block: ti.types.ndarray(ndim=2),
    block_pair: ti.types.ndarray(ndim=1),
    points: ti.i32,
    lanes: ti.i32,
    i: ti.i32,
) -> ti.i32:
    """Impulses of block i into the records of its pairs, and their sums. Returns 1."""
    x, at = block[i, 0], i * lanes
    n, t1, t2 = lanes3(block, i, col.B_NORMAL), lanes3(block, i, col.B_FIRST), lanes3(block, i, col.B_SECOND)
    zero = like(x, 0.0)
    total, last = gather3(record, block_pair, at, col.IMPULSE, x), gather3(record, block_pair, at, col.LAST_POINT, x)
    touched = zero
    for k in range(points):
        c, o = col.POINT + col.POINT_WIDTH * k, col.B_POINT + col.B_POINT_WIDTH * k
        load = block[i, o + col.LOAD]
        drag = add(scale(t1, block[i, o + col.SLIP]), scale(t2, block[i, o + col.SLIP + 1]))
        scatter(record, block_pair, at, c + col.PUSH, load)
        scatter3(record, block_pair, at, c + col.DRAG, drag)
        total = add(total, add_scaled(drag, n, load))
        last = select3(load > 0.0, gather3(record, block_pair, at, c + col.AT_W, x), last)
        touched = ti.select(load > 0.0, zero + 1.0, touched)
    turning = lanes3(block, i, col.B_TURNING)
    scatter3(record, block_pair, at, col.TURNING, add(add(scale(n, turning.x), scale(t1, turning.y)), scale(t2, turning.z)))
    scatter3(record, block_pair, at, col.IMPULSE, total)
    scatter3(record, block_pair, at, col.LAST_POINT, last)
    scatter(record, block_pair, at, col.TOUCHES, gather(record, block_pair, at, col.TOUCHES, x) + touched)
    return 1


@ti.kernel
def store(
    record: ti.types.ndarray(ndim=2),
    block: ti.types.ndarray(ndim=2),
    block_pair: ti.types.ndarray(ndim=1),
    block_points: ti.types.ndarray(ndim=1),
    counter: ti.types.ndarray(ndim=1),
    lanes: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
):
    """Keep the impulses of all blocks."""
    for q in range(workers * chunk):
        i = first_turn(q, chunk, counter[col.NUM_BLOCKS])
        while i < counter[col.NUM_BLOCKS]:
            store_block(record, block, block_pair, block_points[i], lanes, i)
            i += workers
