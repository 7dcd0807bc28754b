"""Coverage of datasets as one report of plain values: every draw, the pairs that matter, what failed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datagen.coverage.columns import column
from datagen.coverage.gather import gather
from datagen.coverage.pairs import importance, pairs
from datagen.errors import DatagenError

MOST_BINS = 100


def coverage(folders: Sequence[Path | str], bins: int = 10, most_pairs: int = 6) -> dict[str, Any]:
    """The report of the draws of some datasets together. Its keys are those of `Column` and `Pair`.

    Errors: DatagenError, DatasetError.
    """
    if not 2 <= bins <= MOST_BINS or most_pairs < 0:
        what = f"{bins} bins" if not 2 <= bins <= MOST_BINS else f"{most_pairs} pairs"
        raise DatagenError("coverage", what, f"2 to {MOST_BINS} bins, 0 pairs or more")
    found = gather(folders)
    columns = {path: column(drawings, bins) for path, drawings in found.draws.items()}
    ranks = {path: importance(found.draws[path], one, found.outcomes) for path, one in columns.items()}
    draws = {}
    for path, one in columns.items():
        draws[path] = {**one.as_json(), "importance": ranks[path][0], "explains": ranks[path][1]}
        draws[path].pop("path")
    chosen = pairs(found, columns, {path: rank for path, (rank, _) in ranks.items()}, most_pairs)
    return {
        "datasets": found.datasets,
        "sealed": found.sealed,
        "episodes": found.episodes,
        "failed": found.failed,
        "draws": draws,
        "pairs": [pair.as_json() for pair in chosen],
    }
