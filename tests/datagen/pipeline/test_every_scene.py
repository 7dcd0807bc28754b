"""Every scene is generated, valid and replayed bit for bit, two small frames of it; `worldsmith gallery` does it in full."""

from pathlib import Path

import pytest
import yaml

from datagen.pipeline.generation import generate, load_spec
from datagen.pipeline.replay import replay
from datagen.spec import from_data
from datagen.writers import validate

SCENES = sorted((Path(__file__).resolve().parents[3] / "scenes").glob("*.yaml"))


def small(path):
    """The scene with two frames and pictures of 16 x 16."""
    load_spec(path)
    data = yaml.safe_load(path.read_text())
    data["record"] = {"fps": data["record"]["fps"], "frames": 2, "outputs": ["rgb"]}
    data.pop("actions", None)
    data.pop("focus", None)
    for trace in ("oracle", "fails"):
        data.get("task", {}).pop(trace, None)
    for camera in data["cameras"].values():
        camera["resolution"] = [16, 16]
    return from_data(data, path.name)


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_a_scene_is_generated_valid_and_replays(path, tmp_path):
    made = generate(small(path), episodes=1, seed=7, out=tmp_path / "out", workers=1, backend="cpu")
    assert made.failed == [] and validate(tmp_path / "out").problems == ()
    assert [verdict.equal for verdict in replay(tmp_path / "out", threads=2)] == [True]
