"""Every scene passes lint, is generated, valid and replayed bit for bit (three small frames), and its task has three good
traces of full length, with few particles; `worldsmith check --full` does the same at full size."""

from copy import deepcopy
from pathlib import Path

import pytest

from datagen.pipeline.examine import examine
from datagen.spec import from_data, sample

COARSER = 1.5  # cells of particles, over those of the scene: a fifth of the work
SCENES = sorted((Path(__file__).resolve().parents[3] / "scenes").glob("*.yaml"))
# three traces of particles take most of a minute
LONG = {"honey_spoon", "jelly_squash", "pour_water", "sand_hourglass", "sand_sack"}


def small(document):
    """The scene with three frames, pictures of 16 x 16 and few particles, its actions at once."""
    data = deepcopy(document.data)
    cell = sample(document, 1, 0).world.cell
    if cell is not None:
        data["world"] = {**data.get("world", {}), "cell": COARSER * cell}
    data["record"] = {"fps": data["record"]["fps"], "frames": 3, "outputs": ["rgb"]}
    for action in data.get("actions", {}).values():
        if "after" not in action.get("start", {}):
            action["start"] = {"at": 0}
    for camera in data["cameras"].values():
        camera["resolution"] = [16, 16]
    for trace in ("oracle", "fails"):
        data["task"].pop(trace, None)
    return from_data(data, document.source.name)


def marked(path):
    return pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if path.stem in LONG else [])


@pytest.mark.parametrize("path", map(marked, SCENES))
def test_a_scene_is_good(path, tmp_path):
    found = examine(path, tmp_path / "out", episodes=1, draws=1, workers=1, change=small)
    assert found.verdict == "good"
    assert (found.episodes, found.frames, found.replayed) == (1, 3, 1)
    assert found.successes == {"nothing": 0, "oracle": 1, "failure": 0}
