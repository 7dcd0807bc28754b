"""`worldsmith doctor` tells what is there, names what is missing with a remedy, and starts no device."""

import json
import sys

import pytest

from datagen import assets
from datagen.cli import app, doctor
from datagen.cli.exit_codes import ExitCode


def test_json_goes_to_stdout_and_remarks_to_stderr(capsys):
    code = app.main(["doctor", "--json"])
    printed = capsys.readouterr()
    facts = json.loads(printed.out)
    assert set(facts) == {"system", "packages", "compiler", "gpu", "cache", "data", "missing"}
    assert facts["system"]["cores"] >= 1 and facts["system"]["memory_gib"] > 0
    assert facts["data"]["folder"] == str(assets.root())
    assert code == (ExitCode.MISSING if facts["missing"] else ExitCode.OK)
    assert "missing" in printed.err


def test_table_goes_to_stderr(capsys):
    app.main(["doctor"])
    printed = capsys.readouterr()
    assert printed.out == "" and "libX11" in printed.err


def test_doctor_does_not_load_the_compiler(monkeypatch):
    monkeypatch.delitem(sys.modules, "taichi", raising=False)
    doctor.examine()
    assert "taichi" not in sys.modules


def test_missing_library_is_named_with_its_remedy(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "_loads", lambda library: False)
    assert app.main(["doctor", "--json"]) == ExitCode.MISSING
    printed = capsys.readouterr()
    assert any("apt-get install libx11-6" in line for line in json.loads(printed.out)["missing"])
    assert "apt-get install libx11-6" in printed.err


def test_missing_package_is_named_with_its_remedy(monkeypatch):
    known = doctor.installed_version
    monkeypatch.setattr(doctor, "installed_version", lambda name: None if name in ("pyarrow", "taichi") else known(name))
    missing = doctor.examine()["missing"]
    assert "pyarrow: not installed; run `pip install pyarrow`." in missing
    assert any(line.startswith("taichi:") and "pip install taichi==1.7.4" in line for line in missing)


def test_unknown_compiler_is_named(monkeypatch):
    monkeypatch.setenv("WORLDSMITH_COMPILER", "tachi")
    assert any("'tachi' is no known compiler" in line for line in doctor.examine()["missing"])


def test_unsupported_python_is_named(monkeypatch):
    monkeypatch.setattr(doctor, "PYTHONS", ((3, 90), (3, 91)))
    assert any(line.startswith("python:") for line in doctor.examine()["missing"])


def test_cache_folder_and_size(monkeypatch, tmp_path):
    monkeypatch.setenv("WORLDSMITH_CACHE", str(tmp_path))
    (tmp_path / "kernels-taichi-1_7_4").mkdir()
    (tmp_path / "kernels-taichi-1_7_4" / "x.tic").write_bytes(bytes(3 << 20))
    cache = doctor.examine()["cache"]
    assert cache == {"folder": str(tmp_path), "kernels": ["kernels-taichi-1_7_4"], "size_mib": 3.0}


@pytest.mark.gpu
def test_doctor_sees_the_gpu():
    gpu = doctor.examine()["gpu"]
    assert gpu["devices"] and gpu["driver_cuda"]
