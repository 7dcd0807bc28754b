"""`worldsmith inspect`: one HTML page that shows a dataset, without anything from elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.output import emit_json, remark

EXAMPLES = ("worldsmith inspect runs/dominoes", "worldsmith inspect runs/dominoes --episodes 2 --out /tmp/dominoes.html")


def inspect(
    folder: Annotated[Path, typer.Argument(help="Folder of a dataset.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The page; default: FOLDER.html beside the folder.")] = None,
    episodes: Annotated[int, typer.Option("--episodes", "-n", help="How many episodes are shown in full.")] = 4,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON on stdout.")] = False,
) -> None:
    """Write one HTML page that shows a dataset.

    Episodes, videos, plots of states and actions, events, contact forces, depth and segmentation, the spec and its seed.
    """
    from datagen.inspect import write_page

    page = write_page(folder, out or folder.resolve().with_name(folder.resolve().name + ".html"), episodes)
    if as_json:
        emit_json(page)
    remark(f"page: {page['page']} ({page['bytes'] / 1e6:.1f} MB, {page['shown']} of {page['episodes']} episodes in full)")
