"""The GPU check works through its steps within its time, writes its results and says what a machine lacks."""

import importlib.machinery
import importlib.util
import json
import sys

import pytest


@pytest.fixture(scope="module")
def gpu_check(checkout):
    loader = importlib.machinery.SourceFileLoader("gpu_check", str(checkout / "benchmarks" / "gpu_check"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("gpu_check", loader))
    loader.exec_module(module)
    return module


@pytest.fixture
def wheels(tmp_path):
    folder = tmp_path / "wheels"
    folder.mkdir()
    return folder


def results(out):
    return json.loads((out / "results.json").read_text())


def test_without_a_device_it_stops_with_a_sentence(gpu_check, wheels, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(gpu_check, "device", lambda: [])
    assert gpu_check.main([str(wheels), "--out", str(tmp_path / "out")]) == 3
    assert "no device" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_results_are_never_overwritten(gpu_check, wheels, tmp_path):
    assert gpu_check.main([str(wheels), "--dry", "--out", str(tmp_path)]) == 2
    assert gpu_check.main([str(tmp_path / "none"), "--dry", "--out", str(tmp_path / "out")]) == 2


def test_a_dry_run_goes_through_every_step(gpu_check, wheels, tmp_path, monkeypatch, checkout):
    monkeypatch.setattr(gpu_check.Check, "tests", lambda self: self.step("tests", [sys.executable, "-c", "print('ran')"]))
    monkeypatch.setattr(gpu_check.Check, "benchmarks", lambda self: True)
    out = tmp_path / "out"
    assert gpu_check.main([str(wheels), "--dry", "--out", str(out)]) == 0
    facts = results(out)
    assert [step["step"] for step in facts["steps"]] == ["doctor", "tests"]
    assert all(step["exit_code"] == 0 for step in facts["steps"]) and facts["dry"] and facts["date"]
    assert "ran" in (out / "log.txt").read_text()


def test_a_missing_package_is_named(gpu_check, wheels, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(gpu_check, "NEEDED", ("numpy", "a_package_nobody_has"))
    assert gpu_check.main([str(wheels), "--dry", "--out", str(tmp_path / "out")]) == 3
    assert "['a_package_nobody_has']" in capsys.readouterr().err


def test_a_step_past_the_time_is_stopped_and_the_next_is_not_run(gpu_check, wheels, tmp_path):
    options = gpu_check.parse([str(wheels), "--dry", "--out", str(tmp_path / "out"), "--minutes", "0.03"])
    check = gpu_check.Check(options)
    assert not check.step("slow", [sys.executable, "-c", "import time; time.sleep(30)"])
    assert not check.step("next", [sys.executable, "-c", "pass"])
    assert [step["exit_code"] for step in check.steps] == [None, None]
    assert sum(step["seconds"] for step in check.steps) < 10


def test_a_failing_step_is_recorded(gpu_check, wheels, tmp_path):
    check = gpu_check.Check(gpu_check.parse([str(wheels), "--dry", "--out", str(tmp_path / "out")]))
    assert not check.step("bad", [sys.executable, "-c", "raise SystemExit(4)"])
    check.write_results()
    assert results(tmp_path / "out")["steps"][0]["exit_code"] == 4


def test_wheels_are_unpacked_into_a_folder_of_their_own(gpu_check, wheels, tmp_path):
    write_wheel(wheels / "marble-1.0-py3-none-any.whl")
    check = gpu_check.Check(gpu_check.parse([str(wheels), "--dry", "--out", str(tmp_path / "out")]))
    assert check.install(), (tmp_path / "out" / "log.txt").read_text()
    assert (check.packages / "marble.py").is_file()
    assert check.step("import", [sys.executable, "-c", "import marble; assert marble.GLASS == 1"])


def write_wheel(path):
    """The smallest wheel that pip installs."""
    import zipfile

    info = "marble-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("marble.py", "GLASS = 1\n")
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: marble\nVersion: 1.0\nRequires-Dist: nothing-of-the-kind\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", f"marble.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
