"""R13: a stack of cloths falls, a cloth is wrung by two turns, a knot is pulled tight: nothing crosses in any frame."""

from typing import Any

import engine
from benchmarks.deformable.self_contact import CASES, watch
from benchmarks.validation.matter import result

CASE, TITLE = "R13", "Self-contact: pairs of triangles that cross, and of rope segments that overlap, in all frames"


def run(quick: bool) -> dict[str, Any]:
    """None (quick: the wringing alone, coarse in time)."""
    engine.init(backend="cpu", precision="f32", threads=1)
    rows = [watch(name, 1.5 if quick else None) for name in (("wring",) if quick else CASES)]
    pairs = float(sum(row["crossing_pairs"] for row in rows))
    curves = {"scenes": [row["case"] for row in rows], "frames": [row["frames"] for row in rows]}
    return result(pairs, 0.0, 0.0, curves, scale=1.0, gate_text="none")
