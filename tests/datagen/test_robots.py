"""Our own robots load, have the masses and joints that their sources say, and stand or hold their pose."""

import numpy as np
import pytest

import engine
from datagen.build import build_scene, model_bodies, model_joints, resting_controls
from datagen.spec import from_data, sample

ARM_LINKS = (2.9, 4.970684, 0.646926, 3.228604, 3.587895, 1.225946, 1.666555, 0.735522, 0.73, 0.015, 0.015)
MASS = {
    "arm": sum(ARM_LINKS), "mobile_base": 1.0, "quadruped": 4.713 + 4 * (0.696 + 1.013 + 0.166 + 0.06), "humanoid": 75.0,
    "hand": 0.4154 + 3 * 0.122 + 0.1063,
}  # fmt: skip
JOINTS = {"arm": 9, "mobile_base": 2, "quadruped": 12, "humanoid": 20, "hand": 16}
CONTROLLERS = ("position", "velocity", "torque")


def episode(robot, **actor):
    data = {
        "spec": 1, "name": "stand", "entities": {"floor": {"morph": {"type": "plane"}}},
        "actors": {"robot": {"robot": robot, **actor}}, "record": {"frames": 2},
    }  # fmt: skip
    return sample(from_data(data), 0, 0)


def simulation(spec):
    simulation = engine.Simulation([build_scene(spec)] * 2)
    names = simulation.names.actuator
    for name, value in resting_controls(spec).items():
        simulation.control.actuator[:, names.index(name)] = value
    return simulation


@pytest.mark.parametrize("robot", sorted(MASS))
def test_a_robot_has_the_joints_and_the_mass_of_its_source(robot):
    spec = episode(robot)
    (model,) = spec.models
    assert len(model_joints(model)) == JOINTS[robot] and all(name.startswith("robot.") for name in model_bodies(model))
    compiled = engine.compile_scenes([build_scene(spec)])
    assert float(compiled.reals["body_mass"][0].sum()) == pytest.approx(MASS[robot], rel=0.03)


@pytest.mark.parametrize("robot", sorted(MASS))
def test_a_robot_stands_or_holds_for_a_second(robot):
    engine.init(backend="cpu")
    spec = episode(robot)
    sim = simulation(spec)
    before = np.array(sim.state.body_position[0])
    sim.step(500)
    assert not sim.faults.any()
    after = np.array(sim.state.body_position[0])
    assert np.abs(after - before).max() < 0.05
    assert np.abs(np.array(sim.state.body_velocity[0])).max() < 0.05


@pytest.mark.parametrize("kind", CONTROLLERS)
def test_a_controller_decides_the_law_of_the_drives(kind):
    spec = episode("arm", controller={"type": kind})
    compiled = engine.compile_scenes([build_scene(spec)])
    gain, bias = compiled.reals["actuator_gain"][0, 0], compiled.reals["actuator_bias"][0, 0]
    wanted = {
        "position": ([4500, 0, 0], [0, -4500, -450]), "velocity": ([450, 0, 0], [0, 0, -450]), "torque": ([1, 0, 0], [0, 0, 0]),
    }  # fmt: skip
    assert gain.tolist() == wanted[kind][0] and bias.tolist() == wanted[kind][1]


def test_an_unknown_joint_or_keyframe_of_an_actor_is_named():
    for change, word in (({"joints": {"joint9": "0.1 rad"}}, "joint9"), ({"keyframe": "hom"}, "home")):
        with pytest.raises(Exception, match=word):
            build_scene(episode("arm", **change))
    with pytest.raises(Exception, match="its range is"):
        build_scene(episode("arm", joints={"joint4": "1 rad"}))
