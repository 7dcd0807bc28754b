"""Contact of vertices with rigid shapes: for every vertex the two nearest shapes, as planes that move with their bodies.

Signed distance in the frame of the shape: plane, sphere, capsule, box and cylinder exactly, ellipsoid to first order near its
surface, convex mesh as the largest of its face planes (exact inside and off a face). The plane of a contact is that of the
begin of the
substep, moved by the body's velocity there. A contact with the same shape as before keeps its forces, times the share
that the body's own supports carried.
"""

from engine.compiler import element, macro, ti, variable
from engine.math.lanes import absolute, any_lane, clamp, like, maximum, minimum
from engine.math.vec3 import add, add_scaled, cross, dot, norm, scale, select3, sub, vec3
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.laws import put3, row3

FAR = 1e6
PLANE, SPHERE, CAPSULE, BOX, CYLINDER, ELLIPSOID, MESH = 0, 1, 2, 3, 4, 5, 6


@macro
def scalar3(sh, e, at, x):
    """Three scalars of a table as a vector of lanes like x."""
    o, e, at = variable(x.x * 0.0), variable(e), variable(at)
    return vec3(*(variable(o + element(sh, e, at + i)) for i in range(3)))


@ti.func
def unit_or(v, fallback):
    """v normalized, or the fallback where it is zero; and its length."""
    far = norm(v)
    return select3(far > 1e-9, scale(v, 1.0 / maximum(far, like(far, 1e-9))), fallback), far


@macro
def signs(x):
    x = variable(x)
    return ti.select(x < 0.0, like(x, -1.0), like(x, 1.0))


@ti.func
def off_box(p, half):
    """Distance to a box and outward normal."""
    o = like(p.x, 0.0)
    q = vec3(absolute(p.x) - half.x, absolute(p.y) - half.y, absolute(p.z) - half.z)
    out = vec3(maximum(q.x, o), maximum(q.y, o), maximum(q.z, o))
    inner = maximum(q.x, maximum(q.y, q.z))
    one = like(p.x, 1.0)
    on_x, on_y = q.x >= inner, q.y >= inner
    face = select3(on_x, vec3(one, o, o), select3(on_y, vec3(o, one, o), vec3(o, o, one)))
    n, far = unit_or(out, face)
    n = vec3(n.x * signs(p.x), n.y * signs(p.y), n.z * signs(p.z))
    return n, ti.select(inner > 0.0, far, inner)


@ti.func
def off_cylinder(p, radius, half):
    """Distance to a cylinder about z and outward normal: a box in (distance from the axis, height)."""
    o, one = like(p.x, 0.0), like(p.x, 1.0)
    axial = ti.sqrt(p.x * p.x + p.y * p.y)
    safe = maximum(axial, like(p.x, 1e-9))
    ux, uy = ti.select(axial > 1e-9, p.x / safe, one), ti.select(axial > 1e-9, p.y / safe, o)
    q = vec3(axial - radius, o, absolute(p.z) - half)
    out = vec3(maximum(q.x, o), o, maximum(q.z, o))
    inner = maximum(q.x, q.z)
    n, far = unit_or(out, select3(q.x >= q.z, vec3(one, o, o), vec3(o, o, one)))
    return vec3(n.x * ux, n.x * uy, n.z * signs(p.z)), ti.select(inner > 0.0, far, inner)


@ti.func
def off_ellipsoid(p, half):
    """Distance to an ellipsoid, to first order near its surface, and outward normal."""
    a = vec3(p.x / half.x, p.y / half.y, p.z / half.z)
    b = vec3(a.x / half.x, a.y / half.y, a.z / half.z)
    k0, k1 = norm(a), maximum(norm(b), like(p.x, 1e-9))
    least = minimum(half.x, minimum(half.y, half.z))
    o = like(p.x, 0.0)
    n, _ = unit_or(b, vec3(o, o, like(p.x, 1.0)))
    return n, ti.select(k0 < 1e-4, 0.0 - least, k0 * (k0 - 1.0) / k1)


@ti.func
def off_hull(sh: ti.template(), planes: ti.template(), e, at, p):
    """Distance to a convex mesh as the largest over its planes, and the normal of that plane."""
    o = like(p.x, 0.0)
    n, best = vec3(o, o, like(p.x, 1.0)), like(p.x, 0.0 - FAR)
    first = ti.cast(sh[e, at + col.PLANES], ti.i32)
    for k in range(first, first + ti.cast(sh[e, at + col.PLANES + 1], ti.i32)):
        m = vec3(o + planes[k, 0], o + planes[k, 1], o + planes[k, 2])
        d = dot(m, p) - planes[k, 3]
        n = select3(d > best, m, n)
        best = maximum(best, d)
    return n, best


@ti.func
def off_shape(sh: ti.template(), planes: ti.template(), e, at, p):
    """Outward normal and signed distance of points p in the frame of a shape."""
    o = like(p.x, 0.0)
    up = vec3(o, o, like(p.x, 1.0))
    n, d = up, p.z
    kind = ti.cast(sh[e, at + col.TYPE], ti.i32)
    half = scalar3(sh, e, at + col.EXTENT, p)
    if kind == SPHERE or kind == CAPSULE:
        tall = half.y * ti.cast(ti.select(kind == CAPSULE, 1, 0), ti.f32)
        n, d = unit_or(vec3(p.x, p.y, p.z - clamp(p.z, 0.0 - tall, tall)), up)
        d = d - half.x
    elif kind == BOX:
        n, d = off_box(p, half)
    elif kind == CYLINDER:
        n, d = off_cylinder(p, half.x, half.y)
    elif kind == ELLIPSOID:
        n, d = off_ellipsoid(p, half)
    elif kind == MESH:
        n, d = off_hull(sh, planes, e, at, p)
    return n, d


@ti.func
def into(sh: ti.template(), e, at, v):
    """v from W to the frame of a shape, its matrix in rows at `at`."""
    r0, r1, r2 = scalar3(sh, e, at, v), scalar3(sh, e, at + 3, v), scalar3(sh, e, at + 6, v)
    return add(add(scale(r0, v.x), scale(r1, v.y)), scale(r2, v.z))


@ti.func
def out_of(sh: ti.template(), e, at, v):
    """v from the frame of a shape to W."""
    return vec3(dot(scalar3(sh, e, at, v), v), dot(scalar3(sh, e, at + 3, v), v), dot(scalar3(sh, e, at + 6, v), v))


@ti.func
def clear_contact(ws: ti.template(), e, at, x):
    """No contact at row `at`."""
    o = like(x.x, 0.0)
    for k in range(col.CONTACT_WIDTH):
        ws[e, at + k] = o
    ws[e, at + col.GAP] = like(x.x, FAR)


def insert(ws, e, first, gap, values):
    """Keep the two nearest shapes of every lane, the nearest first; `values`: offset of a row in a contact -> its value."""
    e, first, gap = variable(e), variable(first), variable(gap)
    second = variable(first + col.CONTACT_WIDTH)
    nearer = variable(gap < element(ws, e, first + col.GAP))
    better = variable(gap < element(ws, e, second + col.GAP))
    for k, value in (*values, (col.GAP, gap)):
        a, b = variable(element(ws, e, first + k)), variable(element(ws, e, second + k))
        element(ws, e, second + k)._assign(ti.select(nearer, a, ti.select(better, value, b)))
        element(ws, e, first + k)._assign(ti.select(nearer, value, a))


@macro
def put_plane(ws, e, first, gap, n, u, offset, rubbing, number):
    """Offer a contact plane to the lists of all lanes."""
    rows = ((0, n.x), (1, n.y), (2, n.z), (col.OFFSET, offset), (4, u.x), (5, u.y), (6, u.z))
    insert(ws, e, first, gap, (*rows, (col.FRICTION, rubbing), (col.SHAPE, number)))


@ti.func
def warm(ws: ti.template(), e, at, was, pressed, rubbed):
    """Take over the forces of the last contact with the same shape."""
    same = ws[e, at + col.SHAPE] == was
    kept = ti.select(was > 0.5, ti.select(same, like(was, 1.0), like(was, 0.0)), like(was, 0.0))
    ws[e, at + col.PRESS] = ws[e, at + col.PRESS] + pressed * kept
    put3(ws, e, at + col.RUB, add_scaled(row3(ws, e, at + col.RUB), rubbed, kept))


@ti.func
def turned_ahead(sh: ti.template(), planes: ti.template(), e, at, d, n, way):
    """The normal n of a round shape at d, where its vertex will be after sliding along `way`, by at most half of its radius.

    With the normal of the begin, what slides around a bend is pushed back by the share v dt / R of the normal force, so that a
    rope over a post ran as if rubbed.
    """
    slide = add_scaled(way, n, 0.0 - dot(n, way))
    far, most = norm(slide), 0.5 * sh[e, at + col.EXTENT]
    slide = scale(slide, minimum(like(far, 1.0), most / maximum(far, like(far, 1e-9))))
    ahead, _gap = off_shape(sh, planes, e, at, into(sh, e, at + col.TURN, add(d, slide)))
    return out_of(sh, e, at + col.TURN, ahead)


@ti.func
def meet(ws: ti.template(), prm: ti.template(), sh: ti.template(), planes: ti.template(), e, base, p, s, x, v):
    """Offer shape s to the vertices at x, unless all of them are far from its bounding ball."""
    at, dt = s * col.SHAPE_WIDTH, prm[e, col.DT]
    d = sub(x, scalar3(sh, e, at + col.PLACE, x))
    reach = sh[e, at + col.BALL] + 2.0 * prm[e, p + col.RADIUS] + 0.02 + 2.0 * dt * norm(v)
    if any_lane(norm(d) < reach) == 1:
        n, gap = off_shape(sh, planes, e, at, into(sh, e, at + col.TURN, d))
        n = out_of(sh, e, at + col.TURN, n)
        gap = gap - prm[e, p + col.RADIUS]
        arm = sub(x, scalar3(sh, e, at + col.CENTRE, x))
        u = scale(add(scalar3(sh, e, at + col.LINEAR, x), cross(scalar3(sh, e, at + col.ANGULAR, x), arm)), dt)
        round_shape = ti.cast(sh[e, at + col.TYPE], ti.i32)
        if round_shape != PLANE and round_shape != BOX and round_shape != MESH:
            n = turned_ahead(sh, planes, e, at, d, n, sub(scale(v, dt), u))
        offset = dot(n, x) - gap + dot(n, u)
        rubbing = like(x.x, 0.0) + ti.max(sh[e, at + col.SLIDING], prm[e, p + col.RUBBING])
        number = like(x.x, 0.0) + ti.cast(s + 1, ti.f32)
        put_plane(ws, e, base + col.CONTACT, gap, n, u, offset, rubbing, number)


@ti.func
def touch_group(mi: ti.template(), ws: ti.template(), prm: ti.template(), sh: ti.template(), planes: ti.template(), e, g):
    """New contacts of the vertices of group g; GRIP becomes 1 where one may press in this substep."""
    base = g * col.WIDTH
    p = col.ENV_WIDTH + mi[g * col.GROUP_INTS + col.OBJECT] * col.OBJECT_WIDTH
    first, second = base + col.CONTACT, base + col.CONTACT + col.CONTACT_WIDTH
    x, v = row3(ws, e, base + col.X), row3(ws, e, base + col.V)
    was0, was1 = ws[e, first + col.SHAPE], ws[e, second + col.SHAPE]
    press0, press1 = ws[e, first + col.PRESS], ws[e, second + col.PRESS]
    rub0, rub1 = row3(ws, e, first + col.RUB), row3(ws, e, second + col.RUB)
    clear_contact(ws, e, first, x)
    clear_contact(ws, e, second, x)
    for s in range(sh.shape[1] // col.SHAPE_WIDTH):
        meet(ws, prm, sh, planes, e, base, p, s, x, v)
    for c in range(col.CONTACTS):
        at = first + c * col.CONTACT_WIDTH
        warm(ws, e, at, was0, press0, rub0)
        warm(ws, e, at, was1, press1, rub1)
        way = sub(scale(v, prm[e, col.DT]), row3(ws, e, at + col.MOTION))
        ahead = ws[e, at + col.GAP] + dot(row3(ws, e, at + col.NORMAL), way)
        near = (ahead < 0.2 * prm[e, p + col.RADIUS]) | (ws[e, at + col.PRESS] > 0.0)
        ws[e, at + col.GRIP] = ti.select(near, like(x.x, 1.0), like(x.x, 0.0))


@ti.kernel
def touch(
    mi: ti.types.ndarray(ndim=1),
    ws: ti.types.ndarray(ndim=2),
    prm: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2),
    planes: ti.types.ndarray(ndim=2),
    workers: ti.i32,
    chunk: ti.i32,
):
    """Contacts with rigid shapes of all vertices."""
    groups = ws.shape[1] // col.WIDTH
    for q in range(workers * chunk):
        i = ws.shape[0] * groups
        if q % chunk == 0:
            i = q // chunk
        while i < ws.shape[0] * groups:
            touch_group(mi, ws, prm, sh, planes, i // groups, i % groups)
            i += workers
