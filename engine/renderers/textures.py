"""Images on surfaces: where a point of a shape lies in its image, and what colour the image has there.

Coordinates (u, v) count copies of the image to the right and up. A colour is blended from four texels (bilinear, in linear
light) and, where a pixel covers more than one texel, from two smaller copies of the image (trilinear, Williams 1983) chosen by
the geometric mean of the pixel's sides on the surface. Texels lie behind the trees of the meshes (`images`). Colours are sought
pixel by pixel, because neighbours rarely need the same texels. Limits: one width of filter in both directions, so surfaces
seen at a glancing angle are a little soft or grainy.
"""

from engine.compiler import ti
from engine.math.lanes import is_lanes
from engine.math.vec3 import vec3
from engine.renderers.images import IMAGES, LIGHTS, UV_REALS
from engine.renderers.meshes import TREE, barycentric
from engine.renderers.table import PACKET, SHAPE, get3, pick

UV, PLANAR, BOX_SIDES, ROUND, METRIC = 0, 1, 2, 3, 4  # how an image lies on a shape: see `engine.scene.textures`
PI = 3.14159265358979


@ti.func
def texel(mesh_real: ti.template(), mesh_int: ti.template(), start, width, height, x, y):
    """Linear colour of a texel; the image goes on without end."""
    column, line = x - width * ti.floor(ti.cast(x, ti.f32) / ti.cast(width, ti.f32), ti.i32), y
    line = y - height * ti.floor(ti.cast(y, ti.f32) / ti.cast(height, ti.f32), ti.i32)
    column, line = ti.math.clamp(column, 0, width - 1), ti.math.clamp(line, 0, height - 1)
    code, light = mesh_int[start + line * width + column], mesh_int[LIGHTS]
    return vec3(mesh_real[light + (code & 255)], mesh_real[light + ((code >> 8) & 255)], mesh_real[light + (code >> 16)])


@ti.func
def blend4(a, b, c, d, x, y):
    """Between a b below and c d above."""
    k, l, m, n = (1.0 - x) * (1.0 - y), x * (1.0 - y), (1.0 - x) * y, x * y
    return vec3(
        a.x * k + b.x * l + c.x * m + d.x * n, a.y * k + b.y * l + c.y * m + d.y * n, a.z * k + b.z * l + c.z * m + d.z * n
    )


@ti.func
def image_color(mesh_real: ti.template(), mesh_int: ti.template(), header, u, v, wide):
    """Linear colour at (u, v), scalars, of an image over the width `wide`, in copies of the image."""
    levels = mesh_int[header]
    covered = wide * ti.sqrt(ti.cast(mesh_int[header + 2], ti.f32) * ti.cast(mesh_int[header + 3], ti.f32))
    depth = ti.math.clamp(ti.log(ti.max(covered, 1e-6)) * 1.44269504, 0.0, ti.cast(levels - 1, ti.f32))
    level = ti.floor(depth, ti.i32)
    share = depth - ti.cast(level, ti.f32)
    color = vec3(0.0, 0.0, 0.0)
    u, v = u - ti.floor(u), v - ti.floor(v)
    for turn in range(ti.select(share > 0.0, 2, 1)):
        at = header + 1 + 3 * (level + turn)
        start, width, height = mesh_int[at], mesh_int[at + 1], mesh_int[at + 2]
        x, y = u * ti.cast(width, ti.f32) - 0.5, v * ti.cast(height, ti.f32) - 0.5
        i, j = ti.floor(x, ti.i32), ti.floor(y, ti.i32)
        c = blend4(
            texel(mesh_real, mesh_int, start, width, height, i, j), texel(mesh_real, mesh_int, start, width, height, i + 1, j),
            texel(mesh_real, mesh_int, start, width, height, i, j + 1),
            texel(mesh_real, mesh_int, start, width, height, i + 1, j + 1),
            x - ti.floor(x), y - ti.floor(y),
        )  # fmt: skip
        part = ti.select(turn == 0, 1.0 - share, share)
        color = vec3(color.x + c.x * part, color.y + c.y * part, color.z + c.z * part)
    return color


@ti.func
def side_of(a, n):
    """(u, v, axis of u, axis of v) on the side of a box that looks along `n`; `a` counts copies from its middle."""
    u, v, first, second = a.x, ti.select(n.z < 0.0, 0.0 - a.y, a.y), 0, 1
    if ti.abs(n.x) > ti.max(ti.abs(n.y), ti.abs(n.z)):
        u, v, first, second = ti.select(n.x < 0.0, 0.0 - a.y, a.y), a.z, 1, 2
    elif ti.abs(n.y) > ti.abs(n.z):
        u, v, first, second = ti.select(n.y < 0.0, a.x, 0.0 - a.x), a.z, 0, 2
    return u, v, first, second


@ti.func
def pick_axis(v, k):
    return ti.select(k == 0, v.x, ti.select(k == 1, v.y, v.z))


@ti.func
def mesh_place(mesh_real: ti.template(), mesh_int: ti.template(), header, triangle, p):
    """(u, v, copies per metre of the mesh) at a point of a triangle."""
    at = mesh_int[header + TREE.coordinates] + triangle * UV_REALS
    share = barycentric(mesh_real, mesh_int, header, triangle, p)
    u = mesh_real[at] * share.x + mesh_real[at + 2] * share.y + mesh_real[at + 4] * share.z
    v = mesh_real[at + 1] * share.x + mesh_real[at + 3] * share.y + mesh_real[at + 5] * share.z
    return u, v, mesh_real[at + 6]


@ti.func
def round_place(p, n, span, size):
    """(u, v, copies per metre) around z."""
    u, v = ti.atan2(p.y, p.x) * (0.5 / PI) + 0.5, ti.asin(ti.math.clamp(p.z, -1.0, 1.0)) / PI + 0.5
    rate = 0.2250791 / size.x  # 1 / (sqrt(2) pi): the mean of both directions
    if span.z > 0.0:
        v, rate = p.z / span.z + 0.5, ti.sqrt(1.0 / (2.0 * PI * size.x * span.z * size.z))
        if ti.abs(n.z) > 0.999:
            u, v, rate = 0.5 * p.x + 0.5, 0.5 * p.y + 0.5, 0.5 / size.x
    return u, v, rate


@ti.func
def image_place(
    table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), row, at, header, triangle, p, n
):  # fmt: skip
    """(u, v, copies of the image per metre of W) at a point `p` with the normal direction `n` (all scalars) of a unit
    shape."""
    slot = at + SHAPE.texture
    code = ti.cast(pick(table[row, slot + 1], 0), ti.i32)
    mode, half = code % METRIC, ti.select(code >= METRIC, 0.0, 0.5)
    across, up = pick(table[row, slot + 2], 0), pick(table[row, slot + 3], 0)
    centre, span = scalar3(get3(table, row, slot + 4)), scalar3(get3(table, row, slot + 7))
    size = scalar3(get3(table, row, at + SHAPE.size))
    u, v, rate = 0.0, 0.0, 0.0
    if mode == UV:
        u, v, rate = mesh_place(mesh_real, mesh_int, header, triangle, p)
        rate = rate / size.x
    elif mode == ROUND:
        u, v, rate = round_place(p, n, span, size)
    else:
        a = vec3((p.x - centre.x) / span.x, (p.y - centre.y) / span.y, (p.z - centre.z) / span.z)
        first, second = 0, 1
        u, v = a.x, a.y
        if mode == BOX_SIDES:
            u, v, first, second = side_of(a, n)
        u, v = u + half, v + half
        rate = ti.sqrt(
            1.0 / (pick_axis(span, first) * pick_axis(size, first) * pick_axis(span, second) * pick_axis(size, second))
        )
    return u * across, v * up, rate * ti.sqrt(ti.abs(across * up))


@ti.func
def scalar3(v):
    return vec3(pick(v.x, 0), pick(v.y, 0), pick(v.z, 0))


@ti.func
def point_color(
    table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), row, at, header, triangle, p, n, footprint
):  # fmt: skip
    """Linear colour of the image on a unit shape at a point (all scalars); `footprint` is the width of a pixel there [m]."""
    number = ti.cast(pick(table[row, at + SHAPE.texture], 0), ti.i32) - 1
    u, v, rate = image_place(table, mesh_real, mesh_int, row, at, header, triangle, p, n)
    return image_color(mesh_real, mesh_int, mesh_int[mesh_int[IMAGES] + number], u, v, rate * footprint)


@ti.func
def texture_color(
    table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), row, at, header, mine, triangle, p, n, footprint
):  # fmt: skip
    """Linear colour of the image on a unit shape at the points of the lanes in `mine`; the others get white."""
    color = vec3(footprint * 0.0 + 1.0, footprint * 0.0 + 1.0, footprint * 0.0 + 1.0)
    chosen = ti.select(mine, 1, 0)  # a lane of a condition itself cannot be read
    if ti.static(is_lanes(footprint)):
        for k in range(PACKET):
            if chosen[k] == 1:
                point, normal = vec3(p.x[k], p.y[k], p.z[k]), vec3(n.x[k], n.y[k], n.z[k])
                c = point_color(table, mesh_real, mesh_int, row, at, header, triangle[k], point, normal, footprint[k])
                color.x[k], color.y[k], color.z[k] = c.x, c.y, c.z
    else:
        color = point_color(table, mesh_real, mesh_int, row, at, header, triangle, p, n, footprint)
    return color
