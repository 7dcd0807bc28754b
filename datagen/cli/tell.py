"""`worldsmith tell`: a spec in plain English on stdout; what English does not say of it is listed on stderr."""

from typing import Annotated

import typer

from datagen.cli.output import emit_json, remark

EXAMPLES = ("worldsmith tell dominoes", "worldsmith tell dominoes --json")
DEPTH = 3
"""Keys of a path by which the report groups what differs; `--json` has every path."""


def tell(
    spec: Annotated[str, typer.Argument(help="Name of a scene that comes with worldsmith, or a .yaml file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print text and paths that differ as JSON on stdout.")] = False,
) -> None:
    """Tell a spec in plain English, and what is not said.

    The text is read again: it is exact where that gives the same spec.
    """
    from datagen import assets
    from datagen.language.telling import tell as told_of
    from datagen.spec import load_spec

    made = told_of(load_spec(assets.scene_path(spec)).data)
    if as_json:
        emit_json({"text": made.text, "exact": made.exact, "differs": list(made.differs), "plain": made.plain})
        return
    typer.echo(made.text)
    if made.plain and made.plain != made.text:
        remark(f"in plain words, which say less: {made.plain}")
    if made.exact:
        remark("exact: reading this text gives the same spec")
        return
    groups: dict[str, int] = {}
    for path in made.differs:
        group = ".".join(path.split(".")[:DEPTH])
        groups[group] = groups.get(group, 0) + 1
    remark(f"not exact: {len(made.differs)} values of the spec are not said, or come out differently")
    for group, count in groups.items():
        remark(f"not said: {group}" + (f" ({count} values)" if count > 1 else ""))
