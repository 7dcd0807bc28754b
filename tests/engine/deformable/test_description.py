"""Descriptions of deformables: materials with presets, meshes, errors, saved scenes."""

import numpy as np
import pytest

import engine
from engine.geometry.solids import ball_solid, box_solid, cylinder_solid, quality, skin
from engine.scene.deformable import geometry
from engine.solvers.deformable import elements


def test_a_preset_fills_what_is_left_out_and_peirce_gives_the_bending():
    denim = engine.Cloth(preset="denim", friction=0.7)
    assert denim.friction == 0.7 and denim.areal_density == 0.40
    assert denim.bending_warp == pytest.approx(0.40 * 9.80665 * 0.034**3)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda s: engine.Cloth(preset="coton"), "cotton"),
        (lambda s: engine.Elastic(poisson_ratio=0.5), "poisson_ratio is 0.5"),
        (lambda s: s.add_cloth("a", material=engine.Rope()), "engine.Cloth"),
        (lambda s: s.add_soft("a", shape=engine.Capsule(radius=0.1, length=0.1), resolution=0.05), "cannot be filled"),
        (lambda s: s.add_rope("a", points=[(0, 0, 0)]), "two different points"),
        (lambda s: s.add_cloth("a", mesh=engine.Sheet(diagonals="forwards")), "forward"),
        (lambda s: s.attach("towl", [0]), "deformable"),
    ],
)
def test_wrong_descriptions_get_one_sentence(make, said):
    with pytest.raises(engine.SceneError, match=said):
        make(engine.Scene())


def test_a_saved_scene_comes_back_with_equal_deformables(tmp_path):
    scene = engine.Scene()
    scene.add_body("block", engine.Box(size=(0.1, 0.1, 0.1)))
    scene.add_cloth("towel", material=engine.Cloth(preset="silk"), mesh=engine.Sheet(size=(0.2, 0.3), spacing=0.05))
    scene.add_rope("rope", points=[(0, 0, 1), (1, 0, 1)], segments=9, material=engine.Rope(preset="nylon"))
    scene.add_soft("ball", shape=engine.Sphere(radius=0.1), resolution=0.05, position=(0, 0, 2))
    held = scene.attach("towel", near=(0.1, 0.15, 0), within=0.01)
    scene.attach("rope", [0], "block")
    scene.deformable_options.sweeps = 7
    scene.save(tmp_path / "scene.yaml")
    back = engine.load(tmp_path / "scene.yaml")
    assert len(held) == 1 and back.deformable_options.sweeps == 7
    for old, new in zip(scene.deformables, back.deformables, strict=True):
        assert (old.name, old.material, old.mesh, old.attachments) == (new.name, new.material, new.mesh, new.attachments)
        np.testing.assert_array_equal(geometry(old).points, geometry(new).points)


@pytest.mark.parametrize(
    ("made", "volume", "least"),
    [
        (box_solid((0.2, 0.1, 0.1), 0.025), 0.002, 0.5),
        (ball_solid((0.1, 0.1, 0.1), 0.02), 4 / 3 * np.pi * 1e-3, 0.1),
        (cylinder_solid(0.1, 0.2, 0.025), np.pi * 2e-3, 0.1),
    ],
)
def test_structured_solids_fill_their_shape(made, volume, least):
    points, cells = made
    side = points[cells[:, 1:]] - points[cells[:, :1]]
    each = np.linalg.det(side) / 6
    assert each.min() > 0 and quality(points, cells).min() > least
    assert each.sum() == pytest.approx(volume, rel=0.04)
    faces = skin(cells)
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    _, count = np.unique(edges, axis=0, return_counts=True)
    assert (count == 2).all()  # closed
    p = points[faces]
    assert np.einsum("ij,ij->i", p[:, 0], np.cross(p[:, 1], p[:, 2])).sum() / 6 == pytest.approx(each.sum())


@pytest.mark.parametrize(
    ("diagonals", "cylinder", "free"), [("alternating", 1, (1, 1, 1, 1)), ("forward", 4 / 3, (1, 3, 1, 0.6))]
)
def test_sheets_bend_with_the_stiffness_of_the_plate(diagonals, cylinder, free):
    """A moment about one direction, sides free, vertices where they cost least: along x, a diagonal, y, the other diagonal."""
    scene = engine.Scene()
    scene.add_cloth("a", mesh=engine.Sheet(size=(2.4, 2.4), spacing=0.1, diagonals=diagonals))
    mesh = geometry(scene.deformables[0])
    hinges = elements.hinges(mesh.plane, mesh.faces)
    middle = mesh.plane[hinges.vertices[:, :2]].mean(1)
    inside = ((middle > -0.6001) & (middle < 0.5999)).all(1)
    grid = np.round(mesh.plane / 0.1).astype(int) % 2
    x, y = mesh.plane.T
    modes = np.stack([x * x / 2, y * y / 2, x * y, *(grid[:, 0] + 2 * grid[:, 1] == np.arange(4)[:, None])], axis=1)
    c = hinges.constants[:, 0]
    t = (c[:, :4, None] * modes[hinges.vertices]).sum(1)[inside]
    K = t.T @ (t * c[inside, 4:].sum(1, keepdims=True)) / 1.44  # energy per area is half of K, of curvatures and ripples
    relaxed = K[:3, :3] - K[:3, 3:] @ np.linalg.pinv(K[3:, 3:]) @ K[3:, :3]
    moments = np.array([[1, 0, 0], [0.5, 0.5, 1], [0, 1, 0], [0.5, 0.5, -1]])
    stiffness = 1 / np.einsum("ki,ij,kj->k", moments, np.linalg.inv(relaxed), moments)
    np.testing.assert_allclose(stiffness, 8 / 9 * np.array(free), rtol=0.02)
    assert relaxed[0, 0] == pytest.approx(cylinder, rel=0.02)
