"""Load a robot from a file and hold it at joint targets with PD control, 16 targets at once.

Usage: python examples/imported_robot.py [robot.xml | robot.urdf | robot.usda]
Success criteria: every joint of the robot written below is within 0.01 rad of its target after two seconds.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

import engine
from engine.control import PD

ARM = """<mujoco model="arm"><compiler angle="radian"/>
<default><joint armature="0.02" range="-2.5 2.5" limited="true"/><geom contype="0" conaffinity="0"/></default>
<worldbody><body name="shoulder" pos="0 0 0.4">
  <joint name="yaw" axis="0 0 1"/><geom type="cylinder" size="0.06 0.06" mass="2"/>
  <body name="upper" pos="0 0 0.08">
    <joint name="lift" axis="0 1 0"/><geom type="capsule" fromto="0 0 0 0.35 0 0" size="0.04" mass="1.8"/>
    <body name="lower" pos="0.35 0 0">
      <joint name="elbow" axis="0 1 0"/><geom type="capsule" fromto="0 0 0 0.3 0 0" size="0.03" mass="1"/>
      <body name="wrist" pos="0.3 0 0">
        <joint name="roll" axis="1 0 0"/><geom type="box" size="0.05 0.03 0.02" pos="0.05 0 0" mass="0.4"/>
      </body></body></body></body></worldbody></mujoco>"""


def main(path: str | None = None) -> None:
    """Load, drive for two seconds, compare."""
    engine.init(backend="cpu")
    own = path is None
    if path is None:
        path = str(Path(tempfile.mkdtemp()) / "arm.xml")
        Path(path).write_text(ARM, encoding="utf-8")
    sim = engine.Simulation(engine.load(path, strict=False), num_envs=16)

    # gains from the inertia that each joint sees, so that they suit a small robot and a large one
    inertia = np.diagonal(sim.configuration().mass_matrix(), axis1=1, axis2=2)
    control = PD(sim, stiffness=400 * inertia, damping=40 * inertia, gravity_compensation=True)
    targets = np.random.default_rng(0).uniform(-0.4, 0.4, (16, len(control.joints.coordinates)))
    for _ in range(int(2 / sim.timestep)):
        control.apply(targets)
        sim.step()

    error = np.abs(sim.state.qpos[:, control.joints.coordinates] - targets).max(axis=0)
    for name, worst in zip((sim.names.joint[j] for j in control.joints.joints), error, strict=True):
        print(f"{name:10s} largest error {worst:.5f}")
    assert error.max() < 0.01 or not own


if __name__ == "__main__":
    main(*sys.argv[1:2])
