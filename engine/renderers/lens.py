"""Between points of a picture and directions: pinhole lenses with any centre, and fisheye lenses.

A picture point (px, py) is counted in pixels from the upper left corner, so the middle of the first pixel is (0.5, 0.5). With
(x, y) = ((px - cx) / fx, (cy - py) / fy), a pinhole looks along (x, y, -1). A fisheye lens is equidistant with the
polynomial of Kannala and Brandt (2006): the angle theta from the optical axis appears at the radius
theta (1 + k1 theta^2 + k2 theta^4 + k3 theta^6 + k4 theta^8), which is inverted by Newton's method. Depth of a pinhole is along
the optical axis; of a fisheye, which may look behind itself, it is the distance from the eye.
Limits: the polynomial must grow up to the corner of the picture; points beyond 180 degrees show what is straight behind.
"""

from engine.compiler import ti
from engine.math.lanes import absolute, maximum, minimum, sincos
from engine.math.vec3 import add, dot, scale
from engine.renderers.table import VIEW, get3, pick, splat

NEAR = 1e-9  # m before the eye; what is nearer has no place in a picture
TURNS = 8  # of Newton's method
PI = 3.14159265358979


@ti.func
def spread(table: ti.template(), view, row, theta):
    """(radius in the picture over focal length, its derivative) of the angle theta from the axis of a fisheye."""
    k = view + VIEW.distortion
    k1, k2, k3, k4 = table[row, k], table[row, k + 1], table[row, k + 2], table[row, k + 3]
    q = theta * theta
    radius = theta * (1.0 + q * (k1 + q * (k2 + q * (k3 + q * k4))))
    return radius, 1.0 + q * (3.0 * k1 + q * (5.0 * k2 + q * (7.0 * k3 + q * (9.0 * k4))))


@ti.func
def unspread(table: ti.template(), view, row, radius):
    """Angle from the axis that appears at a radius, at most pi."""
    theta = minimum(radius, splat(radius, PI))
    for _ in range(TURNS):
        reached, slope = spread(table, view, row, theta)
        theta = theta + (radius - reached) / maximum(slope, splat(radius, 0.1))
        theta = minimum(maximum(theta, splat(radius, 0.0)), splat(radius, PI))
    return theta


@ti.func
def angle_of(sine, cosine):
    """Angle in [0, pi] of a vector with sine >= 0: a polynomial of degree 7 (5e-4 rad), then two steps of Newton's method."""
    steep = sine > absolute(cosine)
    z = ti.select(steep, cosine, sine) / maximum(ti.select(steep, sine, absolute(cosine)), splat(sine, 1e-30))
    q = z * z
    a = z * (0.9992150 - q * (0.3211819 - q * (0.1462766 - q * 0.0389929)))
    theta = ti.select(steep, 0.5 * PI - a, ti.select(cosine < 0.0, PI - a, a))
    length = ti.sqrt(maximum(sine * sine + cosine * cosine, splat(sine, 1e-30)))
    for _ in range(2):
        s, c = sincos(theta)
        theta = theta + (sine * c - cosine * s) / length
    return theta


@ti.func
def view_ray(table: ti.template(), row, view, px, py, width, height):
    """(unit direction in W, depth per unit of t, width of a pixel at distance 1) through the picture point (px, py) in
    pixels."""
    pixel = 2.0 * table[row, view + VIEW.tan_half] / ti.cast(height, ti.f32)
    x = (px - 0.5 * ti.cast(width, ti.f32) - table[row, view + VIEW.shift]) * (pixel * table[row, view + VIEW.aspect])
    y = (0.5 * ti.cast(height, ti.f32) + table[row, view + VIEW.shift + 1] - py) * pixel
    right, up, back = get3(table, row, view + VIEW.right), get3(table, row, view + VIEW.up), get3(table, row, view + VIEW.back)
    along = 1.0 / ti.sqrt(x * x + y * y + 1.0)
    sideways, forward = along, along
    if pick(table[row, view + VIEW.fisheye], 0) > 0.0:
        radius = ti.sqrt(x * x + y * y)
        s, c = sincos(unspread(table, view, row, radius))
        sideways, forward = ti.select(radius > 1e-12, s / maximum(radius, splat(radius, 1e-12)), splat(radius, 1.0)), c
        along = splat(along, 1.0)
    return add(add(scale(right, x * sideways), scale(up, y * sideways)), scale(back, 0.0 - forward)), along, pixel


@ti.func
def project(table: ti.template(), row, view, w, width, height):
    """Picture point of the vector `w` from the eye, and a number above NEAR when the lens can show it."""
    pixel = 2.0 * table[row, view + VIEW.tan_half] / ti.cast(height, ti.f32)
    x, y = dot(get3(table, row, view + VIEW.right), w), dot(get3(table, row, view + VIEW.up), w)
    depth = 0.0 - dot(get3(table, row, view + VIEW.back), w)
    stretch = 1.0 / maximum(depth, splat(depth, NEAR))
    if pick(table[row, view + VIEW.fisheye], 0) > 0.0:
        beside = ti.sqrt(x * x + y * y)
        radius, _ = spread(table, view, row, angle_of(beside, depth))
        depth = ti.sqrt(x * x + y * y + depth * depth)
        stretch = ti.select(
            beside > 1e-7 * depth, radius / maximum(beside, splat(beside, 1e-30)), 1.0 / maximum(depth, splat(depth, NEAR))
        )
    return (
        0.5 * ti.cast(width, ti.f32) + table[row, view + VIEW.shift] + x * stretch / (pixel * table[row, view + VIEW.aspect]),
        0.5 * ti.cast(height, ti.f32) + table[row, view + VIEW.shift + 1] - y * stretch / pixel,
        depth,
    )
