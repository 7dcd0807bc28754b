"""Inverse kinematics: reachable targets are met within the limits, others are reported, nobody feels a neighbour."""

import numpy as np
import pytest
from scipy.optimize import minimize

import engine
from engine.control import InverseKinematics, Target
from engine.errors import StateError
from engine.geometry import rotation
from tests.engine.kinematics.arms import HOME, LINKS, TOOL, planar_arm, reachable, seven_joint_arm

LOW, HIGH = np.array([limits for *_, limits in LINKS]).T
HAND = Target("hand", point=TOOL)


def angle_between(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    return 2 * np.arccos(np.clip(np.abs((p * q).sum(-1)), 0, 1))


@pytest.fixture(scope="module", params=["f32", "f64"])
def arm(request):
    engine.init("cpu", precision=request.param, threads=2)
    return engine.Simulation(seven_joint_arm(), num_envs=1024)


def test_random_reachable_targets_are_met_within_the_limits(arm):
    """1,024 poses anywhere within the limits: at least 99 % to 1 mm and 0.1 degrees, and what is claimed is true."""
    before = arm.snapshot()
    _, position, turn = reachable(arm, 0, margin=0.0)
    found = InverseKinematics(arm, HAND).solve(position, turn)
    there = arm.configuration(qpos=found.qpos)
    far = np.linalg.norm(there.point("hand", TOOL) - position, axis=1)
    off = angle_between(there.body_rotation[:, -1].astype(float), turn)
    met = (far < 1e-3) & (off < np.radians(0.1))
    assert met.mean() >= 0.99
    assert (met | ~found.converged).all() and found.converged.mean() >= 0.99
    slack = 1e-6
    assert (found.qpos >= LOW - slack).all() and (found.qpos <= HIGH + slack).all()
    np.testing.assert_allclose(found.position_error[:, 0], far, atol=1e-7)
    assert np.array_equal(before, arm.snapshot()), "the state is not touched"


def test_what_cannot_be_reached_is_reported_with_the_best_there_is(arm):
    """Two metres away: every environment says so, and the arm is stretched towards the target."""
    goals = np.tile([2.0, 0.0, 0.333], (arm.num_envs, 1))
    found = InverseKinematics(arm, Target("hand", rotation_weight=0.0), attempts=3).solve(goals)
    assert not found.converged.any()
    tip = arm.configuration(qpos=found.qpos).point("hand")
    np.testing.assert_allclose(np.linalg.norm(goals - tip, axis=1), found.position_error[:, 0], rtol=1e-5)
    best = found.position_error.min()
    assert found.position_error.max() < best + 0.05 and (found.attempts == 3).all()


@pytest.fixture
def f64():
    engine.init("cpu", precision="f64", threads=1)


def test_every_environment_gets_the_bits_that_it_gets_alone(cpu):
    sim = engine.Simulation(seven_joint_arm(), num_envs=40)
    _, position, turn = reachable(sim, 3)
    together = InverseKinematics(sim, HAND).solve(position, turn)
    for k in (0, 17, 39):
        alone = InverseKinematics(engine.Simulation(seven_joint_arm(), num_envs=1), HAND).solve(position[k], turn[k])
        assert np.array_equal(alone.qpos[0], together.qpos[k])
        assert alone.trials[0] == together.trials[k]


def test_two_link_arm_has_the_closed_form(f64):
    """Law of cosines: the elbow angle of a planar arm."""
    first, second = 0.5, 0.4
    sim = engine.Simulation(planar_arm((first, second)), num_envs=32)
    rng = np.random.default_rng(2)
    radius, bearing = rng.uniform(0.2, 0.85, 32), rng.uniform(-3, 3, 32)
    goals = np.stack([radius * np.cos(bearing), np.zeros(32), radius * np.sin(bearing)], 1)
    tip = Target("link2", point=(second, 0, 0), rotation_weight=0.0)
    found = InverseKinematics(sim, tip, tolerance=(1e-9, 1.0)).solve(goals, start=[0.1, 0.3])
    assert found.converged.all()
    elbow = np.arccos((radius**2 - first**2 - second**2) / (2 * first * second))
    np.testing.assert_allclose(np.cos(found.qpos[:, 1]), np.cos(elbow), atol=1e-7)


def test_several_targets_and_a_free_rotation(f64):
    """Hand and elbow of a five-link planar arm both meet their points."""
    lengths = (0.4, 0.35, 0.3, 0.25, 0.2)
    sim = engine.Simulation(planar_arm(lengths), num_envs=64)
    there = sim.configuration(qpos=np.random.default_rng(4).uniform(-1.5, 1.5, (64, 5)))
    goals = np.stack([there.point("link3"), there.point("link5", (0.2, 0, 0))], 1)
    targets = [Target("link3", rotation_weight=0.0), Target("link5", point=(0.2, 0, 0), rotation_weight=0.0)]
    found = InverseKinematics(sim, targets).solve(goals)
    assert found.converged.all() and found.position_error.shape == (64, 2)
    here = sim.configuration(qpos=found.qpos)
    assert np.linalg.norm(here.point("link3") - goals[:, 0], axis=1).max() < 1e-4
    only_turn = Target("link5", position_weight=0.0)
    turned = InverseKinematics(sim, only_turn).solve(rotation=there.body_rotation[:, -1])
    assert turned.converged.all() and (turned.position_error > 0.01).any()


def test_the_posture_chooses_in_the_null_space(f64):
    """As near to the posture as a constrained minimizer finds, and the target is met as exactly as without one."""
    sim = engine.Simulation(seven_joint_arm(), num_envs=6)
    _, position, turn = reachable(sim, 8, margin=0.25)
    start = sim.configuration().qpos
    drawn = InverseKinematics(sim, HAND, posture=HOME, posture_weight=1e-3, attempts=1).solve(position, turn, start)
    plain = InverseKinematics(sim, HAND, attempts=1).solve(position, turn, start)
    both = drawn.converged & plain.converged
    assert both.sum() >= 4
    near, other = (np.linalg.norm(found.qpos - HOME, axis=1) for found in (drawn, plain))
    assert (near[both] < other[both] + 1e-3).all() and (near[both] < other[both] - 0.02).any()
    for k in np.flatnonzero(both)[:2]:
        assert near[k] < nearest_to_home(sim, position[k], turn[k], drawn.qpos[k]) + 0.03


def nearest_to_home(sim, position, turn, start) -> float:
    """Distance from HOME of the coordinates that a general minimizer finds on the same targets, from the same start."""

    def miss(q):
        here = sim.configuration(qpos=q)
        off = rotation.multiply(turn, rotation.conjugate(here.body_rotation[0, -1]))
        return np.concatenate([here.point("hand", TOOL)[0] - position, off[1:] * np.sign(off[0])])

    constraint = {"type": "eq", "fun": miss}
    best = minimize(
        lambda q: ((q - HOME) ** 2).sum(), start, bounds=list(zip(LOW, HIGH, strict=True)), constraints=constraint, tol=1e-8
    )
    assert best.success and np.abs(miss(best.x)).max() < 1e-5
    return float(np.sqrt(best.fun))


def test_ball_and_free_joints_turn_on_their_manifold(f64):
    """A chain of two ball joints below a base that is free only when it is named."""
    scene = engine.Scene()
    rod = engine.Capsule(radius=0.02, length=0.3, position=(0, 0, 0.15), collides=False)
    scene.add_body("base", engine.Box(size=(0.2, 0.2, 0.1)), position=(0, 0, 1))
    scene.add_body("upper", rod, position=(0, 0, 0.05), parent="base", joint=engine.Ball())
    scene.add_body("lower", rod, position=(0, 0, 0.3), parent="upper", joint=engine.Ball())
    sim = engine.Simulation(scene, num_envs=16)
    rng = np.random.default_rng(1)
    goals = np.array([0, 0, 1.05]) + 0.4 * (lambda v: v / np.linalg.norm(v, axis=1, keepdims=True))(rng.normal(size=(16, 3)))
    turns = rng.normal(size=(16, 4))
    tip = Target("lower", point=(0, 0, 0.3), rotation_weight=0.0)
    fixed = InverseKinematics(sim, tip).solve(goals)
    assert fixed.converged.all() and np.array_equal(fixed.qpos[:, :7], sim.state.qpos[:, :7])
    np.testing.assert_allclose(np.linalg.norm(fixed.qpos[:, 7:11], axis=1), 1, atol=1e-12)
    whole = InverseKinematics(sim, Target("lower"), joints=["base", "upper", "lower"]).solve(goals + [1, 0, 0], turns)
    assert whole.converged.all()


def test_each_environment_keeps_its_own_limits(f64):
    """Scenes that differ in limits share a batch."""
    scenes = [planar_arm(range=(-bound, bound)) for bound in (0.3, 1.0, 2.5)]
    sim = engine.Simulation(scenes)
    found = InverseKinematics(sim, Target("link2", point=(0.4, 0, 0), rotation_weight=0.0)).solve([0.35, 0.0, -0.4])
    assert (np.abs(found.qpos).max(1) <= np.array([0.3, 1.0, 2.5]) + 1e-12).all()
    assert found.converged.tolist() == [False, False, True]


def test_wrong_problems_are_named(f64):
    sim = engine.Simulation(seven_joint_arm(), num_envs=2)
    with pytest.raises(StateError, match="unknown body 'hnad'; did you mean 'hand'"):
        InverseKinematics(sim, Target("hnad"))
    with pytest.raises(StateError, match="unknown joint 'joint9'; did you mean"):
        InverseKinematics(sim, HAND, joints=["joint9"])
    with pytest.raises(StateError, match=r"solve\(rotation\): it is missing"):
        InverseKinematics(sim, HAND).solve([0.3, 0, 0.5])
    with pytest.raises(StateError, match=r"solve\(position\): shape \(3, 1, 3\); needs \(2, 1, 3\)"):
        InverseKinematics(sim, HAND).solve(np.zeros((3, 3)), [1, 0, 0, 0])
    with pytest.raises(StateError, match="no joint moves the targets"):
        InverseKinematics(sim, Target("world"))
    scene = engine.Scene()
    scene.add_body("arm", engine.Sphere(radius=0.1, position=(0.2, 0, 0)), joint=engine.Ball(range=(0, 1.0)))
    with pytest.raises(StateError, match="ball joint 'arm' has a range"):
        InverseKinematics(engine.Simulation(scene), Target("arm"))
