"""Lanes, scalars and precisions agree; the running simulation is not felt and not disturbed; nothing is compiled anew."""

import gc

import numpy as np
import pytest

import engine
from engine.control import InverseKinematics, Target
from tests.engine.kinematics.arms import HOME, TOOL, planar_arm, seven_joint_arm

HAND = Target("hand", point=TOOL)


def everything(sim) -> list[np.ndarray]:
    """All that is computed on the device, at drawn coordinates, and a solution."""
    rng = np.random.default_rng(1)
    here = sim.configuration(HOME + rng.uniform(-0.2, 0.2, (sim.num_envs, 7)), rng.normal(size=(sim.num_envs, 7)))
    found = InverseKinematics(sim, HAND, posture=HOME).solve(here.point("hand", TOOL), here.body_rotation[:, -1])
    values = [here.jacobian("hand", TOOL), here.bias_acceleration("hand"), here.mass_matrix(), here.bias_force()]
    return [*values, here.inverse_dynamics(1.0), found.qpos, found.trials]


@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_the_gpu_memory_order_gives_the_same_bits(engine_as, precision):
    engine_as(precision=precision)
    lanes = everything(engine.Simulation(seven_joint_arm(), num_envs=19))
    engine_as(precision=precision, lanes=1)
    scalars = everything(engine.Simulation(seven_joint_arm(), num_envs=19))
    for mine, theirs in zip(lanes, scalars, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_single_precision_is_near_double(engine_as):
    engine_as(precision="f64")
    exact = everything(engine.Simulation(seven_joint_arm(), num_envs=5))[:5]
    engine_as(precision="f32")
    for mine, theirs in zip(everything(engine.Simulation(seven_joint_arm(), num_envs=5))[:5], exact, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=2e-5 * (1 + np.abs(theirs).max()))


def test_the_simulation_goes_on_with_the_same_bits(cpu):
    """Whatever is asked in between."""
    alone, asked = (engine.Simulation(seven_joint_arm(), num_envs=3) for _ in range(2))
    for sim in (alone, asked):
        sim.control.joint_force[:] = 1.0
        for _ in range(4):
            sim.step(5)
            if sim is asked:
                everything(sim)
    assert np.array_equal(alone.snapshot(), asked.snapshot())
    here = asked.configuration()
    assert np.array_equal(here.qpos, asked.state.qpos) and np.array_equal(here.body_position, asked.state.body_position)


def compiled_kernels() -> int:
    from engine.compiler import ti

    kernel = ti.lang.kernel_impl.Kernel
    return sum(len(k.compiled_kernels) for k in gc.get_objects() if isinstance(k, kernel))


def test_another_robot_and_batch_compile_nothing(cpu):
    everything(engine.Simulation(seven_joint_arm(), num_envs=3))
    before = compiled_kernels()
    sim = engine.Simulation(planar_arm((0.3, 0.3, 0.3)), num_envs=70)
    targets = [Target("link3", rotation_weight=0.0), Target("link2", position_weight=0.0)]
    turns = sim.configuration().body_rotation[:, 2:4]
    InverseKinematics(sim, targets).solve(np.zeros((70, 2, 3)), turns)
    sim.configuration().inverse_dynamics(0.0)
    assert compiled_kernels() == before
