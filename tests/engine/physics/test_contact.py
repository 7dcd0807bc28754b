"""Contact and friction against closed forms: incline, stopping distance, rebound, rest (cases C1-C4, C10, C17)."""

import numpy as np
import pytest

import engine


def tilted(angle: float, friction: float) -> engine.Simulation:
    """A flat box on a plane tilted by gravity."""
    scene = engine.Scene()
    scene.options.gravity = (9.81 * np.sin(angle), 0.0, -9.81 * np.cos(angle))
    scene.add_plane(friction=friction)
    scene.add_body("box", shape=engine.Box(size=(0.4, 0.4, 0.1)), density=500.0, position=(0, 0, 0.05), friction=friction)
    return engine.Simulation(scene)


@pytest.mark.parametrize(("friction", "degrees"), [(0.3, 10), (0.5, 20), (0.7, 30), (1.0, 40)])
def test_a_box_sticks_below_the_friction_angle(cpu, friction, degrees):
    """tan(theta) < mu: after settling, less than 2 cm in a quarter of a second and slower than 0.1 m/s."""
    sim = tilted(np.radians(degrees), friction)
    sim.step(substeps=250)
    start = sim.state.body_position[0, -1, 0]
    sim.step(substeps=125)
    assert abs(sim.state.body_position[0, -1, 0] - start) < 0.02
    assert np.abs(sim.state.body_velocity[0, -1, :3]).max() < 0.1


@pytest.mark.parametrize(("friction", "degrees"), [(0.1, 10), (0.3, 20), (0.5, 30), (0.7, 40)])
def test_a_box_slides_above_the_friction_angle_at_the_right_rate(cpu, friction, degrees):
    """tan(theta) > mu: a = g (sin - mu cos) within 1 per cent."""
    angle = np.radians(degrees)
    sim = tilted(angle, friction)
    sim.step(substeps=100)
    v0 = sim.state.body_velocity[0, -1, 0]
    sim.step(substeps=250)
    measured = (sim.state.body_velocity[0, -1, 0] - v0) / 0.5
    expected = 9.81 * (np.sin(angle) - friction * np.cos(angle))
    assert abs(measured / expected - 1) < 0.01


@pytest.mark.parametrize("friction", [0.2, 0.4, 0.7])
def test_a_sliding_box_stops_after_v_squared_over_two_mu_g(cpu, friction):
    """Stopping distance within 1 per cent; then at rest."""
    scene = engine.Scene()
    scene.add_plane(friction=friction)
    scene.add_body(
        "box",
        shape=engine.Box(size=(0.2, 0.2, 0.05)),
        density=500.0,
        position=(0, 0, 0.0249),
        velocity=(2, 0, 0),
        friction=friction,
    )
    sim = engine.Simulation(scene)
    sim.step(substeps=1500)
    assert abs(sim.state.body_position[0, -1, 0] / (4 / (2 * friction * 9.81)) - 1) < 0.01
    assert np.abs(sim.state.body_velocity[0, -1, :3]).max() < 0.05


@pytest.mark.parametrize("restitution", [0.3, 0.6, 0.9])
def test_a_ball_rebounds_to_e_squared_h(cpu, restitution):
    """Rebound height of a ball dropped from 1 m within 2 per cent of e^2 h."""
    scene = engine.Scene()
    scene.options.timestep = 0.001
    scene.add_plane(restitution=restitution)
    scene.add_body("ball", shape=engine.Sphere(radius=0.1), mass=1.0, position=(0, 0, 1.1), restitution=restitution)
    sim = engine.Simulation(scene)
    heights, speeds = [], []
    for _ in range(1200):
        sim.step()
        heights.append(float(sim.state.qpos[0, 2]) - 0.1)
        speeds.append(float(sim.state.qvel[0, 2]))
    bounce = int(np.argmax(np.array(speeds) > 0))
    apex = max(heights[bounce:])
    assert abs(apex / restitution**2 - 1) < 0.02


def test_the_contact_force_carries_the_weight(cpu):
    """The forces of a resting box sum to its weight within 1 per cent, and point up."""
    scene = engine.Scene()
    scene.add_plane()
    scene.add_body("box", shape=engine.Box(size=(0.2, 0.3, 0.1)), mass=3.0, position=(0, 0, 0.05))
    sim = engine.Simulation(scene)
    sim.step(substeps=500)
    contacts = sim.contacts(env=0)
    assert len(contacts) == 4
    np.testing.assert_allclose(contacts.force.sum(0), [0, 0, 3 * 9.81], atol=0.3)
    assert (contacts.normal[:, 2] > 0.999).all() or (contacts.normal[:, 2] < -0.999).all()


@pytest.mark.parametrize(("friction", "speed"), [(0.2, 2.0), (0.5, 6.0), (0.9, 3.0)])
def test_a_sliding_box_does_not_lift(cpu, friction, speed):
    """A box launched flat never rises 0.1 mm above its resting height (the relaxed cone lifts it by up to 0.3 m)."""
    scene = engine.Scene()
    scene.add_plane(friction=friction)
    scene.add_body(
        "box",
        shape=engine.Box(size=(0.3, 0.3, 0.05)),
        density=500.0,
        position=(0, 0, 0.025),
        velocity=(speed, 0, 0),
        friction=friction,
    )
    sim = engine.Simulation(scene)
    heights = []
    for _ in range(100):
        sim.step(substeps=5)
        heights.append(float(sim.state.qpos[0, 2]))
    assert max(heights) - 0.025 < 1e-4
    assert min(heights) - 0.025 > -5e-4  # braking presses its front edge into the soft contact


def test_a_rolling_ball_keeps_its_speed_and_does_not_slip(cpu):
    """v = omega r, and no speed is lost by rolling without rolling friction."""
    scene = engine.Scene()
    scene.add_plane(friction=0.8)
    scene.add_body(
        "ball",
        shape=engine.Sphere(radius=0.1),
        mass=1.0,
        position=(0, 0, 0.1),
        velocity=(1, 0, 0),
        angular_velocity=(0, 10, 0),
        friction=0.8,
    )
    sim = engine.Simulation(scene)
    sim.step(substeps=500)
    v = sim.state.body_velocity[0, -1]
    assert abs(v[0] - 1.0) < 0.02
    assert abs(v[4] * 0.1 - v[0]) < 0.01


def stack(count: int) -> engine.Scene:
    scene = engine.Scene()
    scene.add_plane()
    for k in range(count):
        scene.add_body(f"box{k}", shape=engine.Box(size=(0.1, 0.1, 0.1)), density=700.0, position=(0, 0, 0.05 + 0.1 * k))
    return scene


def test_a_stack_of_eight_boxes_stands(cpu):
    """Eight boxes drift by less than 1 mm sideways in 5 s (60 s in the slow test)."""
    sim = engine.Simulation(stack(8))
    sim.step(substeps=250)
    start = sim.state.body_position[0, 2:].copy()
    sim.step(substeps=2500)
    assert np.linalg.norm(sim.state.body_position[0, 2:] - start, axis=1).max() < 1e-3


@pytest.mark.slow
def test_a_stack_of_eight_boxes_stands_for_a_minute(cpu):
    """Less than 1 mm of drift of any box in 60 s."""
    sim = engine.Simulation(stack(8), num_envs=16)
    sim.step(substeps=250)
    start = sim.state.body_position[:, 2:].copy()
    sim.step(substeps=30_000)
    assert np.linalg.norm(sim.state.body_position[:, 2:] - start, axis=2).max() < 1e-3


def test_a_kinematic_pusher_moves_a_box(cpu):
    """A wall moving at 0.3 m/s pushes a box at its own speed."""
    scene = engine.Scene()
    scene.add_plane()
    scene.add_body("wall", shape=engine.Box(size=(0.05, 0.5, 0.2)), position=(-0.2, 0, 0.12), kinematic=True)
    scene.add_body("box", shape=engine.Box(size=(0.1, 0.1, 0.1)), density=500.0, position=(0, 0, 0.05))
    sim = engine.Simulation(scene)
    sim.control.kinematic_velocity[:, 0, 0] = 0.3
    sim.step(substeps=1000)
    assert abs(sim.state.kinematic_position[0, 0, 0] - (-0.2 + 0.6)) < 1e-4
    assert abs(sim.state.body_velocity[0, -1, 0] - 0.3) < 0.02
    assert abs(sim.state.body_position[0, -1, 0] - (0.4 + 0.075)) < 0.01
