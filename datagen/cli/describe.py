"""`worldsmith describe`: a prompt becomes a spec on stdout; what was understood, assumed or not is told on stderr."""

from pathlib import Path
from typing import Annotated, Any

import typer

from datagen.cli.exit_codes import ExitCode
from datagen.cli.output import emit_json, remark
from datagen.errors import DatagenError

EXAMPLES = (
    'worldsmith describe "Drop a red ball from half a metre onto a table" --out scene.yaml',
    'worldsmith describe "Ten dominoes in a row; tip the first one" --vary none --json',
)

Model = Annotated[str, typer.Option("--model", help="A language model reads the prompt; default: our own reader, offline.")]
Address = Annotated[
    str, typer.Option("--endpoint", help="With --model: base of an OpenAI-compatible server, http://HOST:PORT/v1.")
]
KeyVariable = Annotated[str, typer.Option("--key-env", help="With --model: the environment variable that holds the key.")]
Deadline = Annotated[float, typer.Option("--deadline", min=0.1, help="With --model: seconds for each request.")]


def describe(
    prompt: Annotated[str, typer.Argument(help="What to simulate, in English.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File of the spec; default: stdout.")] = None,
    vary: Annotated[str, typer.Option("--vary", help="How much is drawn anew per episode: little, much or none.")] = "little",
    accept_partial: Annotated[
        bool, typer.Option("--accept-partial", help="Make the spec also when words are not understood.")
    ] = False,
    model: Model = "",
    endpoint: Address = "",
    key_env: KeyVariable = "",
    deadline: Deadline = 120.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print report, intent and spec as JSON on stdout.")] = False,
) -> None:
    """Turn a prompt into a spec; every word is accounted for.

    Exit code 2 when the prompt is refused or has words that are not understood.
    """
    from datagen.spec.text import write_yaml

    made = described(prompt, vary, model, endpoint, key_env, deadline)
    if as_json:
        emit_json({"report": made.report, "intent": made.intent.model_dump(), "spec": made.spec})
    tell(made.report)
    refused = made.spec is None or (made.status == "incomplete" and not accept_partial)
    if not refused and not as_json:
        text = write_yaml(made.spec)
        if out is None:
            typer.echo(text, nl=False)
        else:
            out.write_text(text, encoding="utf-8")
    if refused:
        raise typer.Exit(ExitCode.USAGE)


def described(prompt: str, vary: str, model: str = "", endpoint: str = "", key_env: str = "", deadline: float = 120.0) -> Any:
    """The description of a prompt, read by us or by a model that is named. Raises `DatagenError` for an unknown `vary`."""
    from datagen.language import describe as run
    from datagen.language.models import Endpoint, describe_with

    if vary not in ("little", "much", "none"):
        raise DatagenError("--vary", f"{vary!r} is not known", "little, much or none", "choose one of them")
    if not model and not endpoint:
        return run(prompt, vary)
    if not model or not endpoint:
        raise DatagenError("--model", "a model needs its address", "both --model and --endpoint", "add the other one")
    return describe_with(prompt, Endpoint(endpoint, model, key_env, deadline), vary)


def tell(report: dict[str, Any]) -> None:
    """The report on stderr, one line each."""
    remark(f"status: {report['status'].replace('_', ' ')}")
    for one in report["rejected"]:
        remark(f"refused: {one}")
    for one in report["not_understood"]:
        near = f"; did you mean {' or '.join(one['nearest'])}" if one["nearest"] else ""
        remark(f"not understood: {one['text'][:60]!r} (characters {one['span'][0]} to {one['span'][1]}){near}")
    for one in report["unclear"]:
        remark(f"unclear: {one}")
    for one in report["ambiguities"]:
        remark(f"ambiguous: {one['text']!r} may be {' or '.join(one['readings'])}; taken as {one['chosen']} ({one['rule']})")
    for one in report["assumptions"]:
        remark(f"assumed: {one['path']}: {one['value']} ({one['why']})")
    for one in report.get("model", {}).get("requests", []):
        wrong = f": {'; '.join(one['problems'])}" if one["problems"] else ""
        remark(f"model: {one['what']}, {one['seconds']:g} s, {sum(one['tokens'])} tokens{wrong}")
    for one in report["not_simulable"]:
        remark(f"understood but not simulated: {one}")
    if report["status"] == "incomplete":
        remark("rephrase these words, or add --accept-partial to go on without them")
