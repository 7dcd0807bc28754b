"""Scenes, assets and benchmarks are found by name, and unknown names get near matches."""

import pytest
import yaml

from datagen import assets


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with two scenes, one asset and one benchmark."""
    for folder in assets.FOLDERS:
        (tmp_path / folder).mkdir()
    for name in ("dominoes", "billiards"):
        (tmp_path / "scenes" / f"{name}.yaml").write_text("spec: 1\n")
    (tmp_path / "assets" / "oak.png").write_bytes(b"")
    (tmp_path / "benchmarks" / "fall").mkdir()
    (tmp_path / "benchmarks" / "fall" / "bench.py").write_text('"""Free fall."""\n')
    (tmp_path / "benchmarks" / "results").mkdir()
    monkeypatch.setattr(assets, "root", lambda: tmp_path)
    return tmp_path


def test_root_holds_the_three_folders(checkout):
    assert assets.root() == checkout
    assert all((assets.root() / name).is_dir() for name in assets.FOLDERS)


def test_root_does_not_depend_on_the_current_folder(tmp_path, monkeypatch, checkout):
    (tmp_path / "scenes").mkdir()
    monkeypatch.chdir(tmp_path)
    assert assets.root() == checkout


def test_scene_by_bare_name_and_by_path(data, tmp_path, monkeypatch):
    assert assets.scene_path("dominoes") == data / "scenes" / "dominoes.yaml"
    (tmp_path / "mine.yaml").write_text("spec: 1\n")
    assert assets.scene_path(tmp_path / "mine.yaml") == tmp_path / "mine.yaml"
    monkeypatch.chdir(tmp_path)
    assert assets.scene_path("mine.yaml").resolve() == tmp_path / "mine.yaml"
    assert assets.scene_names() == ["billiards", "dominoes"]


@pytest.mark.parametrize("name", ["dominos", "scenes/dominos.yaml", "dominos.yaml"])
def test_unknown_scene_names_the_near_one(data, monkeypatch, name):
    monkeypatch.chdir(data)
    with pytest.raises(assets.AssetError, match="did you mean .*dominoes"):
        assets.scene_path(name)


def test_a_folder_is_no_spec(data):
    with pytest.raises(assets.AssetError, match="folder"):
        assets.scene_path(data / "scenes")


def test_asset_by_its_path_and_never_outside(data):
    assert assets.asset_path("oak.png") == data / "assets" / "oak.png"
    with pytest.raises(assets.AssetError, match=r"did you mean 'oak\.png'"):
        assets.asset_path("oak.pgn")
    with pytest.raises(assets.AssetError, match="leads out"):
        assets.asset_path("../scenes/dominoes.yaml")


def test_benchmarks_are_the_folders_with_a_bench_file(data):
    assert assets.benchmark_names() == ["fall"]
    with pytest.raises(assets.AssetError, match="did you mean 'fall'"):
        assets.benchmark_path("fal")


def test_every_asset_has_its_line_in_the_manifest(checkout):
    folder = checkout / "assets"
    items = yaml.safe_load((folder / "manifest.yaml").read_text())["items"]
    listed = {item["path"] for item in items}
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"manifest.yaml"}
    assert listed == present
    assert all({"path", "what", "author", "license"} <= set(item) for item in items)
