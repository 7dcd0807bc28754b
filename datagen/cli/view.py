"""`worldsmith view`: a web page that shows a spec, a dataset or a model, or pictures of it without one."""

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.output import emit_json, remark

EXAMPLES = (
    "worldsmith view dominoes",
    "worldsmith view runs/dominoes --episode 2",
    "worldsmith view robot.xml --record robot.mp4 --seconds 3",
)


def view(
    source: Annotated[str, typer.Argument(help="Name or file of a spec, folder of a dataset, or a model file.")],
    seed: Annotated[int, typer.Option("--seed", help="Seed of the draw of a spec.")] = 7,
    index: Annotated[int, typer.Option("--index", "--episode", help="Which episode of the spec or the dataset.")] = 0,
    record: Annotated[Path | None, typer.Option("--record", help="Write a .mp4, .gif or .png instead; no browser.")] = None,
    seconds: Annotated[float, typer.Option("--seconds", help="How much of it is recorded.")] = 4.0,
    camera: Annotated[str | None, typer.Option("--camera", help="Camera of the recording; default: the first one.")] = None,
    host: Annotated[str, typer.Option("--host", help="Address that the page is served at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port of the page.")] = 8080,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was recorded as JSON on stdout.")] = False,
) -> None:
    """Watch a spec, a dataset or a model in the browser.

    Pause, step, scrub a stored episode, drag bodies, see contacts, forces, frames, cameras and plots.
    """
    from datagen.viewer import open_play
    from datagen.viewer import record as make_recording

    if record is not None:
        made = make_recording(open_play(source, seed, index), record, seconds, camera)
        if as_json:
            emit_json(made)
        remark(f"{made['file']}: {made['frames']} frames of {made['width']} x {made['height']}, camera {made['camera']!r}")
        return
    from datagen.viewer.page import Page, load_viser

    load_viser()
    page = Page(open_play(source, seed, index), host, port)
    remark(f"{page.url}  (ctrl-c ends)")
    try:
        page.run()
    except KeyboardInterrupt:
        page.stop()
