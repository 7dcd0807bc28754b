"""`worldsmith generate`: a spec becomes a dataset.

Decides how a run is shown: a progress bar with frames/s and the time left on stderr, the summary as JSON on stdout when asked
for.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from datagen.cli.describe import Address, Deadline, KeyVariable, Model, described, tell
from datagen.cli.exit_codes import ExitCode
from datagen.cli.output import emit_json, remark
from datagen.cli.progress import FrameBar
from datagen.errors import DatagenError

EXAMPLES = (
    "worldsmith generate dominoes --episodes 4 --seed 7 --out runs/dominoes",
    "worldsmith generate dominoes --episodes 4 --seed 7 --out runs/dominoes --resume",
    'worldsmith generate --prompt "Push a red box to the left" --episodes 4 --out runs/box',
)


def generate(
    spec: Annotated[str | None, typer.Argument(help="Name of a scene that comes with worldsmith, or a .yaml file.")] = None,
    prompt: Annotated[str | None, typer.Option("--prompt", help="A prompt in English instead of a spec.")] = None,
    vary: Annotated[str, typer.Option("--vary", help="With --prompt: little, much or none.")] = "little",
    accept_partial: Annotated[
        bool, typer.Option("--accept-partial", help="With --prompt: also when words are not understood.")
    ] = False,
    model: Model = "",
    endpoint: Address = "",
    key_env: KeyVariable = "",
    deadline: Deadline = 120.0,
    episodes: Annotated[int, typer.Option("--episodes", "-n", help="Number of episodes.")] = 8,
    seed: Annotated[int, typer.Option("--seed", help="Fixes every draw; the same seed gives the same bytes.")] = 7,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the dataset: absent or empty.")] = Path("runs/demo"),
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes; default: one per core. Never changes the data.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted run of the same spec and seed.")] = False,
    batch: Annotated[int | None, typer.Option("--batch", help="Episodes simulated at once. Never changes the data.")] = None,
    shard_size: Annotated[
        int | None, typer.Option("--shard-size", help="Episodes of one commit; default: a quarter of the run, 16 at most.")
    ] = None,
    backend: Annotated[str, typer.Option("--backend", help="auto, cpu or cuda.")] = "auto",
    executor: Annotated[str, typer.Option("--executor", help="local or ray. Never changes the data.")] = "local",
    address: Annotated[
        str | None, typer.Option("--address", help="Ray cluster, host:port or auto; default: one started here.")
    ] = None,
    counterfactuals: Annotated[
        bool | None,
        typer.Option(
            "--counterfactuals/--no-counterfactuals",
            help="Each episode with its branches and one without the focus action; default: where the spec has branches.",
        ),
    ] = None,
    after: Annotated[
        Path | None, typer.Option("--after", help="Dataset whose success decides which stage of the curriculum this run is.")
    ] = None,
    focus: Annotated[
        Path | None, typer.Option("--focus", help="File of `worldsmith focus`: draws that are likelier than declared.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON on stdout.")] = False,
) -> None:
    """Generate a dataset of episodes from a spec.

    The folder is a LeRobotDataset v3.0 with exact depth, contacts, states, events and specs beside it.
    """
    from datagen.pipeline.generation import generate as run

    if (spec is None) == (prompt is None):
        raise DatagenError("worldsmith generate", "what to generate is not clear", "a spec or --prompt, and not both")
    if prompt is not None:
        spec = _written(prompt, accept_partial, out, vary, model, endpoint, key_env, deadline)
    assert spec is not None
    with FrameBar("episodes") as bar:
        where = (executor, address, counterfactuals, after, focus)
        summary = run(spec, episodes, seed, out, workers, resume, batch, shard_size, backend, bar.show, *where)
    if as_json:
        emit_json(summary.to_dict())
    _report(summary)
    if summary.episodes == 0:
        raise typer.Exit(ExitCode.DATA)


def _written(prompt: str, accept_partial: bool, out: Path, *how: Any) -> str:
    """The spec of a prompt as a file beside the dataset, so that the run can be resumed and read."""
    from datagen.spec.text import write_yaml

    made = described(prompt, *how)
    tell(made.report)
    if made.spec is None or (made.status == "incomplete" and not accept_partial):
        raise typer.Exit(ExitCode.USAGE)
    file = out.with_name(f"{out.name}.yaml")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(write_yaml(made.spec), encoding="utf-8")
    return str(file)


def _report(summary: Any) -> None:
    for failure in summary.failed[:5]:
        remark(f"episode {failure['index']} failed: {failure['reason']}")
    if len(summary.failed) > 5:
        remark(f"... and {len(summary.failed) - 5} more, listed in {summary.folder}/extras/failed.json")
    rate = summary.frames_computed / summary.seconds if summary.seconds else 0.0
    speed = f"{summary.seconds:.1f} s, {rate:.0f} frames/s"
    remark(f"{summary.episodes} episodes, {summary.frames} frames in {summary.folder} ({speed})")
    remark(f"look at it: worldsmith inspect {summary.folder}")
