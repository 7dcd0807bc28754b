"""Images, lamps, shutter and exposure of a spec: drawn per episode, built, recorded, the same in every batch and replay."""

from pathlib import Path

import numpy as np
import pytest

from datagen.build import build_scene, structure
from datagen.errors import SpecError
from datagen.pipeline.generation import generate
from datagen.pipeline.replay import replay
from datagen.spec import load_spec, loads, sample
from datagen.writers import Dataset

FURNISHED = Path(__file__).parent / "furnished.yaml"


def test_images_lamps_and_exposures_are_drawn_for_every_episode():
    """Twelve episodes wear all three images and have lights and gains of their own; the scene has what the episode says."""
    episodes = [sample(load_spec(FURNISHED), 3, index) for index in range(12)]
    worn = [episode.body("crate").texture.file for episode in episodes]
    assert set(worn) == {"textures/tiles.png", "textures/speckle.png", "textures/planks.png"}
    assert len({episode.lights.lamps[0].intensity for episode in episodes}) == 12
    assert len({episode.cameras[0].exposure.gain for episode in episodes}) == 12
    spec = episodes[worn.index("textures/speckle.png")]
    scene = build_scene(spec)
    crate = next(shape for body, shape in scene.shapes if scene.bodies[body].name == "crate")
    assert (crate.texture.repeat, crate.texture.mapping, crate.color) == ((2.0, 2.0), "box", (1.0, 1.0, 1.0))
    bulb, spot, panel = scene.lamps
    assert bulb.color[0] == pytest.approx(spec.lights.lamps[0].intensity) and spot.cone == pytest.approx((15.0, 25.0))
    assert panel.size == (0.4, 0.2) and 4.0 < min(panel.color) <= max(panel.color) <= 5.0
    aim = np.array(spec.body("crate").position) - spot.position
    np.testing.assert_allclose(spot.direction, aim / np.linalg.norm(aim), atol=1e-9)
    assert scene.cameras[0].exposure.gain == spec.cameras[0].exposure.gain


def test_pictures_are_the_same_in_every_batch_and_when_replayed(tmp_path):
    """Three episodes at once and one by one, then replayed: not a bit differs; the moving crate is smeared."""
    for batch in (3, 1):
        generate(FURNISHED, episodes=3, seed=3, out=tmp_path / f"by_{batch}", workers=1, backend="cpu", batch=batch)
    together, alone = Dataset(tmp_path / "by_3"), Dataset(tmp_path / "by_1")
    for episode in range(3):
        np.testing.assert_array_equal(*(np.stack(list(d.video(episode, "front"))) for d in (together, alone)))
    assert all(verdict.equal for verdict in replay(tmp_path / "by_3"))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("file: textures/tiles.png", "file: ../tiles.png", "leaves the asset folders"),
        ("file: textures/tiles.png", "file: textures/tiles.txt", "allowed: .png"),
        ("cone: [15 deg, 25 deg]", "cone: [30 deg, 25 deg]", "wider one"),
        ("cone: [15 deg, 25 deg]", "radius: 2 cm", "a point lamp looks nowhere"),
        ("shutter: 0.5", "shutter: 1.5", "less than or equal to 1"),
    ],
)
def test_wrong_looks_are_named_by_line(old, new, sentence):
    with pytest.raises(SpecError, match=sentence):
        loads(FURNISHED.read_text().replace(old, new, 1), "furnished.yaml")


DRESSED = """
spec: 1
name: dressed
text: Drop them.
entities:
  floor: {morph: {type: plane}}
  flag:
    morph: {type: sheet, size: [30 cm, 20 cm], resolution: 5 cm}
    material: cotton
    texture: {dist: choice, of: [{file: textures/tiles.png, repeat: [2, 1]}, {file: textures/planks.png}]}
    position: [0 m, 0 m, 40 cm]
  cord: {morph: {type: rope, length: 30 cm, radius: 1 cm}, material: nylon_rope, texture: {file: textures/speckle.png}}
  cube: {morph: {type: box, size: [10 cm, 10 cm, 10 cm]}, material: jelly, texture: {file: textures/tiles.png}, color: red}
record: {fps: 20, frames: 2}
"""


def test_cloth_ropes_and_soft_solids_wear_images_of_a_spec():
    """Drawn per episode and built; white where no colour is given; episodes that differ in looks share a batch; particles wear
    none."""
    episodes = [sample(loads(DRESSED, "dressed.yaml"), 3, index) for index in range(8)]
    assert {episode.matter[0].texture.file for episode in episodes} == {"textures/tiles.png", "textures/planks.png"}
    assert len({structure(episode) for episode in episodes}) == 1
    flag, cord, cube = build_scene(episodes[0]).deformables
    assert flag.texture.pixels is not None and flag.color == (1.0, 1.0, 1.0) == cord.color
    assert cube.texture.mapping == "auto" and cube.color[0] > 2 * cube.color[1]
    with pytest.raises(SpecError, match="'texture' says nothing here: particles have one colour"):
        loads(DRESSED.replace("color: red", "soft: {method: particles}"), "dressed.yaml")
