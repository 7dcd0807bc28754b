"""The tutorial does what it says: its Python, its specs and its commands run in order in an empty folder."""

from datagen.writers import validate


def test_the_tutorial_runs_from_top_to_bottom(tutorial):
    folder, names, hashes = tutorial
    assert len(hashes) == len(set(hashes)) == 3, "each YAML block makes another valid spec"
    assert len(names["dataset"]) == 4 and validate(folder / "runs" / "crates", "full").ok
    assert (folder / "ball.png").stat().st_size > 500 and (folder / "crates.gif").stat().st_size > 5000
    assert "<video" in (folder / "runs" / "crates.html").read_text(encoding="utf-8")
