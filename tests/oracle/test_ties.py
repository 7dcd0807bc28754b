"""Equality constraints and tendons against MuJoCo in f64: paths, rows, forces, accelerations and the next state."""

from functools import cache

import mujoco
import numpy as np
import pytest

import engine
from engine import runtime
from tests.oracle.test_stages import assert_close, sparse_rows
from tests.oracle.tie_models import INSIDE, MODELS

STATES = 6
LIMITED = {"wraps": 1e-7, "mixed": 1e-9}  # MuJoCo finds inner wraps to 1e-6 only; Newton iterates where there are cones
DISCRETE = int(mujoco.mjtIntegrator.mjINT_DISCRETE)
FRICTION, LIMIT = int(mujoco.mjtConstraint.mjCNSTR_FRICTION_TENDON), int(mujoco.mjtConstraint.mjCNSTR_LIMIT_TENDON)
ELLIPTIC = int(mujoco.mjtConstraint.mjCNSTR_CONTACT_ELLIPTIC)
EQUALITY = int(mujoco.mjtConstraint.mjCNSTR_EQUALITY)


@pytest.fixture(autouse=True, scope="module")
def engine_f64():
    runtime.init("cpu", precision="f64", threads=1)


@pytest.fixture(scope="module")
def scene_of(tmp_path_factory):
    """Our scene of a model text."""
    folder = tmp_path_factory.mktemp("ties")

    @cache
    def load(text: str) -> engine.Scene:
        path = folder / f"{abs(hash(text))}.xml"
        path.write_text(text)
        return engine.load(path)

    return load


def states(text: str, seed: int = 3, integrator: int | None = None):
    """MuJoCo's model and data in random states, after mj_forward from a zero start."""
    m = mujoco.MjModel.from_xml_string(text)
    if integrator is not None:
        m.opt.integrator = integrator
    rng = np.random.default_rng(seed)
    data = []
    for _ in range(STATES):
        d = mujoco.MjData(m)
        d.qpos += rng.normal(size=m.nq) * 0.2
        d.qvel[:] = rng.normal(size=m.nv) * 0.5
        mujoco.mj_normalizeQuat(m, d.qpos)
        mujoco.mj_forward(m, d)
        data.append(d)
    return m, data


def gather(data, name: str) -> np.ndarray:
    return np.array([getattr(d, name) for d in data])


def simulate(scene: engine.Scene, data) -> engine.Simulation:
    """One substep of ours from the states of `data`."""
    sim = engine.Simulation(scene, len(data))
    sim.state.qpos, sim.state.qvel = gather(data, "qpos"), gather(data, "qvel")
    if data[0].model.nmocap:
        sim.state.kinematic_position, sim.state.kinematic_rotation = gather(data, "mocap_pos"), gather(data, "mocap_quat")
    sim.step()
    return sim


def our_row(ints: dict, m, d, i: int) -> int:
    """The row of ours that is row `i` of MuJoCo's constraint list."""
    kind, owner = int(d.efc_type[i]), int(d.efc_id[i])
    if kind == EQUALITY:
        first = next(j for j in range(d.nefc) if d.efc_type[j] == EQUALITY and d.efc_id[j] == owner)
        return int(ints["equality_row"][owner]) + i - first
    if kind == FRICTION:
        return int(ints["tendon_row"][owner]) + 2
    assert kind == LIMIT
    below = abs(d.ten_length[owner] - m.tendon_range[owner, 0] - d.efc_pos[i]) < 1e-12
    return int(ints["tendon_row"][owner]) + (0 if below else 1)


@pytest.mark.parametrize("name", MODELS)
def test_rows_match_to_rounding(name, scene_of):
    """Jacobian, residual, reference, weight and force of every row; only the rows that MuJoCo has act."""
    m, data = states(MODELS[name])
    sim = simulate(scene_of(MODELS[name]), data)
    ints, read = sim.compiled.ints, sim.read
    jacobian, weight = read("row_jacobian"), read("row_weight")
    scalar = {"pos": read("row_position"), "aref": read("row_reference"), "D": weight, "force": read("row_force")}
    compared = 0
    for k, d in enumerate(data):
        dense = sparse_rows(m, d) if mujoco.mj_isSparse(m) else d.efc_J[: d.nefc * m.nv].reshape(d.nefc, m.nv)
        theirs = {"pos": d.efc_pos - d.efc_margin, "aref": d.efc_aref, "D": d.efc_D, "force": d.efc_force}
        for i in np.flatnonzero(np.isin(d.efc_type, (EQUALITY, FRICTION, LIMIT))):
            r = our_row(ints, m, d, i)
            start, count = ints["row_entry_start"][r], ints["row_entry_count"][r]
            full = np.zeros(m.nv)
            full[ints["row_dof"][start : start + count]] = jacobian[k, start : start + count]
            assert_close(full, dense[i], 1e-12, f"J of row {i}")
            for key, values in theirs.items():
                limit = 1e-8 if name == "mixed" and key == "force" else 1e-10
                assert_close(scalar[key][k, r], values[i], limit, f"{key} of row {i}")
            compared += 1
        ties = np.isin(d.efc_type, (EQUALITY, FRICTION, LIMIT))
        others = d.nefc - ties.sum() - 2 * (d.efc_type == ELLIPTIC).sum() // 3
        assert sim.read("active_rows")[k, 0] == ties.sum() + others
    assert compared >= STATES or not (m.neq + m.tendon_limited.sum())


@pytest.mark.parametrize("name", MODELS)
def test_acceleration_and_next_state_match(name, scene_of):
    """qacc, passive forces and the state after one Euler step."""
    m, data = states(MODELS[name])
    sim = simulate(scene_of(MODELS[name]), data)
    assert_close(sim.read("passive_force"), gather(data, "qfrc_passive"), 1e-7 if name in INSIDE else 1e-12, "passive")
    assert_close(sim.read("qacc"), gather(data, "qacc"), LIMITED.get(name, 1e-11), "qacc")
    for d in data:
        mujoco.mj_step(m, d)
    assert_close(sim.state.qpos, gather(data, "qpos"), 1e-9 if name in LIMITED else 1e-13, "qpos")
    assert_close(sim.state.qvel, gather(data, "qvel"), 1e-9 if name in LIMITED else 1e-12, "qvel")


@pytest.mark.parametrize("name", [name for name in MODELS if "<tendon>" in MODELS[name]])
def test_tendons_match_to_rounding(name, scene_of):
    """Length and velocity in random states; length, rest length and inverse weight of the compiled model."""
    m, data = states(MODELS[name])
    scene = scene_of(MODELS[name])
    sim = engine.Simulation(scene, STATES)
    sim.state.qpos, sim.state.qvel = gather(data, "qpos"), gather(data, "qvel")
    assert_close(sim.state.tendon_length, gather(data, "ten_length"), 1e-14, "length")
    assert_close(sim.state.tendon_velocity, gather(data, "ten_velocity"), 1e-7 if name in INSIDE else 1e-13, "velocity")
    reals = sim.compiled.reals
    assert_close(reals["tendon_length_initial"][0], m.tendon_length0, 1e-14, "length0")
    assert_close(reals["tendon_spring_range"][0], m.tendon_lengthspring, 1e-14, "lengthspring")
    assert_close(reals["tendon_inverse_weight"][0], m.tendon_invweight0, 1e-8 if name in INSIDE else 1e-13, "invweight0")


@pytest.mark.parametrize("name", ["fixed", "spatial", "wraps"])
def test_implicit_tendons_are_mujocos_discrete_step(name, scene_of):
    """Integrator 0 with springs and dampers of tendons only: they join the metric, as in MuJoCo's `discrete`."""
    m, data = states(MODELS[name], integrator=DISCRETE)
    m.opt.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_CONSTRAINT)
    for d in data:
        mujoco.mj_forward(m, d)
    scene = scene_of(MODELS[name]).copy()
    scene.options.integrator = "implicit"
    scene._equalities = []
    scene._tendons = [replaced(t) for t in scene.tendons]
    sim = simulate(scene, data)
    assert_close(sim.read("qacc"), gather(data, "qacc"), 1e-7 if name in INSIDE else 1e-11, "qacc")


def replaced(tendon):
    from dataclasses import replace

    return replace(tendon, range=None, friction_loss=0.0)


def test_ties_meet_contacts(scene_of):
    """The mixed model has contacts, a joint limit and dry friction beside its ties in these states."""
    _, data = states(MODELS["mixed"])
    kinds = set(np.concatenate([d.efc_type for d in data]).tolist())
    assert len(kinds) == 6, kinds


@pytest.mark.parametrize("name", MODELS)
def test_newton_takes_about_as_many_iterations_as_mujoco(name, scene_of):
    """At the default tolerance, from a zero start: at most one more than MuJoCo on average."""
    m, data = states(MODELS[name])
    m.opt.tolerance = 1e-8
    for d in data:
        d.qacc_warmstart[:] = 0.0
        mujoco.mj_forward(m, d)
    scene = scene_of(MODELS[name]).copy()
    scene.options.tolerance = 1e-8
    mine = simulate(scene, data).read("solver_iterations").ravel()
    theirs = np.array([d.solver_niter[0] for d in data])
    assert mine.mean() <= theirs.mean() + 1.0, (mine, theirs)


def test_a_moved_mocap_body_pulls_what_is_welded_to_it(scene_of):
    """100 steps behind a mocap body that stands elsewhere: the trajectory is MuJoCo's."""
    text = MODELS["weld"]
    m, data = states(text)
    for d in data:
        d.mocap_pos[:] = [0.5, 0.1, 1.2]
        d.qacc_warmstart[:] = 0.0
        mujoco.mj_forward(m, d)
    sim = simulate(scene_of(text), data)
    for d in data:
        mujoco.mj_step(m, d)
    for _ in range(99):
        sim.step()
        for d in data:
            mujoco.mj_step(m, d)
    assert_close(sim.state.qpos, gather(data, "qpos"), 1e-7, "qpos after 100 steps")


def test_the_length_is_continuous_where_a_wrap_begins(scene_of):
    """The length along a fine line of states jumps nowhere by more than the speed allows (D10)."""
    text = MODELS["wraps"]
    m = mujoco.MjModel.from_xml_string(text)
    steps = 241
    qpos = np.repeat(m.qpos0[None], steps, axis=0)
    qpos[:, m.jnt_qposadr[2]] += np.linspace(-0.5, 0.7, steps)
    sim = engine.Simulation(scene_of(text), steps)
    sim.state.qpos, sim.state.qvel = qpos, np.zeros((steps, m.nv))
    length = sim.state.tendon_length
    wrapped = sim.read("wrap_arc") > 0
    assert (wrapped.any(axis=0) & ~wrapped.all(axis=0)).sum() >= 2, "the line of states crosses no onset"
    chosen = [0, 1, 3]
    assert np.abs(np.diff(length[:, chosen], axis=0)).max() <= 1.2 / (steps - 1) * 1.01
