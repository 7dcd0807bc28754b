"""Path tracing: pictures with many bounces of light, for stills and as a reference of what the quick pictures leave out.

Kajiya's (1986) path per sample: at every surface the ray goes on by a sample of the surface's reflection, and one light, the
sun's disc or a lamp (`lamps`) chosen at random, is asked for directly. Reflection is Lambert below a GGX surface (exact
Fresnel; around a metal's colour Schlick's); the lobe is sampled by its normals (Walter et al. 2007), the diffuse part by the
cosine. What transmits light is a smooth or rough dielectric with exact Fresnel reflection and Snell's refraction, tinted by
its colour at every crossing; it casts no shadow, which stands in for the caustic under it. The point in the pixel and the
choices at the first surface follow a Kronecker sequence over the samples (Roberts 2018) with a hashed start per pixel
(Cranley and Patterson 1976), later choices are hashed; so bits depend on pixel and sample alone. The camera may have a lens.
A lane (pixel) that is done carries a negative limit. Two rays take turns in one loop over one copy of the traversal: 0 goes
on along the path, 1 asks for the light. Limits: shapes that emit are found by chance only, so small ones are noisy; a sample
is cut at BRIGHTEST.
"""

from engine.arrays import N
from engine.compiler import ti
from engine.math.lanes import any_lane, clamp, maximum, minimum, sincos
from engine.math.vec3 import add, add_scaled, dot, mul3, normalized, scale, select3, sub, tangents, vec3, zero3
from engine.renderers.lamps import LAMP_WIDTH, any_light
from engine.renderers.lens import view_ray
from engine.renderers.picture import LANE_X, LANE_Y, lane3, write3
from engine.renderers.shading import highlight, sky
from engine.renderers.shapes import FAR
from engine.renderers.table import COLUMNS, LIGHT_WIDTH, PACKET, ROWS, VIEW, VIEW_WIDTH, get3, splat
from engine.renderers.tracing import PASS_CLEAR, hit_shapes, read_light, resolve

DIMENSIONS = 5  # per surface
CHOICE = 200.0  # dimension of the choice among lights, counted from the surface's first
SHY = 1e-5  # of the distance, before which a shadow ray stops
BRIGHTEST = 25.0
TWO_PI = 6.283185307179586
EVEN = 7.0  # dimensions of the point in the pixel and of the first surface, which share one even sequence


@ti.func
def fraction(x):
    return x - ti.floor(x)


@ti.func
def uniform(px, py, sample, dimension):
    """Number in [0, 1) of a pixel (whole coordinates, lanes), a sample and a dimension (real scalars)."""
    turns = sample * 0.6180339887
    late = ti.select(dimension < EVEN, 0.0, (turns - ti.floor(turns)) * 719.0)  # a start of its own in every sample
    turns = sample * ti.exp(-0.0925624 * (dimension + 1.0))  # powers of the root of x^8 = x + 1
    dimension += late
    a, b = fraction(px * 0.1031 + dimension * 0.7548777), fraction(py * 0.1030 + dimension * 0.5698403)
    c = fraction((px + py) * 0.0973 + dimension * 0.3247180)
    k = a * (b + 33.33) + b * (c + 33.33) + c * (a + 33.33)
    start = fraction((a + b + 2.0 * k) * (c + k))
    return fraction(start + ti.select(late > 0.0, 0.0, turns - ti.floor(turns)))


@ti.func
def around(n, cosine, turn):
    """Unit vector at an angle to `n` and turned about it by `turn` of a circle."""
    t1, t2 = tangents(n)
    s, c = sincos(turn * TWO_PI)
    sine = ti.sqrt(maximum(1.0 - cosine * cosine, splat(cosine, 0.0)))
    return add(scale(n, cosine), add(scale(t1, sine * c), scale(t2, sine * s)))


@ti.func
def fresnel(cosine, eta):
    """(reflectance of a smooth dielectric, cosine behind it) for eta = index outside over inside."""
    one, zero = splat(cosine, 1.0), splat(cosine, 0.0)
    square = (1.0 - eta * eta) + eta * eta * (cosine * cosine)  # in this order exact for eta = 1
    behind = ti.sqrt(maximum(square, zero))
    a = (eta * cosine - behind) / maximum(eta * cosine + behind, splat(cosine, 1e-6))
    b = (eta * behind - cosine) / maximum(eta * behind + cosine, splat(cosine, 1e-6))
    return ti.select(square > 0.0, minimum(0.5 * (a * a + b * b), one), one), behind


@ti.func
def half_vector(n, roughness, u, turn):
    """A normal of the rough surface, sampled by the GGX distribution."""
    a = maximum(roughness * roughness, splat(u, 1e-4))
    cosine = ti.sqrt(clamp((1.0 - u) / (1.0 + (a * a - 1.0) * u), splat(u, 0.0), splat(u, 1.0)))
    return around(n, cosine, turn)


@ti.func
def gloss_color(m, smooth, cosine):
    """Reflectance of the surface itself: Fresnel's `smooth` for what is no metal, Schlick's around the colour of a metal."""
    f = 1.0 - cosine
    f5 = f * f * f * f * f
    k, plain = m.metallic, (1.0 - m.metallic) * smooth
    return vec3(
        plain + k * (m.albedo.x + (1.0 - m.albedo.x) * f5),
        plain + k * (m.albedo.y + (1.0 - m.albedo.y) * f5),
        plain + k * (m.albedo.z + (1.0 - m.albedo.z) * f5),
    )


@ti.func
def mean3(v):
    return (v.x + v.y + v.z) * 0.3333333333


@ti.func
def scattered(m, n, v, u, turn, choice):
    """(direction, weight, 1 where it goes through the surface) of a sample of the material's reflection of light from `v`."""
    zero, one = splat(u, 0.0), splat(u, 1.0)
    h = half_vector(n, m.roughness, u, turn)
    vh, nv = maximum(dot(v, h), splat(u, 1e-4)), maximum(dot(n, v), splat(u, 1e-4))
    eta = ti.select(m.inside > 0.5, m.ior, 1.0 / m.ior)
    smooth, behind = fresnel(vh, eta)
    shine = gloss_color(m, smooth, vh)
    below, _ = fresnel(nv, 1.0 / m.ior)  # what the surface reflects does not reach the colour below it
    clear = choice < m.transmission * (1.0 - m.metallic)  # a part of the light meets glass, the rest plastic or metal
    again = ti.select(clear, choice / maximum(m.transmission, splat(u, 1e-4)),
                      (choice - m.transmission) / maximum(1.0 - m.transmission, splat(u, 1e-4)))  # fmt: skip
    share = mean3(gloss_color(m, below, nv))  # how often the gloss is followed must not depend on the sampled normal
    part = ti.select(
        clear,
        smooth,
        ti.select(m.metallic > 0.99, one, ti.select(share > 1e-4, clamp(share, splat(u, 0.15), splat(u, 0.85)), zero)),
    )
    mirrored = again < part
    reflected = sub(scale(h, 2.0 * vh), v)
    nl, nh = dot(n, reflected), maximum(dot(n, h), splat(u, 1e-4))
    k = 0.5 * maximum(m.roughness * m.roughness, splat(u, 1e-4))
    lit = maximum(nl, zero)
    masking = vh * lit / maximum((lit * (1.0 - k) + k) * (nv * (1.0 - k) + k) * nh, splat(u, 1e-6))
    gloss = scale(shine, masking / maximum(part, splat(u, 1e-6)))
    diffuse = scale(m.albedo, (1.0 - m.metallic) * (1.0 - below) / maximum(1.0 - part, splat(u, 1e-3)))
    bent = add(scale(v, 0.0 - eta), scale(h, eta * vh - behind))
    through = clear & (again >= part)
    d = select3(mirrored, reflected, select3(clear, bent, around(n, ti.sqrt(1.0 - u), turn)))
    white = vec3(one, one, one)
    weight = select3(clear, select3(mirrored, white, m.albedo), select3(mirrored, gloss, diffuse))
    lost = mirrored & ((nl <= 0.0) | (dot(v, h) <= 0.0))
    return normalized(d), select3(lost, zero3(u), weight), ti.select(through, one, zero)


@ti.func
def direct(m, n, v, l, irradiance):
    """Light of the sun, if nothing hides it, that leaves towards `v`."""
    zero = splat(n.x, 0.0)
    nl, nv = maximum(dot(n, l), zero), maximum(dot(n, v), splat(n.x, 1e-3))
    strength, _ = highlight(n, v, l, m.roughness, nl, nv)
    vh = maximum(dot(v, normalized(add(v, l))), zero)
    smooth, _ = fresnel(vh, 1.0 / m.ior)
    below, _ = fresnel(nv, 1.0 / m.ior)
    spot = gloss_color(m, smooth, vh)
    opaque = 1.0 - m.transmission * (1.0 - m.metallic)
    body = scale(m.albedo, 0.318309886 * (1.0 - m.metallic) * opaque * (1.0 - below))
    return scale(mul3(add(body, scale(spot, strength)), irradiance), nl)


@ti.func
def lens_ray(table: ti.template(), row, view, px, py, width, height, aperture, focus, u, turn):
    """(origin, unit direction, width of a pixel at distance 1) through a point of the lens."""
    d, along, pixel = view_ray(table, row, view, px, py, width, height)
    s, c = sincos(turn * TWO_PI)
    r = ti.sqrt(u) * aperture
    right, up = get3(table, row, view + VIEW.right), get3(table, row, view + VIEW.up)
    shift = add(scale(right, r * c), scale(up, r * s))
    sharp = sub(scale(d, focus / along), shift)
    return add(get3(table, row, view + VIEW.position), shift), normalized(sharp), pixel


@ti.func
def follow_path(
    mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), stack: ti.template(),
    worker, row, view, shapes, width, height, px, py, sample, bounces, aperture, focus, sun_radius,
):  # fmt: skip
    """Radiance of one sample of the pixels with the upper left corners (px, py)."""
    light = read_light(table, row)
    qx, qy = uniform(px, py, sample, 0.0), uniform(px, py, sample, 1.0)
    lens, turn = uniform(px, py, sample, 90.0), uniform(px, py, sample, 91.0)
    o, d, pixel = lens_ray(table, row, view, px + qx, py + qy, width, height, aperture, focus, lens, turn)
    limit, seen = splat(px, FAR), zero3(px)
    weight = vec3(splat(px, 1.0), splat(px, 1.0), splat(px, 1.0))
    next_o, next_d, next_limit, pending = o, d, limit, zero3(px)
    for ray in range(2 * bounces):
        if any_lane(limit > 0.0) or (ray % 2 == 1 and any_lane(next_limit > 0.0)):
            shadow = ray % 2
            t, shape, triangle = hit_shapes(
                mi, table, mesh_real, mesh_int, stack, worker, row, shapes, o, d, limit, shadow * PASS_CLEAR
            )
            if shadow == 1:
                seen = select3((limit > 0.0) & (shape < 0), add(seen, pending), seen)
                o, d, limit = next_o, next_d, next_limit
            else:
                hit = (limit > 0.0) & (shape >= 0)
                gone = (limit > 0.0) & (shape < 0)
                seen = select3(gone, add(seen, mul3(weight, sky(d, light.zenith, light.horizon))), seen)
                n, _, m = resolve(mi, table, mesh_real, mesh_int, row, shapes, o, d, t, shape, triangle, pixel, True)
                seen = select3(hit, add(seen, mul3(weight, m.emission)), seen)
                first = 2.0 + DIMENSIONS * ti.cast(ray // 2, ti.f32)
                v = vec3(0.0 - d.x, 0.0 - d.y, 0.0 - d.z)
                p, gap = add_scaled(o, d, t), 1e-4 + 1e-5 * t
                o2 = add_scaled(p, n, gap)
                u, turn = uniform(px, py, sample, first), uniform(px, py, sample, first + 1.0)
                to_sun = around(light.sun, 1.0 - u * (0.5 * sun_radius * sun_radius), turn)
                choice = uniform(px, py, sample, CHOICE + first)
                to_light, far, power = any_light(mi, table, row, shapes, to_sun, light.color, o2, choice, u, turn)
                pending = mul3(weight, direct(m, n, v, to_light, power))
                d2, factor, through = scattered(
                    m, n, v, uniform(px, py, sample, first + 2.0), uniform(px, py, sample, first + 3.0),
                    uniform(px, py, sample, first + 4.0),
                )  # fmt: skip
                weight = select3(hit, mul3(weight, factor), weight)
                alive = hit & (weight.x + weight.y + weight.z > 1e-3)
                next_o = add_scaled(p, n, ti.select(through > 0.5, 0.0 - gap, gap))
                next_d, next_limit = d2, ti.select(alive, splat(px, FAR), splat(px, -1.0))
                o, d = o2, to_light
                lit = hit & (dot(n, to_light) > 0.0) & (pending.x + pending.y + pending.z > 0.0)
                limit = ti.select(lit, far * (1.0 - SHY), splat(px, -1.0))
    top = splat(px, BRIGHTEST)
    return vec3(minimum(seen.x, top), minimum(seen.y, top), minimum(seen.z, top))


@ti.func
def corners_of(x, y, px, py, packets: ti.template()):
    """Upper left corners of the pixels of the packet at (x, y), or of the one pixel at (px, py)."""
    if ti.static(packets):
        qx = ti.Vector(LANE_X, dt=ti.f32) + (ti.cast(x, ti.f32) - 0.5)
        qy = ti.Vector(LANE_Y, dt=ti.f32) + (ti.cast(y, ti.f32) - 0.5)
        return qx, qy
    else:
        return px, py


@ti.func
def path_item(
    mi: ti.template(), table: ti.template(), mesh_real: ti.template(), mesh_int: ti.template(), stack: ti.template(), worker,
    row, place, shapes, width, height, packets: ti.template(), first, count, bounces, aperture, focus, sun_radius,
    radiance: ti.template(),
):  # fmt: skip
    """All samples of the packet (or pixel) `place` of a picture."""
    across = (width + COLUMNS - 1) // COLUMNS
    x, y, base = (place % across) * COLUMNS, (place // across) * ROWS, row * width * height
    px, py = ti.cast(place % width, ti.f32), ti.cast(place // width, ti.f32)
    qx, qy = corners_of(x, y, px, py, packets)
    total = zero3(qx)
    for sample in range(first, first + count):
        total = add(total, follow_path(
            mi, table, mesh_real, mesh_int, stack, worker, row, LIGHT_WIDTH, shapes, width, height, qx, qy,
            ti.cast(sample, ti.f32), bounces, aperture, focus, sun_radius,
        ))  # fmt: skip
    for k in range(PACKET if ti.static(packets) else 1):
        kx, ky = x + k % COLUMNS, y + k // COLUMNS
        if ti.static(not packets):
            kx, ky = place % width, place // width
        if kx < width and ky < height:
            write3(radiance, base + ky * width + kx, lane3(total, k))


@ti.kernel
def trace_paths(
    # Model and table in:
    mi: ti.types.ndarray(dtype=ti.i32, ndim=1),
    table: ti.types.ndarray(ndim=2),
    mesh_real: ti.types.ndarray(dtype=ti.f32, ndim=1),
    mesh_int: ti.types.ndarray(dtype=ti.i32, ndim=1),
    # Scratch: one stack per worker
    stack: ti.types.ndarray(dtype=ti.i32, ndim=2),
    # Sizes; a worker is `chunk` turns of the loop:
    rows: ti.i32,
    width: ti.i32,
    height: ti.i32,
    workers: ti.i32,
    chunk: ti.i32,
    packets: ti.template(),
    # Samples `first` to `first + count - 1`, surfaces per path, radius of the lens and distance in focus [m], of the sun [rad]:
    first: ti.i32,
    count: ti.i32,
    bounces: ti.i32,
    aperture: ti.f32,
    focus: ti.f32,
    sun_radius: ti.f32,
    # Out, flat [env, y, x], the sum over samples:
    radiance: ti.types.ndarray(dtype=ti.f32, ndim=1),
):
    """Add samples to the radiance of every pixel of one camera."""
    across, down = (width + COLUMNS - 1) // COLUMNS, (height + ROWS - 1) // ROWS
    shapes, places = LIGHT_WIDTH + VIEW_WIDTH + mi[N.num_lamps] * LAMP_WIDTH, across * down
    if ti.static(not packets):
        places = width * height
    for turn in range(workers * chunk):
        item, worker = turn // chunk, turn // chunk
        if turn % chunk != 0:
            item = rows * places
        while item < rows * places:
            path_item(
                mi, table, mesh_real, mesh_int, stack, worker, item // places, item % places, shapes, width, height, packets,
                first, count, bounces, aperture, focus, sun_radius, radiance,
            )  # fmt: skip
            item += workers
