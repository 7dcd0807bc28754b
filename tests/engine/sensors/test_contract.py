"""What all sensors share, for every kind: a feature that tells what is told, and each part of the signal between truth and
reading."""

import numpy as np
import pytest

import engine
from engine.scene.sensing import KINDS

PLACES = {
    "contact_force": {"body": "crate"},
    "contact_wrench": {"body": "crate", "frame": "body"},
    "tactile": {"shape": "crate", "face": "-z", "taxels": (2, 3)},
    "gel": {"shape": "crate", "face": "-z", "pixels": (6, 5), "stiffness": 1e6},
    "imu": {"body": "drone"},
    "joint_position": {"joint": "swing"},
    "joint_velocity": {},
    "joint_force": {"joint": "swing"},
    "force_torque": {"joint": "swing"},
    "lidar": {"body": "drone", "rays": (2, 5), "max_range": 4.0},
    "depth_rays": {"body": "drone", "rays": (3, 4), "max_range": 4.0},
    "proximity": {"body": "drone", "rays": 5, "max_range": 4.0},
    "pose": {"body": "crate"},
    "twist": {"body": "rod"},
}
SIGNALS = {
    "true": {},
    "biased": {"bias": 0.5},
    "stepped": {"resolution": 0.25},
    "cut": {"range": (-0.1, 0.2)},
    "held": {"rate": 100, "delay": 0.02},
    "lost": {"rate": 500, "dropout": 0.9999999},
    "noisy": {"rate": 500, "noise": 0.1, "drift": 0.05},
}
STEPS, EVERY = 40, 5  # substeps of 2 ms, of a sample at 100 Hz
FRAMES = {"", "world", "crate", "drone", "swing", "rod", "joint"}  # of the element that carries the sensor


def scene() -> engine.Scene:
    made = engine.Scene()
    made.add_plane()
    made.add_body("crate", engine.Box(size=(0.4, 0.3, 0.2)), mass=3.0, position=(0, 0, 0.1), velocity=(0.5, 0.1, 0))
    made.add_body("drone", engine.Sphere(0.1), mass=0.5, position=(0.6, 0, 0.8), angular_velocity=(0.4, 0.2, 1.0))
    hinge = engine.Hinge(name="swing", axis=(0, 1, 0), initial=0.4)
    made.add_body("rod", engine.Capsule(0.03, 0.4), mass=1.0, position=(0, 1, 1.5), joint=hinge)
    for kind, place in PLACES.items():
        for case, signal in SIGNALS.items():
            made.add_sensor(f"{kind} {case}", kind, **place, **signal)
    return made


def run(num_envs: int) -> tuple[engine.Simulation, list[dict[str, np.ndarray]]]:
    """What is told after every substep, the begin first."""
    sim = engine.Simulation(scene(), num_envs)
    sim.reset(seed=11)
    told = [sim.sense()]
    for _ in range(STEPS):
        sim.step()
        told.append(sim.sense())
    return sim, told


@pytest.fixture(scope="module")
def ran():
    from engine import runtime

    runtime.init(backend="cpu", precision="f32", threads=2, seed=0, lanes=None)
    return run(2), run(3)[1]


def cast(values: np.ndarray, dtype) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(dtype) if np.dtype(dtype).kind == "u" else values.astype(dtype)


def test_every_kind_is_here():
    assert set(PLACES) == set(KINDS)


@pytest.mark.parametrize("kind", PLACES)
def test_a_feature_tells_what_is_told(ran, kind):
    """Name, dtype, shape, unit, frame and the names of the numbers."""
    (sim, told), _ = ran
    for case in SIGNALS:
        feature, values = sim.sensors[f"{kind} {case}"].feature, told[-1][f"{kind} {case}"]
        assert values.shape == (2, *feature.shape) and values.dtype == feature.dtype
        assert feature.name == f"observation.sensor.{kind} {case}" and feature.frame in FRAMES
        assert feature.unit or kind == "gel"
        assert feature.names is None or len(feature.names) == feature.shape[-1]
        assert np.isfinite(values.astype(float)).all()


@pytest.mark.parametrize("kind", PLACES)
def test_every_part_of_a_signal_acts_on_every_kind(ran, kind):
    """Bias, steps, saturation, rate with delay, losses and noise against the truth; a batch has the bits of a smaller one."""
    (sim, told), more = ran
    true = sim.sensors[f"{kind} true"].measure(sim)
    now = {case: told[-1][f"{kind} {case}"] for case in SIGNALS}
    dtype = now["true"].dtype
    np.testing.assert_array_equal(now["true"], cast(true, dtype))
    np.testing.assert_array_equal(now["biased"], cast(true + 0.5, dtype))
    np.testing.assert_array_equal(now["stepped"], cast(np.rint(true / 0.25) * 0.25, dtype))
    np.testing.assert_array_equal(now["cut"], cast(np.clip(true, -0.1, 0.2), dtype))
    before = STEPS - 10  # 20 ms
    np.testing.assert_array_equal(now["held"], told[before - before % EVERY][f"{kind} true"])
    np.testing.assert_array_equal(now["lost"], told[0][f"{kind} true"])
    if dtype.kind == "f":
        off = np.array([t[f"{kind} noisy"].astype(float) - t[f"{kind} true"] for t in told[1:]])
        assert 0.08 < off.std() < 0.13 and not np.array_equal(off[:, 0], off[:, 1])
    for k, values in enumerate(more):
        for case in SIGNALS:
            np.testing.assert_array_equal(values[f"{kind} {case}"][:2], told[k][f"{kind} {case}"])
