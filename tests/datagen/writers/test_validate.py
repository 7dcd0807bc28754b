"""Damage is found and the damaged file is named."""

import json
import os
import shutil

import pytest

from datagen.writers import DatasetError, RunPlan, attempt_shard, create_run, resume_run, validate
from datagen.writers.durable import files_below
from datagen.writers.run import shard_problem
from datagen.writers.seal import manifest_hash
from tests.datagen.writers.drive import SMALL, generate, hash_of, plan_of
from tests.datagen.writers.synthetic import build


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    out = tmp_path_factory.mktemp("sealed") / "out"
    generate(out)
    return out


@pytest.fixture
def copy(sealed, tmp_path):
    shutil.copytree(sealed, tmp_path / "copy")
    return tmp_path / "copy"


def listed(folder):
    return sorted(json.loads((folder / "manifest.json").read_bytes())["files"])


def test_a_flipped_byte_anywhere_is_found_and_the_file_named(copy):
    for path in listed(copy):
        target = copy / path
        good = target.read_bytes()
        middle = len(good) // 2
        target.write_bytes(good[:middle] + bytes([good[middle] ^ 0x10]) + good[middle + 1 :])
        report = validate(copy, "quick")
        assert path in {problem.path for problem in report.problems}, path
        target.write_bytes(good)
    assert validate(copy).ok


def test_a_truncated_file_is_found_and_named(copy):
    for path in listed(copy)[::4]:
        good = (copy / path).read_bytes()
        (copy / path).write_bytes(good[: len(good) // 2])
        assert path in {problem.path for problem in validate(copy, "quick").problems}, path
        (copy / path).write_bytes(good)


def test_missing_and_unlisted_files_are_named(copy):
    (copy / "extras/stray.bin").write_bytes(b"x")
    os.remove(copy / "data/chunk-000/file-001.parquet")
    found = {problem.path: problem.what for problem in validate(copy).problems}
    assert found["extras/stray.bin"] == "not listed in the manifest"
    assert found["data/chunk-000/file-001.parquet"] == "missing"


def reseal(folder, changed):
    """Gives a changed dataset a manifest that fits it, so that only the contents can give the damage away."""
    from datagen.writers.durable import sha256_of

    manifest = json.loads((folder / "manifest.json").read_bytes())
    for path in changed:
        manifest["files"][path] = {"bytes": (folder / path).stat().st_size, "sha256": sha256_of(folder / path)}
    manifest["manifest_sha256"] = manifest_hash(manifest["schema_sha256"], manifest["files"])
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("path", "level"),
    [
        ("extras/dense/front.depth/chunk-000/file-000.mkv", "full"),
        ("extras/dense/front.segmentation/chunk-000/file-000.parquet", "full"),
        ("videos/observation.images.front/chunk-000/file-000.mp4", "quick"),
        ("data/chunk-000/file-000.parquet", "quick"),
        ("extras/contacts/chunk-000/file-000.parquet", "quick"),
        ("extras/state/chunk-000/file-000.parquet", "quick"),
        ("extras/specs/chunk-000/file-000.parquet", "quick"),
    ],
)
def test_contents_that_do_not_fit_are_found_even_under_a_matching_manifest(copy, path, level):
    other = path.replace("file-000", "file-001")
    shutil.copyfile(copy / other, copy / path)
    reseal(copy, [path])
    report = validate(copy, level)
    assert path in {problem.path for problem in report.problems}, report.problems


def test_the_hash_covers_every_file(copy):
    manifest = json.loads((copy / "manifest.json").read_bytes())
    files = manifest["files"]
    assert manifest_hash(manifest["schema_sha256"], files) == manifest["manifest_sha256"]
    for path in files:
        changed = {**files, path: {**files[path], "sha256": "0" * 64}}
        assert manifest_hash(manifest["schema_sha256"], changed) != manifest["manifest_sha256"]


def test_the_manifest_lists_every_file_of_the_dataset(sealed):
    on_disk = [path for path in files_below(sealed) if path not in ("manifest.json", "run.json")]
    assert on_disk == listed(sealed)


def test_a_folder_without_a_manifest_is_not_a_dataset(tmp_path):
    with pytest.raises(DatasetError, match="no manifest.json"):
        validate(tmp_path)
    with pytest.raises(DatasetError, match="no such folder"):
        validate(tmp_path / "absent")


@pytest.mark.parametrize(("verify", "damage"), [("fast", "cut"), ("hash", "flip"), ("fast", "gone")])
def test_resume_makes_a_damaged_shard_again(sealed, tmp_path, verify, damage):
    opened = create_run(tmp_path / "out", plan_of())
    for shard in range(2):
        attempt_shard(opened, shard, build(SMALL))
    target = opened.shard_folder(1) / "data/chunk-000/file-001.parquet"
    good = target.read_bytes()
    if damage == "gone":
        target.unlink()
    else:
        target.write_bytes(good[:-9] if damage == "cut" else bytes([good[0] ^ 1]) + good[1:])
    assert "file-001.parquet" in shard_problem(opened.shard_folder(1), verify)
    resumed = resume_run(tmp_path / "out", plan_of(), verify)
    assert resumed.missing() == [1, 2]
    wanted = json.loads((sealed / "manifest.json").read_bytes())["manifest_sha256"]
    assert hash_of(generate(tmp_path / "out", resume=True)) == wanted


def test_another_plan_is_refused_naming_what_differs(tmp_path):
    import dataclasses

    from datagen.writers import OutputError

    plan = plan_of()
    create_run(tmp_path / "out", plan)
    other = dataclasses.replace(plan, seed=8, versions={**plan.versions, "engine": "2"})
    with pytest.raises(OutputError, match="seed is 8 here and 7 there; version of engine is 2 here and none there"):
        resume_run(tmp_path / "out", other)
    spec = RunPlan(dataclasses.replace(plan.schema, spec_sha256="cd" * 32), 7, 6, 2)
    with pytest.raises(OutputError, match="the spec is cdcdcdcdcdcd here and abababababab there"):
        resume_run(tmp_path / "out", spec)
