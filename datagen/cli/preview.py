"""`worldsmith preview`: one picture or clip of a spec, before anything is generated."""

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.output import emit_json, remark

EXAMPLES = ("worldsmith preview dominoes", "worldsmith preview dominoes --seed 3 --size 256 --out dominoes.gif")


def preview(
    spec: Annotated[str, typer.Argument(help="Name of a scene that comes with worldsmith, or a .yaml file.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A .png, .gif or .mp4 file; default: NAME.png.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the draw.")] = 7,
    index: Annotated[int, typer.Option("--index", help="Which episode of that seed.")] = 0,
    camera: Annotated[str | None, typer.Option("--camera", help="Name of a camera; default: the first one.")] = None,
    size: Annotated[
        int | None, typer.Option("--size", help="Height of the picture in pixels; default: that of the spec.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON on stdout.")] = False,
) -> None:
    """Make one picture or clip of a spec.

    A picture shows the first frame, a clip the whole episode.
    """
    from datagen.pipeline.preview import make_preview

    made = make_preview(spec, out, seed, index, camera, size)
    if as_json:
        emit_json(made)
    remark(f"{made['file']}: {made['frames']} frames of {made['width']} x {made['height']}, camera {made['camera']!r}")
