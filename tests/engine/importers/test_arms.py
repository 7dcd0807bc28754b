"""The same arm as MJCF, URDF and USD: equal mass matrix and trajectory, in f64, contacts of the folding arm included."""

from pathlib import Path

import numpy as np
import pytest

import engine
from engine import runtime

ARMS = Path(__file__).parents[3] / "assets" / "arms"
HOME = np.array([0, -0.785, 0, -2.356, 0, 1.571, 0.785, 0.02, 0.02])
SINGLE = 2e-6  # USD keeps masses, inertias and joint frames in single precision


@pytest.fixture(scope="module")
def motions():
    """Mass matrices and 120 steps of each file from the same states, under gravity and the same joint torques."""
    runtime.init("cpu", precision="f64", threads=1)
    rng = np.random.default_rng(3)
    start = HOME + rng.normal(size=(4, 9)) * ([0.2] * 7 + [0.004] * 2)
    torque = rng.normal(size=(4, 9)) * ([5, 5, 3, 3, 1, 1, 0.3, 0.02, 0.02])
    return {name: motion(ARMS / name, start, torque) for name in ("arm.xml", "arm.urdf", "arm.usda")}


def motion(path, start, torque):
    scene = engine.load(path)
    scene.options = engine.Options(integrator="implicit", contact="exact")
    sim = engine.Simulation(scene, num_envs=len(start))
    sim.state.qpos[:] = start
    sim.control.joint_force[:] = torque
    sim.step()
    mass = sim.read("mass").copy()
    track = []
    for _ in range(6):
        sim.step(20)
        track.append(sim.state.qpos.copy())
    assert not sim.faults.any()
    return mass, np.array(track)


@pytest.mark.parametrize("other, tolerance", [("arm.urdf", 1e-9), ("arm.usda", SINGLE)])
def test_mass_matrix_and_trajectory_are_equal(motions, other, tolerance):
    """A swing of 0.24 s amplifies single precision about tenfold."""
    mass, track = motions["arm.xml"]
    np.testing.assert_allclose(motions[other][0], mass, atol=tolerance * np.abs(mass).max())
    np.testing.assert_allclose(motions[other][1], track, atol=100 * tolerance * np.abs(track).max())
    assert np.abs(track[-1] - track[0]).max() > 0.1  # it does move


def test_the_files_say_whose_they_are():
    """A licence line in each."""
    for path in ARMS.iterdir():
        assert "SPDX-License-Identifier: Apache-2.0" in path.read_text(encoding="utf-8")[:500]
