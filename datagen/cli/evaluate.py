"""`worldsmith evaluate`: how well predictions of a world model agree with what happened, and with physics."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from datagen.cli.output import emit_json, emit_table
from datagen.errors import DatagenError

EXAMPLES: tuple[str, ...] = (
    "worldsmith evaluate runs/dominoes --start 10",
    "worldsmith evaluate runs/dominoes --start 10 --floor --json baselines.json",
)


def evaluate(
    folder: Annotated[Path, typer.Argument(help="Folder of a dataset.")],
    predictions: Annotated[
        Path | None,
        typer.Option("--predictions", "-p", help="Folder of prediction files (docs/evaluation.md); default: baselines only."),
    ] = None,
    baselines: Annotated[bool, typer.Option("--baselines/--no-baselines", help="Score the baselines as well.")] = True,
    start: Annotated[int, typer.Option("--start", min=0, help="Without predictions: the last frame that baselines see.")] = 0,
    pictures: Annotated[bool, typer.Option("--pictures", help="Without predictions: baselines in pictures as well.")] = False,
    floor: Annotated[
        bool, typer.Option("--floor", help="Simulate the episodes again from a start that differs by 1e-5: what chaos allows.")
    ] = False,
    asked: Annotated[
        Path | None, typer.Option("--asked", help="Only write the clips and questions that a model is asked, as JSON.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report to this file; -: stdout.")] = None,
) -> None:
    """Score predictions of a world model, with baselines."""
    from datagen.evaluation import asked as what_is_asked
    from datagen.evaluation import evaluate as score
    from datagen.pipeline.replicas import replicas
    from datagen.writers import Dataset

    if asked is not None:
        emit_json(what_is_asked(folder, start), asked)
        return
    if predictions is None and not baselines:
        raise DatagenError("worldsmith evaluate", "there is nothing to score", "--predictions, or baselines")
    again = partial(replicas, Dataset(folder)) if floor else None
    result = score(folder, predictions, baselines, start, pictures, again)
    if json_file is not None:
        emit_json(result, None if str(json_file) == "-" else json_file)
    rows = result["measures"]
    columns = [name for name in next(iter(rows.values())) if name not in ("part", "unit", "better")]
    title = f"{result['episodes']} episodes in {result['groups']} groups, intervals of {result['confidence']:.0%}"
    body = [
        [row["part"], name, row["unit"], row["better"], *(_cell(row[column]) for column in columns)]
        for name, row in rows.items()
        if any(row[column]["value"] is not None for column in columns)
    ]
    emit_table(title, ("", "measure", "unit", "better", *columns), body)
    absent = [name for name, row in rows.items() if all(row[column]["value"] is None for column in columns)]
    if absent:
        emit_table("not given, or nothing to measure", ("measure",), [[name] for name in absent])


def _cell(figure: dict[str, Any]) -> str:
    if figure["value"] is None:
        return "not given"
    if figure["low"] is None:
        return f"{figure['value']:.3g}"
    return f"{figure['value']:.3g} [{figure['low']:.3g}, {figure['high']:.3g}]"
