"""`worldsmith check`: whether the task of a spec means what it says, in three short simulations; --full: the whole spec."""

from pathlib import Path
from typing import Annotated, Any

import typer

from datagen.cli.exit_codes import ExitCode
from datagen.cli.output import emit_json, emit_table, remark

EXAMPLES = (
    "worldsmith check tower_push",
    "worldsmith check my_task.yaml --seed 3 --json",
    "worldsmith check --full --out check.json",
)
COLUMNS = ("spec", "verdict", "episodes", "replayed", "nothing", "oracle", "failure", "cpu s")


def check(
    specs: Annotated[
        list[str] | None,
        typer.Argument(help="Names of scenes that come with worldsmith, or .yaml files; with --full, default all scenes."),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Lint, generate, validate and replay as well.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the draws.")] = 7,
    index: Annotated[int, typer.Option("--index", help="First episode of that seed; not with --full.")] = 0,
    draws: Annotated[
        int | None, typer.Option("--draws", min=1, help="Draws of the traces. [default: 1, with --full 4]")
    ] = None,
    episodes: Annotated[int, typer.Option("--episodes", min=1, help="Episodes to generate with --full.")] = 2,
    work: Annotated[Path, typer.Option("--work", help="Folder for the datasets of --full.")] = Path("runs/check"),
    out: Annotated[Path | None, typer.Option("--out", help="File for the report as JSON.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON on stdout.")] = False,
) -> None:
    """Run the three sanity traces of a task.

    They are: doing nothing, the oracle, the failure. The oracle has to succeed, the others must not, and rewards have to rank
    them. With --full a spec is also linted, generated, validated and replayed bit for bit. Exit code 2 when anything is wrong.
    """
    from datagen import assets
    from datagen.errors import DatagenError

    if not specs and not full:
        raise DatagenError("worldsmith check", "no spec is named", "a scene or a .yaml file; all scenes with --full")
    if full:
        report, good = _examine(specs or assets.scene_names(), seed, draws or 4, episodes, work)
    else:
        report, good = _traces(specs or [], seed, index, draws or 1)
    if as_json:
        emit_json(report[0] if len(report) == 1 else report)
    if out is not None:
        emit_json(report, out)
    if not good:
        raise typer.Exit(ExitCode.USAGE)


def _traces(specs: list[str], seed: int, index: int, draws: int) -> tuple[list[dict[str, Any]], bool]:
    from datagen.pipeline.sanity import check_task

    reports = []
    for spec in specs:
        report = check_task(spec, seed, index, draws)
        reports.append(report)
        for trace in report.traces:
            said = trace.failed or f"return {trace.total:g}, {'success' if trace.success else 'no success'}"
            remark(f"{trace.name}: {said}{', failure' if trace.failure else ''}")
        for problem in report.problems:
            remark(f"wrong: {problem}")
        faults = f"{len(report.problems)} problems" if report.problems else "unverified: no oracle"
        remark(f"{report.spec}: {'good' if report.verified else faults}")
    return [report.to_dict() for report in reports], not any(report.problems for report in reports)


def _examine(names: list[str], seed: int, draws: int, episodes: int, work: Path) -> tuple[list[dict[str, Any]], bool]:
    import shutil

    from datagen.pipeline.examine import examine

    rows = []
    for name in names:
        folder = work / Path(name).stem
        shutil.rmtree(folder, ignore_errors=True)
        rows.append(examine(name, folder, episodes, seed, draws))
        remark(f"{rows[-1].spec}: {rows[-1].verdict}")
    bad = [row.spec for row in rows if not row.good]
    emit_table("Specs", COLUMNS, [_cells(row) for row in rows])
    remark(f"{len(rows) - len(bad)} of {len(rows)} specs are good" + (f"; not: {', '.join(bad)}" if bad else ""))
    return [row.to_dict() for row in rows], not bad


def _cells(row: Any) -> list[Any]:
    traces = [
        f"{row.returns[trace]:.4g} ({row.successes[trace]} of {row.draws})" if trace in row.returns else None
        for trace in COLUMNS[4:7]
    ]
    return [row.spec, row.verdict, row.episodes, row.replayed, *traces, row.seconds]
