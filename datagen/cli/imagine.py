"""`worldsmith imagine`: new prompts from a file of seed prompts on stdout, with a table of what they are about on stderr."""

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.output import emit_json, emit_table, remark
from datagen.errors import DatagenError

EXAMPLES = ("worldsmith imagine --seed-prompts prompts.txt --count 100 --out more.txt",)


def imagine(
    seed_prompts: Annotated[Path, typer.Option("--seed-prompts", help="A text file, one prompt a line.")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=100_000, help="How many new prompts.")] = 100,
    seed: Annotated[int, typer.Option("--seed", help="Fixes every choice.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File of the prompts; default: stdout.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print prompts and coverage as JSON on stdout.")] = False,
) -> None:
    """Make new prompts by recombining those of a file.

    Words are exchanged for others of their class; every prompt is read completely, and no two have the same spec.
    """
    from datagen.language.imagining import imagine as run

    try:
        lines = seed_prompts.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        what = f"{seed_prompts} cannot be read ({error})"
        raise DatagenError("--seed-prompts", what, "a UTF-8 text file", "correct the path") from None
    made = run(lines, count, seed)
    if as_json:
        emit_json({"prompts": made.prompts, "coverage": made.coverage, "tried": made.tried})
    elif out is not None:
        out.write_text("".join(f"{one}\n" for one in made.prompts), encoding="utf-8")
    else:
        typer.echo("\n".join(made.prompts))
    rows = [[kind, word, number] for kind, words in made.coverage.items() for word, number in words.items()]
    emit_table("what they are about", ("kind", "word", "prompts"), rows)
    remark(f"{len(made.prompts)} of {count} prompts, {made.tried} tried")
    if len(made.prompts) < count:
        remark("the seed prompts allow no more: give more of them, or other ones")
