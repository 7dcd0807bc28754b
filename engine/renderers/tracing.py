"""Rays through one environment: the nearest surface, what it is made of, whether the sun reaches it.

On CPU the real type R is one vector of rays (a packet), on GPU and in the scalar runtime R is one ray; both run the source
below. A ray goes through stages with one walk over the instances: 0 finds the nearest surface, 1 asks whether the sun is
hidden, the next ones ask for each lamp. A lane that needs no further tests carries a negative bound, so no mask travels
through the loops. Between the stages the surface is resolved once per instance that is visible in the packet: normal, segment
and material. Method: a tree over the instances (`top`), trees inside meshes; see `shapes`, `meshes`, `shading`.
"""

from engine.arrays import N
from engine.compiler import ti
from engine.math.lanes import any_lane, is_lanes, maximum
from engine.math.memory import ld, st
from engine.math.vec3 import add, add_scaled, dot, mul3, normalized, select3, vec3, zero3
from engine.renderers.lamps import LAMP_WIDTH, lamp_light
from engine.renderers.lens import view_ray
from engine.renderers.meshes import MIDDLE, NODE_REALS, STACK_DEPTH, hit_mesh, meets_box, mesh_normal, near_corner
from engine.renderers.shading import ambient, checker, mix3, reflected, sky
from engine.renderers.shapes import FAR, box_interval, first_end, inverse3, shape_interval, shape_normal
from engine.renderers.table import (
    LIGHT,
    MESH,
    PACKET,
    SHAPE,
    SHAPE_WIDTH,
    VIEW,
    get3,
    instance_kind,
    instances,
    pick,
    splat,
    tree_header,
)
from engine.renderers.textures import texture_color
from engine.renderers.top import NONE, top_boxes, top_links

RGB, DEPTH, SEGMENTATION, NORMAL, ALBEDO, POSITION, RADIANCE = 1, 2, 4, 8, 16, 32, 64  # bits of the outputs
LIT = RGB | RADIANCE
PASS_CLEAR = 2  # for `any_hit`: shapes that let light through hide nothing
NEAREST = 1e-6  # m; hits nearer than this are the surface the ray starts from


@ti.func
def to_unit(table: ti.template(), row, at, v):
    """Linear map of a vector from W to the frame of the unit shape."""
    a, b, c = get3(table, row, at + SHAPE.map), get3(table, row, at + SHAPE.map + 3), get3(table, row, at + SHAPE.map + 6)
    return vec3(dot(a, v), dot(b, v), dot(c, v))


@ti.func
def relative(table: ti.template(), row, at, p):
    """Point of W relative to the origin of the instance."""
    q = get3(table, row, at + SHAPE.position)
    return vec3(p.x - q.x, p.y - q.y, p.z - q.z)


@ti.func
def hit_instance(
    mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), stack: ti.template(),
    worker, row, shapes, i, o, d, inverse, bound, any_hit,
):  # fmt: skip
    """(t, triangle) of the first hit of instance `i` before `bound`, with t = bound where there is none."""
    at = shapes + i * SHAPE_WIDTH
    t, found = bound, ti.select(bound == bound, -1, -1)
    clear = 0
    if any_hit == PASS_CLEAR:
        clear = ti.select(pick(table[row, at + SHAPE.transmission], 0) > 0.0, 1, 0)
    enter, leave = box_interval(get3(table, row, at + SHAPE.low), get3(table, row, at + SHAPE.high), o, inverse)
    if any_lane((enter <= leave) & (leave >= 0.0) & (enter < bound)) and clear == 0:
        unit_o, unit_d = to_unit(table, row, at, relative(table, row, at, o)), to_unit(table, row, at, d)
        kind = instance_kind(mi, i)
        if kind >= MESH:
            header = tree_header(mi, mesh_int, row, i)
            t, found = hit_mesh(mesh_real, mesh_int, stack, worker, header, unit_o, unit_d, bound, NEAREST, any_hit)
        else:
            first, last = shape_interval(kind, table[row, at + SHAPE.aspect], unit_o, unit_d)
            t = first_end(first, last, NEAREST)
    return t, found


@ti.func
def hit_shapes(
    mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), stack: ti.template(),
    worker, row, shapes, o, d, limit, any_hit,
):  # fmt: skip
    """(t, shape, triangle) of the first hit of the unit directions `d` before `limit`; see `hit_mesh` for the limits.
    any_hit 1: any hit will do; PASS_CLEAR: any hit of something opaque."""
    inverse = inverse3(d)
    near_x, near_y, near_z = near_corner(d.x), near_corner(d.y), near_corner(d.z)
    axis = vec3(pick(d.x, MIDDLE), pick(d.y, MIDDLE), pick(d.z, MIDDLE))
    best, bound = limit, limit
    shape, triangle = ti.select(limit == limit, -1, -1), ti.select(limit == limit, -1, -1)
    boxes, links = top_boxes(mi, mesh_int, row), top_links(mi, mesh_int, row)
    item, depth = mesh_int[links], STACK_DEPTH
    links += 1
    while item != NONE:
        if item >= 0:
            at = boxes + item * NODE_REALS
            one, other = mesh_int[links + 2 * item], mesh_int[links + 2 * item + 1]
            first = meets_box(mesh_real, at, near_x, near_y, near_z, o, inverse, bound)
            second = meets_box(mesh_real, at + 6, near_x, near_y, near_z, o, inverse, bound)
            item = NONE
            if first == 1 and second == 1:
                along = mesh_real[at + 12] * axis.x + mesh_real[at + 13] * axis.y + mesh_real[at + 14] * axis.z
                item = ti.select(along < 0.0, other, one)
                st(stack, worker, depth, ti.select(along < 0.0, one, other))
                depth += 1
            elif first == 1:
                item = one
            elif second == 1:
                item = other
        else:
            i = -2 - item
            item = NONE
            t, found = hit_instance(
                mi, table, mesh_real, mesh_int, stack, worker, row, shapes, i, o, d, inverse, bound, any_hit
            )
            closer = t < bound
            best = ti.select(closer, t, best)
            bound = ti.select(closer, t, bound)
            if any_hit:
                bound = ti.select(closer, splat(t, -1.0), bound)
            shape = ti.select(closer, i, shape)
            triangle = ti.select(closer, found, triangle)
        if item == NONE and depth > STACK_DEPTH:
            depth -= 1
            item = ld(stack, worker, depth)
    return best, shape, triangle


@ti.func
def mesh_normals(mesh_real: ti.template(), mesh_int: ti.template(), header, triangle, p):
    """Normal directions of all lanes that have a triangle; the others get z."""
    n = vec3(splat(p.x, 0.0), splat(p.x, 0.0), splat(p.x, 1.0))
    if ti.static(is_lanes(p.x)):
        for k in range(PACKET):
            if triangle[k] >= 0:
                m = mesh_normal(mesh_real, mesh_int, header, triangle[k], vec3(p.x[k], p.y[k], p.z[k]))
                n.x[k], n.y[k], n.z[k] = m.x, m.y, m.z
    else:
        n = mesh_normal(mesh_real, mesh_int, header, triangle, p)
    return n


@ti.func
def local_normal(
    mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), row, at, i, mine, triangle, p
):
    """Normal direction in the frame of the unit shape `i` at the point `p` of that frame; lanes outside `mine` hold
    anything."""
    kind = instance_kind(mi, i)
    n = p
    if kind >= MESH:
        n = mesh_normals(mesh_real, mesh_int, tree_header(mi, mesh_int, row, i), ti.select(mine, triangle, -1), p)
    else:
        n = shape_normal(kind, table[row, at + SHAPE.aspect], p)
    return n


@ti.func
def albedo(
    mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), row, at, i, mine, triangle,
    unit_p, unit_n, footprint, facing,
):  # fmt: skip
    """Colour of an instance with its checker and image at a point of the unit shape."""
    color = get3(table, row, at + SHAPE.color)
    period = table[row, at + SHAPE.period]
    if pick(period, 0) > 0.0:
        size = get3(table, row, at + SHAPE.size)
        share = checker(mul3(size, unit_p), normalized(unit_n), period, footprint)
        color = mix3(get3(table, row, at + SHAPE.second), color, share)
    if pick(table[row, at + SHAPE.texture], 0) > 0.0:
        header = tree_header(mi, mesh_int, row, i)
        across = footprint * ti.sqrt(facing)
        color = mul3(color, texture_color(
            table, mesh_real, mesh_int, row, at, header, mine, triangle, unit_p, unit_n, across
        ))  # fmt: skip
    return color


@ti.func
def resolve(
    mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(),
    row, shapes, o, d, t, shape, triangle, pixel, optics: ti.template(),
):  # fmt: skip
    """Surface at the hits: unit normal in W towards the viewer, segment and material; `pixel` is the pixel's width at
    distance 1. With `optics` the material also knows emission, transmission, index of refraction, and whether the ray is
    inside."""
    n = zero3(t)
    color = zero3(t)
    segment, roughness, metallic = splat(t, 0.0), splat(t, 0.0), splat(t, 0.0)
    emission, transmission, ior, inside = zero3(t), splat(t, 0.0), splat(t, 1.0), splat(t, 0.0)
    first, end = 0, instances(mi, mesh_int)
    if ti.static(not is_lanes(t)):
        first, end = ti.max(shape, 0), shape + 1
    p = add_scaled(o, d, t)
    for i in range(first, end):
        mine = shape == i
        if any_lane(mine):
            at = shapes + i * SHAPE_WIDTH
            unit_p = to_unit(table, row, at, relative(table, row, at, p))
            unit_n = local_normal(mi, table, mesh_real, mesh_int, row, at, i, mine, triangle, unit_p)
            a, b, c = (
                get3(table, row, at + SHAPE.map),
                get3(table, row, at + SHAPE.map + 3),
                get3(table, row, at + SHAPE.map + 6),
            )
            w = normalized(vec3(
                a.x * unit_n.x + b.x * unit_n.y + c.x * unit_n.z,
                a.y * unit_n.x + b.y * unit_n.y + c.y * unit_n.z,
                a.z * unit_n.x + b.z * unit_n.y + c.z * unit_n.z,
            ))  # fmt: skip
            facing = dot(w, d)
            n = select3(mine, select3(facing > 0.0, vec3(0.0 - w.x, 0.0 - w.y, 0.0 - w.z), w), n)
            slant = maximum(ti.select(facing < 0.0, 0.0 - facing, facing), splat(t, 0.02))
            own = albedo(mi, table, mesh_real, mesh_int, row, at, i, mine, triangle, unit_p, unit_n, pixel * t / slant, slant)
            color = select3(mine, own, color)
            segment = ti.select(mine, table[row, at + SHAPE.segment], segment)
            roughness = ti.select(mine, table[row, at + SHAPE.roughness], roughness)
            metallic = ti.select(mine, table[row, at + SHAPE.metallic], metallic)
            if ti.static(optics):
                emission = select3(mine, get3(table, row, at + SHAPE.emission), emission)
                transmission = ti.select(mine, table[row, at + SHAPE.transmission], transmission)
                ior = ti.select(mine, table[row, at + SHAPE.ior], ior)
                inside = ti.select(mine & (facing > 0.0), splat(t, 1.0), inside)
    if ti.static(optics):
        return n, segment, ti.Struct(
            albedo=color, roughness=roughness, metallic=metallic, emission=emission, transmission=transmission, ior=ior,
            inside=inside,
        )  # fmt: skip
    else:
        return n, segment, ti.Struct(albedo=color, roughness=roughness, metallic=metallic)


@ti.func
def read_light(table: ti.template(), row):
    return ti.Struct(
        sun=get3(table, row, LIGHT.sun_direction),
        color=get3(table, row, LIGHT.sun_color),
        zenith=get3(table, row, LIGHT.sky_zenith),
        horizon=get3(table, row, LIGHT.sky_horizon),
    )


@ti.func
def light_ray(mi: ti.template(), table: ti.template(), row, shapes, light, stage, o, n, seen):
    """(unit direction, where a shadow ray from `o` ends, irradiance) of the light of a stage: 1 the sun, then the lamps. Lanes
    that it cannot reach, or that see nothing, end at -1."""
    d, limit, power = light.sun, splat(seen, FAR), light.color
    if stage > 1:
        middle = splat(seen, 0.5)
        lamp = shapes + (stage - 2 - mi[N.num_lamps]) * LAMP_WIDTH
        d, limit, power = lamp_light(table, row, lamp, o, middle, middle, 0.0)
        limit = limit * (1.0 - NEAREST)
    reached = (seen < FAR) & (dot(n, d) > 0.0) & (power.x + power.y + power.z > 0.0)
    return d, ti.select(reached, limit, splat(seen, -1.0)), power


@ti.func
def trace_pixels(
    mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), stack: ti.template(),
    worker, row, view, shapes, outputs, width, height, px, py,
):  # fmt: skip
    """What is seen at the picture points (px, py): linear colour, t (FAR: nothing hit), depth factor, segment, normal,
    albedo and the point in W."""
    direction, along, pixel = view_ray(table, row, view, px, py, width, height)
    eye = get3(table, row, view + VIEW.position)
    light = read_light(table, row)
    o, d = eye, direction
    limit = splat(px, FAR)
    seen, segment = limit, splat(px, 0.0)
    n, material = zero3(px), ti.Struct(albedo=zero3(px), roughness=segment, metallic=segment)
    stages, color, power = 1, zero3(px), zero3(px)
    if outputs & LIT:
        stages = 2 + mi[N.num_lamps]
    for stage in range(stages):
        if stage > 0:
            d, limit, power = light_ray(mi, table, row, shapes, light, stage, o, n, seen)
        if stage == 0 or any_lane(limit > 0.0):
            any_hit = ti.min(stage, 1)
            t, shape, triangle = hit_shapes(mi, table, mesh_real, mesh_int, stack, worker, row, shapes, o, d, limit, any_hit)
            if stage > 0:
                lit = ti.select((limit > 0.0) & (shape < 0), splat(px, 1.0), splat(px, 0.0))
                color = add_scaled(color, reflected(material, n, direction, d, power), lit)
            elif outputs != DEPTH:
                n, segment, material = resolve(
                    mi, table, mesh_real, mesh_int, row, shapes, o, d, t, shape, triangle, pixel, False
                )
            if stage == 0:
                seen = t
                o = add_scaled(add_scaled(o, d, t), n, 1e-4 + 1e-5 * t)
    if outputs & LIT:
        color = add(color, ambient(material, n, direction, light))
        color = select3(seen < FAR, color, sky(direction, light.zenith, light.horizon))
    point = zero3(px)
    if outputs & POSITION:
        point = select3(seen < FAR, add_scaled(eye, direction, ti.select(seen < FAR, seen, splat(px, 0.0))), point)
    return ti.Struct(
        color=color, t=seen, along=along, segment=segment, normal=n, albedo=material.albedo, point=point
    )  # fmt: skip
