"""Every quantity of a configuration against MuJoCo in f64, at random states of models that cover all joints."""

import mujoco
import numpy as np
import pytest

from engine import runtime
from engine.errors import StateError
from engine.kinematics import Configuration
from engine.kinematics.coordinates import difference
from engine.math.memory import LAYOUT
from engine.model import build
from tests.oracle.from_mujoco import convert
from tests.oracle.models import BALL_JOINTS, CARTPOLE, DOUBLE_PENDULUM, FREE_TREE, HUMANOID

MODELS = {
    "double_pendulum": DOUBLE_PENDULUM,
    "cartpole": CARTPOLE,
    "ball_joints": BALL_JOINTS.replace('gravcomp=".5"', ""),
    "free_tree": FREE_TREE,
    "humanoid": HUMANOID,
}
STATES = 5
POINT = np.array([0.1, -0.2, 0.3])


@pytest.fixture(autouse=True, scope="module")
def engine_f64():
    runtime.init("cpu", precision="f64", threads=1)


@pytest.fixture(params=MODELS)
def case(request):
    """(MuJoCo model, its data after mj_forward at random states, our configuration in the same states)."""
    return states(MODELS[request.param])


def states(text: str):
    m = mujoco.MjModel.from_xml_string(text)
    m.opt.enableflags |= int(mujoco.mjtEnableBit.mjENBL_ENERGY)
    m.opt.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_CONSTRAINT)
    rng = np.random.default_rng(3)
    data = []
    for _ in range(STATES):
        d = mujoco.MjData(m)
        d.qpos += 0.4 * rng.normal(size=m.nq)
        d.qvel[:] = rng.normal(size=m.nv)
        mujoco.mj_normalizeQuat(m, d.qpos)
        mujoco.mj_forward(m, d)
        mujoco.mj_subtreeVel(m, d)
        data.append(d)
    model = build(convert(m), runtime.current(), STATES, 4, LAYOUT.group_major)
    return m, data, Configuration(model).update(qpos=gather(data, "qpos"), qvel=gather(data, "qvel"))


def gather(data, name: str) -> np.ndarray:
    return np.array([getattr(d, name) for d in data])


def close(mine: np.ndarray, theirs, tolerance: float = 1e-10) -> None:
    theirs = np.asarray(theirs)
    assert mine.shape == theirs.shape
    assert np.abs(mine - theirs).max(initial=0.0) <= tolerance * (1.0 + np.abs(theirs).max(initial=0.0))


def test_poses_and_jacobians(case):
    m, data, mine = case
    close(mine.body_position, gather(data, "xpos"))
    close(mine.body_com, gather(data, "xipos"))
    for body in range(m.nbody):
        theirs, point = np.zeros((STATES, 6, m.nv)), mine.point(body, POINT)
        for k, d in enumerate(data):
            mujoco.mj_jac(m, d, theirs[k, :3], theirs[k, 3:], point[k], body)
        close(mine.jacobian(body, POINT), theirs)
        assert np.array_equal(mine.dofs_of(body), np.flatnonzero(np.abs(theirs).max((0, 1)) > 0))


def test_the_time_derivative_of_the_jacobian(case):
    m, data, mine = case
    for body in range(1, m.nbody):
        theirs, point = np.zeros((STATES, 6, m.nv)), mine.point(body, POINT)
        for k, d in enumerate(data):
            mujoco.mj_jacDot(m, d, theirs[k, :3], theirs[k, 3:], point[k], body)
        close(mine.bias_acceleration(body, POINT), np.einsum("ein,en->ei", theirs, gather(data, "qvel")))


def test_mass_matrix_and_bias(case):
    m, data, mine = case
    dense = np.zeros((STATES, m.nv, m.nv))
    for k, d in enumerate(data):
        mujoco.mj_fullM(m, d, dense[k])
    close(mine.mass_matrix(), dense)
    close(mine.bias_force(), gather(data, "qfrc_bias"))
    close(mine.passive_force(), gather(data, "qfrc_passive"))


def test_inverse_dynamics_and_what_is_read_after_it(case):
    m, data, mine = case
    qacc = np.random.default_rng(5).normal(size=(STATES, m.nv))
    force = mine.inverse_dynamics(qacc)
    expected = []
    for d, row in zip(data, qacc, strict=True):
        d.qacc[:] = row
        mujoco.mj_inverse(m, d)
        expected.append(d.qfrc_inverse.copy())
    close(force, expected)
    close(mine.bias_force(), gather(data, "qfrc_bias"))
    close(mine.inverse_dynamics(0.0), gather(data, "qfrc_bias") - gather(data, "qfrc_passive"))


def test_gravity_force_is_the_bias_at_rest(case):
    m, data, mine = case
    rest = []
    for d in data:
        still = mujoco.MjData(m)
        still.qpos[:] = d.qpos
        mujoco.mj_forward(m, still)
        rest.append(still.qfrc_bias.copy())
    close(mine.gravity_force(), rest)


def test_centre_of_mass_momentum_and_energy(case):
    m, data, mine = case
    for body in range(m.nbody):
        close(mine.centre_of_mass(body), gather(data, "subtree_com")[:, body])
        theirs = np.zeros((STATES, 3, m.nv))
        for k, d in enumerate(data):
            mujoco.mj_jacSubtreeCom(m, d, theirs[k], body)
        close(mine.centre_of_mass_jacobian(body), theirs)
    total = m.body_mass.sum()
    close(mine.momentum()[:, :3], total * gather(data, "subtree_linvel")[:, 0])
    close(mine.momentum()[:, 3:], gather(data, "subtree_angmom")[:, 0])
    close(mine.potential_energy(), gather(data, "energy")[:, 0])
    close(mine.kinetic_energy(), gather(data, "energy")[:, 1])


def test_the_difference_of_coordinates(case):
    m, data, mine = case
    qpos = gather(data, "qpos")
    theirs = np.zeros((STATES, m.nv))
    for k in range(STATES):
        mujoco.mj_differentiatePos(m, theirs[k], 1.0, qpos[k - 1], qpos[k])
    close(difference(mine.model.compiled.ints, np.roll(qpos, 1, 0), qpos), theirs)


def test_wrong_names_and_shapes_are_named():
    _, _, mine = states(CARTPOLE)
    with pytest.raises(StateError, match="unknown body 'bodi1'; did you mean 'body1'"):
        mine.jacobian("bodi1")
    with pytest.raises(StateError, match=r"qacc: shape \(3,\); needs \(5, 2\)"):
        mine.inverse_dynamics(np.zeros(3))
    with pytest.raises(StateError, match="not finite"):
        mine.update(qpos=np.nan)
