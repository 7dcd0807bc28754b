"""Motion with known answers, f64, at the tolerances of the published verification suites of other engines or tighter."""

import mujoco
import numpy as np
import pytest

from engine import runtime
from tests.oracle.from_mujoco import convert
from tests.oracle.models import FLOOR, mjcf
from tests.oracle.rig import Rig

G = 10.0


@pytest.fixture(autouse=True, scope="module")
def engine_f64():
    runtime.init("cpu", precision="f64", threads=1)


def rig_of(
    body: str, num_envs: int = 1, h: float = 1e-3, gravity: float = G, integrator: int = 0, impratio: float = 1.0,
    contact_model: int | None = None, **extra,
) -> Rig:  # fmt: skip
    """A rig for the content of a `worldbody`."""
    m = mujoco.MjModel.from_xml_string(mjcf(body))
    m.opt.timestep, m.opt.gravity, m.opt.impratio = h, (0, 0, -gravity), impratio
    mujoco.mj_setConst(m, mujoco.MjData(m))
    compiled = convert(m, integrator, **extra)
    if contact_model is not None:
        compiled.sizes["contact_model"] = contact_model
    return Rig(compiled, num_envs)


def free(shape: str, z: float = 0.0) -> str:
    return f'<body pos="0 0 {z}"><freejoint/>{shape}</body>'


def rotation(q: np.ndarray) -> np.ndarray:
    out = np.zeros(9)
    mujoco.mju_quat2Mat(out, q)
    return out.reshape(3, 3)


def test_projectile_follows_the_parabola():
    """A1, A2: thrown sphere, height and distance within g h t of the parabola."""
    rig = rig_of(free('<geom size=".1"/>', 5.0))
    v0 = np.array([3.0, -1.0, 2.0])
    rig.set(qvel=[*v0, 0, 0, 0])
    for k in range(1, 6):
        rig.step(100)
        t = 0.1 * k
        expected = np.array([0, 0, 5.0]) + v0 * t - np.array([0, 0, G]) * t * t / 2
        assert np.abs(rig.get("qpos")[0, :3] - expected).max() <= max(G * 1e-3 * t, 1e-3)
        assert abs(rig.get("qvel")[0, 2] - (v0[2] - G * t)) < 1e-9
        assert rig.get("time")[0, 0] == pytest.approx(t)


def test_free_bodies_keep_momentum():
    """A3: four tumbling boxes without gravity keep linear and angular momentum for 1000 steps."""
    rig = rig_of("".join(free(f'<geom type="box" size=".1 .2 .{3 + k}" pos=".05 0 0"/>', 3 * k) for k in range(4)), gravity=0.0)
    rng = np.random.default_rng(3)
    rig.set(qvel=rng.normal(size=24))
    before = momentum(rig)
    rig.step(1000)
    after = momentum(rig)
    assert np.abs(after - before).max() / np.abs(before).max() < 5e-4 * 4


def momentum(rig: Rig) -> np.ndarray:
    """Sum of linear and angular momentum about the world's origin."""
    rig.run(1 | 4)
    m = rig.model.compiled.reals
    total = np.zeros(6)
    for b in range(1, rig.model.compiled.sizes["num_bodies"]):
        q, p = rig.get("body_rotation_W")[0, b], rig.get("body_position_W")[0, b]
        r = rotation(q)
        v = rig.get("body_velocity_W")[0, b]
        com = r @ m["body_com"][0, b]
        xx, yy, zz, xy, xz, yz = m["body_inertia"][0, b]
        inertia = r @ np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]) @ r.T
        velocity = v[3:] + np.cross(v[:3], com)
        linear = m["body_mass"][0, b] * velocity
        total += np.concatenate([linear, inertia @ v[:3] + np.cross(p + com, linear)])
    return total


def test_torque_free_rotation_keeps_angular_momentum():
    """A4: I (.2 .5 .4), w (.7 -.5 .9), 20 steps of 10 ms: world angular momentum within 5e-3."""
    rig = rig_of('<body><freejoint/><inertial pos="0 0 0" mass="1" diaginertia=".2 .5 .4"/></body>', h=0.01, gravity=0.0)
    rig.set(qvel=[0, 0, 0, 0.7, -0.5, 0.9])
    before = momentum(rig)[3:]
    rig.step(20)
    assert np.abs(momentum(rig)[3:] - before).max() / np.linalg.norm(before) < 5e-3


def test_exact_rotation_keeps_energy_and_momentum():
    """A7: 500 steps of 10 ms: energy rises by less than 1e-4 and more than 70 % stays (here: 99.9 %), momentum within 5 %."""
    inertia = np.array([0.2, 0.5, 0.4])
    rig = rig_of(
        '<body><freejoint/><inertial pos="0 0 0" mass="1" diaginertia=".2 .5 .4"/></body>', h=0.01, gravity=0.0, contact_model=0
    )
    rig.set(qvel=[0, 0, 0, 0.7, -0.5, 0.9])
    energy, before = [0.5 * inertia @ np.array([0.7, -0.5, 0.9]) ** 2], momentum(rig)[3:]
    for _ in range(100):
        rig.step(5)
        energy.append(0.5 * inertia @ rig.get("qvel")[0, 3:] ** 2)
    assert max(energy) < energy[0] + 1e-4 and min(energy) > 0.999 * energy[0]
    assert np.linalg.norm(momentum(rig)[3:] - before) / np.linalg.norm(before) < 1e-3


PENDULUM = '<body><joint type="hinge" axis="0 1 0"/><inertial pos="0 0 -1" mass="1" diaginertia="1e-3 1e-3 1e-3"/></body>'


def test_pendulum_swings_with_its_period_and_keeps_its_energy():
    """B1, B2: small swing for 3.5 periods: mean error below 1 % of the amplitude, energy drift below 0.5 %."""
    rig = rig_of(PENDULUM, gravity=9.81)
    inertia, a0 = 1.0 + 1e-3, 0.05
    rig.set(qpos=[a0])
    period = 2 * np.pi * np.sqrt(inertia / 9.81)
    t, angle, energy = [], [], []
    for k in range(1, int(3.5 * period / 0.02)):
        rig.step(20)
        t.append(0.02 * k)
        q, v = rig.get("qpos")[0, 0], rig.get("qvel")[0, 0]
        angle.append(q)
        energy.append(0.5 * inertia * v * v + 9.81 * (1 - np.cos(q)))
    assert np.abs(np.array(angle) - a0 * np.cos(2 * np.pi * np.array(t) / period)).mean() < 0.01 * a0
    assert np.ptp(energy) / energy[0] < 0.005 * 2


def test_constant_torque_and_force():
    """B3: w = tau t / I on a hinge, v = F t / m on a slider."""
    rig = rig_of(
        '<body><joint type="hinge" axis="0 0 1"/><inertial pos="0 0 0" mass="1" diaginertia=".1 .1 .1"/></body>'
        '<body><joint type="slide" axis="1 0 0"/><geom size=".1" mass="2"/></body>'
    )
    rig.set(joint_force=[0.3, 5.0])
    rig.step(200)
    assert np.abs(rig.get("qvel")[0] - [0.3 * 0.2 / 0.1, 5.0 * 0.2 / 2.0]).max() < 1e-9


@pytest.mark.parametrize("integrator", [0, 1])
def test_drive_is_implicit(integrator):
    """B4: one step of k (q* - q') - d v' on a slider, for a drive far too stiff for an explicit step."""
    k, d, mass, h, target = 9e4, 20.0, 1.0, 0.01, 0.3
    rig = rig_of(
        '<body><joint type="slide" axis="1 0 0"/><geom size=".1" mass="1"/></body>', h=h, integrator=integrator,
        dof_drive_stiffness=[k], dof_drive_damping=[d],
    )  # fmt: skip
    rig.set(joint_target=[target], qpos=[0.1], qvel=[0.4])
    rig.step(1)
    expected = (mass * 0.4 + h * k * (target - 0.1)) / (mass + h * d + h * h * k)
    assert rig.get("qvel")[0, 0] == pytest.approx(expected, abs=1e-9)
    rig.step(300)
    assert rig.get("qpos")[0, 0] == pytest.approx(target, abs=1e-9)


def test_stiff_spring_decays():
    """A11: h w = 3, where an explicit step explodes: the amplitude shrinks."""
    rig = rig_of('<body><joint type="slide" axis="1 0 0" stiffness="90000"/><geom size=".1" mass="1"/></body>', h=0.01)
    rig.set(qpos=[0.01])
    rig.step(20)
    assert abs(rig.get("qpos")[0, 0]) < 0.01


@pytest.mark.parametrize("solref", [(-100.0, -10.0), (0.1, 0.8), (0.01, 0.8)])
@pytest.mark.parametrize("d", [0.3, 0.9, 0.99])
def test_resting_depth(solref, d):
    """C1: a sphere on a slider rests at depth g (1 - d) / k, k from the solref pair, within 1 % and 1e-5 m (here 1e-9 m)."""
    solref_text, solimp_text = f"{solref[0]} {solref[1]}", f"{d} {d} .001 .5 2"
    rig = rig_of(
        f'<geom type="plane" size="1 1 1" solref="{solref_text}" solimp="{solimp_text}"/>'
        '<body pos="0 0 .1"><joint type="slide" axis="0 0 1"/>'
        f'<geom size=".1" solref="{solref_text}" solimp="{solimp_text}"/></body>',
        h=5e-3,
    )  # fmt: skip
    rig.set(qpos=[-0.01])
    rig.step(3000)
    k = 100.0 if solref[0] < 0 else 1.0 / (solref[0] * solref[1]) ** 2
    assert rig.get("qpos")[0, 0] == pytest.approx(-G * (1 - d) / k, abs=1e-9)
    force = rig.get("contact_force")[0, 0, 0]
    assert force == pytest.approx(G * rig.model.compiled.reals["body_mass"][0, 1], rel=1e-6)


@pytest.mark.parametrize("mu", [0.1, 0.3, 0.7])
def test_box_sticks_or_slips_on_a_ramp(mu):
    """C3: flat box on ramps of 3 to 40 degrees, 2 degrees clear of the friction angle: rest or at least 2 cm in 0.25 s."""
    angles = np.radians([a for a in (3, 10, 20, 30, 40) if abs(a - np.degrees(np.arctan(mu))) > 2])
    rig = rig_of(FLOOR + free(f'<geom type="box" size=".2 .2 .05" friction="{mu}"/>', 0.05), len(angles), h=2e-3, impratio=10.0,
                 gravity=0.0, shape_friction=[[mu, 0.005, 0.0001]] * 2)  # fmt: skip
    # the ramp is horizontal and gravity leans
    mass = rig.model.compiled.reals["body_mass"][0, 1]
    wrench = np.zeros((len(angles), 2, 6))
    wrench[:, 1, 0], wrench[:, 1, 2] = mass * 9.81 * np.sin(angles), -mass * 9.81 * np.cos(angles)
    rig.set(body_wrench=wrench)
    rig.step(250)
    before = rig.get("qpos")[:, 0]
    rig.step(125)
    moved, speed = rig.get("qpos")[:, 0] - before, np.abs(rig.get("qvel")[:, 0])
    sticks = np.tan(angles) < mu
    assert (moved[sticks] < 0.02).all() and (speed[sticks] < 0.1).all(), (moved, speed)
    assert (moved[~sticks] >= 0.02).all(), moved
    accelerated = 9.81 * (np.sin(angles) - mu * np.cos(angles))[~sticks]
    assert np.allclose(speed[~sticks], accelerated * 0.75, rtol=0.05)


@pytest.mark.parametrize("e", [0.5, 0.9, 1.0])
def test_rebound_height(e):
    """A sphere dropped from 1 m rises to e^2 of it within 2 %, and its energy never grows."""
    rig = rig_of(FLOOR + free('<geom size=".1"/>', 1.1), h=1e-3, shape_restitution=[e, 0.0])
    heights, energy = [], []
    for _ in range(1400):
        rig.step(1)
        z = rig.get("qpos")[0, 2] - 0.1
        heights.append(z)
        energy.append(G * z + 0.5 * rig.get("qvel")[0, 2] ** 2)
    hit = int(np.argmin(heights[:600]))
    top = max(heights[hit:])
    assert abs(top - e * e) < 0.02 * e * e + 0.001, top
    # semi-implicit steps let the energy of free fall wobble by g v h / 2
    assert max(np.diff(energy)) < G * 4.5 * 1e-3


def test_no_restitution_changes_nothing():
    """e = 0 gives the bits of a scene that does not mention restitution."""
    outcome = []
    for extra in ({}, {"shape_restitution": [0.0, 0.0]}):
        rig = rig_of(FLOOR + free('<geom size=".1"/>', 0.3), h=2e-3, **extra)
        rig.step(300)
        outcome.append(rig.get("qpos").tobytes())
    assert outcome[0] == outcome[1]


def test_impulse_of_a_landing_is_its_momentum():
    """The impulse on a sphere that falls and comes to rest is its weight times the time, and it is counted once."""
    rig = rig_of(FLOOR + free('<geom size=".1"/>', 0.2), h=1e-3)
    rig.step(2000)
    mass = rig.model.compiled.reals["body_mass"][0, 1]
    assert rig.get("pair_impulse")[0, 0, 2] == pytest.approx(mass * G * 2.0, rel=1e-6)
    assert 1700 < rig.get("pair_touch")[0, 0] <= 2000
    assert rig.get("pair_point")[0, 0] == pytest.approx([0, 0, 0], abs=1e-3)


def test_kinematic_belt_drags_a_box_at_most_by_friction():
    """A box on a kinematic slab that starts to move is dragged with mu g, then moves with it; the slab follows its velocity."""
    mu = 0.3
    body = '<body mocap="true"><geom type="plane" size="5 5 1"/></body>' + free('<geom type="box" size=".1 .1 .1"/>', 0.1)
    rig = rig_of(body, h=2e-3, impratio=10.0, shape_friction=[[mu, 0.005, 0.0001]] * 2)
    rig.step(200)
    rig.set(kinematic_velocity=[1.0, 0, 0, 0, 0, 0], qvel=np.zeros(6))
    rig.step(100)
    assert rig.get("qvel")[0, 0] == pytest.approx(mu * G * 0.2, rel=0.03)
    rig.step(400)
    assert rig.get("qvel")[0, 0] == pytest.approx(1.0, rel=1e-3)
    assert rig.get("kinematic_position")[0, 0, 0] == pytest.approx(1.0)
