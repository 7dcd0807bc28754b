"""Engines that the collision tests run on: the chosen one is started before the test (a second init restarts it)."""

import pytest

from engine import runtime


@pytest.fixture
def start():
    """start(precision, lanes=None): the engine on the CPU; lanes=1 are scalars in the GPU's memory order."""
    return lambda precision="f32", lanes=None: runtime.init("cpu", precision=precision, lanes=lanes)
