"""The project file says what the project is: one version, bounded Pythons, markers and data folders."""

import re
import sys

import pytest

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib  # type: ignore[no-redef]

from datagen import assets
from tests.architecture import source


@pytest.fixture(scope="module")
def project(checkout):
    return tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))


def test_wheel_carries_the_data_folders_where_assets_looks(project):
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included == {name: f"datagen/data/{name}" for name in assets.FOLDERS}


def test_compiler_is_exact_and_everything_else_is_a_range(project):
    for line in project["project"]["dependencies"]:
        assert re.fullmatch(r"taichi==1\.7\.4", line) or re.fullmatch(r"[\w.-]+>=[\w.]+(,<[\w.]+)?", line), line


EXTRAS = {  # import name of a library that only an extra brings: the extra; one file imports it
    "coacd": "decompose",
    "h5py": "export",
    "minari": "export",
    "tensorflow_datasets": "rlds",
    "ray": "ray",
    "pyoidn": "denoise",
    "pyrender": "opengl",
    "viser": "view",
    "pytetwild": "tetrahedra",
}
SHARED_EXTRAS = {"gymnasium": "export"}  # the same, for those that more files need
BESIDE = {"yaml": "pyyaml", "pxr": "usd-core", "pydantic_core": "pydantic"}  # import name: distribution that brings it


def test_every_library_that_is_imported_is_declared(project):
    declared = {re.match(r"[\w.-]+", line)[0].lower() for line in project["project"]["dependencies"]}
    missing = [
        f"{module.label}:{item.line} imports {name}"
        for module in source.modules()
        for item in source.imports(module)
        if (name := item.target.split(".")[0]) not in sys.stdlib_module_names and name not in source.PACKAGES
        if BESIDE.get(name, name).lower() not in declared
    ]
    optional = project["project"]["optional-dependencies"]
    for library, extra in (EXTRAS | SHARED_EXTRAS).items():
        assert any(line.startswith(library.replace("_", "-")) for line in optional[extra])
        users = {entry for entry in missing if entry.endswith(f" imports {library}")}
        files = {entry.split(":")[0] for entry in users}
        assert len(files) == 1 or (files and library in SHARED_EXTRAS), files
        missing = [entry for entry in missing if entry not in users]
    assert missing == []


def test_version_has_its_entry_in_the_changelog(project, checkout):
    version = project["project"]["version"]
    assert re.search(rf"^## {re.escape(version)}\b", (checkout / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_license_is_apache(project, checkout):
    assert project["project"]["license"] == "Apache-2.0"
    text = (checkout / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text and "Version 2.0, January 2004" in text


def test_scripts_are_executable(checkout):
    for name in ("run", "benchmarks/gpu_check", "tests/packaging/fresh_machine.sh"):
        assert (checkout / name).stat().st_mode & 0o111, name


def test_no_data_folder_shadows_the_checkout(checkout):
    assert not (checkout / "datagen" / "data").exists()
