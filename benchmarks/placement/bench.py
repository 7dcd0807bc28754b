"""Random placements: twelve things, their supports and eight more relations each, solved on one core.

Every problem has an answer (`problems`): relations are read off a hidden layout. Measured: the share that is solved within two
seconds of processor time, the deepest overlap of any solution by an independent bound (`overlap`), the share of failures that
name a constraint, and the time of the median and of the slowest. A second row of figures asks for 24 relations.
"""

import time
from typing import Any

from benchmarks.placement.overlap import worst
from benchmarks.placement.problems import problem
from datagen.errors import SampleError
from datagen.spec import from_data, sample

COUNT = {False: 200, True: 12}
LIMIT = 2.0  # s of processor time
RELATIONS = (8, 24)


def main(quick: bool = False, backend: str = "auto") -> list[dict[str, Any]]:
    """Rows of the figures above."""
    rows: list[dict[str, Any]] = []
    for relations in RELATIONS:
        rows += _rows(relations, [_one(number, relations) for number in range(COUNT[quick])])
    return rows


def _one(number: int, relations: int) -> dict[str, Any]:
    """Time, depth and error of one problem."""
    spec = from_data(problem(number, relations=relations), f"problem {number}")
    begin = time.process_time()
    try:
        episode, error = sample(spec, 7, number), None
    except SampleError as failure:
        episode, error = None, failure
    seconds = time.process_time() - begin
    return {"seconds": seconds, "depth": worst(episode.bodies) if episode else None, "error": str(error) if error else ""}


def _rows(relations: int, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    needed = relations == RELATIONS[0]
    solved = [result for result in results if not result["error"] and result["seconds"] <= LIMIT]
    failures = [result for result in results if result["error"]]
    named = [one for one in failures if any(word in one["error"] for word in ("rejected by", "cannot all hold"))]
    times = sorted(result["seconds"] for result in results)
    depths = [1000.0 * result["depth"] for result in results if result["depth"] is not None]
    case = f"placement, 12 things, {relations} relations"
    figures: list[tuple[str, float, str, float | None, bool]] = [
        ("solved within 2 s", 100.0 * len(solved) / len(results), "%", 95.0 if needed else None, False),
        ("deepest overlap", max(depths), "mm", 1.0 if needed else None, True),
        ("failures that name a constraint", 100.0 * len(named) / max(len(failures), 1) if failures else 100.0, "%",
         100.0 if needed else None, False),
        ("median time", 1000.0 * times[len(times) // 2], "ms", None, True),
        ("slowest", 1000.0 * times[-1], "ms", None, True),
    ]  # fmt: skip
    return [
        {
            "case": f"{case}: {what}", "engine": "worldsmith", "measured": round(value, 3), "unit": unit, "needed": want,
            "problems": len(results), **({"better": "smaller"} if smaller else {}),
        }
        for what, value, unit, want, smaller in figures
    ]  # fmt: skip
