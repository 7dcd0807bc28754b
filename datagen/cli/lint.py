"""`worldsmith lint`: everything that is wrong or doubtful about a spec, all at once."""

from typing import Annotated

import typer

from datagen.cli.exit_codes import ExitCode
from datagen.cli.output import emit_json, remark

EXAMPLES = ("worldsmith lint dominoes", "worldsmith lint dominoes --json")


def lint(
    spec: Annotated[str, typer.Argument(help="Name of a scene that comes with worldsmith, or a .yaml file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON on stdout.")] = False,
) -> None:
    """Say what is wrong or doubtful about a spec, by line.

    Errors end with exit code 2; warnings (implausible values, things that nothing uses) do not.
    """
    from datagen import assets
    from datagen.spec.lint import lint as findings_of
    from datagen.spec.text import read_file

    path = assets.scene_path(spec)
    findings = findings_of(read_file(path), str(path))
    if as_json:
        emit_json([{"level": one.level, "where": one.where, "text": one.text} for one in findings])
    else:
        for one in findings:
            print(one.line())
    errors = sum(one.level == "error" for one in findings)
    remark(f"{path}: {errors} errors, {len(findings) - errors} warnings")
    if errors:
        raise typer.Exit(ExitCode.USAGE)
