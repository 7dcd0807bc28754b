"""`worldsmith replay`: simulate stored episodes again and compare them bit for bit."""

from pathlib import Path
from typing import Annotated, Any

import typer

from datagen.cli.exit_codes import ExitCode
from datagen.cli.output import emit_json, remark
from datagen.errors import DatagenError

EXAMPLES = ("worldsmith replay runs/dominoes --episode 0", "worldsmith replay runs/dominoes --all --json")


def replay(
    folder: Annotated[Path, typer.Argument(help="Folder of a sealed dataset.")],
    episode: Annotated[int | None, typer.Option("--episode", "-e", help="Number of one episode, from 0.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Replay every episode.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON on stdout.")] = False,
) -> None:
    """Simulate stored episodes again, compare bit for bit.

    Everything is built again from the stored spec of the episode. Exit code 4 when a state differs.
    """
    if (episode is None) != every:
        raise DatagenError(
            "worldsmith replay", "which episodes is not clear", "one of --episode I and --all", "give one of them"
        )
    from datagen.pipeline.replay import replay as run

    verdicts = run(folder, None if episode is None else [episode], progress=_tell)
    if as_json:
        emit_json([verdict.to_dict() for verdict in verdicts])
    good = sum(verdict.equal for verdict in verdicts)
    remark(f"{good} of {len(verdicts)} episodes verified bit for bit")
    if good < len(verdicts):
        raise typer.Exit(ExitCode.DATA)


def _tell(verdict: Any) -> None:
    if not verdict.equal:
        remark(
            f"episode {verdict.episode}: {verdict.reason} from frame {verdict.first_frame} on, by up to {verdict.largest:.3g}"
        )
