"""Light that reaches a point from the lamps of a scene, if nothing stands between.

Irradiance on a surface that faces a lamp is its intensity over the squared distance; a spot fades between the cosines of its
cone by a smooth step, a rectangle shines with the cosine of its side. A quick picture asks the middle of each lamp (a
rectangle is four of them), path tracing a random point of it. Lamps stand in the picture table between the views and the
shapes.
"""

from types import SimpleNamespace

from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import any_lane, clamp, maximum, sincos
from engine.math.memory import ldm
from engine.math.quat import rotate
from engine.math.vec3 import add, add_scaled, dot, norm, scale, select3, sub, tangents
from engine.renderers.table import get3, model3, put, put3, single, splat, state3, state_quat

LAMP = SimpleNamespace(position=0, direction=3, color=6, cone=9, flat=11, radius=12, across=13, up=16)
LAMP_WIDTH = 19
LAMP_REALS = 20  # of the array `lamp`
CLOSEST = 1e-4  # m
TWO_PI = 6.283185307179586


@ti.func
def write_lamp(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, l, k, table: ti.template(), row, at):
    """Write lamp `k` of lane `l` at `at` of a row of the table, in W."""
    body = mi[mi[AT.lamp_body] + k]
    q_WB, p_WB = state_quat(ws, g, l, mi[AT.body_rotation_W] + 4 * body), state3(ws, g, l, mi[AT.body_position_W] + 3 * body)
    own = mi[AT.lamp] + LAMP_REALS * k
    put3(table, row, at + LAMP.position, add(p_WB, rotate(q_WB, model3(mf, g, l, own))))
    put3(table, row, at + LAMP.color, model3(mf, g, l, own + LAMP.color))
    for slot in ti.static((LAMP.direction, LAMP.across, LAMP.up)):
        put3(table, row, at + slot, rotate(q_WB, model3(mf, g, l, own + slot)))
    for slot in range(LAMP.cone, LAMP.across):
        put(table, row, at + slot, single(ldm(mf, g, own + slot), l))


@ti.func
def lamp_light(table: ti.template(), row, at, p, u, turn, spread):
    """(unit direction to the lamp, distance, irradiance on what faces it) at the points `p`. `spread` 0: from its middle; 1:
    from the point of the lamp that the numbers u and turn in [0, 1) name."""
    q = get3(table, row, at + LAMP.position)
    q = add_scaled(q, get3(table, row, at + LAMP.across), spread * (2.0 * u - 1.0))
    q = add_scaled(q, get3(table, row, at + LAMP.up), spread * (2.0 * turn - 1.0))
    radius = spread * table[row, at + LAMP.radius] * ti.sqrt(u)
    to = sub(q, p)
    t1, t2 = tangents(scale(to, 1.0 / maximum(norm(to), splat(u, CLOSEST))))
    s, c = sincos(turn * TWO_PI)
    to = add(to, add(scale(t1, radius * c), scale(t2, radius * s)))
    far = maximum(norm(to), splat(u, CLOSEST))
    d = scale(to, 1.0 / far)
    cosine = 0.0 - dot(d, get3(table, row, at + LAMP.direction))
    full, dark = table[row, at + LAMP.cone], table[row, at + LAMP.cone + 1]
    k = clamp((cosine - dark) / (full - dark), splat(u, 0.0), splat(u, 1.0))
    share = ti.select(table[row, at + LAMP.flat] > 0.0, maximum(cosine, splat(u, 0.0)), k * k * (3.0 - 2.0 * k))
    return d, far, scale(get3(table, row, at + LAMP.color), share / (far * far))


@ti.func
def any_light(mi: ti.template(), table: ti.template(), row, shapes, sun_direction, sun_color, p, choice, u, turn):
    """Like `lamp_light`, of one of all lights, sun included, that the number `choice` in [0, 1) names, times how many there
    are; `sun_direction` is a point of the sun's disc."""
    d, far, power = sun_direction, splat(u, 1e30), sun_color
    lamps = mi[N.num_lamps]
    if lamps > 0:
        sunny = ti.select(any_lane(sun_color.x + sun_color.y + sun_color.z > 0.0), 1, 0)
        total = ti.cast(lamps + sunny, ti.f32)
        number = choice * total
        power = scale(sun_color, total)
        for k in range(lamps):
            mine = (number >= ti.cast(k, ti.f32)) & (number < ti.cast(k + 1, ti.f32))
            if any_lane(mine):
                dk, fk, ek = lamp_light(table, row, shapes + (k - lamps) * LAMP_WIDTH, p, u, turn, 1.0)
                d, far = select3(mine, dk, d), ti.select(mine, fk, far)
                power = select3(mine, scale(ek, total), power)
    return d, far, power
