"""Textbook motions: a fast top precesses, a bowled ball comes to roll, a row of balls hands on a blow."""

import numpy as np

import engine

G = 9.81


def test_a_fast_top_precesses_at_m_g_l_over_i_omega(cpu):
    """A disc on a light axle, held at its end by a ball joint, axle horizontal: 1 per cent (the fast-top formula is good to
    (precession / spin) of itself), and the axle stays level to one degree.
    """
    mass, radius, arm, spin = 1.0, 0.1, 0.1, 400.0
    scene = engine.Scene()
    scene.options.timestep = 0.0005
    inertia = mass * radius**2 / 2
    scene.add_body(
        "top", mass=mass, com=(arm, 0, 0), inertia=(inertia, inertia / 2, inertia / 2, 0, 0, 0), position=(0, 0, 1),
        joint=engine.Ball(),
    )  # fmt: skip
    sim = engine.Simulation(scene)
    precession = mass * G * arm / (inertia * spin)
    velocity = sim.state.qvel
    velocity[:] = [spin, 0.0, precession]
    sim.state.qvel = velocity
    sim.step(substeps=2000)
    axle = rotated_x(sim.state.body_rotation[0, -1])
    turned = np.arctan2(axle[1], axle[0]) % (2 * np.pi)
    assert abs(turned / (precession * 1.0) - 1) < 0.01
    assert abs(np.degrees(np.arcsin(axle[2]))) < 1.0


def rotated_x(q: np.ndarray) -> np.ndarray:
    """The x axis turned by a quaternion."""
    w, x, y, z = q
    return np.array([1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)])


def test_a_bowled_ball_slides_then_rolls_at_five_sevenths(cpu):
    """v = v0 - mu g t until 2 v0 / (7 mu g), then 5/7 v0; both within 1 per cent."""
    friction, speed = 0.2, 4.0
    scene = engine.Scene()
    scene.add_plane(friction=friction)
    scene.add_body(
        "ball", shape=engine.Sphere(radius=0.1), mass=5.0, position=(0, 0, 0.1), velocity=(speed, 0, 0), friction=friction
    )
    sim = engine.Simulation(scene)
    roll = 2 * speed / (7 * friction * G)
    sim.step(substeps=int(0.5 * roll / sim.timestep))
    slow = sim.state.qvel[0, 0]
    np.testing.assert_allclose(slow, speed - friction * G * sim.state.time[0], rtol=0.01)
    sim.step(substeps=int(1.0 * roll / sim.timestep))
    np.testing.assert_allclose(sim.state.qvel[0, 0], 5 / 7 * speed, rtol=0.01)
    np.testing.assert_allclose(abs(sim.state.qvel[0, 4]) * 0.1, 5 / 7 * speed, rtol=0.01)


def test_a_row_of_balls_hands_on_the_blow(cpu):
    """Five equal elastic balls a millimetre apart: the last leaves with the first one's speed, the others stand, 2 per cent."""
    scene = engine.Scene()
    scene.options.gravity = (0.0, 0.0, 0.0)
    scene.options.timestep = 0.0005
    for k in range(5):
        scene.add_body(
            f"ball{k}", shape=engine.Sphere(radius=0.02), mass=0.1, position=(0.041 * k, 0, 0), restitution=1.0, friction=0.0,
            velocity=(1.0 if k == 0 else 0.0, 0, 0),
        )  # fmt: skip
    sim = engine.Simulation(scene)
    sim.step(substeps=100)
    speeds = sim.state.qvel[0].reshape(5, 6)[:, 0]
    np.testing.assert_allclose(speeds, [0, 0, 0, 0, 1], atol=0.02)
    np.testing.assert_allclose(speeds.sum(), 1.0, atol=1e-4)


def test_a_fast_tumbling_body_keeps_momentum_and_energy(cpu):
    """A brick spun about its middle axis at 60 rad/s, 0.12 rad a substep, for 10 s: momentum to 0.2 per cent, energy to
    0.5 per cent in single precision."""
    moments = np.array([0.2, 0.5, 0.6])
    scene = engine.Scene()
    scene.options.gravity = (0.0, 0.0, 0.0)
    scene.add_body("brick", mass=10.0, com=(0.05, 0.02, -0.1), inertia=tuple(moments), angular_velocity=(0.6, 60.0, -0.4))
    sim = engine.Simulation(scene)

    def momentum_and_energy() -> tuple[np.ndarray, float]:
        spin, q = sim.state.qvel[0, 3:].astype(float), sim.state.body_rotation[0, -1].astype(float)
        w, v = q[0], q[1:]
        body = moments * spin
        return body + 2 * w * np.cross(v, body) + 2 * np.cross(v, np.cross(v, body)), 0.5 * spin @ body

    momentum, energy = momentum_and_energy()
    for _ in range(100):
        sim.step(substeps=50)
        now, kinetic = momentum_and_energy()
        assert np.linalg.norm(now - momentum) < 2e-3 * np.linalg.norm(momentum)
        np.testing.assert_allclose(kinetic, energy, rtol=0.005)
