"""What the commands print: data as JSON on stdout, tables and remarks on stderr.

Decides the one rule of the command line: a pipe sees data only. `rich` is imported when a table is drawn, so that `--help`
starts at once.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

WIDTH = 150  # of a table that goes to a file or a pipe


def emit_json(data: Any, file: Path | None = None) -> None:
    """Write `data` as indented JSON to `file`, or to stdout when it is None. NaN and infinity become null: they are no JSON."""
    text = json.dumps(_finite(data), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if file is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        file.write_text(text, encoding="utf-8")


def _finite(data: Any) -> Any:
    if isinstance(data, float):
        return data if abs(data) != float("inf") and data == data else None
    if isinstance(data, Mapping):
        return {str(key): _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return data


def remark(text: str) -> None:
    """One line on stderr."""
    print(text, file=sys.stderr, flush=True)


def emit_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table on stderr, wide where no terminal says how wide; floats with four significant digits, None as a dash."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    Console(stderr=True, width=None if sys.stderr.isatty() else WIDTH).print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
