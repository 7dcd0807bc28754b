"""Optical flow: where what a pixel shows goes from one frame to another, exact for rigid and articulated bodies.

The table holds two rows per environment, the frame whose pixels are asked about and the other one. A ray through the centre of
each pixel finds the surface point in the first; the point moves with its instance (and, on particles and deforming surfaces,
with its own material) into the second, is projected by the camera there, and a second ray from that camera asks whether it is
seen. The sky moves as if it were infinitely far. Bits do not depend on the batch. Limits: a point counts as hidden only when
something lies nearer by HIDDEN of its distance; refraction is not followed.
"""

from engine.arrays import N
from engine.compiler import ti
from engine.math.lanes import is_lanes, maximum
from engine.math.vec3 import add, add_scaled, dot, scale, select3, sub, vec3, zero3
from engine.renderers.lamps import LAMP_WIDTH
from engine.renderers.lens import NEAR, project, view_ray
from engine.renderers.meshes import mesh_motion
from engine.renderers.picture import LANE_X, LANE_Y
from engine.renderers.shapes import FAR
from engine.renderers.table import (
    COLUMNS,
    LIGHT_WIDTH,
    MESH,
    PACKET,
    ROWS,
    SHAPE,
    SHAPE_WIDTH,
    VIEW,
    VIEW_WIDTH,
    get3,
    instance_kind,
    largest,
    pick,
    splat,
    tree_header,
)
from engine.renderers.tracing import hit_shapes, relative, to_unit

HIDDEN = 5e-4  # of the distance


@ti.func
def own_motion(mesh_real: ti.template(), mesh_int: ti.template(), header, triangle, p):
    """Motion of the material at the hits of all lanes that have a triangle or ball; zero for the others."""
    m = zero3(p.x)
    if ti.static(is_lanes(p.x)):
        for k in range(PACKET):
            if triangle[k] >= 0:
                v = mesh_motion(mesh_real, mesh_int, header, triangle[k], vec3(p.x[k], p.y[k], p.z[k]))
                m.x[k], m.y[k], m.z[k] = v.x, v.y, v.z
    else:
        m = mesh_motion(mesh_real, mesh_int, header, triangle, p)
    return m


@ti.func
def to_world(table: ti.template(), row, at, u):
    """Point of W of a point of the unit shape: the inverse of `to_unit`, whose rows are axes over scales."""
    size = get3(table, row, at + SHAPE.size)
    x, y, z = get3(table, row, at + SHAPE.map), get3(table, row, at + SHAPE.map + 3), get3(table, row, at + SHAPE.map + 6)
    p = add_scaled(get3(table, row, at + SHAPE.position), x, size.x * size.x * u.x)
    return add_scaled(add_scaled(p, y, size.y * size.y * u.y), z, size.z * size.z * u.z)


@ti.func
def moved_points(
    mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), row, other, shapes, p, shape,
    triangle,
):  # fmt: skip
    """Where the points `p` of the surfaces hit in `row` are in the row `other`."""
    q = p
    left = shape  # which has not moved yet
    i = largest(left)
    while i >= 0:
        mine = shape == i
        left = ti.select(mine, -1, left)
        at = shapes + i * SHAPE_WIDTH
        u = to_unit(table, row, at, relative(table, row, at, p))
        if instance_kind(mi, i) >= MESH:
            header = tree_header(mi, mesh_int, row, i)
            u = add(u, own_motion(mesh_real, mesh_int, header, ti.select(mine, triangle, -1), u))
        q = select3(mine, to_world(table, other, at, u), q)
        i = largest(left)
    return q


@ti.func
def flow_of(
    mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), stack: ti.template(),
    worker, row, other, view, shapes, width, height, px, py,
):  # fmt: skip
    """(flow x, flow y [pixels], 1 where the point is seen in the other picture) of the picture points (px, py)."""
    d, _, _ = view_ray(table, row, view, px, py, width, height)
    o, limit, here = get3(table, row, view + VIEW.position), splat(px, FAR), row
    qx, qy, seen = px, py, splat(px, 0.0)
    for stage in range(2):
        t, shape, triangle = hit_shapes(mi, table, mesh_real, mesh_int, stack, worker, here, shapes, o, d, limit, stage)
        if stage == 0:
            p = add_scaled(o, d, ti.select(t < FAR, t, splat(t, 0.0)))
            q = moved_points(mi, table, mesh_real, mesh_int, row, other, shapes, p, shape, triangle)
            here, o = other, get3(table, other, view + VIEW.position)
            w = select3(t < FAR, sub(q, o), d)
            x, y, depth = project(table, other, view, w, width, height)
            qx, qy = x, y
            inside = (x >= 0.0) & (x <= ti.cast(width, ti.f32)) & (y >= 0.0) & (y <= ti.cast(height, ti.f32)) & (depth > NEAR)
            far = ti.sqrt(maximum(dot(w, w), splat(t, NEAR)))
            d = scale(w, 1.0 / far)
            limit = ti.select(inside, ti.select(t < FAR, far * (1.0 - HIDDEN), splat(t, FAR)), splat(t, -1.0))
            seen = ti.select(inside, splat(t, 1.0), seen)
        else:
            seen = ti.select(shape >= 0, splat(px, 0.0), seen)
    return qx - px, qy - py, seen


@ti.func
def write_flow(at, fx, fy, seen, k, flow: ti.template(), valid: ti.template()):
    """Store lane `k` at the pixel with index `at`."""
    flow[2 * at], flow[2 * at + 1] = pick(fx, k), pick(fy, k)
    valid[at] = ti.cast(pick(seen, k), ti.u8)


@ti.func
def flow_item(
    mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), stack: ti.template(), worker,
    picture, place, backward, rows, shapes, width, height, packets: ti.template(), flow: ti.template(), valid: ti.template(),
):  # fmt: skip
    """The packet (or pixel) `place` of a picture."""
    columns = (width + COLUMNS - 1) // COLUMNS
    row, base, camera = picture % rows, picture * width * height, LIGHT_WIDTH + (picture // rows) * VIEW_WIDTH
    here, other = row + backward * rows, row + (1 - backward) * rows
    if ti.static(packets):
        x, y = (place % columns) * COLUMNS, (place // columns) * ROWS
        px, py = ti.Vector(LANE_X, dt=ti.f32) + ti.cast(x, ti.f32), ti.Vector(LANE_Y, dt=ti.f32) + ti.cast(y, ti.f32)
        fx, fy, seen = flow_of(
            mi, table, mesh_real, mesh_int, stack, worker, here, other, camera, shapes, width, height, px, py
        )
        for k in range(PACKET):
            kx, ky = x + k % COLUMNS, y + k // COLUMNS
            if kx < width and ky < height:
                write_flow(base + ky * width + kx, fx, fy, seen, k, flow, valid)
    else:
        px, py = ti.cast(place % width, ti.f32) + 0.5, ti.cast(place // width, ti.f32) + 0.5
        fx, fy, seen = flow_of(
            mi, table, mesh_real, mesh_int, stack, worker, here, other, camera, shapes, width, height, px, py
        )
        write_flow(base + place, fx, fy, seen, 0, flow, valid)


@ti.kernel
def trace_flow(
    # Model and table in; rows 0 .. rows - 1 hold the marked frame, the next ones the present frame
    mi: ti.types.ndarray(dtype=ti.i32, ndim=1),
    table: ti.types.ndarray(ndim=2),
    mesh_real: ti.types.ndarray(dtype=ti.f32, ndim=1),
    mesh_int: ti.types.ndarray(dtype=ti.i32, ndim=1),
    # Scratch: one stack per worker
    stack: ti.types.ndarray(dtype=ti.i32, ndim=2),
    # Sizes; backward swaps the frames; a worker is `chunk` turns of the loop:
    backward: ti.i32,
    num_views: ti.i32,
    rows: ti.i32,
    width: ti.i32,
    height: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
    packets: ti.template(),
    # Out, flat [view, env, y, x]:
    flow: ti.types.ndarray(dtype=ti.f32, ndim=1),
    valid: ti.types.ndarray(dtype=ti.u8, ndim=1),
):
    """Flow of every pixel from one frame to the other."""
    columns, lines = (width + COLUMNS - 1) // COLUMNS, (height + ROWS - 1) // ROWS
    shapes, places = LIGHT_WIDTH + num_views * VIEW_WIDTH + mi[N.num_lamps] * LAMP_WIDTH, columns * lines
    if ti.static(not packets):
        places = width * height
    for turn in range(workers * chunk):
        item, worker = turn // chunk, turn // chunk
        if turn % chunk != 0:
            item = num_views * rows * places
        while item < num_views * rows * places:
            flow_item(
                mi, table, mesh_real, mesh_int, stack, worker, item // places, item % places, backward, rows, shapes, width,
                height, packets, flow, valid,
            )  # fmt: skip
            item += workers
