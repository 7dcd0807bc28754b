"""The pages of the validation cases say what the results say, and the command shows results without running anything."""

import importlib.util
import json
from pathlib import Path

from datagen.cli import app

DOCS = Path(__file__).resolve().parents[2] / "docs"
MADE = importlib.util.spec_from_file_location("validation_page", DOCS / "validation_page.py")
assert MADE is not None and MADE.loader is not None
made = importlib.util.module_from_spec(MADE)
MADE.loader.exec_module(made)


def test_the_pages_are_made_from_the_results() -> None:
    for file, text in made.pages().items():
        assert file.read_text(encoding="utf-8") == text, f"run python docs/validation_page.py: {file.name} is out of date"


def test_every_case_has_a_verdict_and_what_fails_has_a_cause() -> None:
    rows = made.merged()
    assert len({row["case"] for row in rows}) == len(rows) >= 60
    for row in rows:
        assert row["verdict"] in ("pass", "fail")
        assert row["verdict"] == "pass" or len(row["reason"]) > 40, row["case"]


def test_every_case_of_deformables_that_was_asked_for_is_on_the_page() -> None:
    page = (DOCS / "validation.md").read_text(encoding="utf-8")
    scripts = {file.stem.removeprefix("case_") for file in (DOCS.parent / "benchmarks" / "validation").glob("case_*.py")}
    for name, case in made.ASKED.items():
        assert f"| {name} | {case} | " in page and case.lower().replace("-", "_") in scripts, name


def test_the_command_shows_results_that_are_there(tmp_path: Path) -> None:
    page, stored = tmp_path / "page.html", tmp_path / "stored.json"
    stored.write_text(json.dumps(made.merged()), encoding="utf-8")
    words = ["validate-physics", "--results", str(stored), "--json", str(tmp_path / "rows.json"), "--page", str(page)]
    assert app.main(words) == 0
    assert page.read_text(encoding="utf-8") + "\n" == (DOCS / "validation.html").read_text(encoding="utf-8")
    bad = tmp_path / "bad.json"
    bad.write_text("{}", encoding="utf-8")
    assert app.main(["validate-physics", "--results", str(bad)]) != 0
