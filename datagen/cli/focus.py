"""`worldsmith focus`: weights that draw new episodes where a model errs, from its error on a dataset."""

import json
import runpy
from pathlib import Path
from typing import Annotated, Any

import typer

from datagen.cli.output import emit_json, emit_table, remark
from datagen.errors import DatagenError

EXAMPLES = (
    "worldsmith focus runs/dominoes --baseline copy --start 10 --measure position_error --draws params.height --out focus.json",
    "worldsmith generate dominoes --focus focus.json --episodes 4 --seed 8 --out runs/focused",
)
FUNCTION = "scorer"


def focus(
    folder: Annotated[Path, typer.Argument(help="Folder of the dataset that the model was scored on.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="File for `generate --focus`.")] = Path("focus.json"),
    predictions: Annotated[
        Path | None, typer.Option("--predictions", "-p", help="Folder of prediction files (docs/evaluation.md).")
    ] = None,
    baseline: Annotated[str, typer.Option("--baseline", help="Instead of predictions: copy or constant_velocity.")] = "",
    start: Annotated[int, typer.Option("--start", min=0, help="With --baseline: the last frame that it sees.")] = 0,
    measure: Annotated[
        str, typer.Option("--measure", help="Measure of `worldsmith evaluate` that is the error.")
    ] = "position_error",
    scores: Annotated[Path | None, typer.Option("--scores", help="JSON: errors by episode_index, or a list.")] = None,
    scorer: Annotated[
        Path | None, typer.Option("--scorer", help="Python file with scorer(dataset) -> one error an episode; it is run.")
    ] = None,
    draws: Annotated[
        str, typer.Option("--draws", help="Draws to weigh, with commas; default: those that explain the error.")
    ] = "",
    bins: Annotated[int, typer.Option("--bins", help="Bins of a number.")] = 8,
    floor: Annotated[float, typer.Option("--floor", help="Share of new episodes that are drawn as declared.")] = 0.25,
    power: Annotated[float, typer.Option("--power", help="Weights are relative errors to this power.")] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON on stdout.")] = False,
) -> None:
    """Weigh draws by the error of a model, for generate.

    The error of every episode comes from one of: --predictions, --baseline, --scores, --scorer.
    """
    from datagen.coverage import focus as weigh

    asked = (predictions, baseline or None, scores, scorer)
    if sum(one is not None for one in asked) != 1:
        allowed = "one of --predictions, --baseline, --scores, --scorer"
        raise DatagenError("worldsmith focus", "where the errors come from is not clear", allowed)
    errors, name = _errors(folder, predictions, baseline, start, measure, scores, scorer)
    chosen = [path.strip() for path in draws.split(",") if path.strip()]
    made = weigh(folder, errors, chosen, bins, floor, power, name)
    emit_json(made, out)
    if as_json:
        emit_json(made)
    for path, rows in made["bins"].items():
        weights = made["density"]["draws"][path]["weights"]
        body = [[row["bin"], row["episodes"], row["error"], weight] for row, weight in zip(rows, weights, strict=True)]
        emit_table(f"{path} by {name}, {made['mean']:.4g} on average", ("bin", "episodes", "error", "weight"), body)
    remark(f"{out}: give it to worldsmith generate --focus")


def _errors(
    folder: Path, predictions: Path | None, baseline: str, start: int, measure: str, scores: Path | None, scorer: Path | None
) -> tuple[dict[int, float], str]:
    """(error by episode_index, what it is called)."""
    from datagen.coverage.focus import checked_errors, scored
    from datagen.evaluation import episode_errors
    from datagen.writers import Dataset

    if scores is not None:
        return checked_errors(_read(scores), len(Dataset(folder))), scores.name
    if scorer is not None:
        return scored(folder, _function(scorer)), scorer.name
    return episode_errors(folder, predictions, measure, baseline or "copy", start), measure


def _read(path: Path) -> Any:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DatagenError(
            str(path), f"the errors cannot be read ({error})", "a JSON list, or errors by episode_index"
        ) from error
    return found.get("errors", found) if isinstance(found, dict) else found


def _function(path: Path) -> Any:
    """The function `scorer` of a file of the user's own."""
    if not path.is_file():
        raise DatagenError(str(path), "there is no such file", f"a Python file with a function {FUNCTION}(dataset)")
    found = runpy.run_path(str(path), run_name="scorer").get(FUNCTION)
    if not callable(found):
        raise DatagenError(str(path), f"there is no function {FUNCTION!r} in it", f"def {FUNCTION}(dataset)")
    return found
