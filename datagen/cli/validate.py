"""`worldsmith validate`: whether a dataset is what its manifest says."""

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.exit_codes import ExitCode
from datagen.cli.output import emit_json, remark

EXAMPLES = ("worldsmith validate runs/dominoes", "worldsmith validate runs/dominoes --full --json")


def validate(
    folder: Annotated[Path, typer.Argument(help="Folder of a sealed dataset.")],
    full: Annotated[bool, typer.Option("--full", help="Decode every frame and compare every exact stream as well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON on stdout.")] = False,
) -> None:
    """Check every file of a dataset.

    Hashes against the manifest, tables, frame counts and finite values. Exit code 4 when anything is wrong.
    """
    from datagen.writers import validate as check

    report = check(folder, "full" if full else "quick")
    if as_json:
        emit_json(report.to_dict())
    for problem in report.problems[:20]:
        remark(f"{problem.path}: {problem.what}")
    if len(report.problems) > 20:
        remark(f"... and {len(report.problems) - 20} more")
    verdict = "good" if report.ok else f"{len(report.problems)} problems"
    remark(f"{folder}: {report.episodes} episodes, {report.frames} frames, {report.files} files: {verdict}")
    if not report.ok:
        raise typer.Exit(ExitCode.DATA)
