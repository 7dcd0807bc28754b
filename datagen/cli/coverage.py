"""`worldsmith coverage`: what was drawn in a dataset beside what its spec declares."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from datagen.cli.output import emit_json, emit_table, remark

EXAMPLES = (
    "worldsmith coverage runs/dominoes",
    "worldsmith coverage runs/dominoes --bins 5 --json coverage.json --html coverage.html",
)
BARS = "▁▂▃▄▅▆▇█"


def coverage(
    folders: Annotated[list[Path], typer.Argument(help="Folders of datasets, sealed or still being made; taken together.")],
    bins: Annotated[int, typer.Option("--bins", help="Bins of a histogram.")] = 10,
    pairs: Annotated[int, typer.Option("--pairs", help="Pairs of draws that are shown, those that matter most.")] = 6,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report to this file; -: stdout.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the report as a page.")] = None,
) -> None:
    """Say what was drawn at random, beside what is declared.

    Histogram, empty bins and discrepancy of every draw, and the cells of the pairs that matter most for the outcome.
    """
    from datagen.coverage import coverage as report_of
    from datagen.coverage import write_page

    report = report_of(folders, bins, pairs)
    if json_file is not None:
        emit_json(report, None if str(json_file) == "-" else json_file)
    if html is not None:
        write_page(report, html)
    _tables(report)


def _tables(report: dict[str, Any]) -> None:
    making = "" if all(report["sealed"]) else ", in the making"
    title = f"{report['episodes']} episodes{making}, {report['failed']} failed"
    columns = ("draw", "declared", "n", "drawn", "empty (by chance)", "discrepancy", "matters for")
    rows = []
    for path, one in report["draws"].items():
        apart = None if one["discrepancy"] is None else f"{one['discrepancy']:.3f}" + (" !" if one["doubtful"] else "")
        chance = "" if one["empty_by_chance"] is None else f" ({one['empty_by_chance']:.2g})"
        matters = f"{one['explains']} {one['importance']:.2f}" if one["explains"] else None
        rows.append([path, one["declared"], one["drawn"], bars(one["counts"]), f"{len(one['empty'])}{chance}", apart, matters])
    emit_table(title, columns, rows)
    if report["pairs"]:
        names = ("pair", "and", "cells", "of", "by chance", "correlation", "discrepancy")
        keys = ("x", "y", "covered", "possible", "by_chance", "correlation", "discrepancy")
        emit_table("pairs of the draws that matter most", names, [[one[key] for key in keys] for one in report["pairs"]])
    doubtful = [path for path, one in report["draws"].items() if one["doubtful"]]
    if doubtful:
        remark(f"!: not as declared: {', '.join(doubtful)}")
    if report["failed"] and doubtful:
        remark("draws of failed episodes are not stored; if some values fail more often, the rest is not as declared")


def bars(counts: Sequence[int]) -> str:
    """A histogram in one line; an empty bin is a space."""
    top = max(counts, default=0)
    return "".join(" " if not count else BARS[min(7, int(8 * count / top))] for count in counts)
