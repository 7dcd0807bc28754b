"""Contacts with a wavy height field against MuJoCo: depth and normal of the deepest contact."""

import mujoco
import numpy as np
import pytest

import engine

ROWS, COLUMNS, HALF = 21, 25, (1.2, 1.0)
COUNT = 16
GEOM = mujoco.mjtGeom
SHAPES = {
    "sphere": (engine.Sphere(0.1), GEOM.mjGEOM_SPHERE, [0.1, 0, 0]),
    "capsule": (engine.Capsule(0.08, 0.4), GEOM.mjGEOM_CAPSULE, [0.08, 0.2, 0]),
    "cylinder": (engine.Cylinder(0.1, 0.3), GEOM.mjGEOM_CYLINDER, [0.1, 0.15, 0]),
    "ellipsoid": (engine.Ellipsoid((0.1, 0.15, 0.2)), GEOM.mjGEOM_ELLIPSOID, [0.1, 0.15, 0.2]),
    "box": (engine.Box((0.4, 0.3, 0.2)), GEOM.mjGEOM_BOX, [0.2, 0.15, 0.1]),
}


@pytest.fixture(autouse=True, scope="module")
def engine_f64():
    engine.init("cpu", precision="f64", threads=1)


def heights() -> np.ndarray:
    x, y = np.meshgrid(np.linspace(-HALF[0], HALF[0], COLUMNS), np.linspace(-HALF[1], HALF[1], ROWS))
    wave = 0.05 * np.sin(3 * x) * np.cos(2.5 * y)
    return wave - wave.min()


def in_mujoco(kind, size):
    spec, h = mujoco.MjSpec(), heights()
    spec.add_hfield(name="h", nrow=ROWS, ncol=COLUMNS, size=[*HALF, h.max(), 0.2], userdata=(h / h.max()).reshape(-1))
    spec.worldbody.add_geom(type=GEOM.mjGEOM_HFIELD, hfieldname="h")
    body = spec.worldbody.add_body()
    body.add_freejoint()
    body.add_geom(type=kind, size=size)
    model = spec.compile()
    return model, mujoco.MjData(model)


def contacts_at(model, data, q):
    """MuJoCo's contacts at the pose q, the deepest first: (distance, upward normal)."""
    data.qpos[:] = q
    mujoco.mj_kinematics(model, data)
    mujoco.mj_collision(model, data)
    return sorted(((c.dist, c.frame[:3].copy()) for c in data.contact), key=lambda c: c[0])


def poses(model, data):
    """Random poses whose MuJoCo depth is 0.5 to 4 mm."""
    rng = np.random.default_rng(1)
    q = np.zeros((COUNT, 7))
    q[:, :2], q[:, 3:] = rng.uniform(-0.7, 0.7, (COUNT, 2)), rng.normal(size=(COUNT, 4))
    q[:, 3:] /= np.linalg.norm(q[:, 3:], axis=1, keepdims=True)
    for row, depth in zip(q, rng.uniform(5e-4, 4e-3, COUNT), strict=True):
        low, high = 0.0, 1.0
        for _ in range(30):
            row[2] = (low + high) / 2
            found = contacts_at(model, data, row)
            low, high = (row[2], high) if found and -found[0][0] > depth else (low, row[2])
    return q


def detected(shape, q):
    scene = engine.Scene()
    scene.add_body("ground", engine.HeightField(heights(), (2 * HALF[0], 2 * HALF[1]), 0.2), fixed=True)
    scene.add_body("body", shape)
    sim = engine.Simulation(scene, COUNT)
    sim.write("qpos", q)
    sim.step(1)
    return [sim.contacts(k) for k in range(COUNT)]


@pytest.mark.parametrize("name", ["sphere", "capsule", "ellipsoid"])
def test_the_deepest_contact_is_mujocos(name):
    shape, kind, size = SHAPES[name]
    model, data = in_mujoco(kind, size)
    q = poses(model, data)
    for row, ours in zip(q, detected(shape, q), strict=True):
        distance, normal = contacts_at(model, data, row)[0]
        k = int(np.argmax(ours.depth))
        assert ours.depth[k] == pytest.approx(-distance, abs=1e-5)
        assert -ours.normal[k] @ normal > 0.9999  # ours points from the body to the ground


def test_a_cylinder_is_at_least_as_deep_as_in_mujoco_and_mostly_equal():
    """MuJoCo pushes a rim near an inner edge out through the wall of its prism, which is shorter."""
    shape, kind, size = SHAPES["cylinder"]
    model, data = in_mujoco(kind, size)
    q = poses(model, data)
    agreeing = 0
    for row, ours in zip(q, detected(shape, q), strict=True):
        distance, normal = contacts_at(model, data, row)[0]
        k = int(np.argmax(ours.depth))
        assert ours.depth[k] > -distance - 1e-5
        agreeing += abs(ours.depth[k] + distance) < 1e-5 and -ours.normal[k] @ normal > 0.9999
    assert agreeing >= 0.75 * COUNT


def test_a_corner_of_a_box_is_as_deep_as_it_lies_below_its_triangle():
    """MuJoCo pushes a corner near an inner edge out through the wall of its prism; where no corner is below, an edge touches as
    in MuJoCo.
    """
    shape, kind, size = SHAPES["box"]
    model, data = in_mujoco(kind, size)
    q = poses(model, data)
    agreeing = 0
    for row, ours in zip(q, detected(shape, q), strict=True):
        depth, normal = deepest_corner(row, np.array(size))
        k = int(np.argmax(ours.depth))
        distance, theirs = contacts_at(model, data, row)[0]
        same = abs(ours.depth[k] + distance) < 1e-5 and -ours.normal[k] @ theirs > 0.9999
        below = ours.depth[k] == pytest.approx(depth, abs=1e-9) and -ours.normal[k] @ normal > 1 - 1e-9
        assert same or below
        agreeing += same
    assert agreeing >= 3


def deepest_corner(q, half):
    """Depth and normal of the corner of a box that lies deepest below its triangle."""
    m = np.zeros(9)
    mujoco.mju_quat2Mat(m, q[3:])
    corners = q[:3] + (np.array(np.meshgrid(*([(-1, 1)] * 3))).reshape(3, 8).T * half) @ m.reshape(3, 3).T
    h, dx, dy = heights(), 2 * HALF[0] / (COLUMNS - 1), 2 * HALF[1] / (ROWS - 1)
    found = []
    for x, y, z in corners:
        u, v = (x + HALF[0]) / dx, (y + HALF[1]) / dy
        i, j = int(u), int(v)
        a, b, c, d = h[j, i], h[j, i + 1], h[j + 1, i], h[j + 1, i + 1]
        sx, sy = (b - a, d - b) if u - i >= v - j else (d - c, c - a)
        n = np.array([-sx / dx, -sy / dy, 1.0])
        n /= np.linalg.norm(n)
        found.append(((a + sx * (u - i) + sy * (v - j) - z) * n[2], n))
    return max(found, key=lambda f: f[0])
