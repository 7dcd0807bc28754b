"""Articulated bodies against closed forms: pendulum period and energy, drives, limits (cases B1-B4)."""

import numpy as np

import engine


def pendulum(angle: float, length: float = 1.0, damping: float = 0.0, timestep: float = 0.001) -> engine.Simulation:
    scene = engine.Scene()
    scene.options.timestep = timestep
    scene.options.integrator = "euler"
    hinge = engine.Hinge(axis=(0, 1, 0), damping=damping, initial=angle)
    scene.add_body("bob", shape=engine.Sphere(radius=0.02, position=(0, 0, -length)), mass=1.0, position=(0, 0, 2), joint=hinge)
    return engine.Simulation(scene)


def test_small_swing_has_the_physical_period(cpu):
    """T = 2 pi sqrt(I / m g d), mean error below 1 per cent of the amplitude over 3.5 periods."""
    sim = pendulum(0.05)
    inertia = 1.0 + 0.4 * 0.02**2
    omega = np.sqrt(9.81 / inertia)
    errors = []
    for _ in range(70):
        sim.step(substeps=100)
        errors.append(abs(sim.state.qpos[0, 0] - 0.05 * np.cos(omega * sim.state.time[0])))
    assert np.mean(errors) < 0.01 * 0.05


def test_large_swing_keeps_its_energy(cpu):
    """Total energy of an undamped pendulum drifts by less than 0.5 per cent in 10 s."""
    sim = pendulum(2.0)
    inertia = 1.0 + 0.4 * 0.02**2

    def energy():
        q, v = float(sim.state.qpos[0, 0]), float(sim.state.qvel[0, 0])
        return 0.5 * inertia * v * v - 9.81 * np.cos(q)

    scale = 9.81 * (1 - np.cos(2.0))
    start = energy()
    for _ in range(20):
        sim.step(substeps=500)
        assert abs(energy() - start) < 5e-3 * scale


def test_damping_decays_exponentially(cpu):
    """A damped hinge without gravity slows as exp(-c t / I)."""
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    scene.options.timestep = 0.0005
    scene.add_body(
        "wheel", shape=engine.Cylinder(radius=0.2, height=0.05), mass=2.0, joint=engine.Hinge(axis=(0, 0, 1), damping=0.05)
    )
    sim = engine.Simulation(scene)
    sim.state.qvel = [[10.0]]
    sim.step(substeps=1000)
    expected = 10 * np.exp(-0.05 * 0.5 / (0.5 * 2.0 * 0.04))
    assert abs(sim.state.qvel[0, 0] / expected - 1) < 5e-3


def test_a_torque_accelerates_a_hinge_by_torque_over_inertia(cpu):
    """omega = tau t / I for a constant joint force."""
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    scene.add_body("wheel", shape=engine.Cylinder(radius=0.2, height=0.05), mass=2.0, joint=engine.Hinge(axis=(0, 0, 1)))
    sim = engine.Simulation(scene, num_envs=2)
    sim.control.joint_force[:] = [[0.4], [0.8]]
    sim.step(substeps=500)
    np.testing.assert_allclose(sim.state.qvel[:, 0], np.array([0.4, 0.8]) * 1.0 / 0.04, rtol=1e-3)


def test_a_limit_stops_a_falling_arm(cpu):
    """A hinge limited to 0.5 rad rests within 0.02 rad of its limit."""
    scene = engine.Scene()
    hinge = engine.Hinge(axis=(0, 1, 0), range=(-0.5, 0.5), damping=0.05, initial=0.1)
    scene.add_body(
        "arm", shape=engine.Capsule(radius=0.02, length=0.4, position=(0, 0, 0.25)), mass=1.0, position=(0, 0, 1), joint=hinge
    )
    sim = engine.Simulation(scene)
    sim.step(substeps=3000)
    assert abs(abs(sim.state.qpos[0, 0]) - 0.5) < 0.02
    assert abs(sim.state.qvel[0, 0]) < 1e-3


def test_a_stiff_slider_does_not_explode(cpu):
    """k = 9e4 N/m on 1 kg with h = 10 ms (h omega = 3) decays with the implicit integrator (case A11)."""
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    scene.options.timestep = 0.01
    scene.add_body(
        "mass", shape=engine.Sphere(radius=0.1), mass=1.0, joint=engine.Slide(axis=(1, 0, 0), stiffness=9e4, initial=0.1)
    )
    sim = engine.Simulation(scene)
    start = abs(float(sim.state.qpos[0, 0]))
    sim.step(substeps=20)
    assert np.isfinite(sim.state.qpos).all() and abs(sim.state.qpos[0, 0]) < start


def test_a_drive_reaches_its_target(cpu):
    """A position drive with gravity off settles on joint_target."""
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    scene.add_body(
        "arm",
        shape=engine.Box(size=(0.4, 0.05, 0.05)),
        mass=1.0,
        joint=engine.Hinge(axis=(0, 0, 1), drive_stiffness=50.0, drive_damping=2.0),
    )
    sim = engine.Simulation(scene, num_envs=2)
    sim.control.joint_target[:] = [[0.5], [-1.0]]
    sim.step(substeps=1500)
    np.testing.assert_allclose(sim.state.qpos[:, 0], [0.5, -1.0], atol=1e-3)
