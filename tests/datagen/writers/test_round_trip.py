"""What goes in comes out: exact streams bit for bit, pictures frame by frame, texts and ragged rows as they were."""

import dataclasses
import json

import numpy as np
import pytest

from datagen.executors.local import run
from datagen.writers import Dataset, DatasetError, OutputError, RecordError, RunPlan, attempt_shard, create_run, validate
from datagen.writers.schema import CameraSchema, DenseSchema
from tests.datagen.writers.drive import plan_of
from tests.datagen.writers.synthetic import Shape, build, counter_of, episode, factory, schema_of

WIDE = Shape(size=(32, 128), cameras=("front", "side"), failing=(3,), broken=(5,), batch=4, side_depth_codec="delta")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Dataset:
    """Ten episodes with two cameras, one that fails and one that is not finite."""
    out = tmp_path_factory.mktemp("round") / "out"
    run(out, plan_of(WIDE, 10, 4), factory(WIDE))
    return Dataset(out)


def pairs(dataset):
    for stored in dataset.episodes():
        yield stored.episode_index, stored, episode(WIDE, stored.sim_index)


def test_bad_episodes_have_no_row_and_their_reasons_are_kept(dataset):
    assert [stored.sim_index for stored in dataset.episodes()] == [0, 1, 2, 4, 6, 7, 8, 9]
    assert [failure["index"] for failure in dataset.failures] == [3, 5]
    assert "frames['action']" in dataset.failures[1]["reason"] and "not finite" in dataset.failures[1]["reason"]


def test_the_card_tells_what_is_there_and_what_is_missing(dataset):
    """Counts, columns, streams, seed and reasons, from the data alone; the manifest knows the card."""
    card = (dataset.folder / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\n") and "README.md" in dataset.manifest["files"]
    assert f"8 simulated episodes, {dataset.num_frames} frames at 20 per second" in card
    assert "--episodes 10 --seed 7" in card and "2 episodes failed" in card and "not finite" in card
    for name in [feature.name for feature in dataset.schema.features] + [camera.key for camera in dataset.schema.cameras]:
        assert f"| `{name}` |" in card, name
    action = np.concatenate([dataset.frames(index)["next.done"] for index in range(8)])
    assert f"| `next.done` | 0 | {action.mean():.4g} | 1 |" in card


def test_frame_features_come_back_equal_with_running_indices(dataset):
    start = 0
    for index, stored, record in pairs(dataset):
        frames = dataset.frames(index)
        for name, values in record.frames.items():
            assert frames[name].dtype == values.dtype and np.array_equal(frames[name], values), name
        assert np.array_equal(frames["index"], start + np.arange(record.length))
        assert np.array_equal(frames["frame_index"], np.arange(record.length))
        assert (frames["episode_index"] == index).all()
        assert np.array_equal(frames["timestamp"], (np.arange(record.length) / 20).astype(np.float32))
        start += stored.length
    assert dataset.num_frames == start == dataset.info["total_frames"]


def test_depth_and_segmentation_are_exact(dataset):
    for index, _, record in pairs(dataset):
        for name, frames in record.dense.items():
            assert np.array_equal(dataset.dense(index, name), frames), name


def test_each_picture_shows_its_own_frame_counter(dataset):
    for index, stored, record in pairs(dataset):
        for camera in WIDE.cameras:
            pictures = list(dataset.video(index, camera))
            assert [counter_of(picture) for picture in pictures] == [100 * stored.sim_index + t for t in range(record.length)]
            assert np.abs(np.stack(pictures).astype(int) - record.videos[camera]).mean() < 6


def test_state_is_stored_bit_for_bit_though_its_size_differs(dataset):
    sizes = set()
    for index, _, record in pairs(dataset):
        state = dataset.state(index)
        assert state.dtype == record.state.dtype and state.tobytes() == record.state.tobytes()
        assert tuple(dataset.provenance(index)["state_names"]) == record.state_names
        sizes.add(state.shape[1])
    assert len(sizes) == 3


def test_ragged_contacts_and_impulses_are_exact_and_some_episodes_have_none(dataset):
    counts = []
    for index, _, record in pairs(dataset):
        for given, wanted in ((dataset.contacts(index), record.contacts), (dataset.impulses(index), record.impulses)):
            assert set(given) == set(wanted)
            for name, values in wanted.items():
                assert given[name].tobytes() == values.tobytes(), name
        counts.append(len(record.contacts["frame"]))
    assert 0 in counts and max(counts) > 3


def test_tasks_events_specs_seeds_and_outcomes_survive(dataset):
    for index, stored, record in pairs(dataset):
        assert stored.task == record.task and stored.seed == record.seed and stored.outcome == record.outcome
        assert dataset.spec(index) == record.spec_json
        assert dataset.provenance(index)["engine"] == "synthetic"
        assert dataset.events(index) == [dict(event) for event in record.events]
    assert any("🧊" in stored.task for stored in dataset.episodes())


def test_statistics_agree_with_numpy(dataset):
    stats = json.loads((dataset.folder / "meta/stats.json").read_bytes())
    for name in ("observation.state", "next.reward", "tactile"):
        values = np.concatenate(
            [record.frames[name].astype(float).reshape(record.length, -1) for _, _, record in pairs(dataset)]
        )
        entry = {key: np.asarray(value).reshape(-1) for key, value in stats[name].items()}
        assert entry["count"] == len(values)
        for key, wanted in (("mean", values.mean(0)), ("std", values.std(0)), ("min", values.min(0)), ("max", values.max(0))):
            np.testing.assert_allclose(entry[key], wanted, rtol=1e-12, atol=1e-14)
        nearest = np.quantile(values, 0.9, axis=0, method="lower")
        np.testing.assert_allclose(entry["q90"], nearest, rtol=0.0101)
    pixels = np.concatenate([record.videos["front"][:, ::4, ::4].reshape(-1, 3) for _, _, record in pairs(dataset)]) / 255
    np.testing.assert_allclose(np.reshape(stats["observation.images.front"]["mean"], 3), pixels.mean(0), rtol=1e-9)
    np.testing.assert_allclose(np.reshape(stats["observation.images.front"]["std"], 3), pixels.std(0), rtol=1e-9)


def test_a_whole_dataset_passes_validation(dataset):
    report = validate(dataset.folder)
    assert report.ok and report.episodes == 8 and report.files > 30, report.problems


def test_a_committed_shard_is_itself_a_readable_dataset(tmp_path):
    run_folder = create_run(tmp_path / "out", plan_of(WIDE, 10, 4))
    assert attempt_shard(run_folder, 1, build(WIDE)) == "done"
    shard = Dataset(run_folder.shard_folder(1))
    assert not shard.is_sealed and [stored.sim_index for stored in shard.episodes()] == [4, 6, 7]
    assert np.array_equal(shard.dense(1, "side.depth"), episode(WIDE, 6).dense["side.depth"])
    with pytest.raises(DatasetError, match="not sealed"):
        Dataset(run_folder.folder)


@pytest.mark.parametrize("shape", [Shape(dense=False), Shape(sidecars=False), Shape(cameras=(), dense=False, sidecars=False)])
def test_every_optional_stream_may_be_absent(tmp_path, shape):
    run(tmp_path / "out", RunPlan(schema_of(shape), 7, 4, 2), factory(shape))
    assert validate(tmp_path / "out").ok
    dataset = Dataset(tmp_path / "out")
    assert np.array_equal(dataset.frames(3)["action"], episode(shape, 3).frames["action"])
    if not shape.sidecars:
        assert dataset.state(0) is None and dataset.contacts(0) == {} and dataset.events(0) == []


def test_odd_sizes_are_exact_for_dense_streams_with_any_codec(tmp_path):
    base = Shape(cameras=(), dense=False, sidecars=False, lengths=(5,))
    sizes = ((63, 97), (1, 5), (1, 1), (8, 2))
    streams = tuple(DenseSchema(f"{codec}{h}x{w}", h, w, codec=codec) for h, w in sizes for codec in ("ffv1", "delta", "zstd"))
    schema = dataclasses.replace(schema_of(base), dense=streams)
    rng = np.random.default_rng(3)
    images = {s.name: rng.integers(0, 65536, (5, s.height, s.width)).astype(np.uint16) for s in streams}
    out = create_run(tmp_path / "out", RunPlan(schema, 7, 1, 1))
    assert attempt_shard(out, 0, lambda indices: iter([dataclasses.replace(episode(base, 0), dense=images)])) == "done"
    shard = Dataset(out.shard_folder(0))
    for name, wanted in images.items():
        assert np.array_equal(shard.dense(0, name), wanted), name


def test_odd_picture_sizes_are_refused_with_the_nearest_even_size():
    with pytest.raises(RecordError, match="127 x 96 pixels.*use 128 x 96"):
        dataclasses.replace(schema_of(Shape()), cameras=(CameraSchema("front", 96, 127),))


def test_unknown_names_list_near_matches(dataset):
    with pytest.raises(DatasetError, match="did you mean 'front'"):
        next(dataset.video(0, "frnt"))
    with pytest.raises(DatasetError, match="no episode 99.*0 to 7"):
        dataset.frames(99)


def test_a_run_whose_episodes_all_fail_says_so(tmp_path):
    shape = Shape(failing=(0, 1))
    with pytest.raises(DatasetError, match="no episode is good .fault NOT_FINITE"):
        run(tmp_path / "out", RunPlan(schema_of(shape), 7, 2, 1), factory(shape))


def test_a_shard_without_good_episodes_leaves_no_gap(tmp_path):
    shape = Shape(failing=(2, 3))
    run(tmp_path / "out", RunPlan(schema_of(shape), 7, 6, 2), factory(shape))
    assert validate(tmp_path / "out").ok
    assert [stored.sim_index for stored in Dataset(tmp_path / "out").episodes()] == [0, 1, 4, 5]


def test_nothing_is_planned_for_no_episodes():
    with pytest.raises(OutputError, match="0 cannot be planned"):
        plan_of(WIDE, 0, 4)
