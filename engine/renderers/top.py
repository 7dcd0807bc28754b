"""The tree over the instances of an environment, made anew on the device for every picture.

Instances are sorted along a Morton curve of the centres of their world boxes and a range is cut where the highest differing bit
of its codes flips (Lauterbach et al. 2009), equal codes in the middle; boxes are joined from the leaves up. A node is built like
those inside meshes (`meshes.NODE_REALS`); a link is a node, or -2 - i for the instance i. Planes have no useful box, so they
hang on a chain before the rest. What stands nowhere or is not finite is left out. One row is the work of one worker, so bits do
not depend on how many there are. Behind the trees of the continua a row of the picture table has, in the integers: root, links,
order, codes; in the reals: nodes. Limits: a ray in many long chains of planes tests them one by one.
"""

from engine.compiler import ti
from engine.renderers.meshes import NODE_REALS
from engine.renderers.table import NOWHERE, PLANE, SHAPE, SHAPE_WIDTH, TOP, instance_kind, instances, pick

NONE = -1  # a link to nothing
ROW_INTS = 4  # per instance; and one for the root
CELLS = 1023.0  # of the Morton curve per axis


@ti.func
def top_links(mi: ti.template(), mesh_int: ti.template(), row):
    """Where the integers of a row begin: the root, then two links per node."""
    return mesh_int[TOP] + row * (1 + ROW_INTS * instances(mi, mesh_int))


@ti.func
def top_boxes(mi: ti.template(), mesh_int: ti.template(), row):
    """Where the nodes of a row begin in the reals."""
    return mesh_int[TOP + 1] + row * NODE_REALS * instances(mi, mesh_int)


@ti.func
def centre(table: ti.template(), row, at, axis):
    """Twice the middle of the world box of an instance along an axis."""
    return pick(table[row, at + SHAPE.low + axis], 0) + pick(table[row, at + SHAPE.high + axis], 0)


@ti.func
def stands(table: ti.template(), row, at):
    """1 for an instance that is somewhere."""
    inside = 1
    for axis in range(3):
        if not ti.abs(centre(table, row, at, axis)) < 0.1 * NOWHERE:
            inside = 0
    return inside


@ti.func
def list_instances(mi: ti.template(), table: ti.template(), mesh_int: ti.template(), row, shapes, order):
    """Number the instances of a row from `order` on, planes first; returns (planes, all)."""
    count, planes = 0, 0
    for turn in range(2):
        for i in range(instances(mi, mesh_int)):
            is_plane = ti.select(instance_kind(mi, i) == PLANE, 0, 1)
            if is_plane == turn and stands(table, row, shapes + i * SHAPE_WIDTH) == 1:
                mesh_int[order + count] = i
                count += 1
        if turn == 0:
            planes = count
    return planes, count


@ti.func
def spread_bits(x):
    """Ten bits, each followed by two zeros."""
    x = (x | (x << 16)) & 0x030000FF
    x = (x | (x << 8)) & 0x0300F00F
    x = (x | (x << 4)) & 0x030C30C3
    return (x | (x << 2)) & 0x09249249


@ti.func
def write_codes(table: ti.template(), mesh_int: ti.template(), row, shapes, order, codes, first, end):
    """Morton codes of the instances at the places first to end of the order."""
    for j in range(first, end):
        mesh_int[codes + j] = 0
    for axis in range(3):
        low, high = 1e30, -1e30
        for j in range(first, end):
            c = centre(table, row, shapes + mesh_int[order + j] * SHAPE_WIDTH, axis)
            low, high = ti.min(low, c), ti.max(high, c)
        per_cell = CELLS / ti.max(high - low, 1e-20)
        for j in range(first, end):
            c = centre(table, row, shapes + mesh_int[order + j] * SHAPE_WIDTH, axis)
            mesh_int[codes + j] = mesh_int[codes + j] | (spread_bits(ti.cast((c - low) * per_cell, ti.i32)) << axis)


@ti.func
def sort_codes(mesh_int: ti.template(), order, codes, first, end):
    """Shell's sort of codes and order together."""
    gap = 1
    while gap < end - first:
        gap = 3 * gap + 1
    while gap > 0:
        for j in range(first + gap, end):
            code, i = mesh_int[codes + j], mesh_int[order + j]
            k = j
            while k >= first + gap and mesh_int[codes + ti.max(k - gap, 0)] > code:
                mesh_int[codes + k], mesh_int[order + k] = mesh_int[codes + k - gap], mesh_int[order + k - gap]
                k -= gap
            mesh_int[codes + k], mesh_int[order + k] = code, i
        gap //= 3


@ti.func
def cut(mesh_int: ti.template(), codes, begin, end):
    """Where a range of sorted codes splits."""
    differing = mesh_int[codes + begin] ^ mesh_int[codes + end - 1]
    middle = (begin + end) // 2
    if differing > 0:
        bit = 1
        while bit * 2 <= differing:
            bit *= 2
        middle = end - 1
        while mesh_int[codes + middle - 1] & bit:
            middle -= 1
    return middle


@ti.func
def link_nodes(mesh_int: ti.template(), mesh_real: ti.template(), links, boxes, order, codes, planes, count):
    """Links of all nodes, parents first; returns how many nodes there are. Until its turn a node keeps its range as links."""
    nodes = ti.select(count > 1, 1, 0)
    mesh_int[links], mesh_int[links + 1] = 0, count
    node = 0
    while node < nodes:
        begin, end = mesh_int[links + 2 * node], mesh_int[links + 2 * node + 1]
        middle = begin + 1
        chained = begin < planes
        if not chained:
            middle = cut(mesh_int, codes, begin, end)
        mesh_real[boxes + node * NODE_REALS + NODE_REALS - 1] = ti.select(chained, 0.0, 1.0)
        for side in range(2):
            first, last = ti.select(side == 0, begin, middle), ti.select(side == 0, middle, end)
            mesh_int[links + 2 * node + side] = -2 - mesh_int[order + first]
            if last - first > 1:
                mesh_int[links + 2 * node + side] = nodes
                mesh_int[links + 2 * nodes], mesh_int[links + 2 * nodes + 1] = first, last
                nodes += 1
        node += 1
    return nodes


@ti.func
def box_nodes(table: ti.template(), mesh_int: ti.template(), mesh_real: ti.template(), row, shapes, links, boxes, nodes):
    """Boxes of the children of all nodes, from the leaves up, and the vector from the first child to the second."""
    for turn in range(nodes):
        node = nodes - 1 - turn
        at = boxes + node * NODE_REALS
        for side in range(2):
            link = mesh_int[links + 2 * node + side]
            for k in range(6):
                here = at + 6 * side + k
                if link < 0:
                    mesh_real[here] = pick(table[row, shapes + (-2 - link) * SHAPE_WIDTH + SHAPE.low + k], 0)
                else:
                    a, b = mesh_real[boxes + link * NODE_REALS + k], mesh_real[boxes + link * NODE_REALS + 6 + k]
                    mesh_real[here] = ti.select(k < 3, ti.min(a, b), ti.max(a, b))
        ordered = mesh_real[at + NODE_REALS - 1]  # of planes the nearer one is not known
        for k in range(3):
            first, second = mesh_real[at + k] + mesh_real[at + 3 + k], mesh_real[at + 6 + k] + mesh_real[at + 9 + k]
            mesh_real[at + 12 + k] = ti.select(ordered > 0.0, second - first, 0.0)


@ti.func
def grow(mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), row, shapes):
    """The tree of one row of the picture table, whose instances begin at `shapes`."""
    root, boxes = top_links(mi, mesh_int, row), top_boxes(mi, mesh_int, row)
    total = instances(mi, mesh_int)
    links, order = root + 1, root + 1 + 2 * total
    codes = order + total
    planes, count = list_instances(mi, table, mesh_int, row, shapes, order)
    write_codes(table, mesh_int, row, shapes, order, codes, planes, count)
    sort_codes(mesh_int, order, codes, planes, count)
    mesh_int[root] = NONE
    if count == 1:
        mesh_int[root] = -2 - mesh_int[order]
    elif count > 1:
        mesh_int[root] = 0
        nodes = link_nodes(mesh_int, mesh_real, links, boxes, order, codes, planes, count)
        box_nodes(table, mesh_int, mesh_real, row, shapes, links, boxes, nodes)
