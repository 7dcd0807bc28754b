"""`worldsmith export`: a dataset in the files of another trainer."""

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.output import emit_json, remark

EXAMPLES = (
    "worldsmith export runs/dominoes --format webdataset --out runs/dominoes-web",
    "worldsmith export runs/dominoes --format cosmos --episodes 2 --out /tmp/dominoes-cosmos",
)


def export(
    folder: Annotated[Path, typer.Argument(help="Folder of a dataset.")],
    name: Annotated[
        str,
        typer.Option("--format", "-f", help="webdataset, leworldmodel, robomimic, minari, dreamer, rlds, cosmos or vjepa2ac."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The new folder.")],
    camera: Annotated[str | None, typer.Option("--camera", help="Whose pictures; default: the first camera.")] = None,
    body: Annotated[
        str | None,
        typer.Option("--body", help="Whose motion stands for the action (cosmos, vjepa2ac); default: what is acted on."),
    ] = None,
    episodes: Annotated[int | None, typer.Option("--episodes", "-n", min=1, help="At most so many episodes.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON on stdout.")] = False,
) -> None:
    """Write a dataset in the format of another trainer."""
    from datagen.exporters import Choice, export_dataset

    result = export_dataset(folder, name, out, Choice(camera, body, episodes))
    if as_json:
        emit_json(result)
    counts = ", ".join(f"{value} {key}" for key, value in result.items() if isinstance(value, int))
    remark(f"{name}: {counts} in {out}")
