"""The ten prompts of prompts.md: each is read whole, has its film, and becomes a dataset by its one command."""

import importlib.util
from pathlib import Path

import pytest

from datagen.cli import app
from datagen.language import describe

DOCS = Path(__file__).resolve().parents[2] / "docs"
FILMS = importlib.util.spec_from_file_location("prompt_films", DOCS / "prompt_films.py")
assert FILMS is not None and FILMS.loader is not None
films = importlib.util.module_from_spec(FILMS)
FILMS.loader.exec_module(films)
COMMANDS = films.commands()


def test_ten_prompts_are_read_whole_and_have_films() -> None:
    assert len(COMMANDS) == 10
    page = films.PAGE.read_text(encoding="utf-8")
    for name, words in COMMANDS.items():
        made = describe(words[words.index("--prompt") + 1])
        assert made.status == "complete_with_assumptions" and not made.report["not_simulable"], made.report
        film = DOCS / "media" / f"prompt_{name}.jpg"
        assert f"media/{film.name}" in page and film.stat().st_size < 200_000


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_makes_a_dataset(name: str, tmp_path: Path) -> None:
    made = films.generate(COMMANDS[name], tmp_path)
    assert app.main(["validate", str(made)]) == 0
    assert films.strip(made).shape == (128, 128 * films.FRAMES, 3)
