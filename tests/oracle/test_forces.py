"""Actuators, drag, springs, integrators and switches against MuJoCo in f64: near rounding where the mathematics is the same."""

from pathlib import Path

import mujoco
import numpy as np
import pytest

from engine import runtime
from tests.oracle import force_models
from tests.oracle.forces_rig import INTEGRATORS, Pair

MODELS = ("TRANSMISSIONS", "DYNAMICS", "BOX_DRAG", "SPINNING", "SPRINGS")
ROUNDING = 1e-12
CUSTOMERS = {
    "dm_control": ("suite", ("acrobot", "cheetah", "fish", "swimmer", "quadruped", "humanoid", "point_mass", "manipulator")),
    "gymnasium": ("envs/mujoco/assets", ("ant", "swimmer", "humanoid", "half_cheetah", "hopper", "walker2d")),
}


@pytest.fixture(autouse=True, scope="module")
def engine_f64():
    runtime.init("cpu", precision="f64", threads=1)


@pytest.mark.parametrize("integrator", INTEGRATORS)
@pytest.mark.parametrize("name", MODELS)
def test_one_step_and_a_rollout_match_to_rounding(name, integrator, tmp_path):
    """Coordinates, velocities and activations after one step from three states, and after a hundred more."""
    pair = Pair(getattr(force_models, name), tmp_path, integrator)
    for seed in range(3):
        pair.start(seed)
        pair.step()
        assert max(pair.differences().values()) < ROUNDING, (seed, pair.differences())
    pair.step(100)
    assert max(pair.differences().values()) < 1e-10, pair.differences()
    assert not pair.sim.faults.any()


@pytest.mark.parametrize("name", MODELS)
def test_forces_match_to_rounding(name, tmp_path):
    """Actuator forces over the dofs, passive forces, and rates of activation in the starting state."""
    pair = Pair(getattr(force_models, name), tmp_path, "Euler")
    mujoco.mj_forward(pair.m, pair.d)
    d = pair.d
    wanted = {
        "actuator_force": d.qfrc_actuator.copy(),
        "passive_force": d.qfrc_passive - d.qfrc_gravcomp,
        "actuator_output": d.actuator_force.copy(),
        "actuator_length": d.actuator_length.copy(),
        "activation_rate": d.act_dot.copy(),
    }
    pair.sim.step()
    for name_, theirs in wanted.items():
        mine = pair.sim.read(name_)[0]
        assert np.abs(mine - theirs).max(initial=0.0) < ROUNDING * (1 + np.abs(theirs).max(initial=0.0)), name_


@pytest.mark.parametrize("integrator", ["Euler", "RK4"])
def test_ellipsoids_drag_as_in_mujoco(integrator, tmp_path):
    """Added mass, drag and lift; the quadrature of the added mass agrees to nine digits."""
    pair = Pair(force_models.ELLIPSOID_DRAG, tmp_path, integrator)
    pair.step()
    assert max(pair.differences().values()) < 2e-9, pair.differences()
    mine, theirs = pair.sim.compiled.reals["shape_fluid"][0], pair.m.geom_fluid
    seen = theirs[:, 0] > 0
    assert seen.sum() == 3
    np.testing.assert_allclose(mine[seen, 6:12], theirs[seen, 6:12], rtol=1e-7, atol=1e-12)


def files() -> list:
    """The models of the wheels, or a skip that says what is missing."""
    found = []
    for package, (folder, names) in CUSTOMERS.items():
        try:
            root = Path(__import__("importlib").util.find_spec(package).origin).parent
        except AttributeError:
            found.append(pytest.param(None, id=package, marks=pytest.mark.skip(reason=f"{package} is not installed")))
            continue
        found += [pytest.param(root / folder / f"{name}.xml", id=f"{package}-{name}") for name in names]
    return found


@pytest.mark.parametrize("path", files())
def test_models_of_the_wheels_move_as_in_mujoco(path, tmp_path):
    """One step and five more with the model's own integrator, without contacts."""
    pair = Pair(path, tmp_path)
    pair.step()
    assert max(pair.differences().values()) < ROUNDING, pair.differences()
    if path.stem == "fish":  # at this speed the fluid is stiffer than Euler bears: rounding grows tenfold per step
        return
    pair.step(5)
    assert max(pair.differences().values()) < 1e-10, pair.differences()


FLAGS = (
    "constraint",
    "frictionloss",
    "limit",
    "spring",
    "damper",
    "gravity",
    "clampctrl",
    "actuation",
    "eulerdamp",
    "equality",
)
FLAGGED = """<mujoco><option timestep=".01"><flag {flag}="disable" contact="disable"/></option><worldbody>
 <body><joint name="a" type="hinge" axis="0 1 0" range="-5 5" limited="true" damping="2" stiffness="8" springref="20"/>
 <geom type="capsule" fromto="0 0 0 .4 0 0" size=".05"/><body pos=".4 0 0"><joint name="b" type="hinge" axis="0 1 0"
 frictionloss=".4" damping=".3"/><geom type="capsule" fromto="0 0 0 .4 0 0" size=".05"/></body></body></worldbody>
 <equality><joint joint1="b" joint2="a" polycoef="0 .5 0 0 0"/></equality>
 <actuator><motor joint="a" ctrllimited="true" ctrlrange="-.1 .1" gear="5"/><general joint="b" dyntype="filter" dynprm=".1"/>
 </actuator></mujoco>"""


@pytest.mark.parametrize("flag", FLAGS)
def test_every_switch_has_mujocos_effect(flag, tmp_path):
    """Twenty steps with one part of the physics off equal MuJoCo's, and differ from those with everything on."""
    pair, whole = Pair(FLAGGED.format(flag=flag), tmp_path), Pair(FLAGGED.format(flag="warmstart"), tmp_path)
    pair.step(20)
    whole.step(20)
    assert max(pair.differences().values()) < 1e-8, pair.differences()
    assert np.abs(pair.sim.read("qvel") - whole.sim.read("qvel")).max() > 1e-4


MASSES = """<mujoco><compiler {compiler}/><worldbody><body><freejoint/><geom type="box" size=".1 .2 .3"/>
 <inertial pos=".01 0 0" mass="2" diaginertia=".01 .012 {last}"/></body><body pos="1 0 0"><freejoint/>
 <geom type="box" size=".05 .02 .03" pos=".1 .2 0" euler="10 20 30"/><geom size=".01"/></body></worldbody></mujoco>"""


@pytest.mark.parametrize(
    "compiler",
    ['settotalmass="7"', 'boundmass="5"', 'boundinertia=".02"', 'balanceinertia="true"', 'inertiafromgeom="true"'],
)
def test_bounds_on_masses_are_mujocos(compiler, tmp_path):
    """Mass and inertia tensor of every body."""
    pair = Pair(MASSES.format(compiler=compiler, last=".03" if "balance" in compiler else ".021"), tmp_path)
    reals, m = pair.sim.compiled.reals, pair.m
    np.testing.assert_allclose(reals["body_mass"][0], m.body_mass, rtol=1e-12)
    for b in range(1, m.nbody):
        turn = np.zeros(9)
        mujoco.mju_quat2Mat(turn, m.body_iquat[b])
        turn = turn.reshape(3, 3)
        theirs = turn @ np.diag(m.body_inertia[b]) @ turn.T
        mine = reals["body_inertia"][0, b][[0, 3, 4, 3, 1, 5, 4, 5, 2]].reshape(3, 3)
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-14)
