"""Between the declared state and the tables of this solver: what the host writes comes in, what it reads goes out.

Tables are the truth between steps. A row is taken from the declared state only when its numbers there differ from those that
were last written there, so reading, or writing another body, never changes a bit of a body. Rows that were taken are marked and
wake. Angular velocity of a free joint is in the body frame, its linear velocity that of the origin, in W.
"""

from engine.arrays import AT
from engine.compiler import element, macro, ti
from engine.math.lanes import lane
from engine.math.memory import LAYOUT, ld
from engine.math.quat import quat, quat_mul, rotate, rotate_back
from engine.math.vec3 import add, cross, dot, scale, sub, vec3
from engine.solvers.bodies import workspace as col
from engine.solvers.bodies.gather import row3, row_quat, set_row3, set_row_quat, width


@macro
def put(ws, e, slot, lanes, value):
    """Write one environment's number."""
    g, l = e // lanes, e % lanes
    place = element(ws, g, slot) if LAYOUT.group_major else element(ws, slot, g)
    (element(place, l) if width(place) > 1 else place)._assign(value)


@ti.func
def take(ws: ti.template(), e, slot, lanes):
    """Read one environment's number."""
    return lane(ld(ws, e // lanes, slot), e % lanes)


@macro
def take3(ws, e, slot, lanes):
    return vec3(*(take(ws, e, slot + i, lanes) for i in range(3)))


@macro
def take_quat(ws, e, slot, lanes):
    return quat(*(take(ws, e, slot + i, lanes) for i in range(4)))


@macro
def put3(ws, e, slot, lanes, v):
    for i, value in enumerate((v.x, v.y, v.z)):
        put(ws, e, slot + i, lanes, value)


@macro
def put_quat(ws, e, slot, lanes, q):
    for i, value in enumerate((q.w, q.x, q.y, q.z)):
        put(ws, e, slot + i, lanes, value)


@ti.func
def differs(ws: ti.template(), body: ti.template(), r, e, slot, k, number, lanes):
    """1 when `number` declared slots are not what row r wrote there."""
    other = 0
    for i in range(number):
        if not take(ws, e, slot + i, lanes) == body[r, k + i]:  # also where nothing was written yet: not a number
            other = 1
    return other


@ti.func
def take_pose(body: ti.template(), root: ti.template(), r, p, q):
    """Pose of the origin of a group's root -> pose of the centre of mass."""
    set_row_quat(body, r, col.ROTATION, q)
    set_row3(body, r, col.POSITION, sub(p, rotate(q, row3(root, r, 0))))


@ti.kernel
def import_state(
    mi: ti.types.ndarray(ndim=1),
    ws: ti.types.ndarray(ndim=2),
    body: ti.types.ndarray(ndim=2),
    velocity: ti.types.ndarray(ndim=2),
    body_int: ti.types.ndarray(ndim=2),
    group_int: ti.types.ndarray(ndim=2),
    root: ti.types.ndarray(ndim=2),
    env: ti.types.ndarray(ndim=2),
    mark: ti.types.ndarray(ndim=1),
    lanes: ti.i32,
):
    """Rows that the host has written; `root` (rows, 3) is the origin of the group's root body from its centre of mass."""
    for r in range(body.shape[0] - 1):
        e, g = body_int[r, col.ENV], body_int[r, col.GROUP]
        mark[r] = 0
        if body_int[r, col.KIND] == col.DYNAMIC:
            at, speed = mi[AT.qpos] + group_int[g, col.QPOS], mi[AT.qvel] + group_int[g, col.QVEL]
            changed = differs(ws, body, r, e, at, col.WRITTEN, 7, lanes)
            if changed + differs(ws, body, r, e, speed, col.WRITTEN + 7, 6, lanes) > 0:
                q = take_quat(ws, e, at + 3, lanes)
                n = 1.0 / ti.sqrt(q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z)
                q = quat(q.w * n, q.x * n, q.y * n, q.z * n)
                take_pose(body, root, r, take3(ws, e, at, lanes), q)
                w = rotate(q, take3(ws, e, speed + 3, lanes))
                arm = rotate(q, row3(root, r, 0))
                set_row3(velocity, r, col.LINEAR, sub(take3(ws, e, speed, lanes), cross(w, arm)))
                set_row3(velocity, r, col.ANGULAR, w)
                mark[r] = 1
        if body_int[r, col.KIND] == col.KINEMATIC:
            k = group_int[g, col.KINEMATIC_INDEX]
            at, turn = mi[AT.kinematic_position] + 3 * k, mi[AT.kinematic_rotation] + 4 * k
            changed = differs(ws, body, r, e, at, col.WRITTEN, 3, lanes)
            if changed + differs(ws, body, r, e, turn, col.WRITTEN + 3, 4, lanes) > 0:
                take_pose(body, root, r, take3(ws, e, at, lanes), take_quat(ws, e, turn, lanes))
                mark[r] = 1
    for e in range(env.shape[0]):
        env[e, col.TIME] = take(ws, e, mi[AT.time], lanes)
        env[e, col.FAULT] = take(ws, e, mi[AT.fault], lanes)


@ti.kernel
def import_control(
    mi: ti.types.ndarray(ndim=1),
    ws: ti.types.ndarray(ndim=2),
    body: ti.types.ndarray(ndim=2),
    velocity: ti.types.ndarray(ndim=2),
    body_int: ti.types.ndarray(ndim=2),
    group_int: ti.types.ndarray(ndim=2),
    part: ti.types.ndarray(ndim=2),
    following: ti.types.ndarray(ndim=1),
    root: ti.types.ndarray(ndim=2),
    mark: ti.types.ndarray(ndim=1),
    lanes: ti.i32,
):
    """Loads of all groups about their centres of mass, and prescribed velocities. `following` chains the bodies of a group;
    rows that bear a load are marked."""
    for r in range(body.shape[0] - 1):
        e, g = body_int[r, col.ENV], body_int[r, col.GROUP]
        mark[r] = 0
        q = row_quat(body, r, col.ROTATION)
        arm = rotate(q, row3(root, r, 0))
        if body_int[r, col.KIND] == col.DYNAMIC:
            at = mi[AT.joint_force] + group_int[g, col.QVEL]
            force, torque = take3(ws, e, at, lanes), rotate(q, take3(ws, e, at + 3, lanes))
            torque = add(torque, cross(arm, force))
            b = group_int[g, col.ROOT]
            while b >= 0:
                load = mi[AT.body_wrench] + 6 * b
                push = take3(ws, e, load, lanes)
                lever = rotate(q, row3(part, e * following.shape[0] + b, col.PART_COM))
                torque = add(torque, add(take3(ws, e, load + 3, lanes), cross(lever, push)))
                force = add(force, push)
                b = following[b]
            set_row3(body, r, col.FORCE, force)
            set_row3(body, r, col.TORQUE, torque)
            if dot(force, force) + dot(torque, torque) > 0.0:
                mark[r] = 1
        if body_int[r, col.KIND] == col.KINEMATIC:
            at = mi[AT.kinematic_velocity] + 6 * group_int[g, col.KINEMATIC_INDEX]
            w = take3(ws, e, at + 3, lanes)
            set_row3(velocity, r, col.LINEAR, sub(take3(ws, e, at, lanes), cross(w, arm)))
            set_row3(velocity, r, col.ANGULAR, w)


@ti.func
def publish_row(mi: ti.template(), ws: ti.template(), body: ti.template(), velocity: ti.template(), body_int: ti.template(),
                group_int: ti.template(), root: ti.template(), r, h, lanes):  # fmt: skip
    """Coordinates of row r, written to the declared state and noted as written."""
    e, g = body_int[r, col.ENV], body_int[r, col.GROUP]
    q, w = row_quat(body, r, col.ROTATION), row3(velocity, r, col.ANGULAR)
    arm = rotate(q, row3(root, r, 0))
    p, v = add(row3(body, r, col.POSITION), arm), add(row3(velocity, r, col.LINEAR), cross(w, arm))
    set_row3(body, r, col.WRITTEN, p)
    set_row_quat(body, r, col.WRITTEN + 3, q)
    if body_int[r, col.KIND] == col.DYNAMIC:
        at, speed = mi[AT.qpos] + group_int[g, col.QPOS], mi[AT.qvel] + group_int[g, col.QVEL]
        local = rotate_back(q, w)
        before = row_quat(body, r, col.OLD_ROTATION)
        old_arm, old_spin = rotate(before, row3(root, r, 0)), row3(body, r, col.OLD_SPIN)
        old = add(row3(body, r, col.OLD_VELOCITY), cross(old_spin, old_arm))
        set_row3(body, r, col.WRITTEN + 7, v)
        set_row3(body, r, col.WRITTEN + 10, local)
        put3(ws, e, at, lanes, p)
        put_quat(ws, e, at + 3, lanes, q)
        put3(ws, e, speed, lanes, v)
        put3(ws, e, speed + 3, lanes, local)
        rate = mi[AT.qacc] + group_int[g, col.QVEL]
        put3(ws, e, rate, lanes, scale(sub(v, old), 1.0 / h))
        put3(ws, e, rate + 3, lanes, scale(sub(local, rotate_back(before, old_spin)), 1.0 / h))
    if body_int[r, col.KIND] == col.KINEMATIC:
        k = group_int[g, col.KINEMATIC_INDEX]
        put3(ws, e, mi[AT.kinematic_position] + 3 * k, lanes, p)
        put_quat(ws, e, mi[AT.kinematic_rotation] + 4 * k, lanes, q)


@ti.func
def publish_part(mi: ti.template(), ws: ti.template(), body: ti.template(), velocity: ti.template(), part: ti.template(),
                 root: ti.template(), r, e, b, n, lanes):  # fmt: skip
    """Pose and velocity of body b of environment e, which is part n and belongs to row r."""
    q, p, w = row_quat(body, r, col.ROTATION), row3(body, r, col.POSITION), row3(velocity, r, col.ANGULAR)
    put3(ws, e, mi[AT.body_position_W] + 3 * b, lanes, add(p, rotate(q, row3(part, n, col.PART_PLACE))))
    put_quat(ws, e, mi[AT.body_rotation_W] + 4 * b, lanes, quat_mul(q, row_quat(part, n, col.PART_TURN)))
    arm = rotate(q, row3(root, r, 0))
    put3(ws, e, mi[AT.body_velocity_W] + 6 * b, lanes, w)
    put3(ws, e, mi[AT.body_velocity_W] + 6 * b + 3, lanes, add(row3(velocity, r, col.LINEAR), cross(w, arm)))


@ti.kernel
def publish(
    mi: ti.types.ndarray(ndim=1),
    ws: ti.types.ndarray(ndim=2),
    body: ti.types.ndarray(ndim=2),
    velocity: ti.types.ndarray(ndim=2),
    body_int: ti.types.ndarray(ndim=2),
    group_int: ti.types.ndarray(ndim=2),
    part: ti.types.ndarray(ndim=2),
    part_row: ti.types.ndarray(ndim=1),
    root: ti.types.ndarray(ndim=2),
    shape: ti.types.ndarray(ndim=2),
    shape_row: ti.types.ndarray(ndim=1),
    env: ti.types.ndarray(ndim=2),
    setting: ti.types.ndarray(ndim=1),
    bodies: ti.i32,
    shapes: ti.i32,
    lanes: ti.i32,
):
    """Coordinates, poses of bodies and shapes, time and faults into the declared arrays. One thread per loop: lanes share
    memory words."""
    for _ in range(1):
        for r in range(body.shape[0] - 1):
            publish_row(mi, ws, body, velocity, body_int, group_int, root, r, setting[col.STEP], lanes)
        for n in range(part_row.shape[0]):
            publish_part(mi, ws, body, velocity, part, root, part_row[n], n // bodies, n % bodies, n, lanes)
        for s in range(shape_row.shape[0]):
            q, p = row_quat(body, shape_row[s], col.ROTATION), row3(body, shape_row[s], col.POSITION)
            at = add(p, rotate(q, row3(shape, s, col.LOCAL_POSITION)))
            put3(ws, s // shapes, mi[AT.shape_position_W] + 3 * (s % shapes), lanes, at)
            turn = quat_mul(q, row_quat(shape, s, col.LOCAL_ROTATION))
            put_quat(ws, s // shapes, mi[AT.shape_rotation_W] + 4 * (s % shapes), lanes, turn)
        for e in range(env.shape[0]):
            put(ws, e, mi[AT.time], lanes, env[e, col.TIME])
            put(ws, e, mi[AT.fault], lanes, env[e, col.FAULT])
