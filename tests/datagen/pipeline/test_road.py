"""The whole road on a small spec: the same bytes whatever the batch, workers and interruptions, and every episode replays."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import datagen
from datagen.pipeline.generation import generate, load_spec, specs_for_layout
from datagen.pipeline.replay import replay, stored_spec
from datagen.writers import Dataset, validate

SPEC = Path(__file__).with_name("small.yaml")
EPISODES, SHARD = 5, 2


def make(out, **choices):
    fixed = {"workers": 1, "shard_size": SHARD, "backend": "cpu"}
    return generate(SPEC, episodes=EPISODES, seed=3, out=out, **{**fixed, **choices})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("road") / "first"
    return folder, make(folder)


def test_every_planned_episode_is_there_and_valid(made):
    folder, summary = made
    assert (summary.episodes, summary.frames, summary.failed) == (EPISODES, EPISODES * 8, [])
    assert validate(folder).problems == ()


@pytest.mark.parametrize("choices", [{"batch": 1}, {"batch": 2, "workers": 2}], ids=["one at a time", "two workers"])
def test_batches_and_workers_do_not_change_a_byte(made, tmp_path, choices):
    assert make(tmp_path / "again", **choices).manifest_sha256 == made[1].manifest_sha256


def test_another_seed_gives_other_bytes(made, tmp_path):
    other = generate(SPEC, episodes=1, seed=4, out=tmp_path / "other", workers=1, backend="cpu")
    assert other.manifest_sha256 != made[1].manifest_sha256


def test_every_episode_replays_bit_for_bit(made):
    verdicts = replay(made[0], threads=2)
    assert [verdict.equal for verdict in verdicts] == [True] * EPISODES
    assert replay(made[0], [3], threads=2)[0].index == 3


def test_a_changed_state_is_found_by_replay(made, monkeypatch):
    true_state = Dataset.state

    def bent(self, index):
        state = true_state(self, index).copy()
        state[4, 1] = np.nextafter(state[4, 1], np.float32(9))
        return state

    monkeypatch.setattr(Dataset, "state", bent)
    verdict = replay(made[0], [0], threads=2)[0]
    assert (verdict.equal, verdict.first_frame) == (False, 4)


def test_a_killed_run_resumes_to_the_same_bytes(made, tmp_path):
    out = tmp_path / "killed"
    arguments = f"generate({str(SPEC)!r}, {EPISODES}, 3, {str(out)!r}, 1, shard_size={SHARD}, backend='cpu')"
    script = f"from datagen.pipeline.generation import generate; {arguments}"
    process = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, "WORLDSMITH_FAULT": "before_rename@2=kill"})
    assert process.wait(timeout=300) == -signal.SIGKILL
    assert not (out / "manifest.json").exists()
    assert make(out, resume=True).manifest_sha256 == made[1].manifest_sha256


def test_a_killed_worker_is_replaced(made, tmp_path, monkeypatch):
    monkeypatch.setenv("WORLDSMITH_FAULT", "files_closed@2=kill")
    assert make(tmp_path / "lost", workers=2).manifest_sha256 == made[1].manifest_sha256


def test_what_was_seen_fits_what_was_simulated(made):
    dataset = Dataset(made[0])
    frames, spec = dataset.frames(0), stored_spec(dataset, 0)
    names = dataset.schema.feature("observation.state").names
    heights = frames["observation.state"][:, names.index("ball.z")]
    ball = next(body for body in spec.bodies if body.name == "ball")
    times = np.arange(3) / 20
    assert heights[:3] == pytest.approx(ball.position[2] - 0.5 * 9.81 * times**2, abs=2e-2)
    codes = dataset.dense(0, "front.segmentation")
    labels = dataset.schema.dense[1].labels
    assert {labels[str(code)] for code in np.unique(codes[0])} >= {"floor", "ball", "cube_0", "cube_1"}
    depth = dataset.dense(0, "front.depth")[0]
    assert 0.5 < depth[16, 16] * 1e-4 < 1.6
    assert frames["action"].reshape(8, -1)[2, 0] == 1.0
    assert dataset.state(0).shape[0] == 9


def test_the_public_names_are_the_ones_of_the_readme(made):
    spec = datagen.load_spec("dominoes")
    assert spec.name == "dominoes"
    assert datagen.generate is generate
    assert len(datagen.Dataset(made[0])) == EPISODES


def test_the_layout_is_found_from_as_few_episodes_as_have_all_bodies():
    few = list(specs_for_layout(load_spec("dominoes"), 500, 7))
    assert len(few) < 100
    assert max(len(spec.bodies) for spec in few) == 14


def test_the_first_episode_does_not_wait_for_the_last(tmp_path):
    out, times = tmp_path / "early", []
    make(out, progress=lambda now: times.append((now.shards, time.monotonic())))
    assert [shards for shards, _ in times][:3] == [0, 0, 1]
    shutil.rmtree(out)
