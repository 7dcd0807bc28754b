"""docs/sensors.md and docs/viewer.md do what they say: their Python, YAML and commands run from top to bottom."""

import pytest

from datagen.spec import load_spec
from datagen.writers import Dataset
from tests.docs.conftest import DOCS
from tests.docs.pages import run_page


@pytest.mark.parametrize("page", ["sensors", "viewer"])
def test_the_page_runs_from_top_to_bottom(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(DOCS / f"{page}.md", load_spec)
    if page == "sensors":
        dataset = Dataset(tmp_path / "runs" / "sensed")
        assert "observation.sensor.ear" in dataset.frames(0) and (tmp_path / "bar.wav").stat().st_size > 40_000
    else:
        assert {path.name for path in tmp_path.iterdir()} >= {"drop.mp4", "drop.png", "held.png"}


def test_every_kind_is_on_the_page():
    from engine.scene.sensing import KINDS

    text = (DOCS / "sensors.md").read_text()
    assert [kind for kind in KINDS if f"`{kind}`" not in text] == []
