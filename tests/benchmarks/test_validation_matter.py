"""The fast subset of the validation cases of matter: those that take seconds."""

import importlib

import pytest

from engine import runtime
from tests.engine.conftest import DEFAULT


@pytest.fixture(scope="module", autouse=True)
def _as_before():
    yield
    runtime.init(**DEFAULT)


@pytest.mark.parametrize("name", ["d4", "d5", "f16", "f20", "g1", "g2", "g3", "g12", "k8"])
def test_a_case_passes(name):
    found = importlib.import_module(f"benchmarks.validation.case_{name}").run(True)
    assert found["verdict"] == "pass", (found["measured"], found["reference"], found["gate"], found.get("reason"))
