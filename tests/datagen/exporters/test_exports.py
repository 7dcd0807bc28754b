"""Every export holds the frames of the dataset, as that trainer's own library (or the bare file format) reads it."""

import json
from pathlib import Path

import numpy as np
import pytest

import datagen
from datagen.errors import DatagenError
from datagen.exporters import FORMATS, Choice, export_dataset
from datagen.pipeline.generation import generate
from datagen.quaternions import to_euler
from datagen.writers import OutputError

SPEC = Path(__file__).parent.parent / "pipeline" / "small.yaml"
LIGHT = sorted(set(FORMATS) - {"rlds"})  # its library is heavy: tests/clients/rlds_open.py


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Three small episodes."""
    folder = tmp_path_factory.mktemp("export") / "data"
    generate(SPEC, 3, 11, folder, workers=1)
    return datagen.Dataset(folder)


@pytest.fixture(scope="module")
def exported(dataset, tmp_path_factory):
    """Format -> folder, each made once."""
    made = {}

    def make(name: str) -> Path:
        if name not in made:
            made[name] = tmp_path_factory.mktemp(name) / "out"
            result = export_dataset(dataset.folder, name, made[name])
            assert result["episodes"] == 3
        return made[name]

    return make


def pictures(dataset, index):
    """Decoded pictures of an episode."""
    return np.stack(list(dataset.video(index, dataset.schema.cameras[0].name)))


def test_webdataset_reads_every_episode(dataset, exported):
    """The library gives the samples in order, with states, actions, captions, contacts and a clip."""
    import webdataset

    shards = sorted(str(path) for path in exported("webdataset").glob("*.tar"))
    samples = list(webdataset.WebDataset(shards, shardshuffle=False, empty_check=False))
    assert len(samples) == 3
    for index, sample in enumerate(samples):
        assert sample["__key__"] == f"episode_{index:08d}"
        assert sample["caption.txt"].decode().startswith(dataset.episode(index).task)
        assert json.loads(sample["meta.json"])["seed"] == dataset.episode(index).seed
        state = np.load(__import__("io").BytesIO(sample["state.npy"]))
        np.testing.assert_array_equal(state, dataset.frames(index)["observation.state"])
        assert sample["video.mp4"][4:8] == b"ftyp"


def test_leworldmodel_rows_are_cut_by_offset_and_length(dataset, exported):
    """One dataset a column, all episodes behind each other."""
    import h5py

    with h5py.File(exported("leworldmodel") / "train.h5") as file:
        assert file["ep_len"].dtype == np.int32 and file["ep_offset"].dtype == np.int64
        for index, (start, length) in enumerate(zip(file["ep_offset"], file["ep_len"], strict=True)):
            np.testing.assert_array_equal(file["pixels"][start : start + length], pictures(dataset, index))
            np.testing.assert_array_equal(file["action"][start : start + length], dataset.frames(index)["action"])
        assert file["pixels"].chunks[0] == 1 and len(file["pixels"]) == dataset.num_frames


def test_robomimic_demos_have_the_next_observation(dataset, exported):
    """T - 1 steps; next_obs is obs one row later; actions times their scale are the dataset's."""
    import h5py

    with h5py.File(exported("robomimic") / "demos.hdf5") as file:
        data = file["data"]
        assert data.attrs["total"] == dataset.num_frames - 3 and set(file["mask/train"][:]) == {b"demo_0", b"demo_1", b"demo_2"}
        for index in range(3):
            demo, frames = data[f"demo_{index}"], dataset.frames(index)
            assert np.abs(demo["actions"]).max(initial=0.0) <= 1.0
            np.testing.assert_allclose(demo["actions"] * data.attrs["action_scale"], frames["action"][:-1], atol=1e-6)
            np.testing.assert_array_equal(demo["next_obs/state"][:-1], demo["obs/state"][1:])
            np.testing.assert_array_equal(demo["next_obs/image"][-1], pictures(dataset, index)[-1])


def test_minari_loads_the_episodes(dataset, exported, monkeypatch):
    """T + 1 observations and T actions, truncated at the end."""
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(exported("minari")))
    import minari

    loaded = minari.load_dataset("worldsmith/episodes-v0")
    assert loaded.total_episodes == 3
    for index, episode in enumerate(loaded.iterate_episodes()):
        np.testing.assert_array_equal(episode.observations, dataset.frames(index)["observation.state"])
        assert len(episode.actions) == len(episode.observations) - 1 and episode.truncations[-1]


def test_dreamer_chunks_follow_its_naming_and_shift_the_reward(dataset, exported):
    """The names parse as `elements` writes them and the step ids belong to the chunk."""
    import elements

    files = sorted(exported("dreamer").glob("*.npz"))
    assert len(files) == 3
    for index, path in enumerate(files):
        _, uuid, following, length = path.stem.split("-")
        chunk = np.load(path)
        assert elements.UUID(uuid).value == bytes(chunk["stepid"][0][:16]) and elements.UUID(following).value == bytes(16)
        assert int(length) == len(chunk["action"]) == dataset.episode(index).length
        assert chunk["is_first"][0] and chunk["is_last"][-1] and not chunk["is_terminal"].any()
        np.testing.assert_array_equal(chunk["image"], pictures(dataset, index))


def test_rewards_are_shifted_to_the_observation_they_led_to(dataset):
    """Leaving row t is arriving at row t + 1."""
    from dataclasses import replace

    from datagen.exporters.trajectory import read_trajectory

    trajectory = read_trajectory(dataset, 0, None)
    reward = np.arange(1.0, len(trajectory) + 1, dtype=np.float32)
    np.testing.assert_array_equal(replace(trajectory, reward=reward).arrival_reward, reward - 1)


def test_cosmos_has_clips_controls_and_the_body_of_the_action(dataset, exported):
    """Clips decode to as many frames, with captions; states are the pose of the body acted on; short clips are counted."""
    from datagen.writers.video import count_frames

    out = exported("cosmos")
    for line in (out / "clips.jsonl").read_text().splitlines():
        clip = json.loads(line)
        assert (out / clip["vision_path"]).is_file() and all((out / path).is_file() for path in clip["control_path"].values())
    for index in range(3):
        name = f"episode_{index:08d}"
        annotation = json.loads((out / "annotation" / "train" / f"{name}.json").read_text())
        start = 13 * dataset.schema.extra["moving"].index(annotation["body"])
        pose = dataset.frames(index)["observation.state"][:, start : start + 7]
        np.testing.assert_allclose(np.array(annotation["state"])[:, :3], pose[:, :3], atol=1e-6)
        assert count_frames(out / "videos" / f"{name}.mp4") == dataset.episode(index).length
        assert json.loads((out / "captions" / f"{name}.json").read_text())["caption"].startswith(dataset.episode(index).task)


def test_vjepa_folders_have_poses_and_extrinsics(dataset, exported):
    """Each listed folder has one clip, poses of the same length and a constant camera at its place in the spec."""
    import h5py

    out = exported("vjepa2ac")
    for index, name in enumerate((out / "paths.csv").read_text().split()):
        camera = dataset.schema.cameras[0].name
        meta = json.loads((out / name / "metadata.json").read_text())
        assert (out / name / meta["left_mp4_path"]).is_file()
        with h5py.File(out / name / "trajectory.h5") as file:
            assert file["observation/robot_state/cartesian_position"].shape == (dataset.episode(index).length, 6)
            place = file[f"observation/camera_extrinsics/{camera}_left"][0]
        spec = json.loads(dataset.spec(index))
        np.testing.assert_allclose(place[:3], next(c for c in spec["cameras"] if c["name"] == camera)["position"], atol=1e-9)


def test_euler_angles_rebuild_the_rotation():
    """Turns about fixed x, y, z by roll, pitch, yaw are the quaternion's rotation."""
    rng = np.random.default_rng(3)
    q = rng.normal(size=(100, 4))
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    half = 0.5 * to_euler(q)
    (cr, cp, cy), (sr, sp, sy) = np.cos(half).T, np.sin(half).T
    again = np.stack([
        cr * cp * cy + sr * sp * sy, sr * cp * cy - cr * sp * sy, cr * sp * cy + sr * cp * sy, cr * cp * sy - sr * sp * cy
    ], axis=1)  # fmt: skip
    np.testing.assert_allclose(np.abs((again * q).sum(1)), 1.0, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in LIGHT if name != "minari"])
def test_an_export_twice_gives_the_same_bytes(dataset, exported, tmp_path, name):
    """No dates, no random ids."""
    first, again = exported(name), tmp_path / "again"
    export_dataset(dataset.folder, name, again)
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert all((first / path).read_bytes() == (again / path).read_bytes() for path in files)


def test_bad_wishes_get_a_sentence_and_leave_nothing(dataset, tmp_path):
    """Unknown format, camera and body; a folder that exists."""
    with pytest.raises(DatagenError, match="did you mean 'webdataset'"):
        export_dataset(dataset.folder, "webdatset", tmp_path / "a")
    with pytest.raises(DatagenError, match="no camera 'sidd'"):
        export_dataset(dataset.folder, "dreamer", tmp_path / "a", Choice(camera="sidd"))
    with pytest.raises(DatagenError, match="no moving body 'nobody'"):
        export_dataset(dataset.folder, "cosmos", tmp_path / "a", Choice(body="nobody"))
    (tmp_path / "b").mkdir()
    with pytest.raises(OutputError, match="exists already"):
        export_dataset(dataset.folder, "dreamer", tmp_path / "b")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b"]
