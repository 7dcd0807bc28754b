"""Every example meets the success criteria that it states; all of them share one start of the engine."""

import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MINUTES = ("train_world_model",)  # what takes minutes, and wants torch
EXAMPLES = [
    pytest.param(path, marks=pytest.mark.slow if path.stem in MINUTES else (), id=path.stem)
    for path in sorted((ROOT / "examples").glob("*.py"))
]


@pytest.mark.parametrize("path", EXAMPLES)
def test_the_example_meets_its_success_criteria(path, monkeypatch):
    """The asserts inside are the criteria of the docstring."""
    if path.stem in MINUTES:
        pytest.importorskip("torch")
    assert "Success criteria:" in path.read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "argv", [str(path)])
    runpy.run_path(str(path), run_name="__main__")
