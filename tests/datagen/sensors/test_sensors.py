"""Sensors from a spec into a dataset: every type, the same in every batch, shown by inspect; wrong ones named by line."""

from pathlib import Path

import numpy as np
import pytest

import datagen
import engine
from datagen.build import build_scene
from datagen.episode.layout import make_layout
from datagen.inspect import write_page
from datagen.pipeline.generation import generate
from datagen.pipeline.replay import replay
from datagen.sensing import PREFIX, feature_of
from datagen.spec import from_data, load_spec, sample
from datagen.spec.sensors import PARAMETERS
from datagen.writers import Dataset, validate
from engine.scene.sensing import KINDS
from engine.sensors.modes import MATERIALS

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two datasets of three episodes: one batch of all, and one by one."""
    folders = []
    for batch in (3, 1):
        folder = tmp_path_factory.mktemp("sensed") / f"by_{batch}"
        generate(HERE / "sensed.yaml", episodes=3, seed=5, out=folder, workers=1, backend="cpu", batch=batch)
        folders.append(folder)
    return folders


def test_types_and_parameters_are_those_of_the_engine():
    assert set(PARAMETERS) == {*KINDS, "sound"}
    for kind, entry in KINDS.items():
        assert set(PARAMETERS[kind]) == set(entry.parameters), kind
    from datagen.spec.sensors import SoundMaterial

    assert set(SoundMaterial.__args__) == set(MATERIALS)


@pytest.mark.parametrize("name", ["sensed", "hinged"])
def test_features_follow_from_the_spec_as_the_engine_makes_them(name):
    engine.init("cpu")
    spec = sample(load_spec(HERE / f"{name}.yaml"), 1, 0)
    layout = make_layout([spec])
    sim = engine.Simulation(build_scene(spec), 2)
    for sensor in spec.sensors:
        ours = feature_of(sensor, layout.joints, layout.fps)
        if sensor.type == "sound":
            continue
        theirs = sim.sensors[sensor.name].feature
        assert (ours.name, ours.dtype, ours.shape, ours.unit, ours.names) == (
            theirs.name, theirs.dtype, theirs.shape, theirs.unit, theirs.names,
        )  # fmt: skip
        told = sim.sense(sensor.name)[sensor.name]
        assert told.shape == (2, *ours.shape) and told.dtype == ours.dtype


def test_every_sensor_is_recorded_and_tells_something(made):
    dataset = Dataset(made[0])
    assert validate(made[0]).problems == ()
    wanted = [s.name for s in sample(load_spec(HERE / "sensed.yaml"), 5, 0).sensors]
    frames = dataset.frames(0)
    for name in wanted:
        feature, values = dataset.schema.feature(PREFIX + name), np.asarray(frames[PREFIX + name])
        assert values.reshape(12, *feature.shape).dtype == feature.dtype
        assert np.isfinite(values).all() and values.astype(float).std() > 0, name
    assert frames[PREFIX + "weight"].reshape(12, 3)[-1, 2] > 0
    state = frames["observation.state"].reshape(12, 3, 13)
    np.testing.assert_allclose(frames[PREFIX + "near"].reshape(12), np.minimum(state[:, 2, 2], 10.0), atol=0.02)


def test_batches_do_not_change_a_byte(made):
    first, second = (Dataset(folder) for folder in made)
    for episode in range(3):
        ours, theirs = first.frames(episode), second.frames(episode)
        for name in ours:
            np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)
    assert first.manifest["manifest_sha256"] == second.manifest["manifest_sha256"]


def test_noise_differs_between_episodes(made):
    dataset = Dataset(made[0])
    spins = [dataset.frames(k)[PREFIX + "head"].reshape(12, 9)[0, 3:6] for k in range(3)]
    assert not np.allclose(spins[0], spins[1], atol=1e-6) and not np.allclose(spins[1], spins[2], atol=1e-6)


def test_inspect_shows_the_sensors(made, tmp_path):
    write_page(made[0], tmp_path / "page.html", 1)
    text = (tmp_path / "page.html").read_text()
    for name in ("weight", "skin", "gel", "head", "scan", "ear"):
        assert f"sensor {name}" in text


def test_the_hash_of_an_episode_without_sensors_is_untouched():
    spec = sample(load_spec(HERE.parent / "pipeline" / "small.yaml"), 3, 0)
    assert b'"sensors"' not in spec.to_json() and type(spec).from_json(spec.to_json()) == spec


@pytest.mark.parametrize(
    ("sensor", "words"),
    [
        ({"type": "lidra", "body": "ball"}, "lidar"),
        ({"type": "lidar", "body": "bal"}, "ball"),
        ({"type": "lidar", "body": "ball", "taxels": [2, 2]}, "lidar has no 'taxels'"),
        ({"type": "contact_force"}, "needs a body"),
        ({"type": "imu", "body": "ball", "delay": "5 ms"}, "delay without a rate"),
        ({"type": "imu", "body": "ball", "rate": "5 ms"}, "Hz"),
        ({"type": "force_torque"}, "'joint' or 'body'"),
        ({"type": "joint_position", "joint": "hinge"}, "no joint 'hinge'"),
        ({"type": "sound", "sample_rate": 24_001}, "multiple of 20"),
        ({"type": "contact_force", "body": "cube"}, "names 2 bodies"),
    ],
)
def test_a_wrong_sensor_is_named(sensor, words):
    import yaml

    data = yaml.safe_load((HERE / "sensed.yaml").read_text())
    data["sensors"] = {"mine": sensor}
    with pytest.raises(datagen.DatagenError if hasattr(datagen, "DatagenError") else Exception) as caught:
        sample(from_data(data), 1, 0)
    assert words in str(caught.value) and "sensors" in str(caught.value)


def test_episodes_with_sensors_replay_bit_for_bit(made):
    """Without sensing anything: what sensors cost a step in cuts changes no bit of the motion."""
    assert [verdict.equal for verdict in replay(made[0], threads=2)] == [True] * 3
