"""The frame of the command line: quick start, one sentence per error, documented exit codes."""

import errno
import inspect
import re
import resource
import subprocess
import sys
from types import SimpleNamespace

import pytest

import datagen.errors
import engine.errors
from datagen.cli import app, exit_codes
from datagen.cli.exit_codes import ExitCode


@pytest.fixture
def failing(monkeypatch):
    """Make `worldsmith doctor` raise the given error."""

    def make(error):
        def doctor(flag: bool = False) -> None:
            """Fail."""
            raise error

        monkeypatch.setattr(app, "load_command", lambda name: SimpleNamespace(doctor=doctor, EXAMPLES=("worldsmith doctor",)))

    return make


def test_help_starts_at_once_and_without_the_compiler(checkout):
    code = "import sys; from datagen.cli.app import main; main(['--help']); print(sorted(sys.modules), file=sys.stderr)"
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        answer = subprocess.run([sys.executable, "-c", code], cwd=checkout, capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert "Exit codes" in answer.stdout
    assert not {"'taichi'", "'engine.compiler'", "'pyarrow'", "'av'", "'numpy'"} & set(answer.stderr.strip("[]\n").split(", "))
    assert min(seconds) < 0.5, "seconds of processor time, which other work on the machine does not change"


def test_help_lists_every_command_and_exit_code(capsys):
    assert app.main(["--help"]) == ExitCode.OK
    shown = capsys.readouterr().out
    for name, summary in app.COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(summary)}$", shown, re.MULTILINE)
    for code, meaning in exit_codes.MEANING.items():
        assert re.search(rf"^ +{code.value}  {re.escape(meaning)}$", shown, re.MULTILINE)
    assert set(exit_codes.MEANING) == set(ExitCode)


@pytest.mark.parametrize("words, said", [(["genrate"], "did you mean 'generate'"), (["--debug", "docter"], "'doctor'")])
def test_unknown_command_names_the_near_one(capsys, words, said):
    assert app.main(words) == ExitCode.USAGE
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("words", [["doctor", "--jsn"], ["--versoin"], ["bench", "a", "b"]])
def test_wrong_usage_exits_with_two(capsys, words):
    assert app.main(words) == ExitCode.USAGE
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "error, code",
    [
        (engine.errors.SceneError("body 'a'", "mass is -1 kg", "above 0"), ExitCode.USAGE),
        (engine.errors.BackendError("engine.init", "no CUDA device answers"), ExitCode.MISSING),
        (engine.errors.StateError("load", "nq is 3"), ExitCode.DATA),
        (datagen.errors.DatagenError("spec.yaml:3", "unknown key"), ExitCode.USAGE),
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), ExitCode.OUTPUT),
        (PermissionError(errno.EACCES, "Permission denied", "/data"), ExitCode.OUTPUT),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (ZeroDivisionError("division by zero\nin two lines"), ExitCode.UNEXPECTED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_is_one_sentence_and_an_exit_code(capsys, failing, error, code):
    failing(error)
    assert app.main(["doctor"]) == code
    printed = capsys.readouterr()
    assert (
        printed.out == ""
        and printed.err.count("\n") == 1
        and printed.err.endswith(".\n")
        or "report what it shows" in printed.err
    )


def test_debug_shows_where_the_error_came_from(capsys, failing):
    failing(engine.errors.SceneError("body 'a'", "mass is -1 kg"))
    assert app.main(["--debug", "doctor"]) == ExitCode.USAGE
    assert "Traceback" in capsys.readouterr().err


def test_every_error_class_of_the_project_has_an_exit_code():
    for module in (engine.errors, datagen.errors):
        classes = [value for _, value in inspect.getmembers(module, inspect.isclass) if issubclass(value, Exception)]
        assert classes
        for error in classes:
            assert exit_codes.exit_code(error("here", "wrong")) != ExitCode.UNEXPECTED
            assert exit_codes.is_sentence(error("here", "wrong"))
    known = {name for module in (engine.errors, datagen.errors) for name in vars(module)}
    assert set(exit_codes.BY_ERROR) <= known


def test_a_class_of_errors_may_say_its_own_exit_code():
    from datagen.writers.errors import DatasetError, NotFiniteError, OutputError

    assert exit_codes.exit_code(DatasetError("x", "y")) == ExitCode.DATA
    assert exit_codes.exit_code(OutputError("x", "y")) == ExitCode.OUTPUT
    assert exit_codes.exit_code(NotFiniteError("x", "y")) == ExitCode.UNEXPECTED


def test_version_is_that_of_the_installed_distribution(capsys):
    assert app.main(["--version"]) == ExitCode.OK
    assert re.fullmatch(r"worldsmith (\d+\.\d+\.\d+\S*|\(not installed: running from a folder\))\n", capsys.readouterr().out)


def test_a_reader_that_leaves_early_is_no_error(checkout):
    command = f"{sys.executable} -m datagen.cli.app doctor --json | true; exit ${{PIPESTATUS[0]}}"
    answer = subprocess.run(["bash", "-c", command], cwd=checkout, capture_output=True, text=True)
    assert "Traceback" not in answer.stderr and "BrokenPipe" not in answer.stderr
