"""Every help text has examples, each of them parses, and run one after the other they work."""

import shlex
from pathlib import Path

import pytest
import typer

from datagen.cli import app
from datagen.cli.exit_codes import ExitCode

FOLDER = Path(app.__file__).parent
PRESENT = [name for name in app.COMMANDS if (FOLDER / f"{name.replace('-', '_')}.py").is_file()]
EXAMPLES = [line for name in PRESENT for line in app.load_command(name).EXAMPLES]


def test_every_listed_command_has_its_file_once_episodes_can_be_made():
    complete = (FOLDER.parent / "episode.py").is_file() or (FOLDER.parent / "episode").is_dir()
    assert set(PRESENT) == set(app.COMMANDS) if complete else {"doctor", "bench"} <= set(PRESENT)


@pytest.mark.parametrize("name", PRESENT)
def test_help_shows_the_summary_and_the_examples(capsys, name):
    assert app.main([name, "--help"]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert app.COMMANDS[name] in " ".join(shown.split())
    examples = app.load_command(name).EXAMPLES
    assert examples and all(f"  {line}\n" in shown + "\n" for line in examples)


@pytest.mark.parametrize("line", (*EXAMPLES, *app.OVERVIEW_EXAMPLES))
def test_example_parses(line):
    program, name, *rest = shlex.split(line)
    assert program == "worldsmith" and name in app.COMMANDS
    if name in PRESENT:
        command = typer.main.get_command(app.build_app(name)).commands[name]
        command.make_context(name, rest)


@pytest.mark.slow
def test_examples_run_one_after_the_other(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for line in EXAMPLES:
        assert app.main(shlex.split(line)[1:]) == ExitCode.OK, f"{line}: {capsys.readouterr().err}"
