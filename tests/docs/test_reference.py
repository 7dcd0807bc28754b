"""The pages that are made from the code are what the code says."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_spec_and_arrays_pages_are_what_the_code_says():
    """In a process of its own: what else has been imported must not count."""
    command = [sys.executable, str(ROOT / "docs" / "reference.py"), "--check"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
