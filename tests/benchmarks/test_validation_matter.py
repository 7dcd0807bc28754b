"""Validation cases of matter and solids: the fast ones, and with `-m slow` those that take up to half a minute."""

import importlib

import pytest

from engine import runtime
from tests.engine.conftest import DEFAULT


@pytest.fixture(scope="module", autouse=True)
def _as_before():
    yield
    runtime.init(**DEFAULT)


QUICK, LONG = (
    ("d5", "damping", "f20", "g1", "g2", "g12", "k8"),
    ("d2_solids", "d4", "d7_solids", "f16", "g3", "k2_solids", "k15_solids", "s20"),
)


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in LONG)])
def test_a_case_passes(name):
    found = importlib.import_module(f"benchmarks.validation.case_{name}").run(True)
    assert found["verdict"] == "pass", (found["measured"], found["reference"], found["gate"], found.get("reason"))
