"""Sleep: islands of bodies that have been still for a while stop exactly, and wake together.

An island is what hangs together by contacts between moving bodies (union-find, lowest row as root). It falls asleep when all
its bodies have been slower than a limit for SLEEP_TIME and it leans on something static; then its velocities are exactly zero
and its pairs keep their manifolds. It wakes when anything that moves touches one of its bodies, when a force is applied to one
or when the host writes one. Bodies that are awake never feel it: they touch no sleeper without waking it first.

Limits: the walk is serial; it is skipped while no body has been still for long enough.
"""

from engine.compiler import ti
from engine.math.vec3 import dot
from engine.solvers.bodies import workspace as col
from engine.solvers.bodies.gather import row3
from engine.solvers.bodies.motion import accelerate


@ti.func
def moves(body_int: ti.template(), velocity: ti.template(), r):
    """1 for a body that can wake others: awake and free, or prescribed to move."""
    yes = 0
    if body_int[r, col.KIND] == col.DYNAMIC and body_int[r, col.ASLEEP] == 0:
        yes = 1
    if body_int[r, col.KIND] == col.KINEMATIC:
        v, w = row3(velocity, r, col.LINEAR), row3(velocity, r, col.ANGULAR)
        if dot(v, v) + dot(w, w) > 0.0:
            yes = 1
    return yes


@ti.func
def nudge(velocity: ti.template(), body_int: ti.template(), mark: ti.template(), r, other):
    """Mark the island of sleeping row r when the other row moves; returns 1 then."""
    found = 0
    if body_int[r, col.ASLEEP] == 1 and moves(body_int, velocity, other) == 1:
        mark[body_int[r, col.ISLAND]] = 1
        found = 1
    return found


@ti.func
def wake_islands(
    body: ti.template(),
    velocity: ti.template(),
    body_int: ti.template(),
    env: ti.template(),
    shape_row: ti.template(),
    pair: ti.template(),
    near: ti.template(),
    mark: ti.template(),
    setting: ti.template(),
    counter: ti.template(),
):
    """The one thread of `wake_touched`."""
    rows, found = body.shape[0] - 1, 0
    for r in range(rows):
        mark[r] = 0
    for n in range(counter[col.NUM_NEAR]):
        if near[n] < pair.shape[0]:
            if pair[near[n], col.POINTS] > 0:
                ra, rb = shape_row[pair[near[n], col.SHAPE_A]], shape_row[pair[near[n], col.SHAPE_B]]
                found += nudge(velocity, body_int, mark, ra, rb) + nudge(velocity, body_int, mark, rb, ra)
    woken = 0
    if found > 0:
        for r in range(rows):
            if body_int[r, col.ASLEEP] == 1 and mark[body_int[r, col.ISLAND]] == 1:
                body_int[r, col.ASLEEP] = 0
                body[r, col.STILL_TIME] = 0.0
                accelerate(body, velocity, body_int, env, r, setting[col.STEP])
                woken += 1
    counter[col.WOKEN] = woken


@ti.kernel
def wake_touched(
    body: ti.types.ndarray(ndim=2),
    velocity: ti.types.ndarray(ndim=2),
    body_int: ti.types.ndarray(ndim=2),
    env: ti.types.ndarray(ndim=2),
    shape_row: ti.types.ndarray(ndim=1),
    pair: ti.types.ndarray(ndim=2),
    near: ti.types.ndarray(ndim=1),
    mark: ti.types.ndarray(ndim=1),
    setting: ti.types.ndarray(ndim=1),
    counter: ti.types.ndarray(ndim=1),
):
    """Wake the islands that something moving touches; WOKEN counts the bodies, whose pairs have to be listed then."""
    for _ in range(1):
        wake_islands(body, velocity, body_int, env, shape_row, pair, near, mark, setting, counter)


@ti.func
def wake_rows(body: ti.template(), body_int: ti.template(), mark: ti.template()):
    """The one thread of `wake_marked`."""
    rows = body.shape[0] - 1
    for r in range(rows):
        if mark[r] == 1 and body_int[r, col.ASLEEP] == 1:
            mark[body_int[r, col.ISLAND]] = 2
    for r in range(rows):
        if body_int[r, col.ASLEEP] == 1:
            if mark[body_int[r, col.ISLAND]] == 2:
                body_int[r, col.ASLEEP] = 0
                body[r, col.STILL_TIME] = 0.0
    for r in range(rows):
        mark[r] = 0


@ti.kernel
def wake_marked(
    body: ti.types.ndarray(ndim=2),
    body_int: ti.types.ndarray(ndim=2),
    mark: ti.types.ndarray(ndim=1),
):
    """Wake the islands of sleeping rows whose mark is 1."""
    for _ in range(1):
        wake_rows(body, body_int, mark)


@ti.func
def root_of(parent: ti.template(), r):
    """Root of the set of r; the path is halved on the way."""
    i = r
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@ti.func
def stop_still(velocity: ti.template(), body: ti.template(), body_int: ti.template(), shape_row: ti.template(),
               pair: ti.template(), near: ti.template(), parent: ti.template(), state: ti.template(),
               setting: ti.template(), counter: ti.template()):  # fmt: skip
    """Join what touches, and stop the islands that are still and lean on something; returns how many bodies."""
    rows, asleep = body.shape[0] - 1, 0
    for r in range(rows):
        parent[r], state[r] = r, 0
    for n in range(counter[col.NUM_NEAR]):
        if near[n] < pair.shape[0]:
            if pair[near[n], col.POINTS] > 0:
                join(velocity, body_int, parent, state, shape_row[pair[near[n], 0]], shape_row[pair[near[n], 1]])
    for r in range(rows):
        root = root_of(parent, r)
        if root != r:
            state[root] = state[root] | state[r]
        if body_int[r, col.KIND] == col.DYNAMIC and not body[r, col.STILL_TIME] >= setting[col.SLEEP_TIME]:
            state[root] = state[root] | 2
    for r in range(rows):
        root = root_of(parent, r)
        if body_int[r, col.KIND] == col.DYNAMIC and body_int[r, col.ASLEEP] == 0 and state[root] == 1:
            body_int[r, col.ASLEEP], body_int[r, col.ISLAND] = 1, root
            for k in range(6):
                velocity[r, k] = 0.0
            asleep += 1
    return asleep


@ti.func
def put_to_sleep(
    body: ti.template(),
    velocity: ti.template(),
    body_int: ti.template(),
    shape_row: ti.template(),
    pair: ti.template(),
    near: ti.template(),
    parent: ti.template(),
    state: ti.template(),
    setting: ti.template(),
    counter: ti.template(),
):
    """The one thread of `sleep_islands`."""
    rows, ready, asleep = body.shape[0] - 1, 0, 0
    for r in range(rows):
        asleep += body_int[r, col.ASLEEP]
        if body_int[r, col.ASLEEP] == 0 and body[r, col.STILL_TIME] >= setting[col.SLEEP_TIME]:
            ready = 1
    if ready == 1:
        asleep += stop_still(velocity, body, body_int, shape_row, pair, near, parent, state, setting, counter)
    counter[col.NUM_ASLEEP] = asleep


@ti.kernel
def sleep_islands(
    body: ti.types.ndarray(ndim=2),
    velocity: ti.types.ndarray(ndim=2),
    body_int: ti.types.ndarray(ndim=2),
    shape_row: ti.types.ndarray(ndim=1),
    pair: ti.types.ndarray(ndim=2),
    near: ti.types.ndarray(ndim=1),
    parent: ti.types.ndarray(ndim=1),
    state: ti.types.ndarray(ndim=1),
    setting: ti.types.ndarray(ndim=1),
    counter: ti.types.ndarray(ndim=1),
):
    """Put still islands to sleep. `state` by root: bit 0 leans on something static, bit 1 has a body that is not still."""
    for _ in range(1):
        put_to_sleep(body, velocity, body_int, shape_row, pair, near, parent, state, setting, counter)


@ti.func
def join(velocity: ti.template(), body_int: ti.template(), parent: ti.template(), state: ti.template(), ra, rb):
    """Note the contact of two rows: one island, or an island that leans on what is static or pushed by what is prescribed."""
    free_a, free_b = body_int[ra, col.KIND] == col.DYNAMIC, body_int[rb, col.KIND] == col.DYNAMIC
    if free_a and free_b:
        a, b = root_of(parent, ra), root_of(parent, rb)
        if a < b:
            parent[b] = a
        if b < a:
            parent[a] = b
    else:
        free, other = ra, rb
        if free_b:
            free, other = rb, ra
        bit = 1
        if moves(body_int, velocity, other) == 1:
            bit = 2
        state[free] = state[free] | bit
