"""Signed distance fields: the grid against closed forms, contacts of every shape, a bowl, a ring on a peg, convex pieces."""

import numpy as np
import pytest
import trimesh

import engine
from engine.geometry.distance import distance_grid
from engine.geometry.mesh import from_arrays

BALL = trimesh.creation.icosphere(4, 0.3)
RING = trimesh.creation.torus(0.3, 0.1, 64, 32)


@pytest.fixture(autouse=True)
def started(start):
    start("f32")


def mesh(solid, **values):
    return engine.Mesh(vertices=solid.vertices, faces=solid.faces, **values)


def bowl(inner=0.25, outer=0.3, sections=64):
    angle = np.linspace(0, np.pi / 2, 24)
    profile = [(outer * np.sin(a), -outer * np.cos(a)) for a in angle]
    profile += [(inner * np.sin(a), -inner * np.cos(a)) for a in angle[::-1]]
    return trimesh.creation.revolve(np.array(profile), sections=sections)


@pytest.mark.parametrize("solid, distance", [
    (BALL, lambda p: np.linalg.norm(p, axis=-1) - 0.3),
    (RING, lambda p: np.hypot(np.hypot(p[..., 0], p[..., 1]) - 0.3, p[..., 2]) - 0.1),
])  # fmt: skip
def test_the_grid_holds_signed_distances(solid, distance):
    grid = distance_grid(from_arrays(solid.vertices, solid.faces), 24)
    axes = [grid.origin[k] + grid.spacing[k] * np.arange(grid.count[k]) for k in range(3)]
    z, y, x = np.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    error = grid.values.reshape(z.shape) - distance(np.stack([x, y, z], axis=-1))
    assert np.abs(error).max() < 2e-3  # the triangles lie within 1.5 mm of the round surface


def test_an_open_mesh_has_no_field():
    scene = engine.Scene()
    with pytest.raises(engine.SceneError, match="watertight"):
        scene.add_body("b", mesh(trimesh.Trimesh(BALL.vertices, BALL.faces[:-1], process=False), convex="field"), fixed=True)


def against_ball(shape, q):
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    scene.add_body("field", mesh(BALL, convex="field"), fixed=True)
    scene.add_body("body", shape)
    sim = engine.Simulation(scene, len(q))
    sim.write("qpos", q)
    sim.step(1)
    return sim.contacts()


def test_a_ball_against_the_field_of_a_ball():
    rng = np.random.default_rng(0)
    d = rng.normal(size=(16, 3))
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    q = np.tile([0, 0, 0, 1.0, 0, 0, 0], (16, 1))
    q[:, :3] = 0.395 * d
    c = against_ball(engine.Sphere(0.1), q)
    assert len(c) == 16 and np.allclose(c.depth, 0.005, atol=6e-4)
    assert np.einsum("ij,ij->i", c.normal, d).max() < -0.999


@pytest.mark.parametrize("shape", [
    engine.Box((0.2, 0.2, 0.2)), engine.Cylinder(0.1, 0.2), engine.Ellipsoid((0.1, 0.1, 0.1)), engine.Capsule(0.05, 0.1),
    mesh(trimesh.creation.box((0.2, 0.2, 0.2))), mesh(trimesh.creation.icosphere(3, 0.1), convex="field"),
], ids=["box", "cylinder", "ellipsoid", "capsule", "hull", "field"])  # fmt: skip
def test_every_shape_on_top_of_the_field_of_a_ball(shape):
    c = against_ball(shape, np.tile([0, 0, 0.396, 1.0, 0, 0, 0], (2, 1)))
    assert 1 <= len(c[c.env == 0]) <= 8
    assert c.depth.max() == pytest.approx(0.004, abs=5e-4)
    assert abs(c.normal[int(np.argmax(c.depth))][2]) > 0.99


def test_a_ball_comes_to_rest_at_the_bottom_of_a_bowl():
    scene = engine.Scene()
    scene.add_body("bowl", mesh(bowl(), convex="field"), fixed=True)
    scene.add_body("ball", engine.Sphere(0.05, friction=(0.8, 0.005, 0.01)), position=(0.1, 0.05, -0.1))
    sim = engine.Simulation(scene, 2)
    sim.step(3000)
    assert np.allclose(sim.read("qpos")[0, :3], [0, 0, -0.2], atol=[0.03, 0.03, 3e-3])
    assert np.abs(sim.read("qvel")).max() < 0.3


def test_a_ring_stays_on_its_peg():
    scene = engine.Scene()
    scene.add_plane()
    scene.add_body("peg", engine.Cylinder(0.15, 1.0), position=(0, 0, 0.5), fixed=True)
    scene.add_body("ring", mesh(RING, convex="field"), position=(0.02, 0, 0.4), velocity=(1.0, 0.5, 0))
    sim = engine.Simulation(scene, 2)
    farthest = 0.0
    for _ in range(40):
        sim.step(25)
        farthest = max(farthest, float(np.linalg.norm(sim.read("qpos")[0, :2])))
    assert 0.04 < farthest < 0.053  # the hole is 50 mm wider than the peg
    assert sim.read("qpos")[0, 2] == pytest.approx(0.1, abs=2e-3)


@pytest.mark.slow  # the search for the pieces takes its time
def test_convex_pieces_are_one_body_with_the_mass_of_the_mesh(tmp_path):
    pytest.importorskip("coacd")
    solid = bowl(sections=12)
    scene = engine.Scene()
    scene.add_body("bowl", mesh(solid, convex="decompose"), density=100.0)
    scene.add_body("ball", engine.Sphere(0.05), position=(0, 0, -0.1))
    count = len(scene.shapes)
    compiled = engine.compile_scenes([scene])
    assert count > 4 and compiled.reals["body_mass"][0, 1] == pytest.approx(100 * solid.volume, rel=1e-6)
    assert sum(len(m.faces) > 0 for m in compiled.meshes) == 1  # one picture
    scene.save(tmp_path / "bowl.yaml")
    again = engine.load(tmp_path / "bowl.yaml")
    assert len(again.shapes) == count
    held = engine.Scene()
    held.add_body("bowl", mesh(solid, convex="decompose"), fixed=True)
    held.add_body("ball", engine.Sphere(0.05), position=(0, 0, -0.1))
    sim = engine.Simulation(held, 2)
    sim.step(500)
    assert sim.read("qpos")[0, 2] == pytest.approx(-0.2, abs=0.02)


def test_without_the_package_the_error_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "coacd", None)
    monkeypatch.setenv("WORLDSMITH_CACHE", str(tmp_path))
    scene = engine.Scene()
    with pytest.raises(engine.SceneError, match=r"worldsmith\[decompose\]"):
        scene.add_body("b", mesh(trimesh.creation.torus(0.31, 0.1, 16, 8), convex="decompose"), fixed=True)


@pytest.mark.parametrize(
    "values", [{"convex": "hul"}, {"convex": "field", "scale": (1, 2, 1)}, {"convex": "field", "resolution": 1}]
)
def test_wrong_collision_forms_are_refused(values):
    scene = engine.Scene()
    with pytest.raises(engine.SceneError, match="convex|scale|resolution"):
        scene.add_body("b", mesh(BALL, **values), fixed=True)
