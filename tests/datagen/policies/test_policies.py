"""Policies share one interface; explorers find what random actions do not; failures are kept and labelled."""

import numpy as np

import engine
from datagen.environments.world import World
from datagen.policies import Random, Replay, TowardsReward, WithNoise, learned, rollout
from datagen.spec import from_data

FORCE = {"body": "cube", "mode": "force", "along": "x", "low": "-12 N", "high": "12 N"}
DOCUMENT = {
    "spec": 1, "name": "push", "record": {"fps": 20, "duration": 1.5, "outputs": ["rgb"]}, "world": {"substeps": 10},
    "entities": {
        "floor": {"morph": {"type": "plane"}},
        "cube": {"morph": {"type": "box", "size": [0.1, 0.1, 0.1]}, "mass": 1.0, "position": [0, 0, 0.05]},
    },
    "controls": {"push": FORCE}, "reward": "from_goal",
    "task": {"success": "position(cube, along x) > 60 cm", "failure": "position(cube, along x) < -30 cm"},
}  # fmt: skip


def world(num_envs):
    engine.init(backend="cpu", precision="f32", threads=1)
    return World(from_data(DOCUMENT), num_envs)


def test_random_actions_are_smooth_bounded_and_do_not_depend_on_the_batch():
    wide, narrow = Random(8, 3, seed=2), Random(2, 3, seed=2)
    for policy in (wide, narrow):
        policy.reset(np.arange(policy.num_envs))
    many = np.stack([wide.act(np.zeros((8, 1))) for _ in range(400)])
    few = np.stack([narrow.act(np.zeros((2, 1))) for _ in range(400)])
    assert np.array_equal(many[:, :2], few) and np.abs(many).max() <= 1.0
    steps = many[1:] - many[:-1]
    assert steps.std() < 0.6 * many.std()


def test_a_replay_of_recorded_actions_gives_the_same_episodes():
    scene = world(4)
    made = rollout(scene, Random(4, 1, seed=1), 4)
    length = max(len(one.actions) for one in made)
    actions = np.zeros((4, length, 1))
    for one in made:
        actions[one.env, : len(one.actions)] = one.actions
    again = {one.env: one for one in rollout(world(4), Replay(actions, 4), 4)}
    for one in made:
        assert np.array_equal(one.observations, again[one.env].observations)


def test_failures_and_successes_are_kept_and_labelled():
    scene = world(2)
    opposite = learned(lambda seen: np.array([[1.0], [-1.0]]), 2, 1)
    by_env = {one.env: one for one in rollout(scene, opposite, 2)}
    assert (by_env[0].success, by_env[0].failure) == (True, False)
    assert (by_env[1].success, by_env[1].failure) == (False, True)
    assert by_env[0].rewards.sum() > 0.9 and by_env[1].rewards.sum() <= 0.0


def test_noise_changes_actions_and_leaves_the_policy_its_way():
    scene = world(2)
    noisy = WithNoise(learned(lambda seen: np.full((2, 1), 0.9), 2, 1), 2, 1, size=0.1)
    made = rollout(scene, noisy, 2)
    assert all(one.success for one in made)
    assert np.std(made[0].actions) > 0.01


def test_exploration_towards_reward_finds_the_goal():
    scene = world(8)
    made = rollout(scene, TowardsReward(8, 1, steps=30, seed=4), 96)
    first, last = ([one.success for one in part] for part in (made[:16], made[-16:]))
    assert np.mean(last) > 0.8 and np.mean(last) > np.mean(first)
