"""Lanes, scalars and the GPU's memory order give the same bits, and no environment feels its neighbours."""

import mujoco
import numpy as np

from engine import runtime
from tests.oracle.from_mujoco import convert
from tests.oracle.models import HUMANOID
from tests.oracle.rig import Rig

ENVS, SUBSTEPS = 17, 40
STATE = ("qpos", "qvel", "qacc", "time", "pair_impulse", "pair_touch", "solver_iterations", "fault")


def start(num_envs: int, env: int | None = None, integrator: int = 0) -> Rig:
    """Humanoids in different poses just above the ground; or the one of index `env` alone."""
    m = mujoco.MjModel.from_xml_string(HUMANOID)
    rng = np.random.default_rng(5)
    qpos = np.tile(m.qpos0, (ENVS, 1))
    qpos[:, 7:] += rng.normal(size=(ENVS, m.nq - 7)) * 0.2
    qpos[:, 2] = 0.5 + 0.1 * np.arange(ENVS)
    qvel = rng.normal(size=(ENVS, m.nv)) * 0.3
    rig = Rig(convert(m, integrator), num_envs)
    chosen = slice(None) if env is None else slice(env, env + 1)
    rig.set(qpos=qpos[chosen], qvel=qvel[chosen])
    return rig


def results(rig: Rig) -> dict[str, np.ndarray]:
    return {name: rig.get(name) for name in STATE}


def run(num_envs: int, env: int | None = None, integrator: int = 0) -> dict[str, np.ndarray]:
    rig = start(num_envs, env, integrator)
    rig.step(SUBSTEPS)
    return results(rig)


def assert_same_bits(one: dict, other: dict) -> None:
    for name in STATE:
        assert one[name].tobytes() == other[name].tobytes(), f"{name}: up to {np.abs(one[name] - other[name]).max()} apart"


def test_lanes_scalars_and_gpu_order_have_the_same_bits():
    """16 lanes, one environment alone, and scalars in the GPU's memory order, under both integrators; some touch, some fall."""
    runtime.init("cpu", precision="f32", threads=1)
    lanes = [run(ENVS, integrator=integrator) for integrator in (0, 1)]
    for integrator in (0, 1):
        assert 0 < (lanes[integrator]["pair_touch"].sum(axis=1) > 0).sum() < ENVS
        for env in (0, 3, 16):
            alone = run(1, env, integrator)
            assert_same_bits({name: values[env : env + 1] for name, values in lanes[integrator].items()}, alone)
    runtime.init("cpu", precision="f32", threads=1, lanes=1)
    for integrator in (0, 1):
        assert_same_bits(lanes[integrator], run(ENVS, integrator=integrator))


def test_an_environment_does_not_feel_its_neighbours():
    """A neighbour that is not finite freezes with a fault; all others keep their bits."""
    runtime.init("cpu", precision="f32", threads=1)
    before = run(ENVS)
    rig = start(ENVS)
    qvel, qpos = rig.get("qvel"), rig.get("qpos")
    qvel[4, 2] = np.nan
    rig.set(qvel=qvel)
    rig.step(SUBSTEPS)
    after = results(rig)
    others = np.arange(ENVS) != 4
    assert_same_bits(
        {name: values[others] for name, values in before.items()}, {name: values[others] for name, values in after.items()}
    )
    assert after["fault"][4, 0] == 1 and not after["fault"][others].any()
    assert after["qpos"][4].tobytes() == qpos[4].tobytes() and after["time"][4] == 0
    assert np.isfinite(after["pair_impulse"]).all()


def test_single_precision_stays_near_double():
    """One step in f32 from the same states as in f64."""
    outcome = {}
    for precision in ("f32", "f64"):
        runtime.init("cpu", precision=precision, threads=1)
        rig = start(ENVS)
        rig.step(1)
        outcome[precision] = results(rig)
    assert np.abs(outcome["f32"]["qvel"] - outcome["f64"]["qvel"]).max() < 2e-3
    assert np.abs(outcome["f32"]["qpos"] - outcome["f64"]["qpos"]).max() < 1e-5
