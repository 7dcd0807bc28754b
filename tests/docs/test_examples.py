"""Every example runs as a person would run it, and states its success criteria."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_meets_its_success_criteria(path):
    """Exit code 0; the asserts inside are the criteria of the docstring."""
    assert "Success criteria:" in path.read_text()
    run = subprocess.run([sys.executable, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
