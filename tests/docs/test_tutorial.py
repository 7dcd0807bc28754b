"""The tutorial does what it says: its Python, its specs and its commands run in order in an empty folder."""

from pathlib import Path

import datagen
from datagen.writers import validate
from tests.docs.pages import run_page

ROOT = Path(__file__).resolve().parents[2]


def test_the_tutorial_runs_from_top_to_bottom(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    states = []
    names = run_page(ROOT / "docs" / "tutorial.md", lambda path: states.append(datagen.load_spec(path).sha256))
    assert len(set(states)) == 3, "each YAML block makes another valid spec"
    assert len(names["dataset"]) == 4 and validate(tmp_path / "runs" / "crates", "full").ok
    assert (tmp_path / "ball.png").stat().st_size > 500 and (tmp_path / "crates.gif").stat().st_size > 5000
    assert "<video" in (tmp_path / "runs" / "crates.html").read_text(encoding="utf-8")
