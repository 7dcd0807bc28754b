"""`worldsmith validate-physics`: cases with a known answer, each measured, beside its reference, with a verdict and a plot.

Decides how cases are found and shown. A case is a module `benchmarks/validation/case_<name>.py` with `CASE`, `TITLE` and
`run(quick)`, which returns measured, reference, gate, error, verdict ("pass" or "fail") and curves (lists of equal length; the
first is the abscissa when there is more than one). A case that fails stays on the page, red; one that cannot run says why.
"""

import html
import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from datagen import assets
from datagen.cli.output import emit_json, emit_table, remark
from datagen.errors import DatagenError, near_matches

EXAMPLES = ("worldsmith validate-physics --quick K15 F20", "worldsmith validate-physics --page validation.html")
COLUMNS = ("case", "title", "measured", "reference", "gate", "verdict")
WIDTH, HEIGHT = 460, 200


def validate_physics(
    cases: Annotated[list[str] | None, typer.Argument(help="Names of cases; default all.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Coarse and short: the subset of the tests.")] = False,
    page: Annotated[Path | None, typer.Option("--page", help="Write one HTML page with a plot per case.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the results to this file instead of stdout.")] = None,
    results: Annotated[Path | None, typer.Option("--results", help="Show this file of results and run nothing.")] = None,
) -> None:
    """Run the validation cases of the physics.

    The results go to stdout as JSON (or to a file with --json), a table of them to stderr.
    """
    modules = case_modules()
    for name in cases or ():
        if name not in modules:
            raise DatagenError(f"worldsmith validate-physics {name}", "there is no such case", near_matches(name, modules))
    rows = read_rows(results) if results else [run_case(modules[name], quick) for name in cases or modules]
    emit_table("validation", COLUMNS, [[row.get(column, "") for column in COLUMNS] for row in rows])
    emit_json(rows, json_file)
    if page is not None:
        page.write_text(page_text(rows), encoding="utf-8")
        remark(f"page: {page}")


def read_rows(file: Path) -> list[dict[str, Any]]:
    """Rows of a file that this command or the benchmarks wrote. Raises `DatagenError`."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        rows = stored["rows"] if isinstance(stored, dict) else stored
        return [{**row, "verdict": row["verdict"], "case": row["case"], "title": row["title"]} for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"it has no results of cases ({type(error).__name__}: {error})"
        raise DatagenError(f"worldsmith validate-physics --results {file}", what, "name a file that --json wrote") from error


def case_modules() -> dict[str, Any]:
    """Modules of all cases by name."""
    folder = str(assets.root())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    files = sorted((assets.root() / "benchmarks" / "validation").glob("case_*.py"))
    found = [importlib.import_module(f"benchmarks.validation.{file.stem}") for file in files]
    return {module.CASE: module for module in found}


def run_case(module: Any, quick: bool) -> dict[str, Any]:
    """One row: the result of a case with its name and title; a case that raises has failed with that reason."""
    named = {"case": module.CASE, "title": module.TITLE}
    try:
        return {**named, **module.run(quick)}
    except Exception as error:  # a broken case must not hide the others
        return {**named, "measured": None, "reference": None, "gate": "", "verdict": "fail", "reason": str(error), "curves": {}}


def page_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """The page: a table and a plot per case."""
    parts = [
        "<!doctype html><meta charset='utf-8'><title>Validation</title><style>body{font:15px sans-serif;max-width:60em;"
        "margin:2em auto}td,th{padding:.2em .8em;text-align:left}.fail{color:#b00}.pass{color:#070}</style><h1>Validation</h1>",
        "<table><tr>" + "".join(f"<th>{c}</th>" for c in COLUMNS) + "</tr>",
    ]
    for row in rows:
        cells = "".join(f"<td>{html.escape(_cell(row.get(c, '')))}</td>" for c in COLUMNS)
        parts.append(f"<tr class='{row['verdict']}'>{cells}</tr>")
    parts.append("</table>")
    for row in rows:
        parts.append(f"<h2 class='{row['verdict']}'>{html.escape(row['case'])}: {html.escape(row['title'])}</h2>")
        parts.append(f"<p>{html.escape(row.get('reason', ''))}</p>{plot(row.get('curves', {}))}")
    return "\n".join(parts)


def _cell(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _drawable(values: Any) -> bool:
    return isinstance(values, list | tuple) and len(values) > 1 and all(isinstance(v, int | float) for v in values)


def plot(curves: Mapping[str, Sequence[float]]) -> str:
    """Curves as SVG; what is no row of two numbers or more is left out."""
    names = [name for name, values in curves.items() if _drawable(values)]
    if not names:
        return ""
    along = list(curves[names[0]]) if len(names) > 1 else list(range(len(curves[names[0]])))
    drawn = names[1:] if len(names) > 1 else names
    values = [float(v) for name in drawn for v in curves[name]]
    low, high = min(values), max(values)
    left, right = float(min(along)), float(max(along))
    lines = []
    for number, name in enumerate(drawn):
        points = " ".join(
            f"{WIDTH * (x - left) / ((right - left) or 1):.1f},{HEIGHT * (1 - (y - low) / ((high - low) or 1)):.1f}"
            for x, y in zip(along, curves[name], strict=False)
        )
        color = ("#06c", "#c60", "#393", "#909")[number % 4]
        lines.append(f"<polyline fill='none' stroke='{color}' stroke-width='2' points='{points}'/>")
        lines.append(f"<text x='6' y='{16 + 16 * number}' fill='{color}'>{html.escape(name)}</text>")
    frame = f"<rect width='{WIDTH}' height='{HEIGHT}' fill='none' stroke='#999'/>"
    scale = f"<p>{low:.4g} to {high:.4g}, along {left:.4g} to {right:.4g}</p>"
    return f"<svg width='{WIDTH}' height='{HEIGHT}'>{frame}{''.join(lines)}</svg>{scale}"
