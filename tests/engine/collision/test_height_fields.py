"""Bodies on height fields: rest, rolling over inner edges, valleys, sizes, lanes and pictures."""

import numpy as np
import pytest

import engine

FLAT = np.zeros((41, 41))


@pytest.fixture(autouse=True)
def started(start):
    start("f32")


def on_ground(heights, size=(2.0, 2.0), **bodies):
    scene = engine.Scene()
    scene.add_body("ground", engine.HeightField(heights, size, 0.1), fixed=True)
    for name, values in bodies.items():
        scene.add_body(name, **values)
    return scene


@pytest.mark.parametrize("points", [3, 41])  # one large triangle below the body, and many small ones
def test_bodies_rest_on_flat_ground_like_on_a_plane(points):
    bodies = {
        "box": {"shape": engine.Box((0.3, 0.2, 0.1)), "position": (0.2, 0.1, 0.051)},
        "capsule": {"shape": engine.Capsule(0.05, 0.3), "position": (-0.5, 0.1, 0.051), "rotation": (0.5**0.5, 0.5**0.5, 0, 0)},
        "cylinder": {"shape": engine.Cylinder(0.05, 0.2), "position": (0, 0.6, 0.101)},
        "ball": {"shape": engine.Sphere(0.1), "position": (0.5, -0.5, 0.101)},
    }
    sim = engine.Simulation(on_ground(np.zeros((points, points)), **bodies), 2)
    sim.step(300)
    q = sim.read("qpos")[0].reshape(4, 7)
    assert np.allclose(q[:, 2], [0.05, 0.05, 0.1, 0.1], atol=1e-4)
    assert np.abs(sim.read("qvel")).max() < 1e-3
    names = [sim.names.body[b] for b in sim.contacts(0).body_a]
    assert names.count("box") >= 4 and names.count("capsule") == 2 and names.count("cylinder") >= 3
    assert names.count("ball") == 1 and len(names) <= 8 * 4
    assert np.allclose(sim.contacts(0).normal, [0, 0, -1], atol=1e-6)


def test_a_ball_rolls_over_inner_edges_as_over_a_plane():
    ball = {"shape": engine.Sphere(0.1), "position": (-0.5, 0.013, 0.1), "velocity": (0.5, 0, 0), "angular_velocity": (0, 5, 0)}
    field = on_ground(FLAT, ball=ball)
    plane = engine.Scene()
    plane.add_plane()
    plane.add_body("ball", **ball)
    paths = []
    for scene in (field, plane):
        sim = engine.Simulation(scene, 2)
        sim.step(500)
        paths.append(sim.read("qpos")[0])
    assert np.allclose(*paths, atol=1e-5) and paths[0][0] == pytest.approx(0.0, abs=1e-3)


def test_a_ball_in_a_groove_touches_both_walls():
    groove = np.abs(np.linspace(-1, 1, 41))[:, None] * np.ones((1, 41))
    ball = {"shape": engine.Sphere(0.1), "position": (0.02, 0.0, 0.1 * 2**0.5 - 1e-4)}
    sim = engine.Simulation(on_ground(groove, ball=ball), 2)
    sim.step(1)
    c = sim.contacts(0)
    assert len(c) == 2 and np.allclose(c.depth, 1e-4 * 0.5**0.5, atol=1e-6)
    assert np.allclose(np.sort(c.normal[:, 1]), [-(0.5**0.5), 0.5**0.5], atol=1e-4)


def test_nothing_touches_beside_or_below_the_field():
    ball = engine.Sphere(0.1)
    scene = on_ground(FLAT, beside={"shape": ball, "position": (1.2, 0, 0)}, below={"shape": ball, "position": (0, 0, -0.3)})
    sim = engine.Simulation(scene, 2)
    sim.step(1)
    assert len(sim.contacts()) == 0


def test_lanes_give_the_bits_of_scalars(start):
    rng = np.random.default_rng(2)
    hills = 0.05 * rng.random((21, 21))
    place = rng.uniform(-0.6, 0.6, (12, 2, 2))
    bits = []
    for lanes in (None, 1):
        start("f32", lanes)
        bodies = {"box": {"shape": engine.Box((0.3, 0.2, 0.1))}, "ball": {"shape": engine.Sphere(0.1)}}
        sim = engine.Simulation(on_ground(hills, **bodies), 12)
        q = sim.read("qpos").copy()
        q[:, 0:2], q[:, 7:9], q[:, 2], q[:, 9] = place[:, 0], place[:, 1], 0.08, 0.3
        sim.write("qpos", q)
        sim.step(40)
        bits.append(sim.read("qpos"))
    assert np.array_equal(*bits)


def test_a_picture_shows_the_heights():
    scene = on_ground(0.1 * np.ones((5, 5)))
    scene.add_camera("top", (0.0, 0.01, 3.0), (0.0, 0.0, 0.0), resolution=(8, 8), fov_y=20.0)
    depth = engine.Simulation(scene).render("top", ("depth",))["depth"][0]
    assert np.allclose(depth, 2.9, atol=1e-2)


def test_mass_of_a_height_field_is_that_of_the_solid_below_it():
    scene = engine.Scene()
    scene.add_body("slab", engine.HeightField(np.zeros((3, 4)), (2.0, 1.0), 0.1), density=100.0)
    assert engine.compile_scenes([scene]).reals["body_mass"][0, 1] == pytest.approx(20.0)


@pytest.mark.parametrize("heights", [[1.0, 2.0], [[1.0]], [[0, 1], [np.nan, 0]], "hills"])
def test_wrong_heights_are_refused(heights):
    with pytest.raises(engine.SceneError, match="heights|height"):
        on_ground(heights)


def test_a_scene_with_a_height_field_survives_the_file(tmp_path):
    hills = np.random.default_rng(0).random((4, 5))
    scene = on_ground(hills)
    scene.save(tmp_path / "s.yaml")
    again = engine.compile_scenes([engine.load(tmp_path / "s.yaml")])
    assert np.array_equal(again.data["field_value"], hills.reshape(-1))
