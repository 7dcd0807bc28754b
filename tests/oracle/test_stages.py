"""Every stage of the rigid solver against MuJoCo in f64, on random states and with MuJoCo's own contacts."""

import re

import mujoco
import numpy as np
import pytest

from engine import runtime
from tests.oracle.from_mujoco import contacts_of, convert
from tests.oracle.models import BALL_JOINTS, CARTPOLE, DOUBLE_PENDULUM, FREE_TREE, HUMANOID, PENDULUM, boxes
from tests.oracle.rig import Rig

STATES = 6
DISCRETE = int(mujoco.mjtIntegrator.mjINT_DISCRETE)
MODELS = {
    "pendulum": PENDULUM,
    "double_pendulum": DOUBLE_PENDULUM,
    "cartpole": CARTPOLE,
    "ball_joints": BALL_JOINTS,
    "free_tree": FREE_TREE,
    "humanoid": HUMANOID,
    "boxes_1": boxes(1),
    "boxes_3": boxes(3),
    "boxes_4": boxes(4),
    "boxes_6": boxes(6),
}
for _name in ("humanoid", "boxes_1", "boxes_3", "boxes_4", "boxes_6"):
    MODELS[f"{_name}_pyramid"] = MODELS[_name].replace('cone="elliptic"', 'cone="pyramidal"')
HEIGHT = {"free_tree": 0.25, "humanoid": 0.5, "boxes_1": 0.13, "boxes_3": 0.13, "boxes_4": 0.13, "boxes_6": 0.13}
HEIGHT.update({f"{name}_pyramid": height for name, height in HEIGHT.items() if f"{name}_pyramid" in MODELS})


@pytest.fixture(autouse=True, scope="module")
def engine_f64():
    runtime.init("cpu", precision="f64", threads=1)


def states(name: str, text: str, integrator: int | None = None, tolerance: float = 1e-15):
    """MuJoCo models with random states, controls and applied forces, after mj_forward."""
    m = mujoco.MjModel.from_xml_string(text)
    m.opt.tolerance, m.opt.ls_tolerance, m.opt.iterations = tolerance, 1e-4, 200
    if integrator is not None:
        m.opt.integrator = integrator
    rng = np.random.default_rng(len(name))
    data = []
    for k in range(STATES):
        d = mujoco.MjData(m)
        d.qpos += rng.normal(size=m.nq) * 0.2
        d.qvel[:], d.ctrl[:], d.qfrc_applied[:] = rng.normal(size=m.nv) * 0.5, rng.normal(size=m.nu), rng.normal(size=m.nv)
        d.xfrc_applied[1:] = rng.normal(size=(m.nbody - 1, 6))
        mujoco.mj_normalizeQuat(m, d.qpos)
        if name in HEIGHT:
            d.qpos[2] = HEIGHT[name] * (1 + 0.05 * k)
        mujoco.mj_forward(m, d)
        data.append(d)
    return m, data


def rig_of(m, data, integrator: int = 1, contacts: bool = True):
    """A rig in the same states, stepped once with MuJoCo's contacts; also the slot of each contact."""
    rig = Rig(convert(m, integrator), num_envs=STATES)
    rig.set(
        qpos=gather(data, "qpos"),
        qvel=gather(data, "qvel"),
        actuator=gather(data, "ctrl"),
        joint_force=gather(data, "qfrc_applied"),
        body_wrench=gather(data, "xfrc_applied"),
    )
    slots = rig.inject([contacts_of(m, d) if contacts else [] for d in data])
    rig.run()
    return rig, slots


def gather(data, name: str) -> np.ndarray:
    return np.array([getattr(d, name) for d in data])


def assert_close(mine: np.ndarray, theirs: np.ndarray, tolerance: float, what: str) -> None:
    error = np.abs(mine - theirs).max(initial=0.0) / (1.0 + np.abs(theirs).max(initial=0.0))
    assert error <= tolerance, f"{what}: relative error {error:.2e} above {tolerance:.0e}"


def dense_mass(rig: Rig) -> np.ndarray:
    """Our sparse mass matrices as full ones."""
    compiled, rows = rig.model.compiled, rig.get("mass")
    n = compiled.sizes["num_dofs"]
    full = np.zeros((len(rows), n, n))
    for i in range(n):
        j, at = i, compiled.ints["dof_mass_start"][i]
        while j >= 0:
            full[:, i, j] = full[:, j, i] = rows[:, at]
            j, at = compiled.ints["dof_parent"][j], at + 1
    return full


def dense_jacobian(rig: Rig, env: int, slot: int) -> np.ndarray:
    """The six rows of a contact over all dofs."""
    compiled = rig.model.compiled
    group = env // rig.model.lanes
    pair = rig.get("contact_pair")[group, slot]
    start, count = compiled.ints["pair_block_start"][pair], compiled.ints["pair_block_count"][pair]
    dofs = (3 * compiled.ints["block_panel"][start : start + count, None] + np.arange(3)).ravel()
    blocks = rig.get("contact_jacobian")[env].reshape(-1, 2, compiled.sizes["max_blocks"], 3, 3)[slot, :, :count]
    full = np.zeros((6, 3 * compiled.sizes["num_panels"]))
    full[:3, dofs], full[3:, dofs] = blocks.transpose(0, 2, 1, 3).reshape(2, 3, -1)
    full = full[:, : compiled.sizes["num_dofs"]]
    return full


@pytest.mark.parametrize("name", MODELS)
def test_smooth_stages_match_to_rounding(name):
    """Poses, mass matrix, bias, passive and actuator forces equal MuJoCo's."""
    m, data = states(name, MODELS[name])
    rig, _ = rig_of(m, data)
    full = np.zeros((STATES, m.nv, m.nv))
    for k, d in enumerate(data):
        mujoco.mj_fullM(m, d, full[k])
    wrench = np.zeros((STATES, m.nv))
    for k, d in enumerate(data):
        for b in range(1, m.nbody):
            mujoco.mj_applyFT(m, d, d.xfrc_applied[b, :3], d.xfrc_applied[b, 3:], d.xipos[b], b, wrench[k])
    assert_close(rig.get("body_position_W"), gather(data, "xpos"), 1e-13, "xpos")
    assert_close(dense_mass(rig), full, 1e-12, "mass matrix")
    assert_close(rig.get("bias"), gather(data, "qfrc_bias") - gather(data, "qfrc_gravcomp") - wrench, 1e-12, "bias")
    assert_close(rig.get("passive_force"), gather(data, "qfrc_passive") - gather(data, "qfrc_gravcomp"), 1e-13, "passive")
    assert_close(rig.get("actuator_force"), gather(data, "qfrc_actuator"), 1e-13, "actuator")


@pytest.mark.parametrize("name", [name for name in MODELS if name in HEIGHT and "pyramid" not in name])
def test_contact_rows_match_to_rounding(name):
    """Jacobian, reference acceleration and weight of each contact equal MuJoCo's; tangents up to their rotation."""
    m, data = states(name, MODELS[name])
    rig, slots = rig_of(m, data)
    aref, weight = rig.get("contact_reference"), rig.get("contact_diagonal")
    compared = 0
    for k, d in enumerate(data):
        rows = np.zeros((d.nefc, m.nv))
        rows[:] = d.efc_J.reshape(d.nefc, m.nv) if not mujoco.mj_isSparse(m) else sparse_rows(m, d)
        for c, slot in enumerate(slots[k]):
            contact = d.contact[c]
            at, mine = contact.efc_address, dense_jacobian(rig, k, slot)
            if at < 0:
                continue
            compared += 1
            assert_close(mine[0], rows[at], 1e-13, "normal row")
            assert_close(aref[k, slot, 0], d.efc_aref[at], 1e-12, "aref")
            assert_close(weight[k, slot, 0], d.efc_D[at], 1e-12, "D")
            if contact.dim >= 3:
                assert_close(mine[1:3].T @ mine[1:3], rows[at + 1 : at + 3].T @ rows[at + 1 : at + 3], 1e-13, "tangents")
                assert_close(
                    aref[k, slot, 1:3] @ mine[1:3], d.efc_aref[at + 1 : at + 3] @ rows[at + 1 : at + 3], 1e-12, "tangent aref"
                )
                assert_close(weight[k, slot, 1:3], d.efc_D[at + 1 : at + 3], 1e-12, "tangent D")
            if contact.dim >= 4:
                assert_close(mine[3], rows[at + 3], 1e-13, "torsion row")
                assert_close(weight[k, slot, 3 : contact.dim], d.efc_D[at + 3 : at + contact.dim], 1e-12, "rolling D")
    assert compared >= STATES


def sparse_rows(m, d) -> np.ndarray:
    """MuJoCo's sparse constraint Jacobian as a dense one."""
    rows = np.zeros((d.nefc, m.nv))
    for r in range(d.nefc):
        start, count = d.efc_J_rowadr[r], d.efc_J_rownnz[r]
        rows[r, d.efc_J_colind[start : start + count]] = d.efc_J[start : start + count]
    return rows


@pytest.mark.parametrize("name", MODELS)
def test_acceleration_and_next_state_match(name):
    """The converged acceleration and the state after one step of MuJoCo's Euler integrator equal MuJoCo's."""
    m, data = states(name, MODELS[name])
    rig, _ = rig_of(m, data)
    assert_close(rig.get("qacc"), gather(data, "qacc"), 1e-6, "qacc")
    for d in data:
        mujoco.mj_step(m, d)
    assert_close(rig.get("qpos"), gather(data, "qpos"), 1e-9, "qpos")
    assert_close(rig.get("qvel"), gather(data, "qvel"), 1e-7, "qvel")
    assert not rig.get("fault").any()


@pytest.mark.parametrize("name", [name for name in MODELS if name not in HEIGHT or name == "humanoid"])
def test_implicit_integrator_is_mujocos_discrete_step(name):
    """Integrator 0 without constraints: damping, springs and actuator gains in the metric, as MuJoCo's `discrete` has them."""
    m, data = states(name, without_rows(MODELS[name]), DISCRETE)
    m.opt.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_CONTACT)
    for d in data:
        mujoco.mj_forward(m, d)
        assert d.nefc == 0
    rig, _ = rig_of(m, data, integrator=0, contacts=False)
    assert_close(rig.get("qacc"), gather(data, "qacc"), 1e-11, "qacc")
    for d in data:
        mujoco.mj_step(m, d)
    assert_close(rig.get("qpos"), gather(data, "qpos"), 1e-12, "qpos")


def without_rows(text: str) -> str:
    """The model without joint limits and dry friction."""
    text = re.sub(r' frictionloss="[^"]*"', "", text)
    return re.sub(r'( range="[^"]*"| limited="true")', "", text)


@pytest.mark.parametrize("name", ["humanoid", "boxes_3", "boxes_6", "humanoid_pyramid", "boxes_3_pyramid", "boxes_6_pyramid"])
def test_newton_takes_about_as_many_iterations_as_mujoco(name):
    """At the default tolerance, from a zero start: at most one more than MuJoCo on average."""
    m, data = states(name, MODELS[name], tolerance=1e-8)
    for d in data:
        d.qacc_warmstart[:] = 0.0
        mujoco.mj_forward(m, d)
    rig, _ = rig_of(m, data)
    mine, theirs = rig.get("solver_iterations").ravel(), np.array([d.solver_niter[0] for d in data])
    assert mine.mean() <= theirs.mean() + 1.0, (mine, theirs)
    assert mine.max() <= 12
