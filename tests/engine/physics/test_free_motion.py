"""Free bodies against closed forms: fall, projectile, torque-free spin, momentum (cases A1-A4 of the validation list)."""

import numpy as np
import pytest

import engine

GRAVITY = 9.81


def falling(**body) -> engine.Simulation:
    scene = engine.Scene()
    scene.options.timestep = 0.001
    scene.add_body("ball", shape=engine.Sphere(radius=0.1), density=500.0, **body)
    return engine.Simulation(scene, num_envs=3)


def test_free_fall_follows_half_g_t_squared(cpu):
    """h - g t^2 / 2 within g dt t, v = -g t exactly, no sideways motion."""
    sim = falling(position=(0, 0, 5))
    for step in range(1, 6):
        sim.step(substeps=100)
        t = 0.1 * step
        np.testing.assert_allclose(sim.state.time, t, rtol=1e-5)
        assert np.abs(sim.state.body_position[:, 1, 2] - (5 - 0.5 * GRAVITY * t * t)).max() < GRAVITY * 0.001 * t
        np.testing.assert_allclose(sim.state.qvel[:, 2], -GRAVITY * t, rtol=1e-5)
        assert np.abs(sim.state.body_position[:, 1, :2]).max() < 1e-6


def test_projectile_is_a_parabola(cpu):
    """x = v t, z = v t - g t^2 / 2."""
    sim = falling(position=(0, 0, 1), velocity=(2, -1, 4))
    sim.step(substeps=500)
    expected = np.array([1.0, -0.5, 1 + 2.0 - 0.5 * GRAVITY * 0.25])
    assert np.abs(sim.state.body_position[:, 1] - expected).max() < GRAVITY * 0.001 * 0.5


def test_torque_free_spin_keeps_angular_momentum_and_energy(cpu):
    """World angular momentum of a tumbling box stays within 0.5 per cent over 2 s, energy within 1 per cent."""
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    scene.options.timestep = 0.001
    scene.add_body("box", shape=engine.Box(size=(0.1, 0.2, 0.4)), density=1000.0, angular_velocity=(0.7, -5.0, 0.9))
    sim = engine.Simulation(scene)
    inertia = sim.compiled.reals["body_inertia"][0, 1, :3]

    def momentum():
        w, x, y, z = sim.state.body_rotation[0, 1].astype(float)
        R = np.array([
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ])  # fmt: skip
        omega = R.T @ sim.state.body_velocity[0, 1, 3:]
        return R @ (inertia * omega), 0.5 * (inertia * omega * omega).sum()

    L0, E0 = momentum()
    sim.step(substeps=2000)
    L1, E1 = momentum()
    assert np.linalg.norm(L1 - L0) < 5e-3 * np.linalg.norm(L0)
    assert abs(E1 / E0 - 1) < 1e-2


def test_collisions_conserve_momentum(cpu):
    """Boxes and balls colliding without gravity keep total momentum and angular momentum to 5e-4."""
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    rng = np.random.default_rng(5)
    for k in range(4):
        shape = engine.Box(size=(0.2, 0.2, 0.2)) if k % 2 else engine.Sphere(radius=0.12)
        p = np.array([np.cos(k * np.pi / 2), np.sin(k * np.pi / 2), 0.03 * k]) * 0.5
        scene.add_body(
            f"b{k}",
            shape=shape,
            density=800.0,
            position=p,
            velocity=-1.5 * p + rng.normal(0, 0.05, 3),
            angular_velocity=rng.normal(0, 1, 3),
        )
    sim = engine.Simulation(scene)
    mass = sim.compiled.reals["body_mass"][0, 1:, None]

    def totals():
        v, p = sim.state.body_velocity[0, 1:, :3].astype(float), sim.state.body_position[0, 1:].astype(float)
        return (mass * v).sum(0), mass, v, p

    before, _, _, _ = totals()
    touched = 0
    for _ in range(100):
        sim.step(substeps=10)
        touched += len(sim.touches()["env"])
    after, m, v, _ = totals()
    assert touched > 0
    scale = (m * np.abs(v)).sum()
    assert np.abs(after - before).max() < 5e-4 * scale


@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_both_precisions_fall_alike(precision, engine_as):
    """The same fall in f32 and f64."""
    engine_as(precision=precision)
    sim = falling(position=(0, 0, 2))
    sim.step(substeps=200)
    assert abs(sim.state.qpos[0, 2] - (2 - 0.5 * GRAVITY * 0.04)) < 0.005
