"""K8: a soft cube of the fast solver hits a free box off its centre; momentum and angular momentum of both are kept."""

from typing import Any

import engine
from benchmarks.validation.impact import collide
from benchmarks.validation.matter import result

CASE, TITLE = "K8-solids", "Impact of a soft cube on a free box: momentum lost over the first (angular momentum within 1e-4)"


def run(quick: bool) -> dict[str, Any]:
    """Within 1e-5, angular momentum within 1e-4, at the default 12 sweeps; with 100 sweeps in the curves."""
    engine.init(backend="cpu", precision="f32", threads=1)
    linear, angular, _fastest, met = collide(1.0)
    more = collide(1.0, 100)
    made = result(linear if met and angular < 1e-4 else float("inf"), 0.0, 1e-5, {}, scale=1.0, gate_text="1e-5; angular 1e-4")
    made["curves"] = {"angular momentum lost, 12 and 100 sweeps": [angular, more[1]]}
    said = f"momentum {linear:.2e}, angular momentum {angular:.2e} at 12 sweeps; {more[0]:.2e} and {more[1]:.2e} at 100"
    return {**made, "reason": said}
