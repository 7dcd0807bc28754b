"""Motion of groups: applied forces before the contacts are found, poses after they are solved, refusal of what is not finite.

Semi-implicit Euler for the centre of mass. Rotation keeps the angular momentum L exactly while a body is free: with
w = I(q)^-1 L, the rotation goes by the exponential map of w half a step on, and w follows L to the new orientation (explicit
midpoint; second order, while contacts act on w). Limits: a body turns by less than a few radians in a step.
"""

from engine.compiler import ti
from engine.math.lanes import maximum
from engine.math.quat import quat_conj, quat_exp, quat_mul, quat_normalized, rotate
from engine.math.vec3 import add, add_scaled, dot, scale, sub, vec3
from engine.solvers.bodies import workspace as col
from engine.solvers.bodies.gather import first_turn, row3, row_quat, row_symmetric, set_row3, set_row_quat, times

SKIN = 0.08  # slack of a resting shape, relative to the mean radius of shapes
AHEAD = 4.0  # a moving shape may go this many steps before the broad phase looks again


@ti.func
def world_inverse_inertia(body: ti.template(), r, q):
    """Rows of R I^-1 R^T as xx yy zz xy xz yz."""
    m = row_symmetric(body, r, col.INVERSE_INERTIA)
    back = quat_conj(q)
    o, one = q.w * 0.0, q.w * 0.0 + 1.0
    x = rotate(q, times(m, rotate(back, vec3(one, o, o))))
    y = rotate(q, times(m, rotate(back, vec3(o, one, o))))
    z = rotate(q, times(m, rotate(back, vec3(o, o, one))))
    return ti.Struct(d=vec3(x.x, y.y, z.z), o=vec3(x.y, x.z, y.z))


@ti.func
def turned_spin(body: ti.template(), r, q, momentum):
    """Angular velocity in W of angular momentum in W at orientation q."""
    m = row_symmetric(body, r, col.INVERSE_INERTIA)
    return rotate(q, times(m, rotate(quat_conj(q), momentum)))


@ti.func
def accelerate(body: ti.template(), velocity: ti.template(), body_int: ti.template(), env: ti.template(), r, h):
    """Keep the old state of row r and add the applied forces of one step to its velocity."""
    p, q = row3(body, r, col.POSITION), row_quat(body, r, col.ROTATION)
    v, w = row3(velocity, r, col.LINEAR), row3(velocity, r, col.ANGULAR)
    set_row3(body, r, col.OLD_POSITION, p)
    set_row_quat(body, r, col.OLD_ROTATION, q)
    set_row3(body, r, col.OLD_VELOCITY, v)
    set_row3(body, r, col.OLD_SPIN, w)
    if body_int[r, col.KIND] == col.DYNAMIC and body_int[r, col.ASLEEP] == 0:
        m = world_inverse_inertia(body, r, q)
        set_row3(body, r, col.INVERSE_INERTIA_W, m.d)
        set_row3(body, r, col.INVERSE_INERTIA_W + 3, m.o)
        g = row3(env, body_int[r, col.ENV], col.GRAVITY)
        a = add_scaled(scale(g, body[r, col.WEIGHT]), row3(body, r, col.FORCE), body[r, col.INVERSE_MASS])
        set_row3(velocity, r, col.LINEAR, add_scaled(v, a, h))
        set_row3(velocity, r, col.ANGULAR, add_scaled(w, times(m, row3(body, r, col.TORQUE)), h))


@ti.func
def place_shape(body: ti.template(), velocity: ti.template(), shape: ti.template(), s, r, h):
    """Pose of shape row s in W and the way it may go in this step; returns 1 when it may leave what the broad phase saw."""
    p, q = row3(body, r, col.POSITION), row_quat(body, r, col.ROTATION)
    at = add(p, rotate(q, row3(shape, s, col.LOCAL_POSITION)))
    set_row3(shape, s, col.PLACE, at)
    set_row_quat(shape, s, col.TURN, quat_mul(q, row_quat(shape, s, col.LOCAL_ROTATION)))
    v, w = row3(velocity, r, col.LINEAR), row3(velocity, r, col.ANGULAR)
    arm = row3(shape, s, col.LOCAL_POSITION)
    reach = ti.sqrt(dot(arm, arm)) + shape[s, col.BALL]
    way = h * (ti.sqrt(dot(v, v)) + ti.sqrt(dot(w, w)) * reach)
    shape[s, col.MOTION] = way
    gone = sub(at, row3(shape, s, col.SEEN))
    turned = quat_mul(quat_conj(row_quat(shape, s, col.SEEN_TURN)), row_quat(shape, s, col.TURN))
    swing = 2.0 * shape[s, col.SWING] * ti.sqrt(turned.x * turned.x + turned.y * turned.y + turned.z * turned.z)
    leaves = 0
    if not ti.sqrt(dot(gone, gone)) + swing + way <= shape[s, col.SLACK]:
        leaves = 1
    return leaves


@ti.kernel
def start_step(
    body: ti.types.ndarray(ndim=2),
    velocity: ti.types.ndarray(ndim=2),
    body_int: ti.types.ndarray(ndim=2),
    env: ti.types.ndarray(ndim=2),
    shape: ti.types.ndarray(ndim=2),
    shape_row: ti.types.ndarray(ndim=1),
    counter: ti.types.ndarray(ndim=1),
    setting: ti.types.ndarray(ndim=1),
    workers: ti.i32,
    chunk: ti.i32,
):
    """Forces on all groups, then poses of all shapes; asks for a broad phase when a shape may leave its slack."""
    rows, shapes = body.shape[0] - 1, shape.shape[0]
    for q in range(workers * chunk):
        step = setting[col.STEP]
        r = first_turn(q, chunk, rows)
        while r < rows:
            accelerate(body, velocity, body_int, env, r, step)
            r += workers
    for q in range(workers * chunk):
        step = setting[col.STEP]
        s = first_turn(q, chunk, shapes)
        while s < shapes:
            if place_shape(body, velocity, shape, s, shape_row[s], step) == 1:
                counter[col.NEED_BROAD] = 1
            s += workers


@ti.func
def move(body: ti.template(), velocity: ti.template(), r, h):
    """Advance the pose of row r by its velocity."""
    q, v, w = row_quat(body, r, col.ROTATION), row3(velocity, r, col.LINEAR), row3(velocity, r, col.ANGULAR)
    set_row3(body, r, col.POSITION, add_scaled(row3(body, r, col.POSITION), v, h))
    inertia = row_symmetric(body, r, col.INERTIA)
    momentum = rotate(q, times(inertia, rotate(quat_conj(q), w)))
    middle = quat_mul(quat_exp(scale(w, 0.5 * h)), q)
    spin = turned_spin(body, r, middle, momentum)
    after = quat_normalized(quat_mul(quat_exp(scale(spin, h)), q))
    set_row_quat(body, r, col.ROTATION, after)
    set_row3(velocity, r, col.ANGULAR, turned_spin(body, r, after, momentum))


@ti.kernel
def move_bodies(
    body: ti.types.ndarray(ndim=2),
    velocity: ti.types.ndarray(ndim=2),
    body_int: ti.types.ndarray(ndim=2),
    setting: ti.types.ndarray(ndim=1),
    workers: ti.i32,
    chunk: ti.i32,
):
    """New poses of all groups that move."""
    rows = body.shape[0] - 1
    for q in range(workers * chunk):
        step = setting[col.STEP]
        r = first_turn(q, chunk, rows)
        while r < rows:
            if body_int[r, col.KIND] == col.DYNAMIC and body_int[r, col.ASLEEP] == 0:
                move(body, velocity, r, step)
            if body_int[r, col.KIND] == col.KINEMATIC:
                turn = quat_mul(quat_exp(scale(row3(velocity, r, col.ANGULAR), step)), row_quat(body, r, col.ROTATION))
                set_row3(body, r, col.POSITION, add_scaled(row3(body, r, col.POSITION), row3(velocity, r, col.LINEAR), step))
                set_row_quat(body, r, col.ROTATION, quat_normalized(turn))
            r += workers


@ti.func
def is_finite(body: ti.template(), velocity: ti.template(), r):
    """1 when pose and velocity of row r are finite numbers."""
    zeros = body[r, col.POSITION] * 0.0
    for k in range(7):
        zeros += body[r, col.POSITION + k] * 0.0
    for k in range(6):
        zeros += velocity[r, k] * velocity[r, k] * 0.0
    finite = 0
    if zeros == 0.0:
        finite = 1
    return finite


@ti.func
def put_back(body: ti.template(), velocity: ti.template(), body_int: ti.template(), r):
    """A group of a faulty environment keeps its old state and sleeps until the reset."""
    set_row3(body, r, col.POSITION, row3(body, r, col.OLD_POSITION))
    set_row_quat(body, r, col.ROTATION, row_quat(body, r, col.OLD_ROTATION))
    set_row3(velocity, r, col.LINEAR, row3(body, r, col.OLD_VELOCITY))
    set_row3(velocity, r, col.ANGULAR, row3(body, r, col.OLD_SPIN))


@ti.func
def count_stillness(body: ti.template(), velocity: ti.template(), r, h, slowest):
    """Time that row r has moved slower than the limit everywhere on its surface."""
    v, w = row3(velocity, r, col.LINEAR), row3(velocity, r, col.ANGULAR)
    speed = ti.sqrt(dot(v, v)) + ti.sqrt(dot(w, w)) * maximum(body[r, col.BOUND], body[r, col.BOUND] * 0.0)
    if speed < slowest:
        body[r, col.STILL_TIME] += h
    else:
        body[r, col.STILL_TIME] = 0.0


@ti.kernel
def finish_step(
    body: ti.types.ndarray(ndim=2),
    velocity: ti.types.ndarray(ndim=2),
    body_int: ti.types.ndarray(ndim=2),
    env: ti.types.ndarray(ndim=2),
    setting: ti.types.ndarray(ndim=1),
    workers: ti.i32,
    chunk: ti.i32,
):
    """Find environments that are not finite, put those back, count the stillness of the others and the time."""
    rows = body.shape[0] - 1
    for q in range(workers * chunk):
        r = first_turn(q, chunk, rows)
        while r < rows:
            if is_finite(body, velocity, r) == 0:
                env[body_int[r, col.ENV], col.FAULT] = 1.0
            r += workers
    for q in range(workers * chunk):
        step = setting[col.STEP]
        limit = setting[col.SLOWEST]
        r = first_turn(q, chunk, rows)
        while r < rows:
            if env[body_int[r, col.ENV], col.FAULT] > 0.5:
                put_back(body, velocity, body_int, r)
            elif body_int[r, col.KIND] == col.DYNAMIC and body_int[r, col.ASLEEP] == 0:
                count_stillness(body, velocity, r, step, limit)
            r += workers
    for e in range(env.shape[0]):
        if env[e, col.FAULT] < 0.5:
            env[e, col.TIME] += setting[col.DURATION]
