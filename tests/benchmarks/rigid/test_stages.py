"""The stages of a step as the benchmark times them: all of them, along a run that goes on as if nobody had looked."""

import numpy as np
import pytest

import engine
from benchmarks.rigid.stages import STAGES, profile
from engine import runtime


@pytest.mark.slow  # compiles the chain of stages
def test_stages_are_timed_along_the_run_and_leave_it_as_it_was():
    runtime.init("cpu", threads=2)
    scene = engine.Scene()
    scene.add_plane()
    for k in range(2):
        scene.add_body(
            f"box{k}", shape=engine.Box(size=(0.1, 0.1, 0.1)), density=500.0, position=(0.02 * k, 0, 0.06 + 0.12 * k)
        )
    simulations = [engine.Simulation(scene, 32) for _ in range(2)]
    found = profile(simulations[0], np.zeros((20, 32, 0)))
    for _ in range(20):
        simulations[1].step()
    assert list(found) == [*(name for name, _ in STAGES), "host and launch"]
    assert found["solve"] > 0 and found["collision"] > 0 and 0 < sum(found.values()) < 1e7
    np.testing.assert_array_equal(simulations[0].state.qpos, simulations[1].state.qpos)
