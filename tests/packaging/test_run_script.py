"""`./run` says in one sentence what a machine lacks, and does nothing twice."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def machine(checkout, tmp_path):
    """A checkout with only the script, and a `bin` that holds just what a test puts there beside the basic tools."""
    place, programs = tmp_path / "checkout", tmp_path / "bin"
    place.mkdir()
    programs.mkdir()
    for name in ("run", "pyproject.toml"):
        shutil.copy(checkout / name, place / name)
    for name in ("sh", "dirname", "cat", "rm", "uname", "id", "sed", "env"):
        (programs / name).symlink_to(str(shutil.which(name)))
    return place


def program(machine: Path, name: str, text: str) -> None:
    path = machine.parent / "bin" / name
    path.unlink(missing_ok=True)  # it may be a link to the machine's own program, which must stay as it is
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def run(machine: Path, *words: str, **variables: str) -> subprocess.CompletedProcess:
    environment = {"PATH": str(machine.parent / "bin"), "HOME": str(machine), **variables}
    return subprocess.run(
        [str(machine / "run"), *words], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


def real_python(machine: Path, refuse: str = "") -> None:
    """A python3 that is this one, except that it fails for commands that hold the word `refuse`."""
    guard = f'case "$*" in *{refuse}*) exit 1;; esac\n' if refuse else ""
    program(machine, "python3", f'{guard}exec {sys.executable} "$@"')


def current_stamp(machine: Path) -> str:
    text = (machine / "pyproject.toml").read_bytes() + f"{machine.resolve()}\n{sys.version}\n".encode()
    return hashlib.sha256(text).hexdigest()


def one_sentence(answer: subprocess.CompletedProcess) -> str:
    assert answer.returncode == 3 and answer.stdout == ""
    lines = answer.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("run: ") and lines[0].endswith(".")
    return lines[0]


def test_no_python_is_one_sentence(machine):
    assert "no Python 3.10 to 3.13" in one_sentence(run(machine, "demo"))


def test_an_old_python_is_refused(machine):
    real_python(machine, refuse="version_info")
    assert "no Python 3.10 to 3.13" in one_sentence(run(machine, "demo"))


def test_missing_venv_is_one_sentence(machine):
    real_python(machine, refuse="ensurepip")
    program(machine, "uname", "echo Elsewhere")
    assert "apt-get install python3-venv" in one_sentence(run(machine, "demo"))


def test_missing_libx11_without_rights_is_one_sentence(machine):
    real_python(machine, refuse="libX11")
    program(machine, "id", "echo 1000")
    program(machine, "uname", "echo Linux")
    program(machine, "apt-get", "exit 1")
    said = one_sentence(run(machine, "demo"))
    assert "this user may not install it" in said and "apt-get install libx11-6" in said


def test_missing_libx11_without_apt_is_one_sentence(machine):
    real_python(machine, refuse="libX11")
    program(machine, "uname", "echo Linux")
    assert "dnf install libX11" in one_sentence(run(machine, "demo"))


def test_root_installs_libx11_and_updates_the_lists_when_it_must(machine):
    marker = machine.parent / "installed"
    program(machine, "python3", f'case "$*" in *libX11*) test -e {marker}; exit;; esac\nexec {sys.executable} "$@"')
    program(machine, "id", "echo 0")
    program(machine, "uname", "echo Linux")
    lists = machine.parent / "lists"
    program(machine, "apt-get", f'case "$*" in *update*) : >{lists};; *libx11-6*) test -e {lists} && : >{marker};; esac')
    ready(machine)
    answer = run(machine, "demo")
    assert answer.returncode == 0 and marker.exists(), answer.stderr


def ready(machine: Path) -> None:
    """An environment whose stamp is current, with a command that only tells what it was asked."""
    place = machine / ".venv" / "bin"
    place.mkdir(parents=True)
    (place / "worldsmith").write_text(
        '#!/bin/sh\necho "$@"\nwhile [ $# -gt 1 ]; do [ "$1" = --out ] && mkdir -p "$2"; shift; done\n'
    )
    (place / "worldsmith").chmod(0o755)
    (place / "python").write_text("#!/bin/sh\necho the environment was changed >&2; exit 9\n")
    (place / "python").chmod(0o755)
    (machine / ".venv" / "worldsmith-core.stamp").write_text(current_stamp(machine) + "\n")


def test_demo_installs_nothing_when_nothing_changed_and_takes_a_fresh_folder(machine):
    real_python(machine)
    program(machine, "uname", "echo Elsewhere")
    (machine.parent / "bin" / "mkdir").symlink_to(str(shutil.which("mkdir")))
    ready(machine)
    first, second = run(machine, "demo"), run(machine, "demo")
    assert first.stdout.split() == "generate dominoes --episodes 4 --seed 7 --out runs/demo".split(), first.stderr
    assert second.stdout.split()[-1] == "runs/demo-2"
    assert "runs/demo" in first.stderr and "inspect runs/demo-2" in second.stderr


def test_a_changed_project_file_makes_the_environment_again(machine):
    real_python(machine, refuse="ensurepip")
    program(machine, "uname", "echo Elsewhere")
    ready(machine)
    with (machine / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    assert "python3-venv" in one_sentence(run(machine, "demo"))


def test_unknown_command_lists_the_known_ones(machine):
    answer = run(machine, "dmo")
    assert answer.returncode == 2 and "demo, test, setup" in answer.stderr


def test_script_is_plain_shell(checkout):
    shells = [name for name in ("dash", "bash", "sh") if shutil.which(name)]
    for shell in shells:
        subprocess.run([shell, "-n", str(checkout / "run")], check=True, env=dict(os.environ))
