"""Every example meets the success criteria that it states; all of them share one start of the engine."""

import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_meets_its_success_criteria(path, monkeypatch):
    """The asserts inside are the criteria of the docstring."""
    assert "Success criteria:" in path.read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "argv", [str(path)])
    runpy.run_path(str(path), run_name="__main__")
