"""The signal model by itself and in a simulation: known answers, statistics, exact delay and rate, determinism."""

import numpy as np
import pytest

import engine
from engine.scene.description import Signal
from engine.sensors.random import Stream, philox, sensor_word
from engine.sensors.signal import SignalLine


def words(*values: int) -> tuple:
    return tuple(np.array([v], np.uint64) for v in values)


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)  # fmt: skip
def test_philox_gives_the_known_answers_of_random123(counter, key, answer):
    assert tuple(int(x[0]) for x in philox(words(*counter), words(*key))) == answer


def stream(num_envs: int, seed: int = 7) -> Stream:
    return Stream(np.full(num_envs, seed, np.uint64), np.arange(num_envs, dtype=np.uint64), sensor_word("s"))


def run(signal: Signal, steps: int, num_envs: int = 1, width: int = 1, truth=lambda k: 0.0, h: float = 0.01) -> np.ndarray:
    """What is read (steps, num_envs, width) after each substep of h."""
    line, draws, out = SignalLine(signal, num_envs, (width,), np.dtype("float64")), stream(num_envs), []
    for k in range(steps):
        time = np.full(num_envs, k * h)
        if line.due(time).any():
            line.take(np.full((num_envs, width), truth(k)), time, draws)
        out.append(line.read(time))
    return np.array(out)


def test_noise_and_bias_have_their_mean_and_deviation():
    out = run(Signal(rate=100.0, noise=0.3, bias=(1.0, -2.0)), 2000, 4, 2)
    n = 2000 * 4
    np.testing.assert_allclose(out.mean((0, 1)), [1.0, -2.0], atol=4 * 0.3 / np.sqrt(n))
    np.testing.assert_allclose(out.std((0, 1)), 0.3, rtol=4 / np.sqrt(2 * n))
    flat = out[:, :, 0] - 1.0
    assert abs((flat[1:] * flat[:-1]).mean()) < 4 * 0.09 / np.sqrt(n)  # white
    assert abs(np.corrcoef(flat[:, 0], flat[:, 1])[0, 1]) < 4 / np.sqrt(2000)  # environments differ


def test_drift_grows_like_the_root_of_time():
    out = run(Signal(rate=100.0, drift=0.5), 401, 3000)
    for second in (1.0, 4.0):
        np.testing.assert_allclose(out[int(100 * second)].std(), 0.5 * np.sqrt(second), rtol=4 / np.sqrt(2 * 3000))


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.05, 0.13])
def test_a_delay_is_exact(delay):
    """A ramp that is sampled at every substep reads as it was `delay` ago; before that as it was at the begin."""
    out = run(Signal(rate=100.0, delay=delay), 60, truth=lambda k: float(k))[:, 0, 0]
    np.testing.assert_array_equal(out, np.maximum(np.arange(60) - round(delay / 0.01), 0))


def test_a_rate_holds_its_samples_and_a_delay_counts_from_them():
    held = run(Signal(rate=25.0), 20, truth=lambda k: float(k))[:, 0, 0]
    np.testing.assert_array_equal(held, np.arange(20) // 4 * 4)
    late = run(Signal(rate=25.0, delay=0.03), 20, truth=lambda k: float(k))[:, 0, 0]
    np.testing.assert_array_equal(late, np.maximum((np.arange(20) - 3) // 4 * 4, 0))


def test_a_rate_above_the_steps_samples_each_of_them():
    assert (run(Signal(rate=1000.0), 20, truth=lambda k: float(k))[:, 0, 0] == np.arange(20)).all()


def test_quantization_saturation_and_dropout():
    out = run(Signal(rate=100.0, resolution=0.25, range=(-1.0, 2.0)), 100, truth=lambda k: 0.037 * k - 1.3)[:, 0, 0]
    assert out.min() == -1.0 and out.max() == 2.0 and np.allclose(out / 0.25, np.rint(out / 0.25))
    lost = run(Signal(rate=100.0, dropout=0.3), 4000, truth=lambda k: float(k))[:, 0, 0]
    share = (np.diff(lost) == 0).mean()
    assert abs(share - 0.3) < 4 * np.sqrt(0.21 / 4000) and (np.diff(lost) >= 0).all()


def sensing_scene() -> engine.Scene:
    scene = engine.Scene()
    scene.add_plane()
    scene.add_body("ball", engine.Sphere(0.1), mass=1.0, position=(0, 0, 1))
    scene.add_sensor("height", "pose", body="ball", rate=100, noise=0.01, drift=0.1, dropout=0.1, delay=0.02)
    scene.add_sensor("imu", "imu", body="ball", noise=0.1)
    return scene


def test_an_environment_of_a_batch_senses_what_it_senses_alone(cpu):
    """With a seed per environment; and the same seed gives the same bits again."""
    batch, alone = engine.Simulation(sensing_scene(), 3), engine.Simulation(sensing_scene(), 2)
    again = engine.Simulation(sensing_scene(), 3)
    batch.reset(seed=[11, 22, 33]), again.reset(seed=[11, 22, 33]), alone.reset(seed=[22, 5])
    for sim in (batch, again, alone):
        sim.step(37)
    for _ in range(5):
        for sim in (batch, again, alone):
            sim.step(3)
        told, once_more, single = batch.sense(), again.sense(), alone.sense()
        for name in told:
            np.testing.assert_array_equal(told[name], once_more[name])
            np.testing.assert_array_equal(told[name][1], single[name][0])
            assert not np.array_equal(told[name][0], told[name][2])


def test_reading_twice_and_in_another_order_changes_nothing(cpu):
    sim = engine.Simulation(sensing_scene(), 2)
    sim.step(50)
    first = sim.sense("imu")["imu"]
    sim.sense("height")
    np.testing.assert_array_equal(sim.sense()["imu"], first)


def test_samples_are_taken_within_a_step_and_the_sums_of_the_step_stay(cpu):
    """A step of 10 substeps is cut where samples are due; what touched is that of the whole step."""
    scene = sensing_scene()
    scene.add_sensor("late", "pose", body="ball", rate=250, delay=0.004)
    scene.options.timestep = 0.002
    sim, plain = engine.Simulation(scene, 2), engine.Simulation(sensing_scene_without_sensors(), 2)
    heights = []
    for _ in range(400):
        plain.step(1)
        heights.append(plain.state.body_position[0, -1, 2])
    sim.step(390), sim.step(10)
    np.testing.assert_allclose(sim.sense("late")["late"][0, 2], heights[397], atol=1e-6)
    plain.reset(), plain.step(390), plain.step(10)
    np.testing.assert_array_equal(sim.state.qpos, plain.state.qpos)
    np.testing.assert_array_equal(sim.touches()["impulse"], plain.touches()["impulse"])
    np.testing.assert_array_equal(sim.touches()["substeps"], plain.touches()["substeps"])


def test_a_delayed_sensor_starts_from_the_reset(cpu):
    """Nobody reads before the first step, and still the first reading is that of the begin."""
    scene = sensing_scene_without_sensors()
    scene.add_sensor("late", "pose", body="ball", rate=500, delay=0.02)
    sim = engine.Simulation(scene, 2)
    sim.step(10)
    assert sim.sense("late")["late"][0, 2] == 1.0
    sim.step(2)
    assert sim.sense("late")["late"][0, 2] < 1.0


def sensing_scene_without_sensors() -> engine.Scene:
    scene = engine.Scene()
    scene.add_plane()
    scene.add_body("ball", engine.Sphere(0.1), mass=1.0, position=(0, 0, 1))
    scene.options.timestep = 0.002
    return scene


def test_one_environment_is_reset_alone(cpu):
    sim = engine.Simulation(sensing_scene(), 2)
    sim.step(100)
    before = sim.sense("height")["height"]
    sim.reset(envs=[0])
    after = sim.sense("height")["height"]
    np.testing.assert_array_equal(before[1], after[1])
    assert abs(after[0, 2] - 1.0) < 0.1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "lidra", "body": "ball"}, "did you mean 'lidar'"),
        ({"kind": "lidar", "body": "ball", "ray": (1, 2)}, "did you mean 'rays'"),
        ({"kind": "lidar", "body": "bull"}, "did you mean 'ball'"),
        ({"kind": "tactile", "body": "ball"}, "tactile on body; allowed: shape"),
        ({"kind": "pose", "body": "ball", "delay": 0.1}, "delay without a rate"),
        ({"kind": "pose", "body": "ball", "noise": -1.0}, "noise is -1"),
        ({"kind": "pose", "body": "ball", "dropout": 2.0, "rate": 10}, "dropout is 2"),
        ({"kind": "gel", "shape": "ball", "face": "top"}, "unknown face 'top'"),
        ({"kind": "contact_force", "body": "ball", "other": "grund"}, "did you mean 'ground'"),
    ],
)
def test_a_wrong_sensor_is_refused_in_one_sentence(given, words):
    scene = sensing_scene_without_sensors()
    with pytest.raises(engine.SceneError, match=words.replace("(", r"\(")):
        scene.add_sensor("s", **given)


def test_sensors_survive_saving(tmp_path):
    scene = sensing_scene()
    scene.add_sensor("skin", "tactile", shape="ball", face="-z", taxels=(3, 5), bias=0.5)
    scene.save(tmp_path / "scene.yaml")
    assert engine.load(tmp_path / "scene.yaml").sensors == scene.sensors
