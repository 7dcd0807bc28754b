"""The `worldsmith` command: which subcommands there are, how they start and how they end.

Decides the frame that every subcommand shares: the list below, one sentence per error without a traceback, and the exit code. A
subcommand is one file `datagen/cli/<name>.py` with a function `<name>` that typer understands and a tuple `EXAMPLES` of
runnable command lines. Only the module of the subcommand that was asked for is imported, so `worldsmith --help` starts without
the compiler.
"""

import functools
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from datagen.cli.exit_codes import MEANING, ExitCode, exit_code, sentence
from datagen.cli.output import remark
from datagen.errors import DatagenError, near_matches

# Name and one line for `worldsmith --help`, in the order in which a person meets them. A test compares each line with the first
# line of the command's own help.
COMMANDS = {
    "generate": "Generate a dataset of episodes from a spec.",
    "describe": "Turn a prompt into a spec; every word is accounted for.",
    "tell": "Tell a spec in plain English, and what is not said.",
    "imagine": "Make new prompts by recombining those of a file.",
    "check": "Run the three sanity traces of a task.",
    "preview": "Make one picture or clip of a spec.",
    "view": "Watch a spec, a dataset or a model in the browser.",
    "lint": "Say what is wrong or doubtful about a spec, by line.",
    "schema": "Print the JSON Schema of specs, for editors.",
    "gallery": "Render every scene to one page of pictures and clips.",
    "inspect": "Write one HTML page that shows a dataset.",
    "coverage": "Say what was drawn at random, beside what is declared.",
    "focus": "Weigh draws by the error of a model, for generate.",
    "validate": "Check every file of a dataset.",
    "replay": "Simulate stored episodes again, compare bit for bit.",
    "export": "Write a dataset in the format of another trainer.",
    "evaluate": "Score predictions of a world model, with baselines.",
    "doctor": "Say what this machine offers and how to get the rest.",
    "validate-physics": "Run the validation cases of the physics.",
    "bench": "Run one benchmark case beside what is needed.",
}

OVERVIEW_EXAMPLES = ("worldsmith doctor", "worldsmith generate dominoes --episodes 4 --seed 7 --out runs/dominoes")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `worldsmith` with `arguments` (default: those of the process) and return the exit code; never raises."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    wanted = next((word for word in words if not word.startswith("-")), None)
    debug = "--debug" in words[: words.index(wanted)] if wanted else "--debug" in words
    try:
        if wanted is not None and wanted not in COMMANDS:
            raise DatagenError(
                f"worldsmith {wanted}", "there is no such command", near_matches(wanted, COMMANDS), "see `worldsmith --help`"
            )
        build_app(wanted, debug)(args=words, prog_name="worldsmith")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else ExitCode.OK if end.code is None else ExitCode.UNEXPECTED
    except BaseException as error:
        return _report(error, debug)
    return ExitCode.OK


def build_app(wanted: str | None, debug: bool = False) -> typer.Typer:
    """The typer application with the subcommand `wanted` loaded; the others are known by name and summary only."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, no_args_is_help=True)
    app.callback(help=_overview(), epilog=_examples(OVERVIEW_EXAMPLES))(_global_options)
    for name, summary in COMMANDS.items():
        if name == wanted:
            module = load_command(name)
            app.command(name, epilog=_examples(module.EXAMPLES))(_guarded(getattr(module, name.replace("-", "_")), debug))
        else:
            app.command(name, help=summary)(_listed_only)
    return app


def load_command(name: str) -> Any:
    """Import the module of a subcommand."""
    return importlib.import_module(f"datagen.cli.{name.replace('-', '_')}")


def _listed_only() -> None:
    """Stands for a command in the overview; `main` loads the one that is asked for."""


def _overview() -> str:
    codes = "\n".join(f"  {code.value:>3}  {MEANING[code]}" for code in ExitCode)
    return f"Thousands of simulated action -> consequence episodes from one YAML file.\n\n\b\nExit codes:\n{codes}"


def _examples(lines: Sequence[str]) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"worldsmith {version('worldsmith')}")
        except PackageNotFoundError:
            print("worldsmith (not installed: running from a folder)")
        raise typer.Exit()


def _global_options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Both are acted upon before a command starts: `--version` by its callback, `--debug` by `main`."""


def _guarded(function: Callable[..., Any], debug: bool) -> Callable[..., Any]:
    """`function` with every error turned into one sentence and an exit code, before typer sees it."""

    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except (KeyboardInterrupt, Exception) as error:
            raise typer.Exit(_report(error, debug)) from error

    return guarded


def _report(error: BaseException, debug: bool) -> ExitCode:
    """Print the sentence of an error (and its traceback when asked for) and return its exit code."""
    if isinstance(error, BrokenPipeError):
        # The reader of our output has left (`... | head`); what it wanted it has. Keep the interpreter from flushing into the
        # closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    if debug:
        traceback.print_exception(error)
    remark(sentence(error))
    return exit_code(error)


if __name__ == "__main__":
    sys.exit(main())
