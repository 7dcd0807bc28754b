"""Independent references in numpy f64: support functions, the least width of the Minkowski difference, and poses of a given
depth.
"""

import numpy as np

from tests.engine.collision import collision_scenes as sc


def matrix(q):
    """Rotation matrices (..., 3, 3) of quaternions (..., 4)."""
    w, x, y, z = np.moveaxis(np.asarray(q, float), -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


def local_support(shape, d):
    """Support points (n, 3) of a shape in its frame for directions (n, 3)."""
    s = np.asarray(shape.size, float)
    unit = d / np.linalg.norm(d, axis=1, keepdims=True)
    sign = np.where(d < 0, -1.0, 1.0)
    if shape.kind == sc.SPHERE:
        return s[0] * unit
    if shape.kind == sc.CAPSULE:
        return s[0] * unit + sign * [0, 0, s[1]]
    if shape.kind == sc.BOX:
        return sign * s
    if shape.kind == sc.CYLINDER:
        flat = d * [1, 1, 0]
        return s[0] * flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-300) + sign * [0, 0, s[1]]
    if shape.kind == sc.ELLIPSOID:
        return s * s * d / np.linalg.norm(s * d, axis=1, keepdims=True)
    vertices = shape.mesh.vertices * s
    return vertices[np.argmax(d @ vertices.T, axis=1)]


def support(shape, p, q, d):
    m = matrix(q)
    return p + local_support(shape, d @ m) @ m.T


def width(a, b, pa, qa, pb, qb, n):
    """Overlap along unit directions n (k, 3) from a to b."""
    if a.kind == sc.PLANE:
        raise ValueError("a plane has no support")
    return np.einsum("ij,ij->i", support(a, pa, qa, n) - support(b, pb, qb, -n), n)


def least_width(a, b, pa, qa, pb, qb, start, rng, rounds=24, samples=160):
    """Depth (least width) near and beyond `start`, and its direction: sampling of the whole sphere, then shrinking
    neighbourhoods.
    """
    n = np.concatenate([start[None], rng.standard_normal((1500, 3)), start + 0.3 * rng.standard_normal((500, 3))])
    n /= np.linalg.norm(n, axis=1, keepdims=True)
    h = width(a, b, pa, qa, pb, qb, n)
    best, value, radius = n[np.argmin(h)], h.min(), 0.2
    for _ in range(rounds):
        n = best + radius * rng.standard_normal((samples, 3))
        n /= np.linalg.norm(n, axis=1, keepdims=True)
        h = width(a, b, pa, qa, pb, qb, n)
        if h.min() < value:
            best, value = n[np.argmin(h)], h.min()
        radius *= 0.6
    return value, best


def shallow_poses(a, b, depth, rng, count):
    """Random poses in which the overlap along a random direction is `depth` (count,); returns pa, qa, pb, qb, direction."""
    qa, qb = sc.random_rotations(rng, count), sc.random_rotations(rng, count)
    n = rng.standard_normal((count, 3))
    n /= np.linalg.norm(n, axis=1, keepdims=True)
    pa = rng.uniform(-1, 1, (count, 3))
    pb = np.zeros((count, 3))
    for k in range(count):
        d = n[k]
        if a.kind == sc.PLANE:
            d = n[k] = matrix(qa[k])[:, 2]
            touch = pa[k]
        else:
            touch = support(a, pa[k], qa[k], d[None])[0]
        pb[k] = touch - d * depth[k] - support(b, np.zeros(3), qb[k], -d[None])[0]
    return pa, qa, pb, qb, n


def samples():
    """One shape of every kind, about half a metre large, with hulls that are irregular."""
    rng = np.random.default_rng(5)
    rough = rng.standard_normal((24, 3))
    rough *= 0.4 / np.linalg.norm(rough, axis=1, keepdims=True)
    return {
        "plane": sc.plane(),
        "sphere": sc.sphere(0.3),
        "capsule": sc.capsule(0.15, 0.35),
        "box": sc.box(0.3, 0.2, 0.4),
        "cylinder": sc.cylinder(0.25, 0.3),
        "ellipsoid": sc.ellipsoid(0.2, 0.3, 0.4),
        "mesh": sc.mesh(rough, scale=(1.0, 0.8, 1.2)),
    }


ORDER = ("plane", "sphere", "capsule", "box", "cylinder", "ellipsoid", "mesh")
PAIRS = [(a, b) for i, a in enumerate(ORDER) for b in ORDER[i:] if b != "plane"]
