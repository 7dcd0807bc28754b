"""Broad phase: which pairs of shapes may touch before a shape has used up its slack; cost nearly linear in shapes.

Shapes of ordinary reach (ball, slack and margin) stand in the cells of a uniform grid, hashed with their environment, and meet
the 27 cells around them (Teschner et al. 2003). Wide shapes (much larger or faster than the mean, for example scenery) are
entered into every cell that their box covers; boundless ones (planes, boxes over SPREAD cells) are offered to everybody; wide
shapes meet each other one by one. Each ordinary shape fills a row of partners; `pairs.sort_pairs` brings the rows into an
order that depends on nothing but the pairs themselves, so that no result depends on what else was near.

Limits: wide shapes among themselves cost their number squared.
"""

from engine.compiler import ti
from engine.math.lanes import absolute, maximum
from engine.math.quat import rotate, rotate_back
from engine.math.vec3 import dot, sub, vec3
from engine.solvers.bodies import workspace as col
from engine.solvers.bodies.gather import first_turn, row3, row_quat, set_row3, set_row_quat
from engine.solvers.bodies.motion import AHEAD, SKIN
from engine.types import ShapeType

PLANE = int(ShapeType.PLANE)
WIDE = 1.5  # shapes with more than this times the mean reach are wide
SPREAD = 20000  # cells that a wide shape may cover before it is offered to everybody
ORDINARY, COVERING, BOUNDLESS, IDLE = 0, 1, 2, 3
CELL, CELL_ROLE, CELL_WIDTH = 0, 3, 4  # cell_int: cell of the shape (3), role


@ti.func
def reach_of(shape: ti.template(), s):
    """Radius about the place of shape s that it keeps within until the next broad phase."""
    return shape[s, col.BALL] + shape[s, col.SLACK] + shape[s, col.MARGIN]


@ti.func
def bucket(x, y, z, e, size):
    """Bucket of a cell of environment e."""
    return ((x * 73856093) ^ (y * 19349663) ^ (z * 83492791) ^ (e * 50331653)) & (size - 1)


@ti.func
def may_touch(
    shape_int: ti.template(), shape_row: ti.template(), body_int: ti.template(), excluded: ti.template(), a, b, count
):
    """1 when the two shape rows belong to one environment, to groups that move against each other, and are not filtered out."""
    i, j, ra, rb = a % count, b % count, shape_row[a], shape_row[b]
    bits = (shape_int[i, col.BITS] & shape_int[j, col.AFFINITY]) | (shape_int[j, col.BITS] & shape_int[i, col.AFFINITY])
    moving = body_int[ra, col.KIND] == col.DYNAMIC or body_int[rb, col.KIND] == col.DYNAMIC
    yes = 0
    if a // count == b // count and ra != rb and bits != 0 and moving:
        yes = 1 - is_excluded(excluded, shape_int[i, col.SHAPE_BODY], shape_int[j, col.SHAPE_BODY])
    return yes


@ti.func
def is_excluded(excluded: ti.template(), a, b):
    """1 when the bodies stand in the sorted list of pairs that never touch; its last entry is no pair."""
    first, second = ti.min(a, b), ti.max(a, b)
    low, high = 0, excluded.shape[0] - 1
    while low < high:
        middle = (low + high) // 2
        if excluded[middle, 0] < first or (excluded[middle, 0] == first and excluded[middle, 1] < second):
            low = middle + 1
        else:
            high = middle
    found = 0
    if excluded[low, 0] == first and excluded[low, 1] == second:
        found = 1
    return found


@ti.func
def outside_box(shape: ti.template(), s, p):
    """Distance of a point in W from the box that holds shape s; 0 inside."""
    d = rotate_back(row_quat(shape, s, col.TURN), sub(p, row3(shape, s, col.PLACE)))
    half = row3(shape, s, col.HALF)
    o = d.x * 0.0
    out = vec3(maximum(absolute(d.x) - half.x, o), maximum(absolute(d.y) - half.y, o), maximum(absolute(d.z) - half.z, o))
    return ti.sqrt(dot(out, out))


@ti.func
def plane_height(shape: ti.template(), s, p):
    """Height of a point in W above plane s."""
    q = row_quat(shape, s, col.TURN)
    n = rotate(q, vec3(q.w * 0.0, q.w * 0.0, q.w * 0.0 + 1.0))
    return dot(n, sub(p, row3(shape, s, col.PLACE)))


@ti.func
def is_close(shape: ti.template(), shape_int: ti.template(), a, b, count):
    """1 when shape row b may come near shape row a, where a may be wide, before either uses up its slack."""
    p, reach = row3(shape, b, col.PLACE), reach_of(shape, b)
    gap = reach
    if shape_int[a % count, col.SHAPE_TYPE] == PLANE:
        gap = plane_height(shape, a, p)
        if shape_int[b % count, col.SHAPE_TYPE] == PLANE:
            gap = reach + 1.0
    else:
        turning = shape[a, col.SLACK]
        if shape_int[b % count, col.SHAPE_TYPE] == PLANE:
            gap = plane_height(shape, b, row3(shape, a, col.PLACE)) - shape[a, col.BALL] - shape[a, col.MARGIN] - turning
        else:
            gap = outside_box(shape, a, p) - turning - shape[a, col.MARGIN]
    close = 0
    if gap <= reach:
        close = 1
    return close


@ti.func
def box_extent(shape: ti.template(), s, k):
    """Half extent along axis k of W of the box around shape s, with its slack and margin."""
    q, half = row_quat(shape, s, col.TURN), row3(shape, s, col.HALF)
    o = q.w * 0.0
    ex, ey, ez = rotate(q, vec3(half.x, o, o)), rotate(q, vec3(o, half.y, o)), rotate(q, vec3(o, o, half.z))
    extent = absolute(ex.x) + absolute(ey.x) + absolute(ez.x)
    if k == 1:
        extent = absolute(ex.y) + absolute(ey.y) + absolute(ez.y)
    if k == 2:
        extent = absolute(ex.z) + absolute(ey.z) + absolute(ez.z)
    return extent + shape[s, col.SLACK] + shape[s, col.MARGIN]


@ti.func
def note_place(shape: ti.template(), s, base):
    """The broad phase sees shape s here, and lets it go `base` and some steps of its motion."""
    set_row3(shape, s, col.SEEN, row3(shape, s, col.PLACE))
    set_row_quat(shape, s, col.SEEN_TURN, row_quat(shape, s, col.TURN))
    shape[s, col.SLACK] = base + AHEAD * shape[s, col.MOTION]


@ti.func
def role_of(shape: ti.template(), shape_int: ti.template(), s, count, largest):
    """Role of shape s when ordinary shapes reach `largest` at most."""
    role = ORDINARY
    if (shape_int[s % count, col.BITS] | shape_int[s % count, col.AFFINITY]) == 0:
        role = IDLE
    elif shape_int[s % count, col.SHAPE_TYPE] == PLANE:
        role = BOUNDLESS
    elif not reach_of(shape, s) <= largest:
        cells = (2.0 * largest) * 0.0 + 1.0
        for k in range(3):
            cells *= 2.0 * (box_extent(shape, s, k) + largest) / (2.0 * largest) + 2.0
        role = COVERING
        if not cells < SPREAD:
            role = BOUNDLESS
    return role


@ti.func
def sort_shapes(
    shape: ti.template(),
    shape_int: ti.template(),
    shape_row: ti.template(),
    body_int: ti.template(),
    cell_int: ti.template(),
    start: ti.template(),
    item: ti.template(),
    wide: ti.template(),
    covered: ti.template(),
    counter: ti.template(),
    result: ti.template(),
):
    """The one thread of `fill_grid`."""
    count, size, shapes = shape_int.shape[0], start.shape[1] - 1, shape.shape[0]
    total, number = shape[0, 0] * 0.0, 0
    for s in range(shapes):
        if body_int[shape_row[s], col.KIND] == col.DYNAMIC:
            total += shape[s, col.BALL]
            number += 1
    base = SKIN * total / ti.max(number, 1)
    total = total * 0.0
    for s in range(shapes):
        note_place(shape, s, base)
        if body_int[shape_row[s], col.KIND] == col.DYNAMIC:
            total += reach_of(shape, s)
    largest = WIDE * total / ti.max(number, 1) + 1e-9
    cell = 2.0 * largest
    result[0] = cell
    for b in range(size + 1):
        start[0, b] = 0
        start[1, b] = 0
    counter[col.NUM_WIDE] = 0
    for s in range(shapes):
        role = role_of(shape, shape_int, s, count, largest)
        cell_int[s, CELL_ROLE] = role
        shape[s, col.SWING] = 0.0
        if role == COVERING or role == BOUNDLESS:
            shape[s, col.SWING] = shape[s, col.BALL] - shape[s, col.RADIUS]
        for k in range(3):
            cell_int[s, CELL + k] = ti.floor(shape[s, col.PLACE + k] / cell, ti.i32)
        if role == ORDINARY:
            b = bucket(cell_int[s, 0], cell_int[s, 1], cell_int[s, 2], s // count, size)
            start[0, b] = start[0, b] + 1
        if role == COVERING or role == BOUNDLESS:
            wide[counter[col.NUM_WIDE]] = s
            counter[col.NUM_WIDE] = counter[col.NUM_WIDE] + 1
    for b in range(size):
        start[0, b + 1] = start[0, b + 1] + start[0, b]
    for i in range(shapes):  # backwards, so that each bucket holds its shapes in order
        s = shapes - 1 - i
        if cell_int[s, CELL_ROLE] == ORDINARY:
            b = bucket(cell_int[s, 0], cell_int[s, 1], cell_int[s, 2], s // count, size)
            start[0, b] = start[0, b] - 1
            item[start[0, b]] = s
    need = 0
    for turn in range(2):  # count, then enter
        for n in range(counter[col.NUM_WIDE]):
            s = wide[counter[col.NUM_WIDE] - 1 - n]
            if cell_int[s, CELL_ROLE] == COVERING:
                need += cover(shape, start, covered, s, s // count, cell, size, turn)
        if turn == 0:
            for b in range(size):
                start[1, b + 1] = start[1, b + 1] + start[1, b]
            counter[col.NEED_WIDE] = need
            if need > covered.shape[0]:
                break


@ti.kernel
def fill_grid(
    shape: ti.types.ndarray(ndim=2),
    shape_int: ti.types.ndarray(ndim=2),
    shape_row: ti.types.ndarray(ndim=1),
    body_int: ti.types.ndarray(ndim=2),
    cell_int: ti.types.ndarray(ndim=2),
    start: ti.types.ndarray(ndim=2),
    item: ti.types.ndarray(ndim=1),
    wide: ti.types.ndarray(ndim=1),
    covered: ti.types.ndarray(ndim=1),
    counter: ti.types.ndarray(ndim=1),
    result: ti.types.ndarray(ndim=1),
):
    """Note all places, choose the cell (`result[0]`), and sort shapes into buckets: `start[0]`, `item` for ordinary shapes,
    `start[1]`, `covered` for wide ones, `wide` lists those in order. One thread, so that the order is fixed."""
    for _ in range(1):
        sort_shapes(shape, shape_int, shape_row, body_int, cell_int, start, item, wide, covered, counter, result)


@ti.func
def cover(shape: ti.template(), start: ti.template(), covered: ti.template(), s, e, cell, size, turn):
    """Count (turn 0) or enter wide shape s in the buckets that its box covers; returns how many in turn 0."""
    low = row3(shape, s, col.PLACE)
    x0, x1 = span(low.x, box_extent(shape, s, 0), cell, 0), span(low.x, box_extent(shape, s, 0), cell, 1)
    y0, y1 = span(low.y, box_extent(shape, s, 1), cell, 0), span(low.y, box_extent(shape, s, 1), cell, 1)
    z0, z1 = span(low.z, box_extent(shape, s, 2), cell, 0), span(low.z, box_extent(shape, s, 2), cell, 1)
    number = 0
    for n in range((x1 - x0) * (y1 - y0) * (z1 - z0)):
        x, y, z = x0 + n % (x1 - x0), y0 + (n // (x1 - x0)) % (y1 - y0), z0 + n // ((x1 - x0) * (y1 - y0))
        b = bucket(x, y, z, e, size)
        if turn == 0:
            start[1, b] = start[1, b] + 1
            number += 1
        else:
            start[1, b] = start[1, b] - 1
            covered[start[1, b]] = s
    return number


@ti.func
def span(centre, extent, cell, end):
    """First cell (end 0) or one past the last cell (end 1) that holds a place nearer than half a cell to an interval."""
    at = ti.floor((centre - extent) / cell - 0.5, ti.i32)
    if end == 1:
        at = ti.floor((centre + extent) / cell + 0.5, ti.i32) + 1
    return at


@ti.func
def offer(shape: ti.template(), shape_int: ti.template(), shape_row: ti.template(), body_int: ti.template(),
          excluded: ti.template(), row: ti.template(), owner, other, count):  # fmt: skip
    """Append `other` to the row of `owner` when the two may touch; what does not fit is counted only."""
    if may_touch(shape_int, shape_row, body_int, excluded, owner, other, count) == 1:
        if is_close(shape, shape_int, other, owner, count) == 1:
            n = row[owner, 0]
            if n + 1 < row.shape[1]:
                row[owner, n + 1] = other
            row[owner, 0] = n + 1


@ti.func
def meet_neighbours(shape: ti.template(), shape_int: ti.template(), shape_row: ti.template(), body_int: ti.template(),
                    excluded: ti.template(), cell_int: ti.template(), start: ti.template(), item: ti.template(),
                    covered: ti.template(), row: ti.template(), s, count, size):  # fmt: skip
    """Offer an ordinary shape the later ones of the cells around it, and the wide ones that cover its cell."""
    e, turns = s // count, 0
    if cell_int[s, CELL_ROLE] == ORDINARY:
        turns = 27
    for n in range(turns):
        x, y, z = cell_int[s, 0] + n % 3 - 1, cell_int[s, 1] + (n // 3) % 3 - 1, cell_int[s, 2] + n // 9 - 1
        b = bucket(x, y, z, e, size)
        for k in range(start[0, b], start[0, b + 1]):
            o = item[k]
            here = o > s and cell_int[o, 0] == x and cell_int[o, 1] == y and cell_int[o, 2] == z
            if here and is_in_reach(shape, s, o) == 1:
                offer(shape, shape_int, shape_row, body_int, excluded, row, s, o, count)
    b, before = bucket(cell_int[s, 0], cell_int[s, 1], cell_int[s, 2], e, size), -1
    for k in range(start[1, b], start[1, b + 1]):
        if covered[k] != before and turns > 0:  # a shape may cover a bucket more than once
            offer(shape, shape_int, shape_row, body_int, excluded, row, s, covered[k], count)
        before = covered[k]


@ti.func
def meet_wide(shape: ti.template(), shape_int: ti.template(), shape_row: ti.template(), body_int: ti.template(),
              excluded: ti.template(), cell_int: ti.template(), wide: ti.template(), row: ti.template(),
              s, count, number):  # fmt: skip
    """Offer a shape the boundless ones, and a wide shape all later wide ones."""
    role = cell_int[s, CELL_ROLE]
    for k in range(number):
        o = wide[k]
        meets = (role == ORDINARY and cell_int[o, CELL_ROLE] == BOUNDLESS) or (role != ORDINARY and role != IDLE and o > s)
        if meets:
            offer(shape, shape_int, shape_row, body_int, excluded, row, s, o, count)


@ti.kernel
def find_partners(
    shape: ti.types.ndarray(ndim=2),
    shape_int: ti.types.ndarray(ndim=2),
    shape_row: ti.types.ndarray(ndim=1),
    body_int: ti.types.ndarray(ndim=2),
    excluded: ti.types.ndarray(ndim=2),
    cell_int: ti.types.ndarray(ndim=2),
    start: ti.types.ndarray(ndim=2),
    item: ti.types.ndarray(ndim=1),
    wide: ti.types.ndarray(ndim=1),
    covered: ti.types.ndarray(ndim=1),
    row: ti.types.ndarray(ndim=2),
    counter: ti.types.ndarray(ndim=1),
    workers: ti.i32,
    chunk: ti.i32,
):
    """Fill the row of partners of every shape: `row[s, 0]` is their number."""
    count, size, shapes = shape_int.shape[0], start.shape[1] - 1, shape.shape[0]
    for q in range(workers * chunk):
        s = first_turn(q, chunk, shapes)
        while s < shapes:
            row[s, 0] = 0
            meet_neighbours(
                shape, shape_int, shape_row, body_int, excluded, cell_int, start, item, covered, row, s, count, size
            )
            meet_wide(shape, shape_int, shape_row, body_int, excluded, cell_int, wide, row, s, count, counter[col.NUM_WIDE])
            if row[s, 0] + 1 > row.shape[1]:
                ti.atomic_max(counter[col.NEED_ROW], row[s, 0] + 1)
            s += workers


@ti.func
def is_in_reach(shape: ti.template(), a, b):
    """1 when the balls of reach of two shapes overlap."""
    d = sub(row3(shape, a, col.PLACE), row3(shape, b, col.PLACE))
    reach = reach_of(shape, a) + reach_of(shape, b)
    yes = 0
    if dot(d, d) <= reach * reach:
        yes = 1
    return yes
