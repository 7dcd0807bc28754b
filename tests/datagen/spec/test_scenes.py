"""Every scene in the folder loads, passes lint, samples different episodes, and randomizes what matters."""

from pathlib import Path

import pytest

import datagen.spec as ds
from datagen.spec.lint import lint

FOLDER = Path(__file__).resolve().parents[3] / "scenes"
SCENES = sorted(FOLDER.glob("*.yaml"))
PHYSION = {"dominoes", "support", "collide", "contain", "drop", "link", "roll"}  # `drape` needs cloth
WANTED = {"tower_push", "ramp_race", "billiards", "newtons_cradle", "pendulum", "drop_box", *PHYSION}


def test_the_promised_scenes_are_there():
    assert {path.stem for path in SCENES} >= WANTED and len(SCENES) >= 40


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_scene_samples_different_episodes(path):
    spec = ds.load_spec(path)
    count = 4 if spec.place else 12
    assert not [finding for finding in lint(path.read_text(), path.name) if finding.level == "error"]
    assert spec.name == path.stem and ds.loads(ds.dump(spec)).sha256 == spec.sha256
    episodes = [ds.sample(spec, 7, index) for index in range(count)]
    assert len({episode.content_hash for episode in episodes}) == count
    for episode in episodes:
        assert episode.spec_sha256 == spec.sha256 and episode.draws and episode.cameras and episode.text
        assert len({body.name for body in episode.bodies}) == len(episode.bodies)
        assert episode.matter or any(not body.fixed for body in episode.bodies)
        assert episode.world.timestep <= 0.0021
    drawn = [path for path in episodes[0].draws if len({str(episode.draws.get(path)) for episode in episodes}) > 1]
    assert any(name.startswith(("entities", "materials", "params")) for name in drawn)
    assert any(name.startswith("cameras") for name in drawn) and any(name.startswith("lights") for name in drawn)


def test_drop_box_is_the_end_to_end_benchmark():
    episode = ds.sample(ds.load_spec(FOLDER / "drop_box.yaml"), 0, 0)
    assert sum(not body.fixed for body in episode.bodies) == 8 and episode.world.num_frames == 64
    assert [camera.resolution for camera in episode.cameras] == [(128, 128)]
    assert episode.cameras[0].outputs == ("rgb", "depth", "segmentation")


def test_dominoes_is_a_small_demo():
    episode = ds.sample(ds.load_spec(FOLDER / "dominoes.yaml"), 7, 0)
    assert episode.cameras[0].resolution == (128, 128) and episode.world.num_frames == 60 and episode.focus == "tip"
