"""Particles on cloth: momentum, weight, no leaks, the same bits alone, in a batch and after a snapshot; sacks and held ends."""

import numpy as np
import pytest

import engine
from engine.couplers.matter_on_soft import nearest
from engine.errors import SceneError


def hammock(held: bool, speed: float = 0.0, gravity: float = -9.81, material=None) -> engine.Scene:
    """A block of sand just above a sheet of cloth whose rim is held, or that is free."""
    scene = engine.Scene()
    scene.options.gravity = (0, 0, gravity)
    scene.deformable_options.air_density = 0.0
    scene.add_body("frame", position=(0, 0, 0.3), kinematic=True)
    mesh = engine.Sheet(size=(0.16, 0.16), spacing=0.02)
    scene.add_cloth("cloth", material=engine.Cloth(preset="cotton"), mesh=mesh, position=(0, 0, 0.3))
    if held:
        scene.attach("cloth", [9 * i + j for i in range(9) for j in range(9) if i % 8 == 0 or j % 8 == 0], "frame")
    block = engine.Box(size=(0.06, 0.06, 0.03))
    scene.add_matter(
        "sand", material=material or engine.Sand(youngs_modulus=1e5), region=block, position=(0.003, 0.002, 0.325),
        spacing=0.01, velocity=(0.1, 0, speed),
    )  # fmt: skip
    return scene


def momentum(sim) -> np.ndarray:
    matter, cloth = sim.matter("sand"), sim.deformable("cloth")
    return (matter.mass[0][:, None] * matter.velocity[0]).sum(0) + (cloth.mass[0][:, None] * cloth.velocity[0]).sum(0)


def test_momentum_is_exchanged_exactly(cpu):
    """Sand runs into a free cloth in free space: what one loses the other gets."""
    sim = engine.Simulation(hammock(False, speed=-0.8, gravity=0.0))
    before = momentum(sim)
    sim.step(40)
    assert np.abs(sim.deformable("cloth").velocity[0]).max() > 0.2, "they never met"
    np.testing.assert_allclose(momentum(sim), before, atol=2e-5 * np.linalg.norm(before))


@pytest.mark.parametrize("material", [engine.Sand(youngs_modulus=1e5), engine.Liquid(sound_speed=8.0)], ids=["sand", "liquid"])
def test_cloth_bears_what_lies_on_it(cpu, material):
    """The holders feel the weight of cloth and matter, and nothing leaks."""
    sim = engine.Simulation(hammock(True, material=material))
    total = float(sim.matter("sand").total_mass[0] + sim.deformable("cloth").mass.sum())
    sim.step(100)
    felt = []
    for _ in range(150):
        sim.step(1)
        felt.append(-sim.continuum_wrench[0, 1, 2])
    cloth, place = sim.deformable("cloth").position[0], sim.matter("sand").position[0]
    assert place[:, 2].min() > cloth[:, 2].min() - 1e-3
    np.testing.assert_allclose(np.mean(felt), total * 9.81, rtol=0.1)  # it still swings


def test_bits_do_not_depend_on_the_batch_or_on_interruptions(cpu, tmp_path):
    alone, batch = engine.Simulation(hammock(True)), engine.Simulation(hammock(True), num_envs=2)
    alone.step(15)
    alone.save(tmp_path / "state")
    alone.step(15)
    batch.step(30)
    place = alone.matter("sand").position[0]
    np.testing.assert_array_equal(batch.matter("sand").position[1], place)
    np.testing.assert_array_equal(batch.deformable("cloth").position[1], alone.deformable("cloth").position[0])
    again = engine.Simulation(hammock(True))
    again.load(tmp_path / "state")
    again.step(15)
    np.testing.assert_array_equal(again.matter("sand").position[0], place)


def test_nearest_points_of_triangles():
    """Against a search over the triangle."""
    rng = np.random.default_rng(3)
    corners, points = rng.normal(size=(40, 3, 3)), rng.normal(size=(40, 3)) * 1.5
    weights = nearest(points, corners)
    assert (weights > -1e-12).all()
    np.testing.assert_allclose(weights.sum(1), 1.0)
    found = np.linalg.norm(points - (weights[..., None] * corners).sum(1), axis=1)
    u, v = (k.ravel() for k in np.meshgrid(np.linspace(0, 1, 81), np.linspace(0, 1, 81)))
    grid = np.stack([1 - u, u * (1 - v), u * v], axis=1)
    searched = np.linalg.norm(points[:, None] - np.einsum("gk,nkd->ngd", grid, corners), axis=2).min(1)
    assert (found <= searched + 1e-12).all()
    np.testing.assert_allclose(found, searched, atol=0.05)


def test_a_sack_is_closed_but_for_its_rim():
    sheet = engine.Sheet.sack((0.26, 0.28), 0.02)
    points, faces = np.array(sheet.vertices), np.array(sheet.faces)
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    assert set(count) == {1, 2}
    rim = points[unique[count == 1]]
    assert np.abs(rim[..., 2]).max() < 1e-12
    np.testing.assert_allclose(np.linalg.norm(rim[..., :2], axis=-1), 0.26 / np.pi, rtol=0.01)
    flat = np.array(sheet.plane)
    strain = np.linalg.norm(points[unique[:, 1]] - points[unique[:, 0]], axis=1) / np.linalg.norm(
        flat[unique[:, 1]] - flat[unique[:, 0]], axis=1
    )
    assert 0.88 < strain.min() and strain.max() < 1.08
    with pytest.raises(SceneError, match="two cells"):
        engine.Sheet.sack((0.02, 0.1), 0.02)


def test_ends_of_a_solid_are_held():
    scene = engine.Scene()
    scene.add_body("jaw", engine.Box(size=(0.01, 0.1, 0.1)), position=(-0.06, 0, 0), fixed=True)
    scene.add_soft("tip", shape=engine.Box(size=(0.1, 0.04, 0.04)), resolution=0.02)
    chosen = scene.attach("tip", body="jaw", end="left")
    assert len(chosen) == 9
    with pytest.raises(SceneError, match="end 'up'"):
        scene.attach("tip", body="jaw", end="up")


def test_a_weight_hangs_still_on_a_stiff_rope(cpu):
    """A tie to a free body does not swing up against a rope that is stiffer than mass / dt^2."""
    scene = engine.Scene()
    scene.add_body("weight", engine.Sphere(radius=0.02), position=(0, 0, 0.276), mass=0.4)
    rope = engine.Rope(preset="steel_cable", diameter=0.006)
    scene.add_rope("rope", material=rope, points=[(0, 0, 0.6), (0, 0, 0.3)], segments=15)
    scene.attach("rope", [0])
    scene.attach("rope", [15], "weight")
    sim = engine.Simulation(scene)
    sim.step(300)
    np.testing.assert_allclose(sim.continuum_wrench[0, 1, 2], 0.4 * 9.81, rtol=0.02)
    assert abs(sim.read("body_position_W")[0, 1, 2] - 0.276) < 2e-3
