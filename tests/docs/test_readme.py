"""The README does what it says; its commands run with one worker and two episodes, and without the benchmark."""

from pathlib import Path

import datagen
from datagen.writers import validate
from tests.docs import pages

ROOT = Path(__file__).resolve().parents[2]


def smaller(words: list[str]) -> list[str] | None:
    """A line of the README as the test runs it; None for what measures the machine."""
    if words[0] == "bench":
        return None
    if words[0] == "generate":
        return [
            *("2" if before == "--episodes" else word for before, word in zip(["", *words[:-1]], words, strict=True)),
            "--workers",
            "1",
        ]
    return words


def test_the_readme_runs_from_top_to_bottom(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = pages.run_page(ROOT / "README.md", datagen.load_spec, smaller)
    assert names["toppled"] and validate(tmp_path / "runs" / "bump", "full").ok


def test_the_large_picture_is_made_from_its_spec_and_stays_small():
    spec = datagen.load_spec(ROOT / "docs" / "media" / "ring.yaml")
    assert datagen.sample(spec, 7, 0).cameras[0].resolution == (560, 350)
    media = list((ROOT / "docs" / "media").glob("*.gif"))
    assert media and sum(path.stat().st_size for path in media) < 1.5e6
