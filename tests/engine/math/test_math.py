"""Every function of engine.math against numpy, in every real type: f32 and f64 as scalars, 16 f32 lanes, 8 f64 lanes.

One kernel evaluates everything for a row of random inputs per environment, in the memory order of that real type, so `ld`,
`st` and their kin are tested by it too.
"""

import numpy as np
import pytest

from engine import runtime
from engine.compiler import ti
from engine.math import lanes, memory, quat, spatial, vec3
from engine.model import env_rows, lanes_first

ENVS = 48
CASES = [("f32", None), ("f32", 1), ("f64", None), ("f64", 1)]
# input slots: a 0-2, b 3-5, p 6-9, q 10-13 (unit quaternions), v6 14-19, u6 20-25, inertia 26-35, x 36, y 37, angle 38,
# exponent 39, small vector 40-42
INPUTS = 43


@ti.func
def put(out: ti.template(), g, at, value):
    memory.st(out, g, at, value)
    return at + 1


@ti.func
def put3(out: ti.template(), g, at, v):
    memory.st3(out, g, at, v)
    return at + 3


@ti.kernel
def elementary(given: ti.types.ndarray(ndim=2), out: ti.types.ndarray(ndim=2), groups: ti.i32):
    for g in range(groups):
        x, y, angle, e = memory.ld(given, g, 36), memory.ld(given, g, 37), memory.ld(given, g, 38), memory.ld(given, g, 39)
        n = put(out, g, 0, lanes.like(x, 2.5))
        n = put(out, g, n, lanes.neg(x))
        n = put(out, g, n, lanes.absolute(x))
        n = put(out, g, n, lanes.minimum(x, y))
        n = put(out, g, n, lanes.maximum(x, y))
        n = put(out, g, n, lanes.clamp(x, lanes.like(x, -0.5), lanes.like(x, 0.5)))
        n = put(out, g, n, lanes.sign(x))
        n = put(out, g, n, lanes.reciprocal_sqrt(lanes.absolute(x)))
        s, c = lanes.sincos(angle)
        n = put(out, g, n, s)
        n = put(out, g, n, c)
        n = put(out, g, n, lanes.arctan2(y, x))
        n = put(out, g, n, lanes.arccos(x))
        n = put(out, g, n, lanes.exp2_integer(ti.floor(angle)))
        n = put(out, g, n, lanes.exponential(e))
        n = put(out, g, n, lanes.logarithm(lanes.absolute(x) * lanes.exponential(e)))
        n = put(out, g, n, lanes.power(x, y))
        some, every = lanes.any_lane(x > 0.9), lanes.all_lanes(x > -0.9)
        n = put(out, g, n, lanes.like(x, 1.0) * some)
        n = put(out, g, n, lanes.like(x, 1.0) * every)
        n = put(out, g, n, lanes.like(x, 1.0) * lanes.lane(x, 0))


@ti.kernel
def vectors(given: ti.types.ndarray(ndim=2), out: ti.types.ndarray(ndim=2), groups: ti.i32):
    for g in range(groups):
        a, b, x = memory.ld3(given, g, 0), memory.ld3(given, g, 3), memory.ld(given, g, 36)
        n = put3(out, g, 0, vec3.add(a, b))
        n = put3(out, g, n, vec3.sub(a, b))
        n = put3(out, g, n, vec3.scale(a, x))
        n = put3(out, g, n, vec3.add_scaled(a, b, x))
        n = put3(out, g, n, vec3.neg3(a))
        n = put3(out, g, n, vec3.mul3(a, b))
        n = put3(out, g, n, vec3.cross(a, b))
        n = put3(out, g, n, vec3.normalized(a))
        n = put3(out, g, n, vec3.select3(x > 0.0, a, b))
        n = put3(out, g, n, vec3.zero3(x))
        n = put3(out, g, n, vec3.vec3(x, a.y, b.z))
        t1, t2 = vec3.tangents(vec3.normalized(a))
        n = put3(out, g, n, t1)
        n = put3(out, g, n, t2)
        n = put(out, g, n, vec3.dot(a, b))
        n = put(out, g, n, vec3.norm(a))


@ti.kernel
def rotations(given: ti.types.ndarray(ndim=2), out: ti.types.ndarray(ndim=2), groups: ti.i32):
    for g in range(groups):
        a, small, angle = memory.ld3(given, g, 0), memory.ld3(given, g, 40), memory.ld(given, g, 38)
        p, q = memory.ld_quat(given, g, 6), memory.ld_quat(given, g, 10)
        memory.st_quat(out, g, 0, quat.quat_mul(p, q))
        memory.st_quat(out, g, 4, quat.quat_conj(p))
        memory.st_quat(out, g, 8, quat.quat_normalized(quat.quat(p.w * 3.0, p.x * 3.0, p.y * 3.0, p.z * 3.0)))
        memory.st_quat(out, g, 12, quat.quat_identity(angle))
        memory.st_quat(out, g, 16, quat.quat_axis_angle(vec3.normalized(a), angle))
        memory.st_quat(out, g, 20, quat.quat_exp(a))
        memory.st_quat(out, g, 24, quat.quat_exp(small))
        memory.st3(out, g, 28, quat.rotate(p, a))
        memory.st3(out, g, 31, quat.rotate_back(p, a))
        memory.st3(out, g, 34, quat.quat_log(p))
        memory.st3(out, g, 37, quat.quat_log(quat.quat_exp(small)))
        memory.st3(out, g, 40, memory.ldm3(given, g, 0))
        memory.st_quat(out, g, 43, memory.ldm_quat(given, g, 6))
        memory.st(out, g, 47, memory.ldm(given, g, 36))


@ti.kernel
def spatials(given: ti.types.ndarray(ndim=2), out: ti.types.ndarray(ndim=2), groups: ti.i32):
    for g in range(groups):
        v, u, x, a = spatial.ld6(given, g, 14), spatial.ld6(given, g, 20), memory.ld(given, g, 36), memory.ld3(given, g, 0)
        spatial.st6(out, g, 0, spatial.add6(v, u))
        spatial.st6(out, g, 6, spatial.scale6(v, x))
        spatial.st6(out, g, 12, spatial.cross_motion(v, u))
        spatial.st6(out, g, 18, spatial.cross_force(v, u))
        inertia = spatial.ld_inertia(given, g, 26)
        spatial.st6(out, g, 24, spatial.inertia_mul(inertia, v))
        spatial.st_inertia(out, g, 30, inertia)
        spatial.st6(out, g, 40, spatial.zero6(x))
        spatial.st6(out, g, 46, spatial.spatial(a, u.l))
        memory.st3(out, g, 52, spatial.velocity_at(v, a))
        memory.st(out, g, 55, spatial.dot6(v, u))


@pytest.fixture(scope="module", params=CASES, ids=["f32x16", "f32", "f64x8", "f64"])
def bench(request):
    """run(kernel, width) -> (inputs in f64 as the device saw them, outputs, tolerance, lanes)."""
    precision, width = request.param
    engine = runtime.init("cpu", precision=precision, lanes=width)
    rng = np.random.default_rng(11)
    given = rng.uniform(-1, 1, (ENVS, INPUTS))
    q = given[:, 6:14].reshape(-1, 2, 4)
    given[:, 6:14] = (q / np.linalg.norm(q, axis=2, keepdims=True)).reshape(-1, 8)
    given[:, 38] *= 40.0
    given[:, 39] *= 20.0
    given[:, 40:43] *= 1e-7
    given[0, 40:43] = 0.0
    given = given.astype(engine.dtype)
    major = runtime.LAYOUT.group_major

    def run(kernel, slots):
        real, groups = engine.real(engine.lanes), ENVS // engine.lanes
        packed = lanes_first(given, engine.lanes, major)
        inputs = ti.ndarray(real, packed.shape[:2])
        inputs.from_numpy(packed)
        outputs = ti.ndarray(real, (groups, slots) if major else (slots, groups))
        kernel(inputs, outputs, groups)
        return given.astype(float), env_rows(outputs.to_numpy(), engine.lanes, major).astype(float), engine

    return run


def tolerance(engine):
    return 1e-6 if engine.precision == "f32" else 2e-14


def check(got, want, tol):
    assert np.allclose(got, np.reshape(want, got.shape), rtol=tol, atol=tol)


def test_elementary_functions_follow_numpy(bench):
    given, got, engine = bench(elementary, 19)
    x, y, angle, e = given[:, 36], given[:, 37], given[:, 38], given[:, 39]
    tol = tolerance(engine)
    exact = [np.full(ENVS, 2.5), -x, np.abs(x), np.minimum(x, y), np.maximum(x, y), np.clip(x, -0.5, 0.5), np.sign(x)]
    for k, want in enumerate(exact):
        assert np.array_equal(got[:, k], want), k
    check(got[:, 7], 1 / np.sqrt(np.abs(x)), tol)
    check(got[:, 8], np.sin(angle), tol)
    check(got[:, 9], np.cos(angle), tol)
    check(got[:, 10], np.arctan2(y, x), tol)
    check(got[:, 11], np.arccos(x), tol)
    assert np.array_equal(got[:, 12], 2.0 ** np.floor(angle))
    check(got[:, 13] / np.exp(e), np.ones(ENVS), tol)
    check(got[:, 14], np.log(np.abs(x)) + e, 10 * tol)
    check(got[:, 15], np.where(x > 0, np.abs(x) ** y, 0.0), 5 * tol)
    groups = x.reshape(-1, engine.lanes)
    for column, want in ((16, (groups > 0.9).any(1)), (17, (groups > -0.9).all(1)), (18, groups[:, 0])):
        assert np.array_equal(
            got[:, column].reshape(groups.shape), np.repeat(np.asarray(want, float)[:, None], engine.lanes, 1)
        )


def test_vectors_follow_numpy(bench):
    given, got, engine = bench(vectors, 41)
    a, b, x, tol = given[:, :3], given[:, 3:6], given[:, 36:37], tolerance(engine)
    unit = a / np.linalg.norm(a, axis=1, keepdims=True)
    wanted = [a + b, a - b, a * x, a + b * x, -a, a * b, np.cross(a, b), unit, np.where(x > 0, a, b), np.zeros_like(a)]
    wanted.append(np.stack([x[:, 0], a[:, 1], b[:, 2]], 1))
    for k, want in enumerate(wanted):
        check(got[:, 3 * k : 3 * k + 3], want, tol)
    t1, t2 = got[:, 33:36], got[:, 36:39]
    check(np.cross(t1, t2), unit, 4 * tol)
    check((t1 * t2).sum(1), np.zeros(ENVS), 4 * tol)
    check(np.linalg.norm(t1, axis=1), np.ones(ENVS), 4 * tol)
    check(got[:, 39], (a * b).sum(1), tol)
    check(got[:, 40], np.linalg.norm(a, axis=1), tol)


def hamilton(p, q):
    """Quaternion product, rows (w, x, y, z)."""
    w = p[:, 0] * q[:, 0] - (p[:, 1:] * q[:, 1:]).sum(1)
    return np.concatenate([w[:, None], p[:, :1] * q[:, 1:] + q[:, :1] * p[:, 1:] + np.cross(p[:, 1:], q[:, 1:])], 1)


def turned(q, v):
    zero = np.zeros((len(v), 1))
    return hamilton(hamilton(q, np.concatenate([zero, v], 1)), q * [1, -1, -1, -1])[:, 1:]


def rotation_of(v):
    angle = np.linalg.norm(v, axis=1, keepdims=True)
    return np.concatenate([np.cos(angle / 2), 0.5 * np.sinc(angle / (2 * np.pi)) * v], 1)


def test_quaternions_follow_numpy(bench):
    given, got, engine = bench(rotations, 48)
    a, p, q, angle, small = given[:, :3], given[:, 6:10], given[:, 10:14], given[:, 38:39], given[:, 40:43]
    tol = 4 * tolerance(engine)
    unit = a / np.linalg.norm(a, axis=1, keepdims=True)
    check(got[:, :4], hamilton(p, q), tol)
    check(got[:, 4:8], p * [1, -1, -1, -1], 0.0)
    check(got[:, 8:12], p, tol)
    check(got[:, 12:16], np.tile([1.0, 0, 0, 0], (ENVS, 1)), 0.0)
    check(got[:, 16:20], np.concatenate([np.cos(angle / 2), np.sin(angle / 2) * unit], 1), tol)
    check(got[:, 20:24], rotation_of(a), tol)
    check(got[:, 24:28], rotation_of(small), tol)
    check(got[:, 28:31], turned(p, a), tol)
    check(got[:, 31:34], turned(p * [1, -1, -1, -1], a), tol)
    log = got[:, 34:37]
    assert (np.linalg.norm(log, axis=1) <= np.pi + 1e-6).all()
    check(rotation_of(log) * np.sign((rotation_of(log) * p).sum(1))[:, None], p, tol)
    check(got[:, 37:40] * 1e7, small * 1e7, 1e-5)
    check(got[:, 40:43], a, 0.0)
    check(got[:, 43:47], p, 0.0)
    check(got[:, 47], given[:, 36], 0.0)


def cross_matrix(v):
    o = np.zeros(len(v))
    return np.array([[o, -v[:, 2], v[:, 1]], [v[:, 2], o, -v[:, 0]], [-v[:, 1], v[:, 0], o]]).transpose(2, 0, 1)


def test_spatial_algebra_follows_the_matrix_forms(bench):
    given, got, engine = bench(spatials, 56)
    v, u, body, x, a = given[:, 14:20], given[:, 20:26], given[:, 26:36], given[:, 36:37], given[:, :3]
    tol = 4 * tolerance(engine)
    angular, linear, zero = cross_matrix(v[:, :3]), cross_matrix(v[:, 3:]), np.zeros((ENVS, 3, 3))
    motion = np.block([[angular, zero], [linear, angular]])
    check(got[:, :6], v + u, tol)
    check(got[:, 6:12], v * x, tol)
    check(got[:, 12:18], np.einsum("nij,nj->ni", motion, u), tol)
    check(got[:, 18:24], np.einsum("nij,nj->ni", -motion.transpose(0, 2, 1), u), tol)
    xx, yy, zz, xy, xz, yz = body[:, :6].T
    rotational = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]).transpose(2, 0, 1)
    h, mass = cross_matrix(body[:, 6:9]), body[:, 9][:, None, None] * np.eye(3)
    inertia = np.block([[rotational, h], [h.transpose(0, 2, 1), mass]])
    check(got[:, 24:30], np.einsum("nij,nj->ni", inertia, v), tol)
    check(got[:, 30:40], body, 0.0)
    check(got[:, 40:46], np.zeros((ENVS, 6)), 0.0)
    check(got[:, 46:52], np.concatenate([a, u[:, 3:]], 1), 0.0)
    check(got[:, 52:55], v[:, 3:] + np.cross(v[:, :3], a), tol)
    check(got[:, 55], (v * u).sum(1), tol)
