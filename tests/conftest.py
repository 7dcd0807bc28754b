"""What every test shares: the place of the checkout, and property tests that draw the same examples every time."""

from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Top folder of the source tree."""
    return Path(__file__).resolve().parent.parent
