"""Every pair of shapes: least depth against an independent search and MuJoCo, symmetry, lanes against scalars, lane
independence.
"""

import numpy as np
import pytest

from tests.engine.collision import collision_reference as ref
from tests.engine.collision import collision_scenes as sc

SHAPES = ref.samples()
COUNT = 32


def poses(a, b, seed, deepest=4e-3):
    rng = np.random.default_rng(seed)
    return ref.shallow_poses(a, b, rng.uniform(1e-4, deepest, COUNT), rng, COUNT), rng


def local_minima(names):
    """Poses of a test that may miss the least depth by 1e-4 m: bodies with faces on both sides have many minima, see
    `convex`.
    """
    return 1 if set(names) <= {"box", "cylinder", "mesh"} and names != ("box", "box") else 0


def seed_of(names):
    return 100 + ref.PAIRS.index(names)


@pytest.mark.parametrize("names", ref.PAIRS, ids="-".join)
@pytest.mark.parametrize("precision", ["f32", "f64"])  # the outer loop: starting an engine costs seconds
def test_depth_is_the_least_width_and_the_normal_realizes_it(start, names, precision):
    start(precision)
    a, b = SHAPES[names[0]], SHAPES[names[1]]
    (pa, qa, pb, qb, n), rng = poses(a, b, seed_of(names))
    found = sc.collide(a, b, pa, qa, pb, qb)
    local = 0
    for k in range(COUNT):
        contacts = found.of(k)
        if a.kind == sc.PLANE:
            depth = float(((pa[k] - ref.support(b, pb[k], qb[k], -n[k][None])[0]) * n[k]).sum())
        else:
            depth, _ = ref.least_width(a, b, pa[k], qa[k], pb[k], qb[k], n[k], rng, rounds=16, samples=80)
        assert contacts or depth < 1e-5
        if contacts:
            ours, normal = -min(c[4] for c in contacts), contacts[0][3].astype(float)
            local += ours > depth + 1e-4
            assert np.linalg.norm(normal) == pytest.approx(1, abs=1e-5)
            width = ref.width(a, b, pa[k], qa[k], pb[k], qb[k], normal[None])[0] if a.kind != sc.PLANE else depth
            assert ours == pytest.approx(width, abs=2e-5), "depth and normal do not belong together"
    assert local <= local_minima(names), "the depth is not the least one"


@pytest.mark.parametrize("names", ref.PAIRS, ids="-".join)
def test_contacts_turn_and_move_with_the_scene(start, names):
    start("f64")
    a, b = SHAPES[names[0]], SHAPES[names[1]]
    (pa, qa, pb, qb, _), rng = poses(a, b, seed_of(names))
    turn, shift = sc.random_rotations(rng, 1)[0], rng.uniform(-3, 3, 3)
    m = ref.matrix(turn)
    first = sc.collide(a, b, pa, qa, pb, qb)
    second = sc.collide(a, b, pa @ m.T + shift, multiply(turn, qa), pb @ m.T + shift, multiply(turn, qb))
    agree, apart = 0, 0
    for k in range(COUNT):
        one, two = first.of(k), second.of(k)
        apart += min((c[4] for c in one), default=0) != pytest.approx(min((c[4] for c in two), default=0), abs=2e-5)
        agree += len(one) == len(two) and all(
            np.allclose(m @ c[2] + shift, d[2], atol=2e-4) and np.allclose(m @ c[3], d[3], atol=2e-3)
            for c, d in zip(one, two, strict=True)
        )
    assert apart <= local_minima(names)
    assert agree >= COUNT - 3  # ties between equally deep points may be told apart by rounding


def multiply(p, q):
    """Quaternion products of one p with many q."""
    w, v = q[:, :1], q[:, 1:]
    return np.concatenate([p[0] * w - v @ p[1:, None], p[0] * v + w * p[1:] + np.cross(np.tile(p[1:], (len(v), 1)), v)], 1)


@pytest.mark.parametrize("kind", ["sphere", "capsule", "box", "cylinder", "ellipsoid", "mesh"])
def test_swapping_two_shapes_of_a_kind_flips_the_normal(start, kind):
    start("f64")
    a = SHAPES[kind]
    (pa, qa, pb, qb, _), _ = poses(a, a, 7)
    first, second = sc.collide(a, a, pa, qa, pb, qb), sc.collide(a, a, pb, qb, pa, qa)
    apart = [min(c[4] for c in first.of(k)) != pytest.approx(min(c[4] for c in second.of(k)), abs=1e-4) for k in range(COUNT)]
    assert sum(apart) <= local_minima((kind, kind))
    flipped = [np.allclose(first.of(k)[0][3], -second.of(k)[0][3], atol=2e-3) for k in range(COUNT)]
    assert np.mean(flipped) > 0.8  # others have two directions of nearly equal depth


def mujoco_distance(a, b, pa, qa, pb, qb):
    """Signed distance of one pose by mj_geomDistance."""
    import mujoco

    spec = mujoco.MjSpec()
    types = {sc.SPHERE: "SPHERE", sc.CAPSULE: "CAPSULE", sc.BOX: "BOX", sc.CYLINDER: "CYLINDER", sc.ELLIPSOID: "ELLIPSOID"}
    for s, p, q in ((a, pa, qa), (b, pb, qb)):
        kind = getattr(mujoco.mjtGeom, "mjGEOM_" + types[s.kind])
        spec.worldbody.add_body(pos=p, quat=q, mocap=True).add_geom(type=kind, size=s.size)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    line = np.zeros(6)
    return mujoco.mj_geomDistance(model, data, 0, 1, 1.0, line)


@pytest.mark.parametrize("names", [p for p in ref.PAIRS if "mesh" not in p and "plane" not in p], ids="-".join)
def test_signed_distance_agrees_with_mujoco(start, names):
    start("f64")
    a, b = SHAPES[names[0]], SHAPES[names[1]]
    (pa, qa, pb, qb, _), _ = poses(a, b, 1000 + seed_of(names), 2e-3)
    found = sc.collide(a, b, pa, qa, pb, qb)
    gap = [
        -mujoco_distance(a, b, *(x[k] for x in (pa, qa, pb, qb))) + min((c[4] for c in found.of(k)), default=0.0)
        for k in range(COUNT)
    ]
    assert np.sum(np.array(gap) < -1e-4) <= local_minima(names), "deeper than MuJoCo's depth"
    assert np.median(np.abs(gap)) < 1e-6


def all_shapes(rng, envs):
    """One scene of every shape and pair, in a heap, with poses (env, shape)."""
    shapes = [SHAPES[n] for n in ref.ORDER]
    pairs = [(ref.ORDER.index(a), ref.ORDER.index(b)) for a, b in ref.PAIRS]
    position = rng.uniform(-0.35, 0.35, (envs, len(shapes), 3))
    position[:, 0] = [0, 0, -0.3]
    rotation = sc.random_rotations(rng, envs * len(shapes)).reshape(envs, len(shapes), 4)
    rotation[:, 0] = sc.IDENTITY
    return shapes, pairs, position, rotation


def same_contacts(one, two):
    """Bitwise equality of two lists of contacts."""
    return len(one) == len(two) and all(
        a[:2] == b[:2] and np.array_equal(a[2], b[2]) and np.array_equal(a[3], b[3]) and a[4] == b[4]
        for a, b in zip(one, two, strict=True)
    )


@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_lanes_give_the_bits_of_scalars(start, precision):
    shapes, pairs, position, rotation = all_shapes(np.random.default_rng(3), 12)
    start(precision)
    wide = sc.World(shapes, pairs, 12, 200).find(position, rotation)
    start(precision, lanes=1)
    narrow = sc.World(shapes, pairs, 12, 200).find(position, rotation)
    assert sum(len(wide.of(k)) for k in range(12)) > 100
    assert all(same_contacts(wide.of(k), narrow.of(k)) for k in range(12))


def test_a_lane_does_not_feel_its_neighbours(start):
    start("f32")
    rng = np.random.default_rng(4)
    shapes, pairs, position, rotation = all_shapes(rng, 16)
    world = sc.World(shapes, pairs, 16, 200)
    alone = world.find(position, rotation)
    for k in (0, 5, 15):
        _, _, other_position, other_rotation = all_shapes(rng, 16)
        other_position[rng.random(16) < 0.3] *= 20.0
        other_position[k], other_rotation[k] = position[k], rotation[k]
        assert same_contacts(alone.of(k), world.find(other_position, other_rotation).of(k))
