"""Controllers against closed forms: what acceleration they cause, how the error decays, what they leave alone."""

import numpy as np
import pytest

import engine
from engine.control import PD, ComputedTorque, OperationalSpace, Target
from engine.errors import StateError
from tests.engine.kinematics.arms import HOME, TOOL, planar_arm, seven_joint_arm

HAND = Target("hand", point=TOOL)


@pytest.fixture(autouse=True, scope="module")
def f64():
    engine.init("cpu", precision="f64", threads=1)


def moving_arm(num_envs: int = 5, seed: int = 0, **joint) -> engine.Simulation:
    """The seven-joint arm near home at random velocities."""
    sim = engine.Simulation(seven_joint_arm(timestep=5e-4, **joint), num_envs=num_envs)
    rng = np.random.default_rng(seed)
    sim.state.qpos = HOME + rng.uniform(-0.3, 0.3, (num_envs, 7))
    sim.state.qvel = rng.normal(size=(num_envs, 7))
    return sim


def acceleration(sim, force) -> np.ndarray:
    """M^-1 (force + passive - bias)."""
    here = sim.configuration()
    rest = force + here.passive_force() - here.bias_force()
    return np.linalg.solve(here.mass_matrix(), rest[..., None])[..., 0]


def test_pd_force_and_its_limit():
    sim = moving_arm()
    target, rate = HOME + 0.1, 0.5
    gains, drag = np.arange(1.0, 8.0) * 10, 3.0
    qpos, qvel = sim.state.qpos, sim.state.qvel
    expected = gains * (target - qpos) + drag * (rate - qvel)
    np.testing.assert_allclose(PD(sim, gains, drag).torque(target, rate), expected, rtol=1e-12)
    limited = PD(sim, gains, drag, force_limit=2.0).apply(target, rate)
    np.testing.assert_allclose(limited, np.clip(expected, -2, 2), rtol=1e-12)
    assert np.array_equal(sim.control.joint_force, limited)
    two = PD(sim, 10.0, 1.0, joints=["joint2", "joint5"]).torque([0.1, 0.2])
    assert (two[:, [0, 2, 3, 5, 6]] == 0).all() and (two[:, [1, 4]] != 0).all()


def test_pd_hangs_by_its_stiffness_and_not_with_gravity_compensation():
    """A link of 1 kg at 0.5 m with 200 N m/rad: k e = m g l cos(q) at rest."""
    for carries in (False, True):
        sim = engine.Simulation(planar_arm((0.5,)), num_envs=3)
        control = PD(sim, 200.0, 12.0, gravity_compensation=carries)
        targets = np.array([[0.0], [0.4], [-1.0]])
        for _ in range(600):
            control.apply(targets)
            sim.step()
        q = sim.state.qpos
        weight = 9.81 * 0.5 * np.cos(q)
        np.testing.assert_allclose(200.0 * (targets - q), 0.0 if carries else -weight, atol=1e-5)
        assert np.abs(sim.state.qvel).max() < 1e-6


def test_computed_torque_gives_the_wanted_acceleration():
    sim = moving_arm(damping=0.4, armature=0.05)
    control = ComputedTorque(sim, 50.0)
    qpos, qvel = sim.state.qpos, sim.state.qvel
    wanted = 0.3 + 50 * (HOME - qpos) + 2 * np.sqrt(50) * (0.2 - qvel)
    np.testing.assert_allclose(acceleration(sim, control.torque(HOME, 0.2, 0.3)), wanted, atol=1e-9)


def test_the_error_under_computed_torque_is_a_damped_oscillator():
    """e(t) = (e + (v + w e) t) exp(-w t) for critical damping, at every joint, under gravity, in steps of 0.5 ms."""
    sim = moving_arm()
    error, rate, w = sim.state.qpos - HOME, sim.state.qvel, 6.0
    control = ComputedTorque(sim, w**2)
    for step in range(1, 601):
        control.apply(HOME)
        sim.step()
        if step % 200 == 0:
            t = step * 5e-4
            closed = (error + (rate + w * error) * t) * np.exp(-w * t)
            np.testing.assert_allclose(sim.state.qpos - HOME, closed, atol=2e-3)


@pytest.mark.parametrize("target", [HAND, Target("hand", point=TOOL, rotation_weight=0.0), Target("hand", position_weight=0.0)])
def test_operational_space_gives_the_wanted_task_acceleration(target):
    """J q'' + J' q' is what was asked for, whatever the posture does."""
    sim = moving_arm(damping=0.3)
    rng = np.random.default_rng(7)
    ahead = rng.normal(size=(sim.num_envs, 6))
    rows = [k for k in range(6) if (target.position_weight, target.rotation_weight)[k // 3] > 0]
    forces = []
    for posture in (None, HOME + 0.5):
        control = OperationalSpace(sim, target, posture=posture, stiffness=(0.0, 0.0), damping=(0.0, 0.0), singularity=0.0)
        forces.append(control.torque(acceleration=ahead))
        here = sim.configuration()
        task = np.einsum("ein,en->ei", here.jacobian("hand", target.point), acceleration(sim, forces[-1]))
        task += here.bias_acceleration("hand", target.point)
        np.testing.assert_allclose(task[:, rows], ahead[:, rows], atol=1e-8)
    assert np.abs(forces[0] - forces[1]).max() > 0.1


def test_the_hand_follows_a_circle_and_keeps_its_rotation():
    """A circle of 10 cm in 2 s, held within 2 mm at steps of 2 ms."""
    sim = engine.Simulation(seven_joint_arm(), num_envs=3)
    here = sim.configuration()
    centre, turn = here.point("hand", TOOL) - [0.1, 0, 0], here.body_rotation[:, -1]
    control = OperationalSpace(sim, HAND, stiffness=(400.0, 400.0), posture=HOME)
    w, worst = np.pi, 0.0
    for step in range(700):
        s, c = np.sin(w * step * 0.002), np.cos(w * step * 0.002)
        wanted = centre + 0.1 * np.array([c, s, 0])
        ahead = [-0.1 * w * w * c, -0.1 * w * w * s, 0, 0, 0, 0]
        control.apply(wanted, turn, velocity=[-0.1 * w * s, 0.1 * w * c, 0, 0, 0, 0], acceleration=ahead)
        sim.step()
        if step > 300 and step % 20 == 0:
            worst = max(worst, np.linalg.norm(sim.configuration().point("hand", TOOL) - wanted, axis=1).max())
    assert worst < 2e-3
    assert np.abs((sim.configuration().body_rotation[:, -1] * turn).sum(-1)).min() > 1 - 1e-5


def test_a_stretched_arm_is_asked_for_no_force_that_it_cannot_give():
    """A stretched planar arm cannot move along itself: the task loses that direction and the forces stay finite."""
    sim = engine.Simulation(planar_arm((0.5, 0.4)), num_envs=2)
    control = OperationalSpace(sim, Target("link2", point=(0.4, 0, 0), rotation_weight=0.0))
    force = control.torque(position=[2.0, 0.0, 0.0])
    holding = sim.configuration().gravity_force()
    np.testing.assert_allclose(force, holding, atol=1e-6)


def test_wrong_input_is_named():
    sim = moving_arm(2)
    with pytest.raises(StateError, match=r"PD\(joints\): unknown joint 'joint0'; did you mean"):
        PD(sim, 1.0, 1.0, joints=["joint0"])
    with pytest.raises(StateError, match=r"PD target: shape \(3,\); needs \(2, 7\)"):
        PD(sim, 1.0, 1.0).torque([0, 0, 0])
    with pytest.raises(StateError, match="OperationalSpace: no positive weight"):
        OperationalSpace(sim, Target("hand", position_weight=0, rotation_weight=0))
