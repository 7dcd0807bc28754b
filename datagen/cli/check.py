"""`worldsmith check`: whether the task of a spec means what it says, in three short simulations."""

from typing import Annotated

import typer

from datagen.cli.exit_codes import ExitCode
from datagen.cli.output import emit_json, remark

EXAMPLES = ("worldsmith check tower_push", "worldsmith check my_task.yaml --seed 3 --json")


def check(
    spec: Annotated[str, typer.Argument(help="Name of a scene that comes with worldsmith, or a .yaml file.")],
    seed: Annotated[int, typer.Option("--seed", help="Seed of the draw.")] = 7,
    index: Annotated[int, typer.Option("--index", help="Which episode of that seed.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON on stdout.")] = False,
) -> None:
    """Run the three sanity traces of a task.

    They are: doing nothing, the oracle, the failure. The oracle has to succeed, the others must not, and rewards have to rank
    them. Exit code 2 when they do not.
    """
    from datagen.pipeline.sanity import check_task

    report = check_task(spec, seed, index)
    if as_json:
        emit_json(report.to_dict())
    for trace in report.traces:
        said = trace.failed or f"return {trace.total:g}, {'success' if trace.success else 'no success'}"
        remark(f"{trace.name}: {said}{', failure' if trace.failure else ''}")
    for problem in report.problems:
        remark(f"wrong: {problem}")
    verdict = "good" if report.verified else f"{len(report.problems)} problems" if report.problems else "unverified: no oracle"
    remark(f"{report.spec}: {verdict}")
    if report.problems:
        raise typer.Exit(ExitCode.USAGE)
