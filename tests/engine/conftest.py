"""Engines for tests: `cpu` is the default engine (f32, 16 lanes); `engine_as(...)` starts another one and puts the default
back.
"""

import pytest

DEFAULT = {"backend": "cpu", "precision": "f32", "threads": 2, "seed": 0, "lanes": None}


@pytest.fixture
def cpu():
    """The default CPU engine."""
    from engine import runtime

    return runtime.init(**DEFAULT)


@pytest.fixture
def engine_as():
    """`engine_as(precision="f64", lanes=8)` starts that engine for the rest of the test."""
    from engine import runtime

    def start(**choices):
        return runtime.init(**{**DEFAULT, **choices})

    yield start
    runtime.init(**DEFAULT)
