"""Sensors of model files against MuJoCo's `sensordata`, after real steps of both engines from the same state.

MuJoCo evaluates all sensors at the begin of a step. Ours tell accelerations and forces of that same instant, and poses and
velocities of the present one, for which MuJoCo is evaluated again after the step.
"""

import mujoco
import numpy as np
import pytest

import engine
from engine import runtime
from engine.simulation import Simulation

ARM = """
<mujoco>
  <option timestep="0.002" integrator="implicitfast" magnetic="0.1 -0.4 0.2"/>
  <compiler angle="radian"/>
  <worldbody>
    <camera name="cam" pos="0 -2 1" xyaxes="1 0 0 0 0.4 1" fovy="40" resolution="64 48"/>
    <geom name="wall" type="box" pos="2 0 1" size="0.1 3 2" contype="0" conaffinity="0"/>
    <geom name="floor" type="plane" size="5 5 0.1" contype="0" conaffinity="0"/>
    <geom name="egg" type="ellipsoid" pos="0.4 0.9 0.8" size="0.3 0.2 0.4" contype="0" conaffinity="0"/>
    <geom name="can" type="cylinder" pos="-0.9 0.3 0.8" size="0.3 0.2" euler="0.3 0.2 0" contype="0" conaffinity="0"/>
    <geom name="pill" type="capsule" pos="0.2 -0.9 1" size="0.2 0.3" euler="0.3 0.6 0" contype="0" conaffinity="0"/>
    <body name="upper" pos="0 0 1">
      <joint name="shoulder" type="ball" damping="0.2"/>
      <geom name="upper" type="capsule" fromto="0 0 0 0.3 0 0.05" size="0.03" contype="0" conaffinity="0"/>
      <site name="in_upper" pos="0.1 0.02 0.01" euler="0.2 0.3 0.4"/>
      <body name="lower" pos="0.3 0 0.05">
        <joint name="elbow" axis="0 1 0" range="-0.2 2" limited="true" margin="0.3" damping="0.1" armature="0.02"/>
        <geom name="lower" type="box" size="0.15 0.02 0.03" pos="0.15 0 0" contype="0" conaffinity="0"/>
        <site name="wrist" pos="0.3 0.01 0.02" euler="0.5 -0.3 0.1"/>
        <body name="slider" pos="0.3 0 0">
          <joint name="reach" type="slide" axis="1 0 0.2" range="-0.1 0.4" limited="true"/>
          <geom name="tip" type="sphere" size="0.04" contype="0" conaffinity="0"/>
          <site name="tip" pos="0.02 0.03 0.01" euler="0.1 0.7 0.2"/>
        </body>
      </body>
    </body>
    <body name="free" pos="0.5 0.5 2">
      <freejoint name="free"/>
      <geom name="brick" type="box" size="0.1 0.2 0.05" euler="0.3 0.2 0.1" contype="0" conaffinity="0"/>
      <site name="on_free" pos="0.05 0.1 -0.02" euler="0.4 0.1 -0.6"/>
    </body>
  </worldbody>
  <tendon><fixed name="both"><joint joint="elbow" coef="0.5"/><joint joint="reach" coef="2"/></fixed></tendon>
  <actuator>
    <motor name="m_elbow" joint="elbow" gear="3"/>
    <position name="p_reach" joint="reach" kp="40" kv="2"/>
  </actuator>
  <sensor>{sensors}</sensor>
</mujoco>"""

PRESENT = """
  <jointpos joint="elbow"/><jointvel joint="elbow"/><jointpos joint="reach"/><jointvel joint="reach"/>
  <ballquat joint="shoulder"/><ballangvel joint="shoulder"/><jointlimitpos joint="elbow"/><jointlimitvel joint="elbow"/>
  <velocimeter site="wrist"/><gyro site="wrist"/><gyro site="on_free"/><magnetometer site="tip"/>
  <rangefinder site="wrist"/><rangefinder site="on_free"/><rangefinder site="in_upper"/><rangefinder site="tip"/>
  <framepos objtype="site" objname="tip"/><framequat objtype="xbody" objname="lower"/>
  <framepos objtype="body" objname="lower"/><framequat objtype="xbody" objname="free"/>
  <framepos objtype="geom" objname="lower" reftype="site" refname="on_free"/>
  <framequat objtype="geom" objname="brick" reftype="xbody" refname="lower"/>
  <framexaxis objtype="site" objname="tip"/><frameyaxis objtype="xbody" objname="free" reftype="camera" refname="cam"/>
  <framezaxis objtype="camera" objname="cam"/><framelinvel objtype="site" objname="tip"/>
  <frameangvel objtype="xbody" objname="lower"/>
  <framelinvel objtype="site" objname="tip" reftype="site" refname="on_free"/>
  <frameangvel objtype="site" objname="tip" reftype="xbody" refname="free"/>
  <subtreecom body="upper"/><subtreelinvel body="upper"/><subtreeangmom body="upper"/>
  <tendonpos tendon="both"/><tendonvel tendon="both"/>
  <subtreecom body="world"/><clock/><camprojection site="tip" camera="cam"/><e_potential/><e_kinetic/>"""
LAST = """
  <accelerometer site="wrist"/><accelerometer site="on_free"/><accelerometer site="tip"/>
  <force site="in_upper"/><torque site="in_upper"/><force site="wrist"/><torque site="wrist"/><force site="tip"/>
  <torque site="tip"/><framelinacc objtype="site" objname="tip"/><frameangacc objtype="site" objname="wrist"/>
  <framelinacc objtype="body" objname="lower"/><jointactuatorfrc joint="elbow"/>
  <actuatorfrc actuator="m_elbow"/><actuatorfrc actuator="p_reach"/>"""


@pytest.fixture(autouse=True, scope="module")
def engine_f64():
    runtime.init("cpu", precision="f64", threads=1)


class Pair:
    """A model in both engines, with the truth of every sensor of ours as one vector."""

    def __init__(self, text: str, folder, num_envs: int = 1):
        path = folder / "model.xml"
        path.write_text(text)
        scene = engine.load(path, strict=False)
        scene.options.tolerance, scene.options.max_iterations = 1e-15, 200
        self.m = mujoco.MjModel.from_xml_path(str(path))
        self.m.opt.tolerance, self.m.opt.iterations, self.m.opt.ls_tolerance = 1e-15, 200, 1e-4
        self.d = mujoco.MjData(self.m)
        self.sim = Simulation(scene, num_envs)

    def shake(self, seed: int) -> None:
        """The same random state and control in both."""
        rng, m, d = np.random.default_rng(seed), self.m, self.d
        d.qpos += 0.2 * rng.normal(size=m.nq)
        d.qvel[:], d.ctrl[:] = rng.normal(size=m.nv), rng.normal(size=m.nu)
        mujoco.mj_normalizeQuat(m, d.qpos)
        self.sim.state.qpos, self.sim.state.qvel = d.qpos, d.qvel
        self.sim.control.actuator[:] = d.ctrl

    def step(self, substeps: int) -> None:
        self.sim.step(substeps)
        for _ in range(substeps):
            mujoco.mj_step(self.m, self.d)

    def ours(self, env: int = 0) -> np.ndarray:
        assert not self.sim._senses.unmeasured
        return np.concatenate([s.measure(self.sim)[env].reshape(-1) for s in self.sim.sensors.values()])


def gap(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float((np.abs(ours - theirs) / (1.0 + np.abs(theirs))).max())


@pytest.mark.parametrize("seed", range(3))
def test_poses_and_velocities_are_mujocos_after_a_step(tmp_path, seed):
    pair = Pair(ARM.format(sensors=PRESENT), tmp_path, num_envs=3)
    pair.shake(seed)
    pair.step(7)
    mujoco.mj_forward(pair.m, pair.d)
    for env in (0, 2):
        assert gap(pair.ours(env), pair.d.sensordata) < 1e-7


@pytest.mark.parametrize("seed", range(3))
def test_accelerations_and_wrenches_are_mujocos_of_the_last_step(tmp_path, seed):
    """Without damping, whose implicit part changes the velocity by something else than h qacc."""
    plain = ARM.format(sensors=LAST).replace('damping="0.2"', "").replace('damping="0.1"', "").replace(' kv="2"', "")
    plain = plain.replace("implicitfast", "Euler")
    pair = Pair(plain, tmp_path, num_envs=2)
    pair.shake(seed)
    pair.step(5)
    assert gap(pair.ours(1), pair.d.sensordata) < 1e-7


def test_damped_accelerations_differ_by_the_implicit_damping_only(tmp_path):
    pair = Pair(ARM.format(sensors=LAST), tmp_path, num_envs=2)
    pair.shake(0)
    pair.step(5)
    assert gap(pair.ours(1), pair.d.sensordata) < 4e-3


STACK = """
<mujoco>
  <option timestep="0.002" cone="elliptic" integrator="Euler"/>
  <worldbody>
    <geom name="floor" type="plane" size="5 5 0.1"/>
    <body name="low" pos="0 0 0.1">
      <freejoint/><geom name="low" type="box" size="0.1 0.1 0.1"/>
      <site name="low" type="box" size="0.11 0.11 0.11"/><site name="corner" type="sphere" size="0.03" pos="0.1 0.1 -0.1"/>
      <site name="top" type="cylinder" size="0.2 0.02" pos="0 0 0.1"/>
    </body>
    <body name="high" pos="0.02 0.01 0.27">
      <freejoint/><geom name="high" type="sphere" size="0.07"/><site name="high" type="ellipsoid" size="0.08 0.08 0.08"/>
    </body>
    <body name="post" pos="1 0 0.5">
      <joint name="post" type="slide" axis="0 0 1" damping="3"/>
      <geom name="post" type="capsule" size="0.05 0.4"/><site name="post" pos="0 0 0.1" euler="20 30 0"/>
      <site name="foot" type="capsule" size="0.06 0.05" pos="0 0 -0.4"/>
      <body name="hand" pos="0 0 0.5"><geom name="hand" type="box" size="0.1 0.1 0.02"/><site name="hand"/></body>
    </body>
  </worldbody>
  <sensor>
    <touch site="low"/><touch site="corner"/><touch site="top"/><touch site="high"/><touch site="foot"/>
    <force site="post"/><torque site="post"/><accelerometer site="low"/><force site="hand"/><torque site="hand"/>
    <accelerometer site="post"/>
  </sensor>
</mujoco>"""


@pytest.mark.parametrize("steps", [1, 40, 150])
def test_contacts_are_felt_as_in_mujoco(tmp_path, steps):
    """Falling, hitting and resting: touch, wrenches above a contact, accelerometers."""
    pair = Pair(STACK, tmp_path, num_envs=2)
    pair.step(steps)
    assert gap(pair.ours(0), pair.d.sensordata) < 1e-6


def test_what_is_not_measured_says_so(tmp_path):
    path = tmp_path / "model.xml"
    path.write_text(ARM.format(sensors='<user name="mine" dim="2"/><jointpos name="there" joint="elbow"/>'))
    sim = Simulation(engine.load(path, strict=False), 2)
    assert set(sim.sense()) == {"there"}
    with pytest.raises(engine.StateError, match="'user' is not measured"):
        sim.sense("mine")
