"""`worldsmith bench`: one benchmark case, its figures beside those that are needed.

Decides how a case is found and what it must return. A case is a folder `benchmarks/<case>` with a `bench.py` whose `main(quick:
bool, backend: str)` returns rows `{case, engine, measured, unit, needed, ...}`: bigger `measured` is better (a row may say
`better: smaller`), `needed` is the figure asked of us and null for rivals. A case that knows more choices takes them as
arguments of `main`; one that has a function `TABLES` draws its own tables. Limits: one case per call, because two would warm
each other's caches.
"""

import ast
import importlib
import inspect
import numbers
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from datagen import assets
from datagen.cli.output import emit_json, emit_table, remark
from datagen.errors import DatagenError

EXAMPLES = ("worldsmith bench --list", "worldsmith bench endtoend --quick --json rows.json")

COLUMNS = ("case", "engine", "measured", "unit", "needed")
BACKENDS = ("auto", "cpu", "cuda")

Row = dict[str, Any]


def bench(
    case: Annotated[str | None, typer.Argument(help="Name of the case; `--list` shows them.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the rows to this file instead of stdout.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few repetitions: a smoke test, no figure to quote.")] = False,
    backend: Annotated[str, typer.Option("--backend", help="auto, cpu or cuda.")] = "auto",
    models: Annotated[str, typer.Option("--models", help="Models of the case, separated by commas.")] = "",
    engines: Annotated[str, typer.Option("--engines", help="Engines to compare, separated by commas.")] = "",
    envs: Annotated[str, typer.Option("--envs", help="Numbers of environments, separated by commas.")] = "",
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="Threads of every engine: default all cores.")] = None,
    genesis_python: Annotated[str, typer.Option("--genesis-python", help="Interpreter that has Genesis; adds it.")] = "",
    list_cases: Annotated[bool, typer.Option("--list", help="Print the names of the cases and stop.")] = False,
) -> None:
    """Run one benchmark case beside what is needed.

    The rows go to stdout as JSON (or to a file with --json), a table of them to stderr.
    """
    if list_cases:
        _print_cases()
        return
    if case is None:
        raise DatagenError("worldsmith bench", "no case is named", "", "`worldsmith bench --list` shows the cases")
    if backend not in BACKENDS:
        raise DatagenError("worldsmith bench --backend", f"unknown backend {backend!r}", f"allowed: {', '.join(BACKENDS)}")
    choices = {"models": names_in(models), "engines": names_in(engines), "envs": numbers_in(envs), "threads": threads}
    rows = run_case(case, quick, backend, {**choices, "genesis_python": genesis_python})
    plain = (f"{case} ({'quick, ' if quick else ''}{backend})", COLUMNS, [[row[column] for column in COLUMNS] for row in rows])
    tables = getattr(case_module(case), "TABLES", None)
    for title, columns, cells in tables(rows) if tables else [plain]:
        emit_table(title, columns, cells)
    emit_json(rows, json_file)
    if json_file is not None:
        remark(f"rows: {json_file}")


def run_case(case: str, quick: bool, backend: str, choices: dict[str, Any] | None = None) -> list[Row]:
    """Rows of one case, checked. `choices` that are not empty go to its `main`. Raises AssetError for an unknown case and
    DatagenError for rows that are malformed or choices that the case does not have.
    """
    function = load_case(case)
    given = {name: value for name, value in (choices or {}).items() if value}
    allowed = [name for name in inspect.signature(function).parameters if name not in ("quick", "backend")]
    for name in given:
        if name not in allowed:
            words = ", ".join(option(name) for name in allowed) or "none"
            raise DatagenError(f"worldsmith bench {case}", f"the case has no {option(name)}", f"its own options: {words}")
    return checked_rows(case, function(quick, backend, **given))


def option(name: str) -> str:
    """An argument of `main` as it is written on the command line."""
    return "--" + name.replace("_", "-")


def names_in(text: str) -> tuple[str, ...]:
    """The words of a list separated by commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def numbers_in(text: str) -> tuple[int, ...]:
    """The positive whole numbers of a list separated by commas; raises DatagenError."""
    words = names_in(text)
    for word in words:
        if not word.isdecimal() or int(word) < 1:
            raise DatagenError("worldsmith bench --envs", f"{word!r} is no number of environments", "1 or more, as in 64,1024")
    return tuple(int(word) for word in words)


def load_case(case: str) -> Callable[..., list[Row]]:
    """`main` of a case."""
    module = case_module(case)
    if not callable(getattr(module, "main", None)):
        raise DatagenError(f"benchmarks/{case}/bench.py", "there is no function main(quick, backend)", "", "define it")
    return module.main


def case_module(case: str) -> Any:
    """`bench.py` of a case. The folder above `benchmarks/` goes on the import path, where spawned workers find it as well."""
    assets.benchmark_path(case)
    folder = str(assets.root())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(f"benchmarks.{case}.bench")


def checked_rows(case: str, rows: list[Row]) -> list[Row]:
    """`rows` as they are when each has the five columns with numbers where numbers belong; raises DatagenError otherwise."""
    if not rows:
        raise DatagenError(f"benchmark {case!r}", "the case returned no rows", "one row per engine and figure")
    for number, row in enumerate(rows):
        where = f"benchmark {case!r}, row {number}"
        lacking = [column for column in COLUMNS if column not in row]
        if lacking:
            raise DatagenError(where, f"the row lacks {', '.join(lacking)}", f"every row has {', '.join(COLUMNS)}")
        if not isinstance(row["measured"], numbers.Real):
            raise DatagenError(where, f"measured is {row['measured']!r}", "a number")
        if row["needed"] is not None and not isinstance(row["needed"], numbers.Real):
            raise DatagenError(where, f"needed is {row['needed']!r}", "a number, or null where nothing is asked")
    return rows


def _print_cases() -> None:
    names = assets.benchmark_names()
    for name in names:
        print(name)
    emit_table("benchmark cases", ("case", "what it measures"), [(name, summary(name)) for name in names])


def summary(case: str) -> str:
    """First line of the docstring of a case, read without importing it."""
    tree = ast.parse(assets.benchmark_path(case).read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").strip().partition("\n")[0]
