"""Skills without a simulation: every name has its function, chains are placed and searched, hands are turned as asked."""

import numpy as np

from datagen.policies.catalog import CATALOG
from datagen.policies.chain import Chain
from datagen.policies.handles import Hinged
from datagen.policies.view import facing
from datagen.quaternions import rotate
from datagen.spec import SKILLS

BASE = (np.zeros(3), np.array([1.0, 0.0, 0.0, 0.0]))


def chain():
    """A made-up arm: seven hinges about z and y in turn, 0.15 m from one to the next."""
    position = np.array([[0.0, 0.0, 0.15]] * 8)
    rotation = np.array([[1.0, 0.0, 0.0, 0.0]] * 8)
    axis = np.array([[0.0, 0.0, 1.0] if number % 2 == 0 else [0.0, 1.0, 0.0] for number in range(7)])
    return Chain(position, rotation, axis, np.array([[-2.5, 2.5]] * 7))


def test_every_skill_of_a_spec_has_a_function():
    assert set(CATALOG) == set(SKILLS)


def test_a_hand_faces_and_closes_as_asked():
    rng = np.random.default_rng(3)
    for _ in range(20):
        approach, other = rng.normal(size=(2, 3))
        hand = facing(approach, other)
        z, y = rotate(hand, np.array([0.0, 0.0, 1.0])), rotate(hand, np.array([0.0, 1.0, 0.0]))
        assert np.allclose(z, approach / np.linalg.norm(approach), atol=1e-9) and abs(y @ z) < 1e-9 and y @ other > 0.0


def test_a_search_finds_a_pose_that_can_be_reached():
    arm, wanted = chain(), np.array([[0.3, 0.6, -0.2, 0.8, 0.4, 0.7, -0.3]])
    tip, turn, _, _ = arm.place(wanted, BASE)
    _, miss = arm.search(wanted + 0.2, BASE, (tip[0], turn[0]), 60)
    assert miss[0] < 1e-3


def test_a_plan_follows_a_path_without_a_jump_and_tells_what_is_out_of_reach():
    arm, now = chain(), np.array([0.3, 0.6, -0.2, 0.8, 0.4, 0.7, -0.3])
    tip, turn, _, _ = arm.place(now[None], BASE)
    poses = [(tip[0] - np.array([0.0, 0.0, 0.02 * step]), turn[0]) for step in range(5)]
    miss, angles = arm.plan(BASE, poses, now, -1.0)
    assert miss < 5e-3 and angles.shape == (5, 7) and np.abs(np.diff(angles, axis=0)).max() < 0.6
    far, _ = arm.plan(BASE, [(tip[0] + 5.0, turn[0])], now, -1.0)
    assert far > 4.0


def test_a_grip_goes_with_its_hinge():
    joint = Hinged("hinge", np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0]), 0.0, 0.0, 2.0)
    place, turn = joint.moved((np.array([2.0, 0.0, 0.5]), BASE[1]), 0.5 * np.pi)
    assert np.allclose(place, [1.0, 1.0, 0.5]) and np.allclose(turn, [np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)])
    _, kept = joint.moved((np.array([2.0, 0.0, 0.5]), BASE[1]), 1.0, 0.0)
    assert np.allclose(kept, BASE[1])
