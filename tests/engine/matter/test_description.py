"""Matter in a scene: filling, saving, and clear sentences for what does not fit."""

import numpy as np
import pytest

import engine
from engine.scene.matter_fill import fill
from engine.scene.matter_presets import PRESETS, material_source
from tests.engine.matter.scenes import walls


def scene_with_tank() -> engine.Scene:
    scene = engine.Scene()
    scene.options.cell_size = 0.02
    scene.add_body("tank", walls((0.2, 0.2, 0.1), 0.01), fixed=True)
    return scene


def test_a_scene_with_matter_comes_back_from_its_file(tmp_path):
    scene = scene_with_tank()
    scene.options.domain = ((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0))
    scene.add_matter("a", material=engine.material("honey"), region=engine.Sphere(0.05), position=(0, 0, 0.5), spacing=0.01)
    scene.add_matter("b", material=engine.Sand(match="plane_strain"), container="tank", level=0.05)
    scene.save(tmp_path / "scene.yaml")
    again = engine.load(tmp_path / "scene.yaml")
    assert again.matter == scene.matter
    assert again.options.cell_size == 0.02
    assert [list(c) for c in again.options.domain] == [list(c) for c in scene.options.domain]
    for first, second in zip(fill(scene), fill(again), strict=True):
        assert np.array_equal(first.position, second.position)


def test_a_container_is_filled_to_a_volume_or_a_level():
    scene = scene_with_tank()
    scene.add_matter("water", material=engine.Liquid(), container="tank", volume=2e-3)
    (water,) = fill(scene)
    assert water.volume * len(water.position) == pytest.approx(2e-3)
    assert np.abs(water.position[:, :2]).max() < 0.1
    assert water.position[:, 2].min() > 0
    assert water.position[:, 2].max() == pytest.approx(0.05, abs=0.01)


def test_matter_is_carved_out_of_rigid_shapes_and_mass_is_exact():
    scene = engine.Scene()
    scene.options.cell_size = 0.02
    scene.add_matter("water", material=engine.Liquid(density=900.0), region=engine.Box(size=(0.2, 0.2, 0.2)))
    (whole,) = fill(scene)
    assert whole.volume * len(whole.position) == pytest.approx(0.008)
    scene.add_body("ball", engine.Sphere(0.06))
    (carved,) = fill(scene)
    assert (np.linalg.norm(carved.position, axis=1) > 0.06).all()
    lost = (len(whole.position) - len(carved.position)) * whole.volume
    assert lost == pytest.approx(4 / 3 * np.pi * 0.06**3, rel=0.1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"container": "tank", "volume": 1.0}, "it holds about"),
        ({"container": "tank"}, "level and volume"),
        ({"container": "tnak", "level": 0.1}, "did you mean 'tank'"),
        ({"region": engine.Box(size=(0.2, 0.2, 0.2)), "position": (0, 0, 0.5), "spacing": -1.0}, "spacing"),
        ({"region": engine.Plane()}, "allowed: Box"),
        ({}, "both or none"),
        ({"region": engine.Box(size=(0.004, 0.004, 0.004)), "position": (0, 0, -0.005)}, "inside rigid shapes"),
    ],
)
def test_what_does_not_fit_is_said(change, words):
    scene = scene_with_tank()
    with pytest.raises(engine.SceneError, match=words):
        scene.add_matter("water", material=engine.Liquid(), **change)
        fill(scene)


def test_two_materials_in_one_place_are_refused():
    scene = scene_with_tank()
    scene.add_matter("water", material=engine.Liquid(), region=engine.Box(size=(0.1, 0.1, 0.1)), position=(0, 0, 0.5))
    scene.add_matter("sand", material=engine.Sand(), region=engine.Sphere(0.05), position=(0, 0, 0.5))
    with pytest.raises(engine.SceneError, match="stands where 'water' is"):
        fill(scene)


def test_wrong_numbers_of_a_material_are_refused():
    scene = engine.Scene()
    for material, words in (
        (engine.Elastic(poisson_ratio=0.498), "poisson_ratio"),
        (engine.Liquid(density=-1.0), "density"),
        (engine.Liquid(wall="glue"), "unknown wall"),
        (engine.Sand(match="oedometer"), "unknown match"),
        ("water", "is no material"),
    ):
        with pytest.raises(engine.SceneError, match=words):
            scene.add_matter("x", material=material, region=engine.Sphere(0.1))


@pytest.mark.usefixtures("cpu")
def test_a_stiff_material_says_how_many_substeps_it_needs_and_offers_a_softer_one():
    scene = engine.Scene()
    scene.options.cell_size = 0.01
    scene.add_matter("steel", material=engine.material("steel"), region=engine.Sphere(0.05))
    with pytest.raises(engine.SceneError, match=r"needs 4096 substeps.*youngs_modulus=.*matter_substeps=4096"):
        engine.Simulation(scene)


def test_every_preset_has_a_source_and_unknown_names_get_near_ones():
    assert all(len(material_source(name)) > 5 for name in PRESETS)
    with pytest.raises(engine.SceneError, match="did you mean 'honey'"):
        engine.material("hony")
