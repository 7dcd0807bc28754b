"""Curricula and weights in whole runs: the same bytes after an interruption, replays bit for bit, columns that tell them."""

import json
from pathlib import Path

import pytest

from datagen.coverage import coverage
from datagen.errors import DatagenError
from datagen.pipeline.generation import generate, load_spec
from datagen.pipeline.replay import replay
from datagen.pipeline.variation import read_focus, stage_after, varied
from datagen.spec import from_data, loads
from datagen.writers import Dataset, validate
from tests.datagen.coverage.drawn import SPEC, make

SMALL = Path(__file__).with_name("small.yaml")
PUSH = "actions.push.magnitude"
STAGES = [
    {"name": "soft", "episodes": 2, "set": {PUSH: {"dist": "uniform", "low": "0.1 N*s", "high": "0.15 N*s"}}},
    {"name": "hard", "set": {PUSH: {"dist": "uniform", "low": "0.25 N*s", "high": "0.3 N*s"}}},
]
DENSITY = {"floor": 0.5, "draws": {"entities.cube.morph.size[2]": {"edges": [0.08, 0.1, 0.12], "weights": [1, 9]}}}


def document():
    return from_data({**load_spec(SMALL).data, "curriculum": {"stages": STAGES}, "density": DENSITY}, "small.yaml")


def run(out, **choices):
    return generate(document(), 4, 3, out, workers=1, shard_size=1, backend="cpu", **choices)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("variation") / "data"
    return folder, run(folder)


def test_a_run_with_stages_and_weights_tells_them_and_replays(made):
    folder, summary = made
    data = Dataset(folder)
    assert summary.failed == [] and validate(folder).problems == () and all(one.equal for one in replay(folder))
    rows = [episode.row for episode in data.episodes()]
    assert [row["sim/stage"] for row in rows] == ["soft", "soft", "hard", "hard"]
    specs = [json.loads(text) for text in data.specs()]
    assert [spec["draws"][PUSH] > 0.2 for spec in specs] == [False, False, True, True]
    assert [row["sim/importance_weight"] for row in rows] == [1.0 / spec["density"] for spec in specs]
    assert len({spec["density"] for spec in specs}) > 1
    report = coverage([folder])["draws"]
    assert report[PUSH]["declared"].count("uniform") == 2 and "weighted" in report["entities.cube.morph.size[2]"]["declared"]
    assert data.schema.spec_text.count("curriculum:") == 1 and "weights:" in data.schema.spec_text


def test_an_interrupted_run_resumes_to_the_same_bytes(made, tmp_path):
    def stop(progress):
        if progress.shards == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "again", progress=stop)
    assert run(tmp_path / "again", resume=True).manifest_sha256 == made[1].manifest_sha256


STAGED = {"stages": [{"name": "one", "episodes": 1000, "success": 0.4}, {"name": "two", "success": 0.6}]}


def test_the_next_stage_follows_from_the_success_of_the_last(tmp_path):
    spec = from_data({**loads(SPEC).data, "curriculum": STAGED})
    data = make(tmp_path / "one", 60, text=staged_text(STAGED))
    found = stage_after(spec, data)  # x > 0 is a success: about a half
    assert (found.stage, found.last, found.episodes) == ("two", "one", 60) and 0.4 < found.share < 0.6
    following = varied(spec, after=data)
    assert following.curriculum.only == "two" and following.sha256 != spec.sha256
    later = make(tmp_path / "two", 60, text=staged_text({**STAGED, "only": "two"}))
    assert stage_after(spec, later).stage == "two"
    hard = {"stages": [{**STAGED["stages"][0], "success": 0.9}, STAGED["stages"][1]]}
    assert stage_after(from_data({**spec.data, "curriculum": hard}), data).stage == "one"
    with pytest.raises(DatagenError, match="has no curriculum"):
        varied(loads(SPEC), after=data)


def staged_text(curriculum):
    return SPEC + f"curriculum: {json.dumps(curriculum)}\n"


def test_a_focus_file_becomes_part_of_the_spec(tmp_path):
    file = tmp_path / "focus.json"
    file.write_text(json.dumps({"density": DENSITY, "bins": {}}))
    assert varied(load_spec(SMALL), focus=file).density.floor == 0.5
    file.write_text("{}")
    with pytest.raises(DatagenError, match="no 'density'"):
        read_focus(file)
