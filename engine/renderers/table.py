"""The picture table: what the tracer needs of each environment, gathered from the simulation as single-precision scalars.

One row per environment: the light, then a block per view (camera), then a block per shape. A shape becomes an instance of
a unit shape (sphere of radius 1, cube and cylinder of half size 1, capsule of radius 1, plane z = 0, mesh in its own
frame) under one linear map, so that the intersections need no sizes and ellipsoids, spheres and scaled meshes share code.
Row [row, slot] on every device: all rays of a packet or warp read the same slot. For packets each number is stored once
per lane, because code that mixes scalars and lanes takes twice as long to compile. The world box of an instance (Arvo 1990
for the rotation) is widened by some rounding errors, so that it never hides a hit.
Limits: planes get a box of +-PLANE_REACH metres; a mesh scale of 0 is read as a tiny one.
"""

from types import SimpleNamespace

from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import absolute, is_lanes, maximum, sincos
from engine.math.memory import ld, ldm
from engine.math.quat import quat, quat_mul, quat_normalized, rotate
from engine.math.vec3 import add, vec3
from engine.runtime import best_lanes
from engine.types import ShapeType

LIGHT = SimpleNamespace(sun_direction=0, sun_color=3, sky_zenith=6, sky_horizon=9)
LIGHT_WIDTH = 16
VIEW = SimpleNamespace(position=0, right=3, up=6, back=9, tan_half=12, fisheye=13, aspect=14, shift=15, distortion=17)
VIEW_WIDTH = 21
SHAPE = SimpleNamespace(
    position=0,
    map=3,
    low=12,
    high=15,
    size=18,
    aspect=21,
    color=22,
    second=25,
    period=28,
    roughness=29,
    metallic=30,
    segment=31,
    transmission=32,
    ior=33,
    emission=34,
    texture=37,
)
SHAPE_WIDTH = 47
MESH_START = 6  # integers before the headers of the meshes: number of continua, first header of theirs, see `images`, `top`
TOP = 4  # integers: where the trees over instances begin in the integers and in the reals
MESH_HEADER = 8  # integers per tree: see `meshes.TREE`
BOX_HEADER = 6  # reals per mesh at the head of the mesh reals: lower and upper corner
TEXTURE = 10  # reals of `shape_texture`

COLUMNS, ROWS = 4, best_lanes("f32") // 4  # pixels of a packet: one register
PACKET = COLUMNS * ROWS
PLANE_REACH = 1e7
NOWHERE = 1e15  # m; where shapes stand that pictures leave out
BOX_SLACK = 2e-6  # relative; a few roundings of f32
SMALLEST = 1e-9

PLANE, SPHERE, CAPSULE, BOX = int(ShapeType.PLANE), int(ShapeType.SPHERE), int(ShapeType.CAPSULE), int(ShapeType.BOX)
CYLINDER, ELLIPSOID, MESH = int(ShapeType.CYLINDER), int(ShapeType.ELLIPSOID), int(ShapeType.MESH)


@ti.func
def splat(x, c):
    """The constant `c` with the real type of `x`, an f32 scalar or a packet. A quarter faster to compile than a select of
    constants."""
    if ti.static(is_lanes(x)):
        return ti.Vector([c for _ in range(PACKET)])
    else:
        return c


@ti.func
def pick(x, k):
    """Lane `k` of `x` as a scalar; `x` itself where R is a scalar."""
    if ti.static(is_lanes(x)):
        return x[k]
    else:
        return x


@ti.func
def instances(mi: ti.template(), mesh_int: ti.template()):
    """Number of instances of an environment: its shapes, then what its continua show."""
    return mi[N.num_shapes] + mesh_int[0]


@ti.func
def instance_kind(mi: ti.template(), i):
    """Shape type of an instance; a continuum is a mesh."""
    kind = MESH
    if i < mi[N.num_shapes]:
        kind = mi[mi[AT.shape_type] + i]
    return kind


@ti.func
def tree_header(mi: ti.template(), mesh_int: ti.template(), row, i):
    """Header of the tree of an instance that is a mesh; a continuum has one per row of the table."""
    shapes = mi[N.num_shapes]
    header = mesh_int[1] + (row * mesh_int[0] + i - shapes) * MESH_HEADER
    if i < shapes:
        header = MESH_START + mi[mi[AT.shape_mesh] + i] * MESH_HEADER
    return header


@ti.func
def single(x, l):
    """Lane `l` of a simulation value as a single-precision scalar."""
    return ti.cast(pick(x, l), ti.f32)


@ti.func
def model3(mf: ti.template(), g, l, i):
    return vec3(single(ldm(mf, g, i), l), single(ldm(mf, g, i + 1), l), single(ldm(mf, g, i + 2), l))


@ti.func
def model_quat(mf: ti.template(), g, l, i):
    v = model3(mf, g, l, i + 1)
    return quat_normalized(quat(single(ldm(mf, g, i), l), v.x, v.y, v.z))


@ti.func
def state3(ws: ti.template(), g, l, i):
    return vec3(single(ld(ws, g, i), l), single(ld(ws, g, i + 1), l), single(ld(ws, g, i + 2), l))


@ti.func
def state_quat(ws: ti.template(), g, l, i):
    v = state3(ws, g, l, i + 1)
    return quat_normalized(quat(single(ld(ws, g, i), l), v.x, v.y, v.z))


@ti.func
def put(table: ti.template(), row, i, x):
    """Store a scalar; a table of packets holds it once per lane."""
    if ti.static(len(table.element_shape()) > 0):
        table[row, i] = ti.Vector([x for _ in range(PACKET)])
    else:
        table[row, i] = x


@ti.func
def put3(table: ti.template(), row, i, v):
    put(table, row, i, v.x)
    put(table, row, i + 1, v.y)
    put(table, row, i + 2, v.z)


@ti.func
def get3(table: ti.template(), row, i):
    return vec3(table[row, i], table[row, i + 1], table[row, i + 2])


@ti.func
def write_light(mi: ti.template(), mf: ti.template(), g, l, table: ti.template(), row):
    put3(table, row, LIGHT.sun_direction, model3(mf, g, l, mi[AT.sun_direction]))
    put3(table, row, LIGHT.sun_color, model3(mf, g, l, mi[AT.sun_color]))
    put3(table, row, LIGHT.sky_zenith, model3(mf, g, l, mi[AT.sky_zenith]))
    put3(table, row, LIGHT.sky_horizon, model3(mf, g, l, mi[AT.sky_horizon]))


@ti.func
def write_view(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, l, camera, table: ti.template(), row, at):
    """Write a camera of lane `l` at `at` of a row of the table: pose in W, then lens."""
    body = mi[mi[AT.camera_body] + camera]
    q_WB = state_quat(ws, g, l, mi[AT.body_rotation_W] + 4 * body)
    p_WB = state3(ws, g, l, mi[AT.body_position_W] + 3 * body)
    q_WC = quat_mul(q_WB, model_quat(mf, g, l, mi[AT.camera_rotation] + 4 * camera))
    put3(table, row, at + VIEW.position, add(p_WB, rotate(q_WB, model3(mf, g, l, mi[AT.camera_position] + 3 * camera))))
    put3(table, row, at + VIEW.right, rotate(q_WC, vec3(1.0, 0.0, 0.0)))
    put3(table, row, at + VIEW.up, rotate(q_WC, vec3(0.0, 1.0, 0.0)))
    put3(table, row, at + VIEW.back, rotate(q_WC, vec3(0.0, 0.0, 1.0)))
    half = 0.5 * single(ldm(mf, g, mi[AT.camera_fov] + camera), l)
    lens = mi[AT.camera_lens] + 8 * camera
    fisheye = single(ldm(mf, g, lens), l)
    s, c = sincos(half)
    put(table, row, at + VIEW.tan_half, ti.select(fisheye > 0.0, half, s / c))
    put(table, row, at + VIEW.fisheye, fisheye)
    put(table, row, at + VIEW.aspect, 1.0 / (1.0 + single(ldm(mf, g, lens + 1), l)))
    for k in range(6):
        put(table, row, at + VIEW.shift + k, single(ldm(mf, g, lens + 2 + k), l))


@ti.func
def unit_shape(kind, size):
    """(scale of the unit shape, aspect): half length over radius of a capsule."""
    scale, aspect = size, 0.0
    if kind == PLANE:
        scale = vec3(1.0, 1.0, 1.0)
    elif kind == SPHERE:
        scale = vec3(size.x, size.x, size.x)
    elif kind == CAPSULE:
        scale = vec3(size.x, size.x, size.x)
        aspect = size.y / maximum(size.x, SMALLEST)
    elif kind == CYLINDER:
        scale = vec3(size.x, size.x, size.y)
    return scale, aspect


@ti.func
def local_box(kind, mesh, scale, aspect, mesh_real: ti.template()):
    """Centre and half extents of the instance in its own frame."""
    centre, half = vec3(0.0, 0.0, 0.0), scale
    if kind == PLANE:
        half = vec3(PLANE_REACH, PLANE_REACH, PLANE_REACH)
    elif kind == CAPSULE:
        half = vec3(scale.x, scale.y, scale.z * (1.0 + aspect))
    elif kind >= MESH:
        b = mesh * BOX_HEADER
        lx, ly, lz = mesh_real[b] * scale.x, mesh_real[b + 1] * scale.y, mesh_real[b + 2] * scale.z
        hx, hy, hz = mesh_real[b + 3] * scale.x, mesh_real[b + 4] * scale.y, mesh_real[b + 5] * scale.z
        centre = vec3(0.5 * (lx + hx), 0.5 * (ly + hy), 0.5 * (lz + hz))
        half = vec3(absolute(0.5 * (hx - lx)), absolute(0.5 * (hy - ly)), absolute(0.5 * (hz - lz)))
    return centre, half


@ti.func
def nonzero(x):
    return ti.select(absolute(x) < SMALLEST, SMALLEST, x)


@ti.func
def write_geometry(kind, mesh, size, p_WS, q_WS, mesh_real: ti.template(), table: ti.template(), row, at):
    """Pose, map from W to the unit shape, and world box of one instance."""
    scale, aspect = unit_shape(kind, size)
    x, y, z = rotate(q_WS, vec3(1.0, 0.0, 0.0)), rotate(q_WS, vec3(0.0, 1.0, 0.0)), rotate(q_WS, vec3(0.0, 0.0, 1.0))
    kx, ky, kz = 1.0 / nonzero(scale.x), 1.0 / nonzero(scale.y), 1.0 / nonzero(scale.z)
    put3(table, row, at + SHAPE.position, p_WS)
    put3(table, row, at + SHAPE.map, vec3(x.x * kx, x.y * kx, x.z * kx))
    put3(table, row, at + SHAPE.map + 3, vec3(y.x * ky, y.y * ky, y.z * ky))
    put3(table, row, at + SHAPE.map + 6, vec3(z.x * kz, z.y * kz, z.z * kz))
    put3(table, row, at + SHAPE.size, scale)
    put(table, row, at + SHAPE.aspect, aspect)
    c, h = local_box(kind, mesh, scale, aspect, mesh_real)
    centre = add(p_WS, rotate(q_WS, c))
    hx = absolute(x.x) * h.x + absolute(y.x) * h.y + absolute(z.x) * h.z
    hy = absolute(x.y) * h.x + absolute(y.y) * h.y + absolute(z.y) * h.z
    hz = absolute(x.z) * h.x + absolute(y.z) * h.y + absolute(z.z) * h.z
    slack = BOX_SLACK * (1.0 + absolute(centre.x) + absolute(centre.y) + absolute(centre.z) + hx + hy + hz)
    put3(table, row, at + SHAPE.low, vec3(centre.x - hx - slack, centre.y - hy - slack, centre.z - hz - slack))
    put3(table, row, at + SHAPE.high, vec3(centre.x + hx + slack, centre.y + hy + slack, centre.z + hz + slack))


@ti.func
def write_shape(
    mi: ti.template(), mf: ti.template(), ws: ti.template(), g, l, i, mesh_real: ti.template(), table: ti.template(), row, at
):
    """Write shape `i` of lane `l` at `at` of a row of the table: geometry in W, then surface."""
    body = mi[mi[AT.shape_body] + i]
    q_WB = state_quat(ws, g, l, mi[AT.body_rotation_W] + 4 * body)
    p_WB = state3(ws, g, l, mi[AT.body_position_W] + 3 * body)
    q_WS = quat_mul(q_WB, model_quat(mf, g, l, mi[AT.shape_rotation] + 4 * i))
    p_WS = add(p_WB, rotate(q_WB, model3(mf, g, l, mi[AT.shape_position] + 3 * i)))
    size = model3(mf, g, l, mi[AT.shape_size] + 3 * i)
    write_geometry(mi[mi[AT.shape_type] + i], mi[mi[AT.shape_mesh] + i], size, p_WS, q_WS, mesh_real, table, row, at)
    if mi[mi[AT.shape_hidden] + i] == 1:
        for k in ti.static(range(3)):
            put3(table, row, at + (SHAPE.position, SHAPE.low, SHAPE.high)[k], vec3(NOWHERE, NOWHERE, NOWHERE))
    put3(table, row, at + SHAPE.color, model3(mf, g, l, mi[AT.shape_color] + 3 * i))
    pattern = mi[AT.shape_pattern] + 4 * i
    put(table, row, at + SHAPE.period, single(ldm(mf, g, pattern), l))
    put3(table, row, at + SHAPE.second, model3(mf, g, l, pattern + 1))
    put(table, row, at + SHAPE.roughness, single(ldm(mf, g, mi[AT.shape_roughness] + i), l))
    put(table, row, at + SHAPE.metallic, single(ldm(mf, g, mi[AT.shape_metallic] + i), l))
    optics = mi[AT.shape_optics] + 5 * i
    put(table, row, at + SHAPE.transmission, single(ldm(mf, g, optics), l))
    put(table, row, at + SHAPE.ior, single(ldm(mf, g, optics + 1), l))
    put3(table, row, at + SHAPE.emission, model3(mf, g, l, optics + 2))
    put(table, row, at + SHAPE.segment, ti.cast(mi[mi[AT.shape_segment] + i], ti.f32))
    texture = mi[AT.shape_texture] + TEXTURE * i
    put(table, row, at + SHAPE.texture, single(ldm(mf, g, texture), l))
    if single(ldm(mf, g, texture), l) > 0.0:
        for k in range(1, TEXTURE):
            put(table, row, at + SHAPE.texture + k, single(ldm(mf, g, texture + k), l))
