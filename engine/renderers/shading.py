"""Light on a surface: sun with a micro-facet highlight, sky and ground as a gradient, a checker that fades with distance,
sRGB.

Radiance = (1 - metallic) albedo / pi * sun irradiance * cos + GGX highlight (Walter et al. 2007; Schlick's Fresnel 1994;
visibility of Karis 2013) + albedo times the mean sky radiance of the hemisphere around the normal + the mirrored sky,
blurred by roughness, weighted with the environment term of Karis (2014). The ground below the horizon reflects GROUND of
the horizon's light. The checker is the exact mean over the pixel's footprint (after Quilez 2016), so that far squares turn
grey instead of flickering.
Lamps shine like the sun (`lamps`). Limits: light bounces once; the sky does not cast shadows.
"""

from engine.compiler import ti
from engine.math.lanes import absolute, clamp, maximum, minimum
from engine.math.vec3 import add, add_scaled, dot, mul3, normalized, scale, vec3
from engine.renderers.table import splat

GROUND = 0.45
DIELECTRIC = 0.04  # reflectance of a non-metal at normal incidence


@ti.func
def mix3(a, b, k):
    return vec3(a.x + (b.x - a.x) * k, a.y + (b.y - a.y) * k, a.z + (b.z - a.z) * k)


@ti.func
def sky(d, zenith, horizon):
    """Radiance seen in the unit direction d."""
    zero, one = splat(d.z, 0.0), splat(d.z, 1.0)
    up = clamp(d.z, zero, one)
    down = clamp(d.z * -3.0, zero, one)
    c = mix3(horizon, zenith, up * (2.0 - up))
    return scale(c, 1.0 - (1.0 - GROUND) * down * (2.0 - down))


@ti.func
def hemisphere(n, zenith, horizon):
    """Mean radiance of sky and ground seen from a surface with the normal n, weighted with the cosine."""
    overhead = mix3(horizon, zenith, 0.67)
    ground = scale(horizon, GROUND)
    return mix3(ground, overhead, 0.5 + 0.5 * n.z)


@ti.func
def stripe(x, width):
    """Mean over `width` of the wave that is +1 on [0, 1) and -1 on [1, 2)."""
    a, b = (x - 0.5 * width) * 0.5, (x + 0.5 * width) * 0.5
    wave_a = absolute(a - ti.floor(a) - 0.5)
    wave_b = absolute(b - ti.floor(b) - 0.5)
    return 2.0 * (wave_a - wave_b) / width


@ti.func
def checker(p, n, period, footprint):
    """Share of the first colour in [0, 1]: 3-D squares of side `period`, looked up just below the surface so that faces do
    not flicker."""
    inner = scale(add_scaled(p, n, -0.01 * period), 1.0 / period)
    width = footprint * (1.0 / period)
    share = splat(p.x, 0.5)
    for axis in range(3):
        x, along = inner.x, n.x
        if axis == 1:
            x, along = inner.y, n.y
        elif axis == 2:
            x, along = inner.z, n.z
        flat = ti.sqrt(maximum(1.0 - along * along, splat(p.x, 0.0)))  # the footprint lies in the surface
        share = share * stripe(x, maximum(width * flat, splat(p.x, 1e-3)))
    return 0.5 + share


@ti.func
def highlight(n, v, l, roughness, nl, nv):
    """(GGX distribution times visibility, Fresnel's fifth power) for the light direction l."""
    h = normalized(add(v, l))
    nh = maximum(dot(n, h), splat(nl, 0.0))
    vh = maximum(dot(v, h), splat(nl, 0.0))
    a = maximum(roughness * roughness, splat(nl, 2e-3))
    a2 = a * a
    q = nh * nh * (a2 - 1.0) + 1.0
    k = 0.5 * a
    visibility = 0.25 / ((nl * (1.0 - k) + k) * (nv * (1.0 - k) + k))
    f = 1.0 - vh
    f2 = f * f
    return minimum(a2 / (3.14159265 * q * q) * visibility, splat(nl, 1e4)), f2 * f2 * f


@ti.func
def environment(base, roughness, nv):
    """Reflectance of the blurred environment (fit by Karis 2014)."""
    rx, ry, rz, rw = 1.0 - roughness, 0.0425 - 0.0275 * roughness, 1.04 - 0.572 * roughness, 0.022 * roughness - 0.04
    f2 = (1.0 - nv) * (1.0 - nv)
    f4 = f2 * f2
    edge = minimum(rx * rx, f4 * f4 * (1.0 - nv)) * rx + ry  # exp2(-9.28 nv) is near (1 - nv)^9
    a, b = edge * -1.04 + rz, edge * 1.04 + rw
    return vec3(base.x * a + b, base.y * a + b, base.z * a + b)


@ti.func
def base_reflectance(material):
    """Reflectance at normal incidence."""
    plastic, metallic = DIELECTRIC * (1.0 - material.metallic), material.metallic
    return vec3(
        plastic + material.albedo.x * metallic, plastic + material.albedo.y * metallic, plastic + material.albedo.z * metallic
    )


@ti.func
def reflected(material, n, d, l, irradiance):
    """Radiance towards -d from light of the unit direction `l`."""
    v = vec3(0.0 - d.x, 0.0 - d.y, 0.0 - d.z)
    nv = maximum(dot(n, v), splat(d.x, 1e-3))
    nl = maximum(dot(n, l), splat(d.x, 0.0))
    base, body = base_reflectance(material), scale(material.albedo, 1.0 - material.metallic)
    strength, fresnel = highlight(n, v, l, material.roughness, nl, nv)
    spot = vec3(base.x + (1.0 - base.x) * fresnel, base.y + (1.0 - base.y) * fresnel, base.z + (1.0 - base.z) * fresnel)
    return scale(mul3(add(scale(body, 0.318309886), scale(spot, strength)), irradiance), nl)


@ti.func
def ambient(material, n, d, light):
    """Radiance towards -d from sky and ground."""
    nv = maximum(0.0 - dot(n, d), splat(d.x, 1e-3))
    base, body = base_reflectance(material), scale(material.albedo, 1.0 - material.metallic)
    around = hemisphere(n, light.zenith, light.horizon)
    mirrored = sky(add_scaled(d, n, 2.0 * nv), light.zenith, light.horizon)
    blurred = mix3(mirrored, around, material.roughness)
    return add(mul3(body, around), mul3(environment(base, material.roughness, nv), blurred))


@ti.func
def srgb(x):
    """Linear [0, 1] to sRGB [0, 255]: the power is a minimax fit by two roots, wrong by at most 0.1 of a step."""
    c = clamp(x, splat(x, 0.0), splat(x, 1.0))
    r = ti.sqrt(c)
    curve = 0.8337350 * r + 0.2981271 * ti.sqrt(r) - 0.0553142 * c - 0.0769084
    return 255.0 * ti.select(c < 0.0031308, 12.92 * c, curve)
