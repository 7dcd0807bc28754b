"""D8: a draped cloth rests for ten minutes: its energy does not grow and nothing crosses."""

from typing import Any

import engine
from benchmarks.deformable.soak import soak
from benchmarks.validation.matter import result

CASE, TITLE = (
    "D8-solids",
    "Ten minutes of a draped cloth: growth of its largest energy in a minute over the first minute of rest",
)


def run(quick: bool) -> dict[str, Any]:
    """At most 0.1 % (quick: three minutes)."""
    engine.init(backend="cpu", precision="f32", threads=1)
    found = soak(3.0 if quick else 10.0)
    curves = {"total per minute": found["total_J_max_per_minute"], "kinetic per minute": found["kinetic_J_max_per_minute"]}
    grown = (
        max(found["grown_J"], 0.0) / found["total_J_max_per_minute"][1]
        if not found["crossing_pairs"] and not found["faults"]
        else float("inf")
    )
    return result(grown, 0.0, 1e-3, curves, scale=1.0, gate_text="0.1 %")
