"""K15: the impact of K8-solids at any ratio of masses: momentum is exact and nothing blows up."""

from typing import Any

import engine
from benchmarks.validation.impact import collide
from benchmarks.validation.matter import result

CASE, TITLE = "K15-solids", "Mass-ratio sweep 1e-3 to 1e3 of a soft cube on a free box: worst momentum lost over the first"


def run(quick: bool) -> dict[str, Any]:
    """Within 2e-5 at every ratio, no vertex or box faster than three times the first speed."""
    engine.init(backend="cpu", precision="f32", threads=1)
    ratios = (1e-3, 1.0, 1e3) if quick else (1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3)
    found = [collide(ratio) for ratio in ratios]
    ok = all(met and fastest < 3.0 for _p, _l, fastest, met in found)
    made = result(max(p for p, *_ in found) if ok else float("inf"), 0.0, 2e-5, {}, scale=1.0, gate_text="2e-5")
    made["curves"] = {"ratio": list(ratios), "momentum lost": [f[0] for f in found], "fastest": [f[2] for f in found]}
    return {**made, "reason": "fastest speed over the first " + ", ".join(f"{f[2]:.2f}" for f in found)}
