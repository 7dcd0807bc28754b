"""From rows of partners to one sorted list of pairs, and the records of pairs that live on.

Pairs are sorted by class (kinds of the two shapes), then lower and higher shape row, by three stable counting sorts; so the
order of pairs, of their manifolds and of the solver is a function of which pairs touch, never of what else was near. Old
and new list are merged in one walk. What a vanished pair did in the running step is kept in `spilled`.
"""

import numpy as np

from engine.compiler import ti
from engine.solvers.bodies import workspace as col
from engine.solvers.bodies.gather import first_turn

LOW, HIGH, KEY, TRIPLE = 0, 1, 2, 3
SPILL_WIDTH = 9  # shape rows a and b, impulse (3), touches, point (3)


@ti.func
def count_sort(source: ti.template(), target: ti.template(), histogram: ti.template(), number, key, bins):
    """Stable counting sort of `number` triples by one of their entries."""
    for b in range(bins + 1):
        histogram[b] = 0
    for n in range(number):
        k = source[n, key] + 1
        histogram[k] = histogram[k] + 1
    for b in range(bins):
        histogram[b + 1] = histogram[b + 1] + histogram[b]
    for n in range(number):
        k = source[n, key]
        at = histogram[k]
        histogram[k] = at + 1
        target[at, LOW], target[at, HIGH], target[at, KEY] = source[n, LOW], source[n, HIGH], source[n, KEY]


@ti.func
def sort_rows(
    shape_int: ti.template(),
    row: ti.template(),
    pair: ti.template(),
    work: ti.template(),
    other: ti.template(),
    histogram: ti.template(),
    counter: ti.template(),
    classes,
):
    """The one thread of `sort_pairs`."""
    count, shapes = shape_int.shape[0], row.shape[0]
    number = 0
    for s in range(shapes):
        number += row[s, 0]
    counter[col.NEED_PAIRS] = number
    if number <= work.shape[0]:
        number = 0
        for s in range(shapes):
            for k in range(row[s, 0]):
                low, high = ti.min(s, row[s, k + 1]), ti.max(s, row[s, k + 1])
                a, b = shape_int[low % count, col.CLASS], shape_int[high % count, col.CLASS]
                work[number, LOW], work[number, HIGH] = low, high
                work[number, KEY] = ti.min(a, b) * classes + ti.max(a, b)
                number += 1
        count_sort(work, other, histogram, number, HIGH, shapes)
        count_sort(other, work, histogram, number, LOW, shapes)
        count_sort(work, other, histogram, number, KEY, classes * classes)
        for n in range(number):
            low, high = other[n, LOW], other[n, HIGH]
            a, b = shape_int[low % count, col.CLASS], shape_int[high % count, col.CLASS]
            pair[n, col.SHAPE_A], pair[n, col.SHAPE_B] = low, high
            if a > b:
                pair[n, col.SHAPE_A], pair[n, col.SHAPE_B] = high, low
            pair[n, col.PAIR_CLASS], pair[n, col.POINTS] = other[n, KEY], 0


@ti.kernel
def sort_pairs(
    shape_int: ti.types.ndarray(ndim=2),
    row: ti.types.ndarray(ndim=2),
    pair: ti.types.ndarray(ndim=2),
    work: ti.types.ndarray(ndim=2),
    other: ti.types.ndarray(ndim=2),
    histogram: ti.types.ndarray(ndim=1),
    counter: ti.types.ndarray(ndim=1),
    classes: ti.i32,
):
    """Rows of partners -> `pair`, sorted; NEED_PAIRS says how many there are, and nothing is written when they do not fit."""
    for _ in range(1):
        sort_rows(shape_int, row, pair, work, other, histogram, counter, classes)


@ti.func
def comes_before(a: ti.template(), i, b: ti.template(), j):
    """1 when pair i of list a stands before pair j of list b, -1 when behind, 0 when they are the same."""
    la, lb = ti.min(a[i, 0], a[i, 1]), ti.min(b[j, 0], b[j, 1])
    da, db = a[i, col.PAIR_CLASS] - b[j, col.PAIR_CLASS], la - lb
    order = da
    if da == 0:
        order = db
        if db == 0:
            order = ti.max(a[i, 0], a[i, 1]) - ti.max(b[j, 0], b[j, 1])
    return order


@ti.func
def spill(old: ti.template(), record: ti.template(), spilled: ti.template(), i, at):
    """Keep what a vanished pair did in this step; returns 1 when it did something."""
    did = 0
    if record[i, col.TOUCHES] > 0.0 and at < spilled.shape[0]:
        did = 1
        for k in range(2):
            spilled[at, k] = old[i, k] * (record[i, col.TOUCHES] * 0.0 + 1.0)
        for k in range(SPILL_WIDTH - 2):
            spilled[at, 2 + k] = record[i, col.IMPULSE + k]
    return did


@ti.func
def walk_lists(
    old: ti.template(),
    record: ti.template(),
    new: ti.template(),
    source: ti.template(),
    spilled: ti.template(),
    counter: ti.template(),
    old_number,
    new_number,
):
    """The one thread of `match_pairs`."""
    i, gone = 0, counter[col.NUM_SPILLED]
    for n in range(new_number):
        order = -1
        while i < old_number and order < 0:
            order = comes_before(old, i, new, n)
            if order < 0:
                gone += spill(old, record, spilled, i, gone)
                i += 1
        source[n] = -1
        if i < old_number and order == 0:
            source[n] = i
            i += 1
    while i < old_number:
        gone += spill(old, record, spilled, i, gone)
        i += 1
    counter[col.NUM_SPILLED] = gone


@ti.kernel
def match_pairs(
    old: ti.types.ndarray(ndim=2),
    record: ti.types.ndarray(ndim=2),
    new: ti.types.ndarray(ndim=2),
    source: ti.types.ndarray(ndim=1),
    spilled: ti.types.ndarray(ndim=2),
    counter: ti.types.ndarray(ndim=1),
    old_number: ti.i32,
    new_number: ti.i32,
):
    """`source[n]`: the record of new pair n in the old list, or -1; spills the touches of pairs that are no more."""
    for _ in range(1):
        walk_lists(old, record, new, source, spilled, counter, old_number, new_number)


@ti.func
def move_record(old: ti.template(), record: ti.template(), new: ti.template(), target: ti.template(), i, n):
    """Record i of the old list becomes record n of the new one; an empty one when there is none."""
    if i >= 0:
        new[n, col.POINTS] = old[i, col.POINTS]
        for k in range(col.RECORD_WIDTH):
            target[n, k] = record[i, k]
    else:
        for k in range(col.RECORD_WIDTH):
            target[n, k] = 0.0


@ti.kernel
def move_records(
    old: ti.types.ndarray(ndim=2),
    record: ti.types.ndarray(ndim=2),
    new: ti.types.ndarray(ndim=2),
    target: ti.types.ndarray(ndim=2),
    source: ti.types.ndarray(ndim=1),
    new_number: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
):
    """Records of pairs that live on go to their new places; the others begin empty."""
    for q in range(workers * chunk):
        n = first_turn(q, chunk, new_number)
        while n < new_number:
            move_record(old, record, new, target, source[n], n)
            n += workers


@ti.kernel
def clear_sums(
    record: ti.types.ndarray(ndim=2),
    counter: ti.types.ndarray(ndim=1),
    number: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
):
    """Forget what the pairs did in the last step."""
    counter[col.NUM_SPILLED] = 0
    for q in range(workers * chunk):
        n = first_turn(q, chunk, number)
        while n < number:
            for k in range(col.RECORD_WIDTH - col.IMPULSE):
                record[n, col.IMPULSE + k] = 0.0
            n += workers


def summed(rows: np.ndarray) -> np.ndarray:
    """Rows (n, SPILL_WIDTH) of the same two shapes as one: impulses and touches summed, the last point."""
    keys, inverse = np.unique(rows[:, :2], axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    total = np.zeros((len(keys), SPILL_WIDTH))
    total[:, :2] = keys
    np.add.at(total[:, 2:6], inverse, rows[:, 2:6])
    total[inverse, 6:] = rows[:, 6:]
    return total
