"""Narrow phase: near pairs, sixteen of one class at a time, become manifolds with the impulses of the last step.

`list_near` keeps the pairs whose boxes come closer than their margin, in order, cut into blocks of one class. A block gathers
its shapes from scalars into lanes and runs the very functions of engine.collision, one lane per pair. The margin of a pair is
the way that its shapes may go in this step (speculative contact), so nothing is met too late. Where that way is long against
the shapes, the pair is first brought to its time of impact (conservative advancement along the relative velocity): a body that
passes by gets no contact, and one that hits gets the normal of the place where it hits.

Points are matched with those of the last step by their place in the frame of shape a. Limits: two points within MATCH of the
smaller shape may be taken for each other; then an impulse starts at another corner.
"""

from engine.arrays import AT
from engine.collision.detect import narrow_phase
from engine.collision.shapes import PLANE, relative_pose
from engine.compiler import stage, ti
from engine.math.lanes import any_lane, like, maximum, minimum
from engine.math.memory import ld, ld3
from engine.math.quat import rotate
from engine.math.vec3 import add, add_scaled, dot, select3, sub, vec3
from engine.solvers.bodies import workspace as col
from engine.solvers.bodies.broad import outside_box, plane_height
from engine.solvers.bodies.gather import (
    first_turn,
    gather,
    gather3,
    gather_quat,
    gather_shape,
    in_use,
    row3,
    scatter,
    scatter3,
)

MATCH = 0.1  # largest distance of a point from that of the last step, relative to the smaller shape
CLOSE = 0.02  # contacts are made below this distance at rest, relative to the smaller shape
FAST = 0.5  # a pair that comes closer by more than this part of the smaller shape in a step is brought to its impact
ADVANCES = 12  # turns of conservative advancement


@ti.func
def is_near(shape: ti.template(), shape_int: ti.template(), a, b, count):
    """1 when shape rows a and b may touch within the step; by ball and box in both directions."""
    way = shape[a, col.MOTION] + shape[b, col.MOTION] + shape[a, col.MARGIN] + shape[b, col.MARGIN]
    pa, pb = row3(shape, a, col.PLACE), row3(shape, b, col.PLACE)
    ball_a, ball_b = shape[a, col.BALL], shape[b, col.BALL]
    near = 0
    if shape_int[a % count, col.SHAPE_TYPE] == PLANE:
        if plane_height(shape, a, pb) <= ball_b * (1.0 + CLOSE) + way:
            near = 1
    else:
        reach = ball_a + ball_b + way + CLOSE * ti.min(ball_a, ball_b)
        d = sub(pb, pa)
        if dot(d, d) <= reach * reach:
            if outside_box(shape, a, pb) <= reach - ball_a and outside_box(shape, b, pa) <= reach - ball_b:
                near = 1
    return near


@ti.func
def note_near(shape: ti.template(), shape_int: ti.template(), shape_row: ti.template(), body_int: ti.template(),
              env: ti.template(), pair: ti.template(), flag: ti.template(), p, count):  # fmt: skip
    """Flag pair p when it comes near and one of its bodies may move; what comes not near loses its points."""
    a, b = pair[p, col.SHAPE_A], pair[p, col.SHAPE_B]
    ra, rb = shape_row[a], shape_row[b]
    rests_a = body_int[ra, col.ASLEEP] == 1 or body_int[ra, col.KIND] != col.DYNAMIC
    rests_b = body_int[rb, col.ASLEEP] == 1 or body_int[rb, col.KIND] != col.DYNAMIC
    moves = body_int[ra, col.KIND] == col.KINEMATIC or body_int[rb, col.KIND] == col.KINEMATIC
    flag[p] = 0
    if env[body_int[ra, col.ENV], col.FAULT] < 0.5 and (moves or not (rests_a and rests_b)):
        flag[p] = is_near(shape, shape_int, a, b, count)
        if flag[p] == 0:
            pair[p, col.POINTS] = 0


@ti.func
def pack_near(pair: ti.template(), near: ti.template(), near_a: ti.template(), near_b: ti.template(), flag: ti.template(),
              counter: ti.template(), number, lanes, none):  # fmt: skip
    """Flagged pairs in order, in blocks of one class."""
    n, kind = 0, -1
    for p in range(number):
        if flag[p] == 1:
            while pair[p, col.PAIR_CLASS] != kind and n % lanes != 0:
                near[n], near_a[n], near_b[n] = none, near_a[n - 1], near_b[n - 1]
                n += 1
            kind = pair[p, col.PAIR_CLASS]
            near[n], near_a[n], near_b[n] = p, pair[p, col.SHAPE_A], pair[p, col.SHAPE_B]
            n += 1
    while n % lanes != 0:
        near[n], near_a[n], near_b[n] = none, near_a[n - 1], near_b[n - 1]
        n += 1
    counter[col.NUM_NEAR] = n


@ti.kernel
def list_near(
    shape: ti.types.ndarray(ndim=2),
    shape_int: ti.types.ndarray(ndim=2),
    shape_row: ti.types.ndarray(ndim=1),
    body_int: ti.types.ndarray(ndim=2),
    env: ti.types.ndarray(ndim=2),
    pair: ti.types.ndarray(ndim=2),
    near: ti.types.ndarray(ndim=1),
    near_a: ti.types.ndarray(ndim=1),
    near_b: ti.types.ndarray(ndim=1),
    flag: ti.types.ndarray(ndim=1),
    counter: ti.types.ndarray(ndim=1),
    number: ti.i32,
    lanes: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
):
    """Pairs that come near in this step and are not asleep; blocks of `lanes` entries hold one class, empty entries repeat a
    pair and point at the dummy record."""
    count, none = shape_int.shape[0], pair.shape[0]
    for q in range(workers * chunk):
        p = first_turn(q, chunk, number)
        while p < number:
            note_near(shape, shape_int, shape_row, body_int, env, pair, flag, p, count)
            p += workers
    for _ in range(1):
        pack_near(pair, near, near_a, near_b, flag, counter, number, lanes, none)


@ti.func
def match_points(mi: ti.template(), ws: ti.template(), record: ti.template(), near: ti.template(), w, at, k, size, active):
    """Normal impulse and tangential impulse (W) of the old point that is nearest to new point k, zero where none is near."""
    p = ld3(ws, w, mi[AT.pair_contact] + 4 * k)
    best = (MATCH * size) * (MATCH * size)
    zero = like(size, 0.0)
    push, drag = zero, vec3(zero, zero, zero)
    for j in range(4):
        c = col.POINT + col.POINT_WIDTH * j
        d = sub(gather3(record, near, at, c, size), p)
        length2 = dot(d, d)
        old = gather(record, near, at, c + col.PUSH, size)
        better = active & (length2 < best) & (old > 0.0)
        best = ti.select(better, length2, best)
        push = ti.select(better, old, push)
        drag = select3(better, gather3(record, near, at, c + col.DRAG, size), drag)
    return push, drag


@stage
def narrow_block(
    mi: ti.types.ndarray(ndim=1),
    md: ti.types.ndarray(ndim=1),
    ws: ti.types.ndarray(ndim=2),
    shape: ti.types.ndarray(ndim=2),
    shape_int: ti.types.ndarray(ndim=2),
    shape_row: ti.types.ndarray(ndim=1),
    velocity: ti.types.ndarray(ndim=2),
    near: ti.types.ndarray(ndim=1),
    near_a: ti.types.ndarray(ndim=1),
    near_b: ti.types.ndarray(ndim=1),
    group_a: ti.types.ndarray(ndim=1),
    group_b: ti.types.ndarray(ndim=1),
    pair: ti.types.ndarray(ndim=2),
    record: ti.types.ndarray(ndim=2),
    setting: ti.types.ndarray(ndim=1),
    lanes: ti.i32,
    at: ti.i32,
    w: ti.i32,
) -> ti.i32:
    """Manifolds of the pairs near[at], near[at + 1], ... into their records. Returns 1."""
    pattern = ld(ws, w, 0)
    count = shape_int.shape[0]
    for l in range(lanes):
        group_a[w * lanes + l], group_b[w * lanes + l] = shape_row[near_a[at + l]], shape_row[near_b[at + l]]
    columns = (col.SIZE, col.CORE, col.RADIUS, col.SHAPE_TYPE, col.SHAPE_MESH)
    a = gather_shape(shape, shape_int, near_a, at, count, columns, pattern)
    b = gather_shape(shape, shape_int, near_b, at, count, columns, pattern)
    pa, qa = gather3(shape, near_a, at, col.PLACE, pattern), gather_quat(shape, near_a, at, col.TURN, pattern)
    pb, qb = gather3(shape, near_b, at, col.PLACE, pattern), gather_quat(shape, near_b, at, col.TURN, pattern)
    real = in_use(near, at, pair.shape[0], pattern) > 0.5
    ball_a, ball_b = gather(shape, near_a, at, col.BALL, pattern), gather(shape, near_b, at, col.BALL, pattern)
    size = ball_a + ball_b
    small = ti.select(ball_a > 0.0, minimum(ball_a, ball_b), ball_b)
    skin = gather(shape, near_a, at, col.MARGIN, pattern) + gather(shape, near_b, at, col.MARGIN, pattern)
    way = gather(shape, near_a, at, col.MOTION, pattern) + gather(shape, near_b, at, col.MOTION, pattern)
    va = gather3(velocity, group_a, w * lanes, col.LINEAR, pattern)
    vb = gather3(velocity, group_b, w * lanes, col.LINEAR, pattern)
    step = like(pattern, 1.0) * setting[col.STEP]
    ahead = sub(vb, va)
    ahead = vec3(ahead.x * step, ahead.y * step, ahead.z * step)  # relative way in this step
    margin = skin + CLOSE * small + way
    fast = real & (ti.sqrt(dot(ahead, ahead)) > FAST * small)
    zero, one = like(pattern, 0.0), like(pattern, 1.0)
    when, gone = zero, zero
    seeking = ti.select(fast, one, zero)
    normal = vec3(zero, zero, one)
    turns = 1
    if any_lane(fast):
        turns = ADVANCES
    turn = 0
    while turn < turns:
        turn += 1
        place = add_scaled(pb, ahead, when)
        normal = narrow_phase(mi, md, ws, w, a, b, relative_pose(pa, qa, place, qb), real, margin, size)
        if turns > 1:
            gap = minimum(
                minimum(ld(ws, w, mi[AT.pair_contact] + 3), ld(ws, w, mi[AT.pair_contact] + 7)),
                minimum(ld(ws, w, mi[AT.pair_contact] + 11), ld(ws, w, mi[AT.pair_contact] + 15)),
            )
            closing = 0.0 - dot(rotate(qa, normal), ahead)
            beyond = gap >= 0.5 * col.FAR_POINT
            passes = (seeking > 0.5) & ((closing <= 0.0) | beyond) & (gap > CLOSE * small)
            gone = ti.select(passes, one, gone)
            goes = (seeking > 0.5) & (passes == 0) & (closing > 0.0) & (gap > 0.25 * CLOSE * small)
            when = ti.select(goes, when + gap / ti.select(closing > 0.0, closing, one), when)
            gone = ti.select(goes & (when > 1.0), one, gone)
            when = minimum(when, one)
            seeking = ti.select(goes & (gone < 0.5), seeking, zero)
            if any_lane(seeking > 0.5) == 0:
                turns = turn
    normal_W = rotate(qa, normal)
    lead = ti.select(fast, dot(normal_W, ahead) * when, zero)  # the gap along the normal that was closed by advancing
    active = real & (gone < 0.5)
    scatter3(record, near, at, col.NORMAL, normal_W)
    had = gather(record, near, at, col.POINT + col.PUSH, pattern)
    for j in range(1, 4):
        had = maximum(had, gather(record, near, at, col.POINT + col.POINT_WIDTH * j + col.PUSH, pattern))
    known = any_lane(active & (had > 0.0))
    return write_points(mi, ws, record, pair, near, at, w, lanes, known, small, active, margin, skin, lead, qa, pa)


@ti.func
def write_points(mi: ti.template(), ws: ti.template(), record: ti.template(), pair: ti.template(), near: ti.template(),
                 at, w, lanes, known, small, active, margin, skin, lead, qa, pa):  # fmt: skip
    """Matched impulses first (they read the old points), then the new points; returns 1."""
    zero = like(small, 0.0)
    push0, push1, push2, push3 = zero, zero, zero, zero
    none = vec3(zero, zero, zero)
    drag0, drag1, drag2, drag3 = none, none, none, none
    if known == 1:
        for k in range(4):
            push, drag = match_points(mi, ws, record, near, w, at, k, small, active)
            if k == 0:
                push0, drag0 = push, drag
            if k == 1:
                push1, drag1 = push, drag
            if k == 2:
                push2, drag2 = push, drag
            if k == 3:
                push3, drag3 = push, drag
    used = zero
    for k in range(4):
        push, drag = push0, drag0
        if k == 1:
            push, drag = push1, drag1
        if k == 2:
            push, drag = push2, drag2
        if k == 3:
            push, drag = push3, drag3
        p, gap = ld3(ws, w, mi[AT.pair_contact] + 4 * k), ld(ws, w, mi[AT.pair_contact] + 4 * k + 3)
        touches = active & (gap < margin)
        c = col.POINT + col.POINT_WIDTH * k
        scatter3(record, near, at, c, p)
        scatter3(record, near, at, c + col.AT_W, add(pa, rotate(qa, p)))
        scatter(record, near, at, c + col.DISTANCE, ti.select(touches, gap - skin - lead, like(gap, col.FAR_POINT)))
        scatter(record, near, at, c + col.PUSH, ti.select(touches, push, zero))
        scatter3(record, near, at, c + col.DRAG, select3(touches, drag, none))
        used = ti.select(touches, zero + (k + 1.0), used)
    scatter(record, near, at, col.RECORD_WIDTH, used)
    return 1


@ti.func
def count_points(near: ti.template(), pair: ti.template(), record: ti.template(), at, lanes):
    """Points in use of the pairs of a block, from their records."""
    for l in range(lanes):
        if near[at + l] < pair.shape[0]:
            pair[near[at + l], col.POINTS] = ti.cast(record[near[at + l], col.RECORD_WIDTH], ti.i32)


@ti.kernel
def make_manifolds(
    mi: ti.types.ndarray(ndim=1),
    md: ti.types.ndarray(ndim=1),
    ws: ti.types.ndarray(ndim=2),
    shape: ti.types.ndarray(ndim=2),
    shape_int: ti.types.ndarray(ndim=2),
    shape_row: ti.types.ndarray(ndim=1),
    velocity: ti.types.ndarray(ndim=2),
    near: ti.types.ndarray(ndim=1),
    near_a: ti.types.ndarray(ndim=1),
    near_b: ti.types.ndarray(ndim=1),
    group_a: ti.types.ndarray(ndim=1),
    group_b: ti.types.ndarray(ndim=1),
    pair: ti.types.ndarray(ndim=2),
    record: ti.types.ndarray(ndim=2),
    counter: ti.types.ndarray(ndim=1),
    setting: ti.types.ndarray(ndim=1),
    lanes: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
):
    """Manifolds of all near pairs."""
    for q in range(workers * chunk):
        w = q // chunk
        at = lanes * first_turn(q, chunk, counter[col.NUM_NEAR])
        while at < counter[col.NUM_NEAR]:
            narrow_block(
                mi, md, ws, shape, shape_int, shape_row, velocity, near, near_a, near_b, group_a, group_b, pair, record,
                setting, lanes, at, w,
            )  # fmt: skip
            count_points(near, pair, record, at, lanes)
            at += workers * lanes
