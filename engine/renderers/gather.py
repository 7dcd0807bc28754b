"""Filling the picture table: one small kernel reads the simulation and makes the trees over instances, another takes what the
host made.

A row is the light, a block per view, per lamp and per shape (`table`, `lamps`), then the continua. Bits do not depend on how
rows are shared among workers.
"""

from engine.arrays import N
from engine.compiler import ti
from engine.renderers.lamps import LAMP_WIDTH, write_lamp
from engine.renderers.table import LIGHT_WIDTH, SHAPE_WIDTH, VIEW, VIEW_WIDTH, put, write_light, write_shape, write_view
from engine.renderers.top import grow


@ti.kernel
def gather(
    # Simulation in:
    mi: ti.types.ndarray(ndim=1),
    mf: ti.types.ndarray(ndim=2),
    ws: ti.types.ndarray(ndim=2),
    # Trees, in and out:
    mesh_real: ti.types.ndarray(dtype=ti.f32, ndim=1),
    mesh_int: ti.types.ndarray(dtype=ti.i32, ndim=1),
    # Choice of views and environments:
    views: ti.types.ndarray(dtype=ti.i32, ndim=1),
    num_views: ti.i32,
    first_env: ti.i32,
    env_stride: ti.i32,
    rows: ti.i32,
    lanes: ti.i32,
    # A worker is `chunk` turns of the loop:
    workers: ti.i32,
    chunk: ti.i32,
    first_row: ti.i32,
    # Out:
    table: ti.types.ndarray(ndim=2),
):
    """Fill the rows of the table from `first_row` on, one per environment: light, views, lamps, then shapes; and make the tree
    of each row, in which the continua are already."""
    lamps = mi[N.num_lamps]
    per_row = 1 + num_views + lamps + mi[N.num_shapes]
    first_lamp = LIGHT_WIDTH + num_views * VIEW_WIDTH
    total = rows * per_row
    for turn in range(workers * chunk):
        item = turn // chunk
        if turn % chunk != 0:
            item = total
        while item < total:
            row, k = first_row + item // per_row, item % per_row
            env = first_env + item // per_row * env_stride
            g, l = env // lanes, env % lanes
            if k == 0:
                write_light(mi, mf, g, l, table, row)
            elif k <= num_views:
                write_view(mi, mf, ws, g, l, views[k - 1], table, row, LIGHT_WIDTH + (k - 1) * VIEW_WIDTH)
            elif k <= num_views + lamps:
                i = k - 1 - num_views
                write_lamp(mi, mf, ws, g, l, i, table, row, first_lamp + i * LAMP_WIDTH)
            else:
                i = k - 1 - num_views - lamps
                at = first_lamp + lamps * LAMP_WIDTH + i * SHAPE_WIDTH
                write_shape(mi, mf, ws, g, l, i, mesh_real, table, row, at)
            item += workers
    for turn in range(workers * chunk):
        item = turn // chunk
        if turn % chunk != 0:
            item = rows
        while item < rows:
            grow(mi, table, mesh_real, mesh_int, first_row + item, first_lamp + lamps * LAMP_WIDTH)
            item += workers


@ti.kernel
def write_instances(
    # Instances in, (rows, slots):
    instances: ti.types.ndarray(dtype=ti.f32, ndim=2),
    # Where they begin:
    first_row: ti.i32,
    at: ti.i32,
    # Out:
    table: ti.types.ndarray(ndim=2),
):
    """Put instances that the host made behind those of the shapes."""
    for i, j in instances:
        put(table, first_row + i, at + j, instances[i, j])


@ti.kernel
def shift_views(
    # Sizes:
    rows: ti.i32,
    num_views: ti.i32,
    height: ti.i32,
    # A point of the lens, right and up of its middle, and the distance in focus [m]:
    right: ti.f32,
    up: ti.f32,
    focus: ti.f32,
    # Out:
    table: ti.types.ndarray(ndim=2),
):
    """Look from a point of the lens, with the picture moved so that what is in focus stays where it is."""
    for i in range(rows * num_views):
        row, at = i // num_views, LIGHT_WIDTH + (i % num_views) * VIEW_WIDTH
        per_radian = 0.5 * ti.cast(height, ti.f32) / table[row, at + VIEW.tan_half]
        for k in range(3):  # written out, because the compiler's own addition to a packet is atomic and fails
            there = right * table[row, at + VIEW.right + k] + up * table[row, at + VIEW.up + k]
            table[row, at + VIEW.position + k] = table[row, at + VIEW.position + k] + there
        aside = (right / focus) * per_radian / table[row, at + VIEW.aspect]
        table[row, at + VIEW.shift] = table[row, at + VIEW.shift] + aside
        table[row, at + VIEW.shift + 1] = table[row, at + VIEW.shift + 1] - (up / focus) * per_radian
