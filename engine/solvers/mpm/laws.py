"""Stress of the materials, sixteen particles at a time, and what it does to the momentum that goes to the grid.

The state is the strain b - I (left Cauchy-Green less identity; small strains keep all their digits) and one scalar. b
follows the velocity gradient, b' = (I + L dt) b (I + L dt)^T. Laws (Kirchhoff stress tau):
liquid: p = K/7 (J^-7 - 1), never tension; Newtonian.
paste: that pressure; in shear elastic below the yield stress, above it flowing by Herschel and Bulkley's law, tau = tau_y +
k rate^n (overstress after Perzyna, implicit as in Yue et al. 2015), so it comes to rest and asks for no smaller steps.
elastic: compressible neo-Hookean (Bonet and Wood, eq. 6.29), with Kelvin-Voigt viscosity.
plastic: Hencky elasticity, von Mises return with linear hardening (Simo 1992).
sand: Hencky, Drucker-Prager return with cohesion and volume correction (Klar et al. 2016; Tampubolon et al. 2017).
snow: singular values clamped, hardening (Stomakhin et al. 2013).
Limits: volume ratios are kept in [0.05, 8] by clamping the stress, not the state.
"""

from engine.compiler import stage, ti
from engine.math.lanes import any_lane, exponential, like, logarithm, maximum, minimum
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.grid import V16, row_of
from engine.solvers.mpm.tensors import added, blend, composed, eigensystem, plus_trace, scaled, sym, trace, volume_change

CROWDED = 1.03  # density of the grid over that of the volume ratio at which a liquid is brought back
CATCH_UP = 0.1  # s


@ti.func
def component(pv: ti.template(), first, field: ti.template(), k: ti.template()):
    """Component k of a field of sixteen particles."""
    v = V16(0.0)
    for l in ti.static(range(16)):
        v[l] = pv[(first + l) * col.FIELDS + field][k]
    return v


@ti.func
def one_material(mt: ti.template(), pi: ti.template(), ef: ti.template(), first):
    """Are sixteen particles of one material?"""
    same, m = 1, pi[first, col.MATERIAL]
    if mt.shape[0] > ef.shape[0]:
        for l in ti.static(range(1, 16)):
            same = ti.select(pi[first + l, col.MATERIAL] == m, same, 0)
    return same


@ti.func
def constant(mt: ti.template(), pi: ti.template(), first, base, same, k: ti.template()):
    """A constant of the material of sixteen particles."""
    v = V16(mt[base + pi[first, col.MATERIAL], k])
    if same == 0:
        for l in ti.static(range(1, 16)):
            v[l] = mt[base + pi[first + l, col.MATERIAL], k]
    return v


@ti.func
def uncrowded(j, share, cell, density, dt):
    """Volume ratio of a liquid; where it has become denser than that says (numerical drift), brought back to the density of
    the grid slowly. `share`: mass at the particle in a cell of volume `cell`.
    """
    dense = maximum(share / (cell * density), like(j, 1e-9))
    back = j + ti.min(dt / CATCH_UP, 0.1) * (CROWDED / dense - j)
    return ti.select(dense * j > CROWDED, back, j)


@ti.func
def grown(e, xx, xy, xz, yx, yy, yz, zx, zy, zz):
    """b - I after a step with L dt given row by row: e + L + L^T + L L^T + L e + e L^T + L e L^T."""
    # rows of L b = L + L e
    ax, ay = xx + xx * e.xx + xy * e.xy + xz * e.xz, xy + xx * e.xy + xy * e.yy + xz * e.yz
    az = xz + xx * e.xz + xy * e.yz + xz * e.zz
    bx, by = yx + yx * e.xx + yy * e.xy + yz * e.xz, yy + yx * e.xy + yy * e.yy + yz * e.yz
    bz = yz + yx * e.xz + yy * e.yz + yz * e.zz
    cx, cy = zx + zx * e.xx + zy * e.xy + zz * e.xz, zy + zx * e.xy + zy * e.yy + zz * e.yz
    cz = zz + zx * e.xz + zy * e.yz + zz * e.zz
    return sym(
        e.xx + 2.0 * ax + ax * xx + ay * xy + az * xz,
        e.yy + 2.0 * by + bx * yx + by * yy + bz * yz,
        e.zz + 2.0 * cz + cx * zx + cy * zy + cz * zz,
        e.xy + ay + bx + ax * yx + ay * yy + az * yz,
        e.xz + az + cx + ax * zx + ay * zy + az * zz,
        e.yz + bz + cy + bx * zx + by * zy + bz * zz,
    )  # fmt: skip


@ti.func
def square_root(e):
    """sqrt(1 + e) - 1 without cancellation."""
    return e / (1.0 + ti.sqrt(1.0 + e))


@ti.func
def half_log(e):
    """log(sqrt(1 + e)), accurate for small e."""
    safe = maximum(e, like(e, -0.9975))
    t = safe / (2.0 + safe)
    h, far = t * (1.0 + t * t * (0.33333333 + t * t * (0.2 + t * t * 0.14285714))), (safe >= 0.4) | (safe <= -0.3)
    if any_lane(far):
        h = ti.select(far, 0.5 * logarithm(1.0 + safe), h)
    return h


@ti.func
def stretch(h):
    """exp(2 h) - 1, accurate for small h."""
    x = 2.0 * h
    e = x * (1.0 + x * (0.5 + x * (0.16666667 + x * (0.041666667 + x * (0.0083333333 + x * 0.0013888889)))))
    far = (x >= 0.25) | (x <= -0.25)
    if any_lane(far):
        e = ti.select(far, exponential(minimum(x, like(x, 20.0))) - 1.0, e)
    return e


@ti.func
def liquid_stress(j, rate, bulk, viscosity):
    """Pressure and viscous stress."""
    inverse = 1.0 / maximum(j, like(j, 0.3))
    square = inverse * inverse
    pressure = maximum(bulk * 0.14285714 * (square * square * square * inverse - 1.0), like(j, 0.0))
    return plus_trace(scaled(rate, 2.0 * viscosity * j), 0.0 - pressure * j)


@ti.func
def crept(e, dt, shear, yields, consistency, index):
    """Elastic shear strain of a paste after a substep: what exceeds the yield stress has flowed. The overstress x solves
    x + G dt (x / k)^(1 / n) = trial - yield, by Newton's method from above (the left side is convex or concave in x).
    """
    third = trace(e) * 0.33333333
    d = plus_trace(e, 0.0 - third)
    squares = d.xx * d.xx + d.yy * d.yy + d.zz * d.zz + 2.0 * (d.xy * d.xy + d.xz * d.xz + d.yz * d.yz)
    size = shear * ti.sqrt(0.5 * squares) + 1e-12
    over = maximum(size - yields, like(size, 1e-9))
    power = 1.0 / (index + 1e-9)
    x = over / (1.0 + shear * dt / (consistency + 1e-9))
    for _ in range(8):
        rate = exponential(minimum(power * logarithm(maximum(x, like(x, 1e-12)) / (consistency + 1e-9)), like(x, 40.0)))
        slope = 1.0 + shear * dt * power * rate / maximum(x, like(x, 1e-12))
        x = minimum(maximum(x - (x + shear * dt * rate - over) / slope, 0.1 * x), over)
    return scaled(d, ti.select(size > yields, (yields + x) / size, like(size, 1.0)))


@ti.func
def elastic_stress(e, lame, shear):
    """mu (b - I) + lambda log(J) I."""
    log_j = half_log(maximum(volume_change(e), like(e.xx, -0.99)))
    return plus_trace(scaled(e, shear), lame * log_j)


@ti.func
def yielded(h, law, bulk_lame, shear, yields, hardening, friction, cohesion, scalar):
    """Hencky strains (struct x y z) after the return map of plastic or sand, and the scalar of the law."""
    third = (h.x + h.y + h.z) * 0.33333333
    dx, dy, dz = h.x - third, h.y - third, h.z - third
    size = ti.sqrt(dx * dx + dy * dy + dz * dz) + 1e-20
    # von Mises: |dev tau| <= sqrt(2/3) (yield + hardening * plastic strain)
    excess = maximum(size - (0.81649658 * (yields + hardening * scalar)) / (2.0 * shear + 1e-20), like(size, 0.0))
    flow = excess / (1.0 + hardening / (3.0 * shear + 1e-20))
    keep = 1.0 - flow / size
    plastic = ti.Struct(x=third + dx * keep, y=third + dy * keep, z=third + dz * keep, scalar=scalar + 0.81649658 * flow)
    # Drucker-Prager, about the tip at a mean strain of `cohesion`; the scalar is the volume still to be closed
    mean = third + 0.33333333 * scalar - cohesion
    slack = size + friction * (3.0 * bulk_lame + 2.0 * shear) / (2.0 * shear + 1e-20) * mean
    tip, inside = mean >= 0.0, slack <= 0.0
    cut = ti.select(inside, like(size, 1.0), 1.0 - slack / size)
    corrected = third + 0.33333333 * scalar
    new = ti.select(tip, cohesion, corrected)
    closing = ti.select(tip, 3.0 * (corrected - cohesion), like(size, 0.0))
    cut = ti.select(tip, like(size, 0.0), cut)
    is_sand = law == 3.0
    return ti.Struct(
        x=ti.select(is_sand, new + dx * cut, plastic.x), y=ti.select(is_sand, new + dy * cut, plastic.y),
        z=ti.select(is_sand, new + dz * cut, plastic.z), scalar=ti.select(is_sand, closing, plastic.scalar),
    )  # fmt: skip


@ti.func
def hencky_stress(s, h, lame, shear):
    """2 mu h + lambda tr(h) along the eigenvectors."""
    mean = lame * (h.x + h.y + h.z)
    return composed(s, 2.0 * shear * h.x + mean, 2.0 * shear * h.y + mean, 2.0 * shear * h.z + mean)


@ti.func
def packed(s, lame, shear, compression, most, hardening, scalar):
    """Snow: stretches less one (x y z) after the clamp, the plastic volume ratio, and the stress along the eigenvectors."""
    floor = like(s.x, -0.99)
    tx, ty, tz = square_root(maximum(s.x, floor)), square_root(maximum(s.y, floor)), square_root(maximum(s.z, floor))
    before = (1.0 + tx) * (1.0 + ty) * (1.0 + tz)
    least = 0.0 - compression
    tx, ty, tz = minimum(maximum(tx, least), most), minimum(maximum(ty, least), most), minimum(maximum(tz, least), most)
    j = (1.0 + tx) * (1.0 + ty) * (1.0 + tz)
    plastic = minimum(maximum(scalar * before / j, like(j, 0.4)), like(j, 1.6))
    harder = exponential(minimum(hardening * (1.0 - plastic), like(j, 2.3)))
    mu, volume = 2.0 * shear * harder, lame * harder * (j - 1.0) * j
    return ti.Struct(
        x=tx, y=ty, z=tz, scalar=plastic, sx=mu * tx * (1.0 + tx) + volume, sy=mu * ty * (1.0 + ty) + volume,
        sz=mu * tz * (1.0 + tz) + volume,
    )  # fmt: skip


@ti.func
def after_yield(mt: ti.template(), pi: ti.template(), first, base, same, law, e, lame, shear, scalar):
    """Strain, stress and scalar of plastic matter, sand and snow with the trial strain e."""
    s, hardening = eigensystem(e), constant(mt, pi, first, base, same, col.HARDENING)
    after, tau, next, snow = e, e, scalar, law > 3.5
    if any_lane(law < 3.5):
        yields, friction = constant(mt, pi, first, base, same, col.YIELD), constant(mt, pi, first, base, same, col.FRICTION)
        cohesion = constant(mt, pi, first, base, same, col.COHESION)
        h = ti.Struct(x=half_log(s.x), y=half_log(s.y), z=half_log(s.z))
        r = yielded(h, law, lame, shear, yields, hardening, friction, cohesion, scalar)
        after, tau = composed(s, stretch(r.x), stretch(r.y), stretch(r.z)), hencky_stress(s, r, lame, shear)
        next = r.scalar
    if any_lane(snow):
        compression = constant(mt, pi, first, base, same, col.COMPRESSION)
        k = packed(s, lame, shear, compression, constant(mt, pi, first, base, same, col.STRETCH), hardening, scalar)
        after = blend(snow, composed(s, k.x * (2.0 + k.x), k.y * (2.0 + k.y), k.z * (2.0 + k.z)), after)
        tau, next = blend(snow, composed(s, k.sx, k.sy, k.sz), tau), ti.select(snow, k.scalar, next)
    return after, tau, next


@stage
def flow_on_lanes(
    pv: ti.types.ndarray(ndim=1),
    ps: ti.types.ndarray(ndim=2),
    pt: ti.types.ndarray(ndim=2),
    pi: ti.types.ndarray(ndim=2),
    ef: ti.types.ndarray(ndim=2),
    mt: ti.types.ndarray(ndim=2),
    e: ti.i32,
    base: ti.i32,
    g: ti.i32,
) -> ti.i32:
    """Advance the state of sixteen particles by the velocity gradient; the momentum that the stress gives goes to `pt`."""
    first, dt, inv, dx = 16 * g, ef[e, col.DT], ef[e, col.INV_DX], ef[e, col.DX]
    same = one_material(mt, pi, ef, first)
    xx, yx, zx = component(pv, first, 2, 0), component(pv, first, 2, 1), component(pv, first, 2, 2)
    xy, yy, zy = component(pv, first, 3, 0), component(pv, first, 3, 1), component(pv, first, 3, 2)
    xz, yz, zz = component(pv, first, 4, 0), component(pv, first, 4, 1), component(pv, first, 4, 2)
    volume = component(pv, first, 1, 3)
    law, scalar = constant(mt, pi, first, base, same, col.LAW), ps[g, col.SCALAR]
    viscosity = constant(mt, pi, first, base, same, col.VISCOSITY)
    expansion = xx + yy + zz
    third = expansion * 0.33333333
    rate = sym(xx - third, yy - third, zz - third, 0.5 * (xy + yx), 0.5 * (xz + zx), 0.5 * (yz + zy))
    stress = sym(xx, xx, xx, xx, xx, xx)
    paste = law > 4.5
    if any_lane((law < 0.5) | paste):
        flows = (law < 0.5) | paste
        density = constant(mt, pi, first, base, same, col.DENSITY)
        j = uncrowded(scalar, component(pv, first, 2, 3), dx * dx * dx, density, dt)
        scalar = ti.select(flows, minimum(maximum(j * (1.0 + dt * expansion), like(law, 0.1)), like(law, 4.0)), scalar)
        thick = ti.select(paste, like(law, 0.0), viscosity)
        stress = liquid_stress(scalar, rate, constant(mt, pi, first, base, same, col.BULK), thick)
    if any_lane(law > 0.5):
        e0 = sym(ps[g, 0], ps[g, 1], ps[g, 2], ps[g, 3], ps[g, 4], ps[g, 5])
        e1 = grown(e0, dt * xx, dt * xy, dt * xz, dt * yx, dt * yy, dt * yz, dt * zx, dt * zy, dt * zz)
        lame, shear = constant(mt, pi, first, base, same, col.LAME), constant(mt, pi, first, base, same, col.SHEAR)
        solid = e1
        if any_lane((law > 0.5) & (law < 1.5)):
            solid = elastic_stress(e1, lame, shear)
        if any_lane(paste):
            yields, index = constant(mt, pi, first, base, same, col.YIELD), constant(mt, pi, first, base, same, col.HARDENING)
            after = crept(e1, dt, shear, yields, viscosity, index)
            e1 = blend(paste, after, e1)
            stress = blend(paste, added(stress, scaled(after, shear * scalar)), stress)
        if any_lane((law > 1.5) & (law < 4.5)):
            after, tau, next = after_yield(mt, pi, first, base, same, law, e1, lame, shear, scalar)
            flows = (law > 1.5) & (law < 4.5)
            e1, solid, scalar = blend(flows, after, e1), blend(flows, tau, solid), ti.select(flows, next, scalar)
        solid = added(solid, scaled(rate, 2.0 * viscosity))
        stress = blend((law < 0.5) | paste, stress, solid)
        ps[g, 0], ps[g, 1], ps[g, 2], ps[g, 3], ps[g, 4], ps[g, 5] = e1.xx, e1.yy, e1.zz, e1.xy, e1.xz, e1.yz
    ps[g, col.SCALAR] = scalar
    k = 0.0 - ef[e, col.KICK] * 4.0 * inv * inv * volume
    pt[g, 0], pt[g, 1], pt[g, 2] = k * stress.xx, k * stress.yy, k * stress.zz
    pt[g, 3], pt[g, 4], pt[g, 5] = k * stress.xy, k * stress.xz, k * stress.yz
    return 0


@ti.func
def flow(pv: ti.template(), ps: ti.template(), pt: ti.template(), pi: ti.template(), ei: ti.template(), ef: ti.template(),
         mt: ti.template(), e,
         first, stride):  # fmt: skip
    """The share of one worker of an environment's particles."""
    row, base = row_of(ei, pi, e), mt.shape[0] // ei.shape[0] * e
    g = first
    count = ti.select(ei[e, col.NEEDED] < 0, ei[e, col.COUNT], 0)
    while 16 * g < count:
        flow_on_lanes(pv, ps, pt, pi, ef, mt, e, base, row // 16 + g)
        g += stride
