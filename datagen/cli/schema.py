"""`worldsmith schema`: the JSON Schema of specs, for editors."""

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.output import emit_json, remark

EXAMPLES = ("worldsmith schema", "worldsmith schema --out spec.schema.json")


def schema(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file instead of stdout.")] = None,
) -> None:
    """Print the JSON Schema of specs, for editors.

    An editor with YAML support uses it after a first line `# yaml-language-server: $schema=FILE`.
    """
    from datagen.spec import json_schema

    emit_json(json_schema(), out)
    if out is not None:
        remark(f"schema: {out}")
