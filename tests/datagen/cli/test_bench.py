"""`worldsmith bench` finds a case by name, checks its rows and keeps stdout for data."""

import json
import sys

import pytest

from datagen import assets
from datagen.cli import app
from datagen.cli.exit_codes import ExitCode

CASE = '''"""Counts how fast a test counts."""
from benchmarks.scale import SCALE


def main(quick: bool, backend: str) -> list[dict]:
    figure = SCALE * (1 if quick else 2)
    ours = {"case": "toy", "engine": "worldsmith", "measured": figure, "unit": "1/s", "needed": 5, "backend": backend}
    return [ours, {"case": "toy", "engine": "rival", "measured": float("nan"), "unit": "1/s", "needed": None}]
'''

ODD = """
def main(quick, backend):
    return [dict(case='odd', engine='x', measured='fast', unit='', needed=None)]
"""


@pytest.fixture
def cases(tmp_path, monkeypatch):
    """A data folder with the cases `toy` (good), `silent` (no rows), `odd` (a row without a number) and `empty` (no main)."""
    files = {
        "toy/bench.py": CASE,
        "silent/bench.py": "def main(quick, backend):\n    return []\n",
        "odd/bench.py": ODD,
        "empty/bench.py": "main = 3\n",
        "scale.py": "SCALE = 10.0\n",
        "__init__.py": "",
    }
    for name, text in files.items():
        (tmp_path / "benchmarks" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "benchmarks" / name).write_text(text)
    monkeypatch.setattr(assets, "root", lambda: tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    held = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "benchmarks"}
    yield tmp_path
    for name in [name for name in sys.modules if name.split(".")[0] == "benchmarks"]:
        del sys.modules[name]
    sys.modules.update(held)


def test_rows_are_json_on_stdout_and_a_table_on_stderr(cases, capsys):
    assert app.main(["bench", "toy", "--backend", "cpu"]) == ExitCode.OK
    printed = capsys.readouterr()
    ours, rival = json.loads(printed.out)
    assert (ours["measured"], ours["needed"], ours["backend"]) == (20.0, 5, "cpu")
    assert rival["measured"] is None and rival["needed"] is None
    assert "worldsmith" in printed.err and "rival" in printed.err


def test_rows_go_to_a_file(cases, capsys, tmp_path):
    assert app.main(["bench", "toy", "--quick", "--json", str(tmp_path / "rows.json")]) == ExitCode.OK
    assert capsys.readouterr().out == ""
    assert json.loads((tmp_path / "rows.json").read_text())[0]["measured"] == 10.0


def test_list_prints_the_names_on_stdout(cases, capsys):
    assert app.main(["bench", "--list"]) == ExitCode.OK
    printed = capsys.readouterr()
    assert printed.out.split() == ["empty", "odd", "silent", "toy"]
    assert "Counts how fast" in printed.err


@pytest.mark.parametrize(
    "words, said",
    [
        (["tyo"], "did you mean 'toy'"),
        ([], "no case is named"),
        (["toy", "--backend", "metal"], "unknown backend 'metal'"),
        (["silent"], "no rows"),
        (["odd"], "measured is 'fast'"),
        (["empty"], "no function main"),
    ],
)
def test_what_is_wrong_is_one_sentence(cases, capsys, words, said):
    assert app.main(["bench", *words]) == ExitCode.USAGE
    printed = capsys.readouterr()
    assert said in printed.err and printed.err.count("\n") == 1 and printed.out == ""


@pytest.mark.parametrize("case", assets.benchmark_names())
def test_every_case_of_the_project_says_what_it_measures(case):
    from datagen.cli.bench import summary

    assert summary(case)
