"""Specs are environments of Gymnasium: its checker passes, batches are what single environments are, resets begin anew."""

import numpy as np
import pytest

gymnasium = pytest.importorskip("gymnasium")

from gymnasium.utils.env_checker import check_env  # noqa: E402

from datagen.environments.gymnasium_env import WorldEnv, WorldVectorEnv  # noqa: E402
from datagen.environments.world import WorldError  # noqa: E402
from datagen.spec import from_data  # noqa: E402

FLOOR = {"morph": {"type": "plane"}}
CUBE = {"morph": {"type": "box", "size": [0.1, 0.1, 0.1]}, "mass": 1.0, "position": [0, 0, 0.05]}
ARM = {
    "upper": {"morph": {"type": "box", "size": [0.5, 0.04, 0.04]}, "position": [0.25, 0, 0.5], "mass": 1.0},
    "lower": {"morph": {"type": "box", "size": [0.4, 0.04, 0.04]}, "position": [0.7, 0, 0.5], "mass": 0.5},
    "target": {"morph": {"type": "sphere", "radius": 0.03}, "position": [0.5, 0, 0.8], "fixed": True},
}
ARM_JOINTS = {
    "shoulder": {"type": "hinge", "body": "upper", "anchor": [-0.25, 0, 0], "axis": "y", "damping": 1},
    "elbow": {"type": "hinge", "body": "lower", "to": "upper", "anchor": [-0.2, 0, 0], "axis": "y", "damping": 1},
}
REACH = {"task": {"success": "distance(lower, target) < 5 cm"}, "reward": "from_goal"}


def arm(controls):
    return dict(entities=ARM, joints=ARM_JOINTS, controls=controls, checks={"overlap": "ignore"}, **REACH)


def joint(name, mode, low, high, **more):
    return {"joint": name, "mode": mode, "low": low, "high": high, **more}


def pushed(control, task, **more):
    return dict(entities={"floor": FLOOR, "cube": CUBE}, controls={"push": control}, task=task, **more)


FORCE = {"body": "cube", "mode": "force", "along": "x", "low": "-20 N", "high": "20 N"}
SPECS = {
    "push": pushed(FORCE, {"success": "displacement(cube) > 30 cm"}, reward="from_goal"),
    "stay": pushed(FORCE, {"success": {"always": "displacement(cube) < 10 cm"}}),
    "there and back": pushed(FORCE, {"success": "then(moved(cube, 5 cm), not moved(cube, 2 cm))"}, reward="from_goal"),
    "topple": pushed(dict(FORCE, along="y"), {"success": "toppled(cube)", "stop_on_success": False}),
    "time": pushed(FORCE, {"success": "hold(speed(cube) < 1 mm/s, 0.5 s)", "time_limit": 0.3}),
    "torques": arm({n: joint(n, "torque", "-10 N*m", "10 N*m") for n in ARM_JOINTS}),
    "positions": arm(
        {n: joint(n, "joint", "-90 deg", "90 deg", stiffness="200 N*m/rad", damping="20 N*m*s/rad") for n in ARM_JOINTS}
    ),
    "speeds": arm({n: joint(n, "velocity", "-90 deg/s", "90 deg/s", damping="20 N*m*s/rad") for n in ARM_JOINTS}),
    "cartesian": arm(
        {"hand": {"body": "lower", "mode": "cartesian", "low": "-0.5 m/s", "high": "0.5 m/s", "point": [0.2, 0, 0]}}
    ),
}  # fmt: skip


def document(name):
    parts = SPECS[name]
    return from_data({"spec": 1, "name": "made", "record": {"fps": 20, "duration": 1.0, "outputs": ["rgb"]}, **parts})


@pytest.mark.parametrize("name", [*SPECS, "balance"])
@pytest.mark.filterwarnings("ignore")
def test_the_checker_of_gymnasium_passes(name):
    env = WorldEnv("balance" if name == "balance" else document(name))
    check_env(env, skip_render_check=True)


def test_a_batch_is_what_single_environments_are_and_resets_only_what_ended():
    envs = WorldVectorEnv("balance", 3, seed=4)
    first, _ = envs.reset(seed=4)
    singles = [WorldEnv("balance") for _ in range(3)]
    for k, env in enumerate(singles):
        assert np.array_equal(env.reset(seed=4 + k)[0], first[k])
    rng, over = np.random.default_rng(1), np.zeros(3, bool)
    for _ in range(150):
        actions = np.where(np.arange(3)[:, None] == 1, 1.0, rng.uniform(-1, 1, (3, 1))).astype(np.float32)
        seen, reward, terminated, truncated, infos = envs.step(actions)
        for k in np.flatnonzero(~over):
            own, gain, ended, _, _ = singles[k].step(actions[k])
            last = infos["final_obs"][k] if terminated[k] else seen[k]
            assert np.array_equal(own, last) and gain == reward[k] and ended == terminated[k]
        over |= terminated | truncated
        if over.all():
            break
    assert over[1]


def test_a_reset_draws_the_masses_anew():
    env = WorldEnv("balance")
    masses = [
        env.reset(seed=k)[0] is not None and float(env.world.simulation.compiled.reals["body_mass"][0, 2]) for k in (3, 4, 3)
    ]
    assert masses[0] == masses[2] != masses[1] and all(0.09 <= mass <= 0.11 for mass in masses)
    assert np.allclose(env.world.judgement.motion.mass[0, 2], masses[2])


def test_a_reset_draws_a_new_start_and_a_seed_repeats_it():
    env = WorldEnv("balance")
    one, two = env.reset(seed=3)[0], env.reset()[0]
    assert not np.array_equal(one, two)
    assert np.array_equal(env.reset(seed=3)[0], one)


def test_rewards_and_ends_follow_the_task():
    env = WorldEnv(document("push"))
    env.reset(seed=0)
    total, ended = 0.0, False
    while not ended:
        _, reward, ended, truncated, info = env.step(np.array([1.0], np.float32))
        total += reward
        assert not truncated
    assert info["success"] and total == pytest.approx(1.0, abs=1e-6)  # a potential from 0 to 1


def test_the_time_limit_truncates():
    env = WorldEnv(document("time"))
    env.reset(seed=0)
    ends = [env.step(np.zeros(1, np.float32))[2:4] for _ in range(6)]
    assert ends[-1] == (False, True) and not any(map(any, ends[:-1]))


def test_a_spec_without_controls_says_so():
    with pytest.raises(WorldError, match="nothing can be controlled"):
        WorldEnv(from_data({"spec": 1, "name": "none", "entities": {"cube": CUBE}, "record": {"duration": 1.0}}))
