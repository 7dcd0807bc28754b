"""The exchange with continua: wrenches reach the bodies, momentum adds up, snapshots hold both."""

import numpy as np
import pytest

import engine
from engine.continua import Touches
from engine.couplers import build


class Spring:
    """A continuum of one number per environment, the force that grows with time, on the last body."""

    def __init__(self, num_envs: int):
        self.force = np.zeros(num_envs)
        self.given = np.zeros(num_envs)

    def reset(self, envs):
        self.force[envs] = self.given[envs] = 0.0

    def advance(self, bodies, duration):
        self.force = self.force + duration * np.arange(1, len(self.force) + 1)
        self.given = self.given + self.force * duration
        wrench = np.zeros((*bodies.mass.shape, 6))
        wrench[:, -1, 0] = self.force
        return wrench

    def touches(self):
        return Touches(np.zeros(0, int), np.zeros(0, int), np.zeros((0, 3)), np.zeros((0, 3)))

    def mark(self):
        pass

    def snapshot(self):
        return np.stack([self.force, self.given], 1)

    def restore(self, rows):
        self.force, self.given = rows[:, 0].copy(), rows[:, 1].copy()

    def faults(self):
        return np.zeros(len(self.force), int)

    def clouds(self):
        return ()

    def surfaces(self):
        return ()


@pytest.fixture
def simulation(monkeypatch, cpu):
    """Three environments with one weightless block and the spring beside it."""
    monkeypatch.setattr(build, "MAKERS", (lambda scenes, compiled, runtime, num_envs: [Spring(num_envs)],))
    scene = engine.Scene()
    scene.add_body("block", engine.Box(size=(0.1, 0.2, 0.3)), mass=2.0, gravity_scale=0.0)
    return engine.Simulation(scene, num_envs=3)


def test_the_impulse_that_a_continuum_gives_is_the_momentum_that_bodies_get(simulation):
    """m v equals the sum of F dt in every environment, over steps of several substeps."""
    for _ in range(4):
        simulation.step(5)
    velocity = simulation.state.qvel[:, 0]
    spring = simulation._coupling.continua[0]
    np.testing.assert_allclose(2.0 * velocity, spring.given, rtol=1e-5)
    assert velocity[2] > 2.9 * velocity[0] > 0
    assert not simulation.control.body_wrench.any()


def test_a_snapshot_holds_bodies_and_continua(simulation):
    """Restoring goes on bit for bit; a reset clears one environment only."""
    simulation.step(3)
    rows = simulation.snapshot()
    simulation.step(4)
    later = simulation.snapshot()
    simulation.restore(rows)
    simulation.step(4)
    np.testing.assert_array_equal(simulation.snapshot(), later)
    simulation.reset(envs=[1])
    assert simulation._coupling.continua[0].force[1] == 0.0
    assert simulation._coupling.continua[0].force[2] > 0.0
