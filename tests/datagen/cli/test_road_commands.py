"""The commands of the road: what they print where, and the exit code of each mistake."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from datagen.cli.app import main
from datagen.cli.progress import duration

SPEC = str(Path(__file__).parent.parent / "pipeline" / "small.yaml")
GENERATE = ["generate", SPEC, "--episodes", "2", "--seed", "3", "--workers", "1", "--backend", "cpu"]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    out = tmp_path_factory.mktemp("commands") / "data"
    assert main([*GENERATE, "--out", str(out)]) == 0
    return out


def test_generate_prints_its_summary_as_json_on_stdout_alone(tmp_path, capsys):
    assert main([*GENERATE, "--out", str(tmp_path / "data"), "--json"]) == 0
    seen = capsys.readouterr()
    assert json.loads(seen.out)["episodes"] == 2
    assert "2 episodes, 16 frames" in seen.err


def test_validate_is_content_with_a_good_dataset_and_names_a_bad_file(dataset, tmp_path, capsys):
    assert main(["validate", str(dataset), "--full", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    broken = tmp_path / "broken"
    shutil.copytree(dataset, broken)
    victim = next(broken.glob("data/chunk-*/file-*.parquet"))
    victim.write_bytes(victim.read_bytes()[:-1] + b"x")
    assert main(["validate", str(broken)]) == 4
    assert victim.name in capsys.readouterr().err


def test_replay_verifies_one_episode_or_all(dataset, capsys):
    assert main(["replay", str(dataset), "--episode", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["equal"] is True
    assert main(["replay", str(dataset), "--all"]) == 0
    assert "2 of 2 episodes verified" in capsys.readouterr().err


def test_replay_of_another_state_ends_with_4(dataset, monkeypatch, capsys):
    from datagen.writers import Dataset

    monkeypatch.setattr(Dataset, "state", lambda self, index, true=Dataset.state: true(self, index) * 2)
    assert main(["replay", str(dataset), "--episode", "0"]) == 4
    assert "states differ from frame 0 on" in capsys.readouterr().err


def test_inspect_writes_the_page_beside_the_dataset(dataset, capsys):
    assert main(["inspect", str(dataset), "--episodes", "1", "--json"]) == 0
    page = json.loads(capsys.readouterr().out)
    assert Path(page["page"]) == dataset.with_name("data.html")
    assert Path(page["page"]).stat().st_size == page["bytes"]


@pytest.mark.parametrize(("name", "frames"), [("still.png", 1), ("clip.gif", 8), ("clip.mp4", 8)])
def test_preview_writes_a_picture_or_a_clip(tmp_path, name, frames):
    import imageio.v3 as imageio

    assert main(["preview", SPEC, "--size", "48", "--out", str(tmp_path / name)]) == 0
    pictures = imageio.imread(tmp_path / name, plugin="pyav" if name.endswith("mp4") else None)
    assert (pictures.shape[0] if frames > 1 else 1) == frames
    assert pictures.shape[-3:] == (48, 48, 3)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["generate", "domino"], 2, "did you mean 'dominoes'"),
        (["generate", "missing.yaml"], 2, "there is no such file"),
        (["generate", SPEC, "--episodes", "0"], 2, "a whole number from 1"),
        (["generate", SPEC, "--seed", "-1"], 2, "from 0 to"),
        (["generate", SPEC, "--backend", "metal"], 2, "unknown backend 'metal'"),
        (["validate", "nowhere"], 4, "no such folder"),
        (["replay", "nowhere", "--all"], 4, "not a dataset"),
        (["replay", "nowhere"], 2, "one of --episode I and --all"),
        (["inspect", "nowhere"], 4, "not a dataset"),
        (["preview", SPEC, "--out", "still.bmp"], 2, "has another ending"),
        (["preview", SPEC, "--camera", "frnt"], 2, "did you mean 'front'"),
    ],
)
def test_each_mistake_has_its_sentence_and_its_exit_code(words, code, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(words) == code
    assert sentence in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_broken_spec_names_file_line_and_near_match(tmp_path, capsys):
    spec = tmp_path / "bad.yaml"
    spec.write_text(Path(SPEC).read_text().replace("magnitude:", "magnitud:"))
    assert main(["generate", str(spec), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "bad.yaml:" in said and "did you mean 'magnitude'" in said


def test_a_folder_that_is_not_empty_and_one_that_cannot_be_written_end_with_5(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("keep")
    assert main([*GENERATE, "--out", str(tmp_path)]) == 5
    assert "is not empty" in capsys.readouterr().err
    for place in ("/proc/worldsmith", str(tmp_path / "notes.txt" / "data")):
        assert main([*GENERATE, "--out", place]) == 5
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert (tmp_path / "notes.txt").read_text() == "keep"


def test_a_finished_run_and_one_of_another_seed_are_told_apart(dataset, capsys):
    assert main([*GENERATE, "--out", str(dataset), "--resume"]) == 0
    other = ["4" if word == "3" else word for word in GENERATE]
    assert main([*other, "--out", str(dataset), "--resume"]) == 5
    assert "seed is 4 here and 3 there" in capsys.readouterr().err


def test_a_full_disk_is_one_sentence_and_exit_code_5(tmp_path):
    command = [sys.executable, "-m", "datagen.cli.app", *GENERATE, "--out", str(tmp_path / "full")]
    environment = {**os.environ, "WORLDSMITH_FAULT": "write@3=enospc"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 5
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_durations_read_well():
    assert [duration(seconds) for seconds in (4.6, 200, 7500)] == ["5 s", "3 min 20 s", "2 h 5 min"]
