"""The picture kernel: one launch traces all views of all environments, pixels of a small tile together.

Two passes share one compiled kernel. The first sends one ray through the centre of every pixel and writes the outputs that
are asked for. The second, anti-aliasing, takes a list of pixels whose colour differs from a neighbour's by more than
CONTRAST (see `find_edges`) and replaces their colour by the mean of four samples on a turned grid, in linear light with every
sample clipped to what a screen shows; a packet then holds four samples of each of its pixels. One compiled variant serves every
choice of outputs, scene, size and number of environments. Limits: what is thinner than a pixel and falls between the centres is
missed by both passes; depth, segmentation and the other outputs keep their one sample.
"""

from engine.arrays import N
from engine.compiler import ti
from engine.math.lanes import clamp
from engine.math.vec3 import add_scaled, vec3
from engine.renderers.lamps import LAMP_WIDTH
from engine.renderers.shading import srgb
from engine.renderers.shapes import FAR
from engine.renderers.table import COLUMNS, LIGHT_WIDTH, PACKET, ROWS, VIEW_WIDTH, pick
from engine.renderers.tracing import ALBEDO, DEPTH, NORMAL, POSITION, RADIANCE, RGB, SEGMENTATION, trace_pixels

LANE_X = [float(k % COLUMNS) + 0.5 for k in range(PACKET)]
LANE_Y = [float(k // COLUMNS) + 0.5 for k in range(PACKET)]
SAMPLES = 4
TOGETHER = PACKET // SAMPLES  # pixels of a packet that refines
GRID_X, GRID_Y = (0.375, 0.875, 0.125, 0.625), (0.125, 0.375, 0.625, 0.875)  # one sample in every row and column
SAMPLE_X = [GRID_X[k % SAMPLES] for k in range(PACKET)]
SAMPLE_Y = [GRID_Y[k % SAMPLES] for k in range(PACKET)]
CONTRAST = 16  # of 255, in any channel


def list_room(width: int, height: int) -> int:
    """Places of a picture in the list of pixels: their number, then the pixels in whole packets."""
    return 1 + -(-width * height // TOGETHER) * TOGETHER


@ti.func
def lane3(v, k):
    return vec3(pick(v.x, k), pick(v.y, k), pick(v.z, k))


@ti.func
def write3(out: ti.template(), at, v):
    out[3 * at], out[3 * at + 1], out[3 * at + 2] = v.x, v.y, v.z


@ti.func
def write_rgb(rgb: ti.template(), at, code):
    """Store a colour of [0, 255] per channel."""
    rgb[3 * at] = ti.cast(code.x + 0.5, ti.u8)
    rgb[3 * at + 1] = ti.cast(code.y + 0.5, ti.u8)
    rgb[3 * at + 2] = ti.cast(code.z + 0.5, ti.u8)


@ti.func
def write_pixel(
    at, outputs, seen, code, k, rgb: ti.template(), depth: ti.template(), segmentation: ti.template(), normal: ti.template(),
    albedo: ti.template(), position: ti.template(), radiance: ti.template(),
):  # fmt: skip
    """Store lane `k` of what is seen at the pixel with index `at`; `code` is the colour as sRGB."""
    t = pick(seen.t, k)
    if outputs & RGB:
        write_rgb(rgb, at, lane3(code, k))
    if outputs & DEPTH:
        depth[at] = ti.select(t < FAR, t * pick(seen.along, k), ti.math.inf)
    if outputs & SEGMENTATION:
        segmentation[at] = ti.cast(pick(seen.segment, k), ti.u16)
    if outputs & NORMAL:
        write3(normal, at, lane3(seen.normal, k))
    if outputs & ALBEDO:
        write3(albedo, at, lane3(seen.albedo, k))
    if outputs & POSITION:
        write3(position, at, lane3(seen.point, k))
    if outputs & RADIANCE:
        write3(radiance, at, lane3(seen.color, k))


@ti.func
def encoded(c):
    return vec3(srgb(c.x), srgb(c.y), srgb(c.z))


@ti.func
def clipped(c):
    return vec3(clamp(c.x, 0.0, 1.0), clamp(c.y, 0.0, 1.0), clamp(c.z, 0.0, 1.0))


@ti.func
def write_mean(outputs, rgb: ti.template(), radiance: ti.template(), base, pixel, color, first):
    """Store the mean colour of SAMPLES lanes from `first` on."""
    mean = vec3(0.0, 0.0, 0.0)
    for k in range(first, first + SAMPLES):
        mean = add_scaled(mean, clipped(lane3(color, k)), 1.0 / SAMPLES)
    if pixel >= 0:
        write_color(outputs, rgb, radiance, base + pixel, mean)


@ti.func
def write_color(outputs, rgb: ti.template(), radiance: ti.template(), at, mean):
    """Store a mean of samples as the colour that is asked for."""
    if outputs & RGB:
        write_rgb(rgb, at, encoded(mean))
    if outputs & RADIANCE:
        write3(radiance, at, mean)


@ti.func
def sample_points(pixels: ti.template(), first, width):
    """Picture points of a packet of SAMPLES points in each of the pixels listed from `first` on."""
    px, py = ti.Vector(SAMPLE_X, dt=ti.f32), ti.Vector(SAMPLE_Y, dt=ti.f32)
    for k in range(PACKET):
        pixel = ti.max(pixels[first + k // SAMPLES], 0)
        px[k] += ti.cast(pixel % width, ti.f32)
        py[k] += ti.cast(pixel // width, ti.f32)
    return px, py


@ti.func
def write_tile(
    base, x, y, width, height, outputs, seen, rgb: ti.template(), depth: ti.template(), segmentation: ti.template(),
    normal: ti.template(), albedo: ti.template(), position: ti.template(), radiance: ti.template(),
):  # fmt: skip
    """Store a packet of pixels with its upper left corner at (x, y)."""
    code = encoded(seen.color)
    for k in range(PACKET):
        kx, ky = x + k % COLUMNS, y + k // COLUMNS
        if kx < width and ky < height:
            write_pixel(
                base + ky * width + kx, outputs, seen, code, k, rgb, depth, segmentation, normal, albedo, position, radiance
            )


@ti.func
def trace_packet(
    mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), stack: ti.template(),
    pixels: ti.template(), worker, row, camera, shapes, outputs, width, height, base, x, y, first, rgb: ti.template(),
    depth: ti.template(), segmentation: ti.template(), normal: ti.template(), albedo: ti.template(),
    position: ti.template(), radiance: ti.template(),
):  # fmt: skip
    """The tile at (x, y), or the listed pixels from `first` on where that is not negative."""
    px, py = ti.Vector(LANE_X, dt=ti.f32) + ti.cast(x, ti.f32), ti.Vector(LANE_Y, dt=ti.f32) + ti.cast(y, ti.f32)
    if first >= 0:
        px, py = sample_points(pixels, first, width)
    seen = trace_pixels(mi, table, mesh_real, mesh_int, stack, worker, row, camera, shapes, outputs, width, height, px, py)
    if first < 0:
        write_tile(base, x, y, width, height, outputs, seen, rgb, depth, segmentation, normal, albedo, position, radiance)
    else:
        for j in range(TOGETHER):
            write_mean(outputs, rgb, radiance, base, pixels[first + j], seen.color, j * SAMPLES)


@ti.func
def trace_single(
    mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), stack: ti.template(),
    worker, row, camera, shapes, outputs, width, height, base, pixel, refining, rgb: ti.template(), depth: ti.template(),
    segmentation: ti.template(), normal: ti.template(), albedo: ti.template(), position: ti.template(), radiance: ti.template(),
):  # fmt: skip
    """One pixel by single rays: one through its centre, or SAMPLES for its colour."""
    x, y = ti.cast(pixel % width, ti.f32), ti.cast(pixel // width, ti.f32)
    mean = vec3(0.0, 0.0, 0.0)
    for sample in range(ti.select(refining == 0, 1, SAMPLES)):
        px, py = x + 0.5, y + 0.5
        if refining:
            px = x + 0.375 + 0.5 * ti.cast(sample % 2, ti.f32) - 0.25 * ti.cast(sample // 2, ti.f32)
            py = y + 0.125 + 0.25 * ti.cast(sample, ti.f32)
        seen = trace_pixels(mi, table, mesh_real, mesh_int, stack, worker, row, camera, shapes, outputs, width, height, px, py)
        mean = add_scaled(mean, clipped(seen.color), 1.0 / SAMPLES)
        if refining == 0:
            code = encoded(seen.color)
            write_pixel(base + pixel, outputs, seen, code, 0, rgb, depth, segmentation, normal, albedo, position, radiance)
    if refining:
        write_color(outputs, rgb, radiance, base + pixel, mean)


@ti.func
def trace_item(
    mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), pixels: ti.template(),
    stack: ti.template(), worker, picture, place, outputs, refining, room, rows, shapes, width, height, packets: ti.template(),
    rgb: ti.template(), depth: ti.template(), segmentation: ti.template(), normal: ti.template(), albedo: ti.template(),
    position: ti.template(), radiance: ti.template(),
):  # fmt: skip
    """The packet (or pixel) `place` of a picture, or of its list of pixels."""
    columns = (width + COLUMNS - 1) // COLUMNS
    row, base, camera = picture % rows, picture * width * height, LIGHT_WIDTH + (picture // rows) * VIEW_WIDTH
    first, pixel = -1, place
    if refining:
        first = picture * room + 1 + place * (TOGETHER if ti.static(packets) else 1)
        if ti.static(not packets):
            pixel = pixels[first]
    if first < 0 or first - picture * room <= pixels[picture * room]:
        if ti.static(packets):
            trace_packet(
                mi, table, mesh_real, mesh_int, stack, pixels, worker, row, camera, shapes, outputs, width, height, base,
                (place % columns) * COLUMNS, (place // columns) * ROWS, first, rgb, depth, segmentation, normal, albedo,
                position, radiance,
            )  # fmt: skip
        elif pixel >= 0:
            trace_single(
                mi, table, mesh_real, mesh_int, stack, worker, row, camera, shapes, outputs, width, height, base, pixel,
                refining, rgb, depth, segmentation, normal, albedo, position, radiance,
            )  # fmt: skip


@ti.kernel
def trace(
    # Model and table in:
    mi: ti.types.ndarray(dtype=ti.i32, ndim=1),
    table: ti.types.ndarray(ndim=2),
    mesh_real: ti.types.ndarray(dtype=ti.f32, ndim=1),
    mesh_int: ti.types.ndarray(dtype=ti.i32, ndim=1),
    # Pixels to refine, `room` numbers per picture: see `find_edges`
    pixels: ti.types.ndarray(dtype=ti.i32, ndim=1),
    # Scratch: one stack per worker
    stack: ti.types.ndarray(dtype=ti.i32, ndim=2),
    # Sizes; a worker is `chunk` turns of the loop:
    outputs: ti.i32,
    refining: ti.i32,
    room: ti.i32,
    num_views: ti.i32,
    rows: ti.i32,
    width: ti.i32,
    height: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
    packets: ti.template(),
    # Out, flat [view, env, y, x]; one element where not asked for:
    rgb: ti.types.ndarray(dtype=ti.u8, ndim=1),
    depth: ti.types.ndarray(dtype=ti.f32, ndim=1),
    segmentation: ti.types.ndarray(dtype=ti.u16, ndim=1),
    normal: ti.types.ndarray(dtype=ti.f32, ndim=1),
    albedo: ti.types.ndarray(dtype=ti.f32, ndim=1),
    position: ti.types.ndarray(dtype=ti.f32, ndim=1),
    radiance: ti.types.ndarray(dtype=ti.f32, ndim=1),
):
    """Trace one ray per pixel and write the outputs that are asked for; or, refining, replace the colour of listed pixels
    by the mean of four samples."""
    columns, lines = (width + COLUMNS - 1) // COLUMNS, (height + ROWS - 1) // ROWS
    shapes, places = LIGHT_WIDTH + num_views * VIEW_WIDTH + mi[N.num_lamps] * LAMP_WIDTH, columns * lines
    if ti.static(not packets):
        places = width * height
    if refining:
        places = (room - 1) // (TOGETHER if ti.static(packets) else 1)
    for turn in range(workers * chunk):
        item, worker = turn // chunk, turn // chunk
        if turn % chunk != 0:
            item = num_views * rows * places
        while item < num_views * rows * places:
            trace_item(
                mi, table, mesh_real, mesh_int, pixels, stack, worker, item // places, item % places, outputs, refining, room,
                rows, shapes, width, height, packets, rgb, depth, segmentation, normal, albedo, position, radiance,
            )  # fmt: skip
            item += workers


@ti.func
def contrast(rgb: ti.template(), a, b):
    """Largest difference of two pixels in any channel."""
    most = 0
    for c in range(3):
        most = ti.max(most, ti.abs(ti.cast(rgb[3 * a + c], ti.i32) - ti.cast(rgb[3 * b + c], ti.i32)))
    return most


@ti.func
def is_edge(rgb: ti.template(), base, x, y, width, height):
    """1 when a pixel differs from one of its four neighbours."""
    at = base + y * width + x
    most = 0
    if x > 0:
        most = ti.max(most, contrast(rgb, at, at - 1))
    if x + 1 < width:
        most = ti.max(most, contrast(rgb, at, at + 1))
    if y > 0:
        most = ti.max(most, contrast(rgb, at, at - width))
    if y + 1 < height:
        most = ti.max(most, contrast(rgb, at, at + width))
    return ti.select(most > CONTRAST, 1, 0)


@ti.func
def list_edges(rgb: ti.template(), picture, width, height, start, pixels: ti.template()):
    """List the edges of one picture from the place `start` on."""
    columns, lines = (width + COLUMNS - 1) // COLUMNS, (height + ROWS - 1) // ROWS
    found = 0
    for k in range(columns * lines * PACKET):
        tile, inner = k // PACKET, k % PACKET
        x, y = (tile % columns) * COLUMNS + inner % COLUMNS, (tile // columns) * ROWS + inner // COLUMNS
        if x < width and y < height:  # a condition joined by `and` would be computed outside the picture as well
            if is_edge(rgb, picture * width * height, x, y, width, height) == 1:
                found += 1
                pixels[start + found] = y * width + x
    while found % TOGETHER != 0:
        found += 1
        pixels[start + found] = -1
    pixels[start] = found


@ti.kernel
def find_edges(
    # Picture in, flat [picture, y, x]:
    rgb: ti.types.ndarray(dtype=ti.u8, ndim=1),
    # Sizes:
    pictures: ti.i32,
    width: ti.i32,
    height: ti.i32,
    room: ti.i32,
    # Out, `room` numbers per picture: how many (whole packets), then the pixels; -1 fills the last packet up
    pixels: ti.types.ndarray(dtype=ti.i32, ndim=1),
):
    """List the pixels of each picture that differ from a neighbour, tile by tile so that packets hold neighbours."""
    for picture in range(pictures):
        list_edges(rgb, picture, width, height, picture * room, pixels)
