"""Colours: pairs that share no moving body may be solved side by side, in lanes and on both cores, with the same bits.

Greedy in the order of the pairs (Welsh and Powell without sorting): a pair takes the first colour that none of its two moving
groups has yet. What finds no colour goes to the last one, whose blocks hold one pair each and are solved one after the other.
Static and prescribed bodies are never written, so they have no colour.

Limits: the assignment is serial.
"""

from engine.compiler import ti
from engine.solvers.bodies import workspace as col


@ti.func
def first_free(used):
    """Lowest colour whose bit is not set, COLOURS - 1 when there is none."""
    colour = 0
    while colour < col.COLOURS - 1 and (used >> colour) & 1 == 1:
        colour += 1
    return colour


@ti.func
def choose_colour(body_int: ti.template(), shape_row: ti.template(), pair: ti.template(), p, mask: ti.template(),
                  counter: ti.template()):  # fmt: skip
    """Colour of pair p, noted with its moving groups and counted; -1 for a pair without points."""
    colour = -1
    if pair[p, col.POINTS] > 0:
        ra, rb = shape_row[pair[p, col.SHAPE_A]], shape_row[pair[p, col.SHAPE_B]]
        moves_a, moves_b = body_int[ra, col.KIND] == col.DYNAMIC, body_int[rb, col.KIND] == col.DYNAMIC
        colour = first_free(ti.select(moves_a, mask[ra], 0) | ti.select(moves_b, mask[rb], 0))
        if moves_a:
            mask[ra] = mask[ra] | (1 << colour)
        if moves_b:
            mask[rb] = mask[rb] | (1 << colour)
        counter[col.COLOUR_CURSOR + colour] = counter[col.COLOUR_CURSOR + colour] + 1
    return colour


@ti.func
def colour_all(
    body_int: ti.template(),
    shape_row: ti.template(),
    pair: ti.template(),
    near: ti.template(),
    mask: ti.template(),
    colour: ti.template(),
    block_pair: ti.template(),
    block_a: ti.template(),
    block_b: ti.template(),
    block_points: ti.template(),
    counter: ti.template(),
    lanes,
):
    """The one thread of `colour_pairs`."""
    none, still = pair.shape[0], body_int.shape[0] - 1
    for r in range(still):
        mask[r] = 0
    for c in range(col.COLOURS):
        counter[col.COLOUR_CURSOR + c] = 0
    for n in range(counter[col.NUM_NEAR]):
        colour[n] = -1
        if near[n] < none:
            colour[n] = choose_colour(body_int, shape_row, pair, near[n], mask, counter)
    lay_out(counter, lanes)
    for n in range(counter[col.NUM_BLOCKS] * lanes):
        block_pair[n], block_a[n], block_b[n] = none, still, still
    for b in range(counter[col.NUM_BLOCKS]):
        block_points[b] = 0
    for n in range(counter[col.NUM_NEAR]):
        if colour[n] >= 0:
            enter(shape_row, pair, near[n], colour[n], block_pair, block_a, block_b, block_points, counter, lanes)


@ti.kernel
def colour_pairs(
    body_int: ti.types.ndarray(ndim=2),
    shape_row: ti.types.ndarray(ndim=1),
    pair: ti.types.ndarray(ndim=2),
    near: ti.types.ndarray(ndim=1),
    mask: ti.types.ndarray(ndim=1),
    colour: ti.types.ndarray(ndim=1),
    block_pair: ti.types.ndarray(ndim=1),
    block_a: ti.types.ndarray(ndim=1),
    block_b: ti.types.ndarray(ndim=1),
    block_points: ti.types.ndarray(ndim=1),
    counter: ti.types.ndarray(ndim=1),
    lanes: ti.i32,
):
    """Near pairs with points -> blocks, colour by colour; empty lanes hold the dummy pair and the dummy row."""
    for _ in range(1):
        colour_all(body_int, shape_row, pair, near, mask, colour, block_pair, block_a, block_b, block_points, counter, lanes)


@ti.func
def lay_out(counter: ti.template(), lanes):
    """Numbers of pairs by colour -> first block of each colour, and a cursor at its first lane."""
    block, active = 0, 0
    for c in range(col.COLOURS):
        number = counter[col.COLOUR_CURSOR + c]
        active += number
        counter[col.COLOUR_START + c] = block
        counter[col.COLOUR_CURSOR + c] = block * lanes
        if c < col.COLOURS - 1:
            block += (number + lanes - 1) // lanes
        else:
            block += number
    counter[col.COLOUR_START + col.COLOURS] = block
    counter[col.NUM_BLOCKS] = block
    counter[col.NUM_ACTIVE] = active


@ti.func
def enter(shape_row: ti.template(), pair: ti.template(), p, c, block_pair: ti.template(), block_a: ti.template(),
          block_b: ti.template(), block_points: ti.template(), counter: ti.template(), lanes):  # fmt: skip
    """Put pair p into the next free lane of its colour."""
    at = counter[col.COLOUR_CURSOR + c]
    counter[col.COLOUR_CURSOR + c] = at + 1
    if c == col.COLOURS - 1:
        counter[col.COLOUR_CURSOR + c] = at + lanes
    block_pair[at] = p
    block_a[at], block_b[at] = shape_row[pair[p, col.SHAPE_A]], shape_row[pair[p, col.SHAPE_B]]
    block_points[at // lanes] = ti.max(block_points[at // lanes], pair[p, col.POINTS])
