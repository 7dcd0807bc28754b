"""The same physics and pictures on CUDA as on the CPU. Run with `pytest -m gpu` where a CUDA device answers; each test fails,
and does not skip, when none does.
"""

import numpy as np
import pytest

import engine

pytestmark = pytest.mark.gpu


def scene(seed: int) -> engine.Scene:
    """A pendulum, a box, a ball and a capsule over a plane, with a camera."""
    rng = np.random.default_rng(seed)
    scene = engine.Scene()
    scene.add_plane(friction=0.6)
    scene.add_body(
        "bob",
        shape=engine.Sphere(radius=0.1),
        mass=1.0,
        position=(0, 1, 1),
        joint=engine.Hinge(axis=(1, 0, 0), position=(0, 0, 0.6), initial=0.5),
    )
    for k, shape in enumerate(
        (engine.Box(size=(0.2, 0.15, 0.1)), engine.Sphere(radius=0.08), engine.Capsule(radius=0.05, length=0.15))
    ):
        scene.add_body(
            f"b{k}",
            shape=shape,
            density=500.0,
            position=(0.3 * k - 0.3, 0, 0.3 + 0.05 * rng.random()),
            color=(0.9, 0.3 * k, 0.2),
        )
    scene.add_camera("front", position=(2, -2, 1.2), look_at=(0, 0, 0.2), resolution=(64, 48), fov_y=45)
    return scene


def rollout(envs: int, steps: int) -> dict[str, np.ndarray]:
    sim = engine.Simulation([scene(k) for k in range(envs)])
    for _ in range(steps):
        sim.step(substeps=10)
    picture = sim.render("front", outputs=("rgb", "depth", "segmentation", "normal"))
    return {"qpos": sim.state.qpos, "qvel": sim.state.qvel, "faults": sim.faults, **picture}


def test_physics_in_f64_agrees_with_the_cpu(engine_as):
    """Half a second with contacts: positions within 1e-6 of the CPU's."""
    engine_as(backend="cpu", precision="f64")
    expected = rollout(20, 25)
    engine_as(backend="cuda", precision="f64")
    measured = rollout(20, 25)
    assert not measured["faults"].any()
    np.testing.assert_allclose(measured["qpos"], expected["qpos"], atol=1e-6)


def test_physics_and_pictures_in_f32_agree_with_the_cpu(engine_as):
    """A tenth of a second: positions within 1e-4, depth within 1e-3 on 99.5 per cent of the pixels, equal segments on 99.5 per
    cent.
    """
    engine_as(backend="cpu")
    expected = rollout(33, 5)
    engine_as(backend="cuda")
    measured = rollout(33, 5)
    np.testing.assert_allclose(measured["qpos"], expected["qpos"], atol=1e-4)
    assert (measured["segmentation"] == expected["segmentation"]).mean() > 0.995
    finite = np.isfinite(expected["depth"]) & np.isfinite(measured["depth"])
    assert (np.abs(measured["depth"][finite] - expected["depth"][finite]) < 1e-3).mean() > 0.995
    assert (np.abs(measured["rgb"].astype(int) - expected["rgb"].astype(int)) <= 3).mean() > 0.99


def test_cuda_repeats_its_own_bits(engine_as):
    """Two runs on the device give the same state, bit for bit, whatever the number of neighbours."""
    engine_as(backend="cuda")
    first, second = rollout(33, 10), rollout(7, 10)
    np.testing.assert_array_equal(first["qpos"][:7], second["qpos"])


def test_many_environments_run_on_the_device(engine_as):
    """4,096 environments stay finite and come to rest on the plane."""
    engine_as(backend="cuda")
    sim = engine.Simulation(scene(0), num_envs=4096)
    sim.step(substeps=500)
    assert not sim.faults.any()
    assert (sim.state.body_position[:, 3:, 2] > 0.0).all()
