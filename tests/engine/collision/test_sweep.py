"""Fast bodies: nothing passes a thin wall, nothing that passes by is touched, rest and rebound stay what they are."""

import numpy as np
import pytest
import trimesh

import engine

CUBE = trimesh.creation.box((0.01, 0.01, 0.01))
BULLETS = {
    "sphere": engine.Sphere(0.005),
    "capsule": engine.Capsule(0.004, 0.004),
    "box": engine.Box((0.01, 0.01, 0.01)),
    "cylinder": engine.Cylinder(0.005, 0.01),
    "ellipsoid": engine.Ellipsoid((0.005, 0.004, 0.005)),
    "hull": engine.Mesh(vertices=CUBE.vertices, faces=CUBE.faces),
}
WALL = engine.Box((0.001, 1, 1))


@pytest.fixture(autouse=True)
def started(start):
    start("f32")


def shot(bullet, wall=WALL, speculative=True, envs=16, **values):
    scene = engine.Scene()
    scene.options.timestep, scene.options.gravity, scene.options.speculative = 0.002, (0, 0, 0), speculative
    scene.add_body("wall", wall, fixed=True)
    scene.add_body("bullet", bullet, position=(-1, 0, 0), velocity=(100, 0, 0), **values)
    sim = engine.Simulation(scene, envs)
    rng = np.random.default_rng(3)
    q = sim.read("qpos").copy()
    q[:, 0] -= rng.uniform(0, 0.2, envs)
    q[:, 1:3] = rng.uniform(-0.3, 0.3, (envs, 2))
    q[:, 3:] = rng.normal(size=(envs, 4))
    q[:, 3:] /= np.linalg.norm(q[:, 3:], axis=1, keepdims=True)
    sim.write("qpos", q)
    return sim


@pytest.mark.parametrize("name", BULLETS)
def test_a_bullet_does_not_pass_a_thin_wall(name):
    sim = shot(BULLETS[name])
    for _ in range(20):
        sim.step(1)
        assert sim.read("qpos")[:, 0].max() < 0
    assert not sim.faults.any()


def test_without_the_option_it_does():
    sim = shot(BULLETS["sphere"], speculative=False)
    sim.step(20)
    assert sim.read("qpos")[:, 0].max() > 1


def test_a_bullet_that_passes_by_is_not_touched():
    """Beside a corner of a box, nearer than the travel of a substep but farther than its radius."""
    sim = shot(engine.Sphere(0.005), engine.Box((0.2, 0.2, 0.2)), envs=4)
    q = np.tile([-1.0, 0, 0, 1, 0, 0, 0], (4, 1))
    q[:, 1] = [0.1051, -0.1051, 0.12, 0.104]
    sim.write("qpos", q)
    sim.step(15)
    x, v = sim.read("qpos"), sim.read("qvel")
    assert np.allclose(x[:3, 0], 2.0, atol=1e-5) and np.array_equal(v[:3], np.tile([100, 0, 0, 0, 0, 0], (3, 1)))
    assert v[3, 1] > 10 and v[3, 0] < 90  # one millimetre into the edge: turned aside


def test_a_bullet_rebounds_with_its_coefficient():
    sim = shot(engine.Sphere(0.005, restitution=0.6))
    sim.step(20)
    assert np.allclose(sim.read("qvel")[:, 0], -60, rtol=0.01)


def test_slow_bodies_keep_their_bits():
    paths = []
    for speculative in (False, True):
        scene = engine.Scene()
        scene.options.speculative = speculative
        scene.add_plane()
        for k in range(3):
            scene.add_body(f"box{k}", engine.Box((0.1, 0.1, 0.1)), position=(0.01 * k, 0, 0.06 + 0.11 * k))
        sim = engine.Simulation(scene, 2)
        sim.step(200)
        paths.append(sim.read("qpos"))
    assert np.array_equal(*paths)
