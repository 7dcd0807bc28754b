"""A wheel installed in an empty folder finds its scenes, assets and benchmarks, and its command starts."""

import json
import os
import subprocess
import sys

import pytest

pytest.importorskip("hatchling", reason="building a wheel without a network needs hatchling (extra dev)")

QUESTION = """
import json, pathlib
from datagen import assets
from datagen.cli.app import main
print(json.dumps({"root": str(assets.root()), "scenes": assets.scene_names(), "cases": assets.benchmark_names(),
                  "manifest": assets.asset_path("manifest.yaml").is_file(), "help": main(["--version"])}))
"""


@pytest.fixture(scope="module")
def installed(checkout, tmp_path_factory):
    """Folder that holds nothing but the installed wheel."""
    wheels, target = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels), str(checkout)]
    subprocess.run(build, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    (wheel,) = wheels.glob("worldsmith-*.whl")
    install = [*pip, "install", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run(install, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return target


def test_wheel_in_an_empty_folder_finds_its_data(installed, checkout, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", QUESTION]
    answer = subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True)
    version, facts = answer.stdout.strip().split("\n")
    found = json.loads(facts)
    assert version.startswith("worldsmith ")
    assert found["root"] == str(installed / "datagen" / "data")
    assert found["scenes"] == sorted(path.stem for path in (checkout / "scenes").glob("*.yaml"))
    assert found["cases"] == sorted(path.parent.name for path in (checkout / "benchmarks").glob("*/bench.py"))
    assert found["manifest"] and found["help"] == 0


def test_wheel_holds_the_packages_and_nothing_of_the_tests(installed):
    names = {path.name for path in installed.iterdir()}
    assert {"engine", "datagen"} <= names
    assert not {"tests", "scenes", "assets", "benchmarks", "docs"} & names


def test_wheel_holds_every_module(installed, checkout):
    for package in ("engine", "datagen"):
        source = {str(path.relative_to(checkout)) for path in (checkout / package).rglob("*.py")}
        wheel = {str(path.relative_to(installed)) for path in (installed / package).rglob("*.py")}
        assert source <= wheel
