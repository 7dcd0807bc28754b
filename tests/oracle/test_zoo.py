"""The committed table of `tests.oracle.zoo` holds: every model loads, and nothing that matched MuJoCo has come apart."""

import json

import pytest

from engine import runtime
from tests.oracle import zoo

MODELS = zoo.models()
TABLE = json.loads(zoo.TABLE.read_text(encoding="utf-8"))


@pytest.fixture(autouse=True, scope="module")
def engine_f64():
    runtime.init("cpu", precision="f64", threads=1)


def test_the_table_has_every_model_of_the_wheels():
    """A model without a row would be a hole in the proof."""
    if not MODELS:
        pytest.skip("neither dm_control nor gymnasium is installed: pip install worldsmith[dev]")
    assert set(MODELS) <= set(TABLE), "run python -m tests.oracle.zoo"


@pytest.mark.parametrize("name", TABLE)
def test_a_model_matches_mujoco_stage_by_stage(name):
    """What is unsupported or apart is in the table; with less of it, the table is written anew."""
    if name not in MODELS:
        pytest.skip(f"{name.split('/')[0]} is not installed (pip install worldsmith[dev])")
    case = zoo.examine(MODELS[name])
    found, known = zoo.entry(case), TABLE[name]
    for key in ("unsupported", "apart"):
        new = sorted(set(found[key]) - set(known[key]))
        assert not new, f"{key}: {', '.join(new)} (errors {case.errors})"
